"""`halt` works while the database and the terminal don't."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.elite_sizer.cli.running import Run
from tests.paths import ROOT

HEAVY = {"apsw", "mt5bridge", "numpy", "rich", "scipy"}
PROGRAM = """
import sys
from elite_sizer.cli.__main__ import main
code = main(sys.argv[1:])
print(code, *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("command", "loaded"), [("halt", set()), ("flag show", set()), ("status", {"apsw", "mt5bridge"})]
)
def test_a_halt_loads_neither_the_database_nor_the_terminal(command: str, loaded: set[str]) -> None:
    program = [sys.executable, "-c", PROGRAM, *command.split()]
    ran = subprocess.run(program, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    code, *names = ran.stderr.split()
    assert (code, HEAVY & {*names}) == ("0", loaded)


def test_a_halt_is_written_beside_a_damaged_database(run: Run, home: Path) -> None:
    (home / "store").mkdir()
    (home / "store" / "elite-sizer.db").write_bytes(b"no database" * 100)
    assert run("halt --reason 'disk fault'").code == 0
    assert "disk fault" in run("flag show").out

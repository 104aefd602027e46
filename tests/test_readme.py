"""What the README shows is what the program prints, to the letter."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ (elite-sizer [^\n]+)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def printed(command: str, store: Path) -> str:
    """Return what a command prints on a console of 80 columns."""
    changes = {
        "COLUMNS": "80",
        "PYTHONIOENCODING": "utf-8",
        "ELITE_SIZER_STORE__PATH": str(store),
        "PYTHONPATH": str(ROOT),
    }
    words = shlex.split(command)[1:]
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "elite_sizer", *words],
        capture_output=True,
        check=True,
        cwd=store,
        env={**os.environ, **changes},
        encoding="utf-8",
    )
    return ran.stdout


def test_it_shows_a_size_and_the_demo() -> None:
    assert [command.split()[1] for command, _ in SHOWN] == ["size", "demo"]


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command.split()[1] for command, _ in SHOWN])
def test_what_it_shows_is_what_is_printed(command: str, shown: str, tmp_path: Path) -> None:
    assert printed(command, tmp_path).rstrip() == shown.rstrip()


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"(?:scripts|config|tests|elite_sizer|portfolio|mt5bridge)/[\w/.]+", README)))
)
def test_every_path_it_names_is_there(path: str) -> None:
    """Of a file yet to be written, as `factors/NAME.py`, the folder is there."""
    assert (ROOT / re.sub(r"/[A-Z]+\.\w+$", "", path).rstrip(".")).exists()

"""Run the command line in this process, with a folder of its own and streams of any encoding."""

from __future__ import annotations

import io
import shlex
import sys
from pathlib import Path

import pytest

from elite_sizer.cli.__main__ import main
from elite_sizer.configuration import settings as config
from mt5bridge.simulated import SimulatedTerminal
from tests.elite_sizer.cli.running import Ran, Run
from tests.elite_sizer.paper import remember

SIZE = "size EURUSD buy --stop 1.0800 --confidence 75%"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's own configuration, database and journal out of it."""
    for name in ("ELITE_SIZER_SIZER", "USE_ELITE_SIZER", "ELITE_SIZER_CONFIG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    remember(monkeypatch)
    monkeypatch.setattr(config, "user_config", lambda: tmp_path / "none.toml")
    monkeypatch.setenv("ELITE_SIZER_STORE__PATH", str(tmp_path / "store"))
    monkeypatch.setenv("ELITE_SIZER_TERMINAL", "simulated")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:  # noqa: ARG001 - its folder is used
    """Return what runs a command line."""

    def command(words: str, *, stdin: str | None = None, encoding: str = "utf-8") -> Ran:
        out, err = io.BytesIO(), io.BytesIO()
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", io.TextIOWrapper(out, encoding=encoding, newline="\n"))
            patched.setattr(sys, "stderr", io.TextIOWrapper(err, encoding=encoding, newline="\n"))
            patched.setattr(sys, "stdin", io.StringIO(stdin or ""))
            code = main(shlex.split(words))
            sys.stdout.flush()
            sys.stderr.flush()
            written = (out.getvalue(), err.getvalue())
        as_json = written[0].startswith(b"{")
        return Ran(code, written[0].decode("utf-8" if as_json else encoding), written[1].decode(encoding))

    return command


@pytest.fixture
def capture(run: Run, home: Path) -> Path:
    """Return a capture of the embedded terminal with two symbols in it."""
    path = home / "case.json.gz"
    assert run(f"record {path} EURUSD XAUUSD").code == 0
    return path


@pytest.fixture
def paper(home: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedTerminal:  # noqa: ARG001 - patched after it
    """Return an account of 100,000 with nothing done, which every command meets as it left it."""
    terminal = SimulatedTerminal.fresh(100_000)

    def attach(*_: object, **__: object) -> SimulatedTerminal:
        terminal.initialize()
        return terminal

    monkeypatch.setattr(SimulatedTerminal, "demo", attach)
    return terminal


@pytest.fixture
def journal(run: Run, home: Path) -> Path:
    """Return the journal of three decisions, one of them a refusal before anything could be computed."""
    for words in (SIZE, f"{SIZE} --rr 3", "size EURUSD buy --stop nan"):
        run(words)
    (path,) = (home / "store").glob("decisions-*.jsonl")
    return path


@pytest.fixture
def shadowed(run: Run) -> list[dict[str, object]]:
    """Return three decisions of both sizers."""
    assert run("flag shadow").code == 0
    ideas = (
        "EURUSD buy --stop-points 250",
        "GBPUSD sell --stop-points 300",
        "EURUSD buy --stop-points 250 --confidence 10%",
    )
    return [run(f"size {idea} --json").json for idea in ideas]

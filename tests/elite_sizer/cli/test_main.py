"""Every way of ending a command: a sentence, an exit code, an object with lots; never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from elite_sizer.caps.reasons import REASONS, refuse
from elite_sizer.cli import failure as failures
from elite_sizer.cli.app import COMMANDS, application, load
from elite_sizer.cli.failure import failure
from elite_sizer.version import VERSION
from mt5bridge.errors import RecordingError
from portfolio.errors import ConfigError, StoreError
from portfolio.reasons import BUG, USAGE
from tests.elite_sizer.cli.running import Run
from tests.paths import ROOT

SPELLINGS = (
    "size",
    "demo",
    "headroom",
    "status",
    "performance",
    "doctor",
    "journal",
    "verify",
    "record",
    "config show",
    "config check",
    "config init",
    "flag show",
    "flag legacy",
    "flag shadow",
    "flag elite",
    "halt",
    "resume",
)


def test_without_words_it_shows_three_examples(run: Run) -> None:
    ran = run("")
    assert ran.code == USAGE
    assert ran.err.count("\n      elite-sizer ") == 3


FILES = """
import sys
from elite_sizer.cli.__main__ import main
code = main(sys.argv[1:])
print(code, *sorted(name.rpartition(".")[2] for name in sys.modules if ".cli.commands." in name), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("words", "loaded"),
    [
        ("--help", "0"),
        ("--version", "0"),
        ("halt --help", "0 halt"),
        ("size-batch --help", "0 size_batch"),
        ("config show --json", "0 config"),
    ],
)
def test_only_the_command_that_is_called_is_loaded(words: str, loaded: str, home: Path) -> None:
    program = [sys.executable, "-c", FILES, *words.split()]
    ran = subprocess.run(program, capture_output=True, text=True, check=True, cwd=home, env=on_path())  # noqa: S603
    assert ran.stderr.strip() == loaded


def on_path() -> dict[str, str]:
    """Return the environment in which the packages are found from any folder."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize(("name", "line"), COMMANDS.items())
def test_help_lists_the_first_line_of_the_commands_own_help(name: str, line: str) -> None:
    assert (load(name).help or "").splitlines()[0] == line
    assert load(name).name == name


def test_every_file_of_a_command_is_listed() -> None:
    files = (ROOT / "elite_sizer" / "cli" / "commands").glob("[!_]*.py")
    assert {file.stem.replace("_", "-") for file in files} == {*COMMANDS}


def test_help_shortens_every_line_as_the_loaded_command_would() -> None:
    for name, command in application().commands.items():
        assert command.get_short_help_str(64) == load(name).get_short_help_str(64)


def test_the_version_is_shown(run: Run) -> None:
    ran = run("--version")
    assert (ran.code, ran.out) == (0, f"elite-sizer {VERSION}\n")


@pytest.mark.parametrize("command", SPELLINGS)
def test_every_command_explains_itself(command: str, run: Run) -> None:
    ran = run(f"{command} --help")
    assert ran.code == 0
    assert f"elite-sizer {command}" in ran.out
    assert "--json" in ran.out
    assert "--config" in ran.out


@pytest.mark.parametrize("command", SPELLINGS)
def test_a_usage_error_under_json_is_an_object_with_no_lots(command: str, run: Run) -> None:
    ran = run(f"{command} --no-such-option --json")
    assert ran.code == USAGE
    assert ran.json["lots"] == 0
    assert ran.json["reason"]["code"] == "usage"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("siz EURUSD buy", "'size'"),
        ("config shw", "'show'"),
        ("flag elit", "'elite'"),
        ("size EURUSD buy --stopp 1", "--stop"),
        ("size EURUSD", "Missing argument"),
        ("journal --last 0", "Invalid value"),
        ("size EURUSD buy --stop 1 --now yesterday", "2026-06-10T12:00:00Z"),
        ("size EURUSD buy --stop 1 --now 2026-06-10T12:00:00", "time zone"),
    ],
)
def test_a_slip_of_the_pen_gets_the_nearest_name_or_how_to_write_it(words: str, hint: str, run: Run) -> None:
    ran = run(words)
    assert ran.code == USAGE
    assert hint in ran.err
    assert not ran.out


def test_a_broken_configuration_is_told_line_by_line(run: Run, home: Path) -> None:
    (home / "elite-sizer.toml").write_text("sizer = 'elit'\n[caps.per_trad]\n", encoding="utf-8")
    ran = run("size EURUSD buy --stop 1.08")
    assert ran.code == USAGE
    assert len(ran.err.splitlines()) == 2
    assert "line 1, sizer" in ran.err
    assert run("size EURUSD buy --stop 1.08 --json").json["lots"] == 0


def test_our_own_bug_is_one_sentence_and_the_traceback_is_kept_apart(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        message = "nobody thought of this"
        raise RuntimeError(message)

    monkeypatch.setattr("elite_sizer.configuration.flag.FlagReader.read", broken)
    monkeypatch.setattr("platformdirs.user_log_path", lambda *_, **__: home / "log")
    ran = run("flag show --json")
    assert ran.code == BUG
    assert ran.json["reason"] == {"code": "internal_error", "detail": "RuntimeError: nobody thought of this"}
    assert ran.json["lots"] == 0
    assert ran.err.startswith("This is our bug, not yours: RuntimeError: nobody thought of this. Details: ")
    assert "Traceback" not in ran.err
    assert "Traceback" in (home / "log" / "bug.log").read_text(encoding="utf-8")


def test_a_traceback_that_cant_be_kept_does_not_matter(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "log").write_text("in the way", encoding="utf-8")
    monkeypatch.setattr("platformdirs.user_log_path", lambda *_, **__: home / "log")
    assert failures.keep_traceback(RuntimeError("x")) is None


def test_an_interruption_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("elite_sizer.configuration.flag.FlagReader.read", interrupted)
    ran = run("flag show")
    assert ran.code == 130


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        (ConfigError("x"), "config_invalid", 2),
        (StoreError(refuse("state_busy", "locked")), "state_busy", 4),
        (StoreError(refuse("state_corrupt", "bit")), "state_corrupt", 7),
        (RecordingError("not JSON"), "recording_invalid", 4),
        (ImportError("portfolio.py hides ours"), "config_invalid", 2),
        (ZeroDivisionError("x"), "internal_error", 1),
    ],
)
def test_each_failure_has_its_code_and_its_exit(error: Exception, code: str, exit_code: int) -> None:
    failed = failure(error)
    assert (failed.reason.code, failed.code) == (code, exit_code)
    assert failed.as_json()["lots"] == 0
    assert REASONS[code].exit_code == exit_code


def test_nobody_reading_any_more_is_no_failure() -> None:
    program = (
        "import os, sys\n"
        "sys.argv = ['elite-sizer', 'config', 'show']\n"
        "read, write = os.pipe()\n"
        "os.close(read)\n"
        "os.dup2(write, 1)\n"
        "from elite_sizer.cli.__main__ import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")


def test_the_module_is_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "elite_sizer", "--version"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == f"elite-sizer {VERSION}\n"
    assert not list(tmp_path.iterdir())


def completed(**variables: str) -> str:
    """Return what the completion of a shell gets."""
    words = [sys.executable, "-m", "elite_sizer"]
    environment = {**os.environ, **variables}
    return subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT, env=environment).stdout  # noqa: S603


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_every_shell_gets_its_completion(shell: str) -> None:
    assert "ELITE_SIZER_COMPLETE" in completed(_ELITE_SIZER_COMPLETE=f"source_{shell}")


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("elite-sizer fl", ["flag"]),
        ("elite-sizer flag sh", ["show", "shadow"]),
        ("elite-sizer size EURUSD buy --atr", ["--atr-stop", "--atr-target"]),
    ],
)
def test_commands_and_their_options_are_completed(words: str, completions: list[str]) -> None:
    place = str(words.count(" "))
    text = completed(_ELITE_SIZER_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=place)
    assert text.split() == completions

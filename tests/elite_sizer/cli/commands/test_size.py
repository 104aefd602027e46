"""`size` answers every request with lots and reasons, or with the reason why there are none, and exits by it."""

from __future__ import annotations

import gzip
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from elite_sizer.cli.console import Console
from elite_sizer.cli.table import show
from elite_sizer.display.breakdown import Line
from tests.elite_sizer.cli.running import Run
from tests.paths import ROOT

GOOD = "size EURUSD buy --stop 1.0800 --rr 3 --confidence 75% --score 68"


def test_a_size_ends_with_its_lots(run: Run) -> None:
    ran = run(GOOD)
    assert ran.code == 0
    assert " lots  risk " in ran.out.splitlines()[-1] or " lots  risk " in ran.out
    assert ran.out.startswith("SIMULATED: ")
    assert "confidence       0.750" in ran.out
    assert ran.out.count("BINDING") == 1
    assert max(len(line) for line in ran.out.splitlines()) <= 80


def test_json_is_one_object_with_the_agreed_keys(run: Run) -> None:
    decision = run(f"{GOOD} --json").json
    assert decision["schema"] == "elite-sizer/decision/1"
    assert decision["lots"] > 0
    assert decision["order"]["volume"] == decision["lots"]
    assert decision["flag"] == {"value": "elite", "source": "default"}
    assert decision["terminal"] == "simulated"
    expected = """
        id at account request quote guard outcome reason sizer binding
        guarantee valid risk factors raw_lots caps steps headroom valuation
        legacy elite also attribution inputs_digest config_digest version
    """
    assert decision.keys() >= {*expected.split()}


def test_the_table_and_the_object_say_the_same(run: Run) -> None:
    decision = run(f"{GOOD} --json").json
    text = run(GOOD).out
    assert f"\n{decision['lots']:.2f} lots  " in text


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        ("size EURUSD buy --stop 1.0800 --rr 1 --confidence 40%", 3, "no_edge"),
        ("size EURUSD buy", 2, "stop_required"),
        ("size EURUSD buy --stop 1.2", 2, "stop_wrong_side"),
        ("size EURUSD buy --stop nan", 2, "value_not_finite"),
        ("size EURUSD buy --stop -1", 2, "input_range"),
        ("size EURUSD buy --stop abc", 2, "value_not_finite"),
        ("size EURUSD byu --stop 1.08", 2, "input_range"),
        ("size EURUSDD buy --stop 1.08", 2, "symbol_unknown"),
        ("size EURUSD buy --stop 1.08 --confidence 75", 2, "confidence_range"),
        ("size EURUSD buy --stop 1.08 --stop-points 100", 2, "input_range"),
        ("size EURUSD buy --stop 1.08 --hold intraday", 2, "flat_by_required"),
        ("size EURUSD sell --reduce 1", 2, "ticket_unknown"),
        ("size EURUSD buy --stop 1.08 --rules no_such_firm", 2, "rules_unknown"),
    ],
)
def test_a_refusal_exits_by_its_reason(words: str, code: int, reason: str, run: Run) -> None:
    ran = run(f"{words} --json")
    assert (ran.code, ran.json["reason"]["code"], ran.json["lots"]) == (code, reason, 0)
    assert ran.json["order"] is None


def test_a_refusal_for_people_ends_with_no_lots_and_why(run: Run) -> None:
    ran = run("size EURUSD buy --stop 1.0800 --rr 1 --confidence 40%")
    assert "0.00 lots  REFUSED no_edge: win probability 40.0%" in ran.out


def test_the_nearest_symbol_and_word_are_named(run: Run) -> None:
    assert "EURUSD" in run("size EURUSDD buy --stop 1.08 --json").json["reason"]["detail"].replace("EURUSDD", "")
    assert "did you mean buy" in run("size EURUSD byu --stop 1.08 --json").json["reason"]["detail"]


def test_an_exit_is_an_answer_with_lots_whatever_is_halted(run: Run) -> None:
    ticket = run("status --json").json["positions"][0]["ticket"]
    assert run("halt").code == 0
    ran = run(f"size XAUUSD sell --reduce {ticket}")
    assert ran.code == 0
    assert ran.last == "0.20 lots  EXIT close XAUUSD: exits are never blocked"


def test_sizers_beside_are_shown_and_an_unknown_one_is_refused(run: Run) -> None:
    assert [answer["sizer"] for answer in run(f"{GOOD} --also fixed_risk --json").json["also"]] == ["fixed_risk"]
    ran = run(f"{GOOD} --also fixed_rsk --json")
    assert ran.code == 2
    assert "fixed_risk" in ran.json["reason"]["detail"]


def test_lots_of_the_callers_own_stand_as_the_legacy_answer(run: Run) -> None:
    assert run(f"{GOOD} --legacy-lots 0.37 --json").json["legacy"]["lots"] == 0.37


def test_without_a_record_nothing_is_written(run: Run, home: Path) -> None:
    assert run(f"{GOOD} --no-log").code == 0
    assert not list((home / "store").glob("*.jsonl"))
    assert run(GOOD).code == 0
    assert len(list((home / "store").glob("*.jsonl"))) == 1


def test_a_hold_without_a_record_is_refused(run: Run) -> None:
    assert run(f"{GOOD} --no-log --reserve --json").json["reason"]["code"] == "config_invalid"


def test_a_reservation_counts_against_the_next_question(run: Run) -> None:
    first = run(f"{GOOD} --reserve --json").json
    second = run("size EURUSD sell --stop-points 500 --json").json
    assert first["valid"]["lease"] is not None
    assert second["headroom"]["reserved"] > 0


# captures


def test_a_capture_gives_the_size_of_the_terminal_it_was_taken_from(run: Run, capture: Path) -> None:
    direct = run(f"{GOOD} --no-log --json").json
    replayed = run(f"{GOOD} --no-log --recording {capture} --json").json
    assert (replayed["lots"], replayed["terminal"]) == (direct["lots"], "recording")


def test_a_capture_that_is_cut_off_is_refused(run: Run, capture: Path) -> None:
    cut = capture.with_name("cut.json")
    cut.write_text(gzip.decompress(capture.read_bytes()).decode()[:5000], encoding="utf-8")
    ran = run(f"{GOOD} --recording {cut} --json")
    assert (ran.code, ran.json["reason"]["code"], ran.json["lots"]) == (4, "recording_invalid", 0)


def test_a_file_of_something_else_is_refused(run: Run, home: Path) -> None:
    (home / "other.json").write_text(json.dumps({"format": "x"}), encoding="utf-8")
    ran = run(f"{GOOD} --recording other.json")
    assert ran.code == 4
    assert "mt5bridge-recording/1" in ran.err


def test_a_quote_that_has_grown_old_exits_with_five(run: Run, capture: Path) -> None:
    fresh = run(f"{GOOD} --recording {capture} --now 2026-06-10T12:00:01Z --json")
    old = run(f"{GOOD} --recording {capture} --now 2026-06-10T12:01:00Z --json")
    assert fresh.code == 0
    assert (old.code, old.json["reason"]["code"]) == (5, "tick_stale")


# consoles


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp437", "ascii"])
def test_the_table_is_printed_on_any_console(encoding: str, run: Run) -> None:
    ran = run(GOOD, encoding=encoding)
    assert ran.code == 0
    assert "?" not in ran.out
    assert "\x1b" not in ran.out


def test_a_narrow_console_is_kept_to(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    assert max(len(line) for line in run(GOOD).out.splitlines()) <= 50


class Screen(io.StringIO):
    """A console that shows colours."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_colours_need_a_console_that_wants_them(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Screen())
    assert Console.of([], {}).colour
    assert not Console.of(["--no-color"], {}).colour
    assert not Console.of([], {"NO_COLOR": "1"}).colour
    assert not Console.of([], {"TERM": "dumb"}).colour
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert not Console.of([], {}).colour
    assert "\x1b" not in run(GOOD).out


def test_colours_change_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [Line("lots", "1.00 lots"), Line("dim", "[bold]not markup[/bold] :smile:"), Line("plain", "x" * 120)]
    monkeypatch.setattr(sys, "stdout", screen := Screen())
    monkeypatch.setenv("TERM", "xterm-256color")
    show(Console(colour=True), lines)
    coloured = screen.getvalue()
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == "".join(f"{line.text}\n" for line in lines)


def test_json_loads_neither_statistics_nor_colours_once_the_statistics_are_kept(capture: Path) -> None:
    program = (
        "import sys\n"
        "from elite_sizer.cli.__main__ import main\n"
        f"code = main({[*GOOD.split(), '--recording', str(capture), '--json']!r})\n"
        "heavy = ('numpy', 'scipy', 'rich', 'pandas')\n"
        "print(code, sorted({name.partition('.')[0] for name in sys.modules} & {*heavy}), file=sys.stderr)\n"
    )
    words = [sys.executable, "-c", program]
    loaded = [
        subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT).stderr.strip()  # noqa: S603
        for _ in range(2)
    ]
    assert loaded == ["0 ['numpy', 'scipy']", "0 []"]

"""The configuration names the terminal, its account, its clock and how old a quote may be; nothing else does."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from elite_sizer.configuration.document.tables import TerminalName
from elite_sizer.configuration.settings import Settings, load
from elite_sizer.inputs.terminals import RECORDING, SIMULATED, TERMINALS, name_of, open_terminal
from mt5bridge.errors import RecordingError
from mt5bridge.reading.request import SnapshotRequest
from portfolio.errors import ConfigError
from portfolio.model import Side, Snapshot
from portfolio.reasons import Refusal
from tests.captures import NOON, capture, symbol


def settings(**options: object) -> Settings:
    return load(options={key.replace("__", "."): value for key, value in options.items()}, environment={})


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(capture()), encoding="utf-8")
    return path


def test_every_terminal_that_can_be_configured_can_be_opened() -> None:
    assert set(get_args(TerminalName)) == set(TERMINALS)


def test_a_trial_has_its_own_clock_and_leaves_no_record() -> None:
    trials = {name for name, kind in TERMINALS.items() if kind.memory_store}
    assert trials == {name for name, kind in TERMINALS.items() if not kind.system_clock} == {SIMULATED, RECORDING}


@pytest.mark.parametrize(("platform", "name"), [("win32", "host"), ("linux", SIMULATED), ("darwin", SIMULATED)])
def test_auto_is_the_terminal_where_there_is_one_and_a_paper_account_elsewhere(
    platform: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert name_of(settings()) == name


def test_a_recording_that_is_named_is_meant() -> None:
    assert name_of(settings(terminal__recording="case.json")) == RECORDING
    assert name_of(settings(terminal__recording="case.json", terminal__name="simulated")) == SIMULATED


def test_a_recording_s_clock_stands_where_it_was_captured_or_where_it_is_told(case: Path) -> None:
    chosen = settings(terminal__recording=str(case))
    assert open_terminal(chosen).clock() == NOON
    assert open_terminal(chosen, NOON + timedelta(minutes=5)).clock() == NOON + timedelta(minutes=5)


def test_a_recording_must_be_named_and_readable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--recording FILE"):
        open_terminal(settings(terminal__name="recording"))
    with pytest.raises(RecordingError, match="can't be read"):
        open_terminal(settings(terminal__recording=str(tmp_path / "none.json")))


def look(case: Path, **options: object) -> Snapshot | Refusal:
    terminal = open_terminal(settings(terminal__recording=str(case), **options))
    return terminal.snapshot(SnapshotRequest("EURUSD", Side.BUY))


def test_the_pinned_account_is_the_only_one(case: Path) -> None:
    mine = {"account__login": 1234, "account__server": "Test-Server"}
    assert isinstance(look(case, **mine), Snapshot)
    refusal = look(case, **{**mine, "account__login": 4321})
    assert isinstance(refusal, Refusal)
    assert refusal.code == "account_changed"


@pytest.mark.parametrize("half", [{"account__login": 1234}, {"account__server": "Test-Server"}], ids=list)
def test_half_a_pin_is_none_and_is_refused(case: Path, half: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="pin an account together"):
        look(case, **half)


@pytest.mark.parametrize(
    ("ages", "age", "fresh"),
    [
        ({}, 5, True),
        ({}, 6, False),
        ({"forex": 10, "gold": 10, "metals": 10}, 6, True),
        ({"forex": 10, "gold": 2, "metals": 10}, 6, False),
    ],
)
def test_a_quote_may_be_as_old_as_the_configuration_says(
    tmp_path: Path,
    ages: dict[str, int],
    age: int,
    fresh: bool,  # noqa: FBT001
) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(capture(symbols={"EURUSD": symbol(age=age)})), encoding="utf-8")
    found = look(path, **{f"terminal__quote_age_seconds__{name}": value for name, value in ages.items()})
    assert isinstance(found, Snapshot) == fresh


def test_an_offset_that_is_set_is_the_broker_s_clock(case: Path) -> None:
    # the quote of noon by a clock three hours ahead is an hour old by one four hours ahead
    refusal = look(case, terminal__server_utc_offset=4 * 3600)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "tick_stale"


def test_what_the_bridge_raises_is_a_refusal_here(case: Path) -> None:
    terminal = open_terminal(settings(terminal__recording=str(case)))
    assert terminal.snapshot(SnapshotRequest("EURUDS", Side.BUY)) == (
        "symbol_unknown",
        "EURUDS is not known to the terminal; nearest: EURUSD",
    )

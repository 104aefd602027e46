"""A recorded terminal answers as the terminal did."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from mt5bridge.captures.document import parse
from mt5bridge.captures.record import mask_owner, record, write
from mt5bridge.captures.replay import RecordingTerminal
from mt5bridge.errors import RecordingError, TerminalError
from mt5bridge.metatrader.protocol import Terminal
from mt5bridge.reading.request import SnapshotRequest
from mt5bridge.reading.snapshot import take
from portfolio.model import Side
from tests.mt5bridge.terminals import NOW, Altered, document, recording, with_fields

ASK = SnapshotRequest(
    "EURUSD",
    Side.BUY,
    stop=Decimal("1.0827"),
    bars=(("H1", 3),),
    deals_since=datetime(2026, 6, 9, tzinfo=UTC),
    extra=("GBPJPY",),
)


@pytest.mark.parametrize("name", ["case.json", "case.json.gz"])
def test_a_recorded_moment_is_the_moment(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write(path, record(recording(), ASK, now=NOW))
    replayed = RecordingTerminal(path)
    assert take(replayed, ASK, now=replayed.now) == take(recording(), ASK, now=NOW)


def test_the_terminals_own_answers_are_kept() -> None:
    dearer = cast("Terminal", Altered("order_calc_profit", lambda answer: answer * 1.5))
    replayed = RecordingTerminal(parse(json.dumps(record(dearer, ASK, now=NOW)), "case"))
    own = replace(ASK, extra=())
    assert take(replayed, own, now=NOW).profits == take(dearer, own, now=NOW).profits


def test_a_capture_for_sharing_does_not_say_whose_account_it_is() -> None:
    capture = document()
    capture["account_info"].update(name="Jane Trader")
    capture["terminal_info"] = {"data_path": "C:\\Users\\Jane", "name": "MetaTrader 5"}
    text = json.dumps(record(recording(capture), ASK, now=NOW, mask=True))
    assert "1234" not in text
    assert "Jane" not in text


def test_masking_leaves_the_names_of_symbols() -> None:
    shared = mask_owner(record(recording(), ASK, now=NOW))
    assert shared["symbols"]["EURUSD"]["info"]["name"] == "EURUSD"


def test_what_no_capture_can_hold_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    broken = Altered("account_info", lambda row: with_fields(row, balance=float("nan")))
    with pytest.raises(RecordingError):
        write(path, record(cast("Terminal", broken), ASK, now=NOW))
    assert not path.exists()


def test_a_torn_moment_can_be_recorded() -> None:
    torn = cast("Terminal", Altered("account_info", lambda row: with_fields(row, equity=5.0)))
    assert record(torn, ASK, now=NOW)["account_info"]["equity"] == 5.0


def test_without_an_answer_there_is_nothing_to_record() -> None:
    with pytest.raises(TerminalError):
        record(cast("Terminal", Altered("account_info", lambda _: None)), ASK, now=NOW)

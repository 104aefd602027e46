"""A stop and a target that are placed on the reading are answered for as those that were given as prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import NoReturn, cast

import pytest

from mt5bridge.errors import BridgeError
from mt5bridge.metatrader.protocol import Terminal
from mt5bridge.metatrader.structs import with_values
from mt5bridge.reading.placed_exits import Exits
from mt5bridge.reading.request import SnapshotRequest
from mt5bridge.reading.snapshot import take
from portfolio.model import Side, Snapshot
from tests.mt5bridge.terminals import NOW, Altered, recording

STOP, TARGET = Decimal("1.0827"), Decimal("1.0900")
BARE = SnapshotRequest("EURUSD", Side.BUY)


def read(ask: SnapshotRequest, terminal: object | None = None) -> Snapshot:
    return take(cast("Terminal", recording() if terminal is None else terminal), ask, now=NOW)


def placing(*exits: Decimal | None) -> SnapshotRequest:
    return replace(BARE, place=lambda _: cast("Exits", exits))


@pytest.mark.parametrize("exits", [(STOP, TARGET), (STOP, None), (None, TARGET), (None, None)])
def test_placed_prices_are_answered_in_the_same_order_as_given_ones(
    exits: tuple[Decimal | None, Decimal | None],
) -> None:
    given = read(replace(BARE, stop=exits[0], target=exits[1]))
    assert list(read(placing(*exits)).profits.items()) == list(given.profits.items())


def test_a_price_that_was_asked_with_the_reading_is_not_asked_again() -> None:
    terminal = Altered("order_calc_profit", lambda answer: answer)
    read(replace(placing(STOP, TARGET), stop=STOP, target=TARGET), terminal)
    asked = terminal.calls.count("order_calc_profit")
    again = Altered("order_calc_profit", lambda answer: answer)
    read(replace(BARE, stop=STOP, target=TARGET), again)
    assert asked == again.calls.count("order_calc_profit") > 0


def test_levels_are_placed_on_the_quote_that_is_returned() -> None:
    quotes = []

    def place(snapshot: Snapshot) -> Exits:
        quotes.append(snapshot.quotes["EURUSD"])
        return None, None

    snapshot = read(replace(BARE, place=place))
    assert quotes == [snapshot.quotes["EURUSD"]]


def test_an_exit_places_nothing() -> None:
    def place(_: Snapshot) -> NoReturn:
        raise AssertionError

    assert read(replace(BARE, place=place, closing=True)).profits == {}


def test_a_terminal_that_does_not_answer_for_them_gives_no_profit() -> None:
    snapshot = read(placing(STOP, TARGET), Altered("order_calc_profit", lambda _: None))
    assert snapshot.profits == {}


def test_a_terminal_that_raises_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = recording()

    def broken(*_: object) -> NoReturn:
        message = "argument 1 must be int"
        raise SystemError(message)

    def place(_: Snapshot) -> Exits:
        monkeypatch.setattr(terminal, "order_calc_profit", broken)
        return STOP, TARGET

    with pytest.raises(BridgeError, match="argument 1 must be int") as caught:
        read(replace(BARE, place=place), terminal)
    assert caught.value.reason.code == "terminal_no_data"


@pytest.mark.parametrize(("seconds", "code"), [(0, None), (20, "tick_stale")])
def test_the_quote_is_still_fresh_when_the_exits_are_answered(seconds: int, code: str | None) -> None:
    """EURUSD's quote may be 5 s old: it is when no time passes, and is not after 20 s of questions."""
    clock = [NOW]

    def place(_: Snapshot) -> Exits:
        clock[0] = NOW + timedelta(seconds=seconds)
        return STOP, TARGET

    terminal = cast("Terminal", recording())
    if code is None:
        assert take(terminal, replace(BARE, place=place), now=lambda: clock[0]).profits
        return
    with pytest.raises(BridgeError) as caught:
        take(terminal, replace(BARE, place=place), now=lambda: clock[0])
    assert caught.value.reason.code == code


def test_a_broker_lost_while_the_exits_are_asked_is_no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = recording()

    def place(_: Snapshot) -> Exits:
        offline = with_values(terminal.terminal_info(), connected=False)
        monkeypatch.setattr(terminal, "terminal_info", lambda: offline)
        return STOP, TARGET

    with pytest.raises(BridgeError) as caught:
        read(replace(BARE, place=place), terminal)
    assert caught.value.reason.code == "terminal_disconnected"

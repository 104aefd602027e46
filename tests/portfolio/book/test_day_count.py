"""Counting a day's positions and orders from what the account shows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from portfolio.book.day_count import DayCount, day_count
from portfolio.model import ZERO, Deal, DealEntry, DealKind, Side, Snapshot, TerminalState
from tests.builders import NOW, account, order, position

RESET = NOW - timedelta(hours=14)
BEFORE = RESET - timedelta(seconds=1)


def deal(ticket: int, entry: DealEntry | None = DealEntry.IN, **changes: Any) -> Deal:  # noqa: ANN401
    """Return one lot of EURUSD bought, or sold again, by an order and in a position of the ticket's number."""
    made = Deal(
        ticket, ticket, ticket, "EURUSD", DealKind.TRADE, Side.BUY, entry, Decimal(1), Decimal(1), ZERO, ZERO, ZERO,
        ZERO, RESET,
    )  # fmt: skip
    return made._replace(**changes)


def counted(*deals: Deal, **changes: Any) -> DayCount | None:  # noqa: ANN401
    whole = {"deals_since": BEFORE, **changes}
    return day_count(Snapshot(NOW, account(), TerminalState("test"), {}, {}, deals=deals, **whole), RESET)


def test_a_position_opened_at_the_reset_is_today_s_and_one_a_second_earlier_is_not() -> None:
    assert counted(deal(1), deal(2, at=BEFORE)) == (1, 1)


def test_a_position_filled_by_two_deals_of_one_order_is_opened_once() -> None:
    assert counted(deal(1), deal(2, order=1, position_id=1)) == (1, 1)


def test_closing_opens_nothing_but_sends_an_order() -> None:
    assert counted(deal(1), deal(2, DealEntry.OUT, position_id=1)) == (1, 2)


def test_a_reversal_opens_a_position() -> None:
    assert counted(deal(1, DealEntry.INOUT)) == (1, 1)


def test_a_deposit_is_no_order() -> None:
    assert counted(deal(1, kind=DealKind.BALANCE, entry=None)) == (0, 0)


def test_what_waits_was_sent_and_opened_nothing() -> None:
    waiting = order("EURUSD buy 1 @ 1.08", ticket=9, placed_at=RESET)
    assert counted(orders=(waiting,)) == (0, 1)
    assert counted(orders=(waiting._replace(placed_at=BEFORE),)) == (0, 0)


def test_an_open_position_and_its_deal_are_one() -> None:
    held = position("EURUSD buy 1 @ 1.08", ticket=1, identifier=1, opened_at=RESET)
    assert counted(deal(1), positions=(held,)) == (1, 1)
    assert counted(positions=(held,)) == (1, 0)


def test_without_the_day_s_deals_nothing_is_known() -> None:
    assert counted(deals_since=None) is None
    assert counted(deals_since=RESET + timedelta(seconds=1)) is None
    assert counted(deals_since=RESET) == (0, 0)

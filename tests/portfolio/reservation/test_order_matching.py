"""A look at the account proves what became of a reserved order, or it proves nothing."""

from __future__ import annotations

import pytest

from portfolio.model import DealEntry, DealKind, MarginMode, Side, TerminalState
from portfolio.reservation.events import Found, Missing
from portfolio.reservation.order_matching import evidence, names, seen_orders, tag
from portfolio.reservation.reservation import Reservation, State
from tests.portfolio.ledger_world import after, d, deal, order, position, reservation, snapshot

MARK = 1
OTHER = "01JD3M9ZBBBBBBBBBBBBBBBBBB"
TAGGED = "es:01JD3M7K"


def only(proofs: object) -> object:
    assert isinstance(proofs, dict)
    return next(iter(proofs.values()), None)


def found(filled: str | int, waiting: str | int = 0, ticket: int = 7, at: float = 1) -> Found:
    return Found(ticket, d(filled), d(waiting), after(at), 0)


# --- what an account shows of its orders


def test_hedging_position_is_its_opening_order() -> None:
    [trace] = seen_orders(snapshot(position(9, identifier=7)))
    assert (trace.ticket, trace.filled, trace.waiting) == (7, d(1), d(0))


def test_position_and_its_deal_are_one_order() -> None:
    [trace] = seen_orders(snapshot(position(7, lots="0.4"), deal(7, lots=1)))
    assert trace.filled == d(1)  # what was opened, not what is left of it


def test_deals_of_one_order_add_up() -> None:
    [trace] = seen_orders(snapshot(deal(7, "0.3"), deal(7, "0.2")))
    assert trace.filled == d("0.5")


def test_part_filled_order_shows_both_parts() -> None:
    [trace] = seen_orders(snapshot(order(7, "0.6"), deal(7, "0.4")))
    assert (trace.filled, trace.waiting, trace.lots) == (d("0.4"), d("0.6"), d(1))


def test_netting_position_is_no_order() -> None:
    assert seen_orders(snapshot(position(7), margin_mode=MarginMode.NETTING)) == ()


@pytest.mark.parametrize("change", [{"entry": DealEntry.OUT}, {"kind": DealKind.BALANCE}, {"side": None}], ids=str)
def test_closing_and_money_deals_open_nothing(change: dict[str, object]) -> None:
    assert seen_orders(snapshot(deal(7)._replace(**change))) == ()  # type: ignore[arg-type]  # one field each


# --- by ticket


def test_ticket_is_recognised_whatever_else_differs() -> None:
    known = reservation(ticket=7)
    seen = snapshot(position(7, lots=3, symbol="GBPUSD", side=Side.SELL))
    assert only(evidence([known], seen, MARK)) == found(3)


def test_known_ticket_that_is_gone_is_missing() -> None:
    known = reservation(ticket=7, state=State.WORKING)
    assert only(evidence([known], snapshot(position(8)), MARK)) == Missing(after(1), 0)


# --- by tag


def test_tag_is_the_whole_name_and_never_longer_than_the_terminal_takes() -> None:
    assert tag("01JD3M7KAAAAAAAAAAAAAAAAAA") == "es:01JD3M7KAAAAAAAAAAAAAAAAAA"
    assert len(tag("0" * 40)) == 29


@pytest.mark.parametrize(
    ("comment", "is_named"),
    [
        ("es:01JD3M7KAAAAAAAAAAAAAAAAAA", True),
        ("es:01JD3M7K", True),
        ("es:01JD3M7", False),
        ("es:", False),
        ("es:01JD3M7KBAAAAAAAAAAAAAAAAA", False),
        ("01JD3M7KAAAAAAAAAAAAAAAAAA", False),
    ],
)
def test_a_comment_names_a_decision_by_eight_characters_or_more(comment: str, *, is_named: bool) -> None:
    assert names(comment, "01JD3M7KAAAAAAAAAAAAAAAAAA") is is_named


def test_tagged_order_is_recognised_at_once() -> None:
    assert only(evidence([reservation()], snapshot(order(7, comment=TAGGED)), MARK)) == found(0, 1)


@pytest.mark.parametrize(
    "change",
    [{"symbol": "GBPUSD"}, {"side": Side.SELL}, {"opened_at": after(-3)}],
    ids=["symbol", "side", "earlier"],
)
def test_tag_on_another_trade_is_not_its_own(change: dict[str, object]) -> None:
    seen = snapshot(position(7, comment=TAGGED)._replace(**change))  # type: ignore[arg-type]  # one field each
    assert isinstance(only(evidence([reservation()], seen, MARK)), Missing)


def test_tagged_order_that_is_larger_stays_in_doubt() -> None:
    assert evidence([reservation()], snapshot(position(7, lots=2, comment=TAGGED)), MARK) == {}


def test_two_orders_with_one_tag_stay_in_doubt() -> None:
    seen = snapshot(position(7, comment=TAGGED), position(8, comment=TAGGED))
    assert evidence([reservation()], seen, MARK) == {}


def test_two_reservations_of_one_second_share_a_tag_and_stay_in_doubt() -> None:
    pair = [reservation(), reservation(id="01JD3M7KBBBBBBBBBBBBBBBBBB")]
    assert evidence(pair, snapshot(position(7, comment=TAGGED)), MARK) == {}


def test_ticket_takes_its_order_out_of_a_shared_tag() -> None:
    first = reservation(ticket=7, state=State.WORKING)
    second = reservation(id="01JD3M7KBBBBBBBBBBBBBBBBBB")
    seen = snapshot(position(7, comment=TAGGED), position(8, comment=TAGGED))
    assert evidence([first, second], seen, MARK) == {first.id: found(1), second.id: found(1, ticket=8)}


def test_order_of_a_resolved_reservation_is_not_taken_again() -> None:
    seen = snapshot(position(7, comment=TAGGED))
    assert isinstance(only(evidence([reservation()], seen, MARK, tickets=[7])), Missing)


# --- by what it is


LATE = 40
"""Seconds after noon from which a reservation for ten seconds can no longer be sent."""


def test_untagged_order_is_believed_once_the_reservation_is_dead() -> None:
    seen = snapshot(position(7), at=LATE)
    assert only(evidence([reservation()], seen, MARK)) == found(1, at=LATE)


def test_untagged_order_stays_in_doubt_while_the_reservation_can_be_used() -> None:
    assert evidence([reservation()], snapshot(position(7), at=LATE - 1), MARK) == {}


@pytest.mark.parametrize(("magic", "lots", "known"), [(0, "0.5", False), (5, "0.5", True), (5, "1.5", False)], ids=str)
def test_untagged_part_is_believed_with_a_magic_number_only(magic: int, lots: str, known: bool) -> None:  # noqa: FBT001 -- expected value
    seen = snapshot(position(7, lots=lots, magic=magic), at=LATE)
    proofs = evidence([reservation(magic=magic)], seen, MARK)
    assert (only(proofs) == found(lots, at=LATE)) is known
    assert known or proofs == {}


@pytest.mark.parametrize(
    "seen",
    [
        position(7, magic=5),
        position(7, at=41),
        position(7, at=-3),
        position(7, comment="es:01JD3M9Z"),
        position(7, symbol="GBPUSD"),
    ],
    ids=["magic", "later", "earlier", "tag of another", "symbol"],
)
def test_other_trades_leave_it_missing(seen: object) -> None:
    assert isinstance(only(evidence([reservation()], snapshot(seen, at=45), MARK)), Missing)  # type: ignore[arg-type]  # positions


@pytest.mark.parametrize("at", [-2, 40])
def test_untagged_order_fits_from_two_seconds_before_to_the_last_moment(at: int) -> None:
    seen = snapshot(position(7, at=at), at=45)
    assert only(evidence([reservation()], seen, MARK)) == found(1, at=45)


def test_order_that_fits_two_reservations_proves_neither() -> None:
    pair = [reservation(), reservation(id=OTHER)]
    assert evidence(pair, snapshot(position(7), at=LATE), MARK) == {}


# --- what a look can't know


def test_look_begun_before_the_reservation_says_nothing() -> None:
    assert evidence([reservation(born=2)], snapshot(position(7, comment=TAGGED)), mark=1) == {}


def test_final_reservation_is_not_asked_about() -> None:
    assert evidence([reservation(state=State.EXPIRED)], snapshot(), MARK) == {}


def test_disconnected_terminal_proves_no_absence() -> None:
    seen = snapshot(terminal=TerminalState("simulated", connected=False))
    assert evidence([reservation()], seen, MARK) == {}


@pytest.mark.parametrize("since", [None, after(1)], ids=["none", "too short"])
def test_absence_without_history_is_incomplete(since: object) -> None:
    assert only(evidence([reservation()], snapshot(deals_since=since), MARK)) == Missing(after(1), 0, complete=False)


def test_netting_absence_without_history_proves_nothing() -> None:
    seen = snapshot(deals_since=None, margin_mode=MarginMode.NETTING)
    assert evidence([reservation()], seen, MARK) == {}


def test_netting_absence_with_its_history_is_complete() -> None:
    seen = snapshot(margin_mode=MarginMode.NETTING)
    assert only(evidence([reservation()], seen, MARK)) == Missing(after(1), 0)


def test_history_from_the_reservation_on_is_complete() -> None:
    assert only(evidence([reservation()], snapshot(deals_since=after(0)), MARK)) == Missing(after(1), 0)


def test_history_since_the_order_was_last_seen_is_complete() -> None:
    waiting: Reservation = reservation(state=State.WORKING, ticket=7, issued=after(-90_000), seen=after(0))
    assert only(evidence([waiting], snapshot(deals_since=after(-10)), MARK)) == Missing(after(1), 0)

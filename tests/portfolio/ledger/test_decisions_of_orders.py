"""The decision behind an order: by its reservation's ticket, else by its comment where that fits one decision only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portfolio.ledger.decisions_of_orders import DecidedOrder, decisions_of_orders
from portfolio.ledger.lease import placed
from portfolio.reservation.order_matching import seen_orders
from portfolio.store.database import Store
from tests.portfolio.ledger_world import ACCOUNT, NOON, d, order, reserved, snapshot

NAME = "01JD3M7KAAAA"
TWIN = "01JD3M7KBBBB"


@pytest.fixture(name="store")
def _store() -> Iterator[Store]:
    with Store.memory() as store:
        yield store


def behind(store: Store, comment: str = "", account: str = ACCOUNT) -> dict[int, DecidedOrder]:
    """Return the decision behind order 7."""
    return decisions_of_orders(store, account, seen_orders(snapshot(order(7, comment=comment))))


def test_the_ticket_of_a_reservation_names_its_decision(store: Store) -> None:
    made = reserved(store, NAME, lots="0.5")
    placed(store, NAME, 7, now=NOON)
    assert behind(store) == {7: DecidedOrder(NAME, d("0.5"), made.line)}


def test_an_order_that_nobody_sized_has_none(store: Store) -> None:
    reserved(store, NAME)
    assert behind(store) == {}


def test_a_comment_names_a_decision_by_its_beginning(store: Store) -> None:
    made = reserved(store, NAME, lots="0.5")
    assert behind(store, "es:01JD3M7K") == {7: DecidedOrder(NAME, d("0.5"), made.line)}


def test_seven_characters_name_nothing(store: Store) -> None:
    reserved(store, NAME)
    assert behind(store, "es:01JD3M7") == {}


def test_a_comment_that_fits_two_decisions_names_none(store: Store) -> None:
    reserved(store, NAME)
    reserved(store, TWIN)
    assert behind(store, "es:01JD3M7K") == {}


def test_another_account_has_no_part_in_it(store: Store) -> None:
    reserved(store, NAME)
    assert behind(store, "es:01JD3M7K", account="1234@Elsewhere") == {}

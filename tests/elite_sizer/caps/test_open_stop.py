"""Nothing new while something in the book can lose without bound."""

from __future__ import annotations

import pytest

from elite_sizer.caps.risk.open_stop import open_stop
from tests.builders import alone, charge, context


@pytest.mark.parametrize("kind", ["position", "order"])
def test_a_trade_without_a_stop_denies_and_is_named(kind: str) -> None:
    bare = charge("GBPUSD buy 0.50 unbounded", kind=kind, id="7")
    answer = alone(open_stop, context(book=(bare, charge("EURUSD sell 1.00 risks 100"))))
    assert answer.refusal is not None
    assert answer.refusal.detail == f"1 without a stop: GBPUSD buy 0.50 ({kind} 7)"


def test_the_same_trade_with_a_stop_does_not() -> None:
    bounded = charge("GBPUSD buy 0.50 risks 9999", id="7")
    answer = alone(open_stop, context(book=(bounded, charge("EURUSD sell 1.00 risks 100"))))
    assert answer.binding == "broker_volume"


def test_an_empty_book_sets_no_limit() -> None:
    assert open_stop(context()).room is None


def test_every_trade_without_a_stop_is_named() -> None:
    bare = tuple(charge(f"{symbol} buy 1.00 unbounded") for symbol in ("EURUSD", "GBPUSD"))
    assert "EURUSD buy 1.00" in open_stop(context(book=bare)).because
    assert "GBPUSD buy 1.00" in open_stop(context(book=bare)).because

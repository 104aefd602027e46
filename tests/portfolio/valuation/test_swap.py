from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.model import Side, SymbolSpec
from portfolio.reasons import Refusal
from portfolio.valuation.money_per_lot import Worth, worth
from portfolio.valuation.swap import held_until, next_midnight, rollovers, swap_per_lot
from tests.portfolio.books import NOW, contract, market

SERVER = 10_800
"""UTC+3, so its midnight is 21:00 UTC."""
WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = 3, 4, 5, 6, 0


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def paid(
    spec: SymbolSpec, nights: tuple[int, ...], side: Side = Side.BUY, price: str = "1.0850", *, all_week: bool = False
) -> Decimal | Refusal:
    priced = market(
        "USD",
        (spec, price, price),
        (contract("EURUSD.x", currency_profit="USD"), "1.10", "1.20"),
        (contract("USDCHF"), "0.8", "0.9"),
    )
    value = worth(priced, spec.name, ())
    assert isinstance(value, Worth), value
    return swap_per_lot(priced, spec, side, value, price=Decimal(price), nights=nights, all_week=all_week)


def test_a_night_is_named_by_the_server_day_that_ends_with_it() -> None:
    # Wednesday 12:00 UTC; the server's Wednesday ends at 21:00 UTC
    assert rollovers(at("2026-06-10T12:00"), at("2026-06-10T22:00"), SERVER) == (WEDNESDAY,)


def test_a_trade_that_is_flat_before_the_servers_midnight_pays_nothing() -> None:
    assert rollovers(at("2026-06-10T12:00"), at("2026-06-10T19:59"), SERVER) == ()


def test_a_midnight_within_the_hour_after_counts_too() -> None:
    assert rollovers(at("2026-06-10T12:00"), at("2026-06-10T20:00"), SERVER) == (WEDNESDAY,)


def test_after_the_rollover_the_firms_midnight_brings_none() -> None:
    # 22:30 Prague is 20:30 UTC; at 21:01 UTC the swap is booked, the reset comes at 22:00
    assert rollovers(at("2026-06-10T21:01"), at("2026-06-10T22:00"), SERVER) == ()


def test_a_rollover_at_this_instant_is_still_to_come() -> None:
    assert rollovers(at("2026-06-10T21:00"), at("2026-06-10T22:00"), SERVER) == (WEDNESDAY,)


def test_a_week_has_every_night_once() -> None:
    assert rollovers(at("2026-06-10T12:00"), at("2026-06-17T12:00"), SERVER) == (3, 4, 5, 6, 0, 1, 2)


def test_next_midnight_of_a_server_behind_utc() -> None:
    assert next_midnight(at("2026-06-10T12:00"), -18_000) == at("2026-06-11T05:00")


@given(st.integers(-12, 14), st.integers(0, 2000), st.integers(0, 2000))
def test_more_time_never_has_fewer_nights(hours: int, first: int, second: int) -> None:
    short, long = sorted((first, second))
    start = NOW
    near = rollovers(start, start + timedelta(minutes=short), hours * 3600)
    far = rollovers(start, start + timedelta(minutes=long), hours * 3600)
    assert far[: len(near)] == near


def test_intraday_ends_when_it_is_flat_and_must_say_when() -> None:
    flat = at("2026-06-10T18:00")
    reset = at("2026-06-10T22:00")
    assert held_until("intraday", NOW, flat_by=flat, next_reset=reset, server_offset=SERVER) == flat
    found = held_until("intraday", NOW, flat_by=None, next_reset=reset, server_offset=SERVER)
    assert isinstance(found, Refusal)
    assert found.code == "flat_by_required"


def test_overnight_lasts_one_night_and_at_least_to_the_reset() -> None:
    reset = at("2026-06-10T22:00")
    assert held_until("overnight", NOW, flat_by=None, next_reset=reset, server_offset=SERVER) == reset
    assert held_until("overnight", NOW, flat_by=None, next_reset=None, server_offset=SERVER) == at("2026-06-10T21:00")


def test_weekend_lasts_to_the_servers_monday() -> None:
    assert held_until("weekend", NOW, flat_by=None, next_reset=None, server_offset=SERVER) == at("2026-06-14T21:00")


@pytest.mark.parametrize(
    ("nights", "count"),
    [
        ((), 0),
        ((THURSDAY,), 1),
        ((WEDNESDAY,), 3),
        ((FRIDAY, SATURDAY, SUNDAY), 1),
        ((WEDNESDAY, THURSDAY, FRIDAY), 5),
        ((3, 4, 5, 6, 0, 1, 2), 7),
    ],
)
def test_the_triple_day_books_the_weekend(nights: tuple[int, ...], count: int) -> None:
    assert paid(contract("EURUSD", swap_mode=4, swap_long="-2"), nights) == 2 * count


def test_the_triple_day_is_the_symbols_own() -> None:
    # Ger40 of the published dump books three days on Friday
    assert paid(contract("EURUSD", swap_mode=4, swap_long="-2", swap_triple_day=5), (WEDNESDAY, FRIDAY)) == 8


def test_a_symbol_that_trades_all_week_pays_at_the_weekend() -> None:
    assert (
        paid(contract("BTCUSD", mode=4, size="1", swap_mode=4, swap_long="-2"), (SATURDAY, SUNDAY), all_week=True) == 4
    )


@pytest.mark.parametrize(
    ("mode", "spec", "expected"),
    [
        (0, {}, "0"),  # disabled
        (1, {}, "5.2"),  # 5.2 points of 0.00001 x 100,000
        (7, {}, "5.2"),  # reopened that many points worse
        (8, {}, "5.2"),
        (2, {}, "5.642"),  # 5.2 EUR, the base, at 1.0850
        (3, {"currency_margin": "CHF"}, "6.5"),  # 5.2 CHF at 1 / 0.80
        (4, {}, "5.2"),
    ],
)
def test_every_documented_swap_mode(mode: int, spec: dict[str, Any], expected: str) -> None:
    assert paid(contract("EURUSD", swap_mode=mode, swap_long="-5.2", **spec), (THURSDAY,)) == Decimal(expected)


@pytest.mark.parametrize("mode", [5, 6])
def test_interest_is_annual_over_360_days(mode: int) -> None:
    # Ger40 of the published dump, here in dollars: 25,545.92 x 5.445 % / 360 = 3.86382...
    spec = contract(
        "Ger40",
        mode=4,
        size="1",
        tick="0.01",
        currency_base="USD",
        currency_profit="USD",
        swap_mode=mode,
        swap_long="-5.445",
    )
    assert paid(spec, (THURSDAY,), price="25545.92") == Decimal("3.86382040")


def test_points_on_the_deposit_currency_as_base_divide_by_the_price() -> None:
    # 15 points of 0.001 x 100,000 / 125
    spec = contract("USDJPY", tick="0.001", value="0.8", swap_mode=1, swap_short="-15")
    assert paid(spec, (THURSDAY,), Side.SELL, "125") == 12


def test_swap_earned_is_no_credit() -> None:
    spec = contract("EURUSD", swap_mode=1, swap_long="3", swap_short="-4")
    assert paid(spec, (THURSDAY,)) == 0
    assert paid(spec, (THURSDAY,), Side.SELL) == 4


def test_a_mode_that_is_not_documented_is_refused() -> None:
    found = paid(contract("EURUSD", swap_mode=9, swap_long="-1"), (THURSDAY,))
    assert isinstance(found, Refusal)
    assert found.code == "symbol_spec_invalid"


def test_a_swap_in_a_currency_without_a_rate_is_refused() -> None:
    found = paid(contract("EURUSD", swap_mode=3, swap_long="-1", currency_margin="NOK"), (THURSDAY,))
    assert isinstance(found, Refusal)
    assert found.code == "fx_rate_missing"

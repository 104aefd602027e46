"""The worst of a day and the deepest drawdown stay until the reset, or until a human lifts them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.account.worst_seen import WorstSeen, lift_drawdown, share_below, watched
from tests.builders import d

MONEY = st.decimals(min_value=1, max_value=1_000_000, places=2)


def look(
    before: WorstSeen | None, equity: int | str, *, same_day: bool = True, reference: int = 100_000, high: int = 100_000
) -> WorstSeen:
    return watched(before, same_day=same_day, reference=d(reference), equity=d(equity), high_water=d(high))


def test_the_first_look_sees_where_the_account_is() -> None:
    assert look(None, 95_000, high=125_000) == WorstSeen(d("0.05"), d("0.24"), None)


def test_a_recovery_takes_nothing_back() -> None:
    assert look(look(None, 95_000), 99_999) == look(None, 95_000)


def test_the_reset_forgets_the_day_and_not_the_drawdown() -> None:
    tomorrow = look(look(None, 95_000), 96_000, same_day=False, reference=96_000)
    assert tomorrow == WorstSeen(d(0), d("0.05"), None)


def test_a_deposit_does_not_make_the_day_s_loss_smaller() -> None:
    assert look(look(None, 95_000), 195_000, reference=200_000).day_loss == d("0.05")


def test_a_human_lets_the_drawdown_count_from_here_on() -> None:
    halted = look(None, 85_000)
    on = lift_drawdown(halted, d(85_000))
    assert on == WorstSeen(halted.day_loss, d(0), d(85_000))
    # 76,500 is 10 % below 85,000, though 23.5 % below the account's own peak
    assert look(on, 76_500).drawdown == d("0.1")


def test_a_new_peak_after_that_counts() -> None:
    on = look(lift_drawdown(look(None, 85_000), d(85_000)), 90_000)
    assert on.peak == 90_000
    assert look(on, 81_000).drawdown == d("0.1")


@pytest.mark.parametrize(
    ("peak", "equity", "share"),
    [(100_000, "85000.01", "0.1499999"), (100_000, 85_000, "0.15"), (3, 2, "0.333333333334"), (5, 6, 0), (0, 1, 1)],
)
def test_a_share_is_exact_or_rounded_up(peak: int, equity: int | str, share: int | str) -> None:
    assert share_below(d(peak), d(equity)) == d(share)


@given(st.lists(st.tuples(MONEY, st.booleans()), min_size=1, max_size=12), MONEY)
def test_within_a_day_the_worst_never_gets_better(looks: list[tuple[Decimal, bool]], high: Decimal) -> None:
    before: WorstSeen | None = None
    for equity, same_day in looks:
        now = watched(before, same_day=same_day, reference=d(500_000), equity=equity, high_water=high)
        if before is not None:
            assert now.drawdown >= before.drawdown
            assert not same_day or now.day_loss >= before.day_loss
        before = now

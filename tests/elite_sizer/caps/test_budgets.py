"""The exposure budgets of source 000, each where it alone binds, and its allow twin."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from elite_sizer.caps.activity.positions_per_day import PositionsPerDay
from elite_sizer.caps.activity.positions_per_week import PositionsPerWeek
from elite_sizer.caps.exposure.daily_exposure import DailyExposure
from elite_sizer.caps.exposure.trade_exposure import TradeExposure
from elite_sizer.caps.exposure.weekly_exposure import WeeklyExposure
from elite_sizer.configuration.plan import contradictions
from elite_sizer.model.context import Cap, SizingContext
from elite_sizer.model.request import Intent
from portfolio.book.charges import Charge
from portfolio.book.exposure_budget import Spent
from tests.builders import alone, charge, context, d, lot, named, spec

SHARES = spec("PLTR", volume_min="1", volume_step="1", volume_max="100000", contract_size="1", tick_size="0.01")


def used(day: int = 0, week: int = 0, positions_day: int = 0, positions_week: int = 0, *, unknown: str = "") -> Spent:
    names = (unknown,) if unknown else ()
    return Spent(d(day), d(week), positions_day, positions_week, None, unknown=names)


def asked(
    budget: Spent | None = None, *, book: tuple[Charge, ...] = (), held: tuple[Charge, ...] = ()
) -> SizingContext:
    """Return source 000's account of 105,000 and a share at 170."""
    return context(
        "PLTR buy",
        balance=105_000,
        initial=105_000,
        money=lot(7, exposure=170),
        contract=SHARES,
        budget=used() if budget is None else budget,
        book=book,
        held=held,
    )


def lots(cap: Cap, made: SizingContext) -> int:
    return int(alone(cap, made, lots=100_000).lots)


def test_source_000_a_position_is_ten_per_cent_of_equity() -> None:
    # 10,500 / 170 = 61.76
    assert lots(TradeExposure(), asked()) == 61


def test_what_the_position_holds_already_counts() -> None:
    # 10,500 - 5,100 = 5,400 / 170 = 31.76
    assert lots(TradeExposure(), asked(book=(charge("PLTR buy 30 risks 1", exposure=d(5_100)),))) == 31
    assert lots(TradeExposure(), asked(book=(charge("TSLA buy 30 risks 1", exposure=d(5_100)),))) == 61


def test_source_000_a_position_may_be_bounded_by_11_000() -> None:
    # 12 % of 105,000 = 12,600; 11,000 / 170 = 64.7
    assert lots(TradeExposure(d("0.12"), d(11_000)), asked()) == 64


@pytest.mark.parametrize(
    ("day", "shares"),
    [
        (0, 123),  # 21,000 / 170 = 123.5
        (10_370, 62),  # 10,630 / 170 = 62.5
        (20_740, 1),  # 260 / 170 = 1.5
        (21_000, 0),
        (25_000, 0),
    ],
)
def test_source_000_a_day_is_twenty_per_cent(day: int, shares: int) -> None:
    assert lots(DailyExposure(), asked(used(day=day, week=day))) == shares


def test_source_000_a_day_may_be_bounded_by_22_000() -> None:
    # 30 % would be 31,500; (22,000 - 10,370) / 170 = 68.4
    assert lots(DailyExposure(d("0.30"), d(22_000)), asked(used(day=10_370))) == 68


def test_what_earlier_days_left_does_not_raise_a_day() -> None:
    assert lots(DailyExposure(), asked(used(day=0, week=0))) == lots(DailyExposure(), asked(used(day=0, week=30_000)))


@pytest.mark.parametrize(
    ("week", "shares"),
    [(0, 247), (31_500, 61), (42_000, 0)],  # 42,000 / 170 = 247.05; 10,500 / 170
)
def test_source_000_a_week_is_forty_per_cent(week: int, shares: int) -> None:
    assert lots(WeeklyExposure(), asked(used(week=week))) == shares


@pytest.mark.parametrize("kind", ["order", "reservation"])
@pytest.mark.parametrize("cap", [DailyExposure(), WeeklyExposure(d("0.20"))])
def test_what_is_pending_or_reserved_counts_as_spent(kind: str, cap: Cap) -> None:
    # 21,000 - 10,370 = 10,630 / 170 = 62.5
    waiting = (charge("TSLA buy 61 risks 1", kind=kind, exposure=d(10_370)),)
    made = asked(book=waiting) if kind == "order" else asked(held=waiting)
    assert lots(cap, made) == 62


@pytest.mark.parametrize("cap", [DailyExposure(), WeeklyExposure()])
def test_an_open_position_is_counted_by_what_was_spent_on_it_and_not_twice(cap: Cap) -> None:
    opened = (charge("TSLA buy 61 risks 1", exposure=d(10_370)),)
    spent = used(day=10_370, week=10_370)
    assert lots(cap, asked(spent, book=opened)) == lots(cap, asked(spent))


@pytest.mark.parametrize("cap", [DailyExposure(), WeeklyExposure(), PositionsPerDay()])
def test_without_knowing_what_was_spent_nothing_is_allowed(cap: Cap) -> None:
    answer = alone(cap, context("PLTR buy", money=lot(7, exposure=170), contract=SHARES))
    assert answer.refusal is not None
    assert "not known" in answer.refusal.detail


@pytest.mark.parametrize("cap", [DailyExposure(), WeeklyExposure()])
def test_spending_that_can_t_be_valued_allows_nothing(cap: Cap) -> None:
    answer = alone(cap, asked(used(unknown="TSLA 12")))
    assert answer.refusal is not None
    assert answer.refusal.detail == "what was spent on TSLA 12 can't be valued"


def test_the_scan_that_frees_some_is_said() -> None:
    at = datetime(2026, 6, 10, 19, 55, tzinfo=UTC)
    limit = WeeklyExposure()(asked(used(week=42_000)._replace(frees=at)))
    assert limit.because.endswith("; the scan at 2026-06-10 19:55 UTC frees what is closed")


@pytest.mark.parametrize(("opened", "full"), [(0, False), (1, False), (2, True), (3, True)])
def test_source_000_two_positions_a_day(opened: int, *, full: bool) -> None:
    assert (PositionsPerDay()(asked(used(positions_day=opened))).room is not None) is full


def test_a_reservation_is_a_position_of_the_day() -> None:
    held = (charge("TSLA buy 1 risks 1", kind="reservation"),)
    assert PositionsPerDay()(asked(used(positions_day=1), held=held)).room == 0


def test_adding_to_a_position_is_no_new_one() -> None:
    made = context("PLTR buy", money=lot(7, exposure=170), intent=Intent.ADD, budget=used(positions_day=2))
    assert PositionsPerDay()(made).room is None


@pytest.mark.parametrize(
    ("opened", "said"),
    [
        (7, "7 positions this week"),
        (8, "8 positions this week; warning: 10 is too many"),
        (9, "9 positions this week; warning: 10 is too many"),
        (10, "warning: 10 positions this week, 10 or more is too many"),
        (25, "warning: 25 positions this week, 10 or more is too many"),
    ],
)
def test_source_000_positions_a_week_warn_at_eight_and_from_ten_on_and_never_deny(opened: int, said: str) -> None:
    limit = PositionsPerWeek()(asked(used(positions_week=opened)))
    assert (limit.room, limit.because) == (None, said)


def test_a_warning_after_what_it_warns_of_is_refused() -> None:
    with pytest.raises(ValueError, match="the warning at 11 positions comes after the 10"):
        PositionsPerWeek(warn=11)


def test_a_day_may_not_allow_more_than_its_week() -> None:
    on = [named("daily_exposure", DailyExposure(d("0.50"))), named("weekly_exposure", WeeklyExposure())]
    assert contradictions(on) == [
        "[caps.daily_exposure] equity_pct: 50.00% is above [caps.weekly_exposure] equity_pct, 40.00%."
    ]


def test_a_position_may_not_be_larger_than_its_day() -> None:
    on = [
        named("trade_exposure", TradeExposure(money=d(23_000))),
        named("daily_exposure", DailyExposure(money=d(22_000))),
    ]
    assert contradictions(on) == [
        "[caps.trade_exposure] money: 23,000.00 is above [caps.daily_exposure] money, 22,000.00."
    ]


def test_source_000_s_own_figures_don_t_contradict_each_other() -> None:
    on = [
        named("trade_exposure", TradeExposure(money=d(11_000))),
        named("daily_exposure", DailyExposure(money=d(22_000))),
        named("weekly_exposure", WeeklyExposure()),
    ]
    assert contradictions(on) == []

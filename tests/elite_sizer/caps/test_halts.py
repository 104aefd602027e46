"""Windows, bad days and deep drawdowns stop new entries; just before them nothing is stopped."""

from __future__ import annotations

import pytest

from elite_sizer.caps.activity.blackout import blackout
from elite_sizer.caps.activity.daily_halt import DailyHalt
from elite_sizer.caps.activity.drawdown_halt import DrawdownHalt
from tests.builders import alone, context, d


def test_a_window_in_force_denies_with_its_own_words() -> None:
    answer = alone(blackout, context(window="non-farm payrolls until 12:45 UTC"))
    assert answer.refusal is not None
    assert answer.refusal.detail == "non-farm payrolls until 12:45 UTC"


def test_no_window_denies_nothing() -> None:
    assert blackout(context()).room is None


@pytest.mark.parametrize(("loss", "halted"), [("4999.99", False), ("5000.00", True), ("5000.01", True)])
def test_a_daily_loss_of_five_per_cent_of_the_day_s_start_halts_and_reaching_it_counts(
    loss: str, *, halted: bool
) -> None:
    # the day began with 100,000: 5 % = 5,000
    made = context(balance=100_000, equity=d(100_000) - d(loss), day_loss=loss)
    assert (DailyHalt()(made).room is not None) is halted


def test_a_day_without_a_loss_is_not_halted() -> None:
    assert DailyHalt()(context()).room is None


def test_a_halt_at_zero_halts_at_once() -> None:
    assert DailyHalt(d(0))(context()).room == 0


@pytest.mark.parametrize(("equity", "halted"), [("85000.01", False), ("85000.00", True), ("84999.99", True)])
def test_a_drawdown_of_fifteen_per_cent_from_the_peak_halts_and_reaching_it_counts(
    equity: str, *, halted: bool
) -> None:
    made = context(balance=100_000, equity=equity, peak_equity=d(100_000))
    assert (DrawdownHalt()(made).room is not None) is halted


def test_source_004_halts_at_510_below_a_peak_of_600() -> None:
    # (600 - 510) / 600 = 15 %
    made = context(balance=510, initial=500, peak_equity=d(600))
    assert DrawdownHalt()(made).room == 0


def test_a_peak_that_nobody_knows_denies() -> None:
    made = context()
    assert DrawdownHalt()(made).room == 0
    assert DrawdownHalt()(made).because == "the highest equity is unknown"


def test_a_new_peak_is_no_drawdown() -> None:
    assert DrawdownHalt()(context(peak_equity=d(100_000))).room is None

"""The account's own record scales the trade as its statistics say."""

from __future__ import annotations

from elite_sizer.factors.performance import performance
from tests.builders import context, d, record


def test_the_posterior_multiplier_is_taken_as_it_is() -> None:
    scaling = performance(context(history=record("1.3")), d(100))
    assert (scaling.value, scaling.because) == (d("1.3"), "50 trades with stops")


def test_a_bad_record_makes_smaller() -> None:
    assert performance(context(history=record("0.7")), d(100)).value == d("0.7")


def test_without_a_history_nothing_is_scaled_and_it_says_so() -> None:
    scaling = performance(context(), d(100))
    assert (scaling.value, scaling.because) == (d(1), "no data")

"""The plain sizer: a fixed fraction over the stop, within the broker's volume."""

from __future__ import annotations

import pytest

from elite_sizer.model.outcome import SizerResult
from elite_sizer.sizers.fixed_risk import FixedRisk
from elite_sizer.sizing.pipeline import NamedSizer
from elite_sizer.sizing.rollout import decide
from tests.builders import charge, context, d, lot, plan, spec


def legacy(*, guard: bool = False, **changes: object) -> SizerResult:
    """Return what fixed risk ends at as the legacy sizer, without the hard caps unless asked."""
    named = NamedSizer("fixed_risk", FixedRisk(), "legacy_error")
    return decide(context(**changes), plan(flag="legacy", guard=guard, legacy=named)).answer  # type: ignore[arg-type]


def test_it_risks_the_same_fraction_of_the_basis_over_the_stop() -> None:
    # 1.1 % of 100,000 = 1,100; / 500 = 2.20
    assert legacy(money=lot(500)).lots == d("2.20")


def test_costs_are_part_of_the_loss() -> None:
    # 1,100 / 507.50 = 2.167...
    assert legacy(money=lot(500, cost="7.5")).lots == d("2.16")


def test_the_tail_is_not_looked_at() -> None:
    assert legacy(money=lot(500, tail=900)).lots == d("2.20")


def test_the_broker_s_largest_order_bounds_it() -> None:
    answer = legacy(money=lot(10), contract=spec(volume_max="50"))
    assert (answer.lots, answer.binding) == (d("50.00"), "broker_volume")


@pytest.mark.parametrize(("stop", "lots"), [("110000", "0.01"), ("110001", "0")])
def test_below_the_smallest_lot_there_is_no_trade(stop: str, lots: str) -> None:
    answer = legacy(money=lot(stop))
    assert answer.lots == d(lots)
    assert (answer.refusal is not None) == (answer.lots == 0)


def test_the_book_is_not_looked_at() -> None:
    assert legacy(money=lot(500), book=(charge("EURUSD buy 9.00 risks 9000"),)).lots == d("2.20")


def test_a_stop_that_seems_to_cost_nothing_gets_no_lots() -> None:
    answer = legacy(money=lot(0))
    assert answer.lots == 0
    assert answer.refusal is not None


def test_the_fraction_is_shown() -> None:
    step = FixedRisk()(context()).steps[0]
    assert (step.name, step.after, step.because) == ("fixed_risk", d(1100), "1.10% of 100,000.00 USD")

"""The firm's overall floor holds."""

from __future__ import annotations

from elite_sizer.caps.firm.maximum_loss import maximum_loss
from portfolio.rules.rule_set import Amount, OverallRule, Rules
from tests.builders import FTMO, alone, charge, context, d, lot, room


def test_the_overall_room_binds() -> None:
    # 1,800 / 500 = 3.60
    answer = alone(maximum_loss, context(money=lot(500), net=room(daily=9000, overall=1800)))
    assert (answer.lots, answer.binding) == (d("3.60"), "per_trade")


def test_a_proposal_within_it_stands() -> None:
    answer = alone(maximum_loss, context(money=lot(500), net=room(overall=1800)), lots="3.60")
    assert answer.binding == "proposal"


def test_the_daily_room_is_another_cap() -> None:
    assert alone(maximum_loss, context(money=lot(500), net=room(daily=1, after=1, overall=1800))).lots == d("3.60")


def test_it_follows_from_the_floor_the_book_and_the_buffer() -> None:
    # equity 92,000 above 90,000, less 300 open and 200 reserved, less a buffer of 250: 1,250
    made = context(
        balance=92_000,
        book=(charge("GBPUSD buy 1.00 risks 300"),),
        held=(charge("USDJPY sell 1.00 risks 200", kind="reservation"),),
        money=lot(500),
    )
    assert maximum_loss(made).room == d(1250)
    assert alone(maximum_loss, made).lots == d("2.50")


def test_a_floor_that_touching_breaks_costs_one_cent_more() -> None:
    inclusive = Rules("x", daily=None, overall=OverallRule(Amount(pct=d(10))), inclusive=True)
    strict = Rules("x", daily=None, overall=OverallRule(Amount(pct=d(10))))
    assert maximum_loss(context(balance=92_000, rules=inclusive)).room == d("1749.99")
    assert maximum_loss(context(balance=92_000, rules=strict)).room == d("1750.00")


def test_an_account_at_its_floor_is_denied() -> None:
    answer = alone(maximum_loss, context(balance=90_000, money=lot(500)))
    assert answer.refusal is not None
    assert answer.refusal.code == "per_trade"


def test_without_an_overall_rule_there_is_no_limit() -> None:
    assert maximum_loss(context(net=room(daily=1))).room is None


def test_it_says_the_room_and_the_floor() -> None:
    said = maximum_loss(context(rules=FTMO)).because
    assert said.startswith("9,750.00 USD in all: 10,000.00 of equity above 90,000.00")

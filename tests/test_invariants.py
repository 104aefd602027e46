"""What must always hold, over the whole pipeline: thousands of worlds, each decided with every cap that is on."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from portfolio.model import Quote, Side
from portfolio.reasons import Refusal
from portfolio.valuation.conversion import Prices
from portfolio.valuation.money_per_lot import exposure_per_lot, loss_per_lot
from tests.builders import NOW, d, dice, many, spec
from tests.changing import CHANGING
from tests.paths import ROOT
from tests.promise import Firm, shuffled, worst
from tests.standing import STANDING, seen
from tests.worlds import Seeded, Shrinking, World, at_the_floors, world

SEEDS = range(4)
CASES = 25_000

DIGEST = """
import hashlib
from tests.builders import NOW, dice
from tests.worlds import Seeded, world
from elite_sizer.journal import decision_json as wire
from elite_sizer.sizing.decision import make_decision
from elite_sizer.model.breakdown import Envelope
from elite_sizer.sizing.rollout import decide

draw, found = Seeded(dice(7)), hashlib.sha256()
for number in range(150):
    drawn = world(draw)
    made, plan = drawn.context(), drawn.plan()
    found.update(wire.to_line(make_decision(made, plan, decide(made, plan), Envelope(f"case-{number}", NOW))))
print(found.hexdigest())
"""


@given(data=st.data())
@settings(max_examples=5 * settings().max_examples)
def test_every_decision_keeps_every_claim(data: st.DataObject) -> None:
    case = seen(world(Shrinking(data)))
    for name, holds in STANDING.items():
        note(name)
        holds(case)


@pytest.mark.parametrize("claim", CHANGING)
@given(data=st.data())
def test_every_changed_world(claim: str, data: st.DataObject) -> None:
    draw = Shrinking(data)
    CHANGING[claim](world(draw), draw)


@pytest.mark.generated
@pytest.mark.parametrize("seed", SEEDS)
def test_a_hundred_thousand_worlds_keep_every_claim(seed: int) -> None:
    """Each world keeps every claim about one decision, and two of those about a changed one, in turn."""
    random = dice(seed)
    draw = Seeded(random)
    changing = [*CHANGING.items()]
    traded = 0
    for number in range(many(CASES)):
        drawn = world(draw)
        case = seen(drawn)
        traded += case.verdict.answer.lots > 0
        name = ""
        try:
            for name, holds in STANDING.items():  # noqa: B007 - named in the failure
                holds(case)
            name, claim = changing[number % len(changing)]
            claim(drawn, draw)
        except Exception as error:
            message = f"seed {seed} case {number}: {name} fails in {drawn}"
            raise AssertionError(message) from error
    assert traded > many(CASES) * 2 // 5


def one_step_more(drawn: World, lots: Decimal) -> Fraction:
    return Fraction(lots + drawn.step)


@pytest.mark.generated
def test_the_promise_is_no_larger_than_it_must_be() -> None:
    """Where a floor binds, one step more would have crossed it in many orders: the rooms are not simply small."""
    draw = Seeded(dice(11))
    bound = crossed = 0
    for _ in range(many(2_000)):
        drawn = at_the_floors(world(draw))
        answer = drawn.decide().answer
        if answer.lots > 0 and answer.binding in {"daily_loss", "maximum_loss", "following_peak"}:
            bound += 1
            lots = one_step_more(drawn, answer.lots)
            orders = (worst(drawn, lots), shuffled(drawn, lots, draw))
            crossed += any(Firm(drawn, lots).crossed(events) for events in orders)
    assert bound > many(1_200)
    assert crossed > bound * 2 // 5


@given(
    entry=st.integers(10_000, 200_000),
    away=st.integers(1, 5_000),
    side=st.sampled_from(Side),
    times=st.sampled_from((10, 100, 1_000)),
)
def test_p17_prices_in_another_unit_are_worth_the_same(entry: int, away: int, side: Side, times: int) -> None:
    """A quote of 1.0850 for 100,000 is one of 108.50 for 1,000: digits and tick move along, the money does not."""

    def valued(unit: int) -> tuple[Decimal, Decimal]:
        contract = spec(
            contract_size=d(100_000) / unit, tick_size=d("0.00001") * unit, point=d("0.00001") * unit, digits=5
        )
        price = d(entry).scaleb(-5) * unit
        market = Prices("USD", {"EURUSD": contract}, {"EURUSD": Quote("EURUSD", price, price, NOW)})
        stop = price - side.sign * d(away).scaleb(-5) * unit
        loss = loss_per_lot(market, "EURUSD", side, price, stop)
        notional = exposure_per_lot(market, "EURUSD", price)
        assert not isinstance(loss, Refusal)
        assert not isinstance(notional, Refusal)
        return loss.per_lot, notional

    assert valued(times) == valued(1)


def digest(**environment: str) -> str:
    run = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", DIGEST],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return run.stdout


def test_p18_another_process_with_other_seed_zone_locale_and_threads_writes_the_same_bytes() -> None:
    plain = digest(PYTHONHASHSEED="0", TZ="UTC")
    odd = digest(PYTHONHASHSEED="4242", TZ="Asia/Kathmandu", LC_ALL="tr_TR.UTF-8", OMP_NUM_THREADS="7")
    assert len(plain.strip()) == 64
    assert plain == odd

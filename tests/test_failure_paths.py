"""What goes wrong between a context and its answer: each fault alone denies, for its own reason, and nothing raises.

The healthy situation is approved; each fault changes one thing of it. What protects the account denies a guarded
legacy sizer too; what belongs to the elite side does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from elite_sizer.caps import CAPS as REGISTERED
from elite_sizer.caps.reasons import REASONS, refuse
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import SizerResult
from elite_sizer.sizers.fixed_risk import FixedRisk
from elite_sizer.sizing.pipeline import NamedCap, NamedSizer
from elite_sizer.sizing.rollout import Plan, decide
from portfolio.book.charges import Charge
from portfolio.rules.rule_set import Amount, OverallRule, Rules
from tests.builders import PROFILE, account, charge, context, d, elite, lot, plan, registered, room, spec
from tests.paths import TESTS

CAPS: Final = registered(*PROFILE, "blackout", "daily_halt", "drawdown_halt", "max_positions", "net_delta", "min_rr")
LOT: Final = lot(500, cost=10, tail=600, gain=1500, margin=1000, exposure=100_000)
TRAILING: Final = Rules("trailing", daily=None, overall=OverallRule(Amount(pct=d(6)), peak="equity"))


def healthy(**changes: Any) -> SizingContext:  # noqa: ANN401
    """Return a context in which everything is known and there is room for everything."""
    arguments: dict[str, Any] = {"money": LOT, "confidence": "0.75", "peak_equity": d(100_000), **changes}
    return context(**arguments)


def sizers(caps: tuple[NamedCap, ...] = CAPS, **changes: Any) -> Plan:  # noqa: ANN401
    """Return the elite sizer beside fixed risk, under every cap that needs only the context."""
    arguments: dict[str, Any] = {
        "legacy": NamedSizer("fixed_risk", FixedRisk(), "legacy_error"),
        "caps": caps,
        **changes,
    }
    return plan(NamedSizer("elite", elite()), **arguments)


def book(words: str, **changes: Any) -> tuple[Charge, ...]:  # noqa: ANN401
    return (charge(words, **changes),)


class Fault(NamedTuple):
    """What is wrong, and whether it is the account that must be protected from it."""

    code: str
    made: Callable[[], SizingContext]
    hard: bool = True
    caps: tuple[NamedCap, ...] = CAPS


def fails(_: SizingContext) -> Any:  # noqa: ANN401
    message = "its input is missing"
    raise LookupError(message)


def broken(name: str) -> tuple[NamedCap, ...]:
    """Return the caps, one of which raises."""
    return tuple(cap._replace(cap=fails) if cap.name == name else cap for cap in CAPS)


FAULTS: Final[Mapping[str, Fault]] = {
    "a position without a stop": Fault("open_stop", lambda: healthy(book=book("GBPUSD buy 1.00 unbounded"))),
    "an order without a stop": Fault(
        "open_stop", lambda: healthy(book=book("GBPUSD buy 1.00 unbounded", kind="order"))
    ),
    "an idea that has lost its budget": Fault("idea_risk", lambda: healthy(idea_loss=d(2000))),
    "a side that is full": Fault(
        "broker_volume",
        lambda: healthy(contract=spec(volume_limit="1"), book=book("EURUSD buy 1.00 risks 10")),
    ),
    "margin that nobody knows": Fault("free_margin", lambda: healthy(money=LOT._replace(margin=None))),
    "a margin level below 200 %": Fault(
        "free_margin", lambda: healthy(who=account(100_000, margin="60000", free_margin="40000"))
    ),
    "no room today": Fault("daily_loss", lambda: healthy(net=room(daily=0, after=900, overall=900))),
    "no room after the reset": Fault("daily_loss", lambda: healthy(net=room(daily=900, after=-5, overall=900))),
    "no room in all": Fault("maximum_loss", lambda: healthy(net=room(daily=900, after=900, overall=0))),
    "a day that has lost the firm's amount": Fault("daily_loss", lambda: healthy(balance=95_000, day_balance=100_000)),
    "an account at its overall floor": Fault("daily_loss", lambda: healthy(balance=90_000, day_balance=95_000)),
    "a floor that follows equity and leaves nothing": Fault(
        "following_peak", lambda: healthy(rules=TRAILING, book=book("GBPUSD buy 1.00 risks 1000 gains 5500"))
    ),
    "a window": Fault("blackout", lambda: healthy(window="non-farm payrolls until 12:45 UTC")),
    "a day's loss at the halt": Fault("daily_halt", lambda: healthy(day_loss=d(6000))),
    "a drawdown at the halt": Fault("drawdown_halt", lambda: healthy(peak_equity=d(118_000))),
    "a peak that nobody knows": Fault("drawdown_halt", lambda: healthy(peak_equity=None)),
    "a cap that raises": Fault("per_trade", healthy, caps=broken("per_trade")),
    "a halt": Fault("halted", lambda: healthy(halt=refuse("halted", "STOP file"))),
    "a smallest lot beyond all means": Fault("below_min_lot", lambda: healthy(contract=spec(volume_min="400"))),
    "notional that nobody knows": Fault(
        "exposure_per_trade", lambda: healthy(money=LOT._replace(exposure=None)), hard=False
    ),
    "a symbol that is full": Fault("symbol_lots", lambda: healthy(book=book("EURUSD sell 10.00 risks 10")), hard=False),
    "a book that is full": Fault(
        "gross_exposure", lambda: healthy(book=book("GBPUSD sell 9.00 risks 10", exposure=d(3_000_000))), hard=False
    ),
    "a book at its risk": Fault("open_risk", lambda: healthy(book=book("GBPUSD sell 1.00 risks 3000")), hard=False),
    "as many trades as allowed": Fault(
        "max_positions", lambda: healthy(book=4 * book("GBPUSD sell 0.01 risks 1")), hard=False
    ),
    "a book that leans this way": Fault(
        "net_delta", lambda: healthy(book=book("GBPUSD buy 1.00 risks 1", exposure=d(70_001))), hard=False
    ),
    "a reward that is too small": Fault("min_rr", lambda: healthy(money=LOT._replace(gain=d(1000))), hard=False),
    "a soft cap that raises": Fault("concentration", healthy, hard=False, caps=broken("concentration")),
    "no edge": Fault("no_edge", lambda: healthy(confidence="0.2"), hard=False),
}


def code(answer: SizerResult) -> str | None:
    return None if answer.refusal is None else answer.refusal.code


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest) -> Fault:
    return FAULTS[str(request.param)]


def test_the_healthy_situation_is_approved_by_elite_and_by_legacy() -> None:
    verdict = decide(healthy(), sizers())
    assert verdict.answer.lots > 0
    assert verdict.legacy.lots > 0


def test_a_fault_denies_for_its_own_reason_and_says_more_than_its_code(
    fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    answer = decide(fault.made(), sizers(fault.caps)).answer
    assert (answer.lots, code(answer)) == (d(0), fault.code)
    assert answer.refusal is not None
    assert len(answer.refusal.detail.split()) > 1
    assert bool(caplog.records) == (fault.caps is not CAPS)


@pytest.mark.parametrize("flag", ["legacy", "shadow"])
def test_what_protects_the_account_denies_a_guarded_legacy_too_and_nothing_else_does(fault: Fault, flag: str) -> None:
    answer = decide(fault.made(), sizers(fault.caps, flag=flag)).answer
    assert answer.sizer == "fixed_risk"
    assert (answer.lots == 0) is fault.hard
    assert code(answer) == (fault.code if fault.hard else None)


def test_without_the_guard_only_a_halt_and_the_grid_stop_legacy(fault: Fault) -> None:
    answer = decide(fault.made(), sizers(fault.caps, flag="legacy", guard=False)).answer
    assert (answer.lots == 0) is (fault.code in {"halted", "below_min_lot"})


def test_a_stop_loss_that_is_no_number_denies_whoever_divides_by_it() -> None:
    verdict = decide(healthy(money=LOT._replace(stop=d("NaN"))), sizers((), guard=False))
    assert (verdict.answer.lots, code(verdict.answer)) == (d(0), "elite_error")
    assert (verdict.legacy.lots, code(verdict.legacy)) == (d(0), "kernel_invariant")


def test_two_faults_at_once_name_the_first_in_the_order_of_the_caps() -> None:
    both = healthy(window="news", book=book("GBPUSD buy 1.00 unbounded"))
    assert code(decide(both, sizers()).answer) == "open_stop"


def test_elite_that_fails_denies_and_leaves_the_recorded_legacy_alone() -> None:
    verdict = decide(healthy(), replace(sizers(), elite=NamedSizer("elite", fails)))
    assert (verdict.answer.lots, code(verdict.answer)) == (d(0), "elite_error")
    assert verdict.legacy.lots > 0


def test_legacy_that_fails_is_recorded_and_leaves_elite_alone() -> None:
    verdict = decide(healthy(), sizers(legacy=NamedSizer("mine", fails, "legacy_error")))
    assert (verdict.legacy.lots, code(verdict.legacy)) == (d(0), "legacy_error")
    assert verdict.answer.lots > 0


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_named_by_some_test(reason: str) -> None:
    """A code that no test names can't be known to be reached; the registry's tests name every cap."""
    assert reason in NAMED | BY_RESULT | REGISTERED.keys() | {fault.code for fault in FAULTS.values()}


BY_RESULT: Final = frozenset({"order_unprotected"})
"""Reached where an order's `Result.UNPROTECTED` is tested."""

NAMED: Final = frozenset(
    word
    for file in TESTS.rglob("test_*.py")
    if file.name not in {Path(__file__).name, "test_reasons.py"}
    for word in re.findall(r"[\"'\[ ]([a-z_]+)[\"'\] :,]", file.read_text(encoding="utf-8"))
)

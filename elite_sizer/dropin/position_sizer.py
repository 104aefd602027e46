"""The call of source 003's integration guide, answered by this sizer: twenty arguments in, a mapping out.

    from elite_sizer.dropin.position_sizer import ElitePositionSizer
    result = ElitePositionSizer().calculate_position_size(account_balance=..., ...)
    lots = result["lot_size"]

It needs no terminal, so it knows its arguments only; `reasoning` names its assumptions. Bad input is a result
with `lot_size` 0 and a reason, never an exception.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from elite_sizer.configuration.flag import FlagReader
from elite_sizer.configuration.plan import plan
from elite_sizer.configuration.settings import load
from elite_sizer.configuration.shipped import config_dir
from elite_sizer.display.log_text import log_record
from elite_sizer.dropin import arguments as guide
from elite_sizer.dropin.context import NO_COSTS, dropin_context
from elite_sizer.journal import decision_json as wire
from elite_sizer.journal.files import Journal
from elite_sizer.journal.recorder import record_of
from elite_sizer.model.breakdown import Envelope
from elite_sizer.model.context import SizingContext
from elite_sizer.model.expectancy import expectancy
from elite_sizer.model.outcome import FlagValue
from elite_sizer.model.plugin import Step
from elite_sizer.model.trade_figures import TradingRecord
from elite_sizer.sizing.decision import Decision, make_decision, refuse_request
from elite_sizer.sizing.decision_id import RANDOM_BYTES, identifier
from elite_sizer.sizing.rollout import decide
from elite_sizer.statistics.prior_file import load_prior
from elite_sizer.version import VERSION
from portfolio.reasons import Refusal, refuse


class ElitePositionSizer:
    """Takes the place of the guide's own class; `config` is a file, a mapping of options, or nothing."""

    def __init__(
        self,
        config: str | Path | Mapping[str, object] | None = None,
        *,
        record: TradingRecord | None = None,
        journal: bool = True,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        noise: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """`record` is the account's recent trading, where the caller keeps it (`track_record.performance`)."""
        options = config if isinstance(config, Mapping) else {}
        self.settings = load(None if isinstance(config, Mapping) else config, options=options)
        self.record = record
        self._flags = FlagReader(self.settings.folder)
        self._prior = load_prior(config_dir(), self.settings.correlations)
        self._journal = Journal(self.settings.folder) if journal else None
        self._clock = clock
        self._noise = noise

    def calculate_position_size(  # noqa: PLR0917 - the guide's own signature
        self,
        account_balance: float,
        ml_confidence: float,
        market_score: float,
        entry_price: float,
        stop_loss: float,
        target_price: float,
        tick_value: float,
        tick_size: float,
        contract_size: float,
        symbol: str,
        direction: str,
        regime: str,
        volatility: float,
        current_atr: float,
        open_positions: Iterable[object],
        ftmo_distance_to_daily: float,
        ftmo_distance_to_dd: float,
        max_lot_broker: float,
        min_lot: float,
        lot_step: float,
    ) -> dict[str, Any]:
        """Return the size and its reasons; the confidence counts 0 to 100 here, the two distances are gross."""
        values = {name: value for name, value in locals().items() if name != "self"}
        decision, assumptions = self._decide(values)
        self._write_line(decision)
        return _result(decision, assumptions)

    def _decide(self, values: Mapping[str, Any]) -> tuple[Decision, tuple[str, ...]]:
        """Return the decision and its assumptions."""
        now = self._clock()
        envelope = Envelope(
            id=identifier(now, self._noise(RANDOM_BYTES)),
            at=now,
            terminal="drop-in",
            config_digest=self.settings.digest,
            version=VERSION,
        )
        arguments = guide.read(values)
        if isinstance(arguments, Refusal):
            return refuse_request(arguments, envelope), ()
        book = guide.book(values["open_positions"] or (), arguments)
        if isinstance(book, Refusal):
            return refuse_request(book, envelope), ()
        context = dropin_context(arguments, book, now, settings=self.settings, prior=self._prior, record=self.record)
        if isinstance(context, Refusal):
            return refuse_request(context, envelope), ()
        reading = self._flags.read(self.settings)
        if reading.flag is None:
            return refuse_request(reading.refusal or refuse("flag_unreadable", "there is no flag"), envelope), ()
        sizing_plan = plan(self.settings, reading.flag)
        return make_decision(context, sizing_plan, decide(context, sizing_plan), envelope), (*book.assumed, NO_COSTS)

    def _write_line(self, decision: Decision) -> None:
        if self._journal is None:
            return
        record = record_of(decision)
        self._journal.put_config(self.settings.digest, self.settings.canonical)
        self._journal.append(record.line, record.at, lambda: log_record(decision))


def _result(decision: Decision, assumptions: tuple[str, ...]) -> dict[str, Any]:
    """Return the result that the guide's callers expect; numbers are floats, as they write them on."""
    context, answer = decision.context, decision.answer
    reason = "" if decision.reason is None else f"{decision.reason.code}: {decision.reason.detail}"
    result: dict[str, Any] = {
        "lot_size": float(decision.lots),
        "should_trade": decision.lots > 0,
        "risk_dollars": 0.0,
        "expected_return": None,
        "diversification_factor": 1.0,
        "performance_multiplier": 1.0,
        "cvar_95": None,
        "avg_correlation": 0.0,
        "reasoning": reason,
        "breakdown": {},
    }
    if context is None or answer is None:
        return result
    expectation = expectancy(context)
    scale = {step.name: step for step in answer.proposal.steps if step.stage == "factor"}
    correlations = [
        context.market.correlations.get(charge.symbol, 1.0) * charge.side.sign * context.request.side.sign
        for charge in context.book
    ]
    return result | {
        "risk_dollars": float(decision.lots * answer.loss_per_lot),
        "expected_return": None if expectation is None else float(expectation),
        "diversification_factor": _ratio(scale.get("diversification")),
        "performance_multiplier": _ratio(scale.get("performance")),
        "cvar_95": None if context.lot.tail is None else float(context.lot.tail / _per_price(context)),
        "avg_correlation": sum(correlations) / len(correlations) if correlations else 0.0,
        "reasoning": "; ".join([reason or f"{decision.binding} decided", *assumptions]),
        "breakdown": msgspec.json.decode(wire.to_json(decision)),
    }


def _per_price(context: SizingContext) -> Decimal:
    return context.spec.tick_value_loss / context.spec.tick_size


def _ratio(step: Step | None) -> float:
    if step is None or not step.before or step.after is None:
        return 1.0
    return round(float(step.after / step.before), 6)


def use_elite_sizer() -> bool:
    """Return the guide's own switch, `USE_ELITE_SIZER`, as the flag says now."""
    settings = load()
    flag = FlagReader(settings.folder).read(settings).flag
    return flag is not None and flag.value is FlagValue.ELITE

"""`size-batch`: several signals with scores, and how the day's exposure is shared among them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from msgspec import Raw

from elite_sizer.caps.reasons import REASONS
from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.reply import QUOTE, Reply
from elite_sizer.journal.decision_json import to_json
from elite_sizer.service import signals as batch
from elite_sizer.service.signals import Allotted, Signal
from elite_sizer.service.sizer import Sizer
from elite_sizer.sizing.decision import Decision
from portfolio.errors import ConfigError

SCHEMA: Final = "elite-sizer/batch/1"


@command
def size_batch(
    common: Common,
    file: Annotated[str, typer.Argument(help="A JSON list or a CSV table of signals; - reads standard input.")],
    *,
    reserve: Annotated[bool, typer.Option("--reserve", help="Hold the room of all of them for a minute.")] = False,
) -> Reply:
    """Share the day's exposure among several signals, best first, and size each.

    Every object has symbol, side, score (0 to 100) and a stop, as for size. For example:

      elite-sizer size-batch signals.json --profile dual_cap
    """
    signals = batch.allocate(batch.read(_read_file(file)))
    answers = _size(common, signals, reserve=reserve)
    return Reply(_exit_code(answers), _batch_data(answers), _batch_lines(answers))


def _read_file(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} can't be read: {error}."
        raise ConfigError(message) from error


def _size(common: Common, signals: tuple[Signal, ...], *, reserve: bool) -> list[Allotted]:
    """Size every signal that has a share, best first, each beside the reservations of the better ones.

    Without `reserve` the reservations are cancelled in the end.
    """
    if not any(signal.share for signal in signals):
        return [Allotted(signal, None) for signal in signals]
    options = common.options() | batch.options(common.settings(), signals)
    answers: list[Allotted] = []
    with Sizer.from_config(common.config, now=common.fixed_time, options=options) as sizer:
        try:
            answers.extend(
                Allotted(signal, sizer.size(signal.idea, ttl=QUOTE) if signal.share else None) for signal in signals
            )
        finally:
            for _, decision in answers:
                if decision is not None and decision.lots > 0 and not reserve:
                    sizer.cancel(decision)
    return answers


def _exit_code(answers: list[Allotted]) -> int:
    """Return 0 where anything can be traded, else the code of the best signal's refusal."""
    decisions = [answer.decision for answer in answers if answer.decision is not None]
    if not decisions:
        return REASONS["min_score"].exit_code
    return 0 if any(decisions) else decisions[0].exit_code


def _batch_data(answers: list[Allotted]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "lots": sum((answer.decision.lots for answer in answers if answer.decision is not None), Decimal(0)),
        "signals": [_signal_data(signal, decision) for signal, decision in answers],
    }


def _signal_data(signal: Signal, decision: Decision | None) -> dict[str, Any]:
    return {
        "symbol": signal.idea.symbol,
        "side": signal.idea.side,
        "score": signal.score,
        "rank": signal.rank or None,
        "share": signal.share,
        "because": signal.because,
        "lots": Decimal(0) if decision is None else decision.lots,
        "decision": None if decision is None else Raw(to_json(decision)),
    }


def _batch_lines(answers: list[Allotted]) -> Iterator[str]:
    yield f" {'':>2} {'signal':<18} {'score':>6} {'share':>7} {'lots':>10}  why"
    for signal, decision in answers:
        reason = None if decision is None else decision.reason
        why = signal.because if reason is None else f"{reason.code}: {reason.detail}"
        lots = Decimal(0) if decision is None else decision.lots
        trade = f"{signal.idea.symbol} {signal.idea.side}"
        rank = str(signal.rank) if signal.rank else "-"
        yield f" {rank:>2} {trade:<18} {signal.score:>6} {signal.share:>7.2%} {lots:>10}  {why}"

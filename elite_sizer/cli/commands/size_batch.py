"""`size-batch`: several signals with scores, and how the day's exposure is shared among them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from elite_sizer.caps.reasons import REASONS
from elite_sizer.cli.commands.size import QUOTE
from elite_sizer.cli.options import Common, Reply, command
from portfolio.errors import ConfigError

if TYPE_CHECKING:
    from elite_sizer.service.signals import Allotted, Signal

SCHEMA: Final = "elite-sizer/batch/1"


def add(app: typer.Typer) -> None:
    """Put the command under its name."""
    app.command("size-batch")(size_batch)


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
    from elite_sizer.service.signals import allocate, read  # noqa: PLC0415 - help needs none of it

    signals = allocate(read(_text(file)))
    sized = _sized(common, signals, reserve=reserve)
    return Reply(_code(sized), _data(sized), _lines(sized))


def _text(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} can't be read: {error}."
        raise ConfigError(message) from error


def _sized(common: Common, signals: tuple[Signal, ...], *, reserve: bool) -> list[Allotted]:
    """Size what has a share, best first, each beside what the better ones hold; what is not kept is given back."""
    from elite_sizer.service.signals import Allotted, options  # noqa: PLC0415
    from elite_sizer.service.sizer import Sizer  # noqa: PLC0415

    if not any(one.share for one in signals):
        return [Allotted(one, None) for one in signals]
    chosen = common.options() | options(common.settings(), signals)
    made: list[Allotted] = []
    with Sizer.from_config(common.config, now=common.moment, options=chosen) as sizer:
        try:
            made.extend(Allotted(one, sizer.size(one.idea, ttl=QUOTE) if one.share else None) for one in signals)
        finally:
            for _, decision in made:
                if decision is not None and decision.lots > 0 and not reserve:
                    sizer.cancel(decision)
    return made


def _code(sized: list[Allotted]) -> int:
    """Return 0 where anything can be traded, else the code of the best signal's refusal."""
    decisions = [one.decision for one in sized if one.decision is not None]
    if not decisions:
        return REASONS["min_score"].exit_code
    return 0 if any(decisions) else decisions[0].exit_code


def _data(sized: list[Allotted]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "lots": sum((one.decision.lots for one in sized if one.decision is not None), Decimal(0)),
        "signals": [_entry(one) for one in sized],
    }


def _entry(one: Allotted) -> dict[str, Any]:
    from msgspec import Raw  # noqa: PLC0415

    from elite_sizer.journal.decision_json import to_json  # noqa: PLC0415

    signal = one.signal
    return {
        "symbol": signal.idea.symbol,
        "side": signal.idea.side,
        "score": signal.score,
        "rank": signal.rank or None,
        "share": signal.share,
        "because": signal.because,
        "lots": Decimal(0) if one.decision is None else one.decision.lots,
        "decision": None if one.decision is None else Raw(to_json(one.decision)),
    }


def _lines(sized: list[Allotted]) -> Iterator[str]:
    yield f" {'':>2} {'signal':<18} {'score':>6} {'share':>7} {'lots':>10}  why"
    for signal, decision in sized:
        reason = None if decision is None else decision.reason
        why = signal.because if reason is None else f"{reason.code}: {reason.detail}"
        lots = Decimal(0) if decision is None else decision.lots
        what = f"{signal.idea.symbol} {signal.idea.side}"
        rank = str(signal.rank) if signal.rank else "-"
        yield f" {rank:>2} {what:<18} {signal.score:>6} {signal.share:>7.2%} {lots:>10}  {why}"

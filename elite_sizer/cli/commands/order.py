"""`order`: size, check, reserve and send a trade with its stop and target as one; off unless it is switched on."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from elite_sizer.caps.reasons import REASONS
from elite_sizer.cli.failure import sentence
from elite_sizer.cli.idea_options import (
    AtrStop,
    AtrTarget,
    Confidence,
    Conviction,
    Entry,
    FlatBy,
    HoldWord,
    Multiplier,
    OrderKind,
    RegimeName,
    RewardToRisk,
    Score,
    SideWord,
    SignalId,
    Stop,
    StopPoints,
    Symbol,
    Target,
    Timeframe,
)
from elite_sizer.cli.options import Common, Reply, command
from portfolio.errors import ConfigError
from portfolio.reasons import Refusal

if TYPE_CHECKING:
    from elite_sizer.display.breakdown import Line
    from elite_sizer.service.place_order import OrderResult
    from elite_sizer.sizing.decision import Decision

SCHEMA: Final = "elite-sizer/order/1"


def add(app: typer.Typer) -> None:
    """Put the command under its name."""
    app.command("order")(order)


@command
def order(
    common: Common,
    symbol: Symbol,
    side: SideWord,
    *,
    stop: Stop = None,
    stop_points: StopPoints = None,
    atr_stop: AtrStop = None,
    target: Target = None,
    rr: RewardToRisk = None,
    atr_target: AtrTarget = None,
    entry: Entry = None,
    type: OrderKind = None,  # noqa: A002 - the option's name
    confidence: Confidence = None,
    score: Score = None,
    conviction: Conviction = None,
    regime: RegimeName = None,
    timeframe: Timeframe = "H1",
    multiplier: Multiplier = None,
    hold: HoldWord = None,
    flat_by: FlatBy = None,
    signal_id: SignalId = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the request; reserve and send nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Send without asking again.")] = False,
) -> Reply:
    """Size a trade and send it with its stop and target; needs orders.enabled = true, and your yes.

    For example:

      elite-sizer order EURUSD buy --atr-stop 2.5 --rr 2 --dry-run
    """
    from elite_sizer.request.idea import TradeIdea  # noqa: PLC0415
    from elite_sizer.service.place_order import place_order as carry_out  # noqa: PLC0415
    from elite_sizer.service.sizer import Sizer  # noqa: PLC0415 - help and completion need none of it

    if common.settings().orders.enabled and not (yes or dry_run or _asks(common)):
        message = "Nobody is here to confirm the order. Give --yes, or --dry-run to see it."
        raise ConfigError(message)
    idea = TradeIdea(
        symbol,
        side,
        stop=stop,
        stop_points=stop_points,
        atr_stop=atr_stop,
        entry=entry,
        type=type,
        target=target,
        rr=rr,
        atr_target=atr_target,
        confidence=confidence,
        score=score,
        conviction=conviction,
        regime=regime,
        timeframe=timeframe,
        hold=hold,
        flat_by=flat_by,
        multiplier=multiplier,
        signal_id=signal_id,
    )

    def confirm(decision: Decision, request: Mapping[str, Any]) -> bool:
        return yes or _confirmed(common, decision, request)

    with Sizer.from_config(common.config, now=common.moment, options=common.options()) as sizer:
        made = carry_out(sizer, idea, confirm=confirm, dry_run=dry_run)
    return Reply(_code(made), _data(made), _lines(common, made))


def _asks(common: Common) -> bool:
    return not common.console.json and sys.stdin.isatty()


def _confirmed(common: Common, decision: Decision, request: Mapping[str, Any]) -> bool:
    common.console.write(decision.explain())
    common.console.write(_request(request))
    return typer.confirm("Send it?")


def _code(made: OrderResult) -> int:
    if made.refusal is not None:
        return REASONS[made.refusal.code].exit_code
    return made.decision.exit_code


def _data(made: OrderResult) -> dict[str, Any]:
    from msgspec import Raw  # noqa: PLC0415

    from elite_sizer.journal.decision_json import to_json  # noqa: PLC0415

    report, refusal = made.report, made.refusal or made.decision.reason
    return {
        "schema": SCHEMA,
        "lots": 0 if report is None else report.filled,
        "sent": report is not None and report.attempts > 0 and not report.releases,
        "result": None if report is None else report.result.value,
        "retcode": None if report is None else report.retcode,
        "price": None if report is None else report.price,
        "ticket": None if report is None else report.order or None,
        "position": None if report is None else report.position or None,
        "reason": None if refusal is None else {"code": refusal.code, "detail": refusal.detail},
        "request": made.request,
        "decision": Raw(to_json(made.decision)),
    }


def _lines(common: Common, made: OrderResult) -> Iterator[Line]:
    from elite_sizer.display.breakdown import Line, lines  # noqa: PLC0415

    yield from lines(made.decision, width=common.console.width, glyphs=common.console.glyphs)
    if made.request is not None:
        yield Line("plain", _request(made.request))
    if isinstance(made.refusal, Refusal):
        yield Line("refused", sentence(made.refusal))
    elif made.report is not None:
        done = made.report
        where = "" if done.price is None else f" at {done.price}"
        yield Line("lots", f"{done.result.value}: {done.filled} lots{where}, order {done.order}")
    elif made.request is not None:
        yield Line("dim", "A dry run: nothing was reserved or sent.")


def _request(request: Mapping[str, Any]) -> str:
    return "request: " + ", ".join(f"{name} {value}" for name, value in request.items())

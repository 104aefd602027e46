"""`order`: size, check, reserve and send a trade with its stop and target as one; off unless it is switched on."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import typer
from msgspec import Raw

from elite_sizer.caps.reasons import REASONS
from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.failure import sentence
from elite_sizer.cli.idea_options import IdeaOptions
from elite_sizer.cli.option import Without
from elite_sizer.cli.reply import Reply
from elite_sizer.display.breakdown import Line, lines
from elite_sizer.journal.decision_json import to_json
from elite_sizer.service.place_order import OrderResult, place_order
from elite_sizer.service.sizer import Sizer
from elite_sizer.sizing.decision import Decision
from portfolio.errors import ConfigError
from portfolio.reasons import Refusal

SCHEMA: Final = "elite-sizer/order/1"

EntryOptions = Annotated[IdeaOptions, Without(("legacy_lots", "reduce", "volume"))]
"""An order opens a trade, with the lots that are decided here."""


@command
def order(
    common: Common,
    idea: EntryOptions,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the request; reserve and send nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Send without asking again.")] = False,
) -> Reply:
    """Size a trade and send it with its stop and target; needs orders.enabled = true, and your yes.

    For example:

      elite-sizer order EURUSD buy --atr-stop 2.5 --rr 2 --dry-run
    """
    if common.settings().orders.enabled and not (yes or dry_run or _can_ask(common)):
        message = "Nobody is here to confirm the order. Give --yes, or --dry-run to see it."
        raise ConfigError(message)

    def confirm(decision: Decision, request: Mapping[str, Any]) -> bool:
        return yes or _ask(common, decision, request)

    with Sizer.from_config(common.config, now=common.fixed_time, options=common.options()) as sizer:
        result = place_order(sizer, idea.trade_idea(), confirm=confirm, dry_run=dry_run)
    return Reply(_exit_code(result), _result_data(result), _result_lines(common, result))


def _can_ask(common: Common) -> bool:
    return not common.console.json and sys.stdin.isatty()


def _ask(common: Common, decision: Decision, request: Mapping[str, Any]) -> bool:
    common.console.write(decision.explain())
    common.console.write(_request_line(request))
    return typer.confirm("Send it?")


def _exit_code(result: OrderResult) -> int:
    if result.refusal is not None:
        return REASONS[result.refusal.code].exit_code
    return result.decision.exit_code


def _result_data(result: OrderResult) -> dict[str, Any]:
    report, refusal = result.report, result.refusal or result.decision.reason
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
        "request": result.request,
        "decision": Raw(to_json(result.decision)),
    }


def _result_lines(common: Common, result: OrderResult) -> Iterator[Line]:
    yield from lines(result.decision, width=common.console.width, glyphs=common.console.glyphs)
    if result.request is not None:
        yield Line("plain", _request_line(result.request))
    if isinstance(result.refusal, Refusal):
        yield Line("refused", sentence(result.refusal))
    elif result.report is not None:
        report = result.report
        price = "" if report.price is None else f" at {report.price}"
        yield Line("lots", f"{report.result.value}: {report.filled} lots{price}, order {report.order}")
    elif result.request is not None:
        yield Line("dim", "A dry run: nothing was reserved or sent.")


def _request_line(request: Mapping[str, Any]) -> str:
    return "request: " + ", ".join(f"{name} {value}" for name, value in request.items())

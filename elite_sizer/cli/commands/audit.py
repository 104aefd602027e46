"""`audit`: what stands in the account and was not decided here, is larger, has lost its stop, or breaks a cap."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from elite_sizer.caps.reasons import REASONS
from elite_sizer.cli.failure import sentence
from elite_sizer.cli.options import Common, Reply, answer, command
from portfolio.reasons import FOUND, Refusal

if TYPE_CHECKING:
    from elite_sizer.display.breakdown import Line
    from elite_sizer.reports.audit import Audit
    from elite_sizer.reports.audit_findings import Finding

SCHEMA: Final = "elite-sizer/audit/1"


def add(app: typer.Typer) -> None:
    """Put the command under its name."""
    app.command("audit")(audit)


@command
def audit(
    common: Common,
    *,
    days: Annotated[int, typer.Option(help="How far back closed trades are looked at.", min=0)] = 7,
    watch: Annotated[int | None, typer.Option(help="Look again every so many seconds.", min=1)] = None,
) -> Reply:
    """Compare positions, pending orders and deals with the record; exits 6 where anything is found.

    Example: elite-sizer audit --watch 60
    """
    from elite_sizer.reports.audit import audit as look  # noqa: PLC0415
    from elite_sizer.service.sizer import Sizer  # noqa: PLC0415

    with Sizer.from_config(common.config, now=common.moment, options=common.options()) as sizer:
        reply, found = _reply(look(sizer, timedelta(days=days)))
        if watch is None:
            return reply
        answer(common.console, reply)
        try:
            while True:
                time.sleep(watch)
                again, now = _reply(look(sizer, timedelta(days=days)))
                if now != found:
                    reply, found = again, now
                    answer(common.console, reply)
        except KeyboardInterrupt:
            raise typer.Exit(reply.code) from None


def _reply(made: Audit | Refusal) -> tuple[Reply, object]:
    """Return what to print, and what tells one finding from another."""
    if isinstance(made, Refusal):
        data: dict[str, Any] = {"schema": SCHEMA, "reason": {"code": made.code, "detail": made.detail}}
        return Reply(REASONS[made.code].exit_code, data, [sentence(made)]), made.code
    data = {
        "schema": SCHEMA,
        "at": made.at,
        "terminal": made.terminal,
        "orders": made.orders,
        "findings": [_entry(one) for one in made.findings],
    }
    lines = [*_lines(made)]
    return Reply(FOUND if made.findings else 0, data, lines), {one[:5] for one in made.findings}


def _entry(one: Finding) -> dict[str, Any]:
    return {"code": one.kind.value} | {name: value for name, value in one._asdict().items() if name != "kind"}


def _lines(made: Audit) -> Iterator[Line]:
    from elite_sizer.display.breakdown import Line  # noqa: PLC0415

    for one in made.findings:
        what = f"{one.symbol} {one.side.upper()} {one.lots}" if one.side is not None else one.symbol or "the book"
        should = "" if one.should is None else f", should be {one.should}"
        ticket = f" {one.ticket}" if one.ticket else ""
        yield Line("alarm", f"{one.kind.value:<20} {one.what}{ticket}  {what}{should}")
        yield Line("plain", f"{'':<20} {one.because}")
    count = len(made.findings)
    what = "nothing" if not count else "1 finding" if count == 1 else f"{count} findings"
    yield Line("lots" if not count else "refused", f"{made.at:%Y-%m-%d %H:%M} UTC: {made.orders} orders, {what}")

"""`audit`: trades in the account that were not decided here, are larger, have lost their stop, or break a cap."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Final

import typer

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.reply import Reply, answer, refused_reply
from elite_sizer.display.breakdown import Line
from elite_sizer.reports import audit as report
from elite_sizer.reports.audit import Audit
from elite_sizer.reports.audit_findings import Finding
from elite_sizer.service.sizer import Sizer
from portfolio.reasons import FOUND, Refusal

SCHEMA: Final = "elite-sizer/audit/1"


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
    with Sizer.from_config(common.config, now=common.fixed_time, options=common.options()) as sizer:
        reply, findings = _reply(report.audit(sizer, timedelta(days=days)))
        if watch is None:
            return reply
        answer(common.console, reply)
        try:
            while True:
                time.sleep(watch)
                latest, now = _reply(report.audit(sizer, timedelta(days=days)))
                if now != findings:
                    reply, findings = latest, now
                    answer(common.console, reply)
        except KeyboardInterrupt:
            raise typer.Exit(reply.code) from None


def _reply(audit: Audit | Refusal) -> tuple[Reply, object]:
    """Return the reply, and what it is about: a change of price alone is not printed again."""
    if isinstance(audit, Refusal):
        return refused_reply(audit, SCHEMA), audit.code
    data = {
        "schema": SCHEMA,
        "at": audit.at,
        "terminal": audit.terminal,
        "orders": audit.orders,
        "findings": [_finding_data(finding) for finding in audit.findings],
    }
    lines = [*_audit_lines(audit)]
    return Reply(FOUND if audit.findings else 0, data, lines), {finding[:5] for finding in audit.findings}


def _finding_data(finding: Finding) -> dict[str, Any]:
    return {"code": finding.kind.value} | {name: value for name, value in finding._asdict().items() if name != "kind"}


def _audit_lines(audit: Audit) -> Iterator[Line]:
    for finding in audit.findings:
        symbol, side, lots = finding.symbol, finding.side, finding.lots
        trade = f"{symbol} {side.upper()} {lots}" if side is not None else symbol or "the book"
        should = "" if finding.should is None else f", should be {finding.should}"
        ticket = f" {finding.ticket}" if finding.ticket else ""
        yield Line("alarm", f"{finding.kind.value:<20} {finding.what}{ticket}  {trade}{should}")
        yield Line("plain", f"{'':<20} {finding.because}")
    count = len(audit.findings)
    total = "nothing" if not count else "1 finding" if count == 1 else f"{count} findings"
    yield Line("lots" if not count else "refused", f"{audit.at:%Y-%m-%d %H:%M} UTC: {audit.orders} orders, {total}")

"""`compare`: the legacy sizer against the elite one over the journal, as shadow mode records them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Final

import typer

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.reply import Reply
from elite_sizer.cli.values import parse_day
from elite_sizer.journal.files import Journal
from elite_sizer.reports import comparison
from elite_sizer.reports.comparison import Comparison, Pair

SCHEMA: Final = "elite-sizer/compare/1"


@command
def compare(
    common: Common,
    *,
    since: Annotated[str | None, typer.Option(help="First day, as 2026-06-10 (UTC).")] = None,
    symbol: Annotated[str | None, typer.Option(help="Only this symbol.")] = None,
    worst: Annotated[int, typer.Option(help="How many of the largest differences.", min=0)] = 5,
) -> Reply:
    """Show how often both agree, how their lots compare, what bound them, and the money at risk between them.

    Example: elite-sizer compare --since 2026-06-01
    """
    lines = Journal(common.settings().folder).lines(parse_day(since))
    pairs, alone = comparison.pairs(line for line in lines if isinstance(line, bytes))
    of_symbol = tuple(pair for pair in pairs if symbol in {None, pair.symbol})
    report = comparison.compare(of_symbol, alone, worst=worst)
    return Reply(0, _report_data(report), _report_lines(report))


def _report_data(report: Comparison) -> dict[str, Any]:
    figures = report._asdict()
    figures["at_risk"] = {
        currency: {"legacy": legacy, "elite": elite, "saved": legacy - elite}
        for currency, (legacy, elite) in report.at_risk.items()
    }
    figures["worst"] = [pair._asdict() | {"saved": pair.saved} for pair in report.worst]
    return {"schema": SCHEMA} | figures


def _report_lines(report: Comparison) -> Iterator[str]:
    if not report.decisions:
        alone = f" ({report.alone} with one sizer alone)" if report.alone else ""
        yield f"No decision with both sizers yet{alone}. Switch on with: elite-sizer flag shadow"
        return
    total = report.decisions
    rows = (
        ("agree", report.agree),
        ("elite smaller", report.smaller),
        ("elite larger", report.larger),
        ("elite denies", report.denied),
        ("legacy denies", report.only_elite),
    )
    yield f"{total} decisions with both sizers"
    for name, count in rows:
        yield f" {name:<14} {count:>6} {count / total:>7.1%}"
    if report.ratio:
        ratios = ", ".join(f"{name} {value:.2f}" for name, value in report.ratio.items())
        yield f"elite over legacy lots: {ratios}"
    for title, bound in (("elite", report.bound), ("legacy", report.bound_legacy)):
        yield f"what decided {title}: {', '.join(f'{name} {count}' for name, count in bound.items())}"
    for currency, (legacy, elite) in report.at_risk.items():
        yield f"at risk: legacy {legacy:,.2f} {currency}, elite {elite:,.2f}, saved {legacy - elite:+,.2f}"
    if report.worst:
        yield f" {'largest differences':<32} {'legacy':>10} {'elite':>10} {'saved':>12}  decided by"
    yield from map(_row, report.worst)


def _row(pair: Pair) -> str:
    saving = "-" if pair.saved is None else f"{pair.saved:+,.2f}"
    trade = f"{pair.at[:16].replace('T', ' ')} {pair.symbol} {pair.side}"
    return f" {trade:<32} {pair.legacy:>10} {pair.elite:>10} {saving:>12}  {pair.elite_binding}"

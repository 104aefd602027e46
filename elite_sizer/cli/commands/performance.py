"""`performance`: how the account has traded, and what its closed trades do to the next size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.reply import Reply, refused_reply
from elite_sizer.inputs.market_study import HISTORY
from elite_sizer.service.sizer import Sizer
from mt5bridge.reading.request import SnapshotRequest
from portfolio.reasons import Refusal
from portfolio.track_record.performance import Multiplier, Summary, multiplier, summary
from portfolio.track_record.trades import trades

SCHEMA: Final = "elite-sizer/performance/1"


@command
def performance(common: Common) -> Reply:
    """Show how the account has traded, and what that does to the next size.

    Example: elite-sizer performance --json
    """
    with Sizer.from_config(common.config, now=common.fixed_time, options=common.options()) as sizer:
        snapshot = sizer.terminal.snapshot(SnapshotRequest(deals_since=sizer.terminal.clock() - HISTORY))
    if isinstance(snapshot, Refusal):
        return refused_reply(snapshot, SCHEMA)
    history = trades(snapshot.deals, snapshot.stops)
    figures, scaling = summary(history.trades), multiplier(history.trades)
    data = {"schema": SCHEMA, "summary": figures, "multiplier": scaling._asdict()}
    return Reply(0, data, _figure_lines(figures, scaling, snapshot.account.currency))


def _figure_lines(figures: Summary, scaling: Multiplier, currency: str) -> Iterator[str]:
    ratios = (
        ("trades", str(figures.trades)),
        ("win rate", _format(figures.win_rate, "{:.1%}")),
        ("payoff", _format(figures.payoff, "{:.2f}")),
        ("expectancy", _format(figures.expectancy, f"{{:+,.2f}} {currency} a trade")),
        ("expectancy", _format(figures.expectancy_r, f"{{:+.2f}} R over {figures.with_stop} trades with a stop")),
        ("profit factor", _format(figures.profit_factor, "{:.2f}")),
        ("net", f"{figures.net:+,.2f} {currency}"),
        ("drawdown", f"{figures.drawdown:,.2f} {currency} of closed results"),
        ("Sharpe", _format(figures.sharpe, "{:.2f} a trade")),
        ("Sortino", _format(figures.sortino, "{:.2f} a trade")),
        ("Kelly", _format(figures.kelly, "{:.1%}")),
    )
    for name, text in ratios:
        yield f"{name:<14} {text}"
    yield f"{'next size':<14} x {scaling.value:.4f}: {scaling.because}"


def _format(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)

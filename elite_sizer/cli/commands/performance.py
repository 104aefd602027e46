"""elite-sizer performance: what the account's closed trades say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import typer

from elite_sizer.cli.options import Common, Reply, command
from portfolio.reasons import Refusal

if TYPE_CHECKING:
    from portfolio.track_record.performance import Multiplier, Summary
from elite_sizer.cli.options import refused_reply

PERFORMANCE: Final = "elite-sizer/performance/1"


def add(app: typer.Typer) -> None:
    """Put the command under its name."""
    app.command("performance")(performance)


@command
def performance(common: Common) -> Reply:
    """Show how the account has traded, and what that does to the next size.

    Example: elite-sizer performance --json
    """
    from elite_sizer.inputs.market_study import HISTORY  # noqa: PLC0415
    from elite_sizer.service.sizer import Sizer  # noqa: PLC0415
    from mt5bridge.reading.request import SnapshotRequest  # noqa: PLC0415
    from portfolio.track_record.performance import multiplier, summary  # noqa: PLC0415
    from portfolio.track_record.trades import trades  # noqa: PLC0415

    with Sizer.from_config(common.config, now=common.moment, options=common.options()) as sizer:
        snapshot = sizer.terminal.snapshot(SnapshotRequest(deals_since=sizer.terminal.clock() - HISTORY))
    if isinstance(snapshot, Refusal):
        return refused_reply(snapshot, PERFORMANCE)
    history = trades(snapshot.deals, snapshot.stops)
    figures, scaling = summary(history.trades), multiplier(history.trades)
    data = {"schema": PERFORMANCE, "summary": figures, "multiplier": scaling._asdict()}
    return Reply(0, data, _figures(figures, scaling, snapshot.account.currency))


def _figures(figures: Summary, scaling: Multiplier, currency: str) -> Iterator[str]:
    ratios = (
        ("trades", str(figures.trades)),
        ("win rate", _ratio(figures.win_rate, "{:.1%}")),
        ("payoff", _ratio(figures.payoff, "{:.2f}")),
        ("expectancy", _ratio(figures.expectancy, f"{{:+,.2f}} {currency} a trade")),
        ("expectancy", _ratio(figures.expectancy_r, f"{{:+.2f}} R over {figures.with_stop} trades with a stop")),
        ("profit factor", _ratio(figures.profit_factor, "{:.2f}")),
        ("net", f"{figures.net:+,.2f} {currency}"),
        ("drawdown", f"{figures.drawdown:,.2f} {currency} of closed results"),
        ("Sharpe", _ratio(figures.sharpe, "{:.2f} a trade")),
        ("Sortino", _ratio(figures.sortino, "{:.2f} a trade")),
        ("Kelly", _ratio(figures.kelly, "{:.1%}")),
    )
    for name, text in ratios:
        yield f"{name:<14} {text}"
    yield f"{'next size':<14} x {scaling.value:.4f}: {scaling.because}"


def _ratio(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)

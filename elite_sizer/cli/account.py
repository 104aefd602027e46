"""`status` and `performance`: how the account stands, and how it has traded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import typer

from elite_sizer.cli.console import Console
from elite_sizer.cli.failure import sentence
from elite_sizer.cli.options import Common, Reply, command
from portfolio.reasons import REASONS, Refusal

if TYPE_CHECKING:
    from elite_sizer.breakdown import Line
    from elite_sizer.status import Status
    from portfolio.performance import Multiplier, Summary

SCHEMA: Final = "elite-sizer/status/1"
PERFORMANCE: Final = "elite-sizer/performance/1"
_BAR: Final = 10


def add(app: typer.Typer) -> None:
    """Put the commands under their names."""
    app.command("status")(status)
    app.command("performance")(performance)


@command
def status(common: Common) -> Reply:
    """Show the distance to every floor, what each open trade risks, and whether anything stops a new one.

    Example: elite-sizer status --terminal simulated
    """
    from elite_sizer.api import Sizer  # noqa: PLC0415
    from elite_sizer.status import status as look  # noqa: PLC0415

    with Sizer.from_config(common.config, now=common.moment, options=common.options()) as sizer:
        made = look(sizer)
    if isinstance(made, Refusal):
        return _refused(made, SCHEMA)
    return Reply(made.exit_code, _data(made), _lines(made, common.console))


@command
def performance(common: Common) -> Reply:
    """Show how the account has traded, and what that does to the next size.

    Example: elite-sizer performance --json
    """
    from elite_sizer.api import Sizer  # noqa: PLC0415
    from elite_sizer.research import HISTORY  # noqa: PLC0415
    from mt5bridge.snapshot import Ask  # noqa: PLC0415
    from portfolio.performance import multiplier, summary  # noqa: PLC0415
    from portfolio.trades import trades  # noqa: PLC0415

    with Sizer.from_config(common.config, now=common.moment, options=common.options()) as sizer:
        snapshot = sizer.desk.look(Ask(deals_since=sizer.desk.clock() - HISTORY))
    if isinstance(snapshot, Refusal):
        return _refused(snapshot, PERFORMANCE)
    history = trades(snapshot.deals, snapshot.stops)
    figures, scaling = summary(history.trades), multiplier(history.trades)
    data = {"schema": PERFORMANCE, "summary": figures, "multiplier": scaling._asdict()}
    return Reply(0, data, _figures(figures, scaling, snapshot.account.currency))


def _refused(reason: Refusal, schema: str) -> Reply:
    data = {"schema": schema, "reason": {"code": reason.code, "detail": reason.detail}}
    return Reply(REASONS[reason.code].exit_code, data, [sentence(reason)])


def _data(made: Status) -> dict[str, Any]:
    head, who = made.headroom, made.account
    names = ("daily_floor", "distance_daily", "overall_floor", "distance_overall", "next_reset_utc", "usable")
    return {
        "schema": SCHEMA,
        "at": made.at,
        "terminal": made.terminal,
        "account": {"login": who.login % 10_000, "server": who.server, "currency": who.currency}
        | {"balance": who.balance, "equity": who.equity},
        "rules": made.rules.id,
        "headroom": {name: getattr(head, name) for name in names} | {"breached": head.breached, "paused": head.paused},
        "rooms": {
            "daily": made.daily.money,
            "after_reset": made.after_reset.money,
            "overall": made.overall.money,
        },
        "positions": [
            {
                "ticket": one.position.ticket,
                "symbol": one.position.symbol,
                "side": one.position.side,
                "volume": one.position.volume,
                "stop": one.position.stop,
                "profit": one.position.profit + one.position.swap,
                "at_risk": one.at_risk,
            }
            for one in made.holdings
        ],
        "pending": len(made.pending),
        "reserved": len(made.held),
        "flag": None if made.flag is None else made.flag._asdict(),
        "guard": made.guard,
        "halt": None if made.halt is None else made.halt._asdict(),
    }


def _lines(made: Status, console: Console) -> Iterator[Line]:
    from elite_sizer.breakdown import Line  # noqa: PLC0415
    from elite_sizer.shown import SIMULATED  # noqa: PLC0415

    who, head = made.account, made.headroom
    if made.terminal == SIMULATED:
        yield Line("alarm", "SIMULATED: a paper account with made-up prices")
    yield Line(
        "head", f"{made.rules.id}  account ..{who.login % 10_000:04d} {who.server}  {made.at:%Y-%m-%d %H:%M:%S} UTC"
    )
    yield Line("plain", f"balance {who.balance:,.2f}  equity {who.equity:,.2f} {who.currency}")
    yield Line("plain", "")
    yield Line("head", f" {'limit':<8} {'used':<{_BAR + 6}} {'left':>11} {'floor':>12} {'net room':>11}")
    limits = (
        ("daily", head.daily_amount, head.distance_daily, head.daily_floor, made.daily.money),
        ("overall", head.overall_amount, head.distance_overall, head.overall_floor, made.overall.money),
    )
    for name, amount, left, floor, room in limits:
        if amount is not None and left is not None and floor is not None:
            used = _bar(amount, left, console)
            yield Line("plain", f" {name:<8} {used} {left:>11,.2f} {floor:>12,.2f} {_money(room):>11}")
    yield Line(
        "plain",
        f" after the reset, in {_span(head.next_reset_utc - made.at)}{'':>21} {_money(made.after_reset.money):>11}",
    )
    yield Line("plain", "")
    yield from _open(made)
    yield from _switches(made)


def _open(made: Status) -> Iterator[Line]:
    from elite_sizer.breakdown import Line  # noqa: PLC0415

    if made.holdings:
        yield Line("head", f" {'open':<18} {'lots':>8} {'stop':>12} {'P/L':>11} {'at risk':>11}")
    for one in made.holdings:
        held = one.position
        what, profit = f"{held.symbol} {held.side.upper()}", held.profit + held.swap
        risk = "unbounded" if one.at_risk is None else f"{one.at_risk:,.2f}"
        stop = "NONE" if held.stop is None else f"{held.stop:f}"
        yield Line(
            "alarm" if one.at_risk is None else "plain",
            f" {what:<18} {held.volume:>8} {stop:>12} {profit:>+11,.2f} {risk:>11}",
        )
    yield Line("dim", f" {len(made.pending)} pending, {len(made.held)} reserved")
    yield Line("plain", "")


def _switches(made: Status) -> Iterator[Line]:
    from elite_sizer.breakdown import Line  # noqa: PLC0415

    flag = "unreadable" if made.flag is None else f"{made.flag.value} ({made.flag.source})"
    yield Line("plain", f"flag {flag}, guard {'on' if made.guard else 'off'}")
    for estimate in made.headroom.references.estimated:
        yield Line("dim", f"estimate: {estimate}")
    if made.halt is None:
        yield Line("lots", "New entries are allowed.")
    else:
        yield Line("refused", f"New entries are blocked: {sentence(made.halt)}")


def _bar(amount: Decimal, left: Decimal, console: Console) -> str:
    used = min(max((amount - left) / amount, Decimal(0)), Decimal(1)) if amount > 0 else Decimal(1)
    full = int(used * _BAR)
    return f"{console.glyphs.full * full}{console.glyphs.empty * (_BAR - full)} {used:>4.0%}"


def _money(money: Decimal | None) -> str:
    return "-" if money is None else f"{money:,.2f}"


def _span(span: timedelta) -> str:
    hours, seconds = divmod(int(span.total_seconds()), 3600)
    return f"{hours}h {seconds // 60:02d}m"


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

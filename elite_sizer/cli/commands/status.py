"""`status`: how far the account is from every floor, its open trades, and what stops a new one."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Final

import typer

from elite_sizer.caps.reasons import REASONS
from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.console import Console
from elite_sizer.cli.failure import sentence
from elite_sizer.cli.reply import Reply, answer, refused_reply
from elite_sizer.cli.table import clear
from elite_sizer.display.breakdown import Line, Tone
from elite_sizer.display.figures import SIMULATED
from elite_sizer.reports import status as report
from elite_sizer.reports.recorded_accounts import RecordedAccount, accounts
from elite_sizer.reports.status import Status
from elite_sizer.service.sizer import Sizer
from portfolio.ledger import unsized_trades
from portfolio.model import last_digits, masked_login
from portfolio.reasons import Refusal

SCHEMA: Final = "elite-sizer/status/1"
ACCOUNTS: Final = "elite-sizer/accounts/1"
_BAR: Final = 10
_WIDTH: Final = 79


@command
def status(
    common: Common,
    *,
    watch: Annotated[
        float | None, typer.Option("--watch", min=0.2, help="Look again every so many seconds, until Ctrl-C.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every account in the record, as last seen.")] = False,
    looks: Annotated[int, typer.Option("--looks", min=0, help="With --watch: stop after so many.")] = 0,
) -> Reply:
    """Show the distance to every floor, what each open trade risks, and whether anything stops a new one.

    Exits with 7 where a rule is breached or entries are halted, with 3 where they are paused until the reset.

    Example: elite-sizer status --terminal simulated
    """
    if every:
        return _recorded_accounts(common)
    with Sizer.from_config(common.config, now=common.fixed_time, options=common.options()) as sizer:
        if watch is None:
            return _read_status(sizer, common)
        return _watch(sizer, common, watch, looks)


def _read_status(sizer: Sizer, common: Common) -> Reply:
    status = report.status(sizer)
    if isinstance(status, Refusal):
        return refused_reply(status, SCHEMA)
    return Reply(status.exit_code, _status_data(status), _status_lines(status, common.console))


def _watch(sizer: Sizer, common: Common, seconds: float, readings: int) -> Reply:
    """Show reading after reading, under --json a line each; the last is the reply. 0 readings: until Ctrl-C."""
    count, reply = 1, _read_status(sizer, common)
    try:
        while count != readings:
            if common.console.colour and not common.console.json:
                clear()
            answer(common.console, reply)
            time.sleep(seconds)
            count, reply = count + 1, _read_status(sizer, common)
    except KeyboardInterrupt:
        raise typer.Exit(reply.code) from None
    return reply


def _recorded_accounts(common: Common) -> Reply:
    """Return every account of the database, as it was last read."""
    rows = accounts(common.settings(), common.time_of_call())
    codes = [REASONS[halt.code].exit_code for account in rows for halt in account.halts]
    data = {
        "schema": ACCOUNTS,
        "accounts": [account._asdict() | {"halts": [halt._asdict() for halt in account.halts]} for account in rows],
    }
    return Reply(max(codes, default=0), data, [*_account_lines(rows)])


def _account_lines(rows: Sequence[RecordedAccount]) -> Iterator[Line]:
    if not rows:
        yield Line("plain", "No account is recorded yet.")
        return
    yield Line("head", f" {'account':<26}{'balance':>13}{'equity':>13}  last seen")
    for account in rows:
        name = f"{masked_login(account.login)} {account.server}"
        figures = f"{account.balance:>13,.2f}{account.equity:>13,.2f}"
        yield Line("plain", f" {name:<26}{figures}  {account.seen_at:%Y-%m-%d %H:%M} UTC")
        for halt in account.halts:
            yield Line("refused", f"   {halt.code}: {halt.detail}")


def _status_data(status: Status) -> dict[str, Any]:
    head, account = status.headroom, status.account
    names = ("daily_floor", "distance_daily", "overall_floor", "distance_overall", "next_reset_utc", "usable")
    return {
        "schema": SCHEMA,
        "at": status.at,
        "terminal": status.terminal,
        "account": {"login": last_digits(account.login), "server": account.server, "currency": account.currency}
        | {"balance": account.balance, "equity": account.equity},
        "rules": status.rules.id,
        "headroom": {name: getattr(head, name) for name in names} | {"breached": head.breached, "paused": head.paused},
        "rooms": {
            "daily": status.daily.money,
            "after_reset": status.after_reset.money,
            "overall": status.overall.money,
        },
        "positions": [
            {
                "ticket": holding.position.ticket,
                "symbol": holding.position.symbol,
                "side": holding.position.side,
                "volume": holding.position.volume,
                "stop": holding.position.stop,
                "profit": holding.position.profit + holding.position.swap,
                "at_risk": holding.at_risk,
            }
            for holding in status.holdings
        ],
        "pending": len(status.pending),
        "reserved": len(status.held),
        "day_profit": status.day_profit,
        "low_equity": status.low_equity,
        "budget": status.budget,
        "spent": None if status.spent is None else status.spent._asdict(),
        "foreign": [trade._asdict() for trade in status.foreign],
        "windows": dict(status.windows),
        "flag": None if status.flag is None else status.flag._asdict(),
        "guard": status.guard,
        "halt": None if status.halt is None else status.halt._asdict(),
    }


def _status_lines(status: Status, console: Console) -> Iterator[Line]:
    account, head = status.account, status.headroom
    if status.terminal == SIMULATED:
        yield Line("alarm", "SIMULATED: a paper account with made-up prices")
    login = f"account {masked_login(account.login)} {account.server}"
    yield Line("head", f"{status.rules.id}  {login}  {status.at:%Y-%m-%d %H:%M:%S} UTC")
    day = f"today {status.day_profit:+,.2f}  lowest seen {status.low_equity:,.2f}"
    yield Line("plain", f"balance {account.balance:,.2f}  equity {account.equity:,.2f} {account.currency}  {day}")
    yield Line("plain", "")
    yield Line("head", f" {'limit':<8} {'used':<{_BAR + 6}} {'left':>11} {'floor':>12} {'net room':>11}")
    limits = (
        ("daily", head.daily_amount, head.distance_daily, head.daily_floor, status.daily.money),
        ("overall", head.overall_amount, head.distance_overall, head.overall_floor, status.overall.money),
    )
    for name, amount, distance, floor, room in limits:
        if amount is not None and distance is not None and floor is not None:
            share = _bar(amount, distance, console)
            yield Line("plain", f" {name:<8} {share} {distance:>11,.2f} {floor:>12,.2f} {_money(room):>11}")
    yield Line(
        "plain",
        f" after the reset, in {_span(head.next_reset_utc - status.at)}{'':>21} {_money(status.after_reset.money):>11}",
    )
    yield Line("plain", "")
    yield from _position_lines(status)
    yield from _switch_lines(status)


def _wrap(tone: Tone, words: str, indent: str = "") -> Iterator[Line]:
    for part in textwrap.wrap(words, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  "):
        yield Line(tone, part)


def _position_lines(status: Status) -> Iterator[Line]:
    if status.holdings:
        yield Line("head", f" {'open':<18} {'lots':>8} {'stop':>12} {'P/L':>11} {'at risk':>11}")
    for holding in status.holdings:
        position = holding.position
        trade, profit = f"{position.symbol} {position.side.upper()}", position.profit + position.swap
        risk = "unbounded" if holding.at_risk is None else f"{holding.at_risk:,.2f}"
        stop = "NONE" if position.stop is None else f"{position.stop:f}"
        yield Line(
            "alarm" if holding.at_risk is None else "plain",
            f" {trade:<18} {position.volume:>8} {stop:>12} {profit:>+11,.2f} {risk:>11}",
        )
    if status.foreign:
        yield from _wrap("alarm", unsized_trades.describe(status.foreign), " ")
    reservations = sum((charge.floor_loss or Decimal(0) for charge in status.held), Decimal(0))
    yield Line("dim", f" {len(status.pending)} pending, {len(status.held)} reserved ({reservations:,.2f})")
    yield Line("dim", f" risk budget {'none: unbounded' if status.budget is None else f'{status.budget:,.2f}'}")
    if status.spent is not None:
        yield Line("dim", f" exposure spent {status.spent.day:,.2f} today, {status.spent.week:,.2f} this week")
    yield Line("plain", "")


def _switch_lines(status: Status) -> Iterator[Line]:
    flag = "unreadable" if status.flag is None else f"{status.flag.value} ({status.flag.source})"
    yield Line("plain", f"flag {flag}, guard {'on' if status.guard else 'off'}")
    for estimate in status.headroom.references.estimated:
        yield from _wrap("dim", f"note: {estimate}")
    for name, words in status.windows:
        yield from _wrap("alarm", f"{name}: {words}")
    if status.halt is None:
        yield Line("lots", "New entries are allowed.")
    else:
        yield from _wrap("refused", f"New entries are blocked: {sentence(status.halt)}")


def _bar(amount: Decimal, distance: Decimal, console: Console) -> str:
    share = min(max((amount - distance) / amount, Decimal(0)), Decimal(1)) if amount > 0 else Decimal(1)
    full = int(share * _BAR)
    return f"{console.glyphs.full * full}{console.glyphs.empty * (_BAR - full)} {share:>4.0%}"


def _money(money: Decimal | None) -> str:
    return "-" if money is None else f"{money:,.2f}"


def _span(span: timedelta) -> str:
    hours, seconds = divmod(int(span.total_seconds()), 3600)
    return f"{hours}h {seconds // 60:02d}m"

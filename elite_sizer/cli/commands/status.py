"""`status` and `performance`: how the account stands, and how it has traded."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from elite_sizer.caps.reasons import REASONS
from elite_sizer.cli.console import Console
from elite_sizer.cli.failure import sentence
from elite_sizer.cli.options import Common, Reply, answer, command, refused_reply
from portfolio.model import last_digits, masked_login
from portfolio.reasons import Refusal

if TYPE_CHECKING:
    from elite_sizer.display.breakdown import Line, Tone
    from elite_sizer.reports.recorded_accounts import RecordedAccount
    from elite_sizer.reports.status import Status
    from elite_sizer.service.sizer import Sizer

SCHEMA: Final = "elite-sizer/status/1"
ACCOUNTS: Final = "elite-sizer/accounts/1"
_BAR: Final = 10
_WIDTH: Final = 79


def add(app: typer.Typer) -> None:
    """Put the command under its name."""
    app.command("status")(status)


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
    from elite_sizer.service.sizer import Sizer  # noqa: PLC0415

    if every:
        return _every(common)
    with Sizer.from_config(common.config, now=common.moment, options=common.options()) as sizer:
        if watch is None:
            return _look(sizer, common)
        return _watched(sizer, common, watch, looks)


def _look(sizer: Sizer, common: Common) -> Reply:
    from elite_sizer.reports.status import status as look  # noqa: PLC0415

    made = look(sizer)
    if isinstance(made, Refusal):
        return refused_reply(made, SCHEMA)
    return Reply(made.exit_code, _data(made), _lines(made, common.console))


def _watched(sizer: Sizer, common: Common, seconds: float, looks: int) -> Reply:
    """Show one look after the other; the last one is the reply. JSON has a line for each."""
    seen, reply = 1, _look(sizer, common)
    try:
        while seen != looks:
            if common.console.colour and not common.console.json:
                from rich.console import Console as Rich  # noqa: PLC0415 - only where there is a screen to clear

                Rich().clear()
            answer(common.console, reply)
            time.sleep(seconds)
            seen, reply = seen + 1, _look(sizer, common)
    except KeyboardInterrupt:
        raise typer.Exit(reply.code) from None
    return reply


def _every(common: Common) -> Reply:
    from elite_sizer.reports.recorded_accounts import accounts  # noqa: PLC0415

    found = accounts(common.settings(), common.moment or datetime.now(UTC))
    codes = [REASONS[halt.code].exit_code for one in found for halt in one.halts]
    data = {
        "schema": ACCOUNTS,
        "accounts": [one._asdict() | {"halts": [halt._asdict() for halt in one.halts]} for one in found],
    }
    return Reply(max(codes, default=0), data, [*_account_lines(found)])


def _account_lines(found: Sequence[RecordedAccount]) -> Iterator[Line]:
    from elite_sizer.display.breakdown import Line  # noqa: PLC0415

    if not found:
        yield Line("plain", "No account is recorded yet.")
        return
    yield Line("head", f" {'account':<26}{'balance':>13}{'equity':>13}  last seen")
    for one in found:
        who = f"{masked_login(one.login)} {one.server}"
        yield Line("plain", f" {who:<26}{one.balance:>13,.2f}{one.equity:>13,.2f}  {one.seen_at:%Y-%m-%d %H:%M} UTC")
        for halt in one.halts:
            yield Line("refused", f"   {halt.code}: {halt.detail}")


def _data(made: Status) -> dict[str, Any]:
    head, who = made.headroom, made.account
    names = ("daily_floor", "distance_daily", "overall_floor", "distance_overall", "next_reset_utc", "usable")
    return {
        "schema": SCHEMA,
        "at": made.at,
        "terminal": made.terminal,
        "account": {"login": last_digits(who.login), "server": who.server, "currency": who.currency}
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
        "day_profit": made.day_profit,
        "low_equity": made.low_equity,
        "budget": made.budget,
        "spent": None if made.spent is None else made.spent._asdict(),
        "foreign": [one._asdict() for one in made.foreign],
        "windows": dict(made.windows),
        "flag": None if made.flag is None else made.flag._asdict(),
        "guard": made.guard,
        "halt": None if made.halt is None else made.halt._asdict(),
    }


def _lines(made: Status, console: Console) -> Iterator[Line]:
    from elite_sizer.display.breakdown import Line  # noqa: PLC0415
    from elite_sizer.display.figures import SIMULATED  # noqa: PLC0415

    who, head = made.account, made.headroom
    if made.terminal == SIMULATED:
        yield Line("alarm", "SIMULATED: a paper account with made-up prices")
    yield Line(
        "head", f"{made.rules.id}  account {masked_login(who.login)} {who.server}  {made.at:%Y-%m-%d %H:%M:%S} UTC"
    )
    day = f"today {made.day_profit:+,.2f}  lowest seen {made.low_equity:,.2f}"
    yield Line("plain", f"balance {who.balance:,.2f}  equity {who.equity:,.2f} {who.currency}  {day}")
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


def _wrapped(tone: Tone, words: str, indent: str = "") -> Iterator[Line]:
    from elite_sizer.display.breakdown import Line  # noqa: PLC0415

    for part in textwrap.wrap(words, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  "):
        yield Line(tone, part)


def _open(made: Status) -> Iterator[Line]:
    from elite_sizer.display.breakdown import Line  # noqa: PLC0415
    from portfolio.ledger.unsized_trades import describe  # noqa: PLC0415

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
    if made.foreign:
        yield from _wrapped("alarm", describe(made.foreign), " ")
    reserved = sum((charge.floor_loss or Decimal(0) for charge in made.held), Decimal(0))
    yield Line("dim", f" {len(made.pending)} pending, {len(made.held)} reserved ({reserved:,.2f})")
    yield Line("dim", f" risk budget {'none: unbounded' if made.budget is None else f'{made.budget:,.2f}'}")
    if made.spent is not None:
        yield Line("dim", f" exposure spent {made.spent.day:,.2f} today, {made.spent.week:,.2f} this week")
    yield Line("plain", "")


def _switches(made: Status) -> Iterator[Line]:
    from elite_sizer.display.breakdown import Line  # noqa: PLC0415

    flag = "unreadable" if made.flag is None else f"{made.flag.value} ({made.flag.source})"
    yield Line("plain", f"flag {flag}, guard {'on' if made.guard else 'off'}")
    for estimate in made.headroom.references.estimated:
        yield from _wrapped("dim", f"note: {estimate}")
    for name, words in made.windows:
        yield from _wrapped("alarm", f"{name}: {words}")
    if made.halt is None:
        yield Line("lots", "New entries are allowed.")
    else:
        yield from _wrapped("refused", f"New entries are blocked: {sentence(made.halt)}")


def _bar(amount: Decimal, left: Decimal, console: Console) -> str:
    used = min(max((amount - left) / amount, Decimal(0)), Decimal(1)) if amount > 0 else Decimal(1)
    full = int(used * _BAR)
    return f"{console.glyphs.full * full}{console.glyphs.empty * (_BAR - full)} {used:>4.0%}"


def _money(money: Decimal | None) -> str:
    return "-" if money is None else f"{money:,.2f}"


def _span(span: timedelta) -> str:
    hours, seconds = divmod(int(span.total_seconds()), 3600)
    return f"{hours}h {seconds // 60:02d}m"

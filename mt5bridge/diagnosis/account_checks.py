"""Checks of the terminal itself, its account and its clock, each on one raw reading."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from mt5bridge.diagnosis.check import Check, CheckState, advice, good, refused
from mt5bridge.errors import BridgeError
from mt5bridge.reading import convert
from mt5bridge.reading.consistency import check_book, check_money
from mt5bridge.reading.convert import newest_tick
from mt5bridge.reading.converted import ConvertedReading
from mt5bridge.reading.fields import Raw
from mt5bridge.reading.server_time import NEW_YORK_CLOSE, QUARTER, ServerClock, agrees

DRIFT: Final = 2.0
"""Seconds by which this computer's clock may be slow before quotes are refused."""
HISTORY: Final = timedelta(days=30)
OLDEST_BUILD: Final = 3000


def program(raw: Raw) -> Check:
    """Check the terminal's build."""
    info = raw["terminal_info"]
    finding = f"{info.get('name') or 'terminal'}, build {info.get('build')}, {info.get('company') or 'no company'}"
    if not isinstance(info.get("build"), int) or info["build"] < OLDEST_BUILD:
        return Check("terminal", CheckState.WARNING, finding, "Update the terminal: Help > Check Desktop Updates.")
    return good("terminal", finding)


def connection(raw: Raw) -> Check:
    """Check the line between terminal and broker."""
    ping = raw["terminal_info"].get("ping_last", 0)
    if not raw["terminal_info"].get("connected"):
        fix = "Check the internet connection and the login in the terminal's lower right corner."
        return Check("connection", CheckState.BAD, "the terminal has no connection to the broker", fix)
    return good("connection", f"connected to the broker, ping {ping / 1000:.0f} ms")


def account(raw: Raw) -> Check:
    """Check whose account it is, and its money."""
    try:
        owner = convert.account(raw["account_info"])
    except BridgeError as error:
        return refused("account", error.reason)
    kind = {0: "demo", 1: "contest", 2: "real"}.get(owner.trade_mode, "of an unknown kind")
    money = f"balance {owner.balance} {owner.currency}, equity {owner.equity}"
    return good("account", f"{kind}, {owner.margin_mode}, leverage 1:{owner.leverage}, {money}")


def permissions(raw: Raw) -> list[Check]:
    """Check the switches that forbid trading; a size can be asked for without them."""
    terminal, own = raw["terminal_info"], raw["account_info"]
    switches = (
        (terminal.get("trade_allowed"), "the Algo Trading button is off", "Press Algo Trading in the tool bar."),
        (not terminal.get("tradeapi_disabled"), "trading by Python is disabled", advice(-8)),
        (own.get("trade_allowed"), "the account may not trade", "Log in with the master, not the investor password."),
        (own.get("trade_expert"), "the account may not trade by programs", "Ask the broker."),
    )
    findings = [Check("permissions", CheckState.WARNING, finding, fix) for is_on, finding, fix in switches if not is_on]
    return findings or [good("permissions", "trading is allowed for the terminal, the account and programs")]


def consistency(raw: Raw) -> Check:
    """Check whether account and book fit together."""
    try:
        check_money(raw)
        check_book(raw)
    except BridgeError as error:
        return refused("book", error.reason)
    return good("book", f"positions: {len(raw['positions'])}, orders: {len(raw['orders'])}; they make the equity")


def broker_clock(raw: Raw, at: datetime, clock: ServerClock, *, override: bool) -> Check:
    """Check the broker's clock, and how it is known."""
    newest, offset = newest_tick(raw), clock.offset(at)
    finding = f"the broker's clock is {offset / 3600:+g} h from UTC"
    if override:
        return good("server clock", f"{finding}, as configured")
    if newest is None or not agrees(clock, newest, at):
        fix = "Try again while the market is open, or set terminal.server_utc_offset."
        return Check("server clock", CheckState.WARNING, f"{finding}: assumed, since no quote is fresh", fix)
    rule = f"New York + {clock.shift // 3600} h" if clock == NEW_YORK_CLOSE else clock.zone
    return good("server clock", f"{finding}, measured by a quote; it follows {rule}")


def drift(raw: Raw, at: datetime, clock: ServerClock) -> Check:
    """Check how far this computer's clock is from the broker's."""
    newest = newest_tick(raw)
    fix = "Set this computer's clock by the internet (Windows: Settings > Time > Sync now)."
    if newest is None:
        return Check("clock", CheckState.WARNING, "without a quote this computer's clock can't be compared", fix)
    age = at.timestamp() + clock.offset(at) - newest
    if -QUARTER < age < -DRIFT:
        return Check("clock", CheckState.BAD, f"this computer's clock is at least {-age:.1f} s slow", fix)
    return good("clock", f"the newest quote is {max(age, 0):.1f} s old by this computer's clock")


def commission(reading: ConvertedReading, at: datetime) -> Check:
    """Check whether the account's own deals show the commission."""
    try:
        deals = reading.deals(at - HISTORY)
    except BridgeError as error:
        return refused("commission", error.reason)
    with_cost = sorted({deal.symbol for deal in deals if deal.commission or deal.fee})
    symbols = sorted({deal.symbol for deal in deals if deal.symbol})
    if with_cost:
        return good("commission", f"found in the deals of {', '.join(with_cost)}")
    if symbols:
        return good("commission", f"the deals of {', '.join(symbols)} paid none")
    fix = "Set costs.commission, or let it be assumed until the first trade."
    return Check("commission", CheckState.WARNING, f"no trade in the last {HISTORY.days} days shows it", fix)

"""Accounts as they are seen from time to time, with their deals, for the tests of what is remembered of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from portfolio.account.account_state import AccountState
from portfolio.account.advance import advance
from portfolio.calendar.firm_day import DayRule
from portfolio.model import (
    ZERO,
    Account,
    Bars,
    Deal,
    DealEntry,
    DealKind,
    Position,
    Quote,
    Side,
    Snapshot,
    SymbolSpec,
    TerminalState,
)
from portfolio.reasons import Refusal
from portfolio.rules.rule_set import Amount, DailyRule, OnPayout, OverallRule, Rules

D = Decimal
PRAGUE = DayRule("Europe/Prague", time(0))
FIVE, TEN, SIX = Amount(Decimal(5)), Amount(Decimal(10)), Amount(Decimal(6))
FTMO = Rules("ftmo", DailyRule(FIVE), OverallRule(TEN), PRAGUE)
ONE_STEP = Rules("one step", DailyRule(Amount(Decimal(3))), OverallRule(TEN, peak="eod_balance"), PRAGUE)
BY_MAX = Rules("by max", DailyRule(FIVE, ref="max"), OverallRule(TEN), PRAGUE)
APEX = Rules("apex", None, OverallRule(SIX, peak="equity"), PRAGUE)

EURUSD = SymbolSpec(
    name="EURUSD",
    calc_mode=0,
    contract_size=Decimal(100_000),
    tick_size=Decimal("0.00001"),
    tick_value=Decimal(1),
    tick_value_loss=Decimal(1),
    point=Decimal("0.00001"),
    digits=5,
    currency_base="EUR",
    currency_profit="USD",
    currency_margin="EUR",
    volume_min=Decimal("0.01"),
    volume_max=Decimal(50),
    volume_step=Decimal("0.01"),
)


def utc(text: str) -> datetime:
    """Read `06-10 12:00` as a moment of 2026 in UTC."""
    return datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}").replace(tzinfo=UTC)


def deal(
    at: str,
    net: str | int,
    kind: DealKind = DealKind.TRADE,
    *,
    ticket: int = 1,
    entry: DealEntry = DealEntry.OUT,
    position: int = 0,
    **changes: Any,  # noqa: ANN401 -- any field of a deal
) -> Deal:
    """Return one line of history; a trade closes a position that nothing else is known of."""
    made = Deal(
        ticket=ticket,
        order=0,
        position_id=position or ticket,
        symbol="EURUSD",
        kind=kind,
        side=Side.SELL if kind is DealKind.TRADE else None,
        entry=entry if kind is DealKind.TRADE else None,
        volume=Decimal(1),
        price=Decimal("1.1000"),
        profit=Decimal(net),
        commission=ZERO,
        swap=ZERO,
        fee=ZERO,
        at=utc(at),
    )
    return made._replace(**changes)


def round_turn(at: str, net: str | int, *, ticket: int) -> tuple[Deal, Deal]:
    """Return a trade that was opened and closed at the same moment."""
    return (
        deal(at, 0, entry=DealEntry.IN, ticket=ticket, position=ticket),
        deal(at, net, ticket=ticket + 1, position=ticket),
    )


def flow(at: str, net: str | int, *, ticket: int = 1) -> Deal:
    """Return a deposit or a withdrawal."""
    return deal(at, net, DealKind.BALANCE, ticket=ticket)


def position(opened: str, *, price: str = "1.1000", profit: str = "0", **changes: Any) -> Position:  # noqa: ANN401
    """Return one lot of EURUSD, bought."""
    made = Position(
        ticket=1,
        symbol="EURUSD",
        side=Side.BUY,
        volume=Decimal(1),
        open_price=Decimal("1.1000"),
        current_price=Decimal(price),
        stop=None,
        target=None,
        profit=Decimal(profit),
        swap=ZERO,
        opened_at=utc(opened),
    )
    return made._replace(**changes)


def bars(opened: str, highs: Sequence[float], *, timeframe: str = "M1", step: int = 60, low: float = 1.0) -> Bars:
    """Return bars of EURUSD one after the other, by their highs."""
    first = int(utc(opened).timestamp())
    count = len(highs)
    return Bars(
        "EURUSD", timeframe, [first + step * place for place in range(count)], highs, highs, [low] * count, highs
    )


def look(
    at: str,
    balance: str | int = 100_000,
    equity: str | int | None = None,
    *,
    deals: Sequence[Deal] = (),
    since: str | None = "01-01 00:00",
    positions: Sequence[Position] = (),
    market: Sequence[Bars] = (),
    login: int = 1,
    quoted: str | None = None,
) -> Snapshot:
    """Return one moment of an account whose history is complete from `since` on."""
    made = Account(
        login=login,
        server="Firm-Server",
        currency="USD",
        balance=Decimal(balance),
        equity=Decimal(balance if equity is None else equity),
        margin=ZERO,
        free_margin=Decimal(balance),
        leverage=100,
    )
    quotes: Mapping[str, Quote] = {}
    if quoted is not None:
        quotes = {"EURUSD": Quote("EURUSD", Decimal("1.1"), Decimal("1.1"), utc(quoted))}
    return Snapshot(
        taken_at=utc(at),
        account=made,
        terminal=TerminalState("test"),
        specs={"EURUSD": EURUSD},
        quotes=quotes,
        positions=tuple(positions),
        deals=tuple(deals),
        deals_since=None if since is None else utc(since),
        bars={(entry.symbol, entry.timeframe): entry for entry in market},
    )


def after(
    snapshots: Sequence[Snapshot],
    rules: Rules = FTMO,
    state: AccountState | None = None,
    initial: int = 100_000,
    **changes: Any,  # noqa: ANN401 -- the keywords of advance
) -> AccountState:
    """Return the state after these looks, none of which may be refused."""
    for snapshot in snapshots:
        found = advance(state, snapshot, rules, initial=Decimal(initial), **changes)
        assert isinstance(found, AccountState), found
        state = found
    assert state is not None
    return state


def refused(
    snapshot: Snapshot,
    rules: Rules = FTMO,
    state: AccountState | None = None,
    initial: int = 100_000,
    **changes: Any,  # noqa: ANN401 -- the keywords of advance
) -> Refusal:
    """Return why this look is refused."""
    found = advance(state, snapshot, rules, initial=Decimal(initial), **changes)
    assert isinstance(found, Refusal), found
    return found


def shifting(rules: Rules, on_payout: OnPayout) -> Rules:
    """Return the rules with another effect of payouts."""
    return replace(rules, overall=replace(rules.overall, on_payout=on_payout))

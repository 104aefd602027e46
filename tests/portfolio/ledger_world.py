"""The ledger tests' own words: decisions, holds, questions and looks at one account, all at one noon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from portfolio.ledger.account_ledger import Held, View
from portfolio.ledger.ledger import CallTerms, mark, reserve
from portfolio.model import (
    ZERO,
    Account,
    Deal,
    DealEntry,
    DealKind,
    MarginMode,
    Order,
    OrderType,
    Position,
    Side,
    Snapshot,
    TerminalState,
)
from portfolio.reservation.hold import Hold
from portfolio.reservation.reservation import FIRST_FENCE, Reservation, State
from portfolio.store.database import Store

NOON: Final = datetime(2026, 6, 10, 12, tzinfo=UTC)
ACCOUNT: Final = "1234@FTMO-Demo"
MIDNIGHT: Final = datetime(2026, 6, 9, 22, tzinfo=UTC)


def d(number: str | int) -> Decimal:
    return Decimal(number)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class Decision(NamedTuple):
    """As much of a decision as the ledger asks for."""

    id: str
    at: datetime
    lots: Decimal
    line: bytes
    hold: Hold | None


def hold(lots: str | int = 1, loss: str | int | None = None, **changes: Any) -> Hold:  # noqa: ANN401 -- any field
    """EURUSD buy; 100 a lot at the stop unless `loss` says otherwise."""
    lost = d(lots) * 100 if loss is None else d(loss)
    made = Hold("EURUSD", Side.BUY, d(lots), lost, lost, d(lots) * 108_500, d(lots) * 3_616)
    return made._replace(**changes)


def decision(identifier: str = "A", held: Hold | None = None, at: datetime = NOON) -> Decision:
    lots = ZERO if held is None else held.lots
    return Decision(identifier, at, lots, b'{"id":"%s"}\n' % identifier.encode(), held)


def question(**changes: Any) -> CallTerms:  # noqa: ANN401 -- any field
    """Of a bot that asks for EURUSD buy, good for ten seconds."""
    return CallTerms("EURUSD", Side.BUY, after(10), caller="bot")._replace(**changes)


def answers(made: Decision) -> Callable[[tuple[Held, ...]], Decision]:
    """A decision that does not look at what is held."""
    return lambda _held: made


def within(cap: str | int, identifier: str = "A", at: datetime = NOON) -> Callable[[tuple[Held, ...]], Decision]:
    """A decision that takes all of a loss limit that is left, one lot per 100."""

    def decide(held: tuple[Held, ...]) -> Decision:
        room = d(cap) - sum((one.hold.loss for one in held), ZERO)
        return decision(identifier, hold(loss=str(room), lots=str(room / 100)) if room > 0 else None, at)

    return decide


def reserved(store: Store, identifier: str = "A", lots: str | int = 1, **changes: Any) -> Decision:  # noqa: ANN401 -- any field
    """Reserve without a look at the account; the question has these changes."""
    at = changes.pop("at", NOON)
    asked = question(**{"valid_until": at + timedelta(seconds=10), **changes})
    made = decision(identifier, hold(lots, symbol=asked.symbol, side=asked.side), at)
    answer = reserve(store, ACCOUNT, answers(made), asked, View(mark(store)), now=at)
    assert answer is made, answer
    return made


def reservation(**changes: Any) -> Reservation:  # noqa: ANN401 -- any field
    """HELD by a bot that promised nothing, for ten seconds from noon."""
    made = Reservation(
        id="01JD3M7KAAAAAAAAAAAAAAAAAA",
        account=ACCOUNT,
        caller="bot",
        signal=None,
        hold=hold(),
        whole=d(1),
        state=State.HELD,
        fence=FIRST_FENCE,
        fenced=False,
        magic=0,
        issued=NOON,
        valid_until=after(10),
        since=NOON,
        born=1,
    )
    return made._replace(**changes)


def snapshot(*seen: Position | Order | Deal, at: float = 1, epoch: int = 0, **changes: Any) -> Snapshot:  # noqa: ANN401 -- any field
    """A hedging account with these positions, orders and deals, history complete since the firm's midnight."""
    mode = changes.pop("margin_mode", MarginMode.HEDGING)
    account = Account(1234, "FTMO-Demo", "USD", d(100_000), d(100_000), ZERO, d(100_000), 100, mode)
    made = {
        "taken_at": after(at),
        "account": account,
        "terminal": TerminalState("simulated", epoch=epoch),
        "specs": {},
        "quotes": {},
        "positions": tuple(one for one in seen if isinstance(one, Position)),
        "orders": tuple(one for one in seen if isinstance(one, Order)),
        "deals": tuple(one for one in seen if isinstance(one, Deal)),
        "deals_since": MIDNIGHT,
    }
    return Snapshot(**{**made, **changes})


def position(ticket: int, lots: str | int = 1, at: float = 1, **changes: Any) -> Position:  # noqa: ANN401 -- any field
    """EURUSD buy, opened `at` seconds after noon."""
    price = d("1.0850")
    made = Position(ticket, "EURUSD", Side.BUY, d(lots), price, price, None, None, ZERO, ZERO, after(at))
    return made._replace(**changes)


def order(ticket: int, lots: str | int = 1, at: float = 1, **changes: Any) -> Order:  # noqa: ANN401 -- any field
    """A waiting EURUSD buy, placed `at` seconds after noon."""
    made = Order(ticket, "EURUSD", Side.BUY, OrderType.LIMIT, d(lots), d("1.0800"), None, None, after(at))
    return made._replace(**changes)


def deal(ticket: int, lots: str | int = 1, at: float = 1, **changes: Any) -> Deal:  # noqa: ANN401 -- any field
    """The opening deal of order `ticket`."""
    price = d("1.0850")
    made = Deal(
        ticket + 1000,
        ticket,
        ticket,
        "EURUSD",
        DealKind.TRADE,
        Side.BUY,
        DealEntry.IN,
        d(lots),
        price,
        profit=ZERO,
        commission=ZERO,
        swap=ZERO,
        fee=ZERO,
        at=after(at),
    )
    return made._replace(**changes)


def states(store: Store) -> dict[str, State]:
    """Every reservation ever made, by id."""
    with store.read() as database:
        found = database.execute("SELECT id, state FROM reservation").fetchall()
    return {str(identifier): State(str(state)) for identifier, state in found}

"""Every approval reserves what it can cost, so two bots can't spend the same headroom.

One transaction per decision: read the open reservations, resolve them by what the snapshot shows, decide, write the
decision, its reservation and the account's state, commit, answer. Nothing asks the terminal meanwhile.

A caller takes `mark` before it begins its snapshot and hands over both as a `View`. A snapshot begun before
evidence last resolved a reservation is refused: it could lack both the hold and the position that replaced it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeVar

import apsw

from portfolio.book.charges import Charge
from portfolio.ledger import rows
from portfolio.ledger.account_ledger import AccountLedger, Held, View
from portfolio.ledger.budget_entries import Spend, write_spending
from portfolio.ledger.halts import halted
from portfolio.ledger.throttle import Throttle, runaway
from portfolio.model import ZERO, Side
from portfolio.reasons import Refusal, refuse
from portfolio.reservation.events import Found, Missing, Replaced
from portfolio.reservation.hold import Hold
from portfolio.reservation.reservation import FIRST_FENCE, Reservation, State
from portfolio.store.database import Store
from portfolio.store.failure import damaged
from portfolio.store.rows import AccountRow, exact, fetch_one, microseconds, read_account_state, write_account_state


class Decided(Protocol):
    """The part of a decision that the ledger stores; its reservation has the decision's id and `FIRST_FENCE`."""

    @property
    def id(self) -> str:
        """Unique, and growing with time."""

    @property
    def at(self) -> datetime:
        """Time of the decision, UTC."""

    @property
    def lots(self) -> Decimal:
        """Lots returned to the caller; 0 is a refusal."""

    @property
    def line(self) -> bytes:
        """The journal line, newline included."""

    @property
    def hold(self) -> Hold | None:
        """Cost of the returned lots; None where nothing is to be reserved."""


class CallTerms(NamedTuple):
    """The caller, and the terms under which it may use the answer."""

    symbol: str
    side: Side
    valid_until: datetime
    caller: str = ""
    """Names one bot, and one thread of it; its newer answer replaces an unclaimed hold for the same symbol and side."""
    signal: str | None = None
    """Names the trading signal; a newer answer to the same caller for it replaces an unclaimed hold too."""
    key: str | None = None
    """Idempotency key of the caller: the same key and body get the stored answer."""
    body: bytes = b""
    """Digest of the request, to tell a repetition from another request under the same key."""
    magic: int = 0
    fenced: bool = False
    """The caller promises to `claim` before it sends; then an expired reservation frees its room at once."""
    oco_group: str | None = None
    """Names alternatives, of which only one will be filled; none of them replaces another."""


class Replay(NamedTuple):
    """The stored bytes of the answer that this request got before."""

    line: bytes


D = TypeVar("D", bound=Decided)

UNTHROTTLED = Throttle()

Advance = Callable[[AccountRow | None], AccountRow | Refusal | None]
"""Makes the account's new state of the stored one, inside the transaction; None leaves it as it is."""


def mark(store: Store) -> int:
    """Return the number of the ledger's last event; to be taken before a snapshot is begun."""
    with store.read() as database:
        return rows.last_event(database)


def reserve(
    store: Store,
    account: str,
    decide: Callable[[tuple[Held, ...]], D],
    terms: CallTerms,
    view: View,
    *,
    now: datetime,
    most: Decimal | None = None,
    advance: Advance | None = None,
    spend: Callable[[D], Iterable[Spend]] | None = None,
    throttle: Throttle = UNTHROTTLED,
) -> D | Replay | Refusal:
    """Decide with what is reserved at this very moment, and reserve the answer; it is durable on return.

    `decide` is pure: it runs CLAMP again on the holds it is given and may not exceed `most` lots; `advance` makes
    the account's new state and `spend` names what the answer uses of its budgets; `throttle` halts a caller that
    reserves too often. A refusal returned here was not journaled: the caller makes a denial of it and hands that to
    `record`. Errors of `decide` undo everything. Raises StoreError where nothing could be written.
    """
    with store.write() as database:
        replay = _stored_answer(database, account, terms)
        if replay is not None:
            return replay
        ledger = AccountLedger(database, account, now)
        refusal = ledger.expire() or ledger.unusable(view)
        proofs = {} if refusal else ledger.resolve(view)
        refusal = refusal or halted(database, account, terms.caller) or ledger.unresolved()
        refusal = refusal or _advance(database, account, advance)
        if refusal:
            ledger.save()
            return refusal
        replacements = _replace_orders(ledger, terms, proofs)
        refusal = runaway(database, account, terms.caller, throttle, now, giving_way=len(replacements))
        if refusal:
            ledger.save()
            return refusal
        record = decide(tuple(hold for hold in ledger.holds() if hold.reservation not in replacements))
        contradiction = _contradiction(record, terms, most)
        if contradiction:
            ledger.save()
            return contradiction
        _insert_decision(database, account, record, terms)
        if record.hold is not None:
            for reservation in replacements:
                ledger.apply(reservation, Replaced(), f"replaced by {record.id}")
            ledger.add(_reservation(account, record, record.hold, terms), "reserved")
        if spend is not None:
            write_spending(database, account, spend(record), now)
        ledger.save()
    return record


def record(
    store: Store, account: str, record: D, terms: CallTerms | None = None, *, advance: Advance | None = None
) -> D | Replay | Refusal:
    """Write a decision that reserves nothing, a quote, a refusal or an exit, with the account's new state."""
    with store.write() as database:
        replay = None if terms is None else _stored_answer(database, account, terms)
        instead = replay or _advance(database, account, advance)
        if instead is not None:
            return instead
        _insert_decision(database, account, record, terms)
    return record


def reconcile(
    store: Store, account: str, view: View, *, now: datetime, terms: CallTerms | None = None
) -> tuple[Held, ...] | Refusal:
    """Update the reservations from clock and snapshot, deciding nothing; return what counts beside that snapshot.

    With `terms` the caller's own unclaimed hold, which a new answer would replace, is left out: what `reserve` will
    hand to `decide` if nobody else comes between.
    """
    with store.write() as database:
        ledger = AccountLedger(database, account, now)
        refusal = ledger.expire() or ledger.unusable(view)
        proofs = {} if refusal else ledger.resolve(view)
        ledger.save()
        if refusal:
            return refusal
        replacements = () if terms is None else _replace_orders(ledger, terms, proofs)
        return tuple(hold for hold in ledger.holds() if hold.reservation not in replacements)


def reservations(store: Store, account: str, *, now: datetime) -> tuple[Reservation, ...]:
    """Return the open reservations, for display only; writes nothing."""
    with store.read() as database:
        return tuple(AccountLedger(database, account, now).open.values())


def answered(store: Store, account: str, terms: CallTerms) -> Replay | Refusal | None:
    """Return the stored answer to this request, `idempotency_conflict` where its key was another's, or None."""
    with store.read() as database:
        return _stored_answer(database, account, terms)


def charges(holds: tuple[Held, ...]) -> tuple[Charge, ...]:
    """Return the holds as entries of the book."""
    return tuple(hold.charge() for hold in holds)


def _stored_answer(database: apsw.Connection, account: str, terms: CallTerms) -> Replay | Refusal | None:
    if terms.key is None:
        return None
    query = "SELECT request, line, crc FROM decision WHERE account = ? AND caller = ? AND idempotency = ?"
    row = fetch_one(database, query, (account, terms.caller, terms.key))
    if row is None:
        return None
    request, line, crc = row
    if zlib.crc32(line) != crc:
        damaged(f"the answer under key {terms.key!r} was altered")
    if request != terms.body:
        return refuse("idempotency_conflict", f"key {terms.key!r} of caller {terms.caller!r}")
    return Replay(line)


def _advance(database: apsw.Connection, account: str, advance: Advance | None) -> Refusal | None:
    if advance is None:
        return None
    before = read_account_state(database, account)
    after = advance(before)
    if isinstance(after, Refusal):
        return after
    if after is not None and after != before:
        write_account_state(database, after)
    return None


def _replace_orders(
    ledger: AccountLedger, terms: CallTerms, proofs: Mapping[str, Found | Missing]
) -> tuple[Reservation, ...]:
    """Return the caller's own holds that its new answer replaces."""
    return tuple(own for own in ledger.open.values() if _is_replaceable(own, terms, proofs.get(own.id)))


def _is_replaceable(own: Reservation, terms: CallTerms, proof: Found | Missing | None) -> bool:
    """Return whether a hold gives way: it can't have been sent, or a later snapshot shows that it was not."""
    if own.state not in {State.HELD, State.QUARANTINE} or own.caller != terms.caller:
        return False
    if terms.oco_group is not None and own.oco_group == terms.oco_group:
        return False
    same_signal = terms.signal is not None and own.signal == terms.signal
    same_trade = terms.caller != "" and (own.hold.symbol, own.hold.side) == (terms.symbol, terms.side)
    return (same_signal or same_trade) and (own.fenced or isinstance(proof, Missing))


def _contradiction(record: Decided, terms: CallTerms, most: Decimal | None) -> Refusal | None:
    hold = record.hold
    if hold is None:
        return None if record.lots == ZERO else refuse("kernel_invariant", f"{record.lots} lots without a hold")
    amounts = (hold.loss, hold.entry_loss, hold.exposure, hold.margin)
    sound = all(amount.is_finite() and amount >= ZERO for amount in amounts) and record.lots > ZERO
    if not sound or (hold.lots, hold.symbol, hold.side) != (record.lots, terms.symbol, terms.side):
        return refuse("kernel_invariant", f"{record.lots} lots of {terms.symbol} can't be held as {hold}")
    if most is not None and record.lots > most:
        return refuse("kernel_invariant", f"{record.lots} lots with the holds, {most} without")
    return None


def _insert_decision(database: apsw.Connection, account: str, record: Decided, terms: CallTerms | None) -> None:
    request = ("", None, None) if terms is None else (terms.caller, terms.key, terms.body)
    line = record.line
    values = (record.id, account, microseconds(record.at), exact(record.lots), *request, line, zlib.crc32(line))
    database.execute(
        "INSERT INTO decision (id, account, at, lots, caller, idempotency, request, line, crc)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values,
    )


def _reservation(account: str, record: Decided, hold: Hold, terms: CallTerms) -> Reservation:
    return Reservation(
        id=record.id,
        account=account,
        caller=terms.caller,
        signal=terms.signal,
        hold=hold,
        whole=hold.lots,
        state=State.HELD,
        fence=FIRST_FENCE,
        fenced=terms.fenced,
        magic=terms.magic,
        issued=record.at,
        valid_until=terms.valid_until,
        since=record.at,
        oco_group=terms.oco_group,
    )

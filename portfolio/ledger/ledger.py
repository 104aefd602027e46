"""Every approval reserves what it can cost, so two bots can't spend the same headroom.

One transaction per decision: read what is reserved, let the snapshot's evidence speak, decide, write the decision,
its reservation and the account's state, commit, answer. Nothing asks the terminal while it holds the database.

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
    """What the ledger must know of a decision; its reservation has the decision's id and `FIRST_FENCE`."""

    @property
    def id(self) -> str:
        """Unique, and growing with time."""

    @property
    def at(self) -> datetime:
        """When it was made, UTC."""

    @property
    def lots(self) -> Decimal:
        """What is returned to the caller; 0 is a refusal."""

    @property
    def line(self) -> bytes:
        """The journal line, newline included."""

    @property
    def hold(self) -> Hold | None:
        """What the returned lots can cost; None where nothing is to be reserved."""


class CallTerms(NamedTuple):
    """Who asks, and under which terms the answer may be used."""

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
    """Digest of the request, to tell a repetition from another question under the same key."""
    magic: int = 0
    fenced: bool = False
    """The caller promises to `claim` before it sends; then an expired reservation frees its room at once."""
    oco_group: str | None = None
    """Names alternatives, of which only one will be filled; none of them replaces another."""


class Replay(NamedTuple):
    """This question was answered before; the stored bytes of that answer."""

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
    question: CallTerms,
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
    reserves too often. A refusal
    returned here was not journaled: the caller makes a denial of it and hands that to `record`. Errors of `decide`
    undo everything. Raises StoreError where nothing could be written.
    """
    with store.write() as database:
        answered = _answered(database, account, question)
        if answered is not None:
            return answered
        ledger = AccountLedger(database, account, now)
        refusal = ledger.keep_time() or ledger.is_stale(view)
        proofs = {} if refusal else ledger.look(view)
        refusal = refusal or halted(database, account, question.caller) or ledger.unresolved()
        refusal = refusal or _advance(database, account, advance)
        if refusal:
            ledger.save()
            return refusal
        old = _giving_way(ledger, question, proofs)
        refusal = runaway(database, account, question.caller, throttle, now, giving_way=len(old))
        if refusal:
            ledger.save()
            return refusal
        held = tuple(one for one in ledger.held() if one.reservation not in old)
        decided = decide(held)
        broken = _broken(decided, question, most)
        if broken:
            ledger.save()
            return broken
        _insert_decision(database, account, decided, question)
        if decided.hold is not None:
            for one in old:
                ledger.apply(one, Replaced(), f"replaced by {decided.id}")
            ledger.add(_reservation(account, decided, decided.hold, question), "reserved")
        if spend is not None:
            write_spending(database, account, spend(decided), now)
        ledger.save()
    return decided


def record(
    store: Store, account: str, decided: D, question: CallTerms | None = None, *, advance: Advance | None = None
) -> D | Replay | Refusal:
    """Write a decision that reserves nothing, a quote, a refusal or an exit, with the account's new state."""
    with store.write() as database:
        answered = None if question is None else _answered(database, account, question)
        answered = answered or _advance(database, account, advance)
        if answered is not None:
            return answered
        _insert_decision(database, account, decided, question)
    return decided


def reconcile(
    store: Store, account: str, view: View, *, now: datetime, question: CallTerms | None = None
) -> tuple[Held, ...] | Refusal:
    """Let time and a snapshot speak without deciding anything; return what counts beside that snapshot.

    With a `question` its own unclaimed hold, which a new answer would replace, is left out: what `reserve` will
    hand to `decide` if nobody else comes between.
    """
    with store.write() as database:
        ledger = AccountLedger(database, account, now)
        refusal = ledger.keep_time() or ledger.is_stale(view)
        proofs = {} if refusal else ledger.look(view)
        ledger.save()
        if refusal:
            return refusal
        old = () if question is None else _giving_way(ledger, question, proofs)
        return tuple(one for one in ledger.held() if one.reservation not in old)


def reservations(store: Store, account: str, *, now: datetime) -> tuple[Reservation, ...]:
    """Return what is reserved, for the eye: nothing is written, and all of it counts."""
    with store.read() as database:
        return tuple(AccountLedger(database, account, now).open.values())


def answered(store: Store, account: str, question: CallTerms) -> Replay | Refusal | None:
    """Return the stored answer to this question, `idempotency_conflict` where its key was another's, or None."""
    with store.read() as database:
        return _answered(database, account, question)


def charges(held: tuple[Held, ...]) -> tuple[Charge, ...]:
    """Return the holds as entries of the book."""
    return tuple(one.charge() for one in held)


def _answered(database: apsw.Connection, account: str, question: CallTerms) -> Replay | Refusal | None:
    if question.key is None:
        return None
    query = "SELECT request, line, crc FROM decision WHERE account = ? AND caller = ? AND idempotency = ?"
    row = fetch_one(database, query, (account, question.caller, question.key))
    if row is None:
        return None
    request, line, crc = row
    if zlib.crc32(line) != crc:
        damaged(f"the answer under key {question.key!r} was altered")
    if request != question.body:
        return refuse("idempotency_conflict", f"key {question.key!r} of caller {question.caller!r}")
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


def _giving_way(
    ledger: AccountLedger, question: CallTerms, proofs: Mapping[str, Found | Missing]
) -> tuple[Reservation, ...]:
    return tuple(one for one in ledger.open.values() if _replaceable(one, question, proofs.get(one.id)))


def _replaceable(one: Reservation, question: CallTerms, proof: Found | Missing | None) -> bool:
    """Whether the caller's own hold gives way: it can't have been sent, or a later snapshot shows that it was not."""
    if one.state not in {State.HELD, State.QUARANTINE} or one.caller != question.caller:
        return False
    if question.oco_group is not None and one.oco_group == question.oco_group:
        return False
    same_signal = question.signal is not None and one.signal == question.signal
    same_trade = question.caller != "" and (one.hold.symbol, one.hold.side) == (question.symbol, question.side)
    return (same_signal or same_trade) and (one.fenced or isinstance(proof, Missing))


def _broken(decided: Decided, question: CallTerms, most: Decimal | None) -> Refusal | None:
    hold = decided.hold
    if hold is None:
        return None if decided.lots == ZERO else refuse("kernel_invariant", f"{decided.lots} lots without a hold")
    amounts = (hold.loss, hold.entry_loss, hold.exposure, hold.margin)
    sound = all(amount.is_finite() and amount >= ZERO for amount in amounts) and decided.lots > ZERO
    if not sound or (hold.lots, hold.symbol, hold.side) != (decided.lots, question.symbol, question.side):
        return refuse("kernel_invariant", f"{decided.lots} lots of {question.symbol} can't be held as {hold}")
    if most is not None and decided.lots > most:
        return refuse("kernel_invariant", f"{decided.lots} lots with the holds, {most} without")
    return None


def _insert_decision(database: apsw.Connection, account: str, decided: Decided, question: CallTerms | None) -> None:
    asked = ("", None, None) if question is None else (question.caller, question.key, question.body)
    line = decided.line
    values = (decided.id, account, microseconds(decided.at), exact(decided.lots), *asked, line, zlib.crc32(line))
    columns = "id, account, at, lots, caller, idempotency, request, line, crc"
    database.execute(f"INSERT INTO decision ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608 -- constants


def _reservation(account: str, decided: Decided, hold: Hold, question: CallTerms) -> Reservation:
    return Reservation(
        id=decided.id,
        account=account,
        caller=question.caller,
        signal=question.signal,
        hold=hold,
        whole=hold.lots,
        state=State.HELD,
        fence=FIRST_FENCE,
        fenced=question.fenced,
        magic=question.magic,
        issued=decided.at,
        valid_until=question.valid_until,
        since=decided.at,
        oco_group=question.oco_group,
    )

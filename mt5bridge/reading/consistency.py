"""Checks that the raw numbers of one reading fit together; each raises `MomentError` with the figures that do not.

The shape of a reading is `mt5bridge.terminal_side.gather`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NoReturn

from mt5bridge.errors import MomentError
from mt5bridge.reading.fields import Raw, number, whole_number
from portfolio.model import ZERO, Snapshot
from portfolio.reasons import refuse

PINNED_FIELDS = ("login", "server", "currency", "balance", "credit", "leverage", "margin_mode")
POSITION_FIELDS = ("ticket", "symbol", "type", "volume", "sl", "tp", "price_open")
ORDER_FIELDS = ("ticket", "symbol", "type", "volume_current", "sl", "tp", "price_open", "price_stoplimit")
UNIT = Decimal(1)
"""One unit of the account's currency per position: equity and positions, read a moment apart, may differ by it."""


def raise_inconsistent(detail: str) -> NoReturn:
    """Raise that numbers of one reading contradict each other."""
    raise MomentError(refuse("snapshot_torn", detail))


def check_book(raw: Raw) -> None:
    """Refuse a book that changed, lacks rows, has a ticket twice, or is empty while margin is in use."""
    for name, fields in (("positions", POSITION_FIELDS), ("orders", ORDER_FIELDS)):
        before, after = _key(raw[name], fields), _key(raw["after"][name], fields)
        if before != after:
            raise_inconsistent(f"{name} changed while they were read: {_tickets(before)} became {_tickets(after)}")
        if len({row[0] for row in before}) != len(before):
            raise_inconsistent(f"{name} hold a ticket twice: {_tickets(before)}")
        total = raw["totals"][name]
        if total != len(before):
            raise_inconsistent(f"{name}_total says {total}, {len(before)} came")
    if not raw["positions"] and not raw["orders"] and number(raw["account_info"], "margin", "account_info") > 0:
        raise_inconsistent(f"no position and no order, but margin {raw['account_info']['margin']} is in use")


def _key(rows: Sequence[Raw], fields: Sequence[str]) -> list[tuple[Any, ...]]:
    return sorted((tuple(row.get(field) for field in fields) for row in rows), key=repr)


def _tickets(rows: Sequence[tuple[Any, ...]]) -> str:
    return ", ".join(str(row[0]) for row in rows) or "none"


def check_money(raw: Raw) -> None:
    """Refuse an account that changed while it was read, or whose equity is not the sum of balance and positions."""
    for name, row in (("before", raw["account_before"]), ("after", raw["after"]["account_info"])):
        for field in PINNED_FIELDS:
            if row.get(field) != raw["account_info"].get(field):
                raise_inconsistent(
                    f"account_info.{field} was {raw['account_info'].get(field)!r}, {name} it {row.get(field)!r}"
                )
    balance_sheet, equity = _expected_equity(raw), number(raw["account_info"], "equity", "account_info")
    digits = whole_number(raw["account_info"], "currency_digits", "account_info")
    tolerance = max(UNIT * len(raw["positions"]), Decimal(1).scaleb(-digits))
    if abs(equity - balance_sheet) > tolerance:
        raise_inconsistent(
            f"equity is {equity}, but balance, credit and positions make {balance_sheet} (may differ by {tolerance})"
        )


def _expected_equity(raw: Raw) -> Decimal:
    where = "account_info"
    fixed = sum((number(raw[where], field, where) for field in ("balance", "credit", "commission_blocked")), ZERO)
    floating = sum(
        (
            number(row, field, f"position {row.get('ticket')}")
            for row in raw["positions"]
            for field in ("profit", "swap")
        ),
        ZERO,
    )
    return fixed + floating


def check_history(raw: Raw) -> None:
    """Refuse a history that lacks rows or has a ticket twice."""
    for name in ("deals", "history_orders"):
        rows, total = raw[name], raw["totals"][name]
        if rows is None:
            continue
        if len({row.get("ticket") for row in rows}) != len(rows):
            raise_inconsistent(f"{name} hold a ticket twice")
        if total != len(rows):
            raise_inconsistent(f"history says {total} {name}, {len(rows)} came")


def check_openings(snapshot: Snapshot) -> None:
    """Refuse a history without the deal that opened a younger position."""
    since = snapshot.deals_since
    with_deals = {deal.position_id for deal in snapshot.deals}
    for position in snapshot.positions:
        if since is not None and position.opened_at > since and position.identifier not in with_deals:
            raise_inconsistent(f"position {position.ticket} is open, but history has no deal that opened it")

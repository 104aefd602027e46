"""Of orders that cancel each other only one is filled, so a group of them is charged its dearest leg alone.

The terminal knows no groups: an order is recognised as a leg by the ticket of its reservation. That only one leg is
filled is the promise of whoever cancels the other; a group of which something is filled is none any longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from portfolio.book.charges import Charge
from portfolio.model import ZERO, Side
from portfolio.reservation.reservation import Reservation
from portfolio.rounding import EXACT, under

Group = tuple[str, str]
"""The caller, and the name it gave: two bots may use the same one."""

Legs = Mapping[tuple[str, str], Group]
"""The group of a charge, by its kind and id."""


class _Counted(NamedTuple):
    """What the legs so far have been charged."""

    floor_loss: Decimal = ZERO
    entry_loss: Decimal = ZERO
    open_risk: Decimal = ZERO
    gain: Decimal = ZERO
    exposure: Decimal = ZERO
    margin: Decimal = ZERO


def alternatives(reservations: Iterable[Reservation]) -> Legs:
    """Return which reservations, and which orders under their tickets, are alternatives to each other."""
    grouped = [(one, (one.caller, one.oco_group)) for one in reservations if one.oco_group is not None]
    filled = {group for one, group in grouped if one.hold.lots < one.whole}
    found = {}
    for one, group in grouped:
        if group not in filled:
            found["reservation", one.id] = group
            if one.ticket is not None:
                found["order", str(one.ticket)] = group
    return found


def charge_dearest_only(
    charges: tuple[Charge, ...], legs: Legs, own: Group | None, symbol: str, side: Side
) -> tuple[Charge, ...]:
    """Return the charges as they count beside a candidate: of each group no more than its dearest figures in all.

    The candidate's `own` group counts nothing, since the candidate takes its place. A leg without a stop is charged
    as ever, and so is the open risk of a leg on the candidate's symbol and side: that is one idea with it.
    """
    if not legs:
        return charges
    counted: dict[Group, _Counted] = {}
    found = []
    with under(EXACT):
        for charge in charges:
            group = legs.get((charge.kind, charge.id))
            if group is None or charge.floor_loss is None:
                found.append(charge)
            elif group == own:
                found.append(_without(charge, _figures(charge)))
            else:
                before = counted.get(group, _Counted())
                less = before._replace(open_risk=ZERO) if (charge.symbol, charge.side) == (symbol, side) else before
                found.append(_without(charge, less))
                counted[group] = _Counted(*map(max, before, _figures(charge)))
    return tuple(found)


def _figures(charge: Charge) -> _Counted:
    return _Counted(
        charge.floor_loss or ZERO,
        charge.entry_loss or ZERO,
        charge.open_risk or ZERO,
        charge.gain or ZERO,
        charge.exposure,
        charge.margin,
    )


def _without(charge: Charge, counted: _Counted) -> Charge:
    """Return what a charge has beyond what is counted already; an unknown gain stays unknown."""
    more = _Counted(*[max(ZERO, own - other) for own, other in zip(_figures(charge), counted, strict=True)])
    rest = charge._replace(**more._asdict())
    return rest if charge.gain is not None else rest._replace(gain=None)

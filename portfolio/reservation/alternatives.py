"""Of orders that cancel each other only one is filled, so a group of them is charged its dearest order alone.

The terminal knows no groups: an order belongs to a group by the ticket of its reservation. That only one of them is
filled is the promise of the bot that cancels the others; a group of which something is filled is none any longer.
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
"""The caller, and the name it gave the group: two bots may use the same name."""

Groups = Mapping[tuple[str, str], Group]
"""The group of a charge, by the charge's kind and id."""


class _Charged(NamedTuple):
    """The figures that the alternatives of one group have been charged so far."""

    floor_loss: Decimal = ZERO
    entry_loss: Decimal = ZERO
    open_risk: Decimal = ZERO
    gain: Decimal = ZERO
    exposure: Decimal = ZERO
    margin: Decimal = ZERO


def alternatives(reservations: Iterable[Reservation]) -> Groups:
    """Return which reservations, and which orders under their tickets, are alternatives to each other."""
    members = [(member, (member.caller, member.oco_group)) for member in reservations if member.oco_group is not None]
    begun = {group for reservation, group in members if reservation.hold.lots < reservation.whole}
    groups = {}
    for reservation, group in members:
        if group not in begun:
            groups["reservation", reservation.id] = group
            if reservation.ticket is not None:
                groups["order", str(reservation.ticket)] = group
    return groups


def charge_dearest_only(
    charges: tuple[Charge, ...], groups: Groups, own: Group | None, symbol: str, side: Side
) -> tuple[Charge, ...]:
    """Return the charges as they count beside a candidate: of each group no more than its dearest figures in all.

    The candidate's `own` group counts nothing, since the candidate takes its place. An alternative without a stop is
    charged in full, and so is the open risk of one on the candidate's symbol and side: that is one idea with it.
    """
    if not groups:
        return charges
    dearest: dict[Group, _Charged] = {}
    results = []
    with under(EXACT):
        for charge in charges:
            group = groups.get((charge.kind, charge.id))
            if group is None or charge.floor_loss is None:
                results.append(charge)
            elif group == own:
                results.append(_beyond(charge, _figures(charge)))
            else:
                before = dearest.get(group, _Charged())
                less = before._replace(open_risk=ZERO) if (charge.symbol, charge.side) == (symbol, side) else before
                results.append(_beyond(charge, less))
                dearest[group] = _Charged(*map(max, before, _figures(charge)))
    return tuple(results)


def _figures(charge: Charge) -> _Charged:
    return _Charged(
        charge.floor_loss or ZERO,
        charge.entry_loss or ZERO,
        charge.open_risk or ZERO,
        charge.gain or ZERO,
        charge.exposure,
        charge.margin,
    )


def _beyond(charge: Charge, before: _Charged) -> Charge:
    """Return a charge less what its group was charged already; an unknown gain stays unknown."""
    more = _Charged(*[max(ZERO, own - paid_before) for own, paid_before in zip(_figures(charge), before, strict=True)])
    rest = charge._replace(**more._asdict())
    return rest if charge.gain is not None else rest._replace(gain=None)

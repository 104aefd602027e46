"""What the book costs once the trade asked for is made."""

from __future__ import annotations

from decimal import Decimal

from elite_sizer.assembly.account_picture import AccountPicture
from elite_sizer.model.request import Intent
from elite_sizer.request.intent import Classified
from elite_sizer.request.levels import Levels
from portfolio.book.charges import Charge, moved
from portfolio.model import MarginMode
from portfolio.reasons import Refusal
from portfolio.rounding import EXACT, under


def book_beside(
    now: AccountPicture, classified: Classified, symbol: str, levels: Levels
) -> tuple[Charge, ...] | Refusal:
    """Return the book as it counts beside the new trade.

    What a reversal closes is gone. On netting an addition moves the stop of the whole position, so what is open is
    charged to the request's stop; where the margin mode is unknown, whichever of the two costs more.
    """
    position = classified.position
    if position is None:
        return now.book
    if classified.intent is Intent.REVERSE:
        gone = str(position.ticket)
        return tuple(charge for charge in now.book if charge.kind != "position" or charge.id != gone)
    if classified.intent is not Intent.ADD or levels.stop is None:
        return now.book
    with under(EXACT):
        stood = moved(now.snapshot, now.costs, symbol, levels.stop, target=levels.target, gap=now.daily_atr)
    if isinstance(stood, Refusal) or now.snapshot.account.margin_mode is not MarginMode.UNKNOWN:
        return stood
    return tuple(_dearer(before, after) for before, after in zip(now.book, stood, strict=True))


def _dearer(one: Charge, other: Charge) -> Charge:
    """Return the charge with each figure the larger of two; None is unbounded."""
    return one._replace(
        floor_loss=_larger(one.floor_loss, other.floor_loss),
        entry_loss=_larger(one.entry_loss, other.entry_loss),
        open_risk=_larger(one.open_risk, other.open_risk),
    )


def _larger(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else max(one, other)

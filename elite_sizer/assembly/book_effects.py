"""The book as it counts once a trade is made: without the position it reverses, with the stop it moves."""

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


def book_after_trade(
    picture: AccountPicture, classified: Classified, symbol: str, levels: Levels
) -> tuple[Charge, ...] | Refusal:
    """Return the charges of the book once the trade is made.

    A reversal closes its position. On netting an addition moves the stop of the whole position, so the open lots are
    charged to the request's stop; where the margin mode is unknown, to whichever stop costs more.
    """
    position = classified.position
    if position is None:
        return picture.book
    if classified.intent is Intent.REVERSE:
        reversed_id = str(position.ticket)
        return tuple(charge for charge in picture.book if charge.kind != "position" or charge.id != reversed_id)
    if classified.intent is not Intent.ADD or levels.stop is None:
        return picture.book
    with under(EXACT):
        charges = moved(
            picture.snapshot, picture.costs, symbol, levels.stop, target=levels.target, gap=picture.daily_atr
        )
    if isinstance(charges, Refusal) or picture.snapshot.account.margin_mode is not MarginMode.UNKNOWN:
        return charges
    return tuple(_dearer(before, after) for before, after in zip(picture.book, charges, strict=True))


def _dearer(before: Charge, after: Charge) -> Charge:
    """Return the charge with each figure the larger of two; None is unbounded."""
    return before._replace(
        floor_loss=_larger(before.floor_loss, after.floor_loss),
        entry_loss=_larger(before.entry_loss, after.entry_loss),
        open_risk=_larger(before.open_risk, after.open_risk),
    )


def _larger(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    return None if before is None or after is None else max(before, after)

"""Risk, margin, exposure and lots of everything open, pending or reserved, added up beside one new trade."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import compress
from math import fsum
from typing import NamedTuple

from elite_sizer.model.trade_figures import MarketFigures
from portfolio.book.charges import Charge
from portfolio.model import ZERO, Side


class Totals(NamedTuple):
    """The book and the reservations added up for one candidate; None where a trade without a stop has no bound."""

    floor_loss: Decimal | None
    entry_loss: Decimal | None
    open_risk: Decimal | None
    idea_risk: Decimal | None
    """Open risk on the candidate's symbol and side."""
    margin: Decimal
    """Of pending orders and reservations."""
    reserved: Decimal
    """Loss of the reservations alone."""
    gross: Decimal
    net: Decimal
    """Long less short exposure."""
    symbol_exposure: Decimal
    symbol_lots: Decimal
    side_lots: Decimal
    trades: int
    """Positions, pending orders and reservations."""
    unbounded: tuple[str, ...]
    """Trades without a stop: symbol, side, lots, kind and id."""
    along: float = 0.0
    """Open risk that adds to the candidate's, times the correlation; the whole exposure of a trade without a stop."""
    against: float = 0.0
    """Open risk that hedges the candidate, times the correlation; never negative."""


def totals(charges: tuple[Charge, ...], symbol: str, side: Side, market: MarketFigures) -> Totals:
    """Add up losses, exposure and margin of the charges, as factors and caps count them beside a candidate.

    A symbol without a known correlation counts as the same bet on either side. The charges may come in any order.
    """
    if not charges:
        return _NOTHING
    kinds, _, symbols, sides, lots, floor_losses, entry_losses, risks, _, exposures, margins = zip(
        *charges, strict=True
    )
    here = [name == symbol for name in symbols]
    same = [way is side for way in sides]
    idea = [is_symbol and is_side for is_symbol, is_side in zip(here, same, strict=True)]
    weights = _weights(charges, symbol, same, market)
    return Totals(
        floor_loss=_bounded(floor_losses),
        entry_loss=_bounded(entry_losses),
        open_risk=_bounded(risks),
        idea_risk=_bounded([*compress(risks, idea)]),
        margin=sum(margins, ZERO),
        reserved=sum(
            [loss or ZERO for loss, kind in zip(floor_losses, kinds, strict=True) if kind == "reservation"], ZERO
        ),
        gross=sum(exposures, ZERO),
        net=sum([amount if way is Side.BUY else -amount for amount, way in zip(exposures, sides, strict=True)], ZERO),
        symbol_exposure=sum(compress(exposures, here), ZERO),
        symbol_lots=sum(compress(lots, here), ZERO),
        side_lots=sum(compress(lots, idea), ZERO),
        trades=len(charges),
        unbounded=tuple(sorted([_name(charge) for charge in charges if charge.floor_loss is None])),
        along=fsum([risk for risk in weights if risk > 0.0]),
        against=-fsum([risk for risk in weights if risk < 0.0]),
    )


def _weights(charges: tuple[Charge, ...], symbol: str, same: list[bool], market: MarketFigures) -> list[float]:
    """Return the open risk of each charge times its correlation with the candidate, negative for a hedge."""
    correlations = {**market.correlations, symbol: 1.0}
    weights = []
    for charge, along in zip(charges, same, strict=True):
        rho = correlations.get(charge.symbol)
        signed_rho = 1.0 if rho is None else rho if along else -rho
        # a correlation that was never measured may add to the risk, but hedges nothing
        if signed_rho < 0.0 and charge.symbol in market.assumed:
            signed_rho = 0.0
        risk = charge.open_risk
        weights.append(float(str(charge.exposure if risk is None else risk)) * signed_rho)
    return weights


def _bounded(losses: Sequence[Decimal | None]) -> Decimal | None:
    """Return the sum; None where any of them has no bound."""
    finite = [loss for loss in losses if loss is not None]
    return sum(finite, ZERO) if len(finite) == len(losses) else None


def _name(charge: Charge) -> str:
    return f"{charge.symbol} {charge.side} {charge.lots} ({charge.kind} {charge.id})"


_NOTHING = Totals(ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, 0, ())

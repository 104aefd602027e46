"""Trade smaller the more the book already bets on the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from elite_sizer.context import SizingContext
from elite_sizer.outcome import Scaling
from portfolio.diversification import diversification, signed_correlation
from portfolio.exposure import Charge
from portfolio.model import ONE
from portfolio.rounding import room_down


@dataclass(frozen=True, slots=True)
class Diversification:
    """Scale to what keeps the correlated risk of the book where an independent trade would have put it.

    Sees positions, pending orders and reservations, signed by side. What has no stop is taken at its whole exposure.
    """

    hedge_credit: float = 0.5
    """Share of a negative correlation that counts."""

    def __call__(self, context: SizingContext, money: Decimal) -> Scaling:
        """Return sqrt(1 + beta^2) - beta for `money` at risk against the book; 1 for an empty one."""
        charges = [*context.book, *context.held]
        if not charges or money <= 0:
            return Scaling(ONE, "nothing else at risk" if not charges else "no data")
        risks = [float(charge.exposure if charge.open_risk is None else charge.open_risk) for charge in charges]
        signed = [_signed(context, charge) for charge in charges]
        value = diversification(float(money), risks, signed, hedge_credit=self.hedge_credit)
        average = sum(signed) / len(signed)
        return Scaling(
            min(room_down(Decimal(repr(value))), ONE),
            f"{len(charges)} open, average correlation {average:+.2f}, {sum(risks):,.2f} at risk",
        )


def _signed(context: SizingContext, charge: Charge) -> float:
    """Return the correlation with a charge, signed by both sides; where none is known, that of the same bet or none."""
    request = context.request
    rho = 1.0 if charge.symbol == request.symbol else context.market.correlations.get(charge.symbol)
    return signed_correlation(1.0 if rho is None else rho, request.side, charge.side, assumed=rho is None)

"""Trade smaller when the book already holds the same bet.

With beta = sum(open risk x signed correlation) / own risk, the factor sqrt(1 + beta^2) - beta is the largest for
which the book's correlation-weighted risk grows no more than an independent trade would make it grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, hypot, isfinite

from portfolio.model import Side
from portfolio.statistics.samples import SampleError, finite


def factor(beta: float) -> float:
    """Return sqrt(1 + beta^2) - beta for beta >= 0, in (0, 1]: 1 at 0, 0.618 at 0.5, 0.414 at 1.

    Written as 1 / (sqrt(1 + beta^2) + beta), which loses no digits. NaN, infinity and beta < 0 are refused.
    """
    if not (isfinite(beta) and beta >= 0.0):
        raise SampleError(sample="beta", fault=f"{beta!r} is not a number of 0 and more")
    return 1.0 / (hypot(1.0, beta) + beta)


def diversification(
    candidate_risk: float,
    open_risks: Sequence[float],
    signed_correlations: Sequence[float],
    *,
    hedge_credit: float = 0.5,
) -> float:
    """Return the factor in (0, 1] for a trade of `candidate_risk` beside the book.

    All risks in one currency, 0 or more; correlations between -1 and 1, signed by both sides (+1: the same bet). A
    hedge (negative correlation) counts with `hedge_credit` and can only offset what stacks up, never raise the
    factor above 1. An empty book gives 1, and so does a trade without risk. Falls continuously in every risk that
    stacks up; the sized risk, candidate_risk x factor, rises with candidate_risk. NaN is refused with SampleError.
    """
    stack = net_stacking(open_risks, signed_correlations, hedge_credit=hedge_credit)
    (risk,) = _risks((candidate_risk,), "candidate risk")
    if stack <= 0.0 or risk <= 0.0:
        return 1.0
    # the factor of beta = stacked / risk, without the division that could overflow
    return risk / (hypot(risk, stack) + stack)


def net_stacking(
    open_risks: Sequence[float], signed_correlations: Sequence[float], *, hedge_credit: float = 0.5
) -> float:
    """Return max(sum R_i g(rho_i), 0): the open risk that stacks up with the candidate, in money."""
    risks = _risks(open_risks, "open risks")
    correlations = _correlations(signed_correlations, len(risks))
    if not 0.0 <= hedge_credit <= 1.0:
        raise SampleError(sample="hedge credit", fault=f"{hedge_credit!r} does not lie between 0 and 1")
    parts = (r * rho * (hedge_credit if rho < 0.0 else 1.0) for r, rho in zip(risks, correlations, strict=True))
    return max(fsum(parts), 0.0)


def signed_correlation(correlation: float, candidate: Side, position: Side, *, assumed: bool = False) -> float:
    """Return the correlation of two trades from that of their symbols: a short turns the sign.

    An `assumed` correlation stacks up but gives no credit as a hedge.
    """
    product = correlation * candidate.sign * position.sign
    return max(product, 0.0) if assumed else product


def average_correlation(open_risks: Sequence[float], signed_correlations: Sequence[float]) -> float | None:
    """Return the mean signed correlation weighted by open risk, for display; None where nothing is at risk."""
    risks = _risks(open_risks, "open risks")
    correlations = _correlations(signed_correlations, len(risks))
    total = fsum(risks)
    if total <= 0.0:
        return None
    return fsum(r * rho for r, rho in zip(risks, correlations, strict=True)) / total


def effective_bets(risks: Sequence[float], signed_matrix: Sequence[Sequence[float]]) -> float | None:
    """Return (sum R)^2 / (R' C R), for display: how many independent bets the book is worth; None without risk.

    `signed_matrix`: correlations of the trades with each other, signed by their sides, 1 on the diagonal. Reference:
    the squared diversification ratio of Choueifaty and Coignard (2008).
    """
    money = _risks(risks, "risks")
    rows = [_correlations(row, len(money)) for row in signed_matrix]
    if len(rows) != len(money):
        raise SampleError(sample="correlations", fault=f"{len(rows)} rows for {len(money)} trades")
    variance = fsum(a * b * rows[i][j] for i, a in enumerate(money) for j, b in enumerate(money))
    return fsum(money) ** 2 / variance if variance > 0.0 else None


def _risks(values: Sequence[float], name: str) -> tuple[float, ...]:
    numbers = finite(values, name)
    if any(value < 0.0 for value in numbers):
        raise SampleError(sample=name, fault="a risk is below zero")
    return numbers


def _correlations(values: Sequence[float], count: int) -> tuple[float, ...]:
    numbers = finite(values, "correlations")
    if len(numbers) != count:
        raise SampleError(sample="correlations", fault=f"{len(numbers)} for {count} trades")
    if any(abs(value) > 1.0 for value in numbers):
        raise SampleError(sample="correlations", fault="one does not lie between -1 and 1")
    return numbers

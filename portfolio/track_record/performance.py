"""Figures of a statement for the closed trades, and the multiplier by which they change the next size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, groupby
from math import erfc, fsum, sqrt
from typing import Final, NamedTuple

from portfolio.model import ZERO
from portfolio.statistics.samples import finite
from portfolio.track_record.kelly import kelly
from portfolio.track_record.posterior import (
    posterior_multiplier,
)
from portfolio.track_record.trades import Trade, independent

LEAST_TRADES: Final = 30
"""Independent trades before good results may enlarge a trade."""


class Multiplier(NamedTuple):
    """The performance multiplier with its reason; `uncapped` is what the results alone would give."""

    value: float
    uncapped: float
    capped: bool
    trades: int
    """Independent ones: overlapping trades of one symbol and side count once."""
    because: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a statement: money in deposit currency, ratios per trade, None where nothing is to be divided."""

    trades: int
    """The sample everything below was made from."""
    wins: int
    losses: int
    """Trades that ended at exactly zero are neither."""
    win_rate: float | None
    """Wins over all trades."""
    net: Decimal
    gross_profit: Decimal
    gross_loss: Decimal
    """Sum of the losing trades, zero or negative."""
    profit_factor: float | None
    expectancy: float | None
    """Mean net result of a trade."""
    average_win: float | None
    average_loss: float | None
    """Mean of the losing trades, negative."""
    payoff: float | None
    """Average win over average loss, as a positive ratio."""
    largest_win: Decimal | None
    largest_loss: Decimal | None
    longest_wins: int
    longest_losses: int
    """Longest rows of trades in the order they were closed."""
    drawdown: Decimal
    """Largest fall of the closed result from a peak, zero or positive."""
    absolute_drawdown: Decimal
    """Largest fall of the closed result below its start."""
    sharpe: float | None
    sortino: float | None
    probabilistic_sharpe: float | None
    """Probability that the true Sharpe ratio is above zero, if the next trades come from the same sample."""
    kelly: float | None
    with_stop: int
    """Trades whose stop, and so whose R-multiple, is known."""
    expectancy_r: float | None
    """Mean R-multiple of those."""


def summary(trades: Iterable[Trade]) -> Summary:
    """Return all figures of the closed trades in the order they were closed; no trade gives zeros and Nones."""
    by_close = sorted(trades, key=lambda trade: trade.closed_at)
    results = [trade.net for trade in by_close]
    gains, losses = [net for net in results if net > 0], [net for net in results if net < 0]
    average_win, average_loss = _mean(gains), _mean(losses)
    payoff = None if average_win is None or average_loss is None else average_win / -average_loss
    multiples = [multiple for trade in by_close if (multiple := trade.r_multiple) is not None]
    figures = [float(net) for net in results]
    return Summary(
        trades=len(results),
        wins=len(gains),
        losses=len(losses),
        win_rate=len(gains) / len(results) if results else None,
        net=sum(results, start=ZERO),
        gross_profit=sum(gains, start=ZERO),
        gross_loss=sum(losses, start=ZERO),
        profit_factor=float(sum(gains)) / -float(sum(losses)) if losses else None,
        expectancy=_mean(results),
        average_win=average_win,
        average_loss=average_loss,
        payoff=payoff,
        largest_win=max(gains, default=None),
        largest_loss=min(losses, default=None),
        longest_wins=_longest(net > 0 for net in results),
        longest_losses=_longest(net < 0 for net in results),
        drawdown=_drawdown(results),
        absolute_drawdown=-min(accumulate(results, initial=ZERO)),
        sharpe=sharpe(figures),
        sortino=sortino(figures),
        probabilistic_sharpe=probabilistic_sharpe(figures),
        kelly=None if payoff is None else kelly(len(gains) / (len(gains) + len(losses)), payoff),
        with_stop=len(multiples),
        expectancy_r=fsum(multiples) / len(multiples) if multiples else None,
    )


def multiplier(trades: Iterable[Trade]) -> Multiplier:
    """Return the multiplier of an account's closed trades, at most 1 unless they can be believed.

    Past profits can't see the tail of a grid or a martingale. So more than 1 needs trades that all had a stop, and
    30 independent ones: trades of one symbol and side that overlap are merged first.
    """
    sample = tuple(trades)
    bets = independent(sample)
    if not bets:
        return Multiplier(1.0, 1.0, capped=False, trades=0, because="no data: no closed trades")
    uncapped = posterior_multiplier(r_multiples(bets))
    without = sum(trade.risk is None for trade in sample)
    # a martingale statement that ended in ruin showed a profit factor of 14 before
    doubts = []
    if without:
        doubts.append(f"{without} of {len(sample)} trades had no known stop")
    if len(bets) < LEAST_TRADES:
        doubts.append(f"{len(bets)} independent trades, {LEAST_TRADES} are needed")
    capping = bool(doubts) and uncapped > 1.0
    value = 1.0 if capping else uncapped
    because = f"{uncapped:.4f} from {len(bets)} independent trades"
    return Multiplier(
        value, uncapped, capping, len(bets), f"{because}, capped at 1: {'; '.join(doubts)}" if capping else because
    )


def r_multiples(trades: Sequence[Trade]) -> tuple[float, ...]:
    """Return the results in R. A trade without a known stop is measured by the usual risk of the others.

    The usual risk is the mean of the known ones; where there are none, the mean loss; where nothing was lost, the
    mean result. The multiplier does not raise a size on such trades, but it lowers it.
    """
    usual = _usual_risk(trades)
    return tuple(float(trade.net) / float(trade.risk or usual) for trade in trades)


def _usual_risk(trades: Sequence[Trade]) -> Decimal:
    risks = [trade.risk for trade in trades if trade.risk is not None]
    losses = [-trade.net for trade in trades if trade.net < 0]
    results = [abs(trade.net) for trade in trades if trade.net]
    for sample in (risks, losses, results):
        if sample:
            return sum(sample, start=Decimal(0)) / len(sample)
    return Decimal(1)


def sharpe(results: Sequence[float]) -> float | None:
    """Return mean / deviation (n - 1) per trade; None below two results or without any deviation."""
    values = finite(results, "results")
    if len(values) < len(("one", "other")):
        return None
    average = fsum(values) / len(values)
    variance = fsum((x - average) ** 2 for x in values) / (len(values) - 1)
    return average / sqrt(variance) if variance > 0.0 else None


def sortino(results: Sequence[float]) -> float | None:
    """Return mean / root of the mean squared loss over all n results, per trade; None where nothing was lost."""
    values = finite(results, "results")
    downside = fsum(min(x, 0.0) ** 2 for x in values)
    return fsum(values) / len(values) / sqrt(downside / len(values)) if downside > 0.0 else None


def probabilistic_sharpe(results: Sequence[float], benchmark: float = 0.0) -> float | None:
    """Return the probability that the true Sharpe ratio per trade is above `benchmark`; None where it has none.

    Phi((SR - SR*) sqrt(n - 1) / sqrt(1 - g3 SR + (g4 - 1) / 4 SR^2)) with population skewness g3 and raw kurtosis
    g4. Reference: Bailey and Lopez de Prado (2012), Journal of Risk 15(2).
    """
    ratio = sharpe(results)
    if ratio is None:
        return None
    count = len(results)
    average = fsum(results) / count
    second, third, fourth = (fsum((x - average) ** power for x in results) / count for power in (2, 3, 4))
    spread = 1.0 - third / second**1.5 * ratio + (fourth / second**2 - 1.0) / 4.0 * ratio**2
    if spread <= 0.0:
        return None
    return erfc(-(ratio - benchmark) * sqrt(count - 1.0) / sqrt(spread) / sqrt(2.0)) / 2.0


def _mean(results: Sequence[Decimal]) -> float | None:
    return float(sum(results, start=ZERO)) / len(results) if results else None


def _longest(hits: Iterable[bool]) -> int:
    return max((len(tuple(row)) for hit, row in groupby(hits) if hit), default=0)


def _drawdown(results: Sequence[Decimal]) -> Decimal:
    balance = tuple(accumulate(results, initial=ZERO))
    return max(peak - now for peak, now in zip(accumulate(balance, max), balance, strict=True))

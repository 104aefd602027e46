"""Money per lot for a move of the price, computed three independent ways and refused where they disagree.

The ways: the terminal's own answer, the tick value, and the contract's documented formula with currency conversion.
They must agree within 1 %, and then the largest counts. One way alone proves nothing: at least two must be there,
and where the formula itself is made of the tick value (futures) the terminal has to be one of them. So a missing
conversion rate is no refusal only while terminal and tick value confirm each other.

Where the deposit currency is the base of a Forex symbol (USDJPY on USD), the terminal converts at the price at which
the trade closes. The formula does the same, and the tick value, which converts at the current price, is rebased to it.

Source: MQL5 documentation, symbol properties (calc modes by number); MQL5 Book 6.1.12, 6.1.16, 6.4.8.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import Final, NamedTuple

from portfolio.model import ONE, ZERO, ProfitQuestion, Side, SymbolSpec
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import UP, loss_up
from portfolio.valuation.conversion import FOREX_MODES, Prices, conversion

SIZE_MODES: Final = frozenset({0, 2, 3, 4, 5, 32, 38})
"""Profit = move x contract size, in the profit currency: Forex, CFDs, stocks."""
TICK_MODES: Final = frozenset({1, 33, 34})
"""Profit = move / tick size x tick value, which is deposit currency already: futures; 34 is FORTS futures."""
BOND_MODES: Final = frozenset({37, 39})
"""Profit = move x face value x contract size / 100. The page leaves out the 100 that its margin line has; bond prices
are per cent of the face value. Accrued interest is the same at both ends."""
# honest ways differ by a conversion's spread; tick values have been wrong by ten (EarnForex PositionSizer #19)
TOLERANCE: Final = Decimal("1.01")
"""The largest of the ways may exceed the least by 1 %."""
TELLING: Final = 20
"""Part of the widest move that an answer must be about to be compared."""


class Valuation(NamedTuple):
    """Money per lot, three ways (None: not available) and the largest of them; never negative, rounded up to 1e-8."""

    terminal: Decimal | None
    tick_value: Decimal | None
    contract: Decimal | None
    per_lot: Decimal


class Worth(NamedTuple):
    """Money a lot gains or loses when the price moves by one, checked; the dearest way, deposit currency."""

    rate: Decimal
    at_close: bool
    """The deposit currency is the symbol's base: divide by the price at which the trade closes."""

    def move(self, here: Decimal, there: Decimal, open_price: Decimal) -> Decimal:
        """Return the money per lot between two prices for a trade opened at `opened`; not negative, not rounded.

        With `at_close` the result of a trade opened at o and closed at x is size x (1 - o/x), so between two later
        prices it changes by size x o x (1/here - 1/there). The caller's context rounds; prices must be above zero.
        """
        money = abs(here - there) * self.rate
        return money * open_price / (here * there) if self.at_close else money

    def of(self, distance: Decimal, price: Decimal) -> Decimal:
        """Return the money per lot of a `distance` (spread, points) around `price`, not rounded."""
        return distance * self.rate / price if self.at_close else distance * self.rate

    def notional(self, price: Decimal) -> Decimal:
        """Return the value of one lot at `price` in deposit currency, not rounded."""
        return self.rate if self.at_close else abs(price) * self.rate


def loss_per_lot(
    market: Prices, symbol: str, side: Side, entry: Decimal, stop: Decimal, *, terminal: Decimal | None = None
) -> Valuation | Refusal:
    """Return the money one lot loses from `entry` to `stop`; `terminal` is its own answer as a positive loss.

    Refuses `stop_wrong_side`, `stop_zero`, `value_not_finite`, `symbol_unknown`, `symbol_spec_invalid`,
    `fx_rate_missing`, `value_unavailable` and `tick_value_mismatch`, whose detail shows all three.
    """
    if not (entry.is_finite() and stop.is_finite()):
        return refuse("value_not_finite", f"{symbol}: entry {entry}, stop {stop}")
    distance = (entry - stop) * side.sign
    if distance <= 0:
        code = "stop_zero" if distance == 0 else "stop_wrong_side"
        return refuse(code, f"{symbol} {side} at {entry}: stop {stop}")
    return _three_ways(market, symbol, distance, stop, terminal, winning=False)


def gain_per_lot(
    market: Prices, symbol: str, side: Side, entry: Decimal, target: Decimal, *, terminal: Decimal | None = None
) -> Decimal | Refusal:
    """Return the money one lot wins from `entry` to `target`, the largest of the ways, rounded up to 1e-8.

    Rounded up since a gain lifts a floor that follows the peak. Refuses as `loss_per_lot` does, and
    `target_wrong_side`.
    """
    if not (entry.is_finite() and target.is_finite()):
        return refuse("value_not_finite", f"{symbol}: entry {entry}, target {target}")
    distance = (target - entry) * side.sign
    if distance <= 0:
        return refuse("target_wrong_side", f"{symbol} {side} at {entry}: target {target}")
    valuation = _three_ways(market, symbol, distance, target, terminal, winning=True)
    return valuation if isinstance(valuation, Refusal) else valuation.per_lot


def exposure_per_lot(market: Prices, symbol: str, price: Decimal) -> Decimal | Refusal:
    """Return the notional of one lot at `price` in deposit currency, rounded up to 1e-8.

    By the contract's formula; by the tick value where the page has none (options). Refuses as `loss_per_lot` does.
    """
    spec = market.contract(symbol)
    if isinstance(spec, Refusal):
        return spec
    with localcontext(UP):
        rate = _by_formula(market, spec, ONE, ONE)
        if rate is None:
            rate = _by_ticks(market, spec, ONE, ONE, winning=False)
        if rate is None:
            return refuse("value_unavailable", f"{symbol}: no formula and no tick value in calc mode {spec.calc_mode}")
        return rate if isinstance(rate, Refusal) else loss_up(Worth(rate, closes_in_base(market, spec)).notional(price))


def worth(market: Prices, symbol: str, answers: Iterable[tuple[ProfitQuestion, Decimal]]) -> Worth | Refusal:
    """Return the worth of a move of `symbol`, checked against the terminal's `answers`, such as `snapshot.profits`.

    An answer is the signed result of one lot; those about other symbols are passed over. Refuses as `loss_per_lot`
    does; the figures shown are per lot and for a move of one (of the whole price where the deposit currency is the
    symbol's base).
    """
    spec = market.contract(symbol)
    if isinstance(spec, Refusal):
        return spec
    with localcontext(UP):
        at_close = closes_in_base(market, spec)
        terminal = _answers_for(symbol, answers, at_close=at_close)
        ticks = _by_ticks(market, spec, ONE, ONE, winning=False)
        formula = _by_formula(market, spec, ONE, ONE)
        rate = _agreed(spec, terminal, ticks, formula, f"{symbol} per lot and unit of price")
        return rate if isinstance(rate, Refusal) else Worth(rate, at_close)


def closes_in_base(market: Prices, spec: SymbolSpec) -> bool:
    """Tell whether the terminal converts this symbol's profit at the price at which a trade closes."""
    return spec.calc_mode in FOREX_MODES and spec.currency_base == market.currency != spec.currency_profit


def _three_ways(
    market: Prices, symbol: str, distance: Decimal, close: Decimal, terminal: Decimal | None, *, winning: bool
) -> Valuation | Refusal:
    """Return the money of `distance` up to the closing price `close`, three ways."""
    spec = market.contract(symbol)
    if isinstance(spec, Refusal):
        return spec
    if terminal is not None and not terminal.is_finite():
        return refuse("value_not_finite", f"{symbol}: the terminal's answer is {terminal}")
    if closes_in_base(market, spec) and close <= 0:
        return refuse("value_unavailable", f"{symbol}: can't convert at a price of {close}")
    with localcontext(UP):
        ticks = _by_ticks(market, spec, distance, close, winning=winning)
        formula = _by_formula(market, spec, distance, close)
        answers = [] if terminal is None else [terminal]
        most = _agreed(spec, answers, ticks, formula, f"{symbol} over {distance} to {close}, {market.currency} per lot")
        if isinstance(most, Refusal):
            return most
        contract = None if formula is None or isinstance(formula, Refusal) else loss_up(formula)
        return Valuation(
            None if terminal is None else loss_up(terminal),
            None if ticks is None else loss_up(ticks),
            contract,
            loss_up(most),
        )


def _by_ticks(market: Prices, spec: SymbolSpec, move: Decimal, close: Decimal, *, winning: bool) -> Decimal | None:
    """Return the second way: the money of `move`, from the tick value of that direction.

    The terminal computes the value on a loss at the bid and the one on a profit at the ask of the deposit currency's
    pair; where that pair is the symbol itself, the same price takes its part out again before `close` goes in.
    """
    value = spec.tick_value if winning else spec.tick_value_loss
    if value <= 0:
        return None
    if not closes_in_base(market, spec):
        return move * value / spec.tick_size
    quote = market.price(spec.name)
    if quote is None:
        return None
    return move * value * (quote.ask if winning else quote.bid) / (spec.tick_size * close)


def _by_formula(market: Prices, spec: SymbolSpec, move: Decimal, close: Decimal) -> Decimal | Refusal | None:
    """Return the third way: the money of `move`, None where the page has no formula, or which rate is missing."""
    if spec.calc_mode in TICK_MODES:
        return move * spec.tick_value / spec.tick_size if spec.tick_value > 0 else None
    if spec.calc_mode in SIZE_MODES:
        size = spec.contract_size
    elif spec.calc_mode in BOND_MODES and spec.face_value > 0:
        size = spec.contract_size * spec.face_value / 100
    else:
        return None
    if closes_in_base(market, spec):
        return move * size / close
    rate = conversion(market, spec.currency_profit, market.currency, paying=True)
    return rate if isinstance(rate, Refusal) else move * size * rate


def _agreed(
    spec: SymbolSpec, terminal: list[Decimal], ticks: Decimal | None, formula: Decimal | Refusal | None, subject: str
) -> Decimal | Refusal:
    """Return the largest of the ways if they are enough and agree, else a refusal that shows them all."""
    contract = None if isinstance(formula, Refusal) else formula
    figures = [figure for figure in (*terminal, ticks, contract) if figure is not None]
    if not figures:
        code = "value_unavailable"
    elif min(figures) <= 0 or max(figures) > min(figures) * TOLERANCE:
        code = "tick_value_mismatch"
    elif bool(terminal) + (ticks is not None) + (contract is not None and spec.calc_mode not in TICK_MODES) > 1:
        return max(figures)
    else:
        code = "value_unavailable"
    missing = ""
    if isinstance(formula, Refusal):
        code = formula.code if code == "value_unavailable" else code
        missing = f"; {formula.detail}"
    reference = contract or ticks or ZERO
    furthest = max(terminal, key=lambda figure: abs(figure - reference), default=None)
    ways = {"terminal": furthest, "tick value": ticks, "contract": contract}
    answers_text = ", ".join(
        f"{name} {'none' if figure is None else f'{float(figure):.8g}'}" for name, figure in ways.items()
    )
    return refuse(code, f"{subject}: {answers_text}{missing}")


def _answers_for(symbol: str, answers: Iterable[tuple[ProfitQuestion, Decimal]], *, at_close: bool) -> list[Decimal]:
    """Return the first way for a move of one: negative where an answer's sign contradicts its move.

    Answers come rounded to cents, so one over a small part of the widest move asked about proves nothing.
    """
    moves = [
        (question, (question.close - question.open) * question.side.sign, money)
        for question, money in answers
        if question.symbol == symbol
    ]
    least = max((abs(move) for _, move, _ in moves), default=ZERO) / TELLING
    rates = [(question.close, money / move) for question, move, money in moves if move and abs(move) >= least]
    return [rate * close for close, rate in rates] if at_close else [rate for _, rate in rates]

"""Read the twenty arguments of source 003's guide and the open positions in them; refuse what makes no sense."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from typing import Any, Final, NamedTuple

from elite_sizer.request.numbers import decimal
from portfolio.book.charges import Charge
from portfolio.model import ZERO, Side
from portfolio.reasons import Refusal, refuse
from portfolio.rounding import UP, loss_up

SIDES: Final = {"buy": Side.BUY, "long": Side.BUY, "0": Side.BUY, "sell": Side.SELL, "short": Side.SELL, "1": Side.SELL}
REGIMES: Final = frozenset(("trending", "ranging", "volatile", "crisis"))
STAND_IN: Final = Decimal("0.011")
"""Share of the balance that a position is charged whose risk is unknown (source 003's risk of one trade)."""

_BEYOND: Final = Decimal("1E15")
_POSITIVE: Final = (
    "account_balance",
    "entry_price",
    "stop_loss",
    "tick_value",
    "tick_size",
    "contract_size",
    "max_lot_broker",
    "min_lot",
    "lot_step",
)
_OPTIONAL: Final = ("target_price", "ml_confidence", "market_score", "current_atr", "volatility")
_ANY: Final = ("ftmo_distance_to_daily", "ftmo_distance_to_dd")
_MOST: Final = {"ml_confidence": Decimal(100), "market_score": Decimal(100)}


class GuideArguments(NamedTuple):
    """The arguments in exact numbers; None where it is missing, as a target or an ATR of 0 is too."""

    symbol: str
    side: Side
    regime: str | None
    balance: Decimal
    entry: Decimal
    stop: Decimal
    target: Decimal | None
    confidence: Decimal | None
    """0 to 1."""
    score: Decimal | None
    atr: Decimal | None
    tick_value: Decimal
    tick_size: Decimal
    contract_size: Decimal
    largest: Decimal
    smallest: Decimal
    step: Decimal
    daily: Decimal
    """Gross distance to the daily floor."""
    overall: Decimal

    @property
    def per_price(self) -> Decimal:
        """Loss of one lot when the price moves by one."""
        return UP.divide(self.tick_value, self.tick_size)


class GivenBook(NamedTuple):
    """The open positions as charges, and what had to be assumed about them."""

    charges: tuple[Charge, ...]
    assumed: tuple[str, ...]


def read(values: Mapping[str, Any]) -> GuideArguments | Refusal:
    """Return the arguments in exact numbers, or the first thing that is wrong with them."""
    numbers: dict[str, Decimal | None] = {}
    for name in (*_POSITIVE, *_OPTIONAL, *_ANY):
        value = _number(name, values[name])
        if isinstance(value, Refusal):
            return value
        numbers[name] = value
    side = SIDES.get(str(values["direction"]).strip().lower())
    if side is None:
        return refuse("input_range", f"direction {values['direction']!r} is neither buy nor sell")
    symbol = values["symbol"]
    if not isinstance(symbol, str) or not symbol.strip():
        return refuse("symbol_unknown", f"symbol {symbol!r} is not a name")
    return _arguments(symbol, side, values["regime"], numbers)


def _arguments(symbol: str, side: Side, regime: object, numbers: Mapping[str, Decimal | None]) -> GuideArguments:
    confidence = numbers["ml_confidence"]
    regime_name = str(regime or "").strip().lower()

    def number(name: str) -> Decimal:
        return numbers[name] or ZERO

    return GuideArguments(
        symbol=symbol.strip(),
        side=side,
        regime=(regime_name if regime_name in REGIMES else "unknown") if regime_name else None,
        balance=number("account_balance"),
        entry=number("entry_price"),
        stop=number("stop_loss"),
        target=numbers["target_price"] or None,
        confidence=None if confidence is None else confidence / 100,
        score=numbers["market_score"],
        atr=numbers["current_atr"] or None,
        tick_value=number("tick_value"),
        tick_size=number("tick_size"),
        contract_size=number("contract_size"),
        largest=number("max_lot_broker"),
        smallest=number("min_lot"),
        step=number("lot_step"),
        daily=number("ftmo_distance_to_daily"),
        overall=number("ftmo_distance_to_dd"),
    )


def _number(name: str, value: object) -> Decimal | Refusal | None:
    if value is None and name in _OPTIONAL:
        return None
    number = decimal(value)
    if number is None or abs(number) > _BEYOND:
        return refuse("value_not_finite", f"{name} is {value!r}, which is no number that is traded")
    if name in _POSITIVE and number <= 0:
        return refuse("input_range", f"{name} is {value}; it must be above 0")
    most = _MOST.get(name)
    if name in _OPTIONAL and (number < 0 or (most is not None and number > most)):
        code = "confidence_range" if name == "ml_confidence" else "input_range"
        return refuse(code, f"{name} is {value}; it must be between 0 and {most or 'any price'}")
    return number


def book(positions: Iterable[object], arguments: GuideArguments) -> GivenBook | Refusal:
    """Return the money that the open positions can still cost.

    A position's own `risk` counts; else, in the trade's own symbol, the way from `price_current` to `sl`; else 1.1 % of
    the balance, with a remark. Refuses a position without a symbol or a side, and a risk that is no number.
    """
    charges, assumptions = [], []
    for index, position in enumerate(positions):
        symbol, side = _of(position, "symbol"), _side(position)
        if not isinstance(symbol, str) or side is None:
            return refuse("book_unpriceable", f"open position {index + 1} has no symbol or no side")
        lots = decimal(_of(position, "volume")) or ZERO
        loss = _loss(position, symbol, side, lots, arguments)
        if isinstance(loss, Refusal):
            return loss
        if loss is None:
            loss = loss_up(STAND_IN * arguments.balance)
            assumptions.append(
                f"{symbol} is charged {STAND_IN:.1%} of the balance, {loss:,.2f}: its risk was not given"
            )
        exposure = lots * arguments.entry * arguments.per_price if symbol == arguments.symbol else ZERO
        charges.append(
            Charge("position", str(index + 1), symbol, side, lots, loss, loss, loss, None, loss_up(exposure), ZERO)
        )
    return GivenBook(tuple(charges), tuple(assumptions))


def _loss(
    position: object, symbol: str, side: Side, lots: Decimal, arguments: GuideArguments
) -> Decimal | Refusal | None:
    own_risk = _of(position, "risk")
    if own_risk is not None:
        risk = decimal(own_risk)
        if risk is None or risk < 0:
            return refuse("book_unpriceable", f"{symbol}: risk {own_risk!r} is not a number of 0 and more")
        return loss_up(risk)
    stop, price = decimal(_of(position, "sl")), decimal(_of(position, "price_current"))
    if symbol != arguments.symbol or not stop or not price or lots <= 0:
        return None
    with localcontext(UP):
        distance = (price - stop) * side.sign
        return loss_up(distance * arguments.per_price * lots) if distance > 0 else None


def _of(position: object, name: str) -> object:
    """Return a field of a mapping or of a terminal's record; None where it has none."""
    if isinstance(position, Mapping):
        return position.get(name)
    return getattr(position, name, None)


def _side(position: object) -> Side | None:
    side = _of(position, "side")
    kind = _of(position, "type") if side is None else side
    return None if kind is None or isinstance(kind, bool) else SIDES.get(str(kind).strip().lower())

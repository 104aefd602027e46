"""Read the twenty arguments of source 003's guide and the open positions in them, and refuse what can't be meant."""

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
"""Share of the balance that a position is charged whose risk can't be told (source 003's risk of one trade)."""

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
    """The arguments in exact numbers; None is not given (0 stands for that in a target and an ATR)."""

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
        """What a lot loses when the price moves by one."""
        return UP.divide(self.tick_value, self.tick_size)


class GivenBook(NamedTuple):
    """The open positions as charges, and what had to be assumed about them."""

    charges: tuple[Charge, ...]
    assumed: tuple[str, ...]


def read(given: Mapping[str, Any]) -> GuideArguments | Refusal:
    """Return the arguments in exact numbers, or the first thing that is wrong with them."""
    numbers: dict[str, Decimal | None] = {}
    for name in (*_POSITIVE, *_OPTIONAL, *_ANY):
        value = _number(name, given[name])
        if isinstance(value, Refusal):
            return value
        numbers[name] = value
    side = SIDES.get(str(given["direction"]).strip().lower())
    if side is None:
        return refuse("input_range", f"direction {given['direction']!r} is neither buy nor sell")
    symbol = given["symbol"]
    if not isinstance(symbol, str) or not symbol.strip():
        return refuse("symbol_unknown", f"symbol {symbol!r} is not a name")
    return _asked(symbol, side, given["regime"], numbers)


def _asked(symbol: str, side: Side, regime: object, numbers: Mapping[str, Decimal | None]) -> GuideArguments:
    confidence = numbers["ml_confidence"]
    known = str(regime or "").strip().lower()

    def given(name: str) -> Decimal:
        return numbers[name] or ZERO

    return GuideArguments(
        symbol=symbol.strip(),
        side=side,
        regime=(known if known in REGIMES else "unknown") if known else None,
        balance=given("account_balance"),
        entry=given("entry_price"),
        stop=given("stop_loss"),
        target=numbers["target_price"] or None,
        confidence=None if confidence is None else confidence / 100,
        score=numbers["market_score"],
        atr=numbers["current_atr"] or None,
        tick_value=given("tick_value"),
        tick_size=given("tick_size"),
        contract_size=given("contract_size"),
        largest=given("max_lot_broker"),
        smallest=given("min_lot"),
        step=given("lot_step"),
        daily=given("ftmo_distance_to_daily"),
        overall=given("ftmo_distance_to_dd"),
    )


def _number(name: str, value: object) -> Decimal | Refusal | None:
    if value is None and name in _OPTIONAL:
        return None
    read_ = decimal(value)
    if read_ is None or abs(read_) > _BEYOND:
        return refuse("value_not_finite", f"{name} is {value!r}, which is no number that is traded")
    if name in _POSITIVE and read_ <= 0:
        return refuse("input_range", f"{name} is {value}; it must be above 0")
    most = _MOST.get(name)
    if name in _OPTIONAL and (read_ < 0 or (most is not None and read_ > most)):
        code = "confidence_range" if name == "ml_confidence" else "input_range"
        return refuse(code, f"{name} is {value}; it must be between 0 and {most or 'any price'}")
    return read_


def book(positions: Iterable[object], asked: GuideArguments) -> GivenBook | Refusal:
    """Return what the open positions can still cost.

    A position's own `risk` counts; else, in the symbol asked for, the way from `price_current` to `sl`; else 1.1 % of
    the balance, which is said. Refuses a position without a symbol or a side, and a risk that is no number.
    """
    charges, assumed = [], []
    for index, position in enumerate(positions):
        symbol, side = _of(position, "symbol"), _side(position)
        if not isinstance(symbol, str) or side is None:
            return refuse("book_unpriceable", f"open position {index + 1} has no symbol or no side")
        lots = decimal(_of(position, "volume")) or ZERO
        loss = _loss(position, symbol, side, lots, asked)
        if isinstance(loss, Refusal):
            return loss
        if loss is None:
            loss = loss_up(STAND_IN * asked.balance)
            assumed.append(f"{symbol} is charged {STAND_IN:.1%} of the balance, {loss:,.2f}: its risk was not given")
        exposure = lots * asked.entry * asked.per_price if symbol == asked.symbol else ZERO
        charges.append(
            Charge("position", str(index + 1), symbol, side, lots, loss, loss, loss, None, loss_up(exposure), ZERO)
        )
    return GivenBook(tuple(charges), tuple(assumed))


def _loss(position: object, symbol: str, side: Side, lots: Decimal, asked: GuideArguments) -> Decimal | Refusal | None:
    given = _of(position, "risk")
    if given is not None:
        risk = decimal(given)
        if risk is None or risk < 0:
            return refuse("book_unpriceable", f"{symbol}: risk {given!r} is not a number of 0 and more")
        return loss_up(risk)
    stop, price = decimal(_of(position, "sl")), decimal(_of(position, "price_current"))
    if symbol != asked.symbol or not stop or not price or lots <= 0:
        return None
    with localcontext(UP):
        distance = (price - stop) * side.sign
        return loss_up(distance * asked.per_price * lots) if distance > 0 else None


def _of(position: object, name: str) -> object:
    """Return a field of a mapping or of a terminal's record; None where it has none."""
    if isinstance(position, Mapping):
        return position.get(name)
    return getattr(position, name, None)


def _side(position: object) -> Side | None:
    side = _of(position, "side")
    kind = _of(position, "type") if side is None else side
    return None if kind is None or isinstance(kind, bool) else SIDES.get(str(kind).strip().lower())

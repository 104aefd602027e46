"""Turn the terminal's raw rows into our own values, once, and refuse what no size may be made from.

Fields are read by `mt5bridge.reading.fields`; a zero or a negative is refused where a size depends on the field
(`symbol_spec_invalid`, `equity_nonpositive`, `book_unpriceable`). Errors: `UnusableValueError`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from mt5bridge.metatrader.constants import Constants
from mt5bridge.reading.fields import (
    Raw,
    choice,
    flag,
    not_negative,
    number,
    positive,
    refuse_value,
    text,
    whole_number,
)
from mt5bridge.terminal_side.gather import LARGE_VOLUME, order_price
from portfolio.model import (
    Account,
    Deal,
    DealEntry,
    DealKind,
    MarginMode,
    MarginQuestion,
    Order,
    OrderType,
    Position,
    ProfitQuestion,
    Quote,
    Side,
    SymbolSpec,
    TerminalState,
)
from portfolio.rounding import DOWN

ToUtc = Callable[[float], datetime]
"""Server clock epoch to UTC."""

LARGE_ENOUGH = Decimal(str(LARGE_VOLUME))
"""Lots from which half a cent is below our finest figure."""

# ACCOUNT_MARGIN_MODE and DEAL_ENTRY of the MQL5 documentation, by number
MARGIN_MODES = {0: MarginMode.NETTING, 1: MarginMode.EXCHANGE, 2: MarginMode.HEDGING}
ENTRIES = {0: DealEntry.IN, 1: DealEntry.OUT, 2: DealEntry.INOUT, 3: DealEntry.OUT_BY}
# charges, corrections, dividends, taxes and the like move the balance too: all others are `OTHER`
DEAL_KINDS = {
    Constants.DEAL_TYPE_BUY: DealKind.TRADE,
    Constants.DEAL_TYPE_SELL: DealKind.TRADE,
    Constants.DEAL_TYPE_BALANCE: DealKind.BALANCE,
    Constants.DEAL_TYPE_CREDIT: DealKind.CREDIT,
}
ORDER_TYPES = {
    Constants.ORDER_TYPE_BUY: (Side.BUY, OrderType.MARKET),
    Constants.ORDER_TYPE_SELL: (Side.SELL, OrderType.MARKET),
    Constants.ORDER_TYPE_BUY_LIMIT: (Side.BUY, OrderType.LIMIT),
    Constants.ORDER_TYPE_SELL_LIMIT: (Side.SELL, OrderType.LIMIT),
    Constants.ORDER_TYPE_BUY_STOP: (Side.BUY, OrderType.STOP),
    Constants.ORDER_TYPE_SELL_STOP: (Side.SELL, OrderType.STOP),
    Constants.ORDER_TYPE_BUY_STOP_LIMIT: (Side.BUY, OrderType.STOP_LIMIT),
    Constants.ORDER_TYPE_SELL_STOP_LIMIT: (Side.SELL, OrderType.STOP_LIMIT),
}
SIDES = {0: Side.BUY, 1: Side.SELL}


def account(row: Raw, *, solvent: bool = True) -> Account:
    """Return the account; leverage must be above 0, and so must balance and equity unless `solvent` is False."""
    where = "account_info"
    if solvent:
        for field in ("balance", "equity"):
            positive(row, field, where, "equity_nonpositive")
    leverage = whole_number(row, "leverage", where)
    if leverage <= 0:
        refuse_value("value_not_finite", f"{where}.leverage is {leverage}, must be above 0")
    currency = text(row, "currency", where)
    if not currency:
        refuse_value("value_not_finite", f"{where}.currency is empty")
    return Account(
        login=whole_number(row, "login", where),
        server=text(row, "server", where),
        currency=currency,
        balance=number(row, "balance", where),
        equity=number(row, "equity", where),
        margin=not_negative(row, "margin", where, "value_not_finite"),
        free_margin=number(row, "margin_free", where),
        leverage=leverage,
        margin_mode=MARGIN_MODES.get(whole_number(row, "margin_mode", where), MarginMode.UNKNOWN),
        credit=number(row, "credit", where),
        profit=number(row, "profit", where),
        commission_blocked=number(row, "commission_blocked", where),
        currency_digits=whole_number(row, "currency_digits", where),
        trade_allowed=flag(row, "trade_allowed", where),
        trade_expert=flag(row, "trade_expert", where),
        trade_mode=whole_number(row, "trade_mode", where),
        stop_out_level=number(row, "margin_so_so", where),
        stop_out_in_money=whole_number(row, "margin_so_mode", where) == 1,
    )


def terminal_state(row: Raw, name: str, epoch: int) -> TerminalState:
    """Return the state of the program that answered."""
    where = "terminal_info"
    return TerminalState(
        name=name,
        connected=flag(row, "connected", where),
        trade_allowed=flag(row, "trade_allowed", where),
        api_disabled=flag(row, "tradeapi_disabled", where),
        build=whole_number(row, "build", where),
        epoch=epoch,
    )


def spec(row: Raw) -> SymbolSpec:
    """Return a contract specification that makes sense: positive sizes, an ordered volume grid, named currencies."""
    code = "symbol_spec_invalid"
    where = f"symbol_info[{row.get('name')}]"
    minimum, maximum, step = (positive(row, f"volume_{end}", where, code) for end in ("min", "max", "step"))
    if minimum > maximum or step > maximum:
        refuse_value(code, f"{where}: volume_min {minimum}, volume_max {maximum}, volume_step {step} leave no volume")
    currencies = {field: text(row, f"currency_{field}", where) for field in ("base", "profit", "margin")}
    for field, currency in currencies.items():
        if not currency:
            refuse_value(code, f"{where}.currency_{field} is empty")
    return SymbolSpec(
        name=text(row, "name", where),
        calc_mode=whole_number(row, "trade_calc_mode", where),
        contract_size=positive(row, "trade_contract_size", where, code),
        tick_size=positive(row, "trade_tick_size", where, code),
        tick_value=positive(row, "trade_tick_value", where, code),
        tick_value_loss=positive(row, "trade_tick_value_loss", where, code),
        point=positive(row, "point", where, code),
        digits=whole_number(row, "digits", where),
        currency_base=currencies["base"],
        currency_profit=currencies["profit"],
        currency_margin=currencies["margin"],
        volume_min=minimum,
        volume_max=maximum,
        volume_step=step,
        volume_limit=not_negative(row, "volume_limit", where, code),
        path=text(row, "path", where),
        description=text(row, "description", where),
        trade_mode=whole_number(row, "trade_mode", where),
        execution_mode=whole_number(row, "trade_exemode", where),
        filling_mode=whole_number(row, "filling_mode", where),
        order_mode=whole_number(row, "order_mode", where),
        expiration_mode=whole_number(row, "expiration_mode", where),
        stops_level=int(not_negative(row, "trade_stops_level", where, code)),
        freeze_level=int(not_negative(row, "trade_freeze_level", where, code)),
        swap_mode=whole_number(row, "swap_mode", where),
        swap_long=number(row, "swap_long", where),
        swap_short=number(row, "swap_short", where),
        swap_triple_day=whole_number(row, "swap_rollover3days", where),
        margin_initial=not_negative(row, "margin_initial", where, code),
        margin_maintenance=not_negative(row, "margin_maintenance", where, code),
        margin_hedged=not_negative(row, "margin_hedged", where, code),
        face_value=not_negative(row, "trade_face_value", where, code),
        accrued_interest=not_negative(row, "trade_accrued_interest", where, code),
        liquidity_rate=number(row, "trade_liquidity_rate", where),
        settlement_price=number(row, "session_price_settlement", where),
        last_price=number(row, "last", where),
        selected=flag(row, "select", where),
    )


def quote(symbol: str, row: Raw, to_utc: ToUtc) -> Quote:
    """Return bid, ask and their time as they are; `snapshot` judges whether they can be used."""
    where = f"tick[{symbol}]"
    return Quote(symbol, number(row, "bid", where), number(row, "ask", where), to_utc(float(tick_time(symbol, row))))


def tick_time(symbol: str, row: Raw) -> Decimal:
    """Return the server time of a tick in seconds, by milliseconds where the terminal gives them."""
    where = f"tick[{symbol}]"
    milliseconds = number(row, "time_msc", where)
    return milliseconds / 1000 if milliseconds > 0 else number(row, "time", where)


def newest_tick(raw: Raw) -> float | None:
    """Return the server time of the newest tick in a reading."""
    return max((float(tick_time(name, row)) for name, row in raw["ticks"].items()), default=None)


def _time(row: Raw, field: str, where: str) -> float:
    milliseconds = number(row, f"{field}_msc", where)
    return float(milliseconds / 1000 if milliseconds > 0 else number(row, field, where))


def _level(row: Raw, field: str, where: str) -> Decimal | None:
    value = not_negative(row, field, where, "book_unpriceable")
    return value or None


def position(row: Raw, to_utc: ToUtc) -> Position:
    """Return an open position; without a volume or a price it can't be charged."""
    where = f"position {row.get('ticket')}"
    return Position(
        ticket=whole_number(row, "ticket", where),
        symbol=text(row, "symbol", where),
        side=choice(row, "type", where, SIDES),
        volume=positive(row, "volume", where, "book_unpriceable"),
        open_price=positive(row, "price_open", where, "book_unpriceable"),
        current_price=positive(row, "price_current", where, "book_unpriceable"),
        stop=_level(row, "sl", where),
        target=_level(row, "tp", where),
        profit=number(row, "profit", where),
        swap=number(row, "swap", where),
        opened_at=to_utc(_time(row, "time", where)),
        magic=whole_number(row, "magic", where),
        comment=text(row, "comment", where),
        identifier=whole_number(row, "identifier", where),
    )


def order(row: Raw, to_utc: ToUtc) -> Order:
    """Return a pending order at the price it would be filled at (a stop limit's at its limit)."""
    where = f"order {row.get('ticket')}"
    side, kind = choice(row, "type", where, ORDER_TYPES)
    for field in ("price_open", "price_stoplimit", "price_current"):
        not_negative(row, field, where, "book_unpriceable")
    if kind is not OrderType.MARKET:
        positive(row, "price_open", where, "book_unpriceable")
    price = {"price": order_price(row)}
    expiration = number(row, "time_expiration", where)
    return Order(
        ticket=whole_number(row, "ticket", where),
        symbol=text(row, "symbol", where),
        side=side,
        type=kind,
        volume=positive(row, "volume_current", where, "book_unpriceable"),
        price=positive(price, "price", where, "book_unpriceable"),
        stop=_level(row, "sl", where),
        target=_level(row, "tp", where),
        placed_at=to_utc(_time(row, "time_setup", where)),
        expires_at=to_utc(float(expiration)) if expiration > 0 else None,
        magic=whole_number(row, "magic", where),
        comment=text(row, "comment", where),
    )


def deal(row: Raw, to_utc: ToUtc) -> Deal:
    """Return a line of the history; a balance operation has neither side nor entry, even where its row has them."""
    where = f"deal {row.get('ticket')}"
    # a deposit's row has entry 0 and no position, so it would read as the opening of a trade
    kind = DEAL_KINDS.get(whole_number(row, "type", where), DealKind.OTHER)
    trade = kind is DealKind.TRADE
    return Deal(
        ticket=whole_number(row, "ticket", where),
        order=whole_number(row, "order", where),
        position_id=whole_number(row, "position_id", where),
        symbol=text(row, "symbol", where),
        kind=kind,
        side=choice(row, "type", where, SIDES) if trade else None,
        entry=choice(row, "entry", where, ENTRIES) if trade else None,
        volume=not_negative(row, "volume", where, "value_not_finite"),
        price=not_negative(row, "price", where, "value_not_finite"),
        profit=number(row, "profit", where),
        commission=number(row, "commission", where),
        swap=number(row, "swap", where),
        fee=number(row, "fee", where),
        at=to_utc(_time(row, "time", where)),
        magic=whole_number(row, "magic", where),
        comment=text(row, "comment", where),
    )


def profit_answer(row: Raw, cent: Decimal) -> tuple[ProfitQuestion, Decimal]:
    """Return the result of one lot, in deposit currency, rounded towards the loss.

    The terminal rounds to `cent`, so an answer for a small volume is worth up to half a cent less than it says.
    """
    where = f"order_calc_profit({row['side']} {row['symbol']})"
    volume = positive(row, "volume", where, "value_not_finite")
    answer = number(row, "profit", where)
    if volume < LARGE_ENOUGH:
        answer -= cent / 2
    question = ProfitQuestion(
        str(row["symbol"]), Side(row["side"]), number(row, "open", where), number(row, "close", where)
    )
    return question, DOWN.divide(answer, volume)


def margin_answer(row: Raw) -> tuple[MarginQuestion, Decimal]:
    """Return the margin of the whole volume in deposit currency, as the terminal rounds it."""
    where = f"order_calc_margin({row['side']} {row['symbol']})"
    volume = positive(row, "volume", where, "value_not_finite")
    answer = not_negative(row, "margin", where, "value_not_finite")
    return MarginQuestion(str(row["symbol"]), Side(row["side"]), volume, number(row, "price", where)), answer

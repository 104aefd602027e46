"""The package's rows: read-only, with named fields, and nothing that a namedtuple adds.

The package's results are C struct sequences. These imitate them to the letter, so that code which works
here works there: index, iterate, compare and `_asdict()`; no `_fields`, no `_replace`, no new attribute, no heirs, no
pickling (their module says `builtins`, where pickle finds no such name). Field order: package 5.0.6231.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Self, TypeGuard, cast

if TYPE_CHECKING:

    class Record(tuple[Any, ...]):
        """One row; its columns are attributes."""

        __slots__ = ()
        __match_args__: tuple[str, ...]

        def __new__(cls, sequence: Iterable[Any], values: dict[str, Any] = ..., /) -> Self:
            """Take one value for each column."""

        def __getattr__(self, name: str) -> Any: ...  # noqa: ANN401 - a column's own type

        def _asdict(self) -> dict[str, Any]: ...
else:
    Record = tuple


def _new(cls: type[Record], sequence: Iterable[object], dict: object = None) -> Record:  # noqa: A002 - as the package
    """Take one sequence of exactly as many values as there are columns."""
    if dict is not None and not isinstance(dict, type({})):
        message = f"{cls.__name__}() takes a dict as second arg, if any"
        raise TypeError(message)
    try:
        values = tuple(sequence)
    except TypeError:
        message = "constructor requires a sequence"
        raise TypeError(message) from None
    width = len(cls.__match_args__)
    if len(values) != width:
        message = f"{cls.__name__}() takes a {width}-sequence ({len(values)}-sequence given)"
        raise TypeError(message)
    return tuple.__new__(cls, values)


def _repr(self: Record) -> str:
    columns = ", ".join(f"{name}={value!r}" for name, value in zip(self.__match_args__, self, strict=True))
    return f"{type(self).__name__}({columns})"


def _reduce(self: Record) -> tuple[type, tuple[tuple[Any, ...], dict[str, Any]]]:
    return type(self), (tuple(self), {})


def _asdict(self: Record) -> dict[str, Any]:
    """Return the row as a dictionary, nested rows as they are."""
    return dict(zip(self.__match_args__, self, strict=True))


def _no_heirs(cls: type, /, **_: object) -> None:
    message = f"type '{cls.__mro__[1].__name__}' is not an acceptable base type"
    raise TypeError(message)


def _record(name: str, doc: str, columns: str) -> type[Record]:
    """Make the row type `name` with `columns` (one string, parted by blanks)."""
    names = tuple(columns.split())
    body: dict[str, Any] = {
        "__slots__": (),
        "__doc__": doc,
        "__module__": "builtins",
        "__match_args__": names,
        "__new__": _new,
        "__repr__": _repr,
        "__reduce__": _reduce,
        "_asdict": _asdict,
        "n_fields": len(names),
        "n_sequence_fields": len(names),
        "n_unnamed_fields": 0,
        "__init_subclass__": classmethod(_no_heirs),
        **{column: property(itemgetter(index)) for index, column in enumerate(names)},
    }
    row_type: Any = type(name, (tuple,), body)
    # the slots have done their work, and a genuine row type shows none
    del row_type.__slots__
    return cast("type[Record]", row_type)


Tick = _record(
    "Tick",
    "This is a structure for storing latest symbol prices",
    "time bid ask last volume time_msc flags volume_real",
)

BookInfo = _record(
    "BookInfo", "This is a structure for storing Depth of Market information", "type price volume volume_dbl"
)

AccountInfo = _record(
    "AccountInfo",
    "This is a structure for storing account information",
    "login trade_mode leverage limit_orders margin_so_mode trade_allowed trade_expert margin_mode currency_digits "
    "fifo_close balance credit profit equity margin margin_free margin_level margin_so_call margin_so_so "
    "margin_initial margin_maintenance assets liabilities commission_blocked name server currency company",
)

TerminalInfo = _record(
    "TerminalInfo",
    "This is a structure for storing terminal information",
    "community_account community_connection connected dlls_allowed trade_allowed tradeapi_disabled email_enabled "
    "ftp_enabled notifications_enabled mqid build maxbars codepage ping_last community_balance retransmission "
    "company name language path data_path commondata_path",
)

SymbolInfo = _record(
    "SymbolInfo",
    "This is a structure for storing symbol information",
    "custom chart_mode select visible session_deals session_buy_orders session_sell_orders volume volumehigh "
    "volumelow time digits spread spread_float ticks_bookdepth trade_calc_mode trade_mode start_time "
    "expiration_time trade_stops_level trade_freeze_level trade_exemode swap_mode swap_rollover3days "
    "margin_hedged_use_leg expiration_mode filling_mode order_mode order_gtc_mode option_mode option_right bid "
    "bidhigh bidlow ask askhigh asklow last lasthigh lastlow volume_real volumehigh_real volumelow_real "
    "option_strike point trade_tick_value trade_tick_value_profit trade_tick_value_loss trade_tick_size "
    "trade_contract_size trade_accrued_interest trade_face_value trade_liquidity_rate volume_min volume_max "
    "volume_step volume_limit swap_long swap_short margin_initial margin_maintenance session_volume "
    "session_turnover session_interest session_buy_orders_volume session_sell_orders_volume session_open "
    "session_close session_aw session_price_settlement session_price_limit_min session_price_limit_max "
    "margin_hedged price_change price_volatility price_theoretical price_greeks_delta price_greeks_theta "
    "price_greeks_gamma price_greeks_vega price_greeks_rho price_greeks_omega price_sensitivity basis category "
    "currency_base currency_profit currency_margin bank description exchange formula isin name page path",
)

TradePosition = _record(
    "TradePosition",
    "Trade position structure",
    "ticket time time_msc time_update time_update_msc type magic identifier reason volume price_open sl tp "
    "price_current swap profit symbol comment external_id",
)

TradeOrder = _record(
    "TradeOrder",
    "Trade order structure",
    "ticket time_setup time_setup_msc time_done time_done_msc time_expiration type type_time type_filling state "
    "magic position_id position_by_id reason volume_initial volume_current price_open sl tp price_current "
    "price_stoplimit symbol comment external_id",
)

TradeDeal = _record(
    "TradeDeal",
    "Trade deal structure",
    "ticket order time time_msc type entry magic position_id reason volume price commission swap profit fee symbol "
    "comment external_id",
)

TradeRequest = _record(
    "TradeRequest",
    "Trade request structure",
    "action magic order symbol volume price stoplimit sl tp deviation type type_filling type_time expiration "
    "comment position position_by",
)

OrderSendResult = _record(
    "OrderSendResult",
    "order_send result structure",
    "retcode deal order volume price bid ask comment request_id retcode_external request",
)

OrderCheckResult = _record(
    "OrderCheckResult",
    "order_check result structure",
    "retcode balance equity profit margin margin_free margin_level comment request",
)


ALL_TYPES: tuple[type[Record], ...] = (
    Tick, OrderSendResult, TradePosition, BookInfo, AccountInfo, TradeOrder,
    OrderCheckResult, SymbolInfo, TerminalInfo, TradeDeal, TradeRequest,
)  # fmt: skip
"""All eleven."""


def with_values(row: Record, **values: object) -> Record:
    """Return a copy of a row with some columns changed; genuine rows have no `_replace`."""
    return type(row)({**row._asdict(), **values}.values())


def is_record(value: object) -> TypeGuard[Record]:
    """Whether the value is one of the package's rows."""
    return isinstance(value, tuple) and hasattr(value, "_asdict")

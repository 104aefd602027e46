"""What the terminal hands out: read-only rows with named fields, and nothing a namedtuple adds.

The package's results are C struct sequences. These imitate them to the letter, so that code which works
here works there: index, iterate, compare and `_asdict()`; no `_fields`, no `_replace`, no new attribute, no
pickling (their module says `builtins`, where pickle finds no such name). Field order: package 5.0.6231.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NoReturn


class Record(tuple[Any, ...]):
    """One row; its subclasses name the columns."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # noqa: ANN401 - a column holds whatever the terminal put there

    def __new__(cls, row: Iterable[Any], _unused: object = None, /) -> Record:
        """Take one sequence of exactly as many values as there are columns."""
        values = tuple(row)
        width = len(cls.__match_args__)
        if len(values) != width:
            message = f"{cls.__name__}() takes a {width}-sequence ({len(values)}-sequence given)"
            raise TypeError(message)
        return super().__new__(cls, values)

    def __repr__(self) -> str:
        columns = ", ".join(f"{name}={value!r}" for name, value in zip(self.__match_args__, self, strict=True))
        return f"{type(self).__name__}({columns})"

    def __reduce__(self) -> tuple[type[Record], tuple[tuple[Any, ...], dict[str, Any]]]:
        return type(self), (tuple(self), {})

    def _asdict(self) -> dict[str, Any]:
        """Return the row as a dictionary, nested rows as they are."""
        return dict(zip(self.__match_args__, self, strict=True))


def _sealed(cls: type[Record], **_: object) -> NoReturn:
    message = f"type '{cls.__mro__[1].__name__}' is not an acceptable base type"
    raise TypeError(message)


def _record(name: str, doc: str, columns: str) -> type[Record]:
    """Make the row type `name` with `columns` (in one string, parted by blanks)."""
    names = tuple(columns.split())
    body: dict[str, Any] = {
        "__slots__": (),
        "__doc__": doc,
        "__match_args__": names,
        "__module__": "builtins",
        "n_fields": len(names),
        "n_sequence_fields": len(names),
        "n_unnamed_fields": 0,
    }
    body.update({column: property(itemgetter(index)) for index, column in enumerate(names)})
    made = type(name, (Record,), body)
    made.__init_subclass__ = classmethod(_sealed)  # type: ignore[assignment, arg-type] - the genuine ones are final
    return made


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

TYPES = {
    made.__name__: made
    for made in (
        Tick, OrderSendResult, TradePosition, BookInfo, AccountInfo, TradeOrder,
        OrderCheckResult, SymbolInfo, TerminalInfo, TradeDeal, TradeRequest,
    )
}  # fmt: skip
"""All eleven, by name."""

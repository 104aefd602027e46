"""The account, the symbols and the positions as the terminal shows them, column by column."""

from __future__ import annotations

from collections.abc import Container

from mt5bridge.metatrader.constants import Constants
from mt5bridge.metatrader.structs import AccountInfo, Record, SymbolInfo, TerminalInfo, Tick, TradePosition
from mt5bridge.simulated.broker.accounting import Accounting
from mt5bridge.simulated.broker.book import BookPosition, PaperAccount
from mt5bridge.simulated.market.clock import DAY, VirtualClock
from mt5bridge.simulated.market.contracts import Contract
from mt5bridge.simulated.market.market import PaperMarket, PaperQuote
from mt5bridge.simulated.market.pricing import Pricing

BUILD = 5836
TICK_FLAGS = Constants.TICK_FLAG_BID | Constants.TICK_FLAG_ASK
MAX_BARS = 100_000
ZEROS = dict.fromkeys(SymbolInfo.__match_args__, 0.0)
WHOLE = """chart_mode session_deals session_buy_orders session_sell_orders volume volumehigh volumelow time digits
    spread ticks_bookdepth trade_calc_mode trade_mode start_time expiration_time trade_stops_level trade_freeze_level
    trade_exemode swap_mode swap_rollover3days expiration_mode filling_mode order_mode order_gtc_mode option_mode
    option_right"""
TEXT = """basis category currency_base currency_profit currency_margin bank description exchange formula isin name page
    path"""
BLANK = {
    **ZEROS,
    **dict.fromkeys(WHOLE.split(), 0),
    **dict.fromkeys(TEXT.split(), ""),
    "custom": False,
    "spread_float": True,
}
"""A symbol about which nothing is known, each column in its own type."""
COPIED = [name for name in SymbolInfo.__match_args__ if hasattr(Contract, name)]


def account_row(account: PaperAccount, accounting: Accounting) -> Record:
    """Return AccountInfo."""
    figures = accounting.figures()
    return AccountInfo((
        account.login, account.trade_mode, account.leverage, account.limit_orders, account.margin_so_mode,
        account.trade_allowed, account.trade_expert, account.margin_mode, account.currency_digits, account.fifo_close,
        figures.balance, figures.credit, figures.profit, figures.equity, figures.margin, figures.free,
        figures.level, account.margin_so_call, account.margin_so_so, 0.0, 0.0, 0.0, 0.0, 0.0,
        account.name, account.server, account.currency, account.company,
    ))  # fmt: skip


def terminal_row(*, connected: bool, trade_allowed: bool, api_disabled: bool) -> Record:
    """Return TerminalInfo."""
    home = "C:\\Program Files\\Simulated Terminal"
    return TerminalInfo((
        False, False, connected, False, trade_allowed, api_disabled, False, False, False, False,
        BUILD, MAX_BARS, 1252, 24_000, 0.0, 0.0,
        "Simulated Broker", "SIMULATED terminal", "English", home, home, home,
    ))  # fmt: skip


def tick_row(quote: PaperQuote, clock: VirtualClock) -> Record:
    """Return Tick; zeros for a symbol that was never quoted."""
    if quote.utc_ms == 0:
        return Tick((0, 0.0, 0.0, 0.0, 0, 0, 0, 0.0))
    at = clock.to_server(quote.utc_ms) + clock.skew_ms
    return Tick((at // 1000, quote.bid, quote.ask, 0.0, 0, at, TICK_FLAGS, 0.0))


def position_row(position: BookPosition, accounting: Accounting) -> Record:
    """Return TradePosition; profit is price gain alone."""
    return TradePosition((
        position.ticket, position.time_msc // 1000, position.time_msc, position.time_update_msc // 1000,
        position.time_update_msc, position.side, position.magic, position.identifier, position.reason,
        position.volume, position.price_open, position.sl, position.tp, accounting.closing_price(position),
        position.swap, accounting.profit(position), position.symbol, position.comment, "",
    ))  # fmt: skip


def symbol_row(
    contract: Contract, market: PaperMarket, pricing: Pricing, selection: Container[str], visible: Container[str]
) -> Record:
    """Return SymbolInfo; a symbol that is not selected has no prices and no tick values."""
    values = {**BLANK, **{name: getattr(contract, name) for name in COPIED}}
    values["select"], values["visible"] = contract.name in selection, contract.name in visible
    values["spread"] = contract.spread
    quote = market.quote(contract.name) if values["select"] else None
    if quote and quote.bid > 0:
        values.update(_price_fields(contract, market, pricing, quote))
    return SymbolInfo(values[name] for name in SymbolInfo.__match_args__)


def _price_fields(contract: Contract, market: PaperMarket, pricing: Pricing, quote: PaperQuote) -> dict[str, float]:
    """Return the columns that follow from the quote."""
    profit, loss = pricing.tick_value(contract, loss=False), pricing.tick_value(contract, loss=True)
    today, before = _days(contract, market)
    width = quote.ask - quote.bid
    high, low = max(today[0], quote.bid), min(today[1], quote.bid)
    return {
        "time": (market.clock.to_server(quote.utc_ms) + market.clock.skew_ms) // 1000,
        "spread": contract.points(width),
        "bid": quote.bid,
        "bidhigh": high,
        "bidlow": low,
        "ask": quote.ask,
        "askhigh": round(high + width, contract.digits),
        "asklow": round(low + width, contract.digits),
        "trade_tick_value": profit,
        "trade_tick_value_profit": profit,
        "trade_tick_value_loss": loss,
        "session_open": today[2],
        "session_close": before,
        "price_change": round((quote.bid / before - 1) * 100, 4) if before else 0.0,
    }


def _days(contract: Contract, market: PaperMarket) -> tuple[tuple[float, float, float], float]:
    """Return the server day's high, low and open by its whole bars so far, and the last close before it."""
    clock, tape = market.clock, market.tape(contract.name)
    midnight = clock.to_server(clock.utc_ms) // 1000 // DAY * DAY
    last = tape.index_at(clock.utc_ms / 1000)
    first = tape.index_at(clock.to_utc(midnight * 1000) / 1000 - 1) + 1
    today = tape.bars[first:last]
    start = tape.bars[min(first, last)].open if last >= 0 else 0
    high = max([bar.high for bar in today], default=start)
    low = min([bar.low for bar in today], default=start)
    before = tape.bars[first - 1].close if first > 0 else 0
    price = contract.price
    return (price(high), price(low), price(start)), price(before)

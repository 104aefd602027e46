"""Checks of one symbol: its quote, its contract, its money per lot, its bars."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from mt5bridge.diagnosis.check import Check, CheckState, good, refused
from mt5bridge.errors import BridgeError
from mt5bridge.reading import convert
from mt5bridge.reading.converted import ConvertedReading
from mt5bridge.reading.freshness import Freshness, check_quote
from portfolio.model import ProfitQuestion, Side
from portfolio.reasons import Refusal
from portfolio.rounding import price_down
from portfolio.valuation.conversion import Prices
from portfolio.valuation.money_per_lot import loss_per_lot

NEAR: Final = Decimal("0.01")
"""Part of the price at which the stop of the sample trade lies."""
FEW_BARS: Final = 0.5
"""Part of the bars asked for below which statistics are thin."""
# SYMBOL_TRADE_MODE by number, 4 for full access
FULL: Final = 4
MODES: Final[Mapping[int, str]] = {
    0: "trading is disabled",
    1: "only buying is allowed",
    2: "only selling is allowed",
    3: "only closing is allowed",
}


def quoting(reading: ConvertedReading, symbol: str, freshness: Freshness) -> Check:
    """Check that the symbol is in Market Watch and quotes now."""
    topic = f"{symbol} quote"
    row = reading.raw["ticks"].get(symbol)
    if row is None:
        return Check(topic, CheckState.BAD, "no quote", f"Add {symbol} to Market Watch (Ctrl+U).")
    try:
        spec = convert.spec(reading.raw["symbols"][symbol])
        quote = convert.quote(symbol, row, reading.clock.to_utc)
        age = (reading.at - quote.at).total_seconds()
        check_quote(quote, age, freshness.limit(spec), freshness.future)
    except BridgeError as error:
        return refused(topic, error.reason)
    return good(topic, f"{quote.bid} / {quote.ask}, {max(age, 0):.1f} s old")


def specification(reading: ConvertedReading, symbol: str) -> Check:
    """Check that the contract makes sense."""
    topic = f"{symbol} contract"
    try:
        spec = convert.spec(reading.raw["symbols"][symbol])
    except BridgeError as error:
        return refused(topic, error.reason)
    volumes = f"{spec.volume_min} to {spec.volume_max} by {spec.volume_step} lots"
    finding = f"{spec.contract_size} {spec.currency_base} a lot, tick {spec.tick_size}, {volumes}"
    if spec.trade_mode != FULL:
        words = MODES.get(spec.trade_mode, f"trade mode {spec.trade_mode}")
        return Check(topic, CheckState.WARNING, f"{finding}; {words}", "Ask the broker, or trade another symbol.")
    return good(topic, finding)


def money_per_lot(reading: ConvertedReading, symbol: str) -> Check:
    """Check that terminal, tick value and contract agree on one lot's loss at a stop one per cent away."""
    topic = f"{symbol} money per lot"
    try:
        specs, quotes = reading.specs(), reading.quotes(Freshness().conversion)
        currency = reading.account().currency
        answers = reading.profits()
    except BridgeError as error:
        return refused(topic, error.reason)
    if symbol not in quotes:
        return Check(topic, CheckState.BAD, "no usable quote to reckon with", f"Add {symbol} to Market Watch (Ctrl+U).")
    entry = quotes[symbol].ask
    stop = sample_stop(entry, specs[symbol].tick_size)
    answer = answers.get(ProfitQuestion(symbol, Side.BUY, entry, stop))
    value = loss_per_lot(
        Prices(currency, specs, quotes), symbol, Side.BUY, entry, stop, terminal=None if answer is None else -answer
    )
    if isinstance(value, Refusal):
        return refused(topic, value)
    ways = {"terminal": value.terminal, "tick value": value.tick_value, "contract": value.contract}
    answers_shown = ", ".join(f"{name} {'none' if loss is None else f'{loss:.2f}'}" for name, loss in ways.items())
    return good(topic, f"{value.per_lot:.2f} {currency} from {entry} to {stop} ({answers_shown})")


def sample_stop(entry: Decimal, tick: Decimal) -> Decimal:
    """Return the stop of the sample trade: one per cent below the entry, on the tick."""
    return price_down(entry * (1 - NEAR), tick)


def history(reading: ConvertedReading, symbol: str, counts: Mapping[str, int]) -> list[Check]:
    """Check that the bars which the statistics need are there and end now."""
    checks = []
    for timeframe, count in counts.items():
        topic = f"{symbol} bars {timeframe}"
        try:
            bars = reading.bars({timeframe: count}).get((symbol, timeframe))
        except BridgeError as error:
            checks.append(refused(topic, error.reason))
            continue
        have = 0 if bars is None else len(bars)
        if have < count * FEW_BARS:
            fix = "Open a chart of the symbol and scroll back, or raise Max bars in chart."
            checks.append(Check(topic, CheckState.WARNING, f"only {have} of {count} closed bars", fix))
        else:
            checks.append(good(topic, f"{have} closed bars"))
    return checks

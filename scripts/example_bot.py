"""A bot on the paper terminal that asks for every size: half a day, an idea an hour, each order placed as decided.

    python scripts/example_bot.py

With a real terminal nothing changes but the options: leave them out, and use the MetaTrader5 package as `mt5`.
"""

from __future__ import annotations

import logging
import tempfile
from typing import Any

from elite_sizer import Decision, Refusal, Sizer, TradeIdea

SYMBOLS = ("EURUSD", "XAUUSD", "US500")
HOURS = 6
BARS = 24


def main() -> None:
    """Let the bot run for some hours of paper time."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        options = {"terminal": "simulated", "store": folder}
        with Sizer.from_config(options=options, caller="example-bot") as sizer:
            for hour in range(HOURS):
                sizer.terminal.mt5.advance(3600)
                trade(sizer, SYMBOLS[hour % len(SYMBOLS)], hour)


def trade(sizer: Sizer, symbol: str, hour: int) -> None:
    """Size one idea and send it as decided."""
    mt5 = sizer.terminal.mt5
    idea = TradeIdea(symbol, trend(mt5, symbol), atr_stop=2, rr=2, confidence=0.6, signal_id=f"{symbol}-{hour}")
    decision = sizer.size(idea)
    said = decision.explain().splitlines()[-1]
    print(f"{mt5.now:%H:%M} {symbol:<7} {idea.side:<5} {said}  [{decision.flag.value if decision.flag else '-'}]")
    if not decision:
        return
    claimed = sizer.claim(decision)
    if isinstance(claimed, Refusal):
        print(f"      not sent: {claimed.code}: {claimed.detail}")
        return
    ticket = send(mt5, symbol, idea.side, decision)
    if ticket is None:
        sizer.cancel(decision)
        return
    sizer.placed(decision, ticket)
    print(f"      order {ticket}, tagged {decision.order.comment if decision.order else ''}")


def trend(mt5: Any, symbol: str) -> str:  # noqa: ANN401 - the package has no types
    """Return the side of the last day's move; a real bot has a better idea."""
    bars = mt5.copy_rates_from_pos(symbol, mt5.TIMEFRAME_H1, 0, BARS)
    return "buy" if bars[-1]["close"] > bars[0]["open"] else "sell"


def send(mt5: Any, symbol: str, side: str, decision: Decision) -> int | None:  # noqa: ANN401
    """Send the decided order with stop and target in one request; return its ticket, None where it was rejected."""
    plan = decision.order
    if plan is None:
        return None
    fillings = {"fok": mt5.ORDER_FILLING_FOK, "ioc": mt5.ORDER_FILLING_IOC, "return": mt5.ORDER_FILLING_RETURN}
    result = mt5.order_send(
        {
            "action": mt5.TRADE_ACTION_DEAL,
            "symbol": symbol,
            "volume": plan.volume,
            "type": mt5.ORDER_TYPE_BUY if side == "buy" else mt5.ORDER_TYPE_SELL,
            "price": float(plan.price),
            "sl": float(plan.stop or 0),
            "tp": float(plan.target or 0),
            "deviation": plan.deviation_points,
            "magic": plan.magic,
            "comment": plan.comment,
            "type_time": mt5.ORDER_TIME_GTC,
            "type_filling": fillings[plan.filling[0]],
        }
    )
    if result is None or result.retcode != mt5.TRADE_RETCODE_DONE:
        print(f"      rejected: {mt5.last_error() if result is None else result.comment}")
        return None
    return int(result.order)


if __name__ == "__main__":
    main()

"""Your own sizer and the elite one side by side behind the flag, the old one trading until you trust.

    python scripts/example_shadow.py

The bot hands over the lots that its own function computed. With the flag on `shadow` they come back untouched but
for the hard limits, and the elite answer is recorded beside them; `elite` turns it round, `legacy` leaves it out.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from elite_sizer import FlagValue, Sizer, TradeIdea, write_flag


def old_lots(balance: float, stop_distance: float, value_per_price: float) -> float:
    """Size as the bot did so far: 1.1 % of the balance over the stop."""
    return round(balance * 0.011 / (stop_distance * value_per_price), 2)


def main() -> None:
    """Ask the same question under each value of the flag."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        options = {"terminal": "simulated", "store": folder}
        with Sizer.from_config(options=options) as sizer:
            balance = sizer.terminal.mt5.account_info().balance
            lots = old_lots(balance, stop_distance=0.0052, value_per_price=100_000)
            idea = TradeIdea("EURUSD", "buy", stop=1.0800, rr=2, confidence=0.6, legacy_lots=lots)
            for value in FlagValue:
                write_flag(Path(folder), value)
                decision = sizer.size(idea, reserve=False)
                verdict = decision.verdict
                elite = verdict.elite.lots if verdict is not None and verdict.elite is not None else "not asked"
                print(f"flag {value:<7} trade {decision.lots} lots   yours {lots}   elite {elite}")


if __name__ == "__main__":
    main()

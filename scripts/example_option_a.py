"""Option A of the integration guide: where the bot called its sizer, the flag decides which one is called.

    python scripts/example_option_a.py

The call and its 20 arguments stay as they are. USE_ELITE_SIZER=false (or `elite-sizer flag legacy`) rolls back at
the next signal, without a restart; the second half of this run shows it.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

from example_legacy import HOURS, LegacySizer, signals

from elite_sizer import dropin

legacy_sizer = LegacySizer()


def size(elite_sizer: dropin.ElitePositionSizer, signal: dict[str, Any]) -> dict[str, Any]:
    """Return the position as the guide's unified system computes it."""
    if dropin.USE_ELITE_SIZER:
        return elite_sizer.calculate_position_size(**signal)
    return legacy_sizer.calculate_position_size(**signal)


def main() -> None:
    """Size half of the signals with the flag on, and half after a rollback."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ |= {"ELITE_SIZER_STORE__PATH": folder, "USE_ELITE_SIZER": "true"}
        elite_sizer = dropin.ElitePositionSizer()
        for hour, signal in enumerate(signals()):
            if hour == HOURS // 2:
                os.environ["USE_ELITE_SIZER"] = "false"
                print("rollback: USE_ELITE_SIZER=false")
            position_info = size(elite_sizer, signal)
            why = position_info.get("reasoning", "the old sizer").partition(";")[0]
            print(f"{signal['symbol']:<7} {signal['direction']:<4} {position_info['lot_size']:>7.2f} lots  {why}")


if __name__ == "__main__":
    main()

"""Option B of the integration guide: the bot sizes as ever, and a wrapper behind the flag sizes again and overrides.

    python scripts/example_option_b.py

Both numbers are printed side by side. USE_ELITE_SIZER=false leaves every line of the old path as it was.
"""

from __future__ import annotations

import os
import tempfile

from example_legacy import LegacySizer, signals

from elite_sizer import dropin

legacy_sizer = LegacySizer()


def main() -> None:
    """Size every signal twice and trade the second answer."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ |= {"ELITE_SIZER_STORE__PATH": folder, "USE_ELITE_SIZER": "true"}
        elite_sizer = dropin.ElitePositionSizer()
        for signal in signals():
            final_lots = was = legacy_sizer.calculate_position_size(**signal)["lot_size"]
            if dropin.USE_ELITE_SIZER:
                elite_result = elite_sizer.calculate_position_size(**signal)
                final_lots = elite_result["lot_size"]
            print(f"{signal['symbol']:<7} {signal['direction']:<4} {final_lots:>7.2f} lots (was {was:.2f})")


if __name__ == "__main__":
    main()

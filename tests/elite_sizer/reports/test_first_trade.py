"""The sentence on a fresh account's first trade names the smaller of its two limits, which is never below nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from elite_sizer.configuration.settings import load
from elite_sizer.reports.first_trade import base_in_force

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
OWN = """
[account]
rules = "custom"
initial = 100000

[rules.custom]
day = "Europe/Prague 00:00"
daily = "{daily}"
daily_of = "initial"
daily_ref = "balance"
overall = "10%"
overall_peak = "none"
overall_lock = "none"
inclusive = true
"""


def sentence(folder: Path, daily: str) -> str:
    (folder / "elite-sizer.toml").write_text(OWN.format(daily=daily), encoding="utf-8")
    return base_in_force(load(folder / "elite-sizer.toml", environment={}), NOON)


def test_a_day_that_the_buffer_uses_up_leaves_nothing_and_not_less(tmp_path: Path) -> None:
    # 250 a day less the buffer of 0.25 % of 100,000 and the cent of touching is -0.01: nothing
    assert "a trade starts from 0.00: 30% of the daily risk budget" in sentence(tmp_path, "0.25%")


def test_a_little_more_than_the_buffer_is_shared_out(tmp_path: Path) -> None:
    # 350 - 250 - 0.01 = 99.99; 30 % of 70 % of it is 20.9979
    assert "a trade starts from 21.00: 30% of the daily risk budget" in sentence(tmp_path, "0.35%")

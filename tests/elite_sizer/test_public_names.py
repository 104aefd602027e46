"""What other programs import keeps its address, whatever room it moves to."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import Final

import pytest

import elite_sizer
from elite_sizer import dropin

PUBLIC: Final = {
    "ConfigError", "Decision", "FlagValue", "Limit", "Proposal", "Refusal", "Reservation", "Scaling", "Sizer",
    "SizingContext", "TradeIdea", "write_flag",
}  # fmt: skip

STATISTICS: Final = {
    "portfolio.correlation": ("estimate", "nearest_correlation"),
    "portfolio.diversification": ("diversification", "factor"),
    "portfolio.performance": ("kelly", "posterior_kelly", "posterior_multiplier", "summary"),
    "portfolio.regime": ("classify",),
    "portfolio.tail_risk": ("expected_shortfall", "filtered_expected_shortfall", "tail_distance"),
    "portfolio.volatility": ("terminal_atr", "true_range", "wilder_atr"),
}
"""The public functions of the statistics under the addresses of the first version."""

FORMER: Final = {
    "api": ("Sizer",),
    "context": (
        "Hold",
        "Intent",
        "LotRisk",
        "Market",
        "Policy",
        "Record",
        "Request",
        "Rooms",
        "SizingContext",
        "Totals",
    ),
    "decision": ("Decision", "Envelope", "OrderPlan", "Valid"),
    "flag": ("FlagReader", "FlagReading", "clear_stop", "stopped", "write_flag", "write_stop"),
    "outcome": ("Answer", "Check", "Flag", "FlagValue", "Limit", "Outcome", "Proposal", "Scaling", "Sizer", "Step"),
}
"""Inner modules of the first version that examples and bots imported; each says where its names are now."""


def test_the_package_offers_what_a_bot_and_a_plug_in_need() -> None:
    assert set(elite_sizer.__all__) > PUBLIC
    assert {name for name in PUBLIC if getattr(elite_sizer, name).__name__ != name} == set()


def test_a_name_that_is_not_public_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'SizingRun'"):
        _ = elite_sizer.SizingRun


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in STATISTICS.items() for name in names])
def test_a_statistic_keeps_its_first_address(module: str, name: str) -> None:
    function = getattr(importlib.import_module(module), name)
    assert function.__module__.startswith(("portfolio.statistics.", "portfolio.track_record."))


@pytest.mark.parametrize("module", FORMER)
def test_a_former_address_still_answers_and_says_where_to_go(module: str) -> None:
    names = ", ".join(FORMER[module])
    program = f"from elite_sizer.{module} import {names}; print(*({names},), sep='\\n')"
    ran = subprocess.run(  # noqa: S603 - our own Python
        [sys.executable, "-W", "always", "-c", program], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert f"DeprecationWarning: elite_sizer.{module} has moved; import its names from elite_sizer." in ran.stderr
    assert len(ran.stdout.splitlines()) == len(FORMER[module])


def test_the_guides_call_and_its_switch_keep_their_address() -> None:
    assert dropin.ElitePositionSizer.__name__ == "ElitePositionSizer"
    assert dropin.USE_ELITE_SIZER in {True, False}

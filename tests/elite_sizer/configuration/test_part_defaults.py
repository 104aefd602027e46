"""A part's defaults are its dataclass's: shown with all others, whether the shipped file repeats them or not."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from elite_sizer.configuration import part_defaults
from elite_sizer.configuration.part_defaults import complete, values_in_force
from elite_sizer.configuration.parts import PARTS
from elite_sizer.configuration.settings import load
from elite_sizer.configuration.shipped import DEFAULTS, config_dir

SHIPPED = (config_dir() / DEFAULTS).read_text(encoding="utf-8")


def test_what_a_layer_says_stands_as_it_is() -> None:
    settings = load(environment={}, user_file=Path("none"), folder=Path("none"))
    assert complete(complete(SHIPPED)) == complete(SHIPPED)
    assert (
        values_in_force(settings).items()
        >= {key: value for key, value in settings.values.items() if not isinstance(value, list)}.items()
    )


def test_a_cap_that_the_file_leaves_out_is_added_with_the_defaults_of_its_class() -> None:
    table = SHIPPED.index("[caps.exposure_per_trade]")
    text = SHIPPED[:table] + SHIPPED[SHIPPED.index("[caps.symbol_exposure]") :]
    added = tomllib.loads(complete(text), parse_float=Decimal)["caps"]["exposure_per_trade"]
    assert added == {"by_class": {"forex": 20, "gold": 5, "indices": 8, "oil": 5, "others": 3}}


def test_a_key_that_the_file_leaves_out_is_added_to_its_table() -> None:
    text = SHIPPED.replace("\nafter_costs = true", "\n#")
    assert tomllib.loads(text)["caps"]["min_rr"] == {"least": 2.0}
    assert tomllib.loads(complete(text))["caps"]["min_rr"] == {"least": 2.0, "after_costs": True}


def test_a_new_cap_without_a_word_in_the_file_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "elite_sizer.caps.risk.open_risk:OpenRisk"
    monkeypatch.setattr(part_defaults, "PARTS", {"caps": {**PARTS["caps"], "brand_new": path}})
    settings = load(environment={}, user_file=Path("none"), folder=Path("none"))
    assert "caps.brand_new.risk_pct" not in settings.values
    assert values_in_force(settings)["caps.brand_new.risk_pct"] == Decimal("0.03")
    assert complete(SHIPPED).endswith("\n\n[caps.brand_new]\nrisk_pct = 0.03\n")

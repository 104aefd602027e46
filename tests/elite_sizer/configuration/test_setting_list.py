"""Every setting says its unit and its tighter direction at its field, and a reload and a file go by them."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from elite_sizer.configuration.document.fields import SettingField, numbers, setting_fields
from elite_sizer.configuration.document.tables import Document
from elite_sizer.configuration.parts import PARTS
from elite_sizer.configuration.reload import Reloader, loosening
from elite_sizer.configuration.setting_list import Setting, all_settings, field_of
from elite_sizer.configuration.settings import Settings, check, load
from elite_sizer.model.setting import (
    FRACTION,
    FREE_TO_CHANGE,
    NEVER_WHILE_RUNNING,
    TIGHTER_ABOVE,
    TIGHTER_ABOVE_ZERO,
    TIGHTER_BELOW,
    TIGHTER_FALSE,
    TIGHTER_TRUE,
)
from elite_sizer.sizing.registry import load_object
from portfolio.errors import ConfigError

SETTINGS: Final = {setting.key: setting for setting in all_settings()}
SMALLER: Final = [key for key, setting in SETTINGS.items() if setting.direction == TIGHTER_BELOW.words]
LARGER: Final = [
    key for key, setting in SETTINGS.items() if setting.direction in {TIGHTER_ABOVE.words, TIGHTER_ABOVE_ZERO.words}
]
FRACTIONS: Final = [key for key, setting in SETTINGS.items() if setting.unit == FRACTION.words]
PARTS_OF_OURS: Final = [(kind, name) for kind, registry in PARTS.items() for name in registry]


def field(key: str) -> SettingField:
    found = field_of(tuple(key.split(".")))
    assert found is not None
    return found


@pytest.mark.parametrize("key", SETTINGS)
def test_a_number_has_a_unit_and_every_setting_a_direction(key: str) -> None:
    setting = field(key)
    assert setting.unit is not None or not numbers(setting.hint)
    assert setting.direction is not None


def test_a_number_without_a_mark_is_seen() -> None:
    class Bare(Document):
        share: Decimal
        most: tuple[int, ...] | None

    found = setting_fields(Bare)
    assert all(numbers(found[name].hint) and found[name].unit is None for name in ("share", "most"))
    assert found["share"].direction is None


def test_every_part_and_every_table_is_listed() -> None:
    for kind, name in PARTS_OF_OURS:
        for own in setting_fields(load_object(PARTS[kind][name])):
            assert f"{kind}.{name}.{own}" in SETTINGS
    values = load(environment={}, user_file=Path("none"), folder=Path("none")).values
    assert [key for key in values if field_of(tuple(key.split("."))) is None] == []


# what a running program takes over


def in_force(folder: Path, key: str, before: object, after: object) -> Reloader:
    """Return a program that was started with one value of a setting and has seen the other."""
    *tables, name = key.split(".")
    path = folder / "elite-sizer.toml"

    def again() -> Settings:
        return load(path, environment={}, user_file=folder / "none.toml")

    path.write_text(f"[{'.'.join(tables)}]\n{name} = {before}\n", encoding="utf-8")
    os.utime(path, ns=(10**18, 10**18))
    running = Reloader(again, again())
    running.refresh()
    path.write_text(f"[{'.'.join(tables)}]\n{name} = {after}\n", encoding="utf-8")
    os.utime(path, ns=(2 * 10**18, 2 * 10**18))
    running.refresh()
    return running


def two_values(setting: Setting) -> tuple[str, str]:
    """Return a smaller and a larger value that a file may give a setting."""
    small, large = ("0.1", "0.2") if setting.unit == FRACTION.words else ("2", "3")
    if setting.type != "table":
        return small, large
    name = "forex" if "by_symbol" not in setting.key else "EURUSD"
    return f"{{ {name} = {small} }}", f"{{ {name} = {large} }}"


@pytest.mark.parametrize("key", [*SMALLER, *LARGER])
def test_the_tighter_change_is_taken_over_and_its_twin_waits(key: str, tmp_path: Path) -> None:
    small, large = two_values(SETTINGS[key])
    tight, loose = (small, large) if key in SMALLER else (large, small)
    assert in_force(tmp_path, key, loose, tight).alarm is None
    running = in_force(tmp_path, key, tight, loose)
    assert running.alarm is not None
    assert key in running.alarm


@pytest.mark.parametrize(
    ("direction", "tight", "loose"), [(TIGHTER_TRUE, "true", "false"), (TIGHTER_FALSE, "false", "true")]
)
def test_a_switch_has_a_tighter_side(direction: object, tight: str, loose: str, tmp_path: Path) -> None:
    keys = [key for key in SETTINGS if field(key).direction is direction]
    assert keys
    for key in keys:
        assert in_force(tmp_path, key, loose, tight).alarm is None
        assert in_force(tmp_path, key, tight, loose).alarm is not None


def test_what_no_limit_depends_on_is_taken_over_whichever_way(tmp_path: Path) -> None:
    free = [key for key, setting in SETTINGS.items() if setting.direction == FREE_TO_CHANGE.words]
    assert {key.partition(".")[0] for key in free} == {
        "sizer", "elite", "legacy", "sizers", "factors", "journal", "levels",
    }  # fmt: skip
    assert all(loosening({key: 1}, {key: 2}) == loosening({key: 2}, {key: 1}) == [] for key in free)
    assert in_force(tmp_path, "sizers.elite.ceiling", "1.5", "1.7").alarm is None


def test_what_has_no_direction_waits_whichever_way() -> None:
    held = [key for key, setting in SETTINGS.items() if setting.direction == NEVER_WHILE_RUNNING.words]
    assert {"account.rules", "tail.alpha", "throttle.per_day", "policy.basis", "budget.zone"} <= {*held}
    for key in held:
        assert len(loosening({key: 1}, {key: 2})) == len(loosening({key: 2}, {key: 1})) == 1


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [
        # a switch is no number: True -> False is no smaller limit
        ("caps.min_rr.after_costs", True, False),
        # 0 takes 95 % of the free margin; a level of 0.01 lets the margin be a hundred times the equity
        ("caps.free_margin.level", 0, Decimal("0.01")),
        ("caps.free_margin.level", Decimal(2), 0),
        # an amount that goes away, a cap that goes off
        ("caps.gross_exposure.money", 1000, None),
        ("caps.on", ["per_trade", "min_rr"], ["per_trade"]),
        ("caps.no_such_cap.most", 3, 2),
        ("caps.per_trade.no_such_key", 3, 2),
        ("no_such_table", 3, 2),
    ],
)
def test_what_is_not_plainly_tighter_waits(key: str, before: object, after: object) -> None:
    assert loosening({key: before}, {key: after}) == [f"{key}: {before} -> {after}"]


def test_a_value_that_is_spelled_out_is_no_change_from_the_default_of_the_class() -> None:
    assert loosening({}, {"caps.per_trade.risk_pct": Decimal("0.02")}) == []
    assert loosening({}, {"caps.per_trade.risk_pct": Decimal("0.01")}) == []
    assert loosening({}, {"caps.per_trade.risk_pct": Decimal("0.03")}) != []
    assert loosening({"caps.per_trade.risk_pct": Decimal("0.01")}, {}) != []


# what a file may say


@pytest.mark.parametrize("key", FRACTIONS)
def test_a_bare_10_is_no_fraction_anywhere(key: str, tmp_path: Path) -> None:
    *tables, name = key.split(".")
    value = "{ forex = 10 }" if SETTINGS[key].type == "table" else "10"
    path = tmp_path / "elite-sizer.toml"
    path.write_text(f"[{'.'.join(tables)}]\n{name} = {value}\n", encoding="utf-8")
    try:
        problems = {*check(load(path, environment={}, user_file=tmp_path / "none.toml"))}
    except ConfigError as error:
        problems = {str(error)}
    (line,) = problems
    assert '10 is no fraction; write "10%" or 0.10' in line

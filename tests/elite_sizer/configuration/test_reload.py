"""A running program takes over what tightens, keeps the old where the new is broken or loosens, and says so."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from elite_sizer.configuration.reload import Reloader, loosening
from elite_sizer.configuration.settings import load


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "elite-sizer.toml"
    path.write_text('[caps.per_trade]\nrisk_pct = "1%"\n', encoding="utf-8")
    return path


def reloader(file: Path) -> Reloader:
    def again() -> object:
        return load(file, environment={}, user_file=file.with_name("user.toml"))

    made = Reloader(again, again())  # type: ignore[arg-type]
    made.refresh()
    return made


def change(path: Path, text: str) -> None:
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 10**9, before + 10**9))


def per_trade(made: Reloader) -> Decimal:
    value = made.refresh().values["caps.per_trade.risk_pct"]
    assert isinstance(value, Decimal)
    return value


def test_an_unchanged_file_is_not_read_again(file: Path) -> None:
    made = reloader(file)
    assert made.refresh() is made.refresh()


def test_a_tighter_cap_is_taken_over(file: Path) -> None:
    made = reloader(file)
    change(file, '[caps.per_trade]\nrisk_pct = "0.5%"\n')
    assert per_trade(made) == Decimal("0.005")
    assert made.alarm is None


def test_a_looser_cap_waits_for_a_restart(file: Path) -> None:
    made = reloader(file)
    change(file, '[caps.per_trade]\nrisk_pct = "1.5%"\n')
    assert per_trade(made) == Decimal("0.01")
    assert made.alarm is not None
    assert "caps.per_trade.risk_pct: 0.01 -> 0.015" in made.alarm
    assert per_trade(made) == Decimal("0.01")


def test_a_looser_cap_is_taken_over_by_an_explicit_act(file: Path) -> None:
    made = reloader(file)
    change(file, '[caps.per_trade]\nrisk_pct = "1.5%"\n')
    made.refresh()
    made.accept()
    assert per_trade(made) == Decimal("0.015")
    assert made.alarm is None


def test_a_broken_file_keeps_the_old_configuration_until_it_is_mended(file: Path) -> None:
    made = reloader(file)
    change(file, '[caps.per_trade]\nrisk = "0.5%"\n')
    assert per_trade(made) == Decimal("0.01")
    assert made.alarm is not None
    assert "did you mean" in made.alarm
    change(file, '[caps.per_trade]\nrisk_pct = "0.5%"\n')
    assert per_trade(made) == Decimal("0.005")
    assert made.alarm is None


def test_a_file_that_vanishes_keeps_the_old_configuration(file: Path) -> None:
    made = reloader(file)
    file.unlink()
    assert per_trade(made) == Decimal("0.01")
    assert made.alarm is not None


def test_a_user_file_that_appears_is_noticed(file: Path) -> None:
    made = reloader(file)
    change(file.with_name("user.toml"), "sizer = 'legacy'\n")
    assert made.refresh().sizer == "legacy"


@pytest.mark.parametrize(
    ("key", "tight", "loose"),
    [
        ("caps.per_trade.risk_pct", Decimal("0.01"), Decimal("0.02")),
        ("caps.free_margin.level", Decimal(3), Decimal(2)),
        ("caps.free_margin.free_share", Decimal("0.5"), Decimal("0.9")),
        ("caps.cash_reserve.reserve_pct", Decimal("0.8"), Decimal("0.6")),
        ("caps.min_rr.least", Decimal(3), Decimal(2)),
        ("caps.on", ["a", "b"], ["a"]),
        ("guard", "on", "off"),
        ("policy.buffer_of_daily", Decimal("0.1"), Decimal("0.05")),
        ("policy.max_concentration", Decimal("0.2"), Decimal("0.3")),
        ("costs.assumed_per_100k", Decimal(20), Decimal(10)),
        ("terminal.quote_age_seconds.forex", 5, 15),
        ("orders.enabled", False, True),
    ],
)
def test_a_change_is_free_towards_tight_and_held_towards_loose(key: str, tight: object, loose: object) -> None:
    assert loosening({key: loose}, {key: tight}) == []
    assert loosening({key: tight}, {key: loose}) == [f"{key}: {tight} -> {loose}"]


@pytest.mark.parametrize("key", ["account.rules", "account.initial", "terminal.name", "rules.ftmo_2step.daily.pct"])
def test_what_has_no_tighter_direction_is_held(key: str) -> None:
    assert loosening({key: "a"}, {key: "b"})
    assert loosening({}, {key: "b"})


@pytest.mark.parametrize("key", ["sizer", "factors.regime.trending", "sizers.elite.base_risk_pct"])
def test_what_the_caps_cut_anyway_is_free(key: str) -> None:
    assert loosening({key: 1}, {key: 2}) == []

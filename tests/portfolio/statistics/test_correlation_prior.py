"""Two symbols are always known to move together somehow: from the table, from legs, from the class, never silently."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from elite_sizer.statistics.prior_file import load_prior
from portfolio.errors import ConfigError
from portfolio.statistics.correlation import prior_matrix
from portfolio.statistics.correlation_prior import Correlation, correlation, instrument
from portfolio.statistics.correlation_table import prior_from
from tests.market_data import prior
from tests.paths import ROOT


def between(first: str, second: str) -> Correlation:
    return correlation(prior(), instrument(first), instrument(second))


def document() -> dict[str, Any]:
    return tomllib.loads((ROOT / "config" / "correlation.toml").read_text(encoding="utf-8"))


# the lookup


def test_one_instrument_under_two_names_is_itself() -> None:
    assert between("EURUSD.r", "EURUSDm").value == 1.0
    assert between("GER40.cash", "DE40").value == 1.0


@pytest.mark.parametrize("names", [("EURUSD.r", "GBPUSD"), ("GBPUSD", "#EURUSD"), ("eurusd", "gbpusd")])
def test_a_pair_in_the_table_is_found_under_any_decoration(names: tuple[str, str]) -> None:
    # the figure of the table
    assert between(*names)[:2] == (0.6088, False)


def test_indices_of_several_names_are_found() -> None:
    assert between("GER40", "DJ30").value == pytest.approx(0.7305)
    assert between("USTEC", "SPX500").value == pytest.approx(0.9021)


@pytest.mark.parametrize("cross", ["EURGBP", "EURJPY", "GBPJPY", "EURAUD", "EURCHF", "AUDCAD", "AUDCHF", "GBPCAD"])
def test_a_cross_made_from_its_legs_is_close_to_what_the_table_measured(cross: str) -> None:
    table = document()
    at = table["symbols"].index(cross)
    for name in ("rows", "volatility"):
        table[name].pop(at)
    table["symbols"].pop(at)
    for row in table["rows"]:
        row.pop(at)
    without = prior_from(table, {})
    made = [correlation(without, instrument(cross), instrument(name)).value for name in without.symbols]
    measured = [between(cross, name).value for name in without.symbols]
    assert np.sqrt(np.mean((np.array(made) - np.array(measured)) ** 2)) < 0.035


def test_gold_in_euros_follows_gold_and_the_euro() -> None:
    # variances 0.00716^2 + 0.00426^2 - 2 x 0.4224 x 0.00716 x 0.00426, covariance with gold 0.00716^2 - 0.4224 x ...
    assert between("XAUEUR", "XAUUSD").value == pytest.approx(0.8114, abs=1e-4)
    assert not between("XAUEUR", "XAUUSD").assumed


def test_a_symbol_that_follows_another_is_as_close_to_the_rest_as_that_one_times_the_proxy() -> None:
    assert between("USOIL", "BRENT").value == pytest.approx(0.90)
    # 0.9 x the table's -0.4049 of Brent and USDCAD
    assert between("USOIL.f", "USDCAD").value == pytest.approx(0.9 * -0.4049)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("USDSEK", "EURUSD", -0.5),
        ("USDSEK", "USDNOK", 0.5),
        ("EURSEK", "EURUSD", 0.5),
        ("USDSEK", "XAUUSD", -0.5),
        ("SEKNOK", "NOKSEK", -1.0),
    ],
)
def test_currencies_the_table_does_not_know_count_half_a_correlation_a_leg(
    first: str, second: str, expected: float
) -> None:
    found = between(first, second)
    assert found[:2] == (expected, True)
    assert "share a leg" in found.because


@pytest.mark.parametrize(
    ("first", "second"), [("EURSEK", "USDNOK"), ("BTCUSD", "ETHUSD"), ("FRA40", "US500"), ("ODD", "STRANGE")]
)
def test_the_same_class_is_never_silently_zero(first: str, second: str) -> None:
    found = between(first, second)
    assert found[:2] == (0.5, True)
    assert found.because.startswith("assumed: both are")


def test_classes_that_go_together_are_assumed_to() -> None:
    share, index = instrument("AAPL", "stocks"), instrument("US500", "indices")
    assert correlation(prior(), share, index) == Correlation(
        0.5, assumed=True, because="assumed for stocks and indices"
    )


def test_classes_without_a_known_relation_are_zero_and_say_so() -> None:
    assert between("BTCUSD", "US500") == Correlation(0.0, assumed=True, because="assumed for crypto and indices")


def test_a_share_with_the_name_of_a_metal_is_no_metal() -> None:
    share = instrument("GOLD", "stocks")
    assert correlation(prior(), share, instrument("XAUUSD")).value == 0.0
    assert correlation(prior(), instrument("GOLD", "gold"), instrument("XAUUSD")).value == 1.0


def test_an_edited_pair_beats_the_table_whichever_way_it_is_written() -> None:
    for key in ("EURUSD GBPUSD", "gbpusd/eurusd", "EURUSD.r GBPUSDm"):
        edited = prior(((key, 0.7),))
        found = correlation(edited, instrument("EURUSDx"), instrument("GBPUSD"))
        assert found == Correlation(0.7, assumed=False, because="configured for EURUSD and GBPUSD")


def test_every_lookup_is_symmetric_and_between_minus_one_and_one() -> None:
    names = ["EURUSD", "XAUUSD", "USOIL", "CADJPY", "USDSEK", "FRA40", "BTCUSD", "ODD", "XAUEUR", "NZDCAD"]
    for first in names:
        for second in names:
            assert -1.0 <= between(first, second).value <= 1.0
            assert between(first, second).value == pytest.approx(between(second, first).value, abs=1e-15)


# the table


def test_the_shipped_table_is_positive_semi_definite() -> None:
    rows = np.array(prior().rows)
    assert rows.shape == (27, 27)
    assert np.linalg.eigvalsh(rows)[0] > 0.005


def test_the_shipped_table_says_where_it_comes_from() -> None:
    assert "2,610 common daily bars" in document()["source"]


def test_the_digest_changes_with_every_number() -> None:
    table = document()
    same = prior_from(table, {}).digest
    assert same == prior().digest
    assert prior_from(table, {"EURUSD GBPUSD": 0.7}).digest != same
    table["volatility"][0] *= 2
    assert prior_from(table, {}).digest != same


def test_derived_symbols_still_make_a_positive_semi_definite_matrix() -> None:
    names = ("EURUSD", "USDJPY", "EURJPY", "CADJPY", "XAUUSD", "XAUEUR", "BRENT", "USOIL", "USDSEK", "FRA40", "US500")
    matrix = prior_matrix(prior(), tuple(map(instrument, names)))
    assert np.linalg.eigvalsh(matrix)[0] >= -1e-10
    assert (matrix.diagonal() == 1.0).all()


def test_an_impossible_edit_is_made_consistent() -> None:
    # EURUSD and GBPUSD are both close to AUDUSD, so they can't be opposites
    edited = prior((("EURUSD GBPUSD", -1.0), ("EURUSD AUDUSD", 0.9), ("GBPUSD AUDUSD", 0.9)))
    matrix = prior_matrix(edited, tuple(map(instrument, ("EURUSD", "GBPUSD", "AUDUSD"))))
    assert np.linalg.eigvalsh(matrix)[0] >= -1e-10
    assert -1.0 < matrix[0, 1] < 0.0


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("EURUSD GBPUSD", 1.5, "1.5 does not lie between -1 and 1"),
        ("EURUSD GBPUSD", float("nan"), "nan does not lie between -1 and 1"),
        ("EURUSD", 0.5, "a pair is written"),
        ("EURUSD EURUSD", 0.5, "a pair is written"),
    ],
)
def test_a_bad_edit_is_refused(key: str, value: float, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        prior_from(document(), {key: value})


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("rows", 0, 1), 0.9, "not symmetric"),
        (("rows", 0, 0), 0.9, "not symmetric"),
        (("rows", 0), [1.0], "need 27 rows"),
        (("rows", 0, 1), 2.0, "does not lie between -1 and 1"),
        (("rows", 0, 1), "much", "is not a number"),
        (("rows",), 5, "rows: is not a list"),
        (("volatility", 0), 0.0, "not a number above zero"),
        (("volatility", 0), float("nan"), "not a number above zero"),
        (("symbols", 0), "GBPUSD", "need 27 rows"),
        (("proxies", "USOIL"), {"follows": "CORN", "correlation": 0.9}, "not in symbols"),
        (("proxies", "USOIL"), 0.9, "is not a table"),
        (("assumed",), {}, "is not a number"),
    ],
)
def test_a_broken_table_is_refused_by_name(path: tuple[str | int, ...], value: object, fault: str) -> None:
    table = document()
    place: Any = table
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ConfigError, match=fault):
        prior_from(table, {})


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"correlation.toml: the correlation table can't be read"):
        load_prior(tmp_path)


def test_a_file_that_is_no_toml_is_said(tmp_path: Path) -> None:
    (tmp_path / "correlation.toml").write_text("rows = [[", encoding="utf-8")
    with pytest.raises(ConfigError, match="is damaged"):
        load_prior(tmp_path)

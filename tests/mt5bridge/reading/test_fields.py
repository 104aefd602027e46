"""A terminal's double becomes the exact number it was written as, or is refused by name."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5bridge.errors import UnusableValueError
from mt5bridge.reading.fields import decimal
from tests.mt5bridge.terminals import Value

NAN, INF = float("nan"), float("inf")
BAD_NUMBERS: list[Value] = [NAN, INF, -INF, None, "1.0", True, 1e308, 5e-324]


@pytest.mark.parametrize(
    ("double", "text"),
    [
        (1.0851, "1.0851"),
        (1e-05, "0.00001"),
        (100000.0, "100000"),
        (0.8977708350166538, "0.8977708350166538"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.3"),  # 0.30000000000000004 is 0.3 with a double's noise
        (1.5523099999999999, "1.55231"),  # as the documentation prints EURCAD's ask
        (1585069682, "1585069682"),
    ],
)
def test_a_double_becomes_the_decimal_it_was_written_as(double: float, text: str) -> None:
    assert f"{decimal(double, 'x'):f}" == text


def test_a_numpy_double_reads_like_any_other() -> None:
    assert decimal(np.float64(1.0851), "x") == Decimal("1.0851")


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_no_double_is_moved_by_more_than_its_last_digit(value: float) -> None:
    assert abs(float(decimal(value, "x")) - value) <= 1e-14 * value


@pytest.mark.parametrize("value", BAD_NUMBERS)
def test_what_is_no_plausible_number_is_refused_with_its_name(value: Value) -> None:
    with pytest.raises(UnusableValueError, match=r"^value_not_finite: account_info\.balance is "):
        decimal(value, "account_info.balance")

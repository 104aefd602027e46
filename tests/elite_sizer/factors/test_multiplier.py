"""A caller may make his trade smaller, never larger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elite_sizer.factors.multiplier import multiplier
from tests.builders import context, d, request


@pytest.mark.parametrize(("given", "value"), [("0", "0"), ("0.25", "0.25"), ("1", "1"), ("2.5", "1")])
def test_it_is_at_most_one(given: str, value: str) -> None:
    situation = replace(context(), request=request(multiplier=given))
    assert multiplier(situation, d(100)).value == d(value)


def test_without_one_nothing_is_scaled_and_it_says_so() -> None:
    scaling = multiplier(context(), d(100))
    assert (scaling.value, scaling.because) == (d(1), "no data")

"""Checks the sample of a statistic: finite numbers, shares between 0 and 1."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite


class SampleError(ValueError):
    """No statistic may be made from this sample; the message names the sample and its fault."""

    def __init__(self, *, sample: str, fault: str) -> None:
        super().__init__(f"{sample}: {fault}")


def finite(values: Iterable[float], name: str) -> tuple[float, ...]:
    """Return the sample as it is; SampleError where a value is NaN or infinite."""
    numbers = tuple(values)
    if not all(map(isfinite, numbers)):
        raise SampleError(sample=name, fault="holds a value that is not a finite number")
    return numbers


def share(value: float, name: str) -> float:
    """Return a probability or a share strictly between 0 and 1; SampleError for anything else, NaN included."""
    if not 0.0 < value < 1.0:
        raise SampleError(sample=name, fault=f"{value!r} does not lie between 0 and 1")
    return value

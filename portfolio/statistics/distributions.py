"""Student's t and the Beta distribution, with which a small sample says how little it knows.

scipy.special takes 0.1 s to load, and only a refresh of the statistics computes with it: the first call loads it.
"""

from __future__ import annotations

from types import ModuleType


def student_below(degrees: float, value: float) -> float:
    """Return the probability that a Student t of `degrees` of freedom is below `value`; both finite, degrees > 0."""
    return float(_special().stdtr(degrees, value))


def student_quantile(degrees: float, probability: float) -> float:
    """Return the value below which a Student t of `degrees` of freedom lies with this probability, in (0, 1)."""
    return float(_special().stdtrit(degrees, probability))


def beta_above(a: float, b: float, value: float) -> float:
    """Return the probability that a Beta(a, b) variable, a and b > 0, is above `value` in [0, 1]."""
    return float(_special().betaincc(a, b, value))


def _special() -> ModuleType:
    from scipy import special  # noqa: PLC0415 - see above

    return special

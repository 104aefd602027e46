"""Public address of these functions since the first version; they are written in `portfolio.statistics.tail_risk`."""

from portfolio.statistics.tail_risk import (
    ALPHA,
    DEGREES,
    LEAST_BARS,
    PSEUDO_BARS,
    WINDOW,
    Tail,
    TailDistance,
    expected_shortfall,
    filtered_expected_shortfall,
    standardised,
    student_factor,
    tail_distance,
    tail_fraction,
)

__all__ = [
    "ALPHA",
    "DEGREES",
    "LEAST_BARS",
    "PSEUDO_BARS",
    "WINDOW",
    "Tail",
    "TailDistance",
    "expected_shortfall",
    "filtered_expected_shortfall",
    "standardised",
    "student_factor",
    "tail_distance",
    "tail_fraction",
]

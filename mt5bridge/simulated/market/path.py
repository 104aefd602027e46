"""The price's path inside a bar: open, one extreme, the other, close, the same way every time.

A bar is cut into ticks of equal length. Which extreme comes first, when each is reached, and the jitter between
them are drawn from a hash of seed, symbol and time, so a price is a function of the moment asked for and nothing is
remembered. High and low of the ticks are the bar's own; the first tick is its open and the last its close.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

from mt5bridge.simulated.market.bars import Bar

OCTAVES = ((4, 0.35), (12, 0.21), (36, 0.126), (108, 0.0756))
"""Waves of noise in a bar and their height as a part of its range."""
FEWEST = 4
"""Ticks a bar needs for open, high, low and close."""
WORD = (1 << 64) - 1


def hash_fraction(seed: int, number: int) -> float:
    """Return a number in [0, 1) that depends on both arguments and on nothing else (splitmix64's finaliser)."""
    x = (seed + number * 0x9E3779B97F4A7C15) & WORD
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & WORD
    return (x ^ (x >> 31)) / (WORD + 1)


class Shape(NamedTuple):
    """The corners of a bar's path as (tick, price), and the seed of its noise."""

    corners: tuple[tuple[int, int], ...]
    seed: int


@lru_cache(maxsize=1024)
def shape(bar: Bar, ticks: int, key: str) -> Shape:
    """Return where the path turns; `key` names seed and symbol."""
    seed = crc32(f"{key}:{bar.time}".encode())
    last = ticks - 1
    first = 1 + int(hash_fraction(seed, 1) * 0.45 * (last - 2))
    second = first + 1 + int(hash_fraction(seed, 2) * 0.9 * (last - first - 1))
    turns = (bar.high, bar.low) if hash_fraction(seed, 3) < _high_first(bar) else (bar.low, bar.high)
    return Shape(((0, bar.open), (first, turns[0]), (second, turns[1]), (last, bar.close)), seed)


def _high_first(bar: Bar) -> float:
    """Return the chance that the high comes first: a falling bar usually begins with it, a rising one with its low."""
    return 0.5 if bar.close == bar.open else 0.7 if bar.close < bar.open else 0.3


def price_at(bar: Bar, tick: int, ticks: int, key: str) -> int:
    """Return the bid in points at `tick` of `ticks` of the bar; `key` names seed and symbol."""
    if ticks < FEWEST:
        return (bar.open, bar.high, bar.low)[tick] if tick < ticks - 1 else bar.close
    corners, seed = shape(bar, ticks, key)
    (start, begins), (end, ends) = next(leg for leg in pairwise(corners) if tick <= leg[1][0])
    share = (tick - start) / (end - start)
    wave = _noise(tick / (ticks - 1), seed) * 4 * share * (1 - share)
    price = begins + (ends - begins) * share + wave * (bar.high - bar.low)
    return min(max(round(price), bar.low), bar.high)


def _noise(place: float, seed: int) -> float:
    """Return waves of shrinking length and height at `place` in [0, 1], as a part of the bar's range."""
    total = 0.0
    for waves, height in OCTAVES:
        knot = int(place * waves)
        start, end = hash_fraction(seed, waves * 1000 + knot), hash_fraction(seed, waves * 1000 + knot + 1)
        total += height * (start + (end - start) * (place * waves - knot) - 0.5)
    return total

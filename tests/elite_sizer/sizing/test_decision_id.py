"""A decision's name tells its moment, sorts by it, and is the same for the same moment and noise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elite_sizer.sizing.decision_id import RANDOM_BYTES, identifier

AT: Final = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
NONE: Final = bytes(RANDOM_BYTES)
ALL: Final = b"\xff" * RANDOM_BYTES

moments = st.datetimes(datetime(1970, 1, 1), datetime(2500, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - with a zone
noises = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


def test_a_name_has_26_characters_of_crockford_s_alphabet() -> None:
    # 1781092800000 milliseconds in base 32, and eighty bits of nothing or of everything
    assert identifier(AT, NONE) == "01KTRPENG0" + "0" * 16
    assert identifier(AT, ALL) == "01KTRPENG0" + "Z" * 16


def test_the_first_ten_characters_count_milliseconds() -> None:
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = 0
    for character in identifier(AT, NONE)[:10]:
        number = number * 32 + digits.index(character)
    assert number == 1_781_092_800_000


@given(moments, moments, noises, noises)
def test_names_sort_by_their_millisecond(at: datetime, other: datetime, noise: bytes, more: bytes) -> None:
    first, second = identifier(at, noise), identifier(other, more)
    if abs(at - other) >= timedelta(milliseconds=2):
        assert (first < second) == (at < other)


@given(moments, noises)
def test_the_same_moment_and_noise_make_the_same_name(at: datetime, noise: bytes) -> None:
    assert identifier(at, noise) == identifier(at, noise)


@given(noises, noises)
def test_other_noise_makes_another_name(noise: bytes, more: bytes) -> None:
    assert (identifier(AT, noise) == identifier(AT, more)) == (noise == more)


@pytest.mark.parametrize("noise", [b"", bytes(9), bytes(11)])
def test_too_little_noise_is_our_own_mistake(noise: bytes) -> None:
    with pytest.raises(ValueError, match="10 random bytes"):
        identifier(AT, noise)


def test_a_moment_without_a_zone_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="aware"):
        identifier(AT.replace(tzinfo=None), NONE)

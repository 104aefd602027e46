"""Identifier of a decision: 26 characters that sort by time and fit into an order's comment."""

from __future__ import annotations

from datetime import datetime
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32, without the letters that look like digits (the ULID form)."""
_TIME_CHARACTERS: Final = 10
_RANDOM_CHARACTERS: Final = 16
RANDOM_BYTES: Final = 10


def identifier(at: datetime, noise: bytes) -> str:
    """Return the identifier for a moment (to the millisecond) and ten random bytes; same inputs, same identifier.

    Raises ValueError for a naive moment or too little noise.
    """
    if at.tzinfo is None or len(noise) != RANDOM_BYTES:
        message = f"an identifier needs an aware moment and {RANDOM_BYTES} random bytes"
        raise ValueError(message)
    milliseconds = int(at.timestamp() * 1000)
    return _text(milliseconds, _TIME_CHARACTERS) + _text(int.from_bytes(noise, "big"), _RANDOM_CHARACTERS)


def _text(number: int, length: int) -> str:
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))

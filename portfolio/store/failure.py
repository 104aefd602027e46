"""The reason code with which a decision is refused when the database fails."""

from __future__ import annotations

from typing import Final, NoReturn

import apsw

from portfolio.errors import StoreCorruptError, StoreError
from portfolio.reasons import refuse

_FULL: Final = frozenset((apsw.SQLITE_IOERR_WRITE, apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_TRUNCATE))
"""Errors of a file-size limit or a full disk where the system does not name them."""

_CODES: Final[tuple[tuple[type[apsw.Error], str], ...]] = (
    (apsw.BusyError, "state_busy"),
    (apsw.LockedError, "state_busy"),
    (apsw.ReadOnlyError, "state_readonly"),
    (apsw.PermissionsError, "state_readonly"),
    (apsw.CantOpenError, "state_readonly"),
    (apsw.FullError, "state_full"),
    (apsw.CorruptError, "state_corrupt"),
    (apsw.NotADBError, "state_corrupt"),
    (apsw.IOError, "state_disk"),
)

LOOSENING: Final = "loosening: "
"""Beginning of the messages of the triggers that guard the tables."""


def store_error(error: apsw.Error) -> StoreError | None:
    """Return the refusal that a failure of SQLite means; None where the program itself is at fault."""
    if isinstance(error, apsw.ConstraintError) and str(error).startswith(LOOSENING):
        return StoreError(refuse("state_loosening", str(error).removeprefix(LOOSENING)))
    if isinstance(error, apsw.IOError) and getattr(error, "extendedresult", 0) in _FULL:
        return StoreError(refuse("state_full", f"the file could not be made longer ({error})"))
    code = next((code for kind, code in _CODES if isinstance(error, kind)), None)
    if code is None:
        return None
    kind = StoreCorruptError if code == "state_corrupt" else StoreError
    return kind(refuse(code, str(error)))


def unusable(code: str, detail: str) -> NoReturn:
    """Raise the StoreError of a registered code."""
    raise StoreError(refuse(code, detail))


def damaged(detail: str) -> NoReturn:
    """Raise the error for content that can be read but can't be what was written."""
    raise StoreCorruptError(refuse("state_corrupt", detail))

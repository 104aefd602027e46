"""Notice when a file of the user's own, say a portfolio.py beside his script, hides one of our packages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

OURS: Final = ("portfolio", "mt5bridge")


class ForeignPackageError(ImportError):
    """A module of the same name hides one of our packages; stands here because nothing of ours can be imported then."""


def check() -> None:
    """Raise ForeignPackageError where a package that we need is not the one that was installed beside this one."""
    root = Path(__file__).resolve().parent.parent
    for name in OURS:
        spec = find_spec(name)
        if spec is None:
            message = f"The package {name!r} of elite-sizer is missing from {root}. Install elite-sizer again."
            raise ForeignPackageError(message)
        folder = Path(spec.origin or next(iter(spec.submodule_search_locations or ()), "")).resolve()
        if folder.parent != root / name:
            message = f"{folder} hides elite-sizer's own package {name!r}. Rename that file or folder."
            raise ForeignPackageError(message)

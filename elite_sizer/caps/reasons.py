"""Every reason a size can be refused or cut for: those of `portfolio.reasons`, and each cap's from its own file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final

from elite_sizer.caps import CAPS
from portfolio import reasons
from portfolio.reasons import Reason, Refusal


class _Reasons(Mapping[str, Reason]):
    """Codes by name; a cap's file is loaded when its reason is read, so that a cap that is off stays unloaded."""

    def __getitem__(self, code: str) -> Reason:
        if code in reasons.REASONS:
            return reasons.REASONS[code]
        reason: Reason = import_module(CAPS[code].partition(":")[0]).REASON
        return reason

    def __contains__(self, code: object) -> bool:
        return code in reasons.REASONS or code in CAPS

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys((*reasons.REASONS, *CAPS))

    def __len__(self) -> int:
        return len({*reasons.REASONS, *CAPS})


REASONS: Final[Mapping[str, Reason]] = _Reasons()


def refuse(code: str, detail: str) -> Refusal:
    """Return a refusal with a registered code; an unregistered one is a broken program and raises KeyError."""
    if code not in REASONS:
        message = f"reason code {code!r} is neither in portfolio.reasons nor a cap"
        raise KeyError(message)
    return Refusal(code, detail)


def refuse_by_cap(name: str, detail: str) -> Refusal:
    """Return the refusal of a cap by its name; `module:name`, a cap of the user's own, refuses with `plugin_cap`.

    Any other name is our own mistake and refuses with `kernel_invariant`.
    """
    if name in REASONS:
        return Refusal(name, detail)
    return Refusal("plugin_cap" if ":" in name else "kernel_invariant", f"{name}: {detail}")

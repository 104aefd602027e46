"""Take a changed configuration into a running program, unless it is broken or would loosen a limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from elite_sizer.configuration.settings import Settings
from portfolio.errors import ConfigError

FREE: Final = frozenset(("sizer", "elite", "legacy", "sizers", "factors", "journal", "levels"))
"""Tables that no limit depends on: what a sizer proposes is cut by the caps whatever it is."""

RAISING: Final = frozenset(
    (
        "policy.buffer_of_initial",
        "policy.buffer_of_daily",
        "costs.commission",
        "costs.assumed_per_100k",
        "costs.slippage",
        "tail.max_stop_multiple",
        "caps.free_margin.level",
        "caps.cash_reserve.reserve_pct",
        "caps.min_position.money",
        "caps.min_rr.least",
        "caps.min_score.least",
    )
)
"""Settings where the larger number is the tighter one; in a cap or a policy it is the smaller."""

Stamp = tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Reloader:
    """Holds the configuration in force; `refresh` looks at the files and takes over what it may.

    A broken file keeps the old configuration and a standing alarm, and so does a change that would loosen a limit:
    that needs a restart, or `accept`, the explicit act.
    """

    load: Callable[[], Settings]
    settings: Settings
    alarm: str | None = None
    _stamp: Stamp | None = field(default=None, repr=False)
    _pending: Settings | None = field(default=None, repr=False)

    def refresh(self) -> Settings:
        """Return the configuration in force now; call it once per decision, it costs one stat for each file."""
        stamp = _stamps(self.settings, self._pending)
        if self._stamp is None:
            self._stamp = stamp
        elif stamp != self._stamp:
            self._stamp = stamp
            self._reload()
            self._stamp = _stamps(self.settings, self._pending)
        return self.settings

    def accept(self) -> Settings:
        """Take over a change that loosens, because somebody said so."""
        if self._pending is not None:
            self.settings, self._pending, self.alarm = self._pending, None, None
        return self.settings

    def _reload(self) -> None:
        self._pending = None
        try:
            fresh = self.load()
        except ConfigError as error:
            self.alarm = f"The changed configuration is broken; the old one stays in force. {error}"
            return
        loosened = loosening(self.settings.values, fresh.values)
        if loosened:
            self.alarm = (
                "The changed configuration may loosen a limit; the old one stays in force until a restart: "
                + ", ".join(loosened)
            )
            self._pending = fresh
            return
        self.settings, self.alarm = fresh, None


def loosening(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the changed keys that are not plainly tighter, as "key: old -> new"."""
    found = []
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before != after and key.partition(".")[0] not in FREE and not _tighter(key, before, after):
            found.append(f"{key}: {before} -> {after}")
    return found


def _tighter(key: str, before: object, after: object) -> bool:
    if key == "guard":
        return after == "on"
    if key == "orders.enabled":
        return after is False
    if key == "caps.on":
        return isinstance(before, list) and isinstance(after, list) and set(before) <= set(after)
    if not (isinstance(before, (int, Decimal)) and isinstance(after, (int, Decimal))):
        return False
    if key in RAISING:
        return after > before
    return key.startswith(("caps.", "policy.", "terminal.quote_age_seconds.")) and after < before


def _stamps(*settings: Settings | None) -> Stamp:
    files: dict[Path, tuple[int, int]] = {}
    for one in settings:
        for path in () if one is None else one.files:
            try:
                stat = path.stat()
            except OSError:
                files[path] = (0, -1)
            else:
                files[path] = (stat.st_mtime_ns, stat.st_size)
    return tuple(files.values())

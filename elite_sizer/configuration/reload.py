"""Take a changed configuration into a running program, unless it is broken or would loosen a limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from elite_sizer.configuration.document.fields import SettingField
from elite_sizer.configuration.document.layers import split_key
from elite_sizer.configuration.setting_list import field_of
from elite_sizer.configuration.settings import Settings
from portfolio.errors import ConfigError

Stamp = tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Reloader:
    """Holds the configuration in force; `refresh` takes over the files' changes where it may.

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
        looser = loosening(self.settings.values, fresh.values)
        if looser:
            self.alarm = (
                "The changed configuration may loosen a limit; the old one stays in force until a restart: "
                + ", ".join(looser)
            )
            self._pending = fresh
            return
        self.settings, self.alarm = fresh, None


def loosening(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the changed keys that are not plainly tighter, as "key: old -> new".

    Which change of a setting is tighter, its field says; a key without a field, or a field without a direction, never
    changes while the program runs.
    """
    changes = []
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) == new.get(key):
            continue
        path = split_key(key)
        field = field_of(path)
        before, after = (_value(values, key, path, field) for values in (old, new))
        if before != after and not (field and field.direction and field.direction.allows(before, after)):
            changes.append(f"{key}: {before} -> {after}")
    return changes


def _value(values: Mapping[str, Any], key: str, path: tuple[str, ...], field: SettingField | None) -> object:
    """Return a value in force: what no layer says is the default of the dataclass, or of its table."""
    if key in values or field is None:
        return values.get(key)
    name = path[path.index(field.name) + 1 :]
    if not name:
        return field.default
    return field.default.get(name[0]) if isinstance(field.default, Mapping) else None


def _stamps(*settings: Settings | None) -> Stamp:
    files: dict[Path, tuple[int, int]] = {}
    for configuration in settings:
        for path in () if configuration is None else configuration.files:
            try:
                stat = path.stat()
            except OSError:
                files[path] = (0, -1)
            else:
                files[path] = (stat.st_mtime_ns, stat.st_size)
    return tuple(files.values())

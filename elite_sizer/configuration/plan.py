"""Choose the sizers and the caps that one configuration names, and load nothing that it leaves off."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Final

from elite_sizer.caps import CAPS, HARD
from elite_sizer.configuration.parts import load_plugin
from elite_sizer.configuration.settings import Settings
from elite_sizer.model.context import Proposer
from elite_sizer.model.outcome import Flag, FlagValue
from elite_sizer.sizers import SIZERS
from elite_sizer.sizers.callers_own import CallerFirst, CallersSizer
from elite_sizer.sizing.pipeline import NamedCap, NamedSizer
from elite_sizer.sizing.registry import find, load_object
from elite_sizer.sizing.rollout import Plan
from portfolio.errors import ConfigError


@lru_cache(maxsize=32)
def plan(settings: Settings, flag: Flag, also: tuple[str, ...] = ()) -> Plan:
    """Return what decides under this configuration and this flag; ConfigError where a part can't be made.

    In `legacy` mode the elite sizer and its factors are not even imported. `also` names sizers to show beside the
    answer. The same arguments return the same plan.
    """
    elite = None
    if flag.value is not FlagValue.LEGACY:
        elite = NamedSizer(settings.elite, _sizer(settings, settings.elite))
    return Plan(
        flag=flag,
        guard=settings.guard,
        caps=caps(settings),
        legacy=NamedSizer(settings.legacy, CallerFirst(_sizer(settings, settings.legacy)), "legacy_error"),
        elite=elite,
        also=tuple(NamedSizer(name, _sizer(settings, name)) for name in also),
    )


@lru_cache(maxsize=8)
def caps(settings: Settings) -> tuple[NamedCap, ...]:
    """Return the caps that are on, in the order of the registry: the first binds in a tie."""
    made = tuple(
        NamedCap(name, name in HARD, load_plugin(settings.sources, "caps", name))
        for name in CAPS
        if name in settings.caps_on
    )
    if found := contradictions(made):
        raise ConfigError("\n".join(found))
    return made


def _sizer(settings: Settings, name: str) -> Proposer:
    """Return a registered sizer, or a caller's own by its dotted path."""
    if name not in SIZERS and ":" in name:
        return CallersSizer(name, load_object(name))
    find(SIZERS, name, "sizer")
    made: Proposer = load_plugin(settings.sources, "sizers", name)
    return made


_RISING: Final = ("trade_exposure", "daily_exposure", "weekly_exposure")


def contradictions(caps: Sequence[NamedCap]) -> list[str]:
    """Return what these caps say against each other: a smaller period may not allow more than a larger one."""
    on = {cap.name: cap.cap for cap in caps}
    names = [name for name in _RISING if name in on]
    found = []
    for small, large in pairwise(names):
        for field, shown in (("equity_pct", "{:.2%}"), ("money", "{:,.2f}")):
            less, more = _figure(on[small], field), _figure(on[large], field)
            if less is not None and more is not None and less > more:
                above = f"{shown.format(less)} is above [caps.{large}] {field}, {shown.format(more)}."
                found.append(f"[caps.{small}] {field}: {above}")
    return found


def _figure(cap: object, field: str) -> Decimal | None:
    value = getattr(cap, field, None)
    return value if isinstance(value, Decimal) else None

"""Choose the sizers and the caps that one configuration names, and load nothing that it leaves off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from elite_sizer.caps import CAPS, HARD
from elite_sizer.caps.exposure.spent_budget import contradictions
from elite_sizer.configuration.parts import part
from elite_sizer.configuration.settings import Settings
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Flag, FlagValue, Proposal, Sizer, Step
from elite_sizer.sizers import SIZERS
from elite_sizer.sizing.pipeline import NamedCap, NamedSizer
from elite_sizer.sizing.registry import find, target
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
        NamedCap(name, name in HARD, part(settings.sources, "caps", name)) for name in CAPS if name in settings.caps_on
    )
    if found := contradictions(made):
        raise ConfigError("\n".join(found))
    return made


@dataclass(frozen=True, slots=True)
class CallerFirst:
    """The legacy sizer, unless the caller brought the lots that its own legacy function computed."""

    sizer: Sizer

    def __call__(self, context: SizingContext) -> Proposal:
        """Return the request's `legacy_lots` untouched, else what the configured legacy sizer proposes."""
        lots = context.request.legacy_lots
        if lots is None:
            return self.sizer(context)
        return Proposal(lots=lots, steps=(Step("base", "legacy_lots", None, None, "computed by the caller"),))


@dataclass(frozen=True, slots=True)
class Foreign:
    """A caller's own function of the context; it returns lots as any number, or a Proposal."""

    path: str
    function: Callable[[SizingContext], object]

    def __call__(self, context: SizingContext) -> Proposal:
        """Return its lots digit for digit; what is no number raises TypeError, which refuses `legacy_error`."""
        answer = self.function(context)
        if isinstance(answer, Proposal):
            return answer
        if isinstance(answer, bool) or not isinstance(answer, (int, float, Decimal)):
            message = f"returned {answer!r}, which is neither lots nor a Proposal"
            raise TypeError(message)
        lots = answer if isinstance(answer, Decimal) else Decimal(repr(answer))
        return Proposal(lots=lots, steps=(Step("base", self.path, None, None, "the configured legacy function"),))


def _sizer(settings: Settings, name: str) -> Sizer:
    """Return a registered sizer, or a caller's own by its dotted path."""
    if name not in SIZERS and ":" in name:
        return Foreign(name, target(name))
    find(SIZERS, name, "sizer")
    made: Sizer = part(settings.sources, "sizers", name)
    return made

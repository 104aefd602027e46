"""Choose the sizers and the caps that one configuration names, and load nothing that it leaves off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Protocol, runtime_checkable

from elite_sizer.caps import CAPS, HARD
from elite_sizer.configuration.parts import FindOwn, is_own, load_own, load_plugin
from elite_sizer.configuration.parts import settings as part_settings
from elite_sizer.configuration.settings import Settings
from elite_sizer.model.context import Proposer
from elite_sizer.model.outcome import Flag, FlagValue
from elite_sizer.model.plugin import UserPlugin
from elite_sizer.sizers import SIZERS
from elite_sizer.sizers.callers_own import CallerFirst
from elite_sizer.sizing.pipeline import NamedCap, NamedSizer
from elite_sizer.sizing.registry import find
from elite_sizer.sizing.rollout import Plan
from portfolio.errors import ConfigError


@runtime_checkable
class PeriodBudget(Protocol):
    """A cap on exposure by equity and money, for one position (0 days) or for a period."""

    @property
    def days(self) -> int:
        """Length of the period: a shorter one may not allow more than a longer one."""

    @property
    def equity_pct(self) -> Decimal:
        """Share of equity."""

    @property
    def money(self) -> Decimal | None:
        """Deposit currency; None sets no amount."""


@lru_cache(maxsize=32)
def plan(settings: Settings, flag: Flag, also: tuple[str, ...] = ()) -> Plan:
    """Return the plan of this configuration and this flag; ConfigError where a part can't be made.

    In `legacy` mode the elite sizer and its factors are not even imported. `also` names sizers to show beside the
    answer. The same arguments return the same plan.
    """
    return make_plan(settings, flag, also, load_own)


def make_plan(settings: Settings, flag: Flag, also: tuple[str, ...], own: FindOwn) -> Plan:
    """Return the plan with the parts of the user's own from `own`: loaded, or as a journal line recorded them."""
    elite = None
    if flag.value is not FlagValue.LEGACY:
        elite = NamedSizer(settings.elite, _sizer(settings, settings.elite, own))
    return Plan(
        flag=flag,
        guard=settings.guard,
        caps=caps(settings) if own is load_own else _caps(settings, own),
        legacy=NamedSizer(settings.legacy, CallerFirst(_sizer(settings, settings.legacy, own)), "legacy_error"),
        elite=elite,
        also=tuple(NamedSizer(name, _sizer(settings, name, own)) for name in also),
        plugins=tuple(_plugins(settings, (settings.elite if elite else "", settings.legacy, *also), own)),
    )


def names_own(settings: Settings, also: Sequence[str] = ()) -> bool:
    """Return whether a plan of this configuration calls parts of the user's own; imports none of them."""
    factors = [name for table in settings.sources.merged["sizers"].values() for name in table.get("factors", ())]
    return any(is_own(name) for name in (*settings.caps_on, settings.legacy, *factors, *also))


@lru_cache(maxsize=8)
def caps(settings: Settings) -> tuple[NamedCap, ...]:
    """Return the caps that are on, in the order of the registry, then the user's own: the first binds in a tie."""
    return _caps(settings, load_own)


def reads_budget(settings: Settings) -> bool:
    """Return whether a cap that is on needs to know what the account has spent of its exposure budgets."""
    return any(getattr(named_cap.cap, "reads_budget", False) for named_cap in caps(settings))


def _caps(settings: Settings, own: FindOwn) -> tuple[NamedCap, ...]:
    on = [
        NamedCap(name, name in HARD, load_plugin(settings.sources, "caps", name))
        for name in CAPS
        if name in settings.caps_on
    ]
    for name in dict.fromkeys(filter(is_own, settings.caps_on)):
        plugin, cap = own(settings.sources, "caps", name)
        on.append(NamedCap(name, plugin.hard, cap))
    if mistakes := contradictions(on):
        raise ConfigError("\n".join(mistakes))
    return tuple(on)


def _sizer(settings: Settings, name: str, own: FindOwn) -> Proposer:
    """Return a registered sizer, or a caller's own by its dotted path."""
    if not is_own(name):
        find(SIZERS, name, "sizer")
    sizer: Proposer = load_plugin(settings.sources, "sizers", name, own)
    return sizer


def _plugins(settings: Settings, sizers: Sequence[str], own: FindOwn) -> list[UserPlugin]:
    """Return the parts of the user's own that this configuration calls, each once."""
    names = [("caps", name) for name in settings.caps_on]
    for sizer in filter(None, sizers):
        names.append(("sizers", sizer))
        factors = () if is_own(sizer) else part_settings(settings.sources, "sizers", sizer).get("factors", ())
        names += [("factors", factor) for factor in factors]
    return [own(settings.sources, kind, name).plugin for kind, name in dict.fromkeys(names) if is_own(name)]


def contradictions(caps: Sequence[NamedCap]) -> list[str]:
    """Return a line for each exposure budget that allows more than the next longer one."""
    budgets = sorted(_budgets(caps), key=lambda budget: budget[1].days)
    lines = []
    for (small, less), (large, more) in pairwise(budgets):
        for field, form in (("equity_pct", "{:.2%}"), ("money", "{:,.2f}")):
            figure, bound = getattr(less, field), getattr(more, field)
            if figure is not None and bound is not None and figure > bound:
                above = f"{form.format(figure)} is above [caps.{large}] {field}, {form.format(bound)}."
                lines.append(f"[caps.{small}] {field}: {above}")
    return lines


def _budgets(caps: Sequence[NamedCap]) -> Iterator[tuple[str, PeriodBudget]]:
    for named_cap in caps:
        cap: object = named_cap.cap
        if isinstance(cap, PeriodBudget):
            yield named_cap.name, cap

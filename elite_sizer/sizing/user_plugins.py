"""Caps and factors of the user's own: called in arithmetic of their own, and believed only after a check."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TypeGuard, get_args

from elite_sizer.model.context import Cap, Factor, SizingContext
from elite_sizer.model.plugin import Limit, Per, Scaling, UserFactorError
from portfolio.model import ZERO
from portfolio.rounding import DOWN


@dataclass(frozen=True, slots=True)
class UserCap:
    """A cap of the user's own; whatever it does wrong, it allows nothing."""

    name: str
    cap: Cap

    @property
    def reads_budget(self) -> bool:
        """Whether it reads `context.budget`, which is None while no cap that is on does."""
        return getattr(self.cap, "reads_budget", False) is True

    def __call__(self, context: SizingContext) -> Limit:
        """Return its limit; what is none raises TypeError, which allows nothing.

        It may divide: its arithmetic rounds down, and what it sets in it is gone afterwards.
        """
        with localcontext(DOWN):
            limit: object = self.cap(context)
        if not _is_limit(limit):
            message = f"returned {limit!r}, which is no Limit with a finite room and a sentence"
            raise TypeError(message)
        return limit


@dataclass(frozen=True, slots=True)
class UserFactor:
    """A factor of the user's own; it is bounded as ours are, by the ceiling of the sizer."""

    name: str
    factor: Factor

    def __call__(self, context: SizingContext, money: Decimal) -> Scaling:
        """Return its scaling; UserFactorError where it raises, or returns what is no scaling."""
        try:
            with localcontext(DOWN):
                scaling: object = self.factor(context, money)
        except Exception as error:
            message = f"{self.name}: {type(error).__name__}: {error}"
            raise UserFactorError(message) from error
        if not _is_scaling(scaling):
            message = f"{self.name} returned {scaling!r}, which is no Scaling of 0 or more with a sentence"
            raise UserFactorError(message)
        return scaling


def _is_limit(value: object) -> TypeGuard[Limit]:
    return (
        isinstance(value, Limit)
        and value.per in get_args(Per)
        and all(figure is None or _finite(figure) for figure in (value.room, value.least))
        and _sentence(value.because)
    )


def _is_scaling(value: object) -> TypeGuard[Scaling]:
    return isinstance(value, Scaling) and _finite(value.value) and value.value >= ZERO and _sentence(value.because)


def _finite(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite()


def _sentence(value: object) -> bool:
    """Return whether this is text that every log and screen can hold."""
    return isinstance(value, str) and bool(value) and value.isprintable()

"""Caps and factors of the user's own: called in arithmetic of their own, and believed only after a check."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import get_args

from elite_sizer.model.context import Cap, Factor, SizingContext
from elite_sizer.model.plugin import Limit, Per, Scaling, UserFactorError, error_text, is_figure, is_sentence
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
        """Return its limit as a plain Limit; what is none raises TypeError, which allows nothing.

        It may divide: its arithmetic rounds down, and what it sets in it is gone afterwards.
        """
        try:
            with localcontext(DOWN):
                limit: object = self.cap(context)
        except SystemExit as error:
            raise RuntimeError(_EXITED) from error
        if not isinstance(limit, Limit):
            message = f"returned {limit!r}, which is no Limit"
            raise TypeError(message)
        room, per, because, least = limit.room, limit.per, limit.because, limit.least
        for name, figure in (("room", room), ("least", least)):
            if figure is not None and not is_figure(figure):
                message = f"returned a Limit whose {name} is {figure!r}, which is no finite Decimal of at most 1e15"
                raise TypeError(message)
        if per not in get_args(Per):
            message = f"returned a Limit per {per!r}, which is none of {', '.join(get_args(Per))}"
            raise TypeError(message)
        if not is_sentence(because):
            message = f"returned a Limit whose sentence is {because!r}, which is no printable text"
            raise TypeError(message)
        return Limit(room, per, str(because), least)


@dataclass(frozen=True, slots=True)
class UserFactor:
    """A factor of the user's own; it is bounded as ours are, by the ceiling of the sizer."""

    name: str
    factor: Factor

    def __call__(self, context: SizingContext, money: Decimal) -> Scaling:
        """Return its scaling as a plain Scaling; UserFactorError where it raises, or returns what is no scaling."""
        try:
            with localcontext(DOWN):
                scaling: object = self.factor(context, money)
        except (Exception, SystemExit) as error:
            message = f"{self.name}: {error_text(error)}"
            raise UserFactorError(message) from error
        if not isinstance(scaling, Scaling):
            message = f"{self.name} returned {scaling!r}, which is no Scaling"
            raise UserFactorError(message)
        value, because = scaling.value, scaling.because
        if not is_figure(value) or value < ZERO:
            message = f"{self.name} returned a Scaling of {value!r}, which is no finite Decimal from 0 to 1e15"
            raise UserFactorError(message)
        if not is_sentence(because):
            message = f"{self.name} returned a Scaling whose sentence is {because!r}, which is no printable text"
            raise UserFactorError(message)
        return Scaling(value, str(because))


_EXITED = "called sys.exit; a cap returns a Limit, also where it allows nothing"

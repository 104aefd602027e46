"""Legacy against elite over a journal: how often they agree, how far apart they are, and what that is worth at risk."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from portfolio.model import ZERO
from portfolio.rounding import DOWN

RATIO = Decimal("0.0001")


class Pair(NamedTuple):
    """One decision on which both gave an answer; money at the stop, costs included."""

    id: str
    at: str
    symbol: str
    side: str
    legacy: Decimal
    elite: Decimal
    legacy_binding: str
    elite_binding: str
    loss_per_lot: Decimal | None
    currency: str

    @property
    def saved(self) -> Decimal | None:
        """Money at risk that the elite sizer would leave at home; negative where it risks more."""
        return None if self.loss_per_lot is None else (self.legacy - self.elite) * self.loss_per_lot


class Comparison(NamedTuple):
    """What a journal says of the two."""

    decisions: int
    """On which both answered."""
    alone: int
    """On which only one was asked."""
    agree: int
    smaller: int
    """Elite below legacy."""
    larger: int
    denied: int
    """Elite 0 where legacy trades."""
    only_elite: int
    """Legacy 0 where elite trades."""
    ratio: Mapping[str, Decimal]
    """Elite over legacy where legacy trades: least, lower quartile, median, upper quartile, most, mean."""
    bound: Mapping[str, int]
    """What bound the elite answer, how often; `proposal` where no cap cut."""
    bound_legacy: Mapping[str, int]
    at_risk: Mapping[str, tuple[Decimal, Decimal]]
    """By currency: what legacy and what elite puts at risk, added up."""
    worst: tuple[Pair, ...]


def pairs(lines: Iterable[bytes]) -> tuple[tuple[Pair, ...], int]:
    """Return the decisions on which both answered, and the number of entries on which only one was asked."""
    both, alone = [], 0
    for line in lines:
        made = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        if not made.get("legacy"):
            continue
        if not made.get("elite"):
            alone += 1
            continue
        both.append(_pair(made))
    return tuple(both), alone


def compare(found: tuple[Pair, ...], alone: int = 0, *, worst: int = 5) -> Comparison:
    """Return what the pairs come to; the worst differ most in money, or in lots where that is not known."""
    ranked = sorted(found, key=lambda one: (abs(one.saved or ZERO), abs(one.legacy - one.elite)), reverse=True)
    return Comparison(
        decisions=len(found),
        alone=alone,
        agree=sum(one.legacy == one.elite for one in found),
        smaller=sum(one.elite < one.legacy for one in found),
        larger=sum(one.elite > one.legacy for one in found),
        denied=sum(one.elite == 0 < one.legacy for one in found),
        only_elite=sum(one.legacy == 0 < one.elite for one in found),
        ratio=_ratios([DOWN.divide(one.elite, one.legacy) for one in found if one.legacy > 0]),
        bound=_counted(one.elite_binding for one in found),
        bound_legacy=_counted(one.legacy_binding for one in found),
        at_risk=_at_risk(found),
        worst=tuple(one for one in ranked[:worst] if one.legacy != one.elite),
    )


def _pair(made: Mapping[str, Any]) -> Pair:
    request, legacy, elite = made.get("request") or {}, made["legacy"], made["elite"]
    loss = (made.get("risk") or {}).get("per_lot_at_stop")
    return Pair(
        made["id"],
        made["at"],
        request.get("symbol", ""),
        request.get("side", ""),
        Decimal(legacy["lots"]),
        Decimal(elite["lots"]),
        _binding(legacy),
        _binding(elite),
        None if loss is None else Decimal(loss),
        (made.get("account") or {}).get("currency", ""),
    )


def _binding(answer: Mapping[str, Any]) -> str:
    """Return what decided an answer: the reason where it is none, else the cap, else the proposal."""
    reason = answer.get("reason")
    return str(reason["code"] if reason else answer.get("binding") or "proposal")


def _ratios(ratios: list[Decimal]) -> dict[str, Decimal]:
    if not ratios:
        return {}
    ordered, last = sorted(ratios), len(ratios) - 1
    names = {"least": 0, "lower": last // 4, "median": last // 2, "upper": last - last // 4, "most": last}
    shown = {name: ordered[place] for name, place in names.items()}
    shown["mean"] = DOWN.divide(sum(ratios, ZERO), Decimal(len(ratios)))
    return {name: DOWN.quantize(value, RATIO) for name, value in shown.items()}


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))


def _at_risk(found: Iterable[Pair]) -> dict[str, tuple[Decimal, Decimal]]:
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for one in found:
        if one.loss_per_lot is not None:
            legacy, elite = sums.get(one.currency, (ZERO, ZERO))
            more = one.loss_per_lot
            sums[one.currency] = (legacy + one.legacy * more, elite + one.elite * more)
    return sums

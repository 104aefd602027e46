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
        """Money that the elite sizer would not put at risk; negative where it risks more."""
        return None if self.loss_per_lot is None else (self.legacy - self.elite) * self.loss_per_lot


class Comparison(NamedTuple):
    """Both answers over a journal."""

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
    """Number of elite answers that each cap bound; `proposal` where none did."""
    bound_legacy: Mapping[str, int]
    at_risk: Mapping[str, tuple[Decimal, Decimal]]
    """By currency: the sums that legacy and elite put at risk."""
    worst: tuple[Pair, ...]


def pairs(lines: Iterable[bytes]) -> tuple[tuple[Pair, ...], int]:
    """Return the decisions on which both answered, and the number of entries on which only one was asked."""
    pairs, alone = [], 0
    for line in lines:
        decision = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        if not decision.get("legacy"):
            continue
        if not decision.get("elite"):
            alone += 1
            continue
        pairs.append(_pair(decision))
    return tuple(pairs), alone


def compare(pairs: tuple[Pair, ...], alone: int = 0, *, worst: int = 5) -> Comparison:
    """Return the comparison over these pairs; the worst differ most in money, or in lots where that is not known."""
    by_size = sorted(pairs, key=lambda pair: (abs(pair.saved or ZERO), abs(pair.legacy - pair.elite)), reverse=True)
    return Comparison(
        decisions=len(pairs),
        alone=alone,
        agree=sum(pair.legacy == pair.elite for pair in pairs),
        smaller=sum(pair.elite < pair.legacy for pair in pairs),
        larger=sum(pair.elite > pair.legacy for pair in pairs),
        denied=sum(pair.elite == 0 < pair.legacy for pair in pairs),
        only_elite=sum(pair.legacy == 0 < pair.elite for pair in pairs),
        ratio=_ratios([DOWN.divide(pair.elite, pair.legacy) for pair in pairs if pair.legacy > 0]),
        bound=_count(pair.elite_binding for pair in pairs),
        bound_legacy=_count(pair.legacy_binding for pair in pairs),
        at_risk=_at_risk(pairs),
        worst=tuple(pair for pair in by_size[:worst] if pair.legacy != pair.elite),
    )


def _pair(decision: Mapping[str, Any]) -> Pair:
    request, legacy, elite = decision.get("request") or {}, decision["legacy"], decision["elite"]
    loss = (decision.get("risk") or {}).get("per_lot_at_stop")
    return Pair(
        decision["id"],
        decision["at"],
        request.get("symbol", ""),
        request.get("side", ""),
        Decimal(legacy["lots"]),
        Decimal(elite["lots"]),
        _binding(legacy),
        _binding(elite),
        None if loss is None else Decimal(loss),
        (decision.get("account") or {}).get("currency", ""),
    )


def _binding(answer: Mapping[str, Any]) -> str:
    """Return the code of a refusal, else the cap that bound, else `proposal`."""
    reason = answer.get("reason")
    return str(reason["code"] if reason else answer.get("binding") or "proposal")


def _ratios(ratios: list[Decimal]) -> dict[str, Decimal]:
    if not ratios:
        return {}
    ratios_sorted, last = sorted(ratios), len(ratios) - 1
    names = {"least": 0, "lower": last // 4, "median": last // 2, "upper": last - last // 4, "most": last}
    figures = {name: ratios_sorted[place] for name, place in names.items()}
    figures["mean"] = DOWN.divide(sum(ratios, ZERO), Decimal(len(ratios)))
    return {name: DOWN.quantize(value, RATIO) for name, value in figures.items()}


def _count(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))


def _at_risk(pairs: Iterable[Pair]) -> dict[str, tuple[Decimal, Decimal]]:
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for pair in pairs:
        if pair.loss_per_lot is not None:
            legacy, elite = sums.get(pair.currency, (ZERO, ZERO))
            more = pair.loss_per_lot
            sums[pair.currency] = (legacy + pair.legacy * more, elite + pair.elite * more)
    return sums

"""CLAMP gives the most lots that every limit allows, never one step more, and says which limit cut."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from math import floor
from random import Random

import pytest

from elite_sizer.model.plugin import Limit, Named, Per, PerLot
from elite_sizer.sizing import clamp as module
from elite_sizer.sizing.clamp import Clamped, Grid, clamp, grid
from portfolio.rounding import smallest_lots, whole_steps
from tests.builders import d, dice, many, spec

LOTS = Grid(d("0.01"), d("0.01"), d(50))
PER_LOT: PerLot = {"loss": d(100), "swing": d(300), "margin": d(1000), "exposure": d(100_000), "lot": d(1)}


def loss(money: str) -> Limit:
    return Limit(d(money), "loss", f"{money} USD")


def cut(proposed: Limit, *limits: Named, per_lot: PerLot = PER_LOT, lots: Grid = LOTS) -> Clamped:
    return clamp(proposed, limits, per_lot, lots)


def test_a_proposal_that_no_limit_cuts_stands() -> None:
    # 55 USD / 100 USD per lot = 0.55
    assert cut(loss("55"), ("per_trade", True, loss("55"))) == Clamped(d("0.55"), "proposal")


def test_a_limit_below_the_proposal_cuts_and_is_named() -> None:
    # 54.99 USD / 100 USD per lot = 0.5499, floored to 0.54
    assert cut(loss("55"), ("per_trade", True, loss("54.99"))) == Clamped(d("0.54"), "per_trade")


def test_the_smallest_limit_wins_wherever_it_stands() -> None:
    # 20 USD / 100 = 0.20; 250 margin / 1,000 = 0.25; 0.30 lots
    limits: list[Named] = [
        ("free_margin", True, Limit(d(250), "margin", "")),
        ("daily_loss", True, loss("20")),
        ("symbol_lots", False, Limit(d("0.30"), "lot", "")),
    ]
    assert cut(loss("55"), *limits) == Clamped(d("0.20"), "daily_loss")
    assert cut(loss("55"), *reversed(limits)) == Clamped(d("0.20"), "daily_loss")


def test_of_two_equal_limits_the_first_is_named() -> None:
    first: Named = ("daily_loss", True, loss("20"))
    other: Named = ("maximum_loss", True, loss("20.50"))
    assert cut(loss("55"), first, other).binding == "daily_loss"
    assert cut(loss("55"), other, first).binding == "maximum_loss"


def test_a_limit_equal_to_the_proposal_does_not_bind() -> None:
    assert cut(loss("20"), ("daily_loss", True, loss("20"))).binding == "proposal"


@pytest.mark.parametrize(
    ("room", "per", "lots"),
    [
        ("21", "loss", "0.21"),  # 21 / 100
        ("63", "swing", "0.21"),  # 63 / 300
        ("210", "margin", "0.21"),  # 210 / 1,000
        ("21000", "exposure", "0.21"),  # 21,000 / 100,000
        ("0.21", "lot", "0.21"),
    ],
)
def test_each_kind_of_room_is_divided_by_what_a_lot_uses_of_it(room: str, per: Per, lots: str) -> None:
    assert cut(loss("1000"), ("a_cap", False, Limit(d(room), per, ""))).lots == d(lots)


@pytest.mark.parametrize(
    ("room", "use", "step", "lots"),
    [
        ("0.29", "1", "0.01", "0.29"),  # 0.29 / 0.01 is 28.999999999999996 in doubles
        ("0.3", "1", "0.1", "0.3"),  # 0.3 / 0.1 is 2.9999999999999996 in doubles
        ("2.9999999995", "1", "1", "2"),  # a tolerance of 1e-9 would say 3
        ("0.9999999", "1", "1", "0"),
        ("1", "4", "0.05", "0.25"),  # exactly five steps
        ("1", "4", "0.02", "0.24"),  # a finer step that does not divide the coarser gives less
        ("1", "3", "0.01", "0.33"),
        ("99.99999999", "33.33333333", "0.01", "3.00"),  # 3.00000000 exactly, no digit is lost
        ("99.99999998", "33.33333333", "0.01", "2.99"),
    ],
)
def test_whole_steps_are_counted_exactly(room: str, use: str, step: str, lots: str) -> None:
    tiny = Grid(d(step), d(step), d(1000))
    assert cut(Limit(d(room), "loss", ""), per_lot={**PER_LOT, "loss": d(use)}, lots=tiny).lots == d(lots)


def test_no_room_denies_with_the_cap_as_its_reason() -> None:
    answer = cut(loss("55"), ("daily_loss", True, loss("0")))
    assert (answer.lots, answer.binding) == (d(0), "daily_loss")
    assert answer.refusal is not None
    assert answer.refusal.code == "daily_loss"


def test_room_for_one_step_allows_it() -> None:
    assert cut(loss("55"), ("daily_loss", True, loss("1.00"))) == Clamped(d("0.01"), "daily_loss")


def test_less_room_than_the_smallest_lot_denies_and_is_never_rounded_up() -> None:
    answer = cut(loss("55"), ("daily_loss", True, loss("0.99")))
    assert (answer.lots, answer.binding) == (d(0), "daily_loss")
    assert answer.refusal is not None
    assert answer.refusal.code == "below_min_lot"


def test_negative_room_denies() -> None:
    answer = cut(loss("55"), ("maximum_loss", True, loss("-4500")))
    assert answer.refusal is not None
    assert answer.refusal.code == "maximum_loss"


def test_a_limit_without_a_room_is_no_limit() -> None:
    assert cut(loss("55"), ("daily_loss", True, Limit(None, "loss", ""))).lots == d("0.55")


@pytest.mark.parametrize("per", ["loss", "swing", "margin", "exposure"])
def test_a_limit_denies_where_nobody_knows_what_a_lot_uses(per: Per) -> None:
    clamped = cut(Limit(d(1), "lot", ""), ("free_margin", True, Limit(d(10**9), per, "")))
    unknown = cut(
        Limit(d(1), "lot", ""), ("free_margin", True, Limit(d(10**9), per, "")), per_lot={**PER_LOT, per: None}
    )
    assert clamped.lots == 1
    assert unknown.refusal is not None
    assert unknown.refusal.code == "free_margin"


@pytest.mark.parametrize("use", ["0", "-1"])
def test_a_lot_that_seems_to_lose_nothing_gets_no_room(use: str) -> None:
    answer = cut(Limit(d(1), "lot", ""), ("per_trade", True, loss("1000")), per_lot={**PER_LOT, "loss": d(use)})
    assert answer.refusal is not None
    assert answer.refusal.code == "per_trade"


def test_a_lot_may_bind_no_margin() -> None:
    free = cut(
        Limit(d(1), "lot", ""), ("free_margin", True, Limit(d(1), "margin", "")), per_lot={**PER_LOT, "margin": d(0)}
    )
    assert free == Clamped(d("1.00"), "proposal")


def test_negative_margin_is_no_margin_anybody_understands() -> None:
    answer = cut(
        Limit(d(1), "lot", ""), ("free_margin", True, Limit(d(1), "margin", "")), per_lot={**PER_LOT, "margin": d(-1)}
    )
    assert answer.refusal is not None
    assert answer.refusal.code == "free_margin"


def test_the_largest_order_bounds_what_no_limit_does() -> None:
    assert cut(loss("5001")) == Clamped(d("50.00"), "broker_volume")
    assert cut(loss("5000")) == Clamped(d("50.00"), "proposal")


def test_a_largest_order_off_the_grid_is_floored_to_it() -> None:
    assert cut(loss("5000"), lots=Grid(d("0.3"), d("0.3"), d(50))).lots == d("49.8")


def test_a_minimum_that_is_no_multiple_of_the_step_is_raised_to_one() -> None:
    # 0.05 is no multiple of 0.02: the smallest trade is 0.06
    odd = grid(spec(volume_min="0.05", volume_step="0.02"))
    assert odd.smallest == d("0.06")
    assert cut(loss("5.99"), lots=odd).lots == 0
    assert cut(loss("6.00"), lots=odd).lots == d("0.06")


def test_a_minimum_of_zero_is_one_step() -> None:
    assert grid(spec(volume_min="0")).smallest == d("0.01")


def test_a_proposal_of_nothing_is_nothing() -> None:
    assert cut(Limit(None, "lot", "")).lots == 0


def test_a_largest_order_below_the_smallest_lot_leaves_no_trade() -> None:
    answer = cut(Limit(d(5), "lot", ""), lots=Grid(d("0.01"), d(2), d(1)))
    assert (answer.lots, answer.binding) == (d(0), "broker_volume")
    assert answer.refusal is not None
    assert answer.refusal.code == "below_min_lot"


def test_lots_have_the_exponent_of_the_step() -> None:
    assert str(cut(Limit(d("1.5"), "lot", "")).lots) == "1.50"
    assert str(cut(Limit(d("1E+1"), "lot", "")).lots) == "10.00"


def test_a_number_beyond_reason_refuses_instead_of_raising() -> None:
    answer = cut(Limit(d("1E+200"), "lot", ""))
    assert answer.lots == 0
    assert answer.refusal is not None
    assert answer.refusal.code == "kernel_invariant"


def test_nan_refuses_instead_of_switching_a_limit_off() -> None:
    answer = cut(loss("55"), ("daily_loss", True, loss("NaN")))
    assert answer.lots == 0
    assert answer.refusal is not None
    assert answer.refusal.code == "kernel_invariant"


@pytest.mark.parametrize("lots", ["0.21", "0.205", "51.00", "0.00"])
def test_lots_that_contradict_a_limit_the_grid_or_the_proposal_are_never_returned(
    monkeypatch: pytest.MonkeyPatch, lots: str
) -> None:
    monkeypatch.setattr(module, "_cut", lambda *_: Clamped(d(lots), "proposal"))
    answer = cut(loss("5500"), ("daily_loss", True, loss("20")))
    assert answer.lots == 0
    assert answer.refusal is not None
    assert answer.refusal.code == "kernel_invariant"


def test_lots_that_hold_everywhere_pass_the_same_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_cut", lambda *_: Clamped(d("0.20"), "daily_loss"))
    assert cut(loss("5500"), ("daily_loss", True, loss("20"))).lots == d("0.20")


def test_lots_whose_use_of_a_room_is_unknown_are_never_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_cut", lambda *_: Clamped(d("0.20"), "proposal"))
    margin: Named = ("free_margin", True, Limit(d(10**9), "margin", ""))
    answer = cut(loss("5500"), margin, per_lot={**PER_LOT, "margin": None})
    assert answer.refusal is not None
    assert answer.refusal.code == "kernel_invariant"
    assert cut(loss("5500"), margin).lots == d("0.20")


def test_lots_above_the_proposal_are_never_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_cut", lambda *_: Clamped(d("0.56"), "proposal"))
    answer = cut(loss("55"))
    assert answer.refusal is not None
    assert answer.refusal.code == "kernel_invariant"


def test_the_caller_s_own_decimal_arithmetic_changes_nothing() -> None:
    limits: list[Named] = [("daily_loss", True, loss("1234.56789012"))]
    per_lot: PerLot = {**PER_LOT, "loss": d("123.45678901")}
    plain = cut(loss("5500"), *limits, per_lot=per_lot)
    with localcontext(prec=3):
        assert cut(loss("5500"), *limits, per_lot=per_lot) == plain


# ---- 1,000,000 cases against whole fractions

STEPS = ((1, 100), (1, 10), (1, 1), (1, 1000), (5, 100), (25, 100), (3, 100), (7, 1000), (100, 1), (1000, 1))
PERS: tuple[Per, ...] = ("loss", "swing", "margin", "exposure", "lot")
FINE = 10**8


@dataclass(frozen=True, slots=True)
class Exact:
    """A number twice: as CLAMP takes it and as the oracle does."""

    decimal: Decimal
    fraction: Fraction

    @staticmethod
    def of(numerator: int, digits: int) -> Exact:
        return Exact(Decimal(numerator).scaleb(-digits), Fraction(numerator, 10**digits))


@dataclass(frozen=True, slots=True)
class Case:
    step: Exact
    smallest: Exact
    largest: Exact
    use: dict[Per, Exact | None]
    proposed: tuple[Per, Exact | None]
    limits: list[tuple[str, Per, Exact | None]]


def draw(random: Random) -> Case:
    """Draw a case; half of the rooms lie on, just above or just below a whole number of steps."""
    top, bottom = random.choice(STEPS)
    digits = len(str(bottom)) - 1
    step = Exact.of(top, digits)
    use = {per: _use(random) for per in PERS[:4]}
    uses: dict[Per, Exact | None] = {**use, "lot": Exact.of(1, 0)}
    asked: Per = "loss" if random.random() < 0.7 else "lot"
    limits = [
        (f"cap_{number}", per, _room(random, step, uses[per]))
        for number, per in enumerate(random.choices(PERS, k=random.randrange(6)))
    ]
    return Case(
        step,
        Exact.of(random.choice((top, top, 2 * top, 10 * top, 3 * top + 1)), digits),
        Exact.of(top * random.choice((1, 50, 5000, 100_000)) + random.randrange(top), digits),
        uses,
        (asked, _room(random, step, uses[asked])),
        limits,
    )


def _use(random: Random) -> Exact | None:
    kind = random.random()
    if kind < 0.05:
        return None if kind < 0.02 else Exact.of(0, 0)
    if kind < 0.5:
        return Exact.of(random.randrange(1, 10 ** random.randrange(1, 6)), random.randrange(3))
    return Exact.of(random.randrange(1, 10 ** random.randrange(3, 15)), 8)


def _room(random: Random, step: Exact, use: Exact | None) -> Exact | None:
    kind = random.random()
    if kind < 0.1:
        return None if kind < 0.05 else Exact.of(random.randrange(-2, 1), 0)
    if kind < 0.4 or use is None:
        return Exact.of(random.randrange(10 ** random.randrange(3, 16)), 8)
    whole = step.fraction * use.fraction * random.randrange(10 ** random.randrange(1, 5))
    scaled = whole * 10**12 + random.choice((0, 0, 1, -1, 10**4, -(10**4)))
    return Exact.of(int(scaled), 12)


def oracle(case: Case) -> tuple[Fraction, str, bool]:
    """Return lots, what cut, and whether it was refused, reckoned in fractions."""
    least, binding = _steps(case, *case.proposed) or 0, "proposal"
    for name, per, room in case.limits:
        steps = _steps(case, per, room)
        if steps is not None and steps < least:
            least, binding = steps, name
    if (most := floor(case.largest.fraction / case.step.fraction)) < least:
        least, binding = most, "broker_volume"
    lots = least * case.step.fraction
    refused = lots <= 0 or lots < case.smallest.fraction
    return (Fraction(0) if refused else lots), binding, refused


def _steps(case: Case, per: Per, room: Exact | None) -> int | None:
    use = case.use[per]
    if room is None:
        return None
    if use is None or room.fraction <= 0:
        return 0
    if use.fraction == 0:
        return None if per in ("margin", "exposure") else 0
    return floor(room.fraction / (use.fraction * case.step.fraction))


def answered(case: Case) -> Clamped:
    per, room = case.proposed
    return clamp(
        Limit(None if room is None else room.decimal, per, ""),
        [(name, False, Limit(None if at is None else at.decimal, kind, "")) for name, kind, at in case.limits],
        {per: None if use is None else use.decimal for per, use in case.use.items()},
        Grid(case.step.decimal, smallest_lots(case.smallest.decimal, case.step.decimal), case.largest.decimal),
    )


@pytest.mark.generated
@pytest.mark.parametrize("seed", range(4))
def test_clamp_equals_an_oracle_in_fractions(seed: int) -> None:
    random = dice(seed)
    refusals = cuts = 0
    for number in range(many(250_000)):
        case = draw(random)
        answer = answered(case)
        lots, binding, refused = oracle(case)
        same = Fraction(answer.lots) == lots and (answer.refusal is not None) == refused and answer.binding == binding
        assert same, f"seed {seed} case {number}: {case} gave {answer}, not {lots} by {binding}"
        refusals += refused
        cuts += binding != "proposal"
    assert refusals > many(25_000)
    assert cuts > many(50_000)


def test_whole_steps_agree_with_fractions_at_every_boundary() -> None:
    for top, bottom in STEPS:
        step = Decimal(top) / Decimal(bottom)
        for count in range(200):
            edge = step * count
            assert whole_steps(edge, step) == count
            assert whole_steps(edge - d("1E-12"), step) == max(count - 1, 0)

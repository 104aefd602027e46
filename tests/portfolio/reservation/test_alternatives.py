"""Of a group of orders that cancel each other only the dearest figures are charged, and none beside its own leg."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portfolio.book.charges import Charge
from portfolio.model import ZERO, Side
from portfolio.reservation.alternatives import Group, Groups, alternatives, charge_dearest_only
from portfolio.reservation.hold import Hold
from portfolio.reservation.reservation import FIRST_FENCE, Reservation, State
from tests.builders import NOW, charge, d

GROUP: Group = ("bot", "breakout")
OTHER: Group = ("bot", "other")


def leg(words: str, identifier: str, kind: str = "reservation", **changes: Any) -> Charge:  # noqa: ANN401
    return charge(words, kind=kind, id=identifier, **changes)


def beside(
    charges: tuple[Charge, ...], groups: Groups, own: Group | None = None, symbol: str = "GBPUSD"
) -> list[Decimal]:
    """Return the losses that are charged beside a buy."""
    return [one.floor_loss or ZERO for one in charge_dearest_only(charges, groups, own, symbol, Side.BUY)]


def figures(one: Charge) -> list[Any]:
    return [one.floor_loss, one.entry_loss, one.open_risk, one.gain, one.exposure, one.margin]


A = leg("EURUSD buy 1 risks 500 gains 900", "a", exposure="1000", margin="30")
B = leg("EURUSD sell 2 risks 400 gains 1000", "b", exposure="3000", margin="20")
BOTH: Groups = {("reservation", "a"): GROUP, ("reservation", "b"): GROUP}


def test_without_groups_nothing_is_changed() -> None:
    assert charge_dearest_only((A, B), {}, GROUP, "EURUSD", Side.BUY) == (A, B)


def test_each_figure_of_a_group_is_charged_once_by_its_dearest_leg() -> None:
    first, second = charge_dearest_only((A, B), BOTH, None, "GBPUSD", Side.BUY)
    assert first == A
    assert figures(second) == [0, 0, 0, 100, 2000, 0]


def test_the_order_of_the_legs_makes_no_difference_to_their_sum() -> None:
    assert sum(beside((A, B), BOTH)) == sum(beside((B, A), BOTH)) == 500


def test_the_lots_and_the_side_of_a_leg_stay() -> None:
    for one, before in zip(charge_dearest_only((A, B), BOTH, None, "GBPUSD", Side.BUY), (A, B), strict=True):
        assert (one.lots, one.side, one.kind, one.id) == (before.lots, before.side, before.kind, before.id)


def test_the_candidate_s_own_group_is_charged_nothing() -> None:
    for one in charge_dearest_only((A, B), BOTH, GROUP, "EURUSD", Side.BUY):
        assert figures(one) == [0] * 6


def test_another_group_of_the_candidate_changes_nothing() -> None:
    assert beside((A, B), BOTH, OTHER) == [500, 0]


def test_groups_are_counted_apart() -> None:
    c = leg("USDJPY buy 1 risks 300", "c")
    assert beside((A, B, c), {**BOTH, ("reservation", "c"): OTHER}) == [500, 0, 300]


def test_what_belongs_to_no_group_is_charged_as_ever() -> None:
    position = charge("EURUSD buy 1 risks 200", id="a")
    assert beside((position, A, B), BOTH) == [200, 500, 0]


def test_a_leg_without_a_stop_is_charged_as_ever_and_relieves_none() -> None:
    bare = leg("EURUSD buy 1 unbounded", "a")
    found = charge_dearest_only((bare, B), BOTH, GROUP, "EURUSD", Side.BUY)
    assert found[0] == bare
    assert charge_dearest_only((bare, B), BOTH, None, "EURUSD", Side.BUY)[1] == B


def test_a_leg_on_the_candidate_s_own_idea_keeps_its_open_risk() -> None:
    first, second = charge_dearest_only((B, A), BOTH, None, "EURUSD", Side.BUY)
    # A is a buy of EURUSD too, so that its 500 count for the idea; only what is beyond B's 400 counts for the floors
    assert figures(first) == [400, 400, 400, 1000, 3000, 20]
    assert figures(second) == [100, 100, 500, 0, 0, 10]


def test_an_unknown_gain_stays_unknown() -> None:
    bare = leg("EURUSD sell 2 risks 400", "b")
    assert charge_dearest_only((A, bare), BOTH, None, "GBPUSD", Side.BUY)[1].gain is None
    assert charge_dearest_only((A, bare), BOTH, GROUP, "GBPUSD", Side.BUY)[1].gain is None


money = st.integers(0, 1000).map(Decimal)


@given(st.lists(st.tuples(money, money, money), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_a_group_is_never_charged_less_than_any_of_its_legs(losses: list[tuple[Decimal, ...]], random: Any) -> None:  # noqa: ANN401
    charges = [
        leg("EURUSD buy 1 risks 0", str(place), floor_loss=floor, entry_loss=whole, gain=gain)
        for place, (floor, whole, gain) in enumerate(losses)
    ]
    random.shuffle(charges)
    known = {("reservation", one.id): GROUP for one in charges}
    found = charge_dearest_only(tuple(charges), known, None, "GBPUSD", Side.BUY)
    for name in ("floor_loss", "entry_loss", "gain"):
        assert sum(getattr(one, name) for one in found) == max(getattr(one, name) for one in charges)
    better = [one.better_loss or ZERO for one in found]
    assert sum(better) >= max(one.better_loss or ZERO for one in charges)


# which charges are legs


def reserved(identifier: str, **changes: Any) -> Reservation:  # noqa: ANN401 - any field
    hold = Hold("EURUSD", Side.BUY, d(1), d(500), d(500), d(1000), d(30))
    made = Reservation(
        id=identifier,
        account="1234@FTMO-Demo",
        caller="bot",
        signal=None,
        hold=hold,
        whole=d(1),
        state=State.HELD,
        fence=FIRST_FENCE,
        fenced=False,
        magic=0,
        issued=NOW,
        valid_until=NOW + timedelta(seconds=10),
        since=NOW,
        oco_group="breakout",
    )
    return made._replace(**changes)


def test_a_reservation_is_a_leg_and_so_is_the_order_under_its_ticket() -> None:
    found = alternatives([reserved("a", ticket=7), reserved("b"), reserved("c", oco_group=None, ticket=9)])
    assert found == {("reservation", "a"): GROUP, ("order", "7"): GROUP, ("reservation", "b"): GROUP}


def test_the_same_name_of_another_caller_is_another_group() -> None:
    found = alternatives([reserved("a"), reserved("b", caller="other")])
    assert set(found.values()) == {GROUP, ("other", "breakout")}


def test_a_group_of_which_something_is_filled_has_no_legs() -> None:
    assert alternatives([reserved("a", whole=d(2)), reserved("b"), reserved("c", oco_group="other")]) == {
        ("reservation", "c"): OTHER
    }

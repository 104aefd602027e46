"""A sizer proposes, every cap is asked once, CLAMP cuts; whatever breaks on the way denies with its reason."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any, cast

import pytest

from elite_sizer.caps.reasons import REASONS, refuse
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit, Proposal
from elite_sizer.sizing.pipeline import NamedSizer, limits, propose, size
from portfolio.reasons import Refusal
from tests.builders import context, d, elite, lot, named, profile, sizer, spec


def allow(room: str | None, per: str = "loss") -> Any:  # noqa: ANN401 - a cap
    return lambda _: Limit(None if room is None else d(room), cast("Any", per), "as given")


def test_money_is_divided_by_the_loss_at_the_stop() -> None:
    # 1,000 USD over 500 + 10 a lot
    assert size(context(money=lot(500, cost=10)), sizer(1000), ()).lots == d("1.96")


def test_or_by_what_the_sizer_itself_holds_a_lot_to_lose() -> None:
    # 1,000 / 750
    tail = NamedSizer("tail", lambda _: Proposal(money=d(1000), loss_per_lot=d(750)))
    assert size(context(money=lot(500)), tail, ()).lots == d("1.33")


def test_a_sizer_that_thinks_a_lot_loses_less_than_its_stop_is_not_believed() -> None:
    hope = NamedSizer("hope", lambda _: Proposal(money=d(1000), loss_per_lot=d(1)))
    assert size(context(money=lot(500)), hope, ()).lots == d("2.00")


def test_caps_divide_by_the_sizer_s_loss_too() -> None:
    # 600 / 750 for one that sees the tail, 600 / 500 for one that does not
    caps = (named("daily_loss", allow("600")),)
    tail = NamedSizer("tail", lambda _: Proposal(lots=d(9), loss_per_lot=d(750)))
    assert size(context(money=lot(500)), tail, caps).lots == d("0.80")
    assert size(context(money=lot(500)), sizer(lots=9), caps).lots == d("1.20")


def test_every_cap_is_shown_with_the_lots_it_allows() -> None:
    caps = (named("daily_loss", allow("600"), hard=True), named("symbol_lots", allow(None, "lot")))
    checks = size(context(money=lot(500)), sizer(1000), caps).checks
    assert [(check.name, check.hard, check.lots) for check in checks] == [
        ("daily_loss", True, d("1.20")),
        ("symbol_lots", False, None),
    ]


@pytest.mark.parametrize(
    ("room", "per", "unknown"), [("-5", "loss", False), ("1", "margin", True), ("1", "exposure", True)]
)
def test_a_cap_that_allows_nothing_is_shown_with_no_lots(room: str, per: str, *, unknown: bool) -> None:
    money = lot(500, margin=None, exposure=None) if unknown else lot(500)
    (check,) = size(context(money=money), sizer(1000), (named("free_margin", allow(room, per)),)).checks
    assert check.lots == 0


def test_a_cap_with_little_room_is_shown_with_its_few_lots() -> None:
    # half a dollar over 5 a lot
    (check,) = size(context(money=lot(5)), sizer(1000), (named("free_margin", allow("0.5")),)).checks
    assert check.lots == d("0.10")


def test_no_room_for_a_lot_that_binds_nothing_is_still_no_room() -> None:
    none = named("free_margin", allow("0", "margin"))
    (check,) = size(context(money=lot(500, margin=0)), sizer(1), (none,)).checks
    assert check.lots == 0


def test_a_lot_that_binds_no_margin_is_shown_without_a_limit() -> None:
    (check,) = size(context(money=lot(500, margin=0)), sizer(1), (named("free_margin", allow("1", "margin")),)).checks
    assert check.lots is None


def test_the_proposal_is_shown_in_lots_rounded_down() -> None:
    assert size(context(money=lot(300)), sizer(100), ()).raw_lots == d("0.33333333")
    assert size(context(money=lot(300)), sizer(lots="0.123456789"), ()).raw_lots == d("0.123456789")


# ---- refusals


def code(refusal: Refusal | None) -> str:
    assert refusal is not None
    return refusal.code


def test_a_sizer_s_own_refusal_is_returned_and_the_caps_are_still_shown() -> None:
    said = refuse("no_edge", "win probability 30.0%")
    answer = size(
        context(), NamedSizer("elite", lambda _: Proposal(refusal=said)), (named("daily_loss", allow("600")),)
    )
    assert (answer.lots, answer.refusal, answer.binding) == (d(0), said, "proposal")
    assert [check.name for check in answer.checks] == ["daily_loss"]


def test_the_cap_that_allowed_nothing_is_the_reason() -> None:
    answer = size(context(), sizer(1000), (named("daily_loss", allow("0")),))
    assert answer.refusal == Refusal("daily_loss", "as given")


def test_a_size_below_the_smallest_lot_says_what_the_smallest_would_cost() -> None:
    answer = size(context(money=lot(500)), sizer("4.99"), ())
    assert answer.refusal == Refusal(
        "below_min_lot", "the smallest trade is 0.01 lots and would put 5.00 USD at risk; 4.99 USD is less"
    )


def test_a_cap_that_cut_below_it_is_named() -> None:
    answer = size(context(money=lot(500)), sizer(1000), (named("daily_loss", allow("4.99")),))
    assert answer.refusal == Refusal(
        "below_min_lot", "the smallest trade is 0.01 lots and would put 5.00 USD at risk; daily_loss: as given"
    )


@pytest.mark.parametrize("stop", ["NaN", "sNaN"])
@pytest.mark.parametrize("asked", [sizer(1000), sizer(lots=1)])
def test_a_loss_that_is_no_number_refuses_and_says_so(stop: str, asked: NamedSizer) -> None:
    answer = size(context(money=lot(500)._replace(stop=d(stop))), asked, ())
    assert (answer.lots, code(answer.refusal)) == (d(0), "kernel_invariant")
    assert answer.refusal is not None
    assert answer.refusal.detail != REASONS["kernel_invariant"].sentence


# ---- nonsense


def broken(_: SizingContext) -> Proposal:
    message = "division by zero"
    raise ZeroDivisionError(message)


NONSENSE: list[Any] = [
    None,
    "lots",
    0.5,
    Proposal(),
    Proposal(money=d(1), lots=d(1)),
    Proposal(money=d("NaN")),
    Proposal(money=d("sNaN")),
    Proposal(money=d("Infinity")),
    Proposal(money=d("-0.01")),
    Proposal(lots=d("NaN")),
    Proposal(lots=d("-Infinity")),
    Proposal(lots=d("-0.01")),
    Proposal(lots=cast("Decimal", 0.5)),
    Proposal(lots=cast("Decimal", "0.5")),
    Proposal(money=d(1), loss_per_lot=d("NaN")),
    Proposal(money=d(1), loss_per_lot=d(-1)),
    Proposal(refusal=Refusal("because_i_say_so", "")),
]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=repr)
@pytest.mark.parametrize("error", ["elite_error", "legacy_error"])
def test_a_sizer_that_returns_nonsense_is_refused(nonsense: Any, error: str) -> None:  # noqa: ANN401
    proposal = propose(context(), NamedSizer("mine", lambda _: nonsense, error))
    assert code(proposal.refusal) == error
    assert (proposal.money, proposal.lots) == (None, None)


def test_a_sizer_that_raises_is_refused_with_what_it_raised(caplog: pytest.LogCaptureFixture) -> None:
    proposal = propose(context(), NamedSizer("mine", broken))
    assert proposal.refusal == Refusal("elite_error", "mine: ZeroDivisionError: division by zero")
    assert "mine failed" in caplog.text


def test_a_sizer_that_works_is_not(caplog: pytest.LogCaptureFixture) -> None:
    assert propose(context(), sizer(1000)).refusal is None
    assert not caplog.text


def test_a_cap_that_raises_allows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caps = (named("daily_loss", cast("Any", broken)), named("per_trade", allow("600")))
    answer = size(context(), sizer(1000), caps)
    assert answer.refusal == Refusal("daily_loss", "daily_loss failed: ZeroDivisionError: division by zero")
    assert "cap daily_loss failed" in caplog.text


@pytest.mark.parametrize("room", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_cap_that_gives_no_number_allows_nothing(room: str) -> None:
    answer = size(context(), sizer(1000), (named("daily_loss", allow(room)),))
    assert code(answer.refusal) == "daily_loss"


@pytest.mark.parametrize("nonsense", [None, "much", 5, Limit(cast("Decimal", 5.0), "loss", "")], ids=repr)
def test_a_cap_that_returns_nonsense_allows_nothing(nonsense: Any) -> None:  # noqa: ANN401
    answer = size(context(), sizer(1000), (named("daily_loss", lambda _: nonsense),))
    assert code(answer.refusal) == "daily_loss"


def test_a_cap_with_a_kind_of_room_that_there_is_not_refuses() -> None:
    answer = size(context(), sizer(1000), (named("daily_loss", allow("600", "pips")),))
    assert code(answer.refusal) == "kernel_invariant"


def test_a_cap_whose_name_is_no_reason_refuses_all_the_same() -> None:
    answer = size(context(), sizer(1000), (named("my_cap", allow("0")),))
    assert (answer.lots, code(answer.refusal)) == (d(0), "kernel_invariant")


def test_a_cap_that_would_have_to_round_allows_nothing() -> None:
    third = named("daily_loss", lambda situation: Limit(situation.account.equity / 3, "loss", "a third"))
    assert code(size(context(), sizer(1000), (third,)).refusal) == "daily_loss"


# ---- the caller's own decimal arithmetic


@pytest.mark.parametrize("digits", [2, 6, 28])
def test_a_program_that_sets_its_own_decimal_precision_gets_the_same_answer(digits: int) -> None:
    situation = context(
        balance="123456.78",
        equity="123401.23",
        money=lot("512.34567891", cost="7.12345678", tail="701.23456789", gain="1024.69135782", margin="1085.12345678"),
        confidence="0.754321",
        score=37,
    )
    chain = NamedSizer("elite", elite())
    plain = size(situation, chain, profile())
    with localcontext(prec=digits, rounding="ROUND_UP"):
        again = size(situation, chain, profile())
    assert again == plain
    assert [check.lots for check in again.checks] == [check.lots for check in plain.checks]


def test_the_default_caps_are_all_asked_in_order() -> None:
    result = limits(context(contract=spec()), profile())
    assert [name for name, _, _ in result] == [cap.name for cap in profile()]
    assert all(name in REASONS for name, _, _ in result)

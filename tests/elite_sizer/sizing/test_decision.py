"""The answer says how many lots, what to send, until when and up to which price, and why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Context, Decimal, localcontext
from typing import Any, Final

import pytest

from elite_sizer.caps.reasons import REASONS, refuse
from elite_sizer.model.breakdown import Envelope
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Outcome
from elite_sizer.model.plugin import Limit
from elite_sizer.model.request import Intent
from elite_sizer.request.intent import Classified
from elite_sizer.sizing.decision import Decision, RequestFacts, make_decision, make_exit, refuse_request
from elite_sizer.sizing.order_plan import filling
from elite_sizer.sizing.rollout import Plan, decide
from portfolio.model import OrderType, Quote
from portfolio.reasons import Refusal
from portfolio.rules.rule_set import OverallRule
from tests.builders import FTMO, NOW, account, charge, context, d, lot, named, plan, position, request, sizer, spec

ENVELOPE: Final = Envelope("01JD3M7K000000000000000000", NOW, timedelta(seconds=10), magic=5, deviation_points=20)
ONE_LOT: Final = plan(sizer(lots=1))


def capped(room: str, *, lots: str = "5", per: Any = "loss") -> Plan:  # noqa: ANN401 - what a room is of
    """Propose so many lots, and let one cap leave this room."""
    return plan(sizer(lots=lots), caps=(named("per_trade", lambda _: Limit(d(room), per, "as told")),))


def of(situation: SizingContext, chosen: Plan = ONE_LOT, envelope: Envelope = ENVELOPE) -> Decision:
    return make_decision(situation, chosen, decide(situation, chosen), envelope)


LONG: Final = context("EURUSD buy")
"""From 1.0850 to 1.0800, 500 dollars a lot."""
SHORT: Final = context("EURUSD sell", stop="1.0900")


# outcomes


def test_a_proposal_that_nothing_cuts_is_approved() -> None:
    decision = of(LONG)
    assert (decision.outcome, decision.lots, decision.binding, decision.reason) == (
        Outcome.APPROVE,
        d(1),
        "proposal",
        None,
    )
    assert (bool(decision), decision.exit_code) == (True, 0)


def test_a_proposal_that_a_cap_cuts_is_shrunk() -> None:
    decision = of(LONG, capped("1000"))
    assert (decision.outcome, decision.lots, decision.binding) == (Outcome.SHRINK, d(2), "per_trade")


def test_a_proposal_that_a_cap_forbids_is_denied() -> None:
    decision = of(LONG, capped("0"))
    assert (decision.outcome, decision.binding) == (Outcome.DENY, "per_trade")
    assert decision.reason == ("per_trade", "as told")
    assert (bool(decision), decision.exit_code, decision.order, decision.valid) == (
        False,
        REASONS["per_trade"].exit_code,
        None,
        None,
    )


def test_a_halt_is_told_from_a_denial() -> None:
    assert of(replace(LONG, halt=refuse("halted", "the news"))).outcome is Outcome.HALT
    assert of(replace(LONG, halt=refuse("rule_paused", "until midnight"))).outcome is Outcome.DENY


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_refusal_has_no_lots_and_exits_by_its_own_code(code: str) -> None:
    decision = refuse_request(Refusal(code, "why"), ENVELOPE)
    assert (decision.lots, decision.order, decision.valid, decision.binding) == (d(0), None, None, code)
    assert decision.exit_code == REASONS[code].exit_code != 0
    assert (decision.outcome is Outcome.HALT) == (decision.exit_code == 7)


def test_a_refusal_keeps_what_was_known() -> None:
    facts = RequestFacts(account=account(), guard=False, intent=Intent.ADD)
    decision = refuse_request(Refusal("tick_stale", "old"), ENVELOPE, facts)
    assert (decision.account, decision.guard, decision.intent, decision.flag) == (account(), False, Intent.ADD, None)


# the order


def test_the_order_is_the_trade_as_decided() -> None:
    decision = of(replace(LONG, target=d("1.0950"), order_type=OrderType.LIMIT)).order
    assert decision is not None
    assert (decision.type, decision.intent, decision.volume, type(decision.volume)) == (
        OrderType.LIMIT,
        Intent.OPEN,
        1.0,
        float,
    )
    assert (decision.price, decision.stop, decision.target, decision.tick_size) == (
        d("1.085"),
        d("1.08"),
        d("1.095"),
        d("0.00001"),
    )
    assert (decision.magic, decision.deviation_points, decision.time_in_force, decision.ticket) == (5, 20, "gtc", None)
    assert decision.comment == "es:01JD3M7K000000000000000000"


def test_a_reversal_sends_the_closing_part_and_the_new_one_together() -> None:
    decision = of(replace(LONG, intent=Intent.REVERSE, closing=d("0.7")))
    assert decision.order is not None
    assert (decision.lots, decision.order.volume, decision.order.intent) == (d(1), 1.7, Intent.REVERSE)


def test_a_reversal_whose_new_part_is_refused_only_closes() -> None:
    decision = of(replace(LONG, intent=Intent.REVERSE, closing=d("0.7")), capped("0"))
    assert (decision.outcome, decision.lots, decision.reason, decision.exit_code) == (Outcome.EXIT, d("0.7"), None, 0)
    assert decision.order is not None
    assert (decision.order.volume, decision.order.intent) == (0.7, Intent.CLOSE)
    assert (decision.order.stop, decision.order.target, decision.valid) == (None, None, None)
    assert decision.answer is not None
    assert decision.answer.refusal == ("per_trade", "as told")


def test_a_halted_reversal_only_closes_too() -> None:
    halted = replace(LONG, intent=Intent.REVERSE, closing=d("0.7"), halt=refuse("halted", "the news"))
    assert (of(halted).outcome, of(halted).lots) == (Outcome.EXIT, d("0.7"))


@pytest.mark.parametrize(
    ("bits", "execution", "modes"),
    [
        (1, 2, ("fok",)),
        (2, 2, ("ioc",)),
        (3, 2, ("fok", "ioc")),
        (0, 2, ()),
        (1, 1, ("fok", "return")),
        (0, 3, ("return",)),
        (3, 0, ("fok", "ioc", "return")),
    ],
)
def test_filling_follows_the_symbol_s_bits_and_rests_only_without_market_execution(
    bits: int, execution: int, modes: tuple[str, ...]
) -> None:
    assert filling(spec(filling_mode=bits, execution_mode=execution)) == modes


# until when, and up to which price


def test_an_answer_stands_for_its_time_but_not_beyond_the_reset() -> None:
    assert LONG.headroom.next_reset_utc == NOW + timedelta(hours=10)
    short, long = of(LONG).valid, of(LONG, envelope=ENVELOPE._replace(ttl=timedelta(days=1))).valid
    assert short is not None
    assert short.until == NOW + timedelta(seconds=10)
    assert long is not None
    assert long.until == NOW + timedelta(hours=10)


def test_an_answer_carries_its_lease() -> None:
    valid = of(LONG, envelope=ENVELOPE._replace(lease="a", fence=3)).valid
    assert valid is not None
    assert (valid.lease, valid.fence) == ("a", 3)


def worst(situation: SizingContext, chosen: Plan) -> Decimal | None:
    valid = of(situation, chosen).valid
    assert valid is not None
    return valid.worst_entry


def test_the_worst_entry_is_where_the_stop_would_lose_the_whole_room() -> None:
    # one lot may lose 800 at the same stop: 800 points above it for a buy, below it for a sell
    chosen = capped("800", lots="1")
    assert worst(LONG, chosen) == d("1.08800")
    assert worst(SHORT, chosen) == d("1.08200")


def test_the_worst_entry_is_on_the_tick_before_the_room_ends() -> None:
    # 3 lots lose 1,000.01 together: 333.336... of a lot
    chosen = capped("1600.01", lots="3")
    assert worst(LONG, chosen) == d("1.08533")
    assert worst(SHORT, chosen) == d("1.08467")


def test_costs_bring_the_worst_entry_nearer() -> None:
    assert worst(replace(LONG, lot=lot(500, cost=50)), capped("800", lots="1")) == d("1.08750")


def test_the_smallest_room_decides_and_rooms_of_other_kinds_do_not() -> None:
    caps = tuple(
        named(name, lambda _, room=room, per=per: Limit(room, per, "as told"))  # type: ignore[misc]
        for name, room, per in (
            ("per_trade", d(900), "loss"),
            ("idea_risk", d(800), "loss"),
            ("open_risk", None, "loss"),
            ("free_margin", d(1000), "margin"),
        )
    )
    assert worst(LONG, plan(sizer(lots=1), caps=caps)) == d("1.08800")


def test_a_sell_s_worst_entry_is_never_below_the_first_tick() -> None:
    assert worst(SHORT, capped("10000000", lots="1")) == d("0.00001")


def test_without_a_stop_or_a_room_there_is_no_worst_entry() -> None:
    assert worst(replace(LONG, stop=None), capped("800", lots="1")) is None
    assert worst(LONG, ONE_LOT) is None
    assert worst(LONG, capped("1000", lots="1", per="margin")) is None


def test_the_decision_does_not_depend_on_the_precision_of_the_program_around() -> None:
    chosen = capped("1600.01", lots="3")
    with localcontext(Context(prec=2)):
        rough = of(LONG, chosen)
    assert rough == of(LONG, chosen)


# what is promised

TRAILING: Final = replace(FTMO, id="trailing", overall=OverallRule(FTMO.overall.amount, peak="equity"))


def guarantee(*book: str, gain: int | None = None) -> str:
    charges = tuple(charge(words, id=str(place)) for place, words in enumerate(book))
    return of(context("EURUSD buy", rules=TRAILING, book=charges, money=lot(500, gain=gain))).guarantee


def test_where_no_floor_follows_equity_the_promise_holds_without_targets() -> None:
    assert of(LONG).guarantee == "modelled"


def test_where_a_floor_follows_equity_everything_needs_a_target() -> None:
    assert guarantee(gain=1000) == "modelled"
    assert guarantee("EURUSD buy 1 risks 100 gains 200", gain=1000) == "modelled"
    assert guarantee() == "not_provable"
    assert guarantee("EURUSD buy 1 risks 100 gains 200") == "not_provable"
    assert guarantee("EURUSD buy 1 risks 100", gain=1000) == "not_provable"


# exits

HELD: Final = position("EURUSD buy 0.50 @ 1.0850 sl 1.0800", price="1.0847", ticket=7)
QUOTE: Final = Quote("EURUSD", d("1.0848"), d("1.0850"), NOW)


def exit_(side: str = "sell", quote: Quote | None = QUOTE, **changes: Any) -> Decision:  # noqa: ANN401
    closing = Classified(Intent.REDUCE, d("0.2"), HELD)
    asked = request(f"EURUSD {side}")
    return make_exit(asked, closing, spec(), quote, envelope=ENVELOPE, account=account(), **changes)


def test_an_exit_closes_at_the_market_and_names_its_position() -> None:
    decision = exit_()
    assert (decision.outcome, decision.lots, decision.intent, decision.binding) == (
        Outcome.EXIT,
        d("0.2"),
        Intent.REDUCE,
        "",
    )
    assert decision.order is not None
    assert (decision.order.type, decision.order.volume, decision.order.ticket) == (OrderType.MARKET, 0.2, 7)
    assert (decision.order.price, decision.order.stop, decision.order.target) == (d("1.0848"), None, None)
    assert (bool(decision), decision.exit_code, decision.valid, decision.context) == (True, 0, None, None)


def test_an_exit_pays_its_side_of_the_quote_or_without_one_the_position_s_last_price() -> None:
    prices = [
        decision.order.price for decision in (exit_(), exit_("buy"), exit_(quote=None)) if decision.order is not None
    ]
    assert prices == [d("1.0848"), d("1.0850"), d("1.0847")]


def test_an_exit_says_what_it_is_left_of() -> None:
    assert exit_(binding="halted").binding == "halted"

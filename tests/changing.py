"""What must hold between a decision and that in a changed world, named after the list in the reliability research.

Tighter, costlier, fuller never gets more lots; what makes no difference makes none to the last byte; and the promise
itself: no approval crosses a floor, in whatever order stops and midnights come.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_UP, localcontext
from fractions import Fraction
from typing import Any, Final

from elite_sizer.journal import decision_json as wire
from elite_sizer.journal import line as journal_line
from elite_sizer.model.breakdown import Envelope
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit
from elite_sizer.sizing.decision import make_decision
from elite_sizer.sizing.rollout import cut_and_choose, decide, propose_all
from portfolio.model import ZERO, Side
from tests.builders import NOW, d, plan, sizer
from tests.promise import Firm, shuffled, worst
from tests.standing import everyone
from tests.worlds import Draw, Trade, World, at_the_floors, half, rescaled


@contextmanager
def silence() -> Iterator[None]:
    """Keep the log of a fault that was put there quiet."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _fails(_: SizingContext) -> Limit:
    message = "its input is missing"
    raise LookupError(message)


def smaller(world: World, changed: World) -> None:
    """Assert that the changed world never gets more lots."""
    assert changed.lots <= world.lots


TIGHTER: Final[Mapping[str, tuple[str, bool]]] = {
    "per_trade": ("risk_pct", False),
    "idea_risk": ("risk_pct", False),
    "free_margin": ("level", True),
    "daily_halt": ("loss_pct", False),
    "drawdown_halt": ("drawdown_pct", False),
    "symbol_exposure": ("times_equity", False),
    "gross_exposure": ("times_equity", False),
    "open_risk": ("risk_pct", False),
    "cash_reserve": ("reserve_pct", True),
    "min_rr": ("least", True),
    "net_delta": ("equity_pct", False),
}
"""The setting of each cap, and whether more of it is tighter."""


def p7_a_tighter_cap_never_gives_more(world: World, draw: Draw) -> None:
    names = [name for name in world.caps if name in TIGHTER and world.caps[name].get(TIGHTER[name][0])]
    if not names:
        return
    name = draw.choice(names)
    key, rises = TIGHTER[name]
    value = world.caps[name][key]
    changed = value * d("1.25") if rises else value * d("0.75")
    smaller(world, replace(world, caps={**world.caps, name: {**world.caps[name], key: changed}}))


def p7_a_cap_more_never_gives_more(world: World, draw: Draw) -> None:
    off = [name for name in TIGHTER if name not in world.caps]
    if off:
        smaller(world, replace(world, caps={**world.caps, draw.choice(off): {}}))


def p7_a_smaller_largest_order_never_gives_more(world: World, _: Draw) -> None:
    smaller(world, replace(world, largest=world.largest / 2))


def p7_a_smaller_limit_of_a_side_never_gives_more(world: World, _: Draw) -> None:
    smaller(world, replace(world, limit=world.limit / 2 if world.limit else world.step * 10))


def p7_a_larger_smallest_lot_never_gives_more(world: World, _: Draw) -> None:
    smaller(world, replace(world, smallest=world.smallest * 3))


def p7_a_smaller_share_of_the_budget_never_gives_more(world: World, _: Draw) -> None:
    smaller(world, replace(world, policy=replace(world.policy, max_concentration=world.policy.max_concentration / 2)))


def p7_a_smaller_budget_never_gives_more(world: World, _: Draw) -> None:
    smaller(world, replace(world, policy=replace(world.policy, budget_fraction=world.policy.budget_fraction / 2)))


def p8_one_trade_more_never_gives_more(world: World, draw: Draw) -> None:
    """For elite with diversification the trade is on the candidate's own side, so that it can hedge nothing."""
    loss = None if draw.integer(0, 9) == 0 else d(draw.integer(0, 50_000)).scaleb(-2)
    lots, exposure = d(draw.integer(1, 500)).scaleb(-2), d(draw.integer(0, 200_000))
    kind = draw.choice(("position", "order", "reservation"))
    if kind == "reservation":
        loss = loss or ZERO
    stacks = world.chain == "elite" or "net_delta" in world.caps
    side = world.side if stacks else draw.choice((Side.BUY, Side.SELL))
    symbol = world.symbol if stacks else draw.choice(("EURUSD", "XAUUSD", "AAPL"))
    more = Trade(kind, "99", symbol, side, lots, ZERO, loss, None, exposure, ZERO if kind == "position" else d(500))
    if kind == "reservation":
        smaller(world, replace(world, held=(*world.held, more)))
    else:
        smaller(world, replace(world, book=(*world.book, more)))


def p9_dearer_trading_never_gives_more(world: World, draw: Draw) -> None:
    lot = world.lot
    extra = d(draw.integer(1, 10_000)).scaleb(-2)
    smaller(world, replace(world, lot=lot._replace(cost=lot.cost + extra, risk=lot.risk + extra)))


def p9_a_larger_buffer_never_gives_more(world: World, draw: Draw) -> None:
    share = world.policy.buffer_of_initial + d(draw.integer(1, 100)).scaleb(-4)
    smaller(world, replace(world, policy=replace(world.policy, buffer_of_initial=share)))


def p9_a_book_that_costs_more_never_gives_more(world: World, draw: Draw) -> None:
    """Without diversification, where a hedge that risks more would offset more."""
    if not world.book or world.chain == "elite":
        return
    at = draw.integer(0, len(world.book) - 1)
    trade = world.book[at]
    if trade.loss is not None:
        dearer = replace(trade, loss=trade.loss + d(draw.integer(1, 50_000)).scaleb(-2))
        smaller(world, replace(world, book=(*world.book[:at], dearer, *world.book[at + 1 :])))


def p9_more_lost_on_the_idea_never_gives_more(world: World, draw: Draw) -> None:
    smaller(world, replace(world, idea_loss=world.idea_loss + d(draw.integer(1, 100_000)).scaleb(-2)))


def p10_a_wider_stop_never_gives_more(world: World, draw: Draw) -> None:
    lot = world.lot
    stop = lot.stop + d(draw.integer(1, 20_000)).scaleb(-2)
    smaller(world, replace(world, lot=lot._replace(stop=stop, risk=max(stop, lot.tail or ZERO) + lot.cost)))


def p10_a_fatter_tail_never_gives_more(world: World, draw: Draw) -> None:
    lot = world.lot
    tail = (lot.tail or lot.stop) + d(draw.integer(1, 20_000)).scaleb(-2)
    smaller(world, replace(world, lot=lot._replace(tail=tail, risk=max(lot.stop, tail) + lot.cost)))


def p11_more_confidence_never_gives_less(world: World, draw: Draw) -> None:
    if world.confidence is not None:
        surer = min(world.confidence + d(draw.integer(1, 30)).scaleb(-2), d(1))
        smaller(replace(world, confidence=surer), world)


def p12_more_equity_with_the_same_floors_never_gives_less(world: World, draw: Draw) -> None:
    smaller(replace(world, extra=d(draw.integer(1, 500_000)).scaleb(-2)), world)


def p13_the_order_of_things_changes_no_byte(world: World, _: Draw) -> None:
    turned = replace(
        world,
        book=world.book[::-1],
        held=world.held[::-1],
        caps=dict(reversed([*world.caps.items()])),
        correlations=dict(reversed([*world.correlations.items()])),
    )
    assert turned.decide() == world.decide()


def p14_a_trade_in_two_halves_is_the_same_trade(world: World, _: Draw) -> None:
    if not world.book or "max_positions" in world.caps:
        return
    first, *rest = world.book
    halves = (half(first), replace(half(first), id="half"))
    parted = replace(world, book=(*halves, *rest))
    assert [(result.lots, result.binding) for result in everyone(parted.decide())] == [
        (result.lots, result.binding) for result in everyone(world.decide())
    ]


def p15_longs_and_shorts_are_mirror_images(world: World, _: Draw) -> None:
    flipped = replace(
        world,
        side=world.side.opposite,
        book=tuple(replace(result, side=result.side.opposite) for result in world.book),
        held=tuple(replace(result, side=result.side.opposite) for result in world.held),
    )
    assert [(result.lots, result.binding) for result in everyone(flipped.decide())] == [
        (result.lots, result.binding) for result in everyone(world.decide())
    ]


def p16_another_currency_unit_changes_at_most_one_step(world: World, draw: Draw) -> None:
    """Exactly the same where the sizer rounds nothing and no floor is rounded to the cent."""
    rules = world.rules
    if rules.inclusive or rules.overall.of == "peak" or (rules.daily is not None and rules.daily.of == "reference"):
        return
    times = d(draw.choice((2, 3, 7, 100)))
    scaled = rescaled(world, times)
    if world.chain in {"elite", "plain"}:
        assert abs(scaled.lots - world.lots) <= world.step or 0 in (scaled.lots, world.lots)
    else:
        assert scaled.lots == world.lots


def p19_a_journal_line_computes_again_to_the_same_bytes(world: World, _: Draw) -> None:
    situation, chosen = world.context(), world.plan()
    envelope = Envelope("01JD3M7K000000000000000000", NOW, ttl=timedelta(seconds=10), config_digest="sha256:0")
    line = wire.to_line(make_decision(situation, chosen, decide(situation, chosen), envelope))
    again = journal_line.recomputed(journal_line.read(line), lambda _: chosen)
    assert again is not None
    assert wire.to_line(again) == line


def p22_what_is_known_to_be_missing_never_gives_more(world: World, draw: Draw) -> None:
    fault = draw.choice(("margin", "exposure", "stop", "peak", "correlation", "cap"))
    if fault == "margin":
        smaller(world, replace(world, lot=world.lot._replace(margin=None)))
    elif fault == "exposure":
        smaller(world, replace(world, lot=world.lot._replace(exposure=None)))
    elif fault == "peak":
        smaller(world, replace(world, peak_equity=None))
    elif fault == "correlation":
        smaller(world, replace(world, correlations={}))
    elif fault == "stop" and world.book and world.chain != "elite":
        first, *rest = world.book
        smaller(world, replace(world, book=(replace(first, loss=None), *rest)))
    elif fault == "cap" and world.caps:
        name = draw.choice([*world.caps])
        chosen = world.plan()
        broken = tuple(cap._replace(cap=_fails) if cap.name == name else cap for cap in chosen.caps)
        with silence():
            lots = decide(world.context(), replace(chosen, caps=broken)).answer.lots
        assert lots <= world.lots


FIELDS: Final = {
    "account": ("balance", "equity", "margin", "free_margin"),
    "lot": ("stop", "cost", "risk", "gain", "margin", "exposure"),
    "": ("initial", "day_loss", "idea_loss", "peak_equity"),
}


def p23_nan_never_gives_more_and_never_raises(world: World, draw: Draw) -> None:
    owner = draw.choice([*FIELDS])
    wrong: dict[str, Any] = {draw.choice(FIELDS[owner]): d(draw.choice(("NaN", "-NaN", "sNaN")))}
    situation = world.context()
    if owner == "account":
        situation = replace(situation, account=replace(situation.account, **wrong))
    elif owner == "lot":
        situation = replace(situation, lot=situation.lot._replace(**wrong))
    else:
        situation = replace(situation, **wrong)
    with silence():
        lots = decide(situation, world.plan()).answer.lots
    assert lots <= world.lots


def p24_legacy_alone_is_the_legacy_function_to_the_last_digit(world: World, draw: Draw) -> None:
    lots = d(draw.integer(1, 10**9)).scaleb(-draw.integer(0, 9))
    situation = replace(world, halted=False).context()
    alone = plan(flag="legacy", guard=False, legacy=sizer(lots=lots), caps=world.plan().caps)
    assert str(decide(situation, alone).answer.lots) == str(lots)


def the_guard_only_reduces(world: World, _: Draw) -> None:
    legacy = replace(world, flag="legacy", guard=True)
    assert legacy.lots <= replace(legacy, guard=False).lots


def reservations_that_others_made_meanwhile_only_cut(world: World, draw: Draw) -> None:
    reserved = tuple(trade.charge for trade in world.held)
    more = Trade("reservation", "98", world.symbol, world.side, d(1), ZERO, d(draw.integer(0, 900)), None, ZERO, d(9))
    situation, chosen = world.context(), world.plan()
    proposals = propose_all(situation, chosen)
    first = cut_and_choose(situation, chosen, proposals).answer.lots
    assert cut_and_choose(situation.with_held((*reserved, more.charge)), chosen, proposals).answer.lots <= first
    assert cut_and_choose(situation.with_held(reserved), chosen, proposals).answer.lots == first


def the_order_of_the_caps_changes_no_lot(world: World, _: Draw) -> None:
    chosen, situation = world.plan(), world.context()
    turned = replace(chosen, caps=chosen.caps[::-1])
    assert decide(situation, turned).answer.lots == decide(situation, chosen).answer.lots


def the_same_question_has_the_same_answer(world: World, _: Draw) -> None:
    situation, chosen = world.context(), world.plan()
    assert decide(situation, chosen) == decide(situation, chosen) == decide(world.context(), world.plan())


def the_program_s_own_decimal_settings_change_no_byte(world: World, draw: Draw) -> None:
    situation, chosen = world.context(), world.plan()
    plain = decide(situation, chosen)
    with localcontext(prec=draw.integer(3, 12), rounding=ROUND_UP):
        again = decide(situation, chosen)
    assert again == plain
    assert [result.checks for result in everyone(again)] == [result.checks for result in everyone(plain)]


def no_stop_hit_in_any_order_crosses_a_floor(world: World, draw: Draw) -> None:
    """The promise: every stop, or target, in any order, with midnights anywhere between; the worst order first."""
    bold = at_the_floors(world)
    lots = Fraction(bold.lots)
    if lots == 0:
        return
    for events in (worst(bold, lots), shuffled(bold, lots, draw), shuffled(bold, lots, draw)):
        assert not Firm(bold, lots).crossed(events), events


CHANGING: Final[Mapping[str, Callable[[World, Draw], None]]] = {
    one.__name__: one
    for one in (
        p7_a_tighter_cap_never_gives_more,
        p7_a_cap_more_never_gives_more,
        p7_a_smaller_largest_order_never_gives_more,
        p7_a_smaller_limit_of_a_side_never_gives_more,
        p7_a_larger_smallest_lot_never_gives_more,
        p7_a_smaller_share_of_the_budget_never_gives_more,
        p7_a_smaller_budget_never_gives_more,
        p8_one_trade_more_never_gives_more,
        p9_dearer_trading_never_gives_more,
        p9_a_larger_buffer_never_gives_more,
        p9_a_book_that_costs_more_never_gives_more,
        p9_more_lost_on_the_idea_never_gives_more,
        p10_a_wider_stop_never_gives_more,
        p10_a_fatter_tail_never_gives_more,
        p11_more_confidence_never_gives_less,
        p12_more_equity_with_the_same_floors_never_gives_less,
        p13_the_order_of_things_changes_no_byte,
        p14_a_trade_in_two_halves_is_the_same_trade,
        p15_longs_and_shorts_are_mirror_images,
        p16_another_currency_unit_changes_at_most_one_step,
        p19_a_journal_line_computes_again_to_the_same_bytes,
        p22_what_is_known_to_be_missing_never_gives_more,
        p23_nan_never_gives_more_and_never_raises,
        p24_legacy_alone_is_the_legacy_function_to_the_last_digit,
        the_guard_only_reduces,
        reservations_that_others_made_meanwhile_only_cut,
        the_order_of_the_caps_changes_no_lot,
        the_same_question_has_the_same_answer,
        the_program_s_own_decimal_settings_change_no_byte,
        no_stop_hit_in_any_order_crosses_a_floor,
    )
}

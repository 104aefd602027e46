"""What must hold of every decision by itself, named after the list in the reliability research."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Final, NamedTuple

from elite_sizer.caps.reasons import REASONS
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import RolloutResult, SizerResult
from elite_sizer.sizing.rollout import decide
from tests.builders import d
from tests.limits_oracle import Oracle
from tests.worlds import World


class Seen(NamedTuple):
    """One world, its context, what was decided, and the caps as the oracle reckons them."""

    world: World
    made: SizingContext
    verdict: RolloutResult
    oracle: Oracle

    @property
    def everyone(self) -> list[SizerResult]:
        """Every answer of the verdict."""
        return everyone(self.verdict)

    @property
    def cut(self) -> list[SizerResult]:
        """The answers that caps have cut: elite's, and legacy's where the guard is on."""
        cut = [] if self.verdict.elite is None else [self.verdict.elite]
        return [*cut, self.verdict.legacy] if self.world.guard else cut

    @property
    def sized(self) -> list[SizerResult]:
        """Those of them that no sizer and no halt had refused before a cap was asked."""
        if self.made.halt is not None:
            return []
        return [answer for answer in self.cut if answer.proposal.refusal is None]

    def proposed(self, answer: SizerResult) -> Fraction:
        """The proposal in lots."""
        proposal = answer.proposal
        if proposal.refusal is not None:
            return Fraction(0)
        if proposal.money is None:
            return Fraction(proposal.lots or 0)
        return Fraction(proposal.money) / (self.oracle.uses(answer)["loss"] or 1)


def seen(world: World) -> Seen:
    """Return a world as its claims need it."""
    situation = world.context()
    return Seen(world, situation, decide(situation, world.plan()), Oracle(world, situation))


def everyone(verdict: RolloutResult) -> list[SizerResult]:
    """Return every answer of a verdict."""
    return [answer for answer in (verdict.answer, verdict.legacy, verdict.elite) if answer is not None]


def p1_lots_are_zero_or_on_the_broker_s_grid(it: Seen) -> None:
    for answer in it.cut:
        steps = Fraction(answer.lots) / Fraction(it.world.step)
        assert answer.lots == 0 or (steps.denominator == 1 and it.world.smallest <= answer.lots <= it.world.largest)


def p2_lots_are_written_like_the_step_and_read_back_the_same(it: Seen) -> None:
    for answer in it.cut:
        assert answer.lots == 0 or answer.lots.as_tuple().exponent == it.world.step.as_tuple().exponent
        assert str(Decimal(str(answer.lots))) == str(answer.lots)


def p3_every_room_holds_the_lots_in_whole_fractions(it: Seen) -> None:
    for answer in it.cut:
        assert answer.lots == 0 or it.oracle.too_many(answer, Fraction(answer.lots)) == []


def p4_one_step_more_would_be_too_much(it: Seen) -> None:
    for answer in it.sized:
        more = Fraction(answer.lots + it.world.step if answer.lots else it.world.smallest)
        too_large = more > it.proposed(answer) or more > it.world.largest
        assert too_large or it.oracle.too_many(answer, more)


def p5_lots_never_exceed_the_proposal(it: Seen) -> None:
    for answer in it.cut:
        assert answer.lots == 0 or answer.lots <= it.proposed(answer)


def p6_what_is_below_the_smallest_lot_is_nothing(it: Seen) -> None:
    smallest = Fraction(it.world.smallest)
    for answer in it.cut:
        if it.proposed(answer) < smallest or it.oracle.too_many(answer, smallest):
            assert answer.lots == 0


def p20_the_binding_cap_is_the_first_of_the_smallest(it: Seen) -> None:
    step = Fraction(it.world.step)
    for answer in it.sized:
        least, binding = floor(it.proposed(answer) / step), "proposal"
        for check in answer.checks:
            if check.lots is not None and check.lots < least * step:
                least, binding = floor(Fraction(check.lots) / step), check.name
        if (most := floor(Fraction(it.world.largest) / step)) < least:
            least, binding = most, "broker_volume"
        assert answer.binding == binding
        assert answer.lots in (0, least * it.world.step)


def each_cap_is_shown_as_the_oracle_reckons_it(it: Seen) -> None:
    for answer in it.cut:
        uses = it.oracle.uses(answer)
        for check in answer.checks:
            left = it.oracle.left[check.name]
            use = uses[left.per]
            if check.lots is None:
                assert left.room is None or (use == 0 and left.room > 0)
            elif left.room is None or left.room <= 0 or not use:
                assert left.room is not None
                assert check.lots == 0
            else:
                assert check.lots == floor(left.room / (use * Fraction(it.world.step))) * it.world.step


def p21_a_refusal_has_one_registered_code_and_no_lots(it: Seen) -> None:
    for answer in it.everyone:
        assert (answer.refusal is None) == (answer.lots > 0)
        assert answer.refusal is None or (answer.refusal.code in REASONS and answer.refusal.detail)


def every_sentence_has_words_that_any_console_prints(it: Seen) -> None:
    for answer in it.everyone:
        for words in [check.limit.because for check in answer.checks] + [s.because for s in answer.proposal.steps]:
            assert words
            assert words.isascii()


def the_chain_of_steps_ends_at_the_money_proposed(it: Seen) -> None:
    for answer in it.everyone:
        steps = answer.proposal.steps
        assert all(step.after == two.before for step, two in pairwise(steps))
        assert answer.proposal.money is None or steps == () or steps[-1].after == answer.proposal.money


def the_base_is_the_smaller_of_its_two_limits(it: Seen) -> None:
    elite = it.verdict.elite
    if elite is None or not elite.proposal.steps or elite.proposal.steps[0].name != "base_risk":
        return
    base = Fraction(elite.proposal.steps[0].after or 0)
    share = Fraction(11, 1000) * Fraction(it.made.basis)
    most = min(share, Fraction(it.world.policy.max_concentration) * it.oracle.budget)
    assert most - Fraction(1, 10**8) < base <= most


def factors_together_stay_below_the_ceiling(it: Seen) -> None:
    elite = it.verdict.elite
    if elite is not None and elite.proposal.money is not None and elite.proposal.steps:
        base = elite.proposal.steps[0].after
        assert base is None or elite.proposal.money <= base * d("1.5")


def diversification_never_enlarges(it: Seen) -> None:
    for answer in it.everyone:
        for step in answer.proposal.steps:
            if step.name == "diversification":
                assert step.before is not None
                assert step.after is not None
                assert step.after <= step.before


def an_elite_size_without_an_edge_is_refused(it: Seen) -> None:
    elite, probability = it.verdict.elite, it.world.confidence
    if elite is None or elite.sizer != "elite" or probability is None or not elite.proposal.loss_per_lot:
        return
    if it.world.lot.gain is None:
        assert probability >= d("0.50")
    else:
        reward, risk = Fraction(it.world.lot.gain) - Fraction(it.world.lot.cost), it.oracle.at_stop
        assert Fraction(probability) * reward > (1 - Fraction(probability)) * risk


def the_flag_chooses_whose_answer_is_returned(it: Seen) -> None:
    verdict, flag = it.verdict, it.world.flag
    assert verdict.answer is (verdict.elite if flag == "elite" else verdict.legacy)
    assert (verdict.elite is None) == (flag == "legacy")


def the_guard_shows_hard_caps_alone_to_legacy(it: Seen) -> None:
    checks = it.verdict.legacy.checks
    assert all(check.hard for check in checks)
    assert it.world.guard or not checks


def a_halt_stops_everybody(it: Seen) -> None:
    if it.made.halt is not None:
        assert all((result.lots, result.refusal) == (d(0), it.made.halt) for result in it.everyone)


STANDING: Final[Mapping[str, Callable[[Seen], None]]] = {
    one.__name__: one
    for one in (
        p1_lots_are_zero_or_on_the_broker_s_grid,
        p2_lots_are_written_like_the_step_and_read_back_the_same,
        p3_every_room_holds_the_lots_in_whole_fractions,
        p4_one_step_more_would_be_too_much,
        p5_lots_never_exceed_the_proposal,
        p6_what_is_below_the_smallest_lot_is_nothing,
        p20_the_binding_cap_is_the_first_of_the_smallest,
        p21_a_refusal_has_one_registered_code_and_no_lots,
        each_cap_is_shown_as_the_oracle_reckons_it,
        every_sentence_has_words_that_any_console_prints,
        the_chain_of_steps_ends_at_the_money_proposed,
        the_base_is_the_smaller_of_its_two_limits,
        factors_together_stay_below_the_ceiling,
        diversification_never_enlarges,
        an_elite_size_without_an_edge_is_refused,
        the_flag_chooses_whose_answer_is_returned,
        the_guard_shows_hard_caps_alone_to_legacy,
        a_halt_stops_everybody,
    )
}

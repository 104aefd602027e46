"""The table shows every number that made the size, marks one limit, and ends with the lots, on any console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from elite_sizer.display.breakdown import text
from elite_sizer.display.figures import SIMULATED, lots_shown
from elite_sizer.display.glyphs import ASCII, Glyphs, glyphs
from elite_sizer.display.log_text import log_record
from elite_sizer.model.breakdown import Envelope
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit, Proposal, Step
from elite_sizer.model.request import Intent
from elite_sizer.request.intent import Classified
from elite_sizer.sizing.decision import Decision, RequestFacts, make_decision, make_exit, refuse_request
from elite_sizer.sizing.pipeline import NamedSizer
from elite_sizer.sizing.rollout import Plan, decide
from portfolio.model import ZERO
from portfolio.reasons import refuse
from tests.builders import NOW, account, charge, context, lot, named, plan, request, room, sizer, spec

ENVELOPE = Envelope("01JD3M7K000000000000000000", NOW)
CODECS = ["utf-8", "cp1252", "cp437", "ascii"]


def chain(_: SizingContext) -> Proposal:
    steps = (
        Step("base", "base_risk", None, Decimal(396), "30% of the daily risk budget"),
        Step("factor", "confidence", Decimal(396), Decimal(297), "win probability 75.0%"),
        Step("factor", "diversification", Decimal(297), Decimal("242.35"), "1 open, average correlation +0.35"),
    )
    return Proposal(money=Decimal("242.35"), steps=steps, loss_per_lot=Decimal(15))


CAPS = (
    named("daily_loss", lambda _: Limit(Decimal(1800), "loss", "1,800.00 USD today"), hard=True),
    named("symbol_lots", lambda _: Limit(Decimal(10), "lot", "10 lots of oil, 0 taken")),
    named("open_stop", lambda _: Limit(None, "lot", "each has a stop"), hard=True),
)


def oil(choice: Plan | None = None, envelope: Envelope = ENVELOPE, **changes: object) -> Decision:
    """Return the decision of a chain that comes to 242.35 at 15 a lot, cut to 10 lots of oil."""
    market = context("USOIL buy", balance=100_000, money=lot(10, tail=15), **changes)  # type: ignore[arg-type]
    choice = choice or plan(NamedSizer("elite", chain), legacy=sizer(lots=50, name="fixed_risk"), caps=CAPS)
    return make_decision(market, choice, decide(market, choice), envelope)


def last(shown: str) -> str:
    return shown.splitlines()[-1]


# the table


def test_the_lots_stand_last_with_risk_and_what_cut_them() -> None:
    # 10 lots at 15.00 are 150.00, 0.15 % of 100,000; at the stop 10 x 10.00
    assert last(text(oil())) == "10.00 lots  risk 150.00 USD = 0.15%, 100.00 at the stop, cut by symbol_lots"


def test_each_factor_shows_its_multiplier_the_money_after_it_and_its_sentence() -> None:
    # 297 / 396 = 0.750, 242.35 / 297 = 0.816
    rows = text(oil()).splitlines()
    assert " confidence       0.750      297.00  win probability 75.0%" in rows
    assert any(row.startswith(" diversification  0.816      242.35  1 open") for row in rows)


def test_one_row_and_only_one_is_marked_as_binding() -> None:
    marked = [row for row in text(oil()).splitlines() if "BINDING" in row]
    assert marked == [" symbol_lots              10.00  < BINDING 10 lots of oil, 0 taken"]


def test_a_proposal_that_no_cap_cuts_is_marked_itself() -> None:
    choice = plan(NamedSizer("elite", chain), caps=CAPS[:1])
    # 242.35 / 15 = 16.1566..., cut to three decimals
    shown = text(oil(choice))
    (marked,) = [row for row in shown.splitlines() if "BINDING" in row]
    assert marked.startswith(" proposal                16.156  < BINDING 242.35 USD at 15.00 a lot")
    assert last(shown).endswith("as proposed")


def test_hard_caps_are_starred_and_those_without_limit_share_a_row() -> None:
    shown = text(oil())
    # 1,800 / 15
    assert " daily_loss*             120.00  1,800.00 USD today" in shown
    assert "no limit                        open_stop" in shown


def test_the_legacy_answer_stands_beside_the_elite_one() -> None:
    # guard on: legacy's 50 lots pass the daily room of 1,800 / 10 = 180 lots
    assert "legacy fixed_risk would say 50.00 lots" in text(oil())


def test_in_shadow_the_elite_answer_stands_beside_the_legacy_one() -> None:
    choice = plan(NamedSizer("elite", chain), flag="shadow", legacy=sizer(lots=50, name="fixed_risk"), caps=CAPS)
    shown = text(oil(choice))
    assert "elite would say 10.00 lots, cut by symbol_lots" in shown
    assert last(shown).startswith("50.00 lots")


def test_sizers_asked_beside_are_shown() -> None:
    choice = plan(NamedSizer("elite", chain), caps=CAPS, also=(sizer(lots="0.001", name="kelly_atr"),))
    assert "also kelly_atr would say no lots (below_min_lot)" in text(oil(choice))


def test_rooms_and_open_risk_are_shown() -> None:
    shown = text(oil(net=room(1800, 1800, 9000), book=(charge("UKOIL buy 1 risks 270.98"),)))
    assert "room: today 1,800.00, after the reset 1,800.00, in all 9,000.00, open risk" in shown
    assert "270.98" in shown


def test_an_estimate_and_a_promise_that_cant_be_proven_are_said() -> None:
    decision = oil(estimated=("day start rebuilt from bars",))
    assert "note: day start rebuilt from bars" in text(decision)
    assert "guarantee: not_provable" in text(replace(decision, guarantee="not_provable"))


def test_a_login_is_shown_by_its_last_four_digits() -> None:
    decision = replace(oil(), account=account(login=87654321))
    assert "..4321" in text(decision)
    assert "8765" not in text(decision)


def test_the_simulated_terminal_is_named_and_no_other() -> None:
    assert "SIMULATED" in text(oil(envelope=ENVELOPE._replace(terminal=SIMULATED)))
    assert "SIMULATED" not in text(oil(envelope=ENVELOPE._replace(terminal="native")))


# refusals and exits


def test_a_refusal_ends_with_zero_lots_the_code_and_the_figures() -> None:
    choice = plan(sizer("0.001", name="elite"), caps=CAPS)
    # 0.001 money at 10.00 a lot is less than a hundredth of a lot; the smallest trade would lose 0.01 x 10.00
    assert last(text(oil(choice), width=200)).startswith(
        "0.00 lots  REFUSED below_min_lot: the smallest trade is 0.01 lots and would put 0.10 USD at risk"
    )


def test_a_refusal_before_any_context_says_what_to_do() -> None:
    reason = refuse("tick_stale", "EURUSD is 16.0 s old, at most 5 s")
    shown = text(refuse_request(reason, ENVELOPE, RequestFacts(request=request())))
    assert shown.splitlines() == [
        "EURUSD BUY",
        "",
        "The quote is too old. Wait for a fresh quote.",
        "0.00 lots  REFUSED tick_stale: EURUSD is 16.0 s old, at most 5 s",
    ]


def test_a_halt_is_called_one() -> None:
    shown = text(refuse_request(refuse("halted", "news day"), ENVELOPE))
    assert last(shown) == "0.00 lots  HALTED halted: news day"


def test_an_exit_says_that_nothing_blocks_it() -> None:
    quote = context().quote
    closing = Classified(Intent.CLOSE, Decimal("0.50"), None)
    decision = make_exit(request("EURUSD sell sl 1.09"), closing, spec(), quote, envelope=ENVELOPE, account=account())
    assert last(text(decision)) == "0.50 lots  EXIT close EURUSD: exits are never blocked"


# consoles


@pytest.mark.parametrize("width", [200, 80, 60, 40, 36])
@pytest.mark.parametrize("codec", CODECS)
def test_no_line_is_wider_than_the_console_nor_unprintable(width: int, codec: str) -> None:
    shown = text(oil(estimated=("a long estimate " * 8,)), width=width, glyphs=glyphs(codec))
    assert max(len(line) for line in shown.splitlines()) <= width
    shown.encode(codec)


def test_a_narrower_console_than_the_table_needs_still_gets_it_whole() -> None:
    shown = text(oil(), width=5)
    assert "10.00 lots" in shown
    assert max(len(line) for line in shown.splitlines()) <= 36


@pytest.mark.parametrize(
    ("codec", "signs"),
    [
        ("utf-8", Glyphs("\u2500", "\u25c4", "\u00b7", "\u2588", "\u2591")),
        ("cp437", Glyphs("\u2500", "\u00ab", "\u00b7", "\u2588", "\u2591")),
        ("cp1252", Glyphs("-", "\u00ab", "\u00b7", "#", ".")),
        ("ascii", ASCII),
        ("no such codec", ASCII),
        (None, ASCII),
    ],
)
def test_each_encoding_gets_the_best_signs_it_holds(codec: str | None, signs: Glyphs) -> None:
    assert glyphs(codec) == signs


@pytest.mark.parametrize(
    ("lots", "shown"),
    [("10", "10.00"), ("0.5", "0.50"), ("0.001", "0.001"), ("25.20533333", "25.205"), ("1200", "1,200.00")],
)
def test_lots_have_two_decimals_or_three(lots: str, shown: str) -> None:
    assert lots_shown(Decimal(lots)) == shown


# the log


def test_the_log_record_has_the_words_that_source_003_is_grepped_for() -> None:
    record = log_record(oil())
    for word in ("ELITE", "Portfolio", "Diversification", "Performance", "CVaR"):
        assert word in record
    assert record.startswith("ELITE USOIL buy: 10.00 lots, risk 150.00 USD = 0.15%")
    assert "CVaR: 15.00 USD a lot beside 10.00 at the stop" in record


def test_the_log_record_of_a_refusal_has_its_code_and_no_lots() -> None:
    record = log_record(refuse_request(refuse("tick_stale", "16.0 s old"), ENVELOPE, RequestFacts(request=request())))
    assert "0.00 lots, deny tick_stale: 16.0 s old" in record


def test_a_record_in_shadow_names_both_sides() -> None:
    choice = plan(NamedSizer("elite", chain), flag="shadow", legacy=sizer(lots=50, name="fixed_risk"), caps=CAPS)
    record = log_record(oil(choice))
    assert record.startswith("fixed_risk USOIL buy: 50.00 lots")
    assert "ELITE elite: 10.00 lots" in record


def test_nothing_is_reckoned_for_the_table_that_the_decision_does_not_hold() -> None:
    numbers: Mapping[str, Decimal] = {"lots": ZERO}
    decision = replace(oil(), lots=numbers["lots"])
    assert "10 lots of oil" in text(decision)

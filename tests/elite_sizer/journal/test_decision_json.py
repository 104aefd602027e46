"""A decision is written once, in one way, with exact numbers and the keys that other programs read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Context, Decimal, localcontext
from typing import Any, Final

import pytest

from elite_sizer.journal import decision_json as wire
from elite_sizer.journal import line as journal_line
from elite_sizer.model.breakdown import Envelope
from elite_sizer.model.plugin import Limit
from elite_sizer.model.request import Intent
from elite_sizer.request.intent import Classified
from elite_sizer.sizing.decision import Decision, RequestFacts, make_decision, make_exit, refuse_request
from elite_sizer.sizing.rollout import Plan, decide
from portfolio.model import Quote
from portfolio.reasons import Refusal, refuse
from tests.builders import NOW, account, charge, context, d, elite, lot, named, plan, position, request, sizer, spec

ENVELOPE: Final = Envelope(
    "01JD3M7K000000000000000000", NOW, timedelta(seconds=2.5), "01JD3M7K", 1, "recording", "sha256:c", "0.1.0", 5, 20
)
CHOSEN: Final = plan(
    sizer(money=1200),
    caps=(named("per_trade", lambda _: Limit(d(1000), "loss", "1,000 a trade"), hard=True),),
    also=(sizer(lots=0, name="beside"),),
)
OPEN: Final = context("EURUSD buy", book=(charge("GBPUSD buy 1 risks 100 gains 200", exposure="127000"),))

ALWAYS: Final = (
    *("schema", "id", "at", "account", "request", "quote", "flag", "guard", "outcome", "reason", "sizer", "lots"),
    *("binding", "guarantee", "order", "valid"),
)
REASONED: Final = (
    *("risk", "factors", "raw_lots", "caps", "steps", "headroom", "valuation", "legacy", "elite", "also"),
    "attribution",
)
DIGESTS: Final = ("inputs_digest", "config_digest", "terminal", "version")
"""The keys of the interface in their order; `terminal` was added."""


def of(made: Any = OPEN, chosen: Plan = CHOSEN) -> Decision:  # noqa: ANN401 - a context
    return make_decision(made, chosen, decide(made, chosen), ENVELOPE)


def written(decision: Decision) -> Any:  # noqa: ANN401 - JSON
    return json.loads(wire.to_json(decision), parse_float=Decimal, parse_int=Decimal)


def refusing() -> Decision:
    facts = RequestFacts(
        request=request("EURUSD buy sl 1.0800"),
        account=account(),
        quote=Quote("EURUSD", d("1.0848"), d("1.0850"), NOW),
    )
    return refuse_request(Refusal("tick_stale", "the quote is old"), ENVELOPE, facts)


def leaving() -> Decision:
    closing = Classified(Intent.CLOSE, d("0.50"), position("EURUSD buy 0.50 @ 1.0850 sl 1.0800", ticket=7))
    quote = Quote("EURUSD", d("1.08480"), d("1.0850"), NOW)
    asked = request("EURUSD sell", reduce=7)
    return make_exit(asked, closing, spec(), quote, envelope=ENVELOPE, account=account(), binding="halted")


# JSON


def test_a_decision_has_the_keys_that_other_programs_read() -> None:
    assert tuple(written(of())) == (*ALWAYS, *REASONED, *DIGESTS)


def test_a_refusal_that_came_early_has_the_keys_it_can_fill() -> None:
    told = written(refusing())
    assert tuple(told) == (*ALWAYS, *DIGESTS)
    assert (told["lots"], told["order"], told["reason"]["code"]) == (0, None, "tick_stale")
    assert told["quote"]["bid"] == Decimal("1.0848")


def test_the_request_is_told_with_every_field() -> None:
    told = written(of())["request"]
    assert (told["symbol"], told["side"], told["stop"], told["confidence"], told["hold"]) == (
        "EURUSD",
        "buy",
        Decimal("1.08"),
        None,
        "overnight",
    )


def test_figures_of_the_answer_are_told_as_they_are() -> None:
    told = written(of())
    # 1,200 would be 2.4 lots at 500; 1,000 are 2.00
    assert (told["raw_lots"], told["lots"], told["binding"], told["outcome"]) == (
        Decimal("2.4"),
        2,
        "per_trade",
        "shrink",
    )
    assert told["caps"] == [{"name": "per_trade", "lots": 2, "hard": True, "because": "1,000 a trade"}]
    risk = told["risk"]
    assert [risk[name] for name in ("money", "at_stop", "per_lot", "per_lot_at_stop", "exposure", "margin")] == [
        1000,
        1000,
        500,
        500,
        200_000,
        2000,
    ]
    assert (risk["fraction"], risk["leverage"]) == (Decimal("0.01"), 2)
    assert told["headroom"]["open_risk"] == 100
    assert [told["legacy"]["lots"], told["elite"]["lots"], told["also"][0]["reason"]["code"]] == [
        1,
        2,
        "below_min_lot",
    ]


def test_ratios_are_shown_rounded_down_and_money_to_the_cent() -> None:
    told = written(of(replace(OPEN, account=account("99999.995", "99999.995"), lot=lot(500, exposure="33333.3325"))))
    # 1,000 / 99,999.995 = 0.0100000005; half a cent goes to the even one
    assert told["risk"]["fraction"] == Decimal("0.010000")
    assert told["attribution"] == {
        "account_equity_at_entry": Decimal("100000.00"),
        "position_size_usd": Decimal("66666.66"),
    }


def test_what_is_not_known_is_null() -> None:
    told = written(of(replace(OPEN, lot=lot(500, margin=None, exposure=None))))
    assert [told["risk"][name] for name in ("margin", "exposure", "leverage", "per_lot_tail")] == [None] * 4
    assert told["attribution"]["position_size_usd"] == 0


def test_factors_are_shown_as_ratios_of_what_they_changed() -> None:
    made = context("EURUSD buy", confidence="0.75")
    told = written(of(made, plan(elite("confidence"))))
    assert [(step["name"], step["value"]) for step in told["factors"]] == [("confidence", Decimal("0.75"))]
    # 30 % of 70 % of the 4,750 left before the floor and its buffer, and three quarters of it
    assert [told["risk"]["base"], told["risk"]["adjusted"]] == [Decimal("997.5"), Decimal("748.125")]


def test_a_halt_in_the_context_and_no_flag_are_written_too() -> None:
    halted = of(replace(OPEN, halt=refuse("halted", "the news")))
    assert written(halted)["reason"] == {"code": "halted", "detail": "the news"}
    assert written(refusing())["flag"] is None


def test_the_digest_of_the_inputs_is_that_of_the_context() -> None:
    line = json.loads(wire.to_line(of()))
    body = wire.to_line(of())
    context_bytes = body[body.index(b'"context":') + len(b'"context":') : -1]
    assert line["inputs_digest"] == f"sha256:{hashlib.sha256(context_bytes).hexdigest()}"
    assert written(of())["inputs_digest"] == line["inputs_digest"]


def test_the_same_decision_is_the_same_bytes_whatever_the_precision_around() -> None:
    made = replace(OPEN, account=account("98765.43", "98765.43"))
    exact = wire.to_line(of(made))
    with localcontext(Context(prec=2)):
        assert wire.to_line(of(made)) == exact
        assert wire.to_json(of(made)) == wire.to_json(of(made))


def test_numbers_are_written_from_the_exact_decimals() -> None:
    made = of(replace(OPEN, lot=lot("500.12345678")))
    assert b'"per_lot_at_stop":500.12345678' in wire.to_json(made)


# the line


def again(decision: Decision, chosen: Plan = CHOSEN) -> Decision | None:
    return journal_line.recomputed(journal_line.read(wire.to_line(decision)), lambda _: chosen)


def test_a_line_is_computed_again_to_the_same_bytes() -> None:
    made = again(of())
    assert made is not None
    assert made == of()
    assert wire.to_line(made) == wire.to_line(of())


def test_a_line_with_fresh_reservations_is_computed_again_with_them() -> None:
    fresh = (charge("EURUSD buy 1 risks 4200", kind="reservation", id="a"),)
    chosen = plan(sizer(lots=5), caps=(named("daily_loss", lambda known: Limit(known.rooms.daily.money, "loss", "")),))
    decision = make_decision(OPEN, chosen, decide(OPEN, chosen, fresh), ENVELOPE, fresh)
    # 4,750 - 100 - 4,200 = 450, less than a lot loses
    assert decision.lots == Decimal("0.90")
    made = again(decision, chosen)
    assert made is not None
    assert wire.to_line(made) == wire.to_line(decision)
    assert written(decision)["headroom"]["daily"] == 450


def test_the_envelope_comes_back_whole() -> None:
    made = again(of())
    assert made is not None
    assert made.envelope == ENVELOPE


@pytest.mark.parametrize("decision", [refusing(), leaving(), refuse_request(Refusal("input_range", "x"), ENVELOPE)])
def test_a_line_without_a_context_tells_its_decision(decision: Decision) -> None:
    line = wire.to_line(decision)
    assert again(decision) is None
    told = journal_line.from_line(journal_line.read(line))
    assert wire.to_line(told) == line
    assert (told.order, told.lots, told.reason, told.binding) == (
        decision.order,
        decision.lots,
        decision.reason,
        decision.binding,
    )


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"schema":"elite-sizer/decision/1"}',
        b'{"schema":"elite-sizer/decision/2"}',
        b"\xff\xfe",
        wire.to_line(leaving())[:-20],
        wire.to_line(leaving()).replace(b"decision/1", b"decision/2"),
        wire.to_line(leaving()).replace(b'"envelope"', b'"envelop"'),
        wire.to_line(leaving()).replace(b'"exit"', b'"leave"'),
        wire.to_line(leaving()).replace(b'"lots":0.50', b'"lots":"NaN"'),
        wire.to_line(of()).replace(b'"value":"elite"', b'"value":"elitist"'),
        wire.to_line(of()).replace(b'"side":"buy"', b'"side":"bye"'),
    ],
)
def test_what_is_no_line_is_refused_with_what_is_wrong(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a journal line"):
        journal_line.read(line)

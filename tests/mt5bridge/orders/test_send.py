"""Sending one trade: checked, claimed, sent once, found again, and never left without its stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from mt5bridge.metatrader import retcodes
from mt5bridge.metatrader.retcodes import RETCODES, Meaning
from mt5bridge.orders.bracket import Bracket, fillings, request_of
from mt5bridge.orders.send import Report, Resize, Result, send
from mt5bridge.reading import convert
from mt5bridge.simulated.faults import faults
from mt5bridge.simulated.module import SimulatedTerminal
from portfolio.model import OrderType, Side, SymbolSpec
from portfolio.reasons import REASONS, Refusal


def broker(*, netting: bool = False) -> SimulatedTerminal:
    """Return a flat account that quotes EURUSD at 1.08500 / 1.08510."""
    terminal = SimulatedTerminal.fresh(netting=netting)
    return terminal.quote("EURUSD", 1.0850, 1.0851)


def spec(terminal: SimulatedTerminal) -> SymbolSpec:
    info = terminal.symbol_info("EURUSD")
    assert info is not None
    return convert.spec(info._asdict())


BUY = Bracket(
    "EURUSD",
    Side.BUY,
    volume=Decimal("0.50"),
    price=Decimal("1.0851"),
    stop=Decimal("1.0801"),
    target=Decimal("1.0951"),
    magic=77,
    comment="es:01JD3M7K",
)
SELL = replace(BUY, side=Side.SELL, price=Decimal("1.0850"), stop=Decimal("1.0900"), target=Decimal("1.0750"))
LIMIT = replace(BUY, type=OrderType.LIMIT, price=Decimal("1.0800"), stop=Decimal("1.0750"))


def agree() -> None:
    return None


def sent(
    terminal: SimulatedTerminal,
    bracket: Bracket = BUY,
    claim: Callable[[], Refusal | None] = agree,
    resize: Resize | None = None,
) -> Report:
    return send(terminal, bracket, spec(terminal), claim=claim, resize=resize, pause=lambda _: None)


def fault(terminal: SimulatedTerminal, call: str, nth: int, planned: faults.Fault) -> SimulatedTerminal:
    terminal.faults.add(call, nth, planned)
    return terminal


def sends(terminal: SimulatedTerminal) -> int:
    return terminal.faults.calls.count("order_send")


@pytest.mark.parametrize("bracket", [BUY, SELL], ids=["buy", "sell"])
@pytest.mark.parametrize("netting", [False, True], ids=["hedging", "netting"])
def test_a_bracket_is_filled_with_its_stop_and_target(bracket: Bracket, netting: bool) -> None:  # noqa: FBT001
    terminal = broker(netting=netting)
    report = sent(terminal, bracket)
    (position,) = terminal.positions_get() or ()
    assert (report.result, report.refusal, report.filled) == (Result.FILLED, None, Decimal("0.50"))
    assert (report.position, report.price) == (position.ticket, bracket.price)
    assert (position.sl, position.tp, position.comment) == (
        float(bracket.stop),
        float(bracket.target or 0),
        "es:01JD3M7K",
    )
    assert not report.releases


def test_a_pending_order_is_placed_with_its_stop() -> None:
    terminal = broker()
    report = sent(terminal, LIMIT)
    (order,) = terminal.orders_get() or ()
    assert (report.result, report.order) == (Result.PLACED, order.ticket)
    assert report.filled == 0
    assert (order.sl, order.price_open) == (1.075, 1.08)


def test_on_a_netting_account_an_add_moves_the_stop_of_the_whole() -> None:
    terminal = broker(netting=True)
    terminal.buy("EURUSD", 1.0, stop=1.07)
    report = sent(terminal)
    (position,) = terminal.positions_get() or ()
    assert (report.result, report.filled) == (Result.FILLED, Decimal("0.50"))
    assert (position.volume, position.sl) == (1.5, 1.0801)


def test_the_broker_is_asked_before_anything_is_claimed() -> None:
    terminal, claims = broker(), list[int]()
    fault(terminal, "order_check", 1, faults.Retcode(10019))
    report = sent(terminal, claim=lambda: claims.append(1))
    assert (report.result, report.retcode, claims, sends(terminal)) == (Result.NOT_SENT, 10019, [], 0)
    assert report.releases


def test_nothing_is_sent_without_the_claim() -> None:
    terminal = broker()
    refusal = Refusal("daily_loss", "the hold has expired")
    report = sent(terminal, claim=lambda: refusal)
    assert (report.result, report.refusal, sends(terminal)) == (Result.NOT_SENT, refusal, 0)


def test_the_claim_comes_before_the_sending() -> None:
    terminal, order = broker(), list[str]()

    def claim() -> None:
        order.append(terminal.faults.calls[-1])

    sent(terminal, claim=claim)
    assert order == ["order_check"]
    assert sends(terminal) == 1


@pytest.mark.parametrize("code", [code for code in RETCODES if retcodes.meaning(code) is Meaning.REJECTED])
def test_a_definite_reject_releases_and_is_not_sent_again(code: int) -> None:
    terminal = fault(broker(), "order_send", 1, faults.Retcode(code))
    report = sent(terminal)
    assert (report.result, report.retcode, sends(terminal)) == (Result.REJECTED, code, 1)
    assert report.releases
    assert report.refusal is not None
    assert report.refusal.code in REASONS


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (10017, "trading_disabled"),
        (10027, "trading_disabled"),
        (10018, "market_closed"),
        (10019, "free_margin"),
        (10034, "broker_volume"),
        (10044, "trade_mode"),
        (10006, "order_rejected"),
        (10024, "order_rejected"),
    ],
)
def test_a_reject_says_why_in_our_codes(code: int, reason: str) -> None:
    report = sent(fault(broker(), "order_send", 1, faults.Retcode(code)))
    assert report.refusal is not None
    assert report.refusal.code == reason
    assert f"retcode {code}" in report.refusal.detail


@pytest.mark.parametrize(
    ("code", "wrong"), [(10014, True), (10016, True), (10030, True), (10019, True), (10018, False)]
)
def test_a_reject_of_what_we_believed_of_the_symbol_quarantines_it(code: int, wrong: bool) -> None:  # noqa: FBT001
    assert sent(fault(broker(), "order_send", 1, faults.Retcode(code))).quarantine is wrong


@pytest.mark.parametrize("code", [10004, 10020, 10021])
def test_a_requote_is_sized_again_and_never_larger(code: int) -> None:
    terminal = fault(broker(), "order_send", 1, faults.Retcode(code))
    report = sent(terminal, resize=lambda old: replace(old, volume=Decimal("0.80"), price=Decimal("1.0852")))
    assert (report.result, report.attempts, report.filled) == (Result.FILLED, 2, Decimal("0.50"))
    assert report.bracket is not None
    assert report.bracket.price == Decimal("1.0852")


def test_a_requote_may_make_it_smaller() -> None:
    terminal = fault(broker(), "order_send", 1, faults.Retcode(10004))
    report = sent(terminal, resize=lambda old: replace(old, volume=Decimal("0.30")))
    assert (report.result, report.filled) == (Result.FILLED, Decimal("0.30"))


def test_after_two_requotes_more_it_is_given_up() -> None:
    terminal = fault(broker(), "order_send", 0, faults.Retcode(10004))
    report = sent(terminal, resize=lambda old: old)
    assert (report.result, report.attempts, sends(terminal)) == (Result.REJECTED, 3, 3)
    assert report.releases


def test_a_requote_that_no_longer_fits_is_given_up() -> None:
    terminal = fault(broker(), "order_send", 1, faults.Retcode(10020))
    refusal = Refusal("daily_loss", "no room at the new price")
    report = sent(terminal, resize=lambda _: refusal)
    assert (report.result, report.refusal, sends(terminal)) == (Result.REJECTED, refusal, 1)


def test_the_claim_is_made_once_for_all_tries() -> None:
    terminal, claims = fault(broker(), "order_send", 1, faults.Retcode(10004)), list[int]()
    sent(terminal, claim=lambda: claims.append(1), resize=lambda old: old)
    assert claims == [1]


def test_a_requote_of_the_check_is_still_claimed_before_sending() -> None:
    terminal, claims = fault(broker(), "order_check", 1, faults.Retcode(10004)), list[int]()
    report = sent(terminal, claim=lambda: claims.append(1), resize=lambda old: old)
    assert (report.result, claims) == (Result.FILLED, [1])


UNKNOWN = [code for code in RETCODES if retcodes.meaning(code) is Meaning.UNKNOWN and code]


@pytest.mark.parametrize(
    "planned",
    [
        *(faults.Retcode(code) for code in UNKNOWN),
        faults.Nothing(-10002, "IPC recv failed"),
        faults.Raises("OSError", "gone"),
    ],
    ids=[*map(str, UNKNOWN), "none", "raises"],
)
def test_what_leaves_open_what_happened_is_unknown_and_never_sent_again(planned: faults.Fault) -> None:
    terminal = fault(broker(), "order_send", 1, planned)
    report = sent(terminal, resize=lambda old: old)
    assert (report.result, sends(terminal)) == (Result.UNKNOWN, 1)
    assert report.refusal is not None
    assert report.refusal.code == "order_unknown"
    assert not report.releases


@pytest.mark.parametrize("bracket", [BUY, SELL, LIMIT], ids=["buy", "sell", "limit"])
def test_an_order_that_was_carried_out_without_an_answer_is_found(bracket: Bracket) -> None:
    terminal = fault(broker(), "order_send", 1, faults.AcceptThenDrop())
    report = sent(terminal, bracket)
    expected = Result.PLACED if bracket is LIMIT else Result.FILLED
    assert (report.result, sends(terminal)) == (expected, 1)


def test_a_trade_that_was_there_before_is_no_evidence() -> None:
    terminal = broker()
    sent(terminal)
    fault(terminal, "order_send", 2, faults.Nothing(-10002, "IPC recv failed"))
    assert sent(terminal).result is Result.UNKNOWN


def test_somebody_elses_trade_of_the_same_moment_is_no_evidence() -> None:
    terminal = broker()

    def claim() -> None:
        terminal.buy("EURUSD", 0.5, stop=1.0801, comment="not ours")

    fault(terminal, "order_send", 1, faults.Nothing(-10002, "IPC recv failed"))
    assert sent(terminal, claim=claim).result is Result.UNKNOWN


@pytest.mark.parametrize(("code", "reason"), [(-2, "order_rejected"), (-8, "trading_disabled")])
def test_what_the_package_itself_refuses_never_left(code: int, reason: str) -> None:
    terminal = fault(broker(), "order_send", 1, faults.Nothing(code, "refused"))
    report = sent(terminal)
    assert report.refusal is not None
    assert (report.result, report.refusal.code) == (Result.REJECTED, reason)


@pytest.mark.parametrize("call", ["order_check", "positions_get", "history_deals_get", "symbol_info_tick"])
@pytest.mark.parametrize("planned", [faults.Nothing(), faults.Raises()], ids=["none", "raises"])
def test_without_an_answer_before_sending_nothing_is_sent(call: str, planned: faults.Fault) -> None:
    terminal = fault(broker(), call, 1, planned)
    report = sent(terminal)
    assert (report.result, sends(terminal)) == (Result.NOT_SENT, 0)
    assert report.refusal is not None
    assert report.refusal.code == "terminal_no_data"


def test_a_partial_fill_says_how_much() -> None:
    terminal = fault(broker(), "order_send", 1, faults.PartialFill(0.4))
    report = sent(terminal)
    assert (report.result, report.filled) in {(Result.PARTIAL, Decimal("0.20")), (Result.REJECTED, 0)}


def test_slippage_is_reported() -> None:
    terminal = fault(broker(), "order_send", 1, faults.Slippage(20))
    # twenty points above the ask
    assert sent(terminal).price == Decimal("1.0853")


@pytest.mark.parametrize("bracket", [BUY, SELL], ids=["buy", "sell"])
@pytest.mark.parametrize("netting", [False, True], ids=["hedging", "netting"])
def test_a_fill_without_its_stop_is_closed_at_once(bracket: Bracket, netting: bool) -> None:  # noqa: FBT001
    terminal = fault(broker(netting=netting), "order_send", 1, faults.LoseStops())
    report = sent(terminal, bracket)
    assert (report.result, terminal.positions_get()) == (Result.CLOSED, ())
    assert report.refusal is not None
    assert "closed at once" in report.refusal.detail


def test_a_pending_order_without_its_stop_is_removed() -> None:
    terminal = fault(broker(), "order_send", 1, faults.LoseStops())
    report = sent(terminal, LIMIT)
    assert (report.result, terminal.orders_get()) == (Result.CLOSED, ())


def test_a_fill_that_was_not_answered_and_lacks_its_stop_is_closed() -> None:
    terminal = broker()
    terminal.faults.add("order_send", 1, faults.LoseStops()).add("order_send", 1, faults.AcceptThenDrop())
    assert (sent(terminal).result, terminal.positions_get()) == (Result.CLOSED, ())


def test_the_closing_is_tried_again() -> None:
    terminal = fault(broker(), "order_send", 1, faults.LoseStops())
    fault(terminal, "order_send", 2, faults.Retcode(10004))
    assert (sent(terminal).result, terminal.positions_get()) == (Result.CLOSED, ())


def test_a_closing_that_was_carried_out_without_an_answer_is_seen() -> None:
    terminal = fault(broker(), "order_send", 1, faults.LoseStops())
    fault(terminal, "order_send", 2, faults.AcceptThenDrop())
    report = sent(terminal)
    assert (report.result, sends(terminal)) == (Result.CLOSED, 2)


def test_a_fill_that_can_not_be_closed_calls_for_a_human() -> None:
    terminal = fault(broker(), "order_send", 1, faults.LoseStops())
    for nth in (2, 3, 4):
        fault(terminal, "order_send", nth, faults.Retcode(10018))
    report = sent(terminal)
    assert report.result is Result.UNPROTECTED
    assert report.refusal is not None
    assert REASONS[report.refusal.code].exit_code == 7
    assert not report.releases


def test_a_trade_that_is_stopped_out_at_once_is_closed() -> None:
    terminal = fault(broker(), "order_send", 1, faults.Slippage(0))
    fault(terminal, "positions_get", 2, faults.PriceGap("EURUSD", -1000))
    report = sent(terminal)
    assert (report.result, report.refusal) == (Result.CLOSED, None)
    assert report.filled == 0


# the request


def test_a_request_holds_what_the_package_takes() -> None:
    terminal = broker()
    request = request_of(BUY, spec(terminal))
    assert (request["volume"], type(request["volume"])) == (0.5, float)
    assert None not in request.values()
    assert "tp" not in request_of(replace(BUY, target=None), spec(terminal))


def test_a_comment_is_cut_to_what_the_package_takes() -> None:
    assert len(request_of(replace(BUY, comment="x" * 40), spec(broker()))["comment"]) == 29


def test_a_pending_order_may_expire() -> None:
    request = request_of(replace(LIMIT, expires_server=1_781_103_600), spec(broker()))
    assert (request["type_time"], request["expiration"]) == (2, 1_781_103_600)


@pytest.mark.parametrize(
    ("bits", "kind", "modes"),
    [
        (1, OrderType.MARKET, (0,)),
        (2, OrderType.MARKET, (1,)),
        (3, OrderType.MARKET, (0, 1)),
        (0, OrderType.MARKET, (2,)),
        (1, OrderType.LIMIT, (2,)),
    ],
)
def test_the_filling_is_one_the_symbol_allows(bits: int, kind: OrderType, modes: tuple[int, ...]) -> None:
    assert fillings(replace(spec(broker()), filling_mode=bits), kind) == modes


# the codes


def test_every_code_of_the_server_has_one_meaning() -> None:
    counted = {meaning: sum(retcodes.meaning(code) is meaning for code in RETCODES) for meaning in Meaning}
    assert counted[Meaning.REQUOTE] == 3
    assert counted[Meaning.DONE] == counted[Meaning.PLACED] == counted[Meaning.PARTIAL] == 1
    assert counted[Meaning.REJECTED] > 20


@pytest.mark.parametrize("code", [0, 1, 9999, 10001, 10047, 20000])
def test_a_code_nobody_knows_means_that_nothing_is_known(code: int) -> None:
    assert retcodes.meaning(code) is Meaning.UNKNOWN


def test_every_refusal_of_an_order_is_registered() -> None:
    codes: Any = [retcodes.refusal(code, "").code for code in RETCODES]
    assert set(codes) <= set(REASONS)

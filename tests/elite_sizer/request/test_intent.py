"""What a request does to the book follows from the book, the margin mode, and what the request names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elite_sizer.model.request import Intent, Request
from elite_sizer.request.intent import Classified, classify
from portfolio.model import ZERO, MarginMode, Position
from portfolio.reasons import Refusal
from tests.builders import d, position, request, spec

LONG = position("EURUSD buy 0.50 @ 1.0850 sl 1.0800", ticket=7, identifier=70)
SHORT = position("EURUSD sell 0.30 @ 1.0860 sl 1.0900", ticket=8, identifier=8)
OTHER = position("GBPUSD buy 0.20 @ 1.2700 sl 1.2600", ticket=9, identifier=9)
NETTING = (MarginMode.NETTING, MarginMode.EXCHANGE)


def classified(
    words: str,
    *positions: Position,
    mode: MarginMode = MarginMode.HEDGING,
    step: str = "0.01",
    **changes: Any,  # noqa: ANN401 - fields of a request
) -> Classified | Refusal:
    asked: Request = request(f"EURUSD {words}", **changes)
    return classify(asked, positions, mode, spec(volume_step=step))


def done(result: Classified | Refusal) -> tuple[Intent, Decimal, int | None]:
    """Return the intent, the lots that only close, and the ticket it is about."""
    assert isinstance(result, Classified), result
    return result.intent, result.closing, None if result.position is None else result.position.ticket


def why(result: Classified | Refusal) -> tuple[str, str]:
    assert isinstance(result, Refusal)
    return result


# entries


@pytest.mark.parametrize("mode", list(MarginMode))
def test_a_trade_beside_an_empty_book_or_other_symbols_opens(mode: MarginMode) -> None:
    assert done(classified("buy", mode=mode)) == (Intent.OPEN, ZERO, None)
    assert done(classified("buy", OTHER, mode=mode)) == (Intent.OPEN, ZERO, None)


def test_on_hedging_every_entry_is_a_new_leg() -> None:
    assert done(classified("buy", LONG)) == (Intent.OPEN, ZERO, None)
    assert done(classified("sell", LONG)) == (Intent.OPEN, ZERO, None)


@pytest.mark.parametrize("mode", NETTING)
def test_on_netting_the_same_side_adds_to_the_position(mode: MarginMode) -> None:
    assert done(classified("buy", LONG, mode=mode)) == (Intent.ADD, ZERO, 7)


@pytest.mark.parametrize("mode", NETTING)
def test_on_netting_the_other_side_reverses_and_closes_all_of_it(mode: MarginMode) -> None:
    assert done(classified("sell", OTHER, LONG, mode=mode)) == (Intent.REVERSE, d("0.50"), 7)


def test_where_the_margin_mode_is_unknown_an_entry_is_charged_in_full_and_may_move_a_stop() -> None:
    assert done(classified("buy", SHORT, mode=MarginMode.UNKNOWN)) == (Intent.OPEN, ZERO, None)
    assert done(classified("buy", SHORT, LONG, mode=MarginMode.UNKNOWN)) == (Intent.ADD, ZERO, 7)


# exits by ticket


@pytest.mark.parametrize("mode", list(MarginMode))
def test_a_ticket_alone_closes_the_whole_position(mode: MarginMode) -> None:
    result = classified("sell", LONG, OTHER, mode=mode, reduce=7)
    assert done(result) == (Intent.CLOSE, d("0.50"), 7)
    assert isinstance(result, Classified)
    assert result.exits


def test_a_ticket_and_less_volume_reduce_on_the_step() -> None:
    assert done(classified("sell", LONG, reduce=7, volume="0.299")) == (Intent.REDUCE, d("0.29"), 7)
    assert done(classified("sell", LONG, reduce=7, volume="0.29", step="0.05")) == (Intent.REDUCE, d("0.25"), 7)


@pytest.mark.parametrize("volume", ["0.50", "0.51", "1000000"])
def test_a_ticket_and_as_much_or_more_volume_close(volume: str) -> None:
    assert done(classified("sell", LONG, reduce=7, volume=volume)) == (Intent.CLOSE, d("0.50"), 7)


def test_a_position_off_the_step_is_closed_as_it_stands() -> None:
    odd = LONG._replace(volume=d("0.123"))
    assert done(classified("sell", odd, reduce=7)) == (Intent.CLOSE, d("0.123"), 7)
    assert done(classified("sell", odd, reduce=7, volume="0.122")) == (Intent.REDUCE, d("0.12"), 7)


def test_less_than_the_smallest_trade_can_not_be_closed_in_part() -> None:
    code, detail = why(classified("sell", LONG, reduce=7, volume="0.009"))
    assert code == "below_min_lot"
    assert "the smallest trade is 0.01; close all 0.50" in detail


def test_the_identifier_that_its_deals_carry_names_a_position_too() -> None:
    assert done(classified("sell", LONG, reduce=70)) == (Intent.CLOSE, d("0.50"), 7)


def test_a_ticket_goes_before_another_position_s_identifier() -> None:
    twin = LONG._replace(ticket=70, identifier=71)
    assert done(classified("sell", LONG, twin, reduce=70)) == (Intent.CLOSE, d("0.50"), 70)


def test_an_unknown_ticket_is_refused_with_those_there_are() -> None:
    assert why(classified("sell", LONG, OTHER, reduce=6)) == (
        "ticket_unknown",
        "no open position has ticket 6; open: 7, 9",
    )
    assert why(classified("sell", reduce=6))[1] == "no open position has ticket 6; open: none"


def test_a_ticket_of_another_symbol_is_refused() -> None:
    assert why(classified("sell", LONG, OTHER, reduce=9)) == (
        "ticket_unknown",
        "ticket 9 is a position in GBPUSD, not EURUSD",
    )


def test_a_ticket_of_the_same_side_is_refused_with_the_side_that_reduces_it() -> None:
    assert why(classified("buy", LONG, reduce=7)) == ("ticket_unknown", "ticket 7 is a buy; a sell reduces it")


# exits by volume


@pytest.mark.parametrize("mode", NETTING)
def test_on_netting_a_volume_against_the_position_only_closes(mode: MarginMode) -> None:
    assert done(classified("sell", LONG, mode=mode, volume="0.2")) == (Intent.REDUCE, d("0.20"), 7)
    assert done(classified("sell", LONG, mode=mode, volume="0.5")) == (Intent.CLOSE, d("0.50"), 7)
    assert done(classified("sell", LONG, mode=mode, volume="0.8")) == (Intent.CLOSE, d("0.50"), 7)


@pytest.mark.parametrize("mode", NETTING)
@pytest.mark.parametrize("words", ["buy", "sell"])
def test_on_netting_a_volume_opens_nothing(mode: MarginMode, words: str) -> None:
    same_side = {"buy": LONG, "sell": SHORT}[words]
    assert why(classified(words, OTHER, mode=mode, volume="0.2"))[0] == "ticket_unknown"
    assert why(classified(words, same_side, mode=mode, volume="0.2"))[0] == "ticket_unknown"


@pytest.mark.parametrize("mode", [MarginMode.HEDGING, MarginMode.UNKNOWN])
def test_without_netting_a_volume_needs_its_ticket(mode: MarginMode) -> None:
    code, detail = why(classified("sell", LONG, mode=mode, volume="0.2"))
    assert code == "ticket_unknown"
    assert "Name its ticket with reduce" in detail


volumes = st.integers(1, 5_000_000).map(lambda count: Decimal(count).scaleb(-4))
steps = st.sampled_from(["0.01", "0.001", "0.1", "1", "0.05", "0.03", "0.25"])


@given(volumes, volumes, steps)
def test_an_exit_never_closes_more_than_was_asked_or_is_open(asked: Decimal, opened: Decimal, step: str) -> None:
    result = classified("sell", LONG._replace(volume=opened), reduce=7, volume=asked, step=step)
    if isinstance(result, Refusal):
        # only what is less than the smallest trade, and less than all of it, can't be closed
        assert result.code == "below_min_lot"
        assert asked < max(d(step), d("0.01")) * 2
        assert asked < opened
        return
    assert 0 < result.closing <= min(asked, opened)
    assert result.closing == opened or result.closing % d(step) == 0
    assert min(asked, opened) - result.closing < d(step)

"""An idea is read exactly as it was meant, or refused with the field that can't be meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, localcontext
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elite_sizer.model.request import HoldingPeriod, Request
from elite_sizer.request.idea import TIMEFRAMES, TradeIdea, closes, default_hold, validate
from elite_sizer.request.numbers import decimal
from portfolio.model import OrderType, Side
from portfolio.reasons import REASONS, Refusal

NOW: Final = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
"""A Wednesday, 8 in the morning in New York."""
IDEA: Final = TradeIdea("EURUSD", "buy", stop="1.0800")

NUMBERS: Final = (
    "stop",
    "stop_points",
    "atr_stop",
    "entry",
    "target",
    "rr",
    "atr_target",
    "confidence",
    "score",
    "conviction",
    "multiplier",
    "signal_modifier",
    "slippage_modifier",
    "legacy_lots",
    "volume",
)
POSITIVE: Final = ("stop", "stop_points", "atr_stop", "entry", "target", "rr", "atr_target", "volume")


def read(**changes: Any) -> Request:  # noqa: ANN401 - any field of an idea
    request = validate(replace(IDEA, **changes), NOW)
    assert isinstance(request, Request), request
    return request


def code(**changes: Any) -> str:  # noqa: ANN401 - any field of an idea
    """Return why an idea is refused, or `accepted`."""
    result = validate(replace(IDEA, **changes), NOW)
    return result.code if isinstance(result, Refusal) else "accepted"


def refusal(**changes: Any) -> Refusal:  # noqa: ANN401 - any field of an idea
    result = validate(replace(IDEA, **changes), NOW)
    assert isinstance(result, Refusal)
    return result


def with_number(name: str, value: object) -> dict[str, Any]:
    """Give one number; the stop gives way where it would be a second one."""
    return {"stop": None, name: value} if name in {"stop_points", "atr_stop"} else {name: value}


# numbers


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        float("-inf"),
        "NaN",
        "sNaN",
        "Infinity",
        Decimal("NaN"),
        Decimal("-Infinity"),
        np.float64("nan"),
        np.float32("inf"),
        True,
        False,
        np.bool_(1),
        "",
        "  ",
        "%",
        "much",
        "1,0827",
        b"1.08",
        1j,
        [1.08],
        {"stop": 1},
        np.array([1.08]),
        np.array([1.08, 1.09]),
        pytest.param(object(), id="object"),
    ],
    ids=repr,
)
def test_what_is_no_finite_number_is_refused_by_its_field(name: str, value: object) -> None:
    reason = refusal(**with_number(name, value))
    assert reason.code == "value_not_finite"
    assert reason.detail.startswith(f"{name} is ")


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [-1, -0.01, "-5", Decimal("-0.1"), np.float64(-1)], ids=repr)
def test_no_number_may_be_negative(name: str, value: object) -> None:
    assert code(**with_number(name, value)) == ("confidence_range" if name == "confidence" else "input_range")


@pytest.mark.parametrize("name", NUMBERS)
def test_zero_is_a_factor_but_no_price_and_no_distance(name: str) -> None:
    assert code(**with_number(name, 0)) == ("input_range" if name in POSITIVE else "accepted")
    assert code(**with_number(name, -0.0)) == ("input_range" if name in POSITIVE else "accepted")


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value",
    [1e15, 10**5000, "1e999999999", Decimal("1E+400"), 1e-13, "1e-999999999", "0." + "1" * 61],
    ids=["quadrillion", "5,000 digits", "huge", "larger than a double", "tiny", "nearly nothing", "61 digits"],
)
def test_what_nobody_trades_is_refused_in_a_short_sentence(name: str, value: object) -> None:
    reason = refusal(**with_number(name, value))
    assert reason.code == "input_range"
    assert len(reason.detail) < 80


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [1, "1", 1.0, Decimal(1), " 1 ", np.float64(1), np.float32(1), np.int64(1)], ids=repr)
def test_any_way_to_write_one_is_one(name: str, value: object) -> None:
    assert getattr(read(**with_number(name, value)), name) == 1


@given(value=st.one_of(st.floats(), st.integers(), st.text(max_size=30), st.decimals(), st.booleans(), st.none()))
@pytest.mark.parametrize("name", NUMBERS)
def test_whatever_is_given_is_exact_within_its_bounds_or_refused(name: str, value: object) -> None:
    result = validate(replace(IDEA, **with_number(name, value)), NOW)
    if isinstance(result, Refusal):
        assert result.code in REASONS
        return
    number = getattr(result, name)
    assert number is None or (type(number) is Decimal and number.is_finite() and 0 <= number < Decimal("1E15"))
    assert number is None or name not in POSITIVE or number > 0


def test_a_double_is_read_by_its_shortest_text() -> None:
    assert str(read(stop=1.0827).stop) == "1.0827"
    assert str(read(stop=1234.56789012345).stop) == "1234.56789012345"


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (0.1 + 0.2, "0.3"),
        (1.1 * 1.1, "1.21"),
        (Decimal("1.0826999999999999"), "1.0827"),
        (Decimal("1.08269999999999999573674358543939888477325439453125"), "1.0827"),
        ("100.00000000000001", "100"),
    ],
)
def test_what_arithmetic_in_doubles_leaves_behind_is_taken_off(value: object, meant: str) -> None:
    assert str(value) != meant
    assert str(read(stop=value).stop) == meant


@pytest.mark.parametrize("value", ["1.0826543219876543", "0.1234567890123456789"])
def test_a_number_that_is_meant_to_be_long_stays_long(value: str) -> None:
    assert str(read(stop=value).stop) == value


def test_the_lots_of_a_legacy_program_are_never_touched() -> None:
    assert str(read(legacy_lots=0.1 + 0.2).legacy_lots) == "0.30000000000000004"


def test_reading_does_not_depend_on_the_precision_of_the_program_around() -> None:
    with localcontext(Context(prec=2)):
        assert read(confidence="71.25%", stop="1.08275").confidence == Decimal("0.7125")


@pytest.mark.parametrize(
    ("value", "probability"),
    [("75%", "0.75"), ("75 %", "0.75"), ("0.5%", "0.005"), (0.75, "0.75"), ("0.75", "0.75"), (0, "0"), (1, "1")],
)
def test_confidence_is_a_probability_or_has_a_per_cent_sign(value: object, probability: str) -> None:
    assert read(confidence=value).confidence == Decimal(probability)


@pytest.mark.parametrize(
    ("value", "hint"), [(75, '75 % is written 0.75 or "75%"'), (1.5, '1.5 % is written 0.015 or "1.5%"')]
)
def test_a_confidence_above_one_is_refused_with_the_way_to_write_it(value: object, hint: str) -> None:
    reason = refusal(confidence=value)
    assert reason.code == "confidence_range"
    assert hint in reason.detail


@pytest.mark.parametrize("value", ["175%", 101, "-75%"])
def test_a_confidence_beyond_certainty_is_refused(value: object) -> None:
    assert code(confidence=value) == "confidence_range"


@pytest.mark.parametrize(("name", "most"), [("score", 100), ("conviction", 5), ("multiplier", 1), ("confidence", 1)])
def test_a_score_ends_at_its_highest(name: str, most: int) -> None:
    assert code(**{name: most}) == "accepted"
    assert code(**{name: Decimal(most) + Decimal("0.001")}) in {"input_range", "confidence_range"}


def test_only_confidence_takes_a_per_cent_sign() -> None:
    assert code(score="75%") == "value_not_finite"


@pytest.mark.parametrize(
    "two",
    [
        {"stop": 1, "stop_points": 1},
        {"stop": 1, "atr_stop": 1},
        {"stop": None, "stop_points": 1, "atr_stop": 1},
        {"target": 2, "rr": 1},
        {"target": 2, "atr_target": 1},
        {"target": 2, "rr": 1, "atr_target": 1},
    ],
    ids=" and ".join,
)
def test_two_ways_to_say_the_same_level_are_refused(two: dict[str, object]) -> None:
    assert code(**two) == "input_range"


def test_a_target_in_stops_and_one_in_ranges_may_stand_together() -> None:
    asked = read(rr=2, atr_target=5)
    assert (asked.rr, asked.atr_target) == (Decimal(2), Decimal(5))


# words


@pytest.mark.parametrize(
    "symbol", ["", "   ", "X" * 30, None, 5, b"EURUSD", "EUR\nUSD", "\ud800", ["EURUSD"]], ids=repr
)
def test_what_can_be_no_symbol_is_refused(symbol: object) -> None:
    assert code(symbol=symbol) == "symbol_unknown"


def test_a_symbol_may_have_as_many_characters_as_the_terminal_takes() -> None:
    assert read(symbol="X" * 29).symbol == "X" * 29


def test_text_of_numpy_becomes_plain_text() -> None:
    request = read(symbol=np.str_("EURUSD"), side=np.str_("buy"), regime=np.str_("crisis"), signal_id=np.str_("s"))
    assert [type(text) for text in (request.symbol, request.regime, request.signal_id)] == [str, str, str]
    assert request.side is Side.BUY


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("side", "bye", "did you mean buy?"),
        ("side", "BUY", "did you mean buy?"),
        ("side", "long", "buy, sell"),
        ("side", 1, "buy, sell"),
        ("side", None, "buy, sell"),
        ("type", "limmit", "did you mean limit?"),
        ("type", "stop_limit", "market, limit, stop"),
        ("regime", "trend", "did you mean trending?"),
        ("regime", "sideways", "trending, ranging"),
        ("timeframe", "h1", "did you mean H1?"),
        ("timeframe", "W1", "M1, M5, M15, M30, H1, H4, D1"),
        ("timeframe", None, "M1, M5"),
        ("hold", "week", "did you mean weekend?"),
        ("hold", ["overnight"], "intraday, overnight, weekend"),
    ],
)
def test_a_word_that_is_not_known_is_refused_with_the_nearest(field: str, value: object, hint: str) -> None:
    reason = refusal(**{field: value})
    assert reason.code == "input_range"
    assert hint in reason.detail


@pytest.mark.parametrize("timeframe", TIMEFRAMES)
def test_every_timeframe_there_is_is_known(timeframe: str) -> None:
    assert read(timeframe=timeframe).timeframe == timeframe


@pytest.mark.parametrize("kind", ["market", "limit", "stop"])
def test_every_order_type_there_is_is_known(kind: str) -> None:
    assert read(type=kind).type is OrderType(kind)


@pytest.mark.parametrize("field", ["signal_id", "oco_group"])
@pytest.mark.parametrize("value", ["", " ", "x" * 65, 7, "a\tb", "\udfff"], ids=repr)
def test_a_name_must_be_text_that_can_be_written_down(field: str, value: object) -> None:
    assert code(**{field: value}) == "input_range"


@pytest.mark.parametrize("field", ["signal_id", "oco_group"])
def test_a_name_of_64_characters_is_a_name(field: str) -> None:
    assert getattr(read(**{field: "x" * 64}), field) == "x" * 64


@pytest.mark.parametrize("ticket", [7, np.int64(7), np.uint32(7)], ids=repr)
def test_a_ticket_is_any_whole_number(ticket: object) -> None:
    assert read(reduce=ticket).reduce == 7


@pytest.mark.parametrize("ticket", [0, -7, True, 7.0, "7", 2**64, np.float64(7), [7]], ids=repr)
def test_what_can_be_no_ticket_is_refused(ticket: object) -> None:
    assert code(reduce=ticket) == "ticket_unknown"


# times


def test_hold_is_overnight_until_friday_noon_in_new_york() -> None:
    # New York is four hours behind UTC in June: 16:00 UTC is noon
    friday = datetime(2026, 6, 12, 16, 0, tzinfo=UTC)
    assert default_hold(friday - timedelta(seconds=1)) is HoldingPeriod.OVERNIGHT
    assert default_hold(friday) is HoldingPeriod.WEEKEND
    assert default_hold(friday + timedelta(days=1)) is HoldingPeriod.WEEKEND
    assert default_hold(datetime(2026, 6, 15, 4, 0, tzinfo=UTC)) is HoldingPeriod.OVERNIGHT


def test_friday_noon_follows_new_york_into_winter() -> None:
    # five hours behind UTC in January
    assert default_hold(datetime(2026, 1, 9, 16, 59, tzinfo=UTC)) is HoldingPeriod.OVERNIGHT
    assert default_hold(datetime(2026, 1, 9, 17, 0, tzinfo=UTC)) is HoldingPeriod.WEEKEND


def test_what_the_caller_says_of_the_hold_stands() -> None:
    assert validate(replace(IDEA, hold="overnight"), datetime(2026, 6, 12, 20, 0, tzinfo=UTC)) == read(hold="overnight")


def test_an_intraday_trade_needs_the_time_by_which_it_is_flat() -> None:
    assert code(hold="intraday") == "flat_by_required"
    assert read(hold="intraday", flat_by="2026-06-10T20:00:00Z").hold is HoldingPeriod.INTRADAY


@pytest.mark.parametrize(
    "flat_by",
    [
        "2026-06-10T20:00:00Z",
        "2026-06-10T22:00:00+02:00",
        datetime(2026, 6, 10, 20, 0, tzinfo=UTC),
        np.datetime64("2026-06-10T20:00:00").astype(datetime).replace(tzinfo=UTC),
    ],
)
def test_a_time_is_kept_in_utc(flat_by: object) -> None:
    assert read(flat_by=flat_by).flat_by == datetime(2026, 6, 10, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "flat_by",
    [
        "tomorrow",
        "",
        5,
        1781121600.0,
        "2026-06-10",
        "2026-06-10T20:00:00",
        datetime(2026, 6, 10, 20, 0),  # noqa: DTZ001 - the naive one is what is tested
        datetime.max.replace(tzinfo=UTC),
        "9999-12-31T23:59:59-05:00",
        "2026-06-10T12:00:00Z",
        "2026-06-10T11:59:59Z",
        "2026-07-12T12:00:00Z",
    ],
    ids=repr,
)
def test_a_time_that_is_none_is_naive_is_past_or_far_off_is_refused(flat_by: object) -> None:
    assert code(hold="intraday", flat_by=flat_by) == "input_range"
    assert code(flat_by=flat_by) == "input_range"


@pytest.mark.parametrize("exit_", [{"reduce": 7}, {"volume": "0.1"}], ids=str)
@pytest.mark.parametrize(
    "times",
    [{"flat_by": "2026-06-10T11:00:00Z"}, {"hold": "intraday"}, {"flat_by": "tomorrow"}],
    ids=["its time is over", "no time", "no time at all"],
)
def test_no_time_stands_in_the_way_of_an_exit(exit_: dict[str, object], times: dict[str, object]) -> None:
    assert code(**times) != "accepted"
    assert closes(read(**times, **exit_))


def test_a_request_closes_where_it_names_a_ticket_or_lots() -> None:
    assert [closes(read()), closes(read(reduce=7)), closes(read(volume=1))] == [False, True, True]


def test_decimal_reads_numbers_and_nothing_else() -> None:
    assert decimal(" 1e-5 ") == Decimal("0.00001")
    assert decimal(np.float32(0.5)) == Decimal("0.5")
    assert [decimal(value) for value in (None, True, "x", np.array(["a"]), np.str_("x"), object())] == [None] * 6

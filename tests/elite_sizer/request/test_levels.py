"""Entry, stop and target stand on the broker's grid, on the safe side of what was asked, or are refused."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elite_sizer.request.levels import Levels, are_distances, levels, stop_on_tick
from portfolio.model import OrderType, Quote, SymbolSpec
from portfolio.reasons import Refusal
from tests.builders import NOW, d, request, spec

# bid 1.08490, ask 1.08500: a spread of ten points
QUOTE = Quote("EURUSD", d("1.08490"), d("1.08500"), NOW)


def placed(
    words: str,
    *,
    quote: Quote = QUOTE,
    contract: SymbolSpec | None = None,
    atr: str | None = None,
    **changes: Any,  # noqa: ANN401 - fields of a request
) -> Levels:
    prices = levels(request(f"EURUSD {words}", **changes), contract or spec(), quote, None if atr is None else d(atr))
    assert isinstance(prices, Levels), prices
    return prices


def why(
    words: str,
    *,
    quote: Quote = QUOTE,
    contract: SymbolSpec | None = None,
    **changes: Any,  # noqa: ANN401 - fields of a request
) -> Refusal:
    prices = levels(request(f"EURUSD {words}", **changes), contract or spec(), quote, None)
    assert isinstance(prices, Refusal), prices
    return prices


# where a trade begins


def test_a_market_buy_begins_at_the_ask_and_a_sell_at_the_bid() -> None:
    assert placed("buy sl 1.0800")[:2] == (OrderType.MARKET, d("1.08500"))
    assert placed("sell sl 1.0900")[:2] == (OrderType.MARKET, d("1.08490"))


@pytest.mark.parametrize(
    ("words", "entry", "kind"),
    [
        ("buy sl 1.0700", "1.08000", OrderType.LIMIT),
        ("buy sl 1.0800", "1.09000", OrderType.STOP),
        ("sell sl 1.1000", "1.09000", OrderType.LIMIT),
        ("sell sl 1.0900", "1.08000", OrderType.STOP),
    ],
)
def test_a_price_makes_the_order_limit_or_stop_by_its_side_of_the_market(
    words: str, entry: str, kind: OrderType
) -> None:
    assert placed(words, entry=entry)[:2] == (kind, d(entry))
    assert placed(words, entry=entry, type=kind)[0] is kind


@pytest.mark.parametrize(
    ("words", "entry", "kind"),
    [
        ("buy sl 1.0700", "1.08000", OrderType.STOP),
        ("buy sl 1.0800", "1.09000", OrderType.LIMIT),
        ("sell sl 1.1000", "1.09000", OrderType.STOP),
        ("sell sl 1.0900", "1.08000", OrderType.LIMIT),
        ("buy sl 1.0700", "1.08500", None),
        ("sell sl 1.0900", "1.08490", None),
    ],
)
def test_a_price_on_the_other_side_or_at_the_market_is_refused(words: str, entry: str, kind: OrderType | None) -> None:
    assert why(words, entry=entry, type=kind).code == "entry_wrong_side"


def test_a_pending_price_off_the_tick_is_rounded_towards_the_larger_loss() -> None:
    assert placed("buy sl 1.0700", entry="1.080001").entry == d("1.08001")
    assert placed("sell sl 1.1000", entry="1.089999").entry == d("1.08999")


def test_a_pending_price_keeps_the_broker_s_distance() -> None:
    contract = spec(stops_level=20)
    # 20 points below the ask of 1.08500
    assert placed("buy sl 1.0700", entry="1.08480", contract=contract).type is OrderType.LIMIT
    assert why("buy sl 1.0700", entry="1.08481", contract=contract).code == "entry_too_close"


def test_a_pending_order_needs_a_price_and_a_market_order_takes_none() -> None:
    assert why("buy sl 1.0800", type=OrderType.LIMIT).code == "input_range"
    assert why("buy sl 1.0800", type=OrderType.STOP).code == "input_range"
    assert why("buy sl 1.0700", type=OrderType.MARKET, entry="1.0800").code == "input_range"
    assert placed("buy sl 1.0800", type=OrderType.MARKET).type is OrderType.MARKET


def test_a_pending_price_of_less_than_a_tick_is_refused() -> None:
    assert why("sell", entry="0.000001", stop_points=d(5)).code == "input_range"


@pytest.mark.parametrize(
    ("mode", "buy", "sell"), [(0, False, False), (1, True, False), (2, False, True), (3, False, False), (4, True, True)]
)
def test_the_broker_s_trade_mode_says_which_sides_may_open(mode: int, buy: bool, sell: bool) -> None:  # noqa: FBT001
    contract = spec(trade_mode=mode)
    for words, allowed in (("buy sl 1.0800", buy), ("sell sl 1.0900", sell)):
        prices = levels(request(f"EURUSD {words}"), contract, QUOTE, None)
        assert (prices.code if isinstance(prices, Refusal) else "allowed") == ("allowed" if allowed else "trade_mode")


def test_a_trade_mode_nobody_knows_is_refused() -> None:
    assert why("buy sl 1.0800", contract=spec(trade_mode=9)) == ("trade_mode", "EURUSD: unknown trade mode")


@pytest.mark.parametrize(("bit", "entry"), [(1, None), (2, "1.0800"), (4, "1.0900")])
def test_an_order_type_that_the_symbol_does_not_take_is_refused(bit: int, entry: str | None) -> None:
    # bits of order_mode: 1 market, 2 limit, 4 stop; 127 takes all
    assert placed("buy sl 1.0700", entry=entry, contract=spec(order_mode=bit))
    assert why("buy sl 1.0700", entry=entry, contract=spec(order_mode=127 - bit)).code == "trade_mode"


# the stop


def test_a_stop_off_the_tick_is_rounded_away_from_the_entry() -> None:
    assert placed("buy sl 1.080009").stop == d("1.08000")
    assert placed("sell sl 1.090001").stop == d("1.09001")


def test_a_stop_in_points_counts_from_the_entry() -> None:
    assert placed("buy", stop_points=d(500)).stop == d("1.08000")
    assert placed("sell", stop_points=d(500)).stop == d("1.08990")
    assert placed("buy", stop_points=d("500.5")).stop == d("1.07999")


def test_a_stop_in_points_counts_points_and_not_ticks() -> None:
    # a tick of 25 points: 1.08500 - 0.00510 = 1.07990, down to the tick: 1.07975
    assert placed("buy", stop_points=d(510), contract=spec(tick_size="0.00025")).stop == d("1.07975")


def test_a_stop_in_average_ranges_counts_from_the_entry() -> None:
    assert placed("buy", atr_stop=d(2), atr="0.0025").stop == d("1.08000")
    assert placed("sell", atr_stop=d("1.5"), atr="0.0025").stop == d("1.08865")


@pytest.mark.parametrize("distance", [{"atr_stop": d(2)}, {"atr_target": d(2), "stop": d("1.0800")}], ids=list)
def test_without_an_average_range_none_can_be_counted(distance: dict[str, Any]) -> None:
    assert why("buy", **distance).code == "value_unavailable"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("buy sl 1.08500", "stop_zero"),
        ("buy sl 1.084991", "stop_zero"),
        ("sell sl 1.084909", "stop_zero"),
        ("buy sl 1.08510", "stop_wrong_side"),
        ("sell sl 1.08480", "stop_wrong_side"),
        ("buy sl 1.08495", "stop_wrong_side"),
        ("buy sl 1.08490", "stop_wrong_side"),
        ("sell sl 1.08500", "stop_wrong_side"),
        ("buy sl 0.86799", "stop_implausible"),
        ("sell sl 1.30189", "stop_implausible"),
    ],
)
def test_a_stop_that_can_not_be_meant_is_refused(words: str, code: str) -> None:
    # inside the spread it would be hit at once; beyond 20 % of 1.08500 or 1.08490 it is a slip
    assert why(words).code == code


@pytest.mark.parametrize("words", ["buy sl 1.08489", "sell sl 1.08501", "buy sl 0.86800", "sell sl 1.30188"])
def test_a_stop_just_beyond_the_spread_or_20_per_cent_away_stands(words: str) -> None:
    assert placed(words).stop == d(words.rsplit(maxsplit=1)[-1])


def test_a_stop_keeps_the_broker_s_distance_from_where_it_closes() -> None:
    contract = spec(stops_level=20)
    # a buy closes at the bid of 1.08490, a sell at the ask of 1.08500
    assert placed("buy sl 1.08470", contract=contract).stop == d("1.08470")
    assert why("buy sl 1.08471", contract=contract).code == "stop_too_close"
    assert placed("sell sl 1.08520", contract=contract).stop == d("1.08520")
    assert why("sell sl 1.08519", contract=contract).code == "stop_too_close"


def test_the_stop_of_a_pending_order_keeps_its_distance_from_the_pending_price() -> None:
    contract = spec(stops_level=20)
    assert placed("buy sl 1.07980", entry="1.08000", contract=contract).stop == d("1.07980")
    assert why("buy sl 1.07981", entry="1.08000", contract=contract).code == "stop_too_close"


def test_a_trade_may_be_asked_for_without_a_stop() -> None:
    assert placed("buy") == Levels(OrderType.MARKET, d("1.08500"), None, None)


# the target


def test_a_target_off_the_tick_is_rounded_towards_the_entry() -> None:
    assert placed("buy sl 1.0800 tp 1.095009").target == d("1.09500")
    assert placed("sell sl 1.0900 tp 1.079991").target == d("1.08000")


def test_a_target_in_stops_counts_the_rounded_stop() -> None:
    # 2 x (1.08500 - 1.08000) above 1.08500
    assert placed("buy sl 1.080005", rr=d(2)).target == d("1.09500")
    assert placed("sell sl 1.08990", rr=d("0.5")).target == d("1.08240")


def test_a_target_in_average_ranges_counts_from_the_entry() -> None:
    assert placed("buy sl 1.0800", atr_target=d(3), atr="0.0025").target == d("1.09250")


def test_of_a_target_in_stops_and_one_in_ranges_the_farther_stands() -> None:
    assert placed("buy sl 1.0800", rr=d(2), atr_target=d(3), atr="0.0025").target == d("1.09500")
    assert placed("buy sl 1.0800", rr=d(2), atr_target=d(5), atr="0.0025").target == d("1.09750")
    assert placed("sell sl 1.0900", rr=d(1), atr_target=d(3), atr="0.0025").target == d("1.07740")


def test_a_target_in_stops_needs_a_stop() -> None:
    assert why("buy", rr=d(2)).code == "stop_required"


@pytest.mark.parametrize("words", ["buy sl 1.0800 tp 1.08500", "buy sl 1.0800 tp 1.0700", "sell sl 1.0900 tp 1.0900"])
def test_a_target_at_or_behind_the_entry_is_refused(words: str) -> None:
    assert why(words).code == "target_wrong_side"


def test_a_target_of_less_than_a_tick_is_refused() -> None:
    assert why("buy sl 1.0800 tp 1.085009").code == "target_wrong_side"


# all of it


def test_levels_do_not_depend_on_the_precision_of_the_program_around() -> None:
    asked: dict[str, Any] = {"stop_points": d("500.5"), "rr": d("1.3")}
    with localcontext(Context(prec=3)):
        rough = placed("buy", **asked)
    # 1.08500 - 0.005005, down to the tick: 1.07999; 1.3 x 0.00501 = 0.006513 above the entry, down to the tick
    assert rough == placed("buy", **asked) == Levels(OrderType.MARKET, d("1.08500"), d("1.07999"), d("1.09151"))


def test_a_double_written_out_in_full_is_rounded_like_the_price_it_means() -> None:
    assert placed("buy", stop=Decimal("1.08269999999999999573674358543939888477325439453125")).stop == d("1.08269")


def test_distances_lie_where_their_prices_would() -> None:
    distances = request("EURUSD buy", atr_stop=d(2), rr=d(2))
    prices = request("EURUSD buy sl 1.08000 tp 1.09500")
    assert (are_distances(distances), are_distances(prices)) == (True, False)
    assert levels(distances, spec(), QUOTE, d("0.0025")) == levels(prices, spec(), QUOTE, None)


def test_a_price_is_no_distance() -> None:
    assert not are_distances(request("EURUSD buy sl 1.0800 tp 1.0950"))


def test_away_is_down_for_a_buy_and_up_for_a_sell() -> None:
    buy, sell = request("EURUSD buy").side, request("EURUSD sell").side
    assert stop_on_tick(buy, d("1.080015"), d("0.00001")) == d("1.08001")
    assert stop_on_tick(sell, d("1.080015"), d("0.00001")) == d("1.08002")


distances = st.integers(20_000, 1_000_000).map(lambda count: Decimal(count).scaleb(-8))
ticks = st.sampled_from(["0.00001", "0.00005", "0.00025", "0.0001"])


@given(st.sampled_from(["buy", "sell"]), distances, distances, ticks)
def test_a_stop_never_comes_nearer_and_a_target_never_goes_farther(
    side: str, stop: Decimal, target: Decimal, tick: str
) -> None:
    entry = QUOTE.ask if side == "buy" else QUOTE.bid
    sign = 1 if side == "buy" else -1
    prices = levels(
        request(f"EURUSD {side}", stop=entry - sign * stop, target=entry + sign * target),
        spec(tick_size=tick),
        QUOTE,
        None,
    )
    if isinstance(prices, Refusal):
        # a stop of less than a tick, or a target that is rounded to the entry
        assert prices.code in {"stop_zero", "target_wrong_side"}
        assert min(stop, target) < Decimal(tick)
        return
    assert prices.stop is not None
    assert prices.target is not None
    assert 0 <= (entry - prices.stop) * sign - stop < Decimal(tick)
    assert 0 <= target - (prices.target - entry) * sign < Decimal(tick)
    assert prices.stop % Decimal(tick) == prices.target % Decimal(tick) == 0

"""Raw rows to our own values: exact, and refused by field name where no size may be made from them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from mt5bridge.errors import UnusableValueError
from mt5bridge.reading import convert
from mt5bridge.reading.server_time import NEW_YORK_CLOSE
from portfolio.model import DealEntry, DealKind, MarginMode, OrderType, Side
from portfolio.reasons import Refusal
from tests.mt5bridge.terminals import Value, recording

NAN, INF = float("nan"), float("inf")
BAD_NUMBERS: list[Value] = [NAN, INF, -INF, None, "1.0", True, 1e308, 5e-324]
TO_UTC = NEW_YORK_CLOSE.to_utc


def account_row(**changes: Value) -> dict[str, Any]:
    return {**recording().account_info()._asdict(), **changes}


def spec_row(**changes: Value) -> dict[str, Any]:
    info = recording().symbol_info("EURUSD")
    assert info is not None
    return {**info._asdict(), **changes}


def position_row(**changes: Value) -> dict[str, Any]:
    return {**recording().positions_get()[0]._asdict(), **changes}


def order_row(**changes: Value) -> dict[str, Any]:
    return {**recording().orders_get()[0]._asdict(), **changes}


def deal_row(**changes: Value) -> dict[str, Any]:
    return {**recording().capture.deals[1], **changes}


def refusal(make: Callable[..., object], *arguments: Value) -> Refusal:
    with pytest.raises(UnusableValueError) as caught:
        make(*arguments)
    return caught.value.reason


def test_a_missing_field_is_refused_with_its_name() -> None:
    row = account_row()
    del row["equity"]
    assert refusal(convert.account, row) == ("value_not_finite", "account_info.equity is missing")


ACCOUNT_NUMBERS = [
    "login",
    "leverage",
    "balance",
    "equity",
    "margin",
    "margin_free",
    "credit",
    "profit",
    "currency_digits",
]
SPEC_SIZES = ["trade_contract_size", "trade_tick_size", "trade_tick_value", "trade_tick_value_loss", "point"]
VOLUMES = ["volume_min", "volume_max", "volume_step"]


@pytest.mark.parametrize("field", ACCOUNT_NUMBERS)
@pytest.mark.parametrize("value", BAD_NUMBERS)
def test_no_number_of_the_account_may_be_none(field: str, value: Value) -> None:
    code, detail = refusal(convert.account, account_row(**{field: value}))
    assert (code, field in detail) == ("value_not_finite", True)


@pytest.mark.parametrize("field", ["balance", "equity"])
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_an_account_without_money_is_refused(field: str, value: float) -> None:
    assert refusal(convert.account, account_row(**{field: value})).code == "equity_nonpositive"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(0, MarginMode.NETTING), (1, MarginMode.EXCHANGE), (2, MarginMode.HEDGING), (7, MarginMode.UNKNOWN)],
)
def test_the_margin_mode_says_how_trades_are_booked(mode: int, expected: MarginMode) -> None:
    assert convert.account(account_row(margin_mode=mode)).margin_mode is expected


@pytest.mark.parametrize("field", SPEC_SIZES + VOLUMES)
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_no_size_of_a_contract_may_be_zero_or_negative(field: str, value: float) -> None:
    code, detail = refusal(convert.spec, spec_row(**{field: value}))
    assert (code, field in detail) == ("symbol_spec_invalid", True)


@pytest.mark.parametrize("field", SPEC_SIZES + VOLUMES + ["volume_limit", "swap_long", "digits", "trade_calc_mode"])
@pytest.mark.parametrize("value", [NAN, INF, "1"])
def test_no_number_of_a_contract_may_be_none(field: str, value: Value) -> None:
    assert refusal(convert.spec, spec_row(**{field: value}))[0] == "value_not_finite"


@pytest.mark.parametrize("grid", [{"volume_min": 60.0}, {"volume_step": 51.0}])
def test_a_volume_grid_without_a_volume_is_refused(grid: dict[str, float]) -> None:
    assert refusal(convert.spec, spec_row(**grid))[0] == "symbol_spec_invalid"


def test_a_minimum_off_its_step_is_accepted() -> None:
    # ETHUSD of a public dump: minimum 0.1, step 0.01
    spec = convert.spec(spec_row(volume_min=0.1, volume_step=0.01))
    assert (spec.volume_min, spec.volume_step) == (Decimal("0.1"), Decimal("0.01"))


@pytest.mark.parametrize("field", ["currency_base", "currency_profit", "currency_margin"])
def test_a_contract_without_a_currency_is_refused(field: str) -> None:
    assert refusal(convert.spec, spec_row(**{field: ""}))[0] == "symbol_spec_invalid"


def test_both_tick_values_are_kept() -> None:
    spec = convert.spec(spec_row(trade_tick_value=0.5, trade_tick_value_loss=0.6))
    assert (spec.tick_value, spec.tick_value_loss) == (Decimal("0.5"), Decimal("0.6"))


@pytest.mark.parametrize("field", ["volume", "price_open", "price_current"])
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_position_that_can_not_be_charged_is_refused(field: str, value: float) -> None:
    assert refusal(convert.position, position_row(**{field: value}), TO_UTC)[0] == "book_unpriceable"


@pytest.mark.parametrize("field", ["volume", "price_open", "price_current", "sl", "tp", "profit", "swap"])
def test_no_number_of_a_position_may_be_none(field: str) -> None:
    code, detail = refusal(convert.position, position_row(**{field: NAN}), TO_UTC)
    assert (code, detail) == ("value_not_finite", f"position 7.{field} is nan")


def test_a_position_of_an_unknown_side_is_refused() -> None:
    assert refusal(convert.position, position_row(type=2), TO_UTC)[0] == "value_not_finite"


def test_zero_means_no_stop() -> None:
    position = convert.position(position_row(sl=0.0, tp=0.0), TO_UTC)
    assert (position.stop, position.target) == (None, None)


@pytest.mark.parametrize(
    ("code", "side", "kind"),
    [
        (2, Side.BUY, OrderType.LIMIT),
        (3, Side.SELL, OrderType.LIMIT),
        (4, Side.BUY, OrderType.STOP),
        (5, Side.SELL, OrderType.STOP),
        (6, Side.BUY, OrderType.STOP_LIMIT),
        (7, Side.SELL, OrderType.STOP_LIMIT),
        (0, Side.BUY, OrderType.MARKET),
    ],
)
def test_an_order_type_is_a_side_and_a_way_to_fill(code: int, side: Side, kind: OrderType) -> None:
    order = convert.order(order_row(type=code, price_stoplimit=1.1), TO_UTC)
    assert (order.side, order.type) == (side, kind)


def test_a_stop_limit_is_priced_at_its_limit() -> None:
    assert convert.order(order_row(type=6, price_open=1.09, price_stoplimit=1.088), TO_UTC).price == Decimal("1.088")


def test_a_market_order_under_way_is_priced_at_the_market() -> None:
    assert convert.order(order_row(type=0, price_open=0.0, price_current=1.0851), TO_UTC).price == Decimal("1.0851")


def test_an_order_that_expires_says_when_in_utc() -> None:
    order = convert.order(order_row(time_expiration=1781103600), TO_UTC)
    assert order.expires_at == datetime(2026, 6, 10, 12, 0, tzinfo=UTC)


def test_a_balance_operation_is_no_entry_though_its_row_says_zero() -> None:
    deal = convert.deal(deal_row(type=2, entry=0, symbol=""), TO_UTC)
    assert (deal.kind, deal.side, deal.entry) == (DealKind.BALANCE, None, None)


@pytest.mark.parametrize(
    ("code", "kind"), [(0, "trade"), (1, "trade"), (3, "credit"), (7, "other"), (13, "other"), (17, "other")]
)
def test_deals_are_told_apart_by_type(code: int, kind: str) -> None:
    assert convert.deal(deal_row(type=code), TO_UTC).kind == kind


def test_a_netting_reverse_is_one_deal() -> None:
    assert convert.deal(deal_row(entry=2), TO_UTC).entry is DealEntry.INOUT


def test_the_net_of_a_deal_is_the_sum_of_its_four_amounts() -> None:
    deal = convert.deal(deal_row(profit=10.5, commission=-3.5, swap=-0.7, fee=-0.1), TO_UTC)
    assert deal.net == Decimal("6.2")


@pytest.mark.parametrize("field", ["profit", "commission", "swap", "fee", "volume", "price", "time"])
def test_no_number_of_a_deal_may_be_none(field: str) -> None:
    assert refusal(convert.deal, deal_row(**{field: NAN, "time_msc": 0}), TO_UTC)[0] == "value_not_finite"


def test_an_answer_for_a_large_volume_is_exact() -> None:
    row = {"symbol": "EURUSD", "side": "buy", "open": 1.1, "close": 1.0, "volume": 1_000_000.0, "profit": -1e10}
    _, per_lot = convert.profit_answer(row, Decimal("0.01"))
    assert per_lot == -10_000


def test_an_answer_for_a_small_volume_is_half_a_cent_dearer() -> None:
    row = {"symbol": "EURUSD", "side": "buy", "open": 1.1, "close": 1.0, "volume": 2.0, "profit": -20.0}
    # twenty lost and half a cent, over two lots
    assert convert.profit_answer(row, Decimal("0.01"))[1] == Decimal("-10.0025")


def test_a_nan_answer_is_refused() -> None:
    row = {"symbol": "EURUSD", "side": "buy", "open": 1.1, "close": 1.0, "volume": 1e6, "profit": NAN}
    code, detail = refusal(convert.profit_answer, row, Decimal("0.01"))
    assert (code, detail) == ("value_not_finite", "order_calc_profit(buy EURUSD).profit is nan")

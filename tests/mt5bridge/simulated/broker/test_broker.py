"""The paper broker keeps its books as a broker does: fills, stops, orders, margin, stop-out, commission, swap."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import pytest

from mt5bridge.metatrader.structs import Record
from mt5bridge.simulated import SimulatedTerminal
from mt5bridge.simulated.market.bars import Bar, Tape
from mt5bridge.simulated.market.contracts import Commission

Value: TypeAlias = Any
"""Whatever a row or a field holds."""

BUY, SELL = 0, 1
IN, OUT, INOUT, OUT_BY = 0, 1, 2, 3
FREE = Commission()


def euro(*, netting: bool = False, balance: float = 100_000, leverage: int = 100) -> SimulatedTerminal:
    """Return a terminal with EURUSD held at 1.10000 / 1.10010 and free of commission."""
    terminal = SimulatedTerminal.fresh(balance, netting=netting, leverage=leverage)
    terminal.market.respecify("EURUSD", commission=FREE)
    return terminal.quote("EURUSD", 1.10000, 1.10010)


def account(terminal: SimulatedTerminal) -> Value:
    return terminal.account_info()


def only_position(terminal: SimulatedTerminal) -> Record:
    (position,) = terminal.positions_get() or ()
    return position


def deals(terminal: SimulatedTerminal) -> list[Record]:
    """Return all trade deals, oldest first."""
    return [deal for deal in terminal.history_deals_get(0, 2_000_000_000) or () if deal.type in (BUY, SELL)]


# hedging


def test_a_buy_opens_at_the_ask_and_is_worth_the_bid() -> None:
    terminal = euro()
    ticket = terminal.buy("EURUSD", 0.50, stop=1.09500, target=1.11000)
    position = only_position(terminal)
    assert (position.ticket, position.identifier, position.volume) == (ticket, ticket, 0.50)
    assert (position.price_open, position.price_current) == (1.10010, 1.10000)
    assert (position.sl, position.tp) == (1.09500, 1.11000)
    assert position.profit == -5.0  # 0.5 * 100,000 * 0.00010
    assert (account(terminal).equity, account(terminal).profit) == (99_995.0, -5.0)
    # 0.5 * 100,000 / 100 euros at the ask
    assert account(terminal).margin == 550.05 == terminal.order_calc_margin(BUY, "EURUSD", 0.50, 1.10010)


def test_a_close_books_what_order_calc_profit_said() -> None:
    terminal = SimulatedTerminal.fresh()
    for symbol in ("EURUSD", "USDJPY", "XAUUSD", "GER40"):
        ticket = terminal.buy(symbol, 0.37)
        terminal.advance(1800)
        position = terminal.positions_get(ticket=ticket)
        tick = terminal.symbol_info_tick(symbol)
        assert position
        assert tick is not None
        profit = terminal.order_calc_profit(BUY, symbol, 0.37, position[0].price_open, tick.bid)
        terminal.close(ticket)
        assert deals(terminal)[-1].profit == profit == position[0].profit


def test_hedging_keeps_both_sides_and_margin_counts_them_once() -> None:
    terminal = euro()
    terminal.buy("EURUSD", 1.0)
    terminal.sell("EURUSD", 0.4)
    assert terminal.positions_total() == 2
    # 1.00 bought at 1.1001, 0.40 sold at 1.1000: 0.6 lots uncovered of the heavier leg, 0.4 covered once at the average
    covered = (1100.10 + 440.00) / 1.4 * 0.4
    assert account(terminal).margin == pytest.approx(1100.10 * 0.6 + covered, abs=0.01)


@pytest.mark.parametrize(
    ("fields", "margin"), [({"margin_hedged": 0.0}, 660.06), ({"margin_hedged": 50_000.0}, 880.07)]
)
def test_a_hedge_ties_up_what_the_contract_says(fields: dict[str, Any], margin: float) -> None:
    # 0.6 * 1100.10 = 660.06; half of 0.4 * 1100.0714 = 220.01 beside it
    terminal = euro()
    terminal.market.respecify("EURUSD", **fields)
    terminal.buy("EURUSD", 1.0)
    terminal.sell("EURUSD", 0.4)
    assert account(terminal).margin == pytest.approx(margin, abs=0.011)


def test_a_hedge_by_the_larger_leg() -> None:
    terminal = euro()
    terminal.market.respecify("EURUSD", margin_hedged_use_leg=True)
    terminal.buy("EURUSD", 1.0)
    terminal.sell("EURUSD", 0.4)
    assert account(terminal).margin == 1100.10


def test_a_part_closed_leaves_the_rest_with_its_share_of_margin() -> None:
    terminal = euro()
    ticket = terminal.buy("EURUSD", 0.50)
    terminal.quote("EURUSD", 1.10200).close(ticket, 0.20)
    position = only_position(terminal)
    assert position.volume == 0.30
    assert account(terminal).margin == pytest.approx(330.03)
    assert [(deal.entry, deal.volume, deal.profit) for deal in deals(terminal)] == [(IN, 0.5, 0.0), (OUT, 0.2, 38.0)]
    assert {deal.position_id for deal in deals(terminal)} == {ticket}


# netting


def test_netting_adds_at_the_average_price() -> None:
    terminal = euro(netting=True)
    terminal.buy("EURUSD", 0.30)
    terminal.quote("EURUSD", 1.10200, 1.10210).buy("EURUSD", 0.10)
    position = only_position(terminal)
    assert (position.volume, position.price_open) == (0.40, 1.10060)  # (0.3 * 1.10010 + 0.1 * 1.10210) / 0.4
    assert account(terminal).margin_mode == terminal.ACCOUNT_MARGIN_MODE_RETAIL_NETTING


def test_netting_reduces_closes_and_turns() -> None:
    terminal = euro(netting=True)
    first = terminal.buy("EURUSD", 0.30)
    terminal.sell("EURUSD", 0.10)
    assert only_position(terminal).volume == 0.20
    turned = terminal.sell("EURUSD", 0.50)
    position = only_position(terminal)
    assert (position.type, position.volume, position.price_open) == (SELL, 0.30, 1.10000)
    assert (position.ticket, position.identifier) == (turned, first)
    terminal.buy("EURUSD", 0.30)
    assert terminal.positions_get() == ()
    assert [deal.entry for deal in deals(terminal)] == [IN, OUT, INOUT, OUT]
    # 0.1 and then 0.2 lots at -10 dollars a lot; the turned 0.3 lots cost the spread again
    assert [deal.profit for deal in deals(terminal)] == [0.0, -1.0, -2.0, -3.0]
    assert {deal.position_id for deal in deals(terminal)} == {first}
    assert account(terminal).balance == 99_994.0


def test_netting_takes_new_stops_and_keeps_old_ones_otherwise() -> None:
    terminal = euro(netting=True)
    terminal.buy("EURUSD", 0.10, stop=1.09000)
    terminal.buy("EURUSD", 0.10)
    assert only_position(terminal).sl == 1.09000
    terminal.buy("EURUSD", 0.10, stop=1.09500, target=1.12000)
    assert (only_position(terminal).sl, only_position(terminal).tp) == (1.09500, 1.12000)


# stops and targets


@pytest.mark.parametrize(
    ("side", "bid", "at", "reason"),
    [
        ("buy", 1.09500, 1.09500, "sl"),
        ("buy", 1.09300, 1.09300, "sl"),  # a gap: filled at the market
        ("buy", 1.10500, 1.10500, "tp"),
        ("sell", 1.10490, 1.10500, "sl"),  # the ask is a pip above
        ("sell", 1.09490, 1.09500, "tp"),
    ],
)
def test_stop_and_target_close_at_the_market(side: str, bid: float, at: float, reason: str) -> None:
    terminal = euro()
    low, high = 1.09500, 1.10500
    trade = terminal.buy if side == "buy" else terminal.sell
    trade("EURUSD", 0.10, stop=low if side == "buy" else high, target=high if side == "buy" else low)
    terminal.quote("EURUSD", bid)
    assert terminal.positions_get() == ()
    deal = deals(terminal)[-1]
    codes = {"sl": terminal.DEAL_REASON_SL, "tp": terminal.DEAL_REASON_TP}
    assert (deal.entry, deal.price, deal.reason) == (OUT, at, codes[reason])
    assert deal.comment.startswith(f"[{reason} ")


def bars_from(*prices: tuple[int, int, int, int]) -> Tape:
    """Return quarter-hour bars (open, high, low, close in points) from Wednesday noon."""
    noon = int(datetime(2026, 6, 10, 12, tzinfo=UTC).timestamp())
    return Tape([Bar(noon + 900 * n, *row, 10) for n, row in enumerate(prices)], 900)


def test_inside_a_move_a_stop_fills_at_its_price_after_a_gap_at_the_open() -> None:
    smooth = SimulatedTerminal.fresh()
    smooth.market.load("EURUSD", bars_from((110_000, 110_010, 109_000, 109_100)))
    smooth.buy("EURUSD", 0.10, stop=1.09503)
    assert deals(smooth.advance(900))[-1].price == 1.09503
    gapped = SimulatedTerminal.fresh()
    gapped.market.load("EURUSD", bars_from((110_000, 110_010, 109_990, 110_000), (109_300, 109_400, 109_200, 109_300)))
    gapped.buy("EURUSD", 0.10, stop=1.09503)
    assert deals(gapped.advance(1800))[-1].price == 1.09300


def test_slippage_worsens_stops_and_market_orders_but_no_targets() -> None:
    terminal = euro()
    terminal.broker.slippage_points = 7
    terminal.buy("EURUSD", 0.10, stop=1.09500, target=1.10500)
    assert only_position(terminal).price_open == 1.10017
    terminal.quote("EURUSD", 1.09500)
    assert deals(terminal)[-1].price == 1.09493
    terminal.broker.slippage_points = 0
    terminal.quote("EURUSD", 1.10000).buy("EURUSD", 0.10, target=1.10500)
    terminal.broker.slippage_points = 7
    assert deals(terminal.quote("EURUSD", 1.10500))[-1].price == 1.10500


def test_nothing_is_hit_while_the_market_is_closed() -> None:
    terminal = SimulatedTerminal.fresh(at=datetime(2026, 6, 12, 20, 59, tzinfo=UTC))
    tick = terminal.symbol_info_tick("EURUSD")
    assert tick is not None
    terminal.buy("EURUSD", 0.10, stop=round(tick.bid - 0.00500, 5))
    terminal.market.gap("EURUSD", -900, at=terminal.clock.utc_ms + 120_000)
    terminal.advance(datetime(2026, 6, 14, 20, tzinfo=UTC))
    assert terminal.positions_total() == 1
    terminal.advance(timedelta(hours=2))
    assert terminal.positions_total() == 0
    assert deals(terminal)[-1].price < tick.bid - 0.00500


# pending orders


@pytest.mark.parametrize(
    ("kind", "price", "bid", "filled"),
    [
        ("BUY_LIMIT", 1.09500, 1.09490, 1.09500),
        ("BUY_STOP", 1.10500, 1.10490, 1.10500),
        ("SELL_LIMIT", 1.10500, 1.10500, 1.10500),
        ("SELL_STOP", 1.09500, 1.09500, 1.09500),
        ("BUY_STOP", 1.10500, 1.10700, 1.10710),  # beyond a gap: at the market, worse
        ("BUY_LIMIT", 1.09500, 1.09300, 1.09310),  # beyond a gap: at the market, better
    ],
)
def test_an_order_waits_for_its_price(kind: str, price: float, bid: float, filled: float) -> None:
    terminal = euro()
    ticket = terminal.place("EURUSD", getattr(terminal, f"ORDER_TYPE_{kind}"), 0.10, price, stop=0.0)
    terminal.quote("EURUSD", 1.10010)
    assert terminal.orders_total() == 1
    terminal.quote("EURUSD", bid)
    assert terminal.orders_total() == 0
    position = only_position(terminal)
    assert (position.ticket, position.price_open) == (ticket, filled)
    (past,) = terminal.history_orders_get(ticket=ticket) or ()
    assert (past.state, past.position_id, past.volume_current) == (terminal.ORDER_STATE_FILLED, ticket, 0.0)


def test_a_stop_limit_wakes_as_a_limit() -> None:
    terminal = euro()
    ticket = terminal.place("EURUSD", terminal.ORDER_TYPE_BUY_STOP_LIMIT, 0.10, 1.10500)
    terminal.broker.book.orders[ticket].price_stoplimit = 1.10200
    terminal.quote("EURUSD", 1.10550)
    (order,) = terminal.orders_get() or ()
    assert (order.type, order.price_open) == (terminal.ORDER_TYPE_BUY_LIMIT, 1.10200)
    terminal.quote("EURUSD", 1.10180)
    assert only_position(terminal).price_open == 1.10190


def test_an_order_lapses_when_its_time_is_up() -> None:
    terminal = euro()
    ticket = terminal.place("EURUSD", terminal.ORDER_TYPE_BUY_LIMIT, 0.10, 1.09000)
    terminal.broker.book.orders[ticket].time_expiration = terminal.clock.server_ms // 1000 + 600
    terminal.advance(599)
    assert terminal.orders_total() == 1
    terminal.advance(1)
    assert terminal.orders_total() == 0
    (past,) = terminal.history_orders_get(ticket=ticket) or ()
    assert past.state == terminal.ORDER_STATE_EXPIRED
    assert past.time_done == past.time_setup + 600


def test_an_order_there_is_no_money_for_is_rejected_when_its_price_comes() -> None:
    terminal = euro(balance=1_000)
    ticket = terminal.place("EURUSD", terminal.ORDER_TYPE_BUY_LIMIT, 1.0, 1.09500)
    terminal.quote("EURUSD", 1.09400)
    assert terminal.positions_get() == ()
    (past,) = terminal.history_orders_get(ticket=ticket) or ()
    assert past.state == terminal.ORDER_STATE_REJECTED


# margin


def test_stop_out_closes_the_largest_loss_first_until_the_level_is_back() -> None:
    terminal = euro(balance=5_000)
    large = terminal.buy("EURUSD", 3.0)
    small = terminal.buy("EURUSD", 0.5)
    terminal.place("EURUSD", terminal.ORDER_TYPE_BUY_LIMIT, 0.1, 1.05000)
    # margin 3850.35; the level is 50 % where equity is 1925.18: a loss of 3074.82 on 3.5 lots is 87.9 pips
    terminal.quote("EURUSD", 1.09140)
    assert terminal.positions_total() == 2
    terminal.quote("EURUSD", 1.09120)
    assert [position.ticket for position in terminal.positions_get() or ()] == [small]
    deal = deals(terminal)[-1]
    assert (deal.position_id, deal.reason, deal.profit) == (large, terminal.DEAL_REASON_SO, -2670.0)
    assert deal.comment.startswith("[so ")
    assert terminal.orders_total() == 0
    assert account(terminal).margin_level > 50


def test_stop_out_in_money() -> None:
    terminal = euro(balance=5_000)
    account = terminal.broker.book.account
    terminal.broker.book.account = replace(account, margin_so_mode=1, margin_so_so=1_000.0)
    terminal.buy("EURUSD", 3.0)
    terminal.quote("EURUSD", 1.09800)
    assert terminal.positions_total() == 1  # 5000 - 630 - 3300.30 = 1069.70 free
    terminal.quote("EURUSD", 1.09770)
    assert terminal.positions_total() == 0


def test_a_stop_out_in_the_course_of_the_day_is_not_missed() -> None:
    terminal = SimulatedTerminal.fresh(3_000)
    terminal.market.load(
        "EURUSD", bars_from(*[(110_000, 110_010, 109_990, 110_000)] * 3, (110_000, 110_000, 108_000, 109_999))
    )
    terminal.buy("EURUSD", 2.0)
    terminal.advance(4000)
    assert terminal.positions_total() == 0
    assert deals(terminal)[-1].reason == terminal.DEAL_REASON_SO


# costs


@pytest.mark.parametrize(
    ("terms", "entry", "leave"),
    [
        (Commission(per_lot=2.5), -1.25, -1.25),
        (Commission(per_lot=5.0, both_sides=False), -2.5, 0.0),
        (Commission(of_value=0.00002), -1.1, -1.1),  # 50,000 euros at 1.1001 are 55,005 dollars
    ],
)
def test_commission_is_booked_on_the_deals(terms: Commission, entry: float, leave: float) -> None:
    terminal = euro()
    terminal.market.respecify("EURUSD", commission=terms)
    terminal.close(terminal.buy("EURUSD", 0.50))
    assert [deal.commission for deal in deals(terminal)] == [entry, leave]
    assert account(terminal).balance == pytest.approx(100_000 - 5.0 + entry + leave)


def swaps_over_a_week(symbol: str, **fields: Value) -> list[float]:
    """Return each night's swap of one lot from Monday 8 to Monday 15 June 2026."""
    terminal = SimulatedTerminal.fresh(at=datetime(2026, 6, 8, 12, tzinfo=UTC))
    terminal.market.respecify(symbol, **fields)
    terminal.quote(symbol, 1.10000 if symbol == "EURUSD" else 5000.0).buy(symbol, 1.0)
    nightly = []
    before = 0.0
    for day in range(9, 16):
        terminal.advance(datetime(2026, 6, day, 12, tzinfo=UTC))
        after = only_position(terminal).swap
        nightly.append(round(after - before, 2))
        before = after
    return nightly


def test_swap_is_charged_at_the_servers_midnight_and_three_times_on_wednesday() -> None:
    # -7.4 points of 1 dollar; the nights that end Monday to Sunday
    assert swaps_over_a_week("EURUSD") == [-7.4, -7.4, -22.2, -7.4, -7.4, 0.0, 0.0]


def test_an_index_books_its_weekend_on_friday() -> None:
    # 5000 * 7.2 % / 360 = 1.00
    assert swaps_over_a_week("US500", swap_long=-7.2) == [-1.0, -1.0, -1.0, -1.0, -3.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("mode", "swap"),
    [
        (0, 0.0),
        (1, -7.4),
        (2, -8.14),  # 7.4 euros at the ask of 1.1001
        (3, -8.14),
        (4, -7.4),
        (5, -22.61),  # 110,000 dollars * 7.4 % / 360
        (6, -22.61),  # the same at the opening price of 1.1001
        (7, 0.0),
    ],
)
def test_every_swap_mode(mode: int, swap: float) -> None:
    assert swaps_over_a_week("EURUSD", swap_mode=mode)[0] == pytest.approx(swap, abs=0.011)


def test_swap_comes_to_the_hour_even_in_the_mismatch_weeks() -> None:
    terminal = SimulatedTerminal.fresh(at=datetime(2026, 3, 10, 12, tzinfo=UTC))
    terminal.buy("EURUSD", 1.0)
    terminal.advance(datetime(2026, 3, 10, 20, 59, 59, tzinfo=UTC))
    assert only_position(terminal).swap == 0.0
    terminal.advance(1)
    assert only_position(terminal).swap == -7.4


def test_swap_is_in_the_equity_at_once_and_in_the_balance_at_the_close() -> None:
    terminal = euro()
    ticket = terminal.buy("EURUSD", 1.0)
    terminal.advance(datetime(2026, 6, 10, 23, tzinfo=UTC))
    assert only_position(terminal).swap == -22.2  # Wednesday
    assert account(terminal).balance == 100_000.0
    assert account(terminal).equity == 100_000 - 10.0 - 22.2
    terminal.close(ticket, 0.5)
    assert (deals(terminal)[-1].swap, only_position(terminal).swap) == (-11.1, -11.1)
    terminal.close(ticket)
    assert account(terminal).balance == 100_000 - 10.0 - 22.2


# history


def test_the_deposit_is_a_balance_deal_that_looks_like_an_entry() -> None:
    terminal = SimulatedTerminal.fresh(50_000)
    (deal,) = terminal.history_deals_get(0, 2_000_000_000) or ()
    assert (deal.type, deal.entry, deal.position_id, deal.symbol) == (terminal.DEAL_TYPE_BALANCE, IN, 0, "")
    assert (deal.profit, account(terminal).balance) == (50_000.0, 50_000.0)


def test_credit_is_no_balance() -> None:
    terminal = SimulatedTerminal.fresh(50_000)
    terminal.broker.deposit(1_000, "bonus", terminal.DEAL_TYPE_CREDIT)
    terminal.broker.deposit(-5_000, "withdrawal")
    row = account(terminal)
    assert (row.balance, row.credit, row.equity) == (45_000.0, 1_000.0, 46_000.0)


def test_history_goes_by_server_time_ticket_position_and_mask() -> None:
    terminal = euro()
    first = terminal.buy("EURUSD", 0.1)
    terminal.close(first)
    terminal.advance(3600)
    second = terminal.buy("GBPUSD", 0.1)
    server_now = terminal.clock.server_ms // 1000
    hour = terminal.history_deals_get(server_now - 1800, server_now + 86_400) or ()
    assert [deal.position_id for deal in hour] == [second]
    # asked up to UTC now, the last three hours are missing: the server runs ahead
    assert terminal.history_deals_get(0, terminal.clock.utc_ms // 1000) == ()
    assert [deal.entry for deal in terminal.history_deals_get(position=first) or ()] == [IN, OUT]
    assert [deal.order for deal in terminal.history_deals_get(ticket=second) or ()] == [second]
    masked = terminal.history_deals_get(0, 2_000_000_000, group="*USD,!GBP*") or ()
    assert {deal.symbol for deal in masked} == {"EURUSD"}
    assert terminal.history_deals_total(0, 2_000_000_000) == 4
    assert terminal.history_orders_total(0, 2_000_000_000) == 3
    assert next(iter(terminal.history_orders_get(position=first) or ())).ticket == first


def test_symbols_are_found_by_mask() -> None:
    terminal = SimulatedTerminal.fresh()
    names = [row.name for row in terminal.symbols_get("*USD*,!*JPY,!X*") or ()]  # type: ignore[union-attr]
    assert "EURUSD" in names
    assert "BTCUSD" in names
    assert not {"USDJPY", "XAUUSD", "GER40"} & set(names)
    assert terminal.symbols_total() == 19


# odd corners


def test_no_stop_out_while_the_market_is_closed() -> None:
    terminal = SimulatedTerminal.fresh(3_000, at=datetime(2026, 6, 13, 12, tzinfo=UTC))
    terminal.buy("EURUSD", 2.5)
    terminal.broker.deposit(-2_900, "withdrawal")
    terminal.broker.settle()
    assert account(terminal).margin_level < 50
    assert terminal.positions_total() == 1
    terminal.advance(datetime(2026, 6, 14, 21, 30, tzinfo=UTC))
    assert terminal.positions_total() == 0


def test_a_new_symbol_can_be_offered_and_trades_on_its_bars() -> None:
    terminal = SimulatedTerminal.fresh()
    copy = replace(terminal.market.contracts["EURUSD"], name="EURUSD.x")
    terminal.market.offer(copy, bars_from((120_000, 120_010, 119_990, 120_000)))
    terminal.buy("EURUSD.x", 0.10)
    assert only_position(terminal).price_open == 1.20010


def test_a_symbol_never_quoted_has_a_tick_of_zeros() -> None:
    terminal = SimulatedTerminal.fresh()
    terminal.market.offer(replace(terminal.market.contracts["EURUSD"], name="EURUSD.x"))
    terminal.symbol_select("EURUSD.x")
    assert terminal.symbol_info_tick("EURUSD.x") == (0, 0.0, 0.0, 0.0, 0, 0, 0, 0.0)
    terminal.buy("EURUSD.x", 0.10)
    assert only_position(terminal).profit == 0.0


@pytest.mark.parametrize(("gap", "price"), [(-2_000, 1.09000), (-1, 1.09503)])
def test_a_gap_in_the_middle_of_a_bar_is_no_smooth_move(gap: int, price: float) -> None:
    terminal = SimulatedTerminal.fresh()
    falling = (110_000, 110_000, 109_400, 109_400)
    flat = (110_000, 110_010, 109_990, 110_000)
    terminal.market.load("EURUSD", bars_from(flat if gap < -1 else falling))
    terminal.buy("EURUSD", 0.10, stop=1.09503)
    terminal.market.gap("EURUSD", gap, at=terminal.clock.utc_ms + 5_000)
    terminal.advance(890)
    filled = deals(terminal)[-1].price
    assert filled < price if gap < -1 else filled == price


def test_what_is_left_of_a_close_dies_with_its_position() -> None:
    terminal = euro()
    ticket = terminal.buy("EURUSD", 0.50)
    rest = terminal.place("EURUSD", terminal.ORDER_TYPE_SELL_LIMIT, 0.25, 1.11000)
    terminal.broker.book.orders[rest].closes = ticket
    terminal.close(ticket)
    terminal.quote("EURUSD", 1.12000)
    assert terminal.positions_get() == ()
    (past,) = terminal.history_orders_get(ticket=rest) or ()
    assert past.state == terminal.ORDER_STATE_CANCELED


def test_what_can_not_be_converted_can_not_be_afforded() -> None:
    terminal = euro()
    terminal.market.offer(
        replace(terminal.market.contracts["EURUSD"], name="SEKNOK", currency_margin="SEK", currency_profit="NOK")
    )
    terminal.quote("SEKNOK", 1.0)
    assert terminal.broker.affords("SEKNOK", BUY, 0.10, 1.0) is False

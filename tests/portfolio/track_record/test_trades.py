"""Deals become trades: several entries and exits are one, a reversal is two, deposits are none, gaps are named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.model import Deal, DealEntry, DealKind, Side
from portfolio.track_record.trades import History, Trade, independent, trades

START = datetime(2026, 6, 1, 8, tzinfo=UTC)


def deal(words: str, *, minute: int, position: int = 1, symbol: str = "EURUSD", **money: str) -> Deal:
    """Return a deal: "in buy 1.00 @ 1.1000", money by name (profit, commission, swap, fee)."""
    entry, side, volume, _, price = words.split()
    return Deal(
        ticket=1000 + minute,
        order=minute,
        position_id=position,
        symbol=symbol,
        kind=DealKind.TRADE,
        side=Side(side),
        entry=DealEntry(entry),
        volume=Decimal(volume),
        price=Decimal(price),
        profit=Decimal(money.get("profit", "0")),
        commission=Decimal(money.get("commission", "0")),
        swap=Decimal(money.get("swap", "0")),
        fee=Decimal(money.get("fee", "0")),
        at=START + timedelta(minutes=minute),
    )


def read(*deals: Deal, **stops: str) -> History:
    """Return the history of the deals; stops as p1="1.0950"."""
    return trades(deals, {int(name[1:]): Decimal(price) for name, price in stops.items()})


def only(history: History) -> Trade:
    assert history.left_out == ()
    (trade,) = history.trades
    return trade


ROUND = (
    deal("in buy 1.00 @ 1.1000", minute=0, commission="-3.50"),
    deal("out sell 1.00 @ 1.1080", minute=60, commission="-3.50", swap="-1.20", profit="800"),
)


def test_a_round_turn_is_a_trade_with_the_commission_of_its_entry() -> None:
    trade = only(read(*ROUND))
    assert (trade.side, trade.lots, trade.entry, trade.exit) == (Side.BUY, Decimal(1), Decimal("1.1"), Decimal("1.108"))
    assert (trade.gross, trade.net) == (Decimal(800), Decimal("791.80"))
    assert trade.closed_at - trade.opened_at == timedelta(hours=1)


def test_the_order_of_the_deals_does_not_matter() -> None:
    assert read(*ROUND) == read(*reversed(ROUND))


def test_net_result_over_risk_at_entry_is_the_r_multiple() -> None:
    # 50 points at 100,000 a price unit are 500 at risk; 791.80 / 500
    trade = only(read(*ROUND, p1="1.0950"))
    assert trade.risk == 500
    assert trade.r_multiple == pytest.approx(1.5836)


def test_without_a_stop_there_is_no_r_multiple() -> None:
    assert only(read(*ROUND)).r_multiple is None


@pytest.mark.parametrize("stop", ["1.1000", "1.1050"])
def test_a_stop_that_risks_nothing_tells_no_risk(stop: str) -> None:
    assert only(read(*ROUND, p1=stop)).risk is None


def test_a_short_risks_the_distance_above_it() -> None:
    trade = only(
        read(
            deal("in sell 0.50 @ 1.1000", minute=0),
            deal("out buy 0.50 @ 1.1050", minute=9, profit="-250"),
            p1="1.1050",
        )
    )
    assert trade.risk == 250
    assert trade.r_multiple == -1.0


def test_a_position_closed_in_parts_is_one_trade() -> None:
    trade = only(
        read(
            deal("in buy 1.00 @ 1.1000", minute=0, commission="-7"),
            deal("out sell 0.60 @ 1.1050", minute=10, profit="300", commission="-4"),
            deal("out sell 0.40 @ 1.0950", minute=20, profit="-200", commission="-3"),
        )
    )
    # (0.6 x 1.1050 + 0.4 x 1.0950) / 1.0, and 300 - 200 - 14
    assert trade.exit == Decimal("1.1010")
    assert trade.net == 86
    assert trade.closed_at == START + timedelta(minutes=20)


def test_an_addition_averages_the_entry_and_the_risk() -> None:
    trade = only(
        read(
            deal("in buy 1.00 @ 1.1000", minute=0),
            deal("in buy 1.00 @ 1.1040", minute=5),
            deal("out sell 2.00 @ 1.1070", minute=9, profit="1000"),
            p1="1.0970",
        )
    )
    # entry 1.1020, two lots, 50 points to the stop
    assert (trade.entry, trade.lots, trade.risk) == (Decimal("1.1020"), Decimal(2), Decimal(1000))


def test_a_reversal_ends_one_trade_and_begins_the_next() -> None:
    history = read(
        deal("in buy 1.00 @ 1.1000", minute=0, commission="-3"),
        deal("inout sell 1.50 @ 1.1050", minute=10, profit="500", commission="-4.50"),
        deal("out buy 0.50 @ 1.1010", minute=20, profit="200", commission="-1.50"),
        p1="1.0950",
    )
    first, second = history.trades
    # of 4.50 commission two thirds pay for the lot that was closed: 500 - 3 - 3, and 200 - 1.50 - 1.50
    assert (first.side, first.lots, first.net) == (Side.BUY, Decimal(1), Decimal(494))
    assert (second.side, second.lots, second.net) == (Side.SELL, Decimal("0.5"), Decimal(197))
    assert (first.risk, second.risk) == (Decimal(500), None)


def test_a_position_still_open_is_no_trade_yet() -> None:
    assert read(*ROUND[:1]) == History((), ())
    part = deal("out sell 0.40 @ 1.1080", minute=30, profit="320")
    assert read(ROUND[0], part) == History((), ())


def test_hedged_positions_are_told_apart_and_closed_by_each_other() -> None:
    history = read(
        deal("in buy 1.00 @ 1.1000", minute=0, position=1),
        deal("in sell 1.00 @ 1.1020", minute=1, position=2),
        deal("out_by sell 1.00 @ 1.1020", minute=9, position=1, profit="200"),
        deal("out_by buy 1.00 @ 1.1020", minute=9, position=2),
    )
    assert [(trade.position_id, trade.side, trade.net) for trade in history.trades] == [
        (1, Side.BUY, Decimal(200)),
        (2, Side.SELL, Decimal(0)),
    ]


@pytest.mark.parametrize("kind", [DealKind.BALANCE, DealKind.CREDIT, DealKind.OTHER])
def test_money_moved_without_a_trade_is_left_out(kind: DealKind) -> None:
    # a deposit is booked with entry IN, no position and its amount as profit
    deposit = deal("in buy 1.00 @ 0", minute=5, position=0, profit="100000")._replace(kind=kind, volume=Decimal(0))
    assert read(deposit, *ROUND) == read(*ROUND)


@pytest.mark.parametrize(
    ("deals", "fault"),
    [
        ((ROUND[1],), "its entry is missing"),
        ((ROUND[0], deal("out sell 2.00 @ 1.1", minute=9)), "it closes 2.00 lots of 1.00"),
        ((ROUND[0], deal("out buy 1.00 @ 1.1", minute=9)), "booked as out of a buy, on the side buy"),
        ((ROUND[0], deal("in sell 1.00 @ 1.1", minute=9)), "booked as in of a buy, on the side sell"),
        ((ROUND[0]._replace(side=None),), "no side, entry or volume"),
        ((ROUND[0]._replace(entry=None),), "no side, entry or volume"),
        ((ROUND[0]._replace(volume=Decimal(0)),), "no side, entry or volume"),
    ],
)
def test_deals_with_missing_legs_make_no_trade_and_are_named(deals: tuple[Deal, ...], fault: str) -> None:
    history = read(*deals, deal("in buy 1 @ 2.0", minute=0, position=7), deal("out sell 1 @ 2.1", minute=1, position=7))
    assert [trade.position_id for trade in history.trades] == [7]
    (left,) = history.left_out
    assert left.position_id == 1
    assert fault in left.because


def test_trades_of_no_position_are_named() -> None:
    assert read(ROUND[0]._replace(position_id=0)).left_out[0].because == "1 deals belong to no position"


def test_a_trade_that_moved_by_cents_is_valued_by_the_others_of_its_symbol() -> None:
    tiny = (
        deal("in buy 0.01 @ 1.10000", minute=100, position=2),
        # one point is worth 0.01 and the broker books a cent; 100,000 a price unit are known from the other trade
        deal("out sell 0.01 @ 1.10001", minute=101, position=2, profit="0.01"),
    )
    history = read(*ROUND, *tiny, p2="1.09900")
    # 0.001 x 0.01 x (800.01 / 0.0080001) = 1.00
    assert history.trades[1].risk == pytest.approx(Decimal(1), rel=Decimal("1e-9"))


def test_a_flat_trade_alone_tells_no_risk() -> None:
    flat = (deal("in buy 1 @ 1.1", minute=0), deal("out sell 1 @ 1.1", minute=1, commission="-7"))
    assert only(read(*flat, p1="1.09")).risk is None


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(-5, 5)), min_size=1, max_size=12))
def test_trades_that_are_complete_add_up_to_the_balance(turns: list[tuple[int, int]]) -> None:
    deals = []
    for at, (lots, points) in enumerate(turns):
        entry = deal(f"in buy {lots} @ 1.1", minute=10 * at, position=at + 1, commission="-1")
        price, profit = Decimal("1.1") + Decimal(points) / 1000, Decimal(points) * 100 * lots
        leave = deal(f"out sell {lots} @ {price}", minute=10 * at + 5, position=at + 1, profit=str(profit))
        deals += [entry, leave]
    assert sum(trade.net for trade in read(*deals).trades) == sum(one.net for one in deals)


# independent trades


def trade(words: str, start: int, end: int, net: int = 10, risk: int | None = 100) -> Trade:
    """Return "EURUSD buy" held from one minute to another."""
    symbol, side = words.split()
    return Trade(
        position_id=start,
        symbol=symbol,
        side=Side(side),
        opened_at=START + timedelta(minutes=start),
        closed_at=START + timedelta(minutes=end),
        lots=Decimal(1),
        entry=Decimal(2),
        exit=Decimal(2),
        gross=Decimal(net),
        net=Decimal(net),
        risk=None if risk is None else Decimal(risk),
    )


def test_a_grid_is_one_bet() -> None:
    (merged,) = independent([trade("EURUSD buy", at, 60) for at in range(20)])
    assert (merged.net, merged.risk, merged.lots) == (Decimal(200), Decimal(2000), Decimal(20))


def test_overlaps_chain_even_where_the_first_and_the_last_do_not_meet() -> None:
    chain = [trade("EURUSD buy", 0, 10), trade("EURUSD buy", 9, 20), trade("EURUSD buy", 19, 30)]
    assert len(independent(chain)) == 1


@pytest.mark.parametrize("other", ["EURUSD sell", "GBPUSD buy"])
def test_another_side_or_symbol_is_another_bet(other: str) -> None:
    assert len(independent([trade("EURUSD buy", 0, 10), trade(other, 5, 15)])) == 2


def test_one_that_opens_when_the_other_closes_is_another_bet() -> None:
    assert len(independent([trade("EURUSD buy", 0, 10), trade("EURUSD buy", 10, 20)])) == 2


def test_a_stop_missing_in_one_is_missing_in_the_whole() -> None:
    (merged,) = independent([trade("EURUSD buy", 0, 10), trade("EURUSD buy", 5, 15, risk=None)])
    assert merged.risk is None

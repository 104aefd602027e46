"""However one trades on it, the paper broker's books balance."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mt5bridge.metatrader.structs import Record
from mt5bridge.simulated import SimulatedTerminal
from mt5bridge.simulated.faults.faults import plan_from_rows

SYMBOLS = ("EURUSD", "USDJPY", "XAUUSD", "GER40")
EVER = (0, 2_000_000_000)
symbols = st.sampled_from(SYMBOLS)
sides = st.sampled_from([0, 1])
lots = st.integers(1, 300).map(lambda steps: round(steps * 0.01, 2))
distances = st.integers(20, 3000)


class Trading(RuleBasedStateMachine):
    """Random trading on one account; after every act the books are checked."""

    terminal: SimulatedTerminal

    @initialize(
        netting=st.booleans(), seed=st.integers(0, 5), balance=st.sampled_from([3_000, 100_000]),
        currency=st.sampled_from(["USD", "EUR", "CHF"]),
    )  # fmt: skip
    def open_account(self, netting: bool, seed: int, balance: int, currency: str) -> None:  # noqa: FBT001
        self.terminal = SimulatedTerminal.fresh(balance, currency, netting=netting, seed=seed)
        for symbol in SYMBOLS:
            self.terminal.symbol_select(symbol)

    def _request(self, symbol: str, side: int, volume: float, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
        return {"action": 1, "symbol": symbol, "type": side, "volume": volume, "type_filling": 1, **fields}

    @rule(symbol=symbols, side=sides, volume=lots, bracket=st.none() | st.tuples(distances, distances))
    def trade(self, symbol: str, side: int, volume: float, bracket: tuple[int, int] | None) -> None:
        contract = self.terminal.market.contracts[symbol]
        quote = self.terminal.market.quote(symbol)
        way = 1 if side == 0 else -1
        price = contract.points(quote.bid if side == 0 else quote.ask)
        stops: dict[str, float] = {}
        if bracket:
            stop, target = bracket
            stops = {"sl": contract.price(price - way * stop), "tp": contract.price(price + way * target)}
        checked = self.terminal.order_check(self._request(symbol, side, volume, **stops))
        result = self.terminal.order_send(self._request(symbol, side, volume, **stops))
        assert checked is not None
        assert result is not None
        assert (checked.retcode == 0) == (result.retcode == 10009)
        if result.retcode == 10009:
            (deal,) = self.terminal.history_deals_get(ticket=result.order) or ()
            assert (deal.volume, deal.price) == (volume, result.price)

    @rule(symbol=symbols, side=sides, volume=lots, filling=st.integers(0, 2), share=st.sampled_from([0.1, 0.5, 0.9]))
    def trade_in_parts(self, symbol: str, side: int, volume: float, filling: int, share: float) -> None:
        self.terminal.market.respecify(symbol, trade_exemode=3)
        plan = [{"call": "order_send", "nth": 1, "fault": "partial_fill", "share": share}]
        self.terminal.faults = plan_from_rows(plan)
        self.terminal.order_send(self._request(symbol, side, volume, type_filling=filling))

    @rule(symbol=symbols, kind=st.integers(2, 5), volume=lots, away=distances)
    def leave_an_order(self, symbol: str, kind: int, volume: float, away: int) -> None:
        contract, quote = self.terminal.market.contracts[symbol], self.terminal.market.quote(symbol)
        above = kind in (3, 4)
        base = quote.ask if kind in (2, 4) else quote.bid
        price = contract.price(contract.points(base) + (away if above else -away))
        self.terminal.order_send(
            {"action": 5, "symbol": symbol, "type": kind, "volume": volume, "price": price, "type_filling": 2}
        )

    @precondition(lambda self: self.terminal.positions_total())
    @rule(data=st.data(), share=st.sampled_from([0.3, 0.5, 1.0]))
    def close(self, data: st.DataObject, share: float) -> None:
        rows = self.terminal.positions_get() or ()
        position: Record = data.draw(st.sampled_from(rows))
        volume = max(round(int(position.volume * share / 0.01) * 0.01, 2), 0.01)
        tick = self.terminal.symbol_info_tick(position.symbol)
        assert tick is not None
        price = tick.bid if position.type == 0 else tick.ask
        profit = self.terminal.order_calc_profit(position.type, position.symbol, volume, position.price_open, price)
        request = self._request(position.symbol, 1 - position.type, volume, position=position.ticket)
        result = self.terminal.order_send(request)
        assert result is not None
        if result.retcode == 10009:
            (deal,) = self.terminal.history_deals_get(ticket=result.order) or ()
            assert deal.profit == profit

    @rule(minutes=st.integers(1, 3000))
    def wait(self, minutes: int) -> None:
        self.terminal.advance(minutes * 60)

    @rule(symbol=symbols, points=st.integers(-4000, 4000))
    def jump(self, symbol: str, points: int) -> None:
        self.terminal.market.gap(symbol, points)
        self.terminal.broker.settle()

    @rule(money=st.integers(-500, 500))
    def move_money(self, money: int) -> None:
        self.terminal.broker.deposit(money)

    @invariant()
    def the_balance_is_the_sum_of_the_deals(self) -> None:
        if not hasattr(self, "terminal"):
            return
        deals = self.terminal.history_deals_get(*EVER) or ()
        account = self.terminal.account_info()
        assert account is not None
        total = sum(deal.profit + deal.commission + deal.swap + deal.fee for deal in deals)
        assert account.balance == pytest.approx(total, abs=1e-6)

    @invariant()
    def equity_is_balance_and_what_floats(self) -> None:
        if not hasattr(self, "terminal"):
            return
        account = self.terminal.account_info()
        rows = self.terminal.positions_get() or ()
        assert account is not None
        floating = sum(row.profit + row.swap for row in rows)
        assert account.equity == pytest.approx(account.balance + account.credit + floating, abs=0.005)
        assert account.margin_free == pytest.approx(account.equity - account.margin, abs=0.005)
        assert (account.margin > 0) == bool(rows)
        assert account.margin_level == pytest.approx(account.equity / account.margin * 100 if rows else 0.0)

    @invariant()
    def lots_held_are_lots_bought_less_lots_sold(self) -> None:
        if not hasattr(self, "terminal"):
            return
        held: dict[str, float] = dict.fromkeys(SYMBOLS, 0.0)
        for row in self.terminal.positions_get() or ():
            held[row.symbol] += row.volume if row.type == 0 else -row.volume
        traded: dict[str, float] = dict.fromkeys(SYMBOLS, 0.0)
        for deal in self.terminal.history_deals_get(*EVER) or ():
            if deal.type in (0, 1):
                traded[deal.symbol] += deal.volume if deal.type == 0 else -deal.volume
        assert held == pytest.approx(traded, abs=1e-6)

    @invariant()
    def a_netting_account_holds_one_position_a_symbol(self) -> None:
        if not hasattr(self, "terminal") or self.terminal.broker.book.account.hedging:
            return
        names = [row.symbol for row in self.terminal.positions_get() or ()]
        assert len(names) == len(set(names))

    @invariant()
    def a_lone_position_ties_up_its_order_calc_margin(self) -> None:
        if not hasattr(self, "terminal"):
            return
        book = self.terminal.broker.book
        account = self.terminal.account_info()
        assert account is not None
        if len(book.positions) == 1:
            (position,) = book.positions.values()
            assert account.margin == pytest.approx(position.margin, abs=0.005)


TestTrading = Trading.TestCase


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("netting", [True, False])
def test_margin_right_after_opening_is_order_calc_margin(symbol: str, *, netting: bool) -> None:
    terminal = SimulatedTerminal.fresh(netting=netting)
    tick = terminal.symbol_info_tick(symbol)
    assert tick is not None
    margin = terminal.order_calc_margin(0, symbol, 0.37, tick.ask)
    terminal.buy(symbol, 0.37)
    account = terminal.account_info()
    assert account is not None
    assert account.margin == margin

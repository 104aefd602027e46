"""The account's figures now: floating profit, equity, margin with hedges netted, margin level."""

from __future__ import annotations

from typing import NamedTuple

from mt5bridge.metatrader.constants import Constants
from mt5bridge.simulated.broker.book import BookPosition, PaperBook
from mt5bridge.simulated.market.market import PaperMarket
from mt5bridge.simulated.market.pricing import BUY, Pricing


class AccountFigures(NamedTuple):
    """An account's figures in deposit currency; `level` in per cent, 0.0 with no margin in use."""

    balance: float
    credit: float
    profit: float
    equity: float
    margin: float
    free: float
    level: float


class Accounting:
    """The sums over one book at the market's present prices."""

    def __init__(self, book: PaperBook, market: PaperMarket, pricing: Pricing) -> None:
        self.book = book
        self.market = market
        self.pricing = pricing

    def closing_price(self, position: BookPosition) -> float:
        """Return the price that would close the position: bid for a buy, ask for a sell."""
        quote = self.market.quote(position.symbol)
        return quote.bid if position.side == BUY else quote.ask

    def profit(self, position: BookPosition) -> float:
        """Return price gain without swap; 0.0 while the symbol has no price or no conversion."""
        price = self.closing_price(position)
        if price <= 0:
            return 0.0
        contract = self.market.contracts[position.symbol]
        gain = self.pricing.profit(contract, position.side, position.volume, position.price_open, price)
        return 0.0 if gain is None else gain

    def margin(self, extra: BookPosition | None = None) -> float:
        """Return the margin of all positions, and of one more; when hedging, covered lots of a symbol count once."""
        positions = list(self.book.positions.values())
        if not self.book.account.hedging:
            return self.pricing.round_money(
                sum(position.margin for position in positions) + self._netting_change(extra)
            )
        if extra:
            positions.append(extra)
        legs: dict[str, tuple[list[BookPosition], list[BookPosition]]] = {}
        for position in positions:
            legs.setdefault(position.symbol, ([], []))[0 if position.side == BUY else 1].append(position)
        return self.pricing.round_money(sum(self._hedged_margin(symbol, *volumes) for symbol, volumes in legs.items()))

    def _hedged_margin(self, symbol: str, buys: list[BookPosition], sells: list[BookPosition]) -> float:
        """Uncovered lots at the heavier leg's average, covered lots by the contract's hedged size."""
        contract = self.market.contracts[symbol]
        money = [sum(position.margin for position in leg) for leg in (buys, sells)]
        if not buys or not sells:
            return sum(money)
        if contract.margin_hedged_use_leg:
            return max(money)
        lots = [sum(position.volume for position in leg) for leg in (buys, sells)]
        heavy = 0 if lots[0] >= lots[1] else 1
        matched_lots = min(lots)
        share = contract.margin_hedged / contract.trade_contract_size
        return money[heavy] * (1 - matched_lots / lots[heavy]) + sum(money) / sum(lots) * matched_lots * share

    def _netting_change(self, extra: BookPosition | None) -> float:
        """Return by how much one more trade changes a netting account's margin."""
        if extra is None:
            return 0.0
        positions = self.book.in_symbol(extra.symbol)
        if not positions or positions[0].side == extra.side:
            return extra.margin
        if extra.volume <= positions[0].volume:
            return -positions[0].margin * extra.volume / positions[0].volume
        return extra.margin * (1 - positions[0].volume / extra.volume) - positions[0].margin

    def figures(self) -> AccountFigures:
        """Return the account's figures now; floating profit includes swap, as the terminal shows it."""
        book = self.book
        floating = sum(self.profit(position) + position.swap for position in book.positions.values())
        profit = self.pricing.round_money(floating)
        equity = self.pricing.round_money(book.balance + book.credit + profit)
        margin = self.margin()
        level = equity / margin * 100 if margin > 0 else 0.0
        return AccountFigures(
            book.balance, book.credit, profit, equity, margin, self.pricing.round_money(equity - margin), level
        )

    def is_out_of_margin(self, figures: AccountFigures) -> bool:
        """Whether the broker may close positions: below the stop-out level, in per cent or in money."""
        account = self.book.account
        if figures.margin <= 0:
            return False
        if account.margin_so_mode == Constants.ACCOUNT_STOPOUT_MODE_MONEY:
            return figures.free < account.margin_so_so
        return figures.level < account.margin_so_so

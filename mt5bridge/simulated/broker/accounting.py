"""What the account is worth now: floating profit, equity, margin with hedges netted, margin level."""

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
        """Return what the position would be closed at: bid for a buy, ask for a sell."""
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
        held = list(self.book.positions.values())
        if not self.book.account.hedging:
            return self.pricing.rounded(sum(position.margin for position in held) + self._netted(extra))
        if extra:
            held.append(extra)
        legs: dict[str, tuple[list[BookPosition], list[BookPosition]]] = {}
        for position in held:
            legs.setdefault(position.symbol, ([], []))[0 if position.side == BUY else 1].append(position)
        return self.pricing.rounded(sum(self._hedged(symbol, *both) for symbol, both in legs.items()))

    def _hedged(self, symbol: str, buys: list[BookPosition], sells: list[BookPosition]) -> float:
        """Uncovered lots at the heavier leg's average, covered lots by the contract's hedged size."""
        contract = self.market.contracts[symbol]
        money = [sum(position.margin for position in leg) for leg in (buys, sells)]
        if not buys or not sells:
            return sum(money)
        if contract.margin_hedged_use_leg:
            return max(money)
        lots = [sum(position.volume for position in leg) for leg in (buys, sells)]
        heavy = 0 if lots[0] >= lots[1] else 1
        covered = min(lots)
        share = contract.margin_hedged / contract.trade_contract_size
        return money[heavy] * (1 - covered / lots[heavy]) + sum(money) / sum(lots) * covered * share

    def _netted(self, extra: BookPosition | None) -> float:
        """Return by how much one more trade changes a netting account's margin."""
        if extra is None:
            return 0.0
        held = self.book.in_symbol(extra.symbol)
        if not held or held[0].side == extra.side:
            return extra.margin
        if extra.volume <= held[0].volume:
            return -held[0].margin * extra.volume / held[0].volume
        return extra.margin * (1 - held[0].volume / extra.volume) - held[0].margin

    def standing(self) -> AccountFigures:
        """Return the account's figures now; floating profit includes swap, as the terminal shows it."""
        book = self.book
        floating = sum(self.profit(position) + position.swap for position in book.positions.values())
        profit = self.pricing.rounded(floating)
        equity = self.pricing.rounded(book.balance + book.credit + profit)
        margin = self.margin()
        level = equity / margin * 100 if margin > 0 else 0.0
        return AccountFigures(
            book.balance, book.credit, profit, equity, margin, self.pricing.rounded(equity - margin), level
        )

    def is_out_of_margin(self, standing: AccountFigures) -> bool:
        """Whether the broker may close positions: below the stop-out level, in per cent or in money."""
        account = self.book.account
        if standing.margin <= 0:
            return False
        if account.margin_so_mode == Constants.ACCOUNT_STOPOUT_MODE_MONEY:
            return standing.free < account.margin_so_so
        return standing.level < account.margin_so_so

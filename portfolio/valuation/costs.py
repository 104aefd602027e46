"""Costs of a trade besides its loss: commission, slippage and swap, each with the source of its figure.

Commission is read from the account's own deals. A round turn is what entries paid per lot plus what exits paid per lot,
fees included. Deals of both kinds show on which side a broker books: where exits were seen and paid nothing, the entry
paid for both and is not doubled. Where only one kind was seen, the other is taken to pay the same. A figure that is
configured or assumed is a round turn, half of it due at the exit.

A rate grows with the price (stocks, metals by value) but never shrinks with it: the larger of the figure per lot and
the figure per value counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Final, NamedTuple

from portfolio.model import ZERO, Deal, DealEntry, DealKind, Side, SymbolSpec
from portfolio.reasons import Refusal
from portfolio.rounding import UP, loss_up
from portfolio.valuation.conversion import FOREX_MODES, Prices
from portfolio.valuation.money_per_lot import Worth, exposure_per_lot
from portfolio.valuation.swap import swap_per_lot

NEWEST: Final = 50
"""Deals of a symbol and direction that count, so that a changed tariff shows soon."""
# FTMO's symbol page states 5 USD a lot of EURUSD and leaves open whether one way; this is both ways
ASSUMED: Final = Decimal(10) / 100_000
"""Round turn per notional where nothing is known."""


class Costs(NamedTuple):
    """Costs of one lot of a symbol, deposit currency, never negative, rounded up to 1e-8."""

    commission: Decimal
    """Round turn."""
    exit_commission: Decimal
    """The part still due when an open position closes."""
    slippage: Decimal
    swap: Decimal
    """For holding over the coming rollovers on the side asked for."""
    because: str
    swap_buy: Decimal | None = None
    swap_sell: Decimal | None = None
    """The same for either side; None where only `swap` is known."""

    def swap_of(self, side: Side) -> Decimal:
        """Return the swap that the nights cost a position on this side."""
        own = self.swap_buy if side is Side.BUY else self.swap_sell
        return self.swap if own is None else own

    @property
    def in_all(self) -> Decimal:
        """Return the costs of a new trade: round turn, slippage and swap."""
        return self.commission + self.slippage + self.swap


class Paid(NamedTuple):
    """Commission that deals of one direction have paid: `money` on `lots` worth `value` (lots times price)."""

    deals: int = 0
    lots: Decimal = ZERO
    value: Decimal = ZERO
    money: Decimal = ZERO

    @classmethod
    def by(cls, deals: Iterable[Deal]) -> Paid:
        """Return the sum over the newest deals; commission and fee are negative in a deal that cost something."""
        newest = sorted(deals, key=lambda deal: (deal.at, deal.ticket))[-NEWEST:]
        return cls(
            len(newest),
            sum((deal.volume for deal in newest), ZERO),
            sum((deal.volume * deal.price for deal in newest), ZERO),
            sum((-deal.commission - deal.fee for deal in newest), ZERO),
        )

    def per_lot(self, price: Decimal) -> Decimal | None:
        """Return the commission of a lot at `price`, not below the one it has paid; None without a deal."""
        if self.lots <= 0:
            return None
        now = self.money * price / self.value if self.value > 0 else ZERO
        return max(self.money / self.lots, now, ZERO)


class Tally(NamedTuple):
    """Commission that the deals of one symbol have paid at entries and at exits."""

    entry: Paid
    exit: Paid


class Commissions(NamedTuple):
    """Commission in an account's history."""

    symbols: Mapping[str, Tally]
    apart: bool
    """Charges are booked outside the trades (daily or monthly), so a trade without one proves nothing."""


class _Rate(NamedTuple):
    round_turn: Decimal
    at_exit: Decimal
    because: str


def commissions(deals: Iterable[Deal]) -> Commissions:
    """Return the commissions of the newest deals of each symbol.

    Reversals and closes by an opposite position are left out: they mix both directions, or pay neither.
    """
    by_symbol: dict[str, dict[DealEntry, list[Deal]]] = {}
    apart = False
    for deal in deals:
        entry = deal.entry
        if deal.kind is DealKind.TRADE and (entry is DealEntry.IN or entry is DealEntry.OUT):
            by_symbol.setdefault(deal.symbol, {}).setdefault(entry, []).append(deal)
        elif deal.kind is DealKind.OTHER and deal.net < 0:
            apart = True
    with localcontext(UP):
        symbols = {
            symbol: Tally(Paid.by(deals_by_entry.get(DealEntry.IN, ())), Paid.by(deals_by_entry.get(DealEntry.OUT, ())))
            for symbol, deals_by_entry in by_symbol.items()
        }
    return Commissions(symbols, apart)


def costs(
    market: Prices,
    spec: SymbolSpec,
    side: Side,
    worth: Worth,
    *,
    price: Decimal,
    history: Commissions,
    spread: Decimal,
    nights: Sequence[int] = (),
    kin: Iterable[str] = (),
    setting: Decimal | None = None,
    all_week: bool = False,
    slippage: Decimal | None = None,
    usual_rate: Decimal = ASSUMED,
) -> Costs | Refusal:
    """Return the costs of one lot of a trade at `price` until it is flat, and their reason.

    `worth` is the checked value of a move (`money_per_lot.worth`), `spread` the median one as a price distance,
    `nights` the rollovers to come (`swap.rollovers`), `kin` the symbols of the same asset class, `configured` a round
    turn per lot, `slippage` money per lot in place of one spread. Commission: this symbol's deals, else its class's,
    else configured, else `usual_rate` of the notional. Refuses as `swap_per_lot` does.
    """
    with localcontext(UP):
        swaps: list[Decimal] = []
        for either in Side:
            swap = swap_per_lot(market, spec, either, worth, price=price, nights=nights, all_week=all_week)
            if isinstance(swap, Refusal):
                return swap
            swaps.append(swap)
        buy, sell = swaps
        swap = buy if side is Side.BUY else sell
        rate = (
            _from_deals(spec, price, history)
            or _from_kin(market, spec, worth.notional(price), history, kin)
            or _from_settings(worth, price, setting, usual_rate)
        )
        slippage_cost = loss_up(worth.of(spread, price) if slippage is None else slippage)
        because = (
            f"commission {rate.round_turn:.2f} a lot {rate.because}; "
            f"slippage {slippage_cost:.2f}, {f'one spread of {spread}' if slippage is None else 'as configured'}; "
            f"swap {swap:.2f} for {len(nights)} night{'' if len(nights) == 1 else 's'}"
        )
        return Costs(loss_up(rate.round_turn), loss_up(rate.at_exit), slippage_cost, swap, because, buy, sell)


def _from_deals(spec: SymbolSpec, price: Decimal, history: Commissions) -> _Rate | None:
    """Return the commissions of this symbol's own deals; None without deals, or where their zero proves nothing."""
    tally = history.symbols.get(spec.name)
    if tally is None:
        return None
    return _round_turn(tally.entry.per_lot(price), tally.exit.per_lot(price), spec.name, tally, history)


def _from_kin(
    market: Prices, spec: SymbolSpec, notional: Decimal, history: Commissions, kin: Iterable[str]
) -> _Rate | None:
    """Return the dearest tariff of the same asset class, by notional; Forex pairs of one size also by lot."""
    best: _Rate | None = None
    for name in sorted(kin):
        kin_spec, tally = market.specs.get(name), history.symbols.get(name)
        if kin_spec is None or tally is None or name == spec.name:
            continue
        by_lot = {spec.calc_mode, kin_spec.calc_mode} <= FOREX_MODES and spec.contract_size == kin_spec.contract_size
        sides = [_cost_at_tariff(market, name, payment, notional, by_lot=by_lot) for payment in tally]
        rate = _round_turn(sides[0], sides[1], f"its class ({name})", tally, history)
        if rate is not None and (best is None or rate.round_turn > best.round_turn):
            best = rate
    return best


def _cost_at_tariff(market: Prices, name: str, payment: Paid, notional: Decimal, *, by_lot: bool) -> Decimal | None:
    """Return the commission of a lot of `notional` at the tariff of another symbol."""
    if payment.lots <= 0 or payment.value <= 0:
        return None
    own = exposure_per_lot(market, name, payment.value / payment.lots)
    if isinstance(own, Refusal) or own <= 0:
        return None
    by_value = payment.money / payment.lots * notional / own
    return max(by_value, payment.money / payment.lots if by_lot else ZERO, ZERO)


def _round_turn(
    entry: Decimal | None, at_exit: Decimal | None, whose: str, tally: Tally, history: Commissions
) -> _Rate | None:
    """Return entry plus exit; a direction that was not seen pays like the other."""
    known_side = entry if at_exit is None else at_exit
    if known_side is None:
        return None
    first, last = known_side if entry is None else entry, known_side if at_exit is None else at_exit
    if history.apart and first + last == 0:
        return None
    guess = ", the unseen direction taken to pay the same" if entry is None or at_exit is None else ""
    count = tally.entry.deals + tally.exit.deals
    return _Rate(first + last, last, f"from {count} deal{'' if count == 1 else 's'} of {whose}{guess}")


def _from_settings(worth: Worth, price: Decimal, setting: Decimal | None, usual_rate: Decimal) -> _Rate:
    """Return the configured round turn, else the assumed one; half of it is due at the exit."""
    if setting is not None:
        return _Rate(setting, setting / 2, "as configured")
    round_turn = worth.notional(price) * usual_rate
    per = (usual_rate * 100_000).normalize()
    return _Rate(round_turn, round_turn / 2, f"assumed: {per:f} per 100,000 of notional")

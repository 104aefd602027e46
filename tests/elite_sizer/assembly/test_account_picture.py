"""The moment and the trade are put together as they are: what is open, what is moved, what is gone, what was lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Context, localcontext
from typing import Any, Final

import pytest

from elite_sizer.assembly.account_picture import AccountPicture, account_picture
from elite_sizer.assembly.book_effects import book_after_trade
from elite_sizer.assembly.lot_risk import Distances
from elite_sizer.assembly.sizing_context import RequestedTrade, idea_loss, sizing_context
from elite_sizer.assembly.terms import Terms
from elite_sizer.model.context import SizingContext
from elite_sizer.model.policy import Policy
from elite_sizer.model.request import Intent
from elite_sizer.model.trade_figures import MarketFigures
from elite_sizer.request.intent import Classified
from elite_sizer.request.levels import Levels
from portfolio.book.charges import Charge
from portfolio.model import (
    ZERO,
    Deal,
    DealEntry,
    DealKind,
    MarginMode,
    OrderType,
    Position,
    Quote,
    Side,
    Snapshot,
    TerminalState,
    masked,
)
from portfolio.reasons import Refusal
from portfolio.rules.headroom import References, headroom
from tests.builders import FTMO, NOW, account, charge, d, order, position, request, spec

LONG: Final = position("EURUSD buy 0.50 @ 1.0850 sl 1.0800", price="1.0849", ticket=7)
PENDING: Final = order("EURUSD buy 1 @ 1.0800 sl 1.0750", ticket=7)
TERMS: Final = Terms(Policy(), {}, commission=ZERO, slippage=ZERO)
LEVELS: Final = Levels(OrderType.MARKET, d("1.0850"), d("1.0840"), None)


def shown(*positions: Position, **changes: Any) -> Snapshot:  # noqa: ANN401 - parts of a snapshot
    fields = {
        "taken_at": NOW,
        "account": account(),
        "terminal": TerminalState("recording"),
        "specs": {"EURUSD": spec(), "GBPUSD": spec("GBPUSD")},
        "quotes": {
            "EURUSD": Quote("EURUSD", d("1.0849"), d("1.0850"), NOW),
            "GBPUSD": Quote("GBPUSD", d("1.2700"), d("1.2701"), NOW),
        },
        "positions": positions,
        "server_offset": 10_800,
    }
    return Snapshot(**{**fields, **changes})


def now(snapshot: Snapshot, terms: Terms = TERMS, day_balance: int = 100_000, **changes: Any) -> AccountPicture:  # noqa: ANN401
    who = snapshot.account
    head = headroom(FTMO, References(d(100_000), d(day_balance)), who.balance, who.equity, NOW)
    picture = account_picture(snapshot, terms, FTMO, head, **changes)
    assert isinstance(picture, AccountPicture), picture
    return picture


def losses(book: tuple[Charge, ...] | Refusal) -> list[Any]:
    assert not isinstance(book, Refusal), book
    return [entry.floor_loss for entry in book]


# the moment


def test_what_is_open_is_charged_from_here_to_its_stop() -> None:
    # half a lot from 1.0849 to 1.0800
    assert losses(now(shown(LONG)).book) == [245]


def test_the_book_is_charged_its_costs_until_the_reset() -> None:
    # 4 a lot for the exit, 3 for slippage, and 5 points for each of the three nights that Wednesday books
    nights = spec(swap_mode=1, swap_long=d(-5))
    snapshot = shown(LONG, specs={"EURUSD": nights})
    picture = now(snapshot, Terms(Policy(), {}, commission=d(8), slippage=d(3)))
    assert losses(picture.book) == [d("256")]


def test_today_s_loss_is_counted_from_the_day_s_reference_and_is_never_negative() -> None:
    assert now(shown(), day_balance=101_000).day_loss == 1000
    assert now(shown(), day_balance=99_000).day_loss == 0


@pytest.mark.parametrize("missing", ["specs", "quotes"])
def test_a_position_in_a_symbol_that_is_not_known_can_not_be_priced(missing: str) -> None:
    snapshot = shown(LONG)
    others: Any = {name: value for name, value in getattr(snapshot, missing).items() if name != "EURUSD"}
    head = headroom(FTMO, References(d(100_000), d(100_000)), d(100_000), d(100_000), NOW)
    picture = account_picture(replace(snapshot, **{missing: others}), TERMS, FTMO, head)
    assert isinstance(picture, Refusal)
    assert picture.code == "book_unpriceable"


@pytest.mark.parametrize(
    "contract",
    [spec(tick_value_loss=d(2)), spec(currency_profit="CHF"), spec(swap_mode=99, swap_long=d(-1), swap_short=d(-1))],
    ids=["its ways disagree", "no rate", "a swap nobody knows"],
)
def test_a_position_whose_contract_makes_no_sense_can_not_be_priced(contract: Any) -> None:  # noqa: ANN401
    head = headroom(FTMO, References(d(100_000), d(100_000)), d(100_000), d(100_000), NOW)
    picture = account_picture(shown(LONG, specs={"EURUSD": contract}), TERMS, FTMO, head)
    assert isinstance(picture, Refusal)
    assert picture.code == "book_unpriceable"


def test_what_has_no_stop_is_unbounded_unless_the_terms_charge_a_gap() -> None:
    bare = shown(LONG._replace(stop=None))
    gap = replace(TERMS, gap_charged=True)
    assert losses(now(bare).book) == [None]
    assert losses(now(bare, daily_atr={"EURUSD": d("0.0020")}).book) == [None]
    # half a lot, three ranges of 200 points
    assert losses(now(bare, gap, daily_atr={"EURUSD": d("0.0020")}).book) == [300]
    assert losses(now(bare, gap).book) == [None]


def test_every_symbol_is_classed_and_the_configured_class_stands_first() -> None:
    assert now(shown()).classes["EURUSD"][0] == "forex"
    assert now(shown(), replace(TERMS, classes={"EURUSD": "others"})).classes["EURUSD"][0] == "others"


# the book beside the trade


def beside(
    picture: AccountPicture, intent: Intent, position: Position | None = LONG, levels: Levels = LEVELS
) -> tuple[Charge, ...]:
    book = book_after_trade(picture, Classified(intent, position=position), "EURUSD", levels)
    assert not isinstance(book, Refusal), book
    return book


NETTED: Final = account(margin_mode=MarginMode.NETTING)


def test_beside_an_entry_of_its_own_the_book_stays() -> None:
    picture = now(shown(LONG))
    assert beside(picture, Intent.OPEN, None) == picture.book


def test_beside_an_addition_what_is_open_stands_at_the_new_stop() -> None:
    # from 1.0849 to 1.0840 instead of to 1.0800
    assert losses(beside(now(shown(LONG, account=NETTED)), Intent.ADD)) == [45]


def test_an_addition_without_a_stop_leaves_the_old_one() -> None:
    picture = now(shown(LONG, account=NETTED))
    assert beside(picture, Intent.ADD, levels=LEVELS._replace(stop=None)) == picture.book


def test_an_addition_leaves_other_symbols_where_they_are() -> None:
    other = position("GBPUSD buy 1 @ 1.2700 sl 1.2600", ticket=8)
    assert losses(beside(now(shown(LONG, other, account=NETTED)), Intent.ADD)) == [45, 1000]


def test_where_the_margin_mode_is_unknown_the_dearer_of_both_stops_counts() -> None:
    unknown = account(margin_mode=MarginMode.UNKNOWN)
    picture = now(shown(LONG, account=unknown))
    assert losses(beside(picture, Intent.ADD)) == [245]
    assert losses(beside(picture, Intent.ADD, levels=LEVELS._replace(stop=d("1.0700")))) == [745]


def test_beside_a_reversal_what_it_closes_is_gone_and_an_order_of_the_same_number_is_not() -> None:
    picture = now(shown(LONG, account=NETTED, orders=(PENDING,)))
    assert [(entry.kind, entry.id) for entry in beside(picture, Intent.REVERSE)] == [("order", "7")]


# the context


def made(picture: AccountPicture, intent: Intent = Intent.OPEN, closing: str = "0", **changes: Any) -> SizingContext:  # noqa: ANN401
    trade = RequestedTrade(
        request("EURUSD buy sl 1.0840"),
        Classified(intent, d(closing), LONG if intent is not Intent.OPEN else None),
        LEVELS,
        MarketFigures({}),
        Distances(spread=ZERO),
    )
    situation = sizing_context(picture, trade._replace(**changes), picture.book, ())
    assert isinstance(situation, SizingContext), situation
    return situation


def test_a_context_holds_the_trade_the_book_and_the_rooms() -> None:
    situation = made(now(shown(LONG)))
    assert (situation.entry, situation.stop, situation.intent, situation.closing) == (
        d("1.0850"),
        d("1.0840"),
        Intent.OPEN,
        ZERO,
    )
    assert [situation.lot.at_stop, situation.totals.floor_loss, situation.rooms.daily.money] == [100, 245, 4505]


def test_only_a_reversal_closes() -> None:
    picture = now(shown(LONG, account=NETTED))
    assert made(picture, Intent.REVERSE, "0.5").closing == d("0.5")
    assert made(picture, Intent.ADD, "0.5").closing == 0


def test_what_is_reserved_counts_beside_the_book() -> None:
    picture = now(shown(LONG))
    reserved = (charge("EURUSD buy 1 risks 100", kind="reservation", id="a"),)
    trade = RequestedTrade(
        request("EURUSD buy sl 1.0840"), Classified(Intent.OPEN), LEVELS, MarketFigures({}), Distances(spread=ZERO)
    )
    situation = sizing_context(picture, trade, picture.book, reserved)
    assert isinstance(situation, SizingContext)
    assert [situation.totals.reserved, situation.rooms.daily.money] == [100, 4405]


def test_a_trade_that_can_not_be_valued_is_refused() -> None:
    picture = now(shown())
    trade = RequestedTrade(
        request("EURUSD buy"), Classified(Intent.OPEN), LEVELS._replace(stop=None), MarketFigures({}), Distances()
    )
    refusal = sizing_context(picture, trade, (), ())
    assert isinstance(refusal, Refusal)
    assert refusal.code == "stop_required"


def test_only_the_last_four_digits_of_the_login_are_kept() -> None:
    assert masked(account(login=987654321)).login == 4321
    assert made(now(shown(account=account(login=987654321)))).account.login == 4321


def test_a_context_does_not_depend_on_the_precision_of_the_program_around() -> None:
    snapshot = shown(LONG, account=account("98765.43", "98700.21"))
    exact = now(snapshot)
    with localcontext(Context(prec=2)):
        again = account_picture(snapshot, TERMS, FTMO, exact.headroom)
        assert isinstance(again, AccountPicture)
        rough = made(again)
    assert rough == made(exact)
    assert rough.day_loss == d("1299.79")


# today's loss on the idea


def done(side: Side, entry: DealEntry, profit: str, hours: int = 1, symbol: str = "EURUSD") -> Deal:
    at = NOW - timedelta(hours=hours)
    return Deal(1, 1, 1, symbol, DealKind.TRADE, side, entry, d(1), d("1.08"), d(profit), ZERO, ZERO, ZERO, at)


def lost(*deals: Deal, side: Side = Side.BUY) -> Any:  # noqa: ANN401 - a decimal
    return idea_loss(deals, "EURUSD", side, NOW - timedelta(hours=14))


def test_an_exit_belongs_to_the_side_that_it_closes() -> None:
    closed = done(Side.SELL, DealEntry.OUT, "-300")
    assert [lost(closed), lost(closed, side=Side.SELL)] == [300, 0]


def test_an_entry_s_commission_belongs_to_its_own_side() -> None:
    opened = done(Side.BUY, DealEntry.IN, "0")._replace(commission=d(-7))
    assert [lost(opened), lost(opened, side=Side.SELL)] == [7, 0]


def test_a_reversal_s_result_belongs_to_what_it_closed() -> None:
    turned = done(Side.SELL, DealEntry.INOUT, "-200")
    assert [lost(turned), lost(turned, side=Side.SELL)] == [200, 0]


def test_gains_and_losses_of_the_day_are_netted_and_a_gain_is_no_loss() -> None:
    loss, gain = done(Side.SELL, DealEntry.OUT, "-300"), done(Side.SELL, DealEntry.OUT, "100")
    assert [lost(loss, gain), lost(gain)] == [200, 0]


def test_other_symbols_and_yesterday_do_not_count() -> None:
    assert lost(done(Side.SELL, DealEntry.OUT, "-300", symbol="GBPUSD")) == 0
    assert lost(done(Side.SELL, DealEntry.OUT, "-300", hours=15)) == 0
    assert lost(done(Side.SELL, DealEntry.OUT, "-300", hours=14)) == 300


def test_money_that_was_moved_is_no_trade() -> None:
    withdrawn = done(Side.SELL, DealEntry.OUT, "-300")._replace(kind=DealKind.BALANCE, side=None, entry=None)
    assert lost(withdrawn) == 0

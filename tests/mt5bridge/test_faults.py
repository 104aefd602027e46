"""Every fault of the simulated terminal at every call of a moment: healed, or refused by its code, never larger.

A size here is what the book allows at 1 % risk: enough to see whether a lie of the terminal would have enlarged it.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple

import pytest

from mt5bridge.errors import BridgeError
from mt5bridge.reading.request import SnapshotRequest
from mt5bridge.reading.snapshot import take
from mt5bridge.reading.terminal_memory import Memory
from mt5bridge.simulated.faults import faults
from mt5bridge.simulated.faults.faults import Fault
from mt5bridge.simulated.module import SimulatedTerminal
from portfolio.model import ProfitQuestion, Side, Snapshot
from portfolio.reasons import REASONS, Refusal
from portfolio.valuation.conversion import Prices
from portfolio.valuation.money_per_lot import loss_per_lot

NAN, INF = float("nan"), float("inf")
OK = "ok"
STOPS = {"EURJPY": Decimal("162.200"), "USDJPY": Decimal("151.400")}
"""About a hundred pips from the market; EURJPY is not in Market Watch at first."""
PLAN = (("EURJPY", Side.BUY), ("USDJPY", Side.SELL))


class Stage(NamedTuple):
    """A terminal with a book, seen once without a fault."""

    terminal: SimulatedTerminal
    memory: Memory


@cache
def _stage() -> Stage:
    terminal = SimulatedTerminal.fresh()
    terminal.buy("EURUSD", 0.5, stop=1.0700, target=1.1000)
    terminal.sell("USDJPY", 0.3, stop=152.0)
    terminal.place("GBPUSD", terminal.ORDER_TYPE_BUY_LIMIT, 0.2, 1.2500, stop=1.2400)
    terminal.advance(2)
    memory = Memory()
    take(terminal, _ask(terminal, "EURJPY", Side.BUY), now=terminal.now, memory=memory)
    terminal.advance(2)
    terminal.faults.calls.clear()
    terminal.faults._counts.clear()
    return Stage(terminal, memory)


def stage() -> Stage:
    """Return a new copy of the stage, two seconds after the moment without a fault."""
    return copy.deepcopy(_stage())


def _ask(terminal: SimulatedTerminal, symbol: str, side: Side) -> SnapshotRequest:
    since = terminal.now - timedelta(days=2)
    return SnapshotRequest(symbol, side, stop=STOPS[symbol], bars=(("H1", 10),), deals_since=since)


def lots(snapshot: Snapshot, ask: SnapshotRequest) -> Decimal:
    """Return the lots that 1 % of the account less the open risk buys, 0 where one lot can't be valued."""
    assert ask.symbol is not None
    assert ask.side is not None
    assert ask.stop is not None
    quote = snapshot.quotes[ask.symbol]
    entry = quote.ask if ask.side is Side.BUY else quote.bid
    answer = snapshot.profits.get(ProfitQuestion(ask.symbol, ask.side, entry, ask.stop))
    market = Prices(snapshot.account.currency, snapshot.specs, snapshot.quotes)
    value = loss_per_lot(market, ask.symbol, ask.side, entry, ask.stop, terminal=None if answer is None else -answer)
    if isinstance(value, Refusal):
        return Decimal(0)
    at_risk = sum(
        (abs(row.current_price - row.stop) * row.volume * 1000 for row in snapshot.positions if row.stop is not None),
        Decimal(0),
    )
    money = min(snapshot.account.balance, snapshot.account.equity) / 100 - at_risk / 1000
    return max(money / value.per_lot, Decimal(0))


class Seen(NamedTuple):
    """What came of one reading: `ok` or the refusal's code, and the lots."""

    code: str
    lots: Decimal


def look(staged: Stage, symbol: str, side: Side) -> Seen:
    terminal, memory = staged
    ask = _ask(_stage().terminal, symbol, side)

    def pause(seconds: float) -> None:
        terminal.advance(seconds)

    try:
        snapshot = take(terminal, ask, now=lambda: terminal.now, memory=memory, pause=pause)
    except BridgeError as error:
        return Seen(error.reason.code, Decimal(0))
    return Seen(OK, lots(snapshot, ask))


NOTHING = [faults.Nothing(code, "fails") for code in (-1, -2, -4, -10000, -10001, -10002, -10003, -10004, -10005)]
RAISES = [faults.Raises(kind) for kind in faults.Raises.KINDS]
NUMBERS = [faults.NotANumber(value=value) for value in (NAN, INF, -INF, 1e308, 5e-324)]
ODD = [faults.NotANumber(column, value) for column in ("equity", "balance", "sl", "bid", "ask") for value in (NAN, INF)]
WRONG: tuple[object, ...] = ("x", None, True, [])
WRONG_KIND: list[Fault] = [
    faults.Sets(column, value)
    for column in ("balance", "login", "ticket", "time", "volume", "price_open", "trade_tick_size", "bid", "symbol")
    for value in WRONG
]
ABSURD: list[Fault] = [
    faults.Sets(column, value)
    for column in ("balance", "equity", "leverage", "volume", "volume_step", "trade_contract_size", "bid", "volume_max")
    for value in (0.0, -1.0)
]
ROWS: list[Fault] = [faults.Empty(), faults.Duplicate(), faults.Reorder(), faults.Stale(10), faults.Stale(3600)]
CONNECTION: list[Fault] = [
    faults.Disconnect(),
    faults.Disconnect(pipe=True),
    faults.SwitchAccount(),
    faults.SwitchAccount(login=510012345, server="Other-Server"),
    faults.SwitchAccount(login=510012345, currency="EUR"),
    faults.AcceptThenDrop(),
]
LIES: list[Fault] = [*NOTHING, *RAISES, *NUMBERS, *ODD, *WRONG_KIND, *ABSURD, *ROWS, *CONNECTION]
"""What a terminal may say that is not so: none of it may make a size larger."""
CLOCKS: list[Fault] = [faults.ClockJump(seconds) for seconds in (-3600, -900, -100, -10, 3, 10, 100, 900, 3600)]
EVENTS: list[Fault] = [
    *(faults.PriceGap(symbol, points) for symbol in ("EURJPY", "EURUSD", "USDJPY") for points in (-300, 300)),
    *(faults.Delay(seconds) for seconds in (1.0, 4.0, 30.0)),
    *(
        faults.ChangeSpec("EURJPY", values)
        for values in ({"contract_size": 50_000.0}, {"volume_max": 1.0}, {"stops_level": 500})
    ),
]
"""What really happens while we look: the size may change, but a moment must be one or be refused."""

EXPECTED = {
    OK,
    "terminal_no_data",
    "terminal_disconnected",
    "account_changed",
    "snapshot_torn",
    "equity_nonpositive",
    "clock_suspect",
    "symbol_unknown",
    "symbol_unavailable",
    "symbol_spec_invalid",
    "spec_changed",
    "tick_invalid",
    "tick_stale",
    "tick_future",
    "bars_stale",
    "book_unpriceable",
    "value_not_finite",
}

Case = tuple[str, int, Fault, str, Side]


def calls_of(symbol: str, side: Side) -> list[str]:
    staged = stage()
    assert look(staged, symbol, side).code == OK
    return list(staged.terminal.faults.calls)


def cases(kinds: list[Fault]) -> Iterator[Case]:
    for symbol, side in PLAN:
        for index in range(1, len(calls_of(symbol, side)) + 1):
            for fault in kinds:
                yield faults.EVERY, index, fault, symbol, side


def seen(case: Case) -> Seen:
    call, nth, fault, symbol, side = case
    staged = stage()
    staged.terminal.faults.add(call, nth, fault)
    return look(staged, symbol, side)


def test_every_expected_code_is_registered() -> None:
    assert EXPECTED - {OK} <= set(REASONS)


def test_the_stage_gives_a_size() -> None:
    assert look(stage(), "EURJPY", Side.BUY).lots > 0
    assert look(stage(), "USDJPY", Side.SELL).lots > 0


@pytest.mark.generated
def test_no_lie_at_any_call_enlarges_a_size_and_each_is_healed_or_refused() -> None:
    plain = {symbol: look(stage(), symbol, side).lots for symbol, side in PLAN}
    outcomes: Counter[str] = Counter()
    for case in cases(LIES):
        outcome = seen(case)
        assert outcome.code in EXPECTED, case
        assert outcome.lots <= plain[case[3]], case
        outcomes[outcome.code] += 1
    print(f"{outcomes.total()} single faults: {outcomes.most_common()}")  # noqa: T201 - the figure to report
    assert outcomes.total() >= 5000


@pytest.mark.generated
def test_what_happens_to_market_and_clock_at_any_call_gives_a_moment_or_a_refusal() -> None:
    outcomes: Counter[str] = Counter()
    for case in cases([*CLOCKS, *EVENTS]):
        outcome = seen(case)
        assert outcome.code in EXPECTED, case
        outcomes[outcome.code] += 1
    print(f"{outcomes.total()} single events: {outcomes.most_common()}")  # noqa: T201 - the figure to report


# a fault that stays: each is refused by its own code

STUCK: list[tuple[str, Callable[[], Fault], str]] = [
    *(
        (call, faults.Nothing, "terminal_no_data")
        for call in (
            *("terminal_info", "account_info", "positions_get", "orders_get", "history_deals_get"),
            *("history_orders_get", "symbol_info", "copy_rates_from_pos"),
        )
    ),
    *(
        (call, faults.Nothing, "snapshot_torn")
        for call in ("positions_total", "orders_total", "history_deals_total", "history_orders_total")
    ),
    ("symbol_info_tick", faults.Nothing, "symbol_unavailable"),
    ("order_calc_profit", faults.Nothing, OK),
    ("order_calc_margin", faults.Nothing, OK),
    *(
        (call, faults.Raises, "terminal_no_data")
        for call in (
            *("terminal_info", "account_info", "positions_get", "orders_get", "positions_total", "orders_total"),
            *("history_deals_get", "history_orders_get", "history_deals_total", "history_orders_total"),
            *("symbol_info", "symbol_info_tick", "order_calc_profit", "order_calc_margin", "copy_rates_from_pos"),
        )
    ),
    *(
        (call, faults.NotANumber, "value_not_finite")
        for call in (
            *("account_info", "positions_get", "orders_get", "history_deals_get", "symbol_info", "symbol_info_tick"),
            *("order_calc_profit", "order_calc_margin", "history_orders_get"),
        )
    ),
    ("account_info", faults.Empty, "account_changed"),
    ("terminal_info", faults.Empty, "terminal_disconnected"),
    ("positions_get", faults.Empty, "snapshot_torn"),
    ("orders_get", faults.Empty, "snapshot_torn"),
    ("history_deals_get", faults.Empty, "snapshot_torn"),
    ("positions_total", faults.Empty, "snapshot_torn"),
    ("symbol_info", faults.Empty, "symbol_spec_invalid"),
    ("symbol_info_tick", faults.Empty, "symbol_unavailable"),
    ("copy_rates_from_pos", faults.Empty, "terminal_no_data"),
    ("positions_get", faults.Duplicate, "snapshot_torn"),
    ("orders_get", faults.Duplicate, "snapshot_torn"),
    ("history_deals_get", faults.Duplicate, "snapshot_torn"),
    ("copy_rates_from_pos", faults.Duplicate, "snapshot_torn"),
    ("copy_rates_from_pos", faults.Reorder, "snapshot_torn"),
    ("positions_get", faults.Reorder, OK),
    ("history_deals_get", faults.Reorder, OK),
    ("symbol_info_tick", faults.Stale, "tick_stale"),
    ("terminal_info", faults.Disconnect, "terminal_disconnected"),
    ("account_info", lambda: faults.Disconnect(pipe=True), "terminal_no_data"),
    ("positions_get", faults.SwitchAccount, "account_changed"),
    ("account_info", lambda: faults.Sets("equity", 0.0), "equity_nonpositive"),
    ("account_info", lambda: faults.Sets("balance", -1.0), "equity_nonpositive"),
    ("account_info", lambda: faults.Sets("equity", 5000.0), "snapshot_torn"),
    ("positions_get", lambda: faults.Sets("price_open", 0.0), "book_unpriceable"),
    ("positions_get", lambda: faults.Sets("symbol", "GONE"), "book_unpriceable"),
    ("symbol_info_tick", lambda: faults.Sets("bid", 0.0), "tick_invalid"),
    ("symbol_info_tick", lambda: faults.Sets("bid", 1e6), "tick_invalid"),
    ("symbol_info", lambda: faults.Sets("trade_contract_size", 1000.0), "spec_changed"),
    ("symbol_info", lambda: faults.Sets("volume_step", 0.0), "symbol_spec_invalid"),
    ("symbol_info", lambda: faults.Sets("trade_tick_value_loss", 0.0), "symbol_spec_invalid"),
    ("terminal_info", lambda: faults.ClockJump(10), "tick_future"),
    ("terminal_info", lambda: faults.ClockJump(-100), "tick_stale"),
]


@pytest.mark.parametrize(
    ("call", "fault", "code"), STUCK, ids=[f"{call}-{fault().__class__.__name__}-{code}" for call, fault, code in STUCK]
)
def test_a_fault_that_stays_is_refused_by_its_code(call: str, fault: Callable[[], Fault], code: str) -> None:
    assert seen((call, 0, fault(), "EURJPY", Side.BUY)).code == code


@pytest.mark.parametrize("call", ["order_calc_profit", "order_calc_margin"])
def test_without_the_terminals_own_answer_the_size_is_not_larger(call: str) -> None:
    plain = look(stage(), "EURJPY", Side.BUY).lots
    assert seen((call, 0, faults.Nothing(), "EURJPY", Side.BUY)).lots <= plain


def test_a_terminals_answer_of_nothing_is_no_size() -> None:
    assert seen(("order_calc_profit", 0, faults.Empty(), "EURJPY", Side.BUY)) == Seen(OK, Decimal(0))


@pytest.mark.parametrize(
    "call", ["account_info", "positions_get", "symbol_info", "history_deals_total", "terminal_info"]
)
def test_a_fault_that_goes_away_is_healed(call: str) -> None:
    plain = look(stage(), "EURJPY", Side.BUY)
    assert seen((call, 1, faults.Nothing(), "EURJPY", Side.BUY)) == plain

"""One consistent moment: what comes back when all is well, and the reason when it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from mt5bridge.errors import AccountChangedError, BridgeError, SymbolError
from mt5bridge.metatrader.protocol import Terminal
from mt5bridge.reading.request import SnapshotRequest
from mt5bridge.reading.server_time import ServerClock
from mt5bridge.reading.snapshot import take
from mt5bridge.reading.terminal_memory import Memory
from portfolio.model import DealKind, MarginQuestion, OrderType, ProfitQuestion, Side, Snapshot
from tests.mt5bridge.terminals import NOW, Altered, Value, document, recording, with_fields

DAY_START = datetime(2026, 6, 9, 22, tzinfo=UTC)
BUY = SnapshotRequest("EURUSD", Side.BUY, stop=Decimal("1.0827"), bars=(("H1", 3),), deals_since=DAY_START)


def taken(ask: SnapshotRequest = BUY, **changes: Value) -> Snapshot:
    return take(recording(document(**changes)), ask, now=NOW)


def code_of(terminal: object, ask: SnapshotRequest = BUY, memory: Memory | None = None, now: datetime = NOW) -> str:
    with pytest.raises(BridgeError) as caught:
        read(terminal, ask, now=now, memory=memory, pause=lambda _: None)
    return caught.value.reason.code


def read(terminal: object, ask: SnapshotRequest = BUY, now: datetime = NOW, **keywords: Value) -> Snapshot:
    return take(cast("Terminal", terminal), ask, now=now, **keywords)


def fields(**changes: Value) -> Callable[[Any], Any]:
    return lambda record: with_fields(record, **changes)


def test_a_moment_brings_the_account_in_exact_decimals() -> None:
    account = taken().account
    assert (account.login, account.server, account.currency) == (1234, "Test-Server", "USD")
    assert (account.balance, account.equity, account.leverage) == (Decimal(100_000), Decimal(100_050), 100)


def test_prices_read_as_they_are_written_not_as_doubles() -> None:
    quote = taken().quotes["EURUSD"]
    assert (str(quote.bid), str(quote.ask)) == ("1.085", "1.0851")


def test_server_times_become_utc() -> None:
    snapshot = taken()
    assert snapshot.quotes["EURUSD"].at == datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
    assert snapshot.positions[0].opened_at == datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
    assert snapshot.server_offset == 10_800


def test_the_terminal_is_asked_at_the_real_stop_and_its_cents_do_not_matter() -> None:
    # 1.0851 to 1.0827 is 240 ticks of 1.00
    assert taken().profits[ProfitQuestion("EURUSD", Side.BUY, Decimal("1.0851"), Decimal("1.0827"))] == -240


def test_the_stop_asked_for_is_rounded_to_the_tick_away_from_the_entry() -> None:
    buy = taken(SnapshotRequest("EURUSD", Side.BUY, stop=Decimal("1.082706")))
    sell = taken(SnapshotRequest("EURUSD", Side.SELL, stop=Decimal("1.087704")))
    assert ProfitQuestion("EURUSD", Side.BUY, Decimal("1.0851"), Decimal("1.0827")) in buy.profits
    assert ProfitQuestion("EURUSD", Side.SELL, Decimal("1.085"), Decimal("1.08771")) in sell.profits


def test_positions_are_asked_from_entry_and_from_the_current_price_to_their_stop() -> None:
    profits = taken().profits
    # (1.075 - 1.08) and (1.075 - 1.085), times 100,000
    assert profits[ProfitQuestion("EURUSD", Side.BUY, Decimal("1.08"), Decimal("1.075"))] == -500
    assert profits[ProfitQuestion("EURUSD", Side.BUY, Decimal("1.085"), Decimal("1.075"))] == -1000


def test_pending_orders_are_asked_from_their_price_to_their_stop_and_for_their_margin() -> None:
    snapshot = taken()
    # (1.09 - 1.095) x 100,000
    assert snapshot.profits[ProfitQuestion("EURUSD", Side.SELL, Decimal("1.09"), Decimal("1.095"))] == -500
    # 0.2 x 100,000 EUR / 100 at the ask 1.0851
    question = MarginQuestion("EURUSD", Side.SELL, Decimal("0.2"), Decimal("1.09"))
    assert snapshot.margins[question] == Decimal("217.02")


def test_margin_is_asked_at_one_lot_and_at_the_largest_volume() -> None:
    margins = taken().margins
    # 100,000 EUR / 100 at 1.0851; fifty times that
    assert margins[MarginQuestion("EURUSD", Side.BUY, Decimal(1), Decimal("1.0851"))] == Decimal("1085.1")
    assert margins[MarginQuestion("EURUSD", Side.BUY, Decimal(50), Decimal("1.0851"))] == 54_255


def test_the_book_comes_with_sides_types_and_absent_targets() -> None:
    snapshot = taken()
    position, order = snapshot.positions[0], snapshot.orders[0]
    assert (position.side, position.volume, position.stop) == (Side.BUY, Decimal("0.1"), Decimal("1.075"))
    assert (order.side, order.type, order.volume, order.target) == (Side.SELL, OrderType.LIMIT, Decimal("0.2"), None)


def test_history_is_cut_at_the_instant_asked_for() -> None:
    assert [deal.ticket for deal in taken().deals] == [2]
    whole = taken(SnapshotRequest(deals_since=datetime(2026, 5, 1, tzinfo=UTC)))
    assert [(deal.ticket, deal.kind) for deal in whole.deals] == [(1, DealKind.BALANCE), (2, DealKind.TRADE)]


def test_history_is_none_where_it_was_not_asked_for() -> None:
    snapshot = taken(SnapshotRequest("EURUSD"))
    assert (snapshot.deals, snapshot.deals_since) == ((), None)


def test_the_first_stop_of_a_position_is_that_of_its_order() -> None:
    assert taken().stops == {7: Decimal("1.07")}


def test_bars_are_closed_and_in_utc() -> None:
    bars = taken().bars["EURUSD", "H1"]
    # the bar of 15:00 server time is forming; the others opened at 12, 13 and 14 there, 9, 10 and 11 in UTC
    assert [datetime.fromtimestamp(at, UTC).hour for at in bars.time] == [9, 10, 11]
    assert (tuple(bars.close), bars.spread) == ((1.082, 1.083, 1.084), (10, 10, 12))


def test_a_cross_brings_the_pairs_that_convert_it() -> None:
    snapshot = taken(SnapshotRequest("GBPJPY", Side.BUY, stop=Decimal(189)), positions=[], orders=[], **flat())
    assert set(snapshot.quotes) == {"GBPJPY", "USDJPY", "GBPUSD"}


def flat() -> dict[str, Any]:
    account = {**document()["account_info"], "equity": 100_000.0, "margin": 0.0}
    return {"account_info": account}


def test_a_currency_without_a_pair_is_crossed_over_one_that_has_both() -> None:
    capture = document(positions=[], orders=[], **flat())
    for name, base, profit in (("GBPCHF", "GBP", "CHF"), ("EURCHF", "EUR", "CHF")):
        entry = document()["symbols"]["EURUSD"]
        entry["info"].update(currency_base=base, currency_profit=profit)
        capture["symbols"][name] = {"info": entry["info"], "tick": entry["tick"]}
    del capture["symbols"]["GBPJPY"]
    snapshot = take(recording(capture), SnapshotRequest("GBPCHF", Side.BUY), now=NOW)
    # no USDCHF here: francs become dollars over euros
    assert {"EURCHF", "EURUSD", "GBPUSD"} <= set(snapshot.quotes)


def test_conversion_pairs_are_dressed_as_the_broker_dresses_the_symbol() -> None:
    capture = document(positions=[], orders=[], **flat())
    capture["symbols"] = {f"{name}.r": entry for name, entry in capture["symbols"].items()}
    snapshot = take(recording(capture), SnapshotRequest("GBPJPY.r", Side.BUY), now=NOW)
    assert set(snapshot.quotes) == {"GBPJPY.r", "USDJPY.r", "GBPUSD.r"}


def test_an_unknown_symbol_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(SymbolError, match="nearest: EURUSD") as caught:
        taken(SnapshotRequest("eurusdd", Side.BUY))
    assert caught.value.reason.code == "symbol_unknown"


@pytest.mark.parametrize("symbol", ["", "X" * 30])
def test_a_name_no_terminal_takes_is_refused_without_asking(symbol: str) -> None:
    assert code_of(recording(), SnapshotRequest(symbol)) == "symbol_unknown"


@pytest.mark.parametrize("field", ["entry", "stop", "target"])
@pytest.mark.parametrize("price", ["NaN", "Infinity", "-1", "0"])
def test_a_price_that_is_none_is_refused(field: str, price: str) -> None:
    prices: dict[str, Any] = {field: Decimal(price)}
    assert code_of(recording(), SnapshotRequest("EURUSD", Side.BUY, **prices)) == "value_not_finite"


def test_bars_of_an_unknown_timeframe_are_refused() -> None:
    assert code_of(recording(), SnapshotRequest("EURUSD", bars=(("H5", 10),))) == "input_range"


@pytest.mark.parametrize(
    "call",
    [
        "terminal_info",
        "account_info",
        "symbol_info_tick",
        "copy_rates_from_pos",
        "history_deals_get",
        "history_orders_get",
    ],
)
@pytest.mark.parametrize("silence", ["none", "raises"])
def test_a_call_without_an_answer_is_no_data(call: str, silence: str) -> None:
    def fail(_: Value) -> Value:
        if silence == "raises":
            message = "argument 1 must be int"
            raise SystemError(message)

    expected = "symbol_unavailable" if (call, silence) == ("symbol_info_tick", "none") else "terminal_no_data"
    assert code_of(Altered(call, fail)) == expected


@pytest.mark.parametrize("call", ["terminal_info", "account_info", "symbol_info", "history_deals_get"])
def test_one_call_without_an_answer_is_asked_again(call: str) -> None:
    terminal = Altered(call, lambda _: None, once=True)
    assert read(terminal, BUY, now=NOW).account.login == 1234


def test_positions_without_an_answer_are_none_only_if_no_error_is_reported() -> None:
    # the recording's last_error says success, so None means an empty book: and that contradicts the margin
    assert code_of(Altered("positions_get", lambda _: None)) == "snapshot_torn"


def test_a_disconnected_terminal_is_refused_though_it_answers() -> None:
    assert code_of(Altered("terminal_info", fields(connected=False))) == "terminal_disconnected"


def test_a_connection_lost_while_reading_is_refused() -> None:
    terminal = Altered("terminal_info", fields(connected=False), of=2)
    assert code_of(terminal) == "terminal_disconnected"


def test_an_account_that_changes_while_reading_is_refused() -> None:
    assert code_of(Altered("account_info", fields(login=99), of=3)) == "account_changed"


def test_another_account_than_the_pinned_one_is_refused_and_latches_the_second_time() -> None:
    memory = Memory(pin=("Test-Server", 99))
    latches = []
    for _ in range(2):
        with pytest.raises(AccountChangedError) as caught:
            take(recording(), BUY, now=NOW, memory=memory)
        latches.append(caught.value.latch)
    assert latches == [False, True]


def test_the_pinned_account_in_between_clears_the_strike() -> None:
    memory = Memory(pin=("Test-Server", 1234), strikes=1)
    take(recording(), BUY, now=NOW, memory=memory)
    assert memory.strikes == 0


def test_the_first_account_is_pinned() -> None:
    memory = Memory()
    take(recording(), BUY, now=NOW, memory=memory)
    assert memory.pin == ("Test-Server", 1234)


@pytest.mark.parametrize("field", ["balance", "credit", "leverage", "currency", "margin_mode"])
def test_an_account_field_that_changes_while_reading_tears_the_moment(field: str) -> None:
    other: Any = "EUR" if field == "currency" else 1
    assert code_of(Altered("account_info", fields(**{field: other}), of=3)) == "snapshot_torn"


def test_equity_that_floats_while_reading_does_not() -> None:
    terminal = Altered("account_info", fields(equity=100_060.0), of=3)
    assert read(terminal, BUY, now=NOW).account.equity == 100_050


def test_equity_that_is_not_what_the_positions_make_is_torn() -> None:
    # balance 100,000 + 50 of one position: up to 1 may be missing, 1.01 not
    account = document()["account_info"]
    assert taken(account_info={**account, "equity": 100_051.0}).account.equity == 100_051
    assert code_of(recording(document(account_info={**account, "equity": 100_051.01}))) == "snapshot_torn"


def test_equity_of_a_flat_account_is_its_balance_to_the_cent() -> None:
    account = {**flat()["account_info"], "equity": 100_000.02}
    assert code_of(recording(document(positions=[], account_info=account))) == "snapshot_torn"


def test_an_empty_book_with_margin_in_use_is_torn() -> None:
    account = {**flat()["account_info"], "margin": 300.0}
    assert code_of(recording(document(positions=[], orders=[], account_info=account))) == "snapshot_torn"


def test_a_pending_order_alone_may_use_margin() -> None:
    account = {**flat()["account_info"], "margin": 300.0}
    assert taken(positions=[], account_info=account).positions == ()


@pytest.mark.parametrize("call", ["positions_get", "orders_get"])
def test_a_book_that_changes_while_reading_is_torn(call: str) -> None:
    assert code_of(Altered(call, lambda _: (), of=2)) == "snapshot_torn"


def test_a_stop_moved_while_reading_tears_the_moment() -> None:
    terminal = Altered("positions_get", lambda rows: tuple(with_fields(row, sl=1.07) for row in rows), of=2)
    assert code_of(terminal) == "snapshot_torn"


def test_a_price_that_moves_while_reading_does_not() -> None:
    terminal = Altered(
        "positions_get", lambda rows: tuple(with_fields(row, price_current=1.0851) for row in rows), of=2
    )
    assert read(terminal, BUY, now=NOW).positions[0].current_price == Decimal("1.085")


@pytest.mark.parametrize("call", ["positions_total", "orders_total", "history_deals_total", "history_orders_total"])
def test_a_count_that_does_not_fit_the_rows_is_torn(call: str) -> None:
    assert code_of(Altered(call, lambda count: count + 1)) == "snapshot_torn"


@pytest.mark.parametrize("call", ["positions_get", "orders_get", "history_deals_get", "history_orders_get"])
def test_a_row_that_comes_twice_is_torn(call: str) -> None:
    assert code_of(Altered(call, lambda rows: (*rows, rows[-1]))) == "snapshot_torn"


def test_history_without_the_deal_that_opened_a_position_is_torn() -> None:
    terminal = Altered("history_deals_get", lambda _: ())
    terminal._inner.history_deals_total = lambda *_: 0  # type: ignore[method-assign]
    with pytest.raises(BridgeError, match="position 7 is open, but history has no deal that opened it"):
        read(terminal)


def test_a_capture_may_lack_the_deal_that_opened_a_position() -> None:
    assert taken(deals=[]).deals == ()


def test_a_torn_moment_is_read_again() -> None:
    terminal = Altered("positions_total", lambda count: count + 1, once=True)
    assert len(read(terminal, BUY, now=NOW).positions) == 1


def test_after_three_torn_moments_it_is_refused() -> None:
    terminal = Altered("positions_total", lambda count: count + 1)
    code_of(terminal)
    assert terminal.calls.count("positions_total") == 3


def quote(**changes: float) -> dict[str, Any]:
    symbols = document()["symbols"]
    symbols["EURUSD"]["tick"].update(changes)
    return {"symbols": symbols, "positions": [], "orders": [], **flat()}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"bid": 0.0, "ask": 0.0}, "symbol_unavailable"),
        ({"bid": 0.0}, "tick_invalid"),
        ({"bid": 1.0852}, "tick_invalid"),
        ({"bid": -1.085}, "tick_invalid"),
    ],
)
def test_a_quote_that_can_not_be_traded_is_refused(changes: dict[str, float], code: str) -> None:
    assert code_of(recording(document(**quote(**changes)))) == code


def test_a_quote_without_a_spread_can_be_traded() -> None:
    assert taken(**quote(bid=1.0851)).quotes["EURUSD"].bid == Decimal("1.0851")


@pytest.mark.parametrize(
    ("seconds", "code"), [(6, "tick_stale"), (3600, "tick_stale"), (-4, "tick_future"), (-65, "clock_suspect")]
)
def test_a_quote_of_another_time_is_refused(seconds: int, code: str) -> None:
    assert code_of(recording(), now=NOW + timedelta(seconds=seconds - 1)) == code


@pytest.mark.parametrize("seconds", [5, 0, -2])
def test_a_quote_of_about_now_is_accepted(seconds: int) -> None:
    snapshot = take(recording(), BUY, now=NOW + timedelta(seconds=seconds - 1))
    assert snapshot.quotes["EURUSD"].at == NOW - timedelta(seconds=1)


def test_a_quote_that_has_not_moved_while_we_watched_is_as_old_as_we_have_had_it() -> None:
    terminal, memory = recording(), Memory()
    take(terminal, BUY, now=NOW, memory=memory)
    # the same tick six seconds later
    assert code_of(terminal, memory=memory, now=NOW + timedelta(seconds=6)) == "tick_stale"


def test_this_computers_clock_may_not_go_back() -> None:
    terminal, memory = recording(), Memory()
    take(terminal, BUY, now=NOW + timedelta(seconds=3), memory=memory)
    assert code_of(terminal, memory=memory, now=NOW) == "clock_suspect"


def test_an_old_conversion_quote_counts_as_missing() -> None:
    symbols = document()["symbols"]
    symbols["USDJPY"]["tick"]["time"] -= 61
    snapshot = taken(SnapshotRequest("GBPJPY", Side.BUY), symbols=symbols, positions=[], orders=[], **flat())
    assert set(snapshot.quotes) == {"GBPJPY", "GBPUSD"}


def test_a_spec_that_makes_no_sense_is_refused_by_field() -> None:
    symbols = document()["symbols"]
    symbols["EURUSD"]["info"]["volume_step"] = 0.0
    with pytest.raises(BridgeError, match=r"symbol_info\[EURUSD\]\.volume_step is 0") as caught:
        taken(symbols=symbols)
    assert caught.value.reason.code == "symbol_spec_invalid"


def test_a_contract_that_jumps_is_refused_until_acknowledged() -> None:
    memory = Memory()
    take(recording(), BUY, now=NOW, memory=memory)
    symbols = document()["symbols"]
    symbols["EURUSD"]["info"]["trade_contract_size"] = 125_000.0
    changed = recording(document(symbols=symbols))
    assert code_of(changed, memory=memory) == "spec_changed"
    memory.acknowledge("EURUSD")
    assert take(changed, BUY, now=NOW, memory=memory).specs["EURUSD"].contract_size == 125_000


def test_a_contract_that_drifts_is_followed() -> None:
    memory = Memory()
    take(recording(), BUY, now=NOW, memory=memory)
    symbols = document()["symbols"]
    symbols["EURUSD"]["info"].update(trade_tick_value=1.2, trade_tick_value_loss=1.2)
    take(recording(document(symbols=symbols)), BUY, now=NOW, memory=memory)
    assert memory.specs["EURUSD"].tick_value_loss == Decimal("1.2")


def test_bars_that_end_before_the_quote_are_refused() -> None:
    terminal = Altered("copy_rates_from_pos", lambda rows: type(rows)(rows[:-1]))
    # the bar of 14:00 ended at 15:00, the quote is of 15:00:00; a minute later the next bar must be there
    assert read(terminal, BUY, now=NOW).bars["EURUSD", "H1"].close[-1] == 1.084
    terminal = Altered("copy_rates_from_pos", lambda rows: type(rows)(rows[:-2]))
    assert code_of(terminal) == "bars_stale"


def test_bars_out_of_order_are_torn() -> None:
    assert code_of(Altered("copy_rates_from_pos", lambda rows: type(rows)(reversed(rows)))) == "snapshot_torn"


def test_no_bars_at_all_are_no_data() -> None:
    assert code_of(Altered("copy_rates_from_pos", lambda rows: type(rows)())) == "terminal_no_data"


def test_a_bar_that_is_no_number_is_refused() -> None:
    nan = float("nan")
    terminal = Altered("copy_rates_from_pos", lambda rows: type(rows)([(rows[0][0], nan, *rows[0][2:]), *rows[1:]]))
    assert code_of(terminal) == "value_not_finite"


def test_a_position_in_a_symbol_the_terminal_does_not_know_can_not_be_priced() -> None:
    terminal = Altered("positions_get", lambda rows: tuple(with_fields(row, symbol="GONE") for row in rows))
    assert code_of(terminal) == "book_unpriceable"


def test_an_exit_needs_neither_fresh_quotes_nor_a_whole_book() -> None:
    terminal = Altered("positions_total", lambda count: count + 1)
    snapshot = read(terminal, SnapshotRequest("EURUSD", closing=True), now=NOW + timedelta(hours=5))
    assert snapshot.positions[0].volume == Decimal("0.1")


def test_an_exit_is_possible_on_an_account_without_money() -> None:
    account = {**document()["account_info"], "balance": -50.0, "equity": 0.0}
    assert code_of(recording(document(account_info=account))) == "equity_nonpositive"
    assert taken(SnapshotRequest("EURUSD", closing=True), account_info=account).account.equity == 0


def test_after_a_reconnect_two_readings_must_agree() -> None:
    memory = Memory(epoch=4)
    terminal = Altered("positions_get", lambda rows: rows)
    read(terminal, BUY, now=NOW, memory=memory)
    assert terminal.calls.count("positions_total") == 2
    assert memory.epoch == 0


def test_after_a_reconnect_a_book_that_is_still_loading_is_torn() -> None:
    memory = Memory(epoch=4)
    terminal = Altered("positions_get", lambda rows: rows)

    def loading(rows: Value) -> Value:
        count = terminal.calls.count("positions_get")
        volume = 0.1 if (count - 1) // 2 % 2 else 0.2  # each reading asks twice; every other one finds 0.2
        return tuple(with_fields(row, volume=volume) for row in rows)

    terminal._change = loading
    assert code_of(terminal, memory=memory) == "snapshot_torn"


def test_every_moment_has_the_next_generation() -> None:
    memory = Memory()
    assert [take(recording(), BUY, now=NOW, memory=memory).generation for _ in range(3)] == [1, 2, 3]


def test_a_broker_that_follows_berlin_is_found_out_by_a_moving_quote() -> None:
    # at 12:00:01 UTC in June Berlin shows 14:00:01; New York + 7 h would be 15:00:01
    terminal = Altered("symbol_info_tick", lambda tick: tick)
    terminal._inner.server_utc_offset = None  # type: ignore[assignment]

    def berlin(tick: Value) -> Value:
        at = 1781103600 - 3600 + (1 if terminal.calls.count("symbol_info_tick") > 1 else 0)
        return with_fields(tick, time=at, time_msc=at * 1000)

    terminal._change = berlin
    memory, pauses = Memory(), list[float]()
    ask = SnapshotRequest("EURUSD", Side.BUY)
    snapshot = read(terminal, ask, now=NOW, memory=memory, pause=pauses.append)
    assert (snapshot.server_offset, memory.clock, len(pauses)) == (7200, ServerClock("Europe/Berlin", 0), 1)


def test_a_quote_an_hour_behind_that_does_not_move_is_stale() -> None:
    terminal = Altered("symbol_info_tick", fields(time=1781100000, time_msc=1781100000000))
    terminal._inner.server_utc_offset = None  # type: ignore[assignment]
    assert code_of(terminal, SnapshotRequest("EURUSD", Side.BUY)) == "tick_stale"


def test_the_round_trips_do_not_grow_with_the_positions() -> None:
    class Wire:
        name, epoch, trips = "host", 1, 0

        def gather(self, ask: Value) -> dict[str, Any]:
            from mt5bridge.terminal_side.gather import gather  # noqa: PLC0415 - what runs beyond the wire

            self.trips += 1
            return gather(recording(), ask)

    wire = Wire()
    snapshot = take(wire, BUY, now=NOW)
    assert (wire.trips, snapshot.terminal.name, snapshot.terminal.epoch) == (1, "host", 1)

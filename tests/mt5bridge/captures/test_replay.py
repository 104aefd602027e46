"""A terminal out of a capture: what it answers, what it fills in, and every way a file can be wrong."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mt5bridge.captures.document import parse, read
from mt5bridge.captures.replay import RecordingTerminal
from mt5bridge.errors import RecordingError
from mt5bridge.metatrader.constants import TIMEFRAMES
from mt5bridge.metatrader.protocol import Terminal
from mt5bridge.reading.request import SnapshotRequest
from mt5bridge.reading.snapshot import take
from portfolio.model import ProfitQuestion, Side
from tests.mt5bridge.terminals import Value, document, recording
from tests.paths import RECORDINGS as CAPTURES

RECORDINGS = sorted(CAPTURES.glob("*.json"))
H1 = TIMEFRAMES["H1"]

_is_a_terminal: Callable[[str], Terminal] = RecordingTerminal


def reason(text: str) -> str:
    with pytest.raises(RecordingError) as caught:
        parse(text, "case.json")
    assert caught.value.reason.code == "recording_invalid"
    return caught.value.reason.detail


def broken(change: Callable[[dict[str, Any]], Value]) -> str:
    capture = document()
    change(capture)
    return reason(json.dumps(capture))


def without(capture: dict[str, Any], *path: str | int) -> None:
    place: Any = capture
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]


def put(capture: dict[str, Any], value: Value, *path: str | int) -> None:
    place: Any = capture
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value


EURUSD = ("symbols", "EURUSD")


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_every_published_recording_gives_a_moment(path: Path) -> None:
    terminal = RecordingTerminal(path)
    symbol = next(iter(terminal.capture.infos))
    snapshot = take(terminal, SnapshotRequest(symbol, Side.BUY), now=terminal.now)
    assert snapshot.specs[symbol].name == symbol
    assert snapshot.terminal.name == "recording"


@pytest.mark.parametrize(
    ("name", "symbol", "side", "stop"),
    [
        ("eurjpy_2020", "EURJPY", Side.BUY, "119.541"),
        ("eurjpy_2020", "EURJPY", Side.SELL, "120.524"),
        ("eurjpy_2022", "EURJPY", Side.BUY, "144.009"),
        ("eurcad_2020", "EURCAD", Side.SELL, "1.56192"),
        ("ger40_2026", "Ger40", Side.BUY, "25447.98"),
        ("eurusd_2026", "EURUSD", Side.SELL, "1.19172"),
    ],
)
def test_formula_and_tick_value_of_published_contracts_agree_within_a_tenth_of_a_per_cent(
    name: str, symbol: str, side: Side, stop: str
) -> None:
    terminal = RecordingTerminal(RECORDINGS[0].parent / f"{name}.json")
    snapshot = take(terminal, SnapshotRequest(symbol, side, stop=Decimal(stop)), now=terminal.now)
    spec, quote = snapshot.specs[symbol], snapshot.quotes[symbol]
    entry = quote.ask if side is Side.BUY else quote.bid
    loss = -snapshot.profits[ProfitQuestion(symbol, side, entry, Decimal(stop))]
    by_ticks = abs(entry - Decimal(stop)) / spec.tick_size * spec.tick_value_loss
    assert abs(loss / by_ticks - 1) < Decimal("0.001")


def test_published_positions_make_the_published_result() -> None:
    terminal = RecordingTerminal(RECORDINGS[0].parent / "eurcad_2020.json")
    # 41.82 was published with other positions; these make -8.03 + 14.23 + 14.59 + 5.54 + 11.26 and -0.40 swap
    snapshot = take(terminal, SnapshotRequest(), now=terminal.now)
    assert snapshot.account.equity - snapshot.account.balance == Decimal("37.19")
    assert sum(row.profit + row.swap for row in snapshot.positions) == Decimal("37.19")


def test_the_clock_stands_still_at_the_capture() -> None:
    assert recording().now == datetime(2026, 6, 10, 12, 0, 1, tzinfo=UTC)


def test_the_clock_may_be_set() -> None:
    at = datetime(2026, 6, 10, 13, tzinfo=UTC)
    assert RecordingTerminal(recording().capture, at=at).now == at


def test_gzip_reads_like_json(tmp_path: Path) -> None:
    path = tmp_path / "case.json.gz"
    path.write_bytes(gzip.compress(json.dumps(document()).encode()))
    assert read(path) == recording().capture


def test_an_unknown_symbol_is_not_found() -> None:
    terminal = recording()
    assert terminal.symbol_info("XAUUSD") is None
    assert terminal.last_error() == (-4, "Terminal: Not found")
    assert terminal.account_info() is not None
    assert terminal.last_error() == (1, "Success")


def test_a_loss_is_rounded_to_cents_as_a_server_does() -> None:
    # 0.01 lot, one point of 0.00001: 0.01 dollar; half of that rounds to even
    terminal = recording()
    assert terminal.order_calc_profit(0, "EURUSD", 0.01, 1.0851, 1.0850) == -0.10
    assert terminal.order_calc_profit(0, "EURUSD", 0.001, 1.08510, 1.08507) == -0.0


def test_a_captured_answer_goes_before_the_formula() -> None:
    answer = {
        "action": 0,
        "symbol": "EURUSD",
        "volume": 1e6,
        "price_open": 1.0851,
        "price_close": 1.0827,
        "profit": -2.5e8,
    }
    terminal = recording(document(order_calc_profit=[answer]))
    assert terminal.order_calc_profit(0, "EURUSD", 2.0, 1.0851, 1.0827) == -500.0
    # any other stop goes by the formula: 250 ticks of 1.00
    assert terminal.order_calc_profit(0, "EURUSD", 1.0, 1.0851, 1.0826) == -250.0


def test_a_captured_margin_goes_before_the_formula() -> None:
    answer = {"action": 0, "symbol": "EURUSD", "volume": 1.0, "price": 1.0851, "margin": 3000.0}
    terminal = recording(document(order_calc_margin=[answer]))
    assert terminal.order_calc_margin(0, "EURUSD", 0.5, 1.0851) == 1500.0


def test_a_capture_can_not_trade() -> None:
    terminal = recording()
    for send in (terminal.order_check, terminal.order_send):
        terminal.account_info()
        send({})
        assert terminal.last_error() == (-7, "Terminal: Unsupported function")


def test_positions_are_found_by_symbol_ticket_and_group_and_a_typo_finds_all() -> None:
    terminal = recording()
    assert len(terminal.positions_get(symbol="EURUSD")) == 1
    assert terminal.positions_get(symbol="GBPUSD") == ()
    assert terminal.positions_get(ticket=8) == ()
    assert terminal.positions_get(group="*,!EUR*") == ()
    assert len(terminal.positions_get(simbol="GBPUSD")) == 1


def test_symbols_are_found_by_group() -> None:
    names = [row.name for row in recording().symbols_get(group="*USD*,!EUR*")]
    assert names == ["USDJPY", "GBPUSD"]


def test_history_takes_dates_by_position_and_in_any_form() -> None:
    terminal = recording()
    begin, end = datetime(2026, 6, 10, tzinfo=UTC), datetime(2026, 6, 11, tzinfo=UTC)
    assert [row.ticket for row in terminal.history_deals_get(begin, end) or ()] == [2]
    assert [row.ticket for row in terminal.history_deals_get(0, 2**31) or ()] == [1, 2]
    assert terminal.history_deals_get() is None
    assert terminal.last_error()[0] == -2
    assert [row.ticket for row in terminal.history_deals_get(position=7) or ()] == [2]
    assert terminal.history_deals_total(0, 2**31) == 2
    assert terminal.history_orders_total(0, 2**31) == 1


def test_bars_end_with_the_forming_one() -> None:
    rows = recording().copy_rates_from_pos("EURUSD", H1, 0, 2)
    assert rows is not None
    assert [row[4] for row in rows.tolist()] == [1.084, 1.085]


def test_a_capture_of_closed_bars_gets_the_forming_one_from_the_quote() -> None:
    capture = document()
    bars = capture["symbols"]["EURUSD"]["rates"]["H1"]
    capture["symbols"]["EURUSD"]["rates"]["H1"] = {column: cells[:3] for column, cells in bars.items()}
    rows = recording(capture).copy_rates_from_pos("EURUSD", H1, 0, 2)
    assert rows is not None
    # the quote 1.085 of 15:00:00 opens the bar of 15:00
    assert [row[:5] for row in rows.tolist()] == [
        (1781100000, 1.083, 1.085, 1.082, 1.084),
        (1781103600, 1.085, 1.085, 1.085, 1.085),
    ]


def test_bars_that_were_not_captured_are_missing_not_refused() -> None:
    terminal = recording()
    snapshot = take(terminal, SnapshotRequest("EURUSD", Side.BUY, bars=(("H1", 3), ("M5", 3))), now=terminal.now)
    assert set(snapshot.bars) == {("EURUSD", "H1")}


def test_bars_of_a_symbol_that_was_not_captured_are_not_found() -> None:
    terminal = recording()
    assert terminal.copy_rates_from_pos("XAUUSD", H1, 0, 2) is None
    assert terminal.last_error()[0] == -4


# what a hand-written capture may leave out


def test_a_tick_without_a_time_is_as_new_as_the_capture() -> None:
    capture = document()
    without(capture, *EURUSD, "tick", "time")
    tick = recording(capture).symbol_info_tick("EURUSD")
    assert tick is not None
    assert tick.time == int(recording().now.timestamp()) + 10_800


def test_what_is_left_out_is_what_a_terminal_says_about_nothing() -> None:
    terminal = recording()
    info, account = terminal.symbol_info("EURUSD"), terminal.account_info()
    assert info is not None
    assert (info.volume_limit, info.trade_stops_level, info.description, info.select) == (0.0, 0, "", True)
    assert (info.point, info.digits, info.trade_tick_value_loss, info.currency_margin) == (0.00001, 5, 1.0, "EUR")
    assert (account.credit, account.margin_mode, account.currency_digits, account.margin_free) == (0.0, 2, 2, 99_750.0)


def test_a_position_without_a_price_stands_at_the_price_that_closes_it() -> None:
    capture = document()
    capture["positions"].append({**capture["positions"][0], "ticket": 9, "type": 1})
    assert [row.price_current for row in recording(capture).positions_get()] == [1.085, 1.0851]


def test_without_an_offset_the_broker_is_the_usual_one() -> None:
    capture = document()
    del capture["server_utc_offset"]
    assert recording(capture).server_utc_offset == 10_800


@pytest.mark.parametrize("field", ["balance", "equity", "currency", "leverage"])
def test_an_account_field_that_a_size_depends_on_may_not_be_left_out(field: str) -> None:
    detail = broken(lambda capture: without(capture, "account_info", field))
    assert detail == f"account_info.{field} is missing, and a size depends on it"


@pytest.mark.parametrize(
    "field",
    [
        *("trade_contract_size", "trade_tick_size", "trade_tick_value", "volume_min", "volume_max", "volume_step"),
        *("currency_base", "currency_profit"),
    ],
)
def test_a_contract_field_that_a_size_depends_on_may_not_be_left_out(field: str) -> None:
    detail = broken(lambda capture: without(capture, *EURUSD, "info", field))
    assert detail == f"symbols.EURUSD.info.{field} is missing, and a size depends on it"


@pytest.mark.parametrize("field", ["bid", "ask"])
def test_a_price_may_not_be_left_out(field: str) -> None:
    detail = broken(lambda capture: without(capture, *EURUSD, "tick", field))
    assert detail == f"symbols.EURUSD.tick.{field} is missing, and a size depends on it"


@pytest.mark.parametrize("field", ["symbol", "type", "volume", "price_open"])
def test_a_position_field_that_a_charge_depends_on_may_not_be_left_out(field: str) -> None:
    assert broken(lambda capture: without(capture, "positions", 0, field)).startswith(
        f"positions[0].{field} is missing"
    )


@pytest.mark.parametrize("field", ["symbol", "type", "volume_current", "price_open"])
def test_an_order_field_that_a_charge_depends_on_may_not_be_left_out(field: str) -> None:
    assert broken(lambda capture: without(capture, "orders", 0, field)).startswith(f"orders[0].{field} is missing")


def test_a_deal_must_say_when() -> None:
    assert broken(lambda capture: without(capture, "deals", 0, "time")).startswith("deals[0].time is missing")


@pytest.mark.parametrize("key", ["captured_at", "account_info", "symbols"])
def test_no_capture_goes_without_its_main_parts(key: str) -> None:
    assert key in broken(lambda capture: without(capture, key))


# every way a file can be wrong


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(tmp_path: Path, part: float) -> None:
    text = json.dumps(document())
    assert "is no whole JSON document" in reason(text[: int(len(text) * part)])
    packed = gzip.compress(text.encode())
    path = tmp_path / "case.json.gz"
    path.write_bytes(packed[: int(len(packed) * part)])
    with pytest.raises(RecordingError, match="can't be read"):
        read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="can't be read"):
        read(tmp_path / "none.json")


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '"x"', '{"format": "mt5bridge-recording/2"}', "[" * 100_000])
def test_a_foreign_file_is_refused(text: str) -> None:
    assert "case.json is" in reason(text)


def test_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_bytes(json.dumps(document()).encode("utf-16"))
    with pytest.raises(RecordingError, match="can't be read"):
        read(path)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    text = json.dumps(document()).replace('"balance": 100000.0', f'"balance": {number}')
    assert "is no whole JSON document" in reason(text)


def test_a_key_that_stands_twice_is_refused() -> None:
    text = json.dumps(document()).replace('"balance": 100000.0', '"balance": 100000.0, "balance": 200000.0')
    assert "key 'balance' stands twice" in reason(text)


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        (("acount_info",), "account_info"),
        (("account_info", "ballance"), "balance"),
        ((*EURUSD, "ticks"), "tick"),
        ((*EURUSD, "info", "volume_minimum"), "volume_min"),
        ((*EURUSD, "tick", "bidd"), "bid"),
        ((*EURUSD, "rates", "h1"), "H1"),
        ((*EURUSD, "rates", "H1", "opens"), "open"),
        (("positions", 0, "price_opened"), "price_open"),
        (("orders", 0, "volume_currrent"), "volume_current"),
        (("deals", 0, "comission"), "commission"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_name(path: tuple[str | int, ...], nearest: str) -> None:
    detail = broken(lambda capture: put(capture, 1, *path))
    assert f"unknown key {path[-1]!r}; nearest is '{nearest}" in detail


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("captured_at",), "yesterday"),
        (("captured_at",), "2026-06-10T12:00:00"),
        (("server_utc_offset",), 10_800.5),
        (("server_utc_offset",), 90_000),
        (("account_info", "balance"), "100000"),
        (("account_info", "balance"), True),
        (("account_info", "balance"), None),
        (("account_info", "currency"), 840),
        (("account_info", "leverage"), 33.3),
        (("account_info", "trade_allowed"), "yes"),
        ((*EURUSD, "info"), []),
        ((*EURUSD, "info", "name"), "EURUSDm"),
        ((*EURUSD, "tick", "bid"), [1.085]),
        ((*EURUSD, "rates", "H1", "close"), [1.0]),
        ((*EURUSD, "rates", "H1", "close"), ["1", "2", "3", "4"]),
        (("positions",), {}),
        (("positions", 0, "symbol"), "EURUSDm"),
        (("orders", 0), None),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_its_place(path: tuple[str | int, ...], value: Value) -> None:
    detail = broken(lambda capture: put(capture, value, *path))
    assert str(path[-1]) in detail or str(path[0]) in detail


def test_a_note_may_stand_at_the_top() -> None:
    assert parse(json.dumps(document(_note="by hand")), "case").account_info["login"] == 1234


def test_an_integer_where_a_terminal_has_a_double_is_one() -> None:
    capture = document()
    put(capture, 100_000, "account_info", "balance")
    balance = recording(capture).account_info().balance
    assert (balance, type(balance)) == (100_000.0, float)


def test_a_later_clock_makes_the_capture_stale_not_wrong() -> None:
    later = recording().now + timedelta(hours=1)
    terminal = RecordingTerminal(recording().capture, at=later)
    assert take(terminal, SnapshotRequest(), now=terminal.now).taken_at == later

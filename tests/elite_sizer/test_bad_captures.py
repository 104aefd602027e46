"""A number that can't be true, wherever it stands in a capture, gives no larger size and no traceback."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from elite_sizer import Decision, Sizer, TradeIdea
from elite_sizer.caps.reasons import REASONS
from elite_sizer.configuration.reload import Reloader
from elite_sizer.configuration.settings import load
from elite_sizer.inputs.terminals import OpenTerminal
from elite_sizer.journal.files import Journal
from elite_sizer.journal.read_only import ReadOnlyRecorder
from elite_sizer.journal.recorder import Recorder
from mt5bridge.captures.document import Capture, parse
from mt5bridge.captures.replay import RecordingTerminal
from mt5bridge.errors import RecordingError
from mt5bridge.metatrader.rows import RATES
from mt5bridge.reading.freshness import Freshness
from mt5bridge.reading.terminal_memory import Memory
from portfolio.errors import ConfigError
from portfolio.store.database import Store
from tests.captures import HOUR, SERVER_NOON, Document, capture, lost, open_trade, sizer, symbol, waiting

IDEA: Final = TradeIdea("EURJPY", "buy", stop="159.500", target="161.500", confidence="70%")

KINDS: Final[dict[str, Callable[[float], float]]] = {
    "NaN": lambda _: math.nan,
    "infinity": lambda _: math.inf,
    "negative": lambda value: -abs(value) or -1,
    "zero": lambda value: type(value)(0),
}

FACTS: Final = {
    # a swap of nothing, or one that is not booked three times on Wednesday, is a tariff and no fault
    ("infos", "swap_mode", "zero"),
    ("infos", "swap_long", "zero"),
    ("infos", "swap_rollover3days", "zero"),
    ("infos", "swap_rollover3days", "negative"),
}
"""What makes the size larger, and may: another capture, as true as the first."""

Path_ = tuple[Any, ...]


def rich() -> Document:
    """Return a capture in which as much as possible matters: a cross, a book, a history, bars, swap and limits."""
    yen: Document = {"trade_tick_size": 0.001, "currency_profit": "JPY", "point": 0.001, "trade_tick_value": 0.6779661}
    cross: Document = {
        "swap_mode": 1,
        "swap_long": -5.0,
        "swap_short": -3.0,
        "trade_stops_level": 10,
        "volume_limit": 60.0,
    }
    made = capture(
        symbols={
            "EURJPY": {**symbol(160.000, 160.010, path="Forex\\EURJPY", **yen, **cross), "rates": bars()},
            "USDJPY": symbol(147.495, 147.505, currency_base="USD", path="Forex\\USDJPY", **yen),
        },
        positions=[open_trade("EURUSD buy 0.50 @ 1.0849 sl 1.0800 tp 1.0950", 7)],
        orders=[waiting("EURUSD sell 0.20 @ 1.0900 sl 1.0950 tp 1.0800", 8)],
        account={"balance": 99_720.0, "equity": 99_720.0, "margin": 542.5},
    )
    entry = {"symbol": "EURUSD", "type": 0, "volume": 1.0, "price": 1.08, "position_id": 3, "commission": -5.0}
    won = {**lost(-130.0, hours=49), "commission": -5.0, "ticket": 51}
    made["deals"] += [{**entry, "ticket": 50, "time": SERVER_NOON - 50 * HOUR}, won, lost(400.0, hours=2)]
    return made


def bars(count: int = 60) -> Document:
    """Return hourly and daily bars around 160, the last of each closed before noon."""
    closes = [160 + 0.3 * math.sin(1.7 * place) for place in range(count)]
    made: Document = {}
    for name, length in (("H1", HOUR), ("D1", 24 * HOUR)):
        end = SERVER_NOON - SERVER_NOON % length
        made[name] = {
            "time": [end - length * back for back in range(count, 0, -1)],
            "open": [160.0] * count,
            "high": [close + 0.4 for close in closes],
            "low": [close - 0.4 for close in closes],
            "close": closes,
            "tick_volume": [5] * count,
            "spread": [10] * count,
            "real_volume": [0] * count,
        }
    return made


WHOLE: Final = parse(json.dumps(rich()), "rich")


@pytest.fixture(scope="module")
def size(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Capture], Decision]:
    """Return what sizes the same idea on any capture, each time without a memory or a record of the others."""
    folder = tmp_path_factory.mktemp("bad")
    settings = load(options={"store.path": str(folder)}, environment={})
    recorder = ReadOnlyRecorder.of(Recorder(Store.memory(), Journal(folder)))
    first = RecordingTerminal(WHOLE)
    made = Sizer(Reloader(lambda: settings, settings), _desk(first), recorder)

    def sized(shown: Capture) -> Decision:
        made.terminal = _desk(RecordingTerminal(shown))
        return made.size(IDEA, reserve=False)

    return sized


def _desk(terminal: RecordingTerminal) -> OpenTerminal:
    return OpenTerminal("recording", terminal, lambda: terminal.now, Memory(), Freshness())


@pytest.fixture(scope="module")
def whole(size: Callable[[Capture], Decision]) -> Decision:
    """Return the decision on the capture as it is."""
    decision = size(WHOLE)
    assert decision.lots > 1
    return decision


def numbers(section: str) -> Iterator[tuple[Path_, float]]:
    """Yield every numeric field of a section, by its path, with what it holds."""
    part = getattr(WHOLE, section)
    if section == "rates":
        for timeframe, rows in part["EURJPY"].items():
            for place in (0, len(rows) - 2, len(rows) - 1):
                for column in range(len(RATES)):
                    yield ("EURJPY", timeframe, place, column), rows[place][column]
        return
    rows = part.items() if isinstance(part, dict) else enumerate(part)
    for key, row in rows:
        fields = row.items() if isinstance(row, dict) else [(None, row)]
        for name, value in fields:
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                yield ((key,) if name is None else (key, name)), value


def with_value(section: str, path: Path_, value: float) -> Capture:
    """Return the capture with one number changed."""
    return replace(WHOLE, **{section: _changed(getattr(WHOLE, section), path, value)})


def _changed(part: Any, path: Path_, value: float) -> Any:  # noqa: ANN401 - rows, columns and tables
    first, *rest = path
    changed = dict(part) if isinstance(part, dict) else list(part)
    changed[first] = _changed(part[first], tuple(rest), value) if rest else value
    return tuple(changed) if isinstance(part, tuple) else changed


TIME: Final = RATES.index("time")
SECTIONS: Final = ("terminal_info", "account_info", "infos", "ticks", "positions", "orders", "deals", "rates")


def test_every_section_of_a_capture_is_walked() -> None:
    counts = {section: sum(1 for _ in numbers(section)) for section in SECTIONS}
    assert all(counts.values())
    # 24 figures of the account, 3 symbols with 73 each, 8 columns of 3 bars in 2 timeframes
    assert counts["account_info"] >= 20
    assert counts["infos"] >= 200
    assert counts["rates"] == 48


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("section", SECTIONS)
def test_a_number_that_can_not_be_true_gives_no_larger_size_and_no_traceback(
    section: str, kind: str, size: Callable[[Capture], Decision], whole: Decision
) -> None:
    for path, value in numbers(section):
        decision = size(with_value(section, path, KINDS[kind](value)))
        where = f"{section} {path} {kind}"
        if decision.lots == 0:
            assert decision.reason is not None, where
            assert decision.reason.code in REASONS, where
        elif (section, path[-1], kind) not in FACTS:
            assert decision.lots <= whole.lots, where
        if decision.lots != 0 and kind in {"NaN", "infinity"} and (section, path[-1]) != ("rates", TIME):
            # what is not refused has not been read at all; a bar of no time is left out
            assert decision.lots == whole.lots, where


@pytest.mark.parametrize(
    ("section", "path", "kind", "code"),
    [
        ("account_info", ("balance",), "zero", "equity_nonpositive"),
        ("account_info", ("equity",), "negative", "equity_nonpositive"),
        ("account_info", ("equity",), "NaN", "value_not_finite"),
        ("account_info", ("leverage",), "negative", "value_not_finite"),
        ("account_info", ("credit",), "infinity", "value_not_finite"),
        ("infos", ("EURJPY", "volume_step"), "zero", "symbol_spec_invalid"),
        ("infos", ("EURJPY", "volume_min"), "negative", "symbol_spec_invalid"),
        ("infos", ("EURJPY", "trade_tick_value"), "NaN", "value_not_finite"),
        ("infos", ("EURJPY", "trade_tick_size"), "negative", "symbol_spec_invalid"),
        ("infos", ("EURJPY", "trade_contract_size"), "negative", "symbol_spec_invalid"),
        ("infos", ("EURUSD", "trade_tick_value_loss"), "zero", "symbol_spec_invalid"),
        ("ticks", ("EURJPY", "ask"), "zero", "tick_invalid"),
        ("ticks", ("EURJPY", "ask"), "negative", "tick_invalid"),
        ("ticks", ("USDJPY", "ask"), "negative", "tick_value_mismatch"),
        ("positions", (0, "volume"), "zero", "book_unpriceable"),
        ("positions", (0, "sl"), "zero", "open_stop"),
        ("positions", (0, "profit"), "NaN", "value_not_finite"),
        ("orders", (0, "volume_current"), "negative", "book_unpriceable"),
        ("deals", (0, "profit"), "zero", "initial_unknown"),
        ("deals", (2, "commission"), "infinity", "value_not_finite"),
        ("rates", ("EURJPY", "H1", 58, 4), "zero", "value_not_finite"),
        ("rates", ("EURJPY", "D1", 59, 0), "NaN", "value_not_finite"),
    ],
)
def test_what_a_size_depends_on_is_refused_by_its_own_reason(
    section: str, path: Path_, kind: str, code: str, size: Callable[[Capture], Decision]
) -> None:
    value = dict(numbers(section))[path]
    reason = size(with_value(section, path, KINDS[kind](value))).reason
    assert reason is not None
    assert reason.code == code, reason


# files


def written(folder: Path, text: str) -> Path:
    path = folder / "case.json"
    path.write_text(text, encoding="utf-8")
    return path


def why(path: Path) -> str:
    """Return why a file can't be sized on, whole."""
    with pytest.raises(RecordingError) as raised:
        Sizer.offline(path)
    assert raised.value.reason.code == "recording_invalid"
    return raised.value.reason.detail


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "true", '"5"', "null", "[5]"])
@pytest.mark.parametrize(
    ("old", "field"),
    [
        ('"balance": 99720.0', "balance"),
        ('"volume_step": 0.01', "volume_step"),
        ('"bid": 160.0', "bid"),
        ('"volume": 0.5', "volume"),
        ('"volume_current": 0.2', "volume_current"),
        ('"profit": -400.0', "profit"),
        ('"open": [160.0', "open"),
    ],
)
def test_what_is_no_number_in_a_file_is_refused(literal: str, old: str, field: str, tmp_path: Path) -> None:
    text = json.dumps(rich())
    assert old in text
    head, _, value = old.partition(": ")
    spoiled = f"{head}: {'[' if value.startswith('[') else ''}{literal}"
    detail = why(written(tmp_path, text.replace(old, spoiled, 1)))
    assert field in detail or "is no whole JSON document" in detail


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.5, 0.9, 0.999])
def test_a_file_that_breaks_off_is_refused(share: float, tmp_path: Path) -> None:
    text = json.dumps(rich())
    assert why(written(tmp_path, text[: int(len(text) * share)]))


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "null",
        "5",
        '"mt5bridge-recording/1"',
        '{"format": "mt5bridge-recording/2"}',
        '{"format": "mt5bridge-recording/1"}',
        '{"name": "elite-sizer", "version": 1}',
        "not JSON at all",
        "[" * 100_000,
    ],
    ids=lambda text: text[:20],
)
def test_a_foreign_document_is_refused(text: str, tmp_path: Path) -> None:
    assert why(written(tmp_path, text))


@pytest.mark.parametrize(
    "data",
    [
        b"\x1f\x8b",
        b"\x1f\x8b\x08\x00garbage that is no gzip",
        gzip.compress(json.dumps(rich()).encode())[:-30],
        gzip.compress(b"\xff\xfe\x00no text"),
        b"\xff\xfe\x00",
    ],
    ids=["two bytes", "garbage", "cut", "no text inside", "no text"],
)
def test_garbage_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "case.json.gz"
    path.write_bytes(data)
    assert why(path)


def test_a_packed_capture_is_sized_like_the_plain_one(tmp_path: Path) -> None:
    path = tmp_path / "case.json.gz"
    path.write_bytes(gzip.compress(json.dumps(rich()).encode()))
    with Sizer.offline(path, options={"store.path": str(tmp_path)}) as made:
        assert made.size(IDEA, reserve=False).lots > 1


@pytest.mark.parametrize(
    ("old", "new", "nearest"),
    [
        ('"balance"', '"balanse"', "balance"),
        ('"volume_step"', '"volumestep"', "volume_step"),
        ('"positions"', '"position"', "positions"),
        ('"price_open"', '"open_price"', "price_open"),
        ('"captured_at"', '"Captured_At"', "captured_at"),
        ('"H1"', '"h1"', "H1"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest(old: str, new: str, nearest: str, tmp_path: Path) -> None:
    detail = why(written(tmp_path, json.dumps(rich()).replace(old, new, 1)))
    assert new.strip('"') in detail
    assert f"nearest is '{nearest}'" in detail


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    text = json.dumps(rich()).replace('"balance": 99720.0', '"balance": 99720.0, "balance": 500000.0')
    assert "balance" in why(written(tmp_path, text))


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (("account_info",), "account_info"),
        (("account_info", "balance"), "account_info.balance"),
        (("account_info", "equity"), "account_info.equity"),
        (("account_info", "currency"), "account_info.currency"),
        (("account_info", "leverage"), "account_info.leverage"),
        (("symbols", "EURJPY", "info"), "info"),
        (("symbols", "EURJPY", "info", "trade_contract_size"), "trade_contract_size"),
        (("symbols", "EURJPY", "info", "trade_tick_size"), "trade_tick_size"),
        (("symbols", "EURJPY", "info", "trade_tick_value"), "trade_tick_value"),
        (("symbols", "EURJPY", "info", "volume_min"), "volume_min"),
        (("symbols", "EURJPY", "info", "volume_max"), "volume_max"),
        (("symbols", "EURJPY", "info", "volume_step"), "volume_step"),
        (("symbols", "EURJPY", "info", "currency_base"), "currency_base"),
        (("symbols", "EURJPY", "info", "currency_profit"), "currency_profit"),
        (("symbols", "EURJPY", "tick"), "tick"),
        (("symbols", "EURJPY", "tick", "bid"), "tick.bid"),
        (("symbols", "EURJPY", "tick", "ask"), "tick.ask"),
        (("positions", 0, "volume"), "positions[0].volume"),
        (("positions", 0, "price_open"), "positions[0].price_open"),
        (("orders", 0, "volume_current"), "orders[0].volume_current"),
        (("orders", 0, "price_open"), "orders[0].price_open"),
        (("deals", 1, "time"), "deals[1].time"),
        (("captured_at",), "captured_at"),
        (("format",), "format"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_size_depends_on_must_be_there_and_is_named(path: Path_, named: str, tmp_path: Path) -> None:
    document = rich()
    part: Any = document
    for step in path[:-1]:
        part = part[step]
    del part[path[-1]]
    assert named in why(written(tmp_path, json.dumps(document)))


def test_an_unknown_symbol_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with sizer(tmp_path, rich()) as made:
        reason = made.size(TradeIdea("EURJYP", "buy", stop="159.5")).reason
    assert reason == ("symbol_unknown", "EURJYP is not known to the terminal; nearest: EURJPY, USDJPY, EURUSD")


def test_a_position_in_a_symbol_that_the_capture_lacks_is_refused_with_the_nearest(tmp_path: Path) -> None:
    document = rich()
    document["positions"][0]["symbol"] = "EURUSB"
    del document["positions"][0]["price_current"]
    assert "nearest is 'EURUSD'" in why(written(tmp_path, json.dumps(document)))


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("caps.per_trade", "risk_pct", "5"),
        ("caps.per_trade", "risk_pct", "5.0"),
        ("caps.open_risk", "risk_pct", "3"),
        ("sizers.elite", "base_risk_pct", "1.1"),
        ("sizers.fixed_risk", "risk_pct", "1"),
        ("policy", "max_concentration", "30"),
        ("tail", "alpha", "5"),
    ],
)
def test_a_percentage_without_its_sign_is_refused_with_the_way_to_write_it(
    table: str, key: str, value: str, tmp_path: Path
) -> None:
    path = tmp_path / "elite-sizer.toml"
    path.write_text(f"[{table}]\n{key} = {value}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"line 2, \[{table}\] {key}") as raised:
        Sizer.offline(written(tmp_path, json.dumps(rich())), path)
    assert f'"{float(value):g}%"' in str(raised.value)
    path.write_text(f'[{table}]\n{key} = "{value}%"\n', encoding="utf-8")
    Sizer.offline(tmp_path / "case.json", path).close()

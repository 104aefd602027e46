"""Nothing blocks an exit: no cap, no halt, no rule, no record, no configuration and no quote."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import apsw
import pytest

from elite_sizer import Decision, Sizer, TradeIdea
from elite_sizer.configuration.flag import FLAG
from elite_sizer.configuration.settings import load
from elite_sizer.configuration.stop_file import write_stop
from elite_sizer.journal.verify import LineStatus, check, plans
from elite_sizer.model.outcome import Outcome
from elite_sizer.model.request import Intent
from portfolio.ledger.halts import EVERYTHING, halt
from portfolio.model import ZERO
from portfolio.reasons import Refusal, refuse
from tests.captures import DEPOSIT, NETTING, NOON, Document, capture, journal, lost, open_trade, sizer, symbol

LONG: Final = "EURUSD buy 0.50 @ 1.0849 sl 1.0800"


def nothing(_made: Sizer, _folder: Path) -> None:
    """Leave everything as it is."""


class Block(NamedTuple):
    """What could stand in the way: in the configuration, in what the terminal shows, or done to the running sizer."""

    reason: str
    """Why an entry is refused under it."""
    options: dict[str, Any] = {}  # noqa: RUF012 - read only
    shown: dict[str, Any] = {}  # noqa: RUF012 - read only
    done: Callable[[Sizer, Path], None] = nothing
    before: Callable[[Path], None] | None = None
    durable: bool = False
    """It concerns the database file."""


def every_cap_at_zero() -> dict[str, Any]:
    known = load(environment={}).values
    numbers = {key: 0 for key, value in known.items() if key.startswith("caps.") and type(value) in {int, Decimal}}
    shares = {f"policy.{name}": 0 for name in ("budget_fraction", "max_concentration", "max_daily_risk_pct")}
    return {**numbers, **shares}


def stopped(made: Sizer, _folder: Path) -> None:
    write_stop(made.reloader.settings.folder, "the news")


def halted(made: Sizer, _folder: Path) -> None:
    halt(made.recorder.store, EVERYTHING, refuse("late_use", "a bot was late"), NOON)


def locked(made: Sizer, folder: Path) -> None:
    """Let another process hold the database; it is let go with the test's folder."""
    made.recorder.store._database.set_busy_handler(None)
    other = apsw.Connection(str(folder / "store" / "elite-sizer.db"))
    other.execute("BEGIN EXCLUSIVE")
    made.recorder.store.__dict__["other"] = other


def read_only(made: Sizer, _folder: Path) -> None:
    made.recorder.store._database.pragma("query_only", value=True)


def moved_away(_made: Sizer, folder: Path) -> None:
    (folder / "store" / "elite-sizer.db").rename(folder / "store" / "elsewhere.db")


def damaged(made: Sizer, folder: Path) -> None:
    """Overwrite the database under the running sizer, and let it forget what it has read of it."""
    database = made.recorder.store._database
    database.pragma("wal_checkpoint(TRUNCATE)")
    database.pragma("shrink_memory")
    file = folder / "store" / "elite-sizer.db"
    with file.open("r+b") as opened:
        opened.seek(100)
        opened.write(b"\xa5" * (file.stat().st_size - 100))


def never_a_database(folder: Path) -> None:
    (folder / "store").mkdir()
    (folder / "store" / "elite-sizer.db").write_bytes(b"no database" * 1000)


def no_folder(folder: Path) -> None:
    """Put a file where the store's folder belongs."""
    (folder / "store").write_bytes(b"")


def flag_garbled(made: Sizer, _folder: Path) -> None:
    folder = made.reloader.settings.folder
    folder.mkdir(exist_ok=True)
    (folder / FLAG).write_text("perhaps", encoding="utf-8")


def no_journal(_made: Sizer, folder: Path) -> None:
    """Put a folder where the day's file belongs."""
    (folder / "store" / "decisions-2026-06-10.jsonl").mkdir(parents=True)


BLOCKS: Final = {
    "every cap at 0": Block("below_min_lot no_room per_trade", every_cap_at_zero()),
    "the STOP file": Block("halted", done=stopped),
    "a latched halt": Block("halted", done=halted),
    "a locked store": Block("state_busy", done=locked, durable=True),
    "a read-only store": Block("state_readonly", done=read_only, durable=True),
    "a store that was moved away": Block("state_disk", done=moved_away, durable=True),
    "a damaged store": Block("state_corrupt", done=damaged, durable=True),
    "a store that is none": Block("state_corrupt", before=never_a_database, durable=True),
    "no folder for the store": Block("state_readonly", before=no_folder, durable=True),
    "an unreadable flag": Block("flag_unreadable", done=flag_garbled),
    "a legacy sizer that is not there": Block("config_invalid", {"legacy": "nowhere:function", "sizer": "shadow"}),
    "a rule set that there is not": Block("rules_unknown", {"account.rules": "ftmo_9step"}),
    "a rule that can't be read": Block("rules_unknown", {"rules.ftmo_2step.daily.pct": "much"}),
    "an initial size that the firm does not have": Block("rules_unknown", {"account.rules": "ftmo_1step_rewards"}),
    "a history without a beginning": Block("initial_unknown", shown={"deals": []}),
    "a breach": Block(
        "rule_breached",
        shown={"account": {"balance": 94_000.0, "equity": 94_000.0}, "deals": [dict(DEPOSIT), lost(6_000.0)]},
    ),
    "equity below nothing": Block("equity_nonpositive", shown={"account": {"balance": -5.0, "equity": -5.0}}),
    "a quote an hour old": Block("tick_stale", shown={"symbols": {"EURUSD": symbol(age=3600)}}),
    "a quote of tomorrow": Block("clock_suspect", shown={"symbols": {"EURUSD": symbol(age=-86_400)}}),
    "no quote": Block("symbol_unavailable", shown={"symbols": {"EURUSD": symbol(bid=0.0, ask=0.0)}}),
    "a crossed quote": Block("tick_invalid", shown={"symbols": {"EURUSD": symbol(bid=1.09, ask=1.08)}}),
    "a symbol in close-only mode": Block("trade_mode", shown={"symbols": {"EURUSD": symbol(trade_mode=3)}}),
    "another position without a stop": Block(
        "open_stop", shown={"positions": [open_trade(LONG), open_trade("GBPUSD buy 1 @ 1.2700", 9)]}
    ),
    "a position in a symbol that can't be valued": Block(
        "tick_value_mismatch book_unpriceable",
        shown={"positions": [open_trade(LONG), open_trade("XYZUSD buy 1 @ 1.2700 sl 1.2", 9)]},
    ),
    "money that does not add up": Block("snapshot_torn", shown={"account": {"equity": 50_000.0}}),
    "no connection": Block("terminal_disconnected", shown={"terminal_info": {"connected": False}}),
}

OTHERS: Final = {
    "GBPUSD": symbol(bid=1.2700, ask=1.2701, currency_base="GBP", path="Forex\\GBPUSD"),
    "XYZUSD": symbol(bid=1.2700, ask=1.2701, currency_base="XYZ", trade_tick_value=7.0, path="Forex\\XYZUSD"),
}


def shown(block: Block, **account: Any) -> Document:  # noqa: ANN401 - fields of an account
    """Return a capture with half a lot of EURUSD bought, and with what the block shows instead."""
    changes = {"positions": [open_trade(LONG)], **block.shown}
    changes["account"] = {**account, **changes.get("account", {})}
    changes["symbols"] = {**OTHERS, **changes.get("symbols", {})}
    return capture(**changes)


def out(folder: Path, block: Block, document: Document, idea: TradeIdea) -> Decision:
    """Return the decision on an idea under a block that was put in place after the sizer was opened."""
    if block.before is not None:
        block.before(folder)
    with sizer(folder, document, durable=block.durable, **block.options) as made:
        block.done(made, folder)
        return made.size(idea)


BLOCKED: Final = pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)


@BLOCKED
def test_an_entry_is_refused_under_each_of_them(block: Block, tmp_path: Path) -> None:
    decision = out(tmp_path, block, shown(block), TradeIdea("EURUSD", "buy", stop="1.0800"))
    assert decision.lots == 0
    assert isinstance(decision.reason, Refusal)
    assert decision.reason.code in block.reason.split(), decision.reason


@BLOCKED
@pytest.mark.parametrize(
    ("idea", "intent", "lots"),
    [
        (TradeIdea("EURUSD", "sell", reduce=7), Intent.CLOSE, "0.5"),
        (TradeIdea("EURUSD", "sell", reduce=7, volume="0.2"), Intent.REDUCE, "0.20"),
    ],
    ids=["close", "reduce"],
)
def test_on_hedging_a_ticket_is_closed_in_part_or_whole_whatever_stands_in_the_way(
    block: Block, idea: TradeIdea, intent: Intent, lots: str, tmp_path: Path
) -> None:
    decision = out(tmp_path, block, shown(block), idea)
    assert (decision.outcome, decision.reason, decision.exit_code) == (Outcome.EXIT, None, 0)
    assert (decision.intent, decision.lots) == (intent, Decimal(lots))
    assert decision.order is not None
    assert (decision.order.volume, decision.order.ticket, decision.order.stop) == (float(lots), 7, None)


@BLOCKED
@pytest.mark.parametrize(
    ("idea", "intent", "lots"),
    [
        (TradeIdea("EURUSD", "sell", reduce=7), Intent.CLOSE, "0.5"),
        (TradeIdea("EURUSD", "sell", volume="0.2"), Intent.REDUCE, "0.20"),
        (TradeIdea("EURUSD", "sell", volume=1), Intent.CLOSE, "0.5"),
    ],
    ids=["close", "reduce by volume", "close by more than there is"],
)
def test_on_netting_the_position_is_closed_in_part_or_whole_whatever_stands_in_the_way(
    block: Block, idea: TradeIdea, intent: Intent, lots: str, tmp_path: Path
) -> None:
    decision = out(tmp_path, block, shown(block, **NETTING), idea)
    assert (decision.outcome, decision.reason) == (Outcome.EXIT, None)
    assert (decision.intent, decision.lots) == (intent, Decimal(lots))


@BLOCKED
def test_on_netting_a_reversal_that_is_refused_still_closes(block: Block, tmp_path: Path) -> None:
    decision = out(tmp_path, block, shown(block, **NETTING), TradeIdea("EURUSD", "sell", stop="1.0900"))
    assert (decision.outcome, decision.reason, decision.lots) == (Outcome.EXIT, None, Decimal("0.5"))
    assert decision.order is not None
    assert (decision.order.intent, decision.order.volume, decision.order.stop) == (Intent.CLOSE, 0.5, None)


def test_a_reversal_that_is_not_refused_closes_and_opens_in_one_order(tmp_path: Path) -> None:
    with sizer(tmp_path, shown(Block(""), **NETTING)) as made:
        decision = made.size(TradeIdea("EURUSD", "sell", stop="1.0900"), reserve=False)
    # nothing of the book is left beside the new trade: 30 % of 0.7 x (5,000 - 250) over 510 a lot
    assert (decision.outcome, decision.intent, decision.lots) == (Outcome.APPROVE, Intent.REVERSE, Decimal("1.95"))
    assert decision.order is not None
    assert (decision.order.volume, decision.order.stop) == (2.45, Decimal("1.09"))


@pytest.mark.parametrize(
    ("idea", "code"),
    [
        (TradeIdea("EURUSD", "sell", stop="1.0700"), "stop_wrong_side"),
        (TradeIdea("EURUSD", "sell"), "stop_required"),
        (TradeIdea("EURUSD", "sell", stop="2"), "stop_implausible"),
        (TradeIdea("EURUSD", "sell", stop="1.09", target="1.10"), "target_wrong_side"),
        (TradeIdea("EURUSD", "sell", stop=float("nan")), "value_not_finite"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_reversal_that_can_not_be_meant_closes_nothing(idea: TradeIdea, code: str, tmp_path: Path) -> None:
    with sizer(tmp_path, shown(Block(""), **NETTING)) as made:
        decision = made.size(idea)
    assert decision.reason is not None
    assert (decision.reason.code, decision.lots, decision.order) == (code, ZERO, None)


def test_on_hedging_a_refused_sell_against_a_buy_closes_nothing(tmp_path: Path) -> None:
    block = BLOCKS["the STOP file"]
    decision = out(tmp_path, block, shown(block), TradeIdea("EURUSD", "sell", stop="1.0900"))
    assert (decision.outcome, decision.lots) == (Outcome.HALT, ZERO)


def test_an_exit_says_why_a_reversal_only_closes(tmp_path: Path) -> None:
    block = BLOCKS["a quote an hour old"]
    decision = out(tmp_path, block, shown(block, **NETTING), TradeIdea("EURUSD", "sell", stop="1.0900"))
    assert decision.binding == "tick_stale"


def test_without_a_usable_quote_an_exit_is_priced_at_the_position_s_last_one(tmp_path: Path) -> None:
    block = BLOCKS["a crossed quote"]
    document = shown(block)
    document["positions"][0]["price_current"] = 1.0851
    decision = out(tmp_path, block, document, TradeIdea("EURUSD", "sell", reduce=7))
    assert decision.order is not None
    assert (decision.order.price, decision.quote) == (Decimal("1.0851"), None)


def test_an_exit_is_priced_where_it_closes(tmp_path: Path) -> None:
    decision = out(tmp_path, Block(""), shown(Block("")), TradeIdea("EURUSD", "sell", reduce=7))
    assert decision.order is not None
    assert decision.order.price == Decimal("1.08490")


def test_an_exit_needs_a_position(tmp_path: Path) -> None:
    decision = out(tmp_path, Block(""), shown(Block("")), TradeIdea("EURUSD", "sell", reduce=8))
    assert decision.reason is not None
    assert (decision.reason.code, decision.lots) == ("ticket_unknown", ZERO)


def test_an_exit_stands_in_database_and_journal_and_there_is_nothing_to_compute_again(tmp_path: Path) -> None:
    with sizer(tmp_path, shown(Block(""))) as made:
        decision = made.size(TradeIdea("EURUSD", "sell", reduce=7, signal_id="s1"))
        stored = made.recorder.store.decision(decision.id)
        (line,) = journal(tmp_path)
        assert stored == line + b"\n"
        assert check(line, plans(made.recorder.journal)).status is LineStatus.NO_CONTEXT
    told = json.loads(line)
    assert (told["outcome"], told["lots"], told["reason"], told["account"]["login"]) == ("exit", 0.5, None, 1234)


@pytest.mark.parametrize("name", ["a locked store", "a read-only store", "a damaged store"])
def test_an_exit_that_the_database_does_not_take_stands_in_the_journal(name: str, tmp_path: Path) -> None:
    block = BLOCKS[name]
    decision = out(tmp_path, block, shown(block), TradeIdea("EURUSD", "sell", reduce=7))
    (line,) = journal(tmp_path)
    assert json.loads(line)["id"] == decision.id


def test_an_exit_does_not_need_the_journal_either(tmp_path: Path) -> None:
    block = Block("", done=no_journal)
    assert out(tmp_path, block, shown(block), TradeIdea("EURUSD", "sell", reduce=7)).lots == Decimal("0.5")


def test_an_exit_reserves_nothing(tmp_path: Path) -> None:
    with sizer(tmp_path, shown(Block(""))) as made:
        decision = made.size(TradeIdea("EURUSD", "sell", reduce=7))
        assert made.recorder.held("1234@Test-Server", NOON) == ()
        assert isinstance(made.claim(decision), Refusal)

"""A bot that runs sees the flag, the STOP file and the configuration change with its next decision."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from elite_sizer import Decision, Sizer, TradeIdea
from elite_sizer.configuration import settings as config
from elite_sizer.configuration.flag import write_flag
from elite_sizer.configuration.stop_file import clear_stop, write_stop
from elite_sizer.model.outcome import FlagValue
from tests.elite_sizer.paper import remember

IDEA = TradeIdea("EURUSD", "buy", stop="1.0800", confidence="75%")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    remember(monkeypatch)
    monkeypatch.setattr(config, "user_config", lambda: tmp_path / "none.toml")
    for name in ("ELITE_SIZER_SIZER", "USE_ELITE_SIZER"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "elite-sizer.toml"
    path.write_text(_text(tmp_path, 'risk_pct = "0.2%"'), encoding="utf-8")
    return path


@pytest.fixture
def bot(file: Path) -> Iterator[Sizer]:
    with Sizer.from_config(file, caller="bot") as sizer:
        yield sizer


def _text(folder: Path, per_trade: str) -> str:
    store = folder / "store"
    return f"[terminal]\nname = 'simulated'\n[store]\npath = '{store}'\n[caps.per_trade]\n{per_trade}\n"


def write(path: Path, per_trade: str) -> None:
    before = path.stat().st_mtime_ns
    path.write_text(_text(path.parent, per_trade), encoding="utf-8")
    os.utime(path, ns=(before + 10**9, before + 10**9))


def ask(bot: Sizer) -> Decision:
    return bot.size(IDEA, reserve=False)


def per_trade(decision: Decision) -> float:
    """Return the lots that the cap per trade allows."""
    assert decision.answer is not None
    return next(float(check.lots or 0) for check in decision.answer.checks if check.name == "per_trade")


def test_the_flag_is_switched_and_stands_in_the_next_record(bot: Sizer) -> None:
    folder = bot.reloader.settings.folder
    seen = [ask(bot)]
    for value in (FlagValue.LEGACY, FlagValue.SHADOW, FlagValue.ELITE):
        write_flag(folder, value)
        seen.append(ask(bot))
    assert [made.flag and made.flag.source for made in seen] == ["default", *["flag file"] * 3]
    (journal,) = folder.glob("decisions-*.jsonl")
    recorded = [json.loads(line)["flag"]["value"] for line in journal.read_text(encoding="utf-8").splitlines()]
    assert recorded == ["elite", "legacy", "shadow", "elite"]


def test_a_flag_that_becomes_unreadable_keeps_the_last_good_one(bot: Sizer) -> None:
    folder = bot.reloader.settings.folder
    write_flag(folder, FlagValue.SHADOW)
    ask(bot)
    (folder / "flag").write_text("on", encoding="utf-8")
    decision = ask(bot)
    assert decision.flag is not None
    assert decision.flag.value is FlagValue.SHADOW
    assert decision


def test_a_stop_file_halts_the_next_decision_and_no_exit(bot: Sizer) -> None:
    folder = bot.reloader.settings.folder
    assert ask(bot)
    write_stop(folder, "news")
    assert not ask(bot)
    ticket = bot.terminal.mt5.positions_get()[0].ticket
    assert bot.size(TradeIdea("XAUUSD", "sell", reduce=ticket))
    clear_stop(folder)
    assert ask(bot)


def test_a_broken_configuration_keeps_the_old_one_in_force(bot: Sizer, file: Path) -> None:
    before = ask(bot)
    write(file, 'risk = "0.1%"')
    after = ask(bot)
    assert bot.reloader.alarm is not None
    assert "did you mean" in bot.reloader.alarm
    assert per_trade(after) == per_trade(before)
    assert after.envelope.config_digest == before.envelope.config_digest


def test_a_tighter_cap_holds_at_once_and_a_looser_one_does_not(bot: Sizer, file: Path) -> None:
    before = per_trade(ask(bot))
    write(file, 'risk_pct = "0.1%"')
    tighter = per_trade(ask(bot))
    write(file, 'risk_pct = "2%"')
    assert tighter < before
    assert per_trade(ask(bot)) == tighter
    assert bot.reloader.alarm is not None

"""What `status` shows of halts, windows and trades from elsewhere, and the code it ends with."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from elite_sizer.reports.status import Status, status
from elite_sizer.request.idea import TradeIdea
from elite_sizer.service.sizer import Sizer
from tests.captures import SERVER_NOON, Document, capture, open_trade, sizer, waiting
from tests.elite_sizer.cli.running import Run

IDEA = TradeIdea("EURUSD", "buy", stop="1.0800")


def read(sizer: Sizer) -> Status:
    reading = status(sizer)
    assert isinstance(reading, Status)
    return reading


def document(equity: float = 99_950, **changes: Any) -> Document:  # noqa: ANN401 - parts of a capture
    position = open_trade("EURUSD buy 0.50 @ 1.0850 sl 1.0800", profit=equity - 100_000)
    return capture(account={"equity": equity}, positions=[position], **changes)


def test_it_tells_the_day_the_lowest_equity_the_budget_and_the_strangers(tmp_path: Path) -> None:
    with sizer(tmp_path, document()) as opened:
        reading = read(opened)
    assert reading.day_profit == -50
    assert reading.low_equity == 99_950
    # the least room: 5,000 - 50 - 250 (buffer) - the risk of the position at 1.0850, 250 = 4,450; 70 % of it
    assert reading.daily.money == 4_450
    assert reading.budget == 3_115
    assert [trade.ticket for trade in reading.foreign] == [7]
    assert reading.exit_code == 0


def test_without_a_stop_there_is_no_budget(tmp_path: Path) -> None:
    bare = capture(positions=[open_trade("EURUSD buy 0.50 @ 1.0850")])
    with sizer(tmp_path, bare) as opened:
        reading = read(opened)
    assert reading.budget is None
    assert reading.holdings[0].at_risk is None


def test_what_is_reserved_lowers_the_budget(tmp_path: Path) -> None:
    with sizer(tmp_path) as opened:
        before = read(opened).budget
        opened.size(IDEA)
        # 1.99 lots x 500 = 995; 70 % of it
        after = read(opened).budget
        assert before is not None
        assert after is not None
        assert before - after == Decimal("696.5")
        assert len(read(opened).held) == 1


@pytest.mark.parametrize(
    ("options", "code", "ends"),
    [
        ({}, "", 0),
        ({"account__foreign_trades": "halt"}, "foreign_trade", 7),
        ({"caps__on": ("daily_halt",), "caps__daily_halt__loss_pct": 0.0005}, "daily_halt", 7),
        ({"caps__on": ("drawdown_halt",), "caps__drawdown_halt__drawdown_pct": 0.0005}, "drawdown_halt", 7),
        ({"caps__on": ("daily_halt",), "caps__daily_halt__loss_pct": 0.00051}, "", 0),
    ],
)
def test_it_names_what_a_decision_would_be_halted_by(
    options: dict[str, Any], code: str, ends: int, tmp_path: Path
) -> None:
    with sizer(tmp_path, document(), **options) as opened:
        reading = read(opened)
    assert ("" if reading.halt is None else reading.halt.code, reading.exit_code) == (code, ends)


def test_a_pause_ends_with_three(tmp_path: Path) -> None:
    # Hyper Growth pauses at 3 % of the day's start; its overall floor lies at 94,000
    with sizer(tmp_path, document(96_900), account__rules="the5ers_hyper_growth") as opened:
        reading = read(opened)
    assert reading.halt is not None
    assert (reading.halt.code, reading.exit_code) == ("rule_paused", 3)


def test_a_breach_ends_with_seven(tmp_path: Path) -> None:
    with sizer(tmp_path, document(94_900)) as opened:
        assert read(opened).exit_code == 7


def test_looking_writes_nothing(tmp_path: Path) -> None:
    with sizer(tmp_path, document(), account__foreign_trades="halt") as opened:
        before = opened.recorder.account("1234@Test-Server"), opened.recorder.halted("1234@Test-Server", "")
        read(opened)
        assert (opened.recorder.account("1234@Test-Server"), opened.recorder.halted("1234@Test-Server", "")) == before


def test_windows_are_told_for_the_symbols_of_the_book(tmp_path: Path) -> None:
    hours = {"default": "13:00 - 14:00"}
    with sizer(tmp_path, document(), blackout__sessions=hours) as opened:
        assert read(opened).windows == (("EURUSD", "outside of the session, the next begins Wed 13:00 UTC"),)


def test_a_pending_order_is_listed(tmp_path: Path) -> None:
    with sizer(tmp_path, capture(orders=[waiting("EURUSD buy 0.50 @ 1.0800 sl 1.0750", 9)])) as opened:
        assert [charge.id for charge in read(opened).pending] == ["9"]


# the command


def test_the_lines_fit_and_name_the_strangers(run: Run) -> None:
    text = run("status").out
    assert "not sized here: " in text
    assert "risk budget" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_watching_looks_again_and_again(run: Run) -> None:
    ran = run("status --json --watch 0.2 --looks 3")
    looks = [json.loads(line) for line in ran.out.splitlines()]
    assert [look["schema"] for look in looks] == ["elite-sizer/status/1"] * 3


def test_all_without_a_record_has_no_account(run: Run) -> None:
    ran = run("status --all --json")
    assert (ran.code, ran.json["accounts"]) == (0, [])
    assert "No account is recorded yet." in run("status --all").out


def test_all_shows_each_recorded_account_and_what_halts_it(run: Run, home: Path, tmp_path: Path) -> None:
    with sizer(tmp_path, document(), durable=True) as opened:
        opened.size(IDEA)
    other = document(94_900)
    other["account_info"]["login"] = 567_890
    other["symbols"]["EURUSD"]["tick"]["time"] = SERVER_NOON
    with sizer(tmp_path, other, durable=True) as opened:
        opened.size(IDEA)
        opened.size(IDEA)
    config = home / "all.toml"
    config.write_text(f"[store]\npath = '{tmp_path / 'store'}'\n", encoding="utf-8")
    ran = run(f"status --all --json --config {config}")
    accounts = {account["login"]: account for account in ran.json["accounts"]}
    assert ran.code == 7
    assert {login: account["equity"] for login, account in accounts.items()} == {1234: 99_950, 7890: 94_900}
    assert [halt["code"] for halt in accounts[7890]["halts"]] == ["rule_breached"]
    assert accounts[1234]["halts"] == []
    assert "..7890 Test-Server" in run(f"status --all --config {config}").out


def test_status_shows_both_floors_and_each_open_trade(run: Run) -> None:
    text = run("status").out
    for word in ("daily", "overall", "XAUUSD BUY", "USDJPY BUY", "at risk", "New entries are allowed."):
        assert word in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_status_as_json_has_rooms_positions_and_flag(run: Run) -> None:
    printed = run("status --json").json
    assert printed["lots"] == 0
    assert printed["headroom"]["distance_daily"] > printed["rooms"]["daily"]
    assert [position["symbol"] for position in printed["positions"]] == ["XAUUSD", "US500", "USDJPY"]
    assert printed["flag"] == {"value": "elite", "source": "default"}


def test_a_breached_account_exits_with_seven(run: Run) -> None:
    # with 120,000 as its initial size the account of 102,450.97 lies under the overall floor of 108,000
    ran = run("status --initial 120000 --json")
    assert ran.code == 7
    assert ran.json["headroom"]["breached"]

"""One object owns terminal, configuration and record; a refusal never raises, and an alarm stands until it is over."""

from __future__ import annotations

import json
import logging
import os
from decimal import ROUND_UP, Context, FloatOperation, Inexact, Rounded, localcontext
from pathlib import Path
from typing import Final

import platformdirs
import pytest

from elite_sizer import Decision, Sizer, TradeIdea
from elite_sizer.configuration.flag import FLAG
from elite_sizer.journal import decision_json as wire
from elite_sizer.journal.database import DATABASE
from elite_sizer.model.outcome import Outcome
from mt5bridge.errors import RecordingError
from portfolio.errors import ConfigError
from portfolio.reasons import Refusal
from portfolio.reservation.reservation import State
from portfolio.store.database import Store
from tests.captures import DEPOSIT, FREE, capture, journal, lost, open_trade, sizer

IDEA: Final = TradeIdea("EURUSD", "buy", stop="1.0800")
OUT: Final = TradeIdea("EURUSD", "sell", reduce=7)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(capture()), encoding="utf-8")
    return path


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that stands for the user's own."""
    folder = tmp_path / "user"
    monkeypatch.setattr(platformdirs, "user_state_path", lambda *_args, **_named: folder)
    return folder


def code(decision: Decision) -> str:
    assert decision.reason is not None
    return decision.reason.code


# opening


def test_a_capture_is_sized_offline(case: Path, tmp_path: Path) -> None:
    with Sizer.offline(case, options={**FREE, "store.path": str(tmp_path)}) as made:
        decision = made.size(IDEA)
    assert (str(decision.lots), decision.envelope.terminal) == ("1.99", "recording")


def test_trying_things_out_never_touches_the_record_of_a_real_account(case: Path, state: Path) -> None:
    with Sizer.offline(case) as made:
        assert made.size(IDEA)
    assert not (state / DATABASE).exists()
    assert len(list(state.glob("decisions-*.jsonl"))) == 1


def test_a_store_that_the_user_names_is_used(case: Path, tmp_path: Path) -> None:
    with Sizer.offline(case, options={"store.path": str(tmp_path / "mine")}) as made:
        made.size(IDEA)
    assert (tmp_path / "mine" / DATABASE).exists()


def test_what_can_not_be_opened_raises(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="can't be read"):
        Sizer.offline(tmp_path / "none.json")
    with pytest.raises(ConfigError, match="did you mean"):
        Sizer.from_config(options={"terminal.nam": "simulated"})


def test_a_database_that_can_not_be_opened_refuses_entries_and_lets_exits_pass(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / DATABASE).write_bytes(b"no database" * 100)
    with sizer(tmp_path, capture(positions=[open_trade("EURUSD buy 0.50 @ 1.0849 sl 1.08")]), durable=True) as made:
        assert code(made.size(IDEA)) == "state_corrupt"
        assert made.size(OUT).outcome is Outcome.EXIT
        for done in (made.claim, made.cancel):
            refusal = done(made.size(IDEA))
            assert isinstance(refusal, Refusal)
            assert refusal.code == "state_corrupt"


def test_the_same_noise_at_the_same_moment_makes_the_same_bytes(tmp_path: Path) -> None:
    lines = []
    for _ in range(2):
        with sizer(tmp_path) as opened:
            made = Sizer(opened.reloader, opened.terminal, opened.recorder, noise=bytes)
            lines.append(wire.to_line(made.size(IDEA)))
            opened.recorder._store = Store.memory()
    assert lines[0] == lines[1]


@pytest.mark.parametrize(
    "around",
    [
        Context(prec=3),
        Context(prec=9, rounding=ROUND_UP),
        Context(prec=28, traps=[Inexact]),
        Context(prec=5, traps=[FloatOperation]),
        Context(prec=3, traps=[Inexact, Rounded]),
    ],
    ids=["three digits", "upwards", "exact", "no doubles", "three digits, exact"],
)
def test_the_arithmetic_of_the_program_around_changes_no_byte(around: Context, tmp_path: Path) -> None:
    traded = capture(
        account={"balance": 99_876.54, "equity": 99_876.54},
        deals=[dict(DEPOSIT), lost(123.46)],
        positions=[open_trade("EURUSD buy 0.50 @ 1.0849 sl 1.0800")],
    )
    lines = []
    for context in (Context(), around):
        with localcontext(context), sizer(tmp_path, traded, free=False) as opened:
            made = Sizer(opened.reloader, opened.terminal, opened.recorder, noise=bytes)
            lines.append(
                wire.to_line(made.size(TradeIdea("EURUSD", "buy", stop_points=237, rr=1.7, confidence="71.3%")))
            )
    assert lines[0] == lines[1]
    assert json.loads(lines[0])["lots"] > 0


# a bot's own words


def test_a_bot_claims_sends_and_says_what_was_placed(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        decision = made.size(IDEA)
        claimed = made.claim(decision)
        placed = made.placed(decision, 55)
        assert not isinstance(claimed, Refusal)
        assert not isinstance(placed, Refusal)
        assert (claimed.state, placed.state, placed.ticket) == (State.CLAIMED, State.WORKING, 55)


def test_a_definite_refusal_frees_the_room_and_no_answer_keeps_it(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        refused, unanswered = made.size(IDEA), made.size(IDEA)
        made.claim(refused)
        made.claim(unanswered)
        rejected, unknown = made.rejected(refused, "10016"), made.lost(unanswered, "10012")
        assert not isinstance(rejected, Refusal)
        assert not isinstance(unknown, Refusal)
        assert (rejected.state, rejected.counts) == (State.REJECTED, False)
        assert (unknown.state, unknown.counts) == (State.UNKNOWN, True)


def test_a_decision_without_a_lease_can_not_be_claimed(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        refusal = made.claim(made.size(IDEA, reserve=False))
    assert isinstance(refusal, Refusal)
    assert refusal.code == "lease_unknown"


def test_what_the_database_refuses_is_a_refusal_to_the_bot_too(tmp_path: Path) -> None:
    with sizer(tmp_path, durable=True) as made:
        decision = made.size(IDEA)
        made.recorder.store._database.pragma("query_only", value=True)
        answers = (made.claim(decision), made.placed(decision, 5), made.cancel(decision))
        for refusal in (*answers, made.rejected(decision, "10016"), made.lost(decision, "10012")):
            assert isinstance(refusal, Refusal)
            assert refusal.code == "state_readonly"


# what is beside, and what is broken


def test_a_sizer_that_there_is_not_can_not_be_asked_beside(tmp_path: Path) -> None:
    with sizer(tmp_path) as made, pytest.raises(ConfigError, match="fixed_risk"):
        made.size(IDEA, also=("fixed_riks",))


@pytest.mark.parametrize(
    "body",
    ["def lots(context:", "raise RuntimeError('no licence')", "import nowhere", "other = 1"],
    ids=["no Python", "fails when it is loaded", "needs another module", "has no such function"],
)
def test_a_legacy_sizer_that_can_not_be_loaded_refuses_entries_and_lets_exits_pass(
    body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"legacy_{abs(hash(body))}"
    (tmp_path / f"{module}.py").write_text(body, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    document = capture(positions=[open_trade("EURUSD buy 0.50 @ 1.0849 sl 1.08")])
    with sizer(tmp_path, document, legacy=f"{module}:lots", sizer="shadow") as made:
        assert code(made.size(IDEA)) == "config_invalid"
        assert made.size(OUT).outcome is Outcome.EXIT


def test_a_legacy_sizer_of_one_s_own_answers_in_its_own_arithmetic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "from decimal import *\ndef lots(context):\n    return Decimal(0.1) + Decimal(1) / Decimal(3)\n"
    (tmp_path / "legacy_own.py").write_text(body, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with sizer(tmp_path, legacy="legacy_own:lots", sizer="legacy", guard="off") as made:
        decision = made.size(IDEA, reserve=False)
    # as the function itself has it: 28 digits, half to even, and a double for a decimal
    assert str(decision.lots) == "0.4333333333333333388844484564"


def test_a_broken_configuration_raises_a_standing_alarm_and_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with sizer(tmp_path, text="[caps.per_trade]\nrisk_pct = '0.5%'\n") as made:
        before = made.size(IDEA, reserve=False)
        assert (str(before.lots), made.alarms) == ("1.00", ())
        _write(tmp_path, "[caps.per_trade]\nrisk_pct = 5\n")
        with caplog.at_level(logging.ERROR):
            again = [made.size(IDEA, reserve=False) for _ in range(2)]
        assert [decision.envelope.config_digest for decision in again] == [before.envelope.config_digest] * 2
        (alarm,) = made.alarms
        assert "risk_pct" in alarm
        assert [record.message for record in caplog.records] == [alarm]
        _write(tmp_path, "[caps.per_trade]\nrisk_pct = '0.4%'\n")
        assert (str(made.size(IDEA, reserve=False).lots), made.alarms) == ("0.80", ())


def test_a_setting_of_a_sizer_that_can_not_be_meant_is_refused_at_the_start_and_kept_out_later(tmp_path: Path) -> None:
    bad = "[sizers.elite]\nbase_risk_pct = 1.1\n"
    with pytest.raises(ConfigError, match="base_risk_pct"), sizer(tmp_path, text=bad, durable=True):
        pass
    with sizer(tmp_path, text="[sizers.elite]\nbase_risk_pct = '0.5%'\n", durable=True) as made:
        # 500 of 100,000 over 500
        assert str(made.size(IDEA, reserve=False).lots) == "1.00"
        _write(tmp_path, bad)
        assert str(made.size(IDEA, reserve=False).lots) == "1.00"
        (alarm,) = made.alarms
        assert "base_risk_pct" in alarm


def test_a_legacy_sizer_that_can_not_be_loaded_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "legacy_broken.py").write_text("raise RuntimeError('no licence')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    text = "sizer = 'shadow'\nlegacy = 'legacy_broken:lots'\n"
    with pytest.raises(ConfigError, match="no licence"), sizer(tmp_path, text=text, durable=True):
        pass


def test_a_flag_that_can_not_be_read_raises_an_alarm_and_the_last_one_stands(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        assert made.size(IDEA)
        (tmp_path / "store" / FLAG).write_text("perhaps", encoding="utf-8")
        decision = made.size(IDEA)
        assert decision.flag is not None
        assert decision.flag.value == "elite"
        (alarm,) = made.alarms
        assert "perhaps" in alarm


def test_the_flag_of_the_moment_is_in_the_record_of_each_decision(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        for value in ("elite", "legacy", "shadow"):
            (tmp_path / "store").mkdir(exist_ok=True)
            (tmp_path / "store" / FLAG).write_text(value, encoding="utf-8")
            made.size(IDEA, reserve=False)
    told = [json.loads(line) for line in journal(tmp_path)]
    assert [one["flag"] for one in told] == [
        {"value": value, "source": "flag file"} for value in ("elite", "legacy", "shadow")
    ]
    assert [one["sizer"] for one in told] == ["elite", "fixed_risk", "fixed_risk"]


def _write(folder: Path, text: str) -> None:
    """Change the configuration so that it is seen to be newer."""
    path = folder / "elite-sizer.toml"
    path.write_text(text, encoding="utf-8")
    later = path.stat().st_mtime_ns + 10**9 * len(text)
    os.utime(path, ns=(later, later))

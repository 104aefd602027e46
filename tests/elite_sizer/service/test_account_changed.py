"""Another account in the terminal: refused at once, and latched when it answers twice in a row."""

from __future__ import annotations

from pathlib import Path

from elite_sizer.model.outcome import Outcome
from elite_sizer.request.idea import TradeIdea
from elite_sizer.service.sizer import Sizer
from portfolio.ledger.halts import halts, resume

IDEA = TradeIdea("EURUSD", "buy", stop="1.0800", confidence="60%")


def opened(tmp_path: Path) -> Sizer:
    return Sizer.from_config(options={"terminal.name": "simulated", "store.path": str(tmp_path)})


def test_one_foreign_answer_refuses_and_latches_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as sizer:
        assert sizer.size(IDEA, reserve=False)
        own = sizer.terminal.memory.pin
        sizer.terminal.mt5.switch_account(99_887_766, 50_000)
        refused = sizer.size(IDEA, reserve=False)
        assert own is not None
        sizer.terminal.mt5.switch_account(own[1], 100_000)
        assert refused.reason is not None
        assert (refused.outcome, refused.reason.code) == (Outcome.HALT, "account_changed")
        assert "99887766" not in refused.reason.detail


def test_two_foreign_answers_latch_until_a_human_resumes(tmp_path: Path) -> None:
    with opened(tmp_path) as sizer:
        sizer.size(IDEA, reserve=False)
        sizer.terminal.mt5.switch_account(99_887_766, 50_000)
        sizer.size(IDEA, reserve=False)
        sizer.size(IDEA, reserve=False)
        (latched,) = halts(sizer.recorder.store)
        assert latched.code == "account_changed"
        resume(sizer.recorder.store, latched.scope, "logged in to the right account again", sizer.terminal.clock())
        assert halts(sizer.recorder.store) == ()

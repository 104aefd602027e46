"""One request on its way to a kept decision: what it is charged beside, what is asked twice, what is held."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from elite_sizer import Decision, Sizer, TradeIdea
from elite_sizer.inputs.terminals import OpenTerminal
from elite_sizer.journal import decision_json as wire
from elite_sizer.journal.verify import LineStatus, check, plans
from elite_sizer.model.outcome import FlagValue, Outcome
from elite_sizer.model.request import Intent
from mt5bridge.reading.request import SnapshotRequest
from portfolio.book.charges import Charge
from portfolio.ledger.account_ledger import Held
from portfolio.model import ZERO, Snapshot
from portfolio.reasons import Refusal
from portfolio.reservation.reservation import State
from tests.captures import (
    HOUR,
    NETTING,
    NOON,
    SERVER_NOON,
    capture,
    journal,
    open_trade,
    show,
    sizer,
    symbol,
    waiting,
    with_bars,
)

IDEA: Final = TradeIdea("EURUSD", "buy", stop="1.0800")
"""500 dollars a lot at the stop."""
KEY: Final = "1234@Test-Server"

# A fresh account may lose 5,000 - 250 (buffer) = 4,750 today; one trade gets 30 % of 70 % of it: 997.50.


def lots(decision: Decision) -> Decimal:
    assert decision.reason is None, decision.reason
    return decision.lots


def code(decision: Decision) -> str:
    assert decision.reason is not None
    assert decision.lots == 0
    return decision.reason.code


def rooms(decision: Decision) -> tuple[Any, Any]:
    """Return today's room and what is reserved of it."""
    assert decision.context is not None
    return decision.context.rooms.daily.money, decision.context.totals.reserved


def held(made: Sizer) -> tuple[Charge, ...]:
    return made.recorder.held(KEY, made.terminal.clock())


def states(made: Sizer) -> list[State]:
    with made.recorder.store.read() as database:
        return [State(str(state)) for (state,) in database.execute("SELECT state FROM reservation ORDER BY born")]


def recomputed(made: Sizer, folder: Path) -> list[LineStatus]:
    plan_for = plans(made.recorder.journal)
    return [check(line, plan_for).status for line in journal(folder)]


# reserving


def test_a_size_holds_the_room_that_it_needs(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        first, second = made.size(IDEA), made.size(IDEA)
    # 997.50 / 500 = 1.995; 1.99 lots hold 995. Then (4,750 - 995) x 0.21 = 788.55, of which a trade on the same
    # symbol keeps sqrt(1 + b^2) - b with b = 995 / 788.55, so 272.9: 0.54 lots
    assert (lots(first), lots(second)) == (Decimal("1.99"), Decimal("0.54"))
    assert (rooms(first), rooms(second)) == ((4750, 0), (3755, 995))


def test_without_reserving_nothing_is_held(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        assert lots(made.size(IDEA, reserve=False)) == lots(made.size(IDEA, reserve=False)) == Decimal("1.99")
        assert held(made) == ()


def test_a_lease_names_the_decision_and_ends_with_its_time(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        decision = made.size(IDEA, ttl=timedelta(seconds=20))
        quoted = made.size(IDEA, reserve=False)
    assert decision.valid is not None
    assert (decision.valid.lease, decision.valid.fence) == (decision.id, 1)
    assert decision.valid.until == NOON + timedelta(seconds=20)
    assert quoted.valid is not None
    assert (quoted.valid.lease, quoted.valid.fence) == (None, None)


def test_no_lease_outlives_the_firm_s_day(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        decision = made.size(IDEA, ttl=timedelta(days=2))
    assert decision.valid is not None
    assert decision.valid.until == NOON + timedelta(hours=10)


def test_a_named_bot_s_newer_answer_takes_the_place_of_its_own_hold(tmp_path: Path) -> None:
    with sizer(tmp_path, caller="bot") as made:
        first, second = made.size(IDEA, fenced=True), made.size(IDEA, fenced=True)
        assert lots(first) == lots(second) == Decimal("1.99")
        assert [charge.id for charge in held(made)] == [second.id]


def test_a_hold_that_was_claimed_counts_beside_the_newer_one(tmp_path: Path) -> None:
    with sizer(tmp_path, caller="bot") as made:
        first = made.size(IDEA, fenced=True)
        made.claim(first)
        second = made.size(IDEA, fenced=True)
        assert (lots(first), lots(second)) == (Decimal("1.99"), Decimal("0.54"))
        assert len(held(made)) == 2


def test_the_room_is_free_again_once_the_bot_says_that_it_will_not_send(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        first = made.size(IDEA)
        assert not isinstance(made.cancel(first), Refusal)
        assert lots(made.size(IDEA)) == Decimal("1.99")


def test_a_claim_moves_the_fence_for_what_follows(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        decision = made.size(IDEA)
        claimed = made.claim(decision)
        assert not isinstance(claimed, Refusal)
        assert claimed.fence == 2
        assert not isinstance(made.cancel(decision), Refusal)
        assert states(made) == [State.CANCELLED]


def test_a_position_takes_the_place_of_its_hold_in_one_decision(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        first = made.size(IDEA)
        made.claim(first)
        made.placed(first, 55)
        opened = open_trade("EURUSD buy 1.99 @ 1.0850 sl 1.0800", 55, time=SERVER_NOON + 1, price_current=1.0850)
        deal = {"symbol": "EURUSD", "type": 0, "entry": 0, "volume": 1.99, "price": 1.0850, "time": SERVER_NOON + 1}
        document = capture(positions=[opened], captured_at="2026-06-10T12:00:02Z")
        document["deals"].append({**deal, "order": 55, "position_id": 55, "ticket": 2})
        show(made, document)
        again = made.size(IDEA)
        assert states(made)[0] is State.CONVERTED
    # the position alone is charged: 1.99 x 500; not the position and the hold
    assert rooms(again) == (3755, 0)


def test_what_another_process_reserves_before_the_commit_cuts_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sizer(tmp_path, durable=True) as made, sizer(tmp_path, durable=True) as other:
        _between_look_and_commit(made, monkeypatch, lambda: other.size(TradeIdea("EURUSD", "buy", stop="1.0650")))
        decision = made.size(replace(IDEA, hold="overnight"))
        # the other holds 0.49 lots x 2,000; the proposal of 997.50 stands, and of 4,750 - 980 one trade gets 21 %
        assert decision.fresh is not None
        assert [charge.floor_loss for charge in decision.fresh] == [980]
        # 791.70 / 500
        assert (lots(decision), decision.binding) == (Decimal("1.58"), "concentration")
        assert recomputed(made, tmp_path) == [LineStatus.SAME] * 2


def test_what_another_process_takes_of_the_last_room_denies_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sizer(tmp_path, durable=True) as made, sizer(tmp_path, durable=True) as other:
        other.reloader.settings = replace(other.reloader.settings, sizer=FlagValue.LEGACY)
        _between_look_and_commit(made, monkeypatch, lambda: other.size(replace(IDEA, legacy_lots=4)))
        decision = made.size(IDEA)
        # 4 lots x 500 are all of the 2,000 that one idea may risk a day
        assert (code(decision), decision.valid) == ("idea_risk", None)
        assert decision.envelope.lease is None
        assert recomputed(made, tmp_path)[-1] is LineStatus.SAME
        assert len(held(made)) == 1


def test_what_is_freed_before_the_commit_enlarges_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sizer(tmp_path, durable=True) as made, sizer(tmp_path, durable=True) as other:
        first = other.size(IDEA)
        _between_look_and_commit(made, monkeypatch, lambda: other.cancel(first))
        decision = made.size(IDEA)
        assert (lots(decision), decision.fresh) == (Decimal("0.54"), None)
        assert recomputed(made, tmp_path) == [LineStatus.SAME] * 2


def _between_look_and_commit(made: Sizer, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen once, after a decision has seen what is reserved and before it is committed."""
    reserve = made.recorder.reserve
    acts = [act]

    def later(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - as the recorder's own
        if acts:
            acts.pop()()
        return reserve(*args, **named)

    monkeypatch.setattr(made.recorder, "reserve", later)


def test_what_was_resolved_under_a_decision_makes_it_look_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sizer(tmp_path) as made:
        readings = _readings(monkeypatch)
        _stale_answers(made, monkeypatch, 1)
        assert lots(made.size(IDEA)) == Decimal("1.99")
        assert len(readings) == 2


def test_a_ledger_that_keeps_moving_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sizer(tmp_path) as made:
        readings = _readings(monkeypatch)
        _stale_answers(made, monkeypatch, 2)
        assert code(made.size(IDEA)) == "snapshot_stale"
        assert len(readings) == 2


def _readings(monkeypatch: pytest.MonkeyPatch) -> list[SnapshotRequest]:
    """Return the list of what the terminal is asked from now on."""
    asks: list[SnapshotRequest] = []
    snapshot = OpenTerminal.snapshot

    def noted(terminal: OpenTerminal, ask: SnapshotRequest) -> Snapshot | Refusal:
        asks.append(ask)
        return snapshot(terminal, ask)

    monkeypatch.setattr(OpenTerminal, "snapshot", noted)
    return asks


def _stale_answers(made: Sizer, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Let the ledger say so often that the snapshot was begun too early."""
    beside: Callable[..., tuple[Held, ...] | Refusal] = made.recorder.beside
    answers = iter([Refusal("snapshot_stale", "begun too early")] * count)
    monkeypatch.setattr(made.recorder, "beside", lambda *args, **named: next(answers, None) or beside(*args, **named))


# netting


def test_an_addition_on_netting_is_charged_what_it_adds(tmp_path: Path) -> None:
    # half a lot bought at 1.0849 with its stop at 1.0840 risks 45; with the stop at 1.0800 it risks 245
    document = capture(account=NETTING, positions=[open_trade("EURUSD buy 0.50 @ 1.0849 sl 1.0840")])
    with sizer(tmp_path, document) as made:
        decision = made.size(IDEA)
        (charge,) = held(made)
    assert decision.intent is Intent.ADD
    # 4,750 - 245, of it 21 % = 946.05, shared with what is open: b = 245 / 946.05; 732.7 / 500
    assert rooms(decision) == (4505, 0)
    assert lots(decision) == Decimal("1.46")
    # held are 1.46 x 500, and the 200 by which the position's own risk grows when its stop moves
    assert charge.floor_loss == 930
    assert charge.lots == Decimal("1.46")


def test_an_addition_on_netting_that_tightens_the_stop_frees_room(tmp_path: Path) -> None:
    document = capture(account=NETTING, positions=[open_trade("EURUSD buy 0.50 @ 1.0849 sl 1.0700")])
    with sizer(tmp_path, document) as made:
        decision = made.size(IDEA)
        (charge,) = held(made)
    assert rooms(decision) == (4505, 0)
    assert charge.floor_loss == lots(decision) * 500


def test_a_second_leg_on_hedging_leaves_the_first_where_it_is(tmp_path: Path) -> None:
    document = capture(positions=[open_trade("EURUSD buy 0.50 @ 1.0849 sl 1.0840")])
    with sizer(tmp_path, document) as made:
        decision = made.size(IDEA)
        (charge,) = held(made)
    assert (decision.intent, rooms(decision)) == (Intent.OPEN, (4705, 0))
    assert charge.floor_loss == lots(decision) * 500


def test_what_a_reversal_closes_is_charged_no_more(tmp_path: Path) -> None:
    document = capture(account=NETTING, positions=[open_trade("EURUSD buy 0.50 @ 1.0849 sl 1.0800")])
    with sizer(tmp_path, document) as made:
        decision = made.size(TradeIdea("EURUSD", "sell", stop="1.0900"))
        (charge,) = held(made)
    assert rooms(decision) == (4750, 0)
    assert (charge.side, charge.lots, charge.floor_loss) == ("sell", lots(decision), lots(decision) * 510)


# alternatives


def oco(side: str, stop: str, entry: str, group: str = "breakout") -> TradeIdea:
    return TradeIdea("EURUSD", side, stop=stop, entry=entry, oco_group=group)


UP: Final = oco("buy", "1.0850", "1.0900")
DOWN: Final = oco("sell", "1.0850", "1.0800")
"""Both 500 a lot."""


def test_the_legs_of_a_group_are_not_charged_for_each_other(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        first, second = made.size(UP), made.size(DOWN)
        assert (lots(first), lots(second)) == (Decimal("1.99"), Decimal("1.99"))
        assert (rooms(second), len(held(made))) == ((4750, 0), 2)


def test_legs_of_different_groups_are_charged_for_each_other(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        made.size(UP)
        second = made.size(replace(DOWN, oco_group="other"))
        assert rooms(second) == (3755, 995)


def test_the_same_group_of_another_bot_is_another_group(tmp_path: Path) -> None:
    with sizer(tmp_path, caller="one", durable=True) as one:
        one.size(UP)
        with sizer(tmp_path, caller="two", durable=True) as two:
            assert rooms(two.size(DOWN)) == (3755, 995)


def test_beside_a_group_only_its_larger_leg_counts(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        made.size(UP)
        # its stop is twice as far, so that it gets half the lots, and holds 0.99 x 1,000
        made.size(replace(DOWN, stop="1.0900"))
        third = made.size(IDEA, reserve=False)
    assert rooms(third) == (3755, 995)


def test_a_leg_without_lots_of_its_own_group_is_charged_all_that_is_asked_elsewhere(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        made.size(IDEA)
        assert rooms(made.size(UP)) == (3755, 995)


def test_a_leg_that_waits_at_the_broker_is_known_by_its_ticket(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        first = made.size(UP)
        made.claim(first)
        made.placed(first, 55)
        order = waiting("EURUSD buy 1.99 @ 1.0900 sl 1.0850", 55, type=4)
        show(made, capture(orders=[order], captured_at="2026-06-10T12:00:01Z"))
        second, other = made.size(DOWN), made.size(IDEA, reserve=False)
    assert (rooms(second), lots(second)) == ((4750, 0), Decimal("1.99"))
    # of both legs, one pending and one held, the larger one: 995
    assert rooms(other) == (3755, 0)


def test_a_group_of_which_a_part_is_filled_is_none_any_more(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        first = made.size(UP)
        made.claim(first)
        made.placed(first, 55)
        order = waiting("EURUSD buy 0.99 @ 1.0900 sl 1.0850", 55, type=4, volume_initial=1.99)
        filled = open_trade("EURUSD buy 1.00 @ 1.0900 sl 1.0850", 55, time=SERVER_NOON + 1, price_current=1.0900)
        deal = {"symbol": "EURUSD", "type": 0, "entry": 0, "volume": 1.0, "price": 1.09, "time": SERVER_NOON + 1}
        document = capture(orders=[order], positions=[filled], captured_at="2026-06-10T12:00:02Z")
        document["symbols"]["EURUSD"] = symbol(1.0900, 1.0901)
        document["deals"].append({**deal, "order": 55, "position_id": 55, "ticket": 2})
        show(made, document)
        second = made.size(replace(DOWN, stop="1.0900", entry="1.0850"))
    # 1.00 x 500 open and 0.99 x 500 pending
    assert rooms(second) == (3755, 0)


def test_a_bot_s_legs_do_not_take_each_other_s_place(tmp_path: Path) -> None:
    legs = [replace(UP, signal_id="s"), replace(UP, entry="1.0910", stop="1.0860", signal_id="s")]
    with sizer(tmp_path, caller="bot") as made:
        assert [lots(made.size(leg, fenced=True)) for leg in legs] == [Decimal("1.99")] * 2
        assert len(held(made)) == 2


def test_alternatives_are_computed_again_byte_for_byte(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        made.size(UP)
        made.size(DOWN)
        made.size(IDEA)
        assert recomputed(made, tmp_path) == [LineStatus.SAME] * 3


# the same question twice


def test_the_same_key_and_idea_get_the_same_bytes_and_hold_once(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        first, second = made.size(IDEA, idempotency_key="k"), made.size(IDEA, idempotency_key="k")
        assert wire.to_line(second) == wire.to_line(first)
        assert (second.id, len(held(made)), len(journal(tmp_path))) == (first.id, 1, 1)


def test_the_same_idea_may_be_written_in_another_way(tmp_path: Path) -> None:
    again = TradeIdea("EURUSD", "buy", stop=1.08, hold=None)
    with sizer(tmp_path) as made:
        assert made.size(again, idempotency_key="k").id == made.size(IDEA, idempotency_key="k").id


def test_the_stored_answer_stands_though_the_market_has_moved(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        first = made.size(IDEA, idempotency_key="k")
        show(made, capture(symbols={"EURUSD": symbol(1.0700, 1.0701)}, captured_at="2026-06-10T12:00:04Z"))
        assert wire.to_line(made.size(IDEA, idempotency_key="k")) == wire.to_line(first)


@pytest.mark.parametrize(
    "other",
    [
        replace(IDEA, stop="1.0790"),
        replace(IDEA, side="sell", stop="1.0900"),
        replace(IDEA, confidence="70%"),
        replace(IDEA, hold="weekend"),
        replace(IDEA, signal_id="s"),
    ],
    ids=["stop", "side", "confidence", "hold", "signal"],
)
def test_the_same_key_with_another_idea_is_a_conflict(other: TradeIdea, tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        made.size(IDEA, idempotency_key="k")
        assert code(made.size(other, idempotency_key="k")) == "idempotency_conflict"
        assert len(held(made)) == 1


def test_what_was_only_quoted_is_no_answer_to_one_who_reserves(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        made.size(IDEA, idempotency_key="k", reserve=False)
        assert code(made.size(IDEA, idempotency_key="k")) == "idempotency_conflict"


def test_another_key_is_another_question(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        assert made.size(IDEA, idempotency_key="k").id != made.size(IDEA, idempotency_key="l").id


def test_a_denial_is_stored_under_its_key_too(tmp_path: Path) -> None:
    with sizer(tmp_path, caps__per_trade__risk_pct=0) as made:
        first, second = made.size(IDEA, idempotency_key="k"), made.size(IDEA, idempotency_key="k")
        assert code(first) == "per_trade"
        assert wire.to_line(second) == wire.to_line(first)


def test_the_stored_answer_stands_though_the_terminal_gives_none_now(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        first = made.size(IDEA, idempotency_key="k")
        show(made, capture(terminal_info={"connected": False}))
        assert wire.to_line(made.size(IDEA, idempotency_key="k")) == wire.to_line(first)
        assert code(made.size(IDEA, idempotency_key="l")) == "terminal_disconnected"


def test_the_stored_answer_of_one_account_is_none_on_another(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        made.size(IDEA, idempotency_key="k")
        show(made, capture(account={"login": 4321}))
        assert code(made.size(IDEA, idempotency_key="k")) == "account_changed"


def test_a_refusal_before_anything_was_decided_is_not_stored(tmp_path: Path) -> None:
    with sizer(tmp_path, capture(symbols={"EURUSD": symbol(age=HOUR)})) as made:
        assert code(made.size(IDEA, idempotency_key="k")) == "tick_stale"
        show(made, capture())
        assert lots(made.size(IDEA, idempotency_key="k")) == Decimal("1.99")


def test_an_answer_is_the_same_after_a_restart_under_another_configuration(tmp_path: Path) -> None:
    with sizer(tmp_path, durable=True) as made:
        first = wire.to_line(made.size(IDEA, idempotency_key="k"))
    with sizer(tmp_path, durable=True, caps__per_trade__risk_pct="0.5%") as made:
        assert wire.to_line(made.size(IDEA, idempotency_key="k")) == first


def test_an_answer_whose_configuration_is_gone_is_refused_and_not_decided_anew(tmp_path: Path) -> None:
    with sizer(tmp_path, durable=True) as made:
        made.size(IDEA, idempotency_key="k")
        (config,) = (tmp_path / "store").glob("config-*.json")
    config.unlink()
    with sizer(tmp_path, durable=True, caps__per_trade__risk_pct="0.5%") as made:
        assert code(made.size(IDEA, idempotency_key="k")) == "config_invalid"


def test_an_exit_asked_for_twice_is_the_same_exit(tmp_path: Path) -> None:
    out = TradeIdea("EURUSD", "sell", reduce=7, volume="0.2")
    with sizer(tmp_path, capture(positions=[open_trade("EURUSD buy 0.50 @ 1.0849 sl 1.0800")])) as made:
        first, second = made.size(out, idempotency_key="k"), made.size(out, idempotency_key="k")
        assert (first.outcome, wire.to_line(second)) == (Outcome.EXIT, wire.to_line(first))
        assert second.order == first.order


def test_an_exit_under_the_key_of_its_entry_is_decided_and_recorded_all_the_same(tmp_path: Path) -> None:
    with sizer(tmp_path, capture(positions=[open_trade("EURUSD buy 0.50 @ 1.0849 sl 1.0800")])) as made:
        made.size(IDEA, idempotency_key="k")
        out = made.size(TradeIdea("EURUSD", "sell", reduce=7), idempotency_key="k")
        assert (out.outcome, out.lots) == (Outcome.EXIT, Decimal("0.5"))
        assert made.recorder.store.decision(out.id) is not None


# distances


def test_a_stop_in_points_is_put_to_the_terminal_as_its_price(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        decision = made.size(TradeIdea("EURUSD", "buy", stop_points=500, rr=2))
    assert decision.context is not None
    # the terminal itself answers 500 for the stop at 1.08000
    assert (decision.context.stop, decision.context.target) == (Decimal("1.08"), Decimal("1.095"))
    assert decision.context.lot.terminal == Decimal("500.00")
    assert decision.request is not None
    assert (decision.request.stop_points, decision.request.stop) == (Decimal(500), None)


def test_a_stop_in_average_ranges_is_put_to_the_terminal_as_its_price(tmp_path: Path) -> None:
    with sizer(tmp_path, capture(symbols={"EURUSD": with_bars()})) as made:
        decision = made.size(TradeIdea("EURUSD", "buy", atr_stop=2))
    assert decision.context is not None
    # every bar spans 20 points: two ranges are 40 points below 1.08500
    assert decision.context.stop == Decimal("1.0846")
    assert decision.context.lot.terminal == Decimal("40.00")


def test_without_bars_a_stop_in_average_ranges_is_refused(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        assert code(made.size(TradeIdea("EURUSD", "buy", atr_stop=2))) == "value_unavailable"


# trades without a stop


def test_a_trade_without_a_stop_is_refused(tmp_path: Path) -> None:
    with sizer(tmp_path, capture(symbols={"EURUSD": with_bars()})) as made:
        assert code(made.size(TradeIdea("EURUSD", "buy"))) == "stop_required"


def test_where_the_policy_says_gap_three_daily_ranges_stand_for_the_stop(tmp_path: Path) -> None:
    with sizer(tmp_path, capture(symbols={"EURUSD": with_bars()}), policy__open_stop="gap") as made:
        decision = made.size(TradeIdea("EURUSD", "buy"))
        assert recomputed(made, tmp_path) == [LineStatus.SAME]
    assert decision.context is not None
    # a daily bar spans 20 points: 60 below the ask are 60 a lot, and the terminal was asked about them
    assert (decision.context.stop, decision.context.lot.stop) == (None, Decimal("60.00"))
    assert decision.context.lot.terminal == Decimal("60.00")
    assert decision.order is not None
    assert decision.order.stop is None
    assert lots(decision) > 0


def test_without_daily_bars_nothing_stands_for_a_stop(tmp_path: Path) -> None:
    with sizer(tmp_path, policy__open_stop="gap") as made:
        assert code(made.size(TradeIdea("EURUSD", "buy"))) == "stop_required"


def test_an_open_trade_without_a_stop_is_charged_three_daily_ranges_where_the_policy_says_gap(tmp_path: Path) -> None:
    document = capture(symbols={"EURUSD": with_bars()}, positions=[open_trade("EURUSD buy 0.50 @ 1.0849")])
    with sizer(tmp_path, document) as made:
        assert code(made.size(IDEA, reserve=False)) == "open_stop"
    with sizer(tmp_path, document, policy__open_stop="gap") as made:
        # 0.5 lots x 60 points
        assert rooms(made.size(IDEA)) == (4720, 0)


def test_a_target_in_stops_needs_a_stop_even_there(tmp_path: Path) -> None:
    with sizer(tmp_path, capture(symbols={"EURUSD": with_bars()}), policy__open_stop="gap") as made:
        assert code(made.size(TradeIdea("EURUSD", "buy", rr=2))) == "stop_required"


# costs and history


def test_configured_slippage_and_commission_are_charged(tmp_path: Path) -> None:
    with sizer(tmp_path, free=False, costs__commission=7, costs__slippage=3) as made:
        decision = made.size(IDEA)
    assert decision.context is not None
    assert decision.context.lot.cost == 10
    # 997.50 / 510
    assert lots(decision) == Decimal("1.95")


def test_the_assumed_commission_can_be_set(tmp_path: Path) -> None:
    with sizer(tmp_path, free=False, costs__slippage=0, costs__assumed_per_100k=20) as made:
        decision = made.size(IDEA)
    assert decision.context is not None
    # 108,500 dollars a lot at 1.08500: 21.70
    assert decision.context.lot.cost == Decimal("21.70")


def test_the_open_book_is_charged_the_configured_costs_too(tmp_path: Path) -> None:
    document = capture(positions=[open_trade("EURUSD buy 0.50 @ 1.0849 sl 1.0800")])
    with sizer(tmp_path, document, free=False, costs__commission=8, costs__slippage=3) as made:
        # 0.5 x (490 + 4 for the exit + 3)
        assert rooms(made.size(IDEA)) == (Decimal("4501.5"), 0)


# what a refusal tells


def test_a_refusal_tells_what_was_known_by_then(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        early, late = made.size(replace(IDEA, stop="x")), made.size(replace(IDEA, stop="1.0900"))
    assert (early.request, early.account, early.quote) == (None, None, None)
    assert late.request is not None
    assert late.account is not None
    assert (late.account.login, late.quote and late.quote.bid, late.intent) == (1234, Decimal("1.0849"), Intent.OPEN)
    assert late.flag is not None


def test_every_decision_stands_once_in_database_and_journal(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        told = [made.size(IDEA), made.size(replace(IDEA, stop="x")), made.size(IDEA, reserve=False)]
        stored = [made.recorder.store.decision(decision.id) for decision in told]
        assert stored == [line + b"\n" for line in journal(tmp_path)]
        assert recomputed(made, tmp_path) == [LineStatus.SAME, LineStatus.NO_CONTEXT, LineStatus.SAME]


def test_a_login_is_written_down_by_its_last_four_digits(tmp_path: Path) -> None:
    with sizer(tmp_path, capture(account={"login": 987654321})) as made:
        made.size(IDEA)
        made.size(replace(IDEA, stop="1.0900"))
    text = b"\n".join(journal(tmp_path)).decode()
    assert "987654321" not in text
    assert [json.loads(line)["account"]["login"] for line in text.splitlines()] == [4321, 4321]


def test_sizers_asked_beside_are_shown_beside(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        decision = made.size(IDEA, also=("fixed_risk",))
        assert recomputed(made, tmp_path) == [LineStatus.SAME]
    assert decision.verdict is not None
    (beside,) = decision.verdict.also
    # 1.1 % of 100,000 over 500 would be 2.20; the caps are the same for all
    assert (beside.sizer, beside.raw_lots, beside.lots) == ("fixed_risk", Decimal("2.2"), Decimal("1.99"))
    assert json.loads(wire.to_json(decision))["also"] == [
        {"sizer": "fixed_risk", "lots": 1.99, "binding": "concentration", "reason": None}
    ]


def test_a_decision_does_not_change_the_room_of_an_exit(tmp_path: Path) -> None:
    with sizer(tmp_path, capture(positions=[open_trade("EURUSD buy 0.50 @ 1.0849 sl 1.0800")])) as made:
        before = rooms(made.size(IDEA, reserve=False))
        made.size(TradeIdea("EURUSD", "sell", reduce=7))
        assert rooms(made.size(IDEA, reserve=False)) == before == (4505, ZERO)

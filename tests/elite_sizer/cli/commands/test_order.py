"""`order`: what is sent, what is not, and what the record knows of it afterwards."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from elite_sizer.service.place_order import resized
from mt5bridge.orders.bracket import Bracket
from mt5bridge.simulated import SimulatedTerminal
from mt5bridge.simulated.faults.faults import AcceptThenDrop, Fault, LoseStops, Nothing, Retcode
from portfolio.model import Side
from portfolio.reasons import Refusal
from portfolio.store.database import Store
from tests.builders import spec
from tests.elite_sizer.cli.running import Ran, Run

D = Decimal
WORDS = "order EURUSD buy --stop-points 250 --rr 2"


@pytest.fixture
def enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELITE_SIZER_ORDERS__ENABLED", "true")


def states(home: Path) -> list[str]:
    """Return the states of all reservations, oldest first."""
    with Store.open(home / "store" / "elite-sizer.db") as store, store.read() as database:
        return [state for (state,) in database.execute("SELECT state FROM reservation ORDER BY issued")]


def positions(paper: SimulatedTerminal) -> list[tuple[str, float, float, float]]:
    paper.initialize()
    return [(position.symbol, position.volume, position.sl, position.tp) for position in paper.positions_get() or ()]


@pytest.mark.usefixtures("enabled")
def test_entry_stop_and_target_go_as_one_order(run: Run, paper: SimulatedTerminal, home: Path) -> None:
    ran = run(f"{WORDS} --yes --json")
    answer = ran.json
    assert (ran.code, answer["result"], answer["sent"]) == (0, "filled", True)
    plan = answer["decision"]["order"]
    assert positions(paper) == [("EURUSD", answer["lots"], plan["stop"], plan["target"])]
    assert answer["lots"] == answer["decision"]["lots"] == answer["request"]["volume"]
    assert answer["request"]["comment"] == f"es:{answer['decision']['id']}"
    assert states(home) in (["WORKING"], ["CONVERTED"])
    assert run("audit").code == 0


@pytest.mark.usefixtures("enabled")
def test_a_limit_order_waits_with_its_stop_and_target(run: Run, paper: SimulatedTerminal, home: Path) -> None:
    ran = run("order EURUSD buy --entry 1.0800 --stop 1.0750 --target 1.0900 --yes --json")
    assert (ran.code, ran.json["result"], ran.json["lots"]) == (0, "placed", 0)
    paper.initialize()
    (waiting,) = paper.orders_get() or ()
    assert (waiting.price_open, waiting.sl, waiting.tp) == (1.08, 1.075, 1.09)
    assert waiting.volume_current == ran.json["decision"]["lots"]
    assert states(home) == ["WORKING"]
    assert run("audit").code == 0


def test_it_is_off_by_default(run: Run, paper: SimulatedTerminal, home: Path) -> None:
    ran = run(f"{WORDS} --yes --json")
    assert (ran.code, ran.json["reason"]["code"], ran.json["lots"]) == (2, "orders_disabled", 0)
    assert positions(paper) == []
    assert states(home) == []


@pytest.mark.parametrize("switch", ["", "true"])
def test_a_dry_run_shows_the_request_and_does_nothing(
    run: Run, paper: SimulatedTerminal, home: Path, monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    if switch:
        monkeypatch.setenv("ELITE_SIZER_ORDERS__ENABLED", switch)
    ran = run(f"{WORDS} --dry-run --json")
    request = ran.json["request"]
    assert (ran.code, ran.json["sent"], ran.json["lots"]) == (0, False, 0)
    assert request["sl"] == pytest.approx(request["price"] - 0.0025)
    assert request["tp"] == pytest.approx(request["price"] + 0.005)
    assert positions(paper) == []
    assert states(home) == []


@pytest.mark.usefixtures("enabled", "paper")
def test_without_a_person_to_ask_it_wants_a_yes(run: Run, home: Path) -> None:
    ran = run(WORDS)
    assert ran.code == 2
    assert "Give --yes" in ran.err
    assert not (home / "store").exists() or states(home) == []


@pytest.mark.usefixtures("enabled")
def test_a_refused_size_sends_nothing(run: Run, paper: SimulatedTerminal) -> None:
    ran = run(f"{WORDS} --confidence 10% --yes --json")
    assert (ran.code, ran.json["reason"]["code"]) == (3, "no_edge")
    assert positions(paper) == []


@pytest.mark.usefixtures("enabled")
def test_a_trade_without_a_stop_is_sized_but_never_sent(run: Run, paper: SimulatedTerminal, home: Path) -> None:
    paper.symbol_select("AAPL", True)  # noqa: FBT003 - positional in the package
    paper.advance(4 * 3600)
    ran = run("order AAPL buy --profile conviction --yes --json")
    assert ran.json["decision"]["lots"] > 0
    assert (ran.code, ran.json["reason"]["code"]) == (2, "stop_required")
    assert positions(paper) == []
    assert states(home) == ["CANCELLED"]


def struck(run: Run, paper: SimulatedTerminal, fault: Fault, nth: int = 1, call: str = "order_send") -> Ran:
    paper.faults.add(call, nth, fault)
    return run(f"{WORDS} --yes --json")


@pytest.mark.usefixtures("enabled")
@pytest.mark.parametrize(
    "case",
    [
        (Retcode(10019), "order_send", "rejected", "REJECTED"),  # no money
        (Retcode(10019), "order_check", "not_sent", "CANCELLED"),
        (Nothing(-10002, "gone"), "order_send", "unknown", "UNKNOWN"),
        (AcceptThenDrop(), "order_send", "filled", "WORKING"),  # no answer came, but there it stands
    ],
)
def test_the_reservation_learns_what_became_of_the_order(
    run: Run, paper: SimulatedTerminal, home: Path, case: tuple[Fault, str, str, str]
) -> None:
    fault, call, result, state = case
    ran = struck(run, paper, fault, call=call)
    assert ran.json["result"] == result
    assert states(home) == [state]


@pytest.mark.usefixtures("enabled")
def test_a_fill_that_lost_its_stop_is_closed_at_once(run: Run, paper: SimulatedTerminal) -> None:
    ran = struck(run, paper, LoseStops())
    assert ran.json["result"] == "closed"
    assert positions(paper) == []


@pytest.mark.usefixtures("enabled")
def test_an_order_whose_fate_is_unknown_keeps_its_room(run: Run, paper: SimulatedTerminal) -> None:
    struck(run, paper, Nothing(-10002, "gone"))
    reserved = run("size EURUSD buy --stop-points 250 --json").json["headroom"]["reserved"]
    assert reserved > 0


@pytest.mark.usefixtures("enabled")
def test_a_crash_while_sending_keeps_its_room(
    run: Run, paper: SimulatedTerminal, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(paper, "order_send", crash, raising=False)
        assert run(f"{WORDS} --yes --json").code == 130
    assert states(home) == ["CLAIMED"]
    assert run("size EURUSD buy --stop-points 250 --json").json["headroom"]["reserved"] > 0


OLD = Bracket("EURUSD", Side.BUY, D("1.00"), D("1.08500"), D("1.08000"), D("1.09500"))


@pytest.mark.parametrize(
    ("price", "lots"),
    [
        ("1.08500", "1.00"),
        ("1.08400", "1.00"),  # closer to the stop: never larger
        ("1.08600", "0.83"),  # 500 points of 600: 0.8333
        ("1.09000", "0.50"),
    ],
)
def test_a_requote_is_sized_again_by_its_new_distance(price: str, lots: str) -> None:
    bracket = resized(OLD, D(price), spec())
    assert isinstance(bracket, Bracket)
    assert (bracket.volume, bracket.price, bracket.stop) == (D(lots), D(price), OLD.stop)


@pytest.mark.parametrize("price", ["1.08000", "1.07900", "1.09500", "1.09600"])
def test_a_price_outside_the_bracket_is_no_trade(price: str) -> None:
    bracket = resized(OLD, D(price), spec())
    assert isinstance(bracket, Refusal)
    assert bracket.code == "order_requoted"


def test_a_requote_that_leaves_less_than_the_smallest_trade_is_refused() -> None:
    small = Bracket("EURUSD", Side.BUY, D("0.01"), D("1.08500"), D("1.08000"))
    bracket = resized(small, D("1.08600"), spec())
    assert isinstance(bracket, Refusal)
    assert bracket.code == "below_min_lot"

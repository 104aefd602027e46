"""`halt` refuses new entries, and `resume` lifts that, and every halt in the database, for a reason on record."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from portfolio.ledger.halts import EVERYTHING, halt
from portfolio.reasons import refuse
from portfolio.store.database import Store
from tests.elite_sizer.cli.running import Run

SIZE = "size EURUSD buy --stop 1.0800 --confidence 75% --json"


def test_a_halt_refuses_until_it_is_lifted_for_a_reason(run: Run) -> None:
    assert run("halt --reason 'news day'").code == 0
    halted = run(SIZE)
    assert (halted.code, halted.json["outcome"], halted.json["lots"]) == (7, "halt", 0)
    assert "news day" in halted.json["reason"]["detail"]
    assert "news day" in run("flag show").out
    assert run("resume").code == 2
    assert run("resume --reason ' '").code == 2
    lifted = run("resume --reason 'it is over' --json")
    assert (lifted.code, lifted.json["lifted"]) == (0, ["the STOP file"])
    assert run(SIZE).code == 0


def test_resuming_where_nothing_is_halted_says_so(run: Run) -> None:
    assert run("resume --reason x").out == "Nothing was halted.\n"


def test_a_stop_that_cant_be_removed_stays_a_halt(run: Run, home: Path) -> None:
    (home / "store" / "STOP").mkdir(parents=True)
    ran = run("resume --reason x")
    assert ran.code != 0


def test_status_says_what_blocks_new_entries(run: Run) -> None:
    assert run("status").code == 0
    run("halt --reason lunch")
    ran = run("status")
    assert ran.code == 7
    assert "New entries are blocked" in ran.out
    assert "lunch" in ran.out


def test_a_recorded_breach_is_lifted_by_a_human_and_his_reason_is_kept(run: Run, home: Path) -> None:
    # with an initial size of 120,000 the equity of 102,450.97 lies under the overall floor of 108,000
    breached = run(f"{SIZE} --initial 120000")
    assert (breached.code, breached.json["reason"]["code"]) == (7, "rule_breached")
    lifted = run("resume --reason 'typo in the size' --json").json["lifted"]
    assert lifted == ["rule_breached (overall floor 108,000.00)"]
    with Store.open(home / "store" / "elite-sizer.db", anywhere=True) as store, store.read() as database:
        assert database.execute("SELECT kind, subject, reason FROM act").fetchall() == [
            ("resume", "rule_breached", "typo in the size")
        ]
    assert run("resume --reason again").out == "Nothing was halted.\n"


def test_a_halt_in_the_database_is_lifted_too(run: Run, home: Path) -> None:
    assert run(SIZE).code == 0
    with Store.open(home / "store" / "elite-sizer.db", anywhere=True) as store:
        halt(store, EVERYTHING, refuse("kernel_invariant", "1 lot contradicts"), datetime(2026, 6, 10, tzinfo=UTC))
    assert run(SIZE).code == 7
    assert run("resume --reason checked --json").json["lifted"] == ["kernel_invariant (1 lot contradicts)"]
    assert run(SIZE).code == 0

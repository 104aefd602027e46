"""`headroom` computes an account's floors offline, as the firm's own dashboard shows them."""

from __future__ import annotations

import json

import pytest

from tests.elite_sizer.cli.running import Run

METRIX = "--initial 200000 --balance 194884.06 --equity 195159.09 --day-start-balance 194494.96"
"""A published dashboard: permitted today 10,664.13, in all 15,159.09."""
SCENARIO = {
    "rule_id": "ftmo_2step",
    "initial": "100000",
    "balance": "100000",
    "equity": "100000",
    "day_start_balance": "100000",
    "now_utc": "2026-06-10T12:00:00Z",
}


def test_the_published_dashboard_is_met_to_the_cent(run: Run) -> None:
    text = run(f"headroom {METRIX}").out
    assert "daily          10,664.13" in text
    assert "overall        15,159.09" in text


def test_options_and_a_scenario_give_the_same(run: Run) -> None:
    words = "--balance 100000 --equity 100000 --day-start-balance 100000 --initial 100000 --now 2026-06-10T12:00:00Z"
    assert run("headroom --json", stdin=json.dumps(SCENARIO)).json == run(f"headroom {words} --json").json


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"equity": "95000.00"}, 0),
        ({"equity": "94999.99"}, 7),
        ({"rule_id": "blueberry_funded_prime"}, 2),
    ],
)
def test_a_breach_exits_with_seven_and_touching_a_strict_floor_does_not(
    changes: dict[str, str], code: int, run: Run
) -> None:
    assert run("headroom --json", stdin=json.dumps(SCENARIO | changes)).code == code


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        ("", "no JSON scenario"),
        ("[1]", "JSON object"),
        ('{"rule_id": "ftmo_2stp"}', "ftmo_2step"),
        (json.dumps(SCENARIO | {"balance": "nan"}), "not a finite number"),
        ('{"rule_id": "ftmo_2step", "balence": 1}', "balance"),
    ],
)
def test_bad_input_is_refused_with_what_is_wrong(stdin: str, message: str, run: Run) -> None:
    ran = run("headroom", stdin=stdin)
    assert ran.code == 2
    assert message in ran.err


@pytest.mark.parametrize("missing", ["--initial", "--equity", "--day-start-balance"])
def test_no_figure_is_made_up(missing: str, run: Run) -> None:
    words = METRIX.split()
    at = words.index(missing)
    ran = run(f"headroom {' '.join(words[:at] + words[at + 2 :])}")
    assert ran.code == 2
    assert missing in ran.err

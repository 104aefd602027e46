"""The offline calculator answers every published example to the cent and to the second."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from elite_sizer.reports.headroom_calculator import scenario
from portfolio.errors import ConfigError
from tests.paths import DATA

SCENARIOS = DATA / "prop_firms_scenarios.json"
PUBLISHED = json.loads(SCENARIOS.read_text(encoding="utf-8"))

DASHBOARD: Mapping[str, Any] = {
    "rule_id": "ftmo_2step",
    "initial": "200000",
    "balance": "194884.06",
    "equity": "195159.09",
    "day_start_balance": "194494.96",  # equity less the day's profit of 664.13
    "now_utc": "2026-06-10T12:00:00Z",
}


@pytest.mark.parametrize("case", PUBLISHED["scenarios"], ids=lambda case: str(case["id"]))
def test_a_published_or_derived_case_comes_out_to_the_cent_and_the_second(case: Mapping[str, Any]) -> None:
    answer = scenario({"rule_id": case["rule_id"], **case["inputs"]})
    assert {key: answer[key] for key in case["expected"]} == case["expected"]


@pytest.mark.parametrize("case", PUBLISHED["rebuild_scenarios"], ids=lambda case: str(case["id"]))
def test_a_day_is_rebuilt_from_its_deals(case: Mapping[str, Any]) -> None:
    answer = scenario({key: value for key, value in case.items() if key != "expected"})
    assert answer == case["expected"]


def test_the_dashboard_case_is_not_what_a_bot_showed() -> None:
    answer = scenario(DASHBOARD)
    assert answer["distance_daily"] == answer["usable"] == "10664.13"
    assert answer["distance_overall"] == "15159.09"


def test_numbers_may_come_as_json_numbers() -> None:
    given = {**DASHBOARD, "initial": 200000, "balance": Decimal("194884.06"), "equity": 195159.09}
    assert scenario(given) == scenario(DASHBOARD)


def test_a_floating_result_stands_for_equity() -> None:
    given = {key: value for key, value in DASHBOARD.items() if key != "equity"}
    assert scenario({**given, "floating": "275.03"}) == scenario(DASHBOARD)


def test_the_day_may_be_rebuilt_within_a_scenario() -> None:
    # R01 of the published file: the day began with 100,927.15, so its floor is 95,927.15
    case = next(case for case in PUBLISHED["rebuild_scenarios"] if case["id"] == "R01")
    answer = scenario(
        {
            "rule_id": "ftmo_2step",
            "initial": "100000",
            "balance": case["balance_now"],
            "equity": case["balance_now"],
            "now_utc": "2026-06-10T12:00:00Z",
            "deals": case["deals"],
        }
    )
    assert answer["daily_floor"] == "95927.15"
    assert answer["balance_at_reset"] == "100927.15"


def payout(amount: str, balance: str) -> dict[str, Any]:
    return scenario(
        {
            "rule_id": "ftmo_2step",
            "initial": "100000",
            "balance": balance,
            "equity": balance,
            "now_utc": "2026-06-10T12:00:00Z",
            "deals": [{"time_utc": "2026-06-10T09:00:00Z", "type": "BALANCE", "profit": amount}],
        }
    )


def test_a_withdrawal_leaves_the_smaller_room_of_both_readings() -> None:
    # began with 104,000; literally 100,000 - 99,000 = 1,000, shifted 100,000 - 95,000 = 5,000
    assert payout("-4000", "100000")["distance_daily"] == "1000.00"


def test_a_withdrawal_that_would_itself_be_a_breach_shifts_the_reference_and_is_said() -> None:
    # began with 106,000; literally 100,000 - 101,000 would be a breach, shifted 100,000 - 95,000
    answer = payout("-6000", "100000")
    assert answer["distance_daily"] == "5000.00"
    assert answer["breached"] is False


def test_a_deposit_gives_no_room() -> None:
    assert payout("4000", "104000")["distance_daily"] == "5000.00"


def test_an_account_opened_today_counts_from_its_initial_size() -> None:
    assert payout("100000", "100000")["balance_at_reset"] == "100000.00"
    assert payout("100000", "100000")["cash_flows_since_reset"] == "0.00"


def test_a_payout_lifts_the_floor_of_a_firm_that_says_so() -> None:
    given = {
        "rule_id": "e8_pro",
        "initial": "100000",
        "balance": "104000",
        "equity": "104000",
        "day_start_balance": "104000",
        "now_utc": "2026-06-10T12:00:00Z",
    }
    assert scenario(given)["overall_floor"] == "92000.00"
    assert scenario({**given, "payout_taken": True})["overall_floor"] == "100000.00"


def test_the_day_begins_by_a_given_server_clock() -> None:
    given = {**DASHBOARD, "rule_id": "e8_pro", "initial": "200000"}
    assert scenario(given)["last_reset_utc"] == "2026-06-09T21:00:00Z"
    assert scenario({**given, "server_utc_offset": 0})["last_reset_utc"] == "2026-06-10T00:00:00Z"


def test_a_peak_that_equity_already_exceeds_is_raised_to_it() -> None:
    given = {
        "rule_id": "maven_1step",
        "initial": "50000",
        "balance": "50000",
        "equity": "51500",
        "now_utc": "2026-06-10T12:00:00Z",
    }
    assert scenario({**given, "peak": "50000"})["overall_floor"] == "48925.00"  # 51,500 less 5 % of it
    assert scenario({**given, "peak": "52000"})["overall_floor"] == "49400.00"


def test_a_missing_equity_at_the_days_start_is_said() -> None:
    given = {**DASHBOARD, "rule_id": "goat_2step"}
    assert "the balance stands for it" in scenario(given)["because"]
    assert "the balance stands for it" not in scenario({**given, "day_start_equity": "194494.96"})["because"]


def test_a_distance_is_never_shown_too_large() -> None:
    answer = scenario({**DASHBOARD, "equity": "195159.099", "balance": "195159.099"})
    assert answer["distance_daily"] == "10664.13"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"equtiy": 1}, 'unknown key "equtiy"; did you mean equity\\?'),
        ({"xyz": 1}, 'unknown key "xyz"; known are balance'),
        ({"equity": float("nan")}, "equity: nan is not a finite number"),
        ({"equity": "NaN"}, "equity: NaN is not a finite number"),
        ({"equity": "Infinity"}, "equity: Infinity is not a finite number"),
        ({"equity": "a lot"}, 'equity: "a lot" is not a number'),
        ({"equity": True}, "equity: a number is needed, not true"),
        ({"equity": None}, r"lacks equity \(or floating\)"),
        ({"floating": "1"}, "equity 195159.09 is not balance 194884.06 plus floating 1"),
        ({"balance": None}, "balance is missing"),
        ({"initial": "-1"}, "initial: -1 is negative"),
        ({"day_start_balance": None}, "lacks day_start_balance"),
        ({"rule_id": None}, "rule_id is missing"),
        ({"rule_id": 5}, "rule_id must be text, not 5"),
        ({"rule_id": "ftmo2step"}, "did you mean ftmo_2step"),
        ({"rules": {"daily": {"pc": 4}}}, "did you mean pct"),
        ({"rule_id": "apex_eod_50k"}, "states no overall amount for 200,000, only for 25,000"),
        ({"now_utc": None}, "now_utc is missing"),
        ({"now_utc": "yesterday"}, "is no ISO-8601 time"),
        ({"now_utc": "2026-06-10T12:00:00"}, "has no zone"),
        ({"payout_taken": "yes"}, "payout_taken must be true or false"),
        ({"server_utc_offset": 3.5}, "server_utc_offset must be seconds"),
        ({"server_utc_offset": 999999}, "server_utc_offset must be seconds"),
        ({"deals": 5}, "deals must be a list, not 5"),
        ({"deals": [5]}, "deal 0 must be a table, not 5"),
        ({"deals": [{"typ": "BUY"}]}, 'deal 0 has the unknown key "typ"; did you mean type'),
        ({"deals": [{"type": "BUY"}]}, "time_utc is missing"),
        ({"deals": [{"type": "BUY", "time": "noon"}]}, "deal 0: time must be whole seconds"),
        (
            {"deals": [{"type": "BUY", "time": 1781051400, "time_utc": "2026-06-09T22:30:00Z"}]},
            "deal 0: time 1781051400 of the broker's clock is 2026-06-09T21:30:00Z",
        ),
    ],
)
def test_a_question_that_is_not_clear_gets_no_answer(change: Mapping[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        scenario({**DASHBOARD, **change})


def test_the_question_for_the_days_beginning_is_as_strict() -> None:
    with pytest.raises(ConfigError, match="did you mean balance_now"):
        scenario({"reset_utc": "2026-06-09T22:00:00Z", "balance_nw": "1", "deals": []})

"""Two sizers compared over a journal, worked by hand; and the journal as a table that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from elite_sizer.journal.csv_export import COLUMNS, cell, table
from elite_sizer.reports.comparison import Comparison, compare, pairs
from tests.builders import d


def line(
    legacy: str, elite: str | None, *, loss: float | None = 500, binding: str = "proposal", code: str | None = None
) -> bytes:
    """Return a journal line on which legacy and elite said these lots."""
    answer = None
    if elite is not None:
        reason = None if code is None else {"code": code, "detail": ""}
        answer = {"sizer": "elite", "lots": float(elite), "binding": binding, "reason": reason}
    made: dict[str, Any] = {
        "id": f"{legacy}-{elite}",
        "at": "2026-06-10T12:00:00Z",
        "account": {"currency": "USD"},
        "request": {"symbol": "EURUSD", "side": "buy"},
        "legacy": {"sizer": "fixed_risk", "lots": float(legacy), "binding": "proposal", "reason": None},
        "elite": answer,
        "risk": {"per_lot_at_stop": loss},
    }
    return json.dumps(made).encode()


def weighed(*lines: bytes, worst: int = 5) -> Comparison:
    found, alone = pairs(lines)
    return compare(found, alone, worst=worst)


FOUR = (
    line("2.00", "2.00"),
    line("2.00", "1.00", binding="per_trade"),
    line("1.00", "1.50"),
    line("4.00", "0", binding="daily_loss", code="daily_loss"),
)


def test_agreement_and_difference_are_counted() -> None:
    made = weighed(*FOUR)
    assert (made.decisions, made.agree, made.smaller, made.larger, made.denied, made.only_elite) == (4, 1, 2, 1, 1, 0)


def test_the_ratio_of_lots() -> None:
    # 1.0, 0.5, 1.5, 0: ordered 0, 0.5, 1.0, 1.5; mean 3.0 / 4
    assert weighed(*FOUR).ratio == {
        "least": d("0.0000"),
        "lower": d("0.0000"),
        "median": d("0.5000"),
        "upper": d("1.5000"),
        "most": d("1.5000"),
        "mean": d("0.7500"),
    }


def test_what_decided_and_how_often() -> None:
    assert weighed(*FOUR).bound == {"proposal": 2, "daily_loss": 1, "per_trade": 1}


def test_money_at_risk_that_was_saved() -> None:
    # legacy 9.00 lots, elite 4.50, at 500 a lot
    assert weighed(*FOUR).at_risk == {"USD": (d("4500.0"), d("2250.0"))}


def test_the_worst_differences_come_first_and_agreement_is_none() -> None:
    made = weighed(*FOUR)
    assert [(one.id, one.saved) for one in made.worst] == [
        ("4.00-0", d("2000.0")),
        ("2.00-1.00", d("500.0")),
        ("1.00-1.50", d("-250.0")),
    ]
    assert len(weighed(*FOUR, worst=1).worst) == 1


def test_a_decision_of_one_sizer_alone_is_counted_apart() -> None:
    made = weighed(line("2.00", None), line("1.00", "1.00"))
    assert (made.decisions, made.alone) == (1, 1)


def test_without_a_loss_per_lot_the_money_is_not_known() -> None:
    made = weighed(line("2.00", "1.00", loss=None))
    assert made.at_risk == {}
    assert made.worst[0].saved is None


def test_a_legacy_that_trades_nothing_has_no_ratio() -> None:
    made = weighed(line("0", "1.00"))
    assert (made.ratio, made.only_elite) == ({}, 1)


def test_an_empty_journal_is_nothing_to_compare() -> None:
    assert weighed().decisions == 0


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", '=HYPERLINK("http://x")'])
def test_text_that_a_spreadsheet_would_compute_can_t_be_run(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), (d("-250.50"), "-250.50"), (d("1E-7"), "0.0000001"), (3, "3"), ("EURUSD", "EURUSD"), (True, "True")],
)
def test_numbers_stay_numbers(value: object, shown: str) -> None:
    assert cell(value) == shown


def test_a_table_reads_back_with_commas_quotes_and_line_ends_in_it() -> None:
    made = json.loads(line("2.00", "1.00"))
    made["reason"] = {"code": "open_stop", "detail": '1 without a stop: "EURUSD", buy\n0.50'}
    made["request"]["signal_id"] = "=cmd|' /C calc'!A0"
    (row,) = csv.DictReader(io.StringIO(table([json.dumps(made).encode()]), newline=""))
    assert tuple(row) == tuple(COLUMNS)
    assert row["detail"] == made["reason"]["detail"]
    assert row["signal_id"] == "'=cmd|' /C calc'!A0"
    assert (row["legacy_lots"], row["elite_lots"]) == ("2.0", "1.0")

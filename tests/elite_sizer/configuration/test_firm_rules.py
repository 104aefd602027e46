"""The shipped rule sets say what the firms say, and nothing that is misspelt gets in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from elite_sizer.configuration.document.values import read
from elite_sizer.configuration.firm_rules import EIGHT_FIELDS, all_rules, rule_ids, rules_of
from elite_sizer.configuration.shipped import config_dir
from portfolio.errors import ConfigError
from portfolio.rules.rule_set import Amount, MoneyCap, Rules

D = Decimal

CUSTOM: Mapping[str, Any] = {
    "day": "Europe/Prague 00:00",
    "daily": "5%",
    "daily_of": "initial",
    "daily_ref": "balance",
    "overall": "10%",
    "overall_peak": "none",
    "overall_lock": "none",
    "inclusive": False,
}

GOOD = """
firm = "A Firm"

[rules.a_rule]
program = "One"
day = { tz = "UTC", reset = "00:30" }
daily = { pct = 4.5, of = "initial", ref = "balance" }
overall = { amount = { 50000 = "2000", 100000 = 3000 }, peak = "eod_balance", lock = "0" }
inclusive = true
as_of = 2026-10-04
confidence = "primary"
sources = ["https://example.org/rules"]
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def fault(tmp_path: Path, old: str, new: str) -> str:
    """Return what is said about the good file with one thing changed."""
    assert old in GOOD
    with pytest.raises(ConfigError) as raised:
        rules_of("a_rule", folder=folder(tmp_path, a_firm=GOOD.replace(old, new)))
    return str(raised.value)


def test_each_firm_has_one_file_and_no_rule_set_of_the_first_is_lost() -> None:
    found = all_rules()
    assert len(found) >= 44
    assert len({rules.firm for rules in found.values()}) == len(list((config_dir() / "firms").glob("*.toml"))) >= 19


@pytest.mark.parametrize("identity", rule_ids())
def test_each_rule_set_has_a_source_a_date_and_a_confidence(identity: str) -> None:
    rules = rules_of(identity)
    assert rules.id == identity
    assert rules.firm
    assert rules.program
    assert rules.sources
    assert all(source.startswith("http") for source in rules.sources)
    assert date(2026, 1, 1) <= date.fromisoformat(rules.as_of) <= datetime.now(UTC).date()
    assert rules.confidence
    assert rules.day.tz == "SERVER" or ZoneInfo(rules.day.tz).key == rules.day.tz


def test_ftmos_two_step_is_what_ftmo_says() -> None:
    rules = rules_of("ftmo_2step")
    assert rules.daily is not None
    assert (rules.daily.amount, rules.daily.of, rules.daily.ref) == (Amount(D(5)), "initial", "balance")
    assert (rules.daily.action, rules.inclusive, rules.measure) == ("fail", False, "equity")
    assert (rules.overall.amount, rules.overall.peak, rules.overall.lock) == (Amount(D(10)), "none", None)
    assert (rules.day.tz, f"{rules.day.reset:%H:%M}") == ("Europe/Prague", "00:00")
    assert rules.limits.max_open_orders == 200
    assert rules.limits.max_positions_per_day == rules.limits.max_messages_per_day == 2000


def test_ftmos_one_step_follows_midnight_balances_without_a_lock() -> None:
    rules = rules_of("ftmo_1step")
    assert rules.daily is not None
    assert rules.daily.amount.pct == 3
    assert (rules.overall.peak, rules.overall.lock) == ("eod_balance", None)
    assert "best_day" in dict(rules.notes)


def test_seven_rule_sets_follow_a_peak_of_equity_intraday() -> None:
    # spec 02 section 3
    def follows(rules: Rules) -> bool:
        return rules.overall.peak == "equity" or (rules.daily is not None and rules.daily.ref == "peak_equity_today")

    assert sum(follows(rules) for rules in all_rules().values()) == 7


def test_three_rule_sets_lift_the_floor_with_a_payout() -> None:
    lifted = {name for name, rules in all_rules().items() if rules.overall.on_payout == "floor_to_initial"}
    assert lifted == {"e8_signature", "e8_pro", "topstep_xfa_50k"}


def test_what_a_firm_limits_besides_losses_is_a_size_where_it_is_one() -> None:
    pips, zero, e8, alpha = (
        rules_of(name).limits for name in ("fundingpips_2step_std", "fundingpips_zero", "e8_one", "alpha_one")
    )
    assert pips.idea_risk == MoneyCap(((D(25000), D(3)), (D(50000), D(2))), "initial", inclusive=True)
    assert zero.floating_loss == MoneyCap(((D(0), D(1)),), "initial", inclusive=True)
    assert e8.max_lots_per_order == (("*", D(50)), ("XAUUSD", D(20)))
    assert (e8.max_open_orders, e8.max_messages_per_day) == (100, 2000)
    assert dict(alpha.max_lots)[D(100000)] == 40


def test_what_is_no_size_is_text_to_show() -> None:
    notes = dict(rules_of("ftmo_2step").notes)
    assert set(notes) == {"target", "days", "leverage", "news", "weekend", "allocation"}


def test_an_override_replaces_one_field_and_is_said() -> None:
    shipped, changed = rules_of("ftmo_1step"), rules_of("ftmo_1step", {"daily": {"pct": "4%"}})
    assert changed.daily is not None
    assert shipped.daily is not None
    assert (changed.daily.amount.pct, changed.daily.ref) == (D(4), shipped.daily.ref)
    assert changed.overall == shipped.overall
    assert changed.confidence == f"{shipped.confidence}; changed by the configuration: daily.pct"


def test_an_override_reads_percentages_as_the_configuration_does() -> None:
    changed = rules_of("ftmo_2step", {"daily": {"pct": read("4%")}})
    assert changed.daily is not None
    assert changed.daily.amount.pct == 4


def test_an_override_of_another_kind_of_amount_replaces_the_first() -> None:
    changed = rules_of("ftmo_2step", {"overall": {"amount": 8000}})
    assert changed.overall.amount == Amount(money=D(8000))


def test_an_override_may_take_the_daily_rule_away_or_bring_one() -> None:
    assert rules_of("ftmo_2step", {"daily": "none"}).daily is None
    brought = rules_of("topstep_combine_50k", {"daily": {"amount": 1000, "ref": "balance", "action": "pause"}})
    assert brought.daily is not None
    assert brought.daily.amount == Amount(money=D(1000))


def test_an_unknown_rule_set_gets_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match=r"ftmo_2stp.*did you mean ftmo_2step"):
        rules_of("ftmo_2stp")


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"dayly": {"pct": 4}}, r"rules\.ftmo_2step\.dayly is not known; did you mean daily\?"),
        ({"daily": {"pc": 4}}, r"rules\.ftmo_2step\.daily\.pc is not known; did you mean pct\?"),
        ({"limits": {"idea_risk": {"pt": 4}}}, r"limits\.idea_risk\.pt is not known; did you mean pct\?"),
        ({"limits": {"max_lot": {}}}, r"limits\.max_lot is not known; did you mean max_lots\?"),
        ({"daily": {"pct": D("0.05")}}, r'daily\.pct: 0\.05 is not between .* write "5%"'),
        ({"daily": {"pct": 101}}, r"daily\.pct: 101 is not between"),
        ({"daily": {"pct": float("nan")}}, r"daily\.pct: nan is not a finite number"),
        ({"daily": {"pct": True}}, r"daily\.pct: a number is needed, not true"),
        ({"daily": {"amount": -1}}, r"daily\.amount: -1 is negative"),
        ({"daily": {"amount": "lots"}}, r'daily\.amount: "lots" is not a number'),
        ({"daily": {"pct": 5, "amount": 500}}, r"exactly one of pct and amount"),
        ({"daily": {"ref": "equitty"}}, r"daily\.ref: .*'balance', 'equity', 'max' or 'peak_equity_today'"),
        ({"overall": {"peak": "eod"}}, r"overall\.peak"),
        ({"day": {"tz": "Europe/Prag"}}, r'day\.tz: "Europe/Prag" is neither SERVER nor a time zone'),
        ({"day": {"reset": "24:00"}}, r'day\.reset: "24:00" is no time of the form HH:MM'),
        ({"inclusive": "yes"}, r"inclusive"),
        ({"as_of": "soon"}, r'as_of: "soon" is no date'),
        ({"limits": {"max_open_orders": 0}}, r"max_open_orders"),
        ({"limits": {"max_lots": 5}}, r"max_lots: a table of initial sizes is needed"),
        ({"limits": {"max_lots_per_order": 5}}, r"max_lots_per_order: a table of symbols is needed"),
    ],
)
def test_a_bad_override_is_refused_with_its_place(overrides: Mapping[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        rules_of("ftmo_2step", overrides)


def test_an_unknown_firm_is_eight_fields() -> None:
    shipped, own = rules_of("ftmo_2step"), rules_of("custom", CUSTOM)
    assert len(EIGHT_FIELDS) == 8
    assert (own.daily, own.overall, own.day) == (shipped.daily, shipped.overall, shipped.day)
    assert (own.measure, own.inclusive) == (shipped.measure, shipped.inclusive)


def test_an_own_rule_set_may_have_no_daily_rule_and_amounts_of_money() -> None:
    own = rules_of(
        "custom", {**CUSTOM, "daily": "none", "overall": 2500, "overall_peak": "equity", "overall_lock": 100}
    )
    assert own.daily is None
    assert own.overall.amount == Amount(money=D(2500))
    assert (own.overall.peak, own.overall.lock) == ("equity", D(100))


def test_an_own_rule_set_may_carry_limits_and_more() -> None:
    own = rules_of("custom", {**CUSTOM, "limits": {"idea_risk": {"pct": "2%"}}, "measure": "min_balance_equity"})
    assert own.limits.idea_risk == MoneyCap(((D(0), D(2)),), "least")
    assert own.measure == "min_balance_equity"


def test_an_own_rule_set_may_be_written_in_whole_tables() -> None:
    own = rules_of(
        "custom",
        {
            "day": {"tz": "SERVER", "reset": "00:00"},
            "daily": "none",
            "overall": {"pct": "6%", "of": "peak", "peak": "closed_balance", "lock": 0},
            "inclusive": True,
        },
    )
    assert own.overall.of == "peak"


@pytest.mark.parametrize("missing", EIGHT_FIELDS)
def test_an_own_rule_set_must_state_all_eight(missing: str) -> None:
    with pytest.raises(ConfigError, match=f"lacks {missing}:"):
        rules_of("custom", {key: value for key, value in CUSTOM.items() if key != missing})


def test_a_small_bare_number_of_an_own_rule_set_may_be_either_and_is_refused() -> None:
    with pytest.raises(ConfigError, match='daily: is 5 per cent or money\\? Write "5%"'):
        rules_of("custom", {**CUSTOM, "daily": 5})


def test_a_file_is_read_exactly(tmp_path: Path) -> None:
    rules = rules_of("a_rule", folder=folder(tmp_path, a_firm=GOOD))
    assert rules.firm == "A Firm"
    assert rules.daily is not None
    assert rules.daily.amount.pct == D("4.5")
    assert rules.overall.amount.by_initial == ((D(50000), D(2000)), (D(100000), D(3000)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('firm = "A Firm"', 'frim = "A Firm"', 'needs a firm and its .* unknown key "frim"; did you mean firm'),
        ("as_of = 2026-10-04", "", "as_of: Field required"),
        ('sources = ["https://example.org/rules"]', "", "sources: Field required"),
        ('confidence = "primary"', "", "confidence: Field required"),
        ("inclusive = true", "", "inclusive: Field required"),
        ("inclusive = true", "inclusive = true\ninclusive = true", "a_firm.toml can't be read"),
    ],
)
def test_a_file_that_says_too_little_or_too_much_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    message = fault(tmp_path, old, new)
    assert "a_firm.toml" in message
    assert re.search(words, message)


def test_two_files_may_not_hold_the_same_rule_set(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"b\.toml: the rule set a_rule stands in a.toml too"):
        rule_ids(folder(tmp_path, a=GOOD, b=GOOD))


def test_a_folder_without_rule_sets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no rule sets"):
        rule_ids(tmp_path)

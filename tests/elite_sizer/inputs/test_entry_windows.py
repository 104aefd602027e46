"""Configured windows in front of real decisions: news files, sessions, closes; what can't be told denies."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from elite_sizer import Decision, TradeIdea
from elite_sizer.configuration.firm_rules import rules_of
from elite_sizer.configuration.settings import Settings, load
from elite_sizer.inputs.entry_windows import window
from elite_sizer.inputs.news_file import read_news
from elite_sizer.model.outcome import Outcome
from portfolio.errors import ConfigError
from tests.builders import NOW, spec
from tests.captures import capture, open_trade, sizer

IDEA = TradeIdea("EURUSD", "buy", stop="1.0800")
HOLIDAY = "2026-06-10T14:00Z / 2026-06-11T22:00Z"
HEAD = "time,before,after,symbols,currencies,name\n"


def settings(**options: Any) -> Settings:  # noqa: ANN401 - keys of the configuration
    dotted = {key.replace("__", "."): value for key, value in options.items()}
    return load(options=dotted, environment={}, user_file=Path("none"), folder=Path("none"))


def in_force(
    symbol: str = "EURUSD",
    named: str = "forex",
    *,
    rules: str = "ftmo_2step",
    hours: float = 0,
    **options: Any,  # noqa: ANN401 - keys of the configuration
) -> str | None:
    """Return the window of a symbol so many hours after a Wednesday noon."""
    made = settings(**options)
    return window(made, rules_of(rules), spec(symbol), named, NOW + timedelta(hours=hours))


def news(folder: Path, text: str, name: str = "news.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


# the close

FRIDAY_19 = 55.0
"""Hours from Wednesday noon to Friday 19:00 UTC, two hours before 17:00 in New York."""


def test_a_funded_ftmo_account_opens_nothing_two_hours_before_the_weekend() -> None:
    assert in_force(account__phase="funded", hours=FRIDAY_19) == "the market closes Fri 21:00 UTC until Sun 21:00 UTC"
    assert in_force(account__phase="funded", hours=FRIDAY_19 - 0.01) is None


@pytest.mark.parametrize("phase", ["challenge", "verification"])
def test_an_evaluation_may(phase: str) -> None:
    assert in_force(account__phase=phase, hours=FRIDAY_19) is None


def test_another_firm_s_funded_account_may_unless_it_is_configured() -> None:
    other: dict[str, Any] = {"rules": "the5ers_high_stakes", "account__phase": "funded", "hours": FRIDAY_19}
    assert in_force(**other) is None
    assert in_force(**other, blackout__before_close_hours=2) is not None


def test_a_swing_account_switches_it_off() -> None:
    swing: dict[str, Any] = {"account__phase": "funded", "hours": FRIDAY_19}
    assert in_force(**swing, blackout__before_close_hours=0) is None


def test_the_cap_must_be_on() -> None:
    assert in_force(account__phase="funded", hours=FRIDAY_19, caps__on=("per_trade",)) is None


def test_coins_never_close_and_stocks_close_every_day() -> None:
    assert in_force("BTCUSD", "crypto", account__phase="funded", hours=FRIDAY_19) is None
    assert in_force("AAPL", "stocks", account__phase="funded", hours=6) is not None
    assert in_force("BTCUSD", "crypto", account__phase="funded", blackout__closed=(HOLIDAY,)) is None


def test_a_holiday_is_a_close() -> None:
    closed = (HOLIDAY,)
    assert in_force(account__phase="funded", blackout__closed=closed) is not None
    assert in_force(account__phase="funded", blackout__closed=closed, hours=-0.01) is None


# sessions


def test_a_symbol_s_own_session_goes_before_its_class_and_that_before_the_default() -> None:
    hours = {"EURUSD": "11:00 - 13:00", "forex": "13:00 - 14:00", "default": "14:00 - 15:00"}
    assert in_force("EURUSD.r", blackout__sessions=hours) is None
    assert in_force("GBPUSD", blackout__sessions=hours) is not None
    assert in_force("GBPUSD", blackout__sessions=hours, hours=1) is None
    assert in_force("GER40", "indices", blackout__sessions=hours, hours=2) is None


def test_sessions_are_read_by_their_zone() -> None:
    # noon UTC is 08:00 in New York
    hours = {"default": "08:00 - 09:00"}
    assert in_force(blackout__sessions=hours, blackout__zone="America/New_York") is None
    assert in_force(blackout__sessions=hours) is not None


# news


def test_a_release_in_the_file_denies_around_its_minute(tmp_path: Path) -> None:
    path = news(tmp_path, f"{HEAD}2026-06-10T12:00:00Z,,,,USD,US CPI\n")
    assert in_force(blackout__news=path, hours=1 / 30) == "news: US CPI at Wed 12:00 UTC, until Wed 12:02 UTC"
    assert in_force(blackout__news=path, hours=1 / 29) is None


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = news(tmp_path, f"{HEAD}2026-06-10T18:00:00Z,,,,USD,FOMC\n")
    assert in_force(blackout__news=path) is None
    news(tmp_path, f"{HEAD}2026-06-10T12:00:00Z,,,,USD,US CPI moved\n")
    assert in_force(blackout__news=path) is not None


def test_a_file_that_ends_a_day_before_denies(tmp_path: Path) -> None:
    path = news(tmp_path, f"{HEAD}2026-06-09T12:00:00Z,0,0,,USD,old\n")
    assert in_force(blackout__news=path) is None
    said = in_force(blackout__news=path, hours=0.01)
    assert said == "the news file news.csv is complete only until 2026-06-09 12:00 UTC"


def test_a_file_says_itself_how_far_it_is_complete(tmp_path: Path) -> None:
    path = news(tmp_path, f"{HEAD}2026-06-09T12:00:00Z,0,0,,USD,old\n2026-06-13T00:00Z,,,,,until\n")
    assert in_force(blackout__news=path, hours=1) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has no event"),
        (f"{HEAD}2026-06-10T12:00:00,,,,,x\n", "has no time zone"),
        (f"{HEAD}noon,,,,,x\n", "Invalid isoformat"),
        (f"{HEAD}2026-06-10T12:00:00Z,-1,,,,x\n", "'-1' is no whole number of minutes"),
        (f"{HEAD}2026-06-10T12:00:00Z,,,\n", "has not as many columns"),
        ("when\n2026-06-10T12:00:00Z\n", "there is no 'when'"),
        (f"{HEAD},2,2,,,x\n", "it has no time"),
    ],
)
def test_a_file_that_can_t_be_read_denies_and_says_why(text: str, said: str, tmp_path: Path) -> None:
    answer = in_force(blackout__news=news(tmp_path, text))
    assert answer is not None
    assert said in answer


def test_a_file_that_is_not_there_denies(tmp_path: Path) -> None:
    answer = in_force(blackout__news=str(tmp_path / "none.csv"))
    assert answer is not None
    assert answer.startswith("the news file none.csv can't be used")


def test_both_forms_say_the_same(tmp_path: Path) -> None:
    rows = "2026-06-10 08:00 America/New_York,5,10,EURUSD,USD EUR,CPI\n2026-06-20T00:00Z,,,,,until\n"
    tables = """
        until = 2026-06-20T00:00:00Z
        [[news]]
        time = 2026-06-10T12:00:00Z
        before = 5
        after = 10
        symbols = ["EURUSD"]
        currencies = ["USD", "EUR"]
        name = "CPI"
    """
    one, other = Path(news(tmp_path, HEAD + rows)), Path(news(tmp_path, tables, "news.toml"))
    assert read_news(one, 2, 2) == read_news(other, 2, 2)


@pytest.mark.parametrize("text", ["news = 5", "[[news]]\ntime = 12:00:00", "[[news]]\nname = 'x'", "[news"])
def test_a_broken_toml_file_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_news(Path(news(tmp_path, text, "news.toml")), 2, 2)


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="more than 1,000,000 bytes"):
        read_news(Path(news(tmp_path, "#" * 1_000_001)), 2, 2)


# decisions


def code(decision: Decision) -> str:
    return "" if decision.reason is None else decision.reason.code


def test_a_window_denies_an_entry_and_no_exit(tmp_path: Path) -> None:
    path = news(tmp_path, f"{HEAD}2026-06-10T12:00:00Z,,,,USD,US CPI\n")
    document = capture(positions=[open_trade("EURUSD buy 0.50 @ 1.0850 sl 1.0800")])
    with sizer(tmp_path, document, blackout__news=path) as made:
        denied = made.size(IDEA)
        closed = made.size(TradeIdea("EURUSD", "sell", reduce=7))
    assert code(denied) == "blackout"
    assert closed.outcome is Outcome.EXIT


def test_beside_a_window_entries_go_on(tmp_path: Path) -> None:
    path = news(tmp_path, f"{HEAD}2026-06-10T12:03:00Z,,,,USD,US CPI\n")
    with sizer(tmp_path, blackout__news=path) as made:
        assert code(made.size(IDEA)) == ""


def test_a_window_stops_a_legacy_size_too_while_the_guard_is_on(tmp_path: Path) -> None:
    path = str(tmp_path / "none.csv")
    with sizer(tmp_path, blackout__news=path, sizer="legacy") as made:
        assert code(made.size(IDEA)) == "blackout"


# the configuration


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("blackout__zone", "Nowhere/Land", 'there is no time zone "Nowhere/Land"'),
        ("blackout__sessions", {"forex": "9 to 5"}, "is no stretch of time"),
        ("blackout__closes", {"forex": "Fri 17:00 - 18:00"}, "is no stretch of time"),
        ("blackout__closed", ("2026-12-24",), "is no closure"),
        ("blackout__closed", ("2026-12-24T10:00 / 2026-12-25T10:00",), "is no closure"),
        ("blackout__before_close_hours", -1, "is negative"),
        ("blackout__news_before_minutes", 9_999, "less than or equal to 1440"),
        ("blackout__nws", "x", "there is no such key"),
    ],
)
def test_a_table_that_can_t_be_meant_is_refused(key: str, value: object, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        settings(**{key: value})

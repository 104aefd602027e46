"""Several signals share a day: who is watched, who gets how much, and what a batch may not leave out."""

from __future__ import annotations

import pytest

from elite_sizer.configuration.settings import load
from elite_sizer.request.idea import TradeIdea
from elite_sizer.service.signals import Signal, allocate, options, read
from portfolio.errors import ConfigError
from tests.builders import d


def signals(*scores: int) -> tuple[Signal, ...]:
    """Return a signal for each score, in this order, named by its place."""
    return tuple(Signal(TradeIdea(f"S{place}", "buy"), d(score)) for place, score in enumerate(scores))


def shared(*scores: int) -> list[tuple[str, str]]:
    """Return the symbols best first, with what each is given."""
    return [(one.idea.symbol, f"{one.share * 100:.2f}") for one in allocate(signals(*scores))]


def test_source_000_one_signal_gets_ten_per_cent() -> None:
    assert shared(85) == [("S0", "10.00")]


def test_source_000_two_get_ten_per_cent_each_best_first() -> None:
    assert shared(71, 90) == [("S1", "10.00"), ("S0", "10.00")]


def test_source_000_three_get_6_67_per_cent_each() -> None:
    assert [share for _, share in shared(71, 90, 80)] == ["6.67"] * 3


def test_source_000_a_fifth_gets_none() -> None:
    assert shared(70, 75, 80, 85, 90) == [
        ("S4", "5.00"),
        ("S3", "5.00"),
        ("S2", "5.00"),
        ("S1", "5.00"),
        ("S0", "0.00"),
    ]


def test_source_000_only_scores_of_70_and_more_qualify_and_the_others_take_nothing() -> None:
    assert shared(69, 90, 10) == [("S1", "10.00"), ("S0", "0.00"), ("S2", "0.00")]


def test_source_000_the_top_five_are_watched() -> None:
    made = allocate(signals(*range(80, 87)))
    assert [one.rank for one in made] == [1, 2, 3, 4, 5, 0, 0]
    assert made[-1].because == "only the best 5 are watched"


def test_equal_scores_stay_in_their_order() -> None:
    assert [name for name, _ in shared(80, 80)] == ["S0", "S1"]


def test_none_that_qualifies_is_none_that_is_sized() -> None:
    assert [share for _, share in shared(10, 20)] == ["0.00", "0.00"]


def test_a_share_bounds_each_position() -> None:
    chosen = options(load(environment={}, options={"profile": "dual_cap"}), allocate(signals(70, 80, 90)))
    assert f"{chosen['caps.trade_exposure.equity_pct']:.6f}" == "0.066666"


def test_a_smaller_bound_of_the_user_s_stands() -> None:
    settings = load(environment={}, options={"profile": "dual_cap", "caps.trade_exposure.equity_pct": "4%"})
    assert options(settings, allocate(signals(70)))["caps.trade_exposure.equity_pct"] == d("0.04")


def test_the_bound_is_switched_on_where_it_was_off() -> None:
    chosen = options(load(environment={}), allocate(signals(70)))
    assert "trade_exposure" in str(chosen["caps.on"])
    assert chosen["caps.trade_exposure.equity_pct"] == d("0.10")


def test_signals_are_read_from_json_and_from_csv() -> None:
    written = '[{"symbol": "AAPL", "side": "buy", "score": 82.5, "stop": 180.5}]'
    table = "symbol,side,score,stop,target\nAAPL,buy,82.5,180.5,\n"
    (one,), (other,) = read(written), read(table)
    assert one.score == other.score == d("82.5")
    assert (one.idea.symbol, str(one.idea.stop)) == (other.idea.symbol, other.idea.stop) == ("AAPL", "180.5")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[{"symbol": "A", "side": "buy", "score": 80}, {"symbol": "B", "side": "buy"}]',
            "Signal 2 (B): score is missing",
        ),
        ('[{"symbol": "A", "side": "buy", "score": 101}]', "score 101 must be a number from 0 to 100"),
        ('[{"symbol": "A", "side": "buy", "score": "high"}]', "score 'high' must be a number"),
        ('[{"symbol": "A", "side": "buy", "score": -1}]', "score -1 must be a number"),
        ('[{"symbol": "A", "score": 80}]', "side is missing"),
        ('[{"symbol": "A", "side": "buy", "score": 80, "stpo": 1}]', "did you mean stop?"),
        ("[", "The signals are no JSON"),
        ('{"signals": 3}', "must be a JSON list"),
        ("[]", "There are no signals"),
        ("", "There are no signals"),
        ("symbol,side,stop\nAAPL,buy,180\n", "Signal 1 (AAPL): score is missing"),
    ],
)
def test_what_can_t_be_read_is_named(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert said in str(caught.value)

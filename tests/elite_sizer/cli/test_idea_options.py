"""Every field of an idea can be typed, or is named as one that only a program fills."""

from __future__ import annotations

from dataclasses import fields

import pytest

from elite_sizer.cli.idea_options import NOT_OFFERED, IdeaOptions
from elite_sizer.cli.option import declarations
from elite_sizer.request.idea import TradeIdea
from tests.elite_sizer.cli.running import Run

FIELDS = {field.name: field.default for field in fields(TradeIdea)}


def test_every_field_of_an_idea_is_an_option_or_named_as_not_offered() -> None:
    offered = [declaration.field for declaration in declarations(IdeaOptions)]
    assert sorted([*offered, *NOT_OFFERED]) == sorted(FIELDS)


def test_an_option_that_is_not_typed_is_the_ideas_own_default() -> None:
    for declaration in declarations(IdeaOptions):
        assert declaration.default == FIELDS[declaration.field]


def test_every_option_reaches_its_field() -> None:
    values = {declaration.field: declaration.field for declaration in declarations(IdeaOptions)}
    idea = IdeaOptions(**values).trade_idea()  # type: ignore[arg-type] # the ticket too is its name here
    assert {name: getattr(idea, name) for name in values} == values


def test_an_option_is_named_as_its_field() -> None:
    names = {declaration.field: declaration.names for declaration in declarations(IdeaOptions)}
    assert (names["symbol"], names["stop_points"], names["rr"]) == ((), ("--stop-points",), ("--rr",))


@pytest.mark.parametrize("option", ["--legacy-lots 1", "--reduce 1", "--volume 1"])
def test_an_order_opens_a_trade_so_it_takes_no_exit_and_no_lots(option: str, run: Run) -> None:
    ran = run(f"order EURUSD buy --stop 1.08 {option} --dry-run")
    assert ran.code == 2
    assert f"No such option: {option.split(maxsplit=1)[0]}" in ran.err
    assert "No such option" not in run(f"size EURUSD buy --stop 1.08 {option}").err

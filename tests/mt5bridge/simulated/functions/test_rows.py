"""The paper terminal's rows are the package's: same columns, same manners, nothing more."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from mt5bridge.metatrader.constants import Constants
from mt5bridge.metatrader.protocol import Terminal
from mt5bridge.metatrader.structs import ALL_TYPES, Record, Tick
from mt5bridge.simulated import SimulatedTerminal
from mt5bridge.simulated.module import CONSTANTS, FUNCTIONS
from tests.paths import DATA

CONTRACT = json.loads((DATA / "mt5_contract.json").read_text(encoding="utf-8"))
EVERY_TYPE = pytest.mark.parametrize("made", ALL_TYPES, ids=lambda made: str(made.__name__))


def row(made: type[Record]) -> Record:
    return made(range(len(made.__match_args__)))


def test_it_is_a_terminal() -> None:
    terminal: Terminal = SimulatedTerminal.fresh()
    assert terminal.version() == (500, 5836, "05 Jun 2026")


def test_the_constants_are_the_packages_223() -> None:
    assert {name: getattr(Constants, name) for name in CONSTANTS} == CONTRACT["constants"]
    assert len(CONSTANTS) == 223


def test_the_functions_are_the_packages_32() -> None:
    assert sorted(FUNCTIONS) == sorted(CONTRACT["functions"])
    assert all(callable(getattr(SimulatedTerminal, name)) for name in FUNCTIONS)


def test_as_a_module_it_has_the_packages_names_and_no_other() -> None:
    module = SimulatedTerminal.fresh().as_module()
    names = {name for name in vars(module) if not name.startswith("__")}
    assert names == {*CONTRACT["constants"], *CONTRACT["functions"], *CONTRACT["structs"]}
    assert module.account_info().balance == 100_000.0


@EVERY_TYPE
def test_columns_and_docs_are_the_packages(made: type[Record]) -> None:
    assert list(made.__match_args__) == CONTRACT["structs"][made.__name__]
    assert made.__doc__ == CONTRACT["struct_docs"][made.__name__]


@EVERY_TYPE
def test_a_row_is_a_tuple_with_names(made: type[Record]) -> None:
    one = row(made)
    assert isinstance(one, tuple)
    assert one == tuple(range(len(one)))
    assert one._asdict() == dict(zip(made.__match_args__, range(len(one)), strict=True))
    assert [getattr(one, name) for name in made.__match_args__] == list(one)
    assert type(one[0:2]) is tuple
    assert made.__mro__ == (made, tuple, object)


@EVERY_TYPE
@pytest.mark.parametrize("name", ["_fields", "_replace", "_make", "__dict__", "bogus"])
def test_a_row_has_nothing_a_namedtuple_adds(made: type[Record], name: str) -> None:
    assert not hasattr(row(made), name)


@EVERY_TYPE
def test_a_row_can_not_be_changed(made: type[Record]) -> None:
    for name in (made.__match_args__[0], "bogus"):
        with pytest.raises(AttributeError):
            setattr(row(made), name, 1)


@EVERY_TYPE
def test_a_row_can_not_be_pickled_but_copied(made: type[Record]) -> None:
    one = row(made)
    assert made.__module__ == "builtins"
    with pytest.raises(pickle.PicklingError):
        pickle.dumps(one)
    assert copy.copy(one) == copy.deepcopy(one) == one
    assert json.loads(json.dumps(one)) == list(one)


def test_a_row_is_made_of_one_sequence_of_the_right_length() -> None:
    made: Any = Tick
    assert made(sequence=iter(range(8))).volume_real == 7
    for wrong in ((), (range(7),), (range(9),), (5,), (range(8), 5)):
        with pytest.raises(TypeError):
            made(*wrong)


def test_a_row_type_has_no_heirs() -> None:
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Heir", (Tick,), {})


def test_a_row_prints_like_the_packages() -> None:
    expected = "Tick(time=0, bid=1, ask=2, last=3, volume=4, time_msc=5, flags=6, volume_real=7)"
    assert repr(row(Tick)) == expected

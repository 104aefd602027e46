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
EVERY_TYPE = pytest.mark.parametrize("row_type", ALL_TYPES, ids=lambda row_type: str(row_type.__name__))


def row(row_type: type[Record]) -> Record:
    return row_type(range(len(row_type.__match_args__)))


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
def test_columns_and_docs_are_the_packages(row_type: type[Record]) -> None:
    assert list(row_type.__match_args__) == CONTRACT["structs"][row_type.__name__]
    assert row_type.__doc__ == CONTRACT["struct_docs"][row_type.__name__]


@EVERY_TYPE
def test_a_row_is_a_tuple_with_names(row_type: type[Record]) -> None:
    record = row(row_type)
    assert isinstance(record, tuple)
    assert record == tuple(range(len(record)))
    assert record._asdict() == dict(zip(row_type.__match_args__, range(len(record)), strict=True))
    assert [getattr(record, name) for name in row_type.__match_args__] == list(record)
    assert type(record[0:2]) is tuple
    assert row_type.__mro__ == (row_type, tuple, object)


@EVERY_TYPE
@pytest.mark.parametrize("name", ["_fields", "_replace", "_make", "__dict__", "bogus"])
def test_a_row_has_nothing_a_namedtuple_adds(row_type: type[Record], name: str) -> None:
    assert not hasattr(row(row_type), name)


@EVERY_TYPE
def test_a_row_can_not_be_changed(row_type: type[Record]) -> None:
    for name in (row_type.__match_args__[0], "bogus"):
        with pytest.raises(AttributeError):
            setattr(row(row_type), name, 1)


@EVERY_TYPE
def test_a_row_can_not_be_pickled_but_copied(row_type: type[Record]) -> None:
    record = row(row_type)
    assert row_type.__module__ == "builtins"
    with pytest.raises(pickle.PicklingError):
        pickle.dumps(record)
    assert copy.copy(record) == copy.deepcopy(record) == record
    assert json.loads(json.dumps(record)) == list(record)


def test_a_row_is_made_of_one_sequence_of_the_right_length() -> None:
    row_type: Any = Tick
    assert row_type(sequence=iter(range(8))).volume_real == 7
    for wrong in ((), (range(7),), (range(9),), (5,), (range(8), 5)):
        with pytest.raises(TypeError):
            row_type(*wrong)


def test_a_row_type_has_no_heirs() -> None:
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Heir", (Tick,), {})


def test_a_row_prints_like_the_packages() -> None:
    expected = "Tick(time=0, bid=1, ask=2, last=3, volume=4, time_msc=5, flags=6, volume_real=7)"
    assert repr(row(Tick)) == expected

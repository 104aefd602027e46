"""The fields of a settings class as they are annotated: type, unit and direction of a cap, a factor, a sizer, a table.

The unit checks what a file says of a dataclass's field: a FRACTION is 0 to 1, any other number is 0 or more.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal
from functools import lru_cache, reduce
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from elite_sizer.configuration.document.values import Fraction, Number, Real, RealFraction
from elite_sizer.model.setting import FRACTION, FREE_TO_CHANGE, Direction, Unit

FILLED: Final = frozenset({"blend", "reduce"})
"""Fields of a sizer that the composition fills with factors; the file names these in one list, `factors`."""


Mark = TypeVar("Mark", Unit, Direction)


class SettingField(NamedTuple):
    """One field of a settings class."""

    name: str
    hint: object
    """Its annotation, as it is written."""
    default: object
    """None for a field of a table: its default is in config/defaults.toml."""
    unit: Unit | None
    direction: Direction | None


@lru_cache(maxsize=256)
def setting_fields(owner: object) -> Mapping[str, SettingField]:
    """Return the settings of a dataclass or of a table, by name in order; a plain function has none."""
    if not isinstance(owner, type):
        return MappingProxyType({})
    hints = get_type_hints(owner, include_extras=True)
    if issubclass(owner, BaseModel):
        return MappingProxyType({name: _describe(name, hints[name], None) for name in owner.model_fields})
    if not is_dataclass(owner):
        return MappingProxyType({})
    own = {field.name: field for field in fields(owner) if field.init}
    by_name = {name: _describe(name, hints[name], _default(field)) for name, field in own.items() if name not in FILLED}
    if own.keys() >= FILLED:
        by_name["factors"] = _describe("factors", Annotated[tuple[str, ...], FREE_TO_CHANGE], ())
    return MappingProxyType(by_name)


def numbers(hint: object) -> bool:
    """Return whether an annotation holds a number; a switch is none."""
    if get_origin(hint) is Literal:
        return False
    return any(hint is kind for kind in (Decimal, int, float)) or any(numbers(argument) for argument in get_args(hint))


def checked(hint: object, unit: Unit | None) -> object:
    """Return an annotation whose numbers are checked as the numbers of a file are, by their unit."""
    if hint is Decimal:
        return Fraction if unit is FRACTION else Number
    if hint is float:
        return RealFraction if unit is FRACTION else Real
    origin: Any = get_origin(hint)
    arguments = get_args(hint)
    if origin is Annotated:
        return checked(arguments[0], _first(Unit, hint) or unit)
    inner = tuple(checked(argument, unit) for argument in arguments)
    if origin in {Union, UnionType}:
        return reduce(operator.or_, inner)
    if origin in {tuple, dict, frozenset} or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return origin[inner]
    return hint


def _describe(name: str, hint: object, default: object) -> SettingField:
    return SettingField(name, hint, default, _first(Unit, hint), _first(Direction, hint))


def _default(field: Field[object]) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return None if field.default is MISSING else field.default


def _first(kind: type[Mark], hint: object) -> Mark | None:
    """Return the outermost mark of a kind."""
    return next((mark for mark in _marks(hint) if isinstance(mark, kind)), None)


def _marks(hint: object) -> Iterator[object]:
    arguments = get_args(hint)
    if get_origin(hint) is Annotated:
        yield from arguments[1:]
        arguments = arguments[:1]
    for argument in arguments:
        yield from _marks(argument)

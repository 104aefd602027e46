"""Options declared as fields of a dataclass, which give name, type and default; the help is in `Annotated`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any, Final, NamedTuple, get_type_hints

REQUIRED: Final = MISSING
"""The default of an option that must be given."""


class Option(NamedTuple):
    """Marks a field as an option, or as an argument by position, in `Annotated`."""

    help: str
    panel: str | None = None
    """Heading of a group of options in help."""
    positional: bool = False


class Without(NamedTuple):
    """The fields of an options class that a command does not take, in `Annotated`."""

    fields: tuple[str, ...]


class Declaration(NamedTuple):
    """One option of a class of options."""

    field: str
    kind: Any
    """Type of the value, as `str | None`."""
    default: Any
    option: Option

    @property
    def names(self) -> tuple[str, ...]:
        """Spellings of the option; none for an argument by position."""
        return () if self.option.positional else (f"--{self.field.replace('_', '-')}",)


def declarations(options: type) -> Iterator[Declaration]:
    """Yield the options of a dataclass in the order of its fields."""
    hints = get_type_hints(options, include_extras=True)
    for field in fields(options):
        for note in getattr(hints[field.name], "__metadata__", ()):
            if isinstance(note, Option):
                yield Declaration(field.name, hints[field.name].__origin__, field.default, note)

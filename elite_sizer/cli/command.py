"""Make a typer command of a function: options from its options classes, its reply printed, its exit code returned."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass, replace
from typing import Annotated, Any, Final, get_type_hints

import typer

from elite_sizer.cli.common_options import Common
from elite_sizer.cli.console import Console
from elite_sizer.cli.option import REQUIRED, Declaration, Without, declarations
from elite_sizer.cli.reply import Reply, answer

_COMMON: Final = "common"
"""The parameter of a command that takes the options of all commands."""


def command(body: Callable[..., Reply | None]) -> Callable[..., None]:
    """Give a command its options and print its reply; a command that prints by itself returns None.

    A parameter whose type is an options class becomes all its options; the common ones come last in help.
    """
    hints = get_type_hints(body, include_extras=True)
    bundles: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {}
    parameters: list[inspect.Parameter] = []
    for parameter in _common_last(body):
        hint = hints[parameter.name]
        options = getattr(hint, "__origin__", hint)
        # typer passes every value by name, so the order of parameters is only that of help
        if is_dataclass(options) and isinstance(options, type):
            own_parameters = tuple(map(_parameter, _declarations(options, hint)))
            bundles[parameter.name] = (options, tuple(option.name for option in own_parameters))
            parameters += own_parameters
        else:
            parameters.append(parameter.replace(annotation=hint, kind=inspect.Parameter.KEYWORD_ONLY))

    @functools.wraps(body)
    def run(**values: object) -> None:
        objects = {name: options(**{key: values.pop(key) for key in keys}) for name, (options, keys) in bundles.items()}
        common = _with_console(objects.pop(_COMMON))
        reply = body(common, **objects, **values)
        if reply is not None:
            try:
                answer(common.console, reply)
            except BrokenPipeError:
                common.console.hush()
            raise typer.Exit(reply.code)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # read by typer
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _common_last(body: Callable[..., object]) -> list[inspect.Parameter]:
    common, *own = inspect.signature(body).parameters.values()
    return [*own, common]


def _declarations(options: type, hint: object) -> Iterator[Declaration]:
    """Yield the options of a class but those that the command leaves out."""
    absent = {name for note in getattr(hint, "__metadata__", ()) if isinstance(note, Without) for name in note.fields}
    return (declaration for declaration in declarations(options) if declaration.field not in absent)


def _parameter(declaration: Declaration) -> inspect.Parameter:
    """Return an option as typer reads it from a signature."""
    option = declaration.option
    note = (
        typer.Argument(help=option.help)
        if option.positional
        else typer.Option(*declaration.names, help=option.help, rich_help_panel=option.panel)
    )
    return inspect.Parameter(
        declaration.field,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if declaration.default is REQUIRED else declaration.default,
        annotation=Annotated[declaration.kind, note],
    )


def _with_console(common: Common) -> Common:
    words = [*(["--json"] if common.json else []), *(["--no-color"] if common.no_color else [])]
    return replace(common, console=Console.of(words))

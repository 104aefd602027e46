"""`compare`: the legacy sizer against the elite one over the journal, as shadow mode records them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from elite_sizer.cli.options import Common, Reply, command

if TYPE_CHECKING:
    from elite_sizer.reports.comparison import Comparison, Pair

SCHEMA: Final = "elite-sizer/compare/1"


def add(app: typer.Typer) -> None:
    """Put the command under its name."""
    app.command("compare")(compare)


@command
def compare(
    common: Common,
    *,
    since: Annotated[str | None, typer.Option(help="First day, as 2026-06-10 (UTC).")] = None,
    symbol: Annotated[str | None, typer.Option(help="Only this symbol.")] = None,
    worst: Annotated[int, typer.Option(help="How many of the largest differences.", min=0)] = 5,
) -> Reply:
    """Show how often both agree, how their lots compare, what bound them, and the money at risk between them.

    Example: elite-sizer compare --since 2026-06-01
    """
    from elite_sizer.journal.files import Journal  # noqa: PLC0415
    from elite_sizer.reports.comparison import compare as weigh  # noqa: PLC0415
    from elite_sizer.reports.comparison import pairs  # noqa: PLC0415

    lines = Journal(common.settings().folder).lines(_day(since))
    found, alone = pairs(line for line in lines if isinstance(line, bytes))
    made = weigh(tuple(one for one in found if symbol in {None, one.symbol}), alone, worst=worst)
    return Reply(0, _data(made), _lines(made))


def _data(made: Comparison) -> dict[str, Any]:
    figures = made._asdict()
    figures["at_risk"] = {
        currency: {"legacy": legacy, "elite": elite, "saved": legacy - elite}
        for currency, (legacy, elite) in made.at_risk.items()
    }
    figures["worst"] = [one._asdict() | {"saved": one.saved} for one in made.worst]
    return {"schema": SCHEMA} | figures


def _lines(made: Comparison) -> Iterator[str]:
    if not made.decisions:
        alone = f" ({made.alone} with one sizer alone)" if made.alone else ""
        yield f"No decision with both sizers yet{alone}. Switch on with: elite-sizer flag shadow"
        return
    total = made.decisions
    rows = (
        ("agree", made.agree),
        ("elite smaller", made.smaller),
        ("elite larger", made.larger),
        ("elite denies", made.denied),
        ("legacy denies", made.only_elite),
    )
    yield f"{total} decisions with both sizers"
    for name, count in rows:
        yield f" {name:<14} {count:>6} {count / total:>7.1%}"
    if made.ratio:
        shown = ", ".join(f"{name} {value:.2f}" for name, value in made.ratio.items())
        yield f"elite over legacy lots: {shown}"
    for title, bound in (("elite", made.bound), ("legacy", made.bound_legacy)):
        yield f"what decided {title}: {', '.join(f'{name} {count}' for name, count in bound.items())}"
    for currency, (legacy, elite) in made.at_risk.items():
        yield f"at risk: legacy {legacy:,.2f} {currency}, elite {elite:,.2f}, saved {legacy - elite:+,.2f}"
    if made.worst:
        yield f" {'largest differences':<32} {'legacy':>10} {'elite':>10} {'saved':>12}  decided by"
    yield from map(_row, made.worst)


def _row(one: Pair) -> str:
    saved = "-" if one.saved is None else f"{one.saved:+,.2f}"
    what = f"{one.at[:16].replace('T', ' ')} {one.symbol} {one.side}"
    return f" {what:<32} {one.legacy:>10} {one.elite:>10} {saved:>12}  {one.elite_binding}"


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no day; write 2026-06-10"
        raise typer.BadParameter(message, param_hint="--since") from None

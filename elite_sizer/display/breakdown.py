"""A decision as a trader reads it: the chain of factors, the caps with the binding one marked, the lots last.

Only figures of the decision are shown and none is computed again, so a number and its explanation can't differ.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from elite_sizer.caps.reasons import REASONS
from elite_sizer.display.figures import SIMULATED, lots_shown, others, price_shown, risk, times
from elite_sizer.display.glyphs import ASCII, Glyphs
from elite_sizer.model.breakdown import Breakdown
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Outcome, SizerResult
from portfolio.model import masked_login

Tone = Literal["plain", "head", "dim", "binding", "lots", "refused", "alarm"]
"""Meaning of a line, for a console with colours."""

_NARROWEST: Final = 24
"""Columns below which a sentence goes under its row instead of beside it."""
_LEAST: Final = 36
WARNING: Final = "warning:"
"""Marks the sentence of a cap that only warns."""


class Line(NamedTuple):
    """One line of the table."""

    tone: Tone
    text: str


def text(decision: Breakdown, *, width: int = 80, glyphs: Glyphs = ASCII) -> str:
    """Return the breakdown as plain text of at most `width` columns (never fewer than 36), lots last."""
    return "\n".join(line.text for line in lines(decision, width=width, glyphs=glyphs))


def lines(decision: Breakdown, *, width: int = 80, glyphs: Glyphs = ASCII) -> list[Line]:
    """Return the breakdown line by line, each with its tone."""
    page = _Page(max(width, _LEAST), glyphs)
    table = [*_head(decision, page)]
    if decision.context is not None and decision.answer is not None:
        table += _waterfall(decision.answer, page)
        table += page.wrapped(f"a lot: {_per_lot(decision.context)} ({decision.context.lot.because})", "dim", " ")
        table += _caps(decision.context, decision.answer, page)
        table += _beside(decision, decision.context, page)
    return [*table, *_verdict(decision, page)]


class _Page(NamedTuple):
    width: int
    glyphs: Glyphs

    def rule(self) -> Line:
        return Line("dim", " " + self.glyphs.rule * (self.width - 2))

    def wrapped(self, words: str, tone: Tone = "plain", indent: str = "") -> Iterator[Line]:
        """Yield a sentence in as many lines as it takes."""
        for part in textwrap.wrap(words, self.width, initial_indent=indent, subsequent_indent=indent or "  "):
            yield Line(tone, part)

    def packed(self, parts: Iterable[str], tone: Tone) -> Iterator[Line]:
        """Yield parts side by side, a new line where the next one does not fit."""
        line = ""
        for part in parts:
            if line and len(line) + 2 + len(part) > self.width:
                yield from self.wrapped(line, tone)
                line = f"  {part}"
            else:
                line = f"{line}  {part}" if line else part
        yield from self.wrapped(line, tone) if line else ()

    def row(self, figures: str, sentence: str, tone: Tone = "plain") -> Iterator[Line]:
        """Yield a row of figures with its sentence beside it, or under it where there is no room."""
        room = self.width - len(figures) - 2
        if room < _NARROWEST:
            yield Line(tone, figures.rstrip()[: self.width])
            yield from self.wrapped(sentence, "dim", "    ")
            return
        first, *rest = textwrap.wrap(sentence, room) or [""]
        yield Line(tone, f"{figures}  {first}".rstrip())
        for part in rest:
            yield Line(tone, f"{'':{len(figures)}}  {part}")


def _head(decision: Breakdown, page: _Page) -> Iterator[Line]:
    request, context = decision.request, decision.context
    if decision.envelope.terminal == SIMULATED:
        yield from page.wrapped("SIMULATED: a paper account with made-up prices", "alarm")
    if request is None:
        return
    parts = [f"{request.symbol} {request.side.upper()}"]
    if context is not None:
        digits = context.spec.digits
        parts.append(f"entry {price_shown(context.entry, digits)}")
        parts.append("no stop" if context.stop is None else f"stop {price_shown(context.stop, digits)}")
        parts += [] if context.target is None else [f"target {price_shown(context.target, digits)}"]
    if decision.flag is not None:
        parts.append(f"flag {decision.flag.value} ({decision.flag.source})")
    yield from page.packed(parts, "head")
    if decision.account is not None:
        account = decision.account
        parts = [f"account {masked_login(account.login)} {account.server}", f"balance {account.balance:,.2f}"]
        parts.append(f"equity {account.equity:,.2f} {account.currency}")
        parts += [] if context is None else [f"rules {context.rules.id}"]
        yield from page.packed(parts, "dim")


def _waterfall(answer: SizerResult, page: _Page) -> Iterator[Line]:
    yield Line("plain", "")
    yield Line("head", f" {'step':<16}{'x':>6}{'risk':>12}")
    yield page.rule()
    for step in answer.proposal.steps:
        money = "" if step.after is None else f"{step.after:,.2f}"
        yield from page.row(f" {step.name:<16}{times(step):>6}{money:>12}", step.because)


def _caps(context: SizingContext, answer: SizerResult, page: _Page) -> Iterator[Line]:
    yield Line("plain", "")
    yield Line("head", f" {'limit':<20}{'lots':>10}")
    yield page.rule()
    if answer.proposal.refusal is None and answer.raw_lots is not None:
        yield from _limit(
            page, "proposal", answer.raw_lots, _divided(context, answer), binds=answer.binding == "proposal"
        )
    for check in answer.checks:
        if check.lots is not None:
            name = f"{check.name}*" if check.hard else check.name
            yield from _limit(page, name, check.lots, check.limit.because, binds=answer.binding == check.name)
    for check in answer.checks:
        if check.lots is None and WARNING in check.limit.because:
            yield from page.row(f" {check.name:<20}{'':>10}", check.limit.because, "alarm")
    free = [check.name for check in answer.checks if check.lots is None]
    if free:
        yield from page.row(f" {'no limit':<20}{'':>10}", ", ".join(free), "dim")
    if any(check.hard for check in answer.checks):
        yield from page.wrapped("* hard: also guards a legacy sizer", "dim", " ")


def _limit(page: _Page, name: str, lots: Decimal, sentence: str, *, binds: bool) -> Iterator[Line]:
    mark = f"{page.glyphs.mark} BINDING " if binds else ""
    yield from page.row(f" {name:<20}{lots_shown(lots):>10}", mark + sentence, "binding" if binds else "plain")


def _bound(answer: SizerResult) -> str:
    """Name what bound a result: the cap that cut it, or the sizer's own step that gave its lots."""
    if answer.binding != "proposal":
        return f", cut by {answer.binding}"
    lots = answer.proposal.lots
    own = [
        step.name for step in answer.proposal.steps if step.stage == "lots" and lots is not None and step.after == lots
    ]
    return f", bound {own[0].replace('_', ' ')}" if own else ""


def _divided(context: SizingContext, answer: SizerResult) -> str:
    """Return the proposed money and the loss of a lot that it was divided by."""
    money = answer.proposal.money
    if money is None:
        return f"lots from {answer.sizer}"
    return f"{money:,.2f} {context.account.currency} at {answer.loss_per_lot:,.2f} a lot"


def _per_lot(context: SizingContext) -> str:
    lot = context.lot
    parts = [f"stop {lot.stop:,.2f}"]
    parts += [] if lot.tail is None else [f"tail (CVaR) {lot.tail:,.2f}"]
    parts += [] if lot.gap is None else [f"gap {lot.gap:,.2f}"]
    return ", ".join([*parts, f"costs {lot.cost:,.2f}"])


def _beside(decision: Breakdown, context: SizingContext, page: _Page) -> Iterator[Line]:
    """Yield the rooms, the other sizers' results, and the figures that are estimates."""
    rooms, totals = context.rooms, context.totals
    yield Line("plain", "")
    rows = (("today", rooms.daily), ("after the reset", rooms.after_reset), ("in all", rooms.overall))
    parts = [f"{name} {room.money:,.2f}" for name, room in rows if room.money is not None]
    risk = "unbounded" if totals.open_risk is None else f"{totals.open_risk:,.2f}"
    yield from page.wrapped(f"room: {', '.join([*parts, f'open risk {risk}', f'reserved {totals.reserved:,.2f}'])}")
    if decision.verdict is not None:
        for role, answer in others(decision):
            lots = f"{lots_shown(answer.lots)} lots" if answer.refusal is None else f"no lots ({answer.refusal.code})"
            cut = "" if answer.refusal else _bound(answer)
            name = role if role == answer.sizer else f"{role} {answer.sizer}"
            yield from page.wrapped(f"{name} would say {lots}{cut}")
    for estimate in context.estimated:
        yield from page.wrapped(f"note: {estimate}", "alarm")
    if decision.guarantee != "modelled":
        yield from page.wrapped(
            f"guarantee: {decision.guarantee} (a floor follows equity, not all is bounded)", "alarm"
        )


def _verdict(decision: Breakdown, page: _Page) -> Iterator[Line]:
    yield Line("plain", "")
    lots, request = lots_shown(decision.lots), decision.request
    if decision.outcome is Outcome.EXIT:
        intent = decision.intent.value if decision.intent is not None else "exit"
        symbol = "" if request is None else f" {request.symbol}"
        yield Line("lots", f"{lots} lots  EXIT {intent}{symbol}: exits are never blocked")
        return
    reason = decision.reason
    if reason is not None:
        entry = REASONS[reason.code]
        word = "HALTED" if decision.outcome is Outcome.HALT else "REFUSED"
        yield from page.wrapped(f"{entry.sentence} {entry.fix}")
        yield from page.wrapped(f"0.00 lots  {word} {reason.code}: {reason.detail}", "refused")
        return
    if decision.valid is not None:
        worst = decision.valid.worst_entry
        upto = "" if worst is None else f", up to an entry of {worst}"
        yield from page.wrapped(f"valid until {decision.valid.until:%H:%M:%S} UTC{upto}", "dim")
    yield from page.wrapped(f"{lots} lots  {risk(decision)}", "lots")

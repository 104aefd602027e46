"""Results of the user's own caps, factors and sizers: written into the journal line, and taken from it by `verify`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from elite_sizer.configuration.document.layers import Sources
from elite_sizer.configuration.parts import FindOwn, OwnPart
from elite_sizer.journal.line import JournalLine, PluginLine
from elite_sizer.model.context import SizingContext
from elite_sizer.model.plugin import Limit, Proposal, Scaling, UserFactorError, UserPlugin
from elite_sizer.sizing.decision import Decision
from portfolio.errors import ConfigError


class NeedsPluginError(ConfigError):
    """A line that was decided with a plug-in does not hold what the plug-in returned: it can't be computed again."""


def plugin_lines(decision: Decision) -> tuple[PluginLine, ...]:
    """Return the results of the user's own parts for this decision, each with the digest of its module."""
    if decision.verdict is None or not decision.plugins:
        return ()
    rollout = decision.verdict
    results = [result for result in (rollout.elite, rollout.legacy, *rollout.also) if result is not None]
    limits = {name: limit for result in results for name, _, limit in result.limits}
    proposals = {result.sizer: result.proposal for result in results}
    scalings = {name: scaling for proposal in proposals.values() for name, scaling in proposal.scalings}
    failure = next(filter(None, map(_failure, proposals.values())), None)
    return tuple(_line(plugin, limits, proposals, scalings, failure) for plugin in decision.plugins)


def _line(
    plugin: UserPlugin,
    limits: Mapping[str, Limit],
    proposals: Mapping[str, Proposal],
    scalings: Mapping[str, Scaling],
    failure: str | None,
) -> PluginLine:
    kind, name, digest, hard = plugin
    if kind == "cap":
        return PluginLine(kind, name, digest, hard, limit=limits.get(name))
    if kind == "factor":
        return PluginLine(kind, name, digest, scaling=scalings.get(name), failure=failure)
    return PluginLine(kind, name, digest, proposal=proposals.get(name))


def _failure(proposal: Proposal) -> str | None:
    refusal = proposal.refusal
    return refusal.detail if refusal is not None and refusal.code == "plugin_error" else None


def recorded_parts(line: JournalLine) -> FindOwn:
    """Return what finds the user's own parts in a journal line: each returns again what it returned then.

    NeedsPluginError where the line does not hold it, as the first version's lines with a legacy function don't.
    """
    lines = {(f"{plugin.kind}s", plugin.name): plugin for plugin in line.plugins}

    def find(_sources: Sources, kind: str, path: str) -> OwnPart:
        plugin = lines.get((kind, path))
        if plugin is None:
            message = f"decision {line.id} was made with {path} and does not hold what it returned"
            raise NeedsPluginError(message)
        return OwnPart(UserPlugin(plugin.kind, path, plugin.digest, plugin.hard), _Recorded(plugin))

    return find


class _Recorded:
    """A part of the user's own that returns again what a journal line holds of it."""

    def __init__(self, line: PluginLine) -> None:
        self.line = line

    def __call__(self, _context: SizingContext, _money: Decimal | None = None) -> Any:  # noqa: ANN401 - by its kind
        line = self.line
        if line.kind == "factor" and (line.scaling is None or line.failure is not None):
            raise UserFactorError(line.failure or f"{line.name} was not called")
        result = line.limit or line.scaling or line.proposal
        if result is None:
            message = f"{line.name} was not called"
            raise LookupError(message)
        return result

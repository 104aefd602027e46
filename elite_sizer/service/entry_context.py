"""Four steps from a snapshot to the context of an entry: reserved, figures, account, context."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from elite_sizer.assembly.account_picture import AccountPicture, account_picture
from elite_sizer.assembly.book_effects import book_after_trade
from elite_sizer.assembly.sizing_context import RequestedTrade, sizing_context
from elite_sizer.inputs.account_standing import account_standing
from elite_sizer.inputs.entry_windows import window
from elite_sizer.inputs.exposure_budget import spent_by
from elite_sizer.inputs.market_study import Study
from elite_sizer.model.context import SizingContext
from elite_sizer.request.levels import Levels
from elite_sizer.service.reserve import SizedTrade, charge_groups
from elite_sizer.service.scope import EntryInputs
from elite_sizer.service.sizing_run import ObservedAccount, SizingRun
from portfolio.errors import ConfigError
from portfolio.ledger.account_ledger import Held, View
from portfolio.ledger.ledger import charges
from portfolio.ledger.unsized_trades import UnsizedTrade, describe
from portfolio.model import Snapshot
from portfolio.reasons import Refusal, refuse


class AccountNow(NamedTuple):
    """The account by its firm's rules, its halt and window included, and the trades in it that were not sized here."""

    picture: AccountPicture
    unsized: tuple[UnsizedTrade, ...]


def trade_context(
    run: SizingRun, reading: ObservedAccount, view: View, inputs: EntryInputs, levels: Levels | None
) -> SizedTrade | Refusal:
    """Return everything the decision may know; `levels` are those that had to be placed on the reading, if any."""
    request, snapshot, now = reading.request, reading.snapshot, run.envelope.at
    beside = run.services.recorder.beside(run.account, view, now=now, terms=run.call_terms(request))
    if isinstance(beside, Refusal):
        return beside
    figures = inputs.research.study(snapshot, request, tuple(sorted({entry.hold.symbol for entry in beside})))
    account = _account_now(run, reading, figures, inputs)
    if isinstance(account, Refusal):
        return account
    prices = levels or inputs.research.levels(snapshot, request, figures.atr)
    if isinstance(prices, Refusal):
        return prices
    trade = RequestedTrade(request, reading.classified, prices, figures.market, figures.shown(request))
    return _sized_trade(run, account, trade, beside)


def _account_now(run: SizingRun, account: ObservedAccount, figures: Study, inputs: EntryInputs) -> AccountNow | Refusal:
    """Return the account by the firm's rules: its floors, what it can lose, and what halts new entries."""
    settings, recorder, snapshot = run.services.settings, run.services.recorder, account.snapshot
    figures_now = account_standing(recorder.account(run.account), snapshot, inputs.rules, settings)
    if isinstance(figures_now, Refusal):
        return figures_now
    unsized = recorder.foreign(run.account, snapshot)
    picture = account_picture(
        snapshot,
        inputs.research.terms,
        inputs.rules,
        figures_now.headroom,
        state=figures_now.state,
        daily_atr=figures.daily_atr,
        halt=run.services.stop
        or recorder.halted(run.account, run.call.caller)
        or figures_now.halt
        or _halt_on_unsized(run, unsized),
    )
    if isinstance(picture, Refusal):
        return picture
    symbol = account.request.symbol
    spec, (asset_class, _) = snapshot.specs[symbol], picture.classes[symbol]
    shut = window(settings, inputs.rules, spec, asset_class, snapshot.taken_at)
    return AccountNow(replace(picture, window=shut), unsized)


def _halt_on_unsized(run: SizingRun, unsized: tuple[UnsizedTrade, ...]) -> Refusal | None:
    """Return the halt for trades that were not sized here, where the configuration wants one."""
    if not unsized or run.services.settings.account.foreign_trades == "count":
        return None
    return run.services.recorder.unaccepted(run.account, unsized, run.envelope.at)


def _sized_trade(
    run: SizingRun, account: AccountNow, trade: RequestedTrade, beside: tuple[Held, ...]
) -> SizedTrade | Refusal:
    """Put the trade beside the book and the reservations, of alternative orders the dearest only."""
    picture, request = account.picture, trade.request
    book = book_after_trade(picture, trade.classified, request.symbol, trade.levels)
    if isinstance(book, Refusal):
        return book
    groups = run.services.recorder.alternatives(run.account, run.envelope.at)
    own = None if request.oco_group is None else (run.call.caller, request.oco_group)
    entry = sizing_context(picture, trade, *charge_groups(book, charges(beside), groups, own, request))
    if isinstance(entry, Refusal):
        return entry
    if account.unsized:
        entry = replace(entry, estimated=(*entry.estimated, describe(account.unsized)))
    entry = _with_budget(run, entry, picture.snapshot)
    return entry if isinstance(entry, Refusal) else SizedTrade(entry, picture, book, groups, own)


def _with_budget(run: SizingRun, entry: SizingContext, snapshot: Snapshot) -> SizingContext | Refusal:
    """Return the context with what was spent of the exposure budgets, where a cap asks for it."""
    services = run.services
    try:
        budget = spent_by(services.settings, services.recorder, services.terminal, snapshot, run.envelope.at)
    except ConfigError as error:
        return refuse("config_invalid", str(error))
    return entry if budget is None else replace(entry, budget=budget)

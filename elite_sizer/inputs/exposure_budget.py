"""The exposure budgets an account has spent, for the caps that limit them; from the terminal and the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

from elite_sizer.configuration.plan import reads_budget
from elite_sizer.configuration.settings import Settings
from elite_sizer.inputs.terminals import OpenTerminal
from elite_sizer.journal.read_only import ReadOnlyRecorder
from elite_sizer.journal.recorder import Recorder
from mt5bridge.reading.request import SnapshotRequest
from portfolio.book.exposure_budget import Spent, freed, spent
from portfolio.calendar.exchange_sessions import Scans
from portfolio.errors import ConfigError
from portfolio.ledger.seen_positions import entries_in, merged, record, recorded
from portfolio.model import Snapshot
from portfolio.reasons import Refusal
from portfolio.store.rows import account_key


def scans_of(settings: Settings) -> Scans:
    """Return the configured scan times; ConfigError where they don't rise through the day."""
    try:
        times = tuple(time.fromisoformat(text) for text in settings.budget.scan_times)
        return Scans(times, settings.budget.zone)
    except ValueError as error:
        message = f"[budget] scan_times: {error}."
        raise ConfigError(message) from error


def spent_by(
    settings: Settings, recorder: Recorder, terminal: OpenTerminal, snapshot: Snapshot, now: datetime
) -> Spent | None:
    """Return the exposure spent, and record its new entries; None where no cap that is on limits a budget.

    StoreError where the record can't be read or written, ConfigError without the exchange's calendar.
    """
    if not reads_budget(settings):
        return None
    scans = scans_of(settings)
    account = account_key(snapshot.account.server, snapshot.account.login)
    before = recorded(recorder.store, account, now)
    positions = merged(before, entries_in(snapshot), now)
    without_price = {entry.symbol for entry in positions if entry.exposure is None and not freed(entry, now, scans)}
    if without_price and not isinstance(
        more := terminal.snapshot(SnapshotRequest(extra=tuple(sorted(without_price)))), Refusal
    ):
        specs, quotes = {**more.specs, **snapshot.specs}, {**more.quotes, **snapshot.quotes}
        positions = merged(before, entries_in(replace(snapshot, specs=specs, quotes=quotes)), now)
    if not isinstance(recorder, ReadOnlyRecorder):
        record(recorder.store, account, positions, scans, now)
    return spent(positions, now, scans)

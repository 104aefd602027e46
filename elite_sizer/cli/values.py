"""Read a moment, a day or an amount of money as it is typed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

import typer


def parse_time(text: str) -> datetime:
    """Return an aware moment in UTC; BadParameter says how to write one."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        message = f"{text!r} is no moment with a time zone; write 2026-06-10T12:00:00Z"
        raise typer.BadParameter(message, param_hint="--now")
    return time.astimezone(UTC)


def parse_day(text: str | None) -> date | None:
    """Return the first day that is asked for; BadParameter says how to write one."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no day; write 2026-06-10"
        raise typer.BadParameter(message, param_hint="--since") from None


def parse_money(text: str) -> object:
    """Return an amount exactly; text that is no number is left for the configuration to refuse."""
    try:
        return Decimal(text.replace(",", "").replace("_", ""))
    except InvalidOperation:
        return text

"""The reasons a size is refused for: one code, one sentence, one fix, one exit code.

A cap's code is its registry name, and its reason stands beside the cap; `elite_sizer.caps.reasons` holds them all. A
refusal is a value; the figures that explain it travel in its `detail`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

BUG: Final = 1
USAGE: Final = 2
REFUSED: Final = 3
NOT_READY: Final = 4
STALE: Final = 5
FOUND: Final = 6
HALTED: Final = 7


class Refusal(NamedTuple):
    """A refusal of lots: a registered code, and the figures in words."""

    code: str
    detail: str


class Reason(NamedTuple):
    """Meaning of a code to a trader, the fix, and the exit code of the process."""

    sentence: str
    fix: str
    exit_code: int = REFUSED


WAIT: Final = "Wait, or ask again with a smaller risk."
_REQUEST = "Correct the request and ask again."
_TERMINAL = "Check the symbol and the terminal with: elite-sizer doctor"
_CAPTURE = "Capture it again with: elite-sizer record FILE"

REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        # the request
        "stop_required": Reason(
            "The request has no stop.", "Give --stop PRICE, --stop-points N or --atr-stop K.", USAGE
        ),
        "stop_wrong_side": Reason("The stop is on the wrong side of the entry.", _REQUEST, USAGE),
        "stop_zero": Reason("The stop is at the entry or less than one tick away.", _REQUEST, USAGE),
        "stop_too_close": Reason("The stop is inside the broker's stops level.", "Move the stop further away."),
        "stop_implausible": Reason("The stop is implausibly far from the entry.", _REQUEST, USAGE),
        "target_wrong_side": Reason("The target is on the wrong side of the entry.", _REQUEST, USAGE),
        "entry_wrong_side": Reason(
            "The pending price is on the wrong side of the market for its type.", _REQUEST, USAGE
        ),
        "entry_too_close": Reason("The pending price is inside the broker's stops level.", _REQUEST),
        "confidence_range": Reason("Confidence must lie between 0 and 1.", 'Write 0.75 or "75%".', USAGE),
        "input_range": Reason("A value of the request is out of range.", _REQUEST, USAGE),
        "value_not_finite": Reason("A value is not a finite number.", _REQUEST, USAGE),
        "symbol_unknown": Reason("The terminal does not know this symbol.", _REQUEST, USAGE),
        "flat_by_required": Reason(
            "An intraday request needs the time by which it is flat.", "Give --flat-by ISO.", USAGE
        ),
        "ticket_unknown": Reason("There is no such position to reduce.", _REQUEST, USAGE),
        # the terminal and its numbers
        "terminal_no_data": Reason("The terminal gave no answer.", _TERMINAL, NOT_READY),
        "terminal_disconnected": Reason("The terminal has no connection to the broker.", _TERMINAL, NOT_READY),
        "terminal_unstable": Reason("The terminal had to be restarted too often.", _TERMINAL, HALTED),
        "deadline": Reason("The answer came too late.", _TERMINAL, NOT_READY),
        "recording_invalid": Reason("The capture can't be used.", _CAPTURE, NOT_READY),
        "snapshot_torn": Reason("The terminal's numbers did not fit together.", "Ask again.", NOT_READY),
        "account_changed": Reason(
            "Another account is logged in.",
            "Log in to the pinned account, then: elite-sizer resume --reason TEXT",
            HALTED,
        ),
        "equity_nonpositive": Reason("Equity or balance is not above zero.", "Check the account.", NOT_READY),
        "trading_disabled": Reason("Trading is disabled in the terminal or for the account.", _TERMINAL, NOT_READY),
        "symbol_spec_invalid": Reason("The symbol's specification makes no sense.", _TERMINAL, NOT_READY),
        "spec_changed": Reason(
            "The symbol's contract has changed.", "Compare it with the broker's, then start again.", NOT_READY
        ),
        "bars_stale": Reason("The bars end before the quote.", "Wait until the terminal has loaded them.", STALE),
        "symbol_unavailable": Reason("The symbol gives no quotes.", "Add it to Market Watch.", NOT_READY),
        "trade_mode": Reason("The broker does not allow this trade in the symbol now.", WAIT),
        "market_closed": Reason("The market is closed.", "Wait for the session."),
        "tick_stale": Reason("The quote is too old.", "Wait for a fresh quote.", STALE),
        "tick_future": Reason("The quote lies in the future.", "Check the clock of this computer.", STALE),
        "tick_invalid": Reason("The quote is zero or crossed.", "Wait for a fresh quote.", STALE),
        "tick_value_mismatch": Reason("The ways to value one lot disagree.", _TERMINAL, NOT_READY),
        "value_unavailable": Reason("One lot can't be valued.", _TERMINAL, NOT_READY),
        "fx_rate_missing": Reason(
            "A conversion rate is missing.", "Add the conversion pair to Market Watch.", NOT_READY
        ),
        "margin_unavailable": Reason("The margin of one lot is unknown.", _TERMINAL, NOT_READY),
        "book_unpriceable": Reason("An open position or order can't be valued.", _TERMINAL, NOT_READY),
        "clock_suspect": Reason("The clocks disagree.", "Check the clock of this computer.", STALE),
        "epoch_mismatch": Reason(
            "The initial size or the phase is not the recorded one.",
            "A new phase or a scaled account is a new epoch: raise account.epoch.",
            USAGE,
        ),
        "day_start_unknown": Reason(
            "The balance at the firm's day start is unknown.", "Set [account] day_start and day_start_on.", NOT_READY
        ),
        "initial_unknown": Reason("The account's initial size is unknown.", "Give --initial MONEY.", NOT_READY),
        "server_offset_unknown": Reason("The broker's clock is unknown.", "Set terminal.server_utc_offset.", NOT_READY),
        # orders
        "orders_disabled": Reason("Sending orders is switched off.", "Set orders.enabled = true.", USAGE),
        "order_rejected": Reason("The broker rejected the order.", "See the broker's code; nothing was traded."),
        "order_requoted": Reason("The price moved away each time.", "Ask again."),
        "order_unknown": Reason(
            "It is not known whether the order was carried out.", "Look at the terminal; it is not sent again.", HALTED
        ),
        "order_unprotected": Reason("An order was filled without its stop.", "Look at the terminal now.", HALTED),
        # the sizers
        "no_edge": Reason("The expectancy of the trade is not above zero.", "Find a better price or target."),
        "no_room": Reason("The daily risk budget is used up.", WAIT),
        "below_min_lot": Reason("The size is below the smallest the broker trades.", WAIT),
        "elite_error": Reason("The elite sizer failed.", "Report it with: elite-sizer doctor --bundle"),
        "legacy_error": Reason("The legacy sizer failed or gave no usable number.", "Check the legacy function."),
        "plugin_cap": Reason("A cap of your own refuses the trade.", "See what it says, or take it out of [caps] on."),
        "plugin_error": Reason("A factor of your own failed.", "Mend it, or take it out of the sizer's factors."),
        "flag_unreadable": Reason(
            "The flag can't be read and there is no last good value.", "Set: elite-sizer flag elite"
        ),
        "kernel_invariant": Reason("The sizer's own check failed.", "Stop trading and report it.", HALTED),
        # what the broker refuses with too, by the name of the cap that asks before it does
        "broker_volume": Reason("The broker's volume limits leave nothing.", WAIT),
        "free_margin": Reason("The free margin does not carry it.", WAIT),
        # halts and records
        "halted": Reason("New entries are halted.", "elite-sizer resume --reason TEXT", HALTED),
        "throttle": Reason(
            "A caller reserves more often than a sane bot would.",
            "Stop the bot, then: elite-sizer resume --reason TEXT",
            HALTED,
        ),
        "foreign_trade": Reason(
            "A trade was opened that was not sized here.",
            "elite-sizer audit; then: elite-sizer resume --reason TEXT",
            HALTED,
        ),
        "rule_breached": Reason("A rule of the firm is breached.", "elite-sizer resume --reason TEXT", HALTED),
        "rule_paused": Reason("A rule of the firm pauses trading until the next reset.", "Wait for the reset."),
        "rules_unknown": Reason("The firm's rules are not known.", "Give --rules ID.", USAGE),
        # reservations
        "idempotency_conflict": Reason("This key was used for another question.", "Use a new key.", USAGE),
        "snapshot_stale": Reason("The account was read before a reservation was resolved.", "Ask again.", STALE),
        "reservation_unresolved": Reason(
            "The fate of an order is unknown.", "Check the terminal, then: elite-sizer resume --reason TEXT", HALTED
        ),
        "lease_unknown": Reason("There is no such reservation.", "Ask for a new size.", USAGE),
        "lease_state": Reason("The reservation is past this.", "Ask for a new size."),
        "lease_expired": Reason("The reservation's time is over.", "Ask for a new size."),
        "lease_fenced": Reason("Another holder has taken over the reservation.", "Ask for a new size."),
        "late_use": Reason(
            "An order was placed on a reservation that was over.", "Stop the bot; place orders in time.", HALTED
        ),
        "state_busy": Reason("The database is locked.", "Ask again.", NOT_READY),
        "state_readonly": Reason("The database can't be written.", "Check the folder's permissions.", NOT_READY),
        "state_full": Reason("The disk is full.", "Free some space.", NOT_READY),
        "state_corrupt": Reason("The database is damaged.", "It was set aside; see: elite-sizer doctor", HALTED),
        "state_disk": Reason("The disk gave an error.", "Check the disk.", NOT_READY),
        "state_folder": Reason(
            "The database may not lie on a network drive or in a cloud folder.",
            "Set store.path to a local folder.",
            USAGE,
        ),
        "state_engine": Reason("This SQLite is not safe for the database.", "Upgrade the package apsw.", NOT_READY),
        "state_loosening": Reason(
            "The database refused a change that would loosen a limit.",
            "Check the clock, then: elite-sizer resume --reason TEXT",
            HALTED,
        ),
        "state_version": Reason("The database is from another version.", "Install the newer version.", NOT_READY),
        # the program itself
        "usage": Reason("The command can't be read.", "elite-sizer COMMAND --help", USAGE),
        "config_invalid": Reason("The configuration can't be used.", "elite-sizer config check", USAGE),
        "internal_error": Reason("This is our bug.", "Report it with: elite-sizer doctor --bundle", BUG),
    }
)


def refuse(code: str, detail: str) -> Refusal:
    """Return a refusal with a code of this table; another is a broken program and raises KeyError."""
    if code not in REASONS:
        message = f"reason code {code!r} is not registered in portfolio.reasons"
        raise KeyError(message)
    return Refusal(code, detail)

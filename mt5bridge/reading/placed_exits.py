"""Ask the terminal about a stop and a target that can only be placed after its quote and bars have been read.

A stop in points or in average ranges has no price before the reading, and a host's reading is one request to another
process that knows nothing of levels. So the reading is taken without them, they are placed on it, and the terminal
computes their results over the same connection; at the end the account is read once more, as after any reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from mt5bridge.errors import BridgeError, DisconnectedError, TerminalError
from mt5bridge.metatrader.protocol import Source, Terminal
from mt5bridge.reading.fields import Raw
from mt5bridge.terminal_side.gather import candidate_exits, plain, profit_row
from portfolio.model import Snapshot
from portfolio.reasons import refuse

Exits = tuple[Decimal | None, Decimal | None]
"""The prices of a stop and of a target; None where there is none."""

Place = Callable[[Snapshot], Exits]
"""Places them on a reading; (None, None) where they can't be placed."""


def ask_exits(
    terminal: Terminal | Source, request: Mapping[str, Any], raw: Raw, exits: Exits
) -> tuple[list[dict[str, Any]], Raw]:
    """Return the reading's profits with those of the exits in front, and the account read after them.

    `request` is the request of that reading. Raises BridgeError where the terminal does not answer, or has lost its
    broker by then.
    """
    stop, target = (None if price is None else float(price) for price in exits)
    questions = candidate_exits({**request, "stop": stop, "target": target}, raw["symbols"], raw["ticks"])
    answers = {(row["symbol"], row["side"], row["open"], row["close"]): row for row in raw["profits"]}
    functions = cast("Terminal", terminal)
    try:
        for question in dict.fromkeys(questions):
            if question not in answers:
                row = profit_row(_with_retry(functions.order_calc_profit), raw["symbols"][question[0]], question)
                if row is not None:
                    answers[question] = row
        account = _with_retry(functions.account_info)()
        terminal_info = _with_retry(functions.terminal_info)()
    except BridgeError:
        raise
    except Exception as error:
        # as in `fetch`: the package raises SystemError, a wire EOFError, and both mean that there is no answer
        raise TerminalError(refuse("terminal_no_data", f"{type(error).__name__}: {error}")) from error
    if account is None:
        raise TerminalError(refuse("terminal_no_data", "account_info: no answer after the exits were asked"))
    if terminal_info is None or not plain(terminal_info).get("connected"):
        raise DisconnectedError
    return _in_front(questions, answers), plain(account)


def _with_retry(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with a second call where the first gives no answer, as in a reading."""

    def call(*arguments: object) -> object:
        answer = function(*arguments)
        return function(*arguments) if answer is None else answer

    return call


def _in_front(
    questions: Sequence[tuple[str, str, float, float]], answers: Mapping[tuple[str, str, float, float], dict[str, Any]]
) -> list[dict[str, Any]]:
    first = [answers[question] for question in dict.fromkeys(questions) if question in answers]
    return [*first, *(row for question, row in answers.items() if question not in questions)]

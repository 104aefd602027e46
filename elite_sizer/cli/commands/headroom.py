"""`headroom`: how far an account is above its firm's floors, computed offline from typed figures."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

import typer

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.reply import Reply
from elite_sizer.reports.headroom_calculator import scenario
from portfolio.errors import ConfigError
from portfolio.reasons import HALTED, REFUSED

SCHEMA: Final = "elite-sizer/headroom/1"

Money = str | None


@command
def headroom(
    common: Common,
    *,
    balance: Annotated[Money, typer.Option(help="Balance now.")] = None,
    equity: Annotated[Money, typer.Option(help="Equity now.")] = None,
    day_start_balance: Annotated[Money, typer.Option(help="Balance at the firm's last reset.")] = None,
    day_start_equity: Annotated[Money, typer.Option(help="Equity at the firm's last reset.")] = None,
    peak: Annotated[Money, typer.Option(help="Highest figure that the overall rule follows.")] = None,
    peak_equity_today: Annotated[Money, typer.Option(help="Highest equity since the reset.")] = None,
    payout_taken: Annotated[bool, typer.Option("--payout-taken", help="A payout was taken.")] = False,
) -> Reply:
    """Say how far an account is above its floors; from options, or from a JSON scenario on standard input.

    For example:

      elite-sizer headroom --initial 200000 --balance 194884.06 --equity 195159.09 --day-start-balance 194494.96

      elite-sizer headroom --json < scenario.json
    """
    if balance is None:
        inputs = _read_scenario(common)
    else:
        settings = common.settings()
        initial = settings.account.initial
        _refuse_gaps({"--initial": initial != "auto", "--equity": equity, "--day-start-balance": day_start_balance})
        inputs = {
            "rule_id": settings.account.rules,
            "rules": settings.rules.get(settings.account.rules),
            "initial": str(initial),
            "balance": balance,
            "equity": equity,
            "day_start_balance": day_start_balance,
            "day_start_equity": day_start_equity,
            "peak": peak,
            "peak_equity_today": peak_equity_today,
            "payout_taken": payout_taken,
            "now_utc": common.time_of_call().isoformat(),
        }
    results = scenario(inputs)
    code = HALTED if results.get("breached") else REFUSED if results.get("paused") else 0
    return Reply(code, {"schema": SCHEMA, **results}, _result_lines(inputs, results))


def _refuse_gaps(figures: Mapping[str, object]) -> None:
    """Refuse what would have to be guessed: a guess could show more room than there is."""
    missing = [option for option, value in figures.items() if not value]
    if missing:
        message = f"Give {' and '.join(missing)} too; nothing is guessed."
        raise ConfigError(message)


def _read_scenario(common: Common) -> Mapping[str, Any]:
    if sys.stdin is None or sys.stdin.isatty():
        message = "Give --balance and the other figures, or a JSON scenario on standard input."
        raise ConfigError(message)
    try:
        inputs = json.loads(sys.stdin.read(), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        message = f"Standard input holds no JSON scenario: {error}. Or give --balance and the other figures."
        raise ConfigError(message) from error
    if not isinstance(inputs, dict):
        message = "A scenario is a JSON object with rule_id, initial, balance and so on."
        raise ConfigError(message)
    if common.rules is not None:
        inputs["rule_id"] = common.rules
    return inputs


def _result_lines(inputs: Mapping[str, Any], results: Mapping[str, Any]) -> list[str]:
    if "usable" not in results:
        return [f"{key:<24}{value}" for key, value in results.items()]
    rows = [f"{inputs.get('rule_id')}  balance {inputs.get('balance')}  equity {inputs.get('equity')}", ""]
    rows.append(f" {'limit':<10}{'left':>14}{'floor':>14}")
    for name in ("daily", "overall"):
        distance, floor = results[f"distance_{name}"], results[f"{name}_floor"]
        if distance is not None:
            breach, binding = results[f"breached_{name}"], results["binding"] == name
            note = "BREACHED" if breach else "binding" if binding else ""
            rows.append(f" {name:<10}{_money(distance):>14}{_money(floor):>14}  {note}".rstrip())
    rows += ["", f"usable now         {_money(results['usable'])}"]
    after, reset = _money(results["room_after_reset"]), results["next_reset_utc"]
    rows.append(f"after next reset   {after} from entry to stop, from {reset} on")
    rows.append(f"if nothing changed {_money(results['projected_after_reset'])} above the higher floor after the reset")
    rows += [results["because"]]
    if results["breached"] or results["paused"]:
        rows.append("BREACHED" if results["breached"] else "PAUSED until the next reset")
    return rows


def _money(text: str) -> str:
    return f"{Decimal(text):,.2f}"

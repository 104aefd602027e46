"""How long one decision takes, against stop-based lots and six caps in bare decimals: the least anybody can do.

    python scripts/benchmark.py [--calls N] [--json]

Rows: a ready context to its decision, a snapshot and a request to the context, a validated request to the journal
line. The book holds ten positions, all factors have data, the caps are those of the default profile. Each call is
timed alone, subject and yardstick by turns, the clock's own time taken off; the figures are fixed. What matters is the
ratio of the medians, since machines differ.
"""

from __future__ import annotations

import argparse
import compileall
import json
import statistics
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter_ns
from typing import Final, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from elite_sizer.assembly.account_picture import AccountPicture, account_picture
from elite_sizer.assembly.book_effects import book_after_trade
from elite_sizer.assembly.lot_risk import Distances
from elite_sizer.assembly.sizing_context import RequestedTrade, sizing_context
from elite_sizer.assembly.terms import Terms
from elite_sizer.configuration.firm_rules import rules_of
from elite_sizer.configuration.plan import plan
from elite_sizer.configuration.settings import load
from elite_sizer.journal.decision_json import to_line
from elite_sizer.model.breakdown import Envelope
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Flag, FlagValue
from elite_sizer.model.request import Request
from elite_sizer.model.trade_figures import MarketFigures, TradingRecord
from elite_sizer.request.intent import Classified, classify
from elite_sizer.request.levels import Levels, levels
from elite_sizer.sizing.decision import Decision, make_decision
from elite_sizer.sizing.rollout import Plan, decide
from portfolio.model import (
    Account,
    MarginQuestion,
    Position,
    ProfitQuestion,
    Quote,
    Side,
    Snapshot,
    SymbolSpec,
    TerminalState,
)
from portfolio.reasons import Refusal
from portfolio.rules.headroom import References, headroom

ROOT: Final = Path(__file__).parent.parent
NOW: Final = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
GOALS: Final = {"decision": 75, "context": 30, "line": 150}
"""Times the yardstick (spec of performance)."""
WARM_UP: Final = 300

PAIRS: Final = {
    "EURUSD": "1.0850",
    "GBPUSD": "1.2700",
    "AUDUSD": "0.6600",
    "NZDUSD": "0.6100",
    "EURGBP": "0.8540",
    "EURAUD": "1.6440",
    "EURNZD": "1.7790",
    "GBPAUD": "1.9240",
    "GBPNZD": "2.0820",
    "AUDNZD": "1.0820",
}
"""Ten symbols that convert into dollars directly, and their prices."""


class Bench(NamedTuple):
    """Everything that is ready before a decision."""

    snapshot: Snapshot
    now: AccountPicture
    request: Request
    market: MarketFigures
    distances: Distances
    plan: Plan
    envelope: Envelope
    context: SizingContext


class Timed(NamedTuple):
    """Microseconds of one subject, its yardstick's beside it, and their ratio."""

    median_us: float
    p99_us: float
    floor_median_us: float
    ratio: float
    goal: float | None


def floor(money: Decimal, entry: Decimal, stop: Decimal, size: Decimal, step: Decimal, *caps: Decimal) -> Decimal:
    """Return stop-based lots within six caps, and nothing else: no reason, no check, no rounding policy."""
    one, two, three, four, five, six = caps
    lots = money / ((entry - stop) * size)
    if one < lots:  # noqa: PLR1730 - six calls of `min` would take twice as long, and flatter the subject
        lots = one
    if two < lots:  # noqa: PLR1730
        lots = two
    if three < lots:  # noqa: PLR1730
        lots = three
    if four < lots:  # noqa: PLR1730
        lots = four
    if five < lots:  # noqa: PLR1730
        lots = five
    if six < lots:  # noqa: PLR1730
        lots = six
    return lots // step * step


FLOOR_ARGUMENTS: Final = tuple(
    Decimal(figure)
    for figure in ("396.00", "1.0850", "1.0800", "100000", "0.01", "50.0", "25.2", "120.5", "18.07", "26.4", "10")
)


def yardstick() -> Decimal:
    """Return the floor of fixed figures."""
    return floor(*FLOOR_ARGUMENTS)


def bench() -> Bench:
    """Return ten positions, a candidate with everything known, and the default configuration."""
    settings = load(environment={}, user_file=Path("none"), folder=Path("none"))
    rules = rules_of(settings.account.rules)
    snapshot = _snapshot()
    state = References(Decimal(100_000), snapshot.account.balance)
    head = headroom(rules, state, snapshot.account.balance, snapshot.account.equity, NOW)
    now = account_picture(snapshot, Terms(settings.policy, settings.classes), rules, head)
    if isinstance(now, Refusal):
        raise SystemExit(now.detail)
    request = Request(
        "EURUSD",
        Side.BUY,
        stop=Decimal("1.0800"),
        target=Decimal("1.0950"),
        confidence=Decimal("0.75"),
        score=Decimal(68),
        regime="trending",
    )
    market = MarketFigures(
        correlations={name: 0.7 - 0.13 * number for number, name in enumerate(PAIRS)},
        record=TradingRecord(50, Decimal("1.1"), 0.6, 120.0, 0.85, 2.0, "50 trades with stops, posterior mean +0.18 R"),
    )
    distances = Distances(tail=Decimal("0.0071"), spread=Decimal("0.0001"), because="CVaR 5% of 1,000 H1 bars")
    made = Bench(
        snapshot=snapshot,
        now=now,
        request=request,
        market=market,
        distances=distances,
        plan=plan(settings, Flag(FlagValue.ELITE, "config")),
        envelope=Envelope("01JD3M7K000000000000000000", NOW, config_digest="sha256:0", version="0"),
        context=None,  # type: ignore[arg-type]  # filled in the next line from the rest
    )
    made = made._replace(context=to_context(made))
    if not to_decision(made):
        raise SystemExit(to_decision(made).explain())
    return made


def to_context(it: Bench) -> SizingContext:
    """Return the context of the request, the moment being ready."""
    spec, quote = it.snapshot.specs[it.request.symbol], it.snapshot.quotes[it.request.symbol]
    placed = levels(it.request, spec, quote, None)
    classified = classify(it.request, it.snapshot.positions, it.snapshot.account.margin_mode, spec)
    if not isinstance(placed, Levels) or not isinstance(classified, Classified):
        raise SystemExit(str((placed, classified)))
    book = book_after_trade(it.now, classified, it.request.symbol, placed)
    if isinstance(book, Refusal):
        raise SystemExit(book.detail)
    made = sizing_context(it.now, RequestedTrade(it.request, classified, placed, it.market, it.distances), book)
    if isinstance(made, Refusal):
        raise SystemExit(made.detail)
    return made


def to_moment(it: Bench) -> AccountPicture | Refusal:
    """Return what the snapshot says before any request: the book priced, the floors, the tariff."""
    head = headroom(it.now.rules, it.now.headroom.references, it.now.headroom.balance, it.now.headroom.equity, NOW)
    return account_picture(it.snapshot, it.now.terms, it.now.rules, head)


def to_decision(it: Bench) -> Decision:
    """Return the decision on the ready context."""
    return make_decision(it.context, it.plan, decide(it.context, it.plan), it.envelope)


def to_journal(it: Bench) -> bytes:
    """Return the journal line of the request, from its context on."""
    made = to_context(it)
    return to_line(make_decision(made, it.plan, decide(made, it.plan), it.envelope))


def timed(subject: Callable[[], object], calls: int, goal: float | None = None) -> Timed:
    """Time a subject and the yardstick by turns."""
    for _ in range(WARM_UP):
        subject()
        yardstick()
    clock = statistics.median(_times(lambda: None, 2_000))
    took, least = [], []
    for _ in range(calls):
        began = perf_counter_ns()
        subject()
        ended = perf_counter_ns()
        yardstick()
        least.append(perf_counter_ns() - ended)
        took.append(ended - began)
    median, low = statistics.median(took) - clock, statistics.median(least) - clock
    p99 = statistics.quantiles(took, n=100)[98] - clock
    return Timed(median / 1000, p99 / 1000, low / 1000, median / low, goal)


def _times(subject: Callable[[], object], calls: int) -> list[int]:
    found = []
    for _ in range(calls):
        began = perf_counter_ns()
        subject()
        found.append(perf_counter_ns() - began)
    return found


def measure(calls: int) -> dict[str, Timed]:
    """Return every row."""
    it = bench()
    return {
        "decision": timed(lambda: to_decision(it), calls, GOALS["decision"]),
        "verdict": timed(lambda: decide(it.context, it.plan), calls),
        "context": timed(lambda: to_context(it), calls, GOALS["context"]),
        "moment": timed(lambda: to_moment(it), calls),
        "line": timed(lambda: to_journal(it), calls, GOALS["line"]),
    }


def _snapshot() -> Snapshot:
    quotes = {
        name: Quote(name, Decimal(price), Decimal(price) + Decimal("0.0001"), NOW) for name, price in PAIRS.items()
    }
    positions = tuple(_position(number, name) for number, name in enumerate(PAIRS))
    entry, stop, target = quotes["EURUSD"].ask, Decimal("1.0800"), Decimal("1.0950")
    lost, won = (entry - stop) * 100_000, (target - entry) * 100_000
    return Snapshot(
        taken_at=NOW,
        account=Account(
            login=1234,
            server="FTMO-Demo",
            currency="USD",
            balance=Decimal("100431.18"),
            equity=Decimal("100212.44"),
            margin=Decimal("2710.55"),
            free_margin=Decimal("97501.89"),
            leverage=100,
        ),
        terminal=TerminalState("benchmark"),
        specs={name: _spec(name) for name in PAIRS},
        quotes=quotes,
        positions=positions,
        profits={
            ProfitQuestion("EURUSD", Side.BUY, entry, stop): -lost,
            ProfitQuestion("EURUSD", Side.BUY, entry, target): won,
        },
        margins={MarginQuestion("EURUSD", Side.BUY, Decimal(1), entry): entry * 1000},
        deals_since=NOW - timedelta(days=30),
    )


def _position(number: int, name: str) -> Position:
    price, side = Decimal(PAIRS[name]), Side.BUY if number % 3 else Side.SELL
    return Position(
        ticket=number,
        symbol=name,
        side=side,
        volume=Decimal("0.10"),
        open_price=price - side.sign * Decimal("0.0003"),
        current_price=price,
        stop=price - side.sign * Decimal("0.0030"),
        target=price + side.sign * Decimal("0.0060"),
        profit=Decimal("3.00"),
        swap=Decimal("-0.41"),
        opened_at=NOW,
    )


def _spec(name: str) -> SymbolSpec:
    quote = name[3:]
    dollar = Decimal(1) if quote == "USD" else Decimal(PAIRS[f"{quote}USD"])
    return SymbolSpec(
        name=name,
        calc_mode=0,
        contract_size=Decimal(100_000),
        tick_size=Decimal("0.00001"),
        tick_value=dollar,
        tick_value_loss=dollar,
        point=Decimal("0.00001"),
        digits=5,
        currency_base=name[:3],
        currency_profit=quote,
        currency_margin=name[:3],
        volume_min=Decimal("0.01"),
        volume_max=Decimal(100),
        volume_step=Decimal("0.01"),
    )


def main() -> None:
    """Print the rows."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--calls", type=int, default=5_000)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    for package in ("portfolio", "elite_sizer"):
        compileall.compile_dir(ROOT / package, quiet=2)
    rows = measure(given.calls)
    if given.json:
        print(json.dumps({name: row._asdict() for name, row in rows.items()}, indent=1))
        return
    for name, row in rows.items():
        goal = "" if row.goal is None else f"  (goal {row.goal:.0f})"
        print(
            f"{name:10} {row.median_us:8.2f} us  p99 {row.p99_us:8.2f} us  "
            f"{row.ratio:6.1f} x the floor of {row.floor_median_us:.3f} us{goal}"
        )


if __name__ == "__main__":
    main()

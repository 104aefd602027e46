"""`demo`: a trading day on the embedded terminal, step by step, the same every time."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zoneinfo import ZoneInfo

from elite_sizer.cli.command import command
from elite_sizer.cli.common_options import Common
from elite_sizer.cli.table import show
from elite_sizer.configuration.flag import write_flag
from elite_sizer.configuration.reload import Reloader
from elite_sizer.configuration.settings import load
from elite_sizer.configuration.stop_file import clear_stop, write_stop
from elite_sizer.display.breakdown import Line, lines
from elite_sizer.inputs.terminals import open_terminal
from elite_sizer.journal.decision_json import to_json
from elite_sizer.journal.files import Journal
from elite_sizer.journal.recorder import Recorder
from elite_sizer.journal.verify import LineStatus, check, plans
from elite_sizer.model.outcome import FlagValue
from elite_sizer.request.idea import TradeIdea
from elite_sizer.service.sizer import Sizer
from elite_sizer.sizing.decision import Decision
from mt5bridge.simulated import SimulatedTerminal
from portfolio.store.database import Store

MORNING: Final = datetime(2026, 6, 10, 6, 30, tzinfo=UTC)
FIRM: Final = ZoneInfo("Europe/Prague")
"""FTMO's day ends at midnight there."""
_ONE_LINE: Final = 1000
"""Columns so many that no sentence is wrapped."""


@command
def demo(common: Common) -> None:
    """Show a trading day on a paper account: sizes, cuts, refusals, a halt, and the record of it all.

    It needs no terminal and touches no file of yours. Example: elite-sizer demo
    """
    with TemporaryDirectory(prefix="elite-sizer-demo-", ignore_cleanup_errors=True) as folder:
        day = Day.begin(Path(folder))
        try:
            for scene in day.scenes():
                _show(common, scene)
        finally:
            day.sizer.close()


@dataclass(frozen=True, slots=True)
class Scene:
    """An event of the day, the decision on it, and whether the whole breakdown is shown."""

    at: datetime
    words: str
    decision: Decision | None = None
    whole: bool = False
    after: tuple[str, ...] = ()


@dataclass(slots=True)
class Day:
    """One account on the embedded terminal, and the sizer that watches it."""

    sizer: Sizer
    terminal: Any
    folder: Path
    tickets: dict[str, int] = field(default_factory=dict)

    @classmethod
    def begin(cls, folder: Path) -> Day:
        """Open a paper account in the morning, with a configuration and a record of its own."""
        options = {"terminal": "simulated", "store": str(folder)}
        settings = load(options=options, environment={}, folder=folder, user_file=folder / "none")
        terminal = SimulatedTerminal.demo(at=MORNING)
        paper = open_terminal(settings)._replace(mt5=terminal, clock=lambda: terminal.now)
        recorder = Recorder(Store.memory(), Journal(folder))
        noise = iter(range(1, 1000))
        reloader = Reloader(lambda: settings, settings)
        sizer = Sizer(reloader, paper, recorder, noise=lambda count: next(noise).to_bytes(count, "big"))
        return cls(sizer, terminal, folder)

    def scenes(self) -> Iterator[Scene]:
        """Live through the day."""
        yield self._opening()
        yield from self._trades()
        yield from self._troubles()
        yield from self._switches()
        yield self._evening()

    def _opening(self) -> Scene:
        account, positions = self.terminal.account_info(), self.terminal.positions_get()
        return Scene(
            self.terminal.now,
            "A paper account of 100,000 USD under the rules of FTMO's 2-Step: "
            f"balance {account.balance:,.2f}, equity {account.equity:,.2f}, "
            f"{len(positions)} trades open, {len(self.terminal.orders_get())} pending.",
        )

    def _trades(self) -> Iterator[Scene]:
        idea = {"stop_points": 300, "rr": 2, "confidence": "70%", "score": 72}
        yield self._enter("The first idea: 70 % sure, for twice the stop.", "EURUSD sell", idea, whole=True)
        self.terminal.advance(timedelta(hours=1))
        idea = {"stop_points": 320, "rr": 2, "confidence": "70%", "score": 72}
        yield self._enter("Another bet on the dollar: correlated, so smaller.", "GBPUSD sell", idea)
        self.terminal.advance(timedelta(minutes=30))
        weak = {"stop_points": 300, "rr": "0.5", "confidence": "60%"}
        yield self._ask("60 % sure of half the stop loses money: no edge, no trade.", "USDJPY buy", weak)

    def _troubles(self) -> Iterator[Scene]:
        self.terminal.advance(timedelta(hours=2))
        bare = self.terminal.buy("BTCUSD", 0.05)
        idea = {"stop_points": 2000, "rr": 2, "confidence": "65%"}
        yield self._ask("Somebody bought bitcoin by hand, without a stop. Its loss has no bound:", "XAUUSD sell", idea)
        out = {"reduce": bare}
        closing = self._ask("Getting out of it is never blocked.", "BTCUSD sell", out)
        self.terminal.close(bare)
        yield closing
        yield self._ask("Now gold can be sized.", "XAUUSD sell", idea)
        self.terminal.advance(timedelta(minutes=45))
        self.terminal.quote("XAUUSD", 2312.9)
        self.terminal.quote("US500", 5243.0)
        fall = "Gold and the index fall through their stops; the room was charged for them all along."
        yield self._ask(fall, "XAUUSD sell", idea)

    def _switches(self) -> Iterator[Scene]:
        self.terminal.advance(timedelta(hours=2))
        idea = {"stop_points": 3000, "rr": 2, "confidence": "65%"}
        write_stop(self.folder, "interest rate decision at 20:00")
        yield self._ask("elite-sizer halt --reason ...", "US500 sell", idea)
        clear_stop(self.folder)
        write_flag(self.folder, FlagValue.SHADOW)
        yield self._ask("elite-sizer resume; elite-sizer flag shadow: the legacy sizer answers,", "US500 sell", idea)

    def _evening(self) -> Scene:
        plan_for = plans(self.sizer.recorder.journal)
        checks = [check(line, plan_for) for line in self.sizer.recorder.journal.lines() if isinstance(line, bytes)]
        same = sum(line.status is LineStatus.SAME for line in checks)
        bare = sum(line.status is LineStatus.NO_CONTEXT for line in checks)
        return Scene(
            self.terminal.now,
            "elite-sizer verify: each decision is computed again from its line in the journal, byte for byte.",
            after=(f"{len(checks)} decisions: {same} the same again, {bare} exit that needs no reckoning",),
        )

    def _enter(self, words: str, trade: str, idea: Mapping[str, Any], *, whole: bool = False) -> Scene:
        """Size an idea and trade it as decided."""
        scene = self._ask(words, trade, idea, whole=whole)
        decision = scene.decision
        if not decision or decision.order is None:
            return scene
        self.sizer.claim(decision)
        side, order = decision.request.side if decision.request else "", decision.order
        send = self.terminal.buy if side == "buy" else self.terminal.sell
        symbol = trade.split(maxsplit=1)[0]
        ticket = send(
            symbol, order.volume, stop=float(order.stop or 0), target=float(order.target or 0), comment=order.comment
        )
        self.sizer.placed(decision, ticket)
        self.tickets[symbol] = ticket
        return scene

    def _ask(self, words: str, trade: str, idea: Mapping[str, Any], *, whole: bool = False) -> Scene:
        symbol, side = trade.split()
        decision = self.sizer.size(TradeIdea(symbol, side, **idea))
        return Scene(self.terminal.now, words, decision, whole)


def _show(common: Common, scene: Scene) -> None:
    console = common.console
    if console.json:
        if scene.decision is not None:
            console.emit(to_json(scene.decision))
        return
    head = textwrap.wrap(f"{scene.at.astimezone(FIRM):%H:%M} Prague  {scene.words}", console.width)
    page: list[Line] = [Line("head", text) for text in head]
    if scene.decision is not None:
        width = console.width - 2 if scene.whole else _ONE_LINE
        screen = lines(scene.decision, width=width, glyphs=console.glyphs)
        page.append(Line("plain", ""))
        page += screen if scene.whole else _gist(scene, screen, console.width)
    page += [Line("plain", ""), *(Line("lots", f"  {text}") for text in scene.after)] if scene.after else []
    show(console, [*page, Line("plain", "")])


def _gist(scene: Scene, screen: list[Line], width: int) -> Iterator[Line]:
    """Yield the lines a trader reads first: the factors and the caps that changed the size, and the lots."""
    refusal = scene.decision is None or scene.decision.reason is not None
    telling = () if refusal else ("base_risk", "diversification", "would say", "BINDING")
    for line in screen:
        if line.tone in {"lots", "refused"} or any(word in line.text for word in telling):
            parts = textwrap.wrap(line.text, width, subsequent_indent=" " * 4)
            yield from (line._replace(text=part) for part in parts)

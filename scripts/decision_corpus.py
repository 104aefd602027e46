"""Size more than a thousand trades the same way every time, so that two versions can be compared byte for byte.

    python scripts/decision_corpus.py write OLD.jsonl      with the one version, then NEW.jsonl with the other
    python scripts/decision_corpus.py compare OLD.jsonl NEW.jsonl

Only public names are used. Clock, names of decisions and folders are fixed, so nothing of the machine is in an answer.
`compare` exits with 6 where an answer differs by more than a digest or the version, is missing or is new.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from unittest.mock import patch

if TYPE_CHECKING:
    from elite_sizer import Decision, Sizer

TESTS: Final = Path(__file__).resolve().parents[1] / "tests"
RECORDINGS: Final = sorted((TESTS / "recordings").glob("*.json"))
NOON: Final = datetime(2026, 6, 10, 12, tzinfo=UTC)
FOUND, SHOWN = 6, 3
BARS: Final = {"H1": 120, "D1": 40}

# what is asked; entries of a table stand between bars, values are JSON where they can be, else text

SYMBOLS: Final = "EURUSD|GBPUSD|USDJPY|USDCAD|EURGBP|EURJPY|XAUUSD|XAGUSD|US500|NAS100|GER40|USOIL|BTCUSD|AAPL|SAP"
FILES: Final = {
    "corpus_own.py": "def lots(_): return 0.37\ndef words(_): return 'many'\ndef broken(_): raise ValueError('no')\n"
    "def share(context): return context.account.equity / 50000\n",
    "host/MetaTrader5.py": "import sys\nfrom mt5bridge.simulated import SimulatedTerminal\n"
    "sys.modules[__name__] = SimulatedTerminal.demo().as_module()\n",
}
"""A caller's own legacy functions, and the paper terminal under the name of the package that the host loads."""
CONFIGS: Final = """guard=on|guard=off|sizer=shadow|profile=ftmo|profile=conviction|profile=dual_cap
profile=kelly_atr|profile=kelly_atr_aggressive|profile=kelly_atr_conservative|profile=leveraged_margin|elite=dual_cap
elite=conviction|elite=leveraged_margin|elite=kelly_atr|elite=fixed_risk|sizer=legacy legacy=fixed_risk
sizer=legacy legacy=elite|sizer=legacy legacy=dual_cap|sizer=legacy legacy=conviction
sizer=legacy legacy=leveraged_margin guard=off|sizer=legacy legacy=kelly_atr|sizer=legacy legacy=corpus_own:share
sizer=legacy legacy=corpus_own:words|sizer=elite legacy=corpus_own:broken|legacy=corpus_own:lots
sizer=legacy guard=off legacy=corpus_own:lots|sizer=shadow elite=kelly_atr legacy=dual_cap
factors.confidence.kelly_linear=true policy.basis=initial sizers.elite.ceiling=2
sizers.elite.factors=["confidence","market_score","regime","performance","drawdown","multiplier","concurrent"]
factors.confidence.curve=[[0.5,0.4],[0.9,1.2]] policy.basis=equity
costs.commission=7 costs.slippage=2.5 policy.basis=balance
tail.alpha=1% tail.bars=100 tail.max_stop_multiple=1 correlation.pairs={"EURUSD\\u0020XAUUSD":0.9}
classes={"SAP":"indices","USOIL":"others"} policy.open_stop=gap|levels.atr_stop=2.5 levels.atr_target=5 levels.rr=2
levels.stop_pct=0.5% policy.budget_fraction=30%|rules=ftmo_1step account.phase=funded|caps.on=[]"""
CAPS: Final = """open_stop|broker_volume|daily_loss|maximum_loss|following_peak|firm_trade_risk|firm_idea_risk
concentration|firm_floating_loss|firm_lots|firm_orders|blackout|per_trade risk_pct=0.1%|idea_risk risk_pct=0.1%
open_risk risk_pct=1.3%|free_margin level=30|daily_halt loss_pct=0.05%|drawdown_halt drawdown_pct=0.1%
symbol_lots by_symbol={"EURUSD":0.6}|margin_per_trade by_class={"forex":"0.5%"}
exposure_per_trade by_class={"forex":0.3}|symbol_exposure money=70000|gross_exposure times_equity=2.1
max_positions most=4|net_delta equity_pct=90%|cash_reserve reserve_pct=96%|min_rr least=2.5|min_score least=70
min_position money=40000|trade_exposure equity_pct=10%|daily_exposure equity_pct=20%|weekly_exposure equity_pct=40%
positions_per_day most=1|positions_per_week warn=1 most=2|per_trade risk_pct=0%|symbol_lots by_symbol={"EURUSD":0.4}
exposure_per_trade by_class={"forex":0}|margin_per_trade by_class={"forex":0}|min_position money=900000"""
FIRM: Final = """max_lots={"100000":3}|max_lots_per_order={"EURUSD":0.2}|max_open_orders=3|max_positions_per_day=1
trade_risk={"pct":"0.1%","of":"least"}|idea_risk={"pct":"0.1%","of":"least"}
floating_loss={"pct":"1.2%","of":"least"}"""
GRID: Final = """|||entry={below}|entry={above} type=stop|type=market
stop={stop}|stop_points={points}|atr_stop=2.5|stop="{stop}"|stop={far}||stop={stop}
rr=2||target={target}|rr=1.5|atr_target=4|rr=3 atr_target=5||rr=2.5
|confidence=0.75|confidence=60%|confidence=0.55|confidence=0.9||confidence="0.66"
|score=68||score=85|score=40.5
|conviction=4.7|conviction=4||conviction=3|conviction=1.5|conviction=5
|regime=trending|regime=ranging|regime=volatile|regime=crisis|regime=unknown|
|multiplier=0.5||hold=weekend||legacy_lots=0.25||signal_modifier=0.8||slippage_modifier=0.9||legacy_lots=3||timeframe=D1
|||hold=overnight||||flat_by=2026-06-10T20:00:00Z hold=intraday|||||"""
"""The forms of an idea, a line for each field; each takes its turn, and as the counts differ, most combinations do."""
COMMON: Final = "EURUSD buy stop=1.08"
TRADE: Final = f"{COMMON} rr=2 confidence=0.7"
TWO: Final = (TRADE, "EURJPY sell stop_points=600")
BAD: Final = """NOPE buy stop=1|_ buy stop=1|A_SYMBOL_OF_MORE_THAN_29_CHARACTERS buy stop=1|EURUSD hold stop=1.08
EURUSD Buy stop=1.08|EURUSD buy|EURUSD buy stop=NaN|EURUSD buy stop=Infinity|EURUSD buy stop=abc|EURUSD buy stop=-1
EURUSD buy stop=1.09|EURUSD sell stop=1.08|EURUSD buy stop=1.0852|EURUSD buy stop=1.08515|EURUSD buy stop=0.2
~ stop_points=300|~ target=1.08|~ target=1.1 rr=2|~ rr=0|EURUSD buy rr=2|EURUSD buy stop_points=0
EURUSD buy stop_points=1E20|EURUSD buy atr_stop=1E-13|~ confidence=1.5|~ confidence=75|~ confidence=-1%
~ confidence=NaN|~ score=101|~ score=true|~ conviction=6|~ regime=trend|~ regime=5|~ timeframe=H2|~ timeframe=null
EURUSD buy atr_stop=2 timeframe=M5|~ hold=never|~ hold=intraday|~ flat_by=2026-06-10T11:00:00Z
~ flat_by=2026-06-10T20:00:00|~ flat_by=2027-06-10T20:00:00Z|~ flat_by=tonight|~ flat_by=7|~ multiplier=1.1
~ signal_modifier=-1|~ legacy_lots=-0.1|~ type=limit|~ type=market entry=1.08|~ type=iceberg|~ type=limit entry=1.09
~ type=stop entry=1.08|XAUUSD buy stop=2300 type=limit entry=2341.75|XAUUSD buy stop=2341.45|~ oco_group=7
EURUSD sell reduce=0|EURUSD sell reduce=true|EURUSD sell reduce=1.5|EURUSD sell reduce=9|EURUSD sell volume=0
EURUSD sell volume=0.1|EURUSD sell volume=NaN|BTCUSD buy stop_points=300|AAPL buy stop_points=300
~ rr=0.5 confidence=0.5|~ confidence=0.2|~ also=nobody|~ target=1.0853|EURUSD buy stop=0.9|~ score=0|~ conviction=0"""
EXITS: Final = """XAUUSD sell reduce=70000031|XAUUSD sell reduce=70000031 volume=0.1
XAUUSD sell reduce=70000031 volume=5|XAUUSD sell reduce=70000031 volume=0.001|XAUUSD buy reduce=70000031
EURUSD sell reduce=70000031|XAUUSD sell volume=0.1|US500 sell reduce=70000032 volume=1.237
USDJPY sell reduce=70000034 volume="0.2"|USDJPY sell volume=0.3|USDJPY sell reduce=70000034 stop=1
EURUSD sell volume=0.1|US500 sell reduce=1|US500 buy stop=5300 rr=2|US500 sell stop=5400 rr=2|US500 sell stop=5400
USDJPY sell stop=151 target=149|USDJPY buy stop_points=900|XAUUSD sell stop=2300|XAUUSD sell
XAUUSD sell stop=2400 confidence=0.2|EURUSD buy entry=1.08 stop=1.07|NAS100 sell reduce=5"""
FAULTS: Final = """a.equity=-1|a.balance=0|a.equity="NaN"|a.trade_allowed=false|terminal_info.connected=false
a.leverage=0|a.margin_mode=9|a.server="Other"|a.margin=80000|server_utc_offset=7200|format="other"|symbols={}
symbols.USDJPY=null|captured_at="2026-06-10T12:00:09Z"|captured_at="2026-06-10T11:59:30Z"|t.ask=0|t.ask=1.08
t.time_msc=1781103000000|t.time_msc=0|t.time_msc=1781103900000|i.trade_mode=0|i.trade_mode=2|i.trade_mode=3
i.volume_step=0|i.volume_min=3|i.volume_max=0.2|i.volume_limit=0.55|i.trade_tick_size=-1|i.trade_tick_value=0
i.trade_tick_value=2|i.trade_calc_mode=64|i.trade_calc_mode=5|i.trade_calc_mode=99|i.trade_contract_size=50000
i.swap_mode=99|i.swap_long=-900|i.trade_stops_level=900|i.order_mode=0|i.filling_mode=0|i.trade_exemode=2
i.currency_profit="NOK"|i.path="Stocks/X"|symbols.EURUSD.rates={}|symbols.EURUSD.rates.H1.close.9=-1
symbols.EURUSD.rates.H1.time.9=9|symbols.XAUUSD.tick.ask=0|positions.0.sl=0|positions.0.sl=2400|positions.0.volume=0
positions.0.symbol="ABC"|positions.2.tp=0|positions.0.profit=-4100|positions.0.profit=-5700|positions.0.profit=9000
positions=[]|orders=[]|orders.0.sl=0|orders.0.volume_current=40|deals=[]|deals.0.profit=0|deals.0.profit=50000
deals.0.type=3|a.balance=95000|t.bid=0 t.ask=0|i.volume_limit=0.5|symbols.GER40.info.currency_profit="NOK"
symbols.GER40.info.trade_calc_mode=32|symbols.GER40.info.volume_step=0.7|symbols.GER40.info.path="Crypto"|a.currency_digits=0"""
"""One thing wrong or only different in the terminal: `a` the account, `t` the tick and `i` the contract of EURUSD."""
FLAT: Final = "positions=[] orders=[] a.margin=0 deals.0.profit=50000 a.balance=52150.43"
SHORT: Final = {"a": "account_info", "t": "symbols.EURUSD.tick", "i": "symbols.EURUSD.info"}
LIFE: Final = f"""{TRADE} signal_id=a ttl=60|{TRADE} signal_id=a ttl=60|claim 1|claim 2|claim 2
XAUUSD sell stop_points=2000 fenced=1|claim 3|rejected 3 no money|rejected 3 no money|cancel 3|lost 3 timeout
GBPUSD sell stop_points=300 key=k ttl=60|GBPUSD sell stop_points=300 key=k ttl=60|GBPUSD sell stop_points=400 key=k
cancel 4|cancel 4|claim 4|US500 sell stop_points=3000 oco_group=g|US500 buy entry=5300 stop=5270 oco_group=g|claim 7
send 7|EURUSD sell stop_points=300 also=kelly_atr,dual_cap|send 2|quote EURUSD 1.083|EURUSD buy stop_points=300
advance 15|USDJPY buy stop_points=300 ttl=20 fenced=1|advance 60|claim 11|USDJPY buy stop_points=300
US500 sell stop_points=3000|EURJPY sell stop_points=600 fenced=1 ttl=60|claim 14|placed 14 123
USDJPY sell reduce=70000034|GBPUSD buy stop_points=300|US500 sell stop_points=3000 reserve=0
NAS100 buy stop_points=9000|claim 18|lost 18 timeout|NAS100 buy stop_points=9000|advance 400
NAS100 buy stop_points=9000|buy BTCUSD 0.05|GBPUSD buy stop_points=300|placed 11 7|GBPUSD buy stop_points=300"""
FALL: Final = f"""{TRADE}|claim 1|send 1|buy US500 30|quote US500 5100|{TRADE}|advance 20|{TRADE}|quote US500 5000
{TRADE}|advance 20|{TRADE}|quote US500 5350|{TRADE}|US500 sell reduce=70000032|advance 40000|{TRADE}"""
DAYS: Final = f"""advance 21600|{TRADE}|advance 21600|{TRADE}|advance 86400|EURUSD sell stop=1.09
US500 sell stop_points=3000|advance 28800|EURUSD sell stop=1.09|advance 40000|EURUSD sell stop=1.09|advance 50000
{TRADE}|BTCUSD buy stop_points=90000|AAPL buy stop_points=300|advance 150000|AAPL buy stop_points=300
EURUSD sell stop=1.09"""
FORMS: Final = "300 rr=2|900|50 confidence=0.8 rr=3|1500 score=70 regime=crisis|700 also=kelly_atr"
PAST: Final = """rules=ftmo_1step|rules=the5ers_bootcamp_funded|rules=e8_one|rules=topstep_xfa_50k
caps.on=["daily_halt","drawdown_halt"] caps.daily_halt.loss_pct=3% caps.drawdown_halt.drawdown_pct=5%"""
ACCOUNTS: Final = """throttle.per_minute=2|account.login=7 account.server=Elsewhere|account.login=7
account.foreign_trades=halt|account.day_start=103000 account.day_start_on=2026-06-10|terminal.server_utc_offset=7200
initial=50000|account.epoch=3|policy.max_concentration=0%|account.day_start=103000|caps.on=[] policy.basis=initial"""
GUIDE: Final = """account_balance=180791 ml_confidence=75 market_score=68 entry_price=57.0 stop_loss=56.5
target_price=58.5 tick_value=0.2 tick_size=0.01 contract_size=20 symbol=USOILF26 direction=BUY regime=TRENDING
volatility=1.2 current_atr=0.0 open_positions=[{"symbol":"XAUUSD","side":"buy","risk":270.98}]
ftmo_distance_to_daily=2522.96 ftmo_distance_to_dd=9722.96 max_lot_broker=50 min_lot=0.01 lot_step=0.01"""
CALLS: Final = """lot_step=0.1|account_balance=NaN|account_balance=0|account_balance="180791"|account_balance=null
ml_confidence=101|ml_confidence=null|ml_confidence=50|ml_confidence=20|ml_confidence=-1|market_score=101
market_score=null|market_score=30|entry_price=0|entry_price=Infinity|stop_loss=57|stop_loss=58|stop_loss=0
target_price=0|target_price=56|target_price=57.1|tick_value=-1|tick_value=2|tick_size=0|contract_size=x|symbol=
symbol=7|symbol=EURUSD|direction=SELL|direction=up|direction=sell stop_loss=57.5 target_price=55
direction=1 stop_loss=57.5 target_price=0|regime=|regime=null|regime=crisis|regime=odd|regime=ranging|volatility=-1
volatility=null|current_atr=0.4|current_atr=5|current_atr=NaN|open_positions=[]|open_positions=null
open_positions=[{"symbol":"EURUSD","type":1}]|open_positions=[{"side":"buy"}]
open_positions=[{"symbol":"USOILF26","type":0,"sl":56.6,"price_current":56.9,"volume":2.0}]|ftmo_distance_to_daily=0
open_positions=[{"symbol":"XAUUSD","side":"buy","risk":-1}]|ftmo_distance_to_daily=-50|ftmo_distance_to_dd=300
ftmo_distance_to_dd=NaN|max_lot_broker=0.5|max_lot_broker=0|min_lot=12|min_lot=100|lot_step=0|lot_step=0.03
min_lot=0.015|account_balance=10000 ftmo_distance_to_daily=500 ftmo_distance_to_dd=1000|account_balance=true
account_balance=1E16"""
STORE: Final = '[store]\npath = "store"\n\n[terminal]\nname = "simulated"\n'
COMMAND_FILES: Final[Mapping[str, str]] = {
    "elite-sizer.toml": STORE,
    "orders.toml": STORE + "[orders]\nenabled = true\nmagic = 77\n",
    "shadow.toml": f"sizer = 'shadow'\nlegacy = 'dual_cap'\n{STORE}",
    "typo.toml": "sizr = 'elite'\n[caps.per_trade]\nrisk_pct = 2\n[policy]\nbasis = 'most'\n",
    "broken.toml": "sizer = \n",
    "own.toml": f"legacy = 'corpus_own:nobody'\n{STORE}",
    "custom.toml": STORE + "[account]\nrules = 'custom'\n[rules.custom]\nday = 'Europe/Prague 00:00'\ndaily = '4%'\n"
    "daily_of = 'initial'\ndaily_ref = 'max'\noverall = '8%'\noverall_peak = 'equity'\noverall_lock = '0'\n"
    "inclusive = true\n",
    "signals.json": """[{"symbol": "EURUSD", "side": "buy", "score": 88, "stop": "1.08"},
 {"symbol": "XAUUSD", "side": "sell", "score": 91, "stop_points": 2000}, {"symbol": "NOPE", "side": "buy", "score": 71},
 {"symbol": "US500", "side": "buy", "score": 75, "stop": "5400"}, {"symbol": "SAP", "side": "sell", "score": 69}]""",
    "table.csv": "symbol,side,score,stop_points,rr\nEURUSD,buy,72,300,2\nUSDJPY,sell,80,400,\nUSOIL,buy,90,50,\n",
    "empty.txt": "",
}
COMMANDS: Final[Mapping[str, str]] = {
    "size": """size EURUSD buy --stop-points 250|size USOIL buy --stop-points 50 --rr 3 --confidence 75% --score 68
size XAUUSD sell --atr-stop 2 --rr 2|size US500 buy --stop-points 3000 --also kelly_atr,dual_cap
size EURUSD buy --entry 1.08 --type limit --stop 1.07 --atr-target 4|size BTCUSD buy --stop 66000 --regime volatile
size AAPL buy --stop 100|size NOPE buy --stop 1|size EURUSD buy|size EURUSD hold --stop 1|size EURUSD buy --stop nan
size XAUUSD sell --reduce 70000031|size XAUUSD sell --reduce 1|size ~ --no-log|size ~ --no-log --reserve
size ~ --reserve --signal-id s|size ~ --hold intraday --flat-by 2026-06-10T20:00:00Z|size ~ --config custom.toml
size ~ --legacy-lots 9 --config shadow.toml|size ~ --config typo.toml|size ~ --config broken.toml
size ~ --config own.toml|size EURUSD buy --config no.toml|size ~ --rules nonsense|size ~ --profile nonsense
size EURUSD buy --terminal no
size ~ --initial 100,000 --conviction 4.7 --timeframe H4 --profile conviction --multiplier 0.5
size ~ --initial 50000|size EURUSD buy --initial much|size EURUSD buy --recording no.json
size EURUSD buy --terminal recording|size EURUSD buy --now yesterday|verify""",
    "captures": """size EURUSD buy --stop 1.08652 --recording eurusd_2022.json --initial 10000
size EURUSD buy --stop 1.08652 --recording eurusd_2022.json --initial 10000 --now 2022-03-11T21:54:59Z
size Ger40 sell --stop 25595.92 --recording ger40_2026.json --initial 10000|audit --recording eurcad_2020.json
size EURCAD buy --stop-points 500 --recording eurcad_2020.json --initial 100000|status --recording eurcad_2020.json
status --recording eurusd_2022.json --initial 10000|performance --recording eurcad_2020.json|verify""",
    "day": """status|audit|audit --days 30|performance|compare|size ~ --reserve|audit
size XAUUSD sell --stop 2360 --reserve|size US500 sell --stop 5400|size EURUSD sell --stop 1.09 --config shadow.toml
flag show|flag shadow|flag show|size GBPUSD buy --stop-points 300|compare|compare --symbol EURUSD --worst 1
compare --since 2026-06-11|compare --since soon|flag legacy|size GBPUSD buy --stop-points 300|flag elite|journal
journal --last 2 --symbol EURUSD|journal --csv table.csv|status|status --all NOW|halt --reason news NOW|status
flag show|size ~|size XAUUSD sell --reduce 70000031|resume --reason _ NOW|resume --reason over NOW|status
size ~ --rules e8_one|status --rules topstep_combine_50k|status --initial 50000|verify
verify store/decisions-2026-06-10.jsonl|verify no.jsonl""",
    "order": """order EURUSD buy --stop-points 250 --rr 2|order EURUSD buy --stop-points 250 --rr 2 --dry-run
order XAUUSD sell --atr-stop 2.5 --rr 2 --dry-run|order ~ --yes --config orders.toml|order ~ --config orders.toml
order EURUSD buy --entry 1.08 --stop 1.07 --yes --config orders.toml
order US500 sell --stop 5400 --yes --config orders.toml|order EURUSD buy --yes --config orders.toml
order BTCUSD buy --stop 66000 --dry-run --config orders.toml|order NOPE buy --stop 1 --dry-run
order AAPL buy --stop 100 --yes --config orders.toml|verify""",
    "batch": """size-batch signals.json|size-batch signals.json --profile dual_cap|size-batch table.csv
size-batch no.json|size-batch table.csv --reserve|size-batch - < signals.json|size-batch orders.toml
size-batch - < empty.txt|verify""",
    "config": """config show|config show caps --profile kelly_atr|config show nonsense
config check --config orders.toml|config show --profile dual_cap --rules e8_one|config check --config typo.toml
config check --config custom.toml|config init mine.toml --rules ftmo_1step --initial 50000 --open-stop gap
config init other.toml --open-stop never""",
    "headroom": """headroom --initial 200000 --balance 194884.06 --equity 195159.09 --day-start-balance 194494.96 NOW
headroom --initial 100000 --balance 94000 --equity 94000 --day-start-balance 100000 NOW|headroom --balance 5
headroom --initial 50000 --rules apex_eod_50k --balance 51000 --equity 50900 --day-start-balance 50500 --peak 52000 NOW
headroom < empty.txt""",
    "program": """--help|--version|size --help|order --help|sizes EURUSD|size|size EURUSD buy --stp 1|demo
record paper.json XAGUSD|record paper.json --force --mask|size XAGUSD buy --stop-points 500 --recording paper.json""",
}
"""Each is run as it stands and once more with --json; NOW stands for the fixed clock, _ for an empty text."""
UNSTEADY: Final = {"--json demo"}
"""What is not the same every time: the digest of the demo's configuration counts the name of its temporary folder."""

# how it is asked


class World(NamedTuple):
    """Where a trader stands, and what is asked there in order; names with the same part before a / share a record."""

    name: str
    lines: Sequence[str]
    options: str = ""
    """Keys of the configuration; where they name a store, room is reserved too."""
    changes: str = ""
    """What is different in the capture."""
    terminal: str = "paper"
    """`simulated`, `host`, or a capture: the `paper` terminal's, or a published one."""
    files: Mapping[str, str] = {}


class Corpus:
    """The answers so far, and the folder in which they are made."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.case, self.calls = folder, "", 0
        self.places = {str(folder): "<folder>"}
        self.said: list[str] = []
        self.lines: dict[str, str] = {}

    def noise(self, count: int, /) -> bytes:
        """Stand for os.urandom: bytes of the case alone, so that a changed case leaves the others as they were."""
        self.calls += 1
        return hashlib.shake_256(f"{self.case} {self.calls}".encode()).digest(count)

    def heard(self, record: logging.LogRecord) -> bool:
        """Keep what the program logs, without the names of its modules and without tracebacks, and print nothing."""
        self.said.append(f"{record.levelname} {record.getMessage()}")
        return False

    def add(self, case: str, kind: str, ask: Callable[[], object]) -> None:
        """Ask, and keep the answer, or the exception that a caller would have seen."""
        self.case, self.calls, self.said = case, 0, []
        try:
            answer = ask()
        except Exception as error:  # noqa: BLE001 - an exception is an answer too
            answer = {"raised": f"{type(error).__name__}: {error}"}
        line = {"case": case, "kind": kind, "answer": answer, "log": self.said}
        text = json.dumps(line, separators=(",", ":"), default=str)
        for place, name in self.places.items():
            text = text.replace(json.dumps(place)[1:-1], name)
        if self.lines.setdefault(case, text) is not text:
            message = f"two cases are called {case}"
            raise ValueError(message)

    @contextmanager
    def inside(self, name: str, files: Mapping[str, str]) -> Iterator[None]:
        """Work in a folder of that name, with files in it; what no configuration places is kept there too."""
        folder = self.folder / hashlib.sha256(name.encode()).hexdigest()[:16]
        put(folder, {"here": "", **files})
        with chdir(folder), patch.dict(os.environ, {"XDG_STATE_HOME": str(folder)}):
            yield

    def keep(self, name: str, files: str, without: Container[str] = ("here",)) -> None:
        """Keep files, a journal line by line; a digest in a file's name is no name for a case."""
        found = [path for path in sorted(Path().rglob(files)) if path.is_file() and path.name not in without]
        kept = sorted((re.sub("[0-9a-f]{64}", "", path.as_posix()), path.read_text("utf-8"), path) for path in found)
        for place, (shown, text, path) in enumerate(kept):
            for number, part in enumerate(text.splitlines(keepends=True) if path.suffix == ".jsonl" else [text]):
                said = {"file": path.as_posix(), "text": part}
                self.add(f"{name}/{shown}/{place}.{number:03d}", "journal", partial(dict[str, str], said))


def write(target: Path) -> int:
    """Write every case and its answer to a file, from an environment that is the same everywhere."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        corpus, listener = Corpus(Path(temporary).resolve()), logging.Handler()
        search = (str(corpus.folder / "host"), os.environ.get("PYTHONPATH", ""))
        steady = {name: os.environ[name] for name in ("PATH", "TZ", "SYSTEMROOT", "TEMP") if name in os.environ}
        steady |= {"COLUMNS": "80", "LINES": "24", "NO_COLOR": "1", "PYTHONPATH": os.pathsep.join(filter(None, search))}
        steady |= {"HOME": str(corpus.folder), "XDG_CONFIG_HOME": str(corpus.folder)}
        put(corpus.folder, FILES)
        sys.path.append(str(corpus.folder))
        listener.addFilter(corpus.heard)
        logging.getLogger().addHandler(listener)
        logging.getLogger().setLevel(logging.INFO)
        with patch.object(os, "urandom", corpus.noise), patch.dict(os.environ, steady, clear=True):
            import elite_sizer  # noqa: PLC0415 - after the random bytes are fixed

            corpus.places[str(Path(elite_sizer.__file__).parents[1])] = "<program>"
            paper = command_line(corpus)
            for world in worlds(corpus, paper):
                live(corpus, world, paper)
            dropins(corpus)
    target.write_text("\n".join([*corpus.lines.values(), ""]), encoding="utf-8", newline="\n")
    print(f"{len(corpus.lines)} lines")
    return 0


def put(folder: Path, files: Mapping[str, str]) -> None:
    """Write some files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def split(table: str) -> list[str]:
    """Return the entries of a table; ~ stands for the commonest words."""
    return [entry for line in table.replace("~", COMMON).splitlines() for entry in line.split("|")]


def pairs(words: str) -> dict[str, Any]:
    """Return what `key=value key=value` says."""
    return {key: read(value) for key, _, value in (word.partition("=") for word in words.split())}


def read(value: str) -> Any:  # noqa: ANN401 - JSON
    """Return a value as JSON reads it, else the text itself."""
    try:
        return json.loads(value)
    except ValueError:
        return value


# the command line


def command_line(corpus: Corpus) -> Any:  # noqa: ANN401 - JSON
    """Run all commands; return the paper terminal's capture, which the last of them makes, with few of its bars."""
    published = {path.name: path.read_text("utf-8") for path in RECORDINGS}
    for name, table in COMMANDS.items():
        entries = [entry.replace(" stop=", " --stop ") for entry in split(table)]
        both = [f"{json_}{entry}" for entry in entries for json_ in ("", "--json ") if json_ + entry not in UNSTEADY]
        group(corpus, name, both, {**COMMAND_FILES, **(published if name == "captures" else {})})
    scenarios = json.loads((TESTS / "data" / "prop_firms_scenarios.json").read_text("utf-8"))["scenarios"]
    typed = {f"{one['id']}.json": json.dumps({"rule_id": one["rule_id"], **one["inputs"]}) for one in scenarios}
    group(corpus, "scenarios", [f"--json headroom < {name}" for name in typed], typed)
    group(corpus, "paper", [f"record paper.json --terminal simulated {SYMBOLS.replace('|', ' ')}"], {})
    with corpus.inside("paper", {}):
        paper = json.loads(Path("paper.json").read_text("utf-8"))
    for frame, bars in (entry for symbol in paper["symbols"].values() for entry in symbol["rates"].items()):
        bars.update({column: values[-BARS[frame] :] for column, values in bars.items()})
    return paper


def group(corpus: Corpus, name: str, commands: Sequence[str], files: Mapping[str, str]) -> None:
    """Run commands one after the other in a folder, then keep what they have written there."""
    with corpus.inside(name, files):
        for number, words in enumerate(commands, 1):
            corpus.add(f"{name}/{number:02d} {words}", "cli", partial(run, words))
        for ending in ("jsonl", "json", "toml", "csv"):
            corpus.keep(name, f"*.{ending}", files)


def run(words: str) -> dict[str, object]:
    """Run one command in this process; return what a shell would see of it."""
    from elite_sizer.cli.__main__ import main as command  # noqa: PLC0415 - after the random bytes are fixed

    said, _, source = words.removeprefix("--json ").replace("NOW", f"--now {NOON.isoformat()}").partition(" < ")
    arguments = [*shlex.split(said.replace(" _ ", " '' ")), *(["--json"] if words.startswith("--json ") else [])]
    stdin, raw = io.StringIO(Path(source).read_text("utf-8") if source else ""), (io.BytesIO(), io.BytesIO())
    out, err = (io.TextIOWrapper(one, encoding="utf-8", newline="\n", write_through=True) for one in raw)
    with redirect_stdout(out), redirect_stderr(err), patch.object(sys, "stdin", stdin):
        code = command(arguments)
    return {"args": arguments, "code": code, "out": raw[0].getvalue().decode(), "err": raw[1].getvalue().decode()}


# from Python


def worlds(corpus: Corpus, paper: Mapping[str, Any]) -> Iterator[World]:
    """Yield every situation; the bulk is a grid of ideas under each configuration."""
    for place, options in enumerate(split(CONFIGS)):
        yield World(f"grid {options}", grid(paper, 18, place), options)
        if place % 2 == 0:
            yield World(f"paper {options}", grid(paper, 4, place + 7), options, terminal="simulated")
    for name, *settings in (entry.split() for entry in split(CAPS)):
        chosen = " ".join([f'caps.on=["{name}"]', *(f"caps.{name}.{setting}" for setting in settings)])
        yield World(f"cap {name} {settings}", TWO, chosen)
    for name, _, limit in (entry.partition("=") for entry in split(FIRM)):
        yield World(f"firm {name}", TWO, f'rules={{"ftmo_2step":{{"limits":{{"{name}":{limit}}}}}}}')
    for change in split(FAULTS):
        yield World(f"fault {change}", [TRADE, "GER40 sell stop_points=9000"], changes=change)
    yield World("rules", TWO, "rules=nonsense")
    known = json.loads(corpus.lines[f"rules/01 {TRADE}"])["answer"]["reason"][1].partition("known are ")[2]
    for options in (f"rules={name}" for name in known.split(", ")):
        yield World(options, TWO, options)
        yield World(f"{options} flat", TWO, f"{options} initial=50000", FLAT)
    for path in RECORDINGS:
        document = json.loads(path.read_text("utf-8"))
        symbol, size = next(iter(document["symbols"])), 10 ** len(str(int(document["account_info"]["balance"])))
        lines = [f"{symbol} {side} stop_points={form}" for side in ("buy", "sell") for form in split(FORMS)]
        for options in ("profile=ftmo", "profile=conviction", "profile=dual_cap"):
            yield World(f"{path.stem} {options}", lines, f"{options} initial={size}", terminal=path.stem)
    yield from records()


def records() -> Iterator[World]:
    """Yield the situations in which a part is mistaken, leaves, or has a past."""
    store, leave = "store=store", "XAUUSD sell reduce=70000031"
    yield World("host", [*split(EXITS)[:2], *TWO, *split(BAD)[:9]], "terminal.deadline_seconds=60", terminal="host")
    yield World("bad", split(BAD))
    yield World("bad legacy", split(BAD)[::3], "guard=off sizer=legacy", terminal="simulated")
    yield World("exits", split(EXITS))
    yield World("exits netting", split(EXITS), changes="a.margin_mode=0")
    small = f"{store} sizers.elite.base_risk_pct=0.2% sizers.fixed_risk.risk_pct=0.2%"
    for sizer in ("elite", "shadow"):
        yield World(f"life {sizer}", split(LIFE), f"{small} sizer={sizer}", terminal="simulated")
    yield World("fall", split(FALL), f"{small} policy.open_stop=gap", terminal="simulated")
    yield World("days", split(DAYS), "account.phase=funded", terminal="simulated")
    for options in split(PAST):
        for number, profit in enumerate((45.4, 6000, 45.4, -1500, 45.4, -9000, 45.4)):
            yield World(f"past {options}/{number}", TWO, f"{store} {options}", f"positions.0.profit={profit}")
    for number, epoch in enumerate((0, 0, 1, 0)):
        yield World(f"epoch/{number}", [TRADE], f"{store} initial={100_000 + number} account.epoch={epoch}")
    for options in split(ACCOUNTS):
        yield World(f"account {options}", [TRADE, "claim 1", TRADE, "claim 2", TRADE, leave], f"{store} {options}")
    for name, text in (("STOP", "news"), ("flag", "legacy"), ("flag", "nonsense"), ("elite-sizer.db", "no database")):
        yield World(f"file {name} {text}", [TRADE, leave], store, files={f"store/{name}": text})
    news = {"news.csv": "time,before,after,symbols,currencies,name\n2026-06-10T12:01:00Z,2,2,,USD,US CPI\n"}
    for window in ('sessions={"forex":"13:00\\u0020-\\u002020:00"}', "news=news.csv", "news=nowhere.csv"):
        yield World(f"blackout {window}", TWO, f"blackout.{window}", files=news)


def grid(paper: Mapping[str, Any], count: int, shift: int) -> list[str]:
    """Return ideas in which every field takes its forms in turn."""
    lines, names = [], split(SYMBOLS)
    for place in range(shift * count, shift * count + count):
        name, sign = names[place % len(names)], 1 - 2 * (place % 2)
        info, tick = paper["symbols"][name]["info"], paper["symbols"][name]["tick"]
        market, away = tick["ask" if sign > 0 else "bid"], sign * (0.003, 0.006, 0.012)[place % 3]
        shares = {"stop": -away, "far": -2 * away, "target": 2.5 * away, "below": -sign * 0.002, "above": sign * 0.002}
        prices = {key: f"{market * (1 + share):.{info['digits']}f}" for key, share in shares.items()}
        prices["points"] = str(round(abs(away) * market / info["point"]))
        forms = [row[(place + shift) % len(row)] for row in (field.split("|") for field in GRID.splitlines())]
        words = " ".join(form.format(**prices) for form in forms if form)
        lines.append(f"{name} {'buy' if sign > 0 else 'sell'} {words}")
    return lines


def live(corpus: Corpus, world: World, paper: Mapping[str, Any]) -> None:
    """Open a world and ask its lines; then keep its configuration, and compute its journal again."""
    from elite_sizer import Sizer  # noqa: PLC0415 - after the random bytes are fixed

    opened: list[Sizer] = []
    with corpus.inside(world.name.partition("/")[0], world.files):
        options = {**terminal(world, paper), **pairs(world.options)}
        start = partial(Sizer.from_config, options=options, caller="bot")
        corpus.add(f"{world.name}/open", "python", lambda: opened.append(start()))
        for sizer in opened:
            if world.terminal == "host":
                name = "terminal" if hasattr(sizer, "terminal") else "desk"
                setattr(sizer, name, getattr(sizer, name)._replace(clock=lambda: NOON))
            made: list[Decision] = []
            for number, line in enumerate(world.lines, 1):
                ask = partial(step, sizer, made, line, reserve="store" in options)
                corpus.add(f"{world.name}/{number:02d} {line}", "python", ask)
            sizer.close()
        corpus.keep(world.name, "config-*.json")
        for path in sorted(Path().rglob("decisions-*.jsonl")):
            corpus.add(f"{world.name}/verify {path.name}", "cli", partial(run, f"--json verify {path.as_posix()}"))


def terminal(world: World, paper: Mapping[str, Any]) -> dict[str, object]:
    """Return the options that name a world's terminal; a capture is written here, with what is different in it."""
    if world.terminal in {"simulated", "host"}:
        return {"terminal": world.terminal}
    source = next((path for path in RECORDINGS if path.stem == world.terminal), None)
    document = json.loads(json.dumps(paper) if source is None else source.read_text("utf-8"))
    for path, value in pairs(world.changes).items():
        head, _, rest = path.partition(".")
        *above, last = f"{SHORT.get(head, head)}.{rest}".strip(".").split(".")
        part = document
        for key in above:
            part = part[int(key)] if isinstance(part, list) else part[key]
        part[int(last) if isinstance(part, list) else last] = value
        if value is None:
            del part[last]
        if last in {"profit", "balance"}:
            floating = sum(one["profit"] + one["swap"] for one in document["positions"])
            document["account_info"]["equity"] = round(document["account_info"]["balance"] + floating, 2)
    put(Path(), {"case.json": json.dumps(document)})
    return {"recording": "case.json"}


def step(sizer: Sizer, made: list[Decision], line: str, *, reserve: bool) -> object:
    """Ask for a size, or do what the first word says to a decision named by its number, or to the paper terminal."""
    verb, *words = line.split()
    if verb in DECIDED:
        return DECIDED[verb](sizer, made[int(words[0]) - 1], words[-1])
    if verb in {"advance", "quote", "buy"}:
        opened = getattr(sizer, "terminal", None) or sizer.desk
        getattr(opened.terminal, verb)(*(read(word) for word in words))
        return str(opened.clock())
    from elite_sizer import TradeIdea  # noqa: PLC0415 - after the random bytes are fixed

    symbol, side, *_ = line.split()
    said = pairs(" ".join(line.split()[2:]))
    terms = {"reserve": reserve, **{name: make(said.pop(key)) for key, (name, make) in TERMS.items() if key in said}}
    before = len(journal())
    decision = sizer.size(TradeIdea(" " if symbol == "_" else symbol, side, **said), **terms)
    made.append(decision)
    plain = {"lots": decision.lots, "outcome": decision.outcome, "code": decision.exit_code, "reason": decision.reason}
    return {**plain, "text": decision.explain(), "line": journal()[before:], "alarms": sizer.alarms}


def journal() -> str:
    """Return the journal in this folder as it stands in its files."""
    return "".join(path.read_text("utf-8") for path in sorted(Path().rglob("decisions-*.jsonl")))


def send(sizer: Sizer, decision: Decision, _: str) -> object:
    """Place an order on the paper terminal as it was decided, and say so."""
    order, request = decision.order, decision.request
    if order is None or request is None:
        return None
    levels = {"stop": float(order.stop or 0), "target": float(order.target or 0)}
    trade = getattr((getattr(sizer, "terminal", None) or sizer.desk).terminal, request.side)
    return sizer.placed(decision, trade(request.symbol, order.volume, **levels, comment=order.comment))


DECIDED: Final[Mapping[str, Callable[[Sizer, Decision, str], object]]] = {
    "claim": lambda sizer, decision, _: sizer.claim(decision),
    "cancel": lambda sizer, decision, _: sizer.cancel(decision),
    "placed": lambda sizer, decision, word: sizer.placed(decision, int(word)),
    "rejected": lambda sizer, decision, word: sizer.rejected(decision, word),
    "lost": lambda sizer, decision, word: sizer.lost(decision, word),
    "send": send,
}
TERMS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "key": ("idempotency_key", str),
    "ttl": ("ttl", lambda value: timedelta(seconds=value)),
    "also": ("also", lambda value: tuple(value.split(","))),
    "fenced": ("fenced", bool),
    "reserve": ("reserve", bool),
}


def dropins(corpus: Corpus) -> None:
    """Make the guide's call under several configurations, each with good and bad arguments."""
    from elite_sizer.dropin import ElitePositionSizer  # noqa: PLC0415 - after the random bytes are fixed

    for place, options in enumerate(split(CONFIGS)):
        with corpus.inside(f"dropin {options}", {}):
            guide = ElitePositionSizer(pairs(options), clock=lambda: NOON)
            for change in split(CALLS) if place < SHOWN else split(CALLS)[place % 9 :: 9]:
                call = partial(guide.calculate_position_size, **pairs(GUIDE) | pairs(change))
                corpus.add(f"dropin {options}/{change}", "dropin", call)
            corpus.keep(f"dropin {options}", "*.json*")


# comparing


def compare(before: Path, after: Path) -> int:
    """Say what changed: nothing, digests alone, or answers, these by the place where they first differ."""
    texts = (path.read_text(encoding="utf-8").splitlines() for path in (before, after))
    old, new = ({json.loads(line)["case"]: line for line in text} for text in texts)
    both = [case for case in old if case in new]
    changed = [case for case in both if old[case] != new[case]]
    real = [case for case in changed if neutral(old[case]) != neutral(new[case])]
    places: dict[str, list[str]] = {}
    for case in real:
        place, was, now = first(json.loads(neutral(old[case])), json.loads(neutral(new[case])))
        places.setdefault(place, []).append(f"{case}\n      {was!s:.300}\n      {now!s:.300}")
    print(f"{len(both) - len(changed)} identical, {len(changed) - len(real)} differ in digests or the version only")
    print(f"{len(real)} differ, {len(old.keys() - new)} are missing, {len(new.keys() - old)} are new")
    for place, cases in sorted(places.items(), key=lambda entry: -len(entry[1])):
        print("\n    ".join([f"{len(cases)} at {place}", *cases[:SHOWN]]))
    odd = [f"missing {case}" for case in old if case not in new] + [f"new {case}" for case in new if case not in old]
    print("".join(f"{line}\n" for line in odd), end="")
    return FOUND if real or odd else 0


def neutral(line: str) -> str:
    """Return a line without digests and version."""
    line = re.sub(r"(sha256:|config-)[0-9a-f]{64}|(elite-sizer )\d+(\.\d+)+", r"\1\2", line)
    return re.sub(r'(version\\*": ?\\*")[^"\\]*', r"\1", line)


def first(old: object, new: object, path: str = "") -> tuple[str, object, object]:
    """Return the place at which two values first differ, and what stands there."""
    old, new = parsed(old), parsed(new)
    if isinstance(old, dict) and isinstance(new, dict) and list(old) == list(new):
        inner = [(f"{path}.{key}", old[key], new[key]) for key in old]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        inner = [(f"{path}[]", was, now) for was, now in zip(old, new, strict=True)]
    else:
        return path, old, new
    found = next(((place, was, now) for place, was, now in inner if was != now), None)
    return (path, old, new) if found is None else first(found[1], found[2], found[0])


def parsed(value: object) -> object:
    """Return JSON that is written in a text, or the lines of one, so that a difference has a place."""
    if not isinstance(value, str):
        return value
    try:
        made = json.loads(value, parse_float=str) if value.startswith(("{", "[")) else None
    except ValueError:
        made = None
    return made or (value.splitlines() if "\n" in value.rstrip("\n") else value)


def main(words: Sequence[str]) -> int:
    """Do what the lines at the top say."""
    match words:
        case ["write", target]:
            return write(Path(target).resolve())
        case ["compare", before, after]:
            return compare(Path(before), Path(after))
        case _:
            print(__doc__)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What other systems have published as the right size, asked of ours; where they are wrong, ours is not.

The published figures with their sources are in data/sizing_peers.json. A lot here is whatever the peer counts: lots,
units, shares, contracts, or money staked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import pytest

from elite_sizer.caps.activity.drawdown_halt import DrawdownHalt
from elite_sizer.caps.broker.free_margin import FreeMargin
from elite_sizer.caps.broker.symbol_lots import SymbolLots
from elite_sizer.caps.exposure.exposure_per_trade import ExposurePerTrade
from elite_sizer.model.context import Cap
from elite_sizer.sizing.pipeline import size
from portfolio.model import Quote, Side
from portfolio.reasons import Refusal
from portfolio.rounding import UP, loss_up
from portfolio.track_record.kelly import kelly
from portfolio.valuation.conversion import Prices
from portfolio.valuation.money_per_lot import loss_per_lot
from tests.builders import NOW, account, context, d, lot, named, sizer, spec
from tests.paths import DATA

Case = Mapping[str, Any]

PEERS: Final[list[Case]] = json.loads((DATA / "sizing_peers.json").read_text(encoding="utf-8"), parse_float=Decimal)[
    "cases"
]
BY_ID: Final = {case["id"]: case for case in PEERS}


def sized(
    money: object = None,
    loss: object = 1,
    *,
    lots: object = None,
    step: object = "0.01",
    least: object = None,
    most: object = 10**9,
    caps: tuple[Cap, ...] = (),
    **lot_uses: Any,  # noqa: ANN401
) -> Decimal:
    """Return what comes out where so much money may be lost, a lot loses so much, and these caps stand."""
    grid = spec("PEER", volume_step=_d(step), volume_min=_d(least or step), volume_max=_d(most))
    asked = sizer(None if money is None else _d(money), lots=None if lots is None else _d(lots))
    made = context("PEER buy", contract=grid, money=lot(_d(loss), **lot_uses))
    return size(made, asked, tuple(named("per_trade", cap) for cap in caps)).lots


def valued(case: Case, side: Side, entry: Decimal, distance: Decimal) -> Decimal:
    """Return what our valuation says that a lot of the peer's symbol loses over the distance."""
    symbol = case["inputs"]["symbol"]
    per_lot = case["inputs"].get("contract_size", 100 if symbol == "XAUUSD" else 100_000)
    tick = UP.multiply(d("0.00001"), _d(per_lot))
    if not symbol.endswith("USD"):
        tick = UP.divide(tick, entry)
    contract = spec(
        symbol,
        calc_mode=2 if symbol == "XAUUSD" else 0,
        contract_size=_d(per_lot),
        tick_size=d("0.00001"),
        tick_value=tick,
        tick_value_loss=tick,
        currency_profit=symbol[3:],
    )
    quote = Quote(symbol, entry, entry, NOW)
    stop = entry - side.sign * distance
    found = loss_per_lot(Prices("USD", {symbol: contract}, {symbol: quote}), symbol, side, entry, stop)
    assert not isinstance(found, Refusal), found
    return found.per_lot


def units(case: Case) -> Decimal:
    """Units of money per price: a contract of one."""
    at = case["inputs"]
    capital = at.get("equity", at.get("capital", at.get("account")))
    share = at["risk"] if "risk" in at else _d(at["risk_pct"]) / 100
    rate = UP.divide(d(1), d(110)) if "exchange_rate" in at else d(1)
    limits: tuple[Cap, ...] = ()
    if "hard_limit" in at:
        limits = (SymbolLots(by_symbol={"PEER": _d(at["hard_limit"])}),)
    if "max_position_pct" in at:
        limits = (ExposurePerTrade(money=_d(capital) * _d(at["max_position_pct"]) / 100),)
    step = at.get("unit_batch", d("0.001") if "precision" in at else 1)
    fee = _d(at.get("fee_rate", 0)) * (_d(at["entry"]) + _d(at["stop"]))
    return sized(
        _d(capital) * _d(share) / at.get("units", 1),
        loss_up(abs(_d(at["entry"]) - _d(at["stop"])) * rate),
        step=step,
        most=10_000_000 if "exchange_rate" in at else 10**9,
        caps=limits,
        cost=fee,
        exposure=_d(at["entry"]),
    )


def staked(case: Case) -> Decimal:
    """A stake is money, and a lot is one unit of it; what is free bounds it."""
    at = case["inputs"]
    bound = ExposurePerTrade(money=min(_d(at["available"]), _d(at["max_stake"])))
    return sized(lots=at["stake"], least=at["min_stake"] or "0.01", caps=(bound,), exposure=1)


def traded(case: Case, side: Side = Side.SELL) -> Decimal:
    """Lots of a currency pair or of gold, a lot valued by our own valuation."""
    at = case["inputs"]
    budget = at.get("risk_money", at.get("max_risk"))
    if budget is None:
        budget = _d(at.get("balance", at.get("equity"))) * _d(at["risk_pct"]) / 100
    pip = d("0.01") if case["inputs"]["symbol"] == "USDJPY" else d("0.0001")
    distance = _d(at["stop_distance"]) if "stop_distance" in at else _d(at["stop_pips"]) * pip
    entry = _d(at.get("price", 2000 if at["symbol"] == "XAUUSD" else "1.1"))
    return sized(budget, valued(case, side, entry, distance), step="0.001" if "units" in case["expected"] else "0.01")


PUBLISHED: Final[Mapping[str, tuple[Callable[[Case], Decimal], str]]] = {
    "nt-zero-equity": (units, "0"),
    "nt-xrate-maxqty": (units, "10000000"),
    "nt-hard-limit": (units, "500000"),
    "nt-units-4-batch-25k": (units, "275000"),
    "nt-multiplier": (lambda case: sized(10_000, 1000 * case["inputs"]["stop_distance"], step=1), "10"),
    "je-risk-short": (units, "5"),
    "lean-lot-0.98": (lambda case: sized(lots=case["inputs"]["quantity"], step=1), "0"),
    "lean-1600": (lambda case: sized(lots=case["inputs"]["quantity"], step=1000), "1000"),
    "lean-maxvalue-100000-100": (
        lambda _: sized(lots=100, step=1, caps=(ExposurePerTrade(money=d(100_000)),), exposure=250_000),
        "0",
    ),
    "lean-maxvalue-1000000-1": (
        lambda _: sized(lots=1, step=1, caps=(ExposurePerTrade(money=d(1_000_000)),), exposure=250_000),
        "1",
    ),
    "ft-stake-22-11-50-10000": (staked, "22"),
    "ft-stake-1000-11-500-10000": (staked, "500"),
    "ft-stake-20-15-10-10000": (staked, "0"),
    "ft-stake-1-15-10-10000": (staked, "0"),
    "ft-stake-1000-None-1000-10000": (staked, "1000"),
    "ts-ff": (units, "153"),
    "ts-ff-large": (units, "800"),
    "ts-cap-position": (units, "64"),
    "bp-eurusd": (traded, "0.025"),  # 2,500 units
    "bp-usdcad": (traded, "1.33"),
    "ff-micro": (traded, "36.00"),
    "eurusd-aj": (traded, "0.20"),
    "eurusd-fth": (traded, "0.50"),
    "xau-fxtool": (traded, "0.40"),
    "xau-5000-10": (traded, "0.10"),
    "xau-globegain": (traded, "0.10"),
    "pfp-size": (traded, "0.50"),
    "nq": (lambda _: sized(1000, 100 * 20, step=1), "0"),  # half a contract is no trade
}
"""What is published and right, and how ours is asked."""

WRONG: Final[Mapping[str, tuple[Callable[[Case], Decimal], str, str]]] = {
    # id: ours, published
    "je-fee": (units, "4.955", "4.97"),  # 4.97 x (20 + 0.18 of fees) = 100.29 of 100
    "lean-lot-0.9999999": (lambda case: sized(lots=case["inputs"]["quantity"], step=1), "0", "1"),
    "xau-20000-8": (traded, "0.37", "0.38"),  # 0.38 x 800 = 304 of 300
    "pfp-minlot-trap": (traded, "0", "0.01"),  # 0.01 x 500 = 5 of 1
    "fips-usdjpy-trap": (traded, "0.50", "0.33"),  # the page takes 10 dollars a pip where it is 6.67
    # 198,568 x 0.5 % x 0.49 x 0.6 x 0.9 x 0.8 = 210.17; 0.11 x 1,916 = 210.76
    "jh-good": (lambda case: sized("210.17", case["inputs"]["risk_per_lot"]), "0.10", "0.11"),
    # 437 x 0.45 x 0.31 = 60.96 of money, and the smallest lot loses 1,916: 31 times the budget
    "jh-collapse-trap": (lambda case: sized("60.96", case["inputs"]["risk_per_lot"], step=1), "0", "1.0"),
}
"""What is published and risks more than its own budget, or is plainly wrong."""

OTHERWISE: Final = frozenset(
    {"ts-kelly", "e8-contract-sizes", "ef-81-commission", "ef-109-margin-cap", "lean-maxdd-0", "lean-maxdd--10000"}
)
"""Cases that are no size of one trade; each has a test of its own below."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_published_and_right_comes_out_here_too(name: str) -> None:
    ours, published = PUBLISHED[name]
    assert ours(BY_ID[name]) == d(published)
    assert BY_ID[name]["quality"] == "ok"


@pytest.mark.parametrize("name", WRONG)
def test_what_is_published_and_wrong_does_not_come_out_here(name: str) -> None:
    ours, right, published = WRONG[name]
    assert ours(BY_ID[name]) == d(right)
    assert d(published) in {d(value) if isinstance(value, str) else value for value in BY_ID[name]["expected"].values()}


def test_every_published_case_is_asked() -> None:
    assert {*BY_ID} == {*PUBLISHED, *WRONG, *OTHERWISE}


def test_a_long_that_loses_in_a_cheaper_currency_gets_less_than_the_calculators_say() -> None:
    """The terminal converts at the price at which the trade closes: 500 CAD / 1.32858 are 376.34, not 374.93."""
    assert traded(BY_ID["bp-usdcad"], Side.BUY) == d("1.32")
    assert traded(BY_ID["fips-usdjpy-trap"], Side.BUY) == d("0.49")


def test_commission_counts_on_both_sides_of_the_trade() -> None:
    # 8.26 at the stop and 2 x 2 a lot on 0.03 lots: 8.38
    at = BY_ID["ef-81-commission"]["inputs"]
    per_lot = lot(loss_up(UP.divide(at["gross_at_stop"], at["lots"])), cost=2 * at["commission_one_way_per_lot"])
    assert round(per_lot.at_stop * at["lots"], 2) == BY_ID["ef-81-commission"]["expected"]["risk"]


def test_margin_caps_what_risk_alone_would_allow() -> None:
    at = BY_ID["ef-109-margin-cap"]["inputs"]
    per_lot = loss_up(UP.divide(at["balance"], at["max_lots_by_margin"]))
    made = context("BTCUSD buy", who=account(at["balance"]), money=lot(1, margin=per_lot))
    cap = named("free_margin", FreeMargin(level=d(0), free_share=d("1.00000001")))
    assert size(made, sizer(lots=at["risk_lots"]), (cap,)).lots == BY_ID["ef-109-margin-cap"]["expected"]["lots"]


@pytest.mark.parametrize(("equity", "halted"), [(100_000, False), (90_000, True)])
def test_a_drawdown_that_is_reached_halts_here_though_the_peer_waits_for_more(equity: int, *, halted: bool) -> None:
    """The peer liquidates beyond 10 % only; a prop account is lost by touching, so reaching it counts."""
    made = context(balance=equity, peak_equity=d(100_000))
    assert (DrawdownHalt(d("0.1"))(made).room is not None) is halted


def test_index_lots_follow_the_firm_s_own_contract_sizes() -> None:
    # 10 x 10 / 5 for E8's US30 and NAS100, 10 x 10 / 20 for its SP500
    sizes = BY_ID["e8-contract-sizes"]["expected"]
    allowed = {
        name: SymbolLots()(context(asset_class="indices", contract=spec(name, contract_size=d(sizes[name])))).room
        for name in ("US30", "NAS100", "SP500")
    }
    assert allowed == {"US30": 20, "NAS100": 20, "SP500": 5}


def test_kelly_is_the_published_fraction() -> None:
    at = BY_ID["ts-kelly"]["inputs"]
    assert kelly(float(at["win_rate"]), float(at["avg_win"] / at["avg_loss"])) == pytest.approx(0.37)


def _d(value: object) -> Decimal:
    assert isinstance(value, (int, str, Decimal))
    return d(value)

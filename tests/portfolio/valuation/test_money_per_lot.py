from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.model import ProfitQuestion, Side, SymbolSpec
from portfolio.reasons import Refusal
from portfolio.valuation.conversion import Prices, conversion
from portfolio.valuation.margin import margin_per_lot
from portfolio.valuation.money_per_lot import Valuation, Worth, exposure_per_lot, gain_per_lot, loss_per_lot, worth
from tests.paths import DATA
from tests.portfolio.books import contract, market, quote

SAMPLES = json.loads((DATA / "valuation_samples.json").read_text(encoding="utf-8"))
PEERS = json.loads((DATA / "valuation_peers.json").read_text(encoding="utf-8"))
CENT = Decimal("0.01")

USDJPY = contract("USDJPY", tick="0.001", value="0.9")
USDCHF = contract("USDCHF", value="1.1")


def loss(priced: Prices, words: str, terminal: str | None = None) -> Valuation | Refusal:
    """Value "EURUSD buy 1.0850 1.0800": symbol, side, entry, stop."""
    symbol, side, entry, stop = words.split()
    answer = None if terminal is None else Decimal(terminal)
    return loss_per_lot(priced, symbol, Side(side), Decimal(entry), Decimal(stop), terminal=answer)


def valued(priced: Prices, words: str, terminal: str | None = None) -> Valuation:
    found = loss(priced, words, terminal)
    assert isinstance(found, Valuation), found
    return found


def refused(priced: Prices, words: str, terminal: str | None = None) -> Refusal:
    found = loss(priced, words, terminal)
    assert isinstance(found, Refusal), found
    return found


def dump(name: str) -> tuple[Prices, SymbolSpec]:
    """Return the market of a published dump: the symbol, its quote, and the pair its tick values converted with."""
    published = SAMPLES["symbols"][name]
    info: dict[str, Any] = published["info"]
    spec = contract(
        info["name"],
        mode=info["trade_calc_mode"],
        size=info["trade_contract_size"],
        tick=info["trade_tick_size"],
        tick_value=info["trade_tick_value_profit"],
        tick_value_loss=info["trade_tick_value_loss"],
        currency_base=info["currency_base"],
        currency_profit=info["currency_profit"],
        currency_margin=info["currency_margin"],
    )
    pairs = [(contract(pair, tick="0.001", value="1"), *rates) for pair, rates in published["rates"].items()]
    return market(published["account_currency"], (spec, info["bid"], info["ask"]), *pairs), spec


# published dumps and results


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        # 0.500 JPY x 100,000 / 111.380 = 448.91362902...
        ("EURJPY 2020", "EURJPY buy 120.041 119.541", "448.913629"),
        # 0.500 x 100,000 / 139.393 = 358.698069...
        ("EURJPY 2022", "EURJPY sell 144.995 145.495", "358.698069"),
        # 0.00500 CAD x 100,000 / 1.41954 = 352.226778...
        ("EURCAD 2020", "EURCAD buy 1.55231 1.54731", "352.226778"),
        # EUR account, so converted at the stop: 0.00500 USD x 100,000 / 1.08652 = 460.184810...
        ("EURUSD 2022", "EURUSD buy 1.09152 1.08652", "460.184810"),
        # 47.98 points x 1 EUR
        ("Ger40 2026", "Ger40 buy 25547.98 25500.00", "47.98"),
        # 0.00500 x 100,000
        ("EURUSD 2026", "EURUSD sell 1.18672 1.19172", "500"),
    ],
)
def test_tick_value_and_formula_agree_on_every_published_dump(name: str, words: str, expected: str) -> None:
    found = valued(dump(name)[0], words)
    assert found.tick_value is not None
    assert found.contract is not None
    assert abs(found.per_lot - Decimal(expected)) < Decimal("0.000001")
    assert abs(found.tick_value - found.contract) < Decimal("0.000001")


def test_option_without_a_formula_needs_the_terminal_beside_its_tick_value() -> None:
    priced = market("BRL", (contract("PETR", mode=35, size="1", tick="0.01"), "0.13", "0.14"))
    assert refused(priced, "PETR buy 0.14 0.10").code == "value_unavailable"
    assert valued(priced, "PETR buy 0.14 0.10", "0.04").per_lot == Decimal("0.04")


def test_published_option_dump_has_mode_35_and_its_tick_value_counts() -> None:
    priced, spec = dump("PETR option 2023")
    assert spec.calc_mode == 35
    found = loss_per_lot(priced, spec.name, Side.BUY, Decimal("0.14"), Decimal("0.10"), terminal=Decimal("0.04"))
    assert found == Valuation(Decimal("0.04"), Decimal("0.04"), None, Decimal("0.04"))


@pytest.mark.parametrize("deal", SAMPLES["deals"]["rows"], ids=lambda deal: f"{deal['symbol']} {deal['profit']}")
def test_published_deals_lost_what_the_formula_says(deal: dict[str, str]) -> None:
    spec = contract(deal["symbol"])
    rate = {"USDCHF": "0.96", "AUDUSD": "0.66336"}[deal["symbol"]]
    value = {"USDCHF": Decimal(1) / Decimal("0.96"), "AUDUSD": Decimal(1)}[deal["symbol"]]
    spec = contract(deal["symbol"], value=str(value))
    found = valued(market("USD", (spec, rate, rate)), f"{deal['symbol']} {deal['side']} {deal['open']} {deal['close']}")
    money = (found.per_lot * Decimal(deal["volume"])).quantize(CENT, ROUND_HALF_UP)
    assert money == -Decimal(deal["profit"])


@pytest.mark.parametrize("row", SAMPLES["order_calc_profit"]["rows"], ids=lambda row: f"{row['symbol']} {row['side']}")
def test_documented_order_calc_profit_samples(row: dict[str, str]) -> None:
    value = "1" if row["symbol"] == "EURUSD" else str(Decimal(100) / Decimal("108.18"))
    tick = "0.00001" if row["symbol"] == "EURUSD" else "0.001"
    rate = "1.085" if row["symbol"] == "EURUSD" else "108.18"
    priced = market("USD", (contract(row["symbol"], tick=tick, value=value), rate, rate))
    found = gain_per_lot(priced, row["symbol"], Side(row["side"]), Decimal(row["open"]), Decimal(row["close"]))
    assert isinstance(found, Decimal)
    assert found.quantize(CENT, ROUND_HALF_UP) == Decimal(row["profit"])


@pytest.mark.parametrize("symbol", SAMPLES["order_calc_margin"]["margins"])
def test_documented_order_calc_margin_samples(symbol: str) -> None:
    lines = [(contract(symbol), "1", "1")] if symbol not in {"EURUSD", "GBPUSD"} else []
    rates = [(contract("EURUSD"), "1.0990", "1.0991"), (contract("GBPUSD"), "1.2272", "1.2273")]
    found = margin_per_lot(market("USD", *lines, *rates), symbol, Side.BUY, Decimal(1), 100)
    assert isinstance(found, Decimal)
    assert found * Decimal("0.1") == Decimal(SAMPLES["order_calc_margin"]["margins"][symbol])


@pytest.mark.parametrize(("symbol", "size"), SAMPLES["e8_contract_sizes"]["sizes"].items())
def test_e8_contract_sizes_are_what_a_point_is_worth(symbol: str, size: str) -> None:
    spec = contract(symbol, mode=4, size=size, tick="0.01", currency_base="USD", currency_profit="USD")
    assert valued(market("USD", (spec, "100", "100")), f"{symbol} buy 120 100").per_lot == 20 * Decimal(size)


@pytest.mark.parametrize("case", PEERS["cases"], ids=lambda case: str(case["id"]))
def test_published_sizes_lose_what_they_were_made_for(case: dict[str, Any]) -> None:
    spec = contract(
        case["symbol"], mode=case["mode"], size=case["size"], tick=case["tick"], currency_profit=case["profit"]
    )
    distance = Decimal(case["distance"])
    answer = distance * Decimal(case["size"]) if case["mode"] == 1 else None
    found = loss_per_lot(
        market("USD", (spec, "1", "1")), case["symbol"], Side.BUY, distance + 100, Decimal(100), terminal=answer
    )
    assert isinstance(found, Valuation), found
    assert found.per_lot * Decimal(case["lots"]) == Decimal(case["loss"])


# calc modes


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("mode", "given", "expected"),
    [
        (0, {}, "20"),  # 2 x 10
        (1, {"value": "3"}, "12"),  # 2 / 0.5 x 3
        (2, {}, "20"),
        (3, {}, "20"),
        (4, {}, "20"),
        (5, {}, "20"),
        (32, {}, "20"),
        (33, {"value": "3"}, "12"),
        (34, {"value": "3"}, "12"),
        (37, {"face_value": "1000", "value": "50"}, "200"),  # 2 % of 1,000 x 10; a tick of 0.5 % is 50
        (38, {}, "20"),
        (39, {"face_value": "1000", "value": "50"}, "200"),
    ],
)
def test_every_documented_calc_mode_by_number(mode: int, given: dict[str, str], expected: str, side: Side) -> None:
    spec = contract("AAAUSD", mode=mode, size="10", tick="0.5", **given)
    priced = market("USD", (spec, "100", "101"))
    found = loss_per_lot(priced, "AAAUSD", side, Decimal(100), Decimal(100 - 2 * side.sign), terminal=Decimal(expected))
    assert found == Valuation(*[Decimal(expected)] * 4)


@pytest.mark.parametrize("mode", [35, 36, 6, 99])
def test_modes_without_a_formula_rest_on_terminal_and_tick_value(mode: int) -> None:
    priced = market("USD", (contract("AAAUSD", mode=mode, size="10", tick="0.5", value="3"), "100", "101"))
    assert valued(priced, "AAAUSD buy 100 98", "12") == Valuation(Decimal(12), Decimal(12), None, Decimal(12))
    assert refused(priced, "AAAUSD buy 100 98").code == "value_unavailable"


def test_collateral_is_not_traded() -> None:
    priced = market("USD", (contract("AAAUSD", mode=64), "1", "1"))
    assert refused(priced, "AAAUSD buy 1.1 1.0", "10000").code == "value_unavailable"


def test_bond_without_a_face_value_has_no_formula() -> None:
    priced = market("USD", (contract("AAAUSD", mode=37, size="1", tick="0.01", value="0.1"), "98", "98"))
    assert valued(priced, "AAAUSD buy 98 97", "10").contract is None


# conversion


def test_conversion_pays_at_the_dearer_side_of_the_quote() -> None:
    priced = market("USD", (contract("EURUSD"), "1.10", "1.20"), (USDJPY, "100", "125"))
    assert conversion(priced, "EUR", "USD", paying=True) == Decimal("1.20")
    assert conversion(priced, "EUR", "USD", paying=False) == Decimal("1.10")
    assert conversion(priced, "JPY", "USD", paying=True) == Decimal("0.01")  # 1 / bid
    assert conversion(priced, "JPY", "USD", paying=False) == Decimal("0.008")  # 1 / ask


def test_conversion_takes_one_cross() -> None:
    priced = market("GBP", (contract("GBPUSD"), "1.25", "1.28"), (USDJPY, "100", "125"))
    # a yen is 1/100 of a dollar at most, a dollar 1/1.25 of a pound at most
    assert conversion(priced, "JPY", "GBP", paying=True) == Decimal("0.008")
    # 1/125 of a dollar at least, 1/1.28 of a pound at least
    assert conversion(priced, "JPY", "GBP", paying=False) == Decimal("0.00625")


def test_conversion_does_not_take_two_crosses() -> None:
    priced = market(
        "GBP", (contract("AAABBB"), "1", "1"), (contract("BBBCCC"), "1", "1"), (contract("CCCGBP"), "1", "1")
    )
    assert conversion(priced, "BBB", "GBP", paying=True) == 1
    found = conversion(priced, "AAA", "GBP", paying=True)
    assert isinstance(found, Refusal)
    assert found.code == "fx_rate_missing"
    assert "AAA into GBP" in found.detail


def test_conversion_prefers_the_pair_itself_to_a_cross() -> None:
    priced = market(
        "USD", (contract("EURUSD"), "1.1", "1.2"), (contract("EURGBP"), "1", "1"), (contract("GBPUSD"), "9", "9")
    )
    assert conversion(priced, "EUR", "USD", paying=True) == Decimal("1.2")


def test_conversion_finds_pairs_by_currency_not_by_name() -> None:
    odd = contract("x-fx.71", currency_base="EUR", currency_profit="USD")
    assert conversion(market("USD", (odd, "1.1", "1.2")), "EUR", "USD", paying=True) == Decimal("1.2")


def test_a_cfd_of_the_same_currencies_is_no_conversion_pair() -> None:
    cfd = contract("EURUSD", mode=4)
    found = conversion(market("USD", (cfd, "1.1", "1.2")), "EUR", "USD", paying=True)
    assert isinstance(found, Refusal)


@pytest.mark.parametrize(("bid", "ask"), [("", ""), ("0", "1"), ("1.2", "1.1"), ("-1", "1")])
def test_a_pair_without_a_usable_quote_converts_nothing(bid: str, ask: str) -> None:
    found = conversion(market("USD", (contract("EURUSD"), bid, ask)), "EUR", "USD", paying=True)
    assert isinstance(found, Refusal)


def test_conversion_takes_the_narrowest_of_several_pairs_whatever_their_order() -> None:
    wide = (contract("EURUSD.w", currency_profit="USD"), "1.0", "1.3")
    tight = (contract("EURUSD.t", currency_profit="USD"), "1.1", "1.2")
    for lines in ((wide, tight), (tight, wide)):
        assert conversion(market("USD", *lines), "EUR", "USD", paying=True) == Decimal("1.2")


def test_the_same_currency_converts_at_one() -> None:
    assert conversion(market("USD"), "USD", "USD", paying=True) == 1


# the deposit currency as the base


def test_loss_converts_at_the_stop_where_the_deposit_currency_is_the_base() -> None:
    spec = contract("USDJPY", tick="0.001", value=str(Decimal(100) / 150))
    found = valued(market("USD", (spec, "150.00", "150.01")), "USDJPY buy 150.00 148.40")
    # 1.60 JPY x 100,000 / 148.40; at today's 150.00 it would be 1,066.67, 1.08 % less
    assert found.contract == Decimal("1078.16711591")
    assert found.tick_value is not None
    assert abs(found.tick_value - Decimal("1078.16711591")) < CENT


def test_a_short_converts_at_its_stop_too() -> None:
    spec = contract("USDJPY", tick="0.001", value=str(Decimal(100) / 150))
    # 1.60 x 100,000 / 151.60 = 1,055.4089...
    assert valued(market("USD", (spec, "150.00", "150.01")), "USDJPY sell 150.00 151.60").contract == Decimal(
        "1055.40897098"
    )


def test_without_its_own_quote_the_tick_value_cannot_be_rebased() -> None:
    priced = market("USD", (USDJPY, "", ""))
    assert refused(priced, "USDJPY buy 150.00 148.40").code == "value_unavailable"
    assert valued(priced, "USDJPY buy 150.00 148.40", "1078.17").tick_value is None


def test_a_stop_at_zero_cannot_be_converted_at() -> None:
    priced = market("USD", (USDJPY, "150", "150"))
    assert refused(priced, "USDJPY buy 150.00 0").code == "value_unavailable"


# agreement


EURUSD = market("USD", (contract("EURUSD"), "1.0850", "1.0851"))


def test_the_largest_of_three_agreeing_ways_counts() -> None:
    assert valued(EURUSD, "EURUSD buy 1.0850 1.0800", "504.99").per_lot == Decimal("504.99")
    assert valued(EURUSD, "EURUSD buy 1.0850 1.0800", "499.99").per_lot == Decimal(500)


@pytest.mark.parametrize(
    ("terminal", "agrees"), [("505", True), ("505.01", False), ("495.05", True), ("495.04", False)]
)
def test_ways_may_differ_by_one_per_cent_of_the_least(terminal: str, agrees: bool) -> None:  # noqa: FBT001 (the claim's other half)
    assert isinstance(loss(EURUSD, "EURUSD buy 1.0850 1.0800", terminal), Valuation) is agrees


def test_a_tick_value_ten_times_too_small_is_refused_with_all_three_figures() -> None:
    # EarnForex/PositionSizer #19: NZDCHF, ten times off, 600 lots advised
    lying = market("USD", (contract("EURUSD", value="0.1"), "1.0850", "1.0851"))
    found = refused(lying, "EURUSD buy 1.0850 1.0800", "500")
    assert found.code == "tick_value_mismatch"
    assert "terminal 500, tick value 50, contract 500" in found.detail


@pytest.mark.parametrize("terminal", ["0", "-500"])
def test_a_terminal_that_sees_no_loss_is_refused(terminal: str) -> None:
    assert refused(EURUSD, "EURUSD buy 1.0850 1.0800", terminal).code == "tick_value_mismatch"


def test_one_way_alone_proves_nothing() -> None:
    no_ticks = market("USD", (contract("EURUSD", tick_value="0", tick_value_loss="0"), "1.0850", "1.0851"))
    assert refused(no_ticks, "EURUSD buy 1.0850 1.0800").code == "value_unavailable"
    assert valued(no_ticks, "EURUSD buy 1.0850 1.0800", "500").tick_value is None


def test_a_missing_rate_is_borne_while_terminal_and_tick_value_agree() -> None:
    stranded = market("USD", (contract("EURNOK", value="0.1"), "11.5", "11.6"))
    found = refused(stranded, "EURNOK buy 11.6 11.5")
    assert found.code == "fx_rate_missing"
    assert "NOK into USD" in found.detail
    assert valued(stranded, "EURNOK buy 11.6 11.5", "1000").contract is None
    assert refused(stranded, "EURNOK buy 11.6 11.5", "100").code == "tick_value_mismatch"


def test_a_missing_rate_is_missing_too_when_only_the_terminal_speaks() -> None:
    stranded = market("USD", (contract("EURNOK", tick_value="0", tick_value_loss="0"), "11.5", "11.6"))
    assert refused(stranded, "EURNOK buy 11.6 11.5", "1000").code == "fx_rate_missing"
    assert refused(stranded, "EURNOK buy 11.6 11.5").code == "fx_rate_missing"


@pytest.mark.parametrize("mode", [1, 33, 34])
def test_futures_formula_is_the_tick_value_again_and_confirms_nothing(mode: int) -> None:
    priced = market("USD", (contract("FUT", mode=mode, tick="0.25", value="5"), "100", "100.25"))
    assert refused(priced, "FUT buy 100 98").code == "value_unavailable"
    assert valued(priced, "FUT buy 100 98", "40").per_lot == 40


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("EURUSD buy 1.0850 1.0850", "stop_zero"),
        ("EURUSD buy 1.0850 1.0900", "stop_wrong_side"),
        ("EURUSD sell 1.0850 1.0800", "stop_wrong_side"),
        ("EURUSD buy NaN 1.0800", "value_not_finite"),
        ("EURUSD buy 1.0850 Infinity", "value_not_finite"),
        ("GBPUSD buy 1.0850 1.0800", "symbol_unknown"),
    ],
)
def test_bad_prices_and_unknown_symbols_are_refused(words: str, code: str) -> None:
    assert refused(EURUSD, words).code == code
    assert isinstance(loss(EURUSD, "EURUSD buy 1.0850 1.0800"), Valuation)


def test_a_terminal_answer_that_is_not_a_number_is_refused() -> None:
    assert refused(EURUSD, "EURUSD buy 1.0850 1.0800", "NaN").code == "value_not_finite"


@pytest.mark.parametrize("field", ["tick_size", "contract_size", "tick_value", "tick_value_loss"])
def test_a_specification_that_makes_no_sense_is_refused(field: str) -> None:
    spec = contract("EURUSD")
    broken = SymbolSpec(**{name: getattr(spec, name) for name in SymbolSpec.__slots__} | {field: Decimal(-1)})
    assert refused(market("USD", (broken, "1", "1")), "EURUSD buy 1.0850 1.0800").code == "symbol_spec_invalid"


def test_target_on_the_wrong_side_is_refused() -> None:
    for target in ("1.0850", "1.0800"):
        found = gain_per_lot(EURUSD, "EURUSD", Side.BUY, Decimal("1.0850"), Decimal(target))
        assert isinstance(found, Refusal)
        assert found.code == "target_wrong_side"


def test_gain_uses_the_tick_value_of_a_profit() -> None:
    split = contract("EURUSD", tick_value="1.005", tick_value_loss="1")
    priced = market("USD", (split, "1.0850", "1.0851"))
    assert gain_per_lot(priced, "EURUSD", Side.BUY, Decimal("1.08"), Decimal("1.09")) == Decimal(1005)
    assert gain_per_lot(priced, "EURUSD", Side.BUY, Decimal("1.08"), Decimal("NaN")) == Refusal(
        "value_not_finite", "EURUSD: entry 1.08, target NaN"
    )


# exposure and margin


@pytest.mark.parametrize(
    ("currency", "spec", "price", "expected"),
    [
        ("USD", contract("EURUSD"), "1.0850", "108500"),  # 100,000 x 1.0850
        ("USD", contract("USDJPY", tick="0.001"), "150", "100000"),  # the base is the deposit currency
        ("USD", contract("XAUUSD", mode=4, size="100", tick="0.01"), "2400", "240000"),
        ("EUR", contract("XAUUSD", mode=4, size="100", tick="0.01"), "2500", "250000"),  # EURUSD at 1.00 below
        ("USD", contract("FUT", mode=33, tick="0.25", value="12.5"), "4000", "200000"),  # 4,000 / 0.25 x 12.5
        ("USD", contract("OPT", mode=35, tick="0.01", value="1", size="1"), "3", "300"),  # 3 / 0.01 x 1
        ("USD", contract("BNDUSD", mode=37, size="1", tick="0.01", face_value="1000"), "98", "980"),  # 98 % of 1,000
        ("USD", contract("OILUSD", mode=4, size="10", tick="0.01"), "-37", "370"),  # April 2020
    ],
)
def test_exposure_is_the_notional_in_deposit_currency(
    currency: str, spec: SymbolSpec, price: str, expected: str
) -> None:
    priced = market(currency, (spec, "1", "1"), (contract("EURUSD.x", currency_profit="USD"), "1.00", "1.00"))
    assert exposure_per_lot(priced, spec.name, Decimal(price)) == Decimal(expected)


def test_exposure_needs_its_rate_and_its_contract() -> None:
    stranded = market(
        "USD", (contract("EURNOK"), "11.5", "11.6"), (contract("OPT", mode=35, tick_value_loss="0"), "1", "1")
    )
    for symbol, code in (("EURNOK", "fx_rate_missing"), ("OPT", "value_unavailable"), ("GBPUSD", "symbol_unknown")):
        found = exposure_per_lot(stranded, symbol, Decimal("11.5"))
        assert isinstance(found, Refusal)
        assert found.code == code


@pytest.mark.parametrize(
    ("mode", "given", "expected"),
    [
        (0, {}, "10"),  # 1,000 / 100
        (2, {}, "50000"),  # 1,000 x 50
        (3, {"value": "2"}, "200000"),  # 1,000 x 50 x 2 / 0.5
        (4, {}, "500"),  # 1,000 x 50 / 100
        (5, {}, "1000"),
        (32, {"last_price": "40"}, "40000"),  # 1,000 x last
        (32, {}, "50000"),  # without a last price the order's
        (38, {"last_price": "40"}, "40000"),
        (37, {"face_value": "100"}, "50000"),  # 1,000 x 100 x 50 / 100
        (39, {"face_value": "100"}, "50000"),
        (1, {"margin_initial": "700"}, "700"),
        (33, {"margin_initial": "700"}, "700"),
        (34, {"margin_initial": "700"}, "700"),
        (34, {"margin_initial": "700", "settlement_price": "60", "value": "2"}, "660"),  # less (60 - 50) x 2 / 0.5
        (34, {"margin_initial": "700", "settlement_price": "40", "value": "2"}, "700"),
        (2, {"margin_initial": "700"}, "700"),  # non-zero in any symbol, it determines the margin
        (35, {"margin_initial": "700"}, "700"),
    ],
)
def test_margin_by_documented_formula(mode: int, given: dict[str, str], expected: str) -> None:
    spec = contract("AAAUSD", mode=mode, size="1000", tick="0.5", currency_margin="USD", **given)
    assert margin_per_lot(market("USD", (spec, "50", "50")), "AAAUSD", Side.BUY, Decimal(50), 100) == Decimal(expected)


def test_forts_discount_is_mirrored_for_a_short() -> None:
    spec = contract(
        "AAAUSD", mode=34, tick="0.5", value="2", margin_initial="700", settlement_price="40", currency_margin="USD"
    )
    # sold 10 above settlement: 700 - 10 x 2 / 0.5
    assert margin_per_lot(market("USD", (spec, "50", "50")), "AAAUSD", Side.SELL, Decimal(50), 100) == 660


@pytest.mark.parametrize(("mode", "leverage"), [(0, 0), (4, 0), (1, 100), (33, 100), (35, 100), (36, 100)])
def test_margin_without_a_formula_or_leverage_is_unavailable(mode: int, leverage: int) -> None:
    found = margin_per_lot(
        market("USD", (contract("EURUSD", mode=mode), "1", "1")), "EURUSD", Side.BUY, Decimal(1), leverage
    )
    assert isinstance(found, Refusal)
    assert found.code == "margin_unavailable"


def test_margin_needs_its_conversion_rate() -> None:
    found = margin_per_lot(market("USD", (contract("EURNOK"), "11", "11")), "EURNOK", Side.BUY, Decimal(11), 100)
    assert isinstance(found, Refusal)
    assert found.code == "fx_rate_missing"
    unknown = margin_per_lot(market("USD"), "EURNOK", Side.BUY, Decimal(11), 100)
    assert isinstance(unknown, Refusal)
    assert unknown.code == "symbol_unknown"


def test_margin_of_a_coin_margined_in_itself_is_not_multiplied_by_its_price_twice() -> None:
    # gym-mtsim: BTCUSD has currency_margin BTC
    spec = contract("BTCUSD", mode=4, size="1", tick="0.01", currency_margin="BTC")
    assert margin_per_lot(market("USD", (spec, "90000", "90000")), "BTCUSD", Side.BUY, Decimal(90000), 100) == 900


# worth, the same for a whole book


def asked(words: str) -> ProfitQuestion:
    symbol, side, opened, close = words.split()
    return ProfitQuestion(symbol, Side(side), Decimal(opened), Decimal(close))


def test_worth_agrees_with_loss_per_lot() -> None:
    for name in ("EURJPY 2020", "EURUSD 2022", "Ger40 2026"):
        priced, spec = dump(name)
        found = worth(priced, spec.name, ())
        assert isinstance(found, Worth)
        entry, stop = priced.quotes[spec.name].ask, priced.quotes[spec.name].ask * Decimal("0.99")
        per_lot = loss_per_lot(priced, spec.name, Side.BUY, entry, stop)
        assert isinstance(per_lot, Valuation)
        assert abs(found.move(entry, stop, entry) - per_lot.per_lot) < Decimal("0.0000001")


def test_worth_is_checked_against_losses_and_gains_of_the_terminal() -> None:
    answers = [(asked("EURUSD buy 1.0850 1.0800"), Decimal(-500)), (asked("EURUSD sell 1.0850 1.0800"), Decimal(504))]
    found = worth(EURUSD, "EURUSD", answers)
    assert found == Worth(Decimal(100800), at_close=False)  # 504 / 0.0050


@pytest.mark.parametrize("money", ["-50", "500", "0"])
def test_worth_refuses_an_answer_that_contradicts(money: str) -> None:
    found = worth(EURUSD, "EURUSD", [(asked("EURUSD buy 1.0850 1.0800"), Decimal(money))])
    assert isinstance(found, Refusal)
    assert found.code == "tick_value_mismatch"
    assert "tick value 100000" in found.detail


def test_worth_passes_over_other_symbols_and_moves_too_small_to_tell() -> None:
    answers = [
        (asked("GBPUSD buy 1.0850 1.0800"), Decimal(-1)),
        (asked("EURUSD buy 1.0850 1.0800"), Decimal(-500)),
        (asked("EURUSD buy 1.0850 1.08499"), Decimal("-1.04")),  # cents are noise on one tick
        (asked("EURUSD buy 1.0850 1.0850"), Decimal(0)),
    ]
    assert worth(EURUSD, "EURUSD", answers) == Worth(Decimal(100000), at_close=False)


def test_worth_checks_answers_converted_at_their_close() -> None:
    priced = market("USD", (contract("USDJPY", tick="0.001", value=str(Decimal(100) / 150)), "150", "150"))
    # -1.60 x 100,000 / 148.40 = -1,078.167..., +2 x 100,000 / 152 = +1,315.789...
    answers = [(asked("USDJPY buy 150 148.4"), Decimal("-1078.17")), (asked("USDJPY buy 150 152"), Decimal("1315.79"))]
    found = worth(priced, "USDJPY", answers)
    assert isinstance(found, Worth)
    assert found.at_close
    assert abs(found.rate - 100000) < 1


def test_worth_of_an_unknown_symbol_is_refused() -> None:
    found = worth(EURUSD, "GBPUSD", ())
    assert isinstance(found, Refusal)
    assert found.code == "symbol_unknown"


def test_profit_of_a_position_on_its_own_base_changes_by_the_exact_amount() -> None:
    # opened at 150, now 140, stop 138: 100,000 x (150/138 - 150/140) = 1,552.795...
    found = Worth(Decimal(100000), at_close=True).move(Decimal(140), Decimal(138), Decimal(150))
    assert found.quantize(Decimal("0.001")) == Decimal("1552.795")


# properties

PRICES = st.decimals("0.5", "200", places=5)
MOVES = st.decimals("0.00001", "0.4", places=5)
SIZES = st.sampled_from([Decimal(1), Decimal(5), Decimal(100), Decimal(100000)])
RATES = st.decimals("0.01", "200", places=4)


def _cross_market(size: Decimal, bid: Decimal, spread: Decimal) -> Prices:
    """Return EURXXX on a USD account that converts over USDXXX."""
    ask = bid + spread
    spec = contract("EURXXX", size=str(size), tick="0.00001", value=str(Decimal("0.00001") * size / bid))
    return Prices(
        "USD",
        {"EURXXX": spec, "USDXXX": contract("USDXXX")},
        {
            "USDXXX": quote("USDXXX", str(bid), str(ask)),
        },
    )


@given(PRICES, MOVES, SIZES, RATES, st.sampled_from(Side))
def test_loss_is_never_below_any_of_its_ways(
    price: Decimal, move: Decimal, size: Decimal, rate: Decimal, side: Side
) -> None:
    priced = _cross_market(size, rate, rate / 1000)
    found = loss_per_lot(priced, "EURXXX", side, price, price - move * side.sign)
    assert isinstance(found, Valuation)
    assert found.per_lot >= max(found.tick_value or 0, found.contract or 0) >= 0
    assert found.per_lot * rate >= move * size


@given(PRICES, MOVES, SIZES, RATES)
def test_long_and_short_mirror_each_other(price: Decimal, move: Decimal, size: Decimal, rate: Decimal) -> None:
    priced = _cross_market(size, rate, rate / 1000)
    long = loss_per_lot(priced, "EURXXX", Side.BUY, price, price - move)
    assert long == loss_per_lot(priced, "EURXXX", Side.SELL, price, price + move)


@given(PRICES, MOVES, SIZES, st.sampled_from([1, 3, 7, 10]))
def test_money_scales_with_the_contract(price: Decimal, move: Decimal, size: Decimal, times: int) -> None:
    one = market("USD", (contract("EURUSD", size=str(size)), "1", "1"))
    many = market("USD", (contract("EURUSD", size=str(size * times)), "1", "1"))
    small = loss_per_lot(one, "EURUSD", Side.BUY, price, price - move)
    large = loss_per_lot(many, "EURUSD", Side.BUY, price, price - move)
    assert isinstance(small, Valuation)
    assert isinstance(large, Valuation)
    assert large.per_lot == small.per_lot * times


@given(PRICES, MOVES, st.integers(-3, 3))
def test_price_units_do_not_matter(price: Decimal, move: Decimal, digits: int) -> None:
    """P17: the same contract quoted in other units, tick size and contract size shifted along."""
    unit = Decimal(10) ** digits
    plain = market("USD", (contract("XAUUSD", mode=4, size="100"), "1", "1"))
    shifted = contract("XAUUSD", mode=4, size=str(100 / unit), tick=str(Decimal("0.00001") * unit), value="0.001")
    there = loss_per_lot(market("USD", (shifted, "1", "1")), "XAUUSD", Side.BUY, price * unit, (price - move) * unit)
    assert there == loss_per_lot(plain, "XAUUSD", Side.BUY, price, price - move)


@given(PRICES, MOVES, MOVES)
def test_a_wider_stop_loses_more(price: Decimal, move: Decimal, more: Decimal) -> None:
    priced = market("XXX", (contract("XXXEUR", value="0.00001"), "100000", "100000"))
    near = loss_per_lot(priced, "XXXEUR", Side.BUY, price + 1, price + 1 - move)
    far = loss_per_lot(priced, "XXXEUR", Side.BUY, price + 1, price + 1 - move - more)
    assert isinstance(near, Valuation)
    assert isinstance(far, Valuation)
    assert far.per_lot > near.per_lot


@given(st.permutations(["EURUSD", "GBPUSD", "EURGBP", "EURCHF", "USDCHF", "GBPCHF"]))
def test_the_order_of_the_symbols_does_not_matter(names: list[str]) -> None:
    quotes = {"EURUSD": "1.1", "GBPUSD": "1.3", "EURGBP": "0.85", "EURCHF": "0.95", "USDCHF": "0.88", "GBPCHF": "1.14"}
    lines = {name: (contract(name), bid, str(Decimal(bid) + Decimal("0.0001"))) for name, bid in quotes.items()}
    yen = (contract("USDJPY"), "150", "151")
    shuffled = market("JPY", *[lines[name] for name in names], yen)
    for source in ("CHF", "EUR", "GBP"):
        first = conversion(market("JPY", *lines.values(), yen), source, "JPY", paying=True)
        assert isinstance(first, Decimal)
        assert conversion(shuffled, source, "JPY", paying=True) == first

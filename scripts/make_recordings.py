"""Make the recordings that the tests size from out of the published terminal dumps.

    python scripts/make_recordings.py SAMPLES.json tests/recordings

SAMPLES.json holds `symbol_info`, `account_info` and `positions_get` dumps as their authors published them; each
recording says in its `_note` where it comes from and what was not published. Quotes of conversion pairs follow
from the dumps' own tick values: in yen on a dollar account, 100 / tick value is USDJPY, the ask for a profit and the
bid for a loss. They are rounded to the pair's digits, which moves a tick value by less than 0.001 %.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Row = dict[str, Any]

FRESH = 1
"""Seconds between the last quote and the capture, which nobody published."""


def main(samples_path: Path, folder: Path) -> None:
    """Write every recording into `folder`."""
    samples = json.loads(samples_path.read_text(encoding="utf-8"))["samples"]
    for name, recording in recordings(samples).items():
        text = json.dumps(recording, indent=1, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(f"{name}.json: {', '.join(recording['symbols'])}")


def recordings(samples: list[Row]) -> dict[str, Row]:
    """Return the recordings by name."""
    dollar = account_of(samples, "MetaQuotes-Demo", "USD")
    euro = account_of(samples, "MetaQuotes-Demo", "EUR")
    small = account_of(samples, "ICMarketsSC-Demo", "USD")
    eurjpy = symbol(samples, "EURJPY", "2020-03-24")
    eurcad = symbol(samples, "EURCAD", "2020-03-26")
    limited = symbol(samples, "EURJPY", "2022-11-16")
    eurusd_euro = symbol(samples, "EURUSD", "2022-03-11")
    eurusd = symbol(samples, "EURUSD", "2026-02")
    dax = symbol(samples, "Ger40", "2026-09-29T11:01:22Z")
    usdjpy, usdjpy_limited = dollar_pair("USDJPY", eurjpy, 3), dollar_pair("USDJPY", limited, 3)
    eurusd = pair("EURUSD", 1.10099, 1.10104, 5, tick_value=1.0, time=eurcad["time"])
    return {
        "eurjpy_2020": recording(
            "EURJPY and the account, both of the MetaTrader5 documentation of March 2020",
            flat(dollar),
            [eurjpy, usdjpy, cross("EURUSD", eurjpy, usdjpy)],
            10_800,
        ),
        "eurcad_2020": recording(
            "EURCAD, the account, five positions and seven deals, all of the MetaTrader5 documentation of March 2020; "
            "equity, profit and free margin are set to what these positions make, since the account was published "
            "with others; EURUSD quotes are the positions' current prices",
            with_positions(dollar, positions(samples)),
            [eurcad, dollar_pair("USDCAD", eurcad, 5), eurusd],
            10_800,
            positions=positions(samples),
            deals=deals(samples),
        ),
        "eurjpy_2022": recording(
            "EURJPY of an unnamed broker with a volume limit of 15, of November 2022; the account is another broker's",
            flat(dollar),
            [limited, usdjpy_limited, cross("EURUSD", limited, usdjpy_limited)],
            7_200,
        ),
        "ger40_2026": recording(
            "Ger40 of ActivTrades, September 2026; the account is another broker's (MetaQuotes-Demo, 2022)",
            flat(euro),
            [dax],
            7_200,
        ),
        "eurusd_2022": recording(
            "EURUSD and the account of one notebook of March 2022: the deposit currency is the symbol's base",
            flat(euro),
            [eurusd_euro],
            7_200,
        ),
        "eurusd_2026": recording(
            "EURUSD of an unnamed broker, February 2026; the account is ICMarketsSC-Demo's of January 2026",
            flat(small),
            [eurusd],
            7_200,
        ),
    }


# what was published


def account_of(samples: list[Row], server: str, currency: str) -> Row:
    """Return the published account of a server and currency; its login was redacted at the source."""
    rows = (row["values"] for row in samples if row["kind"] == "account_info" and row["server"] == server)
    row = next(row for row in rows if row["currency"] == currency)
    return {**row, "login": 0}


def symbol(samples: list[Row], name: str, date: str) -> Row:
    """Return the published contract of a symbol and date."""
    rows = (row for row in samples if row["kind"] == "symbol_info" and row.get("symbol") == name)
    row: Row = next(row["values"] for row in rows if row["date"] == date)
    return row


def table(samples: list[Row], kind: str) -> list[Row]:
    """Return a published table as rows; its times are the server's wall clock in words."""
    sample = next(row for row in samples if row["kind"] == kind)
    rows = [dict(zip(sample["columns"], row, strict=True)) for row in sample["rows"]]
    for row in rows:
        row["ticket"] = int(row["ticket"])
        row["time"] = int(datetime.fromisoformat(row["time"]).replace(tzinfo=UTC).timestamp())
    return rows


def positions(samples: list[Row]) -> list[Row]:
    """Return the five published positions."""
    return table(samples, "positions_get")


def deals(samples: list[Row]) -> list[Row]:
    """Return the seven published deals, the deposit first."""
    return table(samples, "history_deals_get")


# what follows from it


def flat(account: Row) -> Row:
    """Return the account without the open trades it was published with, which were not published."""
    balance = account["balance"]
    closed = {"profit": 0.0, "equity": balance, "margin": 0.0, "margin_free": balance, "margin_level": 0.0}
    return {**account, **closed}


def with_positions(account: Row, rows: list[Row]) -> Row:
    """Return the account with the floating result of these positions and its published margin."""
    floating = round(sum(row["profit"] + row["swap"] for row in rows), 2)
    equity = round(account["balance"] + floating, 2)
    margin = account["margin"]
    level = equity / margin * 100
    changed = {"profit": floating, "equity": equity, "margin_free": round(equity - margin, 2), "margin_level": level}
    return {**account, **changed}


def dollar_pair(name: str, published: Row, digits: int) -> Row:
    """Return the pair that the tick values of `published` on a dollar account were converted by."""
    per_tick = published["trade_tick_size"] * published["trade_contract_size"]
    bid = round(per_tick / published["trade_tick_value_loss"], digits)
    ask = round(per_tick / published["trade_tick_value_profit"], digits)
    tick = round(10.0**-digits, digits)
    return pair(name, bid, ask, digits, tick_value=tick * 100_000 / ask, time=published["time"])


def cross(name: str, published: Row, dollar: Row) -> Row:
    """Return the euro in dollars that a euro pair and a dollar pair imply."""
    bid = round(published["bid"] / dollar["ask"], 5)
    ask = round(published["ask"] / dollar["bid"], 5)
    return pair(name, bid, ask, 5, tick_value=1.0, time=published["time"])


def pair(name: str, bid: float, ask: float, digits: int, *, tick_value: float, time: int) -> Row:
    """Return the contract of a currency pair as nearly every broker has it."""
    return {
        "name": name,
        "path": f"Forex\\{name}",
        "trade_calc_mode": 0,
        "digits": digits,
        "point": round(10.0**-digits, digits),
        "trade_tick_size": round(10.0**-digits, digits),
        "trade_tick_value": tick_value,
        "trade_contract_size": 100_000.0,
        "volume_min": 0.01,
        "volume_max": 500.0,
        "volume_step": 0.01,
        "currency_base": name[:3],
        "currency_profit": name[3:6],
        "currency_margin": name[:3],
        "bid": bid,
        "ask": ask,
        "time": time,
    }


def recording(note: str, account: Row, infos: list[Row], offset: int, **book: list[Row]) -> Row:
    """Return a recording taken `FRESH` seconds after its first symbol's quote."""
    at = datetime.fromtimestamp(infos[0]["time"] - offset + FRESH, UTC)
    return {
        "format": "mt5bridge-recording/1",
        "_note": f"{note}. Not published: the login, the moment of capture, the server's offset, and the conversion "
        "pairs, whose quotes follow from the published tick values and prices.",
        "captured_at": at.isoformat().replace("+00:00", "Z"),
        "server_utc_offset": offset,
        "terminal_info": {"connected": True, "trade_allowed": True, "build": 2366, "maxbars": 100_000},
        "account_info": account,
        "symbols": {info["name"]: {"info": info, "tick": quote(info)} for info in infos},
        "positions": book.get("positions", []),
        "orders": [],
        "deals": book.get("deals", []),
    }


def quote(info: Row) -> Row:
    """Return the tick that a contract's own bid and ask came from."""
    at = info["time"]
    return {"time": at, "bid": info["bid"], "ask": info["ask"], "time_msc": at * 1000, "flags": 6}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

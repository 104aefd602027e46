"""docs/plugins.md tells the truth: each example there is typed, decides, and is verified without being imported."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

import elite_sizer
from elite_sizer import TradeIdea
from elite_sizer.journal.files import Journal
from elite_sizer.journal.verify import LineStatus, check, plans
from elite_sizer.sizing.registry import load_object
from tests.builders import context
from tests.captures import journal, sizer
from tests.paths import ROOT

TEXT: Final = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
MODULES: Final = {block.partition(".py:")[0].removeprefix('"""'): block for block in BLOCKS}
CONFIGURATIONS: Final = dict(zip(MODULES, re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL), strict=True))
IDEA: Final = TradeIdea("EURUSD", "buy", stop="1.0800", target="1.0950", confidence="75%")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder with the examples on the Python path."""
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in MODULES:
        sys.modules.pop(name, None)


def line_of(folder: Path, name: str) -> Mapping[str, Any]:
    """Decide with the example's own configuration; return the journal line, verified without the module."""
    with sizer(folder, text=CONFIGURATIONS[name]) as opened:
        decision = opened.size(IDEA)
    assert decision, decision.explain()
    del sys.modules[name]
    (line,) = journal(folder)
    assert check(line, plans(Journal(folder / "store"))).status is LineStatus.SAME
    assert name not in sys.modules
    made: Mapping[str, Any] = json.loads(line)
    return made


def test_there_is_one_example_of_each_kind() -> None:
    assert [*MODULES] == ["calm_friday", "wide_spread", "half_risk", "old_bot"]


def test_the_examples_import_public_names_alone(folder: Path) -> None:
    for name, text in MODULES.items():
        names = re.findall(r"^(?:from|import) (?:elite_sizer|portfolio|mt5bridge)(.*)$", text, re.MULTILINE)
        assert names, name
        assert all(found.startswith(" import ") for found in names)
        assert {word.strip() for found in names for word in found.removeprefix(" import ").split(",")} <= {
            *elite_sizer.__all__
        }
        assert (folder / f"{name}.py").is_file()


def test_the_examples_are_typed(folder: Path) -> None:
    # the cache of the checkout's own check, where there is one, saves most of the time
    command = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml"]
    files = [str(folder / f"{name}.py") for name in MODULES]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603
    assert done.returncode == 0, done.stdout


def test_the_cap_decides(folder: Path) -> None:
    caps = {cap["name"]: cap for cap in line_of(folder, "calm_friday")["caps"]}
    # 2026-06-10 is a Wednesday
    assert caps["calm_friday:CalmFriday"]["because"] == "not a Friday"
    cap = load_object("calm_friday:CalmFriday")()
    friday = context(now=datetime(2026, 6, 12, 12, tzinfo=UTC))
    assert cap(friday).room == Decimal(200)
    assert cap(friday).because == "200.00 USD a trade on a Friday"


def test_the_factor_decides(folder: Path) -> None:
    steps = {step["name"]: step for step in line_of(folder, "wide_spread")["steps"]}
    step = steps["wide_spread:WideSpread"]
    # a spread of 1 pip, a stop at 50 pips: 2 %, above the 0.5 % of the configuration
    assert step["because"] == "the spread is 2.0% of the stop distance"
    assert step["after"] == step["before"] / 2


def test_the_sizer_decides(folder: Path) -> None:
    line = line_of(folder, "half_risk")
    assert line["sizer"] == "half_risk:HalfRisk"
    assert line["risk"]["adjusted"] == 400
    assert line["steps"][0]["because"] == "0.40% of 100,000.00 USD"
    # 400 over 500 a lot
    assert line["lots"] == 0.8


def test_the_legacy_function_decides(folder: Path) -> None:
    line = line_of(folder, "old_bot")
    assert (line["sizer"], line["raw_lots"], line["lots"]) == ("old_bot:lots", 1.0, 1.0)

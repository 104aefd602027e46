"""The examples that a bot's author copies run as they stand, on nothing but public names."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import elite_sizer
from tests.paths import ROOT


def output(name: str, tmp_path: Path) -> list[str]:
    """Return what an example prints, run from a folder of its own."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(ROOT / "scripts" / name)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path)},
    )
    assert not done.stderr
    return done.stdout.splitlines()


def test_the_bot_sends_what_was_decided_and_tags_it(tmp_path: Path) -> None:
    lines = output("example_bot.py", tmp_path)
    assert sum(" lots  risk " in line for line in lines) >= 3
    assert sum("tagged es:" in line for line in lines) >= 3
    assert not any("rejected" in line for line in lines)


def test_option_a_calls_one_sizer_or_the_other_and_rolls_back_while_it_runs(tmp_path: Path) -> None:
    lines = output("example_option_a.py", tmp_path)
    back = lines.index("rollback: USE_ELITE_SIZER=false")
    assert not any("the old sizer" in line for line in lines[:back])
    assert all("the old sizer" in line for line in lines[back + 1 :])


def test_option_b_overrides_the_old_lots_with_fewer(tmp_path: Path) -> None:
    for line in output("example_option_b.py", tmp_path):
        lots, was = line.partition(" lots (was ")[::2]
        assert float(lots.split()[-1]) < float(was.rstrip(")"))


def test_the_flag_decides_which_of_two_answers_is_traded(tmp_path: Path) -> None:
    legacy, shadow, elite = output("example_shadow.py", tmp_path)
    assert "elite not asked" in legacy
    yours = shadow.partition("yours ")[2].split()[0]
    assert legacy.startswith(f"flag legacy  trade {yours} lots")
    assert shadow.startswith(f"flag shadow  trade {yours} lots")
    assert elite.startswith(f"flag elite   trade {elite.split()[-1]} lots")


def inner_names(source: str) -> list[str]:
    """Return what a program imports of ours that is no public name."""
    public = {f"elite_sizer.{name}" for name in elite_sizer.__all__} | {"elite_sizer.dropin", "mt5bridge.simulated"}
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    ours = (name for name in names if name.partition(".")[0] in {"elite_sizer", "mt5bridge", "portfolio"})
    return [name for name in ours if name not in public and name.rpartition(".")[0] not in public]


@pytest.mark.parametrize("path", sorted((ROOT / "scripts").glob("example_*.py")), ids=lambda path: path.stem)
def test_an_example_imports_public_names_only(path: Path) -> None:
    assert inner_names(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("line", "inner"),
    [
        ("from elite_sizer import Sizer", []),
        ("from elite_sizer import dropin", []),
        ("from mt5bridge.simulated import SimulatedTerminal", []),
        ("from elite_sizer import service", ["elite_sizer.service"]),
        ("from elite_sizer.service.sizer import Sizer", ["elite_sizer.service.sizer.Sizer"]),
        ("import elite_sizer.configuration.flag", ["elite_sizer.configuration.flag"]),
        ("from mt5bridge.simulated.faults import faults", ["mt5bridge.simulated.faults.faults"]),
        ("from portfolio.reasons import Refusal", ["portfolio.reasons.Refusal"]),
    ],
)
def test_an_inner_name_is_told_from_a_public_one(line: str, inner: list[str]) -> None:
    assert inner_names(line) == inner

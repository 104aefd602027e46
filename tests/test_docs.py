"""What the documents say is true: links lead somewhere, paths and names exist, figures are those that are computed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from typing import Final

import pytest

from elite_sizer.configuration.firm_rules import rules_of
from portfolio.rules.headroom import References, headroom
from portfolio.rules.size_limits import cap_money
from tests.paths import ROOT

D = Decimal

REFERENCE: Final = ROOT / "docs" / "reference"
PAGES: Final = sorted(
    (
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "RELEASING.md", "CHANGELOG.md")),
        ROOT / "tests" / "README.md",
    )
)
PACKAGES: Final = ("elite_sizer", "portfolio", "mt5bridge")
TOP: Final = (*PACKAGES, "config", "docs", "scripts", "tests", ".ci")
GENERATED: Final = frozenset({"elite_sizer/_config"})
"""Paths that only the built wheel has."""


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def in_code(page: Path) -> list[str]:
    """Return what a page names in code between words."""
    return re.findall(r"`([^`\n]+)`", prose(page))


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return what a link may name behind the # of a page, by the rule of GitHub and its like."""
    headings = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


# links


def links(page: Path) -> Iterator[tuple[str, str]]:
    """Give the target of every relative link, and the heading it names."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if "://" not in target:
            path, _, heading = target.partition("#")
            yield path, heading


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    wrong = []
    for path, heading in links(page):
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (heading and heading not in anchors(file)):
            wrong.append(f"{path}#{heading}")
    assert wrong == []


def test_a_link_to_a_heading_that_is_not_there_would_be_noticed() -> None:
    assert "number-policy" in anchors(ROOT / "docs" / "architecture.md")
    assert "numbers-policy" not in anchors(ROOT / "docs" / "architecture.md")


# paths and names


def paths(page: Path) -> Iterator[str]:
    """Give every path of the repository that a page names; NAME, FIRM and their like stand for any."""
    for words in in_code(page):
        for word in re.findall(r"[\w./*-]+", words):
            if word.partition("/")[0] in TOP and "/" in word:
                yield re.sub(r"\b[A-Z]+\b|(?<=_)[A-Z]+\b", "*", word).rstrip("./")


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_path_exists(page: Path) -> None:
    missing = [path for path in paths(page) if path not in GENERATED and not any(ROOT.glob(path))]
    assert missing == []


def test_a_path_that_is_not_there_would_be_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("See `elite_sizer/caps/firm/NAME.py` and `portfolio/no_such_room/`.", encoding="utf-8")
    assert [any(ROOT.glob(path)) for path in paths(page)] == [True, False]


def is_there(name: str) -> bool:
    """Return whether a dotted name can be found, an attribute of a class or a module by import."""
    try:
        resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_dotted_name_can_be_imported(page: Path) -> None:
    names = [words for words in in_code(page) if re.fullmatch(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+(?::\w+)?", words)]
    assert [name for name in names if not is_there(name) and not (ROOT / name).exists()] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_floors_of_the_architecture_are_those_of_the_contracts(package: str) -> None:
    text = prose(ROOT / "docs" / "architecture.md").partition(f"### `{package}`")[2].partition("###")[0]
    rows = [line.split("|") for line in text.splitlines() if re.match(r"\| \d+ \|", line)]
    rooms = [
        {room for part in row[2].split("; ") for room in re.findall(r"`(\w+)`", part.partition(":")[0])} for row in rows
    ]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (floors,) = [contract["layers"] for contract in contracts if contract.get("containers") == [package]]
    assert rooms == [set(floor.split(" | ")) for floor in floors]
    assert [int(row[1]) for row in rows] == [*range(len(floors), 0, -1)]


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\((\d{3}-[\w-]+\.md)\)", index) == sorted(page.name for page in folder.glob("[0-9]*.md"))


# the reference


def make_reference(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(ROOT / "scripts" / "make_reference.py"), *words],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        encoding="utf-8",
    )


def test_the_reference_can_be_written_whole(tmp_path: Path) -> None:
    """CI compares it with the one in the repository (`make_reference.py --check`); a new cap alone breaks no test."""
    folder = shutil.copytree(REFERENCE, tmp_path / "reference")
    ran = make_reference("--folder", str(folder))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "`daily_loss`" in (folder / "reasons.md").read_text(encoding="utf-8")


def test_a_reference_that_has_drifted_is_shown_with_the_difference(tmp_path: Path) -> None:
    folder = shutil.copytree(REFERENCE, tmp_path / "reference")
    text = (folder / "reasons.md").read_text(encoding="utf-8")
    (folder / "reasons.md").write_text(text.replace("`no_edge`", "`no_hedge`"), encoding="utf-8")
    ran = make_reference("--check", "--folder", str(folder))
    assert ran.returncode == 1
    assert [line for line in ran.stdout.splitlines() if line.startswith(("-|", "+|"))] != []
    assert "no_hedge" in ran.stdout


# the example of docs/firms.md

FIRMS: Final = (ROOT / "docs" / "firms.md").read_text(encoding="utf-8")


def by_hand(figure: str) -> Decimal:
    """Return a figure that the document works out by hand."""
    (row,) = re.findall(rf"^\| {figure} \| [^|]+ \| ([\d,.]+) \|$", FIRMS, flags=re.MULTILINE)
    return D(row.replace(",", ""))


def test_the_firm_of_the_example_has_the_floors_that_were_worked_by_hand(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```$", FIRMS, flags=re.DOTALL | re.MULTILINE)
    (tmp_path / "example.toml").write_text(block, encoding="utf-8")
    rules = rules_of("example_2step", folder=tmp_path)
    references = References(D(50_000), day_balance=D(51_200), day_equity=D(51_450), peak=D(51_200))
    floors = headroom(rules, references, balance=D(51_000), equity=D(50_900), now=datetime(2026, 10, 5, 12, tzinfo=UTC))
    assert rules.limits.idea_risk is not None
    computed = {
        "daily floor": floors.daily_floor,
        "overall floor": floors.overall_floor,
        "left today": floors.distance_daily,
        "left in all": floors.distance_overall,
        "usable now": floors.usable,
        "idea risk": cap_money(rules.limits.idea_risk, D(50_000), D(51_000)),
    }
    assert computed == {figure: by_hand(figure) for figure in computed}

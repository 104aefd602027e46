"""The house: rooms that fit in a head, floors that hold, names that mean one thing."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import grimp
import pytest

from tests.paths import ROOT

PACKAGES: Final = ("elite_sizer", "portfolio", "mt5bridge")

REGISTRIES: Final = frozenset(
    ("elite_sizer/caps", "elite_sizer/factors", "elite_sizer/sizers", "elite_sizer/cli/commands")
)
"""Rooms that may hold any number of files, each named as its entry."""

SMALLEST: Final = 2
LARGEST: Final = 12

VAGUE: Final = frozenset(("one", "found", "made", "held", "known", "told", "kept"))
"""Participles and pronouns that were bound 552 times in the first version; a noun says what a value is."""


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def rooms() -> list[Path]:
    folders = [path.parent for path in sources() if path.name == "__init__.py"]
    return [folder for folder in folders if folder.name not in PACKAGES]


@lru_cache(maxsize=1)
def trees() -> Mapping[str, ast.Module]:
    return {place(path): ast.parse(path.read_text(encoding="utf-8")) for path in sources()}


@pytest.mark.parametrize("room", rooms(), ids=place)
def test_a_room_holds_two_to_twelve_files(room: Path) -> None:
    files = [path for path in room.glob("*.py") if path.name != "__init__.py"]
    doors = [path for path in room.iterdir() if (path / "__init__.py").is_file()]
    if place(room) not in REGISTRIES:
        assert len(files) + len(doors) >= SMALLEST
        assert len(files) <= LARGEST


@pytest.mark.parametrize("room", rooms(), ids=place)
def test_a_room_says_in_one_sentence_what_may_be_touched_there(room: Path) -> None:
    first = (ast.get_docstring(trees()[place(room / "__init__.py")]) or "").partition("\n")[0]
    assert first.endswith(".")
    assert len(first.split()) > 4


def test_every_folder_of_code_is_a_room() -> None:
    assert [place(path) for path in sources() if not (path.parent / "__init__.py").is_file()] == []


def test_no_class_name_stands_for_two_things() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for file, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].add(file)
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def bindings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def test_values_are_called_by_nouns() -> None:
    counts = {file: sum(name in VAGUE for name in bindings(tree)) for file, tree in trees().items()}
    assert sum(counts.values()) <= 40, {file: count for file, count in counts.items() if count}


def comments(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.string


def test_rules_of_style_are_rarely_set_aside() -> None:
    lines = sum(path.read_text(encoding="utf-8").count("\n") for path in sources())
    asides = sum("noqa" in comment for path in sources() for comment in comments(path))
    assert asides * 1000 <= 3 * lines


@pytest.mark.parametrize("path", sources(), ids=place)
def test_an_import_inside_a_function_says_what_it_saves(path: Path) -> None:
    """A late import hides a dependency, so it stands only where a start-up cost is measured, and says so."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if "PLC0415" in line:
            reason = re.search(r"PLC0415 - (.+)", line)
            above = lines[number - 1].strip()
            assert reason or above.startswith("#") or "PLC0415" in above, f"{place(path)}:{number + 1}: {line.strip()}"


def circles(graph: grimp.ImportGraph) -> list[list[str]]:
    """Return the groups of modules that import each other, by Tarjan's algorithm (SIAM J. Comput. 1, 1972)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    groups: list[list[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        path.append(module)
        for other in graph.find_modules_directly_imported_by(module):
            if other not in order:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in path:
                lowest[module] = min(lowest[module], order[other])
        if lowest[module] == order[module]:
            start = path.index(module)
            if len(path) - start > 1:
                groups.append(sorted(path[start:]))
            del path[start:]

    for module in sorted(graph.modules):
        if module not in order:
            visit(module)
    return groups


def test_no_module_imports_itself_through_others() -> None:
    graph = grimp.build_graph(*PACKAGES, include_external_packages=False, cache_dir=None)
    assert circles(graph) == []


def test_the_search_for_circles_finds_one() -> None:
    graph = grimp.ImportGraph()
    for importer, imported in (("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")):
        graph.add_import(importer=importer, imported=imported)
    assert circles(graph) == [["a", "b", "c"]]


FORBIDDEN: Final = {
    "a room that computes imports the database": (
        "portfolio/rules/headroom.py", "import portfolio.store.database", "what computes in portfolio knows no database"
    ),
    "a pure room imports the bridge": (
        "elite_sizer/request/levels.py", "import mt5bridge.errors", "the sizing core sees neither the terminal"
    ),
    "the live connection imports the paper terminal": (
        "mt5bridge/connections/native.py", "import mt5bridge.simulated.module", "the way to a live terminal never goes"
    ),
    "the sizing side imports the database engine": (
        "elite_sizer/service/resume.py", "import apsw", "the sizing side writes no SQL"
    ),
    "a room imports an address of the first version": (
        "elite_sizer/service/sizer.py", "import elite_sizer.decision", "rooms of elite_sizer"
    ),
    "a room without a floor": ("portfolio/attic/__init__.py", '"""A new room."""', "rooms of portfolio"),
    "a factor imports another": (
        "elite_sizer/factors/drawdown.py", "import elite_sizer.factors.regime", "a factor knows no other factor"
    ),
}  # fmt: skip
"""What would let a floor give way: a file, the line added to it, and the contract that breaks."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "*.csv"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> tuple[int, str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    ran = subprocess.run(  # noqa: S603 - our own Python
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )
    return ran.returncode, re.sub(r"\s+", " ", ran.stdout)


def test_the_floors_hold(copy: Path) -> None:
    code, text = lint(copy)
    assert code == 0, text
    assert "0 broken" in text


@pytest.mark.parametrize("case", FORBIDDEN)
def test_a_floor_gives_way_under_what_it_forbids(copy: Path, case: str) -> None:
    name, line, contract = FORBIDDEN[case]
    file = copy / name
    before = file.read_bytes() if file.is_file() else None
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{(before or b'').decode()}\n{line}\n", encoding="utf-8")
    try:
        code, text = lint(copy)
    finally:
        shutil.rmtree(file.parent) if before is None else file.write_bytes(before)
    assert code == 1
    assert contract in text.partition("Broken contracts")[2]

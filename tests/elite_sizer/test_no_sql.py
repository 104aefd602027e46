"""The sizing side writes no SQL: queries lie in `portfolio`, where the tables are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.paths import ROOT

SOURCES: Final = {file: file.read_text(encoding="utf-8") for file in sorted((ROOT / "elite_sizer").rglob("*.py"))}
SQL: Final = re.compile(
    r"\b(SELECT\b.+\bFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\b.+\bSET|DELETE\s+FROM|PRAGMA|CREATE\s+TABLE|ATTACH)\b",
    re.DOTALL,
)
KEYS: Final = frozenset(("AccountRow", "account_key", "masked_key"))
"""Of `portfolio.store.rows`: the key of an account and its row, not how a query is run."""


def strings(source: str) -> Iterator[str]:
    """Give every string literal; adjoining ones are one string already."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def row_imports(source: str) -> set[str]:
    return {
        name.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module == "portfolio.store.rows"
        for name in node.names
    }


@pytest.mark.parametrize(
    "source",
    [
        "query = 'SELECT id FROM decision WHERE id = ?'",
        "query = 'SELECT id ' 'FROM decision'",
        "columns = 'a, b'\nquery = f'INSERT OR REPLACE INTO flag ({columns})'",
        "query = 'UPDATE halt SET code = ?'",
        "query = 'DELETE FROM halt'",
    ],
)
def test_a_query_would_be_noticed(source: str) -> None:
    assert any(SQL.search(text) for text in strings(source))


@pytest.mark.parametrize("source", ["words = 'update the reservations'", "words = 'Select a firm from the list.'"])
def test_a_sentence_is_no_query(source: str) -> None:
    assert not any(SQL.search(text) for text in strings(source))


def test_no_string_is_a_query() -> None:
    assert [(file.name, text) for file, source in SOURCES.items() for text in strings(source) if SQL.search(text)] == []


def test_nothing_runs_a_query() -> None:
    for file, source in SOURCES.items():
        attributes = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
        assert attributes.isdisjoint({"execute", "executemany"}), file
        assert row_imports(source) <= KEYS, file

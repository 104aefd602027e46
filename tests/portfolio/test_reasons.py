"""Each reason is one code, one sentence, one fix and one exit code; none is made up on the way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from portfolio.reasons import FOUND, HALTED, NOT_READY, REASONS, REFUSED, STALE, USAGE, refuse
from tests.paths import ROOT

PACKAGES = ("portfolio", "mt5bridge", "elite_sizer")


def refusals() -> Iterator[tuple[Path, str]]:
    """Yield every code that the program refuses with, where it stands as a literal."""
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                first = node.args[0]
                if name in {"refuse", "Refusal"} and isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield file, first.value


@pytest.mark.parametrize("code", REASONS)
def test_a_reason_has_a_sentence_a_fix_and_an_exit_code(code: str) -> None:
    reason = REASONS[code]
    assert reason.sentence.endswith(".")
    assert reason.fix
    assert reason.exit_code in {USAGE, REFUSED, NOT_READY, STALE, FOUND, HALTED} or code == "internal_error"


@pytest.mark.parametrize("code", REASONS)
def test_a_code_is_a_plain_word_that_any_console_prints(code: str) -> None:
    reason = REASONS[code]
    assert code.isidentifier()
    assert code == code.lower()
    assert (code + reason.sentence + reason.fix).isascii()


def test_no_two_reasons_say_the_same() -> None:
    sentences = [reason.sentence for reason in REASONS.values()]
    assert len(sentences) == len({*sentences})


def test_every_code_that_is_refused_with_is_registered() -> None:
    unknown = sorted({f"{file.name}: {code}" for file, code in refusals() if code not in REASONS})
    assert unknown == []


def test_a_refusal_carries_its_figures() -> None:
    assert refuse("daily_loss", "0.00 USD today") == ("daily_loss", "0.00 USD today")


def test_a_code_that_is_not_registered_is_a_broken_program() -> None:
    with pytest.raises(KeyError, match="'no_such_reason' is not registered"):
        refuse("no_such_reason", "")


def test_the_reasons_can_t_be_changed() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        REASONS["mine"] = REASONS["daily_loss"]  # type: ignore[index]

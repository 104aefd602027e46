"""The reasons of the whole program are portfolio's and the caps'; a cap brings its own, loaded when it is read."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from elite_sizer.caps import CAPS
from elite_sizer.caps.reasons import REASONS, refuse
from elite_sizer.sizing.registry import load_object
from portfolio import reasons
from portfolio.reasons import FOUND, HALTED, NOT_READY, REFUSED, STALE, USAGE, Reason
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


@pytest.mark.parametrize("name", CAPS)
def test_a_cap_s_reason_stands_beside_the_cap(name: str) -> None:
    module, _, _ = CAPS[name].partition(":")
    assert REASONS[name] is load_object(f"{module}:REASON")
    assert isinstance(REASONS[name], Reason)


def test_only_what_a_broker_refuses_with_too_is_portfolio_s() -> None:
    assert reasons.REASONS.keys() & CAPS.keys() == {"broker_volume", "free_margin"}
    assert [*REASONS] == [*reasons.REASONS, *(name for name in CAPS if name not in reasons.REASONS)]
    assert len(REASONS) == len([*REASONS])


def test_to_know_a_code_loads_no_cap() -> None:
    program = (
        "import sys\n"
        "from elite_sizer.caps.reasons import REASONS, refuse\n"
        "assert 'min_rr' in REASONS and refuse('min_rr', '1.9 R') and len(REASONS) and [*REASONS]\n"
        "assert not [name for name in sys.modules if name.startswith('elite_sizer.caps.risk')]\n"
        "REASONS['min_rr']\n"
        "print([name for name in sys.modules if name.startswith('elite_sizer.caps.') and name.count('.') == 3])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    assert done.stdout.strip() == "['elite_sizer.caps.risk.min_rr']"


def test_a_refusal_carries_its_figures() -> None:
    assert refuse("daily_loss", "0.00 USD today") == ("daily_loss", "0.00 USD today")


def test_a_code_that_is_not_registered_is_a_broken_program() -> None:
    with pytest.raises(KeyError, match=r"'no_such_reason' is neither in portfolio\.reasons nor a cap"):
        refuse("no_such_reason", "")


def test_the_reasons_can_t_be_changed() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        REASONS["mine"] = REASONS["daily_loss"]  # type: ignore[index]

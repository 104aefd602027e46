"""Each reason is one code, one sentence, one fix and one exit code; none is made up on the way."""

from __future__ import annotations

import pytest

from portfolio.reasons import FOUND, HALTED, NOT_READY, REASONS, REFUSED, STALE, USAGE, refuse


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


def test_a_refusal_carries_its_figures() -> None:
    assert refuse("no_room", "0.00 USD today") == ("no_room", "0.00 USD today")


def test_a_code_that_is_not_registered_is_a_broken_program() -> None:
    with pytest.raises(KeyError, match="'no_such_reason' is not registered"):
        refuse("no_such_reason", "")


def test_the_reasons_can_t_be_changed() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        REASONS["mine"] = REASONS["no_room"]  # type: ignore[index]

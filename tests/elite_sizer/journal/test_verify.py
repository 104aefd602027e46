"""A journal is computed again byte for byte, and whoever has touched a line or a configuration is found out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from elite_sizer import TradeIdea
from elite_sizer.journal import decision_json as wire
from elite_sizer.journal import line as journal_line
from elite_sizer.journal.files import Journal
from elite_sizer.journal.verify import Checked, LineStatus, check, plans, restored
from portfolio.errors import ConfigError
from tests.captures import capture, journal, open_trade, sizer

IDEA: Final = TradeIdea("EURUSD", "buy", stop="1.0800", confidence="75%")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a journal: an approval, one beside it, a refusal and an exit."""
    made = tmp_path_factory.mktemp("journal")
    with sizer(made, capture(positions=[open_trade("EURUSD buy 0.50 @ 1.0849 sl 1.0800")])) as opened:
        opened.size(IDEA)
        opened.size(IDEA, also=("fixed_risk",))
        opened.size(TradeIdea("EURUSD", "buy", stop="1.0900"))
        opened.size(TradeIdea("EURUSD", "sell", reduce=7))
    return made


@pytest.fixture
def line(folder: Path) -> bytes:
    return journal(folder)[0]


def kept(folder: Path) -> Journal:
    return Journal(folder / "store")


def checked(folder: Path, line: bytes) -> Checked:
    return check(line, plans(kept(folder)))


def test_every_line_that_was_decided_comes_out_the_same(folder: Path) -> None:
    found = [checked(folder, one) for one in journal(folder)]
    assert [one.status for one in found] == [
        LineStatus.SAME,
        LineStatus.SAME,
        LineStatus.NO_CONTEXT,
        LineStatus.NO_CONTEXT,
    ]
    assert [one.id for one in found] == [json.loads(one)["id"] for one in journal(folder)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"lots":1.', b'"lots":2.'),
        (b'"binding":"proposal"', b'"binding":"symbol_lots"'),
        (b'"stop":1.08', b'"stop":1.07'),
        (b'"because":"30%', b'"because":"40%'),
        (b'"inputs_digest":"sha256:', b'"inputs_digest":"sha256:0'),
    ],
    ids=["lots", "binding", "stop", "sentence", "digest"],
)
def test_a_line_that_was_changed_comes_out_different_and_says_where(
    folder: Path, line: bytes, old: bytes, new: bytes
) -> None:
    assert old in line
    found = checked(folder, line.replace(old, new, 1))
    assert found.status is LineStatus.DIFFERENT
    assert found.detail.startswith("at byte ")


def test_a_changed_context_comes_out_different(folder: Path, line: bytes) -> None:
    head, context = line.split(b'"context":', 1)
    found = checked(folder, head + b'"context":' + context.replace(b'"equity":100000', b'"equity":900000'))
    assert found.status is LineStatus.DIFFERENT


@pytest.mark.parametrize(
    "spoiled",
    [b"", b"no line", b"{}", b"[1]", b"\xff", b'{"schema":"elite-sizer/decision/1"}'],
)
def test_what_is_no_line_is_unreadable(folder: Path, spoiled: bytes) -> None:
    assert checked(folder, spoiled).status is LineStatus.UNREADABLE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"volume_step":0.01', b'"volume_step":0'),
        (b'"volume_step":0.01', b'"volume_step":"NaN"'),
        (b'"flag":{"value":"elite","source":"default"}', b'"flag":null'),
        (b'"config_digest":"sha256:', b'"config_digest":"sha256:0'),
        (b'"config_digest":"sha256:', b'"config_digest":"../../'),
    ],
    ids=["no step", "a step that is none", "no flag", "another configuration", "a path"],
)
def test_a_line_that_can_not_be_computed_is_told_from_one_that_differs(
    folder: Path, line: bytes, old: bytes, new: bytes
) -> None:
    assert old in line
    found = checked(folder, line.replace(old, new))
    assert found.status in {LineStatus.UNREADABLE, LineStatus.DIFFERENT}
    assert found.detail


def test_a_sizer_beside_that_there_is_not_is_found_out(folder: Path) -> None:
    beside = journal(folder)[1].replace(b'"also":[{"sizer":"fixed_risk"', b'"also":[{"sizer":"fixed_riks"')
    assert checked(folder, beside).status is LineStatus.UNREADABLE


def test_a_configuration_that_is_gone_is_named(line: bytes, tmp_path: Path) -> None:
    found = check(line, plans(Journal(tmp_path)))
    assert found.status is LineStatus.UNREADABLE
    assert "is not beside the journal" in found.detail


def test_a_configuration_that_was_altered_is_not_used(folder: Path, line: bytes, tmp_path: Path) -> None:
    (config,) = (folder / "store").glob("config-*.json")
    body = config.read_bytes()
    loosened = body.replace(b'"risk_pct":0.02', b'"risk_pct":0.03')
    assert loosened != body
    (tmp_path / config.name).write_bytes(loosened)
    found = check(line, plans(Journal(tmp_path)))
    assert found.status is LineStatus.UNREADABLE
    assert "was altered" in found.detail
    (tmp_path / config.name).write_bytes(body)
    assert check(line, plans(Journal(tmp_path))).status is LineStatus.SAME


def test_the_configuration_of_now_serves_its_own_lines_without_a_file(tmp_path: Path) -> None:
    with sizer(tmp_path) as made:
        decision = made.size(IDEA)
        settings = made.reloader.settings
    own = plans(Journal(tmp_path / "nowhere"), settings)
    assert wire.to_line(restored(wire.to_line(decision), own)) == wire.to_line(decision)
    assert settings.digest == decision.envelope.config_digest


def test_a_stored_line_becomes_its_decision_again(folder: Path) -> None:
    for one in journal(folder):
        again = restored(one, plans(kept(folder)))
        assert wire.to_line(again) == one
        assert again.id == json.loads(one)["id"]


def test_a_line_with_a_context_and_no_flag_is_our_own_mistake(folder: Path, line: bytes) -> None:
    bare = journal_line.read(line)
    bare.flag = None
    with pytest.raises(ConfigError, match="no flag"):
        plans(kept(folder))(bare)

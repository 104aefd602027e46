"""A flipped bit or a cut end of the file never lets a trade through that the whole file would not."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from portfolio.errors import StoreError
from portfolio.ledger import lease
from portfolio.ledger.account_ledger import View
from portfolio.ledger.ledger import mark, reserve
from portfolio.reasons import Refusal
from portfolio.store.database import Store
from portfolio.store.rows import AccountRow
from tests.portfolio.ledger_world import ACCOUNT, NOON, Decision, d, question, reserved, within

SEED = 20260610
CASES = 2000
ROW = AccountRow(ACCOUNT, 0, date(2026, 6, 10), d(100_000), b'{"peak":100000}' * 20)
CODES = {"state_corrupt", "state_version", "state_disk"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which 900 of 1,000 are held, by nine of thirty reservations."""
    path = tmp_path_factory.mktemp("whole") / "state.db"
    with Store.open(path, anywhere=True) as store:
        store.put_account_state(ROW)
        for number in range(30):
            reserved(store, f"{number:026}", caller=f"bot {number}")
            if number >= 9:
                lease.cancel(store, f"{number:026}", 1, now=NOON)
    return path


def flip(path: Path, dice: random.Random) -> str:
    content = bytearray(path.read_bytes())
    where, bit = dice.randrange(len(content)), dice.randrange(8)
    content[where] ^= 1 << bit
    path.write_bytes(content)
    return f"bit {bit} of byte {where}"


def cut(path: Path, dice: random.Random) -> str:
    size = dice.randrange(path.stat().st_size)
    path.write_bytes(path.read_bytes()[:size])
    return f"cut to {size}"


def blank(path: Path, dice: random.Random) -> str:
    content = bytearray(path.read_bytes())
    page = dice.randrange(len(content) // 4096)
    content[page * 4096 : (page + 1) * 4096] = bytes(4096)
    path.write_bytes(content)
    return f"page {page} blank"


def ask(path: Path) -> str:
    """Ask for all that is left and say how it ended: a code, or `right` for what the whole file would give."""
    try:
        with Store.open(path, anywhere=True, stamp="1") as store:
            store._database.execute("PRAGMA synchronous = OFF")  # no power is lost here
            assert store.account_state(ACCOUNT) == ROW
            view = View(mark(store))
            got = reserve(store, ACCOUNT, within(1000, "z"), question(caller="new"), view, now=NOON)
    except StoreError as error:
        return error.reason.code
    assert not isinstance(got, Refusal), got
    assert isinstance(got, Decision)
    assert got.lots <= 1, f"{got.lots} lots where 1 is left"
    return "right"


@pytest.mark.generated
@pytest.mark.parametrize(("harm", "cases"), [(flip, CASES), (cut, CASES // 10), (blank, CASES // 10)])
def test_damage_never_gives_more_than_is_left(
    whole: Path, tmp_path: Path, harm: Callable[[Path, random.Random], str], cases: int
) -> None:
    dice = random.Random(SEED)  # noqa: S311 -- no secret
    ends: Counter[str] = Counter()
    for case in range(cases):
        folder = tmp_path / str(case)
        folder.mkdir()
        path = folder / "state.db"
        shutil.copyfile(whole, path)
        what = harm(path, dice)
        try:
            end = ask(path)
        except Exception as error:
            error.add_note(f"seed {SEED}, case {case}: {what}")
            raise
        ends[end] += 1
        assert end in CODES | {"right"}, (end, what)
        shutil.rmtree(folder)
    print(f"{harm.__name__}: {dict(ends)}")  # noqa: T201 -- the figures for the record
    assert ends["state_corrupt"] > 0

"""A cap, a factor or a sizer of the user's own is loaded by its path, checked as ours are, and can only reduce."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from elite_sizer import Decision, TradeIdea
from elite_sizer.configuration.plan import plan
from elite_sizer.configuration.reload import loosening
from elite_sizer.configuration.settings import check, load
from elite_sizer.journal.files import Journal
from elite_sizer.journal.verify import Checked, LineStatus, plans
from elite_sizer.journal.verify import check as verify
from elite_sizer.model.outcome import Flag, FlagValue
from elite_sizer.sizing.rollout import Plan
from portfolio.errors import ConfigError
from tests.captures import journal, sizer

IDEA: Final = TradeIdea("EURUSD", "buy", stop="1.0800", confidence="75%")
HEAD: Final = """
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated
from elite_sizer import FRACTION, MONEY, TIGHTER_BELOW, Limit, Proposal, Refusal, Scaling, SizingContext
"""
CAP: Final = """
@dataclass(frozen=True, slots=True)
class Share:
    share: Annotated[Decimal, FRACTION, TIGHTER_BELOW] = Decimal("0.001")
    def __call__(self, context):
        return Limit(self.share * context.account.equity, "loss", f"{self.share:.2%} at most")
"""
FACTOR: Final = """
def factor(context, money):
    return Scaling({value}, "as told")
"""
NAMES: Final = itertools.count()

Write = Callable[[str], str]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Return what writes a module of the user's own and gives its name."""
    monkeypatch.syspath_prepend(tmp_path / "own")
    (tmp_path / "own").mkdir()

    def write(text: str) -> str:
        name = f"own_{next(NAMES)}"
        (tmp_path / "own" / f"{name}.py").write_text(HEAD + text, encoding="utf-8")
        return name

    return write


def on(name: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the configuration
    return {"caps.on": ("broker_volume", "per_trade", name)} | {
        key.replace("__", "."): value for key, value in options.items()
    }


def decided(folder: Path, options: dict[str, Any]) -> Decision:
    folder.mkdir(exist_ok=True)
    with sizer(folder, **options) as opened:
        return opened.size(IDEA)


def planned(options: dict[str, Any]) -> Plan:
    made = load(options=options, environment={}, user_file=Path("none"), folder=Path("none"))
    return plan(made, Flag(FlagValue.ELITE, "test"))


def line(folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(journal(folder)[-1])
    return made


def verified(folder: Path, *, unload: str = "") -> Checked:
    if unload:
        sys.modules.pop(unload)
    checked = verify(journal(folder)[-1], plans(Journal(folder / "store")))
    assert unload not in sys.modules
    return checked


# a cap


def test_a_cap_of_the_user_s_own_cuts_and_binds_under_its_path(module: Write, tmp_path: Path) -> None:
    name = f"{module(CAP)}:Share"
    made = decided(tmp_path, on(name))
    # 0.1 % of 100,000 over 500 and costs a lot
    assert made.binding == name
    assert Decimal("0.15") <= made.lots <= Decimal("0.20")
    assert line(tmp_path)["caps"][-1] == {
        "name": name, "lots": float(made.lots), "hard": False, "because": "0.10% at most",
    }  # fmt: skip


def test_its_settings_are_read_and_checked_by_its_fields(module: Write, tmp_path: Path) -> None:
    name = f"{module(CAP)}:Share"
    path = tmp_path / "elite-sizer.toml"

    def problems(text: str) -> list[str]:
        path.write_text(f'[caps."{name}"]\n{text}\n', encoding="utf-8")
        return check(load(path, environment={}, user_file=tmp_path / "none.toml"))

    assert problems('share = "0.2%"') == []
    assert problems("share = 10")[0].endswith('share: 10 is no fraction; write "10%" or 0.10.')
    assert problems("shares = 0.1")[0].endswith("shares: there is no such key; did you mean share?.")
    assert ", line 2, " in problems("shares = 0.1")[0]
    smaller = decided(tmp_path, on(name) | {f"caps.{name}.share": "0.05%"})
    assert smaller.lots < decided(tmp_path, on(name)).lots


def test_a_full_check_finds_what_is_wrong_with_a_part_that_is_on(module: Write) -> None:
    def problems(options: dict[str, Any]) -> list[str]:
        return check(load(options=options, environment={}, user_file=Path("none"), folder=Path("none")))

    own = module(CAP)
    assert problems(on(f"{own}:Share") | {"legacy": f"{own}:Share"}) == []
    (line,) = problems(on(f"{own}:Shore"))
    assert f"'{own}:Shore' can't be loaded" in line
    (line,) = problems({"legacy": "no_such_module:lots"})
    assert "'no_such_module:lots' can't be loaded" in line


def test_its_setting_reloads_the_tighter_way_and_without_a_direction_never(module: Write) -> None:
    bare = CAP.replace(", TIGHTER_BELOW]", "]")
    key, without = f"caps.{module(CAP)}:Share.share", f"caps.{module(bare)}:Share.share"
    low, high = Decimal("0.001"), Decimal("0.002")
    assert loosening({key: high}, {key: low}) == []
    assert loosening({key: low}, {key: high}) != []
    assert loosening({without: high}, {without: low}) != []


def test_a_cap_that_allows_nothing_refuses_with_one_code_and_its_own_sentence(module: Write, tmp_path: Path) -> None:
    name = module('def never(context):\n    return Limit(Decimal(0), "lot", "never on a Friday")\n') + ":never"
    made = decided(tmp_path, on(name))
    assert (made.lots, made.binding, made.exit_code) == (Decimal(0), name, 3)
    assert made.reason == ("plugin_cap", f"{name}: never on a Friday")
    assert "A cap of your own refuses the trade." in made.explain()


def test_a_cap_with_a_least_refuses_a_trade_that_is_too_small(module: Write, tmp_path: Path) -> None:
    name = module('def big(c):\n    return Limit(None, "lot", "5 lots or none", least=Decimal(5))\n') + ":big"
    made = decided(tmp_path, on(name))
    assert (made.lots, made.binding) == (Decimal(0), name)
    assert made.reason is not None
    assert made.reason.detail.startswith(f"{name}: 5 lots or none; ")


@pytest.mark.parametrize("guards", [False, True])
def test_a_cap_guards_a_legacy_sizer_where_its_module_says_hard(module: Write, tmp_path: Path, *, guards: bool) -> None:
    name = f"{module(f'HARD = {guards}' + CAP)}:Share"
    made = decided(tmp_path, on(name) | {"sizer": "legacy"})
    assert (made.binding == name) is guards
    assert verified(tmp_path).status is LineStatus.SAME


@pytest.mark.parametrize(
    "body",
    [
        "raise RuntimeError('boom')",
        "return None",
        "return 0.5",
        "return Decimal(1)",
        'return Limit(Decimal("NaN"), "lot", "x")',
        'return Limit(Decimal("Infinity"), "lot", "x")',
        'return Limit(1.5, "lot", "x")',
        'return Limit(True, "lot", "x")',
        'return Limit(Decimal(1), "lots", "x")',
        'return Limit(Decimal(1), "lot", None)',
        'return Limit(Decimal(1), "lot", "")',
        'return Limit(Decimal(1), "lot", "\\ud800")',
        'return Limit(None, "lot", "x", least=Decimal("NaN"))',
        'return Limit(None, "lot", "x", least=5)',
        "return context.account.equity / 0",
        "return context.no_such_field",
        'return Limit(Decimal("1e999999"), "loss", "x")',
        'return Limit(Decimal("1e-999999"), "loss", "x")',
        'return Limit(None, "lot", "x", least=Decimal("1e99"))',
        'return Limit(Decimal(1), "lot", "two\\nlines")',
        "raise SystemExit(0)",
        "raise type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})",
        "raise ValueError('\\x1b[2J and a bell \\a')",
    ],
)
def test_a_cap_that_fails_allows_nothing_and_its_line_is_computed_again(
    body: str, module: Write, tmp_path: Path
) -> None:
    own = module(f"def cap(context):\n    {body}\n")
    made = decided(tmp_path, on(f"{own}:cap"))
    assert made.lots == 0
    assert made.reason is not None
    assert made.reason.code == "plugin_cap"
    assert f"{own}:cap failed: " in made.reason.detail
    assert made.reason.detail.isprintable()
    assert verified(tmp_path, unload=own).status is LineStatus.SAME


def test_a_cap_that_only_allows_more_changes_nothing(module: Write, tmp_path: Path) -> None:
    own = module('def cap(context):\n    return Limit(Decimal(10) ** 9, "lot", "as much as you like")\n')
    assert decided(tmp_path / "a", on(f"{own}:cap")).lots == decided(tmp_path / "b", on("per_trade")).lots


def test_a_sentence_of_another_kind_of_text_is_written_down_as_text(module: Write, tmp_path: Path) -> None:
    own = module(
        "class Text(str):\n    pass\ndef cap(context):\n"
        '    return Limit(Decimal("0.05"), "lot", Text("no more on a Friday"))\n'
    )
    made = decided(tmp_path, on(f"{own}:cap"))
    assert (made.lots, made.binding) == (Decimal("0.05"), f"{own}:cap")
    assert verified(tmp_path, unload=own).status is LineStatus.SAME


def test_what_a_cap_does_to_decimal_arithmetic_stays_in_the_cap(module: Write, tmp_path: Path) -> None:
    text = (
        "import decimal\ndef cap(context):\n    decimal.getcontext().prec = 2\n"
        '    return Limit(context.account.equity / 3, "loss", "a third")\n'
    )
    made = decided(tmp_path / "a", on(f"{module(text)}:cap"))
    assert made.lots == decided(tmp_path / "b", on("per_trade")).lots


# a factor


@pytest.mark.parametrize("value", ['Decimal("0.5")', "Decimal(1)"])
def test_a_factor_of_the_user_s_own_scales_in_the_chain(value: str, module: Write, tmp_path: Path) -> None:
    own = module(FACTOR.format(value=value))
    name = f"{own}:factor"
    made = decided(tmp_path, {"sizers.elite.factors": ("confidence", name)})
    (step,) = [factor for factor in line(tmp_path)["factors"] if factor["name"] == name]
    assert step["because"] == "as told"
    half = decided(tmp_path / "b", {"sizers.elite.factors": ("confidence",)}).lots
    assert made.lots == half or value != "Decimal(1)"
    assert made.lots < half or value == "Decimal(1)"
    assert verified(tmp_path, unload=own).status is LineStatus.SAME


def test_a_factor_that_enlarges_is_held_by_the_ceiling(module: Write, tmp_path: Path) -> None:
    own = f"{module(FACTOR.format(value='Decimal(10) ** 9'))}:factor"
    decided(tmp_path, {"sizers.elite.factors": ("confidence", own)})
    # 997.50 is the base: 30 % of 70 % of 4,750; the ceiling allows 1.5 times that
    steps = {step["name"]: step["after"] for step in line(tmp_path)["steps"]}
    assert (steps["base_risk"], steps["ceiling"]) == (997.5, 1496.25)


@pytest.mark.parametrize(
    "value",
    [
        'Decimal("NaN")',
        'Decimal("Infinity")',
        "Decimal(-1)",
        "0.5",
        "None",
        "1 / 0",
        "True",
        'Decimal("1e999999")',
        "exit(0)",
    ],
)
def test_a_factor_that_fails_denies_and_its_line_is_computed_again(value: str, module: Write, tmp_path: Path) -> None:
    own = module(FACTOR.format(value=value))
    made = decided(tmp_path, {"sizers.elite.factors": ("confidence", f"{own}:factor")})
    assert made.lots == 0
    assert made.reason is not None
    assert made.reason.code == "plugin_error"
    assert made.reason.detail.startswith(f"{own}:factor")
    assert verified(tmp_path, unload=own).status is LineStatus.SAME


# a sizer, a legacy function


def test_a_sizer_with_settings_is_the_legacy_one(module: Write, tmp_path: Path) -> None:
    own = module(
        "@dataclass(frozen=True)\nclass Fixed:\n    money: Annotated[Decimal, MONEY] = Decimal(100)\n"
        "    def __call__(self, context):\n        return Proposal(money=self.money)\n"
    )
    options = {"sizer": "legacy", "legacy": f"{own}:Fixed"}
    first = decided(tmp_path, options)
    more = decided(tmp_path, options | {f"sizers.{own}:Fixed.money": 200})
    assert 0 < first.lots < more.lots
    assert verified(tmp_path, unload=own).status is LineStatus.SAME


@pytest.mark.parametrize("flag", ["legacy", "shadow", "elite"])
@pytest.mark.parametrize(
    "returned",
    [
        "0.37",
        "Decimal('0.37')",
        "None",
        "float('nan')",
        "-1",
        "1 / 0",
        "Proposal(lots=0.37)",
        "1e308",
        "Proposal(lots=Decimal(1), steps='abc')",
        "exit(0)",
    ],
)
def test_a_line_with_a_legacy_function_is_computed_again_without_it(
    returned: str, flag: str, module: Write, tmp_path: Path
) -> None:
    own = module(f"def lots(context):\n    return {returned}\n")
    made = decided(tmp_path, {"sizer": flag, "legacy": f"{own}:lots"})
    assert (made.lots > 0) is (flag == "elite" or "0.37" in returned[:14])
    assert verified(tmp_path, unload=own).status is LineStatus.SAME


# the journal


def test_the_journal_line_holds_each_digest_and_what_was_returned(module: Write, tmp_path: Path) -> None:
    cap, factor, legacy = module(CAP), module(FACTOR.format(value="Decimal('0.9')")), module("lots = lambda _: 0.2\n")
    options = on(f"{cap}:Share") | {"sizers.elite.factors": (f"{factor}:factor",), "legacy": f"{legacy}:lots"}
    decided(tmp_path, options)
    plugins = line(tmp_path)["plugins"]
    assert [(plugin["kind"], plugin["name"]) for plugin in plugins] == [
        ("cap", f"{cap}:Share"),
        ("factor", f"{factor}:factor"),
        ("sizer", f"{legacy}:lots"),
    ]
    assert len({plugin["digest"] for plugin in plugins}) == 3
    assert all(plugin["digest"].startswith("sha256:") for plugin in plugins)
    assert plugins[0]["limit"] == {"room": 100.0, "per": "loss", "because": "0.10% at most", "least": None}
    assert plugins[1]["scaling"] == {"value": 0.9, "because": "as told"}
    assert plugins[2]["proposal"]["lots"] == 0.2


def test_a_line_without_plug_ins_says_nothing_of_them(tmp_path: Path) -> None:
    decided(tmp_path, {})
    assert "plugins" not in line(tmp_path)


def test_what_was_returned_can_t_be_changed_unnoticed(module: Write, tmp_path: Path) -> None:
    own = module(CAP)
    decided(tmp_path, on(f"{own}:Share"))
    whole, plans_of = journal(tmp_path)[-1], plans(Journal(tmp_path / "store"))
    assert b'"room":100.000' in whole
    changed = whole.replace(b'"room":100.000', b'"room":200.000')
    assert verify(changed, plans_of).status is LineStatus.DIFFERENT


def test_a_line_that_does_not_hold_it_needs_the_plug_in_and_imports_nothing(module: Write, tmp_path: Path) -> None:
    own = module("def lots(context):\n    return 0.37\n")
    decided(tmp_path, {"sizer": "legacy", "legacy": f"{own}:lots"})
    sys.modules.pop(own)
    whole = journal(tmp_path)[-1]
    head, _, tail = whole.partition(b',"plugins":[')
    first = head + b',"context":' + tail.partition(b',"context":')[2]
    checked = verify(first, plans(Journal(tmp_path / "store")))
    assert checked.status is LineStatus.NEEDS_PLUGIN
    assert checked.detail.endswith(f"was made with {own}:lots and does not hold what it returned")
    assert own not in sys.modules


def test_a_sizer_beside_that_a_line_names_is_never_imported(module: Write, tmp_path: Path) -> None:
    own = module("def lots(context):\n    return 0.37\n")
    with sizer(tmp_path) as opened:
        opened.size(IDEA, also=("fixed_risk",))
    whole = journal(tmp_path)[-1].replace(b'"sizer":"fixed_risk"', f'"sizer":"{own}:lots"'.encode())
    assert verify(whole, plans(Journal(tmp_path / "store"))).status is LineStatus.NEEDS_PLUGIN
    assert own not in sys.modules


# what can't be loaded


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("no_such_module:Cap", "can't be loaded: No module named 'no_such_module'. Check the name"),
        ("{own}:Nothing", "can't be loaded"),
        ("{broken}:cap", "can't be loaded: ZeroDivisionError: division by zero. Mend the module"),
        ("{leaves}:cap", "can't be loaded: SystemExit: 3. Mend the module"),
        ("{own}:NUMBER", "can't be called. Write a function, or a frozen dataclass with __call__."),
        ("{own}:NoCall", "can't be called"),
        ("{own}:NoUnit", "the number share has no unit. Write Annotated[Decimal, FRACTION]"),
        ("{own}:Odd", "has a setting of a type that no file can hold"),
        ("{own}:Needs", "missing 1 required positional argument: 'share'"),
        ("{own}:Checks", "the share is too odd"),
        (":cap", "is no dotted path. Write module:function."),
    ],
)
def test_what_is_no_cap_is_refused_when_it_is_loaded(path: str, said: str, module: Write) -> None:
    own = module(
        "NUMBER = 3\n@dataclass(frozen=True)\nclass NoCall:\n    pass\n"
        "@dataclass(frozen=True)\nclass NoUnit:\n    share: Decimal = Decimal(1)\n    __call__ = print\n"
        "@dataclass(frozen=True)\nclass Odd:\n    limit: 'NoSuchType' = None\n    __call__ = print\n"
        "@dataclass(frozen=True)\nclass Needs:\n    share: Annotated[Decimal, FRACTION]\n    __call__ = print\n"
        "@dataclass(frozen=True)\nclass Checks:\n    __call__ = print\n"
        "    def __post_init__(self):\n        raise ValueError('the share is too odd')\n"
    )
    broken, leaves = module("1 / 0\n"), module("raise SystemExit(3)\n")
    with pytest.raises(ConfigError) as caught:
        planned(on(path.format(own=own, broken=broken, leaves=leaves)))
    assert said in str(caught.value)


def test_a_mistyped_factor_is_still_told_from_a_path() -> None:
    with pytest.raises(ConfigError, match="there is no factor 'confidnce'; did you mean confidence"):
        planned({"sizers.elite.factors": ("confidnce",)})

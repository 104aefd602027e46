"""A plan holds what the configuration names, and loads nothing that it leaves off."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from elite_sizer.caps import CAPS, HARD
from elite_sizer.configuration.plan import plan
from elite_sizer.configuration.settings import Settings, load
from elite_sizer.model.context import SizingContext
from elite_sizer.model.outcome import Flag, FlagValue
from elite_sizer.model.plugin import Proposal
from elite_sizer.model.request import Request
from elite_sizer.sizers.callers_own import CallerFirst, CallersSizer
from elite_sizer.sizers.elite import Elite
from elite_sizer.sizers.fixed_risk import FixedRisk
from portfolio.errors import ConfigError
from portfolio.model import Side
from tests.paths import ROOT

ELITE = Flag(FlagValue.ELITE, "config")
LEGACY = Flag(FlagValue.LEGACY, "config")


def settings(**options: object) -> Settings:
    return load(options=options, environment={}, user_file=Path("none"), folder=Path("none"))


def asked(**values: Any) -> SizingContext:  # noqa: ANN401 - fields of a request
    """Return as much of a context as a legacy sizer reads here: the request."""

    class Only:
        request = Request("EURUSD", Side.BUY, Decimal("1.08"), **values)

    return cast("SizingContext", Only())


def test_the_default_plan_is_the_elite_sizer_beside_fixed_risk() -> None:
    made = plan(settings(), ELITE)
    assert made.elite is not None
    assert isinstance(made.elite.sizer, Elite)
    assert [*made.elite.sizer.blend] == ["confidence", "market_score", "regime", "performance"]
    assert [*made.elite.sizer.reduce] == ["diversification"]
    assert (made.legacy.name, made.legacy.error, made.guard) == ("fixed_risk", "legacy_error", True)


def test_the_caps_stand_in_the_order_of_the_registry_whatever_the_file_says() -> None:
    made = plan(settings(caps__on=("open_risk", "daily_loss", "per_trade")), ELITE)
    assert [(cap.name, cap.hard) for cap in made.caps] == [
        ("per_trade", True),
        ("daily_loss", True),
        ("open_risk", False),
    ]


def test_every_cap_that_is_on_by_default_is_registered() -> None:
    made = plan(settings(), ELITE)
    assert [cap.name for cap in made.caps] == [name for name in CAPS if name in settings().caps_on]
    assert all(cap.hard == (cap.name in HARD) for cap in made.caps)


def test_settings_reach_the_part_they_are_written_for() -> None:
    made = plan(settings(sizers__elite__base_risk_pct=Decimal("0.005"), factors__regime__trending=1), ELITE)
    assert made.elite is not None
    assert isinstance(made.elite.sizer, Elite)
    assert made.elite.sizer.base_risk_pct == Decimal("0.005")
    assert cast("Any", made.elite.sizer.blend["regime"]).trending == 1


def test_a_factor_that_is_left_out_is_not_in_the_chain() -> None:
    made = plan(settings(sizers__elite__factors=("drawdown", "confidence")), ELITE)
    assert made.elite is not None
    assert isinstance(made.elite.sizer, Elite)
    assert [*made.elite.sizer.blend, *made.elite.sizer.reduce] == ["confidence", "drawdown"]


def test_the_same_configuration_and_flag_give_the_same_plan() -> None:
    one = settings()
    assert plan(one, ELITE) is plan(one, ELITE)


def test_sizers_beside_the_answer_are_loaded_by_name_and_refused_with_the_nearest() -> None:
    made = plan(settings(), LEGACY, ("elite", "fixed_risk"))
    assert [sizer.name for sizer in made.also] == ["elite", "fixed_risk"]
    with pytest.raises(ConfigError, match="did you mean fixed_risk"):
        plan(settings(), LEGACY, ("fixed_rsk",))


def test_legacy_mode_imports_neither_the_elite_sizer_nor_factors_nor_statistics() -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from elite_sizer.configuration.plan import plan\n"
        "from elite_sizer.configuration.settings import load\n"
        "from elite_sizer.model.outcome import Flag, FlagValue\n"
        "made = load(environment={}, user_file=Path('none'), folder=Path('none'))\n"
        "plan(made, Flag(FlagValue.LEGACY, 'config'))\n"
        "heavy = ('elite_sizer.sizers.elite', 'elite_sizer.factors.', 'numpy', 'scipy', 'rich', 'typer')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("flag", ["LEGACY", "ELITE"])
def test_no_cap_is_loaded_that_is_off(flag: str) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from elite_sizer import Sizer\n"
        "from elite_sizer.configuration.plan import plan\n"
        "from elite_sizer.configuration.settings import load\n"
        "from elite_sizer.model.outcome import Flag, FlagValue\n"
        "chosen = {'caps.on': ('per_trade', 'min_rr')}\n"
        "made = load(options=chosen, environment={}, user_file=Path('none'), folder=Path('none'))\n"
        "rooms = ('activity', 'broker', 'exposure', 'firm', 'risk')\n"
        "begins = tuple(f'elite_sizer.caps.{room}.' for room in rooms)\n"
        "caps = lambda: [name for name in sys.modules if name.startswith(begins)]\n"
        "assert caps() == [], caps()\n"
        f"plan(made, Flag(FlagValue.{flag}, 'config'))\n"
        "print(sorted(name.rpartition('.')[2] for name in caps()))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603
    assert done.stdout.strip() == "['min_rr', 'per_trade']", done.stderr


# the legacy side


def test_lots_that_the_caller_brings_go_before_the_configured_legacy() -> None:
    legacy = CallerFirst(FixedRisk())
    proposal = legacy(asked(legacy_lots=Decimal("0.37")))
    assert proposal.lots == Decimal("0.37")
    assert proposal.steps[0].name == "legacy_lots"


def test_a_function_of_the_users_own_is_the_legacy_digit_for_digit() -> None:
    proposal = CallersSizer("bot:lots", lambda _: 0.1 + 0.2)(asked())
    assert proposal.lots == Decimal("0.30000000000000004")
    assert float(proposal.lots) == 0.1 + 0.2


def test_a_proposal_of_the_users_own_is_taken_as_it_is() -> None:
    own = Proposal(lots=Decimal(1))
    assert CallersSizer("bot:lots", lambda _: own)(asked()) is own


@pytest.mark.parametrize("answer", [None, "0.5", True, [0.5]])
def test_a_function_that_returns_no_number_fails_as_legacy_error(answer: object) -> None:
    with pytest.raises(TypeError, match="neither lots nor a Proposal"):
        CallersSizer("bot:lots", lambda _: answer)(asked())


def test_a_dotted_path_is_loaded_and_a_missing_one_says_what_to_check() -> None:
    made = plan(settings(legacy="math:floor"), LEGACY)
    assert made.legacy.name == "math:floor"
    with pytest.raises(ConfigError, match=r"'math:flor' can't be loaded.*Check the name"):
        plan(settings(legacy="math:flor"), LEGACY)

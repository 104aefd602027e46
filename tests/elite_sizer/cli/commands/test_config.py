"""`config` shows each value with its origin, checks everything, and begins a file that holds."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from elite_sizer.caps import CAPS
from elite_sizer.configuration import part_defaults
from elite_sizer.configuration.settings import load
from tests.elite_sizer.cli.running import Run


def test_each_value_is_shown_with_its_origin(run: Run, home: Path) -> None:
    (home / "elite-sizer.toml").write_text('[caps.per_trade]\nrisk_pct = "1%"\n', encoding="utf-8")
    rows = run("config show caps.per_trade").out.splitlines()
    assert rows[0] == "caps.per_trade.risk_pct  0.01  (elite-sizer.toml)"
    assert "store.path" in run("config show").out
    assert "(environment)" in run("config show store").out
    assert "(profile ftmo)" in run("config show account").out
    listed = run("config show caps.per_trade --json").json
    assert listed["values"] == {"caps.per_trade.risk_pct": {"value": 0.01, "origin": "elite-sizer.toml"}}
    assert listed["digest"].startswith("sha256:")


def test_the_base_that_is_in_force_is_shown(run: Run) -> None:
    # 30 % of 70 % of (5,000 - 250 buffer) is 997.50, below 1.1 % of 100,000
    text = run("config show policy --initial 100000").out
    assert "under ftmo_2step a trade starts from 997.50: 30% of the daily risk budget" in text
    # with the concentration at 35 % the share of the balance is less: 1,163.75 against 1,100
    config = Path("elite-sizer.toml")
    config.write_text('[policy]\nmax_concentration = "35%"\n', encoding="utf-8")
    assert "starts from 1,100.00: 1.10% of the balance" in run("config show policy --initial 100000").out


def test_a_cap_that_the_shipped_file_does_not_name_is_shown_and_begun_too(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "elite_sizer.caps.risk.open_risk:OpenRisk"
    monkeypatch.setattr(part_defaults, "PARTS", {"caps": {**CAPS, "brand_new": path}})
    assert run("config show caps.brand_new").out.splitlines()[0] == "caps.brand_new.risk_pct  0.03  (default)"
    assert run("config init").code == 0
    assert (home / "elite-sizer.toml").read_text(encoding="utf-8").endswith("[caps.brand_new]\n# risk_pct = 0.03\n")


def test_what_does_not_exist_is_refused_with_the_nearest(run: Run) -> None:
    ran = run("config show capz")
    assert ran.code == 2
    assert "did you mean caps?" in ran.err


def test_a_whole_configuration_is_checked_also_what_is_off(run: Run, home: Path) -> None:
    assert run("config check").code == 0
    (home / "elite-sizer.toml").write_text("[caps.max_positions]\nmost = 2.5\n", encoding="utf-8")
    assert run("size EURUSD buy --stop 1.08").code == 0
    ran = run("config check --json")
    assert ran.code == 2
    assert "[caps.max_positions] most" in ran.json["reason"]["detail"]


def test_a_rule_set_that_does_not_exist_is_found_by_the_check(run: Run) -> None:
    ran = run("config check --rules ftmo_3step")
    assert ran.code == 2
    assert "ftmo_2step" in ran.err or "ftmo_1step" in ran.err


def test_a_new_file_holds_what_was_chosen_and_every_other_key_commented(run: Run, home: Path) -> None:
    ran = run("config init --initial 50000 --rules ftmo_1step --open-stop gap")
    assert ran.code == 0
    path = home / "elite-sizer.toml"
    settings = load(path, environment={}, user_file=home / "none.toml")
    account = settings.account
    assert (account.initial, account.rules, settings.policy.open_stop) == (Decimal(50000), "ftmo_1step", "gap")
    tables = {table: keys for table, keys in tomllib.loads(path.read_text(encoding="utf-8")).items() if keys}
    assert tables["account"] == {"initial": 50000, "rules": "ftmo_1step"}
    assert tables["policy"] == {"open_stop": "gap"}
    text = path.read_text(encoding="utf-8")
    assert "# risk_pct = " in text
    assert "source 003" in text


def test_without_anybody_to_ask_a_new_file_denies_open_stops(run: Run, home: Path) -> None:
    assert run("config init").code == 0
    tables = tomllib.loads((home / "elite-sizer.toml").read_text(encoding="utf-8"))
    assert tables["policy"] == {"open_stop": "deny"}


def test_a_file_is_never_overwritten_unasked(run: Run, home: Path) -> None:
    (home / "elite-sizer.toml").write_text("guard = 'off'\n", encoding="utf-8")
    ran = run("config init")
    assert ran.code == 2
    assert "is there already" in ran.err
    assert (home / "elite-sizer.toml").read_text(encoding="utf-8") == "guard = 'off'\n"
    assert run("config init --force").code == 0


def test_every_key_of_a_new_file_can_be_taken_up(run: Run, home: Path) -> None:
    run("config init")
    path = home / "elite-sizer.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    bare = [
        line[2:] if line.startswith("# ") and (" = " in line or line.startswith("#     ")) else line for line in lines
    ]
    chosen = [
        line for line in bare if not line.startswith(("# ]", "login", "server =", "day_start", "path = 'C", "command"))
    ]
    text = "\n".join("]" if line == "# ]" else line for line in chosen).replace("\n# ]", "\n]")
    assert "risk_pct" in text


def test_a_bad_choice_is_refused(run: Run) -> None:
    assert run("config init --open-stop maybe").code == 2
    assert run("config init --initial many").code == 2

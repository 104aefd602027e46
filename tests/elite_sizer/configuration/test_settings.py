"""A configuration is read in layers, every mistake is named, and one digest stands for all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from elite_sizer.configuration.document.fields import FILLED
from elite_sizer.configuration.document.layers import file_layer
from elite_sizer.configuration.parts import PARTS, settings
from elite_sizer.configuration.settings import Settings, check, load, parse, profiles
from elite_sizer.configuration.shipped import DEFAULTS, config_dir
from elite_sizer.model.outcome import FlagValue
from elite_sizer.model.policy import Policy
from elite_sizer.sizing.registry import load_object
from portfolio.errors import ConfigError

NOWHERE: Mapping[str, str] = {}


def written(folder: Path, text: str, name: str = "elite-sizer.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def configured(
    tmp_path: Path,
    text: str = "",
    *,
    environment: Mapping[str, str] = NOWHERE,
    user: str | None = None,
    **options: Any,  # noqa: ANN401 - whatever a caller may pass
) -> Settings:
    user_file = tmp_path / "user" / "elite-sizer.toml"
    if user is not None:
        user_file.parent.mkdir()
        written(user_file.parent, user)
    return load(written(tmp_path, text), options=options, environment=environment, user_file=user_file)


def refused(
    tmp_path: Path, text: str, *, environment: Mapping[str, str] = NOWHERE, tail__bars: int | None = None
) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, text, environment=environment, tail__bars=tail__bars)
    return [line.replace(f"{tmp_path}", "").lstrip("/\\") for line in str(caught.value).splitlines()]


# the defaults


def test_the_defaults_hold_without_any_file(tmp_path: Path) -> None:
    made = load(environment={}, folder=tmp_path, user_file=tmp_path / "none.toml")
    assert (made.sizer, made.guard, made.legacy, made.profile) == (FlagValue.ELITE, True, "fixed_risk", "ftmo")
    assert made.account.initial == "auto"
    assert made.policy == Policy()


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in PARTS.items() for name in names])
def test_the_shipped_file_says_what_the_code_says(kind: str, name: str) -> None:
    made = load_object(PARTS[kind][name])
    stated = file_layer(config_dir() / DEFAULTS).values.get(kind, {}).get(name, {})
    if not (isinstance(made, type) and is_dataclass(made)):
        assert not stated
        return
    own = [field for field in fields(made) if field.name not in FILLED]
    values = settings(load(environment={}, user_file=Path("none")).sources, kind, name)
    values.pop("factors", None)
    bare = made()
    from_file = made(**values)
    for field in own:
        assert getattr(from_file, field.name) == getattr(bare, field.name), field.name
        if field.default is not MISSING and isinstance(field.default, Decimal):
            assert type(getattr(from_file, field.name)) is Decimal


def test_every_part_of_the_shipped_configuration_can_be_made(tmp_path: Path) -> None:
    assert check(configured(tmp_path)) == []


@pytest.mark.parametrize("profile", profiles())
def test_every_shipped_profile_can_be_loaded(profile: str, tmp_path: Path) -> None:
    assert check(configured(tmp_path, profile=profile)) == []


# the layers


def test_each_layer_overrules_the_one_below_and_says_so(tmp_path: Path) -> None:
    text = "[account]\ninitial = 100000\nepoch = 1\nphase = 'funded'\n"
    made = configured(
        tmp_path,
        text,
        user="[account]\ninitial = 50000\nlogin = 7\n",
        environment={"ELITE_SIZER_ACCOUNT__EPOCH": "2", "ELITE_SIZER_ACCOUNT__PHASE": "verification"},
        account__phase="challenge",
    )
    assert (made.account.login, made.account.initial, made.account.epoch) == (7, Decimal(100000), 2)
    assert made.account.phase == "challenge"
    origins = made.origins
    assert origins["account.login"].endswith(str(Path("user") / "elite-sizer.toml"))
    assert origins["account.initial"] == str(tmp_path / "elite-sizer.toml")
    assert origins["account.epoch"] == "environment"
    assert origins["account.phase"] == "option"
    assert origins["account.rules"] == "profile ftmo"
    assert origins["guard"] == "default"


def test_a_file_in_the_working_folder_is_found(tmp_path: Path) -> None:
    written(tmp_path, "guard = 'off'\n")
    assert not load(environment={}, folder=tmp_path, user_file=tmp_path / "none").guard


def test_a_variable_names_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "guard = 'off'\n", "other.toml")
    assert not load(environment={"ELITE_SIZER_CONFIG": str(path)}, user_file=tmp_path / "none").guard


def test_a_named_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml can't be read: No such file"):
        load(tmp_path / "none.toml", environment={})


def test_short_option_names_reach_their_tables(tmp_path: Path) -> None:
    made = configured(tmp_path, rules="ftmo_1step", initial=200000, terminal="simulated", recording=None)
    assert (made.account.rules, made.account.initial) == ("ftmo_1step", Decimal(200000))
    assert made.terminal.name == "simulated"


def test_a_table_is_completed_key_by_key_and_a_list_is_replaced(tmp_path: Path) -> None:
    made = configured(tmp_path, "[terminal.quote_age_seconds]\noil = 30\n[caps]\non = ['per_trade']\n")
    assert made.terminal.quote_age_seconds["oil"] == 30
    assert made.terminal.quote_age_seconds["forex"] == 5
    assert made.caps_on == ("per_trade",)


def test_a_guard_written_as_true_or_false_is_understood(tmp_path: Path) -> None:
    assert not configured(tmp_path, "guard = false\n").guard
    assert configured(tmp_path, "guard = true\n").guard


# numbers


@pytest.mark.parametrize("spelling", ['"30%"', "0.3", '"30.0 %"', "0.30"])
def test_a_percentage_has_two_spellings_and_one_digest(spelling: str, tmp_path: Path) -> None:
    made = configured(tmp_path, f"[policy]\nmax_concentration = {spelling}\n")
    assert made.policy.max_concentration == Decimal("0.3")
    assert made.digest == configured(tmp_path).digest


def test_a_bare_number_where_a_fraction_is_meant_is_refused_with_both_spellings(tmp_path: Path) -> None:
    assert refused(tmp_path, "[policy]\nmax_concentration = 30\n") == [
        'elite-sizer.toml, line 2, [policy] max_concentration: 30 is no fraction; write "30%" or 0.30.'
    ]


def test_the_whole_is_a_fraction_only_with_its_sign(tmp_path: Path) -> None:
    assert configured(tmp_path, '[policy]\nmax_concentration = "100%"\n').policy.max_concentration == 1
    assert "1 is no fraction" in refused(tmp_path, "[policy]\nmax_concentration = 1\n")[0]
    assert "more than the whole" in refused(tmp_path, '[policy]\nmax_concentration = "101%"\n')[0]


@pytest.mark.parametrize("bad", ["nan", "inf", "-0.1", "true", '"a third"', "[0.3]", "{}"])
def test_what_is_no_number_from_zero_to_one_is_refused(bad: str, tmp_path: Path) -> None:
    (line,) = refused(tmp_path, f"[policy]\nmax_concentration = {bad}\n")
    assert line.startswith("elite-sizer.toml, line 2, [policy] max_concentration: ")


def test_a_setting_of_a_sizer_is_checked_when_the_sizer_is_made(tmp_path: Path) -> None:
    made = configured(tmp_path, "[sizers.elite]\nbase_risk_pct = 1.1\n")
    with pytest.raises(
        ConfigError, match=r'line 2, \[sizers\.elite\] base_risk_pct: 1\.1 is no fraction; write "1\.1%"'
    ):
        settings(made.sources, "sizers", "elite")
    assert len(check(made)) == 1


def test_a_setting_of_a_cap_that_is_off_is_found_by_the_full_check(tmp_path: Path) -> None:
    made = configured(tmp_path, "[caps.max_positions]\nmost = 2.5\n")
    (line,) = check(made)
    assert line.endswith("[caps.max_positions] most: a whole number is needed, not 2.5.")


def test_an_asset_class_in_a_table_of_a_cap_is_checked_by_the_cap(tmp_path: Path) -> None:
    (line,) = check(configured(tmp_path, "[caps.symbol_lots]\nby_class = { forx = 5 }\n"))
    assert "forx" in line
    assert "forex" in line


# mistakes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "sizer = 'elit'",
            """line 1, sizer: "elit" is unknown; write 'elite', 'shadow' or 'legacy' (did you mean elite?).""",
        ),
        ("[acount]\nepoch = 1", "line 1, acount: there is no such key; did you mean account?."),
        ("[account]\nrule = 'x'", "line 2, [account] rule: there is no such key; did you mean rules?."),
        ("account.rules = 3", "line 1, [account] rules: text is needed, not 3."),
        ("account = 3", "line 1, account: a table is needed, not 3."),
        ("[account]\nepoch = true", "line 2, [account] epoch: a whole number is needed, not true."),
        ("[account]\nlogin = 0", "line 2, [account] login: input should be greater than 0, not 0."),
        ("[account]\ninitial = 'al'", "line 2, [account] initial: a number is needed, not \"al\", or write 'auto'."),
        ("[caps.per_trad]\nrisk_pct = 0.01", "[caps] per_trad: there is no such cap; did you mean per_trade?."),
        ("[caps]\non = ['per_trad']", "[caps] on: there is no cap 'per_trad'; did you mean per_trade?."),
        (
            "[caps.per_trade]\nrisk = 0.01",
            "line 2, [caps.per_trade] risk: there is no such key; did you mean risk_pct?.",
        ),
        ("[factors.regime]\ntrend = 1.3", "there is no such key; did you mean trending?."),
        ("legacy = 'fixed_rsk'", "did you mean fixed_risk?, or your own as module:function."),
        ("elite = 'my:own'", "there is no sizer 'my:own'"),
        ("[classes]\nUSTEC = 'index'", "did you mean indices?"),
        ("[correlation.pairs]\n'EURUSD GBPUSD' = 1.5", "a correlation lies between -1 and 1, not at 1.5."),
        ("[orders]\nenabled = 'yes'", 'line 2, [orders] enabled: true or false is needed, not "yes".'),
    ],
)
def test_a_mistake_is_refused_with_place_and_nearest_name(text: str, said: str, tmp_path: Path) -> None:
    (line,) = refused(tmp_path, text + "\n")
    assert line.startswith("elite-sizer.toml, line ")
    assert line.endswith(said) or said in line


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    lines = refused(
        tmp_path,
        "sizer = 'elit'\n[account]\nepoch = -1\n[caps.per_trad]\n",
        environment={"ELITE_SIZER_GUARD": "maybe"},
        tail__bars=3,
    )
    assert [line.partition(":")[0] for line in lines] == [
        "elite-sizer.toml, line 1, sizer",
        "environment, ELITE_SIZER_GUARD",
        "elite-sizer.toml, line 3, [account] epoch",
        "option, [tail] bars",
        "elite-sizer.toml, line 4, [caps] per_trad",
    ]


def test_an_unknown_profile_is_refused_with_the_nearest(tmp_path: Path) -> None:
    assert refused(tmp_path, "profile = 'ftmoo'\n") == ["There is no profile 'ftmoo'; did you mean ftmo?."]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (b'path = "C:\\Users\\me"', "single quotes"),
        (b"risk = 1.1%", "in quotes"),
        (b"a = \xff", "UTF-8"),
        (b"a = 1\na = 2", "no TOML"),
    ],
)
def test_a_file_that_is_no_toml_says_where_and_what_helps(text: bytes, hint: str, tmp_path: Path) -> None:
    path = tmp_path / "elite-sizer.toml"
    path.write_bytes(text)
    with pytest.raises(ConfigError, match=hint):
        load(path, environment={})


# the digest


def test_the_canonical_form_is_read_back_to_the_same_digest(tmp_path: Path) -> None:
    made = configured(tmp_path, '[policy]\nmax_concentration = "100%"\n[account]\nday_start = 100000.50\n')
    again = parse(made.canonical)
    assert again.digest == made.digest
    assert again.policy == made.policy
    assert again.account == made.account


def test_any_change_changes_the_digest(tmp_path: Path) -> None:
    assert configured(tmp_path, "[factors.regime]\ntrending = 1.1\n").digest != configured(tmp_path).digest


# the profiles


@pytest.mark.parametrize(
    ("profile", "sizer"),
    [
        ("ftmo", "elite"),
        ("dual_cap", "dual_cap"),
        ("conviction", "conviction"),
        ("leveraged_margin", "leveraged_margin"),
        ("kelly_atr", "kelly_atr"),
        ("kelly_atr_aggressive", "kelly_atr"),
        ("kelly_atr_conservative", "kelly_atr"),
    ],
)
def test_each_system_has_its_profile_and_keeps_every_protecting_cap(profile: str, sizer: str, tmp_path: Path) -> None:
    made = configured(tmp_path, profile=profile)
    assert made.elite == sizer
    assert {"broker_volume", "free_margin", "daily_loss", "maximum_loss", "following_peak", "open_stop"} <= {
        *made.caps_on
    }
    if sizer != "elite":
        assert not {"symbol_lots", "margin_per_trade"} & {*made.caps_on}


@pytest.mark.parametrize(
    ("profile", "figures"),
    [
        ("kelly_atr", ("0.01", "0.25", "0.1", "3")),
        ("kelly_atr_aggressive", ("0.02", "0.5", "0.15", "5")),
        ("kelly_atr_conservative", ("0.005", "0.25", "0.07", "2")),
    ],
)
def test_the_presets_of_source_004_hold_its_figures(profile: str, figures: tuple[str, ...], tmp_path: Path) -> None:
    values = configured(tmp_path, profile=profile).values
    kelly = [values[f"sizers.kelly_atr.{name}"] for name in ("risk_pct", "fraction", "most_pct")]
    assert [*kelly, values["caps.max_positions.most"]] == [Decimal(figure) for figure in figures]

"""The flag is read anew for each decision; a STOP file stops entries without any database."""

from __future__ import annotations

from pathlib import Path

import pytest

from elite_sizer.configuration.flag import FlagReader, resolve, write_flag
from elite_sizer.configuration.settings import Settings, load
from elite_sizer.configuration.stop_file import clear_stop, stopped, write_stop
from elite_sizer.model.outcome import Flag, FlagValue


def settings(**options: object) -> Settings:
    return load(options=options, environment={}, user_file=Path("none"), folder=Path("none"))


def test_the_default_is_elite() -> None:
    assert resolve(settings(), {}, None) == Flag(FlagValue.ELITE, "default")


def test_a_configured_legacy_makes_shadow_the_default() -> None:
    assert resolve(settings(legacy="fixed_risk"), {}, None) == Flag(FlagValue.SHADOW, "default")


def test_a_configured_flag_goes_before_the_default() -> None:
    assert resolve(settings(sizer="elite", legacy="fixed_risk"), {}, None) == Flag(FlagValue.ELITE, "config")


def test_the_flag_file_goes_before_the_configuration() -> None:
    assert resolve(settings(sizer="elite"), {}, "legacy") == Flag(FlagValue.LEGACY, "flag file")


def test_the_environment_goes_before_the_flag_file() -> None:
    assert resolve(settings(), {"ELITE_SIZER_SIZER": "Shadow "}, "legacy") == Flag(FlagValue.SHADOW, "environment")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("true", FlagValue.ELITE),
        ("FALSE", FlagValue.LEGACY),
        ("1", FlagValue.ELITE),
        ("0", FlagValue.LEGACY),
        ("shadow", FlagValue.SHADOW),
    ],
)
def test_the_switch_of_source_003_is_an_alias(said: str, meant: FlagValue) -> None:
    assert resolve(settings(), {"USE_ELITE_SIZER": said}, "shadow") == Flag(meant, "environment")


def test_our_own_variable_goes_before_the_alias() -> None:
    both = {"USE_ELITE_SIZER": "true", "ELITE_SIZER_SIZER": "legacy"}
    assert resolve(settings(), both, None).value is FlagValue.LEGACY


@pytest.mark.parametrize("environment", [{"ELITE_SIZER_SIZER": "elit"}, {"USE_ELITE_SIZER": "maybe"}])
def test_an_unreadable_flag_keeps_the_last_good_one_with_an_alarm(environment: dict[str, str], tmp_path: Path) -> None:
    reader = FlagReader(tmp_path)
    good = reader.read(settings(sizer="shadow"), {})
    reading = reader.read(settings(sizer="shadow"), environment)
    assert reading.flag == good.flag == Flag(FlagValue.SHADOW, "config")
    assert reading.alarm is not None
    assert "shadow stays in force" in reading.alarm


def test_an_unreadable_flag_that_never_was_good_refuses(tmp_path: Path) -> None:
    (tmp_path / "flag").write_text("on", encoding="utf-8")
    reading = FlagReader(tmp_path).read(settings(), {})
    assert reading.flag is None
    assert reading.refusal is not None
    assert reading.refusal.code == "flag_unreadable"
    assert "'on'" in reading.refusal.detail


def test_a_folder_in_the_flags_place_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "flag").mkdir()
    reading = FlagReader(tmp_path).read(settings(), {})
    assert reading.refusal is not None
    assert reading.refusal.code == "flag_unreadable"


def test_bytes_that_are_no_text_are_unreadable(tmp_path: Path) -> None:
    (tmp_path / "flag").write_bytes(b"\xff\xfe\x00e")
    assert FlagReader(tmp_path).read(settings(), {}).refusal is not None


def test_the_flag_switches_while_the_program_runs(tmp_path: Path) -> None:
    reader = FlagReader(tmp_path)
    seen = [reader.read(settings(), {}).flag]
    write_flag(tmp_path, FlagValue.LEGACY)
    seen.append(reader.read(settings(), {}).flag)
    write_flag(tmp_path, FlagValue.SHADOW)
    seen.append(reader.read(settings(), {}).flag)
    (tmp_path / "flag").unlink()
    seen.append(reader.read(settings(), {}).flag)
    assert [flag and flag.value for flag in seen] == ["elite", "legacy", "shadow", "elite"]


# STOP


def test_without_a_stop_file_nothing_is_stopped(tmp_path: Path) -> None:
    assert stopped(tmp_path) is None
    assert stopped(tmp_path / "never made") is None


def test_a_stop_file_halts_and_says_why(tmp_path: Path) -> None:
    write_stop(tmp_path, "2026-06-10T12:00:00Z news day")
    refusal = stopped(tmp_path)
    assert refusal is not None
    assert refusal == ("halted", "2026-06-10T12:00:00Z news day")


def test_an_empty_stop_file_made_by_hand_halts_too(tmp_path: Path) -> None:
    (tmp_path / "STOP").touch()
    refusal = stopped(tmp_path)
    assert refusal is not None
    assert refusal.code == "halted"
    assert "STOP" in refusal.detail


def test_a_stop_that_nobody_can_read_halts(tmp_path: Path) -> None:
    (tmp_path / "STOP").mkdir()
    refusal = stopped(tmp_path)
    assert refusal is not None
    assert refusal.code == "halted"


def test_clearing_says_whether_there_was_a_stop(tmp_path: Path) -> None:
    write_stop(tmp_path, "lunch")
    assert clear_stop(tmp_path)
    assert not clear_stop(tmp_path)
    assert stopped(tmp_path) is None

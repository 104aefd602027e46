"""One place for how generated tests run: the same cases every time, no database, no deadline."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.paths import ROOT

_always = settings(database=None, deadline=None, print_blob=True)
settings.register_profile("dev", _always, max_examples=50, derandomize=True)
settings.register_profile(
    "ci", _always, max_examples=100, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", _always, max_examples=20_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with the real market bars, or skip: whoever clones the project alone has none."""
    folder = Path(os.environ.get("ELITE_SIZER_SHARED", ROOT.parent / "shared"))
    if not (folder / "data" / "bars").is_dir():
        pytest.skip(f"real bars are not here ({folder}); set ELITE_SIZER_SHARED to their folder")
    return folder

"""A file of the user's own that hides one of our packages is named in one sentence."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import elite_sizer
from elite_sizer.request.idea import TradeIdea
from tests.paths import ROOT


def run(script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter and a script of the test
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "SYSTEMROOT": "C:\\Windows"},
    )


def bot(folder: Path) -> Path:
    script = folder / "bot.py"
    script.write_text(
        "import elite_sizer\nfrom elite_sizer import TradeIdea\nprint(TradeIdea.__name__)\n", encoding="utf-8"
    )
    return script


def test_a_script_of_its_own_folder_finds_our_packages(tmp_path: Path) -> None:
    done = run(bot(tmp_path))
    assert (done.returncode, done.stdout) == (0, "TradeIdea\n")


@pytest.mark.parametrize("name", ["portfolio", "mt5bridge"])
def test_a_users_module_of_the_same_name_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.py").write_text("holdings = []\n", encoding="utf-8")
    done = run(bot(tmp_path))
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith("elite_sizer.siblings.ForeignPackageError: ")
    assert last.endswith(f"{name}.py hides elite-sizer's own package '{name}'. Rename that file or folder.")
    assert str(tmp_path) in last


def test_a_users_folder_of_the_same_name_is_named(tmp_path: Path) -> None:
    (tmp_path / "portfolio").mkdir()
    (tmp_path / "portfolio" / "__init__.py").touch()
    assert "hides elite-sizer's own package 'portfolio'" in run(bot(tmp_path)).stderr


def test_the_version_is_stated_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["dynamic"], "version" in project) == (["version"], False)
    assert metadata.version("elite-sizer") == elite_sizer.__version__


def test_the_public_names_are_loaded_when_they_are_used() -> None:
    program = "import sys, elite_sizer; print(sorted(name for name in sys.modules if name.startswith('elite_sizer')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    assert done.stdout.strip() == "['elite_sizer', 'elite_sizer.siblings', 'elite_sizer.version']"
    assert elite_sizer.TradeIdea is TradeIdea
    assert {"Sizer", "TradeIdea", "Decision"} <= {*dir(elite_sizer)}
    with pytest.raises(AttributeError, match="no attribute 'Szier'"):
        elite_sizer.Szier  # noqa: B018

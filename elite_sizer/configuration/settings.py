"""The trader's configuration: every value checked, each with where it came from, all of it under one digest.

    option > ELITE_SIZER_* environment > --config or ./elite-sizer.toml > user file > profile > default

A mistake is refused with file, table, key, the nearest name and the line where a search finds it; all at once.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast

import msgspec
from pydantic import ValidationError

from elite_sizer.configuration.document.layers import (
    DEFAULT,
    PROFILE,
    Layer,
    Sources,
    Tree,
    environment_layer,
    file_layer,
    leaves,
    merge_layers,
    option_layer,
)
from elite_sizer.configuration.document.mistakes import explain
from elite_sizer.configuration.document.tables import (
    AccountTable,
    BlackoutTable,
    BudgetTable,
    CostsTable,
    Document,
    DropinTable,
    JournalTable,
    OrdersTable,
    StoreTable,
    TailTable,
    TerminalTable,
    ThrottleTable,
    store_folder,
)
from elite_sizer.configuration.document.values import Percentage, Whole, plain
from elite_sizer.configuration.firm_rules import rules_of
from elite_sizer.configuration.parts import PARTS, is_own, problems, unknown_keys
from elite_sizer.configuration.shipped import DEFAULTS, config_dir
from elite_sizer.model.outcome import FlagValue
from elite_sizer.model.policy import Policy
from elite_sizer.request.default_levels import DefaultLevels
from elite_sizer.sizers import SIZERS
from portfolio.errors import ConfigError
from portfolio.nearest_name import did_you_mean
from portfolio.rules.rule_set import Rules

FILE: Final = "elite-sizer.toml"
"""Name of a configuration file, in the working folder and in the user's own."""


_CANONICAL: Final = msgspec.json.Encoder(order="deterministic", decimal_format="number")


@dataclass(frozen=True, eq=False)
class Settings:
    """One effective configuration; its digest tells it from every other."""

    sizer: FlagValue
    guard: bool
    elite: str
    legacy: str
    profile: str
    account: AccountTable
    terminal: TerminalTable
    policy: Policy
    caps_on: tuple[str, ...]
    costs: CostsTable
    tail: TailTable
    correlations: Mapping[str, float]
    classes: Mapping[str, str]
    store: StoreTable
    journal: JournalTable
    orders: OrdersTable
    budget: BudgetTable
    blackout: BlackoutTable
    throttle: ThrottleTable
    levels: DefaultLevels
    atr: str
    """Formula of the average true range: `wilder` or `terminal`."""
    dropin: DropinTable
    rules: Mapping[str, Mapping[str, Any]]
    sources: Sources
    canonical: bytes
    digest: str
    files: tuple[Path, ...] = ()
    """Files that a reload watches, whether they exist or not."""

    @property
    def folder(self) -> Path:
        """Folder of the database, the flag, the STOP file and the journal."""
        return store_folder(self.store)

    @cached_property
    def firm_rules(self) -> Rules:
        """The firm's rules of `[account] rules`, with the trader's own changes; ConfigError where there are none."""
        return rules_of(self.account.rules, self.rules.get(self.account.rules))

    @property
    def origins(self) -> dict[str, str]:
        """The name of the layer that each dotted key came from."""
        return {key: layer.name for key, layer in self.sources.origins.items()}

    @property
    def values(self) -> dict[str, Any]:
        """Every dotted key with its value in force, in the order of the defaults."""
        return {".".join(path): plain(value) for path, value in leaves(self.sources.merged)}

    def by_user(self, key: str) -> bool:
        """Return whether the value is the user's: neither the shipped default nor a profile."""
        layer = self.sources.origins.get(key)
        return layer is not None and layer.kind not in {DEFAULT, PROFILE}


def load(
    path: str | Path | None = None,
    *,
    options: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    user_file: Path | None = None,
) -> Settings:
    """Return the effective configuration; ConfigError lists everything that is wrong with it.

    `options` are dotted keys ("account.initial"), the same with double underscores, or short names ("rules").
    `folder` is searched for elite-sizer.toml where neither `path` nor ELITE_SIZER_CONFIG names a file.
    """
    environment = os.environ if environment is None else environment
    files = _files(path, environment, folder or Path(), user_file)
    layers = [file_layer(file) for file, must_exist in files if must_exist or file.is_file()]
    if layer := environment_layer(environment):
        layers.append(layer)
    if layer := option_layer(options or {}):
        layers.append(layer)
    default = file_layer(config_dir() / DEFAULTS, DEFAULT, DEFAULT)
    profile = merge_layers([default, *layers]).merged["profile"]
    watch = (_profile_file(profile), *(file for file, _ in files))
    return validate(merge_layers([default, file_layer(watch[0], f"profile {profile}", PROFILE), *layers]), watch)


def parse(canonical: bytes) -> Settings:
    """Return the settings that were written in canonical form, as a journal's configuration file holds them."""
    tree = json.loads(canonical, parse_float=Percentage, parse_int=Whole)
    return validate(merge_layers([Layer("journal", cast("Tree", _freeze(tree)), DEFAULT)]))


def check(settings: Settings) -> list[str]:
    """Return the mistakes in parts that are off; those of a part that is on were refused when it was loaded."""
    return problems(settings.sources)


def validate(sources: Sources, files: tuple[Path, ...] = ()) -> Settings:
    """Return the settings of merged layers; ConfigError lists everything that is wrong."""
    mistakes = unknown_keys(sources)
    try:
        document = Document.model_validate(_plain_guard(sources.merged))
    except ValidationError as error:
        raise ConfigError("\n".join([*explain(sources, (), error), *mistakes])) from error
    mistakes += _names(sources, document)
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    canonical = _CANONICAL.encode(plain(sources.merged))
    return Settings(
        sizer=FlagValue(document.sizer),
        guard=document.guard == "on",
        elite=document.elite,
        legacy=document.legacy,
        profile=document.profile,
        account=document.account,
        terminal=document.terminal,
        policy=Policy(**document.policy.model_dump()),
        caps_on=document.caps.on,
        costs=document.costs,
        tail=document.tail,
        correlations=document.correlation.pairs,
        classes=document.classes,
        store=document.store,
        journal=document.journal,
        orders=document.orders,
        budget=document.budget,
        blackout=document.blackout,
        throttle=document.throttle,
        levels=DefaultLevels(**document.levels.model_dump(exclude={"atr"})),
        atr=document.levels.atr,
        dropin=document.dropin,
        rules=document.rules,
        sources=sources,
        canonical=canonical,
        digest=f"sha256:{hashlib.sha256(canonical).hexdigest()}",
        files=files,
    )


def user_config() -> Path:
    """Return where the user's own configuration file lies, whether it exists or not."""
    from platformdirs import user_config_path  # noqa: PLC0415 - 20 ms that a named file saves

    return user_config_path("elite-sizer", appauthor=False, roaming=True) / FILE


def profiles() -> list[str]:
    """Return the names of the shipped profiles."""
    return sorted(path.stem for path in (config_dir() / "profiles").glob("*.toml"))


def _files(
    path: str | Path | None, environment: Mapping[str, str], folder: Path, user: Path | None
) -> list[tuple[Path, bool]]:
    """Return the files that are read, weakest first, and whether each must exist."""
    named_path = path or environment.get("ELITE_SIZER_CONFIG")
    return [
        (user_config() if user is None else user, False),
        (Path(named_path), True) if named_path else (folder / FILE, False),
    ]


def _profile_file(name: object) -> Path:
    if not isinstance(name, str) or name not in profiles():
        message = f"There is no profile {name!r}; {did_you_mean(str(name), profiles())}."
        raise ConfigError(message)
    return config_dir() / "profiles" / f"{name}.toml"


def _names(sources: Sources, document: Document) -> list[str]:
    """Check the names that choose parts; a path to the user's own is checked when the part is loaded."""
    lines = []
    for key, name in (("elite", document.elite), ("legacy", document.legacy)):
        if name not in SIZERS and not (key == "legacy" and is_own(name)):
            hint = did_you_mean(name, [*SIZERS]) + ("" if key == "elite" else ", or your own as module:function")
            lines.append(sources.problem((key,), f"there is no sizer {name!r}; {hint}"))
    caps = [*PARTS["caps"]]
    lines += [
        sources.problem(("caps", "on"), f"there is no cap {name!r}; {did_you_mean(name, caps)}")
        for name in document.caps.on
        if name not in caps and not is_own(name)
    ]
    return lines


def _plain_guard(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Read a guard written as true or false as on and off, as everybody writes it once."""
    guard = tree.get("guard")
    return {**tree, "guard": ("off", "on")[guard]} if isinstance(guard, bool) else dict(tree)


def _freeze(tree: object) -> object:
    if isinstance(tree, dict):
        return {key: _freeze(value) for key, value in tree.items()}
    return tuple(_freeze(item) for item in tree) if isinstance(tree, list) else tree

"""Write the reference documents from the code itself: reasons, settings, and the shapes of its JSON.

    python scripts/make_reference.py            writes docs/reference/
    python scripts/make_reference.py --check    prints what differs, and exits 1 where anything does

Sentences come from the code: registries, docstrings, the comments of config/defaults.toml. What no field carries is in
docs/reference/keys.toml; a key without its sentence there, or a sentence whose key is gone, is an error.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import inspect
import json
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import EnumType
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec

from elite_sizer.caps import HARD, SOFT
from elite_sizer.caps.reasons import REASONS
from elite_sizer.cli.commands.demo import Day
from elite_sizer.configuration.document.tables import Document
from elite_sizer.configuration.parts import PARTS
from elite_sizer.configuration.setting_list import Setting, all_settings
from elite_sizer.configuration.shipped import DEFAULTS, config_dir
from elite_sizer.journal import decision_json
from elite_sizer.journal.line import JournalLine
from elite_sizer.model.breakdown import Valid
from elite_sizer.model.plugin import Step
from elite_sizer.model.request import Request
from elite_sizer.model.setting import NEVER_WHILE_RUNNING
from elite_sizer.request.idea import TradeIdea
from elite_sizer.sizing.decision import Decision
from elite_sizer.sizing.order_plan import OrderPlan
from elite_sizer.sizing.registry import load_object
from mt5bridge.captures import document, document_rows
from mt5bridge.metatrader import rows as terminal_rows
from portfolio import reasons

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "reference"
NOTICE: Final = "<!-- Written by scripts/make_reference.py: change the code, or keys.toml, and run it again. -->"
TITLES: Final = {
    "reasons": "Reasons",
    "settings": "Settings",
    "decision": "A decision as JSON",
    "journal": "A journal line",
    "recording": "A capture",
}
EXITS: Final = {
    0: "lots, an exit, or done",
    reasons.BUG: "our bug",
    reasons.USAGE: "usage or configuration",
    reasons.REFUSED: "refused, may change by itself",
    reasons.NOT_READY: "terminal or account not ready",
    reasons.STALE: "stale data",
    reasons.FOUND: "something was found",
    reasons.HALTED: "halted, needs `resume`",
}
TYPED: Final[Mapping[str, type]] = {"request": Request, "order": OrderPlan, "valid": Valid, "steps[]": Step}
"""Where the decision's JSON shows one of our types, whose fields bring their own sentences."""
REPEATED: Final = ("elite.", "also[].")
"""Keys with the shape of `legacy`, which is shown once."""

Hint = Any
"""A type annotation."""
Row = tuple[str, ...]


def main(arguments: list[str] | None = None) -> int:
    """Write or compare every page; return the exit code."""
    parser = argparse.ArgumentParser(description="Write docs/reference from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page differs")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pages are")
    options = parser.parse_args(arguments)
    differences = [_compared(options.folder / name, text, write=not options.check) for name, text in pages().items()]
    print("".join(differences), end="")
    return 1 if options.check and any(differences) else 0


def _compared(file: Path, text: str, *, write: bool) -> str:
    """Return the lines by which a page differs from what the code says, empty where it does not; write it if asked."""
    old = file.read_text(encoding="utf-8") if file.exists() else ""
    if write:
        file.write_text(text, encoding="utf-8", newline="\n")
    before, after = old.splitlines(keepends=True), text.splitlines(keepends=True)
    return "" if write else "".join(difflib.unified_diff(before, after, file.name, f"{file.name} from the code"))


def pages() -> Mapping[str, str]:
    """Return every page by its file name."""
    sentences = tomllib.loads((FOLDER / "keys.toml").read_text(encoding="utf-8"))
    bodies = {
        "reasons": reasons_page(),
        "settings": settings_page(),
        "decision": decision_page(sentences["decision"]),
        "journal": journal_page(sentences["journal"], sentences["decision"]),
        "recording": recording_page(sentences["recording"]),
    }
    return {
        f"{name}.md": "\n".join([NOTICE, "", f"# {TITLES[name]}", "", sentences["intro"][name].strip(), "", *lines, ""])
        for name, lines in bodies.items()
    }


# reasons


def reasons_page() -> Iterator[str]:
    """Give every code with its sentence, its fix and the exit code of the process."""
    yield from table(("exit code", "meaning"), [(str(code), words) for code, words in EXITS.items()])
    rest = [code for code in REASONS if code not in HARD and code not in SOFT]
    kinds = {"Hard caps: they also guard a legacy sizer": HARD, "Other caps": SOFT, "Everything else": rest}
    for title, codes in kinds.items():
        yield from ("", f"## {title}", "")
        yield from table(("code", "sentence", "what to do", "exit code"), [_reason(code) for code in codes])


def _reason(code: str) -> Row:
    reason = REASONS[code]
    return f"`{code}`", reason.sentence, reason.fix, str(reason.exit_code)


# settings


class Comments(NamedTuple):
    """What `config/defaults.toml` says in words, by dotted key or [table], and how it spells each value."""

    words: Mapping[str, str]
    spelled: Mapping[str, str]


def settings_page() -> Iterator[str]:
    """Give every key of the configuration: default, type, unit, tighter direction, sentence."""
    comments = read_comments((config_dir() / DEFAULTS).read_text(encoding="utf-8"))
    for name, group in groupby(all_settings(), lambda setting: setting.key.rpartition(".")[0]):
        remark = sentence(comments.words.get(f"[{name}]", ""))
        yield from ("", f"## `[{name}]`", "", f"{_purpose(name)} {remark}".strip()) if name else ("## Top level",)
        yield ""
        rows = [_setting(setting, comments) for setting in group]
        yield from table(("key", "default", "type", "unit", "tighter", "what it says"), rows)


def _purpose(name: str) -> str:
    """Return what the class says whose fields a table fills."""
    kind, _, part = name.partition(".")
    return first_sentence(load_object(PARTS[kind][part]) if part else Document.model_fields[kind].annotation)


def _setting(setting: Setting, comments: Comments) -> Row:
    key = setting.key
    default = comments.spelled.get(key) or spelled(setting.default)
    shown = f"`{default}`" if default else "none"
    words = both(setting.sentence, comments.words.get(key) or comments.words.get(f"[{key}]") or "")
    direction = setting.direction or NEVER_WHILE_RUNNING.words
    return f"`{key.rpartition('.')[2]}`", shown, setting.type, setting.unit, direction, words


def read_comments(text: str) -> Comments:
    """Return what a TOML file says in comments beside its keys, those that are commented out too."""
    words: dict[str, str] = {}
    values: dict[str, str] = {}
    at, last, unfinished = "", "", ""
    for line in text.splitlines():
        if unfinished:
            values[unfinished] += line.strip()
            unfinished = "" if line.startswith("]") else unfinished
        elif header := re.match(r"\[([\w.]+)\]\s*(?:#\s*(.*))?$", line):
            at, last = header[1], f"[{header[1]}]"
            words[last] = header[2] or ""
        elif key := re.match(r"(# )?(\w+) = (.*)$", line):
            last = f"{at}.{key[2]}".lstrip(".")
            value, words[last] = _cut(key[3])
            if not key[1]:
                values[last] = value
                unfinished = last if value == "[" else ""
        elif last and (more := re.match(r"\s+#\s*(.*)$", line)):
            words[last] = f"{words[last]} {more[1]}".strip()
        else:
            last = ""
    return Comments(words, {key: re.sub(r",(?=\S)", ", ", value.replace(",]", "]")) for key, value in values.items()})


def _cut(rest: str) -> tuple[str, str]:
    """Return the value and the comment of what follows `key =`."""
    parts = re.match(r"""((?:"[^"]*"|'[^']*'|[^#"'])*)(?:#\s*(.*))?$""", rest)
    return (rest.strip(), "") if parts is None else (parts[1].strip(), (parts[2] or "").strip())


def both(note: str, comment: str) -> str:
    """Return what field and file say of a key, once where either says it all."""
    if note.lower().rstrip(".") in comment.lower():
        return sentence(comment)
    return sentence(note if comment.lower() in note.lower() else f"{note.rstrip('.')}. {sentence(comment)}")


def _same(keys: Iterable[str], sentences: Iterable[str]) -> None:
    """Refuse a key without a sentence, and a sentence without a key."""
    if missing := sorted({*keys} - {*sentences}):
        message = f"docs/reference/keys.toml has no sentence for {', '.join(missing)}"
        raise ValueError(message)
    if left := sorted({*sentences} - {*keys}):
        message = f"docs/reference/keys.toml has a sentence for {', '.join(left)}, which is gone"
        raise ValueError(message)


# decisions


def decision_page(sentences: Mapping[str, str]) -> Iterator[str]:
    """Give every key of a decision's JSON, with the types that real decisions have there."""
    shapes = Shapes()
    for decision in decisions():
        shapes.add(json.loads(decision_json.to_json(decision)))
    keys = {key for key in shapes.types if not key.startswith(REPEATED)}
    rows = {key: (kind, words) for key, kind, words in _with_fields(sentences)}
    _same(keys, rows)
    yield from table(
        ("key", "type", "what it says"),
        [
            (shapes.marked(key), kind or shapes.kind(key, words), json_sentence(words))
            for key, (kind, words) in rows.items()
        ],
    )


def _with_fields(sentences: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Give key, type and sentence, and the fields below a key with one of our types; "" leaves it to decisions."""
    for key, words in sentences.items():
        yield key, "", words
        for place in (key, f"{key}[]"):
            if place in TYPED:
                below = notes(TYPED[place])
                for field, hint in hints(TYPED[place]).items():
                    yield f"{place}.{field}", kind_of(hint), below.get(field, "")


class Shapes:
    """The keys that some JSON objects have, and the types of what is there."""

    def __init__(self) -> None:
        self.types: dict[str, dict[str, None]] = {}
        self._objects = 0
        self._count: dict[str, int] = {}

    def add(self, value: Mapping[str, Any]) -> None:
        """Take in an object."""
        self._objects += 1
        for key in value:
            self._count[key] = self._count.get(key, 0) + 1
        self._add("", value)

    def _add(self, above: str, value: Mapping[str, Any]) -> None:
        for key, inner in value.items():
            place = f"{above}{key}"
            self.types.setdefault(place, {})[_json_type(inner)] = None
            if isinstance(inner, dict):
                self._add(f"{place}.", inner)
            for entry in inner if isinstance(inner, list) else ():
                if isinstance(entry, dict):
                    self._add(f"{place}[].", entry)

    def marked(self, key: str) -> str:
        """Return a key in code, with a star where not every object has it."""
        top = re.split(r"[.\[]", key)[0]
        return f"`{key}`" if self._count[top] == self._objects else f"`{key}` *"

    def kind(self, key: str, words: str) -> str:
        """Return the types that were found, null last; also where only the sentence tells of null."""
        kinds = [kind for kind in self.types[key] if kind != "null"]
        return " or ".join([*kinds, "null"] if "null" in words or "null" in self.types[key] else kinds)


def _json_type(value: object) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "true or false", NoneType: "null"}
    return names.get(type(value), "number")


def decisions() -> Iterator[Decision]:
    """Give decisions of every outcome: those of a trading day on the embedded terminal, and what that day lacks."""
    with tempfile.TemporaryDirectory(prefix="elite-sizer-reference-", ignore_cleanup_errors=True) as folder:
        day = Day.begin(Path(folder))
        try:
            yield from (scene.decision for scene in day.scenes() if scene.decision is not None)
            day.terminal.advance(timedelta(hours=1))
            idea = TradeIdea("EURUSD", "buy", atr_stop=2, target="1.12", confidence="60%", hold="weekend")
            yield day.sizer.size(idea, also=("fixed_risk",))
            yield day.sizer.size(TradeIdea("EURUSD", "sideways"))
        finally:
            day.sizer.close()


# journal and captures


def journal_page(sentences: Mapping[str, str], shown: Iterable[str]) -> Iterator[str]:
    """Give what a journal line has beside the keys that a decision shows, by the types that are written."""
    kinds = {key: hint for key, hint in hints(JournalLine).items() if key not in shown}
    _same(kinds, sentences)
    rows = [(f"`{key}`", kind_of(hint), json_sentence(sentences[key])) for key, hint in kinds.items()]
    yield from table(("key", "type", "what it says"), rows)
    for owner in reachable(*kinds.values()):
        rows = [
            (f"`{key}`", kind_of(hint), json_sentence(notes(owner).get(key, ""))) for key, hint in hints(owner).items()
        ]
        yield from ("", f"## {owner.__name__}{_listed(owner)}", "", first_sentence(owner), "")
        yield from table(("field", "type", "what it says"), rows)


def recording_page(sentences: Mapping[str, str]) -> Iterator[str]:
    """Give every key of a capture, and every field of its records."""
    _same(document.KEYS, sentences)
    yield from table(("key", "what it holds"), [(f"`{key}`", sentence(sentences[key])) for key in document.KEYS])
    yield from ("", "## A row of rates", "", "Oldest first, times by the server's clock.", "")
    yield from table(
        ("in this order; bold ones are needed",), [(_names(terminal_rows.RATES, document_rows.NEEDED_RATES),)]
    )
    for struct, needed in document_rows.NEEDED.items():
        by_kind: dict[str, list[str]] = {}
        for field in terminal_rows.STRUCTS[struct]:
            by_kind.setdefault(_terminal_kind(struct, field), []).append(field)
        yield from ("", f"## {struct}", "")
        yield from table(
            ("type", "fields; bold ones are needed"), [(kind, _names(names, needed)) for kind, names in by_kind.items()]
        )


def _names(names: Iterable[str], needed: Iterable[str]) -> str:
    return ", ".join(f"**`{name}`**" if name in needed else f"`{name}`" for name in names)


def _terminal_kind(struct: str, field: str) -> str:
    if terminal_rows.is_text(field):
        return "text"
    if terminal_rows.is_flag(field):
        return "true or false"
    return "number" if terminal_rows.is_fraction(struct, field) else "whole number"


# types and sentences


JSON: Final = {bool: "true or false", str: "text", int: "whole number", NoneType: "null", datetime: "time"}


def kind_of(hint: Hint) -> str:
    """Return a type in the words of JSON."""
    origin: Hint = get_origin(hint)
    inner = get_args(hint)
    several = [kind_of(member) for member in inner if member is not Ellipsis] if origin is not Literal else []
    if is_ours(hint):
        return f"[{hint.__name__}](#{hint.__name__.lower()}{'-list' if _listed(hint) else ''})"
    if origin is Literal or isinstance(hint, EnumType):
        return ", ".join(f"`{getattr(member, 'value', member)}`" for member in inner or list[Any](hint))
    if origin in {Union, UnionType}:
        return " or ".join(several)
    if origin is tuple:
        return f"list of {several[0]}" if Ellipsis in inner else f"list ({', '.join(several)})"
    return f"object of {several[1]} by {several[0]}" if several else JSON.get(hint, "number")


def _listed(owner: type) -> str:
    return " (list)" if issubclass(owner, tuple) else ""


def hints(owner: type) -> Mapping[str, Hint]:
    """Return the fields of one of our types with their types, in the order in which they are written."""
    annotations = get_type_hints(owner)
    if is_dataclass(owner):
        return {field.name: annotations[field.name] for field in fields(owner)}
    return {
        name: annotations[name] for name in getattr(owner, "_fields", ()) or getattr(owner, "__struct_fields__", ())
    }


def is_ours(hint: Hint) -> bool:
    """Return whether a type has fields of its own."""
    if not isinstance(hint, type):
        return False
    return is_dataclass(hint) or issubclass(hint, msgspec.Struct) or hasattr(hint, "_fields")


def reachable(*begin: type) -> list[type]:
    """Return these types and all that their fields hold, each once, in the order in which they are met."""
    types: dict[type, None] = {}
    waiting: list[Hint] = [*begin]
    while waiting:
        hint = waiting.pop(0)
        if is_ours(hint) and hint not in types:
            types[hint] = None
            waiting += hints(hint).values()
        waiting += get_args(hint)
    return [*types]


@cache
def notes(owner: type) -> Mapping[str, str]:
    """Return the sentence below each field of a class."""
    tree = ast.parse(inspect.getsource(sys.modules[owner.__module__]))
    (body,) = (node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == owner.__name__)
    sentences = {}
    for field, after in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            sentences[ast.unparse(field.target)] = inspect.cleandoc(str(after.value.value))
    return sentences


def first_sentence(owner: object) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join((inspect.getdoc(owner) or "").partition("\n\n")[0].split())


def json_sentence(text: str) -> str:
    """Return a sentence about a value of JSON."""
    return sentence(re.sub(r"\bNone\b", "null", text))


def sentence(text: str) -> str:
    """Return words as a cell of a table: one line, with a capital and without a full stop."""
    plain = " ".join(text.split()).replace("|", "\\|").rstrip(".")
    return plain[:1].upper() + plain[1:]


def spelled(value: object) -> str:
    """Return a default of the code as a file would spell it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {spelled(inner)}' for key, inner in value.items())} }}" if value else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(spelled, value))}]"
    return "" if value is None else str(value)


def table(head: Row, rows: Iterable[Row]) -> list[str]:
    """Return the lines of a table."""
    return [f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in (head, ("---",) * len(head), *rows)]


if __name__ == "__main__":
    sys.exit(main())

"""The policy as people read it: its versions, each part drawn as facts and tables, and what differs between two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any

from sqlalchemy import case, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from config.languages import N_
from config.policy import Policy, Text
from config.policy.base import PolicyModel
from config.policy.labels import PARTS, WORDS, called
from config.policy.policy import PARTS as MODELS
from config.words import CaseState, Word
from models.errors import NotFound
from models.house import House
from models.queries.answers import humanised
from models.queries.shown import Read
from models.rules.reasons import Label
from models.tables import Case, PolicyVersion

Name = Text | Label
Cell = bool | int | Decimal | str | Text | Label | tuple[Any, ...] | None
Path = tuple[str, ...]


class VersionLine(Read):
    """One version on record: since when it is used, and how many cases go by it, in all and still open."""

    version: str
    first_used_at: datetime
    cases: int
    open: int
    runs: bool


class Fact(Read):
    """One value with its name."""

    name: Name
    value: Cell


class Table(Read):
    """Rows of values under common names."""

    columns: tuple[Name, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Section(Read):
    """A piece of the policy: plain facts first, then a table, then what lies deeper."""

    name: Name
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    sections: tuple[Section, ...] = ()


class Difference(Read):
    """One value that two versions do not share. ``where`` leads to it; a value that is not there is none."""

    where: tuple[Name, ...]
    before: Cell
    after: Cell
    added: bool = False
    removed: bool = False


def versions(session: Session, house: House) -> tuple[VersionLine, ...]:
    """Every version on record, the latest first. Counting reads an index alone."""
    counted = (
        columns(
            col(Case.policy_version),
            func.count(),
            func.sum(case((col(Case.state) != CaseState.CLOSED, 1), else_=0)),
        )
        .group_by(col(Case.policy_version))
        .order_by(col(Case.policy_version))
    )
    counts = {version: (number, still) for version, number, still in session.execute(counted)}
    stored = session.exec(
        select(PolicyVersion.version, PolicyVersion.first_used_at).order_by(
            col(PolicyVersion.first_used_at).desc(), col(PolicyVersion.version)
        )
    ).all()
    return tuple(
        VersionLine(
            version=version,
            first_used_at=at,
            cases=counts.get(version, (0, 0))[0],
            open=counts.get(version, (0, 0))[1],
            runs=version == house.policy.version,
        )
        for version, at in stored
    )


def policy_called(session: Session, house: House, version: str) -> Policy:
    """The policy of one version; ``running`` is the one that runs.

    Raises:
        NotFound: it is not on record here.
    """
    if version in ("running", house.policy.version):
        return house.policy
    try:
        return house.policy_of(session, version[:64])
    except LookupError:
        raise NotFound(N_("There is no version {version} of the policy."), version=version[:40]) from None


def part_called(policy: Policy, part: str) -> Section:
    """One part of the policy, drawn.

    Raises:
        NotFound: there is no such part.
    """
    if part not in MODELS:
        raise NotFound(N_("The policy has no part {part}."), part=part[:40])
    return _section(part_name(part), getattr(policy, part), part)


def part_name(part: str) -> Name:
    """What a part is called."""
    return PARTS.get(part) or Label(label=humanised(part))


def taken_from_package(policy: Policy, part: str | None = None) -> tuple[tuple[Name, ...], ...]:
    """What the company's own files leave to the package: the way to each, in words; one step long for a whole part.
    Known of the policy that runs, of one part or of all."""
    told = [tuple(one.removesuffix(".yaml").split(".")) for one in policy.from_package]
    return tuple(_led(path) for path in told if part in (None, path[0]))


# -- drawing ---------------------------------------------------------------------------------------------------------


def name_of(key: Any, below: str = "") -> Name:
    """What a key is called: a word by its label, a key of ours by its name, anything else as it reads."""
    if isinstance(key, Word):
        return Label(label=key.label)
    return called(str(key), below) or Label(label=humanised(str(key)))


def _section(name: Name, value: Any, key: str) -> Section:
    facts, sections = [], []
    for inner, held in _items(value):
        if _is_plain(held):
            facts.append(Fact(name=name_of(inner, key), value=_cell(held)))
        else:
            sections.append(_below(name_of(inner, key), held, str(inner)))
    return Section(name=name, facts=tuple(facts), sections=tuple(sections))


def _below(name: Name, value: Any, key: str) -> Section:
    if isinstance(value, Mapping) and all(isinstance(one, Text) for one in value.values()):
        named = tuple((text, str(code)) for code, text in value.items())
        return Section(name=name, table=Table(columns=(name_of("label"), name_of("name")), rows=named))
    rows = _rows(value)
    if rows is None:
        return _section(name, value, key)
    plain = [all(_is_plain(held) for held in row.values()) for row in rows.values()]
    if all(plain):
        return Section(name=name, table=_table(rows, key))
    return Section(name=name, sections=tuple(_item(number, row, key) for number, row in rows.items()))


def _item(number: Any, row: Mapping[str, Any], key: str) -> Section:
    """One of a list's items that hold more than values: headed by its own name."""
    label = row.get("label") or row.get("description")
    named = label if isinstance(label, Text) else name_of(number) if not isinstance(number, int) else None
    inner = {name: held for name, held in row.items() if name != "label" and held not in (None, ())}
    return _section(named or Label(label=str(int(number) + 1)), inner, key)


def _table(rows: Mapping[Any, Mapping[str, Any]], key: str) -> Table:
    """A row for each item; what no row has is no column. Where there is a name for people, the code stands last."""
    used = [name for name in _names(rows.values()) if any(row.get(name) not in (None, ()) for row in rows.values())]
    if "label" in used:
        used = ["label", *(name for name in used if name not in ("label", "name")), *(["name"] * ("name" in used))]
    keyed = any(not isinstance(number, int) for number in rows)
    head = (name_of("of"),) if keyed else ()
    return Table(
        columns=(*head, *(name_of(name, key) for name in used)),
        rows=tuple(
            (*((name_of(number),) if keyed else ()), *(_cell(_or_open(name, row.get(name))) for name in used))
            for number, row in rows.items()
        ),
    )


def _or_open(name: str, value: Any) -> Any:
    """The last rung of a ladder has no upper end."""
    return "unbounded" if value is None and name in ("up_to", "up_to_days") else value


def _names(rows: Any) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _rows(value: Any) -> dict[Any, dict[str, Any]] | None:
    """The items of a list or of keyed models, each as a mapping; none if it is no such thing."""
    if isinstance(value, tuple | list) and value and all(isinstance(one, PolicyModel) for one in value):
        return {number: dict(_items(one)) for number, one in enumerate(value)}
    if isinstance(value, Mapping) and value and all(_is_model(one) for one in value.values()):
        return {key: dict(_items(one)) for key, one in value.items()}
    return None


def _is_model(value: Any) -> bool:
    return isinstance(value, PolicyModel) and not isinstance(value, Text)


def _items(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, PolicyModel):
        yield from ((name, getattr(value, name)) for name in type(value).model_fields)
    else:
        yield from value.items()


def _is_plain(value: Any) -> bool:
    """Whether it fits into one cell."""
    if isinstance(value, tuple | list | frozenset):
        return all(_is_plain(one) for one in value)
    if _is_model(value) and set(type(value).model_fields) <= {"name", "label"}:
        return True
    return isinstance(value, Text) or not isinstance(value, PolicyModel | Mapping) or not value


def _cell(value: Any) -> Cell:
    """A value ready to be shown."""
    if isinstance(value, tuple | list | frozenset):
        return tuple(_cell(one) for one in value) or None
    if isinstance(value, Word):
        return Label(label=value.label)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if _is_model(value):
        return value.label  # type: ignore[no-any-return]
    if isinstance(value, Mapping):
        return None
    if isinstance(value, StrEnum):
        return value.value
    return WORDS.get(value, value) if isinstance(value, str) else value


# -- differences -----------------------------------------------------------------------------------------------------


def differences(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """What ``after`` says otherwise than ``before``, in the order of the policy.

    Items of a list are known by their name, role, grade or level where they have one: one that is put in does not make
    all those after it differ.
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    return tuple(
        Difference(
            where=_led(path),
            before=_cell(old.get(path)),
            after=_cell(new.get(path)),
            added=path not in old,
            removed=path not in new,
        )
        for path in dict.fromkeys((*old, *new))
        if old.get(path, _NONE) != new.get(path, _NONE)
    )


_NONE = object()
_KNOWN_BY = ("name", "value", "role", "grade", "level")


def _flat(policy: Policy) -> Iterator[tuple[Path, Any]]:
    for part in MODELS:
        yield from _leaves((part,), getattr(policy, part))


def _leaves(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, tuple | list) and value and all(_is_model(one) for one in value):
        for key, one in _keyed(value):
            yield from _leaves((*path, key), one)
    elif (_is_model(value) or isinstance(value, Mapping)) and value:
        for name, held in _items(value):
            yield from _leaves((*path, name), held)
    elif value is not None:
        yield path, value


def _keyed(items: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Each item with what it is known by: its own name if that is its alone, else its place."""
    by = next((name for name in _KNOWN_BY if all(hasattr(one, name) for one in items)), None)
    keys = [str(getattr(one, by)) for one in items] if by else []
    unique = len(set(keys)) == len(items)
    for number, one in enumerate(items):
        yield (f"@{keys[number]}" if unique else f"#{number + 1}"), one


def _led(path: Path) -> tuple[Name, ...]:
    found: list[Name] = [part_name(path[0])]
    for above, key in pairwise(path):
        if str(key).startswith(("@", "#")):
            found.append(Label(label=humanised(str(key)[1:]) if str(key).startswith("@") else str(key)))
        else:
            found.append(name_of(key, str(above)))
    return tuple(found)

"""The staff register: who is there, in which department, with which roles, under whom."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator
from sqlmodel import col, select

from config.languages import N_
from config.words import Department, Language, Role
from models.audit import Actor
from models.errors import Conflict, Invalid, NotFound, Problem, Refused
from models.forms.base import problem_of
from models.house import House, Work
from models.operations.leaving import let_go
from models.tables import Person

COLUMNS = ("id", "name", "email", "department", "roles", "manager", "language", "active")
NEEDED = frozenset({"id", "name", "department"})
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with in a file that a spreadsheet program opens."""
_BLANKS = " \t\r\n\v\f\u00a0\u200b\u2060\u3000\ufeff"
YES_NO = {
    "": True,
    "yes": True,
    "true": True,
    "1": True,
    "是": True,
    "no": False,
    "false": False,
    "0": False,
    "否": False,
}

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=64)]
Address = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]


class StaffMember(BaseModel):
    """A person as the register takes them in. ``manager_id`` names whom a missed deadline is escalated to."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    id: Identifier
    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    email: Address | None = None
    department: Department
    roles: tuple[Role, ...] = Field(default=(), max_length=len(Role))
    manager_id: Identifier | None = None
    language: Language | None = None
    active: bool = True

    @field_validator("roles", mode="after")
    @classmethod
    def _each_once(cls, roles: tuple[Role, ...]) -> tuple[Role, ...]:
        return tuple(dict.fromkeys(roles))


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one row of a file; ``row`` is the line's number, the header being 1."""

    row: int
    problem: Problem


@dataclass
class StaffReport:
    """What came of a file of staff: ids by what happened to them, or everything that is wrong."""

    rows: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    changes: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)


class StaffRefused(Refused):
    """The file was not taken over; ``report`` says what to mend, row by row."""

    status = 422
    code = "import-refused"

    def __init__(self, report: StaffReport) -> None:
        super().__init__(N_("Nothing was imported: {count} problems."), count=len(report.problems))
        self.report = report


def staff_member(**given: object) -> StaffMember:
    """``given`` as a member of staff.

    Raises:
        Invalid: names every field that is wrong.
    """
    try:
        return StaffMember.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        problems = [_named(detail) for detail in error.errors(include_url=False, include_input=False)]
        raise Invalid(N_("Please look at the marked fields."), problems) from None


def _named(detail: object) -> Problem:
    problem = problem_of(detail)  # type: ignore[arg-type]
    root = problem.field.split(".")[0]
    if root == "id" or root == "manager_id":
        return Problem(root, N_("Small letters, digits, dots, hyphens and underscores, at most 64."))
    if root == "email":
        return Problem(root, N_("This is not an e-mail address."))
    choices: Mapping[str, type[Department] | type[Role] | type[Language]]
    choices = {"department": Department, "roles": Role, "language": Language}
    if root in choices and problem.message == N_("Choose one of those offered."):
        return Problem(root, N_("One of: {known}."), {"known": ", ".join(word.value for word in choices[root])})
    return problem


def add_person(work: Work, member: StaffMember) -> Person:
    """Put a new person on the register.

    Raises:
        Conflict: the id or the address is somebody's already.
        Invalid: the manager is not known, or would be their own superior.
    """
    if work.session.get(Person, member.id) is not None:
        raise Conflict(N_("{person} is on the register already."), person=member.id)
    faults = faults_of(work, [member])
    if faults:
        raise Invalid(N_("Please look at the marked fields."), [fault for _, fault in faults])
    person = Person(**member.model_dump())
    person.roles = list(member.roles)
    work.add(person)
    work.record("person.added", person=member.id, department=member.department, roles=list(member.roles))
    return person


def person_named(work: Work, person_id: str) -> Person:
    """The active person with this id.

    Raises:
        NotFound: there is none, or they are not active any more.
    """
    person = work.session.get(Person, person_id)
    if person is None or not person.active:
        raise NotFound(N_("There is no active person {person}."), person=person_id)
    return person


def import_staff(work: Work, data: bytes) -> StaffReport:
    """Take over a CSV file of staff (UTF-8 or GBK): new people are added, those on the register brought up to date.

    Who is not in the file stays as they are, and so does what the file has no column for.

    Raises:
        StaffRefused: the file or any of its rows is wrong; nothing was taken over.
    """
    report = StaffReport()
    rows = _rows(data, report)
    there = {person.id: as_row(person) for person in work.session.exec(select(Person))}
    whole = [(number, {**there.get(row["id"], {}), **row}) for number, row in rows]
    members = [(number, member) for number, row in whole if (member := _member(number, row, report))]
    report.rows = len(rows)
    places = _refuse_repeats(members, report)
    if not report.problems:
        faults = faults_of(work, [member for _, member in members])
        report.problems = [RowProblem(places[person_id], fault) for person_id, fault in faults]
    if report.problems:
        raise StaffRefused(report)
    _take_over(work, [member for _, member in members], report)
    work.record("staff.imported", rows=report.rows, added=report.added, changed=report.changed)
    return report


class _OnlyChecked(Exception):
    """Everything was found right; nothing is kept."""


def check_staff(house: House, actor: Actor, data: bytes) -> StaffReport:
    """What ``import_staff`` would do with a file: everything is judged as it would be, and nothing is kept.

    Raises:
        StaffRefused: the file or any of its rows is wrong.
    """
    report = StaffReport()
    with suppress(_OnlyChecked), house.work(actor) as work:
        report = import_staff(work, data)
        raise _OnlyChecked
    return report


def _rows(data: bytes, report: StaffReport) -> list[tuple[int, dict[str, str]]]:
    text = _text(data)
    if text is None or "\x00" in text:
        _complain(report, 1, "", N_("The file is neither UTF-8 nor GBK text. Save it as CSV (UTF-8)."))
        return []
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        lines = [(reader.line_num, [as_written(cell.strip()) for cell in line]) for line in reader if any(line)]
    except csv.Error as error:
        _complain(report, reader.line_num, "", N_("The line cannot be read as CSV: {error}."), error=str(error))
        return []
    if not lines:
        _complain(report, 1, "", N_("The file is empty. Its first line names the columns."))
        return []
    header = lines[0][1]
    for name in header:
        if name not in COLUMNS:
            _complain(report, 1, name[:80], N_("There is no such column."))
        elif header.count(name) > 1:
            _complain(report, 1, name, N_("This column is there twice."))
    for name in sorted(NEEDED - set(header)):
        _complain(report, 1, name, N_("This column is needed."))
    for number, line in lines[1:]:
        if len(line) != len(header):
            told = N_("{found} cells, but the header has {expected}.")
            _complain(report, number, "", told, found=len(line), expected=len(header))
    return [] if report.problems else [(number, dict(zip(header, line, strict=True))) for number, line in lines[1:]]


def _text(data: bytes) -> str | None:
    for encoding in ("utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def as_written(cell: str) -> str:
    """A cell as it was before an export made it harmless: a spreadsheet program would take ``=…`` for a formula."""
    return cell[1:] if cell[:1] == "'" and begins_a_formula(cell[1:]) else cell


def begins_a_formula(cell: str) -> bool:
    """Also behind blanks, and in full-width signs: some programs trim cells, or take these signs for plain ones."""
    first = unicodedata.normalize("NFKC", cell.lstrip(_BLANKS)[:1])
    return cell.startswith(FORMULA) or first.startswith(FORMULA)


def as_row(person: Person) -> dict[str, str]:
    """A person as a file of staff has them, but for their id."""
    return {
        "name": person.name,
        "email": person.email or "",
        "department": person.department.value,
        "roles": " ".join(role.value for role in map(Role, person.roles)),
        "manager": person.manager_id or "",
        "language": person.language.value if person.language else "",
        "active": "yes" if person.active else "no",
    }


def _member(number: int, row: Mapping[str, str], report: StaffReport) -> StaffMember | None:
    active = YES_NO.get(row.get("active", "").lower())
    if active is None:
        _complain(report, number, "active", N_("Answer yes or no."))
    given = {name: row.get(name) or None for name in ("id", "name", "email", "department", "language")}
    try:
        return staff_member(
            **given,
            roles=row.get("roles", "").replace(";", " ").split(),
            manager_id=row.get("manager") or None,
            active=active is not False,
        )
    except Invalid as error:
        report.problems += [RowProblem(number, problem) for problem in error.problems]
        return None


def _refuse_repeats(members: Sequence[tuple[int, StaffMember]], report: StaffReport) -> dict[str, int]:
    places: dict[str, int] = {}
    for number, member in members:
        if member.id in places:
            _complain(report, number, "id", N_("The same person as in row {row}."), row=places[member.id])
        places.setdefault(member.id, number)
    return places


def faults_of(work: Work, members: Sequence[StaffMember]) -> list[tuple[str, Problem]]:
    """What is wrong with ``members`` beside each other and the people there are, by the id of the person."""
    # Whoever else changes the staff waits: what is judged here still holds when it is written.
    everyone = select(Person).order_by(col(Person.id)).with_for_update()
    there = {person.id: person for person in work.session.exec(everyone)}
    above = {person.id: person.manager_id for person in there.values()} | {one.id: one.manager_id for one in members}
    addresses = {p.email: p.id for p in there.values() if p.email and p.id not in {one.id for one in members}}
    faults: list[tuple[str, Problem]] = []
    for member in members:
        if member.email and addresses.setdefault(member.email, member.id) != member.id:
            told = N_("This is the address of {person}.")
            faults.append((member.id, Problem("email", told, {"person": addresses[member.email]})))
        if member.manager_id and member.manager_id not in above:
            faults.append((member.id, Problem("manager", N_("There is no such person."))))
        elif _above_themselves(member.id, above):
            faults.append((member.id, Problem("manager", N_("This person would be their own superior."))))
    return faults + _nobody_operates(there, members)


def _nobody_operates(there: Mapping[str, Person], members: Sequence[StaffMember]) -> list[tuple[str, Problem]]:
    """Somebody must be left who runs the system: the last active person of operations stays what they are."""
    operating = {person.id for person in there.values() if person.active and Role.OPS in person.roles}
    left = (operating - {one.id for one in members}) | {
        one.id for one in members if one.active and Role.OPS in one.roles
    }
    if left or not operating:
        return []
    told = N_("{name} is the last active person of operations. Name another first.")
    return [
        (one.id, Problem("roles" if one.active else "active", told, {"name": one.name}))
        for one in members
        if one.id in operating
    ]


def _above_themselves(person_id: str, above: Mapping[str, str | None]) -> bool:
    seen, superior = {person_id}, above.get(person_id)
    while superior is not None:
        if superior == person_id:
            return True
        if superior in seen:  # others go round in a circle: theirs to be told of
            return False
        seen.add(superior)
        superior = above.get(superior)
    return False


def _take_over(work: Work, members: Sequence[StaffMember], report: StaffReport) -> None:
    """Managers last: a person may come before the one they report to."""
    for member in members:
        person = work.session.get(Person, member.id)
        values = member.model_dump(exclude={"manager_id"}) | {"roles": list(member.roles)}
        if person is None:
            work.add(Person(**values))
            report.added.append(member.id)
            continue
        changes = changes_of(person, member)
        if changes:
            report.changed.append(member.id)
            report.changes[member.id] = changes
            for name, value in values.items():
                setattr(person, name, value)
            work.session.add(person)
            work.record("person.changed", person=member.id, changes=changes)
            if "active" in changes and not person.active:
                let_go(work, person)
    for member in members:
        work.session.get_one(Person, member.id).manager_id = member.manager_id
    work.session.flush()


def changes_of(person: Person, member: StaffMember) -> dict[str, list[Any]]:
    """What would be different, by field: before and after, as they are kept on record."""
    before = {**person.model_dump(mode="json", exclude={"roles"}), "roles": sorted(map(str, person.roles))}
    after = {**member.model_dump(mode="json", exclude={"roles"}), "roles": sorted(map(str, member.roles))}
    return {name: [before[name], value] for name, value in after.items() if before[name] != value}


def _complain(report: StaffReport, line: int, column: str, message: str, **values: object) -> None:
    report.problems.append(RowProblem(line, Problem(column, message, values)))

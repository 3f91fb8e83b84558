"""The register of confidentiality agreements and trainings (R, B, X; processes §4.8): record, renew, revoke, remind.

Nothing is deleted: renewing adds an entry, revoking ends one and keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError
from sqlmodel import col, select

from config.languages import N_, translate
from config.words import Language, QualificationKind
from models.audit import Actor
from models.errors import Conflict, Invalid, NotFound, Problem
from models.forms.base import problem_of
from models.forms.qualifications import QualificationForm
from models.house import House, Work
from models.messages import QualificationExpiring, queue
from models.operations.csv_rows import CsvFile, FileReport, ImportRefused, RowProblem
from models.queries.qualifications import latest
from models.rights import Right, holds, must_hold
from models.tables import Person, Qualification

COLUMNS = ("person", "kind", "reference", "valid_from", "valid_until")
NEEDED = ("person", "kind", "reference", "valid_from")
ALIASES = {
    "人员": "person",
    "工号": "person",
    "资质": "kind",
    "类别": "kind",
    "编号": "reference",
    "生效日期": "valid_from",
    "有效期至": "valid_until",
}
"""The columns as Chinese spreadsheets call them."""
MAX_ROWS = 5000


@dataclass
class QualificationsReport(FileReport):
    """What came of a file: how many entries are new, how many were on the register already."""

    new: int = 0
    repeated: int = 0


def keeps_register(person: Person) -> bool:
    """Whether this person records qualifications, and sees everybody's."""
    return holds(person, Right.KEEP_QUALIFICATIONS)


def must_keep_register(person: Person) -> None:
    """Let pass who keeps the register.

    Raises:
        NotAllowed: it is for others.
    """
    must_hold(person, Right.KEEP_QUALIFICATIONS)


def qualification_given(data: Mapping[str, Any]) -> QualificationForm:
    """``data`` as an entry.

    Raises:
        Invalid: with every problem, by field.
    """
    try:
        return QualificationForm.model_validate(dict(data))
    except ValidationError as error:
        problems = [_named(detail) for detail in error.errors(include_url=False, include_input=False)]
        raise Invalid(N_("Please look at the marked fields."), problems) from None


def _named(detail: Any) -> Problem:
    """A problem at its field; what is wrong with the whole is told at the last day."""
    problem = problem_of(detail)
    return problem if problem.field else Problem("valid_until", problem.message, problem.values)


def record_qualification(work: Work, given: QualificationForm, by: Person | None = None) -> Qualification:
    """Put an entry on the register; an earlier one of the kind stays (renewal). The same entry again changes nothing.

    Raises:
        Invalid: there is no such active person.
        Conflict: this paper is on the register for them with other dates.
    """
    person = work.session.get(Person, given.person)
    if person is None or not person.active:
        problem = Problem("person", N_("There is no such active person."))
        raise Invalid(N_("Please look at the marked fields."), [problem])
    known = _known(work, given)
    if known is not None and (known.valid_from, known.valid_until) == (given.valid_from, given.valid_until):
        return known
    if known is not None:
        told = N_("{reference} is on the register for {name} with other dates. Revoke that entry first.")
        raise Conflict(told, reference=given.reference, name=person.name)
    entry = Qualification(
        person_id=person.id,
        kind=given.kind,
        reference=given.reference,
        valid_from=given.valid_from,
        valid_until=given.valid_until,
        recorded_by=by.id if by else None,
        recorded_at=work.now,
    )
    work.add(entry)
    work.record(
        "qualification.recorded",
        person=person.id,
        kind=given.kind,
        reference=given.reference,
        valid_from=given.valid_from,
        valid_until=given.valid_until,
    )
    return entry


def _known(work: Work, given: QualificationForm) -> Qualification | None:
    """This very paper, on the register already and not revoked."""
    same = select(Qualification).where(
        Qualification.person_id == given.person,
        Qualification.kind == given.kind,
        Qualification.reference == given.reference,
        col(Qualification.revoked_on).is_(None),
    )
    return work.session.exec(same).first()


def revoke_qualification(work: Work, entry_id: int, reason: str) -> Qualification:
    """End an entry as of today: it does not hold any more, and stays on the register with the reason.

    Raises:
        NotFound: there is no such entry.
        Conflict: it is over already.
        Invalid: there is no reason.
    """
    if not reason.strip():
        raise Invalid(N_("Please say why."), [Problem("reason", N_("This field is needed."))])
    entry = work.session.get(Qualification, entry_id)
    if entry is None:
        raise NotFound(N_("There is no such entry of the register."))
    today = work.house.calendar.day_of(work.now)
    if entry.revoked_on is not None or (entry.valid_until is not None and entry.valid_until < today):
        raise Conflict(N_("This entry is over already."))
    entry.valid_until, entry.revoked_on = today - timedelta(days=1), today
    entry.revoked_because = reason.strip()[:1000]
    work.add(entry)
    work.record(
        "qualification.revoked",
        person=entry.person_id,
        kind=entry.kind,
        reference=entry.reference,
        reason=entry.revoked_because,
    )
    return entry


def import_qualifications(house: House, actor: Actor, data: bytes, by: Person | None = None) -> QualificationsReport:
    """Put every row of a CSV file on the register, or none. The same file again changes nothing.

    ``person`` is an id, or a name that only one active person has.

    Raises:
        ImportRefused: the file or any of its rows is wrong; says which, and what.
    """
    report = QualificationsReport()
    file = CsvFile(data, COLUMNS, NEEDED, aliases=ALIASES, max_rows=MAX_ROWS)
    rows = list(file.rows(report))
    with house.work(actor) as work:
        staff = work.session.exec(select(Person).where(col(Person.active))).all()
        for number, row in rows:
            _enter(work, number, row, staff, by, report)
        if not report.done:
            raise ImportRefused(report)
    return report


def _enter(
    work: Work, number: int, row: Mapping[str, str], staff: Any, by: Person | None, report: QualificationsReport
) -> None:
    cells = {name: cell.strip() for name, cell in row.items() if cell.strip()}
    named = [one.id for one in staff if cells.get("person") in (one.id, one.name)]
    if len(named) > 1:
        told = N_("Several people have this name: {people}. Please write which one.")
        report.complain(number, "person", told, people=", ".join(named))
        return
    cells["person"] = named[0] if named else cells.get("person", "")
    if "kind" in cells:
        cells["kind"] = _kind(cells["kind"])
    try:
        given = qualification_given(cells)
        known = _known(work, given)
        record_qualification(work, given, by)
    except Invalid as error:
        for problem in error.problems:
            report.note(RowProblem(number, problem.field, problem))
    except Conflict as error:
        report.note(RowProblem(number, "reference", Problem("reference", error.message, error.values)))
    else:
        report.new, report.repeated = report.new + (known is None), report.repeated + (known is not None)


def _kind(cell: str) -> str:
    """A qualification by its value or by its label in either language; anything else as it is, to be refused."""
    for kind in QualificationKind:
        if cell.lower() in {kind.value, kind.label.lower(), translate(kind.label, Language.ZH_CN)}:
            return kind.value
    return cell


def remind_expiring(house: House) -> int:
    """Remind whoever's agreement or training ends within the policy's days, and their manager; once for each entry.

    What has been renewed beyond its last day is not spoken of. Returns how many entries are about to end.
    """
    with house.work() as work:
        today = house.calendar.day_of(work.now)
        last = today + timedelta(days=house.policy.frequencies.qualification_reminder_days)
        ending = [
            (entry, until)
            for entry in latest(work.session)
            if (until := entry.valid_until) is not None and entry.revoked_on is None and today <= until <= last
        ]
        for entry, until in ending:
            _remind(work, entry, until)
    return len(ending)


def _remind(work: Work, entry: Qualification, until: date) -> None:
    person = work.session.get_one(Person, entry.person_id)
    for to in dict.fromkeys(one for one in (person.id, person.manager_id) if one):
        message = QualificationExpiring(
            person=person.name,
            own=to == person.id,
            qualification=entry.kind,
            reference=entry.reference,
            valid_until=until,
        )
        queue(work, message, to, f"qualification:{entry.id}:{until}:{to}")

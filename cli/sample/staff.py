"""Who works at the sample company, and who may receive risk clients (R)."""

from __future__ import annotations

from datetime import timedelta

from cli.sample.files import days_ago, rows
from config.words import Department, QualificationKind, Role
from models.house import Work
from models.tables import Person, Qualification

MAIL_DOMAIN = "hengyuan.example"
RECORDS_QUALIFICATIONS = "wu.gang"


def employ(work: Work) -> None:
    """Everybody with their roles, managers and qualifications."""
    managers: dict[str, str] = {}
    for row in rows("staff.csv"):
        work.add(
            Person(
                id=row["id"],
                name=row["name"],
                email=f"{row['id']}@{MAIL_DOMAIN}",
                department=Department(row["department"]),
                roles=[Role(role) for role in row["roles"].split()],
            )
        )
        if row["manager"]:
            managers[row["id"]] = row["manager"]
    for person_id, manager_id in managers.items():
        work.session.get_one(Person, person_id).manager_id = manager_id
    work.session.flush()
    work.add(*(_qualification(work, row) for row in rows("qualifications.csv")))


def _qualification(work: Work, row: dict[str, str]) -> Qualification:
    begins = days_ago(work, row["valid_from_days_ago"])
    return Qualification(
        person_id=row["person"],
        kind=QualificationKind(row["kind"]),
        reference=row["reference"],
        valid_from=begins,
        valid_until=begins + timedelta(days=int(row["valid_days"])) if row["valid_days"] else None,
        recorded_by=RECORDS_QUALIFICATIONS,
        recorded_at=work.now,
    )

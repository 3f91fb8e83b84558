"""The register of confidentiality agreements and trainings: who may receive clients, until when, who is told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from config.words import QualificationKind
from flows.direct_driver import VirtualClock
from models.errors import Conflict, Invalid, NotFound
from models.house import SYSTEM, House, person
from models.operations.csv_rows import ImportRefused
from models.operations.qualifications import (
    import_qualifications,
    qualification_given,
    record_qualification,
    remind_expiring,
    revoke_qualification,
)
from models.queries.qualifications import Validity, register, unqualified, valid_qualifications
from models.tables import OutboxMessage, Person, Qualification

AGREEMENT, TRAINING = QualificationKind.CONFIDENTIALITY, QualificationKind.RECEPTION_TRAINING
TODAY = date(2026, 3, 10)


def recorded(house: House, who: str = "chen.yu", kind: QualificationKind = TRAINING, **given: object) -> int:
    data = {"person": who, "kind": kind, "reference": "PX-2025-014", "valid_from": date(2025, 4, 1), **given}
    with house.work(person("wu.gang")) as work:
        return record_qualification(work, qualification_given(data), work.session.get(Person, "wu.gang")).id or 0


def held(house: House, on: date, who: str = "chen.yu") -> set[QualificationKind]:
    with house.read() as session:
        return valid_qualifications(session, who, on)


def reminded(house: House) -> list[tuple[str | None, str, bool]]:
    with house.read() as session:
        rows = select(OutboxMessage).where(OutboxMessage.kind == "qualification_expiring")
        found = session.exec(rows.order_by(col(OutboxMessage.id))).all()
        return [(row.person_id, row.payload["valid_until"], row.payload["own"]) for row in found]


def test_an_entry_holds_from_its_first_to_its_last_day(house: House) -> None:
    recorded(house, valid_until=date(2026, 3, 31))
    days = [date(2025, 3, 31), date(2025, 4, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert [held(house, day) for day in days] == [set(), {TRAINING}, {TRAINING}, set()]


def test_whoever_lacks_something_is_named_with_what_they_lack(house: House) -> None:
    recorded(house)
    recorded(house, "liu.yang")
    recorded(house, "liu.yang", AGREEMENT, reference="BM-7")
    with house.read() as session:
        assert unqualified(session, ["chen.yu", "liu.yang", "li.na"], TODAY) == {
            "chen.yu": [AGREEMENT],
            "li.na": [AGREEMENT, TRAINING],
        }


def test_the_same_entry_again_changes_nothing_and_other_dates_are_refused(house: House) -> None:
    first = recorded(house, valid_until=date(2026, 3, 31))
    assert recorded(house, valid_until=date(2026, 3, 31)) == first
    with pytest.raises(Conflict, match="PX-2025-014 is on the register"):
        recorded(house, valid_until=date(2027, 3, 31))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"person": "nobody"}, "person"),
        ({"reference": " "}, "reference"),
        ({"valid_until": date(2025, 3, 1)}, "valid_until"),
        ({"kind": "driving_licence"}, "kind"),
    ],
)
def test_a_wrong_entry_is_told_at_its_field(house: House, given: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        recorded(house, **given)  # type: ignore[arg-type]
    assert [problem.field for problem in refused.value.problems] == [field]


def test_a_revoked_entry_ends_at_once_and_stays_on_the_register(house: House) -> None:
    number = recorded(house)
    with house.work(person("wu.gang")) as work:
        revoke_qualification(work, number, "泄露接待内容")
    assert held(house, TODAY) == set()
    with house.read() as session:
        (holder,) = register(session, TODAY, 30, only="chen.yu")
    assert [(entry.validity, entry.revoked_because) for entry in holder.entries] == [(Validity.REVOKED, "泄露接待内容")]
    with pytest.raises(Conflict), house.work(person("wu.gang")) as work:
        revoke_qualification(work, number, "x")
    with pytest.raises(NotFound), house.work(person("wu.gang")) as work:
        revoke_qualification(work, 99, "x")
    with pytest.raises(Invalid), house.work(person("wu.gang")) as work:
        revoke_qualification(work, recorded(house, "liu.yang"), "  ")


def test_a_revoked_paper_may_be_recorded_anew(house: House) -> None:
    number = recorded(house)
    with house.work(person("wu.gang")) as work:
        revoke_qualification(work, number, "编号登记有误")
    assert recorded(house, valid_until=date(2027, 3, 31)) != number
    assert held(house, TODAY) == {TRAINING}


def test_the_person_and_their_manager_are_reminded_once(house: House, clock: VirtualClock) -> None:
    recorded(house, valid_until=date(2026, 4, 10))
    assert remind_expiring(house) == 0, "31 days are left"
    clock.now += timedelta(days=1)
    assert remind_expiring(house) == 1
    clock.now += timedelta(days=7)
    assert remind_expiring(house) == 1
    assert reminded(house) == [("chen.yu", "2026-04-10", True), ("wu.gang", "2026-04-10", False)]


def test_what_is_renewed_revoked_without_an_end_or_over_is_not_spoken_of(house: House) -> None:
    recorded(house, "chen.yu", valid_until=date(2026, 3, 20))
    recorded(house, "chen.yu", reference="PX-2026-002", valid_from=date(2026, 3, 1), valid_until=date(2027, 2, 28))
    recorded(house, "liu.yang")
    recorded(house, "li.na", valid_until=date(2026, 3, 1))
    number = recorded(house, "sun.tao", valid_until=date(2026, 3, 25))
    with house.work(person("wu.gang")) as work:
        revoke_qualification(work, number, "调离")
    assert remind_expiring(house) == 0
    assert reminded(house) == []


# -- many at once -----------------------------------------------------------------------------------------------------

HEADER = "人员,资质,编号,生效日期,有效期至\n"
ROWS = "陈宇,保密协议,BM-1,2026-01-01,\nliu.yang,reception_training,PX-9,2026-01-01,2026-12-31\n"


def test_a_file_is_taken_over_whole_and_again_changes_nothing(house: House) -> None:
    report = import_qualifications(house, SYSTEM, (HEADER + ROWS).encode("gb18030"))
    assert (report.new, report.repeated, report.encoding) == (2, 0, "gbk")
    report = import_qualifications(house, SYSTEM, (HEADER + ROWS).encode())
    assert (report.new, report.repeated) == (0, 2)
    assert (held(house, TODAY), held(house, TODAY, "liu.yang")) == ({AGREEMENT}, {TRAINING})


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("王二麻子,保密协议,BM-2,2026-01-01,", "person"),
        ("li.na,驾照,BM-2,2026-01-01,", "kind"),
        ("li.na,保密协议,,2026-01-01,", "reference"),
        ("li.na,保密协议,BM-2,明天,", "valid_from"),
        ("li.na,保密协议,BM-2,2026-01-01,2025-01-01", "valid_until"),
        ("陈宇,保密协议,BM-1,2026-02-01,", "reference"),
        ("li.na,保密协议,BM-2", ""),
    ],
)
def test_one_wrong_row_and_nothing_is_taken_over(house: House, row: str, column: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        import_qualifications(house, SYSTEM, (HEADER + ROWS + row + "\n").encode())
    assert [(one.row, one.column) for one in refused.value.report.problems] == [(4, column)]
    with house.read() as session:
        assert session.exec(select(Qualification)).all() == []


def test_a_name_that_two_people_have_is_not_guessed_at(house: House) -> None:
    with house.work() as work:
        work.session.get_one(Person, "liu.yang").name = "陈宇"
    with pytest.raises(ImportRefused) as refused:
        import_qualifications(house, SYSTEM, (HEADER + "陈宇,保密协议,BM-1,2026-01-01,\n").encode())
    assert (refused.value.report.problems[0].problem.values or {})["people"] == "chen.yu, liu.yang"

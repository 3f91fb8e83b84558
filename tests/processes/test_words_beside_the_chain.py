"""What people say in their own words lies beside the audit chain: it can be erased, and the chain still holds."""

import json

import pytest
from sqlalchemy import text
from sqlmodel import select

from config.words import ActorKind
from models.audit import Actor, verify, verify_last
from models.audit_words import ERASED, split, stretches
from models.house import House, person
from models.tables import AuditEvent, AuditPrivate
from tests.processes.conftest import Office

WHY = "马建国的电话打不通，身份证 320311198803120018"


def _withdrawn(office: Office) -> int:
    office.applies()
    office.withdraws(reason=WHY)
    with office.house.read() as session:
        return session.exec(select(AuditEvent.seq).where(AuditEvent.event == "case.withdrawn")).one()


def _sql(house: House, statement: str, **values: object) -> None:
    with house.writing.begin() as connection:
        connection.execute(text(statement), values)


def test_the_chain_holds_references_and_the_hash_of_the_words(office: Office) -> None:
    seq = _withdrawn(office)
    with office.house.read() as session:
        event = session.get_one(AuditEvent, seq)
        assert event.data == {"reason": WHY}
        assert set(event.chained) == {"private"}
        assert verify(session).broken_at is None
        chained = json.dumps([one.chained for one in session.exec(select(AuditEvent))], ensure_ascii=False)
    for words in (WHY, "马建国", "13805201234", "徐州恒通", "sealed:"):
        assert words not in chained


def test_what_identifies_a_person_is_told_beside_the_chain_by_its_keyed_hash_alone(office: Office) -> None:
    chained, private = split(
        "step.answered",
        {"step": "PAPERS", "answer": {"phone": _sealed("13805201234"), "more": [_sealed("320311198803120018")]}},
    )
    assert chained == {"step": "PAPERS"}
    assert private["answer"]["phone"] == "digest:" + office.house.keys.digest("13805201234")
    assert "sealed:" not in json.dumps(private)


def _sealed(value: str) -> str:
    from models.columns import seal_text

    return "sealed:" + seal_text(value)


def test_words_that_were_changed_break_the_chain(office: Office) -> None:
    seq = _withdrawn(office)
    _sql(office.house, "UPDATE audit_private SET content = :new WHERE seq = :seq", new='{"reason": "x"}', seq=seq)
    with office.house.read() as session:
        verdict = verify(session)
        assert (verdict.broken_at, verdict.why) == (seq, "its words were changed")
        assert verify_last(session, 500).broken_at == seq


def test_words_that_disappear_without_an_erasure_on_record_break_the_chain(office: Office) -> None:
    seq = _withdrawn(office)
    _sql(office.house, "UPDATE audit_private SET content = NULL, salt = NULL WHERE seq = :seq", seq=seq)
    with office.house.read() as session:
        verdict = verify(session)
    assert (verdict.broken_at, verdict.why) == (seq, "its words were taken away, and no erasure on record says so")
    _sql(office.house, "DELETE FROM audit_private WHERE seq = :seq", seq=seq)
    with office.house.read() as session:
        assert verify(session).why == "its words are missing"


def test_words_that_an_erasure_took_leave_the_chain_whole(office: Office) -> None:
    seq = _withdrawn(office)
    with office.house.work(person("xu.ming")) as work:
        beside = work.session.get_one(AuditPrivate, seq)
        beside.salt = beside.content = None
        work.add(beside)
        work.record(ERASED, events=stretches([seq]))
    with office.house.read() as session:
        verdict = verify(session)
        assert (verdict.broken_at, verdict.erased) == (None, 1)
        assert session.get_one(AuditEvent, seq).data == {}


def test_a_field_nobody_has_thought_about_stays_out_of_the_chain(house: House) -> None:
    with house.work(Actor(ActorKind.PERSON, "li.na")) as work:
        work.record("something.new", never_heard_of="身份证丢了", count=3)
    with house.read() as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.event == "something.new")).one()
    assert set(event.chained) == {"count", "private"}
    assert event.data == {"never_heard_of": "身份证丢了", "count": 3}


@pytest.mark.parametrize(("seqs", "told"), [([], []), ([3], [[3, 3]]), ([5, 3, 4, 9], [[3, 5], [9, 9]])])
def test_events_are_named_in_stretches(seqs: list[int], told: list[list[int]]) -> None:
    assert stretches(seqs) == told

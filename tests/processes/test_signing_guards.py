"""What no move may get round: a deactivated account, a link that was made for somebody else, a step that has closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from config.words import Place, SignerState
from models.errors import Conflict, LinkDead, NotAllowed
from models.house import person
from models.operations.absences import set_absence
from models.operations.access import follow_approval_link, issue_approval_link
from models.operations.attachments import attach
from models.operations.cases import signed_above
from models.operations.moves import add_signer, delegate, remove_signer, transfer
from models.operations.urging import urge, urged_until
from models.tables import Attachment, Case, Person, Signer, Step
from tests.processes.conftest import Office


@pytest.fixture
def at_approval(office: Office) -> Office:
    """A case that waits for the sales manager 王军; the deputy head 赵敏 decides after him."""
    office.applies()
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "confirm")
    return office


def asked(office: Office, who: str) -> Signer:
    with office.house.read() as session:
        statement = select(Signer).where(Signer.case_ref == office.ref, Signer.person_id == who)
        return session.exec(statement.where(Signer.state == SignerState.ASKED)).one()


def move(office: Office, who: str, act: Any, *args: Any) -> Any:
    with office.house.work(person(who)) as work:
        return act(work, asked(office, who).id, *args)


def link(office: Office, who: str) -> str:
    with office.house.work() as work:
        return issue_approval_link(work, asked(office, who).id or 0)


def opened_by(office: Office, token: str) -> str:
    with office.house.read() as session:
        return follow_approval_link(session, token, office.clock.now).person.id


def test_a_deactivated_account_moves_nothing(at_approval: Office) -> None:
    with at_approval.house.work() as work:
        wang = work.session.get_one(Person, "wang.jun")
        wang.active = False
        work.add(wang)
    with pytest.raises(NotAllowed, match="not active"):
        move(at_approval, "wang.jun", transfer, "qian.wei", "出差")
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}


def test_the_absent_persons_link_does_not_act_for_the_substitute(at_approval: Office) -> None:
    old = link(at_approval, "wang.jun")
    at_approval.passes(hours=1)
    with at_approval.house.work(person("wang.jun")) as work:
        set_absence(work, "wang.jun", "zheng.li", work.now, work.now + timedelta(days=1))
    with pytest.raises(LinkDead, match="passed to somebody else"):
        opened_by(at_approval, old)
    substitutes = link(at_approval, "zheng.li")
    assert opened_by(at_approval, substitutes) == "zheng.li"
    at_approval.passes(days=1, hours=1)
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}
    with pytest.raises(LinkDead):
        opened_by(at_approval, substitutes)
    assert opened_by(at_approval, link(at_approval, "wang.jun")) == "wang.jun"


def test_a_link_of_the_holder_still_shows_how_the_step_was_closed(at_approval: Office) -> None:
    token = link(at_approval, "wang.jun")
    at_approval.passes(hours=1)
    at_approval.answers("wang.jun", "reject", reason="逾期")
    assert opened_by(at_approval, token) == "wang.jun"


def test_whoever_is_taken_off_the_route_takes_their_delegate_with_them(at_approval: Office) -> None:
    added = move(at_approval, "wang.jun", add_signer, "feng.bo", Place.BEFORE, "合同条款")
    move(at_approval, "feng.bo", delegate, "zheng.li", "请核对余额")
    assert at_approval.waits_for() == {"matrix-approval#1": ["zheng.li"]}
    with at_approval.house.work(person("wang.jun")) as work:
        statement = select(Signer.id).where(Signer.case_ref == at_approval.ref, Signer.person_id == "wang.jun")
        remove_signer(work, work.session.exec(statement).one() or 0, added.id)
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}


def test_nothing_is_attached_to_a_step_that_has_closed(at_approval: Office) -> None:
    with at_approval.house.read() as session:
        step_id = session.exec(select(Step.id).where(Step.case_ref == at_approval.ref, Step.state == "open")).one() or 0
    at_approval.answers("wang.jun", "reject", reason="逾期")
    with pytest.raises(Conflict), at_approval.house.work(person("wang.jun")) as work:
        attach(work, step_id, "合同.pdf", b"%PDF-1.7 late")
    assert at_approval.all(Attachment) == []


def test_who_has_signed_above_is_named_and_a_void_signature_counts_no_more(at_approval: Office) -> None:
    def above() -> str | None:
        with at_approval.house.read() as session:
            return signed_above(session, at_approval.house, session.get_one(Case, at_approval.ref))

    assert above() is None
    at_approval.answers("wang.jun", "approve")
    assert above() == "王军"
    at_approval.answers("zhao.min", "return", target="first-rating", reason="补充材料")
    assert above() is None


def test_until_when_a_step_cannot_be_urged_again(at_approval: Office) -> None:
    with at_approval.house.work(person("li.na")) as work:
        urge(work, at_approval.ref, work.session.get_one(Person, "li.na"))
    with at_approval.house.read() as session:
        step = session.exec(select(Step).where(Step.case_ref == at_approval.ref, Step.state == "open")).one()
        case = session.get_one(Case, at_approval.ref)
        assert urged_until(session, at_approval.house, case, step) == at_approval.clock.now + timedelta(hours=4)

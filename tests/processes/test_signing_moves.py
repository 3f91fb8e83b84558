"""Signing as offices really sign: transfer, delegate, add, remove, return, urge, substitute, escalate."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from config.words import Language, Outcome, Place, SignerState
from models.errors import AlreadyClosed, Conflict, Invalid, NotAllowed
from models.house import person
from models.operations.absences import cancel_absence, set_absence
from models.operations.attachments import attach, clean_name, path_of, read_attachment
from models.operations.moves import add_signer, delegate, remove_signer, take_back, transfer
from models.operations.remarks import answer_question, ask_question, comment, copy_to, note_read
from models.operations.urging import urge
from models.tables import Attachment, AuditEvent, Copy, Person, Remark, Signer, Step, Timer
from tests.processes.conftest import Office, steel_trader


@pytest.fixture
def at_approval(office: Office) -> Office:
    """A case that waits for the sales manager 王军; the deputy head 赵敏 decides after him."""
    office.applies()
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "confirm")
    assert office.waits_for() == {"matrix-approval#1": ["wang.jun"]}
    return office


def place(office: Office, who: str) -> Signer:
    with office.house.read() as session:
        rows = session.exec(select(Signer).where(Signer.case_ref == office.ref, Signer.person_id == who)).all()
    return next(row for row in reversed(rows) if row.state not in (SignerState.RELEASED, SignerState.REMOVED))


def move(office: Office, who: str, act: Any, *args: Any, **more: Any) -> Any:
    with office.house.work(person(who)) as work:
        return act(work, place(office, who).id, *args, **more)


def step_id(office: Office) -> int:
    with office.house.read() as session:
        return session.exec(select(Step.id).where(Step.case_ref == office.ref, Step.state == "open")).one() or 0


def asked_how(office: Office, who: str) -> list[str]:
    return [m.payload["how"] for m in office.messages("step_asked") if m.person_id == who]


# -- transfer --------------------------------------------------------------------------------------------------------


def test_a_transfer_is_for_good_and_goes_to_the_same_authority_or_above(at_approval: Office) -> None:
    move(at_approval, "wang.jun", transfer, "qian.wei", "出差")
    assert at_approval.waits_for() == {"matrix-approval#1": ["qian.wei"]}
    assert asked_how(at_approval, "qian.wei") == ["transferred"]
    at_approval.answers("qian.wei", "approve")
    assert at_approval.waits_for() == {"matrix-approval#1": ["zhao.min"]}


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("sun.tao", "does not have the authority"),
        ("li.na", "Started this case"),
        ("zhao.min", "Has a place on this route already"),
    ],
)
def test_authority_is_not_handed_down_nor_to_whoever_has_a_stake(at_approval: Office, to: str, why: str) -> None:
    with pytest.raises(NotAllowed, match="may not sign this step") as refused:
        move(at_approval, "wang.jun", transfer, to, "忙")
    assert why.lower() in str(refused.value.values["reason"].render(Language.EN)).lower()
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}
    assert ("move.refused", "wang.jun") in at_approval.events()


def test_whoever_transferred_can_no_longer_answer(at_approval: Office) -> None:
    old = place(at_approval, "wang.jun")
    move(at_approval, "wang.jun", transfer, "qian.wei", "出差")
    from models.operations.decide import decide

    with pytest.raises(AlreadyClosed), at_approval.house.work(person("wang.jun")) as work:
        decide(work, old.id or 0, "approve", {}, shown_hash="", via="session")


# -- delegate --------------------------------------------------------------------------------------------------------


def test_a_delegates_answer_comes_back_to_be_confirmed(at_approval: Office) -> None:
    move(at_approval, "wang.jun", delegate, "sun.tao", "请先核对合同")
    assert at_approval.waits_for() == {"matrix-approval#1": ["sun.tao"]}
    at_approval.answers("sun.tao", "approve", comment="合同无误")
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}
    assert asked_how(at_approval, "wang.jun")[-1] == "confirm"
    assert place(at_approval, "wang.jun").advice["answer"]["comment"] == "合同无误"
    at_approval.answers("wang.jun", "approve")
    assert at_approval.waits_for() == {"matrix-approval#1": ["zhao.min"]}
    names = {s.person_id: s.state for s in at_approval.all(Signer) if s.action == "approve"}
    assert names == {"sun.tao": SignerState.ADVISED, "wang.jun": SignerState.SIGNED}


def test_a_delegator_takes_it_back_and_the_delegate_is_off_the_route(at_approval: Office) -> None:
    move(at_approval, "wang.jun", delegate, "sun.tao", "请先核对合同")
    move(at_approval, "wang.jun", take_back)
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}


def test_a_delegate_is_judged_for_conflicts_of_interest_too(at_approval: Office) -> None:
    with pytest.raises(NotAllowed):
        move(at_approval, "wang.jun", delegate, "li.na", "你看着办")


def test_what_was_delegated_is_not_delegated_on(at_approval: Office) -> None:
    move(at_approval, "wang.jun", delegate, "sun.tao", "核对")
    with pytest.raises(Conflict):
        move(at_approval, "sun.tao", delegate, "feng.bo", "法务看看")


# -- added signers ---------------------------------------------------------------------------------------------------


def test_a_signer_added_before_me_signs_first(at_approval: Office) -> None:
    move(at_approval, "wang.jun", add_signer, "feng.bo", Place.BEFORE, "合同条款")
    assert at_approval.waits_for() == {"matrix-approval#1": ["feng.bo"]}
    at_approval.answers("feng.bo", "approve")
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}
    at_approval.answers("wang.jun", "approve")
    assert at_approval.waits_for() == {"matrix-approval#1": ["zhao.min"]}


def test_a_signer_added_beside_me_must_sign_too(at_approval: Office) -> None:
    move(at_approval, "wang.jun", add_signer, "feng.bo", Place.BESIDE, "合同条款")
    at_approval.answers("wang.jun", "approve")
    assert at_approval.waits_for() == {"matrix-approval#1": ["feng.bo"]}
    at_approval.answers("feng.bo", "approve")
    assert at_approval.waits_for() == {"matrix-approval#1": ["zhao.min"]}


def test_a_signer_added_after_me_signs_before_the_next_level(at_approval: Office) -> None:
    move(at_approval, "wang.jun", add_signer, "feng.bo", Place.AFTER, "合同条款")
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}
    at_approval.answers("wang.jun", "approve")
    assert at_approval.waits_for() == {"matrix-approval#1": ["feng.bo"]}
    at_approval.answers("feng.bo", "reject", reason="条款不利")
    assert at_approval.outcome is Outcome.REFUSED


def test_an_added_signer_can_be_removed_until_they_have_signed(at_approval: Office) -> None:
    added = move(at_approval, "wang.jun", add_signer, "feng.bo", Place.BEFORE, "合同条款")
    move(at_approval, "wang.jun", remove_signer, added.id)
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}
    added = move(at_approval, "wang.jun", add_signer, "feng.bo", Place.BEFORE, "合同条款")
    at_approval.answers("feng.bo", "approve")
    with pytest.raises(Conflict):
        move(at_approval, "wang.jun", remove_signer, added.id)


def test_only_whom_one_has_added_can_be_removed(at_approval: Office) -> None:
    with pytest.raises(Invalid):
        move(at_approval, "wang.jun", remove_signer, place(at_approval, "zhao.min").id)


def test_nobody_is_added_who_has_a_place_already(at_approval: Office) -> None:
    with pytest.raises(NotAllowed):
        move(at_approval, "wang.jun", add_signer, "zhao.min", Place.BEFORE, "先看")


# -- remarks, copies, files ------------------------------------------------------------------------------------------


def test_a_question_is_answered_by_whom_it_was_asked_and_the_deadline_goes_on(at_approval: Office) -> None:
    due = at_approval.all(Step)[-1].due_at
    with at_approval.house.work(person("wang.jun")) as work:
        question = ask_question(work, step_id(at_approval), "zheng.li", "应收账款余额多少？")
    with at_approval.house.work(person("feng.bo")) as work, pytest.raises(NotAllowed):
        answer_question(work, question.id or 0, "不知道")
    with at_approval.house.work(person("zheng.li")) as work:
        answer_question(work, question.id or 0, "约 32 万元")
    with at_approval.house.work(person("zheng.li")) as work, pytest.raises(Conflict):
        answer_question(work, question.id or 0, "更正")
    assert [m.person_id for m in at_approval.messages("question_answered")] == ["wang.jun"]
    assert [r.text for r in at_approval.all(Remark)] == ["应收账款余额多少？", "约 32 万元"]
    assert at_approval.all(Step)[-1].due_at == due
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}


def test_a_stranger_says_nothing_about_a_case(at_approval: Office) -> None:
    from models.errors import NotFound

    with at_approval.house.work(person("sun.tao")) as work, pytest.raises(NotFound):
        comment(work, step_id(at_approval), "我也说一句")


def test_a_copy_is_receipted_when_it_is_read_once(at_approval: Office) -> None:
    with at_approval.house.work(person("wang.jun")) as work:
        copy_to(work, step_id(at_approval), "zheng.li")
        copy_to(work, step_id(at_approval), "zheng.li")
    assert len(at_approval.messages("step_copied")) == 1
    with at_approval.house.work(person("zheng.li")) as work:
        assert note_read(work, step_id(at_approval), "zheng.li")
        assert not note_read(work, step_id(at_approval), "zheng.li")
    assert at_approval.all(Copy)[0].read_at is not None


def test_a_file_is_kept_by_its_hash_outside_the_database(at_approval: Office) -> None:
    content = b"%PDF-1.7 " + b"x" * 100
    with at_approval.house.work(person("wang.jun")) as work:
        kept = attach(work, step_id(at_approval), "C:\\合同\\合同.pdf", content)
        assert attach(work, step_id(at_approval), "again.pdf", content).id == kept.id
    (row,) = at_approval.all(Attachment)
    assert (row.name, row.media_type, row.size) == ("合同.pdf", "application/pdf", len(content))
    assert read_attachment(at_approval.house, row) == content
    path_of(at_approval.house, row.sha256).write_bytes(b"forged")
    from models.errors import NotFound

    with pytest.raises(NotFound, match="not the one"):
        read_attachment(at_approval.house, row)


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.pdf", b""), ("run.exe", b"MZ\x90"), ("page.pdf", b"<html>"), ("big.pdf", b"%PDF-" + b"0" * 6_000_000)],
)
def test_other_files_are_refused_and_nothing_is_kept(at_approval: Office, name: str, content: bytes) -> None:
    with pytest.raises(Invalid), at_approval.house.work(person("wang.jun")) as work:
        attach(work, step_id(at_approval), name, content)
    assert at_approval.all(Attachment) == []
    assert [p for p in at_approval.house.settings.documents.rglob("*") if p.is_file()] == []


def test_names_of_files_lead_nowhere() -> None:
    assert clean_name("../../etc/passwd") == "passwd"
    assert clean_name("\x00..\\..\\boot.ini") == "boot.ini"
    assert clean_name("///") == "file"


# -- the initiator's moves -------------------------------------------------------------------------------------------


def test_a_case_cannot_be_withdrawn_once_somebody_above_has_signed(at_approval: Office) -> None:
    at_approval.answers("wang.jun", "approve")
    with pytest.raises(Conflict, match="王军 has signed already"):
        at_approval.withdraws()
    at_approval.answers("zhao.min", "return", target="first-rating", reason="补充材料")
    at_approval.withdraws()
    assert at_approval.outcome is Outcome.WITHDRAWN


def test_urging_has_a_limit_and_is_the_systems(at_approval: Office) -> None:
    def urges() -> list[str]:
        with at_approval.house.work(person("li.na")) as work:
            return urge(work, at_approval.ref, work.session.get_one(Person, "li.na"), "客户在等")

    assert urges() == ["wang.jun"]
    with pytest.raises(Conflict, match="possible again"):
        urges()
    at_approval.passes(hours=4)
    assert urges() == ["wang.jun"]
    assert len(at_approval.messages("step_urged")) == 2
    assert ("step.urged", None) in at_approval.events()


def test_strangers_do_not_urge(at_approval: Office) -> None:
    with at_approval.house.work(person("sun.tao")) as work, pytest.raises(NotAllowed):
        urge(work, at_approval.ref, work.session.get_one(Person, "sun.tao"))


# -- absence ---------------------------------------------------------------------------------------------------------


def absent(office: Office, who: str, substitute: str, days: int = 5, **more: Any) -> Any:
    with office.house.work(person(who)) as work:
        return set_absence(work, who, substitute, work.now, work.now + timedelta(days=days), **more)


def test_a_substitute_signs_in_the_absent_persons_name_and_both_are_on_record(office: Office) -> None:
    absent(office, "wang.jun", "zheng.li")
    office.applies()
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "confirm")
    assert office.waits_for() == {"matrix-approval#1": ["zheng.li"]}
    assert asked_how(office, "zheng.li") == ["substitute"]
    office.answers("zheng.li", "approve")
    held = next(s for s in office.all(Signer) if s.person_id == "zheng.li")
    assert held.for_person_id == "wang.jun"


def test_what_is_asked_already_goes_to_the_substitute_and_comes_back_at_the_end(at_approval: Office) -> None:
    absent(at_approval, "wang.jun", "zheng.li", days=1)
    assert at_approval.waits_for() == {"matrix-approval#1": ["zheng.li"]}
    at_approval.passes(days=1, hours=1)
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}
    assert asked_how(at_approval, "wang.jun") == ["turn", "back"]


def test_an_absence_cancelled_gives_back_at_once(at_approval: Office) -> None:
    absence = absent(at_approval, "wang.jun", "zheng.li")
    with at_approval.house.work(person("wang.jun")) as work:
        cancel_absence(work, absence.id)
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}


def test_a_substitute_with_a_stake_in_the_case_does_not_stand_in(at_approval: Office) -> None:
    absent(at_approval, "wang.jun", "li.na")
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}
    assert ("step.substitute-barred", None) in at_approval.events()


def test_an_absence_covers_its_processes_and_amounts_only(at_approval: Office) -> None:
    from decimal import Decimal

    absent(at_approval, "wang.jun", "zheng.li", up_to=Decimal("100000"))
    assert at_approval.waits_for() == {"matrix-approval#1": ["wang.jun"]}


def test_chains_and_cycles_of_substitutes_are_refused(office: Office) -> None:
    absent(office, "wang.jun", "zhao.min")
    for who, substitute in (("zhao.min", "qian.wei"), ("zhao.min", "wang.jun"), ("qian.wei", "wang.jun")):
        with pytest.raises(Invalid):
            absent(office, who, substitute)


@pytest.mark.parametrize(("substitute", "days"), [("wang.jun", 5), ("nobody", 5), ("zheng.li", -1), ("zheng.li", 0)])
def test_an_absence_that_makes_no_sense_is_refused(office: Office, substitute: str, days: int) -> None:
    with pytest.raises(Invalid):
        absent(office, "wang.jun", substitute, days=days)


def test_others_do_not_set_ones_absence(office: Office) -> None:
    with pytest.raises(NotAllowed), office.house.work(person("sun.tao")) as work:
        set_absence(work, "wang.jun", "sun.tao", work.now, work.now + timedelta(days=1))


# -- deadlines -------------------------------------------------------------------------------------------------------


def test_a_deadline_passed_goes_up_one_manager_a_day_until_somebody_signs(at_approval: Office) -> None:
    at_approval.passes(days=2, hours=1)  # due on Thursday
    assert at_approval.messages("step_escalated") == []
    at_approval.passes(days=1)
    assert [m.person_id for m in at_approval.messages("step_escalated")] == ["zhao.min"]
    at_approval.passes(days=3)
    assert [m.person_id for m in at_approval.messages("step_escalated")] == ["zhao.min", "qian.wei"]
    at_approval.answers("wang.jun", "approve")
    at_approval.passes(days=2)
    assert [m.payload["late"] for m in at_approval.messages("step_escalated")] == [["王军"], ["王军"]]


def test_reminders_survive_a_return_and_none_is_left_for_a_closed_step(at_approval: Office) -> None:
    at_approval.answers("wang.jun", "return", target="first-rating", reason="补充")
    at_approval.answers("li.na", "confirm")
    at_approval.answers("chen.yu", "confirm")
    open_id = step_id(at_approval)
    assert {t.step_id for t in at_approval.all(Timer)} == {open_id}
    at_approval.passes(days=2, hours=1)
    about = [m.step_id for m in at_approval.messages("step_reminder") + at_approval.messages("step_due")]
    assert set(about) == {open_id}


def test_no_timer_undoes_an_answer(at_approval: Office) -> None:
    at_approval.answers("wang.jun", "reject", reason="逾期")
    at_approval.passes(days=60)
    assert at_approval.outcome is Outcome.REFUSED


def test_signatures_of_the_round_are_void_from_the_step_returned_to(at_approval: Office) -> None:
    at_approval.answers("wang.jun", "approve")
    at_approval.answers("zhao.min", "return", target="risk-rerating", reason="复核")
    void = {(s.person_id, s.void) for s in at_approval.all(Signer) if s.state is SignerState.SIGNED}
    assert void == {("li.na", False), ("chen.yu", True), ("wang.jun", True), ("zhao.min", False)}


def test_after_a_return_the_handler_amends_and_submits_again(at_approval: Office) -> None:
    at_approval.answers("wang.jun", "return", target="first-rating", reason="额度过高")
    at_approval.answers("li.na", "amend", requested_limit="500000", figures={"lawsuits": "1"}, reason="下调额度")
    assert at_approval.waits_for() == {"first-rating#2.2": ["li.na"]}
    at_approval.answers("li.na", "confirm")
    at_approval.answers("chen.yu", "confirm")
    assert at_approval.content("matrix-approval#2")["proposal"]["requested_limit"] == "500000.00"


def test_a_move_is_the_persons_and_its_consequences_are_the_systems(at_approval: Office) -> None:
    move(at_approval, "wang.jun", transfer, "qian.wei", "出差")
    by = {e.event: e.actor_id for e in at_approval.all(AuditEvent)}
    assert by["step.transferred"] == "wang.jun"
    assert by["step.asked"] is None


def test_large_amounts_are_decided_signed_in(office: Office) -> None:
    from decimal import Decimal

    office.applies(steel_trader(requested_limit=Decimal("4500000")))
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "adjust", points=95, reason="国企担保")
    from models.errors import SignInNeeded
    from models.operations.decide import decide

    mine = place(office, "wang.jun")
    with pytest.raises(SignInNeeded), office.house.work(person("wang.jun")) as work:
        decide(work, mine.id or 0, "approve", {}, shown_hash="", via="link")

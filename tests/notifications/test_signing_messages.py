"""Messages of the moves by signers and initiators: what they say, where they lead, and when they are no longer sent."""

from datetime import timedelta

import pytest
from sqlmodel import select

from config.words import ClosedBy, MessageState, Place, Role, SignerState
from models.house import person
from models.messages import StepDue, StepReminder
from models.operations.absences import cancel_absence, set_absence
from models.operations.asking import remind
from models.operations.escalation import escalate
from models.operations.moves import add_signer, delegate, transfer
from models.operations.outbox import claim
from models.operations.pointless import (
    ANSWER_TOO_LATE,
    NOBODY_LATE,
    QUESTION_CLOSED,
    READ_ALREADY,
    SAID_SINCE,
    STEP_CLOSED,
)
from models.operations.remarks import answer_question, ask_question, copy_to, note_read
from models.operations.steps import close_step
from models.operations.urging import urge
from models.tables import ApprovalLink, Person, Signer, Step
from notifications.sender import Sender


@pytest.fixture
def sender(house, letterbox):
    return Sender(house, {"console": letterbox})


@pytest.fixture
def told(step, sender, letterbox, clock):
    """Everyone has heard that the step is theirs; a minute later something happens."""
    sender.send_due()
    letterbox.sent.clear()
    clock.now += timedelta(minutes=1)


@pytest.fixture
def act(house, step):
    """Do something to one's own place on the step."""

    def act(who, move, *args):
        with house.work(person(who)) as work:
            mine = select(Signer).where(Signer.step_id == step.id, Signer.person_id == who)
            return move(work, work.session.exec(mine).one().id, *args)

    return act


@pytest.fixture
def say(house, step):
    """Say something about the step."""

    def say(who, remark, *args):
        with house.work(person(who)) as work:
            return remark(work, step.id, *args)

    return say


def mail_to(letterbox, who):
    (envelope,) = [envelope for envelope in letterbox.sent if envelope.person_id == who]
    return envelope


def why_skipped(outbox, kind):
    return [row.note for row in outbox() if row.kind == kind and row.state is MessageState.SKIPPED]


# -- how a step came -------------------------------------------------------------------------------------------------


def test_whoever_takes_over_reads_from_whom_and_why(house, told, act, sender, letterbox):
    with house.work() as work:
        work.session.get_one(Person, "wu.gang").roles = [Role.RISK_MANAGER, Role.RISK_OFFICER]
    act("chen.yu", transfer, "wu.gang", "出差，下周三回")
    sender.send_due()
    message = mail_to(letterbox, "wu.gang")
    assert "陈宇已将本环节转办给您" in message.text
    assert "转办理由：出差，下周三回" in message.text
    assert message.link.startswith(f"{house.settings.base_url}/a/")


def test_a_delegate_reads_what_is_wanted_and_the_delegator_that_it_is_there(told, act, approve, sender, letterbox):
    act("chen.yu", delegate, "feng.bo", "请先核对合同")
    sender.send_due()
    assert "您的意见将返回陈宇" in mail_to(letterbox, "feng.bo").text
    assert "委派要求：请先核对合同" in mail_to(letterbox, "feng.bo").text
    approve("feng.bo")
    sender.send_due()
    assert "您委派的冯波已提出办理意见" in mail_to(letterbox, "chen.yu").text


def test_an_added_signer_reads_who_added_them(told, act, sender, letterbox):
    act("chen.yu", add_signer, "feng.bo", Place.BESIDE, "合同条款")
    sender.send_due()
    assert "陈宇已将您加签到本环节" in mail_to(letterbox, "feng.bo").text


def away(house, who, substitute):
    with house.work(person(who)) as work:
        return set_absence(work, who, substitute, work.now, work.now + timedelta(days=5))


def test_a_substitute_reads_in_every_message_in_whose_name_they_sign(house, step, told, sender, letterbox, clock):
    away(house, "chen.yu", "feng.bo")
    with house.work() as work:
        remind(work, work.session.get_one(Step, step.id), StepReminder)
        remind(work, work.session.get_one(Step, step.id), StepDue)
    with house.work(person("li.na")) as work:
        urge(work, step.case_ref, work.session.get_one(Person, "li.na"))
    sender.send_due()
    received = {e.kind: e.text for e in letterbox.sent if e.person_id == "feng.bo"}
    assert received.keys() >= {"step_asked", "step_due", "step_urged"}
    assert "陈宇离岗，本环节由您代为签署" in received["step_asked"]
    assert all("被代理人：陈宇" in text for text in received.values())
    assert all("被代理人" not in e.text for e in letterbox.sent if e.person_id == "liu.yang")


def test_nobody_gets_a_link_to_a_place_that_a_substitute_has_taken(house, step, sender, letterbox, outbox):
    """The word to the absent person was queued, and not yet sent, when the substitute took over."""
    away(house, "chen.yu", "feng.bo")
    sender.send_due()
    assert sorted(letterbox.people) == ["feng.bo", "liu.yang"]
    assert why_skipped(outbox, "step_asked") == [STEP_CLOSED]
    with house.read() as session:
        linked = session.exec(select(Signer.person_id).join(ApprovalLink, ApprovalLink.signer_id == Signer.id)).all()
    assert sorted(linked) == ["feng.bo", "liu.yang"]


def test_a_place_given_back_before_the_substitute_heard_of_it_is_told_to_its_owner_alone(
    house, told, sender, letterbox, outbox, clock
):
    absence = away(house, "chen.yu", "feng.bo")
    clock.now += timedelta(seconds=5)
    with house.work(person("chen.yu")) as work:
        cancel_absence(work, absence.id)
    sender.send_due()
    assert letterbox.people == ["chen.yu"]
    assert "离岗代理已结束" in letterbox.sent[0].text
    assert "被代理人" not in letterbox.sent[0].text


def test_who_asked_and_is_away_since_gets_the_answer_in_their_own_name(house, told, say, sender):
    question = say("chen.yu", ask_question, "zheng.li", "应收账款余额多少？")
    away(house, "chen.yu", "feng.bo")
    sender.send_due()
    with house.work(person("zheng.li")) as work:
        answer_question(work, question.id, "约 32 万元")
    with house.work() as work:
        (delivery,) = claim(work, "test:0:0", 8)
    assert (delivery.claim.kind, delivery.claim.person_id, delivery.absent) == ("question_answered", "chen.yu", None)
    assert "/cases/" in delivery.link  # the place is the substitute's; no link to it for anybody else


def test_of_two_requests_that_waited_only_the_last_is_sent(step, act, approve, sender, letterbox, outbox, clock):
    clock.now += timedelta(seconds=5)
    act("chen.yu", delegate, "feng.bo", "核对合同")
    approve("feng.bo")
    sender.send_due()
    assert "您委派的冯波" in mail_to(letterbox, "chen.yu").text
    assert SAID_SINCE in why_skipped(outbox, "step_asked")


# -- urging, escalation ----------------------------------------------------------------------------------------------


def test_whoever_is_urged_reads_by_whom_and_gets_a_link_to_answer(house, step, told, sender, letterbox):
    with house.work(person("li.na")) as work:
        urge(work, step.case_ref, work.session.get_one(Person, "li.na"), "客户等着发货")
    sender.send_due()
    message = mail_to(letterbox, "chen.yu")
    assert "李娜请您尽快办理" in message.text
    assert "催办留言：客户等着发货" in message.text
    assert message.link.startswith(f"{house.settings.base_url}/a/")


def test_nobody_is_urged_who_is_not_asked_any_more(house, step, told, approve, sender, letterbox, outbox):
    with house.work(person("li.na")) as work:
        urge(work, step.case_ref, work.session.get_one(Person, "li.na"))
    approve("chen.yu")
    assert sender.send_due() == 0
    assert why_skipped(outbox, "step_urged") == [STEP_CLOSED] * 2


def escalated(house, step):
    with house.work() as work:
        escalate(work, work.session.get_one(Step, step.id))


def test_a_superior_reads_who_is_late_and_is_led_to_the_case(house, step, told, sender, letterbox):
    escalated(house, step)
    sender.send_due()
    message = mail_to(letterbox, "wu.gang")
    assert "陈宇、刘洋尚未办理" in message.text
    assert message.link == f"{house.settings.base_url}/cases/{step.case_ref}"


def test_no_superior_hears_of_a_delay_that_is_over(house, step, told, approve, sender, letterbox, outbox):
    escalated(house, step)
    approve("liu.yang")
    assert sender.send_due() == 0
    assert why_skipped(outbox, "step_escalated") == [NOBODY_LATE]


def test_a_superior_hears_of_those_who_are_still_late(house, step, told, act, sender, letterbox):
    escalated(house, step)
    act("chen.yu", delegate, "feng.bo", "核对")  # no longer asked themselves; Liu Yang still is
    sender.send_due()
    assert "step_escalated" in [envelope.kind for envelope in letterbox.sent]


def test_half_time_is_not_told_beside_the_deadline(house, step, told, sender, letterbox, outbox, clock):
    for message in (StepReminder, StepDue):
        with house.work() as work:
            remind(work, work.session.get_one(Step, step.id), message)
        clock.now += timedelta(seconds=1)
    sender.send_due()
    assert {envelope.kind for envelope in letterbox.sent} == {"step_due"}
    assert why_skipped(outbox, "step_reminder") == [SAID_SINCE] * 2


# -- copies ----------------------------------------------------------------------------------------------------------


def test_a_copy_leads_to_the_case_and_arrives_though_the_step_has_closed(
    house, step, told, say, approve, sender, letterbox
):
    say("chen.yu", copy_to, "zheng.li")
    approve("chen.yu")
    sender.send_due()
    message = mail_to(letterbox, "zheng.li")
    assert "陈宇将以下环节抄送给您" in message.text
    assert message.link == f"{house.settings.base_url}/cases/{step.case_ref}"


def test_a_copy_that_was_read_already_is_not_announced(house, step, told, say, sender, letterbox, outbox):
    say("chen.yu", copy_to, "zheng.li")
    say("zheng.li", note_read, "zheng.li")
    assert sender.send_due() == 0
    assert why_skipped(outbox, "step_copied") == [READ_ALREADY]


# -- questions -------------------------------------------------------------------------------------------------------


def test_a_question_leads_to_its_own_page_and_its_answer_back_to_the_step(house, step, told, say, sender, letterbox):
    question = say("chen.yu", ask_question, "zheng.li", "应收账款余额多少？")
    sender.send_due()
    asked = mail_to(letterbox, "zheng.li")
    assert asked.link == f"{house.settings.base_url}/questions/{question.id}"
    assert "陈宇就以下环节向您提问" in asked.text
    assert "问题：应收账款余额多少？" in asked.text
    with house.work(person("zheng.li")) as work:
        answer_question(work, question.id, "约 32 万元")
    sender.send_due()
    answered = mail_to(letterbox, "chen.yu")
    assert "答复：约 32 万元" in answered.text
    assert answered.link.startswith(f"{house.settings.base_url}/a/")


def test_a_question_answered_meanwhile_is_not_asked(house, told, say, sender, letterbox, outbox):
    question = say("chen.yu", ask_question, "zheng.li", "应收账款余额多少？")
    with house.work(person("zheng.li")) as work:
        answer_question(work, question.id, "约 32 万元")
    sender.send_due()
    assert letterbox.people == ["chen.yu"]
    assert why_skipped(outbox, "question_asked") == [QUESTION_CLOSED]


def test_one_answer_does_not_silence_another_question(house, told, say, sender, letterbox):
    first = say("chen.yu", ask_question, "zheng.li", "应收账款余额多少？")
    say("chen.yu", ask_question, "zheng.li", "有无逾期？")
    with house.work(person("zheng.li")) as work:
        answer_question(work, first.id, "约 32 万元")
    sender.send_due()
    assert "有无逾期" in mail_to(letterbox, "zheng.li").text


def test_neither_question_nor_answer_is_sent_about_a_step_that_has_closed(
    house, step, told, say, sender, letterbox, outbox
):
    question = say("chen.yu", ask_question, "zheng.li", "应收账款余额多少？")
    say("chen.yu", ask_question, "he.jing", "额度登记了吗？")
    with house.work(person("zheng.li")) as work:
        answer_question(work, question.id, "约 32 万元")
    with house.work() as work:
        close_step(work, work.session.get_one(Step, step.id), ClosedBy.WITHDRAWAL)
    assert sender.send_due() == 0
    assert why_skipped(outbox, "question_asked") == [QUESTION_CLOSED] * 2
    assert why_skipped(outbox, "question_answered") == [ANSWER_TOO_LATE]


def test_who_asked_and_is_not_to_sign_is_led_to_the_case(house, step, told, say, sender, letterbox):
    question = say("li.na", ask_question, "zheng.li", "应收账款余额多少？")
    with house.work(person("zheng.li")) as work:
        answer_question(work, question.id, "约 32 万元")
    sender.send_due()
    assert mail_to(letterbox, "li.na").link == f"{house.settings.base_url}/cases/{step.case_ref}"


def test_who_asked_and_has_delegated_since_gets_the_answer_without_a_link_to_sign(
    house, step, told, say, act, sender, letterbox
):
    question = say("chen.yu", ask_question, "zheng.li", "应收账款余额多少？")
    act("chen.yu", delegate, "feng.bo", "核对")
    with house.work(person("zheng.li")) as work:
        answer_question(work, question.id, "约 32 万元")
    sender.send_due()
    assert mail_to(letterbox, "chen.yu").link == f"{house.settings.base_url}/cases/{step.case_ref}"
    with house.read() as session:
        place = select(Signer).where(Signer.step_id == step.id, Signer.person_id == "chen.yu")
        assert session.exec(place).one().state is SignerState.DELEGATED

"""Claiming, order, back-off, giving up, skipping: a sender's ordinary day."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from config.words import ClosedBy, MessageState
from models.errors import Conflict, NotFound
from models.messages import SignIn, StepReminder, queue
from models.operations.asking import remind
from models.operations.fates import BACK_OFF, MAX_ATTEMPTS, mark_failed, mark_sent, resend
from models.operations.outbox import ADDRESS_OFF, NO_ADDRESS, backlog, claim, next_wake
from models.operations.people import add_channel, kind_of
from models.operations.pointless import ASKED_LONG_AGO, NOT_ACTIVE, STEP_CLOSED
from models.operations.steps import close_step
from models.tables import ApprovalLink, AuditEvent, Channel, Person, SignInLink, Step
from notifications.channels import ChannelError
from notifications.sender import Sender

BUSY = ChannelError("the mail server is busy", temporary=True)
NOBODY_THERE = ChannelError("there is no such mailbox", temporary=False)


@pytest.fixture
def sender(house, letterbox):
    return Sender(house, {"console": letterbox}, name="test:0:0")


def test_everyone_who_is_asked_is_told_once(step, sender, letterbox, outbox):
    assert sender.send_due() == 2
    assert sender.send_due() == 0
    assert sorted(letterbox.people) == ["chen.yu", "liu.yang"]
    assert {row.state for row in outbox()} == {MessageState.SENT}


def test_each_gets_a_link_of_their_own_and_only_its_hash_is_kept(house, step, sender, letterbox):
    sender.send_due()
    links = [envelope.link for envelope in letterbox.sent]
    assert len(set(links)) == 2
    with house.read() as session:
        assert len(session.exec(select(ApprovalLink)).all()) == 2
        with house.engine.connect() as connection:
            dump = "\n".join(connection.connection.driver_connection.iterdump())
    for link in links:
        assert link.startswith(f"{house.settings.base_url}/a/")
        assert link.rpartition("/")[2] not in dump
        assert link in next(e.text for e in letterbox.sent if e.link == link)


def test_a_claim_is_committed_before_the_channel_has_the_message(step, house, outbox):
    seen = []

    class Looking:
        name, deduplicates = "console", False

        def send(self, envelope):
            seen.append({row.person_id: row.state for row in outbox()}[envelope.person_id])

        def remembers(self, message_id):
            return None

    Sender(house, {"console": Looking()}).send_due()
    assert seen == [MessageState.SENDING, MessageState.SENDING]


def test_two_senders_never_claim_the_same_message(house, tell, clock):
    for number in range(1, 41):
        tell("li.na" if number % 2 else "sun.tao", number)
    with house.work() as work:
        first = claim(work, "one:1:1", 8)
    with house.work() as work:
        second = claim(work, "two:2:2", 8)
    assert [d.claim.person_id for d in first] == ["li.na", "sun.tao"]
    assert second == []  # both people have a message on its way: theirs come one after the other


def test_many_senders_at_once_send_everything_once_and_in_each_persons_order(house, tell, letterbox, outbox):
    people = ["li.na", "sun.tao", "wang.jun", "zhao.min"]
    for number in range(1, 41):
        tell(people[number % 4], number)
    threads = [
        threading.Thread(target=Sender(house, {"console": letterbox}, name=f"s:{n}:0", threads=3).send_due)
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Sender(house, {"console": letterbox}).send_due()
    assert len(letterbox.sent) == 40
    assert {row.state for row in outbox()} == {MessageState.SENT}
    ids = {row.dedupe_key: row.id for row in outbox()}
    for who in people:
        subjects = [e.subject for e in letterbox.sent if e.person_id == who]
        assert subjects == sorted(subjects)
    assert len(ids) == 40


def test_a_failing_message_is_tried_again_later_and_later_and_then_given_up(
    house, tell, sender, letterbox, outbox, clock
):
    letterbox.trouble = [BUSY] * MAX_ATTEMPTS
    tell("li.na")
    for wait in BACK_OFF:
        assert sender.send_due() == 0
        (row,) = outbox()
        assert (row.state, row.next_at, row.note) == (MessageState.PENDING, clock.now + wait, BUSY.reason)
        clock.now += wait - timedelta(seconds=1)
        sender.send_due()
        assert outbox()[0].attempts == row.attempts
        clock.now += timedelta(seconds=1)
    sender.send_due()
    (row,) = outbox()
    assert (row.state, row.attempts) == (MessageState.DEAD, 8)
    with house.read() as session:
        assert backlog(session, clock.now).dead == 1
        event = session.exec(select(AuditEvent).where(AuditEvent.event == "message.given-up")).one()
        assert event.data["reason"] == BUSY.reason
    assert letterbox.sent == []


def test_a_refusal_that_will_stay_is_given_up_at_once(tell, sender, letterbox, outbox):
    letterbox.trouble = [NOBODY_THERE]
    tell("li.na")
    sender.send_due()
    assert (outbox()[0].state, outbox()[0].note) == (MessageState.DEAD, NOBODY_THERE.reason)


def test_what_was_given_up_can_be_sent_again_by_operations(house, tell, sender, letterbox, outbox):
    letterbox.trouble = [NOBODY_THERE]
    tell("li.na")
    sender.send_due()
    with house.work() as work:
        resend(work, outbox()[0].id)
    assert sender.send_due() == 1
    assert letterbox.people == ["li.na"]


def test_only_what_was_given_up_is_sent_again(house, tell, sender, outbox):
    tell("li.na")
    sender.send_due()
    with pytest.raises(Conflict, match="was not given up"), house.work() as work:
        resend(work, outbox()[0].id)
    with pytest.raises(NotFound), house.work() as work:
        resend(work, 4711)


def test_one_that_must_wait_does_not_hold_up_the_next(tell, sender, letterbox):
    letterbox.trouble = [BUSY]
    tell("li.na", 1)
    tell("li.na", 2)
    assert sender.send_due() == 1
    assert "ONB-2026-000002" in letterbox.sent[0].subject


def test_nobody_is_asked_about_a_step_that_has_closed(house, step, approve, sender, letterbox, outbox):
    approve("chen.yu")
    assert sender.send_due() == 0
    assert [(row.state, row.note) for row in outbox()] == [(MessageState.SKIPPED, STEP_CLOSED)] * 2
    assert letterbox.sent == []


def test_no_reminder_reaches_a_person_whose_step_was_withdrawn(house, step, sender, letterbox):
    sender.send_due()
    with house.work() as work:
        row = work.session.get_one(Step, step.id)
        remind(work, row, StepReminder)
        close_step(work, row, ClosedBy.WITHDRAWAL)
    assert sender.send_due() == 0
    assert {envelope.kind for envelope in letterbox.sent} == {"step_asked"}


def test_a_person_without_an_address_is_skipped_with_a_reason(house, settings, tell, outbox):
    object.__setattr__(house, "settings", settings.model_copy(update={"console_channel": False}))
    tell("li.na")
    Sender(house, {}).send_due()
    assert (outbox()[0].state, outbox()[0].note) == (MessageState.SKIPPED, NO_ADDRESS)


def test_a_person_who_has_left_is_not_written_to(house, tell, sender, outbox):
    tell("li.na")
    with house.work() as work:
        work.session.get_one(Person, "li.na").active = False
    sender.send_due()
    assert (outbox()[0].state, outbox()[0].note) == (MessageState.SKIPPED, NOT_ACTIVE)


def test_every_address_of_a_person_gets_it_and_only_the_failed_one_again(house, tell, letterbox, make_box, clock):
    with house.work() as work:
        add_channel(work, "li.na", "wecombot://693axxx6-7aoc-4bc4-97a0")
        add_channel(work, "li.na", "json://hooks.hengyuan.example/risk")
    wecom, webhook = make_box("wecom"), make_box("webhook")
    webhook.trouble = [BUSY]
    sender = Sender(house, {"wecom": wecom, "webhook": webhook, "console": letterbox})
    tell("li.na")
    sender.send_due()
    clock.now += BACK_OFF[0]
    sender.send_due()
    assert [len(wecom.sent), len(webhook.sent), len(letterbox.sent)] == [1, 1, 0]


def test_an_address_switched_off_meanwhile_gets_nothing(house, tell, make_box, outbox, clock):
    with house.work() as work:
        channel_id = add_channel(work, "li.na", "wecombot://693axxx6-7aoc-4bc4-97a0").id
    wecom = make_box("wecom")
    wecom.trouble = [BUSY]
    sender = Sender(house, {"wecom": wecom})
    tell("li.na")
    sender.send_due()
    with house.work() as work:
        work.session.get_one(Channel, channel_id).active = False
    clock.now += BACK_OFF[0]
    sender.send_due()
    assert (outbox()[0].state, outbox()[0].note) == (MessageState.SKIPPED, ADDRESS_OFF)


def test_a_sign_in_link_goes_to_the_registered_mail_address_alone(house, settings, make_box):
    object.__setattr__(house, "settings", settings.model_copy(update={"mail_url": _Secret()}))
    with house.work() as work:
        add_channel(work, "li.na", "wecombot://693axxx6-7aoc-4bc4-97a0")
        queue(work, SignIn(), "li.na", "sign-in:li.na:1")
    wecom, mail = make_box("wecom"), make_box("mail")
    assert Sender(house, {"wecom": wecom, "mail": mail}).send_due() == 1
    assert [envelope.address for envelope in mail.sent] == ["li.na@hengyuan.example"]
    assert mail.sent[0].link.startswith(f"{house.settings.base_url}/sign-in/")
    assert wecom.sent == []


class _Secret:
    def get_secret_value(self):
        return "mailto://mail.hengyuan.example"


def test_a_sign_in_link_asked_for_long_ago_is_not_sent(house, sender, outbox, clock):
    with house.work() as work:
        queue(work, SignIn(), "li.na", "sign-in:li.na:1")
    clock.now += timedelta(minutes=house.settings.sign_in_minutes, seconds=1)
    sender.send_due()
    assert (outbox()[0].state, outbox()[0].note) == (MessageState.SKIPPED, ASKED_LONG_AGO)
    with house.read() as session:
        assert session.exec(select(SignInLink)).all() == []


def test_a_message_that_cannot_be_written_is_given_up_and_holds_up_nobody(house, tell, sender, letterbox, outbox):
    tell("li.na", 1)
    tell("sun.tao", 2)
    with house.work() as work:
        from models.tables import OutboxMessage

        row = work.session.exec(select(OutboxMessage).where(OutboxMessage.person_id == "li.na")).one()
        row.payload = {"case_ref": "ONB-2026-000001"}
    assert sender.send_due() == 1
    assert letterbox.people == ["sun.tao"]
    assert outbox()[0].state is MessageState.DEAD
    assert outbox()[0].note == "the message could not be written: ValidationError"


def test_a_channel_nobody_knows_is_told_to_operations(house, tell, outbox):
    tell("li.na")
    Sender(house, {}).send_due()
    assert (outbox()[0].state, outbox()[0].note) == (MessageState.DEAD, "there is no channel console")


def test_an_old_claim_is_worth_nothing_once_the_message_was_claimed_again(house, tell, outbox, clock):
    tell("li.na")
    with house.work() as work:
        (old,) = claim(work, "one:1:1", 1)
        mark_failed(work, old.claim, "busy", temporary=True)
    clock.now += BACK_OFF[0]
    with house.work() as work:
        claim(work, "one:1:1", 1)
        assert mark_sent(work, old.claim) is False
    assert outbox()[0].state is MessageState.SENDING


def test_a_pass_stops_at_its_limit(tell, sender, letterbox):
    for number, who in enumerate(["li.na", "sun.tao", "wang.jun"], 1):
        tell(who, number)
    assert sender.send_due(limit=2) == 2
    assert sender.send_due() == 1


def test_the_backlog_says_what_waits_and_since_when(house, tell, step, clock):
    began = clock.now
    clock.now += timedelta(minutes=3)
    with house.read() as session:
        state = backlog(session, clock.now)
    assert (state.waiting, state.late, state.oldest, state.dead, state.unknown) == (2, 2, began, 0, 0)


def test_a_sender_is_called_again_when_the_earliest_message_falls_due(house, tell, sender, letterbox, clock):
    with house.read() as session:
        assert next_wake(session) is None
    letterbox.trouble = [BUSY]
    tell("li.na")
    sender.send_due()
    with house.read() as session:
        assert next_wake(session) == clock.now + BACK_OFF[0]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("li.na@hengyuan.example", "mail"),
        ("mailtos://risk:pw@smtp.hengyuan.example", "mail"),
        ("wecombot://key", "wecom"),
        ("dingtalk://token", "dingtalk"),
        ("feishu://token", "feishu"),
        ("lark://token", "feishu"),
        ("JSONS://hooks.example", "webhook"),
        ("tgram://bot/chat", "other"),
    ],
)
def test_an_address_says_what_carries_its_messages(address, kind):
    assert kind_of(address).value == kind


def test_nobody_unknown_is_given_an_address(house):
    with pytest.raises(NotFound), house.work() as work:
        add_channel(work, "nobody", "li.na@hengyuan.example")

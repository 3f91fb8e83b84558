"""What happens when a sender dies between claiming, sending and marking: nobody twice, nobody forgotten."""

import os
import socket
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from config.words import MessageState
from models.house import person
from models.operations.absences import cancel_absence, set_absence
from models.operations.fates import FOUND_SENT, MAX_ATTEMPTS, NUDGE_AFTER, SENDER_DIED, mark_sent, orphans
from models.operations.outbox import ORPHANED_AFTER, claim, next_wake, renew
from models.operations.people import add_channel
from models.operations.pointless import ARRIVED, STEP_CLOSED
from models.tables import AuditEvent
from notifications.channels import ChannelError
from notifications.sender import Sender, is_gone, process_name


class Killed(BaseException):
    """kill -9, as far as one thread can tell."""


def die(sender):
    with pytest.raises(Killed):
        sender.send_due()


@pytest.fixture
def by_mail(house):
    """The two risk officers are reached by mail alone."""
    with house.work() as work:
        for who in ("chen.yu", "liu.yang"):
            add_channel(work, who, f"{who}@hengyuan.example")


@pytest.fixture
def mail(make_box):
    return make_box("mail")


def test_killed_after_sending_a_channel_that_can_be_asked_has_it_and_it_goes_out_once(
    house, tell, letterbox, outbox, clock
):
    tell("li.na")
    letterbox.trouble = [Killed()]
    die(Sender(house, {"console": letterbox}))
    assert outbox()[0].state is MessageState.SENDING
    clock.now += ORPHANED_AFTER
    assert Sender(house, {"console": letterbox}).send_due() == 0
    assert letterbox.people == ["li.na"]
    assert (outbox()[0].state, outbox()[0].note) == (MessageState.SENT, FOUND_SENT)


def test_killed_before_sending_a_channel_that_can_be_asked_gets_it_once(house, tell, letterbox, outbox, clock):
    tell("li.na")
    with house.work() as work:
        claim(work, "dead:1:1", 1)
    clock.now += ORPHANED_AFTER
    assert Sender(house, {"console": letterbox}).send_due() == 1
    assert letterbox.people == ["li.na"]


def test_killed_after_sending_a_webhook_is_sent_the_same_id_again(house, tell, make_box, clock):
    with house.work() as work:
        add_channel(work, "li.na", "json://hooks.hengyuan.example/risk")
    webhook = make_box("webhook", deduplicates=True)
    webhook.trouble = [Killed()]
    tell("li.na")
    die(Sender(house, {"webhook": webhook}))
    clock.now += ORPHANED_AFTER
    Sender(house, {"webhook": webhook}).send_due()
    assert len(webhook.sent) == 2
    assert len({envelope.message_id for envelope in webhook.sent}) == 1


@pytest.mark.usefixtures("by_mail", "step")
def test_killed_after_sending_the_same_mail_never_goes_out_again(house, mail, outbox, clock):
    mail.trouble = [Killed(), Killed()]
    die(Sender(house, {"mail": mail}))
    clock.now += ORPHANED_AFTER
    sender = Sender(house, {"mail": mail})
    sender.send_due()
    clock.now += timedelta(days=2)
    sender.send_due()
    asked = [envelope for envelope in mail.sent if envelope.kind == "step_asked"]
    assert sorted(envelope.person_id for envelope in asked) == ["chen.yu", "liu.yang"]


@pytest.mark.usefixtures("by_mail", "step")
def test_whoever_may_not_have_got_it_is_nudged_once_ten_minutes_later(house, mail, outbox, clock):
    with house.work() as work:
        claim(work, "dead:1:1", 8)
    clock.now += ORPHANED_AFTER
    sender = Sender(house, {"mail": mail})
    assert sender.send_due() == 0
    assert {(row.state, row.note) for row in outbox()[:2]} == {(MessageState.UNKNOWN, SENDER_DIED)}
    clock.now += NUDGE_AFTER - timedelta(seconds=1)
    assert sender.send_due() == 0
    clock.now += timedelta(seconds=1)
    assert sender.send_due() == 2
    assert sorted((e.person_id, e.kind) for e in mail.sent) == [("chen.yu", "step_nudge"), ("liu.yang", "step_nudge")]
    assert all(envelope.link for envelope in mail.sent)


@pytest.mark.usefixtures("by_mail")
def test_nobody_is_nudged_about_what_was_answered_meanwhile(house, mail, approve, outbox, clock):
    with house.work() as work:
        claim(work, "dead:1:1", 8)
    clock.now += ORPHANED_AFTER
    sender = Sender(house, {"mail": mail})
    sender.send_due()
    approve("chen.yu")
    clock.now += NUDGE_AFTER
    assert sender.send_due() == 0
    assert [row.note for row in outbox() if row.kind == "step_nudge"] == [STEP_CLOSED, STEP_CLOSED]


@pytest.mark.usefixtures("step")
def test_nobody_is_nudged_who_was_reached_at_another_address(house, mail, make_box, outbox, clock):
    with house.work() as work:
        add_channel(work, "chen.yu", "chen.yu@hengyuan.example")
        add_channel(work, "chen.yu", "wecombot://693axxx6-7aoc")
    wecom = make_box("wecom")
    mail.trouble = [ChannelError("fell silent", temporary=True, unsure=True)]
    sender = Sender(house, {"mail": mail, "wecom": wecom, "console": make_box("console")})
    sender.send_due()
    clock.now += NUDGE_AFTER
    sender.send_due()
    assert [e.kind for e in wecom.sent] == ["step_asked"]
    assert {row.note for row in outbox() if row.kind == "step_nudge"} == {ARRIVED}


@pytest.mark.usefixtures("by_mail", "step")
def test_that_a_substitute_was_reached_does_not_say_that_the_absent_person_was(house, mail, letterbox, clock):
    mail.trouble = [ChannelError("fell silent", temporary=True, unsure=True)] * 2
    sender = Sender(house, {"mail": mail, "console": letterbox})
    sender.send_due()
    clock.now += timedelta(minutes=1)
    with house.work(person("chen.yu")) as work:
        absence = set_absence(work, "chen.yu", "feng.bo", work.now, work.now + timedelta(days=2))
    sender.send_due()
    assert letterbox.people == ["feng.bo"]
    with house.work(person("chen.yu")) as work:
        cancel_absence(work, absence.id)
    mail.trouble = [ChannelError("busy", temporary=True)]
    sender.send_due()
    mail.sent.clear()
    clock.now += NUDGE_AFTER
    sender.send_due()
    assert next(envelope.kind for envelope in mail.sent if envelope.person_id == "chen.yu") == "step_nudge"


@pytest.mark.usefixtures("by_mail", "step")
def test_a_nudge_that_is_lost_too_is_not_followed_by_another(house, mail, outbox, clock):
    silence = ChannelError("fell silent", temporary=True, unsure=True)
    mail.trouble = [silence] * 9
    sender = Sender(house, {"mail": mail})
    for _ in range(4):
        sender.send_due()
        clock.now += NUDGE_AFTER
    kinds = sorted((envelope.person_id, envelope.kind) for envelope in mail.sent)
    assert kinds == [(who, kind) for who in ("chen.yu", "liu.yang") for kind in ("step_asked", "step_nudge")]


@pytest.mark.usefixtures("by_mail")
def test_a_connection_that_breaks_after_the_message_counts_as_unknown_not_as_failed(house, step, mail, outbox):
    mail.trouble = [ChannelError("fell silent", temporary=True, unsure=True)] * 2
    Sender(house, {"mail": mail}).send_due()
    assert {row.state for row in outbox() if row.kind == "step_asked"} == {MessageState.UNKNOWN}
    with house.read() as session:
        events = session.exec(select(AuditEvent).where(AuditEvent.event == "message.fate-unknown")).all()
        assert {event.case_ref for event in events} == {step.case_ref}


@pytest.mark.usefixtures("by_mail", "step")
def test_a_channel_that_fails_in_an_unforeseen_way_is_not_tried_twice(house, mail, outbox):
    mail.trouble = [RuntimeError("bug"), RuntimeError("bug")]
    Sender(house, {"mail": mail}).send_due()
    assert {row.state for row in outbox() if row.kind == "step_asked"} == {MessageState.UNKNOWN}


@pytest.mark.usefixtures("by_mail", "step")
def test_a_sender_that_was_only_slow_may_still_say_that_it_went_out(house, mail, outbox, clock):
    with house.work() as work:
        slow = claim(work, "slow:1:1", 8)
    clock.now += ORPHANED_AFTER
    sender = Sender(house, {"mail": mail})
    sender.send_due()
    with house.work() as work:
        assert [mark_sent(work, delivery.claim) for delivery in slow] == [True, True]
    clock.now += NUDGE_AFTER
    assert sender.send_due() == 0
    assert {row.note for row in outbox() if row.kind == "step_nudge"} == {ARRIVED}


def test_a_sender_that_waits_for_a_slow_channel_keeps_its_claims(house, tell, letterbox, clock):
    tell("li.na")
    with house.work() as work:
        claim(work, "slow:1:1", 1)
    clock.now += ORPHANED_AFTER - timedelta(seconds=1)
    with house.work() as work:
        renew(work, "slow:1:1")
    clock.now += timedelta(seconds=30)
    assert Sender(house, {"console": letterbox}).recover() == 0


def test_a_sender_that_speaks_up_while_the_channel_is_being_asked_keeps_its_claim(house, tell, outbox, clock):
    tell("li.na")
    with house.work() as work:
        claim(work, "slow:1:1", 1)
    clock.now += ORPHANED_AFTER

    class Asked:
        name, deduplicates = "console", False

        def remembers(self, message_id):
            with house.work() as work:
                renew(work, "slow:1:1")
            return False

    Sender(house, {"console": Asked()}).recover()
    assert (outbox()[0].state, outbox()[0].claimed_by) == (MessageState.SENDING, "slow:1:1")


def test_a_claim_whose_process_has_ended_is_recovered_at_once(house, tell, letterbox):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    tell("li.na")
    with house.work() as work:
        claim(work, f"{socket.gethostname()[:50]}:{ended.pid}:1", 1)
    assert Sender(house, {"console": letterbox}).send_due() == 1


def test_a_process_number_given_again_is_another_process():
    assert not is_gone(process_name())
    assert is_gone(f"{socket.gethostname()[:50]}:{os.getpid()}:1")
    assert not is_gone("another-host:1:1")
    assert not is_gone("test")


def test_a_sender_is_called_again_when_a_claim_may_have_grown_old(house, tell, clock):
    tell("li.na")
    with house.work() as work:
        claim(work, "somebody:1:1", 1)
    with house.read() as session:
        assert next_wake(session) == clock.now + ORPHANED_AFTER
        assert orphans(session, clock.now, lambda _name: False) == []


def test_a_message_that_kills_its_sender_each_time_is_given_up(house, tell, letterbox, outbox, clock):
    tell("li.na")
    for _ in range(MAX_ATTEMPTS):
        with house.work() as work:
            assert len(claim(work, "dead:1:1", 1)) == 1
        clock.now += ORPHANED_AFTER
        Sender(house, {"console": letterbox}).recover()
    assert outbox()[0].state is MessageState.DEAD


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    deaths=st.lists(st.sampled_from(["before", "after", "unsure", "busy", "none"]), max_size=6),
    channel=st.sampled_from(["console", "webhook", "mail"]),
)
def test_however_senders_die_nobody_gets_a_message_twice_and_nobody_is_forgotten(
    house, clock, make_box, ask_chen_yu, deaths, channel
):
    """One step, one person, one channel; deaths and failures in any order; then the sender is left in peace."""
    box = make_box(channel, can_be_asked=channel == "console", deduplicates=channel == "webhook")
    place = {"console": None, "webhook": "json://hooks.example", "mail": "chen.yu@hengyuan.example"}[channel]
    case_ref = ask_chen_yu(place)
    for death in deaths:
        if death == "before":
            with house.work() as work:
                claim(work, "dead:1:1", 8)
        else:
            trouble = {
                "after": Killed(),
                "unsure": ChannelError("silent", temporary=True, unsure=True),
                "busy": ChannelError("busy", temporary=True),
                "none": None,
            }[death]
            box.trouble = [trouble] * 8
            with suppress(Killed):
                Sender(house, {channel: box}).send_due()
            box.trouble = []
        clock.now += timedelta(minutes=31)
    for _ in range(3):
        Sender(house, {channel: box}).send_due()
        clock.now += timedelta(hours=5)
    mine = [e for e in box.sent if e.case_ref == case_ref and e.person_id == "chen.yu"]
    received = {e.message_id: e for e in mine} if box.deduplicates else dict(enumerate(mine))
    kinds = [envelope.kind for envelope in received.values()]
    assert len(kinds) == len(set(kinds)), "the same message twice"
    assert kinds, "forgotten"

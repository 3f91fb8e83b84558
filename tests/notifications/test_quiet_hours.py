"""Quiet hours: nobody is disturbed at night, nothing is lost, and in the morning only what is still wanted goes out."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from config.words import Language, MessageState
from models.house import person
from models.messages import SignIn, queue
from models.operations.fates import BACK_OFF
from models.operations.outbox import backlog, next_wake
from models.operations.people import add_channel
from models.operations.pointless import SAID_SINCE, STEP_CLOSED
from models.operations.urging import urge
from models.tables import Person
from notifications.channels import ChannelError
from notifications.sender import Sender

BUSY = ChannelError("the mail server is busy", temporary=True)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@pytest.fixture
def by_mail(house):
    with house.work() as work:
        for who in ("li.na", "sun.tao", "chen.yu", "liu.yang"):
            add_channel(work, who, f"{who}@hengyuan.example")


@pytest.fixture
def mail(make_box):
    return make_box("mail")


@pytest.fixture
def sender(house, by_mail, mail, letterbox):
    return Sender(house, {"mail": mail, "console": letterbox})


@pytest.mark.parametrize(
    ("night", "morning"),
    [
        ("2026-03-10 20:00", "2026-03-11 08:00"),  # Tuesday evening, before midnight
        ("2026-03-11 02:15", "2026-03-11 08:00"),  # after midnight
        ("2026-03-13 23:30", "2026-03-14 08:00"),  # Friday night: Saturday morning
        ("2026-03-15 06:00", "2026-03-15 08:00"),  # Sunday
        ("2026-10-01 21:00", "2026-10-02 08:00"),  # the National Day
    ],
)
def test_what_is_told_at_night_arrives_in_the_morning(house, tell, sender, mail, outbox, clock, night, morning):
    clock.now = shanghai(night)
    tell("li.na", 1)
    tell("li.na", 2)
    assert sender.send_due() == 0
    assert {row.next_at for row in outbox()} == {shanghai(morning)}
    assert {row.attempts for row in outbox()} == {0}
    clock.now = shanghai(morning) - timedelta(seconds=1)
    assert sender.send_due() == 0
    clock.now = shanghai(morning)
    assert sender.send_due() == 2
    assert ["000001" in mail.sent[0].subject, "000002" in mail.sent[1].subject] == [True, True]


@pytest.mark.parametrize("day", ["2026-03-10 19:59:59", "2026-03-10 08:00", "2026-03-14 12:00"])
def test_by_day_nothing_is_held_on_days_off_neither(tell, sender, clock, day):
    clock.now = shanghai(day)
    tell("li.na")
    assert sender.send_due() == 1


def test_everyone_reads_it_in_their_language_in_the_morning(house, tell, sender, mail, clock):
    with house.work() as work:
        work.session.get_one(Person, "sun.tao").language = Language.EN
    clock.now = shanghai("2026-03-10 22:00")
    tell("li.na", 1)
    tell("sun.tao", 2)
    sender.send_due()
    clock.now = shanghai("2026-03-11 08:00")
    sender.send_due()
    begins = {envelope.person_id: envelope.subject.split("】")[0].split("]")[0] for envelope in mail.sent}
    assert begins == {"li.na": "【客户风险", "sun.tao": "[Client risk"}


@pytest.mark.usefixtures("by_mail")
def test_what_was_answered_at_night_asks_nobody_in_the_morning(step, approve, sender, mail, outbox, clock):
    clock.now = shanghai("2026-03-10 21:00")
    assert sender.send_due() == 0
    approve("chen.yu")
    clock.now = shanghai("2026-03-11 08:00")
    assert sender.send_due() == 0
    assert mail.sent == []
    assert [(row.state, row.note) for row in outbox()] == [(MessageState.SKIPPED, STEP_CLOSED)] * 2


@pytest.mark.usefixtures("by_mail")
def test_whoever_was_urged_twice_at_night_hears_of_it_once(house, case, step, sender, mail, outbox, clock):
    sender.send_due()
    mail.sent.clear()
    for hour, note in ((20, "客户在等"), (25, "明早要发货")):
        clock.now = shanghai("2026-03-10 00:00") + timedelta(hours=hour)
        with house.work(person("li.na")) as work:
            urge(work, case.ref, work.session.get_one(Person, "li.na"), note)
        assert sender.send_due() == 0
    clock.now = shanghai("2026-03-11 08:00")
    assert sender.send_due() == 2
    assert all("明早要发货" in envelope.text for envelope in mail.sent)
    assert [row.note for row in outbox() if row.state is MessageState.SKIPPED] == [SAID_SINCE] * 2


def test_a_failure_in_the_evening_is_tried_again_in_the_morning(tell, sender, mail, outbox, clock):
    clock.now = shanghai("2026-03-10 19:59:30")
    mail.trouble = [BUSY]
    tell("li.na")
    sender.send_due()
    assert outbox()[0].next_at == clock.now + BACK_OFF[0]
    clock.now += BACK_OFF[0]
    assert sender.send_due() == 0
    assert outbox()[0].next_at == shanghai("2026-03-11 08:00")
    clock.now = shanghai("2026-03-11 08:00")
    assert sender.send_due() == 1
    assert outbox()[0].attempts == 2


def test_a_file_and_a_program_are_written_to_at_night(house, tell, make_box, letterbox, clock):
    with house.work() as work:
        add_channel(work, "sun.tao", "json://hooks.hengyuan.example/risk")
    webhook = make_box("webhook")
    clock.now = shanghai("2026-03-10 23:00")
    tell("li.na", 1)
    tell("sun.tao", 2)
    assert Sender(house, {"console": letterbox, "webhook": webhook}).send_due() == 2
    assert (letterbox.people, webhook.people) == (["li.na"], ["sun.tao"])


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("wecom", "wecombot://693axxx6-7aoc-4bc4-97a0"),
        ("dingtalk", "dingtalk://token"),
        ("feishu", "feishu://token"),
        ("other", "tgram://123456789:abcdefg_hijklmnop/12315544"),
    ],
)
def test_no_robot_rings_at_night_and_the_webhook_beside_it_is_told_at_once(house, tell, make_box, clock, name, address):
    with house.work() as work:
        add_channel(work, "li.na", address)
        add_channel(work, "li.na", "json://hooks.hengyuan.example/risk")
    robot, webhook = make_box(name), make_box("webhook")
    sender = Sender(house, {name: robot, "webhook": webhook})
    clock.now = shanghai("2026-03-10 20:30")
    tell("li.na")
    sender.send_due()
    assert (len(robot.sent), len(webhook.sent)) == (0, 1)
    clock.now = shanghai("2026-03-11 08:00")
    sender.send_due()
    assert (len(robot.sent), len(webhook.sent)) == (1, 1)


def test_who_signs_in_at_night_is_not_kept_waiting_by_what_is_held(house, tell, sender, mail, clock):
    clock.now = shanghai("2026-03-10 23:00")
    tell("li.na")
    sender.send_due()
    with house.work() as work:
        queue(work, SignIn(), "li.na", "sign-in:li.na:1")
    assert sender.send_due() == 1
    assert [envelope.kind for envelope in mail.sent] == ["sign_in"]


def test_a_sender_sleeps_until_the_morning_and_nothing_counts_as_late(house, tell, sender, clock):
    clock.now = shanghai("2026-03-10 22:00")
    tell("li.na")
    sender.send_due()
    with house.read() as session:
        assert next_wake(session) == shanghai("2026-03-11 08:00")
        state = backlog(session, clock.now)
    assert (state.waiting, state.late) == (1, 0)


def test_a_night_with_much_to_hold_lets_others_write_in_between(house, tell, sender, outbox, clock, monkeypatch):
    monkeypatch.setattr("models.operations.outbox.MOST_LOOKED_AT", 16)
    for number in range(1, 41):
        tell("li.na" if number % 2 else "sun.tao", number)
    clock.now = shanghai("2026-03-10 22:00")
    assert sender.send_due() == 0
    assert sum(row.channel is not None for row in outbox()) == 16
    sender.send_due()
    sender.send_due()
    assert {row.next_at for row in outbox()} == {shanghai("2026-03-11 08:00")}
    clock.now = shanghai("2026-03-11 08:00")
    assert sender.send_due() == 40


def test_a_company_without_quiet_hours_is_written_to_at_any_hour(house, tell, sender, mail, clock, monkeypatch):
    never = house.policy.steps.quiet_hours.model_copy(update={"start": time(0), "end": time(0)})
    steps = house.policy.steps.model_copy(update={"quiet_hours": never})
    monkeypatch.setattr(house, "policy", house.policy.model_copy(update={"steps": steps}))
    clock.now = shanghai("2026-03-11 03:00")
    tell("li.na")
    assert sender.send_due() == 1

"""Digests: what is not urgent comes in one message, what is urgent at once; nothing is lost, nothing is told twice."""

from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from config.policy.steps import QuietHours
from config.words import DigestRhythm, Language, MessageState
from models.errors import Conflict, Invalid
from models.house import person
from models.messages import SignIn, StepDue, queue
from models.operations.digests import DIGESTIBLE, IN_A_DIGEST
from models.operations.outbox import claim, next_wake
from models.operations.people import add_channel
from models.operations.pointless import DIGEST_OVER, STEP_CLOSED
from models.operations.preferences import Wishes, send_test, set_wishes, version_of
from models.operations.remarks import ask_question, copy_to
from models.rules.digests import digest_moment
from models.tables import OutboxMessage, Person, Preference, Signer, Step
from notifications.channels import ChannelError
from notifications.sender import Sender

NIGHT = QuietHours(start=time(20), end=time(8))
DAILY = Wishes(digest=DigestRhythm.DAILY, digest_at=time(17))
HOURLY = Wishes(digest=DigestRhythm.HOURLY)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@pytest.fixture
def mail(make_box):
    return make_box("mail")


@pytest.fixture
def sender(house, mail):
    with house.work() as work:
        for who in ("li.na", "chen.yu", "liu.yang", "sun.tao"):
            add_channel(work, who, f"{who}@hengyuan.example")
    return Sender(house, {"mail": mail})


@pytest.fixture
def wants(house):
    def wants(who, wishes):
        with house.work(person(who)) as work:
            set_wishes(work, who, wishes)

    return wants


def kinds_to(mail, who):
    return [envelope.kind for envelope in mail.sent if envelope.person_id == who]


# -- when ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rhythm", "at", "since", "moment"),
    [
        ("hourly", None, "2026-03-10 09:30", "2026-03-10 10:00"),
        ("hourly", None, "2026-03-10 10:00", "2026-03-10 11:00"),
        ("hourly", None, "2026-03-10 19:10", "2026-03-11 08:00"),  # the evening's waits for the morning
        ("daily", time(17), "2026-03-10 09:30", "2026-03-10 17:00"),
        ("daily", time(17), "2026-03-10 17:00", "2026-03-11 17:00"),
        ("daily", time(17), "2026-03-10 22:00", "2026-03-11 17:00"),
        ("daily", None, "2026-03-10 09:30", "2026-03-11 09:00"),
    ],
)
def test_a_digest_has_its_time_and_none_is_sent_in_quiet_hours(rhythm, at, since, moment):
    local = datetime.fromisoformat(since).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    assert digest_moment(DigestRhythm(rhythm), at, local, [NIGHT]) == shanghai(moment)


# -- what ------------------------------------------------------------------------------------------------------------


def test_several_messages_of_a_day_come_as_one_and_each_is_marked(house, wants, tell, sender, mail, outbox, clock):
    wants("li.na", DAILY)
    for number in (1, 2, 3):
        tell("li.na", number)
    tell("sun.tao", 4)
    assert sender.send_due() == 1
    assert kinds_to(mail, "sun.tao") == ["case_closed"], "others are told as ever"
    with house.read() as session:
        assert next_wake(session) == shanghai("2026-03-10 17:00"), "the sender sleeps until then"
    clock.now = shanghai("2026-03-10 16:59")
    assert sender.send_due() == 0
    clock.now = shanghai("2026-03-10 17:00")
    assert sender.send_due() == 1
    (digest,) = [envelope for envelope in mail.sent if envelope.person_id == "li.na"]
    assert (digest.kind, digest.subject) == ("digest", "【客户风险】消息汇总：供知悉 3 项")
    assert digest.link == "http://127.0.0.1:8000/"
    told = [row for row in outbox() if row.kind == "case_closed" and row.person_id == "li.na"]
    assert {(row.state, row.note) for row in told} == {(MessageState.SKIPPED, IN_A_DIGEST)}
    (written,) = [row for row in outbox() if row.kind == "digest"]
    assert [item["message"] for item in written.payload["items"]] == [row.id for row in told], "traceable, each by each"


def test_what_waits_for_an_answer_is_listed_with_its_deadline_and_the_way_to_it(
    house, case, step, wants, tell, sender, mail, clock
):
    wants("chen.yu", HOURLY)
    tell("chen.yu", 7)
    sender.send_due()
    assert kinds_to(mail, "chen.yu") == []
    clock.now = shanghai("2026-03-10 10:00")
    sender.send_due()
    (digest,) = [envelope for envelope in mail.sent if envelope.person_id == "chen.yu"]
    with house.read() as session:
        place = session.exec(select(Signer).where(Signer.step_id == step.id, Signer.person_id == "chen.yu")).one()
    assert f"http://127.0.0.1:8000/steps/{place.id}" in digest.text
    assert "/a/" not in digest.text, "no link that answers without a sign-in travels in a digest"
    assert "待办理 1 项，供知悉 1 项" in digest.subject
    assert case.ref in digest.text


def test_a_single_message_is_sent_as_it_is_with_its_own_link(step, wants, sender, mail, clock):
    wants("chen.yu", HOURLY)
    sender.send_due()
    clock.now = shanghai("2026-03-10 10:00")
    assert sender.send_due() == 1
    (asked,) = [envelope for envelope in mail.sent if envelope.person_id == "chen.yu"]
    assert asked.kind == "step_asked"
    assert "/a/" in asked.link


@pytest.mark.parametrize(("due", "at_once"), [("2026-03-10 18:00", True), ("2026-03-11 09:00", False)])
def test_what_falls_due_on_the_day_of_the_digest_is_told_at_once(
    house, step, wants, sender, mail, due, at_once, outbox
):
    with house.work() as work:
        for row in work.session.exec(select(OutboxMessage)):
            row.payload = {**row.payload, "due_at": shanghai(due).isoformat()}
            work.add(row)
    wants("chen.yu", DAILY)
    sender.send_due()
    assert (kinds_to(mail, "chen.yu") == ["step_asked"]) is at_once


def test_deadlines_questions_and_sign_in_links_never_wait(house, case, step, wants, sender, mail):
    wants("chen.yu", DAILY)
    with house.work() as work:
        place = work.session.exec(select(Signer).where(Signer.person_id == "chen.yu")).one()
        about = {"case_ref": case.ref, "case_title": case.title, "process": case.process}
        late = StepDue(
            **about, step_title="Risk review", question="?", due_at=work.now, expires_at=work.now + timedelta(days=1)
        )
        queue(work, late, "chen.yu", "due", case_ref=case.ref, step_id=step.id, signer_id=place.id)
        queue(work, SignIn(), "chen.yu", "sign-in")
    with house.work(person("liu.yang")) as work:
        ask_question(work, step.id, "chen.yu", "抵押物是否已评估？")
    sender.send_due()
    assert sorted(kinds_to(mail, "chen.yu")) == ["question_asked", "sign_in", "step_due"]
    assert DIGESTIBLE.isdisjoint(
        {"step_due", "step_urged", "step_escalated", "question_asked", "sign_in", "case_failed"}
    )


# -- nothing twice, nothing lost -------------------------------------------------------------------------------------


def test_what_was_answered_meanwhile_is_left_out(step, approve, wants, tell, sender, mail, outbox, clock):
    wants("chen.yu", DAILY)
    tell("chen.yu", 1)
    tell("chen.yu", 2)
    sender.send_due()
    approve("chen.yu")
    clock.now = shanghai("2026-03-10 17:00")
    sender.send_due()
    (digest,) = [envelope for envelope in mail.sent if envelope.person_id == "chen.yu"]
    assert "供知悉 2 项" in digest.subject
    asked = next(row for row in outbox() if row.kind == "step_asked" and row.person_id == "chen.yu")
    assert (asked.state, asked.note) == (MessageState.SKIPPED, STEP_CLOSED)


def test_a_sender_that_dies_before_its_commit_has_changed_nothing(house, wants, tell, sender, mail, outbox, clock):
    wants("li.na", DAILY)
    tell("li.na", 1)
    tell("li.na", 2)
    sender.send_due()
    clock.now = shanghai("2026-03-10 17:00")
    with suppress(KeyboardInterrupt), house.work() as work:
        assert claim(work, "about to die", 8)
        raise KeyboardInterrupt
    assert {row.state for row in outbox()} == {MessageState.PENDING}
    assert sender.send_due() == 1
    assert sender.send_due() == 0
    assert kinds_to(mail, "li.na") == ["digest"]


def test_what_comes_after_a_digest_is_in_the_next_one(wants, tell, sender, mail, clock):
    wants("li.na", HOURLY)
    for came, sent, numbers in (("09:40", "10:00", (1, 2)), ("10:40", "11:00", (3, 4))):
        clock.now = shanghai(f"2026-03-10 {came}")
        for number in numbers:
            tell("li.na", number)
        sender.send_due()
        clock.now = shanghai(f"2026-03-10 {sent}")
        assert sender.send_due() == 1
    assert kinds_to(mail, "li.na") == ["digest", "digest"]


def test_a_sender_that_was_away_tells_everything_when_it_is_back(wants, tell, sender, mail, clock):
    wants("li.na", DAILY)
    tell("li.na", 1)
    clock.now = shanghai("2026-03-12 11:00")  # nobody has sent anything for two days
    tell("li.na", 2)
    assert sender.send_due() == 1
    assert kinds_to(mail, "li.na") == ["digest"]


def test_a_very_long_digest_is_several(wants, tell, sender, mail, clock, monkeypatch):
    monkeypatch.setattr("models.operations.digests.MOST_ITEMS", 4)
    wants("li.na", HOURLY)
    for number in range(1, 11):
        tell("li.na", number)
    sender.send_due()
    clock.now = shanghai("2026-03-10 10:00")
    assert sender.send_due() == 3
    assert sum(envelope.text.count("/cases/") for envelope in mail.sent) == 10


def test_a_digest_that_was_held_up_until_all_was_answered_is_not_sent(
    house, step, approve, wants, sender, mail, outbox, clock
):
    wants("chen.yu", HOURLY)
    with house.work() as work:  # a second place, so that it becomes a digest at all
        other = Step.model_validate(
            work.session.get_one(Step, step.id).model_dump(exclude={"id", "key"}) | {"key": "risk-review:2"}
        )
        work.add(other)
        second = Signer(step_id=other.id, case_ref=step.case_ref, person_id="chen.yu", level=0, seat="x", state="asked")
        work.add(second)
        first = work.session.exec(select(OutboxMessage).where(OutboxMessage.person_id == "chen.yu")).one()
        work.add(
            OutboxMessage(
                **first.model_dump(exclude={"id", "dedupe_key", "signer_id", "payload"}),
                payload=first.payload,
                dedupe_key="again",
                signer_id=second.id,
            )
        )
    sender.send_due()
    clock.now = shanghai("2026-03-10 10:00")
    mail.trouble = [ChannelError("the mail server is busy", temporary=True)]
    sender.send_due()
    approve("chen.yu")
    with house.work() as work:
        place = work.session.get_one(Signer, second.id)
        place.state = "released"
        work.add(place)
    clock.now += timedelta(minutes=2)
    assert sender.send_due() == 0
    (digest,) = [row for row in outbox() if row.kind == "digest"]
    assert (digest.state, digest.note) == (MessageState.SKIPPED, DIGEST_OVER)


def test_whoever_gives_up_the_digest_is_told_at_once_of_what_waited_for_it(wants, tell, sender, mail):
    wants("li.na", DAILY)
    tell("li.na", 1)
    tell("li.na", 2)
    assert sender.send_due() == 0
    wants("li.na", Wishes())
    assert sender.send_due() == 2
    assert kinds_to(mail, "li.na") == ["case_closed", "case_closed"]


def test_a_digest_is_written_in_the_language_of_its_reader(house, step, wants, tell, sender, mail, clock):
    with house.work() as work:
        work.session.get_one(Person, "chen.yu").language = Language.EN
    with house.work(person("liu.yang")) as work:
        copy_to(work, step.id, "chen.yu")
    wants("chen.yu", HOURLY)
    sender.send_due()
    clock.now = shanghai("2026-03-10 10:00")
    sender.send_due()
    (digest,) = [envelope for envelope in mail.sent if envelope.person_id == "chen.yu"]
    assert digest.subject == "[Client risk] 1 to answer, 1 to know of"
    assert "Copied to you" in digest.text


# -- quiet hours of one's own ----------------------------------------------------------------------------------------


def test_own_quiet_hours_lengthen_the_companys(wants, tell, sender, mail, outbox, clock):
    wants("li.na", Wishes(quiet_from=time(18, 30), quiet_until=time(9)))
    clock.now = shanghai("2026-03-10 18:45")
    tell("li.na", 1)
    tell("sun.tao", 2)
    assert sender.send_due() == 1
    assert [envelope.person_id for envelope in mail.sent] == ["sun.tao"]
    clock.now = shanghai("2026-03-11 08:30")
    assert sender.send_due() == 0
    clock.now = shanghai("2026-03-11 09:00")
    assert sender.send_due() == 1


def test_a_test_message_is_sent_at_any_hour_and_once_a_minute(house, wants, sender, mail, clock):
    wants("li.na", Wishes(quiet_from=time(18), quiet_until=time(9), digest=DigestRhythm.HOURLY))
    clock.now = shanghai("2026-03-10 23:00")
    with house.work(person("li.na")) as work:
        assert send_test(work, "li.na")
        assert not send_test(work, "li.na")
    assert sender.send_due() == 1
    assert kinds_to(mail, "li.na") == ["test_message"]


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        (Wishes(quiet_from=time(21), quiet_until=time(9)), "quiet_from"),
        (Wishes(quiet_from=time(19), quiet_until=time(7)), "quiet_from"),
        (Wishes(quiet_from=time(12), quiet_until=time(13)), "quiet_from"),
        (Wishes(quiet_from=time(19)), "quiet_until"),
        (Wishes(quiet_until=time(9)), "quiet_from"),
        (Wishes(quiet_from=time(9), quiet_until=time(9)), "quiet_until"),
        (Wishes(quiet_from=time(10), quiet_until=time(9)), "quiet_until"),  # 23 hours
        (Wishes(digest=DigestRhythm.DAILY), "digest_at"),
        (Wishes(digest=DigestRhythm.DAILY, digest_at=time(21)), "digest_at"),
        (
            Wishes(quiet_from=time(18), quiet_until=time(8), digest=DigestRhythm.DAILY, digest_at=time(18, 30)),
            "digest_at",
        ),
    ],
)
def test_wishes_that_cannot_be_are_refused_where_they_are_wrong(house, wishes, field):
    with pytest.raises(Invalid) as refused, house.work(person("li.na")) as work:
        set_wishes(work, "li.na", wishes)
    assert [problem.field for problem in refused.value.problems] == [field]
    with house.read() as session:
        assert session.get(Preference, "li.na") is None


def test_wishes_that_were_changed_meanwhile_are_not_overwritten(house, wants):
    wants("li.na", DAILY)
    with pytest.raises(Conflict), house.work(person("li.na")) as work:
        set_wishes(work, "li.na", HOURLY, seen=version_of(Wishes()))
    with house.read() as session:
        assert session.get_one(Preference, "li.na").digest is DigestRhythm.DAILY

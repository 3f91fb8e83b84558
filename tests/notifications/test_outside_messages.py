"""Word to people outside: by mail, in the company's name, in their language; and of secrets nothing is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlmodel import select

from config.words import Language, MessageState
from models.house import House
from models.operations.fates import mark_unknown
from models.operations.outbox import NO_ADDRESS, claim
from models.operations.outside import invite, outside_party, resend_invitation, revoke_invitations
from models.operations.outside_answers import ask_for_code, take_outside
from models.operations.outside_secrets import issue_code, issue_outside_link
from models.operations.papers import write_paper
from models.operations.pointless import CODE_ASKED_LONG_AGO, LINK_OVER
from models.tables import AuditEvent, Case, OutboxMessage, OutsideLink
from notifications.channels import ChannelError
from notifications.sender import Sender
from tests.outsiders import MA_JIANGUO, asks_to_sign, link_now, minutes

Rows = Callable[[], Sequence[OutboxMessage]]
EVENING = datetime(2026, 3, 10, 21, 0, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
MORNING = datetime(2026, 3, 11, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@pytest.fixture
def house(house: House) -> House:
    """An installation with a mail server."""
    mail = SecretStr("mailto://127.0.0.1:1?from=risk@hengyuan.example")
    house.settings = house.settings.model_copy(update={"mail_url": mail, "company": "恒远供应链管理有限公司"})
    return house


@pytest.fixture
def mail(make_box: Callable[..., Any]) -> Any:
    return make_box("mail")


@pytest.fixture
def sender(house: House, mail: Any, letterbox: Any) -> Sender:
    return Sender(house, {"mail": mail, "console": letterbox}, threads=1)


@pytest.fixture
def link(house: House, case: Case) -> OutsideLink:
    return asks_to_sign(house, case.ref)[1]


def of_kind(outbox: Rows, kind: str) -> list[OutboxMessage]:
    return [row for row in outbox() if row.kind == kind]


def token_of(house: House, link: OutsideLink) -> str:
    with house.work() as work:
        return issue_outside_link(work, link.id or 0)


def test_an_invitation_goes_by_mail_in_the_companys_name(link: OutsideLink, sender: Sender, mail: Any) -> None:
    sender.send_due()
    (sent,) = mail.sent
    assert (sent.address, sent.person_id, sent.sender_name) == (MA_JIANGUO, None, "恒远供应链管理有限公司")
    assert sent.subject == "【恒远供应链管理有限公司】签署文件 · 风险客户接待纪要"
    assert "/o/" in sent.link
    assert "客户风险" not in sent.text + sent.html


def test_in_development_the_console_stands_for_their_mailbox(
    house: House, link: OutsideLink, sender: Sender, mail: Any, letterbox: Any
) -> None:
    house.settings = house.settings.model_copy(update={"mail_url": None})
    sender.send_due()
    assert mail.sent == []
    assert [one.kind for one in letterbox.sent] == ["outside_invited"]


def test_without_a_mail_address_the_handler_is_asked_to_pass_the_link_on(
    house: House, case: Case, outbox: Rows
) -> None:
    asks_to_sign(house, case.ref, email=None)
    assert of_kind(outbox, "outside_invited") == []
    (told,) = of_kind(outbox, "outside_needs")
    assert (told.person_id, told.payload["need"]) == ("li.na", "unreachable")


def test_a_message_to_somebody_without_an_address_is_skipped_and_says_why(
    house: House, sender: Sender, outbox: Rows, link: OutsideLink
) -> None:
    with house.work() as work:
        nobody = outside_party(work, None, "无邮箱", None)
        row = work.session.exec(select(OutboxMessage).where(OutboxMessage.kind == "outside_invited")).one()
        row.outside_id = nobody.id
        work.add(row)
    sender.send_due()
    (row,) = of_kind(outbox, "outside_invited")
    assert (row.state, row.note) == (MessageState.SKIPPED, NO_ADDRESS)


def test_the_link_exists_in_the_message_alone_and_each_message_brings_its_own(
    house: House, link: OutsideLink, sender: Sender, mail: Any, outbox: Rows
) -> None:
    sender.send_due()
    with house.work() as work:
        resend_invitation(work, work.session.get_one(OutsideLink, link.id))
    sender.send_due()
    first, second = mail.sent
    assert first.link != second.link
    assert second.subject.startswith("再次提醒")
    token = second.link.rpartition("/")[2]
    assert token not in str([row.payload for row in outbox()])
    assert link_now(house, link).token_hash != token


def test_a_code_is_six_digits_made_as_it_is_sent_and_kept_nowhere(
    house: House, link: OutsideLink, sender: Sender, mail: Any, outbox: Rows
) -> None:
    token = token_of(house, link)
    with house.work() as work:
        ask_for_code(work, token)
    assert link_now(house, link).code_hash is None
    sender.send_due()
    code = re.search(r"^\d{6}$", mail.sent[-1].text, re.MULTILINE)
    assert code
    assert mail.sent[-1].link is None
    with house.read() as session:
        trail = [str(event.data) for event in session.exec(select(AuditEvent))]
    assert code[0] not in str(trail) + str([row.payload for row in outbox()])
    assert link_now(house, link).code_hash not in (None, code[0])


def test_an_invitation_waits_for_the_morning_and_a_code_does_not(
    house: House, link: OutsideLink, sender: Sender, mail: Any, outbox: Rows, clock: Any
) -> None:
    clock.now = EVENING
    token = token_of(house, link)
    with house.work() as work:
        ask_for_code(work, token)
    sender.send_due()
    assert [one.kind for one in mail.sent] == ["outside_code"]
    assert of_kind(outbox, "outside_invited")[0].next_at == MORNING


def test_a_code_that_could_not_go_out_in_time_is_not_sent(
    house: House, link: OutsideLink, sender: Sender, mail: Any, outbox: Rows, clock: Any
) -> None:
    sender.send_due()
    token = token_of(house, link)
    with house.work() as work:
        ask_for_code(work, token)
    mail.trouble = [ChannelError("the mail server is busy", temporary=True)] * 3
    sender.send_due()
    clock.now += timedelta(minutes=11)
    sender.send_due()
    (row,) = of_kind(outbox, "outside_code")
    assert (row.state, row.note) == (MessageState.SKIPPED, CODE_ASKED_LONG_AGO)


def test_what_was_taken_back_meanwhile_is_not_sent(
    house: House, case: Case, link: OutsideLink, sender: Sender, mail: Any, outbox: Rows
) -> None:
    with house.work() as work:
        revoke_invitations(work, case.ref, "sign-paper")
    sender.send_due()
    assert mail.sent == []
    assert of_kind(outbox, "outside_invited")[0].note == LINK_OVER


def test_who_has_answered_is_not_reminded(
    house: House, link: OutsideLink, sender: Sender, mail: Any, outbox: Rows
) -> None:
    sender.send_due()
    with house.work() as work:
        resend_invitation(work, work.session.get_one(OutsideLink, link.id))
    token = token_of(house, link)
    with house.work() as work:
        ask_for_code(work, token)
    rows = of_kind(outbox, "outside_code")
    assert len(rows) == 1
    with house.work() as work:
        code = issue_code(work, link.id or 0)
        take_outside(work, token, code, {"answer": "decline", "reason": "先不签"})
    sender.send_due()
    assert [one.kind for one in mail.sent] == ["outside_invited"]


def test_a_lost_message_to_the_outside_is_on_record_and_nobody_is_nudged(
    house: House, link: OutsideLink, outbox: Rows
) -> None:
    with house.work() as work:
        (taken,) = claim(work, "sender:1", 1)
        mark_unknown(work, taken.claim)
    assert [row.kind for row in outbox()] == ["outside_invited"]
    with house.read() as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.event == "message.fate-unknown")).one()
    assert (event.data["outside"], event.data["person"]) == (link.outside_id, None)


def test_an_english_client_is_written_to_in_english(house: House, case: Case, sender: Sender, mail: Any) -> None:
    with house.work() as work:
        paper = write_paper(work, case.ref, "reception-minutes", "2", minutes(language=Language.EN))
        party = outside_party(work, None, "John Smith", "john@trader.example", None, Language.EN)
        invite(work, party, "sign-paper", case_ref=case.ref, paper=paper)
    sender.send_due()
    assert mail.sent[0].text.startswith("Dear John Smith,")

"""Mail against a real SMTP server: what arrives, and what each way of failing is taken for."""

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from config.words import Language, MessageState
from notifications.channels import ChannelError, Envelope, channels_of
from notifications.mail import MailChannel, mail_server
from notifications.sender import Sender


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postmaster:
    """A mail server's behaviour: keeps what it takes, or answers what ``answers`` says for a command."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers: dict[str, str] = {}
        self.hang_up_after_data = False

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        if self.hang_up_after_data:
            server.transport.abort()
        return "250 taken"


@pytest.fixture
def postmaster() -> Postmaster:
    return Postmaster()


@pytest.fixture
def mail_url(postmaster) -> Iterator[str]:
    server = Controller(postmaster, hostname="127.0.0.1", port=free_port())
    server.start()
    yield f"mailto://127.0.0.1:{server.port}?from=risk@hengyuan.example"
    server.stop()


@pytest.fixture
def mail(mail_url) -> MailChannel:
    return MailChannel(mail_url)


def envelope(**more) -> Envelope:
    given = {
        "message_id": "5d41402abc4b2a76b9719d911017c592",
        "kind": "step_asked",
        "case_ref": "ONB-2026-000123",
        "person_id": "wang.jun",
        "person_name": "王军",
        "language": Language.ZH_CN,
        "subject": "【客户风险】请办理：风险复评 · 徐州恒源钢铁贸易有限公司",
        "address": "wang.jun@hengyuan.example",
        "text": "王军，您好：\n\n查看并办理：\nhttps://risk.hengyuan.example/a/abc\n",
        "html": "<!doctype html><html><body><p>王军，您好：</p></body></html>",
        "link": "https://risk.hengyuan.example/a/abc",
    }
    return Envelope(**{**given, **more})


def test_a_mail_arrives_with_subject_text_and_html_and_its_chinese_whole(mail, postmaster):
    mail.send(envelope())
    (received,) = postmaster.mails
    assert received["Subject"] == "【客户风险】请办理：风险复评 · 徐州恒源钢铁贸易有限公司"
    assert received["From"] == "客户风险管理 <risk@hengyuan.example>"
    assert received["To"] == "王军 <wang.jun@hengyuan.example>"
    assert received.get_content_type() == "multipart/alternative"
    text, html = received.get_body(("plain",)), received.get_body(("html",))
    assert text.get_content().replace("\r\n", "\n") == envelope().text
    assert html.get_content().strip() == envelope().html
    assert postmaster.recipients == ["wang.jun@hengyuan.example"]


def test_the_message_id_is_the_outbox_messages_own_and_robots_are_asked_not_to_answer(mail, postmaster):
    mail.send(envelope())
    (received,) = postmaster.mails
    assert received["Message-ID"] == "<5d41402abc4b2a76b9719d911017c592@hengyuan.example>"
    assert received["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("command", "answer", "temporary"),
    [
        ("RCPT", "550 no such mailbox", False),
        ("RCPT", "451 greylisted, come again", True),
        ("DATA", "554 we do not take this", False),
        ("DATA", "452 no room", True),
        ("MAIL", "553 sender unknown here", True),
    ],
)
def test_what_the_server_refuses_was_certainly_not_sent(mail, postmaster, command, answer, temporary):
    postmaster.answers[command] = answer
    with pytest.raises(ChannelError) as failure:
        mail.send(envelope())
    assert (failure.value.temporary, failure.value.unsure) == (temporary, False)
    assert answer[:3] in failure.value.reason
    assert postmaster.mails == []


def test_a_server_that_hangs_up_before_it_has_confirmed_may_have_taken_it(mail, postmaster):
    postmaster.hang_up_after_data = True
    with pytest.raises(ChannelError) as failure:
        mail.send(envelope())
    assert failure.value.unsure
    assert len(postmaster.mails) == 1


def test_a_server_that_is_not_there_has_certainly_not_taken_it():
    with pytest.raises(ChannelError, match="cannot be used") as failure:
        MailChannel(f"mailto://127.0.0.1:{free_port()}?from=risk@hengyuan.example").send(envelope())
    assert (failure.value.temporary, failure.value.unsure) == (True, False)


def test_no_header_can_be_smuggled_in_by_a_name(mail, postmaster):
    with pytest.raises(ChannelError, match="line break"):
        mail.send(envelope(person_name="王军\r\nBcc: rival@example.net"))
    assert postmaster.mails == []


def test_a_person_may_have_a_server_of_their_own(postmaster, mail_url):
    MailChannel(None, ["127.0.0.1"]).send(envelope(address=f"{mail_url}&to=private@hengyuan.example"))
    assert postmaster.recipients == ["private@hengyuan.example"]


@pytest.mark.parametrize("more", ["cc=boss@hengyuan.example", "bcc=rival@example.net", "pgp=yes"])
def test_a_personal_link_is_not_copied_to_others(more):
    with pytest.raises(ChannelError, match="one person alone"):
        mail_server(f"mailto://mail.hengyuan.example?from=risk@hengyuan.example&{more}")


def test_a_mail_address_is_read_as_apprise_reads_it():
    server, _to = mail_server(
        "mailtos://risk:s3cret@smtp.hengyuan.example?mode=ssl&from=risk@hengyuan.example&name=风控部"
    )
    assert (server.host, server.port, server.mode) == ("smtp.hengyuan.example", 465, "ssl")
    assert (server.user, server.password, server.sender_name) == ("risk", "s3cret", "风控部")
    assert "s3cret" not in repr(server)


@pytest.mark.parametrize("address", ["json://hooks.hengyuan.example", "nonsense://x"])
def test_what_is_no_mail_server_is_said_so(address):
    with pytest.raises(ChannelError, match=r"SMTP server|not understood"):
        mail_server(address)


def test_the_step_reaches_both_officers_mailboxes_through_the_whole_house(house, step, postmaster, mail_url, outbox):
    object.__setattr__(house, "settings", house.settings.model_copy(update={"mail_url": SecretStr(mail_url)}))
    assert Sender(house, channels_of(house.settings)).send_due() == 2
    assert sorted(postmaster.recipients) == ["chen.yu@hengyuan.example", "liu.yang@hengyuan.example"]
    assert {row.state for row in outbox()} == {MessageState.SENT}
    for mail in postmaster.mails:
        assert "Is the risk of this customer acceptable?" in mail.get_body(("plain",)).get_content()
        assert f'href="{house.settings.base_url}/a/' in mail.get_body(("html",)).get_content()

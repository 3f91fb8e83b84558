"""A mail arrives on a phone; two taps later the decision is recorded. A real mail server, a real browser, no script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from cli.ports import free_port
from config.words import Language, SignerState
from models.house import House
from models.tables import Person, Signer
from notifications.channels import channels_of
from notifications.sender import Sender
from tests.browser.conftest import served
from tests.browser.looking import PHONE, browsing, picture


class Mailbox:
    """A mail server that keeps what it takes, by whom it is for."""

    def __init__(self) -> None:
        self.mails: dict[str, EmailMessage] = {}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        for address in envelope.rcpt_tos:
            self.mails[address] = message_from_bytes(envelope.content, policy=policy.default)  # type: ignore[assignment]
        return "250 taken"


@pytest.fixture
def mailbox(house: House) -> Iterator[Mailbox]:
    """The company's mail server; the house sends by it."""
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    address = SecretStr(f"mailto://127.0.0.1:{server.port}?from=risk@hengyuan.example")
    settings = house.settings.model_copy(update={"mail_url": address})
    object.__setattr__(house, "settings", settings)
    yield box
    server.stop()


@pytest.mark.parametrize(("language", "button"), [("zh_CN", "同意"), ("en", "Approve")])
def test_two_taps_lead_from_the_mail_to_the_record(
    house: House, mailbox: Mailbox, place: Signer, chromium: Any, language: str, button: str
) -> None:
    with house.work() as work:
        work.session.get_one(Person, place.person_id).language = Language(language)
    with served(house) as url:
        object.__setattr__(house, "settings", house.settings.model_copy(update={"base_url": url}))
        Sender(house, channels_of(house.settings)).send_due()
        mail = mailbox.mails["wang.jun@hengyuan.example"]
        body = mail.get_body(("html",))
        assert body is not None
        link = re.search(r'href="([^"]+/a/[^"]+)"', body.get_content())
        assert link is not None
        with browsing(chromium, PHONE, language, scripts=False) as phone:
            phone.goto(link[1])
            picture(phone, f"approval-phone-{language}", whole=False)
            answer = phone.locator(".dock button")
            assert answer.inner_text() == button
            answer.tap()
            phone.locator(".notice.good").wait_for()
            picture(phone, f"approval-recorded-phone-{language}", whole=False)
    with house.read() as session:
        signer = session.get_one(Signer, place.id)
        assert (signer.state, signer.action) == (SignerState.SIGNED, "approve")

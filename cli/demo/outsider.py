"""Somebody outside the company: they have a mail box and a link, and no account."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from cli.demo.browser import Browser
from cli.demo.mailbox import Letter
from cli.demo.page import Form, Page, Value
from cli.demo.stage import Stage
from models.messages import OutsideCode, OutsideInvited
from models.operations.outside_answers import CODE_FIELD

CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


class Outsider:
    """A customer's representative, with a browser of their own. ``called`` is how their messages address them."""

    def __init__(self, stage: Stage, called: str) -> None:
        self._stage, self._called = stage, called
        self._browser = Browser(stage.address)
        self._link = ""

    def opens_link(self) -> Page:
        """The link in the last invitation. Mail scanners have been there before, which uses nothing up."""
        invited = self._letter(OutsideInvited.kind, "the link")
        self._link = invited.link or ""
        self._stage.scans(self._link)
        page = self._browser.open(self._link)
        self._stage.account.expect(page.status == httpx.codes.OK, f"the outside link to open, not {page.status}")
        staff = [name for name in ("/inbox", "/cases/", "/sign-in") if any(name in form.action for form in page.forms)]
        self._stage.account.expect(not staff, f"nothing of the staff's pages to be shown outside, not {staff}")
        return page

    def answers(self, page: Page, fill: Mapping[str, Value]) -> Page:
        """Asks for the code, types a wrong one, then the right one that came by mail; the form is sent once."""
        account = self._stage.account
        form = self._form(page).filled(fill)
        code_form = form.sent_to(f"{form.action}/code")
        page = self._browser.send(code_form)
        account.expect(page.status == httpx.codes.OK, f"the code to be sent, not {page.status}: {page.text[:300]}")
        code = account.present(CODE.search(self._letter(OutsideCode.kind, "the code").text), "a code of six digits")
        wrong = "000000" if code[0] != "000000" else "000001"
        page = self._browser.send(self._form(page).filled({CODE_FIELD: wrong}))
        account.expect(
            page.status == httpx.codes.UNPROCESSABLE_ENTITY, f"a wrong code to be refused, not {page.status}"
        )
        page = self._browser.send(self._form(page).filled({CODE_FIELD: code[0]}))
        account.expect(page.status == httpx.codes.OK, f"the answer to be taken, not {page.status}: {page.text[:400]}")
        account.expect(not page.forms, f"the link to have done its work, not: {page.text[:300]}")
        account.line(f"{self._called} asks for the code, mistypes it once (refused), then answers with the right one")
        return page

    def opens_again(self) -> Page:
        """The link once more, after it has done its work."""
        return self._browser.open(self._link)

    def close(self) -> None:
        """Leave."""
        self._browser.close()

    def _form(self, page: Page) -> Form:
        return self._stage.account.present(page.going_to(urlsplit(self._link).path), f"a form, not: {page.text[:300]}")

    def _letter(self, kind: str, what: str) -> Letter:
        return self._stage.mailbox.take(
            f"{self._called} to get {what} by mail",
            lambda one: one.person is None and one.kind == kind and self._called in one.text,
        )

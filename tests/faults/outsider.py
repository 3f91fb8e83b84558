"""Somebody outside with a mailbox and a browser: they begin anew whenever something does not answer."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from sqlmodel import col, select

from cli.demo.browser import Browser
from cli.product import Product
from models.house import House
from models.operations.outside_answers import CODE_FIELD
from models.tables import OutsideLink
from tests.faults.mailbox import letters

CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")
FOR_THE_CODE = 8.0  # seconds; then they come back later


class Outsider:
    """The representative of the customer of the case ``ref``."""

    def __init__(self, product: Product, house: House, ref: str) -> None:
        self._house, self._ref = house, ref
        self._letters = product.settings.home / "messages.jsonl"
        self._address = product.api_url

    def answers(self, form: Mapping[str, str]) -> bool:
        """Open the link, have a code sent, answer. Whether that is done; if not, they will try again."""
        if self._has_answered():
            return True
        link = self._last("outside_invited", "link")
        if link is None:
            return False
        browser = Browser(self._address)
        try:
            page = browser.open(link)
            sheet = next((one for one in page.forms if one.names >= set(form)), None)
            if sheet is None:
                return self._has_answered()
            before = self._count("outside_code")
            page = browser.send(sheet.sent_to(f"{sheet.action}/code"))
            end = time.monotonic() + FOR_THE_CODE
            while self._count("outside_code") == before and time.monotonic() < end:
                time.sleep(0.05)
            text = self._last("outside_code", "text")
            code = CODE.search(text or "")
            sheet = next((one for one in page.forms if one.names >= {*form, CODE_FIELD}), None)
            if code is None or sheet is None:
                return False
            browser.send(sheet.filled({**form, CODE_FIELD: code[0]}))
        finally:
            browser.close()
        return self._has_answered()

    def _has_answered(self) -> bool:
        links = select(OutsideLink).where(OutsideLink.case_ref == self._ref).order_by(col(OutsideLink.id).desc())
        with self._house.read() as session:
            last = session.exec(links).first()
            return last is not None and last.used_at is not None

    def _last(self, kind: str, what: str) -> str | None:
        found = [one for one in letters(self._letters) if one["case"] == self._ref and one["kind"] == kind]
        return found[-1][what] if found else None

    def _count(self, kind: str) -> int:
        return sum(one["case"] == self._ref and one["kind"] == kind for one in letters(self._letters))

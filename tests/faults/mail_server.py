"""The company's mail server, on a bad day: it hangs, or answers 421, 451 or 550, and keeps what it has taken."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller

from cli.ports import free_port

HANGS = "hangs"


class Postmaster:
    """``mood`` is what it answers to whoever wants to send: empty (it takes the mail), ``hangs``, or a line of SMTP.

    ``refuses`` are recipients that it answers with 550 whatever its mood.
    """

    def __init__(self) -> None:
        self.mood = ""
        self.refuses: set[str] = set()
        self.taken: Counter[str] = Counter()
        self.turned_away: Counter[str] = Counter()
        self.port = free_port()

    @contextmanager
    def serving(self) -> Iterator[Postmaster]:
        """Serve while this lasts."""
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.mood.startswith("421"):
            return self._turns_away()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.refuses:
            self.turned_away["550"] += 1
            return "550 no such mailbox"
        if self.mood == HANGS:
            self.turned_away[HANGS] += 1
            await asyncio.sleep(30)
        elif self.mood:
            return self._turns_away()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        named = str(message_from_bytes(envelope.content)["Message-ID"])
        self.taken[named.strip("<>").partition("@")[0]] += 1
        return "250 taken"

    def _turns_away(self) -> str:
        self.turned_away[self.mood[:5]] += 1
        return self.mood

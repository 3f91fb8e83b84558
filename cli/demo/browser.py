"""A person's browser: it keeps cookies, reads pages, and sends forms the way browsers do."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import httpx

from cli.demo.account import Unmet
from cli.demo.page import Form, Page, read_page

HEADERS = {"Accept-Language": "en", "Accept": "text/html", "User-Agent": "clientrisk demonstration"}
PATIENCE = 30.0


class Browser:
    """One browser. ``address`` is the product's; nothing else is ever visited.

    ``path`` is where it is; ``answered_at`` is when the last form was answered, by this process's clock in seconds.
    """

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, headers=HEADERS, timeout=PATIENCE, trust_env=False)
        self.path = ""
        self.answered_at = 0.0

    def close(self) -> None:
        """Forget everything."""
        self._client.close()

    def head(self, link: str) -> int:
        """What link checkers do first. Returns the status."""
        return self._client.head(_path(link)).status_code

    def open(self, link: str) -> Page:
        """Follow a link."""
        return self._shown(self._client.get(_path(link)))

    def download(self, path: str) -> bytes:
        """A file.

        Raises:
            HTTPError: it is not given.
        """
        return self._client.get(path).raise_for_status().content

    def send(self, form: Form, file: tuple[str, bytes] | None = None) -> Page:
        """Send a form, and see the page that comes of it."""
        files = {"file": (file[0], file[1], "text/csv")} if file else None
        answer = self._client.post(_path(form.action) or self.path, data=form.data(), files=files)
        self.answered_at = time.monotonic()
        return self._shown(answer)

    def _shown(self, answer: httpx.Response) -> Page:
        self.path = answer.url.path
        for _ in range(5):
            if not answer.is_redirect:
                break
            target = answer.headers["location"]
            if urlsplit(target).netloc:
                raise Unmet(f"to be sent on within the product, not to {target}")
            answer = self._client.get(target)
            self.path = answer.url.path
        return read_page(answer.status_code, answer.text)


def _path(link: str) -> str:
    parts = urlsplit(link)
    return parts.path + (f"?{parts.query}" if parts.query else "")

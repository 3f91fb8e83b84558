"""Beginning a process by hand, on its page."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from cli.demo.account import Unmet
from cli.demo.page import Page, Value
from cli.demo.stage import Stage
from models.processes import ProcessKind


def begins(stage: Stage, who: str, kind: ProcessKind, fill: Mapping[str, Value]) -> str:
    """Somebody signs in and begins a case on the process's page. Returns its reference.

    Raises:
        Unmet: no case was opened; says what the page said.
    """
    page = tries_to_begin(stage, who, kind, fill)
    path = stage.browser(who).path
    opened = page.status == httpx.codes.OK and path.startswith(f"/cases/{kind.prefix}-")
    stage.account.expect(opened, f"a case to be opened on /start/{kind.name}, not {page.status}: {page.text[:300]}")
    return path.removeprefix("/cases/")


def tries_to_begin(stage: Stage, who: str, kind: ProcessKind, fill: Mapping[str, Value]) -> Page:
    """The page that comes of trying."""
    browser = stage.comes_in(who)
    form = stage.form(browser.open(f"/start/{kind.name}"), f"/start/{kind.name}")
    try:
        return browser.send(form.filled(fill))
    except KeyError as missing:
        raise Unmet(f"the form of /start/{kind.name} to have the field {missing}") from None

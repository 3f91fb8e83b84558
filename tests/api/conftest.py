"""An office at work: real onboarding cases, real links, browsers that keep cookies and read forms."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlmodel import select

import flows.onboarding_review  # noqa: F401  # the runner plays it
from api.app import create_app
from api.prefect_client import PrefectClient
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House, person
from models.onboarding import Application
from models.operations.access import Scope, issue_api_token, issue_approval_link, issue_sign_in_link
from models.operations.applications import open_application
from models.operations.decide import decide
from models.tables import AuditEvent, Person, Signer, Step
from tests.api.fake_prefect import FakePrefect

with warnings.catch_warnings():  # it would rather have the successor of httpx, which nothing else here needs
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

STEEL_TRADER: dict[str, Any] = {
    "customer_type": "medium_enterprise",
    "name": "徐州恒远钢铁贸易有限公司",
    "identifier": "91320300MA1MRWPX2H",
    "contact": "孙建国",
    "phone": "13805201234",
    "industry": "钢铁贸易",
    "requested_limit": "1240000.00",
    "requested_term_days": 45,
    "figures": {"debt_ratio": "62", "overdue_days": "0", "credit_rating": "A"},
    "documents": {
        "business_licence": "DOC-0117",
        "representative_id": "DOC-0118",
        "financial_statements": "DOC-0119",
        "credit_report": "DOC-0120",
    },
}


class Forms(HTMLParser):
    """The forms of a page with what a browser would send of each; by id, else by address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.all: dict[str, dict[str, str]] = {}
        self._open: dict[str, str] | None = None
        self._area: str | None = None
        self._select: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = self.all.setdefault(at.get("id") or at.get("action", ""), {})
        elif self._open is None:
            return
        elif tag == "input" and "name" in at and (at.get("type") not in ("checkbox", "radio") or "checked" in at):
            self._open[at["name"]] = at.get("value", "")
        elif tag == "textarea":
            self._area = at["name"]
            self._open[self._area] = ""
        elif tag == "select":
            self._select = at["name"]
            self._open[self._select] = ""
        elif tag == "option" and self._select and "selected" in at:
            self._open[self._select] = at["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area and self._open is not None:
            self._open[self._area] += data


class Office:
    """One installation with its people, and the browser in front of it."""

    def __init__(self, house: House, runner: DirectRunner, clock: VirtualClock) -> None:
        self.house, self.runner, self.clock = house, runner, clock
        self.app = create_app(house)
        self.prefect = FakePrefect(house.clock)
        self.app.state.prefect = PrefectClient(house.settings, self.prefect.transport())
        self.browser = self.new_browser()

    def new_browser(self) -> TestClient:
        address = self.house.settings.base_url
        return TestClient(self.app, base_url=address, follow_redirects=False, raise_server_exceptions=False)

    # -- what happens behind the pages -----------------------------------------------------------------------------

    def apply(self, by: str = "li.na", **differing: Any) -> str:
        with self.house.work(person(by)) as work:
            handler = work.session.get_one(Person, by)
            application = Application.model_validate({**STEEL_TRADER, **differing})
            ref = open_application(work, application, handler, handler, origin="page").ref
        self.runner.run_ready()
        return ref

    def answer(self, ref: str, who: str, action: str, **form: Any) -> None:
        signer = self.asked(ref)[who]
        with self.house.work(person(who)) as work:
            shown = work.session.get_one(Step, signer.step_id).content_hash
            decide(work, signer.id or 0, action, form, shown_hash=shown, via="session")
        self.runner.run_ready()

    def at_approval(self, **differing: Any) -> str:
        """A case whose limit and term the sales manager is asked to approve."""
        ref = self.apply(**differing)
        self.answer(ref, "li.na", "confirm")
        self.answer(ref, "chen.yu", "adjust", points=83, reason="Good neighbours, slow payers.")
        return ref

    def asked(self, ref: str) -> dict[str, Signer]:
        with self.house.read() as session:
            statement = select(Signer).where(Signer.case_ref == ref, Signer.state == "asked")
            return {signer.person_id: signer for signer in session.exec(statement)}

    def signer(self, signer_id: int | None) -> Signer:
        with self.house.read() as session:
            return session.get_one(Signer, signer_id)

    def events(self, name: str) -> list[AuditEvent]:
        with self.house.read() as session:
            return list(session.exec(select(AuditEvent).where(AuditEvent.event == name)).all())

    # -- doors -----------------------------------------------------------------------------------------------------

    def link(self, ref: str, who: str) -> str:
        with self.house.work() as work:
            return f"/a/{issue_approval_link(work, self.asked(ref)[who].id or 0)}"

    def token(self, who: str, *scopes: Scope) -> dict[str, str]:
        with self.house.work() as work:
            token = issue_api_token(work, who, "test", list(scopes or Scope))
        return {"authorization": f"Bearer {token}"}

    def sign_in(self, who: str, browser: TestClient | None = None) -> TestClient:
        browser = browser or self.new_browser()
        with self.house.work() as work:
            path = f"/sign-in/{issue_sign_in_link(work, who)}"
        page = browser.get(path)
        assert browser.post(path, data=Forms(page.text).all[path]).status_code == 303
        return browser

    # -- pages -----------------------------------------------------------------------------------------------------

    def forms(self, path: str, browser: TestClient | None = None) -> dict[str, dict[str, str]]:
        page = (browser or self.browser).get(path)
        assert page.status_code == 200, page.text
        return Forms(page.text).all

    def tap(self, path: str, action: str, browser: TestClient | None = None, **fields: str) -> Any:
        """Open the page and send one of its answers."""
        form = self.forms(path, browser)[f"answer-{action}"]
        return (browser or self.browser).post(path, data={**form, **fields})

    def move(self, path: str, name: str, browser: TestClient | None = None, **fields: Any) -> Any:
        """Open the page and send one of the moves of its menu."""
        form = self.forms(path, browser)[f"move-{name}"]
        return (browser or self.browser).post(f"{path}/moves/{name}", data={**form, **fields})


@pytest.fixture
def office(house: House, runner: DirectRunner, clock: VirtualClock) -> Office:
    return Office(house, runner, clock)


@pytest.fixture
def read_forms() -> Callable[[str], dict[str, dict[str, str]]]:
    return lambda page: Forms(page).all


@pytest.fixture
def now(clock: VirtualClock) -> datetime:
    return clock.now

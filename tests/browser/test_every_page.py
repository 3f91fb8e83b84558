"""Every page, in a real browser: both languages, phone and desk, light and dark, and nothing serious found by axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlmodel import col, select

from config.policy import Policy
from config.words import SignerState
from models.house import House
from models.tables import Case, OutboxMessage, PolicyVersion, Signer, Step
from tests.browser.company import moved_into
from tests.browser.conftest import served, sign_in
from tests.browser.looking import DESK, PHONE, browsing, covered, faults, picture, sideways

LARGEST = 150_000
"""Bytes of a page at the most, and of what a browser loads with it."""

OPS, MANAGER, HANDLER, RISK, FINANCE = "xu.ming", "zhou.hong", "li.na", "chen.yu", "zheng.li"

Where = Callable[[House], str]


def at(path: str) -> Where:
    return lambda _house: path


def case_of(process: str, suffix: str = "") -> Where:
    def path(house: House) -> str:
        with house.read() as session:
            found = select(Case.ref).where(Case.process == process).order_by(col(Case.opened_at).desc())
            return f"/cases/{session.exec(found).first()}{suffix}"

    return path


def step_of(person_id: str, name: str) -> Where:
    def path(house: House) -> str:
        with house.read() as session:
            found = (
                select(Signer.id)
                .join(Step, col(Step.id) == Signer.step_id)
                .where(Signer.person_id == person_id, Signer.state == SignerState.ASKED, Step.name == name)
            )
            return f"/steps/{session.exec(found).first()}"

    return path


def failed_message(house: House) -> str:
    with house.read() as session:
        return f"/operations/messages/{session.exec(select(OutboxMessage.id)).first()}"


def policy_version(suffix: str = "") -> Where:
    def path(house: House) -> str:
        with house.read() as session:
            return f"/operations/policy/{session.exec(select(PolicyVersion.version)).first()}{suffix}"

    return path


@dataclass(frozen=True)
class Page:
    """One page as one person opens it. ``route`` is the template of its address."""

    route: str
    who: str | None
    path: Where

    def __str__(self) -> str:
        return self.route.strip("/").replace("/", "-").replace("{", "").replace("}", "") or "start"


PAGES = [
    Page("/sign-in", None, at("/sign-in")),
    Page("/", HANDLER, at("/")),
    Page("/me", HANDLER, at("/me")),
    Page("/me/notifications", HANDLER, at("/me/notifications")),
    Page("/me/calendar", HANDLER, at("/me/calendar")),
    Page("/me/tokens", HANDLER, at("/me/tokens")),
    Page("/me/sign-ins", HANDLER, at("/me/sign-ins")),
    Page("/absence", HANDLER, at("/absence")),
    Page("/start", HANDLER, at("/start")),
    Page("/start/{process}", RISK, at("/start/risk-reception")),
    Page("/apply", HANDLER, at("/apply")),
    Page("/import", HANDLER, at("/import")),
    Page("/steps/{signer_id}", RISK, step_of(RISK, "risk-rerating")),
    Page("/cases", MANAGER, at("/cases")),
    Page("/cases/{ref}", MANAGER, case_of("risk-reception")),
    Page("/cases/{ref}/changes", RISK, case_of("quarterly-evaluation", "/changes")),
    Page("/cases/{ref}/report", MANAGER, case_of("quarterly-evaluation", "/report")),
    Page("/customers", RISK, at("/customers")),
    Page("/customers/{number}", RISK, at("/customers/K-000004")),
    Page("/customers/{number}/looks", "wu.gang", at("/customers/K-000004/looks")),
    Page("/customers/{number}/privacy", "wu.gang", at("/customers/K-000004/privacy")),
    Page("/customers/{number}/print", RISK, at("/customers/K-000004/print")),
    Page("/search", RISK, at("/search?q=xz")),
    Page("/ledger", FINANCE, at("/ledger")),
    Page("/ledger/{number}", FINANCE, at("/ledger/K-000004")),
    Page("/ledger/enter/{name}", FINANCE, at("/ledger/enter/payment")),
    Page("/ledger/import", FINANCE, at("/ledger/import")),
    Page("/qualifications", "wu.gang", at("/qualifications")),
    Page("/import/customers", OPS, at("/import/customers")),
    Page("/operations", OPS, at("/operations")),
    Page("/operations/queue", OPS, at("/operations/queue")),
    Page("/operations/messages", OPS, at("/operations/messages")),
    Page("/operations/messages/{number}", OPS, failed_message),
    Page("/operations/sign-ins", OPS, at("/operations/sign-ins")),
    Page("/operations/staff", OPS, at("/operations/staff")),
    Page("/operations/staff/{person_id}", OPS, at("/operations/staff/li.na")),
    Page("/operations/policy", OPS, at("/operations/policy")),
    Page("/operations/policy/{version}", OPS, policy_version()),
    Page("/operations/schedules", OPS, at("/operations/schedules")),
    Page("/operations/webhooks", OPS, at("/operations/webhooks")),
    Page("/management", MANAGER, at("/management")),
    Page("/management/processes", MANAGER, at("/management/processes")),
    Page("/management/processes/{name}", MANAGER, at("/management/processes/onboarding-review")),
    Page("/management/portfolio", MANAGER, at("/management/portfolio")),
]
"""The pages people spend their time on."""

VIEWS = [("zh_CN", PHONE, False), ("en", DESK, False), ("en", PHONE, True), ("zh_CN", DESK, True)]
"""Each page is seen in two of these four: both languages, both sizes, both colour schemes."""


@pytest.fixture(scope="module")
def town(
    company_template: Path, tmp_path_factory: pytest.TempPathFactory, policy: Policy
) -> Iterator[tuple[House, str]]:
    """One company for all these looks: they change nothing that another would see."""
    with (
        moved_into(company_template, tmp_path_factory.mktemp("town"), policy) as house,
        served(house) as url,
    ):
        yield house, url


@pytest.fixture(scope="module")
def windows(town: tuple[House, str], chromium: Any) -> Iterator[Callable[..., Any]]:
    """A browser window for each person, language, size and colour scheme, opened once and signed in."""
    opened: dict[tuple[Any, ...], Any] = {}
    contexts = []
    house, url = town

    def window(who: str | None, language: str, size: dict[str, int], dark: bool) -> Any:
        key = (who, language, size["width"], dark)
        if key not in opened:
            manager = browsing(chromium, size, language, dark=dark)
            page = manager.__enter__()
            contexts.append(manager)
            if who:
                sign_in(house, url, page, who)
                page.goto(f"{url}/?lang={language}")
            opened[key] = page
        return opened[key]

    yield window
    for manager in contexts:
        manager.__exit__(None, None, None)


@pytest.mark.parametrize("number", range(len(PAGES)), ids=lambda number: str(PAGES[number]))
def test_a_page_is_as_it_should_be(town: tuple[House, str], windows: Callable[..., Any], number: int) -> None:
    page, (house, url) = PAGES[number], town
    path = page.path(house)
    for language, size, dark in VIEWS[number % 2 * 2 :][:2]:
        window = windows(page.who, language, size, dark)
        with Watched(window) as watched:
            answer = window.goto(f"{url}{path}")
        assert answer.status == 200, f"{path}: {answer.status}"
        name = f"{page}-{size['width']}-{language}"
        picture(window, name)
        assert window.get_attribute("html", "lang") == language.replace("_", "-")
        assert sideways(window) <= 0, f"{name} is {sideways(window)} px too wide"
        assert covered(window) == [], name
        assert faults(window) == [], name
        assert watched.complaints == [], name
        assert watched.elsewhere(url) == [], name
        assert len(answer.body()) <= LARGEST, f"{name}: {len(answer.body())} bytes"


class Watched:
    """What a window asks for and complains of while it opens a page."""

    def __init__(self, window: Any) -> None:
        self._window = window
        self.complaints: list[str] = []
        self.asked: list[str] = []

    def __enter__(self) -> Watched:
        self._window.on("console", self._heard)
        self._window.on("request", self._request)
        return self

    def __exit__(self, *_: object) -> None:
        self._window.remove_listener("console", self._heard)
        self._window.remove_listener("request", self._request)

    def _heard(self, message: Any) -> None:
        self.complaints.append(message.text)

    def _request(self, request: Any) -> None:
        self.asked.append(request.url)

    def elsewhere(self, home: str) -> list[str]:
        """What was asked of another host."""
        host = urlsplit(home).netloc
        return [url for url in self.asked if urlsplit(url).netloc not in ("", host)]

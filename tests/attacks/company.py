"""The attacked company, played once for all tests of a process, and somebody who opens every page of it."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import select

from api.app import create_app
from api.prefect_client import PrefectClient
from config.policy import Policy
from config.settings import Settings
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House, open_house
from models.operations.access import issue_sign_in_link
from models.tables import Case, Person
from tests.api.conftest import Forms, TestClient
from tests.api.fake_prefect import FakePrefect
from tests.attacks.poisoned import Filler, everything_written_is_an_attack, poisoned
from tests.conftest import TUESDAY
from tests.prefect.test_every_process import JOURNEYS
from tests.processes.conftest import Office
from tests.processes.journeys import gaps_questions_and_a_visit

PLAYED = (*JOURNEYS, gaps_questions_and_a_visit)
OF_A_CASE = ("/cases/{", "/customers/{", "/steps/{", "/papers/{", "/ledger/{")
"""Pages that differ with the process: one of each is opened in every house, of the others one in all."""


@dataclass
class Stricken:
    """One house after one journey, with the pages it serves."""

    name: str
    house: House
    app: Any
    refs: list[str]
    filled: set[tuple[str, str]] = field(default_factory=set)

    def signed_in(self, who: str) -> TestClient:
        browser = self.browser()
        with self.house.work() as work:
            path = f"/sign-in/{issue_sign_in_link(work, who)}"
        assert browser.post(path, data=Forms(browser.get(path).text).all[path]).status_code == 303
        return browser

    def browser(self) -> TestClient:
        base = self.house.settings.base_url
        return TestClient(self.app, base_url=base, follow_redirects=False, raise_server_exceptions=False)


def strike(home: Path, template: Path, policy: Policy) -> Iterator[Stricken]:
    """Every journey in a house of its own, everything written in it an attack."""
    for number, journey in enumerate(PLAYED):
        here = home / f"{number}"
        here.mkdir()
        for name in ("clientrisk.db", "secret.key", "encryption.key"):
            if (template / name).exists():
                shutil.copy2(template / name, here / name)
        settings = Settings(home=here, _env_file=None, rate_limit_per_minute=0)  # type: ignore[call-arg]
        clock = VirtualClock(TUESDAY)
        house = open_house(settings, policy, clock)
        office = Office(house, clock, DirectRunner(house, clock))
        filler = _played(journey, office)
        app = create_app(house)
        app.state.prefect = PrefectClient(settings, FakePrefect(house.clock).transport())
        with house.read() as session:
            refs = list(session.exec(select(Case.ref)).all())
        yield Stricken(journey.__name__, house, app, refs, filler.filled)


def _played(journey: Callable[[Office], None], office: Office) -> Filler:
    with everything_written_is_an_attack() as filler:
        with office.house.work() as work:  # the staff too
            for person in work.session.exec(select(Person)).all():
                person.name = poisoned(person.name)
                work.add(person)
        journey(office)
    return filler


class Addresses(HTMLParser):
    """Where a page leads, what it is made of, and how its tags are written."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: Counter[str] = Counter()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            self.attributes[name] += 1
            if name in ("href", "src", "action", "formaction", "xlink:href"):
                self.links.append(value or "")


@dataclass
class Opened:
    """One answer, as somebody got it."""

    who: str
    path: str
    route: str
    answer: Any

    @property
    def kind(self) -> str:
        return str(self.answer.headers.get("content-type", ""))


def wander(place: Stricken, who: str, known: set[tuple[str, str]]) -> Iterator[Opened]:
    """What can be reached from the start page by following links, but for what is ``known`` from another house."""
    browser = place.signed_in(who)
    waiting = [f"/cases/{ref}" for ref in place.refs]
    waiting += ["/", "/cases", "/customers", "/search?q=x", "/management", "/operations", "/ledger"]
    seen: set[str] = set()
    opened: set[str] = set()
    while waiting:
        path = waiting.pop(0).partition("#")[0]
        if path in seen or not path.startswith("/") or path.startswith("/static"):
            continue
        seen.add(path)
        template = shape(path)
        if template in opened or (who, template) in known:
            continue
        opened.add(template)
        if not template.startswith(OF_A_CASE):
            known.add((who, template))
        answer = browser.get(path)
        yield Opened(who, path, template, answer)
        if answer.headers.get("content-type", "").startswith("text/html"):
            waiting += Addresses(answer.text).links


def shape(path: str) -> str:
    """An address with its numbers and names left out: pages of one shape are of one route."""
    parts = urlsplit(path)
    told = re.sub(r"/[A-Z]{1,8}-[0-9A-Z-]+", "/{ref}", parts.path)
    told = re.sub(r"/\d+", "/{id}", told)
    told = re.sub(r"^(/operations/staff|/management/processes|/start|/operations/schedules)/[^/]+", r"\1/{name}", told)
    names = sorted(part.partition("=")[0] for part in parts.query.split("&") if part)
    return f"{told}?{','.join(names)}"

"""Every list, case and customer page, and the statistics, over HTTP with two years of business in the database."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlmodel import col, func, select
from starlette.routing import Match

from api.app import create_app
from bench.figures import Figure, p95
from bench.history import SEED, fill_history
from bench.many_open import serving
from bench.staff import furnish, staff_of
from cli.product import on_free_ports
from config.settings import Settings
from models.house import House
from models.operations.access import issue_sign_in_link
from models.queries.ledger import customer_number
from models.tables import Case, Customer, Step

CASES, CUSTOMERS, SAMPLES = 100_000, 50_000, 40
QUICK_CASES, QUICK_CUSTOMERS, QUICK_SAMPLES = 5_000, 2_000, 8
WARM_UP = 3
PAGE, STATISTICS, KILOBYTES = 150, 1000, 150
"""Milliseconds that 95 of 100 answers keep within, and how large the largest may be."""
MANAGER, OPERATOR, CLERK, RISK = "zhou.hong", "xu.ming", "clerks.005", "chen.yu"


@dataclass(frozen=True)
class Page:
    """One kind of page: who looks, and its address for each of many looks."""

    name: str
    who: str
    path: Callable[[random.Random], str]
    most: int = PAGE


@dataclass(frozen=True)
class Known:
    """What addresses are made of."""

    refs: list[str]
    open_refs: list[str]
    customers: list[str]
    names: list[str]


def measure(home: Path, quick: bool) -> Iterator[Figure]:
    """Fill a database, serve it, and look at every page there is, again and again."""
    cases, customers, samples = (QUICK_CASES, QUICK_CUSTOMERS, QUICK_SAMPLES) if quick else (CASES, CUSTOMERS, SAMPLES)
    settings = on_free_ports(Settings(home=home))
    furnish(settings)
    began = time.perf_counter()
    fill_history(settings, cases, customers)
    yield Figure(f"database of {cases:,} cases filled", time.perf_counter() - began, "s")
    yield from look(settings, samples)


def look(settings: Settings, samples: int) -> Iterator[Figure]:
    """The figures of the database of ``settings``, as it is."""
    with serving(settings) as url, staff_of(settings, url) as staff:
        known = _known(staff.house)
        for what, number in _sizes(staff.house):
            yield Figure(what, number, "")
        there = _there(staff.house)
        clients = {who: _signed_in(staff.house, url, who) for who in (MANAGER, OPERATOR, CLERK, RISK)}
        sizes: dict[str, int] = {}
        failed: list[str] = []
        try:
            for page in _pages(known):
                luck = random.Random(SEED)
                if not there(page.path(luck)):
                    continue
                waits = []
                for number in range(samples + WARM_UP):
                    path = page.path(luck)
                    began = time.perf_counter()
                    reply = clients[page.who].get(path)
                    if number >= WARM_UP:
                        waits.append(1000 * (time.perf_counter() - began))
                    if reply.status_code != httpx.codes.OK:
                        failed.append(f"{path} {reply.status_code}")
                    if not path.startswith("/api/"):
                        sizes[path] = len(reply.content)
                yield Figure(f"{page.name}, p95", p95(waits), "ms", most=page.most)
        finally:
            for client in clients.values():
                client.close()
    largest = max(sizes, key=lambda path: sizes[path])
    yield Figure(f"largest page: {largest}", sizes[largest] / 1000, "KB", most=KILOBYTES)
    first = f": {failed[0]}" if failed else ""
    yield Figure(f"pages that were not answered with 200{first}", len(failed), "", most=0)


def _known(house: House) -> Known:
    with house.read() as session:
        refs = list(session.exec(select(Case.ref).order_by(func.random()).limit(500)).all())
        waiting = select(Case.ref).where(col(Case.closed_at).is_(None)).order_by(func.random()).limit(200)
        people = session.exec(select(Customer.id, Customer.name).order_by(func.random()).limit(300)).all()
        return Known(
            refs=refs,
            open_refs=list(session.exec(waiting).all()),
            customers=[customer_number(number or 0) for number, _ in people],
            names=[name for _, name in people],
        )


def _sizes(house: House) -> Iterator[tuple[str, int]]:
    from models.tables import AuditEvent

    with house.read() as session:
        for what, table in (("cases", Case), ("steps", Step), ("customers", Customer), ("audit events", AuditEvent)):
            yield what, session.exec(select(func.count()).select_from(table)).one()


def _there(house: House) -> Callable[[str], bool]:
    """Whether there is a page at an address."""
    routes = create_app(house).router.routes

    def answers(path: str) -> bool:
        scope = {"type": "http", "method": "GET", "path": path.partition("?")[0], "root_path": "", "headers": []}
        return any(route.matches(scope)[0] is Match.FULL for route in routes)

    return answers


def _signed_in(house: House, url: str, who: str) -> httpx.Client:
    """A browser in which ``who`` is signed in by their link."""
    client = httpx.Client(base_url=url, timeout=60)
    with house.work() as work:
        link = f"/sign-in/{issue_sign_in_link(work, who)}"
    token = re.search(r'name="_csrf" value="([^"]+)"', client.get(link).text)
    if token is None:
        raise RuntimeError(f"no form to sign in {who}")
    client.post(link, data={"_csrf": token[1]})
    if client.get("/").status_code != httpx.codes.OK:
        raise RuntimeError(f"{who} could not be signed in")
    return client


def _pages(known: Known) -> Iterator[Page]:
    yield from _lists(known)
    yield from _of_one(known)
    yield from _desks()
    yield from _for_programs(known)


def _lists(known: Known) -> Iterator[Page]:
    for name, who in (("clerk", CLERK), ("manager", MANAGER)):
        yield Page(f"inbox of a {name}", who, lambda _: "/")
        yield Page(f"cases, {name}", who, lambda _: "/cases")
        yield Page(f"customers, {name}", who, lambda _: "/customers")
        yield Page(f"receivables, {name}", who, lambda _: "/ledger")
    filters = (
        "state=running", "process=onboarding-review", "outcome=refused", "department=risk", "order=oldest",
        "order=amount", "order=longest_open", "least=4900000", "opened_from=2026-01-01&opened_to=2026-01-31",
        "closed_from=2026-01-01&closed_to=2026-03-31", "process=credit-repair&state=running&department=finance",
        "process=risk-reception&outcome=lapsed",
    )  # fmt: skip
    for query in filters:
        yield Page(f"cases, {query}", MANAGER, lambda _, query=query: f"/cases?{query}")  # type: ignore[misc]
    yield Page("cases of a person", MANAGER, lambda luck: f"/cases?person=clerks.{luck.randrange(500):03d}")
    yield Page("cases of a customer", MANAGER, lambda luck: f"/cases?customer={luck.choice(known.customers)}")
    yield Page("cases by text", MANAGER, lambda luck: f"/cases?text={luck.choice(known.names)[4:10]}")
    yield Page("cases by text that none has", MANAGER, lambda _: "/cases?text=钢铁侠")
    for query in ("level=high", "grade=A", "status=admitted", "listed=black", "text=00012", "mine=1"):
        yield Page(f"customers, {query}", RISK, lambda _, query=query: f"/customers?{query}")  # type: ignore[misc]
    yield Page("search by name", RISK, lambda luck: f"/search?q={luck.choice(known.names)[4:9]}")
    yield Page("search by reference", MANAGER, lambda luck: f"/search?q={luck.choice(known.refs)[9:]}")
    yield Page("search by initials", RISK, lambda _: "/search?q=cskh")
    yield Page("search, clerk", CLERK, lambda luck: f"/search?q={luck.choice(known.names)[4:9]}")


def _of_one(known: Known) -> Iterator[Page]:
    yield Page("a case", MANAGER, lambda luck: f"/cases/{luck.choice(known.refs)}")
    yield Page("an open case", MANAGER, lambda luck: f"/cases/{luck.choice(known.open_refs)}")
    yield Page("a customer", RISK, lambda luck: f"/customers/{luck.choice(known.customers)}")
    yield Page("a customer, printed", RISK, lambda luck: f"/customers/{luck.choice(known.customers)}/print")
    yield Page("an account", RISK, lambda luck: f"/ledger/{luck.choice(known.customers)}")


def _desks() -> Iterator[Page]:
    for path in (
        "/operations", "/operations/queue", "/operations/messages", "/operations/messages?state=sent",
        "/operations/staff", "/operations/policy", "/operations/webhooks", "/me", "/me/notifications", "/me/calendar",
        "/qualifications", "/start",
    ):  # fmt: skip
        yield Page(path, OPERATOR, lambda _, path=path: path)  # type: ignore[misc]
    for path in (
        "/management", "/management?period=2026", "/management?process=onboarding-review",
        "/management?department=risk", "/management/load", "/management/load?by=department", "/management/processes",
        "/management/processes/onboarding-review", "/management/processes/collections-escalation",
        "/management/portfolio",
    ):  # fmt: skip
        yield Page(path, MANAGER, lambda _, path=path: path, STATISTICS)  # type: ignore[misc]


def _for_programs(known: Known) -> Iterator[Page]:
    yield Page("GET /api/v1/cases", MANAGER, lambda _: "/api/v1/cases?limit=50")
    yield Page("GET /api/v1/cases/{ref}", MANAGER, lambda luck: f"/api/v1/cases/{luck.choice(known.refs)}")
    yield Page("GET /api/v1/customers", RISK, lambda _: "/api/v1/customers?level=high")
    yield Page("GET /api/v1/steps", CLERK, lambda _: "/api/v1/steps")
    for route in ("statistics", "statistics/load", "statistics/processes/onboarding-review", "portfolio"):
        path = f"/api/v1/{route}"
        yield Page(f"GET {path}", MANAGER, lambda _, path=path: path, STATISTICS)  # type: ignore[misc]

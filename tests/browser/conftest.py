"""Pages served for real, and a real browser in front of them: a phone without scripts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from sqlmodel import col, select

import flows.onboarding_review  # noqa: F401  # the runner plays it
from api.app import create_app
from api.prefect_client import PrefectClient
from config.policy import Policy
from config.words import SignerState
from flows.direct_driver import DirectRunner
from models.house import House, person
from models.onboarding import Application
from models.operations.access import issue_approval_link, issue_sign_in_link
from models.operations.applications import open_application
from models.operations.decide import decide
from models.tables import Person, Signer, Step
from tests.browser.company import found_company, moved_into

CHROMIUM = Path("/usr/bin/chromium")
PHONE = {"width": 390, "height": 844}
IN_TIME = 30.0  # seconds for a server in this process to answer, however busy the machine is


@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest) -> Iterator[Any]:
    if not CHROMIUM.exists():
        from os import environ

        if environ.get("CLIENTRISK_CI") == "1":
            pytest.fail(f"{CHROMIUM} is not installed")
        pytest.skip(f"{CHROMIUM} is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextmanager
def served(house: House, prefect: PrefectClient | None = None) -> Iterator[str]:
    """The pages of ``house``, served for real; their address. ``prefect``: whom they ask about schedules."""
    app = create_app(house)
    if prefect is not None:
        app.state.prefect = prefect
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    began = time.monotonic()
    while not server.started and time.monotonic() - began < IN_TIME:
        threading.Event().wait(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(IN_TIME)


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The pages, served for real."""
    with served(house) as url:
        yield url


@pytest.fixture(scope="session")
def company_template(tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> Path:
    """The company in the middle of its business, founded once."""
    return found_company(tmp_path_factory.mktemp("company"), policy).home


@pytest.fixture
def company(company_template: Path, tmp_path: Path, policy: Policy) -> Iterator[House]:
    """A company of one's own in the middle of its business, on its fixed day."""
    with moved_into(company_template, tmp_path, policy) as house:
        yield house


@pytest.fixture
def desks(company: House) -> Iterator[str]:
    """The address of the company's pages."""
    with served(company) as url:
        yield url


@pytest.fixture
def place(house: House, runner: DirectRunner) -> Signer:
    """王军's place on the approval of a steel trader's limit."""
    return at_approval(house, runner, "徐州恒远钢铁贸易有限公司", "91320300MA1MRWPX2H")


def at_approval(house: House, runner: DirectRunner, name: str, identifier: str) -> Signer:
    """王军's place on the approval of a trader's limit."""
    with house.work(person("li.na")) as work:
        handler = work.session.get_one(Person, "li.na")
        application = Application(
            customer_type="medium_enterprise",
            name=name,
            identifier=identifier,
            contact="孙建国",
            phone="13805201234",
            industry="钢铁贸易",
            requested_limit="1240000.00",
            requested_term_days=45,
            figures={"debt_ratio": "62"},
            documents={
                "business_licence": "DOC-1",
                "representative_id": "DOC-2",
                "financial_statements": "DOC-3",
                "credit_report": "DOC-4",
            },
        )
        open_application(work, application, handler, handler, origin="page")
    runner.run_ready()
    answered(house, runner, "li.na", "confirm", {})
    answered(house, runner, "chen.yu", "adjust", {"points": 83, "reason": "老客户，回款慢"})
    return asked(house, "wang.jun")


def sign_in(house: House, address: str, page: Any, who: str) -> None:
    """Sign a browser in by a one-time link, as people do."""
    with house.work() as work:
        token = issue_sign_in_link(work, who)
    page.goto(f"{address}/sign-in/{token}")
    page.locator("main form button").click()
    page.wait_for_url(f"{address}/")


def asked(house: House, who: str) -> Signer:
    with house.read() as session:
        statement = select(Signer).where(Signer.person_id == who, Signer.state == SignerState.ASKED)
        return session.exec(statement.order_by(col(Signer.id).desc())).first() or pytest.fail(f"{who} is not asked")


def answered(house: House, runner: DirectRunner, who: str, action: str, form: dict[str, Any]) -> None:
    signer = asked(house, who)
    with house.work(person(who)) as work:
        shown = work.session.get_one(Step, signer.step_id).content_hash
        decide(work, signer.id or 0, action, form, shown_hash=shown, via="session")
    runner.run_ready()


@pytest.fixture
def phone(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False, has_touch=True, locale="zh-CN")
    context.set_default_timeout(IN_TIME * 1000)
    yield context.new_page()
    context.close()


def link(house: House, address: str, signer: Signer) -> str:
    with house.work() as work:
        return f"{address}/a/{issue_approval_link(work, signer.id or 0)}"

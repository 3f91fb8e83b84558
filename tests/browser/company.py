"""A company in the middle of its business: the sample, and cases of every kind at every stage, on a fixed day.

Made once and copied for every test. The day is fixed, so a picture of a page is the same picture tomorrow.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, select

import cli.sample
from config.policy import Policy
from config.settings import Settings
from config.words import ActionKind, SignerState
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import SYSTEM, House, open_house, person
from models.installation import store_policy
from models.migrate import migrate
from models.operations.application_import import import_applications
from models.operations.decide import decide
from models.tables import Case, Person, Signer, Step
from tasks.overdue_scan import scan_overdue
from tests.processes import portfolio, received
from tests.processes.conftest import Office

DAY = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
"""Half past nine on a Tuesday in Xuzhou."""
AFTERNOON = DAY.replace(hour=6)
"""The same day at two."""
BEGINNING = DAY - timedelta(days=7)
"""When the first of the applications came in."""
PAUSES = (2, 20, 1, 24, 3, 18)
"""Hours after which somebody gets round to answering, one after the other."""
COMPANY = "徐州恒远物资有限公司"

STAGES = 6

FORMS: dict[str, dict[str, object]] = {
    "confirm": {},
    "approve": {"comment": "多年老客户，回款正常"},
    "record": {"ledger_number": "L-2026-031"},
}


def found_company(home: Path, policy: Policy) -> Settings:
    """Fill ``home`` with the company; nothing of it is told to anybody."""
    settings = Settings(home=home, company=COMPANY, _env_file=None)  # type: ignore[call-arg]
    settings.ensure_home()
    clock = VirtualClock(BEGINNING)
    house = open_house(settings, policy, clock)
    try:
        migrate(house.engine)
        store_policy(house)
        with house.work(SYSTEM) as work:
            cli.sample.fill(work)
        office = Office(house, clock, DirectRunner(house, clock))
        _applications(office)
        office.runner.advance(DAY - clock())
        _collections(office)
        _reception(office)
        portfolio.evaluates(office, "2025Q4")
        office.runner.advance(max(AFTERNOON - clock(), timedelta(0)))
    finally:
        house.engine.dispose()
    return settings


@contextmanager
def moved_into(template: Path, home: Path, policy: Policy) -> Iterator[House]:
    """A copy of the company of its own, on the afternoon of its day."""
    shutil.copytree(template, home, dirs_exist_ok=True)
    settings = Settings(home=home, company=COMPANY, _env_file=None)  # type: ignore[call-arg]
    house = open_house(settings, policy, VirtualClock(AFTERNOON))
    try:
        yield house
    finally:
        house.engine.dispose()


def _applications(office: Office) -> None:
    """The sample's applications on their way; each has got a little further than the one before."""
    with office.house.work(person("li.na")) as work:
        handler = work.session.get_one(Person, "li.na")
        import_applications(work, cli.sample.applications(), handler)
    office.runner.run_ready()
    with office.house.read() as session:
        applied = select(Case.ref).where(Case.process == "onboarding-review", Case.origin == "csv")
        refs = session.exec(applied.order_by(Case.ref)).all()
    left = {ref: number % STAGES for number, ref in enumerate(refs)}
    for hours in PAUSES:
        for ref in [ref for ref, turns in left.items() if turns]:
            office.passes(hours=hours / len(refs))
            left[ref] = left[ref] - 1 if _goes_on(office, ref) else 0
        office.passes(hours=hours)


def _goes_on(office: Office, ref: str) -> bool:
    """Whoever is asked first says yes, if that is all there is to say."""
    with office.house.read() as session:
        asked = _asked(session, ref)
        if asked is None:
            return False
        signer, step = asked
        forward = (one for one in step.actions if one["kind"] in (ActionKind.APPROVE, ActionKind.RECORD))
        action = next((one["name"] for one in forward if one["name"] in FORMS), None)
    if action is None:
        return False
    form = dict(FORMS[action])
    if action == "record":
        form |= step.content["prefill"]
    with office.house.work(person(signer.person_id)) as work:
        decide(work, signer.id or 0, action, form, shown_hash=step.content_hash, via="session")
    office.runner.run_ready()
    return True


def _asked(session: Session, ref: str) -> tuple[Signer, Step] | None:
    statement = (
        select(Signer, Step)
        .join(Step, Step.id == Signer.step_id)
        .where(Signer.case_ref == ref, Signer.state == SignerState.ASKED)
        .order_by(Signer.id)
    )
    return session.exec(statement).first()


def _collections(office: Office) -> None:
    """Every customer with overdue money is chased."""
    scan_overdue(office.house, anyway=True)
    office.runner.run_ready()


def _reception(office: Office) -> None:
    """A wholesaler disputes a delivery; the first meeting has been held."""
    received.receives(office)
    received.team_formed(office)

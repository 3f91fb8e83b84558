"""A payment reaches a collections case on a real Prefect server at once."""

import time
from datetime import timedelta

from sqlmodel import select

from config.words import CaseState, Outcome, StepState
from models.tables import Step
from tests.prefect.conftest import Managers, eventually
from tests.processes.collecting import Debtor
from tests.processes.conftest import Office

AT_ONCE = 5.0  # seconds; what it should take on an idle machine is one (bench), here others run beside it


def open_step(office: Office) -> Step | None:
    with office.house.read() as session:
        return session.exec(select(Step).where(Step.case_ref == office.ref, Step.state == StepState.OPEN)).first()


def test_part_payment_asks_anew_and_the_rest_closes_the_case(office: Office, managers: Managers) -> None:
    debtor = Debtor.of(office)
    today = office.house.calendar.day_of(office.house.clock())
    debtor.owes("1240000.00", today - timedelta(days=12))
    debtor.is_found()
    first = open_step(office)
    assert first is not None
    assert first.name == "telephone"
    debtor.pays("240000.00", on=today)
    again = open_step(office)
    assert again is not None
    assert (again.name, again.due_at) == ("telephone", first.due_at)
    assert again.content["owed"]["overdue"] == "1000000.00"
    debtor.pays("1000000.00", on=today, running=False)
    paid_at = time.monotonic()
    eventually(lambda: office.case.state is CaseState.CLOSED, "the case to close")
    assert time.monotonic() - paid_at < AT_ONCE
    assert office.outcome is Outcome.RECOVERED
    managers.sees("Completed")

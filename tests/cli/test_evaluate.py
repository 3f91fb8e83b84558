"""``clientrisk evaluate``: a quarter that is over, once."""

from pathlib import Path

import pytest
from sqlmodel import select

import flows.quarterly_evaluation  # noqa: F401
from models.house import House, system_clock
from models.tables import AuditEvent, Case


def test_it_opens_the_evaluation_once_and_says_where_it_is(command, installed: House, runner, clock) -> None:
    told = command("evaluate", "2025Q4")
    assert told.code == 0
    assert "EVA-2026-000001: the evaluation of 2025Q4 is opened." in told.out
    assert "as soon as a worker looks at it" in told.out
    again = command("evaluate", "2025q4")
    assert "EVA-2026-000001: the evaluation of 2025Q4 there is." in again.out
    clock.now = system_clock()  # commands live in the present
    runner.run_ready()
    watched = command("evaluate", "2025Q4", "--watch")
    assert watched.code == 0
    assert "EVA-2026-000001 waits at: Review of the changes." in watched.out
    with installed.read() as session:
        (case,) = session.exec(select(Case)).all()
        opened = session.exec(select(AuditEvent).where(AuditEvent.event == "case.opened")).one()
    assert (case.initiator_id, case.origin) == (None, "command")
    assert str(opened.actor_id).startswith("command line")


@pytest.mark.parametrize(
    ("period", "told"),
    [("2099Q1", "2099Q1 is not over yet: it ends on 2099-03-31."), ("last", "“last” is not a quarter.")],
)
def test_a_quarter_that_cannot_be_evaluated_is_refused(
    command, installed: House, period: str, told: str, tmp_path: Path
) -> None:
    refused = command("evaluate", period)
    assert refused.code == 1
    assert told in refused.err
    with installed.read() as session:
        assert session.exec(select(Case)).all() == []

"""Schedules against a real Prefect server: what we ask for is what Prefect does, and it stays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient
from sqlmodel import select

from api.caller import Caller
from api.prefect_client import PrefectClient
from api.schedule_views import Upcoming, one_routine
from api.scheduling import Scheduling
from flows.deployments import register
from flows.routine_schedules import look_at_schedules
from models.errors import Conflict
from models.house import House, person
from models.operations.schedules import as_they_stood
from models.processes import OVERDUE_SCAN
from models.rules.recurrence import Rule
from models.schedules import ChangeState, RuleKind, ScheduleAct
from models.tables import Person, ScheduleChange

NAME = OVERDUE_SCAN.name
MONTH_ENDS = Rule(RuleKind.CALENDAR, "Asia/Shanghai", "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=18;BYMINUTE=0")
SATURDAYS = Rule(RuleKind.CRON, "Asia/Shanghai", "0 10 * * 6")


@pytest.fixture
def prefect(client: SyncPrefectClient, house: House) -> Iterator[PrefectClient]:
    """The web application's own client, with the routines registered and the scan as it was installed."""
    register(client, house.settings.work_pool, house.settings.time_zone)
    opened = PrefectClient(house.settings)
    yield opened
    deployment = client.read_deployment_by_name(f"{NAME}/clientrisk")
    for schedule in deployment.schedules:
        if schedule.slug != NAME:
            client.delete_deployment_schedule(deployment.id, schedule.id)
    client.resume_deployment(deployment.id)
    opened.close()


@pytest.fixture
def ops(house: House, prefect: PrefectClient) -> Scheduling:
    """徐明 of operations, at the schedules of the overdue scan."""
    with house.read() as session:
        who = session.get_one(Person, "xu.ming")
    return Scheduling(house, prefect, Caller(who, person(who.id), "session"), NAME)


def version(ops: Scheduling) -> int:
    return one_routine(ops.house, ops.prefect, OVERDUE_SCAN)[0].version


def upcoming(ops: Scheduling) -> tuple[Upcoming, ...]:
    return one_routine(ops.house, ops.prefect, OVERDUE_SCAN)[0].upcoming


def in_prefect(client: SyncPrefectClient, schedule_id: str) -> Any:
    schedules = client.read_deployment_by_name(f"{NAME}/clientrisk").schedules
    return next((one for one in schedules if str(one.id) == schedule_id), None)


def planned(prefect: PrefectClient, schedule_id: str) -> dict[datetime, str]:
    """What Prefect has planned for a schedule: the state's name by when it is due."""
    deployment = prefect.routine(NAME)
    assert deployment is not None
    runs = prefect.ahead([deployment.id], datetime.now(UTC))
    return {run.due_at: run.state_name for run in runs if run.schedule_id == schedule_id}


def test_a_schedule_is_made_changed_paused_and_deleted_and_an_upgrade_leaves_it_alone(
    client: SyncPrefectClient, house: House, prefect: PrefectClient, ops: Scheduling
) -> None:
    made = ops.create(version(ops), SATURDAYS, {"anyway": True})
    assert planned(prefect, made)  # its next runs are there at once
    kept = in_prefect(client, made)
    assert (kept.schedule.cron, kept.schedule.timezone, kept.parameters) == (
        "0 10 * * 6",
        "Asia/Shanghai",
        {"anyway": True},
    )
    ops.set_active(version(ops), made, False)
    assert planned(prefect, made) == {}
    assert in_prefect(client, made).parameters == {"anyway": True}  # a bare `active` would have wiped them
    ops.update(version(ops), made, Rule(RuleKind.CALENDAR, "UTC", "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2"), {}, active=False)
    register(client, house.settings.work_pool, house.settings.time_zone)
    kept = in_prefect(client, made)
    assert (kept.schedule.rrule[-29:], kept.active, kept.parameters) == ("FREQ=WEEKLY;BYDAY=SU;BYHOUR=2", False, {})
    ops.delete(version(ops), made)
    register(client, house.settings.work_pool, house.settings.time_zone)
    assert in_prefect(client, made) is None
    with house.read() as session:
        changes = session.exec(select(ScheduleChange)).all()
    assert [change.act for change in changes] == [
        ScheduleAct.CREATED,
        ScheduleAct.PAUSED,
        ScheduleAct.UPDATED,
        ScheduleAct.DELETED,
    ]
    assert {change.state for change in changes} == {ChangeState.DONE}


def test_a_skipped_run_stays_skipped_whatever_prefect_plans_anew(
    house: House, prefect: PrefectClient, ops: Scheduling
) -> None:
    made = ops.create(version(ops), SATURDAYS, {})
    mine = [run.at for run in upcoming(ops) if run.schedule == made] or list(planned(prefect, made))
    soon, far = mine[0], mine[0] + timedelta(weeks=40)  # Prefect has not made that one yet
    ops.skip(made, soon)
    ops.skip(made, far)
    deployment = ops.deployment()
    prefect.make_runs(deployment.id)  # as its scheduler does every minute
    prefect.make_runs(deployment.id, far)
    ops.set_paused(version(ops), True)
    ops.set_paused(version(ops), False)
    ops.set_active(version(ops), made, False)
    ops.set_active(version(ops), made, True)
    states = planned(prefect, made)
    assert (states[soon], states[far]) == ("Skipped", "Skipped")
    assert set(states.values()) == {"Skipped", "Scheduled"}
    ops.restore(made, soon)
    ops.restore(made, far)
    assert planned(prefect, made)[soon] == "Scheduled"
    assert far not in planned(prefect, made)  # made again when its time comes nearer


def test_starting_by_hand_starts_one_run_with_its_parameters(client: SyncPrefectClient, ops: Scheduling) -> None:
    first, second = ops.run({"anyway": True}, "4711"), ops.run({"anyway": True}, "4711")
    assert first == second
    (run,) = [run for run in client.read_flow_runs() if str(run.id) == first]
    assert (run.parameters, run.auto_scheduled) == ({"anyway": True}, False)
    client.delete_flow_run(run.id)


def test_what_is_changed_in_prefect_is_noticed_by_the_worker_too(
    client: SyncPrefectClient, house: House, ops: Scheduling
) -> None:
    made = ops.create(version(ops), Rule(RuleKind.INTERVAL, "Asia/Shanghai", every=timedelta(hours=6)), {})
    ops.create(version(ops), MONTH_ENDS, {"anyway": True})
    seen = version(ops)
    look_at_schedules(house, client)
    with house.read() as session:
        assert len(session.exec(select(ScheduleChange)).all()) == 2  # Prefect's two clients say the same
    deployment = client.read_deployment_by_name(f"{NAME}/clientrisk")
    client.update_deployment_schedule(deployment.id, in_prefect(client, made).id, active=False)
    look_at_schedules(house, client)
    with house.read() as session:
        change = session.exec(select(ScheduleChange)).all()[-1]
    assert (change.act, change.state, change.person_id) == (ScheduleAct.PAUSED, ChangeState.ELSEWHERE, None)
    with pytest.raises(Conflict, match="changed the schedules"):
        ops.set_active(seen, made, True)


def test_a_prefect_that_is_new_gets_the_schedules_as_they_stood(
    client: SyncPrefectClient, house: House, prefect: PrefectClient, ops: Scheduling
) -> None:
    """After a restore beside an empty Prefect: what operations had set up is there again, and nobody has changed it."""
    made = ops.create(version(ops), SATURDAYS, {"anyway": True})
    ops.set_active(version(ops), made, False)
    ops.create(version(ops), MONTH_ENDS, {})
    look_at_schedules(house, client)
    known = client.read_deployment_by_name(f"{NAME}/clientrisk")
    before, kept = version(ops), as_they_stood(house)
    with house.read() as session:
        changes = len(session.exec(select(ScheduleChange)).all())
    client.delete_deployment(known.id)
    try:
        register(client, house.settings.work_pool, house.settings.time_zone, kept)
        anew = client.read_deployment_by_name(f"{NAME}/clientrisk")
        assert sorted(str(one.schedule) for one in anew.schedules) == sorted(
            str(one.schedule) for one in known.schedules
        )
        (saturdays,) = [one for one in anew.schedules if getattr(one.schedule, "cron", "") == "0 10 * * 6"]
        assert (saturdays.active, saturdays.parameters) == (False, {"anyway": True})
        look_at_schedules(house, client)
        with house.read() as session:
            assert len(session.exec(select(ScheduleChange)).all()) == changes
        assert version(ops) == before + 1
    finally:
        client.delete_deployment(client.read_deployment_by_name(f"{NAME}/clientrisk").id)
        register(client, house.settings.work_pool, house.settings.time_zone)

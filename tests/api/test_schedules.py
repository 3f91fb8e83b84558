"""Schedules on pages and for programs: what comes next, changing it, skipping one; Prefect away, and two at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from api.prefect_client import PrefectClient
from config.words import Department, Role
from models.operations.schedules import UNDER_WAY
from models.schedules import ChangeState, ScheduleAct
from models.tables import Person, ScheduleChange
from tests.api.conftest import Forms

SCAN = "/operations/schedules/overdue-scan"
API = "/api/v1/schedules"
WEDNESDAY = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)  # 07:30 in Xuzhou
THURSDAY = WEDNESDAY + timedelta(days=1)


@pytest.fixture
def ops(office):
    """徐明 of operations, signed in."""
    return office.sign_in("xu.ming")


def daily(office):
    """The schedule that the overdue scan came with."""
    return office.prefect.schedules()[0]


def made(office) -> list[ScheduleChange]:
    with office.house.read() as session:
        return list(session.exec(select(ScheduleChange).order_by(ScheduleChange.id)))


def post(office, browser, path, form, **fields):
    """Open the page that holds a form and send it with what was typed."""
    page = browser.get(path)
    assert page.status_code == 200, page.text
    sent = {name: value for name, value in {**Forms(page.text).all[form], **fields}.items() if value is not None}
    address = {"schedule": path, "delete": f"{path}/delete", "run": f"{SCAN}/run"}.get(form, form)
    return browser.post(address, data=sent)


# -- looking ----------------------------------------------------------------------------------------------------------


def test_operations_see_what_runs_when_and_how_it_went(office, ops):
    office.prefect.ran("overdue-scan", "FAILED", message="OperationalError: database is locked")
    page = ops.get("/operations/schedules?lang=en").text
    assert "every day at 07:30" in page
    assert "day 5 of January, April, July, October at 06:00" in page
    assert "Wed 11 Mar, 07:30" in page
    assert ">Failed<" in page
    one = ops.get(f"{SCAN}?lang=en").text
    assert "database is locked" in one
    assert 'Sat 14 Mar, 07:30</time> <span class="pill calm">day off' in one
    assert office.house.settings.prefect_run_url(office.prefect.runs[0]["id"]) in one


def test_managers_and_auditors_look_and_may_change_nothing(office):
    with office.house.work() as work:
        work.add(Person(id="he.shen", name="何审", department=Department.AUDIT, roles=[Role.AUDITOR]))
    for who in ("zhou.hong", "he.shen"):
        browser = office.sign_in(who)
        page = browser.get(SCAN)
        assert page.status_code == 200
        assert set(Forms(page.text).all) <= {"/sign-out", "/search"}
        assert browser.get(f"{SCAN}/new").status_code == 403
        assert browser.post(f"{SCAN}/pause", data={}).status_code == 403
        sent = office.browser.post(f"{API}/overdue-scan/pause", headers=office.token(who))
        assert (sent.status_code, sent.json()["code"]) == (403, "not-allowed")
    assert office.prefect.writes() == []


def test_schedules_are_not_for_everybody(office):
    assert office.sign_in("li.na").get("/operations/schedules").status_code == 403
    assert office.browser.get(API, headers=office.token("li.na")).status_code == 403


@pytest.mark.parametrize("path", ["", "/overdue-scan", "/overdue-scan/new"])
def test_every_page_answers_head(office, ops, path):
    assert ops.head(f"/operations/schedules{path}").status_code == 200


@pytest.mark.parametrize("path", ["/payroll", "/overdue-scan/00000000-0000-0000-0000-0000000000ff"])
def test_what_is_not_there_is_not_found(ops, path):
    assert ops.get(f"/operations/schedules{path}").status_code == 404


# -- changing ---------------------------------------------------------------------------------------------------------


def test_a_schedule_is_added_and_who_added_it_is_on_record(office, ops):
    sent = post(office, ops, f"{SCAN}/new", "schedule", act="save", cron="0 10 * * 6", **{"parameters.anyway": "true"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{SCAN}?done=created")
    new = office.prefect.schedules()[1]
    assert (new["schedule"], new["parameters"], new["active"]) == (
        {"cron": "0 10 * * 6", "timezone": "Asia/Shanghai"},
        {"anyway": True},
        True,
    )
    assert [run["expected_start_time"] for run in office.prefect.runs if run["created_by"]["id"] == new["id"]]
    (asked,), (changed,) = office.events("schedule.asked"), office.events("schedule.changed")
    assert (asked.actor_id, asked.data["after"]["schedule"]["cron"]) == ("xu.ming", "0 10 * * 6")
    assert changed.data["change"] == asked.data["change"]
    page = ops.get(f"{SCAN}?lang=en").text
    assert "Schedule added" in page
    assert "徐明" in page


def test_changing_keeps_its_parameters_and_says_what_stood_there_before(office, ops):
    daily(office)["parameters"] = {"anyway": True}
    path = f"{SCAN}/{daily(office)['id']}"
    assert post(office, ops, path, "schedule", act="save", cron="0 9 * * 1-5").status_code == 303
    assert daily(office)["parameters"] == {"anyway": True}
    change = made(office)[-1]
    assert change.act is ScheduleAct.UPDATED
    assert (change.before["schedule"]["cron"], change.after["schedule"]["cron"]) == ("30 7 * * *", "0 9 * * 1-5")
    assert "Mondays to Fridays at 09:00" in ops.get(f"{SCAN}?lang=en").text


def test_pausing_a_schedule_and_resuming_it_keeps_all_of_it(office, ops):
    daily(office)["parameters"] = {"anyway": True}
    path = f"{SCAN}/{daily(office)['id']}"
    assert post(office, ops, SCAN, f"{path}/pause").status_code == 303
    assert (daily(office)["active"], daily(office)["parameters"]) == (False, {"anyway": True})
    assert "Wed 11 Mar" not in ops.get(f"{SCAN}?lang=en").text
    assert post(office, ops, SCAN, f"{path}/resume").status_code == 303
    assert daily(office)["active"] is True
    assert [change.act for change in made(office)] == [ScheduleAct.PAUSED, ScheduleAct.RESUMED]


def test_deleting_and_pausing_the_whole_routine(office, ops):
    whole = Forms(ops.get(SCAN).text).all["whole"]
    assert ops.post(f"{SCAN}/pause", data=whole).status_code == 303
    assert office.prefect.deployments["overdue-scan"]["paused"] is True
    whole = Forms(ops.get(SCAN).text).all["whole"]
    assert ops.post(f"{SCAN}/resume", data=whole).status_code == 303
    assert post(office, ops, f"{SCAN}/{daily(office)['id']}", "delete").status_code == 303
    assert office.prefect.schedules() == []
    assert "started by hand only" in ops.get(f"{SCAN}?lang=en").text


def test_the_preview_shows_the_next_runs_and_changes_nothing(office, ops):
    rule = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=17;BYMINUTE=0"
    shown = post(office, ops, f"{SCAN}/new?lang=en", "schedule", act="preview", kind="rrule", rrule=rule)
    assert shown.status_code == 200
    assert "Tue 31 Mar, 17:00" in shown.text
    assert "Thu 30 Apr, 17:00" in shown.text
    assert rule in shown.text  # what was typed stays, to be saved
    assert office.prefect.writes() == []
    assert made(office) == []


def test_an_interval_counts_from_the_time_that_was_typed(office, ops):
    typed = {"kind": "interval", "every": "36", "unit": "hours", "starts": "2026-03-10T09:00"}
    assert post(office, ops, f"{SCAN}/new", "schedule", act="save", **typed).status_code == 303
    assert office.prefect.schedules()[1]["schedule"] == {
        "interval": 129600.0,
        "anchor_date": "2026-03-10T01:00:00+00:00",
        "timezone": "Asia/Shanghai",
    }


@pytest.mark.parametrize(
    ("routine", "typed", "field", "told"),
    [
        ("overdue-scan", {"cron": "61 7 * * *"}, "cron", "0 to 59"),
        ("overdue-scan", {"cron": "7:30"}, "cron", "Five fields"),
        ("overdue-scan", {"cron": ""}, "cron", "is needed"),
        ("overdue-scan", {"cron": "* * * * *"}, "cron", "too often"),
        ("overdue-scan", {"zone": "Mars/Olympus"}, "zone", "no such time zone"),
        ("overdue-scan", {"kind": "interval", "every": "two"}, "every", "not a whole number"),
        ("overdue-scan", {"kind": "interval", "every": "4", "unit": "minutes"}, "every", "five minutes"),
        ("overdue-scan", {"kind": "interval", "every": "2", "unit": "hours", "starts": "soon"}, "starts", "not a date"),
        ("overdue-scan", {"kind": "rrule", "rrule": "FREQ=DAILY;INTERVAL=7;BYDAY=SU"}, "rrule", "never comes about"),
        ("overdue-scan", {"kind": "rrule", "rrule": "EVERY=MORNING"}, "rrule", "EVERY"),
        ("overdue-scan", {"kind": "moon"}, "kind", "is needed"),
        ("evaluation-round", {"cron": "0 6 5 1 *", "parameters.period": "last"}, "parameters.period", "not written"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(office, ops, routine, typed, field, told):
    path = f"/operations/schedules/{routine}/new"
    given = {"cron": "0 10 * * 6", **typed}
    answer = post(office, ops, f"{path}?lang=en", "schedule", act="save", **given)
    page = answer.text
    assert answer.status_code == 422
    mark = "kind" if field == "kind" else field.removeprefix("parameters.")
    assert f'id="f-{mark}-wrong"' in page
    assert told in page.split(f'id="f-{mark}-wrong"')[1].split("</p>")[0]
    again = Forms(page).all["schedule"]
    assert {name: again.get(name) for name in given if name != "kind"} == {
        k: v for k, v in given.items() if k != "kind"
    }
    assert office.prefect.writes() == []
    assert made(office) == []


def test_of_two_who_change_at_once_the_second_is_told_and_loses_nothing(office, ops):
    path = f"{SCAN}/{daily(office)['id']}"
    second = Forms(ops.get(path).text).all["schedule"]
    assert post(office, ops, path, "schedule", act="save", cron="0 9 * * *").status_code == 303
    late = ops.post(f"{path}?lang=en", data={**second, "act": "save", "cron": "0 11 * * *"})
    assert late.status_code == 409
    assert "changed the schedules of this routine since" in late.text
    assert Forms(late.text).all["schedule"]["cron"] == "0 11 * * *"
    assert daily(office)["schedule"]["cron"] == "0 9 * * *"
    once_more = {**Forms(late.text).all["schedule"], "act": "save"}
    assert ops.post(path, data=once_more).status_code == 409  # only who looks again knows what they overwrite


def test_a_form_from_elsewhere_is_refused(office, ops):
    assert ops.post(f"{SCAN}/pause", data={"_version": "1"}).status_code == 403
    assert ops.post(f"{SCAN}/new", data={"act": "save", "kind": "cron", "cron": "0 9 * * *"}).status_code == 403
    assert office.prefect.writes() == []


# -- single runs ------------------------------------------------------------------------------------------------------


def skipping(office, ops, what: str, at: datetime):
    """Send the form that stands beside one run to come."""
    address = f"{SCAN}/{daily(office)['id']}/{what}"
    forms = Forms(ops.get(SCAN).text).all
    mine = next(form for form in forms.values() if form.get("at") == at.isoformat())
    return ops.post(address, data=mine)


def test_one_run_is_skipped_and_put_back(office, ops):
    assert skipping(office, ops, "skip", THURSDAY).headers["location"] == f"{SCAN}?done=skipped"
    (run,) = [run for run in office.prefect.runs if run["state_type"] == "CANCELLED"]
    assert (run["expected_start_time"], run["state_name"]) == (THURSDAY.isoformat(), "Skipped")
    page = ops.get(f"{SCAN}?lang=en").text
    assert "Let the run of Thu 12 Mar, 07:30 take place" in page
    assert "Skip the run of Wed 11 Mar, 07:30" in page
    assert skipping(office, ops, "restore", THURSDAY).headers["location"] == f"{SCAN}?done=restored"
    assert run not in office.prefect.runs  # Prefect makes it again
    assert {run["state_type"] for run in office.prefect.runs} == {"SCHEDULED"}
    assert [change.act for change in made(office)] == [ScheduleAct.SKIPPED, ScheduleAct.RESTORED]
    assert {change.state for change in made(office)} == {ChangeState.DONE}


def test_a_run_that_has_begun_is_not_skipped(office, ops):
    form = next(form for form in Forms(ops.get(SCAN).text).all.values() if form.get("at") == WEDNESDAY.isoformat())
    office.prefect._make(office.prefect.deployments["overdue-scan"], {})
    office.prefect.runs[0]["state_type"] = "RUNNING"
    late = ops.post(f"{SCAN}/{daily(office)['id']}/skip?lang=en", data=form)
    assert late.status_code == 409
    assert "has begun already" in late.text
    assert made(office)[-1].state is ChangeState.FAILED


@pytest.mark.parametrize(
    "at", ["2026-03-11T08:00:00+08:00", "2026-03-09T07:30:00+08:00", "2026-03-11T07:30:00", "soon"]
)
def test_only_a_run_that_comes_is_skipped(office, ops, at):
    form = next(form for form in Forms(ops.get(SCAN).text).all.values() if "at" in form)
    assert ops.post(f"{SCAN}/{daily(office)['id']}/skip", data={**form, "at": at}).status_code == 422
    assert office.prefect.writes() == []


def test_starting_by_hand_twice_by_accident_starts_one_run(office, ops):
    form = Forms(ops.get(SCAN).text).all["run"]
    for _ in range(2):
        assert ops.post(f"{SCAN}/run", data={**form, "parameters.anyway": "true"}).status_code == 303
    (run,) = office.prefect.runs
    assert run["parameters"] == {"anyway": True}
    assert [change.act for change in made(office)] == [ScheduleAct.RUN]


# -- Prefect away, and Prefect changed by others ----------------------------------------------------------------------


def test_while_prefect_is_away_the_record_is_shown_and_nothing_is_lost(office, ops):
    form = Forms(ops.get(f"{SCAN}/new").text).all["schedule"]
    office.prefect.away = True
    for path in ("/operations/schedules", SCAN):
        page = ops.get(f"{path}?lang=en")
        assert page.status_code == 200
        assert "Prefect is not answering just now. Nothing was lost." in page.text
        assert "every day at 07:30" in page.text
    assert "skip" not in str(list(Forms(ops.get(SCAN).text).all))
    sent = ops.post(f"{SCAN}/new?lang=en", data={**form, "act": "save", "cron": "0 10 * * 6"})
    assert sent.status_code == 503
    assert Forms(sent.text).all["schedule"]["cron"] == "0 10 * * 6"
    assert made(office) == []


def test_a_change_that_prefect_did_not_confirm_is_found_out_at_the_next_look(office, ops):
    office.prefect.mute = "/schedules"  # it does it, and the answer is lost
    sent = post(office, ops, f"{SCAN}/new", "schedule", act="save", cron="0 10 * * 6")
    assert sent.status_code == 503
    (change,) = made(office)
    assert (change.state, change.schedule_id) == (ChangeState.DONE, office.prefect.schedules()[1]["id"])
    assert [event.data["change"] for event in office.events("schedule.unanswered")] == [change.id]
    office.prefect.mute = ""
    again = {**Forms(sent.text).all["schedule"], "act": "save"}
    assert ops.post(f"{SCAN}/new", data=again).status_code == 409  # it is there already
    assert [event.event for event in office.events("schedule.changed-elsewhere")] == []


def test_a_change_whose_asker_died_is_found_out_once_it_must_be_over(office, ops):
    ops.get(SCAN)
    prefect = office.app.state.prefect
    office.app.state.prefect = PrefectClient(office.house.settings, office.prefect.transport())

    def dies(*_: object) -> str:
        raise KeyboardInterrupt

    office.app.state.prefect.create_schedule = dies
    with pytest.raises(BaseException):  # noqa: B017, PT011
        post(office, ops, f"{SCAN}/new", "schedule", act="save", cron="0 10 * * 6")
    office.app.state.prefect = prefect
    assert "Under way" in ops.get(f"{SCAN}?lang=en").text
    office.clock.now += UNDER_WAY + timedelta(seconds=1)
    assert "broken off before Prefect had done it" in ops.get(f"{SCAN}?lang=en").text
    assert [change.state for change in made(office)] == [ChangeState.FAILED]


def test_what_is_changed_in_prefect_is_noticed_and_recorded_as_made_there(office, ops):
    ops.get(SCAN)
    daily(office)["schedule"] = {"cron": "0 5 * * *", "timezone": "Asia/Shanghai", "day_or": True}
    page = ops.get(f"{SCAN}?lang=en").text
    assert "every day at 05:00" in page
    assert "In Prefect" in page
    (change,) = made(office)
    assert (change.act, change.state, change.person_id) == (ScheduleAct.UPDATED, ChangeState.ELSEWHERE, None)
    (event,) = office.events("schedule.changed-elsewhere")
    assert event.actor_kind == "system"
    assert (event.data["before"]["schedule"]["cron"], event.data["after"]["schedule"]["cron"]) == (
        "30 7 * * *",
        "0 5 * * *",
    )
    ops.get(SCAN)
    assert len(made(office)) == 1  # noticed once


def test_whoever_saw_it_before_prefect_was_changed_is_told(office, ops):
    form = Forms(ops.get(f"{SCAN}/new").text).all["schedule"]
    daily(office)["active"] = False
    assert ops.post(f"{SCAN}/new", data={**form, "act": "save", "cron": "0 10 * * 6"}).status_code == 409


def test_a_schedule_written_in_a_way_of_prefects_own_is_shown_as_prefect_has_it(office, ops):
    daily(office)["schedule"] = {"cron": "0 5 13 * 5", "timezone": "Asia/Shanghai", "day_or": False}
    page = ops.get(f"{SCAN}?lang=en")
    assert page.status_code == 200
    assert "<code>0 5 13 * 5</code>" in page.text


def test_a_routine_that_is_not_registered_says_what_to_do(office, ops):
    del office.prefect.deployments["overdue-scan"]
    assert "Not registered in Prefect" in ops.get("/operations/schedules?lang=en").text
    assert "clientrisk deployments register" in ops.get(f"{SCAN}?lang=en").text
    assert ops.get(f"{SCAN}/new").status_code == 409


# -- by program -------------------------------------------------------------------------------------------------------


def test_a_program_does_what_the_pages_do(office):
    token = office.token("xu.ming")
    read = office.browser.get(f"{API}/overdue-scan", headers=token)
    assert read.json()["schedules"][0]["words"] == "每天 07:30"
    tag = read.headers["etag"]
    weekly = {"cron": "0 10 * * 6", "time_zone": "Asia/Shanghai", "parameters": {"anyway": True}}
    previewed = office.browser.post(f"{API}/overdue-scan/preview", json=weekly, headers=token).json()["runs"]
    assert [run["business_day"] for run in previewed[:1]] == [False]
    added = office.browser.post(f"{API}/overdue-scan", json=weekly, headers={**token, "if-match": tag})
    assert added.status_code == 201, added.text
    number = added.json()["id"]
    stale = office.browser.delete(f"{API}/overdue-scan/{number}", headers={**token, "if-match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "version-changed")
    changed = {**weekly, "active": False}
    assert office.browser.put(f"{API}/overdue-scan/{number}", json=changed, headers=token).status_code == 204
    assert office.prefect.schedules()[1]["active"] is False
    skipped = {"at": "2026-03-12T07:30:00+08:00"}
    address = f"{API}/overdue-scan/{daily(office)['id']}"
    assert office.browser.post(f"{address}/skip", json=skipped, headers=token).status_code == 204
    runs = office.browser.get(f"{API}/overdue-scan/runs", headers=token).json()["to_come"]
    assert [run["skipped"] for run in runs[:3]] == [False, True, False]
    assert office.browser.post(f"{address}/restore", json=skipped, headers=token).status_code == 204
    assert office.browser.delete(f"{API}/overdue-scan/{number}", headers=token).status_code == 204
    acts = [
        change["act"] for change in office.browser.get(f"{API}/overdue-scan/changes", headers=token).json()["items"]
    ]
    assert acts == ["deleted", "restored", "skipped", "paused", "created"]
    assert {event.actor_kind for event in office.events("schedule.changed")} == {"program"}


def test_a_program_starts_a_routine_once_per_key(office):
    token = {**office.token("xu.ming"), "idempotency-key": "crm-4711"}
    sent = [office.browser.post(f"{API}/overdue-scan/run", json={}, headers=token) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [202, 202]
    assert sent[0].json() == sent[1].json()
    assert len(office.prefect.runs) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"time_zone": "Asia/Shanghai"}, "cron"),
        ({"time_zone": "Asia/Shanghai", "cron": "0 9 * * *", "rrule": "FREQ=DAILY"}, "cron"),
        ({"time_zone": "Asia/Shanghai", "cron": "0 9 * * *", "parameters": {"limit": 5}}, "parameters.limit"),
        ({"time_zone": "Asia/Shanghai", "cron": "0 9 * * *", "parameters": {"anyway": "yes"}}, "parameters.anyway"),
        (
            {
                "time_zone": "Asia/Shanghai",
                "cron": "0 9 * * *",
                "parameters": {"anyway": {"__prefect_kind": "jinja", "template": "{{ env }}"}},
            },
            "parameters.anyway",
        ),
        ({"time_zone": "Asia/Shanghai", "every_minutes": 1}, "every"),
        ({"time_zone": "America/New_York", "every_minutes": 1440}, "every"),
        ({"time_zone": "../etc/passwd", "cron": "0 9 * * *"}, "zone"),
        ({"time_zone": "Asia/Shanghai", "every_minutes": 60, "starts_at": "0001-01-01T00:00:00+08:00"}, "starts_at"),
    ],
)
def test_a_program_is_told_what_is_wrong(office, body, field):
    answer = office.browser.post(f"{API}/overdue-scan", json=body, headers=office.token("xu.ming"))
    assert answer.status_code == 422, answer.text
    assert field in [problem["field"] for problem in answer.json()["problems"]]
    assert office.prefect.writes() == []


def test_a_program_is_told_that_prefect_is_away(office):
    office.prefect.away = True
    token = office.token("xu.ming")
    answer = office.browser.post(f"{API}/overdue-scan/run", json={}, headers=token)
    assert (answer.status_code, answer.json()["code"]) == (503, "prefect-away")
    assert office.browser.get(API, headers=token).json()["prefect_answers"] is False

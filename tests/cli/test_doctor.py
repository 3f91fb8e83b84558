"""The doctor: it finds what is wrong, says what to do, and changes nothing."""

import json
import shutil
import sqlite3
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlmodel import select

from cli import doctor
from cli.checks import services, versions
from cli.checks.finding import Finding, State
from cli.checks.ground import Ground
from config.settings import Settings
from config.words import CaseState, MessageState
from flows.runs import DEPLOYMENT
from models.audit import verify_last
from models.house import House
from models.messages import SignIn, StepAsked, queue
from models.operations.heartbeat import beat
from models.processes import PROCESSES, ROUTINES
from models.tables import Case, Channel, OutboxMessage, Run, Signer, Step
from tests.tampering import unguarded

Look = Callable[..., dict[str, list[Finding]]]
Command = Callable[..., Any]

MORNING = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)


class Answers(BaseHTTPRequestHandler):
    """What API and Prefect answer when they are well."""

    known: frozenset[str] = frozenset((*PROCESSES, *ROUTINES))
    version = versions.installed("prefect")

    def do_GET(self) -> None:
        process = self.path.split("/")[-2] if "/deployments/name/" in self.path else None
        self.send_response(404 if process and process not in self.known else 200)
        self.end_headers()
        self.wfile.write(json.dumps(self.version).encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def answers() -> Iterator[type[Answers]]:
    class Mine(Answers):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mine)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    Mine.port = server.server_port  # type: ignore[attr-defined]
    yield Mine
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def look(installed: House, answers: type[Answers]) -> Look:
    """Examines the installation while API and Prefect answer; the findings by what they are about."""

    def examine(deep: bool = False, at: datetime = MORNING, **changes: object) -> dict[str, list[Finding]]:
        port = answers.port  # type: ignore[attr-defined]
        given = {"home": installed.settings.home, "api_port": port, "prefect_port": port, **changes}
        ground = Ground(Settings(_env_file=None, **given), deep=deep, clock=lambda: at)  # type: ignore[arg-type]
        found: dict[str, list[Finding]] = {}
        for finding in doctor.examine(ground):
            found.setdefault(finding.check, []).append(finding)
        ground.house.engine.dispose()
        return found

    return examine


def failing(found: dict[str, list[Finding]]) -> set[str]:
    return {name for name, findings in found.items() for one in findings if one.state is State.FAIL}


def worker_beats(house: House, seconds_ago: float = 5) -> None:
    beat(house, "xuzhou-1:4711", "worker", MORNING, {})
    with house.engine.begin() as connection:
        at = (MORNING - timedelta(seconds=seconds_ago)).replace(tzinfo=None).isoformat(" ", "microseconds")
        connection.execute(text("UPDATE heartbeat SET at = :at"), {"at": at})


def test_a_healthy_installation_has_nothing_failing(look: Look, installed: House) -> None:
    worker_beats(installed)
    found = look()
    assert failing(found) == set()
    assert "1 worker alive (xuzhou-1:4711); last heard 5 seconds ago" in found["worker"][0].sentence
    assert {"database", "database file", "disk space", "audit trail", "outbox", "cases due", "API"} <= set(found)


def test_before_the_first_start_it_says_what_is_missing_and_makes_nothing(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENTRISK_HOME", str(tmp_path / "new"))
    told = command("doctor")
    assert told.code == 2
    assert "There is no database at" in told.out
    assert not (tmp_path / "new").exists()


def test_while_the_product_is_down_it_says_what_is_down(
    command: Command, installed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENTRISK_API_PORT", "1")
    monkeypatch.setenv("CLIENTRISK_PREFECT_PORT", "2")
    told = command("doctor", "--json")
    answer = json.loads(told.out)
    down = {one["check"] for one in answer["findings"] if one["state"] == "fail"}
    assert (told.code, answer["state"]) == (2, "fail")
    assert down == {"Prefect", "API", "worker"}


def test_warnings_end_with_1_only_when_strict(
    command: Command, installed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", (doctor.Check("ink", lambda _ground: iter([services.warn("ink", "Low.")])),))
    assert command("doctor").code == 0
    assert command("doctor", "--strict").code == 1


def test_a_check_that_breaks_is_a_finding_and_the_others_go_on(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_ground: Ground) -> Iterator[Finding]:
        raise ValueError("an unheard-of year")
        yield

    monkeypatch.setattr(doctor, "CHECKS", (doctor.Check("calendar", breaks), *doctor.CHECKS[:1]))
    found = look()
    assert "an unheard-of year" in found["calendar"][0].sentence
    assert found["Python"][0].state is State.OK


def test_a_process_that_prefect_does_not_know_fails(look: Look, answers: type[Answers]) -> None:
    answers.known = frozenset()
    found = look()["deployments"][0]
    assert found.state is State.FAIL
    assert "clientrisk deployments register" in found.sentence


def test_a_routine_that_prefect_does_not_know_fails_by_its_name(look: Look, answers: type[Answers]) -> None:
    answers.known = frozenset(PROCESSES)
    found = look()["deployments"][0]
    assert found.state is State.FAIL
    assert "overdue-scan" in found.sentence


def test_prefect_of_another_version_is_warned_of(look: Look, answers: type[Answers]) -> None:
    answers.version = "3.7.1"
    assert look()["Prefect"][0].state is State.WARN


def test_links_that_lead_nowhere_are_warned_of(look: Look) -> None:
    assert look(base_url="http://127.0.0.1:1")["links"][0].state is State.WARN


def test_a_worker_that_has_fallen_silent_does_not_count(look: Look, installed: House) -> None:
    worker_beats(installed, seconds_ago=300)
    found = look()["worker"][0]
    assert found.state is State.FAIL
    assert "for 5 minutes" in found.sentence


def open_case(house: House, ref: str = "ONB-2026-000041", state: CaseState = CaseState.RUNNING, **run: object) -> None:
    with house.work() as work_unit:
        work_unit.add(
            Case(
                ref=ref,
                process="onboarding-review",
                title="徐州恒通钢材贸易有限公司",
                initiator_id="li.na",
                handler_id="li.na",
                department="business",
                origin="page",
                state=state,
                policy_version=house.policy.version,
                opened_at=MORNING,
            )
        )
        work_unit.add(Run(case_ref=ref, process="onboarding-review", **run))


def test_a_case_that_nobody_takes_up_for_a_minute_fails(look: Look, installed: House) -> None:
    open_case(installed, act_at=MORNING - timedelta(seconds=90))
    found = look()["cases due"][0]
    assert found.state is State.FAIL
    assert "ONB-2026-000041" in found.sentence
    assert "90 seconds ago" in found.sentence


def test_a_case_that_was_due_just_now_is_in_order(look: Look, installed: House) -> None:
    open_case(installed, act_at=MORNING - timedelta(seconds=5))
    assert look()["cases due"][0].state is State.OK


def test_a_lease_that_ran_out_names_the_case(look: Look, installed: House) -> None:
    open_case(installed, lease_owner="xuzhou-1:4711:9", lease_until=MORNING - timedelta(minutes=3))
    assert "ONB-2026-000041" in look()["leases"][0].sentence


def test_a_failed_case_is_told_with_its_error_and_the_command(look: Look, installed: House) -> None:
    open_case(installed, state=CaseState.FAILED, failures=4, failure="RegistryAway: no answer from the registry")
    found = look()["failed case"][0]
    assert found.state is State.FAIL
    assert "no answer from the registry" in found.sentence
    assert "clientrisk cases retry ONB-2026-000041" in found.sentence


def message(house: House, state: MessageState, key: str = "k1", signer_id: int | None = None) -> None:
    with house.work() as work_unit:
        payload = SignIn() if signer_id is None else asked()
        queue(work_unit, payload, "wang.jun", key, signer_id=signer_id)
        work_unit.session.flush()
        row = work_unit.session.exec(select(OutboxMessage).where(OutboxMessage.dedupe_key == key)).one()
        row.state, row.note = state, "550 mailbox unavailable"


def asked() -> StepAsked:
    return StepAsked(
        case_ref="ONB-2026-000041",
        case_title="徐州恒通钢材贸易有限公司",
        process="onboarding-review",
        step_title="Approval of limit and term",
        question="Is the customer admitted on these terms?",
        due_at=MORNING,
        asked_by="李娜",
    )


def signer_of(house: House, state: str) -> int:
    """王军's place on a step of a case."""
    open_case(house)
    with house.work() as work_unit:
        step = Step(
            case_ref="ONB-2026-000041",
            key="matrix-approval#1",
            name="matrix-approval",
            title="Approval of limit and term",
            content_hash="",
            expiry="lapse",
            opened_at=MORNING,
            due_at=MORNING,
            expires_at=MORNING,
        )
        work_unit.add(step)
        place = Signer(
            step_id=step.id, case_ref=step.case_ref, person_id="wang.jun", level=0, seat="Sales manager", state=state
        )
        work_unit.add(place)
        return place.id or 0


def test_a_dead_message_somebody_waits_for_is_warned_of_with_its_number(look: Look, installed: House) -> None:
    message(installed, MessageState.DEAD, signer_id=signer_of(installed, "asked"))
    found = look()["dead messages"][0]
    assert found.state is State.WARN
    assert "IDs 1" in found.sentence
    assert "550 mailbox unavailable" in found.sentence


@pytest.mark.parametrize("fate", [MessageState.DEAD, MessageState.UNKNOWN])
def test_a_lost_message_about_an_answered_step_troubles_nobody(
    look: Look, installed: House, fate: MessageState
) -> None:
    message(installed, fate, signer_id=signer_of(installed, "signed"))
    assert {"dead messages", "unknown messages"}.isdisjoint(look())


def test_a_lost_sign_in_link_troubles_nobody(look: Look, installed: House) -> None:
    message(installed, MessageState.DEAD)
    assert "dead messages" not in look()


def test_messages_that_are_late_fail(look: Look, installed: House) -> None:
    message(installed, MessageState.PENDING)
    assert look(at=MORNING + timedelta(seconds=30))["outbox"][0].state is State.OK
    late = look(at=MORNING + timedelta(minutes=9))["outbox"][0]
    assert late.state is State.FAIL
    assert "for 9 minutes" in late.sentence


def events(house: House, number: int) -> None:
    with house.work() as work_unit:
        for turn in range(number):
            work_unit.record("case.looked", None, turn=turn)


def test_a_changed_event_among_the_last_breaks_the_chain(look: Look, installed: House) -> None:
    events(installed, 5)
    with unguarded(installed.engine) as connection:
        connection.execute(text("UPDATE audit_event SET data = '{\"turn\": 99}' WHERE seq = 4"))
    found = look()["audit trail"][0]
    assert found.state is State.FAIL
    assert "Event 4 breaks the chain: its content was changed" in found.sentence


def test_events_cut_off_at_the_end_are_missed(look: Look, installed: House) -> None:
    events(installed, 5)
    with unguarded(installed.engine) as connection:
        connection.execute(text("DELETE FROM audit_event WHERE seq = (SELECT max(seq) FROM audit_event)"))
    assert "the last events are missing" in look()["audit trail"][0].sentence


def test_only_a_deep_look_reads_the_whole_trail(look: Look, installed: House) -> None:
    events(installed, 30)
    with unguarded(installed.engine) as connection:
        connection.execute(text("UPDATE audit_event SET event = 'case.closed' WHERE seq = 2"))
    with installed.read() as session:
        assert verify_last(session, 10).broken_at is None
        assert verify_last(session, 1000).broken_at == 2
    assert "Event 2 breaks" in look(deep=True)["audit trail"][0].sentence


@pytest.mark.parametrize("name", ["secret.key", "encryption.key"])
def test_a_key_that_is_gone_fails_and_is_not_made_anew(look: Look, installed: House, name: str) -> None:
    (installed.settings.home / name).unlink()
    found = look()
    assert failing(found) >= {"signing key" if name == "secret.key" else "encryption key"}
    assert not (installed.settings.home / name).exists()


def test_another_key_than_the_data_was_stored_with_fails(look: Look, installed: House) -> None:
    with installed.work() as work_unit:
        work_unit.add(Channel(person_id="li.na", kind="wecom", address="wecombot://0123456789"))
    earlier = (installed.settings.home / "encryption.key").read_text()
    (installed.settings.home / "encryption.key").write_text(Fernet.generate_key().decode())
    assert "not the one" in look()["encryption key"][0].sentence
    added = Fernet.generate_key().decode() + "\n" + earlier
    (installed.settings.home / "encryption.key").write_text(added)
    assert look()["encryption key"][0].state is State.OK


def test_a_key_that_others_may_read_is_warned_of(look: Look, installed: House) -> None:
    (installed.settings.home / "secret.key").chmod(0o644)
    assert look()["signing key"][0].state is State.WARN


def test_mistakes_in_the_policy_are_told_with_their_line(look: Look, tmp_path: Path) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "service.yaml").write_text("acknowledge_query_days: soon\n")
    found = look(policy_folder=tmp_path / "policy")["policy"][0]
    assert found.state is State.FAIL
    assert "service.yaml line 1: " in found.sentence
    assert "more problems" in found.sentence


def test_what_a_folder_of_ones_own_leaves_to_the_package_is_told(look: Look, tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[1] / "unit" / "policies" / "0.1.0", tmp_path / "policy")
    found = look(policy_folder=tmp_path / "policy")["policy"][0]
    assert found.state is State.WARN, "not in force until the next start"
    assert "As packaged, because it does not say: " in found.sentence
    assert "assessment.samples, " in found.sentence
    assert "meeting.yaml" in found.sentence


def test_a_policy_not_yet_in_force_is_warned_of(look: Look, installed: House) -> None:
    with unguarded(installed.engine) as connection:
        connection.execute(text("DELETE FROM policy_version"))
    assert look()["policy"][0].state is State.WARN


def test_years_whose_days_off_are_not_announced_are_warned_of(look: Look) -> None:
    assert look(at=datetime(2025, 6, 2, tzinfo=UTC))["calendar"][0].state is State.OK
    next_year = look(at=datetime(2026, 6, 2, tzinfo=UTC))["calendar"][0]
    assert next_year.state is State.WARN
    assert "2027" in next_year.sentence


def test_a_database_of_another_revision_fails_and_nothing_is_read_from_it(look: Look, installed: House) -> None:
    with installed.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    found = look()
    assert "0000" in found["database"][0].sentence
    assert failing(found) >= {"database", "worker", "cases", "outbox", "audit trail"}


def test_a_damaged_file_fails(look: Look, installed: House) -> None:
    events(installed, 400)
    file = installed.settings.home / "clientrisk.db"
    installed.engine.dispose()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page, root = connection.execute(
            "SELECT (SELECT page_size FROM pragma_page_size), rootpage FROM sqlite_master WHERE name = 'audit_event'"
        ).fetchone()
    with file.open("r+b") as content:
        content.seek((root - 1) * page)
        content.write(b"\xff" * 64)
    assert "damaged" in look()["database file"][0].sentence


def test_a_disk_that_is_nearly_full_fails(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.checks.database.LEAST_FREE", 2**60)
    assert look()["disk space"][0].state is State.FAIL


def test_the_limits_are_those_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name, limit in versions.LIMITS.items():
        assert f"{name}{limit}" in project["dependencies"]


def test_a_package_outside_its_limits_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "installed", lambda name: "0.155.2" if name == "fastapi" else None)
    found = {finding.check: finding for finding in versions.look(Ground(Settings(_env_file=None)))}
    assert found["fastapi"].state is State.FAIL
    assert "<0.151" in found["fastapi"].sentence


def test_the_deployment_is_called_what_the_worker_calls_it() -> None:
    assert services.DEPLOYMENT == DEPLOYMENT

"""What those who watch over the installation read: health part by part, and metrics without any person."""

import re
from datetime import timedelta
from pathlib import Path

import anyio
import httpx
import pytest
import yaml
from anyio.to_thread import current_default_thread_limiter
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import func, select

from api.metrics import Metrics
from models.migrate import latest
from models.operations.heartbeat import beat
from models.tables import OutboxMessage

from .conftest import STEEL_TRADER, TestClient

ROOT = Path(__file__).parents[2]
TOKEN = "correct-horse-battery-staple"


@pytest.fixture
def here(office):
    """Somebody on this very machine."""
    return TestClient(office.app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5000))


def read(house) -> dict[str, float]:
    """Every sample by its name and labels, freshly counted."""
    found = {}
    for family in text_string_to_metric_families(Metrics(house).text().decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def migrated(house) -> None:
    with house.work() as work:
        work.session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        work.session.execute(text("INSERT INTO alembic_version VALUES (:at)"), {"at": latest()})


# -- health ----------------------------------------------------------------------------------------------------------


def test_readiness_tells_each_part(office, house):
    migrated(house)
    beat(house, "host:1", "worker", house.clock(), {})
    answer = office.browser.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "parts": {
            "database": {"status": "ok"},
            "migrations": {"status": "ok"},
            "worker": {"status": "ok", "heartbeat_age_seconds": 0},
        },
    }


def test_without_a_worker_requests_are_still_served(office, house, clock):
    migrated(house)
    assert office.browser.get("/readyz").json()["status"] == "degraded"
    beat(house, "host:1", "worker", house.clock(), {})
    clock.now += timedelta(minutes=5)
    answer = office.browser.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["parts"]["worker"]["heartbeat_age_seconds"] == 300


def test_a_database_of_another_version_is_not_ready(office, house):
    answer = office.browser.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["migrations"]["status"]) == (503, "failing")


def test_a_database_that_is_away_is_not_ready(office, house, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def away():
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(house, "read", away)
    answer = office.browser.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]) == (
        503,
        {"database": {"status": "failing", "detail": "it does not answer"}},
    )
    assert office.browser.get("/healthz").json() == {"status": "ok"}


# -- who reads metrics -----------------------------------------------------------------------------------------------


def test_this_machine_reads_metrics_and_nobody_else(office, here):
    assert here.get("/metrics").status_code == 200
    assert office.browser.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{"x-forwarded-for": "203.0.113.9"}, {"forwarded": "for=203.0.113.9"}, {"host": "risk.hengyuan.example"}],
)
def test_what_comes_through_a_proxy_is_from_elsewhere(here, headers):
    assert here.get("/metrics", headers=headers).status_code == 404


def test_with_a_token_it_is_the_token_that_counts(office, here, house):
    house.settings = house.settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    assert here.get("/metrics").status_code == 404
    assert here.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    assert office.browser.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


# -- what they tell --------------------------------------------------------------------------------------------------


def test_requests_are_counted_by_route_and_status(office, here):
    headers = office.token("li.na")
    ref = office.apply()
    for _ in range(2):
        office.browser.get(f"/api/v1/cases/{ref}", headers=headers)
    office.browser.get("/api/v1/cases/ONB-2026-999999", headers=headers)
    told = here.get("/metrics").text
    line = 'clientrisk_http_requests_total{method="GET",route="/api/v1/cases/{ref}",status="%s"} %s'
    assert line % (200, "2.0") in told
    assert line % (404, "1.0") in told
    assert 'clientrisk_http_request_seconds_count{method="GET",route="/api/v1/cases/{ref}"} 3.0' in told
    assert ref not in told


def test_an_address_that_is_no_route_makes_no_label_of_its_own(office, here):
    for number in range(20):
        office.browser.get(f"/no/such/{number}")
        office.browser.request(f"BREW{number}", "/")
    told = here.get("/metrics").text
    assert "/no/such" not in told
    assert "BREW" not in told


def test_cases_steps_and_messages_are_counted(office, house, clock):
    office.at_approval()
    told = read(house)
    assert told["clientrisk_cases{process=onboarding-review,state=running}"] == 1
    assert told["clientrisk_steps_open"] == 1
    assert told["clientrisk_steps_overdue"] == 0
    with house.read() as session:
        waiting = session.exec(select(func.count()).select_from(OutboxMessage)).one()
    assert told["clientrisk_outbox_messages{state=pending}"] == waiting > 0
    assert told["clientrisk_audit_events_total"] > 5
    assert told["clientrisk_database_bytes"] > 100_000
    clock.now += timedelta(days=10)
    later = read(house)
    assert later["clientrisk_steps_overdue"] == 1
    assert later["clientrisk_outbox_oldest_due_seconds"] == 10 * 86400


def test_workers_are_told_by_their_heartbeats(house, clock):
    assert "clientrisk_worker_heartbeat_age_seconds" not in read(house), "without a worker there is no age"
    for number in (1, 2):
        beat(house, f"host:{number}", "worker", house.clock(), {})
    clock.now += timedelta(seconds=30)
    told = read(house)
    assert (told["clientrisk_workers"], told["clientrisk_worker_heartbeat_age_seconds"]) == (2, 30)
    clock.now += timedelta(minutes=1)
    assert read(house)["clientrisk_workers"] == 0


def test_the_version_is_told(house):
    assert any(name.startswith("clientrisk_build_info{database=sqlite,version=") for name in read(house))


def test_figures_are_counted_at_most_every_ten_seconds(house, monkeypatch):
    counted = []
    metrics = Metrics(house)
    monkeypatch.setattr("api.metrics.figures", lambda *given: counted.append(given) or 1 / 0)
    monkeypatch.setattr("api.metrics.families", lambda _found: ())
    with pytest.raises(ZeroDivisionError):
        metrics.text()
    monkeypatch.setattr("api.metrics.figures", lambda *given: counted.append(given) or "figures")
    metrics.text()
    metrics.text()
    assert len(counted) == 2


def test_a_database_that_is_away_is_told_and_requests_are_still(house, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def away():
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    metrics = Metrics(house)
    metrics.answered("GET", "/cases", 503, 0.2)
    monkeypatch.setattr(house, "read", away)
    told = metrics.text().decode()
    assert "clientrisk_database_up 0.0" in told
    assert 'status="503"' in told


def test_no_person_and_no_customer_is_named(office, here):
    office.at_approval()
    told = here.get("/metrics").text
    for name in ("li.na", "李娜", "王军", STEEL_TRADER["name"], STEEL_TRADER["phone"], STEEL_TRADER["identifier"]):
        assert name not in told


# -- the example alerts ----------------------------------------------------------------------------------------------


def rules():
    return yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]


def exported(house) -> set[str]:
    metrics = Metrics(house)
    metrics.answered("GET", "/cases", 200, 0.01)
    beat(house, "host:1", "worker", house.clock(), {})
    families = text_string_to_metric_families(metrics.text().decode())
    return {name for family in families for name in (family.name, *(sample.name for sample in family.samples))}


def named(expression: str) -> set[str]:
    return set(re.findall(r"\bclientrisk_\w+", expression))


def test_every_metric_an_alert_names_exists(office, house):
    office.at_approval()
    known = exported(house)
    assert rules()
    for rule in rules():
        assert named(rule["expr"]), rule["alert"]
        assert named(rule["expr"]) <= known, rule["alert"]


def test_every_alert_says_what_it_means_and_what_to_do():
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert rule["annotations"]["summary"], rule["alert"]
        assert "docs/" in rule["annotations"]["runbook"], rule["alert"]


def test_every_metric_is_on_the_page(office, house):
    office.at_approval()
    page = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    told = {re.sub(r"_(created|bucket|count|sum)$", "", name) for name in exported(house)}
    ours = {name for name in told if not name.startswith("clientrisk_api_")}
    missing = {name for name in ours if f"`{name}" not in page and f"`{name.removesuffix('_total')}" not in page}
    assert missing == set()


def test_the_process_answers_even_while_every_thread_waits_for_a_silent_database(office):
    async def asks_while_all_wait() -> int:
        threads = current_default_thread_limiter()
        for _ in range(int(threads.total_tokens)):
            threads.acquire_on_behalf_of_nowait(object())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(office.app), base_url="http://127.0.0.1") as asker:
            with anyio.fail_after(10):
                return (await asker.get("/healthz")).status_code

    assert anyio.run(asks_while_all_wait) == 200

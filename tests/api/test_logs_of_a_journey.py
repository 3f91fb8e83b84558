"""A whole case, played through pages, links and the API: no line of any log names a person or holds a secret."""

import logging

import pytest

from config.logging import TextLines
from notifications.channels import channels_of
from notifications.sender import Sender
from tests.conftest import STAFF

from .conftest import STEEL_TRADER


@pytest.fixture
def written(caplog):
    """Every line that any logger writes, as our formatter would write it."""
    caplog.set_level(logging.DEBUG)
    form = TextLines()
    return lambda: "\n".join(form.format(record) for record in caplog.records)


def test_no_log_names_a_person(office, house, written, caplog):
    token = office.token("li.na")
    body = {"process": "onboarding-review", "application": STEEL_TRADER}
    ref = office.browser.post("/api/v1/cases", json=body, headers=token).json()["ref"]
    office.runner.run_ready()
    office.answer(ref, "li.na", "confirm")
    office.answer(ref, "chen.yu", "adjust", points=83, reason="Good neighbours, slow payers.")
    Sender(house, channels_of(house.settings)).send_due()
    link = office.link(ref, "wang.jun")
    assert office.tap(link, "approve", comment="Agreed.").status_code == 303
    office.runner.run_ready()
    browser = office.sign_in("xu.ming")
    for path in (f"/cases/{ref}", "/customers", "/cases?text=钢铁", "/search?q=孙建国", "/no/such/页"):
        browser.get(path)
    office.browser.post(f"/api/v1/steps/{10**9}/decision", json={"phone": STEEL_TRADER["phone"]}, headers=token)
    said = written()
    assert "GET /cases/{ref}" in said, "the log is really written"
    secrets = [
        *(name for _, name, *_ in STAFF),
        STEEL_TRADER["name"],
        STEEL_TRADER["contact"],
        STEEL_TRADER["phone"],
        STEEL_TRADER["identifier"],
        token["authorization"].removeprefix("Bearer "),
        link.rpartition("/")[2],
        "@hengyuan.example",
        "Good neighbours",
        "钢铁",
    ]
    assert [secret for secret in secrets if secret in said] == []


def test_a_request_is_found_again_by_its_id(office, caplog):
    caplog.set_level(logging.INFO, "clientrisk.api")
    answer = office.browser.get("/api/v1/cases", headers={**office.token("li.na"), "x-request-id": "crm-4711"})
    assert answer.headers["x-request-id"] == "crm-4711"


@pytest.mark.parametrize("forged", ["a b", "x" * 65, "a\tb", "<script>", ""])
def test_an_id_that_could_forge_lines_is_not_taken(office, forged):
    answer = office.browser.get("/healthz", headers={"x-request-id": forged})
    assert answer.headers["x-request-id"] != forged
    assert len(answer.headers["x-request-id"]) == 16


def test_a_line_names_its_request_and_its_case(office, house):
    import io

    ref = office.apply()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(TextLines())
    logger = logging.getLogger("clientrisk.api")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        headers = {**office.token("li.na"), "x-request-id": "crm-4711"}
        office.browser.get(f"/api/v1/cases/{ref}", headers=headers)
        office.browser.get("/api/v1/cases/13805201234", headers=headers)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
    first, second = stream.getvalue().splitlines()
    assert first.endswith(f"[case={ref} request=crm-4711]")
    assert second.endswith("[request=crm-4711]")


def test_a_fault_is_logged_with_its_place_and_without_what_was_sent(office, caplog, monkeypatch):
    def broken(*_given, **_more):
        raise ValueError(f"cannot read {STEEL_TRADER['contact']}")

    monkeypatch.setattr("api.routes.cases.cases", broken)
    answer = office.browser.get("/api/v1/cases", headers=office.token("li.na"))
    assert answer.status_code == 500
    (record,) = [one for one in caplog.records if one.levelname == "ERROR"]
    told = TextLines().format(record)
    assert "ValueError" in told
    assert "test_logs_of_a_journey.py" in told
    assert STEEL_TRADER["contact"] not in told

"""Masked fields: shown once, to few, for a reason, so many an hour, and always on record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from models.tables import AuditEvent, Customer, Look

NUMBER, PHONE, CODE = "K-000001", "13805201234", "91320300MA1MRWPX2H"
WHY = "回访电话核实付款日期"
WHO_MAY = ("li.na", "chen.yu", "wu.gang", "feng.bo", "zheng.li", "he.jing")
WHO_MAY_NOT = ("zhou.hong", "xu.ming")


@pytest.fixture
def steel(office) -> str:
    """The steel trader, whom 李娜 handles."""
    office.apply()
    return NUMBER


def ask(office, browser, field: str = "phone", reason: str = WHY, lang: str = "en"):
    form = office.forms(f"/customers/{NUMBER}", browser)[f"unmask-{field}"]
    return browser.post(f"/customers/{NUMBER}/unmask?lang={lang}", data={**form, "reason": reason})


def looks(office) -> list[tuple[str, str, str]]:
    with office.house.read() as session:
        shown = select(Look).where(Look.reason != "").order_by(Look.id)
        return [(one.person_id, one.what, one.reason) for one in session.exec(shown)]


@pytest.mark.parametrize("who", WHO_MAY)
def test_who_works_with_the_customer_is_shown_the_field_for_a_reason(office, steel, who):
    browser = office.sign_in(who)
    assert PHONE not in browser.get(f"/customers/{NUMBER}").text
    answer = ask(office, browser)
    assert answer.status_code == 200
    assert PHONE in answer.text
    assert CODE not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert PHONE not in browser.get(f"/customers/{NUMBER}").text
    assert looks(office) == [(who, "phone", WHY)]
    event = office.events("customer.unmasked")[0]
    assert (event.actor_id, event.data) == (who, {"customer": NUMBER, "field": "phone", "reason": WHY})


@pytest.mark.parametrize("who", WHO_MAY_NOT)
def test_who_only_watches_is_not_offered_it_and_is_refused(office, steel, who):
    browser = office.sign_in(who)
    assert "unmask-phone" not in office.forms(f"/customers/{NUMBER}", browser)
    answer = office.browser.post(
        f"/api/v1/customers/{NUMBER}/unmask", json={"field": "phone", "reason": WHY}, headers=office.token(who)
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert PHONE not in answer.text
    assert looks(office) == []


def test_who_may_not_know_of_the_customer_learns_nothing(office, steel):
    answer = office.browser.post(
        f"/api/v1/customers/{NUMBER}/unmask", json={"field": "phone", "reason": WHY}, headers=office.token("sun.tao")
    )
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("reason", "said"), [("", "in at least 5 characters"), ("  核 实 ", "in at least 5"), ("x" * 301, "At most 300")]
)
def test_without_a_proper_reason_nothing_is_shown_and_what_was_typed_is_kept(office, steel, reason, said):
    browser = office.sign_in("chen.yu")
    answer = ask(office, browser, reason=reason)
    assert answer.status_code == 422
    assert said in answer.text
    assert PHONE not in answer.text
    assert office.forms(f"/customers/{NUMBER}", browser)
    assert looks(office) == []
    assert office.events("customer.unmasked") == []


def test_a_form_of_elsewhere_shows_nothing(office, steel):
    browser = office.sign_in("chen.yu")
    answer = browser.post(f"/customers/{NUMBER}/unmask", data={"field": "phone", "reason": WHY, "_csrf": "x"})
    assert answer.status_code == 403
    assert PHONE not in answer.text
    assert browser.get(f"/customers/{NUMBER}/unmask").status_code == 405


@pytest.mark.parametrize("field", ["email", "name", "", "phone' --"])
def test_only_the_encrypted_fields_can_be_asked_for(office, steel, field):
    browser = office.sign_in("chen.yu")
    form = office.forms(f"/customers/{NUMBER}", browser)["unmask-phone"]
    data = {**form, "field": field, "reason": WHY}
    assert browser.post(f"/customers/{NUMBER}/unmask", data=data).status_code == 422
    body = {"field": field, "reason": WHY}
    answer = office.browser.post(f"/api/v1/customers/{NUMBER}/unmask", json=body, headers=office.token("chen.yu"))
    assert answer.status_code == 422


def test_what_is_not_on_record_is_told_so_and_costs_nothing(office, steel):
    with office.house.work() as work:
        work.session.get_one(Customer, 1).phone = None
    body = {"field": "phone", "reason": WHY}
    answer = office.browser.post(f"/api/v1/customers/{NUMBER}/unmask", json=body, headers=office.token("chen.yu"))
    assert answer.status_code == 404
    assert looks(office) == []


def test_so_many_an_hour_and_no_more_then_again(office, steel, clock):
    headers, body = office.token("chen.yu"), {"field": "identifier", "reason": WHY}
    path = f"/api/v1/customers/{NUMBER}/unmask?lang=en"
    limit = office.house.settings.unmasks_per_hour
    assert [office.browser.post(path, json=body, headers=headers).status_code for _ in range(limit)] == [200] * limit
    refused = office.browser.post(path, json=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (429, "unmasked-too-often")
    assert f"{limit} masked fields" in refused.json()["detail"]
    assert CODE not in refused.text
    assert len(looks(office)) == limit
    assert office.events("customer.unmasking-refused")[0].data == {"customer": NUMBER}
    page = ask(office, office.sign_in("chen.yu"))
    assert page.status_code == 429
    assert PHONE not in page.text

    assert office.browser.post(path, json=body, headers=office.token("zheng.li")).status_code == 200
    clock.now += timedelta(hours=1, seconds=1)
    assert office.browser.post(path, json=body, headers=headers).status_code == 200


def test_the_audit_trail_and_the_logs_never_hold_the_field_itself(office, steel, caplog):
    ask(office, office.sign_in("chen.yu"))
    with office.house.read() as session:
        kept = [str(event.data) for event in session.exec(select(AuditEvent))]
    assert not any(PHONE in one or CODE in one for one in [*kept, caplog.text])

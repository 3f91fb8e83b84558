"""The overview of operations: figures that lead somewhere, what needs a hand, who did what, and lists as files."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import pytest

from config.words import MessageState, Role
from models.tables import AuditEvent, Customer, Heartbeat, Invoice, OutboxMessage, Payment, Person
from tasks.overdue_scan import scan_overdue


def overview(office, who: str = "xu.ming") -> dict:
    answer = office.browser.get("/api/v1/operations", headers={**office.token(who), "accept-language": "en"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def findings(office) -> list[str]:
    with office.house.work() as work:
        work.session.get_one(Person, "xu.ming").language = "en"
    return [one["text"] for one in overview(office)["findings"]]


def beat(office) -> None:
    with office.house.work() as work:
        work.add(Heartbeat(name="w", kind="worker", at=work.now, since=work.now))


def test_figures_of_cases_messages_and_workers(office):
    office.at_approval()
    beat(office)
    view = overview(office)
    assert view["queue"] == {"all": 1, "late": 0, "stuck": 0, "failed": 0}
    assert view["messages"]["waiting"] == 4
    assert view["workers"] == 1
    assert view["audit_trail_holds"] is True


def test_a_worker_that_fell_silent_is_not_alive(office):
    beat(office)
    office.clock.now += timedelta(minutes=2)
    assert overview(office)["workers"] == 0
    assert any(one.startswith("No worker is heard of") for one in findings(office))


def test_the_last_scan_is_told(office):
    assert overview(office)["last_scan"] is None
    scan_overdue(office.house)
    assert overview(office)["last_scan"]["on"] == "2026-03-10"


def test_messages_given_up_or_late_need_a_hand(office):
    beat(office)
    office.at_approval()
    with office.house.work() as work:
        work.session.get_one(OutboxMessage, 1).state = MessageState.DEAD
    assert any(one.startswith("Messages given up: 1") for one in findings(office))
    office.clock.now += timedelta(minutes=2)
    assert any(one.startswith("Messages due and not sent: 3") for one in findings(office))


def test_a_role_that_the_policy_needs_and_nobody_holds_is_told(office):
    assert not any("Vice-president" in one for one in findings(office))
    with office.house.work() as work:
        work.session.get_one(Person, "zhou.hong").roles = [Role.MANAGER]
    assert any("Vice-president in charge" in one for one in findings(office))


def test_a_trail_that_was_tampered_with_is_told(office):
    office.apply()
    with office.house.work() as work:
        event = work.session.get_one(AuditEvent, 2)
        event.chained = {**event.chained, "handler": "somebody.else"}
    view = overview(office)
    assert view["audit_trail_holds"] is False
    assert any("breaks the audit trail" in one for one in findings(office))


def test_the_page_leads_to_each_list_and_says_who_did_what(office):
    ref = office.at_approval()
    headers = office.token("xu.ming")
    office.browser.post(f"/api/v1/operations/queue/{ref}/wake", headers=headers)
    page = office.sign_in("xu.ming").get("/operations?lang=en").text
    for path in (
        "/operations/queue",
        "/operations/queue?which=late",
        "/operations/queue?which=stuck",
        "/operations/queue?which=failed",
        "/operations/messages?state=dead",
        "/import/customers",
        "/ledger/import",
        "/operations/staff/import",
    ):
        assert f'href="{path}"' in page
    assert "had a case looked at again" in page
    assert "徐明" in page


def test_an_auditor_looks_and_is_offered_no_import(office):
    with office.house.work() as work:
        work.session.get_one(Person, "sun.tao").roles = [Role.AUDITOR]
    page = office.sign_in("sun.tao").get("/operations").text
    assert "/operations/staff/import" not in page
    assert "/import/customers" not in page


# -- lists as files ---------------------------------------------------------------------------------------------------


@pytest.fixture
def traders(office) -> None:
    """A steel trader of 李娜's, one of 孙涛's that calls itself a formula, an invoice and a payment."""
    with office.house.work() as work:
        steel = Customer(type="medium_enterprise", name="徐州恒远钢铁", handler_id="li.na", created_at=work.now)
        trap = Customer(type="small_enterprise", name="=cmd|'/c calc'!A1", handler_id="sun.tao", created_at=work.now)
        work.add(steel, trap)
        work.add(
            Invoice(
                number="@SUM(A1)",
                customer_id=steel.id,
                amount=Decimal("1240000.00"),
                outstanding=Decimal("1240000.00"),
                issued_on=date(2026, 1, 5),
                due_on=date(2026, 2, 5),
                recorded_at=work.now,
            ),
            Payment(
                reference="HK-1",
                customer_id=trap.id,
                amount=Decimal("500.00"),
                unallocated=Decimal("500.00"),
                received_on=date(2026, 3, 1),
                source="page",
                recorded_at=work.now,
            ),
        )


def rows_of(answer) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def sheet_of(answer) -> str:
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def test_a_name_that_is_a_formula_stays_a_name(office, traders):
    rows = rows_of(office.sign_in("chen.yu").get("/exports/customers.csv?lang=en"))
    assert rows[0][:3] == ["Number", "Name", "Type"]
    assert {row[1] for row in rows[1:]} == {"徐州恒远钢铁", "'=cmd|'/c calc'!A1"}
    sheet = sheet_of(office.sign_in("chen.yu").get("/exports/customers.xlsx"))
    assert "<t>=cmd|'/c calc'!A1</t>" in sheet
    assert "<f>" not in sheet


def test_everybody_takes_what_they_may_see(office, traders):
    rows = rows_of(office.sign_in("li.na").get("/exports/customers.csv"))
    assert [row[1] for row in rows[1:]] == ["徐州恒远钢铁"]
    assert len(rows_of(office.sign_in("li.na").get("/exports/payments.csv"))) == 1
    assert len(rows_of(office.sign_in("zheng.li").get("/exports/payments.csv"))) == 2


def test_customers_are_exported_as_the_list_is_filtered(office, traders):
    rows = rows_of(
        office.sign_in("chen.yu").get("/exports/customers.csv", params={"text": "钢铁", "level": "nonsense"})
    )
    assert [row[1] for row in rows[1:]] == ["徐州恒远钢铁"]


def test_invoices_keep_exact_amounts_and_harmless_numbers(office, traders):
    rows = rows_of(office.sign_in("zheng.li").get("/exports/invoices.csv?lang=en"))
    line = dict(zip(rows[0], rows[1], strict=True))
    assert (line["Number"], line["Amount (yuan)"], line["Days overdue"]) == ("'@SUM(A1)", "1240000.00", "33")
    assert "<v>1240000</v>" in sheet_of(office.sign_in("zheng.li").get("/exports/invoices.xlsx"))


def test_every_export_is_on_record(office, traders):
    office.sign_in("chen.yu").get("/exports/customers.csv?text=钢")
    [event] = office.events("export.taken")
    assert event.actor_id == "chen.yu"
    assert event.data == {"what": "customers", "format": "csv", "filters": {"text": "钢"}}


def test_there_are_no_other_exports(office):
    browser = office.sign_in("xu.ming")
    assert browser.get("/exports/secrets.csv").status_code == 404
    assert browser.get("/exports/customers.pdf").status_code == 404
    assert office.new_browser().get("/exports/customers.csv").status_code == 303


def test_a_long_list_is_exported_whole(office, monkeypatch):
    monkeypatch.setattr("api.exports.AT_ONCE", 3)
    with office.house.work() as work:
        work.add(*(Customer(type="individual", name=f"客户{n}", created_at=work.now) for n in range(10)))
    rows = rows_of(office.sign_in("chen.yu").get("/exports/customers.csv"))
    assert sorted(row[1] for row in rows[1:]) == sorted(f"客户{n}" for n in range(10))


def test_programs_take_the_same_files(office, traders):
    answer = office.browser.get("/api/v1/exports/customers.csv?text=钢铁", headers=office.token("chen.yu"))
    assert [row[1] for row in rows_of(answer)[1:]] == ["徐州恒远钢铁"]
    assert office.events("export.taken")[0].actor_kind == "program"
    assert office.browser.get("/api/v1/exports/secrets.csv", headers=office.token("chen.yu")).status_code == 422

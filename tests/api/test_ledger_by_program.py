"""The ledger by program: who may write in it, what is told, and how lists go on."""

import warnings
from datetime import date

import pytest
from sqlmodel import select

from models.audit import verify
from models.operations.access import Scope
from models.tables import Allocation, AuditEvent, Invoice, Payment
from tests.api.test_openapi import probe
from tests.ledger import GRAIN_TRADER, debtor, invoice, payment, steel_trader_owes

with warnings.catch_warnings():  # its own dependencies warn when they are imported
    warnings.simplefilter("ignore")
    import schemathesis

FINANCE, ADMINISTRATOR, HANDLER, OTHER_HANDLER, OPS = "zheng.li", "he.jing", "li.na", "sun.tao", "xu.ming"
PAID = {"reference": "ICBC-1", "customer": "K-000001", "amount": "500000.00", "received_on": "2026-03-09"}
ISSUED = {
    "number": "FP-0311",
    "customer": "K-000001",
    "amount": "60000.00",
    "issued_on": "2026-03-01",
    "due_on": "2026-04-30",
}


@pytest.fixture
def owing(office):
    steel_trader_owes(office.house)
    return office


def post(office, path, body, who=FINANCE, *scopes, language="en"):
    headers = office.token(who, *(scopes or (Scope.LEDGER,))) | {"accept-language": language}
    if isinstance(body, bytes):
        return office.browser.post(f"/api/v1{path}", content=body, headers=headers | {"content-type": "text/csv"})
    return office.browser.post(f"/api/v1{path}", json=body, headers=headers)


def get(office, path, who=FINANCE):
    answer = office.browser.get(f"/api/v1{path}", headers=office.token(who, Scope.READ))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_payment_is_entered_once_and_says_what_it_settled(owing):
    first = post(owing, "/payments", PAID)
    assert first.status_code == 201, first.text
    assert first.json() == {
        "reference": "ICBC-1",
        "customer": "K-000001",
        "amount": "500000.00",
        "unallocated": "0.00",
        "settled": [{"invoice": "FP-0117", "amount": "400000.00"}, {"invoice": "FP-0209", "amount": "100000.00"}],
        "repeated": False,
    }
    again = post(owing, "/payments", PAID)
    assert (again.status_code, again.json()) == (200, {**first.json(), "repeated": True})
    (event,) = owing.events("payment.recorded")
    assert (event.actor_kind, event.actor_id, event.data["source"]) == ("program", FINANCE, "api")


def test_another_payment_under_the_same_reference_is_a_conflict_in_the_callers_language(owing):
    post(owing, "/payments", PAID)
    answer = post(owing, "/payments", {**PAID, "amount": "5"}, language="zh")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "conflict")
    assert told["detail"] == "ICBC-1 已入账，金额为 500000.00，而非 5.00。"


def test_an_invoice_is_entered_and_listed(owing):
    entered = post(owing, "/invoices", ISSUED, ADMINISTRATOR)
    assert entered.status_code == 201, entered.text
    assert entered.json() == {
        "number": "FP-0311",
        "customer": "K-000001",
        "amount": "60000.00",
        "outstanding": "60000.00",
        "open": True,
    }
    latest, *_ = get(owing, "/invoices?customer=K-000001")["items"]
    assert (latest["number"], latest["days_overdue"], latest["currency"]) == ("FP-0311", 0, "CNY")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/payments", {**PAID, "amount": "-1"}, "amount"),
        ("/payments", {**PAID, "amount": "0"}, "amount"),
        ("/payments", {**PAID, "invoices": ["FP-404"]}, "invoices"),
        ("/payments", {**PAID, "customer": "K-000404"}, "customer"),
        ("/payments", {**PAID, "currency": "EUR"}, "currency"),
        ("/payments", {**PAID, "received_on": "2026-03-11"}, "received_on"),
        ("/payments", {**PAID, "surprise": "1"}, "surprise"),
        ("/invoices", {**ISSUED, "due_on": "2026-02-28"}, "due_on"),
        ("/invoices", {**ISSUED, "amount": "99999999999999999999"}, "amount"),
        ("/invoices", {**ISSUED, "number": " "}, "number"),
        ("/invoices", {**ISSUED, "number": "FP\u0000\u202e"}, "number"),
        ("/invoices", {**ISSUED, "issued_on": "0001-01-01"}, "issued_on"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_entered(owing, path, body, field):
    answer = post(owing, path, body)
    assert answer.status_code == 422, answer.text
    assert field in [problem["field"] for problem in answer.json()["problems"]]
    with owing.house.read() as session:
        assert session.exec(select(Payment)).all() == []
        assert len(session.exec(select(Invoice)).all()) == 2


@pytest.mark.parametrize("path", ["/payments", "/invoices", "/payments/import", "/invoices/import"])
def test_only_finance_the_client_administrator_and_operations_write_in_the_ledger(owing, path):
    body = b"number\n" if path.endswith("import") else PAID if path == "/payments" else ISSUED
    assert post(owing, path, body, HANDLER).status_code == 403
    assert post(owing, path, body, FINANCE, Scope.READ, Scope.OPEN, Scope.DECIDE).status_code == 403
    for who in (FINANCE, ADMINISTRATOR, OPS):
        assert post(owing, path, body, who).status_code != 403


def test_a_handler_sees_the_accounts_of_their_own_customers_only(owing):
    with owing.house.work() as work:
        invoice(work, debtor(work, GRAIN_TRADER, handler=OTHER_HANDLER), "FP-0001", "5000", date(2026, 1, 31))
        payment(work, "K-000002", "ICBC-2", "1", date(2026, 3, 9))
    assert {line["customer"] for line in get(owing, "/invoices", HANDLER)["items"]} == {"K-000001"}
    assert {line["customer"] for line in get(owing, "/invoices")["items"]} == {"K-000001", "K-000002"}
    assert get(owing, "/payments", HANDLER)["items"] == []
    assert get(owing, "/ageing", HANDLER)["total"] == "1240000.00"
    assert get(owing, "/ageing")["total"] == "1244999.00"
    hidden = owing.browser.get("/api/v1/ageing?customer=K-000002", headers=owing.token(HANDLER, Scope.READ))
    assert hidden.status_code == 404


def test_ageing_tells_every_age(owing):
    told = get(owing, "/ageing?customer=K-000001")
    assert {one["age"]: one["amount"] for one in told["ages"]} == {
        "not_due": "0.00",
        "up_to_30": "840000.00",
        "up_to_60": "400000.00",
        "up_to_90": "0.00",
        "older": "0.00",
    }
    assert get(owing, "/ageing?on=2026-01-31")["ages"][0]["amount"] == "1240000.00"


@pytest.mark.parametrize("path", ["/invoices", "/payments"])
def test_a_list_goes_on_where_it_stopped(owing, path):
    with owing.house.work() as work:
        for number in range(5):
            invoice(work, "K-000001", f"FQ-{number}", "5000", date(2026, 5, 31))
            payment(work, "K-000001", f"ICBC-{number}", "5", date(2026, 3, 9))
    seen, cursor = [], ""
    while cursor is not None:
        page = get(owing, f"{path}?limit=2{f'&cursor={cursor}' if cursor else ''}")
        seen += [line.get("number") or line["reference"] for line in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == (7 if path == "/invoices" else 5)
    assert seen[0] in ("FQ-4", "ICBC-4")


def test_only_open_invoices_are_listed_when_asked_for(owing):
    post(owing, "/payments", PAID)
    assert [line["number"] for line in get(owing, "/invoices?open=true")["items"]] == ["FP-0209"]


def test_files_are_taken_whole_or_not_at_all(owing):
    rows = "reference,customer,amount,received_on\nICBC-1,K-000001,500000,2026-03-09\nICBC-2,K-000404,-1,2026-03-09\n"
    refused = post(owing, "/payments/import", rows.encode())
    assert (refused.status_code, refused.json()["code"]) == (422, "import-refused")
    assert refused.json()["problems"] == [{"field": "row 3: amount", "message": "More than 0."}]
    right = post(owing, "/payments/import", rows.replace("404,-1", "001,1").encode())
    assert right.json() == {
        "rows": 2,
        "encoding": "utf-8",
        "new": 2,
        "repeated": 0,
        "settled": "500001.00",
        "credit": "0.00",
    }


@pytest.mark.filterwarnings("ignore")
def test_whatever_finance_sends_the_answer_is_one_that_is_announced(owing):
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", owing.app)
    ledger = schema.include(tag="Ledger")
    probed = [result.ok() for result in ledger.get_all_operations()]
    for operation in probed:
        probe(operation, owing.token(FINANCE))
    assert len(probed) == 7
    with owing.house.read() as session:
        assert verify(session).broken_at is None
        paid = sum(session.exec(select(Payment.amount)).all())
        settled = sum(session.exec(select(Allocation.amount)).all())
        assert paid == settled + sum(session.exec(select(Payment.unallocated)).all())


# -- pages -------------------------------------------------------------------------------------------------------------


def test_finance_sees_who_owes_most_and_opens_the_account(owing):
    with owing.house.work() as work:
        invoice(work, debtor(work, GRAIN_TRADER), "FP-0001", "5000", date(2026, 1, 31))
    browser = owing.sign_in(FINANCE)
    page = browser.get("/ledger?lang=en").text
    assert page.index("徐州恒通钢材贸易有限公司") < page.index(GRAIN_TRADER)
    assert "1,245,000.00" in page
    assert GRAIN_TRADER not in browser.get("/ledger?q=徐州").text
    assert GRAIN_TRADER in browser.get("/ledger?q=K-000002").text
    account = browser.get("/ledger/K-000001").text
    assert "FP-0117" in account
    assert "38 days overdue" in account
    assert "逾期 38 天" in browser.get("/ledger/K-000001?lang=zh_CN").text
    assert [event.data for event in owing.events("account.looked")] == [{"customer": "K-000001"}] * 2


def test_a_payment_entered_by_hand_is_seen_on_the_account(owing):
    browser = owing.sign_in(FINANCE)
    path = "/ledger/enter/payment"
    form = owing.forms(f"{path}?customer=K-000001", browser)[path]
    assert form["customer"] == "K-000001"
    wrong = browser.post(path, data={**form, "reference": "ICBC-1", "amount": "-5", "received_on": "2026-03-09"})
    assert wrong.status_code == 422
    assert 'value="ICBC-1"' in wrong.text, "what was typed is kept"
    filled = {
        "reference": "ICBC-1",
        "amount": "1,250,000.00",
        "received_on": "2026-03-09",
        "invoices": "FP-0209；FP-0117",
    }
    entered = browser.post(path, data={**form, **filled})
    assert entered.headers["location"] == "/ledger/K-000001?done=payment"
    account = browser.get(entered.headers["location"]).text
    assert "FP-0209: 840,000.00<br>FP-0117: 400,000.00" in account
    assert "10,000.00" in account


def test_a_wrong_file_is_shown_row_by_row_on_the_page(owing):
    browser = owing.sign_in(FINANCE)
    form = owing.forms("/ledger/import", browser)["import-invoice"]
    rows = b"number,customer,amount,issued_on,due_on\nFP-1,K-000001,-1,2026-01-01,2026-01-31\n"
    wrong = browser.post("/ledger/import", data=form, files={"file": ("a.csv", rows)})
    assert wrong.status_code == 422
    assert "<td>amount</td>" in wrong.text
    right = browser.post("/ledger/import", data=form, files={"file": ("a.csv", rows.replace(b"-1,2", b"1,2"))})
    assert right.status_code == 200
    assert "FP-1" in browser.get("/ledger/K-000001").text


@pytest.mark.parametrize("path", ["/ledger/import", "/ledger/enter/payment", "/ledger/template/invoice.csv"])
def test_who_does_not_keep_the_ledger_is_not_let_in(owing, path):
    browser = owing.sign_in(HANDLER)
    assert browser.get(path).status_code == 403
    assert "/ledger/enter" not in browser.get("/ledger").text
    assert owing.sign_in(OTHER_HANDLER).get("/ledger/K-000001").status_code == 404


def test_strange_addresses_harm_nothing(owing):
    browser = owing.sign_in(FINANCE)
    for path in ("/ledger/K-999999", "/ledger/%00", "/ledger/enter/nothing"):
        assert browser.get(path).status_code == 404
    for query in ("page=0", "page=-1", "page=٣", "page=99999999999", "q=%25", "page=2"):
        assert browser.get(f"/ledger?{query}").status_code == 200
    with owing.house.read() as session:
        assert session.exec(select(AuditEvent).where(AuditEvent.event == "account.looked")).all() == []

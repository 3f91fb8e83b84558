"""Beginning a process by hand: whoever may sees it, a form opens it once, customers are found as people name them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import Field

from config.words import CustomerStatus, CustomerType, Department
from models import starting
from models.forms import StepForm
from models.forms.base import Row
from models.forms.common import CUSTOMER, LONG, PERSON, CustomerText, PersonId, Short, Told
from models.house import Work
from models.operations.applications import set_identifier
from models.operations.cases import open_case
from models.processes import ProcessKind
from models.queries.customers import customer_meant
from models.rights import Right
from models.tables import Case, Customer, Person

KIND = ProcessKind("toy-dispute", "DSP", "Disputed debt")
XUZHOU, NAMESAKE = "徐州恒远钢铁贸易有限公司", "宿迁华联物资有限公司"
CODE = "91320300MA1MRWPX2H"


class Paper(Row):
    title: Short = Field(title="Title")
    keeper: PersonId = Field(title="Keeper", json_schema_extra=PERSON)


class Dispute(StepForm):
    form_name = "TestDispute"
    customer: CustomerText = Field(title="Customer", json_schema_extra=CUSTOMER)
    reason: Told = Field(title="Reason", json_schema_extra=LONG)
    papers: tuple[Paper, ...] = Field((), title="Papers", max_length=4)


def open_dispute(work: Work, form: Dispute, by: Person, request_key: str) -> Case:
    customer = customer_meant(work.session, work.house.keys, form.customer)
    return open_case(
        work,
        KIND,
        title=customer.name,
        initiator=by,
        handler=by,
        department=Department.RISK,
        origin="page",
        request_key=request_key,
        customer_id=customer.id,
        given=form.model_dump(mode="json"),
    )


@pytest.fixture(autouse=True)
def _registered(office) -> Iterator[None]:
    starting.starts()
    start = starting.Start(KIND, "A customer disputes what it owes.", Dispute, open_dispute, Right.BEGIN_REPAIR)
    starting.startable(start)
    with office.house.work() as work:
        for name, code in ((XUZHOU, CODE), (NAMESAKE, None), (NAMESAKE, None)):
            customer = Customer(
                type=CustomerType.MEDIUM, name=name, status=CustomerStatus.ADMITTED, created_at=work.now
            )
            if code:
                set_identifier(work, customer, code)
            work.add(customer)
    yield
    starting._STARTS.pop(KIND.name)


def begun(office, browser, **fields: str):
    form = office.forms("/start/toy-dispute", browser)["start"]
    return browser.post("/start/toy-dispute", data={**form, **{n.replace("__", "."): v for n, v in fields.items()}})


def cases(office) -> list[Case]:
    from sqlmodel import select

    with office.house.read() as session:
        return list(session.exec(select(Case)).all())


def test_what_one_may_begin_is_in_the_menu_and_what_not_is_refused(office):
    li_na, xu_ming = office.sign_in("li.na"), office.sign_in("zheng.li")
    assert 'href="/start/toy-dispute"' in li_na.get("/start").text
    assert 'href="/start"' in li_na.get("/").text
    assert 'href="/start/toy-dispute"' not in xu_ming.get("/start").text
    assert xu_ming.get("/start/toy-dispute").status_code == 403
    assert xu_ming.post("/start/toy-dispute", data={}).status_code == 403
    assert li_na.get("/start/no-such-process").status_code == 404


@pytest.mark.parametrize("said", [XUZHOU, CODE, CODE.lower(), "K-000001", "k-000001", f"{XUZHOU} (K-000001)"])
def test_a_customer_is_found_however_they_are_named(office, said):
    answer = begun(office, office.sign_in("li.na"), customer=said, reason="三月的货有质量争议")
    (case,) = cases(office)
    assert answer.headers["location"] == f"/cases/{case.ref}"
    assert (case.title, case.customer_id, case.initiator_id) == (XUZHOU, 1, "li.na")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (NAMESAKE, "K-000002, K-000003"),
        ("K-000099", "There is no customer “K-000099”"),
        ("徐州恒", "There is no customer"),
    ],
)
def test_a_customer_that_nobody_or_several_are_is_told_at_the_field(office, said, told):
    browser = office.sign_in("li.na")
    browser.get("/start?lang=en")
    page = begun(office, browser, customer=said, reason="三月的货有质量争议")
    assert page.status_code == 422
    assert told in page.text
    assert 'id="start-customer-wrong"' in page.text
    assert "三月的货有质量争议" in page.text, "what was typed stays"
    assert cases(office) == []


def test_customers_are_suggested_and_one_in_the_address_is_filled_in(office):
    browser = office.sign_in("li.na")
    page = browser.get("/start/toy-dispute").text
    assert f'<option value="{XUZHOU} (K-000001)">' in page
    assert office.forms("/start/toy-dispute?customer=K-000001", browser)["start"]["customer"] == "K-000001"


def test_the_same_form_sent_twice_opens_one_case(office):
    browser = office.sign_in("li.na")
    form = office.forms("/start/toy-dispute", browser)["start"] | {"customer": CODE, "reason": "x"}
    first, second = (browser.post("/start/toy-dispute", data=form) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert len(cases(office)) == 1


def test_people_in_rows_are_found_and_unknown_ones_refused(office):
    browser = office.sign_in("li.na")
    form = {"customer": CODE, "reason": "x", "papers__1__title": "合同"}
    assert begun(office, browser, **form, papers__1__keeper="王二麻子").status_code == 422
    assert cases(office) == []
    assert begun(office, browser, **form, papers__1__keeper="何静").status_code == 303
    assert cases(office)[0].input["papers"] == [{"title": "合同", "keeper": "he.jing"}]


def test_a_form_of_another_page_is_stale(office):
    browser = office.sign_in("li.na")
    assert begun(office, browser, customer=CODE, reason="x", _csrf="forged").status_code in (400, 403)
    assert cases(office) == []


# -- programs ---------------------------------------------------------------------------------------------------------


def test_programs_learn_what_there_is_and_what_each_form_takes(office):
    items = office.browser.get("/api/v1/processes?lang=en", headers=office.token("li.na")).json()["items"]
    known: dict[str, Any] = {item["name"]: item for item in items}
    dispute = known["toy-dispute"]
    assert (dispute["open_with"], dispute["open_to_me"]) == ("/api/v1/processes/toy-dispute/cases", True)
    assert dispute["form"]["required"] == ["customer", "reason"]
    assert known["onboarding-review"]["open_with"] == "/api/v1/cases"
    others = office.browser.get("/api/v1/processes", headers=office.token("zheng.li")).json()["items"]
    assert not next(item for item in others if item["name"] == "toy-dispute")["open_to_me"]


def test_a_program_begins_a_case_once_under_one_key(office):
    headers = office.token("li.na") | {"idempotency-key": "erp-4711"}
    body = {"customer": "K-000001", "reason": "x", "papers": [{"title": "合同", "keeper": "he.jing"}]}
    first, second = (
        office.browser.post("/api/v1/processes/toy-dispute/cases", json=body, headers=headers) for _ in range(2)
    )
    assert (first.status_code, second.json()) == (201, first.json())
    assert len(cases(office)) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"customer": "nobody", "reason": "x"}, "customer"),
        ({"customer": "K-000001"}, "reason"),
        ({"customer": "K-000001", "reason": "x", "papers": [{"title": "合同", "keeper": "no.one"}]}, "papers.0.keeper"),
        ({"customer": "K-000001", "reason": "x", "papers": "all"}, "papers"),
        ({"customer": "K-000001", "reason": "x", "papers": [7]}, "papers.0"),
    ],
)
def test_a_wrong_body_names_its_field_and_opens_nothing(office, body, field):
    answer = office.browser.post("/api/v1/processes/toy-dispute/cases", json=body, headers=office.token("li.na"))
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["problems"]] == [field]
    assert cases(office) == []


def test_who_may_not_begin_it_by_a_program_either(office):
    body = {"customer": "K-000001", "reason": "x"}
    path = "/api/v1/processes/toy-dispute/cases"
    assert office.browser.post(path, json=body, headers=office.token("zheng.li")).status_code == 403
    assert office.browser.post("/api/v1/processes/x/cases", json=body, headers=office.token("li.na")).status_code == 404


def test_the_document_says_which_forms_open_a_case(office):
    office.app.openapi_schema = None
    spec = office.browser.get("/api/v1/openapi.json").json()
    body = spec["paths"]["/api/v1/processes/{process}/cases"]["post"]["requestBody"]
    wanted = body["content"]["application/json"]["schema"]["anyOf"]
    assert {"$ref": "#/components/schemas/Dispute"} in wanted
    assert "customer" in spec["components"]["schemas"]["Dispute"]["properties"]

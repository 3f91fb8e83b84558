"""A customer's risk archive: which part is open to whom, what it holds, in print too, and that looks are kept."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from config.words import (
    CreditGrade,
    CustomerClass,
    CustomerStatus,
    CustomerType,
    Department,
    ListingCriterion,
    ListingKind,
    RiskLevel,
)
from models.house import person
from models.operations.cases import open_case
from models.operations.remarks import ask_question
from models.processes import ProcessKind
from models.queries.archive_parts import RULES, Circle, Part
from models.queries.initiator import latest_step
from models.tables import (
    Assessment,
    CreditLine,
    Customer,
    Document,
    Invoice,
    Look,
    Nomination,
    Payment,
    Person,
    RiskWarning,
    Routine,
)

NUMBER = "K-000001"
STEEL = "徐州恒远钢铁贸易有限公司"
CLOSE = {Part.RECEIVABLES, Part.CREDIT, Part.ASSESSMENTS}


@pytest.fixture
def steel(office) -> tuple[str, str]:
    """The steel trader of 李娜's with a long history: two credit lines, four assessments, a warning, a nomination.

    Returns its case, and a case about it that is not 李娜's to open."""
    ref = office.apply()
    with office.house.work() as work:
        customer, now = work.session.exec(select(Customer)).one(), work.now
        customer.status, customer.risk_level, customer.credit_grade = (
            CustomerStatus.ADMITTED, RiskLevel.MEDIUM, CreditGrade.C,
        )  # fmt: skip
        officer = work.session.get_one(Person, "liu.yang")
        kind = ProcessKind("toy-inquiry", "INQ", "Inquiry")
        other = open_case(
            work, kind, title=STEEL, customer_id=1, initiator=officer, handler=officer,
            department=Department.RISK, origin="page",
        )  # fmt: skip
        policy = other.policy_version
        for quarter, (points, grade) in enumerate(((91, "A"), (84, "B"), (63, "C"), (47, "D"))):
            work.add(
                Assessment(
                    customer_id=1,
                    case_ref=ref,
                    score={"total": points},
                    credit_grade=CreditGrade(grade),
                    risk_level=RiskLevel.MEDIUM,
                    customer_class=CustomerClass.C,
                    policy_version=policy,
                    made_at=now - timedelta(days=91 * (4 - quarter)),
                )
            )
        old = now - timedelta(days=400)
        work.add(
            CreditLine(customer_id=1, limit=Decimal(500000), term_days=30, effective_from=old, ended_at=now),
            CreditLine(
                customer_id=1, limit=Decimal(1240000), term_days=45, effective_from=now, case_ref=ref,
                recorded_by="he.jing",
            ),
            Routine(customer_id=1, duty="monitoring", every="monthly", next_on=date(2026, 4, 10), set_by=ref),
            RiskWarning(
                customer_id=1, case_ref=other.ref, risk_level=RiskLevel.HIGH,
                departments=[Department.BUSINESS, Department.FINANCE], reason="上游断供", issued_at=now,
            ),
            Nomination(
                customer_id=1, kind=ListingKind.GREY, criterion=ListingCriterion.BREACH, reason="两次拒收",
                raised_by=other.ref, raised_at=now,
            ),
            Document(case_ref=other.ref, kind="letter", reference="DOC-SECRET", received_at=now),
            Invoice(
                number="FP-7", customer_id=1, amount=Decimal(300000), outstanding=Decimal(120000),
                issued_on=date(2026, 1, 5), due_on=date(2026, 2, 5), recorded_at=now,
            ),
            Payment(
                reference="ICBC-1", customer_id=1, amount=Decimal(180000), unallocated=Decimal(0),
                received_on=date(2026, 2, 1), source="import", recorded_at=now,
            ),
        )  # fmt: skip
    return ref, other.ref


def archive(office, who: str) -> dict:
    answer = office.browser.get(f"/api/v1/customers/{NUMBER}?lang=en", headers=office.token(who))
    assert answer.status_code == 200, answer.text
    return answer.json()


def parts(office, who: str) -> set[Part]:
    return {Part(name) for name in archive(office, who)["parts"]}


def page(office, who: str, path: str = "", lang: str = "en") -> str:
    answer = office.sign_in(who).get(f"/customers/{NUMBER}{path}?lang={lang}")
    assert answer.status_code == 200, answer.text
    return answer.text


def ask(office, ref: str, whom: str) -> None:
    with office.house.work(person("li.na")) as work:
        ask_question(work, latest_step(work.session, ref), whom, "Do they still buy rebar from you?")


# -- which part is open to whom ---------------------------------------------------------------------------------------


def test_every_part_has_its_rule():
    assert set(RULES) == set(Part)
    assert {part for part, circle in RULES.items() if circle is Circle.CLOSE} == CLOSE


def test_the_handler_sees_all_but_who_looked(office, steel):
    assert parts(office, "li.na") == set(Part) - {Part.LOOKS}


@pytest.mark.parametrize("who", ["chen.yu", "zheng.li", "feng.bo", "he.jing", "xu.ming"])
def test_those_who_work_with_every_customer_see_all_but_who_looked(office, steel, who):
    assert parts(office, who) == set(Part) - {Part.LOOKS}


@pytest.mark.parametrize("who", ["wu.gang", "zhou.hong"])
def test_those_who_watch_see_who_looked_too(office, steel, who):
    assert parts(office, who) == set(Part)


def test_those_above_the_handler_see_all_once_a_case_concerns_them(office, steel):
    assert office.sign_in("wang.jun").get(f"/customers/{NUMBER}").status_code == 404
    ask(office, steel[0], "wang.jun")
    assert parts(office, "wang.jun") == set(Part)


@pytest.fixture
def asked(office, steel) -> str:
    """孙涛, a colleague, is asked one question about the steel trader's case: it concerns him from now on."""
    ask(office, steel[0], "sun.tao")
    return "sun.tao"


def test_whom_only_a_case_concerns_sees_how_it_stands_but_not_its_money(office, asked):
    whole = archive(office, asked)
    assert {Part(name) for name in whole["parts"]} == set(Part) - CLOSE - {Part.LOOKS}
    assert (whole["debts"], whole["credit_line"], whole["figures"]) == (None, None, {})
    assert (whole["credit_lines"], whole["assessments"]) == ([], [])
    text = page(office, asked)
    for closed in ("FP-7", "ICBC-1", "120,000.00", 'id="receivables"', 'id="credit"', 'id="assessments"'):
        assert closed not in text, closed
    assert "May this customer trade now?" in text
    printed = page(office, asked, "/print")
    assert "FP-7" not in printed
    assert "not open to its reader: Receivables, Credit lines, Assessments, Looks." in printed


# -- what it holds ----------------------------------------------------------------------------------------------------


def test_the_page_tells_the_whole_history(office, steel):
    text = page(office, "wu.gang")
    for told in (
        "¥ 500,000.00", "¥ 1,240,000.00", "何静", "上游断供", "to Business, Finance", "两次拒收", "To be decided",
        "FP-7", "ICBC-1", "Monitoring", "next on 10 Apr 2026", "DOC-0117", "DOC-SECRET",
    ):  # fmt: skip
        assert told in text, told


def test_assessments_are_drawn_and_stand_in_a_table_too(office, steel):
    text = page(office, "chen.yu")
    assert 'aria-label="Score at each assessment, the latest 47 points, grade D"' in text
    assert len(re.findall(r'<circle class="s-dot', text)) == 4
    assert [row["score"] for row in archive(office, "chen.yu")["assessments"]] == [47, 63, 84, 91]
    assert "style=" not in text


def test_a_case_that_one_may_not_open_is_named_but_leads_nowhere(office, steel):
    own, other = steel
    text = page(office, "li.na")
    assert f'href="/cases/{own}"' in text
    assert other in text
    assert f'href="/cases/{other}"' not in text
    assert "DOC-SECRET" not in text
    assert f'href="/cases/{other}"' in page(office, "wu.gang")


def test_a_thousand_invoices_do_not_make_the_page_heavy(office, steel):
    with office.house.work() as work:
        work.add(
            *(
                Invoice(
                    number=f"FP-2026-{n:06d}",
                    customer_id=1,
                    amount=Decimal(1000 + n),
                    outstanding=Decimal(1000 + n),
                    issued_on=date(2026, 1, 5),
                    due_on=date(2026, 2, 5) + timedelta(days=n % 60),
                    recorded_at=work.now,
                )
                for n in range(1000)
            )
        )
    for lang in ("en", "zh_CN"):
        text = page(office, "wu.gang", lang=lang)
        assert len(text.encode()) < 150_000
        assert len(page(office, "wu.gang", "/print", lang).encode()) < 150_000
    text = page(office, "wu.gang")
    assert "… and 981 more." in text
    assert f'href="/ledger/{NUMBER}"' in text


def test_a_customer_of_whom_nothing_is_known_has_a_page_all_the_same(office):
    with office.house.work() as work:
        work.add(Customer(type=CustomerType.SMALL, name="睢宁面粉", created_at=work.now))
    for path in ("", "/print"):
        text = page(office, "wu.gang", path)
        assert "No credit line." in text
        assert "Not rated yet." in text
        assert "None of cases that you may open." in text


# -- in print ---------------------------------------------------------------------------------------------------------


def test_the_print_bears_the_day_the_readers_name_and_nothing_folded_away(office, steel):
    text = page(office, "wu.gang", "/print")
    assert "Printed by 吴刚 on 10 Mar 2026 09:30" in text
    assert '<details class="fold">' not in text
    assert STEEL in text
    assert "9132**********PX2H" in text
    assert "13805201234" not in text
    assert 'class="nav"' not in text
    assert "打印人：吴刚" in page(office, "wu.gang", "/print", "zh_CN")


# -- looks ------------------------------------------------------------------------------------------------------------


def kept(office) -> list[tuple[str, str]]:
    with office.house.read() as session:
        return [(one.person_id, one.what) for one in session.exec(select(Look).order_by(Look.id))]


def test_every_look_is_on_the_audit_trail_and_one_an_hour_in_the_register(office, steel, clock):
    browser = office.sign_in("chen.yu")
    for _ in range(3):
        browser.get(f"/customers/{NUMBER}")
    browser.head(f"/customers/{NUMBER}")
    browser.get(f"/customers/{NUMBER}/print")
    archive(office, "chen.yu")
    assert kept(office) == [("chen.yu", "page"), ("chen.yu", "print"), ("chen.yu", "program")]
    assert len(office.events("customer.looked")) == 5
    clock.now += timedelta(hours=1, seconds=1)
    browser.get(f"/customers/{NUMBER}")
    assert len(kept(office)) == 4


def test_who_looked_is_shown_to_those_who_watch(office, steel):
    page(office, "zheng.li")
    headers = {"field": "phone", "reason": "核实联系电话"}
    path = f"/api/v1/customers/{NUMBER}"
    office.browser.post(f"{path}/unmask", json=headers, headers=office.token("chen.yu"))
    text = page(office, "wu.gang")
    assert "核实联系电话" in text
    assert "Telephone, unmasked" in text
    shown = office.browser.get(f"{path}/looks", headers=office.token("wu.gang")).json()
    told = [(one["person"], one["what"], one["reason"]) for one in shown["items"]]
    assert told == [("wu.gang", "page", ""), ("chen.yu", "phone", "核实联系电话"), ("zheng.li", "page", "")]
    assert ("wu.gang", "register") in kept(office)
    for who in ("li.na", "chen.yu", "xu.ming"):
        assert office.sign_in(who).get(f"/customers/{NUMBER}/looks").status_code == 403
        assert office.browser.get(f"{path}/looks", headers=office.token(who)).status_code == 403
    assert office.sign_in("sun.tao").get(f"/customers/{NUMBER}/looks").status_code == 404


def test_many_looks_go_on_from_page_to_page(office, steel, clock):
    with office.house.work() as work:
        work.add(
            *(
                Look(customer_id=1, person_id="chen.yu", what="page", at=work.now - timedelta(hours=n // 2))
                for n in range(120)
            )
        )
    seen, query, headers = 0, "?limit=50", office.token("wu.gang")
    while query:
        shown = office.browser.get(f"/api/v1/customers/{NUMBER}/looks{query}", headers=headers).json()
        seen += sum(one["person"] == "chen.yu" for one in shown["items"])
        query = f"?limit=50&cursor={shown['next_cursor']}" if shown["next_cursor"] else ""
    assert seen == 120
    first = page(office, "wu.gang", "/looks")
    assert f'href="/customers/{NUMBER}/looks?cursor=' in first
    browser = office.sign_in("wu.gang")
    assert browser.get(f"/customers/{NUMBER}/looks?cursor=nonsense").status_code == 422


# -- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_can_be_narrowed_by_class(office, steel):
    with office.house.work() as work:
        work.session.get_one(Customer, 1).customer_class = CustomerClass.D
        work.add(Customer(type=CustomerType.SMALL, name="睢宁面粉", created_at=work.now))
    browser = office.sign_in("chen.yu")
    text = browser.get("/customers?class=D&lang=en").text
    assert STEEL in text
    assert "睢宁面粉" not in text
    assert '<option value="D" selected>D' in text
    assert STEEL not in browser.get("/customers?class=A").text
    assert browser.get("/customers?class=Z").status_code == 200
    listed = office.browser.get("/api/v1/customers?class=D", headers=office.token("chen.yu")).json()
    assert [one["name"] for one in listed["items"]] == [STEEL]


# -- the books --------------------------------------------------------------------------------------------------------


def test_the_ledger_follows_the_same_rule_as_the_archive(office, steel, asked):
    """A question about one case opens no books: neither the account, nor a line in a list, nor the sums."""
    for who, opens in (("li.na", True), ("zheng.li", True), ("sun.tao", False)):
        browser, headers = office.sign_in(who), office.token(who)
        assert browser.get(f"/ledger/{NUMBER}").status_code == (200 if opens else 404), who
        assert (STEEL in browser.get("/ledger").text) is opens, who
        invoices = office.browser.get("/api/v1/invoices", headers=headers).json()["items"]
        assert bool(invoices) is opens, who
        payments = office.browser.get("/api/v1/payments", headers=headers).json()["items"]
        assert bool(payments) is opens, who
        total = office.browser.get("/api/v1/ageing", headers=headers).json()["total"]
        assert total == ("120000.00" if opens else "0.00"), who
    assert ("li.na", "account") in kept(office)


def test_those_above_the_handler_see_the_books_of_what_concerns_them(office, steel):
    assert office.browser.get("/api/v1/invoices", headers=office.token("wang.jun")).json()["items"] == []
    for above in ("wang.jun", "qian.wei"):
        ask(office, steel[0], above)
        items = office.browser.get("/api/v1/invoices", headers=office.token(above)).json()["items"]
        assert [one["number"] for one in items] == ["FP-7"], above
        assert office.sign_in(above).get(f"/ledger/{NUMBER}").status_code == 200


def test_what_is_taken_out_as_a_file_is_narrowed_in_the_same_way(office, steel):
    with office.house.work() as work:
        work.session.get_one(Customer, 1).customer_class = CustomerClass.D
        work.add(Customer(type=CustomerType.SMALL, name="睢宁面粉", created_at=work.now))
    file = office.sign_in("chen.yu").get("/exports/customers.csv?class=D").text
    assert STEEL in file
    assert "睢宁面粉" not in file
    assert STEEL in office.sign_in("chen.yu").get("/exports/customers.csv?text=hygt").text

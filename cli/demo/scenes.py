"""The scenes: every way an onboarding review can end, and what must not go wrong on the way."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx

from cli.demo.days import moves_timer
from cli.demo.page import Page
from cli.demo.stage import Opened, Stage
from cli.sample import applications
from config.words import Outcome
from models.messages import CaseClosed, StepAsked, StepDue, StepReminder
from models.operations.access import Scope
from models.processes import ONBOARDING

HANDLER, OTHER_HANDLER = "li.na", "sun.tao"
RISK = ("chen.yu", "liu.yang")

WITHDRAWN: dict[str, Any] = {
    "customer_type": "small_enterprise",
    "name": "徐州市贾汪区金桥商贸有限公司",
    "identifier": "91320305MA2RK7LD5U",
    "contact": "戴勇",
    "phone": "13615108899",
    "industry": "日用百货",
    "requested_limit": "120000.00",
    "requested_term_days": 30,
    "documents": {
        "business_licence": "BU-2026-0110",
        "representative_id": "RE-2026-0111",
        "credit_report": "CR-2026-0112",
    },
}
LAPSING: dict[str, Any] = {
    "customer_type": "medium_enterprise",
    "name": "铜山区利民农机有限公司",
    "identifier": "91320312MA1M4FJ58T",
    "contact": "褚平",
    "phone": "13852100766",
    "industry": "农业机械",
    "requested_limit": "600000.00",
    "requested_term_days": 45,
}


def wrong_file(stage: Stage) -> None:
    """A file with two mistakes is refused whole, each told with its row."""
    rows = list(csv.reader(io.StringIO(applications().decode("utf-8-sig"))))
    header = rows[0]
    rows[2][header.index("requested_limit")] = "四百六十万"
    rows[3][header.index("customer_type")] = "cooperative"
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    page = _import(stage, "wrong.csv", text.getvalue().encode("gb18030"))
    stage.account.expect(page.status == httpx.codes.UNPROCESSABLE_ENTITY, f"422 for a wrong file, not {page.status}")
    stage.account.expect(not _cases_of(stage), "nothing to be imported from a wrong file")
    stage.account.line("wrong.csv (GBK, two rows wrong): every mistake told with its row, nothing imported")


def right_file(stage: Stage) -> list[str]:
    """The sample file opens a case for every row. Returns their references in the file's order."""
    page = _import(stage, "applications.csv", applications())
    taken = page.status == httpx.codes.OK
    stage.account.expect(taken, f"the sample to be taken over, not {page.status}: {page.text[:200]}")
    refs = sorted(_cases_of(stage))
    _import(stage, "applications.csv", applications())
    stage.account.expect(sorted(_cases_of(stage)) == refs, "the same file again to open nothing")
    stage.account.line(f"applications.csv: {len(refs)} cases opened; the same file once more opens none")
    return refs


def _import(stage: Stage, name: str, data: bytes) -> Page:
    browser = stage.browser(HANDLER)
    return browser.send(stage.form(browser.open("/import"), "/import"), file=(name, data))


def _cases_of(stage: Stage) -> list[str]:
    return [case["ref"] for case in stage.list_cases(ONBOARDING.name)]


def straight_approval(stage: Stage, case: str) -> None:
    """Approved along the matrix. On the way: a mail scanner, a second answer, and a button pressed twice."""
    stage.decides(case, HANDLER, "confirm", told="confirms the proposed rating", then=RISK)
    late = stage.opens(case, "liu.yang")
    stage.decides(case, "chen.yu", "confirm", told="confirms it for risk", then=["wang.jun"])
    lower = {"points": "60", "reason": "行业景气下行"}
    stage.is_refused(late, "adjust", lower, status=409, told=f"{stage.name('chen.yu')} has answered")
    stage.account.line(f"{stage.name('liu.yang')} answers too late, and differently: told who decided, what and when")

    signs = stage.opens(case, "wang.jun")
    _scanner_decides_nothing(stage, case, signs)
    stage.answers(signs, "approve", told="approves", then=["zhao.min"])

    form = stage.decides(case, "zhao.min", "approve", {"comment": "同意，按季复核"}, told="approves", then=["he.jing"])
    again = stage.browser("zhao.min").send(form)
    signed = [one for one in stage.signatures(case) if one["person"] == "zhao.min"]
    stage.account.expect(again.status == httpx.codes.OK and len(signed) == 1, "the same answer again to count once")
    stage.account.line(f"{stage.name('zhao.min')} presses the button twice: the same reply, one signature")
    _record_line(stage, case, "XY-2026-001", Outcome.ADMITTED)


def _scanner_decides_nothing(stage: Stage, case: str, opened: Opened) -> None:
    before = stage.signatures(case)
    stage.scans(stage.browser(opened.who).path)
    stage.account.expect(stage.signatures(case) == before, "HEAD and GET to decide nothing")
    stage.account.line(f"A mail scanner follows the link of {stage.name(opened.who)} (HEAD, GET): nothing is decided")


def _record_line(stage: Stage, case: str, number: str, ends: Outcome) -> None:
    stage.decides(case, "he.jing", "record", {"ledger_number": number}, told="records limit and term", ends=ends)


def above_three_million(stage: Stage, case: str) -> None:
    """Above 3 million: every level up to the vice-president, legal and finance too, each signed in (C)."""
    _rated(stage, case)
    for who, then in (("wang.jun", ["zhao.min"]), ("zhao.min", ["qian.wei"]), ("qian.wei", ["feng.bo", "zheng.li"])):
        stage.decides(case, who, "approve", told="approves", then=then, signs_in=True)
    stage.decides(case, "feng.bo", "approve", {"comment": "合同条款无异议"}, told="approves for legal", signs_in=True)
    stage.decides(case, "zheng.li", "approve", told="approves for finance", then=["zhou.hong"], signs_in=True)
    stage.decides(case, "zhou.hong", "approve", told="decides: approved", then=["he.jing"], signs_in=True)
    _record_line(stage, case, "XY-2026-002", Outcome.ADMITTED)


def _rated(stage: Stage, case: str, then: str = "wang.jun") -> None:
    stage.decides(case, HANDLER, "confirm", told="confirms the proposed rating", then=RISK)
    stage.decides(case, "chen.yu", "confirm", told="confirms it for risk", then=[then])


def with_conditions(stage: Stage, case: str) -> None:
    """Risk has the premises looked at; approved at a lower limit, against a guarantee."""
    stage.decides(case, HANDLER, "confirm", told="confirms the proposed rating", then=RISK)
    order = {"purpose": "核实门店与库存是否与申报一致"}
    stage.decides(case, "chen.yu", "visit", order, told="orders a site visit", then=RISK)
    report = {
        "visited_on": stage.today(),
        "visitors": "刘洋、李娜",
        "spoke_with": "经营者 丁晓",
        "impression": "as_stated",
        "findings": "门店正常营业，库存与账面相符，雇员6人。",
    }
    stage.decides(case, "liu.yang", "report", report, told="visits and files the report", then=RISK)
    stage.decides(case, "chen.yu", "confirm", told="confirms the rating", then=["wang.jun"])
    terms = {"limit": "100000", "securities": ["guarantee"], "comment": "由经营者个人提供连带责任保证"}
    told = "approves 100,000 of 150,000, against a guarantee"
    stage.decides(case, "wang.jun", "approve-with-conditions", terms, told=told, then=["he.jing"])
    opened = stage.opens(case, "he.jing")
    wrong = {"limit": "150000", "ledger_number": "XY-2026-003"}
    page = stage.is_refused(opened, "record", wrong, status=422, told="record exactly that")
    kept = stage.account.present(page.answering("record"), "the form to be shown again").data()
    stage.account.expect(kept["ledger_number"] == ["XY-2026-003"], "what was typed to be kept")
    stage.account.line(f"{stage.name('he.jing')} enters 150,000: refused, 100,000 was approved; what was typed is kept")
    stage.answers(
        opened,
        "record",
        {"ledger_number": "XY-2026-003"},
        told="records what was approved",
        ends=Outcome.ADMITTED_WITH_CONDITIONS,
    )


def returned_and_redone(stage: Stage, case: str) -> None:
    """Sent back to the first rating; earlier signatures stay on record and are void (C)."""
    _rated(stage, case)
    stage.decides(case, "wang.jun", "approve", told="approves", then=["zhao.min"])
    why = {"target": "first-rating", "reason": "评级偏高：上年度两次逾期，请业务部门重新评定"}
    stage.decides(case, "zhao.min", "return", why, told="returns it to the first rating", then=[HANDLER])
    void = [one for one in stage.signatures(case) if one["void"]]
    stage.account.expect({one["person"] for one in void} >= {"wang.jun"}, "the signature before the return to be void")
    stage.account.line(f"Void, and kept on record: {', '.join(one['name'] for one in void)}")
    lower = {"points": "62", "reason": "两次逾期，下调"}
    stage.decides(case, HANDLER, "adjust", lower, told="rates again, lower, with a reason", then=RISK)
    stage.decides(case, "chen.yu", "confirm", told="confirms it for risk", then=["wang.jun"])
    stage.decides(case, "wang.jun", "approve", told="approves", then=["zhao.min"])
    stage.decides(case, "zhao.min", "approve", told="approves", then=["he.jing"])
    _record_line(stage, case, "XY-2026-004", Outcome.ADMITTED)


def rejected(stage: Stage, case: str) -> None:
    """On the grey list, grade D: no credit, and not even prepaid trade."""
    _rated(stage, case)
    why = {"reason": "灰名单在列，涉诉较多，暂不合作"}
    stage.decides(case, "wang.jun", "reject", why, told="rejects", ends=Outcome.REFUSED)


def prepaying(stage: Stage, case: str) -> None:
    """Pays before delivery, so it needs no credit line (C)."""
    _rated(stage, case)
    stage.decides(case, "wang.jun", "approve", told="approves", ends=Outcome.ADMITTED_WITHOUT_CREDIT)


def papers_missing(stage: Stage, case: str) -> None:
    """Nothing is reviewed before the application is complete; the handler is asked until it is (C, X)."""
    people = {"contact": "魏东", "phone": "13921755530"}
    stage.decides(case, HANDLER, "supply", people, told="supplies contact and telephone, no paper", then=[HANDLER])
    paper = {"documents.credit_report": "CR-2026-0073"}
    stage.decides(case, HANDLER, "supply", paper, told="supplies the credit report", then=[HANDLER])
    _rated(stage, case)
    stage.decides(case, "wang.jun", "approve", told="approves", then=["zhao.min"])
    stage.decides(case, "zhao.min", "approve", told="approves", then=["he.jing"])
    _record_line(stage, case, "XY-2026-005", Outcome.ADMITTED)


def blacklisted(stage: Stage, case: str) -> None:
    """On the black list: a risk officer confirms the refusal, signed in (B)."""
    why = {"comment": "2025年虚假仓单一案属实"}
    told = "confirms the refusal"
    stage.decides(case, "chen.yu", "confirm", why, told=told, signs_in=True, ends=Outcome.REFUSED)


def opened_by_program(stage: Stage, application: dict[str, Any], key: str) -> str:
    """A program opens a case for a handler; the same request again gives the same case."""
    with stage.program(OTHER_HANDLER, Scope.OPEN) as program:
        body = {"process": "onboarding-review", "application": application}
        answers = [program.post("/cases", json=body, headers={"Idempotency-Key": key}) for _ in range(2)]
    refs = {answer.json().get("ref") for answer in answers}
    opened = all(answer.is_success for answer in answers)
    stage.account.expect(opened, f"the API to open a case: {answers[0].text[:300]}")
    stage.account.expect(len(refs) == 1, "the same request to open one case")
    return str(answers[0].json()["ref"])


def withdrawn(stage: Stage, case: str) -> None:
    """Taken back by the handler who started it."""
    opened = stage.opens(case, OTHER_HANDLER)
    stage.signs_in(OTHER_HANDLER)
    browser = stage.browser(OTHER_HANDLER)
    form = stage.form(browser.open(f"/cases/{case}"), "/withdraw")
    browser.send(form.filled({"reason": "客户改与集团公司统一签约"}))
    stage.account.line(f"{stage.name(OTHER_HANDLER)} signs in and withdraws the case on its page")
    stage.letter(OTHER_HANDLER, case, CaseClosed.kind)
    stage.has_ended(case, Outcome.WITHDRAWN)
    stage.is_refused(opened, "confirm", {}, status=409, told="The case was withdrawn")
    stage.account.line("The page that was still open no longer takes an answer, and says why")


def lapsed(stage: Stage, case: str) -> None:
    """Nobody answers: reminders at half time and at the deadline, then the case lapses, by the system alone."""
    stage.letter(OTHER_HANDLER, case, StepAsked.kind)
    who = stage.name(OTHER_HANDLER)
    stage.account.line(f"Known as a customer already, so {who} is asked why it applies again, and does not answer")
    stage.account.line("(Each timer's date is moved into the past here, in this database; the rest is the product's.)")
    moves_timer(stage, case, "remind_half")
    stage.letter(OTHER_HANDLER, case, StepReminder.kind)
    stage.account.line(f"Half the time has passed: {who} is reminded")
    moves_timer(stage, case, "remind_due")
    stage.letter(OTHER_HANDLER, case, StepDue.kind)
    stage.account.line(f"The deadline has come: {who} is told until when an answer still counts")
    moves_timer(stage, case, "expire")
    stage.letter(OTHER_HANDLER, case, CaseClosed.kind)
    stage.has_ended(case, Outcome.LAPSED)

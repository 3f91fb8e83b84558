"""Collections (X, B): the scan; customers who pay at once, as promised, in part, by a plan; and one who disputes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import httpx

from cli.demo.money import from_payment_to, overdue, overdue_invoices, pays, tell_trading, trading
from cli.demo.routine import run_of
from cli.demo.stage import Stage
from config.words import Outcome
from models.messages import CaseClosed, StepAsked
from models.processes import COLLECTIONS, OVERDUE_SCAN, RECEPTION
from tasks.overdue_scan import scan_overdue

AT_ONCE, AT_LAST = 1.0, 15.0
"""Seconds within which a payment moves its case on a machine that is free for it, and on one that is not."""

HENG_JI, RUI_XIANG, DONG_FANG = "91320382MA1N7R4W2Y", "91320381MA1R3X9C6E", "91320324MA1T6B2N41"
MANIFEST = "manifest.sha256"
LIAN_ZHONG, HONG_TAI = "91320302MA1P2K6Y9N", "91320305MA1U4W8D5A"
OVERDUE = 7
HANDLER, OTHER_HANDLER = "li.na", "sun.tao"
RISK_MANAGER, LEGAL, FINANCE = "wu.gang", "shen.yan", "cao.xin"


@contextmanager
def scanning(stage: Stage, prefect_url: str) -> Iterator[Callable[[], None]]:
    """The overdue scan goes on in Prefect while other things are played; what is given tells what came of it."""
    with run_of(stage, prefect_url, OVERDUE_SCAN, {"anyway": True}) as completed:

        def tell() -> None:
            completed()
            _one_case_each(stage)

        yield tell


def _one_case_each(stage: Stage) -> None:
    """Everybody who owes has one case; another scan opens none."""
    account, cases = stage.account, stage.list_cases(COLLECTIONS.name)
    account.line(
        f"The overdue scan, run in Prefect meanwhile: {len(cases)} customers owe, {len(cases)} cases are opened"
    )
    account.expect(len(cases) == OVERDUE, f"{OVERDUE} collections cases, not {len(cases)}")
    report = scan_overdue(stage.house, anyway=True)
    account.expect(report.opened == 0, f"the scan run again to open none, not {report.opened}")
    account.line("Scanned again, as `clientrisk ledger scan` does: every one of them has its case, none is opened")


def case_of(stage: Stage, code: str) -> str:
    """The collections case of the customer with this credit code."""
    name = trading(stage, code)["name"]
    return next(str(case["ref"]) for case in stage.list_cases(COLLECTIONS.name) if case["title"] == name)


def play_paid_at_once(stage: Stage) -> None:
    """Money comes in while the handler is about to call: the step is overtaken, the case over."""
    case = case_of(stage, HENG_JI)
    stage.account.scene("Paid while the handler is about to call · 邳州市恒基板材有限公司", case)
    calls = stage.opens(case, HANDLER)
    amount = overdue(stage, HENG_JI)
    paid = pays(stage, HENG_JI, amount)
    tell_payment(stage, case, amount, paid.took, "case.closed")
    stage.letter(HANDLER, case, CaseClosed.kind)
    stage.has_ended(case, Outcome.RECOVERED)
    record = {"answer": "not_reached"}
    stage.is_refused(calls, "record", record, status=httpx.codes.CONFLICT, told="")
    stage.account.line(f"{stage.name(HANDLER)} sends the record of a call all the same: told that it is over")


def tell_payment(stage: Stage, case: str, amount: Decimal, took: float, event: str) -> None:
    """How long it took from the payment to the case's next move; longer than it should take is said."""
    span = from_payment_to(stage, case, event)
    stage.account.payments.append(span)
    comes = f"A payment of {amount:,.2f} comes in by the API ({took * 1000:.0f} ms)"
    slow = " (that should be a second at most: this machine has other things to do)" if span > AT_ONCE else ""
    stage.account.line(f"{comes}; {span * 1000:.0f} ms later the case moves{slow}")
    stage.account.expect(span <= AT_LAST, f"the case to move within {AT_LAST:g} s of the payment, not {span:.2f} s")


def play_promise(stage: Stage) -> None:
    """A promise holds the ladder; it is kept."""
    case = case_of(stage, RUI_XIANG)
    stage.account.scene("A promise, kept · 新沂市瑞祥建材有限公司", case)
    amount = overdue(stage, RUI_XIANG)
    opened = stage.opens(case, OTHER_HANDLER)
    promise = {
        "answer": "promises",
        "promise_on": stage.in_days(30),
        "promised": f"{amount}",
        "spoke_with": "鲍春梅 经理",
    }
    stage.is_refused(opened, "record", promise, status=httpx.codes.UNPROCESSABLE_ENTITY, told="at the latest")
    stage.account.line("A promise for in 30 days is refused: it would hold the ladder longer than the policy allows")
    opened = stage.opens_again(opened)
    promise["promise_on"] = stage.in_days(5)
    told = "records a promise for in 5 days"
    stage.answers(opened, "record", promise, told=told, onward="the ladder is held until that day")
    paid = pays(stage, RUI_XIANG, amount)
    tell_payment(stage, case, amount, paid.took, "case.closed")
    stage.has_ended(case, Outcome.RECOVERED)


def play_part_payment(stage: Stage) -> None:
    """A part comes in: the same rung is asked again with the new figures; then comes the rest."""
    case = case_of(stage, DONG_FANG)
    stage.account.scene("Paid in two parts · 睢宁县东方农资有限公司", case)
    amount, part = overdue(stage, DONG_FANG), Decimal(50000)
    stage.letter(HANDLER, case, StepAsked.kind)
    letters = stage.mailbox.so_far()
    paid = pays(stage, DONG_FANG, part)
    tell_payment(stage, case, part, paid.took, "step.opened")
    stage.are_asked(case, [HANDLER], letters)
    opened = stage.opens(case, HANDLER)
    stage.account.expect(
        f"{amount - part:,.2f}" in opened.page.text,
        f"the new figure on the step asked again, not: {opened.page.text[:600]}",
    )
    rest = {"answer": "stalls", "spoke_with": "仇建", "note": "称月底再说"}
    stage.answers(opened, "record", rest, told="is asked again with the rest, and records: stalls", then=[HANDLER])
    stage.account.line("The letter is written, and the credit line frozen with it")
    account = tell_trading(stage, DONG_FANG, "now")
    stage.account.expect(account["prepay"], "no new credit while the line is frozen")
    post = {"posted_on": stage.today(), "carrier": "EMS", "tracking_number": "EM1234567890CN"}
    told = "posts the letter, with its tracking number"
    stage.decides(case, HANDLER, "record", post, told=told, onward="the case waits for the next rung's day")
    paid = pays(stage, DONG_FANG, amount - part)
    tell_payment(stage, case, amount - part, paid.took, "case.closed")
    stage.has_ended(case, Outcome.RECOVERED)
    stage.account.expect(not trading(stage, DONG_FANG)["prepay"], "the line to be free again")
    stage.account.line("The line is free again")


def play_to_the_end_of_the_ladder(stage: Stage) -> None:
    """Every rung, the special group, a lawsuit not approved, a plan approved and kept."""
    case = case_of(stage, LIAN_ZHONG)
    stage.account.scene("Every rung, then a repayment plan · 徐州联众机电设备有限公司", case)
    _climb(stage, case)
    _special_group(stage, case)
    _lawsuit_returned(stage, case)
    _plan_kept(stage, case)


def _climb(stage: Stage, case: str) -> None:
    refuses = {"answer": "refuses", "spoke_with": "费强", "note": "称资金紧张，拒绝安排付款"}
    stage.decides(case, HANDLER, "record", refuses, told="calls: refuses to pay", then=[HANDLER])
    post = {"posted_on": stage.today(), "carrier": "EMS", "tracking_number": "EM2234567890CN"}
    stage.decides(case, HANDLER, "record", post, told="posts the letter", then=[HANDLER])
    alone = {
        "answer": "stalls",
        "visited_on": stage.today(),
        "visitors.0.person": HANDLER,
        "spoke_with": "费强",
        "findings": "厂房仍在生产，法定代表人以应收未到为由拖延。",
    }
    opened = stage.opens(case, HANDLER)
    stage.is_refused(opened, "report", alone, status=httpx.codes.UNPROCESSABLE_ENTITY, told="At least 2 people")
    stage.account.line("A visit by one alone is refused: two go together")
    both = {**alone, "visitors.1.person": OTHER_HANDLER}
    opened = stage.opens_again(opened)
    stage.answers(opened, "report", both, told="files the report of two", then=[RISK_MANAGER])


def _special_group(stage: Stage, case: str) -> None:
    stage.account.expect(not tell_trading(stage, LIAN_ZHONG, "now")["may_trade"], "trading to be stopped at once")
    group = {"legal": LEGAL, "finance": FINANCE, "business": HANDLER, "note": "三十日内收回或起诉"}
    members = [LEGAL, FINANCE, HANDLER]
    stage.decides(case, RISK_MANAGER, "form", group, told="forms the special group", then=members)
    stage.decides(case, FINANCE, "accept", told="accepts")
    stage.decides(case, HANDLER, "accept", told="accepts")
    stage.decides(case, LEGAL, "accept", told="accepts", then=[LEGAL])
    evidence = {
        f"items.{n}.{name}": value
        for n, (kind, reference) in enumerate(
            (("contracts", "HT-2025-088"), ("trades", "FP-2026-0311"), ("correspondence", "WL-2026-12"))
        )
        for name, value in (("kind", kind), ("reference", reference))
    }
    opened = stage.opens(case, LEGAL)
    stage.is_refused(opened, "hand-in", evidence, status=httpx.codes.UNPROCESSABLE_ENTITY, told="say what is lacking")
    whole = {**evidence, "items.3.kind": "collection_records", "items.3.reference": case}
    opened = stage.opens_again(opened)
    stage.answers(opened, "hand-in", whole, told="hands in the evidence, of every kind", then=[HANDLER])
    _evidence_pack(stage, case)


def _evidence_pack(stage: Stage, case: str) -> None:
    """The pack that goes to the lawyer: every file in it has the hash that its list says."""
    pack = ZipFile(BytesIO(stage.comes_in(LEGAL).download(f"/cases/{case}/evidence.zip")))
    lines = pack.read(MANIFEST).decode().splitlines()
    wrong = [
        name
        for told, _, name in (line.partition("  ") for line in lines)
        if sha256(pack.read(name)).hexdigest() != told
    ]
    stage.account.expect(bool(lines) and not wrong, f"every file of the pack to be as its list says, not {wrong}")
    told = f"{stage.name(LEGAL)} fetches the evidence pack: {len(lines)} files, each with the hash that its list says"
    stage.account.line(told)


def _lawsuit_returned(stage: Stage, case: str) -> None:
    suit = {
        "court": "徐州市鼓楼区人民法院",
        "claim": f"{overdue(stage, LIAN_ZHONG)}",
        "grounds": "买卖合同货款逾期，多次催收未果。",
    }
    signers = ["feng.bo", "zheng.li", "zhou.hong"]
    stage.decides(case, HANDLER, "lawsuit", suit, told="proposes a lawsuit", then=signers)
    stage.decides(case, "feng.bo", "approve", told="approves for legal")
    why = {"target": "choose-strategy", "reason": "客户已书面提出分期，先谈还款计划"}
    stage.decides(case, "zhou.hong", "return", why, told="returns it: first a plan", then=[HANDLER])


def _plan_kept(stage: Stage, case: str) -> None:
    owed = overdue(stage, LIAN_ZHONG)
    first = Decimal(100000)
    plan = {
        "instalments.0.due_on": stage.in_days(15),
        "instalments.0.amount": f"{first}",
        "instalments.1.due_on": stage.in_days(45),
        "instalments.1.amount": f"{owed - first}",
        "reason": "客户以设备抵押，并提供还款承诺书。",
    }
    stage.decides(case, HANDLER, "repayment_plan", plan, told="proposes a plan of two instalments", then=["wang.jun"])
    stage.decides(case, "wang.jun", "approve", told="approves", then=["zhao.min"])
    stage.decides(case, "zhao.min", "approve", told="decides: approved", onward="the instalments are watched")
    for amount, event in ((first, "wait.opened"), (owed - first, "case.closed")):
        paid = pays(stage, LIAN_ZHONG, amount)
        tell_payment(stage, case, amount, paid.took, event)
    stage.has_ended(case, Outcome.PLAN_KEPT)
    stage.account.expect(trading(stage, LIAN_ZHONG)["may_trade"], "the stop of trading to be lifted")


def play_dispute(stage: Stage) -> tuple[str, str]:
    """The customer disputes an invoice: the ladder is held and a reception opened. Returns both references."""
    case = case_of(stage, HONG_TAI)
    stage.account.scene("Disputed · 贾汪区宏泰水泥制品有限公司", case)
    invoices = overdue_invoices(stage, HONG_TAI)
    disputed = {
        f"disputed.{n}.{name}": value
        for n, one in enumerate(invoices)
        for name, value in (("number", one["number"]), ("reason", "水泥强度检测不合格，要求退换"))
    }
    call = {"answer": "disputes", "spoke_with": "冷峰", **disputed}
    told = f"calls: {len(invoices)} invoices are disputed"
    stage.decides(case, HANDLER, "record", call, told=told, onward="the ladder is held")
    reception = stage.until(
        lambda: next((str(one["ref"]) for one in stage.list_cases(RECEPTION.name) if "宏泰" in one["title"]), None),
        "a reception to be opened for the dispute",
    )
    stage.account.line(f"The reception {reception} is opened; the collections case waits for its end")
    return case, reception

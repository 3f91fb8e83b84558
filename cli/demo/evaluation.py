"""The quarterly evaluation (C, B): the last full quarter, one exception, changed limits, the report signed off."""

from __future__ import annotations

from decimal import Decimal

import httpx

from cli.demo.beginning import begins, tries_to_begin
from cli.demo.money import trading
from cli.demo.stage import Stage
from config.words import Outcome
from models.processes import EVALUATION
from models.rules.periods import quarter_of

OPERATIONS, RISK_OFFICER, ADMINISTRATOR, MANAGEMENT = "xu.ming", "chen.yu", "he.jing", "zhou.hong"
KEPT = "徐州大湖煤炭运销有限公司"
ABOVE_CAP = "91320312MA1J6F3P80"


def play_evaluation(stage: Stage) -> str:
    """Opened by operations for the last quarter; asked for again, it is the same case."""
    today = stage.house.calendar.day_of(stage.house.clock())
    this = quarter_of(today)
    period = str(this.before)
    refused = tries_to_begin(stage, OPERATIONS, EVALUATION, {"period": str(this)})
    stage.account.expect(refused.status == httpx.codes.UNPROCESSABLE_ENTITY, f"{this} to be refused: it is not over")
    letters = stage.mailbox.so_far()
    case = begins(stage, OPERATIONS, EVALUATION, {"period": period})
    stage.account.scene(f"The whole portfolio · {period}", case)
    stage.account.line(f"{this} is refused: it is not over yet. {period} is opened by {stage.name(OPERATIONS)}")
    stage.are_asked(case, [RISK_OFFICER], letters)
    again = begins(stage, OPERATIONS, EVALUATION, {"period": period})
    stage.account.expect(again == case, f"{period} asked for again to give {case}, not {again}")
    stage.account.line(f"{period} asked for again: the same case")
    _reviewed(stage, case)
    _limits_approved(stage, case)
    _signed_off(stage, case)
    return case


def _reviewed(stage: Stage, case: str) -> None:
    """One customer keeps its grade, with a reason; the rest of the list is confirmed."""
    browser = stage.comes_in(RISK_OFFICER)
    page = browser.open(f"/cases/{case}/changes")
    stage.account.expect(KEPT in page.text, f"{KEPT} to be among the changes, not: {page.text[:300]}")
    number = trading(stage, "91320305MA1H8Q3L7K")["customer"]
    form = stage.form(browser.open(f"/cases/{case}/changes/{number}"), f"/changes/{number}")
    page = browser.send(form.filled({"grade": "C", "reason": "母公司已出具担保，暂不下调，下季度复核"}))
    stage.account.expect(
        page.status == httpx.codes.OK, f"the exception to be taken, not {page.status}: {page.text[:300]}"
    )
    told = f"{stage.name(RISK_OFFICER)} lets {KEPT} keep its grade, with a reason; it is on record by itself"
    stage.account.line(told)
    told = "confirms the rest of the list"
    stage.decides(case, RISK_OFFICER, "confirm", told=told, onward="the changed limits go along the matrix")


def _limits_approved(stage: Stage, case: str) -> None:
    """Whoever the matrix asks, level by level, up to management's signature."""
    signed: list[str] = []
    while (who := stage.until(lambda: _next_to_sign(stage, case, signed), "the next to be asked")) != MANAGEMENT:
        stage.decides(case, who, "approve", told="approves the changed limits", onward="it goes on")
        signed.append(who)


def _next_to_sign(stage: Stage, case: str, signed: list[str]) -> str | None:
    if stage.asked(case, "evaluation-sign-off"):
        return MANAGEMENT
    return next((who for who in stage.asked(case, "limit-changes") if who not in signed), None)


def _signed_off(stage: Stage, case: str) -> None:
    report = stage.comes_in(MANAGEMENT).open(f"/cases/{case}/report")
    stage.account.expect(report.status == httpx.codes.OK, f"the report to open, not {report.status}")
    told = "reads the report and signs it off: ratings take effect"
    stage.decides(case, MANAGEMENT, "sign-off", told=told, then=[ADMINISTRATOR], signs_in=True)
    entry = {"ledger_number": "XY-2026-Q3"}
    told = "records the changed limits"
    stage.decides(case, ADMINISTRATOR, "record", entry, told=told, onward="they take effect")
    stage.until(lambda: stage.case(case)["outcome"], f"{case} to end")
    stage.has_ended(case, Outcome.SIGNED_OFF)
    limit = Decimal(trading(stage, ABOVE_CAP)["credit_limit"])
    cap = next(band.limit for band in stage.house.policy.credit.grades if band.grade == "C")
    stage.account.expect(limit <= cap, f"the limit above its cap to be cut to {cap:,}, not {limit:,}")
    stage.account.line(f"The limit that was above its grade's cap is now {limit:,.2f}")

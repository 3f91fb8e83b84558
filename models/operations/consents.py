"""The register of consents to share (+): record, withdraw, take over from a file, remind. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, select

from config.languages import N_, translate
from config.words import ConsentPurpose, Language, SharedData, Word
from models.audit import Actor
from models.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from models.forms.base import problem_of
from models.forms.consents import ConsentForm
from models.house import House, Work
from models.messages import ConsentEnding, queue
from models.operations.csv_rows import CsvFile, FileReport, ImportRefused, RowProblem
from models.operations.erasure import proper_reason
from models.queries.consents import may_share
from models.queries.ledger import customer_ids, customer_number
from models.rights import Right, holds, not_held
from models.tables import Case, Consent, Customer, Person

COLUMNS = ("customer", "purpose", "recipient", "shares", "given_by", "document", "since", "until")
NEEDED = COLUMNS[:-1]
ALIASES = {
    "客户": "customer",
    "客户编号": "customer",
    "用途": "purpose",
    "接收方": "recipient",
    "共享内容": "shares",
    "同意人": "given_by",
    "文件编号": "document",
    "生效日期": "since",
    "有效期至": "until",
}
MAX_ROWS = 5000


@dataclass
class ConsentsReport(FileReport):
    """What came of a file: how many consents are new, how many were on the register already."""

    new: int = 0
    repeated: int = 0


def keeps_consents(person: Person, customer: Customer) -> bool:
    """Whether this person records and withdraws consents of ``customer``."""
    return customer.handler_id == person.id or holds(person, Right.KEEP_CONSENTS)


def must_keep_consents(person: Person, customer: Customer) -> None:
    """Let pass who keeps the customer's consents.

    Raises:
        NotAllowed: it is for others.
    """
    if not keeps_consents(person, customer):
        raise not_held(Right.KEEP_CONSENTS)


def must_be_shared(session: Session, house: House, case_ref: str, purpose: ConsentPurpose, recipient: str) -> None:
    """Let pass what is taken out of a case for somebody outside: its customer has consented to that today.

    Raises:
        NotFound: there is no such case.
        NotAllowed: there is no consent that covers it.
    """
    case = session.get(Case, case_ref)
    if case is None:
        raise NotFound(N_("There is no case {ref}."), ref=case_ref)
    on, whole = house.calendar.day_of(house.clock()), tuple(SharedData)
    if case.customer_id is None or may_share(session, case.customer_id, purpose, recipient, whole, on) is None:
        told = N_("The customer has not consented that everything on this case is shared with {recipient} for this.")
        raise NotAllowed(told, recipient=recipient)


def consent_given(data: Mapping[str, Any]) -> ConsentForm:
    """``data`` as a consent.

    Raises:
        Invalid: with every problem, by field.
    """
    try:
        return ConsentForm.model_validate(dict(data))
    except ValidationError as error:
        problems = [problem_of(detail) for detail in error.errors(include_url=False, include_input=False)]
        named = [one if one.field else Problem("until", one.message, one.values) for one in problems]
        raise Invalid(N_("Please look at the marked fields."), named) from None


def record_consent(
    work: Work, customer: Customer, given: ConsentForm, by: Person | None = None
) -> tuple[Consent, bool]:
    """Put a consent on the register, and whether it is new. The same paper for the same purpose again changes nothing.

    Raises:
        Conflict: the customer's data was erased, or the paper is on the register with other terms.
    """
    if customer.erased_at is not None:
        raise Conflict(N_("The data of this customer was erased already."))
    same = select(Consent).where(
        Consent.customer_id == customer.id,
        Consent.document == given.document,
        Consent.purpose == given.purpose,
        col(Consent.withdrawn_on).is_(None),
    )
    for known in work.session.exec(same):
        if known.recipient == given.recipient:
            if (known.since, known.until, set(known.shares)) == (given.since, given.until, set(given.shares)):
                return known, False
            told = N_("{document} is on the register with other terms. Withdraw that entry first.")
            raise Conflict(told, document=given.document)
    row = Consent(
        customer_id=customer.id or 0,
        **given.model_dump(),
        recorded_by=by.id if by else None,
        recorded_at=work.now,
    )
    work.add(row)
    work.record(
        "consent.recorded",
        customer=customer_number(customer.id or 0),
        number=row.id,
        purpose=given.purpose,
        shares=given.shares,
        recipient=given.recipient,
        document=given.document,
        since=given.since,
        until=given.until,
    )
    return row, True


def withdraw_consent(work: Work, customer: Customer, consent_id: int, reason: str) -> Consent:
    """End a consent as of today: nothing more is shared under it; that it was given stays on the register.

    Raises:
        NotFound, Conflict, Invalid: not the customer's, over already, without a proper reason.
    """
    row = work.session.get(Consent, consent_id)
    if row is None or row.customer_id != customer.id:
        raise NotFound(N_("There is no such consent."))
    today = work.house.calendar.day_of(work.now)
    if row.withdrawn_on is not None or (row.until is not None and row.until < today):
        raise Conflict(N_("This consent is over already."))
    row.withdrawn_on, row.withdrawn_because = today, proper_reason(reason)
    work.add(row)
    work.record(
        "consent.withdrawn",
        customer=customer_number(row.customer_id),
        number=row.id,
        purpose=row.purpose,
        reason=row.withdrawn_because,
    )
    return row


def import_consents(house: House, actor: Actor, data: bytes, by: Person | None = None) -> ConsentsReport:
    """Put every row of a CSV file on the register, or none. The same file again changes nothing.

    ``customer`` is a number or an identity number; ``shares`` are words separated by blanks or semicolons.

    Raises:
        ImportRefused: the file or any of its rows is wrong; says which, and what.
    """
    report = ConsentsReport()
    rows = list(CsvFile(data, COLUMNS, NEEDED, aliases=ALIASES, max_rows=MAX_ROWS).rows(report))
    with house.work(actor) as work:
        known = customer_ids(work.session, house.keys, [row["customer"] for _, row in rows if row.get("customer")])
        for number, row in rows:
            _enter(work, number, row, known, by, report)
        if not report.done:
            raise ImportRefused(report)
    return report


def _enter(
    work: Work, number: int, row: Mapping[str, str], known: Mapping[str, int], by: Person | None, report: ConsentsReport
) -> None:
    cells: dict[str, Any] = {name: cell.strip() for name, cell in row.items() if cell.strip()}
    customer = work.session.get(Customer, known.get(row.get("customer", ""), 0))
    if customer is None:
        report.complain(number, "customer", N_("There is no such customer."))
        return
    if by is not None and not keeps_consents(by, customer):
        report.complain(number, "customer", N_("You do not keep the consents of this customer."))
        return
    cells.pop("customer")
    cells["purpose"] = _word(ConsentPurpose, cells.get("purpose", ""))
    cells["shares"] = [_word(SharedData, one) for one in _listed(cells.get("shares", ""))]
    try:
        _, new = record_consent(work, customer, consent_given(cells), by)
    except Invalid as error:
        for problem in error.problems:
            report.note(RowProblem(number, problem.field, problem))
    except Conflict as error:
        report.note(RowProblem(number, "document", Problem("document", error.message, error.values)))
    else:
        report.new, report.repeated = report.new + new, report.repeated + (not new)


def _listed(cell: str) -> list[str]:
    return [one for one in cell.replace("；", " ").replace(";", " ").replace("、", " ").split() if one]


def _word(kind: type[Word], cell: str) -> str:
    """A word by its value or its label in either language; anything else as it is, to be refused."""
    for one in kind:
        if cell.lower() in {one.value, one.label.lower(), translate(one.label, Language.ZH_CN)}:
            return one.value
    return cell


def remind_ending(house: House) -> int:
    """Tell the handlers of customers whose consents end within the policy's days; once for each. Returns how many."""
    with house.work() as work:
        today = house.calendar.day_of(work.now)
        last = today + timedelta(days=house.policy.privacy.consent_reminder_days)
        rows = work.session.exec(
            select(Consent, Customer)
            .join(Customer, col(Customer.id) == Consent.customer_id)
            .where(col(Consent.withdrawn_on).is_(None), col(Consent.since) <= last)
            .where(col(Consent.until) >= today, col(Consent.until) <= last)
            .order_by(col(Consent.id))
        ).all()
        for row, customer in rows:
            handler = work.session.get(Person, customer.handler_id) if customer.handler_id else None
            if handler is not None and handler.active and row.until is not None:
                message = ConsentEnding(
                    customer=customer.name,
                    number=customer_number(customer.id or 0),
                    purpose=row.purpose,
                    recipient=row.recipient,
                    document=row.document,
                    until=row.until,
                )
                queue(work, message, handler.id, f"consent:{row.id}:{row.until}")
    return len(rows)

"""Import of customers whom the company trades with already, with their opening figures: every row, or none.

Unlike an application such a customer is admitted as it stands: the company decided about it before it began with this
product. Limit and term become an opening credit line, which has no case; the next evaluation rates everybody anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from sqlmodel import Session, col, select

from config.languages import N_, translate
from config.words import (
    CreditGrade,
    CustomerClass,
    CustomerStatus,
    CustomerType,
    Department,
    Language,
    RiskLevel,
    Word,
)
from models.audit import Actor
from models.errors import Problem
from models.forms.base import problem_of
from models.house import House, Work
from models.onboarding import Amount, TermDays
from models.operations.applications import identifier_digest, set_identifier
from models.operations.csv_rows import CsvFile, FileReport, ImportRefused, RowProblem
from models.queries.ledger import customer_number, slices
from models.rights import Right, holds
from models.rules.identity import check_identifier
from models.tables import CreditLine, Customer, CustomerFigures, Person

MAX_ROWS = 200_000
BATCH = 1000
COLUMNS = (
    "customer_type",
    "name",
    "identifier",
    "contact",
    "phone",
    "email",
    "industry",
    "handler",
    "prepays",
    "risk_level",
    "credit_grade",
    "customer_class",
    "limit",
    "term_days",
)
NEEDED = ("customer_type", "name", "handler")
ALIASES = {
    "客户类型": "customer_type",
    "客户名称": "name",
    "统一社会信用代码": "identifier",
    "证件号码": "identifier",
    "联系人": "contact",
    "电话": "phone",
    "邮箱": "email",
    "行业": "industry",
    "经办人": "handler",
    "先款后货": "prepays",
    "风险等级": "risk_level",
    "信用等级": "credit_grade",
    "客户类别": "customer_class",
    "授信额度": "limit",
    "账期": "term_days",
}
"""The columns as Chinese spreadsheets call them."""
VOCABULARIES: Mapping[str, type[Word]] = {
    "customer_type": CustomerType,
    "risk_level": RiskLevel,
    "credit_grade": CreditGrade,
    "customer_class": CustomerClass,
}
YES_NO = {"yes": True, "true": True, "1": True, "是": True, "no": False, "false": False, "0": False, "否": False}
SOURCE = "opening"


def may_import_customers(person: Person) -> bool:
    """Whether this person may put customers on record that no review has admitted."""
    return holds(person, Right.IMPORT_CUSTOMERS)


class CustomerGiven(BaseModel):
    """A customer as a row gives it. Amounts in yuan, terms in days; figures by the policy's names, as written."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    customer_type: CustomerType
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    identifier: Annotated[str, StringConstraints(max_length=40)] | None = None
    contact: Annotated[str, StringConstraints(max_length=80)] | None = None
    phone: Annotated[str, StringConstraints(max_length=40)] | None = None
    email: Annotated[str, StringConstraints(max_length=254)] | None = None
    industry: Annotated[str, StringConstraints(max_length=80)] | None = None
    handler: Annotated[str, StringConstraints(max_length=64)]
    prepays: bool = False
    risk_level: RiskLevel | None = None
    credit_grade: CreditGrade | None = None
    customer_class: CustomerClass | None = None
    limit: Amount | None = None
    term_days: TermDays | None = None
    figures: dict[str, Annotated[str, StringConstraints(max_length=200)]] = Field(default_factory=dict)


Rows = list[tuple[int, CustomerGiven]]


@dataclass
class CustomersReport(FileReport):
    """What came of a file: how many customers are new, how many were on record already and stay as they are."""

    new: int = 0
    repeated: int = 0
    lines: int = 0
    """Opening credit lines."""


def customer_columns(house: House) -> list[str]:
    """The columns a file may have: the customer's own, then the policy's figures."""
    return [*COLUMNS, *(part.name for part in house.policy.indicators.figures())]


def import_customers(
    house: House, actor: Actor, data: bytes, *, tell: Callable[[int], None] | None = None
) -> CustomersReport:
    """Put every customer of a CSV file on record, or none. Whoever is there already stays as they are.

    ``tell`` is called with the number of customers entered so far.

    Raises:
        ImportRefused: the file or any of its rows is wrong; says which, and what.
    """
    report = CustomersReport()
    file = CsvFile(data, customer_columns(house), NEEDED, aliases=ALIASES, max_rows=MAX_ROWS)
    rows = [(number, given) for number, row in file.rows(report) if (given := _given(house, number, row, report))]
    _refuse_repeats(rows, report)
    _refuse_unfinished(data, report)
    with house.work(actor) as work:
        handlers = _handlers(work.session, rows, report)
        fresh = _not_yet_on_record(work, rows, report)
        if not report.done:
            raise ImportRefused(report)
        for batch in _batches(fresh):
            _enter(work, batch, handlers, report)
            if tell is not None:
                tell(report.new)
        if report.new:
            work.record("customers.imported", rows=report.rows, new=report.new, lines=report.lines)
    return report


def _given(house: House, number: int, row: Mapping[str, str], report: CustomersReport) -> CustomerGiven | None:
    cells = {name: cell.strip() for name, cell in row.items() if cell.strip()}
    given: dict[str, Any] = {name: cells[name] for name in COLUMNS if name in cells}
    for name, vocabulary in VOCABULARIES.items():
        if name in given:
            given[name] = _word(vocabulary, given[name])
    if "prepays" in given:
        given["prepays"] = YES_NO.get(given["prepays"].lower(), given["prepays"])
    if "limit" in given:
        given["limit"] = given["limit"].lstrip("¥￥").replace(",", "").replace("，", "")
    given["figures"] = {name: cell for name, cell in cells.items() if name not in COLUMNS}
    try:
        one = CustomerGiven.model_validate(given)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            report.note(_at(number, problem_of(detail)))
        return None
    problems = list(_faults(house, one))
    for problem in problems:
        report.note(_at(number, problem))
    return None if problems else one


def _at(number: int, problem: Problem) -> RowProblem:
    return RowProblem(number, problem.field.removeprefix("figures."), problem)


def _word(vocabulary: type[Word], cell: str) -> str:
    """A word by its value or by its label in either language (``B 级 · 良好``, or a part of it); else as it is."""
    for word in vocabulary:
        labels = {word.label, translate(word.label, Language.ZH_CN)}
        called = {word.value, *labels, *(part for label in labels for part in label.split(" · "))}
        if cell.lower() in {one.lower() for one in called}:
            return word.value
    return cell


def _faults(house: House, one: CustomerGiven) -> Iterator[Problem]:
    kind = house.policy.onboarding.required[one.customer_type].identifier
    wrong = check_identifier(one.identifier, kind) if one.identifier else None
    if wrong is not None:
        yield Problem("identifier", wrong.label)
    if (one.limit is None) != (one.term_days is None):
        missing = "limit" if one.limit is None else "term_days"
        yield Problem(missing, N_("Limit and term go together: give both, or neither."))
    if one.prepays and one.limit:
        yield Problem("limit", N_("A customer who pays before delivery has no credit limit."))


def _refuse_repeats(rows: Rows, report: CustomersReport) -> None:
    """The same customer twice in one file is a mistake of the file."""
    seen: dict[str, int] = {}
    for number, one in rows:
        same = one.identifier.upper() if one.identifier else f"{one.customer_type.value} {one.name}"
        if same in seen:
            told = N_("The same customer as in row {row}.")
            report.complain(number, "identifier" if one.identifier else "name", told, row=seen[same])
        seen.setdefault(same, number)


def _refuse_unfinished(data: bytes, report: CustomersReport) -> None:
    """A file without an end of line may have been cut off within its last row: a limit of 800 may have been 800000."""
    if report.rows and report.done and not data.endswith((b"\n", b"\r")):
        told = N_("The file ends within this row and may have been cut off. If it is whole, end it with a line break.")
        report.complain(report.rows + 1, "", told)


def _handlers(session: Session, rows: Rows, report: CustomersReport) -> dict[str, Department]:
    """The departments of those who handle the customers, by their ids."""
    wanted = sorted({one.handler for _, one in rows})
    found = select(Person.id, Person.department).where(col(Person.active))
    there = {
        person_id: department
        for some in slices(wanted)
        for person_id, department in session.exec(found.where(col(Person.id).in_(some)))
    }
    for number, one in rows:
        if one.handler not in there:
            report.complain(number, "handler", N_("There is no such active person."))
    return {person_id: Department(department) for person_id, department in there.items()}


def _not_yet_on_record(work: Work, rows: Rows, report: CustomersReport) -> Rows:
    """Those who are new. The same identity number under another name is a mistake of somebody's."""
    digests = {number: identifier_digest(work, one.identifier) for number, one in rows}
    by_digest: dict[str, tuple[int, str]] = {}
    for some in slices(sorted({digest for digest in digests.values() if digest})):
        found = select(Customer.identifier_digest, Customer.id, Customer.name)
        for digest, customer_id, name in work.session.exec(found.where(col(Customer.identifier_digest).in_(some))):
            by_digest.setdefault(digest or "", (customer_id or 0, name))
    bare = sorted({one.name for number, one in rows if digests[number] is None})
    by_name: set[str] = set()
    for some in slices(bare):
        by_name.update(work.session.exec(select(Customer.name).where(col(Customer.name).in_(some))))
    fresh: Rows = []
    for number, one in rows:
        known = by_digest.get(digests[number] or "")
        if known is not None and known[1] != one.name:
            told = N_("This identity number is on record as {number} {name}.")
            report.complain(number, "identifier", told, number=customer_number(known[0]), name=known[1])
        elif known is not None or (digests[number] is None and one.name in by_name):
            report.repeated += 1
        else:
            fresh.append((number, one))
    return fresh


def _batches(rows: Rows) -> Iterator[list[CustomerGiven]]:
    remaining = iter(rows)
    while batch := [one for _, one in islice(remaining, BATCH)]:
        yield batch


def _enter(
    work: Work, batch: Sequence[CustomerGiven], handlers: Mapping[str, Department], report: CustomersReport
) -> None:
    made = [_customer(work, one, handlers) for one in batch]
    work.add(*made)
    for customer, one in zip(made, batch, strict=True):
        if one.figures:
            work.session.add(
                CustomerFigures(customer_id=customer.id or 0, figures=one.figures, source=SOURCE, as_of=work.now)
            )
        if one.limit is not None and one.limit > 0:
            report.lines += 1
            work.session.add(_line(work, customer.id or 0, one.limit, one.term_days or 0))
    work.session.flush()
    work.session.expunge_all()  # the memory of a large file stays flat
    report.new += len(made)


def _customer(work: Work, one: CustomerGiven, handlers: Mapping[str, Department]) -> Customer:
    customer = Customer(
        **one.model_dump(
            include={"name", "contact", "phone", "email", "industry", "prepays", "risk_level", "credit_grade"}
        ),
        type=one.customer_type,
        customer_class=one.customer_class,
        department=handlers[one.handler],
        handler_id=one.handler,
        status=CustomerStatus.ADMITTED,
        created_at=work.now,
    )
    if one.identifier:
        set_identifier(work, customer, one.identifier)
    return customer


def _line(work: Work, customer_id: int, limit: Decimal, term_days: int) -> CreditLine:
    return CreditLine(customer_id=customer_id, limit=limit, term_days=term_days, effective_from=work.now)

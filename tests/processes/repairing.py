"""Builders for credit repair: who applies, who reviews, who decides, and what comes in through links."""

from datetime import date
from typing import Any

from config.words import ListingKind
from models.forms.base import validate
from models.forms.repair import RepairForCustomer
from models.house import person
from models.operations.outside import outside_actor
from models.operations.repair import invite_to_repair, open_repair
from models.outside import purposes
from models.queries.ledger import customer_number
from models.tables import Customer, OutsideLink, OutsideParty, Person
from tests.processes.conftest import Office
from tests.processes.listed import on_the_list, timber_trader

APPLICATION: dict[str, Any] = {
    "corrected": "2025年9月前结清全部货款，更换财务负责人，建立付款台账",
    "standing": "在手订单 620 万元，银行授信 300 万元",
    "evidence": [{"what": "结清证明", "reference": "JQ-2025-31"}],
}
APPROVAL = {"grade": "C", "comment": "同意，按 C 级恢复合作"}


def long_listed(office: Office, kind: ListingKind = ListingKind.GREY, **more: Any) -> int:
    """The timber trader, on a list since the first of February 2025, with nothing overdue since."""
    customer = timber_trader(office)
    on_the_list(office, customer, more.pop("since", date(2025, 2, 1)), kind, **more)
    return customer


def applies(office: Office, customer_id: int, handler: str = "li.na", **changes: Any) -> str:
    """A handler applies for the customer."""
    form = RepairForCustomer.model_validate({"customer": customer_number(customer_id), **APPLICATION, **changes})
    with office.house.work(person(handler)) as work:
        customer = work.session.get_one(Customer, customer_id)
        case = open_repair(work, customer, form, initiator=work.session.get_one(Person, handler))
    office.ref = case.ref
    office.runner.run_ready()
    return case.ref


def invited(office: Office, customer_id: int, email: str | None = "liu@hengfeng.example") -> OutsideLink:
    """李娜 sends the customer the link to the application form."""
    with office.house.work(person("li.na")) as work:
        customer = work.session.get_one(Customer, customer_id)
        return invite_to_repair(work, customer, work.session.get_one(Person, "li.na"), "刘恒丰", email, "13805209988")


def fills_in(office: Office, link: OutsideLink, **form: Any) -> None:
    """What the page behind a link does once the code was right: validate, use the link up, take over."""
    with office.house.work() as work:
        row = work.session.get_one(OutsideLink, link.id)
        party = work.session.get_one(OutsideParty, row.outside_id)
        work.actor = outside_actor(party)
        purpose = purposes()[row.purpose]
        filled = validate(purpose.form, form, purpose.shows(work.session, row))
        row.used_at = work.now
        purpose.takes(work, row, party, filled)
        work.add(row)
        ref = row.case_ref
    office.ref = ref or office.ref
    office.runner.run_ready()


def link_for(office: Office, purpose: str) -> OutsideLink:
    """The link of this purpose that is still open."""
    return next(
        link
        for link in office.all(OutsideLink)
        if link.purpose == purpose and link.used_at is None and link.revoked_at is None
    )


def applies_from_outside(office: Office, customer_id: int) -> None:
    fills_in(office, invited(office, customer_id), applicant="刘恒丰 总经理", **APPLICATION)


def papers_complete(office: Office) -> None:
    office.answers("li.na", "complete")


def risk_reviews(office: Office, **changes: Any) -> None:
    given = {"recommendation": "supports", "grade": "C", "review": "整改到位，付款记录良好", **changes}
    office.answers("chen.yu", "review", **given)


def all_three_agree(office: Office) -> None:
    for who in ("wu.gang", "feng.bo", "zheng.li"):
        office.answers(who, "agree")


def to_the_head(office: Office) -> None:
    """Papers, review and countersignatures are done; the head of department is asked."""
    papers_complete(office)
    risk_reviews(office)
    all_three_agree(office)


def granted(office: Office) -> None:
    to_the_head(office)
    office.answers("qian.wei", "grant", **APPROVAL)

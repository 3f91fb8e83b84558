"""The customer applies for credit repair through a link (B): what was put right, what shows it, how it stands now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from config.languages import N_
from models.errors import Conflict
from models.forms.repair import RepairFromOutside
from models.house import Work
from models.operations.repair import APPLY, open_repair
from models.outside import Purpose, outside_purpose
from models.tables import Customer, OutsideLink, OutsideParty


def _shows(session: Session, link: OutsideLink) -> Mapping[str, Any]:
    party = session.get_one(OutsideParty, link.outside_id)
    return {"company": _name(session, link), "prefill": {"applicant": party.name}}


def _name(session: Session, link: OutsideLink) -> str:
    return session.get_one(Customer, link.customer_id).name


def _takes(work: Work, link: OutsideLink, party: OutsideParty, form: RepairFromOutside) -> None:
    customer = work.session.get_one(Customer, link.customer_id)
    try:
        case = open_repair(work, customer, form, initiator=None, outside=party, request_key=f"outside:{link.id}")
    except Conflict:
        # Nobody outside is told of cases by their numbers, or of what stands on the lists.
        raise Conflict(N_("No application can be made now. Your contact here will tell you more.")) from None
    link.case_ref = case.ref
    work.add(link)


APPLY_REPAIR = outside_purpose(
    Purpose(
        name=APPLY,
        title=N_("Apply for credit repair"),
        intro=N_("Please say what was put right and what shows it. You will be told the result by e-mail."),
        done=N_("Thank you. Your application has been received and will be examined."),
        form=RepairFromOutside,
        shows=_shows,
        takes=_takes,
        valid_days=30,
    )
)

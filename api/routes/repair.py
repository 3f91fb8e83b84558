"""Credit repair besides its steps: the link to apply, and a relapse reported by hand."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field

from api.caller import house_of
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import Decider, Opener
from api.routes.shapes import Given, OpenedCase
from api.routes.taken import Taken, Text
from models.operations.repair_requests import report_relapse, send_repair_link
from models.queries.customer import customer_seen_by

router = APIRouter(tags=["Customers"], responses=PROBLEM_RESPONSES)

Number = Annotated[str, Path(max_length=32, examples=["K-000123"])]


class NewInvitation(Taken):
    """Whom the link goes to. Without an e-mail address the customer's contact passes it on."""

    name: Annotated[Text, Field(min_length=1, max_length=80)]
    email: Annotated[Text, Field(max_length=254)] = ""
    phone: Annotated[Text, Field(max_length=32)] = ""


class NewRelapse(Taken):
    reason: Annotated[Text, Field(min_length=1, max_length=4000)]


class Invited(Given):
    """The invitation on record. The link itself is only ever in the message."""

    invitation: int
    customer: str
    expires_at: str


@router.post("/customers/{number}/repair-link", status_code=201, summary="Invite to apply for credit repair")
def invite(request: Request, caller: Opener, number: Number, body: NewInvitation) -> Invited:
    """The customer gets a link to the application form. 409: it is on no list, or an application is under way.
    Token scope: `open`."""
    house = house_of(request)
    with house.work(caller.actor) as work:
        customer = customer_seen_by(work.session, house, caller.person, number)
        link = send_repair_link(work, customer, caller.person, body.name.strip(), body.email.strip(), body.phone)
    return Invited(invitation=link.id or 0, customer=number, expires_at=link.expires_at.isoformat())


@router.post("/customers/{number}/relapse", summary="Report a relapse")
def relapse(request: Request, caller: Decider, number: Number, body: NewRelapse) -> OpenedCase:
    """In probation it puts the customer back on the list. 409: no credit repair is under way. Token scope: `decide`."""
    house = house_of(request)
    with house.work(caller.actor) as work:
        customer = customer_seen_by(work.session, house, caller.person, number)
        ref = report_relapse(work, customer, caller.person, body.reason.strip())
    return OpenedCase(ref=ref, url=f"{house.settings.base_url}/cases/{ref}")

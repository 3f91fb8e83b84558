"""Consents to share, legal holds, erasure, and everything kept on one customer."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field

from api.caller import house_of
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.cases import CSV_BODY, csv_of
from api.routes.customers import Number
from api.routes.parameters import Decider, Reader
from api.routes.shapes import Given
from api.routes.taken import Taken, Text
from config.words import ConsentPurpose, ErasureState, SharedData
from models.operations.consents import (
    consent_given,
    import_consents,
    must_keep_consents,
    record_consent,
    withdraw_consent,
)
from models.operations.erasure import (
    ask_erasure,
    carry_out,
    confirm_erasure,
    lift_hold,
    must_decide,
    set_hold,
    turn_down_erasure,
)
from models.operations.looks import Looked, register_look
from models.queries.consents import ConsentState, may_share
from models.queries.customer import customer_seen_by
from models.queries.ledger import customer_number
from models.queries.privacy import everything_on
from models.queries.privacy_page import against, privacy_view

router = APIRouter(tags=["Privacy"], responses=PROBLEM_RESPONSES)
RowId = Annotated[int, Path(ge=1, le=2**53)]


class ConsentShown(Given):
    id: int
    purpose: ConsentPurpose
    recipient: str
    shares: list[SharedData]
    given_by: str
    document: str
    since: date
    until: date | None
    state: ConsentState
    withdrawn_on: date | None
    withdrawn_because: str


class HoldShown(Given):
    id: int
    reason: str
    set_by: str | None
    set_at: datetime
    lifted_at: datetime | None
    lifted_because: str


class ErasureShown(Given):
    id: int
    state: ErasureState
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    done_at: datetime | None
    values: int = Field(description="How many values were erased.")


class PrivacyShown(Given):
    """Holds, erasures and what stands against one are for the risk manager and legal; empty for others."""

    customer: str
    erased_at: datetime | None
    consents: list[ConsentShown]
    holds: list[HoldShown]
    erasures: list[ErasureShown]
    stands_against: list[str]


class NewConsent(Taken):
    """A consent. No `until`: it holds until it is withdrawn."""

    purpose: ConsentPurpose
    recipient: Text = Field(min_length=1, max_length=200, examples=["江苏信用保险有限公司"])
    shares: list[SharedData] = Field(min_length=1, max_length=len(SharedData))
    given_by: Text = Field(min_length=1, max_length=80)
    document: Text = Field(min_length=1, max_length=120, examples=["TY-2026-003"])
    since: date
    until: date | None = None


class Because(Taken):
    reason: Text = Field(max_length=1000, examples=["The customer has asked for it in writing."])


class Kept(Given):
    """The entry's number."""

    id: int


class MayShare(Given):
    """`consent` is the number of the one that covers it."""

    may: bool
    consent: int | None


class ConsentsImported(Given):
    rows: int
    new: int
    repeated: int


@router.get("/customers/{number}/privacy", summary="Read a customer's consents, holds and erasures")
def read(request: Request, caller: Reader, number: Number) -> PrivacyShown:
    """Token scope: `read`."""
    house = house_of(request)
    with house.read() as session:
        customer = customer_seen_by(session, house, caller.person, number)
        view = privacy_view(session, house, customer, caller.person)
        stands = against(session, house, customer) if view.decides else []
    language = language_of(request, caller.person)
    return PrivacyShown(
        customer=view.number,
        erased_at=view.erased_at,
        consents=[ConsentShown(**one.model_dump()) for one in view.consents],
        holds=[HoldShown(**one.model_dump()) for one in view.holds],
        erasures=[ErasureShown(**one.model_dump()) for one in view.erasures],
        stands_against=[one.text(language) for one in stands],
    )


@router.get("/customers/{number}/may-share", summary="May this be shared with them")
def ask_may_share(
    request: Request,
    caller: Reader,
    number: Number,
    purpose: ConsentPurpose,
    recipient: Annotated[str, Query(min_length=1, max_length=200)],
    what: Annotated[list[SharedData], Query(min_length=1, max_length=len(SharedData))],
) -> MayShare:
    """Whether one consent covers all of `what`, today. Token scope: `read`."""
    house = house_of(request)
    with house.read() as session:
        customer = customer_seen_by(session, house, caller.person, number)
        today = house.calendar.day_of(house.clock())
        found = may_share(session, customer.id or 0, purpose, recipient, what, today)
    return MayShare(may=found is not None, consent=found.id if found else None)


@router.post("/customers/{number}/consents", status_code=201, summary="Record a consent")
def add(request: Request, caller: Decider, number: Number, body: NewConsent) -> Kept:
    """For the handler, the risk manager, legal and the client administrator. The same again changes nothing. Token
    scope: `decide`."""
    house = house_of(request)
    with house.work(caller.actor) as work:
        customer = customer_seen_by(work.session, house, caller.person, number)
        must_keep_consents(caller.person, customer)
        row, _ = record_consent(work, customer, consent_given(body.model_dump()), caller.person)
    return Kept(id=row.id or 0)


@router.post("/customers/{number}/consents/{row_id}/withdraw", summary="Withdraw a consent")
def withdraw(request: Request, caller: Decider, number: Number, row_id: RowId, body: Because) -> Kept:
    """As of today. Token scope: `decide`."""
    house = house_of(request)
    with house.work(caller.actor) as work:
        customer = customer_seen_by(work.session, house, caller.person, number)
        must_keep_consents(caller.person, customer)
        withdraw_consent(work, customer, row_id, body.reason)
    return Kept(id=row_id)


@router.post("/consents/import", summary="Record many consents from a CSV file", openapi_extra=CSV_BODY)
def import_many(request: Request, caller: Decider, data: Annotated[bytes, Depends(csv_of)]) -> ConsentsImported:
    """Every row, or none; columns `customer`, `purpose`, `recipient`, `shares`, `given_by`, `document`, `since`,
    `until`. Token scope: `decide`."""
    done = import_consents(house_of(request), caller.actor, data, caller.person)
    return ConsentsImported(rows=done.rows, new=done.new, repeated=done.repeated)


@router.post("/customers/{number}/holds", status_code=201, summary="Set a legal hold")
def hold(request: Request, caller: Decider, number: Number, body: Because) -> Kept:
    """For the risk manager and legal. Token scope: `decide`."""
    house = house_of(request)
    with house.work(caller.actor) as work:
        customer = customer_seen_by(work.session, house, caller.person, number)
        row = set_hold(work, customer, caller.person, body.reason)
    return Kept(id=row.id or 0)


@router.post("/holds/{row_id}/lift", summary="Lift a legal hold")
def lift(request: Request, caller: Decider, row_id: RowId, body: Because) -> Kept:
    """For the risk manager and legal. Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:
        lift_hold(work, row_id, caller.person, body.reason)
    return Kept(id=row_id)


@router.post("/customers/{number}/erasures", status_code=201, summary="Ask for a customer's data to be erased")
def ask(request: Request, caller: Decider, number: Number, body: Because) -> Kept:
    """For the risk manager and legal; another person confirms. 409 tells what stands against it. Token scope:
    `decide`."""
    must_decide(caller.person)
    house = house_of(request)
    with house.work(caller.actor) as work:
        customer = customer_seen_by(work.session, house, caller.person, number)
        row = ask_erasure(work, customer, body.reason)
    return Kept(id=row.id or 0)


@router.post("/erasures/{row_id}/confirm", summary="Confirm an erasure, which is then carried out")
def confirm(request: Request, caller: Decider, row_id: RowId) -> Kept:
    """For the risk manager and legal, not for whoever asked. Token scope: `decide`."""
    house = house_of(request)
    with house.work(caller.actor) as work:
        confirm_erasure(work, row_id, caller.person)
    carry_out(house, caller.actor, row_id)
    return Kept(id=row_id)


@router.post("/erasures/{row_id}/turn-down", summary="Turn an erasure down")
def turn_down(request: Request, caller: Decider, row_id: RowId, body: Because) -> Kept:
    """Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:
        turn_down_erasure(work, row_id, caller.person, body.reason)
    return Kept(id=row_id)


@router.get("/customers/{number}/everything", summary="Read everything kept on a customer")
def everything(request: Request, caller: Reader, number: Number) -> dict[str, Any]:
    """For the risk manager and legal; on record. Token scope: `read`."""
    must_decide(caller.person)
    house = house_of(request)
    with house.work(caller.actor) as work:
        customer = customer_seen_by(work.session, house, caller.person, number)
        told = everything_on(work.session, customer)
        work.record("privacy.reported", customer=customer_number(customer.id or 0))
        register_look(work, customer.id or 0, caller.person.id, Looked.EVERYTHING)
    return told

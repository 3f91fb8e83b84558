"""What a rung of the ladder does by itself, and how what people did on it is taken over (X, B)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from config.languages import N_
from config.policy.collections import Rung
from config.words import ContactAnswer, ContactWay, Language, MeasureKind, RungState, RungWay
from models.collections import PaperShown, Times
from models.dunning import dunning_letter
from models.errors import Invalid
from models.forms.collections import CollectionVisitReport, CustomerAnswer, CustomerReply, LetterPosted, TelephoneRecord
from models.house import Work
from models.messages import DunningReminder, ReminderToPassOn, queue, queue_outside
from models.operations.ledger import mark_disputed
from models.operations.outside import outside_party
from models.operations.papers import issuer_of, text_of, write_paper
from models.operations.receptions import open_reception
from models.operations.standing import set_measure
from models.queries.collections import paid_by, rungs_of
from models.rules.ladder import business_day
from models.tables import Case, CollectionContact, CollectionRung, Customer, OutsideParty, Paper, Person
from tasks import of_case
from tasks.case_task import effect
from tasks.collections import open_invoices, owed_of, rules_of

PAY_WITHIN_DAYS = 7
"""Calendar days that a letter leaves for paying, as such letters usually do."""
MAILED = 20
"""Invoices that a mail lists at most; the letter lists them all."""
WAYS = {
    RungWay.REMINDER: ContactWay.REMINDER,
    RungWay.TELEPHONE: ContactWay.TELEPHONE,
    RungWay.LETTER: ContactWay.LETTER,
    RungWay.VISIT: ContactWay.VISIT,
}


# -- a rung begins and ends -----------------------------------------------------------------------------------------


@effect("begin-rung", N_("Begin the rung"))
def begin_rung(work: Work, case: Case, rung_name: str) -> Times:
    """Begin a rung, once: its deadline is set, and what policy ties to it takes effect in the same moment.

    Asked again after a payment, the rung keeps the deadline it was given first; only where a dispute held it beyond its
    end does its time begin anew.
    """
    rung = rules_of(work, case).rung(rung_name)
    known = rungs_of(work.session, case.ref).get(rung_name)
    if known is None:
        known = _begun(work, case, rung)
    elif known.expires_at <= work.now:
        known.due_at, known.expires_at = _deadline(work, case, rung)
        work.add(known)
    return Times(due_at=known.due_at, expires_at=known.expires_at)


def _begun(work: Work, case: Case, rung: Rung) -> CollectionRung:
    owed, (due_at, expires_at) = owed_of(work, case), _deadline(work, case, rung)
    row = CollectionRung(
        case_ref=case.ref,
        rung=rung.name,
        due_on=business_day(work.house.calendar, owed.since or owed.on, rung.from_day),
        begun_at=work.now,
        due_at=due_at,
        expires_at=expires_at,
    )
    work.add(row)
    work.record("collections.rung-begun", case.ref, rung=rung.name, day=owed.day, due_on=row.due_on, owed=owed.overdue)
    if rung.freezes_credit:
        set_measure(work, case.customer_id or 0, case.ref, MeasureKind.FREEZE, reason=case.ref)
    if rung.stops_trading:
        set_measure(work, case.customer_id or 0, case.ref, MeasureKind.SUSPEND, reason=case.ref)
    return row


def _deadline(work: Work, case: Case, rung: Rung) -> tuple[datetime, datetime]:
    """By when a rung begun now is carried out, and when it is given up."""
    calendar = work.house.calendar
    times = work.house.policy_of(work.session, case.policy_version).steps.times(STEP_OF[rung.done_as])
    due_at = calendar.add_business_days(work.now, rung.done_within_days)
    return due_at, calendar.add_business_days(due_at, times.expires_after_days)


STEP_OF = {
    RungWay.REMINDER: "telephone",
    RungWay.TELEPHONE: "telephone",
    RungWay.LETTER: "post-letter",
    RungWay.VISIT: "collection-visit",
    RungWay.SPECIAL_GROUP: "form-group",
}
"""The human step that carries out a rung; it names the time after the deadline in ``steps.yaml``."""


def end_rung(work: Work, case: Case, rung_name: str, state: RungState) -> None:
    """A rung is over and never comes again."""
    row = rungs_of(work.session, case.ref)[rung_name]
    if row.state is RungState.BEGUN:
        row.state, row.ended_at = state, work.now
        work.add(row)
        work.record(f"collections.rung-{state.value.replace('_', '-')}", case.ref, rung=rung_name)


@effect("note-rung-missed", N_("Note that the rung was not carried out"))
def note_missed(work: Work, case: Case, rung_name: str, turn: int) -> None:
    """Nobody carried the rung out in time, though it was escalated: it is on record as such, and the ladder goes on."""
    way = WAYS[rules_of(work, case).rung(rung_name).done_as]
    _note_contact(work, case, rung_name, turn, way, ContactAnswer.NONE, None, {"note": "", "not_done": True})
    end_rung(work, case, rung_name, RungState.NOT_DONE)


# -- the reminder ---------------------------------------------------------------------------------------------------


@effect("send-reminder", N_("Remind the customer"))
def send_reminder(work: Work, case: Case, rung_name: str, turn: int) -> bool:
    """Write to the customer; without a mail address its handler passes it on. Returns whether a mail goes out."""
    rules, owed = rules_of(work, case), owed_of(work, case, listed=None)
    _begun(work, case, rules.rung(rung_name))
    customer = work.session.get_one(Customer, case.customer_id)
    paper = _letter(work, case, rung_name)
    party = _party(work, customer)
    claimed = [one for one in owed.invoices if not one.disputed]
    if party is not None:
        message = DunningReminder(
            company=issuer_of(work.house, party.language),
            total=owed.overdue,
            on=owed.on,
            pay_by=_pay_by(owed.on),
            invoices=tuple((one.number, one.due_on, one.outstanding) for one in claimed[:MAILED]),
            more=max(0, len(claimed) - MAILED),
        )
        queue_outside(work, message, party, f"{case.ref}:{rung_name}:customer", case_ref=case.ref)
    else:
        told = ReminderToPassOn(case_ref=case.ref, customer=customer.name, total=owed.overdue, invoices=len(claimed))
        queue(work, told, case.handler_id, f"{case.ref}:{rung_name}:{case.handler_id}", case_ref=case.ref)
        work.record("collections.reminder-undelivered", case.ref)
    facts = {"paper": paper.id, "delivered": party is not None}
    way = WAYS[rules.rung(rung_name).done_as]
    _note_contact(work, case, rung_name, turn, way, ContactAnswer.NONE, None, facts)
    end_rung(work, case, rung_name, RungState.DONE)
    return party is not None


def _party(work: Work, customer: Customer) -> OutsideParty | None:
    """The customer as somebody to write to; none without a mail address that can be one."""
    name = " ".join((customer.contact or customer.name).split())[:80]
    if not customer.email:
        return None
    try:
        return outside_party(work, customer.id, name, customer.email, customer.phone, _language(work, customer))
    except Invalid:
        return None


def _language(work: Work, customer: Customer) -> Language:
    """The language in which the customer was last written to, else the company's."""
    known = select(OutsideParty.language).where(OutsideParty.customer_id == customer.id)
    found = work.session.exec(known.order_by(col(OutsideParty.id).desc())).first()
    return Language(found) if found else work.house.settings.language


def _pay_by(on: date) -> date:
    return on + timedelta(days=PAY_WITHIN_DAYS)


# -- the letter -----------------------------------------------------------------------------------------------------


@effect("write-letter", N_("Write the letter"))
def write_letter(work: Work, case: Case, rung_name: str) -> PaperShown:
    """Write the rung's letter with today's figures; after a payment it is a new version."""
    paper = _letter(work, case, rung_name)
    return PaperShown(
        paper_id=paper.id or 0,
        number=paper.number,
        version=paper.version,
        sha256=paper.content_hash,
        text=text_of(paper),
    )


def _letter(work: Work, case: Case, rung_name: str) -> Paper:
    customer, rung = work.session.get_one(Customer, case.customer_id), rules_of(work, case).rung(rung_name)
    language, today = _language(work, customer), of_case.today(work)
    number = f"{case.ref}-{rung_name}"
    text = dunning_letter(
        rung.done_as,
        language,
        company=issuer_of(work.house, language),
        debtor=customer.name,
        number=number,
        owed=owed_of(work, case, listed=None),
        pay_by=_pay_by(today),
    )
    return write_paper(work, case.ref, "dunning", number, text, customer.id)


@effect("note-letter-posted", N_("Note that the letter is on its way"))
def note_posted(work: Work, case: Case, rung_name: str, turn: int, form: LetterPosted, by: str, paper: int) -> None:
    """The letter is on its way; its carrier and number are kept with it."""
    facts = {**form.model_dump(mode="json"), "paper": paper}
    _note_contact(work, case, rung_name, turn, ContactWay.LETTER, ContactAnswer.NONE, by, facts)
    end_rung(work, case, rung_name, RungState.DONE)


@effect("visit-candidates", N_("See who can go on a visit"))
def visit_candidates(work: Work, _case: Case) -> dict[str, str]:
    """The staff, by id and name."""
    return dict(work.session.exec(select(Person.id, Person.name).where(col(Person.active)).order_by(Person.id)).all())


# -- what the customer answered -------------------------------------------------------------------------------------


@effect("note-call", N_("Note the call"))
def note_call(work: Work, case: Case, rung_name: str, turn: int, form: TelephoneRecord, by: str) -> None:
    """A telephone call was made."""
    take_over_answer(work, case, rung_name, turn, ContactWay.TELEPHONE, form, by)
    end_rung(work, case, rung_name, RungState.DONE)


@effect("note-visit", N_("Note the visit"))
def note_visit(work: Work, case: Case, rung_name: str, turn: int, form: CollectionVisitReport, by: str) -> None:
    """A visit was paid."""
    take_over_answer(work, case, rung_name, turn, ContactWay.VISIT, form, by)
    end_rung(work, case, rung_name, RungState.DONE)


@effect("note-reply", N_("Note what the customer says"))
def note_reply(work: Work, case: Case, rung_name: str, turn: int, form: CustomerReply, by: str) -> None:
    """The customer has answered between two rungs."""
    take_over_answer(work, case, rung_name, turn, form.way, form, by)


def take_over_answer(
    work: Work, case: Case, rung_name: str, turn: int, way: ContactWay, form: CustomerAnswer, by: str
) -> None:
    """Keep what was answered: a promise holds the ladder, a dispute sends the customer to reception (X, R)."""
    facts: dict[str, Any] = form.model_dump(mode="json", exclude={"answer", "promise_on", "promised", "disputed"})
    rules, today = rules_of(work, case), of_case.today(work)
    if form.answer is ContactAnswer.PROMISES and form.promise_on:
        latest = business_day(work.house.calendar, today, rules.promise_holds_at_most_days)
        facts["held_until"] = min(form.promise_on, latest).isoformat()
        facts["paid_before"] = str(paid_by(work.session, case.customer_id or 0))
    if form.answer is ContactAnswer.DISPUTES:
        facts |= _dispute(work, case, turn, form)
    _note_contact(
        work, case, rung_name, turn, way, form.answer, by, facts, promise_on=form.promise_on, promised=form.promised
    )


def _dispute(work: Work, case: Case, turn: int, form: CustomerAnswer) -> dict[str, Any]:
    open_still = set(open_invoices(work, case.customer_id or 0))
    numbers = [row.number for row in form.disputed if row.number in open_still]
    said = "; ".join(f"{row.number}: {row.reason}" for row in form.disputed)
    if not numbers:
        return {"invoices": [], "reasons": said, "settled": "paid"}
    mark_disputed(work, case.customer_id or 0, case.ref, numbers, disputed=True)
    reception = open_reception(
        work,
        case.customer_id or 0,
        said,
        origin="process",
        by=None,
        key=f"{case.ref}:dispute:{turn}",
        raised_by=case.ref,
        disputed_invoices=numbers,
    )
    return {"invoices": numbers, "reasons": said, "reception": reception.ref}


def _note_contact(
    work: Work,
    case: Case,
    rung_name: str,
    turn: int,
    way: ContactWay,
    answer: ContactAnswer,
    by: str | None,
    facts: dict[str, Any],
    *,
    promise_on: date | None = None,
    promised: Decimal | None = None,
) -> None:
    work.add(
        CollectionContact(
            case_ref=case.ref,
            customer_id=case.customer_id or 0,
            rung=rung_name,
            turn=turn,
            way=way,
            answer=answer,
            owed=owed_of(work, case).overdue,
            by_person_id=by,
            facts=facts,
            promise_on=promise_on,
            promised=promised,
            at=work.now,
        )
    )
    work.record("collections.contact", case.ref, rung=rung_name, way=way.value, answer=answer.value)

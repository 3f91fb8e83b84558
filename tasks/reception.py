"""What a reception does by itself until the talks: background file, risk level, team, commitments, evidence (R)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

from sqlmodel import col, select

from config.languages import N_
from config.words import RiskLevel
from models.forms.reception import CommitmentGiven, EvidenceRow, TeamFormation
from models.house import Work
from models.onboarding import CustomerFacts
from models.operations.applications import receive_document
from models.queries.background import (
    figures_on_file,
    listings_found,
    measures_found,
    other_open_cases,
    trading_record,
    why_received,
)
from models.reception import (
    Background,
    CommitmentMade,
    EvidenceItem,
    Team,
    TeamMate,
    WhyReceived,
)
from models.rules.identity import mask_identifier, mask_phone
from models.tables import Case, Commitment, Document, Person, TeamMember
from tasks.case_task import effect
from tasks.of_case import customer_of, policy_of, today


@effect("client-facts", N_("Gather the client's facts"))
def client_facts(work: Work, case: Case) -> CustomerFacts:
    """The client as every step shows it, numbers masked (registration, R 3.2)."""
    customer = customer_of(work, case)
    papers = work.session.exec(
        select(Document.kind, Document.reference)
        .join(Case, col(Case.ref) == Document.case_ref)
        .where(Case.customer_id == customer.id)
        .order_by(col(Document.id))
    )
    return CustomerFacts(
        customer_id=customer.id or 0,
        name=customer.name,
        type=customer.type,
        identifier=mask_identifier(customer.identifier),
        contact=customer.contact,
        phone=mask_phone(customer.phone),
        email=customer.email,
        industry=customer.industry,
        requested_limit=None,
        requested_term_days=None,
        prepays=customer.prepays,
        documents=dict(papers.all()),
    )


@effect("background-file", N_("Assemble the background file"))
def background_file(work: Work, case: Case) -> Background:
    """All that is on file: figures, trade, lists, measures, open cases (R 3.2)."""
    customer, day = customer_of(work, case), today(work)
    figures, source = figures_on_file(work.session, customer, policy_of(work, case))
    return Background(
        reasons=why_received(work.session, work.house, case),
        level=customer.risk_level,
        grade=customer.credit_grade,
        customer_class=customer.customer_class,
        figures=figures,
        figures_from=source,
        trading=trading_record(work.session, customer, day),
        listings=listings_found(work.session, customer, day),
        measures=measures_found(work.session, customer.id or 0, day),
        open_cases=other_open_cases(work.session, work.house, case),
    )


@effect("reasons-so-far", N_("Look for further reasons"))
def reasons_so_far(work: Work, case: Case) -> tuple[WhyReceived, ...]:
    """Every reason given by now: others may have joined while the case was under way."""
    return why_received(work.session, work.house, case)


@effect("set-risk-level", N_("Set the risk level"))
def set_risk_level(work: Work, case: Case, level: RiskLevel, at_stake: Decimal | None = None) -> bool:
    """The level the risk officer gave goes on the client's record, and what is at stake (yuan) on the case's. Returns
    whether it is another level than before (R)."""
    if at_stake:
        case.amount = at_stake
        work.add(case)
    customer = customer_of(work, case)
    before = customer.risk_level
    if before is level:
        return False
    customer.risk_level = level
    work.add(customer)
    work.record("reception.level-set", case.ref, level=level, before=before)
    return True


@effect("form-team", N_("Form the reception team"))
def form_team(work: Work, case: Case, formation: TeamFormation) -> Team:
    """Keep the team as it was proposed; nobody has accepted yet. Whoever is not in it any more has left (R)."""
    known = {
        member.person_id: member
        for member in work.session.exec(select(TeamMember).where(TeamMember.case_ref == case.ref))
    }
    chosen = {member.person: member.role for member in formation.members}
    for person_id, role in chosen.items():
        member = known.get(person_id) or TeamMember(case_ref=case.ref, person_id=person_id, role=role)
        member.role, member.accepted_at, member.left_at = role.value, None, None
        work.add(member)
    for person_id in known.keys() - chosen.keys():
        known[person_id].left_at = known[person_id].left_at or work.now
        work.add(known[person_id])
    names = {one: work.session.get_one(Person, one).name for one in chosen}
    work.record("reception.team-proposed", case.ref, people=sorted(chosen))
    return Team(members=tuple(TeamMate(person_id=one, name=names[one], role=role) for one, role in chosen.items()))


@effect("confirm-team", N_("The team stands"))
def confirm_team(work: Work, case: Case, team: Team) -> None:
    """Every member has accepted (R)."""
    rows = select(TeamMember).where(TeamMember.case_ref == case.ref, col(TeamMember.person_id).in_(team.ids))
    for member in work.session.exec(rows):
        member.accepted_at = work.now
        work.add(member)
    work.record("reception.team-formed", case.ref, people=sorted(team.ids))


@effect("note-commitments", N_("Flag the commitments given"))
def note_commitments(
    work: Work, case: Case, given_in: str, given: Sequence[CommitmentGiven]
) -> tuple[CommitmentMade, ...]:
    """R 3.2: a commitment made in the room is flagged. Returns all that were given in this case so far."""
    for one in given:
        work.add(
            Commitment(case_ref=case.ref, given_in=given_in, given_by=one.given_by[:80], what=one.what, at=work.now)
        )
        work.record("reception.commitment", case.ref, given_in=given_in, given_by=one.given_by, what=one.what)
    rows = select(Commitment).where(Commitment.case_ref == case.ref).order_by(col(Commitment.id))
    return tuple(
        CommitmentMade(
            given_in=row.given_in, given_by=row.given_by, what=row.what, on=work.house.calendar.day_of(row.at)
        )
        for row in work.session.exec(rows)
    )


@effect("receive-evidence", N_("File the evidence received"))
def receive_evidence(work: Work, case: Case, received: Sequence[EvidenceRow]) -> tuple[EvidenceItem, ...]:
    """Evidence goes on file, each piece once. Returns all there is."""
    for one in received:
        receive_document(work, case.ref, one.what, one.reference)
        work.record(
            "reception.evidence", case.ref, what=one.what, reference=one.reference, sha256=one.sha256.lower() or None
        )
    rows = select(Document).where(Document.case_ref == case.ref).order_by(col(Document.id))
    return tuple(
        EvidenceItem(what=row.kind, reference=row.reference, received_on=work.house.calendar.day_of(row.received_at))
        for row in work.session.exec(rows)
    )


@effect("day-to-look-again", N_("Note until when evidence is waited for"))
def evidence_day(work: Work, case: Case, day: date) -> datetime:
    """The instant at which the evidence is looked for again."""
    return at_the_hour(work, case, day)


def at_the_hour(work: Work, case: Case, day: date) -> datetime:
    """The policy's hour of checks on ``day``, company time."""
    hour: time = policy_of(work, case).reception.check_at
    return datetime.combine(day, hour, work.house.calendar.zone)

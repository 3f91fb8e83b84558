"""The minutes of a reception: drafted, written, signed by the team and by the client (R)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.languages import N_, translate
from config.words import Language
from models.forms.reception_terms import ClientSide, MinutesText
from models.house import Work
from models.minutes import KIND, Recorded, draft, minutes_paper
from models.operations.outside import invite, is_live, outside_party, resend_invitation, revoke_invitations
from models.operations.papers import issuer_of, sign_paper, text_of, write_paper
from models.purposes.sign_paper import NAME as SIGN_PAPER
from models.reception import CommitmentMade, MinutesDraft, MinutesPaper, Team
from models.steps import Signature
from models.tables import Case, OutsideLink, OutsideParty, Paper, Person
from tasks.case_task import effect
from tasks.of_case import customer_of, policy_of, today


@effect("draft-minutes", N_("Draft the minutes"))
def draft_minutes(work: Work, case: Case, recorded: Recorded) -> MinutesDraft:
    """The minutes as drafted from the records, in the client's language where it is known, else the house's."""
    customer = customer_of(work, case)
    language = work.house.settings.language
    texts = draft(recorded, language)
    return MinutesDraft(
        language=language,
        participants=texts.participants,
        demands=texts.demands,
        discussed=texts.discussed,
        solution=texts.solution,
        consensus=texts.consensus,
        party_name=customer.contact or "",
        party_capacity="",
        party_email=customer.email or "",
    )


@effect("write-minutes", N_("Write the minutes"))
def write_minutes(
    work: Work,
    case: Case,
    text: MinutesText,
    recorded: Recorded,
    commitments: Sequence[CommitmentMade],
    agreed: bool,
) -> MinutesPaper:
    """The minutes as a paper; a changed text is a new version, and what was signed before is void (R)."""
    paper_text = minutes_paper(
        text,
        number=case.ref,
        issuer=issuer_of(work.house, text.language),
        client=case.title,
        venue=recorded.venue,
        meeting=recorded.meeting,
        team=recorded.team,
        solution=recorded.solution,
        commitments=commitments,
        agreed=agreed,
        written_on=today(work),
    )
    paper = write_paper(work, case.ref, KIND, case.ref, paper_text, customer_id=case.customer_id)
    return MinutesPaper(
        paper_id=paper.id or 0,
        number=paper.number,
        version=paper.version,
        sha256=paper.content_hash,
        text=paper.content,
    )


@effect("sign-minutes", N_("The team signs the minutes"))
def sign_minutes(work: Work, case: Case, minutes: MinutesPaper, signatures: Sequence[Signature], team: Team) -> int:
    """Every member's signature goes under the exact text they saw. Returns how many signed."""
    roles = {member.person_id: member.role for member in team.members}
    names = {member.name: member.role for member in team.members}
    language = text_of(work.session.get_one(Paper, minutes.paper_id)).language
    signed = [one for one in signatures if one.action == "sign" and not one.void]
    for one in signed:
        role = roles.get(one.person_id) or names.get(one.for_name or "")
        capacity = translate(role.label if role else N_("Member of the team"), language)
        sign_paper(
            work, minutes.paper_id, minutes.sha256, work.session.get_one(Person, one.person_id), capacity, "session"
        )
    return len(signed)


@effect("invite-client", N_("Ask the client to sign the minutes"))
def invite_client(work: Work, case: Case, minutes: MinutesPaper, side: ClientSide, language: Language) -> int:
    """Send the client's representative the link under which they sign. An earlier invitation opens nothing any more."""
    revoke_invitations(work, case.ref, SIGN_PAPER)
    phone = side.party_phone or customer_of(work, case).phone
    party = outside_party(work, case.customer_id, side.party_name, side.party_email or None, phone, language)
    link = invite(
        work,
        party,
        SIGN_PAPER,
        case_ref=case.ref,
        customer_id=case.customer_id,
        paper=work.session.get_one(Paper, minutes.paper_id),
        given={"name": side.party_name, "capacity": side.party_capacity},
    )
    return link.id or 0


@effect("client-reminded-by", N_("Note when the client is reminded"))
def remind_client_at(work: Work, case: Case) -> datetime:
    """When the client is asked again, if they have not answered by then."""
    return work.house.calendar.add_business_days(work.now, policy_of(work, case).reception.client_signs_within_days)


@effect("remind-client", N_("Remind the client of the minutes"))
def remind_client(work: Work, case: Case, link_id: int) -> None:
    """The invitation goes out once more; where its time is over, a new one does."""
    link = work.session.get_one(OutsideLink, link_id)
    if is_live(link, work):
        resend_invitation(work, link)
        return
    if link.used_at is not None:
        return
    invite(
        work,
        work.session.get_one(OutsideParty, link.outside_id),
        link.purpose,
        case_ref=link.case_ref,
        customer_id=link.customer_id,
        paper=work.session.get_one(Paper, link.paper_id),
        given=link.given,
    )


@effect("withdraw-invitation", N_("The client is no longer asked to sign"))
def withdraw_invitation(work: Work, case: Case) -> None:
    """Nobody outside is asked to sign any more."""
    revoke_invitations(work, case.ref, SIGN_PAPER)

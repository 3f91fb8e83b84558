"""The minutes of a reception: drafted from what was recorded, then set as a paper to be signed (R 3.2, 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from config.languages import N_, translate
from config.words import Language
from models.dunning import written
from models.forms.reception import InDepthRecord, MeetingRecord, VenueChecklist
from models.forms.reception_terms import Agreed, MinutesText, NegotiationFailed, SolutionProposal
from models.papers import Fact, PaperTable, PaperText, Section, Signatory
from models.reception import CommitmentMade, Team

KIND = "reception-minutes"
FOR_THE_CLIENT = N_("For the client")


@dataclass(frozen=True)
class Recorded:
    """What the minutes are drafted from."""

    client: str
    team: Team
    venue: VenueChecklist
    meeting: MeetingRecord
    talk: InDepthRecord
    solution: SolutionProposal | None
    result: Agreed | NegotiationFailed


@dataclass(frozen=True)
class Draft:
    """The texts of the minutes before anybody has corrected them."""

    participants: str
    demands: str
    discussed: str
    solution: str
    consensus: str


def draft(recorded: Recorded, language: Language) -> Draft:
    """The texts of the minutes in ``language``; what people wrote stays as they wrote it."""

    def t(message: str, **values: object) -> str:
        return translate(message, language, **values)

    def listed(*pairs: tuple[str, str]) -> str:
        return "\n".join(t(N_("{label}: {text}"), label=t(label), text=text) for label, text in pairs if text)

    meeting, talk = recorded.meeting, recorded.talk
    told = (t(N_("{name} ({role})"), name=one.name, role=t(one.role.label)) for one in recorded.team.members)
    ours = ("、" if language is Language.ZH_CN else ", ").join(told)
    return Draft(
        participants=listed(
            (N_("For the client"), t(N_("{label}: {text}"), label=recorded.client, text=meeting.client_side)),
            (N_("For the company"), ours),
        ),
        demands=listed(
            (N_("What the client asks for"), meeting.demands), (N_("What the client expects"), talk.expectations)
        ),
        discussed=listed(
            (N_("Problems named"), meeting.problems),
            (N_("Suggestions made"), meeting.suggestions),
            (N_("What was answered"), meeting.answered),
            (N_("Causes"), talk.causes),
            (N_("Present state"), talk.present_state),
        ),
        solution=_solution(recorded.solution, t(N_("No solution was proposed."))),
        consensus=_consensus(recorded.result, t(N_("No agreement was reached."))),
    )


def _solution(solution: SolutionProposal | None, none: str) -> str:
    return solution.terms if solution else none


def _consensus(result: Agreed | NegotiationFailed, failed: str) -> str:
    return result.consensus if isinstance(result, Agreed) else f"{failed} {result.reason}"


def minutes_paper(
    text: MinutesText,
    *,
    number: str,
    issuer: str,
    client: str,
    venue: VenueChecklist,
    meeting: MeetingRecord,
    team: Team,
    solution: SolutionProposal | None,
    commitments: Sequence[CommitmentMade],
    agreed: bool,
    written_on: date,
) -> PaperText:
    """The minutes as they are signed: client, demands, solution, consensus; the plan of payment as a table."""

    def t(message: str, **values: object) -> str:
        return translate(message, text.language, **values)

    def part(heading: str, told: str) -> Section:
        return Section(heading=t(heading), paragraphs=tuple(line for line in told.splitlines() if line.strip()))

    sections = [
        part(N_("Participants"), text.participants),
        part(N_("What the client asks for"), text.demands),
        part(N_("What was found and discussed"), text.discussed),
    ]
    if commitments:
        given = tuple(
            t(N_("{what} ({who}, {day})"), what=one.what, who=one.given_by, day=written(one.on, text.language))
            for one in commitments
        )
        sections.append(Section(heading=t(N_("Commitments given")), points=given))
    sections.append(part(N_("Solution"), text.solution))
    if solution and solution.payments and agreed:
        sections.append(
            Section(
                heading=t(N_("Plan of payment")),
                table=PaperTable(
                    head=(t(N_("No.")), t(N_("Due on")), t(N_("Amount (yuan)"))),
                    rows=tuple(
                        (str(number), written(one.due_on, text.language), f"{one.amount:,.2f}")
                        for number, one in enumerate(solution.payments, 1)
                    ),
                    figures=(2,),
                ),
            )
        )
    sections.append(part(N_("Consensus"), text.consensus))
    return PaperText(
        language=text.language,
        title=t(N_("Minutes of the reception")),
        issuer=issuer,
        place_and_date=f"{venue.place} · {written(written_on, text.language)}",
        facts=(
            Fact(label=t(N_("Number")), value=number),
            Fact(label=t(N_("Client")), value=client),
            Fact(label=t(N_("Meeting")), value=f"{written(meeting.held_on, text.language)} · {venue.place}"),
        ),
        sections=tuple(sections),
        signatories=(
            *(Signatory(name=one.name, capacity=t(one.role.label), person_id=one.person_id) for one in team.members),
            Signatory(name=text.party_name, capacity=text.party_capacity),
        ),
    )

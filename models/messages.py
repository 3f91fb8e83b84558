"""Messages: typed payloads, queued in the same transaction as what they tell about.

Texts live in ``notifications/templates``; a payload holds only what they need. No secret is in a payload: links are
made when the message is sent, so that only their hashes are ever stored.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from sqlmodel import select

from config.masking import without_numbers
from config.words import ConsentPurpose, Outcome, QualificationKind, RiskLevel, Word
from models.house import Work
from models.tables import OutboxMessage, OutsideParty


class Message(BaseModel):
    """Base of all payloads. ``kind`` names the template folder."""

    model_config = ConfigDict(frozen=True)
    kind: ClassVar[str]


class _AboutStep(Message):
    case_ref: str
    case_title: str
    process: str
    step_title: str
    question: str
    due_at: datetime


class How(Word):
    """How a step came to the person who is asked."""

    TURN = "turn", "It is your turn"
    TRANSFERRED = "transferred", "Transferred to you"
    DELEGATED = "delegated", "Delegated to you; your answer goes back for confirmation"
    CONFIRM = "confirm", "Your delegate has answered; please confirm"
    ADDED = "added", "You were added as a signer"
    SUBSTITUTE = "substitute", "You stand in for somebody who is absent"
    BACK = "back", "Back with you"


class StepAsked(_AboutStep):
    """You are asked to answer a step. ``by`` names who moved it to you, ``note`` what they say."""

    kind: ClassVar[str] = "step_asked"
    asked_by: str
    round: int = 1
    how: How = How.TURN
    by: str = ""
    note: str = ""


class StepReminder(_AboutStep):
    """Half of the time has passed, and you have not answered."""

    kind: ClassVar[str] = "step_reminder"


class StepDue(_AboutStep):
    """The deadline has come, and you have not answered."""

    kind: ClassVar[str] = "step_due"
    expires_at: datetime


class StepUrged(_AboutStep):
    """Whoever started the case asks you to hurry (催办)."""

    kind: ClassVar[str] = "step_urged"
    by: str
    note: str = ""


class StepEscalated(_AboutStep):
    """Somebody who reports to you has let a deadline pass."""

    kind: ClassVar[str] = "step_escalated"
    late: tuple[str, ...]


class StepCopied(_AboutStep):
    """You are to know of a step (抄送); nothing is asked of you."""

    kind: ClassVar[str] = "step_copied"
    by: str


class QuestionAsked(_AboutStep):
    """Somebody who is to answer a step wants to know something from you first."""

    kind: ClassVar[str] = "question_asked"
    question_id: int
    by: str
    text: str


class QuestionAnswered(_AboutStep):
    """Your question was answered."""

    kind: ClassVar[str] = "question_answered"
    by: str
    text: str


class StepNudge(_AboutStep):
    """An earlier message about this step may not have reached you."""

    kind: ClassVar[str] = "step_nudge"


class CaseClosed(Message):
    """A case you started or handle has ended."""

    kind: ClassVar[str] = "case_closed"
    case_ref: str
    case_title: str
    process: str
    outcome: Outcome
    because: tuple[dict[str, Any], ...] = ()


class CaseFailed(Message):
    """A case stopped on an error that does not go away by itself; for operations."""

    kind: ClassVar[str] = "case_failed"
    case_ref: str
    case_title: str
    process: str
    failure: str


class WebhookPaused(Message):
    """A webhook was paused because its receiver does not take what it is sent; for operations.

    ``gone``: the receiver said so itself. ``given_up`` counts the notices it did not take.
    """

    kind: ClassVar[str] = "webhook_paused"
    webhook_id: int
    name: str
    gone: bool
    given_up: int


class RiskWarningIssued(Message):
    """A high-risk customer concerns your department (B)."""

    kind: ClassVar[str] = "risk_warning"
    case_ref: str
    customer: str
    risk_level: RiskLevel
    points: int | None
    listed: bool
    comment: str = ""


class PortfolioWarning(Message):
    """Customers became high risks in an evaluation (B): one message for all of them. ``largest`` names some."""

    kind: ClassVar[str] = "portfolio_warning"
    case_ref: str
    period: str
    customers: int
    largest: tuple[str, ...]


class MeetingCalled(Message):
    """You are to attend the coordination meeting (B): when and where, and what it is about. ``period`` is its month."""

    kind: ClassVar[str] = "meeting_called"
    case_ref: str
    period: str
    by: str
    on: date
    at: str
    place: str
    agenda: str = ""


class TokenExpiring(Message):
    """An API token of theirs ends soon: the program that uses it stops on that day."""

    kind: ClassVar[str] = "token_expiring"
    label: str
    ends_on: date


class QualificationExpiring(Message):
    """A confidentiality agreement or training ends soon (R, B, X): to the person, and to their manager."""

    kind: ClassVar[str] = "qualification_expiring"
    person: str
    own: bool
    qualification: QualificationKind
    reference: str
    valid_until: date


class ConsentEnding(Message):
    """A customer's consent to share ends soon: to the customer's handler."""

    kind: ClassVar[str] = "consent_ending"
    customer: str
    number: str
    purpose: ConsentPurpose
    recipient: str
    document: str
    until: date


class DigestItem(BaseModel):
    """One line of a digest: ``about`` is the kind of the message it stands for, ``message`` that one's number.

    ``due_at`` is given where an answer is wanted, ``outcome`` where a case has ended; ``url`` takes a sign-in.
    """

    model_config = ConfigDict(frozen=True)
    message: int
    about: str
    signer_id: int | None = None
    case_ref: str = ""
    case_title: str = ""
    process: str = ""
    step_title: str = ""
    due_at: datetime | None = None
    outcome: Outcome | None = None
    url: str


class Digest(Message):
    """What was not urgent, in one message, because you have asked for that."""

    kind: ClassVar[str] = "digest"
    items: tuple[DigestItem, ...]

    @property
    def to_answer(self) -> tuple[DigestItem, ...]:
        """Those that wait for an answer, the most urgent first."""
        return tuple(sorted((one for one in self.items if one.due_at), key=lambda one: str(one.due_at)))

    @property
    def to_know(self) -> tuple[DigestItem, ...]:
        """Those that only tell."""
        return tuple(one for one in self.items if one.due_at is None)


class TrialMessage(Message):
    """You wanted to see whether messages reach you."""

    kind: ClassVar[str] = "test_message"


class SignIn(Message):
    """The one-time link you asked for."""

    kind: ClassVar[str] = "sign_in"


class OutsideInvited(Message):
    """Somebody outside is asked to do one thing behind a link: ``title`` and ``intro`` are the purpose's.

    ``about`` names the paper in question; ``again`` says that they were asked before.
    """

    kind: ClassVar[str] = "outside_invited"
    link_id: int
    company: str
    title: str
    intro: str
    about: str = ""
    expires_at: datetime
    again: bool = False


class OutsideCode(Message):
    """The one-time code that somebody outside has asked for. It is made when the message is sent."""

    kind: ClassVar[str] = "outside_code"
    link_id: int
    company: str
    title: str


class Need(Word):
    """What somebody outside needs a member of staff for."""

    UNREACHABLE = "unreachable", "There is no e-mail address: pass the link on to them yourself"
    CODE = "code", "They ask for the one-time code: read it to them by telephone"
    LOCKED = "locked", "Their link was locked after too many wrong codes"


class OutsideNeeds(Message):
    """Somebody outside cannot go on without you."""

    kind: ClassVar[str] = "outside_needs"
    need: Need
    name: str
    title: str
    case_ref: str = ""
    case_title: str = ""


class DunningReminder(Message):
    """A customer is reminded of overdue invoices (X): number, due date, and what is unpaid; ``more`` are not listed."""

    kind: ClassVar[str] = "dunning_reminder"
    company: str
    total: Decimal
    on: date
    pay_by: date
    invoices: tuple[tuple[str, date, Decimal], ...]
    more: int = 0


class ReminderToPassOn(Message):
    """Your customer has no mail address: the reminder was written, and is yours to pass on (X)."""

    kind: ClassVar[str] = "reminder_to_pass_on"
    case_ref: str
    customer: str
    total: Decimal
    invoices: int


class RepairResult(Word):
    """What became of an application for credit repair."""

    REFUSED = "refused", "Your application was refused"
    APPEAL_REFUSED = "appeal_refused", "Your appeal was refused"
    APPROVED = "approved", "Your application was approved"
    PASSED = "passed", "The probation was passed"
    RELISTED = "relisted", "You were put back on the list"


class RepairAnswered(Message):
    """The applicant for a credit repair is told what came of it. ``told`` is the reason as it was written for them;
    ``until`` is the last day of the probation."""

    kind: ClassVar[str] = "repair_answered"
    company: str
    customer: str
    result: RepairResult
    because: tuple[dict[str, Any], ...] = ()
    told: str = ""
    until: date | None = None


MESSAGES: dict[str, type[Message]] = {
    message.kind: message
    for message in (
        StepAsked,
        StepReminder,
        StepDue,
        StepNudge,
        StepUrged,
        StepEscalated,
        StepCopied,
        QuestionAsked,
        QuestionAnswered,
        CaseClosed,
        CaseFailed,
        WebhookPaused,
        TokenExpiring,
        RiskWarningIssued,
        PortfolioWarning,
        MeetingCalled,
        QualificationExpiring,
        ConsentEnding,
        Digest,
        TrialMessage,
        SignIn,
        OutsideInvited,
        OutsideCode,
        OutsideNeeds,
        DunningReminder,
        ReminderToPassOn,
        RepairAnswered,
    )
}


def queue(
    work: Work,
    message: Message,
    to: str,
    dedupe_key: str,
    *,
    case_ref: str | None = None,
    step_id: int | None = None,
    signer_id: int | None = None,
    at: datetime | None = None,
) -> None:
    """Put a message to one person into the outbox, once per ``dedupe_key``; sent from ``at`` on (now).

    Numbers of people in what others have written are masked: mail leaves the house, and the page behind its link tells.
    """
    known = select(OutboxMessage.id).where(OutboxMessage.dedupe_key == dedupe_key)
    if work.session.exec(known).first() is not None:
        return
    work.session.add(
        OutboxMessage(
            kind=message.kind,
            dedupe_key=dedupe_key,
            person_id=to,
            case_ref=case_ref,
            step_id=step_id,
            signer_id=signer_id,
            payload=without_numbers(message.model_dump(mode="json")),
            next_at=at or work.now,
            created_at=work.now,
        )
    )


def queue_outside(
    work: Work,
    message: Message,
    party: OutsideParty,
    dedupe_key: str,
    *,
    case_ref: str | None = None,
    at: datetime | None = None,
) -> None:
    """Put a message to somebody outside into the outbox, once per ``dedupe_key``; sent from ``at`` on (now).

    It goes to their mail address. Of whom none is known nobody is reached: the message is skipped, with that reason.
    """
    known = select(OutboxMessage.id).where(OutboxMessage.dedupe_key == dedupe_key)
    if work.session.exec(known).first() is not None:
        return
    work.session.add(
        OutboxMessage(
            kind=message.kind,
            dedupe_key=dedupe_key,
            outside_id=party.id,
            case_ref=case_ref,
            payload=message.model_dump(mode="json"),
            next_at=at or work.now,
            created_at=work.now,
        )
    )

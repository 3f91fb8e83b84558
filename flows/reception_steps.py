"""The human steps of the risk-client reception (R). Steps of the team are signed by its members at run time."""

from __future__ import annotations

from config.languages import N_
from config.words import ActionKind, Expiry, Role
from models.forms.common import Commented, Reasoned, ReturnForm
from models.forms.reception import (
    BackgroundRuling,
    EvidenceReceived,
    EvidenceStillOut,
    InDepthRecord,
    MeetingRecord,
    TeamFormation,
    VenueChecklist,
)
from models.forms.reception_after import (
    EffectEvaluation,
    ItemAdjusted,
    ItemDone,
    LegalCase,
    LegalConsultation,
    LessonsLearnt,
    MajorCaseAssessment,
    MoreTracking,
    PartiesInformed,
    ResponsePlan,
    TrackingPlan,
)
from models.forms.reception_terms import (
    Agreed,
    ClientSide,
    CounterProposal,
    DepartmentOpinion,
    MinutesSigned,
    MinutesText,
    NegotiationFailed,
    SolutionProposal,
)
from models.rules.signing import ByMatrix, ByRole, Together
from models.steps import Action, ByHandler, HumanStep

RECORD, APPROVE, REJECT, RETURN = ActionKind.RECORD, ActionKind.APPROVE, ActionKind.REJECT, ActionKind.RETURN
RISK_OFFICERS = ByRole(role=Role.RISK_OFFICER)

BACKGROUND = HumanStep(
    name="reception-background",
    title=N_("Background and strategy"),
    question=N_("How great is the risk, what may it do to the company, and what is the reception to achieve?"),
    actions=(Action(name="decide", kind=RECORD, label=N_("Set level, effects and goals"), form=BackgroundRuling),),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
TEAM = HumanStep(
    name="reception-team",
    title=N_("Reception team"),
    question=N_("Who receives the client? Each member needs a confidentiality agreement and reception training."),
    actions=(Action(name="form", kind=RECORD, label=N_("Propose the team"), form=TeamFormation),),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
ACCEPTANCE = HumanStep(
    name="team-acceptance",
    title=N_("Acceptance by the members"),
    question=N_("Do you accept your role in the reception of this client?"),
    actions=(
        Action(name="accept", kind=RECORD, label=N_("Accept"), form=Commented),
        Action(name="decline", kind=RETURN, label=N_("Decline"), form=Reasoned),
    ),
    signers=RISK_OFFICERS,
    by_initiator=True,
    expiry=Expiry.GO_ON,
)
VENUE = HumanStep(
    name="reception-venue",
    title=N_("Place and equipment"),
    question=N_("Where and when is the client received, and is everything ready?"),
    actions=(Action(name="ready", kind=RECORD, label=N_("Everything is ready"), form=VenueChecklist),),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
FIRST_MEETING = HumanStep(
    name="first-meeting",
    title=N_("First meeting"),
    question=N_("What did the client ask for, and what was answered?"),
    actions=(Action(name="record", kind=RECORD, label=N_("File the record"), form=MeetingRecord),),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
IN_DEPTH = HumanStep(
    name="in-depth-talk",
    title=N_("In-depth talk"),
    question=N_("What are the causes, how do things stand, what does the client expect, and what must they prove?"),
    actions=(Action(name="record", kind=RECORD, label=N_("File the record"), form=InDepthRecord),),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
EVIDENCE = HumanStep(
    name="evidence-received",
    title=N_("Evidence"),
    question=N_("Has the evidence asked for come in?"),
    actions=(
        Action(name="received", kind=RECORD, label=N_("It has come in"), form=EvidenceReceived),
        Action(name="wait", kind=RECORD, label=N_("Wait for more"), form=EvidenceStillOut),
        Action(name="without", kind=RECORD, label=N_("Go on without it"), form=Reasoned),
    ),
    signers=ByHandler(),
    by_initiator=True,
)
OPINIONS = HumanStep(
    name="reception-opinions",
    title=N_("Opinions of the departments"),
    question=N_("What does your department say to what the client asks for?"),
    actions=(Action(name="give", kind=RECORD, label=N_("Give the opinion"), form=DepartmentOpinion),),
    signers=Together(
        parts=(
            ByRole(role=Role.FINANCE_OFFICER),
            ByRole(role=Role.SALES_MANAGER),
            ByRole(role=Role.LEGAL_OFFICER),
        )
    ),
    by_initiator=True,
)
SOLUTION = HumanStep(
    name="solution",
    title=N_("Proposed solution"),
    question=N_("What does the company offer the client?"),
    actions=(
        Action(name="propose", kind=RECORD, label=N_("Propose it"), form=SolutionProposal),
        Action(name="give-up", kind=RECORD, label=N_("There is nothing to offer"), form=NegotiationFailed),
    ),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
CONCESSION = HumanStep(
    name="concession-approval",
    title=N_("Approval of the concession"),
    question=N_("May the company concede this much?"),
    actions=(
        Action(name="approve", kind=APPROVE, label=N_("Approve"), form=Commented),
        Action(name="return", kind=RETURN, label=N_("Return"), form=ReturnForm),
        Action(name="reject", kind=REJECT, label=N_("Reject"), form=Reasoned),
    ),
    signers=ByMatrix(),
    returns_to=("solution",),
)
_AGREED = Action(name="agreed", kind=RECORD, label=N_("The client agrees"), form=Agreed)
_COUNTER = Action(name="counter", kind=RECORD, label=N_("The client proposes something else"), form=CounterProposal)
_FAILED = Action(name="failed", kind=RECORD, label=N_("No agreement"), form=NegotiationFailed)
NEGOTIATION = HumanStep(
    name="negotiation",
    title=N_("Negotiation"),
    question=N_("What did the negotiation come to?"),
    actions=(_AGREED, _COUNTER, _FAILED),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
LAST_NEGOTIATION = NEGOTIATION.model_copy(
    update={
        "question": N_("This is the last round. Does the client agree or not?"),
        "actions": (_AGREED, _FAILED),
    }
)
MINUTES_REVIEW = HumanStep(
    name="minutes-review",
    title=N_("Minutes"),
    question=N_("Do the minutes say what was said and agreed? Who signs them for the client?"),
    actions=(Action(name="issue", kind=RECORD, label=N_("Issue the minutes"), form=MinutesText),),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
MINUTES_SIGNING = HumanStep(
    name="minutes-signing",
    title=N_("Signatures of the team"),
    question=N_("Please read the minutes and sign them."),
    actions=(
        Action(name="sign", kind=RECORD, label=N_("Sign"), form=MinutesSigned),
        Action(name="object", kind=RETURN, label=N_("Object"), form=Reasoned),
    ),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
UNSIGNED_MINUTES = HumanStep(
    name="unsigned-minutes",
    title=N_("The client has not signed"),
    question=N_("Shall the minutes be revised, the client be asked again, or do we go on without the signature?"),
    actions=(
        Action(name="revise", kind=RECORD, label=N_("Revise the minutes"), form=Reasoned),
        Action(name="ask-again", kind=RECORD, label=N_("Ask again"), form=ClientSide),
        Action(name="without", kind=RECORD, label=N_("Go on without the signature"), form=Reasoned),
    ),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
RESPONSE = HumanStep(
    name="risk-response",
    title=N_("Response to the risk"),
    question=N_("Must trading be suspended, the client be watched more closely, or legal steps be taken?"),
    actions=(
        Action(name="respond", kind=RECORD, label=N_("Respond"), form=ResponsePlan),
        Action(name="none", kind=RECORD, label=N_("No response is needed"), form=Reasoned),
    ),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
SUSPENSION = HumanStep(
    name="suspension-approval",
    title=N_("Approval of the suspension"),
    question=N_("May trading with this client be suspended?"),
    actions=(
        Action(name="approve", kind=APPROVE, label=N_("Approve"), form=Commented),
        Action(name="return", kind=RETURN, label=N_("Return"), form=ReturnForm),
        Action(name="reject", kind=REJECT, label=N_("Reject"), form=Reasoned),
    ),
    signers=ByRole(role=Role.RISK_MANAGER),
    returns_to=("risk-response",),
)
LEGAL_CONSULTATION = HumanStep(
    name="legal-consultation",
    title=N_("Legal advice"),
    question=N_("The risk department asks for legal advice."),
    actions=(Action(name="advise", kind=RECORD, label=N_("Give the opinion"), form=LegalConsultation),),
    signers=ByRole(role=Role.LEGAL_OFFICER),
    by_initiator=True,
)
LEGAL_CASE = HumanStep(
    name="legal-case",
    title=N_("Preparation of legal action"),
    question=N_("Where do we sue, for how much, on what grounds and with what evidence?"),
    actions=(
        Action(name="submit", kind=RECORD, label=N_("Put to approval"), form=LegalCase),
        Action(name="advise-against", kind=RECORD, label=N_("Advise against it"), form=Reasoned),
    ),
    signers=ByRole(role=Role.LEGAL_OFFICER),
    by_initiator=True,
)
LEGAL_ACTION = HumanStep(
    name="legal-action-approval",
    title=N_("Approval of legal action"),
    question=N_("Shall the company sue this client?"),
    actions=(
        Action(name="approve", kind=APPROVE, label=N_("Approve"), form=Commented),
        Action(name="return", kind=RETURN, label=N_("Return"), form=ReturnForm),
        Action(name="reject", kind=REJECT, label=N_("Reject"), form=Reasoned),
    ),
    signers=Together(
        parts=(
            ByRole(role=Role.LEGAL_OFFICER),
            ByRole(role=Role.FINANCE_OFFICER),
            ByRole(role=Role.VICE_PRESIDENT),
        )
    ),
    returns_to=("legal-case",),
    sensitive=True,
)
PARTIES_INFORMED = HumanStep(
    name="parties-informed",
    title=N_("Others informed"),
    question=N_("Whom did you inform, when, how, and of what?"),
    actions=(
        Action(name="record", kind=RECORD, label=N_("File the record"), form=PartiesInformed),
        Action(name="nobody", kind=RECORD, label=N_("Nobody needed to be told"), form=Reasoned),
    ),
    signers=ByHandler(),
    by_initiator=True,
)
TRACKING_PLAN = HumanStep(
    name="tracking-plan",
    title=N_("Tracking plan"),
    question=N_("What must be done from here on, by whom, and until when?"),
    actions=(
        Action(name="plan", kind=RECORD, label=N_("Set the plan"), form=TrackingPlan),
        Action(name="nothing", kind=RECORD, label=N_("Nothing is to be tracked"), form=Reasoned),
    ),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
_CHECKED = (
    Action(name="done", kind=RECORD, label=N_("Done"), form=ItemDone),
    Action(name="adjust", kind=RECORD, label=N_("Put it off"), form=ItemAdjusted),
    Action(name="drop", kind=RECORD, label=N_("Drop it"), form=Reasoned),
)
CHECK = HumanStep(
    name="tracking-check",
    title=N_("Check of a tracked item"),
    question=N_("Is this done?"),
    actions=_CHECKED,
    signers=RISK_OFFICERS,
    by_initiator=True,
    expiry=Expiry.GO_ON,
)
CHECK_AGAIN = HumanStep(
    name="tracking-check-again",
    title=N_("Check of an item nobody answered for"),
    question=N_("Its owner did not say whether this is done. Is it?"),
    actions=_CHECKED,
    signers=RISK_OFFICERS,
    by_initiator=True,
)
EFFECT = HumanStep(
    name="effect-evaluation",
    title=N_("Effect of the reception"),
    question=N_("How far is the matter resolved, how satisfied is the client, and what loss was avoided?"),
    actions=(Action(name="evaluate", kind=RECORD, label=N_("File the evaluation"), form=EffectEvaluation),),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
LESSONS = HumanStep(
    name="reception-lessons",
    title=N_("Lessons learnt"),
    question=N_("What caused it, what worked, and what should be better next time?"),
    actions=(Action(name="record", kind=RECORD, label=N_("File the record"), form=LessonsLearnt),),
    signers=RISK_OFFICERS,
    by_initiator=True,
)
CLOSING = HumanStep(
    name="reception-closing",
    title=N_("Closing of the reception"),
    question=N_("Can the reception be closed?"),
    actions=(
        Action(name="close", kind=APPROVE, label=N_("Close it"), form=Commented),
        Action(name="track-on", kind=RETURN, label=N_("More is to be tracked"), form=MoreTracking),
    ),
    signers=ByRole(role=Role.RISK_MANAGER),
)
SPECIAL_ASSESSMENT = HumanStep(
    name="special-assessment",
    title=N_("Special assessment of a major case"),
    question=N_("Was this major case handled by the rules, and what is to be put right?"),
    actions=(Action(name="assess", kind=RECORD, label=N_("File the assessment"), form=MajorCaseAssessment),),
    signers=ByRole(role=Role.AUDITOR),
)

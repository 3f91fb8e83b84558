"""What people are asked in the collections escalation (X, B, C). A payment overtakes every step."""

from __future__ import annotations

from config.languages import N_
from config.words import ActionKind, Expiry, Role, StrategyWay
from models.forms.collections import (
    CollectionVisitReport,
    CustomerReply,
    EvidenceCollected,
    LetterPosted,
    SpecialGroupFormed,
    TelephoneRecord,
)
from models.forms.collections_strategy import (
    AgencyProposal,
    EnforcementReport,
    JudgmentRecord,
    LawsuitProposal,
    PlanProposal,
    ProgressReport,
    SuitFiled,
    WriteOffProposal,
)
from models.forms.common import Commented, Reasoned, ReturnForm
from models.operations.ledger import PAYMENT
from models.rules.signing import ByMatrix, ByRole
from models.steps import Action, ByHandler, HumanStep

TELEPHONE = HumanStep(
    name="telephone",
    title=N_("Telephone the customer"),
    question=N_("Please call the customer about the overdue invoices. What was answered?"),
    actions=(Action(name="record", kind=ActionKind.RECORD, label=N_("Record the call"), form=TelephoneRecord),),
    signers=ByHandler(),
    by_initiator=True,
    expiry=Expiry.GO_ON,
    yields_to=(PAYMENT,),
)
POST_LETTER = HumanStep(
    name="post-letter",
    title=N_("Post the letter"),
    question=N_("The demand for payment is written. Please have it sealed and posted with a tracking number."),
    actions=(Action(name="record", kind=ActionKind.RECORD, label=N_("Record the posting"), form=LetterPosted),),
    signers=ByHandler(),
    by_initiator=True,
    expiry=Expiry.GO_ON,
    yields_to=(PAYMENT,),
)
CUSTOMER_REPLY = HumanStep(
    name="customer-reply",
    title=N_("Record the customer's answer"),
    question=N_("If the customer answers before the next rung, please record what it says."),
    actions=(Action(name="record", kind=ActionKind.RECORD, label=N_("Record the answer"), form=CustomerReply),),
    signers=ByHandler(),
    by_initiator=True,
    expiry=Expiry.GO_ON,
    yields_to=(PAYMENT,),
)
COLLECTION_VISIT = HumanStep(
    name="collection-visit",
    title=N_("Visit the customer"),
    question=N_("Please call on the customer, not alone, hand over the final demand, and report."),
    actions=(Action(name="report", kind=ActionKind.RECORD, label=N_("File the report"), form=CollectionVisitReport),),
    signers=ByHandler(),
    by_initiator=True,
    expiry=Expiry.GO_ON,
    yields_to=(PAYMENT,),
)
FORM_GROUP = HumanStep(
    name="form-group",
    title=N_("Form the special group"),
    question=N_("Trading is stopped. Who of legal, finance and business forms the special group?"),
    actions=(Action(name="form", kind=ActionKind.RECORD, label=N_("Form the group"), form=SpecialGroupFormed),),
    signers=ByRole(role=Role.RISK_MANAGER),
    expiry=Expiry.GO_ON,
    yields_to=(PAYMENT,),
)
JOIN_GROUP = HumanStep(
    name="join-group",
    title=N_("Join the special group"),
    question=N_("You are named for the special group. Do you accept?"),
    actions=(
        Action(name="accept", kind=ActionKind.RECORD, label=N_("Accept"), form=Commented),
        Action(name="decline", kind=ActionKind.RECORD, label=N_("Decline"), form=Reasoned),
    ),
    signers=ByHandler(),  # replaced by the members named
    by_initiator=True,
    expiry=Expiry.GO_ON,
    yields_to=(PAYMENT,),
)
COLLECT_EVIDENCE = HumanStep(
    name="collect-evidence",
    title=N_("Collect the evidence"),
    question=N_("Please put together contracts, trades, correspondence and collection records."),
    actions=(Action(name="hand-in", kind=ActionKind.RECORD, label=N_("Hand in"), form=EvidenceCollected),),
    signers=ByHandler(),  # replaced by the group's legal member
    by_initiator=True,
    expiry=Expiry.GO_ON,
    yields_to=(PAYMENT,),
)
CHOOSE_STRATEGY = HumanStep(
    name="choose-strategy",
    title=N_("Choose the way on"),
    question=N_("How does the special group go on to recover the debt?"),
    actions=(
        Action(
            name=StrategyWay.PLAN.value,
            kind=ActionKind.RECORD,
            label=N_("Propose a repayment plan"),
            form=PlanProposal,
        ),
        Action(
            name=StrategyWay.AGENCY.value, kind=ActionKind.RECORD, label=N_("Propose an agency"), form=AgencyProposal
        ),
        Action(
            name=StrategyWay.LAWSUIT.value, kind=ActionKind.RECORD, label=N_("Propose a lawsuit"), form=LawsuitProposal
        ),
        Action(
            name=StrategyWay.WRITE_OFF.value,
            kind=ActionKind.RECORD,
            label=N_("Propose to write it off"),
            form=WriteOffProposal,
        ),
    ),
    signers=ByHandler(),  # replaced by the group's business member
    by_initiator=True,
    expiry=Expiry.GO_ON,
    yields_to=(PAYMENT,),
)
APPROVE_STRATEGY = HumanStep(
    name="approve-strategy",
    title=N_("Approve the way on"),
    question=N_("Does the company go this way to recover the debt?"),
    actions=(
        Action(name="approve", kind=ActionKind.APPROVE, label=N_("Approve"), form=Commented),
        Action(name="return", kind=ActionKind.RETURN, label=N_("Return"), form=ReturnForm),
    ),
    signers=ByMatrix(),  # or those whom the policy names for this way
    returns_to=(CHOOSE_STRATEGY.name,),
    expiry=Expiry.REJECT,
    yields_to=(PAYMENT,),
)
AGENCY_REPORT = HumanStep(
    name="agency-report",
    title=N_("Report on the agency"),
    question=N_("What has the agency achieved? Has it given the debt back?"),
    actions=(
        Action(name="report", kind=ActionKind.RECORD, label=N_("Report"), form=ProgressReport),
        Action(name="given-back", kind=ActionKind.RECORD, label=N_("The agency gives it back"), form=Reasoned),
    ),
    signers=ByHandler(),
    by_initiator=True,
    expiry=Expiry.GO_ON,
    yields_to=(PAYMENT,),
)
FILE_SUIT = HumanStep(
    name="file-suit",
    title=N_("File the suit"),
    question=N_("The lawsuit is approved. Please file it and record the number of the court."),
    actions=(
        Action(name="filed", kind=ActionKind.RECORD, label=N_("Record the filing"), form=SuitFiled),
        Action(name="not-filed", kind=ActionKind.RECORD, label=N_("It cannot be filed"), form=Reasoned),
    ),
    signers=ByRole(role=Role.LEGAL_OFFICER),
    expiry=Expiry.GO_ON,
    yields_to=(PAYMENT,),
)
JUDGMENT = HumanStep(
    name="judgment",
    title=N_("Record the judgment"),
    question=N_("Has the court decided? If not, how does the suit stand?"),
    actions=(
        Action(name="judgment", kind=ActionKind.RECORD, label=N_("Record the judgment"), form=JudgmentRecord),
        Action(name="report", kind=ActionKind.RECORD, label=N_("Still pending"), form=ProgressReport),
        Action(name="withdrawn", kind=ActionKind.RECORD, label=N_("The suit is withdrawn"), form=Reasoned),
    ),
    signers=ByRole(role=Role.LEGAL_OFFICER),
    expiry=Expiry.GO_ON,
    yields_to=(PAYMENT,),
)
ENFORCEMENT = HumanStep(
    name="enforcement",
    title=N_("Enforce the judgment"),
    question=N_("The judgment is not paid yet. How does its enforcement stand?"),
    actions=(
        Action(name="report", kind=ActionKind.RECORD, label=N_("Report"), form=EnforcementReport),
        Action(name="unenforceable", kind=ActionKind.RECORD, label=N_("It cannot be enforced"), form=Reasoned),
    ),
    signers=ByRole(role=Role.LEGAL_OFFICER),
    expiry=Expiry.GO_ON,
    yields_to=(PAYMENT,),
)

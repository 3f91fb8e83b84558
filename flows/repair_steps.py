"""What people are asked in a credit repair (B). A relapse overtakes every step up to the decision."""

from __future__ import annotations

from config.languages import N_
from config.words import ActionKind, Expiry, Mode, Role
from models.forms.common import Commented, ReturnForm
from models.forms.onboarding import SiteVisitReport
from models.forms.repair import (
    Appeal,
    BackgroundOrder,
    BackgroundReport,
    MorePapers,
    PapersChecked,
    RepairApproval,
    RepairRefusal,
    RepairReview,
    RepairVisitOrder,
    SuppliedPapers,
)
from models.operations.repair import RELAPSE
from models.rules.signing import ByRole, Together
from models.steps import Action, ByHandler, HumanStep

PAPERS_CHECK = HumanStep(
    name="papers-check",
    title=N_("Check of the papers"),
    question=N_("Do the papers bear out what the applicant says was put right?"),
    actions=(
        Action(name="complete", kind=ActionKind.RECORD, label=N_("The papers are complete"), form=PapersChecked),
        Action(name="ask", kind=ActionKind.RECORD, label=N_("Ask the applicant for more"), form=MorePapers),
    ),
    signers=ByHandler(),
    by_initiator=True,
    yields_to=(RELAPSE,),
)
SUPPLY_PAPERS = HumanStep(
    name="supply-papers",
    title=N_("Further papers of the applicant"),
    question=N_("Please get from the customer what is still needed, and hand it in."),
    actions=(Action(name="supply", kind=ActionKind.RECORD, label=N_("Hand in"), form=SuppliedPapers),),
    signers=ByHandler(),
    by_initiator=True,
    yields_to=(RELAPSE,),
)
REPAIR_REVIEW = HumanStep(
    name="repair-review",
    title=N_("Review by the risk department"),
    question=N_("Has the conduct been put right for good?"),
    actions=(
        Action(name="review", kind=ActionKind.RECORD, label=N_("File the review"), form=RepairReview),
        Action(name="visit", kind=ActionKind.RECORD, label=N_("Order a site visit"), form=RepairVisitOrder),
        Action(name="check", kind=ActionKind.RECORD, label=N_("Order a background check"), form=BackgroundOrder),
    ),
    signers=ByRole(role=Role.RISK_OFFICER),
    yields_to=(RELAPSE,),
)
REPAIR_VISIT = HumanStep(
    name="repair-visit",
    title=N_("Site visit"),
    question=N_("Please visit the applicant's premises and report."),
    actions=(Action(name="report", kind=ActionKind.RECORD, label=N_("File the report"), form=SiteVisitReport),),
    signers=ByRole(role=Role.RISK_OFFICER),
    yields_to=(RELAPSE,),
)
BACKGROUND_CHECK = HumanStep(
    name="background-check",
    title=N_("Background check"),
    question=N_("Please check the applicant with courts, registers, banks and in the trade, and report."),
    actions=(Action(name="report", kind=ActionKind.RECORD, label=N_("File the report"), form=BackgroundReport),),
    signers=Together(mode=Mode.ANY, parts=(ByRole(role=Role.RISK_OFFICER), ByRole(role=Role.LEGAL_OFFICER))),
    yields_to=(RELAPSE,),
)
COUNTERSIGN = HumanStep(
    name="repair-countersign",
    title=N_("Countersignature on the repair"),
    question=N_("Do you agree that the customer comes off the list?"),
    actions=(
        Action(name="agree", kind=ActionKind.APPROVE, label=N_("Agree"), form=Commented),
        Action(name="return", kind=ActionKind.RETURN, label=N_("Return"), form=ReturnForm),
        Action(name="refuse", kind=ActionKind.REJECT, label=N_("Refuse"), form=RepairRefusal),
    ),
    signers=Together(
        parts=(ByRole(role=Role.RISK_MANAGER), ByRole(role=Role.LEGAL_OFFICER), ByRole(role=Role.FINANCE_OFFICER))
    ),
    returns_to=("papers-check", "repair-review"),
    yields_to=(RELAPSE,),
)
HEAD_DECISION = HumanStep(
    name="repair-decision",
    title=N_("Decision on the repair"),
    question=N_("Does the customer come off the list, and at which grade?"),
    actions=(
        Action(name="grant", kind=ActionKind.APPROVE, label=N_("Grant the repair"), form=RepairApproval),
        Action(name="return", kind=ActionKind.RETURN, label=N_("Return"), form=ReturnForm),
        Action(name="refuse", kind=ActionKind.REJECT, label=N_("Refuse"), form=RepairRefusal),
    ),
    signers=ByRole(role=Role.HEAD),
    returns_to=("papers-check", "repair-review"),
    sensitive=True,
    yields_to=(RELAPSE,),
)
APPEAL = HumanStep(
    name="repair-appeal",
    title=N_("Appeal against the refusal"),
    question=N_("The repair was refused. Is the refusal appealed in the customer's name?"),
    actions=(
        Action(name="appeal", kind=ActionKind.RECORD, label=N_("Appeal"), form=Appeal),
        Action(name="accept", kind=ActionKind.RECORD, label=N_("Accept the refusal"), form=Commented),
    ),
    signers=ByHandler(),
    by_initiator=True,
    expiry=Expiry.GO_ON,
)
APPEAL_DECISION = HumanStep(
    name="appeal-decision",
    title=N_("Decision on the appeal"),
    question=N_("Does the appeal change the decision?"),
    actions=(
        Action(name="grant", kind=ActionKind.APPROVE, label=N_("Grant the repair"), form=RepairApproval),
        Action(name="uphold", kind=ActionKind.REJECT, label=N_("Uphold the refusal"), form=RepairRefusal),
    ),
    signers=ByRole(role=Role.VICE_PRESIDENT),
    sensitive=True,
    yields_to=(RELAPSE,),
)

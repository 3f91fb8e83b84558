"""Every table of the product. A table is entered through an operation, never from outside."""

from models.tables.access import ApiToken, ApprovalLink, SignInLink, WebSession
from models.tables.cases import (
    Case,
    CaseNumber,
    Document,
    JournalEntry,
    Progress,
    Run,
    Signal,
    Signer,
    Step,
    Timer,
    Wait,
)
from models.tables.collections import (
    CollectionContact,
    CollectionRung,
    CollectionStrategy,
    Instalment,
    SpecialGroup,
)
from models.tables.customers import (
    Assessment,
    CreditLine,
    Customer,
    Listing,
    RiskArchive,
    RiskWarning,
    Routine,
)
from models.tables.evaluation import CustomerFigures, Evaluation, EvaluationRow
from models.tables.ledger import Allocation, Invoice, Payment
from models.tables.papers import OutsideLink, OutsideParty, Paper, PaperSignature
from models.tables.people import Channel, Person
from models.tables.reception import Commitment, Qualification, ReceptionResult, TeamMember, TrackingItem
from models.tables.records import AuditEvent, ChainHead, Heartbeat, OutboxMessage, PolicyVersion
from models.tables.signing import Absence, Attachment, Copy, Remark
from models.tables.standing import Measure, Nomination

__all__ = [
    "Absence",
    "Allocation",
    "ApiToken",
    "ApprovalLink",
    "Assessment",
    "Attachment",
    "AuditEvent",
    "Case",
    "CaseNumber",
    "ChainHead",
    "Channel",
    "CollectionContact",
    "CollectionRung",
    "CollectionStrategy",
    "Commitment",
    "Copy",
    "CreditLine",
    "Customer",
    "CustomerFigures",
    "Document",
    "Evaluation",
    "EvaluationRow",
    "Heartbeat",
    "Instalment",
    "Invoice",
    "JournalEntry",
    "Listing",
    "Measure",
    "Nomination",
    "OutboxMessage",
    "OutsideLink",
    "OutsideParty",
    "Paper",
    "PaperSignature",
    "Payment",
    "Person",
    "PolicyVersion",
    "Progress",
    "Qualification",
    "ReceptionResult",
    "Remark",
    "RiskArchive",
    "RiskWarning",
    "Routine",
    "Run",
    "SignInLink",
    "Signal",
    "Signer",
    "SpecialGroup",
    "Step",
    "TeamMember",
    "Timer",
    "TrackingItem",
    "Wait",
    "WebSession",
]

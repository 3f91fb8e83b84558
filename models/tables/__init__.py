"""Every table of the product. A table is entered through an operation, never from outside."""

from models.tables.access import ApiToken, ApprovalLink, Attempts, SignInEntry, SignInLink, WebSession
from models.tables.append_only import keep_append_only
from models.tables.assessments import AuditFinding, WorkAssessment
from models.tables.care import CareTurn
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
from models.tables.meetings import Meeting
from models.tables.papers import OutsideLink, OutsideParty, Paper, PaperSignature
from models.tables.people import CalendarFeed, Channel, Person, Preference, SavedView
from models.tables.privacy import AuditPrivate, Consent, EncryptionKey, Erasure, LegalHold
from models.tables.reception import Commitment, Qualification, ReceptionResult, TeamMember, TrackingItem
from models.tables.records import (
    AuditEvent,
    ChainHead,
    Heartbeat,
    Installation,
    Look,
    MadeOnce,
    OutboxMessage,
    PolicyVersion,
    RoutineState,
    ScheduleChange,
    Webhook,
    WebhookDelivery,
)
from models.tables.signing import Absence, Attachment, Copy, Remark
from models.tables.standing import Measure, Nomination

keep_append_only()

__all__ = [
    "Absence",
    "Allocation",
    "ApiToken",
    "ApprovalLink",
    "Assessment",
    "Attachment",
    "Attempts",
    "AuditEvent",
    "AuditFinding",
    "AuditPrivate",
    "CalendarFeed",
    "CareTurn",
    "Case",
    "CaseNumber",
    "ChainHead",
    "Channel",
    "CollectionContact",
    "CollectionRung",
    "CollectionStrategy",
    "Commitment",
    "Consent",
    "Copy",
    "CreditLine",
    "Customer",
    "CustomerFigures",
    "Document",
    "EncryptionKey",
    "Erasure",
    "Evaluation",
    "EvaluationRow",
    "Heartbeat",
    "Installation",
    "Instalment",
    "Invoice",
    "JournalEntry",
    "LegalHold",
    "Listing",
    "Look",
    "MadeOnce",
    "Measure",
    "Meeting",
    "Nomination",
    "OutboxMessage",
    "OutsideLink",
    "OutsideParty",
    "Paper",
    "PaperSignature",
    "Payment",
    "Person",
    "PolicyVersion",
    "Preference",
    "Progress",
    "Qualification",
    "ReceptionResult",
    "Remark",
    "RiskArchive",
    "RiskWarning",
    "Routine",
    "RoutineState",
    "Run",
    "SavedView",
    "ScheduleChange",
    "SignInEntry",
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
    "Webhook",
    "WebhookDelivery",
    "WorkAssessment",
]

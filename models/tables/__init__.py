"""Every table of the product. A table is entered through an operation, never from outside."""

from models.tables.access import ApiToken, ApprovalLink, SignInLink, WebSession
from models.tables.cases import Case, CaseNumber, Document, JournalEntry, Run, Signer, Step, Timer, Wait
from models.tables.customers import (
    Assessment,
    CreditLine,
    Customer,
    Listing,
    RiskArchive,
    RiskWarning,
    Routine,
)
from models.tables.people import Channel, Person
from models.tables.records import AuditEvent, ChainHead, Heartbeat, OutboxMessage, PolicyVersion
from models.tables.signing import Absence, Attachment, Copy, Remark

__all__ = [
    "Absence",
    "ApiToken",
    "ApprovalLink",
    "Assessment",
    "Attachment",
    "AuditEvent",
    "Case",
    "CaseNumber",
    "ChainHead",
    "Channel",
    "Copy",
    "CreditLine",
    "Customer",
    "Document",
    "Heartbeat",
    "JournalEntry",
    "Listing",
    "OutboxMessage",
    "Person",
    "PolicyVersion",
    "Remark",
    "RiskArchive",
    "RiskWarning",
    "Routine",
    "Run",
    "SignInLink",
    "Signer",
    "Step",
    "Timer",
    "Wait",
    "WebSession",
]

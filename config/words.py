"""The field's standard terms, as the policies use them (processes §1).

Every word has a stable value for storage and an English label; the label is also the key of its
translation (``config/locales``), so a word is never shown by its storage value.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A closed vocabulary whose members are written ``NAME = "value", "Label"``."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        word = str.__new__(cls, value)
        word._value_ = value
        word.label = label or value.replace("_", " ").capitalize()
        return word


class CustomerType(Word):
    """Who a customer is (X)."""

    INDIVIDUAL = "individual", "Individual"
    LARGE = "large_enterprise", "Large enterprise"
    MEDIUM = "medium_enterprise", "Medium enterprise"
    SMALL = "small_enterprise", "Small enterprise"
    INSTITUTION = "institution", "Institution"


class CustomerStatus(Word):
    """Where a customer stands with the company."""

    APPLICANT = "applicant", "Applicant"
    ADMITTED = "admitted", "Admitted"
    REFUSED = "refused", "Refused"


class RiskLevel(Word):
    LOW = "low", "Low risk"
    MEDIUM = "medium", "Medium risk"
    HIGH = "high", "High risk"


class CreditGrade(Word):
    """Credit grade by score (C), shown with the words of X."""

    A = "A", "A · Excellent"
    B = "B", "B · Good"
    C = "C", "C · Fair"
    D = "D", "D · Poor"


class CustomerClass(Word):
    """Customer class (C): how closely the company works with the customer."""

    A = "A", "A · Important partner"
    B = "B", "B · Potential"
    C = "C", "C · Ordinary"
    D = "D", "D · High risk"


class ListingKind(Word):
    GREY = "grey", "Grey list"
    BLACK = "black", "Black list"


class ListingCriterion(Word):
    """Why a customer is listed (B)."""

    MALICIOUS_ARREARS = "malicious_arrears", "Malicious arrears"
    FRAUD = "fraud", "Fraud"
    BREACH = "breach_of_contract", "Breach of contract"
    UNLAWFUL = "unlawful_activity", "Unlawful activity"
    GRAVE_DAMAGE = "grave_damage", "Grave damage to the business"


class Department(Word):
    BUSINESS = "business", "Business"
    RISK = "risk", "Risk"
    FINANCE = "finance", "Finance"
    LEGAL = "legal", "Legal"
    AUDIT = "audit", "Internal audit"
    SERVICE = "service", "Customer service"
    MANAGEMENT = "management", "Management"


class Role(Word):
    """What a person may be asked to do. A person may hold several."""

    HANDLER = "handler", "Business handler"
    SALES_MANAGER = "sales_manager", "Sales manager"
    DEPUTY_HEAD = "deputy_head", "Deputy head of department"
    HEAD = "head", "Head of department"
    VICE_PRESIDENT = "vice_president", "Vice-president in charge"
    RISK_OFFICER = "risk_officer", "Risk officer"
    RISK_MANAGER = "risk_manager", "Risk manager"
    FINANCE_OFFICER = "finance_officer", "Finance officer"
    LEGAL_OFFICER = "legal_officer", "Legal officer"
    CLIENT_ADMINISTRATOR = "client_administrator", "Client administrator"
    AUDITOR = "auditor", "Internal auditor"
    OPS = "ops", "Operations"
    MANAGER = "manager", "Manager (reads everything)"


class Mode(Word):
    """How the seats of one level sign."""

    ANY = "any", "Any one signs"
    ALL = "all", "All must sign"
    QUORUM = "quorum", "A quorum signs"


class ActionKind(Word):
    """What an answer does to the step it answers."""

    APPROVE = "approve", "Approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions", "Approve with conditions"
    RETURN = "return", "Return"
    REJECT = "reject", "Reject"
    RECORD = "record", "Record"


class StepState(Word):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class ClosedBy(Word):
    """Which of the contenders closed a step; exactly one does."""

    ANSWER = "answer", "Answered"
    EXPIRY = "expiry", "Expired"
    WITHDRAWAL = "withdrawal", "Withdrawn"
    CANCELLATION = "cancellation", "Cancelled"


class SignerState(Word):
    WAITING = "waiting", "Not yet asked"
    ASKED = "asked", "Asked"
    SIGNED = "signed", "Signed"
    RELEASED = "released", "No longer needed"
    DELEGATED = "delegated", "Delegated; the answer comes back"
    ADVISED = "advised", "Answered for the delegator"
    TRANSFERRED = "transferred", "Transferred to another"
    REMOVED = "removed", "Taken off the route"


class Place(Word):
    """Where an added signer signs, seen from the one who added them."""

    BEFORE = "before", "Before me"
    BESIDE = "beside", "Beside me"
    AFTER = "after", "After me"


class RemarkKind(Word):
    """What is said about a step without deciding it."""

    COMMENT = "comment", "Comment"
    QUESTION = "question", "Question"
    ANSWER = "answer", "Answer"


class Expiry(Word):
    """What a step's expiry does to the case, by declaration."""

    LAPSE = "lapse", "The case lapses"
    REJECT = "reject", "Counts as rejected"
    GO_ON = "go_on", "Goes on with a note"


class CaseState(Word):
    RUNNING = "running", "Running"
    FAILED = "failed", "Failed"
    CLOSED = "closed", "Closed"


class Outcome(Word):
    """How a case ended."""

    ADMITTED = "admitted", "Admitted"
    ADMITTED_WITH_CONDITIONS = "admitted_with_conditions", "Admitted with conditions"
    ADMITTED_WITHOUT_CREDIT = "admitted_without_credit", "Admitted without credit"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Lapsed"
    CANCELLED = "cancelled", "Cancelled"


class ActorKind(Word):
    """In whose name something happened. The system never acts in a person's name."""

    PERSON = "person", "Person"
    SYSTEM = "system", "The system"
    PROGRAM = "program", "Program"


class MessageState(Word):
    PENDING = "pending", "Waiting to be sent"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    UNKNOWN = "unknown", "Fate unknown"
    SKIPPED = "skipped", "Not sent"
    DEAD = "dead", "Given up"


class Security(Word):
    """What secures a credit line (B)."""

    DEPOSIT = "deposit", "Deposit"
    MORTGAGE = "mortgage", "Mortgage"
    PLEDGE = "pledge", "Pledge"
    GUARANTEE = "guarantee", "Guarantee"


class Language(Word):
    ZH_CN = "zh_CN", "中文"
    EN = "en", "English"

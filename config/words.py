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


class MeasureKind(Word):
    """A measure against a customer's risk (B); all but the last are those of the credit policy."""

    MONITOR = "monitor_more_often", "Monitor more often"
    LIMIT = "limit_trading", "Limit trading"
    SUSPEND = "suspend_trading", "Suspend trading"
    SECURITY = "demand_security", "Demand security"
    PREPAYMENT = "prepayment", "Prepayment"
    SHORTER_TERM = "shorter_term", "Shorter payment term"
    FREEZE = "freeze_credit", "Freeze the credit line"


class QualificationKind(Word):
    """What somebody needs to receive risk clients (R, B, X)."""

    CONFIDENTIALITY = "confidentiality", "Confidentiality agreement"
    RECEPTION_TRAINING = "reception_training", "Reception training"


class ContactWay(Word):
    """How a customer who owes money was approached."""

    REMINDER = "reminder", "Reminder sent"
    TELEPHONE = "telephone", "Telephone call"
    LETTER = "letter", "Letter posted"
    VISIT = "visit", "Visit paid"


class ContactAnswer(Word):
    """What a customer who owes money answered."""

    NONE = "none", "No answer yet"
    NOT_REACHED = "not_reached", "Not reached"
    PROMISES = "promises", "Promises to pay"
    DISPUTES = "disputes", "Disputes the debt"
    REFUSES = "refuses", "Refuses to pay"
    STALLS = "stalls", "Stalls"


class RungWay(Word):
    """What a rung of the collections ladder asks for (X, B)."""

    REMINDER = "reminder", "Reminder"
    TELEPHONE = "telephone", "By telephone"
    LETTER = "letter", "Letter"
    VISIT = "visit", "Visit"
    SPECIAL_GROUP = "special_group", "Special group"


class RungState(Word):
    """How far a rung has come; a rung that is over never comes again."""

    BEGUN = "begun", "Under way"
    DONE = "done", "Carried out"
    NOT_DONE = "not_done", "Not carried out in time"


class StrategyWay(Word):
    """What may follow the last rung of the ladder (X)."""

    PLAN = "repayment_plan", "Negotiated repayment"
    AGENCY = "agency", "Third-party agency"
    LAWSUIT = "lawsuit", "Lawsuit"
    WRITE_OFF = "write_off", "Write-off"


class StrategyState(Word):
    PROPOSED = "proposed", "To be approved"
    RUNNING = "running", "Approved, under way"
    RETURNED = "returned", "Not approved"
    FAILED = "failed", "Came to nothing"
    DONE = "done", "Done"


class EvidenceKind(Word):
    """What a special group collects before it acts (X)."""

    CONTRACTS = "contracts", "Contracts"
    TRADES = "trades", "Orders, deliveries and invoices"
    CORRESPONDENCE = "correspondence", "Correspondence"
    COLLECTION = "collection_records", "Collection records"


class JudgmentResult(Word):
    """How a court decided, or the parties settled before it."""

    WON = "won", "Won"
    LOST = "lost", "Lost"
    SETTLED = "settled_in_court", "Settled in court"


class InstalmentState(Word):
    OPEN = "open", "Not yet due"
    KEPT = "kept", "Paid in time"
    LATE = "late", "Paid late"
    BROKEN = "broken", "Not paid"


class TrackingState(Word):
    """How an item of a tracking plan stands (R)."""

    OPEN = "open", "Open"
    DONE = "done", "Done"
    LATE = "late", "Done late"
    DROPPED = "dropped", "Dropped"


class Resolution(Word):
    """How far a reception resolved what it was held for (R)."""

    FULL = "full", "Fully resolved"
    PARTLY = "partly", "Partly resolved"
    NOT = "not", "Not resolved"


class ReceptionTrigger(Word):
    """What makes the company receive a risk client (R)."""

    EARLY_WARNING = "early_warning", "Early warning"
    COMPLAINT = "complaint", "Complaint"
    DISPUTED_DEBT = "disputed_debt", "Disputed debt"
    BY_HAND = "by_hand", "On somebody's judgement"


class Stance(Word):
    """How a department stands to what a client asks (R)."""

    FOR = "for", "In favour"
    RESERVED = "reserved", "In favour with reservations"
    AGAINST = "against", "Against"


class PartyKind(Word):
    """Who else is told of a risk (R)."""

    SUPPLIER = "supplier", "Supplier"
    PARTNER = "partner", "Business partner"
    REGULATOR = "regulator", "Regulator"
    OTHER = "other", "Somebody else"


class TeamRole(Word):
    """What a member does in a reception team (R)."""

    LEAD = "lead", "Head of the team"
    NEGOTIATOR = "negotiator", "Negotiates"
    RECORDER = "recorder", "Keeps the record"
    LEGAL = "legal", "Legal matters"
    FINANCE = "finance", "Financial matters"
    EXPERT = "expert", "Product and technology"
    SECURITY = "security", "Security and order"


class CareKind(Word):
    """A recurring duty towards a customer (X, C, B)."""

    MONITORING = "monitoring", "Monitoring"
    VISIT = "visit", "Regular visit"
    ARCHIVE = "archive_refresh", "Archive refresh"
    GREETING = "greeting", "Festival greeting"


class VisitWay(Word):
    """How a regular visit or a greeting came about (X)."""

    ON_SITE = "on_site", "At the customer's"
    HERE = "here", "At our company"
    REMOTE = "remote", "By telephone or video"
    WRITTEN = "written", "In writing"


class SampleKind(Word):
    """What internal audit samples (R)."""

    MINUTES = "minutes", "Reception minutes"
    PLAN = "plan", "Tracking plan"
    CONFIDENTIALITY = "confidentiality", "Confidentiality of the team"


class SampleSeen(Word):
    """What the record itself says of a sample."""

    SIGNED = "signed", "Signed by the client"
    UNSIGNED = "unsigned", "Not signed by the client"
    SETTLED = "settled", "Every item settled"
    ON_TIME = "on_time", "Items open, none past its day"
    PAST = "past", "Items open past their day"
    HELD = "held", "Agreement and training valid when they joined"
    LACKED = "lacked", "Agreement or training not valid when they joined"


class FindingState(Word):
    """How a finding of internal audit stands (R)."""

    OPEN = "open", "To be rectified"
    RECTIFIED = "rectified", "Rectified, to be verified"
    VERIFIED = "verified", "Rectification verified"


class RewardKind(Word):
    """What an assessment of the work may propose for somebody (R, B)."""

    AWARD = "award", "Award"
    SANCTION = "sanction", "Sanction"


class NominationState(Word):
    OPEN = "open", "To be decided"
    LISTED = "listed", "Listed"
    REFUSED = "not_listed", "Not listed"


class Change(Word):
    """What an evaluation changes for a customer."""

    SAME = "same", "Unchanged"
    UP = "up", "Upgrade"
    DOWN = "down", "Downgrade"
    FIRST = "first", "First evaluation"


class Department(Word):
    BUSINESS = "business", "Business"
    RISK = "risk", "Risk"
    FINANCE = "finance", "Finance"
    LEGAL = "legal", "Legal"
    AUDIT = "audit", "Internal audit"
    SERVICE = "service", "Customer service"
    MANAGEMENT = "management", "Management"


class SignInWay(Word):
    """By which way somebody came in, or tried to."""

    LINK = "link", "One-time link"
    OPENID = "openid", "Company sign-in"
    TOKEN = "token", "API token"
    SELF = "self", "By themselves"
    OPERATIONS = "operations", "By operations"


class SignInEvent(Word):
    """What is written into the book of sign-ins."""

    ASKED = "asked", "A link was asked for"
    SENT = "sent", "A link was sent"
    DONE = "done", "Signed in"
    REFUSED = "refused", "Refused"
    LOCKED = "locked", "Locked for a time"
    ENDED = "ended", "Sessions ended"
    TOKEN_USED = "token_used", "A token was used for the first time"
    TOKEN_REVOKED = "token_revoked", "Tokens revoked"


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
    EVENT = "event", "Overtaken by an event"


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
    SETTLED = "settled", "Settled"
    NOT_SETTLED = "not_settled", "Not settled"
    LEGAL_ACTION = "legal_action", "Taken to court"
    RECOVERED = "recovered", "Recovered"
    PLAN_KEPT = "plan_kept", "Repayment plan kept"
    AGENCY = "agency", "Recovered by an agency"
    JUDGMENT = "judgment", "Judgment"
    WRITTEN_OFF = "written_off", "Written off"
    SIGNED_OFF = "signed_off", "Signed off"
    LISTED = "listed", "Listed"
    NOT_LISTED = "not_listed", "Not listed"
    REPAIRED = "repaired", "Credit repaired"
    RELISTED = "relisted", "Listed again"
    DONE = "done", "Done"


class CaseOrder(Word):
    """In what order a list of cases stands. The last two leave out what they cannot order."""

    NEWEST = "newest", "Newest first"
    OLDEST = "oldest", "Oldest first"
    AMOUNT = "amount", "Largest amount first"
    LONGEST_OPEN = "longest_open", "Open the longest"
    LAST_CLOSED = "last_closed", "Closed last"


class Age(Word):
    """How old a claim is: ``up_to`` so many days beyond its due date, none for the oldest."""

    NOT_DUE = "not_due", "Not yet due"
    UP_TO_30 = "up_to_30", "1–30 days overdue"
    UP_TO_60 = "up_to_60", "31–60 days overdue"
    UP_TO_90 = "up_to_90", "61–90 days overdue"
    OLDER = "older", "More than 90 days overdue"

    @property
    def up_to(self) -> int | None:
        """The most days beyond the due date."""
        return {"not_due": 0, "up_to_30": 30, "up_to_60": 60, "up_to_90": 90}.get(self.value)


class ActorKind(Word):
    """In whose name something happened. The system never acts in a person's name."""

    PERSON = "person", "Person"
    SYSTEM = "system", "The system"
    PROGRAM = "program", "Program"
    OUTSIDE = "outside", "Somebody outside"


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


class DigestRhythm(Word):
    """How often a person is told in one message of what is not urgent."""

    NONE = "none", "At once, each by itself"
    HOURLY = "hourly", "Once an hour"
    DAILY = "daily", "Once a day"


class InvitationState(Word):
    """How far somebody outside has come with what they were asked by a link."""

    UNSENT = "unsent", "Not sent yet"
    SENT = "sent", "Sent"
    OPENED = "opened", "Link opened"
    CODE_ASKED = "code_asked", "Code asked for"
    DONE = "done", "Done"
    EXPIRED = "expired", "Expired"
    LOCKED = "locked", "Locked after wrong codes"
    REVOKED = "revoked", "Not needed any more"


class ConsentPurpose(Word):
    """What for a customer's data may be shared with somebody outside."""

    DISCLOSURE = "disclosure", "Disclosure of the risk archive"
    CREDIT_INQUIRY = "credit_inquiry", "Inquiry with a credit bureau"
    INSURANCE = "insurance", "Credit insurance or guarantee"
    COLLECTION = "collection", "Collection by an agency or a lawyer"
    AUTHORITY = "authority", "Report to an authority or a court"
    GROUP = "group", "Sharing within the group of companies"


class SharedData(Word):
    """What is shared with a consent."""

    IDENTITY = "identity", "Identity and contact"
    STANDING = "standing", "Level, grade and lists"
    ACCOUNT = "account", "Invoices and payments"
    CASES = "cases", "Cases and evidence"
    DOCUMENTS = "documents", "Papers and files"


class ErasureState(Word):
    """How far an erasure on request has come."""

    ASKED = "asked", "Waits to be confirmed"
    CONFIRMED = "confirmed", "Being carried out"
    DONE = "done", "Carried out"
    TURNED_DOWN = "turned_down", "Turned down"

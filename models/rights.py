"""The register of rights: what may be done here, and by whom. What is not in it, nobody may do.

A right is held by a **role** (or a department), or by whoever stands in a **relation** to the very thing: whoever
started the case, its handler, a signer. The first is decided by ``holds``, wherever somebody knocks; the second where
the record is read (``models.queries.rights``), because only there it is known what the thing is. ``docs/access.md``
shows the register as a table; a test tries every route as every role and compares.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Protocol

from config.languages import N_
from config.words import Department, Role, Word
from models.errors import NotAllowed


class Holder(Protocol):
    """Whoever is asked for a right: a person of the register, or somebody thought of as one."""

    @property
    def roles(self) -> Iterable[Role]: ...
    @property
    def department(self) -> Department: ...


class Relation(Word):
    """How somebody may stand to a thing."""

    STARTED = "started", "Whoever started the case"
    HANDLES = "handles", "The handler of the case or customer"
    ABOVE_HANDLER = "above_handler", "Those above the handler"
    SIGNS = "signs", "Whoever has or had a place on a route of the case, or stands in for them"
    TOLD = "told", "Whoever was told of the case or asked a question about it"
    ASKED = "asked", "Whoever is asked this very step or question"
    OWNS = "owns", "Whose own it is"
    MADE = "made", "Whoever made it"


class Right(Word):
    """What may be done."""

    WORK = "work", "Have an inbox, settings, absences, views, tokens and a calendar of one's own"
    LOOK_FOR = "look_for", "List and search: of everything, what one may see"
    SEE_CASE = "see_case", "See a case, its steps and its papers"
    SEE_RUNS = "see_runs", "See the Prefect run behind a case"
    COMMENT = "comment", "Comment on a case"
    URGE = "urge", "Urge those a case waits for"
    WITHDRAW = "withdraw", "Withdraw a case"
    ANSWER = "answer", "Answer a step, hand it on, add signers, attach files"
    SEE_QUESTION = "see_question", "Read a question and its answer"
    ANSWER_QUESTION = "answer_question", "Answer a question"
    EXCEPT_CHANGE = "except_change", "Make exceptions in an evaluation"
    TAKE_EVIDENCE = "take_evidence", "Take the evidence of a case out of the house"
    LOOK_AFTER_OUTSIDE = "look_after_outside", "Send invitations to people outside again, read them their codes"
    OPEN_ONBOARDING = "open_onboarding", "Open onboarding reviews, one or many"
    BEGIN_RECEPTION = "begin_reception", "Begin a reception"
    BEGIN_COLLECTIONS = "begin_collections", "Begin a collections case"
    BEGIN_EVALUATION = "begin_evaluation", "Begin an evaluation"
    BEGIN_LISTING = "begin_listing", "Nominate for the black or grey list"
    BEGIN_REPAIR = "begin_repair", "Apply for credit repair in a customer's name, invite them to apply"
    REPORT_RELAPSE = "report_relapse", "Report a relapse"
    BEGIN_CARE = "begin_care", "Begin a duty of customer care"
    BEGIN_MEETING = "begin_meeting", "Begin a coordination meeting"
    BEGIN_ASSESSMENT = "begin_assessment", "Begin an assessment of the work"
    SEE_CUSTOMER = "see_customer", "See a customer"
    SEE_ACCOUNT = "see_account", "See what a customer owes and may owe, its assessments"
    SEE_LOOKS = "see_looks", "See who looked at a customer"
    UNMASK = "unmask", "Read a masked field of a customer in full"
    KEEP_CONSENTS = "keep_consents", "Record and withdraw a customer's consents to share"
    IMPORT_CONSENTS = "import_consents", "Record many consents from a file"
    DECIDE_ERASURE = (
        "decide_erasure",
        "Ask for erasures, confirm those of others, set legal holds, read all that is kept",
    )
    IMPORT_CUSTOMERS = "import_customers", "Take over customers that no review has admitted"
    KEEP_LEDGER = "keep_ledger", "Enter invoices and payments"
    KEEP_QUALIFICATIONS = "keep_qualifications", "Keep the register of trainings and agreements"
    SEE_STATISTICS = "see_statistics", "See the figures of the whole house"
    SHARE_VIEW = "share_view", "Share a saved view with everybody"
    SEE_OPERATIONS = "see_operations", "See the pages of operations: queue, messages, schedules, staff, policy"
    OPERATE = "operate", "Run the system: retries, messages, schedules, staff, webhooks"
    SEE_WEBHOOKS = "see_webhooks", "See webhooks and what was sent to them"
    SET_ABSENCES = "set_absences", "See, set and cancel anybody's absence"
    SEE_SIGN_INS = "see_sign_ins", "See everybody's sign-ins"
    END_ACCESS = "end_access", "End anybody's sessions, tokens and links"


@dataclass(frozen=True)
class Rule:
    """Who holds a right. ``everybody``: every active member of staff. ``needs``: a right one must have besides; whoever
    stands in a relation that is ``enough`` needs it not."""

    roles: frozenset[Role] = frozenset()
    departments: frozenset[Department] = frozenset()
    relations: tuple[Relation, ...] = ()
    everybody: bool = False
    needs: Right | None = None
    enough: tuple[Relation, ...] = ()
    refusal: str = N_("You may not do this; others do.")


def _roles(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


_R, _S = Role, Relation
READS_EVERYTHING = _roles(_R.OPS, _R.MANAGER, _R.AUDITOR, _R.RISK_MANAGER)
WATCHING_DEPARTMENTS = frozenset(
    {Department.RISK, Department.FINANCE, Department.LEGAL, Department.AUDIT, Department.MANAGEMENT}
)
CONCERNED = (_S.STARTED, _S.HANDLES, _S.SIGNS, _S.TOLD)

RULES: dict[Right, Rule] = {
    Right.WORK: Rule(everybody=True),
    Right.LOOK_FOR: Rule(everybody=True),
    # -- cases
    Right.SEE_CASE: Rule(READS_EVERYTHING, relations=CONCERNED),
    Right.SEE_RUNS: Rule(_roles(_R.OPS, _R.MANAGER), needs=Right.SEE_CASE),
    Right.COMMENT: Rule(relations=CONCERNED),
    Right.URGE: Rule(
        relations=(_S.STARTED, _S.HANDLES), refusal=N_("Only whoever started or handles a case can urge it.")
    ),
    Right.WITHDRAW: Rule(relations=(_S.STARTED,), refusal=N_("Only the person who started a case can withdraw it.")),
    Right.ANSWER: Rule(relations=(_S.ASKED,), refusal=N_("This step is asked of somebody else.")),
    Right.SEE_QUESTION: Rule(relations=(_S.ASKED, _S.MADE)),
    Right.ANSWER_QUESTION: Rule(relations=(_S.ASKED,), refusal=N_("This question was asked of somebody else.")),
    Right.EXCEPT_CHANGE: Rule(
        relations=(_S.ASKED,), needs=Right.SEE_CASE, refusal=N_("You are not asked to review this evaluation.")
    ),
    Right.TAKE_EVIDENCE: Rule(
        _roles(_R.RISK_MANAGER, _R.LEGAL_OFFICER, _R.AUDITOR),
        relations=(_S.HANDLES, _S.ABOVE_HANDLER),
        needs=Right.SEE_CASE,
        enough=(_S.HANDLES, _S.ABOVE_HANDLER),
        refusal=N_("Only the handler and those above, the risk manager, legal and audit take out the evidence."),
    ),
    Right.LOOK_AFTER_OUTSIDE: Rule(
        _roles(_R.RISK_OFFICER, _R.RISK_MANAGER), relations=(_S.HANDLES, _S.MADE), needs=Right.SEE_CASE
    ),
    # -- beginning
    Right.OPEN_ONBOARDING: Rule(
        _roles(_R.HANDLER, _R.SALES_MANAGER, _R.OPS), refusal=N_("Only a business handler can open a case.")
    ),
    Right.BEGIN_RECEPTION: Rule(
        _roles(
            _R.RISK_OFFICER,
            _R.RISK_MANAGER,
            _R.HANDLER,
            _R.SALES_MANAGER,
            _R.FINANCE_OFFICER,
            _R.LEGAL_OFFICER,
            _R.OPS,
        )
    ),
    Right.BEGIN_COLLECTIONS: Rule(_roles(_R.OPS, _R.FINANCE_OFFICER)),
    Right.BEGIN_EVALUATION: Rule(_roles(_R.OPS, _R.RISK_MANAGER)),
    Right.BEGIN_LISTING: Rule(
        _roles(_R.HANDLER, _R.RISK_OFFICER, _R.RISK_MANAGER, _R.FINANCE_OFFICER, _R.LEGAL_OFFICER)
    ),
    Right.BEGIN_REPAIR: Rule(
        _roles(_R.HANDLER, _R.SALES_MANAGER),
        refusal=N_("Only business handlers and sales managers invite customers to apply."),
    ),
    Right.REPORT_RELAPSE: Rule(
        _roles(_R.RISK_OFFICER, _R.RISK_MANAGER), refusal=N_("Only the risk department reports a relapse.")
    ),
    Right.BEGIN_CARE: Rule(_roles(_R.HANDLER, _R.SALES_MANAGER, _R.RISK_OFFICER, _R.RISK_MANAGER, _R.OPS)),
    Right.BEGIN_MEETING: Rule(_roles(_R.OPS, _R.RISK_MANAGER)),
    Right.BEGIN_ASSESSMENT: Rule(_roles(_R.OPS, _R.AUDITOR, _R.RISK_MANAGER)),
    # -- customers
    Right.SEE_CUSTOMER: Rule(READS_EVERYTHING, WATCHING_DEPARTMENTS, (_S.HANDLES, _S.STARTED, _S.SIGNS, _S.TOLD)),
    Right.SEE_ACCOUNT: Rule(
        READS_EVERYTHING, WATCHING_DEPARTMENTS, (_S.HANDLES, _S.ABOVE_HANDLER), needs=Right.SEE_CUSTOMER
    ),
    Right.SEE_LOOKS: Rule(
        _roles(_R.RISK_MANAGER, _R.AUDITOR, _R.MANAGER),
        relations=(_S.ABOVE_HANDLER,),
        needs=Right.SEE_CUSTOMER,
        refusal=N_("Who looked at a customer is shown to those above its handler and to supervision."),
    ),
    Right.UNMASK: Rule(
        _roles(_R.CLIENT_ADMINISTRATOR),
        frozenset({Department.RISK, Department.LEGAL, Department.FINANCE}),
        (_S.HANDLES,),
        needs=Right.SEE_CUSTOMER,
        refusal=N_("Masked fields are shown to the customer's handler, risk, legal and finance."),
    ),
    Right.KEEP_CONSENTS: Rule(
        _roles(_R.RISK_MANAGER, _R.CLIENT_ADMINISTRATOR),
        frozenset({Department.LEGAL}),
        (_S.HANDLES,),
        needs=Right.SEE_CUSTOMER,
        refusal=N_("Consents are kept by the handler, the risk manager, legal and the client administrator."),
    ),
    Right.IMPORT_CONSENTS: Rule(
        _roles(_R.RISK_MANAGER, _R.CLIENT_ADMINISTRATOR),
        frozenset({Department.LEGAL}),
        refusal=N_("Consents are kept by the handler, the risk manager, legal and the client administrator."),
    ),
    Right.DECIDE_ERASURE: Rule(
        _roles(_R.RISK_MANAGER, _R.LEGAL_OFFICER),
        refusal=N_("Only the risk manager and legal decide on erasing data and on legal holds."),
    ),
    Right.IMPORT_CUSTOMERS: Rule(
        _roles(_R.OPS, _R.CLIENT_ADMINISTRATOR),
        refusal=N_("Only operations and the client administrator take over customers."),
    ),
    Right.KEEP_LEDGER: Rule(
        _roles(_R.FINANCE_OFFICER, _R.CLIENT_ADMINISTRATOR, _R.OPS),
        refusal=N_("Only finance and the client administrator keep the ledger."),
    ),
    Right.KEEP_QUALIFICATIONS: Rule(
        _roles(_R.RISK_MANAGER, _R.OPS),
        refusal=N_("Only the risk manager and operations keep the register of qualifications."),
    ),
    # -- the house
    Right.SEE_STATISTICS: Rule(
        READS_EVERYTHING, refusal=N_("This page is open to managers, the risk manager, auditors and operations.")
    ),
    Right.SHARE_VIEW: Rule(READS_EVERYTHING, refusal=N_("Only those who manage share a view with everybody.")),
    Right.SEE_OPERATIONS: Rule(
        _roles(_R.OPS, _R.MANAGER, _R.AUDITOR),
        refusal=N_("This page is open to operations, managers and auditors."),
    ),
    Right.OPERATE: Rule(_roles(_R.OPS), refusal=N_("Only operations may change this.")),
    Right.SEE_WEBHOOKS: Rule(_roles(_R.OPS), refusal=N_("Only operations may change this.")),
    Right.SET_ABSENCES: Rule(
        _roles(_R.OPS), relations=(_S.OWNS,), refusal=N_("Only you yourself or operations set your absence.")
    ),
    Right.SEE_SIGN_INS: Rule(
        _roles(_R.OPS, _R.AUDITOR),
        refusal=N_("Everybody's sign-ins are open to operations and auditors."),
    ),
    Right.END_ACCESS: Rule(_roles(_R.OPS), refusal=N_("Only operations may change this.")),
}
"""The register. A right without a rule does not exist: importing this module fails."""

if missing := set(Right) - set(RULES):
    raise LookupError(f"nobody is said to hold {', '.join(sorted(missing))}")


def holds(person: Holder, right: Right) -> bool:
    """Whether ``person`` holds ``right`` by role or department, whatever the thing is."""
    rule = RULES[right]
    return rule.everybody or not rule.roles.isdisjoint(person.roles) or person.department in rule.departments


def must_hold(person: Holder, right: Right) -> None:
    """Let pass who holds ``right`` by role or department.

    Raises:
        NotAllowed: this person does not; says whose it is.
    """
    if not holds(person, right):
        raise not_held(right)


def not_held(right: Right) -> NotAllowed:
    """The refusal of ``right``."""
    return NotAllowed(RULES[right].refusal)


def entitled(person: Holder, right: Right, relations: Container[Relation]) -> bool:
    """Whether ``person`` may, standing in ``relations`` to the thing: what the register says, all told."""
    rule = RULES[right]
    if any(relation in relations for relation in rule.enough):
        return True
    found = holds(person, right) or any(relation in relations for relation in rule.relations)
    return found and (rule.needs is None or entitled(person, rule.needs, relations))


def may_knock(person: Holder, right: Right) -> bool:
    """Whether it is worth looking the thing up: the right is held by role, or may be held by a relation to it."""
    return bool(RULES[right].relations) or holds(person, right)

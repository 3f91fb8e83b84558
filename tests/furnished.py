"""A house in which there is one of everything, and one person for every role and for every way to stand to a thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from config.words import Change, CreditGrade, CustomerClass, Department, RemarkKind, RiskLevel, Role
from models.house import House
from models.operations.access import Scope, issue_api_token, issue_approval_link
from models.operations.evaluation_review import REVIEW_STEP
from models.operations.feeds import make_feed
from models.processes import ASSESSMENT, EVALUATION, MEETING
from models.rights import Relation, Right
from models.tables import (
    Absence,
    Attachment,
    Case,
    Channel,
    Copy,
    Customer,
    EvaluationRow,
    OutboxMessage,
    Person,
    Remark,
    Run,
    SavedView,
    Signer,
    Step,
)
from tests.outsiders import asks_to_sign

R = Relation
OF = {
    Role.RISK_OFFICER: Department.RISK,
    Role.RISK_MANAGER: Department.RISK,
    Role.FINANCE_OFFICER: Department.FINANCE,
    Role.CLIENT_ADMINISTRATOR: Department.FINANCE,
    Role.LEGAL_OFFICER: Department.LEGAL,
    Role.AUDITOR: Department.AUDIT,
    Role.OPS: Department.MANAGEMENT,
    Role.MANAGER: Department.MANAGEMENT,
    Role.VICE_PRESIDENT: Department.MANAGEMENT,
}
"""Where each role works; the others in the business."""


@dataclass(frozen=True)
class Somebody:
    """A person of the house: what they are, and how they stand to its one case and its one customer."""

    id: str
    roles: tuple[Role, ...]
    department: Department
    relations: frozenset[Relation] = frozenset()

    def stands(self, right: Right) -> frozenset[Relation]:
        """How they stand to the thing that ``right`` is about; ``asked`` and ``made`` depend on which it is."""
        asked = {
            Right.ANSWER: "signer",
            Right.EXCEPT_CHANGE: "signer",
            Right.ANSWER_QUESTION: "quizzed",
            Right.SEE_QUESTION: "quizzed",
        }
        made = {Right.SEE_QUESTION: "signer"}
        more = {R.ASKED} if asked.get(right) == self.id else set()
        more |= {R.MADE} if made.get(right) == self.id else set()
        more |= {R.OWNS} if self.id == "starter" else set()
        return self.relations | more


def _plain(name: str, *relations: Relation) -> Somebody:
    """Somebody whose role opens nothing by itself."""
    return Somebody(name, (Role.DEPUTY_HEAD,), Department.BUSINESS, frozenset(relations))


def _told(name: str, role: Role) -> Somebody:
    return Somebody(name, (role,), OF.get(role, Department.BUSINESS), frozenset({R.TOLD}))


PEOPLE: tuple[Somebody, ...] = (
    *(Somebody(f"role.{role.value}", (role,), OF.get(role, Department.BUSINESS)) for role in Role),
    _plain("starter", R.STARTED),
    _plain("handler", R.HANDLES),
    _plain("above", R.ABOVE_HANDLER),
    _plain("above.told", R.ABOVE_HANDLER, R.TOLD),
    _plain("signer", R.SIGNS),
    _plain("told", R.TOLD),
    _plain("quizzed", R.TOLD),
    _told("risk.told", Role.RISK_OFFICER),
    _told("legal.told", Role.LEGAL_OFFICER),
    _told("sales.told", Role.SALES_MANAGER),
)


@dataclass
class Things:
    """What addresses name."""

    links: dict[str, str] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)


def move_in(house: House) -> None:
    """Put everybody on the register."""
    with house.work() as work:
        for one in PEOPLE:
            mail = f"{one.id}@hengyuan.example"
            work.add(Person(id=one.id, name=one.id, email=mail, department=one.department, roles=list(one.roles)))
        work.session.get_one(Person, "handler").manager_id = "above"
        work.session.get_one(Person, "above").manager_id = "above.told"


def furnish(house: House, ref: str) -> Things:
    """Make the case ``ref`` everybody's as they stand to it, and put one of everything beside it."""
    paper, invitation = asks_to_sign(house, ref)
    things = Things()
    with house.work() as work:
        session = work.session
        case = session.get_one(Case, ref).model_dump()
        signer = session.exec(select(Signer).where(Signer.case_ref == ref, Signer.state == "asked")).one().model_dump()
        step = session.get_one(Step, signer["step_id"]).model_dump()
        run = session.exec(select(Run).where(Run.case_ref == ref)).one().model_dump()
        case |= {"initiator_id": "starter", "handler_id": "handler"}
        session.execute(update(Customer).values(handler_id="handler"))
        session.execute(update(Signer).where(col(Signer.case_ref) == ref).values(person_id="zhou.hong"))
        session.execute(update(Signer).where(col(Signer.id) == signer["id"]).values(person_id="signer"))
        session.execute(update(Case).values(initiator_id="starter", handler_id="handler"))
        refs = {"": ref}
        for kind, number in (
            (EVALUATION, "EVA-2026-000001"),
            (MEETING, "MTG-2026-000001"),
            (ASSESSMENT, "ASM-2026-000001"),
        ):
            work.add(Case(**case | {"ref": number, "process": kind.name, "request_key": None}))
            work.add(Run(**run | {"case_ref": number}))
            refs[kind.name] = number
        for number in refs.values():
            for person in ("told", "quizzed", "above.told", "risk.told", "legal.told", "sales.told", "signer"):
                if number == ref and person == "signer":
                    continue
                work.add(_copied(work, step, number, person))
        review = step | {"id": None, "case_ref": refs[EVALUATION.name], "name": REVIEW_STEP}
        work.add(opened := Step(**review))
        place = signer | {"id": None, "case_ref": opened.case_ref, "step_id": opened.id}
        work.add(Signer(**(place | {"person_id": "signer"})))
        work.add(_row(refs[EVALUATION.name], case["customer_id"] or 0))
        question = Remark(
            step_id=step["id"] or 0,
            case_ref=ref,
            kind=RemarkKind.QUESTION,
            by_person_id="signer",
            to_person_id="quizzed",
            text="Who vouches for the warehouse?",
            at=work.now,
        )
        file = Attachment(
            step_id=step["id"] or 0,
            case_ref=ref,
            by_person_id="signer",
            name="lease.pdf",
            media_type="application/pdf",
            size=4,
            sha256="0" * 64,
            at=work.now,
        )
        absence = Absence(
            person_id="starter",
            substitute_id="told",
            starts_at=work.now + timedelta(days=9),
            ends_at=work.now + timedelta(days=12),
            set_by="starter",
            set_at=work.now,
        )
        view = SavedView(person_id="starter", place="/cases", name="Steel", filters={}, saved_at=work.now)
        channel = Channel(person_id="starter", kind="mail", address="mailto://starter@hengyuan.example")
        work.add(question, file, absence, view, channel)
        issue_api_token(work, "starter", "ERP", [Scope.READ])
        things.links = {
            "a": issue_approval_link(work, signer["id"] or 0),
            "calendar": make_feed(work, "starter"),
        }
        message = session.exec(select(OutboxMessage)).first()
        assert message is not None
        things.ids = {
            "ref": refs,
            "signer_id": signer["id"],
            "number": f"K-{case['customer_id']:06d}",
            "question_id": question.id,
            "attachment_id": file.id,
            "absence_id": absence.id,
            "view_id": view.id,
            "channel_id": channel.id,
            "token_id": 1,
            "paper_id": paper.id,
            "link_id": invitation.id,
            "invitation_id": invitation.id,
            "message": message.id,
        }
    file = house.settings.documents / "00" / ("0" * 64)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"%PDF")
    return things


def _copied(work: Any, step: dict[str, Any], ref: str, person: str) -> Copy:
    """Told of a case: each copy of its own step, for a step tells a person once."""
    row = step | {"id": None, "case_ref": ref, "key": f"told:{person}", "name": "told", "state": "closed"}
    work.add(shown := Step(**row))
    return Copy(step_id=shown.id or 0, case_ref=ref, person_id=person, copied_by="handler", copied_at=work.now)


def _row(ref: str, customer_id: int) -> EvaluationRow:
    return EvaluationRow(
        case_ref=ref,
        customer_id=customer_id,
        points=62,
        new_grade=CreditGrade.C,
        new_level=RiskLevel.MEDIUM,
        new_class=CustomerClass.C,
        change=Change.DOWN,
        exposure=0,
        overdue=0,
        exception=CreditGrade.B,
        exception_reason="Paid in full since.",
        exception_by="signer",
    )

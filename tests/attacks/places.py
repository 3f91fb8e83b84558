"""Every door of the house, and a thing behind each that belongs to somebody."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from sqlalchemy import text
from sqlmodel import SQLModel, select

from api import pages, routes
from config.words import ConsentPurpose, Department, ErasureState, Language, QualificationKind, SharedData
from models.forms.qualifications import QualificationForm
from models.house import SYSTEM, person
from models.operations.absences import set_absence
from models.operations.access import Scope, issue_api_token, issue_approval_link, issue_sign_in_link
from models.operations.attachments import attach
from models.operations.people import add_channel
from models.operations.qualifications import record_qualification
from models.operations.remarks import ask_question
from models.operations.saved_views import save_view
from models.operations.webhooks import create_webhook
from models.queries.ledger import customer_number
from models.tables import (
    ApiToken,
    Case,
    Consent,
    Customer,
    Erasure,
    LegalHold,
    OutboxMessage,
    Person,
    PolicyVersion,
    WebhookDelivery,
)
from tests.api.conftest import Office
from tests.outsiders import Mailbox, asks_to_sign

NEWCOMER = "yan.hui"
"""On the staff since this morning, with no role and no case."""
SECRET = "徐州恒远钢铁贸易有限公司"
"""The customer that nobody but those concerned may hear of."""
PDF = b"%PDF-1.7 minutes"


@dataclass(frozen=True)
class Door:
    """One route as the application serves it."""

    methods: tuple[str, ...]
    path: str
    route: Any = field(compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(re.findall(r"\{(\w+)", self.path))

    @property
    def for_programs(self) -> bool:
        return self.path.startswith("/api/")

    def __str__(self) -> str:
        return f"{self.methods[0]} {self.path}"


def doors() -> Iterator[Door]:
    """Every route of every page and of the JSON API."""
    for package, prefix in ((pages, ""), (routes, "/api/v1")):
        for entry in iter_modules(package.__path__):
            router = getattr(import_module(f"{package.__name__}.{entry.name}"), "router", None)
            for route in router.routes if router else ():
                yield Door(tuple(sorted(route.methods - {"HEAD"})), prefix + route.path, route)


CHANGING = [door for door in doors() if not {"GET"} & set(door.methods)]
SHOWING = [door for door in doors() if "GET" in door.methods]

ASKED_FOR = {"/api/v1/customers/{number}/may-share": "?purpose=insurance&recipient=X&what=identity"}
"""What an address has to say before anybody is let in or turned away."""
WORDS = frozenset({"name", "process", "what", "kind", "act", "part", "routine"})
"""Parts of addresses that are words of ours, not things of somebody's."""


@dataclass
class Furnished:
    """An office with something of everything, and what it is called."""

    office: Office
    ids: dict[str, dict[str, str]]

    def path(self, door: Door) -> str:
        """The address of a thing behind the door."""
        told = door.path
        for name in door.names:
            told = re.sub(rf"\{{{name}(:\w+)?\}}", self._id(door, name), told)
        return told + ASKED_FOR.get(door.path, "")

    def _id(self, door: Door, name: str) -> str:
        """The same name is another thing in another place: the longest beginning of the path decides."""
        known = self.ids[name]
        return known[max((place for place in known if door.path.removeprefix("/api/v1").startswith(place)), key=len)]


def furnish(office: Office) -> Furnished:
    """A case with everything on it, and one of everything that people own."""
    with office.house.work(SYSTEM) as work:
        work.add(
            Person(
                id=NEWCOMER,
                name="颜辉",
                email="yan.hui@hengyuan.example",
                department=Department.BUSINESS,
                roles=[],
                language=Language.EN,
            )
        )
    ref = office.at_approval()
    place = office.asked(ref)["wang.jun"]
    with office.house.work(person("wang.jun")) as work:
        attachment = attach(work, place.step_id, "contract.pdf", PDF)
        question = ask_question(work, place.step_id, "chen.yu", "有担保吗？")
        view = save_view(work, work.session.get_one(Person, "wang.jun"), "cases", "钢贸", {"text": "钢"})
        starts = work.now + timedelta(days=3)
        absence = set_absence(work, "wang.jun", "zhao.min", starts, starts + timedelta(days=5))
    with office.house.work(person("xu.ming")) as work:
        channel = add_channel(work, "wang.jun", "wecombot://0123456789abcdef")
        ops = work.session.get_one(Person, "xu.ming")
        hook, _ = create_webhook(work, ops, "ERP", "https://erp.hengyuan.example/hook", ["case.opened"])
        work.session.flush()
        delivery = WebhookDelivery(
            webhook_id=hook.id,
            event="case.opened",
            event_seq=1,
            created_at=work.now,
            next_at=work.now,
        )
        work.add(delivery)
        given = QualificationForm(
            person="li.na",
            kind=QualificationKind.CONFIDENTIALITY,
            reference="BM-2026-1",
            valid_from=date(2026, 1, 2),
        )
        entry = record_qualification(work, given)
        issue_api_token(work, "wang.jun", "erp", list(Scope))
        mine = work.session.get_one(Case, ref).customer_id
        consent = Consent(
            customer_id=mine,
            purpose=ConsentPurpose.INSURANCE,
            recipient="江苏信用保险有限公司",
            shares=[SharedData.IDENTITY],
            given_by="孙建国",
            document="TY-2026-003",
            since=date(2026, 1, 2),
            recorded_at=work.now,
        )
        hold = LegalHold(customer_id=mine, reason="诉讼进行中", set_by="wu.gang", set_at=work.now)
        erasure = Erasure(
            customer_id=mine, state=ErasureState.ASKED, reason="客户书面申请", asked_by="wu.gang", asked_at=work.now
        )
        work.add(consent, hold, erasure)
        approval = issue_approval_link(work, place.id or 0)
        entrance = issue_sign_in_link(work, "wang.jun")
    paper, link = asks_to_sign(office.house, ref)
    outside = Mailbox(office.house).link().rpartition("/")[2]
    with office.house.read() as session:
        token = session.exec(select(ApiToken)).one()
        customer = session.get_one(Customer, session.get_one(Case, ref).customer_id)
        message = session.exec(select(OutboxMessage)).first()
        version = session.exec(select(PolicyVersion.version)).first()
        schedule = office.prefect.schedules()[0]["id"]
        ids: dict[str, dict[str, Any]] = {
            "ref": {"/": ref},
            "number": {
                "/customers": customer_number(customer.id or 0),
                "/ledger": customer_number(customer.id or 0),
                "/cases": "1",
                "/operations/messages": message.id,
                "/outbox": message.id,
            },
            "signer_id": {"/": place.id},
            "attachment_id": {"/": attachment.id},
            "question_id": {"/": question.id},
            "view_id": {"/": view.id},
            "absence_id": {"/": absence.id},
            "channel_id": {"/": channel.id},
            "channel": {"/": channel.id},
            "webhook_id": {"/": hook.id},
            "delivery_id": {"/": delivery.id},
            "entry_id": {"/": entry.id},
            "token_id": {"/": token.id},
            "paper_id": {"/": paper.id},
            "link_id": {"/": link.id},
            "invitation_id": {"/": link.id},
            "person_id": {"/": "wang.jun"},
            "person": {"/": "wang.jun"},
            "schedule_id": {"/": schedule},
            "schedule": {"/": schedule},
            "version": {"/": version},
            "routine": {"/": "overdue-scan"},
            "process": {"/": "risk-reception", "/statistics": "onboarding-review"},
            "part": {"/": "credit"},
            "token": {"/a": approval, "/o": outside, "/sign-in": entrance, "/calendar": "unknown"},
            "kind": {"/": "csv"},
            "what": {"/exports": "customers", "/outside": "hand-over", "/operations/schedules": "skip"},
            "row_id": {"/customers": consent.id, "/holds": hold.id, "/erasures": erasure.id},
            "act": {
                "/customers": "hold",
                "/operations/messages": "again",
                "/operations/queue": "cancel",
                "/operations/staff": "deactivate",
            },
            "name": {
                "/a": "comment",
                "/steps": "comment",
                "/ledger": "payment",
                "/ledger/template": "payments",
                "/management": "onboarding-review",
                "/repair": "invite",
            },
        }
    return Furnished(office, {name: {at: str(one) for at, one in known.items()} for name, known in ids.items()})


_TOLD_OF = {"chain_head", "made_once", "attempts"}
"""Tables in which being refused may leave a trace: it is on record."""
_ONLY_GROWS = {"audit_event", "audit_private", "sign_in_entry"}
"""Tables that may tell of it by a row more; none that was there is changed or gone."""
_SEEN = {("api_token", "used_at"), ("web_session", "seen_at"), ("sign_in_entry", "times")}
"""When a way in was last used, and how often the same came again."""

Fingerprint = str | frozenset[str]


def record_of(office: Office) -> dict[str, Fingerprint]:
    """The whole record, table by table, as a fingerprint of each."""
    found: dict[str, Fingerprint] = {}
    with office.house.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in _TOLD_OF:
                told = [f'"{one.name}"' for one in table.columns if (table.name, one.name) not in _SEEN]
                rows = session.execute(text(f'SELECT {", ".join(told)} FROM "{table.name}" ORDER BY 1, 2')).all()
                if table.name in _ONLY_GROWS:
                    found[table.name] = frozenset(map(repr, rows))
                else:
                    found[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def difference(before: dict[str, Fingerprint], after: dict[str, Fingerprint]) -> list[str]:
    """The tables that are not as they were, but for those that only tell of what was tried."""
    return [name for name, told in after.items() if not _as_it_was(before[name], told)]


def _as_it_was(before: Fingerprint, after: Fingerprint) -> bool:
    if isinstance(before, frozenset) and isinstance(after, frozenset):
        return before <= after
    return before == after

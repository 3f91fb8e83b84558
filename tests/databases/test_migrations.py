"""The migrations make exactly the tables that the code works with, on both databases."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, select

import models.tables  # noqa: F401
from config.words import SignerState
from models.house import House
from models.migrate import _config, current, latest, migrate
from models.operations.journal import read_journal
from models.tables import ApprovalLink, Case, CreditLine, JournalEntry, Listing, OutboxMessage, Signer, Step

AT = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
Rows = list[tuple[str, dict[str, object]]]
REF = "ONB-2026-000007"


def test_a_migrated_database_differs_in_nothing_from_what_the_code_declares(house: House) -> None:
    with house.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrating_again_changes_nothing(house: House) -> None:
    assert migrate(house.engine) == latest()
    assert current(house.engine) == latest()


def test_an_earlier_database_comes_forward_with_its_data(empty_engine: Engine) -> None:
    """A case in the middle of its life, as version 0001 kept it."""
    _fill(_at(empty_engine, "0001"), CASE_OF_0001)
    assert migrate(empty_engine) == latest()
    with Session(empty_engine) as session:
        signer = session.exec(select(Signer)).one()
        assert (signer.person_id, signer.state, signer.times_asked) == ("wang.jun", SignerState.ASKED, 0)
        step = session.get_one(Step, signer.step_id)
        assert (step.key, step.keeps_signatures, step.escalations, step.amount) == ("approval#1", False, 0, None)
        assert session.exec(select(ApprovalLink.signer_id)).one() == signer.id


def test_the_processes_find_a_case_as_version_0002_kept_it(empty_engine: Engine) -> None:
    """A customer with a listing and a credit line, and its case in the middle of its life."""
    _fill(_at(empty_engine, "0002"), CASE_OF_0002)
    assert migrate(empty_engine) == latest()
    with Session(empty_engine) as session:
        case = session.get_one(Case, REF)
        assert (case.initiator_id, case.handler_id, case.customer_id) == ("li.na", "li.na", 1)
        assert read_journal(session, REF) == {"gather-facts": {"overdue_days": "0"}}
        step = session.exec(select(Step)).one()
        assert (step.key, step.amount, step.yields_to) == ("first-rating#1", Decimal("800000.00"), [])
        message = session.exec(select(OutboxMessage)).one()
        assert (message.person_id, message.outside_id, message.step_id) == ("li.na", None, step.id)
        listing = session.exec(select(Listing)).one()
        assert (listing.name, listing.since, listing.until) == ("徐州恒通钢材贸易有限公司", date(2025, 6, 1), None)
        assert (listing.evidence, listing.case_ref, listing.ended_by, listing.ended_because) == ([], None, None, "")
        line = session.exec(select(CreditLine)).one()
        assert (line.limit, line.case_ref, line.recorded_by) == (Decimal("500000.00"), REF, "li.na")
        assert session.exec(select(Signer.person_id).where(Signer.step_id == step.id)).one() == "li.na"


def test_after_the_migration_references_hold_and_a_case_may_begin_by_itself(empty_engine: Engine) -> None:
    _fill(_at(empty_engine, "0002"), CASE_OF_0002)
    migrate(empty_engine)
    with Session(empty_engine.execution_options(clientrisk_writes=True)) as session:
        old = session.get_one(Case, REF).model_dump()
        session.add(Case(**{**old, "ref": "COL-2026-000001", "initiator_id": None, "origin": "scan"}))
        session.commit()
        session.add(JournalEntry(case_ref="ONB-2026-999999", key="check", verb="do", at=AT))
        with pytest.raises(IntegrityError):
            session.commit()


def _at(engine: Engine, revision: str) -> Engine:
    """The database as an earlier version made it; for writing."""
    writing = engine.execution_options(clientrisk_writes=True)
    with writing.connect() as connection:
        command.upgrade(_config(connection), revision)
        connection.commit()
    return writing


def _fill(engine: Engine, rows: Rows) -> None:
    """Put rows in as the version of then did: through the tables as they are, not as the code knows them."""
    old = MetaData()
    old.reflect(engine)
    with engine.begin() as connection:
        for table, values in rows:
            kept = {
                # An instant is kept in UTC; what SQLite gives back as a text has no zone.
                name: value.replace(tzinfo=None) if value is AT and engine.dialect.name == "sqlite" else value
                for name, value in values.items()
            }
            connection.execute(old.tables[table].insert().values(kept))


CASE_OF_0001: Rows = [
    ("policy_version", {"version": "v1", "body": "{}", "first_used_at": AT}),
    (
        "person",
        {"id": "wang.jun", "name": "王军", "department": "business", "roles": ["sales_manager"], "active": True},
    ),
    (
        "case",
        {
            "ref": "ONB-2026-000001",
            "process": "onboarding-review",
            "title": "徐州恒通",
            "initiator_id": "wang.jun",
            "handler_id": "wang.jun",
            "department": "business",
            "origin": "page",
            "state": "running",
            "because": [],
            "policy_version": "v1",
            "input": {},
            "opened_at": AT,
        },
    ),
    (
        "step",
        {
            "id": 1,
            "case_ref": "ONB-2026-000001",
            "key": "approval#1",
            "name": "approval",
            "round": 1,
            "title": "Approval",
            "question": "?",
            "actions": [],
            "returns_to": [],
            "content": {},
            "content_hash": "h",
            "route": {},
            "level": 0,
            "sensitive": False,
            "rejection_waits": False,
            "expiry": "lapse",
            "state": "open",
            "opened_at": AT,
            "due_at": AT,
            "expires_at": AT,
        },
    ),
    (
        "signer",
        {
            "id": 1,
            "step_id": 1,
            "case_ref": "ONB-2026-000001",
            "person_id": "wang.jun",
            "level": 0,
            "seat": "Sales manager",
            "state": "asked",
            "void": False,
        },
    ),
    (
        "approval_link",
        {
            "id": 1,
            "token_hash": "t",
            "signer_id": 1,
            "step_id": 1,
            "content_hash": "h",
            "created_at": AT,
            "expires_at": AT,
        },
    ),
    ("timer", {"id": 1, "kind": "expire", "due_at": AT, "case_ref": "ONB-2026-000001", "step_id": 1}),
]

CASE_OF_0002: Rows = [
    ("policy_version", {"version": "v1", "body": "{}", "first_used_at": AT}),
    ("person", {"id": "li.na", "name": "李娜", "department": "business", "roles": ["handler"], "active": True}),
    (
        "customer",
        {
            "id": 1,
            "type": "medium_enterprise",
            "name": "徐州恒通钢材贸易有限公司",
            "department": "business",
            "handler_id": "li.na",
            "status": "applicant",
            "prepays": False,
            "created_at": AT,
        },
    ),
    (
        "case",
        {
            "ref": REF,
            "process": "onboarding-review",
            "title": "徐州恒通钢材贸易有限公司",
            "customer_id": 1,
            "initiator_id": "li.na",
            "handler_id": "li.na",
            "department": "business",
            "origin": "page",
            "state": "running",
            "because": [],
            "policy_version": "v1",
            "input": {},
            "opened_at": AT,
        },
    ),
    (
        "run",
        {
            "case_ref": REF,
            "process": "onboarding-review",
            "attempt": 1,
            "wake_seq": 1,
            "seen_seq": 1,
            "fence": 3,
            "failures": 0,
        },
    ),
    (
        "journal_entry",
        {"id": 1, "case_ref": REF, "key": "gather-facts", "verb": "do", "result": {"overdue_days": "0"}, "at": AT},
    ),
    (
        "step",
        {
            "id": 1,
            "case_ref": REF,
            "key": "first-rating#1",
            "name": "first-rating",
            "round": 1,
            "title": "First rating",
            "question": "?",
            "actions": [],
            "returns_to": [],
            "content": {},
            "content_hash": "h",
            "route": {},
            "level": 0,
            "sensitive": False,
            "rejection_waits": False,
            "expiry": "lapse",
            "state": "open",
            "opened_at": AT,
            "due_at": AT,
            "expires_at": AT,
            "amount": 800000_00,
            "keeps_signatures": False,
            "escalations": 0,
        },
    ),
    (
        "signer",
        {
            "id": 1,
            "step_id": 1,
            "case_ref": REF,
            "person_id": "li.na",
            "level": 0,
            "seat": "Handler",
            "state": "asked",
            "void": False,
            "times_asked": 1,
        },
    ),
    (
        "outbox_message",
        {
            "id": 1,
            "kind": "step_opened",
            "dedupe_key": f"step_opened:{REF}",
            "person_id": "li.na",
            "case_ref": REF,
            "step_id": 1,
            "signer_id": 1,
            "payload": {},
            "state": "pending",
            "attempts": 0,
            "next_at": AT,
            "created_at": AT,
        },
    ),
    (
        "listing",
        {
            "id": 1,
            "kind": "grey",
            "criterion": "breach_of_contract",
            "name": "徐州恒通钢材贸易有限公司",
            "customer_id": 1,
            "reason": "拒收货物",
            "since": date(2025, 6, 1),
        },
    ),
    (
        "credit_line",
        {
            "id": 1,
            "customer_id": 1,
            "case_ref": REF,
            "limit": 500000_00,
            "term_days": 30,
            "securities": [],
            "note": "",
            "recorded_by": "li.na",
            "effective_from": AT,
        },
    ),
]

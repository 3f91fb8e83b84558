"""The migrations make exactly the tables that the code works with, on both databases."""

from datetime import UTC, datetime

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData
from sqlmodel import Session, SQLModel, select

import models.tables  # noqa: F401
from config.words import SignerState
from models.house import House
from models.migrate import _config, current, latest, migrate
from models.tables import ApprovalLink, Signer, Step


def test_a_migrated_database_differs_in_nothing_from_what_the_code_declares(house: House) -> None:
    with house.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrating_again_changes_nothing(house: House) -> None:
    assert migrate(house.engine) == latest()
    assert current(house.engine) == latest()


def test_an_earlier_database_comes_forward_with_its_data(empty_engine: Engine) -> None:
    """A case in the middle of its life, as version 0001 kept it."""
    writing = empty_engine.execution_options(clientrisk_writes=True)
    with writing.connect() as connection:
        command.upgrade(_config(connection), "0001")
        connection.commit()
    _fill_0001(writing)
    assert migrate(empty_engine) == latest()
    with Session(empty_engine) as session:
        signer = session.exec(select(Signer)).one()
        assert (signer.person_id, signer.state, signer.times_asked) == ("wang.jun", SignerState.ASKED, 0)
        step = session.get_one(Step, signer.step_id)
        assert (step.key, step.keeps_signatures, step.escalations, step.amount) == ("approval#1", False, 0, None)
        assert session.exec(select(ApprovalLink.signer_id)).one() == signer.id


def _fill_0001(engine: Engine) -> None:
    at = datetime(2026, 3, 10, 1, 30, tzinfo=UTC if engine.dialect.name != "sqlite" else None)
    old = MetaData()
    old.reflect(engine)
    rows: list[tuple[str, dict[str, object]]] = [
        ("policy_version", {"version": "v1", "body": "{}", "first_used_at": at}),
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
                "opened_at": at,
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
                "opened_at": at,
                "due_at": at,
                "expires_at": at,
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
                "created_at": at,
                "expires_at": at,
            },
        ),
        ("timer", {"id": 1, "kind": "expire", "due_at": at, "case_ref": "ONB-2026-000001", "step_id": 1}),
    ]
    with engine.begin() as connection:
        for table, values in rows:
            connection.execute(old.tables[table].insert().values(values))

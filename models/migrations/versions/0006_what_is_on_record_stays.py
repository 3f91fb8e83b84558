"""What is on record stays: triggers refuse changes of the audit trail and the like; the installation has a name."""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from models.columns import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FUNCTION = """CREATE OR REPLACE FUNCTION clientrisk_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = '23000', MESSAGE = TG_TABLE_NAME || ' is append-only: ' || TG_OP || ' refused';
END $$"""

LOOK = "customer_id, person_id, what, at"
SIGNATURE = "paper_id, content_hash, person_id, outside_id, capacity, via, signed_at"
RULES = (
    ("audit_event", "update", "UPDATE", ""),
    ("audit_event", "delete", "DELETE", ""),
    ("policy_version", "update", "UPDATE", ""),
    ("policy_version", "delete", "DELETE", ""),
    ("chain_head", "update", "UPDATE", "NEW.seq < OLD.seq OR NEW.id <> OLD.id"),
    ("chain_head", "delete", "DELETE", ""),
    ("look", "update", f"UPDATE OF {LOOK}", ""),
    ("paper_signature", "update", f"UPDATE OF {SIGNATURE}", ""),
)


def upgrade() -> None:
    installation = op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("restored_from", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(installation, [{"id": 1, "key": uuid4().hex, "since": datetime.now(UTC), "restored_from": None}])
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


def _on_postgresql() -> None:
    op.execute(FUNCTION)
    for table, name, when, only in RULES:
        condition = f"WHEN ({only}) " if only else ""
        op.execute(
            f"CREATE TRIGGER {table}_no_{name} BEFORE {when} ON {table} "
            f"FOR EACH ROW {condition}EXECUTE FUNCTION clientrisk_refuse()"
        )
    for table in ("audit_event", "policy_version", "chain_head"):
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION clientrisk_refuse()"
        )


def _on_sqlite() -> None:
    for table, name, when, only in RULES:
        condition = f"WHEN {only} " if only else ""
        op.execute(
            f"CREATE TRIGGER {table}_no_{name} BEFORE {when} ON {table} {condition}"
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {name.upper()} refused'); END"
        )

"""Personal data has its time: keys on record, words beside the audit chain, consents, holds, erasures."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import config.words
import models.columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("case", "customer"):
        op.add_column(table, sa.Column("erased_at", models.columns.Instant(timezone=True), nullable=True))

    op.create_table(
        "encryption_key",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("known_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("promoted_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("retired_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "audit_private",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["audit_event.seq"]),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_audit_private_case_ref", "audit_private", ["case_ref"])
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("purpose", models.columns.WordText(config.words.ConsentPurpose), nullable=False),
        sa.Column("recipient", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.Column("given_by", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("recorded_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_consent_customer", "consent", ["customer_id", "purpose"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("set_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("lifted_by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("lifted_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["set_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["lifted_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_legal_hold_customer_id", "legal_hold", ["customer_id"])
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("state", models.columns.WordText(config.words.ErasureState), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("asked_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("decided_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("done_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_erasure_customer_id", "erasure", ["customer_id"])
    op.create_index("ix_erasure_state", "erasure", ["state"])

"""Signing as offices do: moves of signers, substitutes, remarks, copies, files."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("substitute_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("starts_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("processes", sa.JSON(), nullable=False),
        sa.Column("up_to", models.columns.Money(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("set_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("cancelled_at", models.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["set_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["substitute_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index("ix_absence_person", ["person_id", "ends_at"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("by_person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["step_id"],
            ["step.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("step_id", "sha256"),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_step_id"), ["step_id"], unique=False)

    op.create_table(
        "copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("copied_by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("copied_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("read_at", models.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["copied_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["step_id"],
            ["step.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("step_id", "person_id"),
    )
    with op.batch_alter_table("copy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_copy_person_id"), ["person_id"], unique=False)

    op.create_table(
        "remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("by_person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("to_person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("answers", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["answers"],
            ["remark.id"],
        ),
        sa.ForeignKeyConstraint(
            ["by_person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["step_id"],
            ["step.id"],
        ),
        sa.ForeignKeyConstraint(
            ["to_person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("answers"),
    )
    with op.batch_alter_table("remark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_remark_step_id"), ["step_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_remark_to_person_id"), ["to_person_id"], unique=False)

    with op.batch_alter_table("signer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("times_asked", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("for_person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True))
        batch_op.add_column(sa.Column("delegated_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("added_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("added_where", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("took_over_from", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("moved_because", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("advice", sa.JSON(none_as_null=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_signer_added_by"), ["added_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_signer_delegated_by"), ["delegated_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_signer_for_person_id"), ["for_person_id"], unique=False)
        batch_op.create_foreign_key("fk_signer_delegated_by", "signer", ["delegated_by"], ["id"])
        batch_op.create_foreign_key("fk_signer_took_over_from", "signer", ["took_over_from"], ["id"])
        batch_op.create_foreign_key("fk_signer_added_by", "signer", ["added_by"], ["id"])
        batch_op.create_foreign_key("fk_signer_for_person_id", "person", ["for_person_id"], ["id"])

    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.add_column(sa.Column("amount", models.columns.Money(), nullable=True))
        batch_op.add_column(sa.Column("keeps_signatures", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("urged_at", models.columns.Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("escalations", sa.Integer(), nullable=False, server_default="0"))

    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("signer_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_timer_signer_id"), ["signer_id"], unique=False)
        batch_op.create_foreign_key("fk_timer_signer_id", "signer", ["signer_id"], ["id"])

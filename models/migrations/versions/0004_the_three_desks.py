"""The three desks: what people set for themselves, looks, webhooks, times held, the words one searches by."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "made_once",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("asked", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("made", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("at", models.columns.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    with op.batch_alter_table("made_once", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_made_once_at"), ["at"], unique=False)

    op.create_table(
        "routine_state",
        sa.Column("routine", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("seen_at", models.columns.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("routine"),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("created_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("read_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("revoked_at", models.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_feed_person_id"), ["person_id"], unique=False)

    op.create_table(
        "preference",
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("quiet_from", sqlmodel.sql.sqltypes.AutoString(length=5), nullable=True),
        sa.Column("quiet_until", sqlmodel.sql.sqltypes.AutoString(length=5), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("digest_at", sqlmodel.sql.sqltypes.AutoString(length=5), nullable=True),
        sa.Column("digested_until", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("changed_at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("saved_at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "place", "name"),
    )
    op.create_table(
        "schedule_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("routine", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("schedule_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("actor_kind", sa.String(length=64), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("asked_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("settled_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("schedule_change", schema=None) as batch_op:
        batch_op.create_index("ix_schedule_change_routine", ["routine", "id"], unique=False)

    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("url", models.columns.Encrypted(), nullable=True),
        sa.Column("secret", models.columns.Encrypted(), nullable=True),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("created_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("paused_because", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("look", schema=None) as batch_op:
        batch_op.create_index("ix_look_customer", ["customer_id", "at"], unique=False)
        batch_op.create_index("ix_look_person", ["person_id", "at"], unique=False)

    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("event", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("created_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("claimed_by", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("claimed_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("sent_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhook.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("webhook_id", "event_seq"),
    )
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_delivery_due", ["state", "next_at"], unique=False)
        batch_op.create_index("ix_webhook_delivery_webhook", ["webhook_id", "state", "next_at"], unique=False)

    op.create_table(
        "audit_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("rectified_on", sa.Date(), nullable=True),
        sa.Column("rectified", sa.Text(), nullable=False),
        sa.Column("sent_back", sa.Integer(), nullable=False),
        sa.Column("sent_back_because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_ref", "number"),
    )
    with op.batch_alter_table("audit_finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_finding_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "care_turn",
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("occasion", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("way", sa.String(length=64), nullable=True),
        sa.Column("met", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("promises", sa.Text(), nullable=False),
        sa.Column("next_steps", sa.Text(), nullable=False),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("level_before", sa.String(length=64), nullable=True),
        sa.Column("level_after", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["done_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("case_ref"),
    )
    with op.batch_alter_table("care_turn", schema=None) as batch_op:
        batch_op.create_index("ix_care_turn_customer", ["customer_id", "kind", "due_on"], unique=False)
        batch_op.create_index("ix_care_turn_occasion", ["occasion", "customer_id"], unique=False)

    op.create_table(
        "meeting",
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("pack", sa.JSON(), nullable=False),
        sa.Column("opened_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("meeting_on", sa.Date(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.PrimaryKeyConstraint("period"),
        sa.UniqueConstraint("case_ref"),
    )
    op.create_table(
        "work_assessment",
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("opened_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("signed_off_at", models.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.PrimaryKeyConstraint("period"),
        sa.UniqueConstraint("case_ref"),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_case_ref"), ["case_ref"], unique=False)

    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index("ix_audit_event_event", ["event", "seq"], unique=False)

    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("amount", models.columns.Money(), nullable=True))
        batch_op.add_column(sa.Column("working_minutes", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_case_closed",
            ["closed_at", "process", "department", "outcome", "opened_at", "working_minutes"],
            unique=False,
        )
        batch_op.create_index("ix_case_opened", ["opened_at", "process", "department"], unique=False)
        batch_op.create_index("ix_case_policy", ["policy_version", "state"], unique=False)
        batch_op.create_index("ix_case_process_opened", ["process", "opened_at"], unique=False)
        batch_op.create_index(
            "ix_case_search",
            [
                "opened_at",
                "ref",
                "title",
                "customer_id",
                "process",
                "state",
                "outcome",
                "department",
                "amount",
                "closed_at",
                "handler_id",
                "initiator_id",
            ],
            unique=False,
        )
        batch_op.create_index("ix_case_state_opened", ["state", "opened_at", "ref"], unique=False)
        batch_op.create_index("ix_case_state_process", ["state", "process", "department", "opened_at"], unique=False)

    with op.batch_alter_table("copy", schema=None) as batch_op:
        batch_op.create_index(
            "ix_copy_unread",
            ["person_id", "read_at"],
            unique=False,
            sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        )

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pinyin", sa.Text(), nullable=False, server_default=""))
        batch_op.create_index("ix_customer_created", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_customer_handler", ["handler_id"], unique=False)
        batch_op.create_index("ix_customer_pinyin", ["pinyin"], unique=False)

    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoice_open_due"))
        batch_op.create_index(
            "ix_invoice_open_due", ["open", "due_on", "disputed", "outstanding", "customer_id"], unique=False
        )
        batch_op.create_index(
            "ix_invoice_due", ["due_on", "settled_on", "amount", "outstanding", "written_off"], unique=False
        )
        batch_op.create_index(
            "ix_invoice_owed",
            ["customer_id", "due_on", "disputed", "outstanding"],
            unique=False,
            sqlite_where=sa.text("open = 1"),
            postgresql_where=sa.text("open"),
        )

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_channel", ["state", "channel"], unique=False)
        batch_op.create_index("ix_outbox_kind", ["kind", "id"], unique=False)
        batch_op.create_index("ix_outbox_state", ["state", "id"], unique=False)

    with op.batch_alter_table("routine", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("missed", sa.Integer(), nullable=False, server_default="0"))
        batch_op.alter_column("set_by", existing_type=sa.VARCHAR(length=32), nullable=True)
        batch_op.create_index("ix_routine_next_on", ["next_on"], unique=False)

    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("story_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True))
        batch_op.add_column(sa.Column("story_run_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True))
        batch_op.add_column(sa.Column("told_fence", sa.Integer(), nullable=False, server_default="0"))

    with op.batch_alter_table("signer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_at", models.columns.Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("working_minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("held", sa.JSON(none_as_null=True), nullable=True))
        batch_op.drop_index(batch_op.f("ix_signer_added_by"))
        batch_op.drop_index(batch_op.f("ix_signer_delegated_by"))
        batch_op.drop_index(batch_op.f("ix_signer_for_person_id"))
        batch_op.create_index(
            "ix_signer_added",
            ["added_by"],
            unique=False,
            sqlite_where=sa.text("added_by IS NOT NULL"),
            postgresql_where=sa.text("added_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_signer_delegated",
            ["delegated_by"],
            unique=False,
            sqlite_where=sa.text("delegated_by IS NOT NULL"),
            postgresql_where=sa.text("delegated_by IS NOT NULL"),
        )
        batch_op.create_index("ix_signer_done", ["person_id", "signed_at"], unique=False)
        batch_op.create_index(
            "ix_signer_for_person",
            ["for_person_id", "case_ref"],
            unique=False,
            sqlite_where=sa.text("for_person_id IS NOT NULL"),
            postgresql_where=sa.text("for_person_id IS NOT NULL"),
        )
        batch_op.create_index("ix_signer_person_case", ["person_id", "case_ref"], unique=False)
        batch_op.create_index(
            "ix_signer_signed", ["signed_at", "role", "person_id", "working_minutes", "case_ref"], unique=False
        )
        batch_op.create_index("ix_signer_state", ["state", "role", "person_id", "step_id"], unique=False)

    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.add_column(sa.Column("working_minutes", sa.Integer(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_step_state_due"))
        batch_op.create_index("ix_step_state_due", ["state", "due_at", "case_ref"], unique=False)
        batch_op.create_index("ix_step_case_state", ["case_ref", "state"], unique=False)
        batch_op.create_index(
            "ix_step_closed",
            ["closed_at", "case_ref", "name", "working_minutes", "due_at", "outcome", "closed_by"],
            unique=False,
        )
        batch_op.create_index("ix_step_name_closed", ["name", "closed_at"], unique=False)
        batch_op.create_index("ix_step_path", ["case_ref", "id", "name", "outcome"], unique=False)
        batch_op.create_index(
            "ix_step_unmeasured",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'closed' AND working_minutes IS NULL"),
            postgresql_where=sa.text("state = 'closed' AND working_minutes IS NULL"),
        )

    with op.batch_alter_table("wait", schema=None) as batch_op:
        batch_op.create_index("ix_wait_open", ["open", "case_ref"], unique=False)

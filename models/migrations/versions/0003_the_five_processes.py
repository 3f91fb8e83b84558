"""The five processes: ledger, measures, papers, people outside, reception, collections, evaluation."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "qualification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("recorded_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revoked_because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("qualification", schema=None) as batch_op:
        batch_op.create_index("ix_qualification_person", ["person_id", "kind"], unique=False)

    op.create_table(
        "customer_figures",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("as_of", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_table(
        "outside_party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("email", models.columns.Encrypted(), nullable=True),
        sa.Column("phone", models.columns.Encrypted(), nullable=True),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("created_at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("outside_party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outside_party_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("amount", models.columns.Money(), nullable=False),
        sa.Column("unallocated", models.columns.Money(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("original", models.columns.Money(), nullable=True),
        sa.Column("for_invoices", sa.JSON(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index("ix_payment_customer", ["customer_id", "received_on"], unique=False)

    op.create_table(
        "collection_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("rung", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=64), nullable=False),
        sa.Column("owed", models.columns.Money(), nullable=False),
        sa.Column("by_person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("promise_on", sa.Date(), nullable=True),
        sa.Column("promised", models.columns.Money(), nullable=True),
        sa.Column("promise_kept", sa.Boolean(), nullable=True),
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
            ["customer_id"],
            ["customer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_ref", "rung", "turn"),
    )
    with op.batch_alter_table("collection_contact", schema=None) as batch_op:
        batch_op.create_index("ix_contact_case", ["case_ref"], unique=False)
        batch_op.create_index("ix_contact_customer", ["customer_id", "answer"], unique=False)

    op.create_table(
        "collection_rung",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("rung", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("begun_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("due_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", models.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_ref", "rung"),
    )
    op.create_table(
        "collection_strategy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("amount", models.columns.Money(), nullable=False),
        sa.Column("paid_before", models.columns.Money(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proposed_by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("proposed_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("report_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_ref", "number"),
    )
    op.create_table(
        "commitment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("given_in", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("given_by", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commitment_case_ref"), ["case_ref"], unique=False)

    op.create_table(
        "evaluation",
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("opened_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("signed_off_at", models.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.PrimaryKeyConstraint("period"),
        sa.UniqueConstraint("case_ref"),
    )
    op.create_table(
        "evaluation_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("old_grade", sa.String(length=64), nullable=True),
        sa.Column("old_level", sa.String(length=64), nullable=True),
        sa.Column("old_class", sa.String(length=64), nullable=True),
        sa.Column("new_grade", sa.String(length=64), nullable=False),
        sa.Column("new_level", sa.String(length=64), nullable=False),
        sa.Column("new_class", sa.String(length=64), nullable=False),
        sa.Column("change", sa.String(length=64), nullable=False),
        sa.Column("exposure", models.columns.Money(), nullable=False),
        sa.Column("overdue", models.columns.Money(), nullable=False),
        sa.Column("old_limit", models.columns.Money(), nullable=True),
        sa.Column("new_limit", models.columns.Money(), nullable=True),
        sa.Column("old_term", sa.Integer(), nullable=True),
        sa.Column("new_term", sa.Integer(), nullable=True),
        sa.Column("volume", models.columns.Money(), nullable=True),
        sa.Column("days_overdue", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("exception", sa.String(length=64), nullable=True),
        sa.Column("exception_reason", sa.Text(), nullable=False),
        sa.Column("exception_by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["exception_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_ref", "customer_id"),
    )
    with op.batch_alter_table("evaluation_row", schema=None) as batch_op:
        batch_op.create_index("ix_evaluation_row_change", ["case_ref", "change"], unique=False)
        batch_op.create_index(batch_op.f("ix_evaluation_row_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_evaluation_row_exposure", ["case_ref", "exposure"], unique=False)

    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("amount", models.columns.Money(), nullable=False),
        sa.Column("outstanding", models.columns.Money(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("original", models.columns.Money(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("written_off", models.columns.Money(), nullable=True),
        sa.Column("written_off_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("recorded_at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["written_off_by"],
            ["case.ref"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.create_index("ix_invoice_customer_due", ["customer_id", "due_on"], unique=False)
        batch_op.create_index("ix_invoice_customer_open", ["customer_id", "open"], unique=False)
        batch_op.create_index("ix_invoice_open_due", ["open", "due_on"], unique=False)

    op.create_table(
        "measure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("set_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("lifted_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by"],
            ["case.ref"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("measure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_measure_case_ref"), ["case_ref"], unique=False)
        batch_op.create_index("ix_measure_customer", ["customer_id", "lifted_on"], unique=False)

    op.create_table(
        "nomination",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("criterion", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("raised_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("decided_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("raised_at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["raised_by"],
            ["case.ref"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("nomination", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nomination_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_nomination_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_nomination_state"), ["state"], unique=False)

    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.Column("made_at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_ref", "kind", "number", "version"),
    )
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_paper_case_ref"), ["case_ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_paper_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "progress",
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.PrimaryKeyConstraint("case_ref"),
    )
    op.create_table(
        "reception_result",
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("resolution", sa.String(length=64), nullable=False),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("at_stake", models.columns.Money(), nullable=False),
        sa.Column("concession", models.columns.Money(), nullable=False),
        sa.Column("loss_avoided", models.columns.Money(), nullable=False),
        sa.Column("major", sa.Boolean(), nullable=False),
        sa.Column("evaluated_at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.PrimaryKeyConstraint("case_ref"),
    )
    with op.batch_alter_table("reception_result", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reception_result_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reception_result_evaluated_at"), ["evaluated_at"], unique=False)

    op.create_table(
        "signal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("event", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("signal", schema=None) as batch_op:
        batch_op.create_index("ix_signal_case", ["case_ref", "event"], unique=False)

    op.create_table(
        "special_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("accepted", sa.JSON(), nullable=False),
        sa.Column("declined", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("formed_at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_ref", "number"),
    )
    op.create_table(
        "team_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("accepted_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("left_at", models.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_ref", "person_id"),
    )
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_member_case_ref"), ["case_ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_team_member_person_id"), ["person_id"], unique=False)

    op.create_table(
        "tracking_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("owner_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("planned_for", sa.Date(), nullable=False),
        sa.Column("adjustments", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("tracking_item", schema=None) as batch_op:
        batch_op.create_index("ix_tracking_item_case", ["case_ref", "state", "due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_tracking_item_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "allocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("amount", models.columns.Money(), nullable=False),
        sa.Column("at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoice.id"],
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("allocation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_allocation_invoice_id"), ["invoice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_allocation_payment_id"), ["payment_id"], unique=False)

    op.create_table(
        "instalment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("strategy_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", models.columns.Money(), nullable=False),
        sa.Column("paid", models.columns.Money(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["strategy_id"],
            ["collection_strategy.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("strategy_id", "number"),
    )
    with op.batch_alter_table("instalment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instalment_case_ref"), ["case_ref"], unique=False)

    op.create_table(
        "outside_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("outside_id", sa.Integer(), nullable=False),
        sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=True),
        sa.Column("content_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("code_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("code_expires_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("codes_sent", sa.Integer(), nullable=False),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("sent_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("opened_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("answer_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("created_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", models.columns.Instant(timezone=True), nullable=False),
        sa.Column("used_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("revoked_at", models.columns.Instant(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_ref"],
            ["case.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["outside_id"],
            ["outside_party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"],
            ["paper.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    with op.batch_alter_table("outside_link", schema=None) as batch_op:
        batch_op.create_index("ix_outside_link_case", ["case_ref", "purpose"], unique=False)
        batch_op.create_index(batch_op.f("ix_outside_link_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outside_link_outside_id"), ["outside_id"], unique=False)

    op.create_table(
        "paper_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("outside_id", sa.Integer(), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("capacity", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("via", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("signed_at", models.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["outside_id"],
            ["outside_party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"],
            ["paper.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("paper_signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_paper_signature_paper_id"), ["paper_id"], unique=False)

    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.alter_column("initiator_id", existing_type=sa.VARCHAR(length=64), nullable=True)

    with op.batch_alter_table("credit_line", schema=None) as batch_op:
        batch_op.alter_column("case_ref", existing_type=sa.VARCHAR(length=32), nullable=True)
        batch_op.alter_column("recorded_by", existing_type=sa.VARCHAR(length=64), nullable=True)

    with op.batch_alter_table("journal_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("folded", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("evidence", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("case_ref", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True))
        batch_op.add_column(sa.Column("ended_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True))
        batch_op.add_column(sa.Column("ended_because", sa.Text(), nullable=False, server_default=""))
        batch_op.create_foreign_key("fk_ended_by_case", "case", ["ended_by"], ["ref"])
        batch_op.create_foreign_key("fk_case_ref_case", "case", ["case_ref"], ["ref"])

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outside_id", sa.Integer(), nullable=True))
        batch_op.alter_column("person_id", existing_type=sa.VARCHAR(length=64), nullable=True)
        batch_op.create_index(batch_op.f("ix_outbox_message_outside_id"), ["outside_id"], unique=False)
        batch_op.create_foreign_key("fk_outside_id_outside_party", "outside_party", ["outside_id"], ["id"])

    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.add_column(sa.Column("yields_to", sa.JSON(), nullable=False, server_default="[]"))

"""Sign-ins: the book of them, how often they failed, when a session or token was last used and from where."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
INSTANT = models.columns.Instant(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sign_in_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("person_id", TEXT(length=64), nullable=True),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("way", sa.String(length=64), nullable=False),
        sa.Column("reason", TEXT(length=120), nullable=False),
        sa.Column("address", TEXT(length=64), nullable=False),
        sa.Column("agent", TEXT(length=80), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sign_in_entry_at", "sign_in_entry", ["at"])
    op.create_index("ix_sign_in_entry_person", "sign_in_entry", ["person_id", "id"])
    op.create_table(
        "attempts",
        sa.Column("key", TEXT(length=80), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locks", sa.Integer(), nullable=False),
        sa.Column("locked_until", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_attempts_since", "attempts", ["since"])
    with op.batch_alter_table("web_session") as table:
        table.add_column(sa.Column("seen_at", INSTANT, nullable=True))
        table.add_column(sa.Column("way", sa.String(length=64), nullable=False, server_default="link"))
        table.add_column(sa.Column("address", TEXT(length=64), nullable=False, server_default=""))
        table.add_column(sa.Column("agent", TEXT(length=80), nullable=False, server_default=""))
        table.add_column(sa.Column("id_token", models.columns.Encrypted(), nullable=True))
    with op.batch_alter_table("web_session") as table:
        for name in ("way", "address", "agent"):
            table.alter_column(name, server_default=None)
    with op.batch_alter_table("api_token") as table:
        table.add_column(sa.Column("used_at", INSTANT, nullable=True))
        table.add_column(sa.Column("warned_at", INSTANT, nullable=True))

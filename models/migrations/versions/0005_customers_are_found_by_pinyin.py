"""Customers on record already are found by pinyin too: what their names are found by, filled in where they are."""

import sqlalchemy as sa
from alembic import op

from models.rules.pinyin import found_by

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BATCH = 2000
"""Customers in memory at a time."""

CUSTOMER = sa.table("customer", sa.column("id"), sa.column("name"), sa.column("type"), sa.column("pinyin"))


def upgrade() -> None:
    connection, last = op.get_bind(), 0
    fill = CUSTOMER.update().where(CUSTOMER.c.id == sa.bindparam("at")).values(pinyin=sa.bindparam("found"))
    while rows := connection.execute(_bare().where(CUSTOMER.c.id > last)).all():
        connection.execute(
            fill, [{"at": at, "found": found_by(name, individual=kind == "individual")} for at, name, kind in rows]
        )
        last = rows[-1].id


def _bare() -> "sa.Select[tuple[int, str, str]]":
    wanted = sa.select(CUSTOMER.c.id, CUSTOMER.c.name, CUSTOMER.c.type).where(CUSTOMER.c.pinyin == "")
    return wanted.order_by(CUSTOMER.c.id).limit(BATCH)

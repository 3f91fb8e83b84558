"""Customers that an earlier version recorded are found by pinyin after the migration, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import Engine, MetaData
from sqlmodel import Session, select

from models.migrate import _config, latest, migrate
from models.tables import Customer

AT = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
FOUND = {
    "徐州恒远钢铁": "徐州恒远钢铁 xzhygt xuzhouhengyuangangtie",
    "重庆银行": "重庆银行 cqyh chongqingyinhang",
    "ACME（上海）": "acme(上海) acmesh acmeshanghai",
    "单雄信": "单雄信 dxx danxiongxin sxx shanxiongxin",
    "": "",
}
MORE = 2100
"""Together they are more than one batch."""


@pytest.fixture
def as_it_was(empty_engine: Engine) -> Engine:
    """A database as version 0003 kept it, with its customers: one of them a person, one without a name."""
    writing = empty_engine.execution_options(clientrisk_writes=True)
    with writing.connect() as connection:
        command.upgrade(_config(connection), "0003")
        connection.commit()
    old = MetaData()
    old.reflect(writing)
    common = {"department": "business", "status": "admitted", "prepays": False}
    common["created_at"] = AT.replace(tzinfo=None) if writing.dialect.name == "sqlite" else AT
    rows = [
        {**common, "name": name, "type": "individual" if name == "单雄信" else "medium_enterprise"}
        for name in (*FOUND, *(f"物流{number}" for number in range(MORE)))
    ]
    with writing.begin() as connection:
        connection.execute(old.tables["customer"].insert(), rows)
    return empty_engine


def found(engine: Engine) -> dict[str, str]:
    with Session(engine) as session:
        return dict(session.exec(select(Customer.name, Customer.pinyin)).all())


def test_customers_on_record_are_found_by_pinyin_after_the_migration(as_it_was: Engine) -> None:
    assert migrate(as_it_was) == latest()
    known = found(as_it_was)
    assert {name: known[name] for name in FOUND} == FOUND
    assert len(known) == len(FOUND) + MORE
    assert all(known[f"物流{number}"] == f"物流{number} wl{number} wuliu{number}" for number in range(MORE))


def test_the_last_step_alone_does_it_and_leaves_what_is_filled_in(as_it_was: Engine) -> None:
    writing = as_it_was.execution_options(clientrisk_writes=True)
    with writing.connect() as connection:
        command.upgrade(_config(connection), "0004")
        connection.exec_driver_sql("UPDATE customer SET pinyin = 'by hand' WHERE name = '重庆银行'")
        connection.commit()
    assert found(as_it_was)["徐州恒远钢铁"] == ""
    migrate(as_it_was)
    assert found(as_it_was)["徐州恒远钢铁"] == FOUND["徐州恒远钢铁"]
    assert found(as_it_was)["重庆银行"] == "by hand"

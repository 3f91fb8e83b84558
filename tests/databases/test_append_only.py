"""The database itself refuses to change what is on record, whoever asks; and what is changed all the same is found."""

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, func, select

from models.audit import Noted, anchor, check_anchor, seal, verify, verify_last
from models.house import SYSTEM, House
from models.installation import installation_key
from models.migrate import migrate
from models.tables import AuditEvent, ChainHead, Customer, Look
from tests.tampering import triggers, unguarded


@pytest.fixture
def record(house: House) -> House:
    """Nine events, of which three are of one case."""
    for turn in range(9):
        with house.work() as work:
            ref = "ONB-2026-000001" if turn % 3 == 0 else f"COL-2026-{turn:06d}"
            work.record("case.looked", ref, turn=turn)
    return house


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE audit_event SET actor_id = 'li.na' WHERE seq = 3",
        "UPDATE audit_event SET seq = 99 WHERE seq = 3",
        "DELETE FROM audit_event WHERE seq = 9",
        "DELETE FROM audit_event",
        "UPDATE chain_head SET seq = seq - 1",
        "UPDATE chain_head SET id = 2",
        "DELETE FROM chain_head",
        "UPDATE policy_version SET body = '{}'",
        "DELETE FROM policy_version",
    ],
)
def test_what_is_on_record_is_neither_changed_nor_deleted(record: House, act: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), record.writing.begin() as connection:
        connection.execute(text(act))
    with record.read() as session:
        assert verify(session).broken_at is None


@pytest.mark.parametrize("table", ["audit_event", "chain_head", "policy_version"])
def test_nothing_on_record_is_truncated(record: House, table: str) -> None:
    if record.engine.dialect.name != "postgresql":
        assert record.engine.dialect.name == "sqlite"  # which has no TRUNCATE: a DELETE is all there is
        return
    with pytest.raises(IntegrityError, match="append-only"), record.writing.begin() as connection:
        connection.execute(text(f"TRUNCATE {table} CASCADE"))


def test_a_look_stands_as_it_was_and_its_reason_may_be_blanked(house: House) -> None:
    with house.work() as work:
        customer = Customer(
            name="徐州恒通", type="medium_enterprise", department="business", handler_id="li.na", created_at=work.now
        )
        work.add(customer)
        work.add(Look(customer_id=customer.id, person_id="wu.gang", what="phone", reason="张先生来电", at=work.now))
    with pytest.raises(IntegrityError, match="append-only"), house.writing.begin() as connection:
        connection.execute(text("UPDATE look SET person_id = 'li.na'"))
    with house.writing.begin() as connection:
        assert connection.execute(text("UPDATE look SET reason = ''")).rowcount == 1


def test_tables_made_by_the_code_have_the_triggers_that_migrations_make(
    empty_engine: Engine, house: House, database: str
) -> None:
    SQLModel.metadata.create_all(empty_engine)
    assert _definitions(empty_engine) == _definitions(house.engine)
    assert len(_definitions(empty_engine)) == (11 if database == "postgresql" else 8)


def _definitions(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        else:
            asked = "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname"
        found = [(name, told) for name, told in connection.execute(text(asked))]
        assert len(found) == len(triggers(connection))
        return found


def test_every_installation_has_a_name_of_its_own(empty_engine: Engine, house: House) -> None:
    migrate(empty_engine)
    with Session(empty_engine) as other, house.read() as session:
        assert len(installation_key(other)) == 32
        assert installation_key(other) != installation_key(session)


# -- what is changed all the same, by somebody who takes the triggers away first ------------------------------------


def _change(connection: Connection) -> None:
    connection.execute(text("UPDATE audit_event SET actor_id = 'li.na' WHERE seq = 4"))


def _remove(connection: Connection) -> None:
    connection.execute(text("DELETE FROM audit_event WHERE seq = 4"))


def _remove_and_close_up(connection: Connection) -> None:
    connection.execute(text("DELETE FROM audit_event WHERE seq = 4"))
    for seq in range(5, _last(connection) + 1):
        connection.execute(text("UPDATE audit_event SET seq = :to WHERE seq = :at"), {"to": seq - 1, "at": seq})


def _insert(connection: Connection) -> None:
    for seq in range(_last(connection), 3, -1):
        connection.execute(text("UPDATE audit_event SET seq = :to WHERE seq = :at"), {"to": seq + 1, "at": seq})
    columns = "at, case_ref, actor_kind, actor_id, event, data, previous, hash"
    connection.execute(
        text(f"INSERT INTO audit_event (seq, {columns}) SELECT 4, {columns} FROM audit_event WHERE seq = 3")
    )


def _swap(connection: Connection) -> None:
    for before, after in ((4, -1), (5, 4), (-1, 5)):
        connection.execute(text("UPDATE audit_event SET seq = :to WHERE seq = :at"), {"to": after, "at": before})


def _swap_what_they_say(connection: Connection) -> None:
    data = dict(connection.execute(text("SELECT seq, CAST(data AS TEXT) FROM audit_event WHERE seq IN (4, 5)")).all())
    for seq, other in ((4, 5), (5, 4)):
        kind = "json" if connection.dialect.name == "postgresql" else "TEXT"
        connection.execute(
            text(f"UPDATE audit_event SET data = CAST(:said AS {kind}) WHERE seq = :at"),
            {"said": data[other], "at": seq},
        )


def _cut_the_tail(connection: Connection) -> None:
    connection.execute(text("DELETE FROM audit_event WHERE seq > 4"))


def _change_the_head(connection: Connection) -> None:
    connection.execute(text("UPDATE chain_head SET hash = :other"), {"other": "f" * 64})


def _take_the_head_away(connection: Connection) -> None:
    connection.execute(text("DELETE FROM chain_head"))


def _take_everything_away(connection: Connection) -> None:
    connection.execute(text("DELETE FROM audit_event"))


def _last(connection: Connection) -> int:
    return int(connection.execute(text("SELECT max(seq) FROM audit_event")).scalar_one())


@pytest.fixture(
    params=[
        (_change, 4),
        (_remove, 4),
        (_remove_and_close_up, 4),
        (_insert, 4),
        (_swap, 4),
        (_swap_what_they_say, 4),
        (_cut_the_tail, 5),
        (_change_the_head, None),
        (_take_the_head_away, None),
        (_take_everything_away, 1),
    ],
    ids=lambda param: param[0].__name__.strip("_"),
)
def tampered(record: House, request: pytest.FixtureRequest) -> tuple[House, int | None]:
    act, at = request.param
    with unguarded(record.engine) as connection:
        act(connection)
    return record, at


def test_every_way_of_changing_the_trail_is_found_and_where(tampered: tuple[House, int | None]) -> None:
    house, at = tampered
    with house.read() as session:
        events = session.exec(select(func.count()).select_from(AuditEvent)).one()
        verdict = verify(session)
        assert verdict.broken_at == (at or events + 1)
        assert verdict.why
        assert verify_last(session, 1000).broken_at is not None


def test_a_trail_that_was_written_anew_from_some_event_on_no_longer_fits_an_anchor(record: House) -> None:
    """Whoever owns the database can hash everything again. Only what was kept elsewhere tells."""

    with record.read() as session:
        kept = anchor(session)
        assert check_anchor(session, kept) is None
        events = [
            (one.event, one.case_ref, one.data) for one in session.exec(select(AuditEvent).order_by(AuditEvent.seq))
        ]
    with unguarded(record.engine) as connection:
        connection.execute(text("DELETE FROM audit_event"))
        connection.execute(text("UPDATE chain_head SET seq = 0, hash = :none"), {"none": "0" * 64})

    with Session(record.writing) as session:
        notes = [
            Noted(event, ref, {**data, "turn": 5} if data.get("turn") == 4 else data) for event, ref, data in events
        ]
        seal(session, record.clock(), SYSTEM, notes)
        session.commit()
    with record.read() as session:
        assert verify(session).broken_at is None
        assert session.get_one(ChainHead, 1).seq == kept.seq
        assert check_anchor(session, kept) is not None
        assert verify(session, kept).broken_at == kept.seq

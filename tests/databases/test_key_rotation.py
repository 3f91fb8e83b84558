"""A new encryption key while the product runs: nothing is unreadable at any moment, whoever is killed."""

import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.fernet import InvalidToken
from sqlalchemy import text
from sqlmodel import SQLModel, select

from config.key_file import KeyFile, key_id
from config.policy import Policy
from config.settings import Settings
from config.words import CustomerType
from flows.direct_driver import VirtualClock
from models.audit import verify
from models.columns import seal_text, unseal_text, use_keys
from models.forms.sealed import PREFIX
from models.house import SYSTEM, House, open_house
from models.operations import key_rotation
from models.operations.heartbeat import beat
from models.operations.key_rotation import note_keys, promote, publish, rotate, unaware
from models.queries.sealed_values import count_under, places
from models.tables import AuditEvent, Case, Channel, Customer, EncryptionKey
from tests.processes.conftest import Office, steel_trader

NUMBERS = 1200
"""More than two pages."""


def nobody_to_wait_for(_key: str) -> None:
    return


@pytest.fixture
def file(house: House) -> KeyFile:
    found = house.settings.key_file
    assert found is not None
    return found


@pytest.fixture
def customers(house: House) -> int:
    with house.work() as work:
        work.session.add_all(
            Customer(type=CustomerType.SMALL, name=f"徐州钢贸{n}", phone=f"1380520{n:04d}", created_at=work.now)
            for n in range(NUMBERS)
        )
    return NUMBERS


def phones(house: House) -> list[str | None]:
    with house.read() as session:
        return list(session.exec(select(Customer.phone).order_by(Customer.id)))


def expected(number: int = NUMBERS) -> list[str]:
    return [f"1380520{n:04d}" for n in range(number)]


def test_every_value_is_brought_under_the_new_key_and_the_old_one_is_retired(
    house: House, file: KeyFile, customers: int
) -> None:
    (old,) = file.read()
    done = rotate(house, file, SYSTEM, nobody_to_wait_for)
    (new,) = file.read()
    assert (done.key, done.values, done.retired) == (key_id(new), customers, (key_id(old),))
    assert new != old
    assert phones(house) == expected()
    assert count_under(house.read, [new, old]).values == {key_id(new): customers}
    assert (house.settings.home / "encryption.retired.key").read_text().split() == [old]
    for path in (file.path, house.settings.home / "encryption.retired.key"):
        assert path.stat().st_mode & 0o077 == 0
    with house.read() as session:
        events = session.exec(
            select(AuditEvent).where(AuditEvent.event.startswith("keys.")).order_by(AuditEvent.seq)
        ).all()
        assert [event.event for event in events] == ["keys.published", "keys.promoted", "keys.rotated"]
        assert verify(session).broken_at is None
        assert all(key not in json.dumps([event.data for event in events]) for key in (old, new))
        kept = {
            row.id: (row.promoted_at is not None, row.retired_at is not None)
            for row in session.exec(select(EncryptionKey))
        }
    assert kept == {key_id(new): (True, False), key_id(old): (True, True)}


def test_sealed_texts_inside_answers_and_journals_are_brought_along(office: Office, file: KeyFile) -> None:
    office.applies(steel_trader(phone="13805201234"))
    house = office.house
    with house.work() as work:
        row = work.session.get_one(Case, office.ref)
        row.input = {
            "calls": [{"phone": PREFIX + seal_text("13905160001")}, {"phone": PREFIX + seal_text("13905160002")}]
        }
        work.add(row)
    (old,) = file.read()
    rotate(house, file, SYSTEM, nobody_to_wait_for)
    (new,) = file.read()
    found = count_under(house.read, [new, old])
    assert set(found.values) == {key_id(new)}
    assert found.by_place["case.input"][key_id(new)] == 2
    assert [unseal_text(one["phone"].removeprefix(PREFIX)) for one in office.case.input["calls"]] == [
        "13905160001",
        "13905160002",
    ]
    office.withdraws()
    assert office.customer.phone == "13805201234"


def test_nothing_that_is_sealed_lies_where_a_rotation_does_not_look(office: Office) -> None:
    office.applies()
    office.answers("li.na", "confirm")
    looked_at = {place.name for place in places()}
    with office.house.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                cast = f'CAST("{column.name}" AS TEXT)'
                there = connection.execute(
                    text(f"SELECT count(*) FROM \"{table.name}\" WHERE {cast} LIKE '%sealed:gAAAA%'")
                ).scalar_one()
                assert not there or f"{table.name}.{column.name}" in looked_at, f"{table.name}.{column.name}"


def test_a_running_process_reads_and_writes_with_the_keys_as_they_are_in_the_file(
    house: House, file: KeyFile, settings: Settings, policy: Policy, clock: VirtualClock, customers: int
) -> None:
    running = open_house(settings, policy, clock)
    assert phones(running)[:1] == expected(1)
    new = publish(house, file, SYSTEM)
    assert running.keys.ids()[1] == new
    written_before = running.keys.encrypt("13800000001")
    promote(house, file, new, SYSTEM)
    assert running.keys.ids()[0] == new
    assert running.keys.decrypt(written_before) == "13800000001"
    rotate(house, file, SYSTEM, nobody_to_wait_for)
    assert running.keys.ids() == (new,)
    assert phones(running) == expected()
    with pytest.raises(InvalidToken):
        running.keys.decrypt(written_before)
    running.engine.dispose()
    use_keys(house.keys)


def test_a_key_encrypts_nothing_before_every_live_process_knows_it(
    house: House, file: KeyFile, clock: VirtualClock
) -> None:
    (old,) = file.read()
    beat(house, "xuzhou:17", "worker", house.clock(), {})
    with house.work() as work:  # a process that follows no file: of an earlier version, or on another machine
        work.add(key_rotation.Heartbeat(name="xuzhou:9", kind="api", at=work.now, since=work.now, facts={}))

    def gives_up(key: str) -> None:
        assert unaware(house, key) == ["api xuzhou:9", "worker xuzhou:17"]
        raise TimeoutError

    with pytest.raises(TimeoutError):
        rotate(house, file, SYSTEM, gives_up)
    assert file.read()[0] == old
    published = file.read()[1]
    beat(house, "xuzhou:17", "worker", house.clock(), {})
    assert unaware(house, key_id(published)) == ["api xuzhou:9"]
    clock.now += timedelta(minutes=2)  # it has fallen silent: it is not waited for
    assert unaware(house, key_id(published)) == []
    done = rotate(house, file, SYSTEM, nobody_to_wait_for)
    assert file.read() == (published,)
    assert done.key == key_id(published)


def test_a_value_changed_meanwhile_is_not_lost(
    house: House, file: KeyFile, customers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite, changed = key_rotation._rewrite, []

    def somebody_is_quicker(h: House, place: object, rows: object, opener: object, key: str) -> int:
        if not changed:
            changed.append(True)
            with h.work() as work:
                row = work.session.exec(select(Customer).where(Customer.name == "徐州钢贸3")).one()
                row.phone = "13999999999"
                work.add(row)
        return rewrite(h, place, rows, opener, key)  # type: ignore[arg-type]

    monkeypatch.setattr(key_rotation, "_rewrite", somebody_is_quicker)
    rotate(house, file, SYSTEM, nobody_to_wait_for)
    assert phones(house) == [*expected(3), "13999999999", *expected()[4:]]


def test_the_old_key_stays_while_something_goes_on_writing_with_it(
    house: House, file: KeyFile, customers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old,) = file.read()
    begin = key_rotation.under_new_key

    def stubborn(h: House, keys: object, step: object = None) -> int:
        done = begin(h, keys)  # type: ignore[arg-type]
        from cryptography.fernet import Fernet

        with h.writing.begin() as connection:
            connection.execute(
                text("UPDATE customer SET phone = :p WHERE name = '徐州钢贸7'"),
                {"p": Fernet(old.encode()).encrypt(b"1")},
            )
        return done

    monkeypatch.setattr(key_rotation, "under_new_key", stubborn)
    done = rotate(house, file, SYSTEM, nobody_to_wait_for)
    assert (done.left.beside(done.key), done.retired) == (1, ())
    assert old in file.read()


KILLED_AT = ("publish", "promote", "first page", "second page", "retire")


@pytest.mark.parametrize("moment", KILLED_AT)
def test_a_rotation_killed_at_any_moment_goes_on_where_it_stopped(
    house: House, file: KeyFile, settings: Settings, policy: Policy, customers: int, moment: str
) -> None:
    (old,) = file.read()
    house.engine.dispose()
    dies(lambda: _rotate_until(settings, policy, moment))
    assert phones(house) == expected()  # whatever it left is readable
    keys_left = file.read()
    done = rotate(house, file, SYSTEM, nobody_to_wait_for)
    assert phones(house) == expected()
    assert len(file.read()) == 1
    assert old not in file.read()
    if len(keys_left) == 2:
        assert file.read()[0] in keys_left  # no third key was made
    if moment == "second page":
        assert done.values < customers
    with house.read() as session:
        assert verify(session).broken_at is None


def _rotate_until(settings: Settings, policy: Policy, moment: str) -> None:
    house = open_house(settings, policy)
    file = settings.key_file
    assert file is not None
    pages = {"first page": 1, "second page": 2}.get(moment, 0)
    seen = 0

    def step(_rows: int) -> None:
        nonlocal seen
        seen += 1
        if seen == pages:
            os.kill(os.getpid(), signal.SIGKILL)

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if moment in ("publish", "promote"):
        writes = {"publish": 1, "promote": 2}[moment]
        write, count = file.write, []

        def then_die(keys: list[str]) -> None:
            write(keys)
            count.append(1)
            if len(count) == writes:
                die()

        file.write = then_die  # type: ignore[method-assign, assignment]
    if moment == "retire":
        file.set_aside = die  # type: ignore[method-assign, assignment]
    rotate(house, file, SYSTEM, nobody_to_wait_for, step)


def dies(act: Callable[[], None]) -> None:
    """Carry out ``act`` in a process of its own, which must be killed by it."""
    process = multiprocessing.get_context("fork").Process(target=act)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


def test_a_key_on_record_that_never_reached_the_file_is_forgotten(house: House, file: KeyFile) -> None:
    with house.work() as work:
        work.add(EncryptionKey(id="0badc0de", known_at=work.now))
    assert list(note_keys(house, file.read())) == [key_id(file.read()[0])]
    with house.read() as session:
        assert session.get(EncryptionKey, "0badc0de") is None


def test_channels_and_answers_stay_usable_for_those_at_work(office: Office, file: KeyFile) -> None:
    with office.house.work() as work:
        work.add(Channel(person_id="li.na", kind="mail", address="mailto://li.na@hengyuan.example"))
    office.applies()
    rotate(office.house, file, SYSTEM, nobody_to_wait_for)
    office.answers("li.na", "confirm")
    with office.house.read() as session:
        assert session.exec(select(Channel.address)).one() == "mailto://li.na@hengyuan.example"

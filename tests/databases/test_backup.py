"""A backup taken while everybody works, restored into either database: what was open goes on."""

import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import Session, func, select

from config.policy import Policy
from config.settings import Settings
from config.words import Outcome
from flows.direct_driver import DirectRunner, VirtualClock
from models.audit import verify
from models.backup.archive_in import opened_archive
from models.backup.errors import BackupError, NotEmpty
from models.backup.record_out import lines_of, snapshot, tables
from models.backup.restoring import restore
from models.backup.taking import take_backup
from models.house import SYSTEM, House, open_engine, open_house, person
from models.installation import installation_key
from models.migrate import current, latest
from models.operations.access import issue_sign_in_link, sign_in
from models.operations.applications import open_application
from models.operations.attachments import attach, read_attachment
from models.tables import (
    ApiToken,
    Attachment,
    AuditEvent,
    Case,
    Customer,
    Installation,
    OutboxMessage,
    Person,
    Run,
    Signer,
    SignInLink,
    WebSession,
)
from tests.archives import parts_of, resaid, retold, written
from tests.processes.conftest import Office, steel_trader

CONTRACT = b"%PDF-1.7 \xe5\x90\x88\xe5\x90\x8c"
SETTLED = {
    "audit_event",
    "chain_head",
    "installation",
    "run",
    "web_session",
    "sign_in_link",
    "heartbeat",
    "audit_private",
}
"""Tables in which a restore itself changes something."""


@pytest.fixture(params=["into-sqlite", "into-postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Somewhere with nothing in it."""
    home = tmp_path / "new place"
    if request.param == "into-sqlite":
        yield Settings(home=home, lease_seconds=12)
        return
    server, name = request.getfixturevalue("server"), f"place_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name}")
    yield Settings(home=home, lease_seconds=12, database_url=server.url(name))
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    """A new folder with SQLite, where the kind of database does not matter."""
    return Settings(home=tmp_path / "elsewhere", lease_seconds=12)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "clientrisk.zip"


on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What the kind of database has no part in."""

Opened = Callable[[Settings], Office]


@pytest.fixture
def opened(policy: Policy, clock: VirtualClock) -> Iterator[Opened]:
    """The office of a restored installation."""
    houses: list[House] = []

    def at(settings: Settings) -> Office:
        houses.append(open_house(settings, policy, clock))
        return Office(houses[-1], clock, DirectRunner(houses[-1], clock))

    yield at
    for house in houses:
        house.engine.dispose()


def handed_in(office: Office, content: bytes = CONTRACT, by: str = "li.na") -> str:
    with office.house.read() as session:
        asked = session.exec(
            select(Signer.step_id).where(Signer.case_ref == office.ref, Signer.person_id == by)
        ).first()
    assert asked is not None
    with office.house.work(person(by)) as work:
        return attach(work, asked, "合同.pdf", content).sha256


def told(house: House) -> dict[str, bytes]:
    """The whole record, but for what a restore itself changes."""
    with snapshot(house) as session:
        return {
            table.name: b"".join(lines for _, lines in lines_of(session, table))
            for table in tables()
            if table.name not in SETTLED
        }


def test_an_open_case_goes_on_in_the_new_place_as_it_would_have_in_the_old(
    office: Office, place: Settings, archive: Path, opened: Opened
) -> None:
    office.applies(steel_trader(phone="13805201234"))
    handed_in(office)
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "confirm")
    before, waits = told(office.house), office.waits_for()
    taken = take_backup(office.house, archive, SYSTEM)
    office.answers("wang.jun", "reject", reason="在备份之后")  # the old place goes its own way

    restored = restore(place, archive, SYSTEM, clock=office.clock)
    assert restored.settled.open_cases == 1
    anew = opened(place)
    anew.ref = office.ref
    assert told(anew.house) == before
    assert anew.waits_for() == waits
    assert ["wang.jun"] in waits.values()
    assert anew.customer.phone == "13805201234"
    with anew.house.read() as session:
        verdict = verify(session)
        assert (verdict.broken_at, verdict.events) == (None, taken.manifest.audit_seq + 1)
        assert read_attachment(anew.house, session.exec(select(Attachment)).one()) == CONTRACT
    anew.answers("wang.jun", "approve")
    anew.answers("zhao.min", "approve")
    anew.answers("he.jing", "record", limit="800000", term_days=45, ledger_number="L-77")
    assert anew.outcome is Outcome.ADMITTED
    assert office.outcome is not Outcome.ADMITTED


def test_new_rows_get_numbers_after_those_that_were_restored(
    office: Office, place: Settings, archive: Path, opened: Opened
) -> None:
    office.applies()
    take_backup(office.house, archive, SYSTEM)
    restore(place, archive, SYSTEM, clock=office.clock)
    anew = opened(place)
    second = anew.applies(steel_trader(name="淮安金达铜业有限公司", identifier=None, prepays=False))
    assert second == office.ref[:-6] + "000002"
    with anew.house.read() as session:
        assert session.exec(select(func.count()).select_from(Customer)).one() == 2


def test_a_backup_under_load_is_of_one_instant(
    office: Office, elsewhere: Settings, archive: Path, opened: Opened, database: str
) -> None:
    """Writers go on all the time: not one case without its events, not one file named that is not there."""
    first, more, stop = threading.Event(), threading.Event(), threading.Event()
    office.applies()
    errors: list[BaseException] = []

    def write(who: int) -> None:
        desk, turn = Office(office.house, office.clock, office.runner), 0
        try:
            while not stop.is_set():
                turn += 1
                with office.house.work(person("li.na")) as work:
                    li_na = work.session.get_one(Person, "li.na")
                    wanted = steel_trader(name=f"徐州第{who}-{turn}钢材公司", identifier=None)
                    open_application(work, wanted, li_na, li_na, origin="page")
                desk.ref = office.ref
                if who == 0 and turn <= 15:
                    handed_in(desk, CONTRACT + str(turn).encode())
                if first.is_set() and turn > 8:
                    more.set()
        except BaseException as error:
            errors.append(error)
            more.set()

    writers = [threading.Thread(target=write, args=(who,)) for who in range(3)]

    def halfway(what: str, _done: int, _total: int) -> None:
        if what == "Saving the record" and not first.is_set():
            first.set()
            assert more.wait(60)

    for writer in writers:
        writer.start()
    try:
        taken = take_backup(office.house, archive, SYSTEM, told=halfway)
    finally:
        stop.set()
        for writer in writers:
            writer.join(60)
    assert errors == []
    with office.house.read() as session:
        written_since = session.exec(select(func.max(AuditEvent.seq))).one() - taken.manifest.audit_seq
    assert written_since > 8
    restore(elsewhere, archive, SYSTEM, clock=office.clock)
    house = opened(elsewhere).house
    with house.read() as session:
        assert verify(session).broken_at is None
        cases = set(session.exec(select(Case.ref)))
        assert cases == set(session.exec(select(AuditEvent.case_ref).where(AuditEvent.event == "case.opened")))
        assert cases == set(session.exec(select(Run.case_ref)))
        files = session.exec(select(Attachment)).all()
        assert {one.sha256 for one in files} == set(taken.manifest.documents)
        for one in files:
            assert read_attachment(house, one)


@on_sqlite
def test_whoever_was_signed_in_is_signed_out_and_tokens_stay_unless_told_otherwise(
    office: Office, elsewhere: Settings, archive: Path, opened: Opened, tmp_path: Path
) -> None:
    with office.house.work() as work:
        sign_in(work, issue_sign_in_link(work, "li.na"))
        issue_sign_in_link(work, "wu.gang")
        work.add(ApiToken(token_hash="a" * 64, label="ERP", person_id="li.na", scopes=["read"], created_at=work.now))
    take_backup(office.house, archive, SYSTEM)
    settled = restore(elsewhere, archive, SYSTEM, clock=office.clock).settled
    assert (settled.signed_out, settled.tokens_left, settled.tokens_revoked) == (1, 1, 0)
    with opened(elsewhere).house.read() as session:
        assert session.exec(select(WebSession)).one().revoked_at is not None
        assert all(link.used_at or link.expires_at <= office.clock.now for link in session.exec(select(SignInLink)))
        assert session.exec(select(ApiToken)).one().revoked_at is None
    third = Settings(home=tmp_path / "third")
    assert restore(third, archive, SYSTEM, clock=office.clock, revoke_tokens=True).settled.tokens_revoked == 1
    with opened(third).house.read() as session:
        assert session.exec(select(ApiToken)).one().revoked_at is not None


@on_sqlite
def test_a_lease_of_the_old_house_holds_nothing_up(
    office: Office, elsewhere: Settings, archive: Path, opened: Opened
) -> None:
    office.applies()
    with office.house.work() as work:
        run = work.session.get_one(Run, office.ref)
        run.lease_owner, run.lease_until, run.act_at = "old:1", work.now, None
        run.wake_seq += 1
    take_backup(office.house, archive, SYSTEM)
    restore(elsewhere, archive, SYSTEM, clock=office.clock)
    anew = opened(elsewhere)
    with anew.house.read() as session:
        run = session.get_one(Run, office.ref)
        assert (run.lease_owner, run.act_at) == (None, office.clock.now)
    anew.runner.run_ready()
    anew.ref = office.ref
    assert anew.waits_for() == office.waits_for()


@on_sqlite
def test_taking_and_restoring_are_on_record_and_the_restored_has_a_name_of_its_own(
    office: Office, elsewhere: Settings, archive: Path, opened: Opened
) -> None:
    taken = take_backup(office.house, archive, SYSTEM)
    with office.house.read() as session:
        made = session.exec(select(AuditEvent).where(AuditEvent.event == "backup.made")).one()
        assert (made.data["sha256"], made.data["rows"]) == (taken.sha256, taken.manifest.rows)
    restore(elsewhere, archive, person("xu.ming"), clock=office.clock)
    with opened(elsewhere).house.read() as session, office.house.read() as old:
        event = session.exec(select(AuditEvent).where(AuditEvent.event == "backup.restored")).one()
        assert (event.seq, event.actor_id) == (taken.manifest.audit_seq + 1, "xu.ming")
        assert event.data["backup"] == taken.sha256
        assert event.data["from"] == installation_key(old) != installation_key(session)
        assert session.get_one(Installation, 1).restored_from == taken.sha256


@on_sqlite
def test_a_message_that_waited_is_sent_by_the_restored_house(
    office: Office, elsewhere: Settings, archive: Path, opened: Opened
) -> None:
    """It may have been sent by the old one since: rather twice than never."""
    office.applies()
    take_backup(office.house, archive, SYSTEM)
    settled = restore(elsewhere, archive, SYSTEM, clock=office.clock).settled
    with opened(elsewhere).house.read() as session:
        waiting = session.exec(select(OutboxMessage).where(OutboxMessage.state == "pending")).all()
    assert len(waiting) == settled.messages_waiting >= 1


@on_sqlite
def test_an_archive_of_an_earlier_version_is_brought_forward(
    office: Office, place: Settings, archive: Path, opened: Opened
) -> None:
    office.applies()
    take_backup(office.house, archive, SYSTEM)
    parts = parts_of(archive)
    for name in ("sign_in_entry", "attempts"):  # revision 0007 had neither, nor these columns
        del parts[f"database/{name}.jsonl"]
    columns = {"web_session": {"seen_at", "way", "address", "agent", "id_token"}, "api_token": {"used_at", "warned_at"}}

    def earlier(manifest: dict) -> None:  # type: ignore[type-arg]
        manifest["revision"] = "0007"
        manifest["tables"] = [one for one in manifest["tables"] if f"database/{one['name']}.jsonl" in parts]
        for one in manifest["tables"]:
            one["columns"] = [c for c in one["columns"] if c["name"] not in columns.get(one["name"], set())]

    restore(place, written(archive, resaid(parts, earlier)), SYSTEM, clock=office.clock)
    anew = opened(place)
    anew.ref = office.ref
    assert current(anew.house.engine) == latest()
    anew.answers("li.na", "confirm")
    assert anew.waits_for()


def test_nothing_is_restored_over_a_database(office: Office, archive: Path) -> None:
    office.applies()
    take_backup(office.house, archive, SYSTEM)
    before = told(office.house)
    with pytest.raises(NotEmpty):
        restore(office.house.settings, archive, SYSTEM)
    assert told(office.house) == before


@on_sqlite
def test_a_row_that_does_not_fit_leaves_the_place_empty(office: Office, place: Settings, archive: Path) -> None:
    office.applies()
    take_backup(office.house, archive, SYSTEM)
    parts = parts_of(archive)
    lines = parts["database/timer.jsonl"]
    assert lines
    orphaned = lines.replace(office.ref.encode(), b"ONB-2026-999999")
    written(archive, retold(parts, "timer", orphaned, lines.count(b"\n")))
    with pytest.raises(BackupError):
        restore(place, archive, SYSTEM)
    _nothing_in(place)
    restore(place, written(archive, parts), SYSTEM, clock=office.clock)  # and the right one fits in afterwards


def _nothing_in(place: Settings) -> None:
    if place.database_url.startswith("sqlite"):
        assert not Path(place.database_url.removeprefix("sqlite:///")).exists()
    else:
        engine = open_engine(place.database_url)
        with Session(engine) as session:
            asked = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
            assert session.execute(text(asked)).scalar_one() == 0
        engine.dispose()
    assert not (place.home / "secret.key").exists()
    assert not (place.home / "encryption.key").exists()
    assert not [path for path in place.documents.rglob("*") if path.is_file()]


@on_sqlite
def test_only_its_owner_reads_an_archive_and_what_is_made_of_it(
    office: Office, elsewhere: Settings, archive: Path
) -> None:
    office.applies()
    sha256 = handed_in(office)
    take_backup(office.house, archive, SYSTEM)
    restore(elsewhere, archive, SYSTEM)
    stored = elsewhere.documents / sha256[:2] / sha256
    for path in (archive, elsewhere.home / "secret.key", elsewhere.home / "encryption.key", stored):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    with opened_archive(archive) as read:
        assert read.manifest.keys.included

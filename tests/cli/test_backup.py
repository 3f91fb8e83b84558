"""Backup and restore from the command line, and archives that are damaged or mean harm."""

import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlmodel import select

import models.backup.archive_in
from cli.checks import backups
from cli.checks.finding import State
from cli.checks.ground import Ground
from config.settings import Settings, get_settings
from models.backup.errors import BackupError, Damaged
from models.backup.manifest import fingerprint
from models.backup.restoring import check, restore
from models.backup.taking import take_backup
from models.house import SYSTEM, House, open_house
from models.tables import AuditEvent, Customer
from tests.archives import Parts, manifest_of, parts_of, resaid, retold, written
from tests.processes.conftest import Office

Command = Callable[..., Any]


@pytest.fixture
def archive(installed: House, tmp_path: Path) -> Path:
    """A backup of a house with a customer whose telephone is sealed, and with one file."""
    with installed.work() as work:
        work.add(
            Customer(
                name="徐州恒通钢材贸易有限公司",
                type="medium_enterprise",
                department="business",
                handler_id="li.na",
                phone="13805201234",
                created_at=work.now,
            )
        )
        work.record("case.looked", None, turn=1)
    path = tmp_path / "backups" / "clientrisk.zip"
    path.parent.mkdir()
    take_backup(installed, path, SYSTEM)
    return path


@pytest.fixture
def place(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "place", _env_file=None)  # type: ignore[call-arg]


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# -- the commands ----------------------------------------------------------------------------------------------------


def test_a_backup_is_one_command_and_restoring_it_another(
    command: Command, installed: House, tmp_path: Path, policy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "out.zip"
    told = command("backup", to)
    assert told.code == 0, told.err
    assert "with its keys" in told.out
    assert "SHA-256" in told.out
    told = command("restore", to, "--into", tmp_path / "new")
    assert told.code == 0, told.err
    assert "every one in its place and unchanged" in told.out
    monkeypatch.setenv("CLIENTRISK_HOME", str(tmp_path / "new"))
    get_settings.cache_clear()
    assert command("db", "current").code == 0
    assert command("audit", "verify").code == 0


def test_an_archive_is_checked_without_restoring_it(command: Command, archive: Path, tmp_path: Path) -> None:
    before = files_in(tmp_path)
    told = command("restore", archive, "--check")
    assert told.code == 0
    assert "is whole" in told.out
    assert files_in(tmp_path) == before
    archive.write_bytes(archive.read_bytes()[:-100])
    assert command("restore", archive, "--check").code == 2


def test_a_backup_is_never_written_over(command: Command, archive: Path) -> None:
    before = archive.read_bytes()
    told = command("backup", archive)
    assert told.code == 2
    assert "is there already" in told.err
    assert archive.read_bytes() == before


def test_a_backup_that_cannot_be_written_leaves_nothing(command: Command, installed: House, tmp_path: Path) -> None:
    assert command("backup", tmp_path / "none" / "out.zip").code == 2
    assert not (tmp_path / "none").exists()


def test_a_full_disk_leaves_no_half_archive(installed: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("models.backup.archive_out.os.fsync", full)
    with pytest.raises(BackupError, match="No space left"):
        take_backup(installed, tmp_path / "out.zip", SYSTEM)
    assert not list(tmp_path.glob("out.zip*"))
    with installed.read() as session:
        assert session.exec(select(AuditEvent).where(AuditEvent.event == "backup.made")).first() is None


def test_in_a_folder_the_newest_are_kept_and_others_files_left_alone(
    command: Command, installed: House, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    assert command("backup", folder).code == 0
    (made,) = folder.iterdir()
    beginning = made.name[: -len("20261201T000000Z.zip")]
    for month in (1, 2, 3):
        (folder / f"{beginning}2025{month:02d}01T000000Z.zip").write_bytes(b"old")
    for other in ("clientrisk-00000000-20200101T000000Z.zip", "notes.txt", f"{beginning}wrong.zip"):
        (folder / other).write_bytes(b"another's")
    made.rename(folder / f"{beginning}20250401T000000Z.zip")
    told = command("backup", folder, "--keep", 2)
    assert told.code == 0
    kept = sorted(path.name for path in folder.iterdir())
    assert len(kept) == 5
    assert f"{beginning}20250401T000000Z.zip" in kept
    assert f"{beginning}20250301T000000Z.zip" not in kept
    assert {"clientrisk-00000000-20200101T000000Z.zip", "notes.txt", f"{beginning}wrong.zip"} <= set(kept)
    assert command("backup", folder / "one.zip", "--keep", 2).code == 2


def test_without_its_keys_an_archive_is_restored_only_where_they_are(
    command: Command, archive: Path, installed: House, tmp_path: Path, place: Settings, policy: Any
) -> None:
    bare = tmp_path / "bare.zip"
    assert "holds no keys" in command("backup", bare, "--without-keys").out
    assert not [name for name in parts_of(bare) if name.startswith("keys/")]
    with pytest.raises(BackupError, match=r"without its keys, and there is no secret\.key"):
        restore(place, bare, SYSTEM)
    assert not place.home.exists() or files_in(place.home) == []
    place.home.mkdir(exist_ok=True)
    for name in ("secret.key", "encryption.key"):
        (place.home / name).write_bytes((installed.settings.home / name).read_bytes())
    restore(place, bare, SYSTEM)
    house = open_house(place, policy)
    with house.read() as session:
        assert session.exec(select(Customer)).one().phone == "13805201234"
    house.engine.dispose()


def test_other_keys_in_the_place_are_refused_and_kept(archive: Path, place: Settings) -> None:
    place.home.mkdir()
    (place.home / "encryption.key").write_text(Fernet.generate_key().decode() + "\n")
    before = (place.home / "encryption.key").read_bytes()
    with pytest.raises(BackupError, match="are not those of the backup"):
        restore(place, archive, SYSTEM)
    assert files_in(place.home) == ["encryption.key"]
    assert (place.home / "encryption.key").read_bytes() == before


def test_a_place_that_holds_something_is_refused(command: Command, archive: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "notes.txt").write_text("mine")
    told = command("restore", archive, "--into", there)
    assert told.code == 2
    assert "not an empty folder" in told.err
    assert files_in(there) == ["notes.txt"]
    told = command("restore", archive)  # the installation it was taken of
    assert told.code == 2
    assert "There is a database already" in told.err


def test_a_restore_that_was_broken_off_is_done_again(archive: Path, place: Settings) -> None:
    """Killed after keys and files: they are what the archive holds, so that they are in nobody's way."""
    parts = parts_of(archive)
    place.home.mkdir()
    (place.home / "secret.key").write_bytes(parts["keys/secret.key"])
    (place.home / "clientrisk.db.restoring").write_bytes(b"half")
    restore(place, archive, SYSTEM)
    assert not (place.home / "clientrisk.db.restoring").exists()
    assert (place.home / "clientrisk.db").exists()


def test_files_that_are_lost_are_told_and_the_rest_is_saved(
    command: Command, installed: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = "ab" * 32
    monkeypatch.setattr("models.backup.taking._named", lambda _session: [lost])
    told = command("backup", tmp_path / "out.zip")
    assert told.code == 1
    assert lost in told.err
    assert manifest_of(parts_of(tmp_path / "out.zip"))["missing"] == [lost]


# -- damaged, or meaning harm ----------------------------------------------------------------------------------------


def _flip(path: Path, _parts: Parts) -> None:
    with zipfile.ZipFile(path) as file:
        entry = file.getinfo("database/person.jsonl")
    _flip_at(path, entry.header_offset + 30 + len(entry.filename) + 40)


def _flip_at(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0xFF
    path.write_bytes(bytes(data))


def _cut_off(path: Path, _parts: Parts) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path: Path, _parts: Parts) -> None:
    path.write_bytes(b"")


def _no_archive(path: Path, _parts: Parts) -> None:
    path.write_bytes(b"%PDF-1.7 not an archive at all")


def _another_archive(path: Path, _parts: Parts) -> None:
    written(path, {"holiday.jpg": b"\xff\xd8\xff"})


def _part_removed(path: Path, parts: Parts) -> None:
    written(path, {name: data for name, data in parts.items() if name != "database/person.jsonl"})


def _row_changed(path: Path, parts: Parts) -> None:
    written(path, {**parts, "database/person.jsonl": parts["database/person.jsonl"].replace(b"li.na", b"li.no")})


def _manifest_changed(path: Path, parts: Parts) -> None:
    written(path, {**parts, "manifest.json": parts["manifest.json"].replace(b'"format": 1', b'"format": 0')})


def _out_of_the_folder(path: Path, parts: Parts) -> None:
    written(path, {**parts, "../../../etc/cron.d/evil": b"* * * * * root true\n"})


def _absolute(path: Path, parts: Parts) -> None:
    written(path, {**parts, "/etc/cron.d/evil": b"* * * * * root true\n"})


def _link(path: Path, parts: Parts) -> None:
    written(path, parts)
    with zipfile.ZipFile(path, "a") as file:
        entry = zipfile.ZipInfo("documents/aa/" + "a" * 64)
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(entry, "/etc/passwd")


def _twice(path: Path, parts: Parts) -> None:
    written(path, parts)
    with zipfile.ZipFile(path, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("database/person.jsonl", parts["database/person.jsonl"])


def _document_by_a_wrong_name(path: Path, parts: Parts) -> None:
    name = "../" * 21 + "x"
    changed = resaid(parts, lambda told: told["documents"].update({name: 4}))
    written(path, {**changed, f"documents/{name[:2]}/{name}": b"evil"})


def _document_that_is_another(path: Path, parts: Parts) -> None:
    sha256 = "ab" * 32
    changed = resaid(parts, lambda told: told["documents"].update({sha256: 4}))
    written(path, {**changed, f"documents/ab/{sha256}": b"evil"})


def _key_by_another_name(path: Path, parts: Parts) -> None:
    changed = resaid(parts, lambda told: told["keys"]["parts"].update({"keys/../../.ssh/authorized_keys": "a" * 64}))
    written(path, {**changed, "keys/../../.ssh/authorized_keys": b"ssh-ed25519 evil"})


def _other_key(path: Path, parts: Parts) -> None:
    written(path, {**parts, "keys/secret.key": b"x" * len(parts["keys/secret.key"])})


def _table_of_another_name(path: Path, parts: Parts) -> None:
    def rename(told: dict[str, Any]) -> None:
        told["tables"][0]["name"] = 'person"; DROP TABLE person; --'

    written(path, resaid(parts, rename))


def _table_that_there_is_not(path: Path, parts: Parts) -> None:
    lines = parts["database/person.jsonl"]

    def rename(told: dict[str, Any]) -> None:
        (entry,) = [one for one in told["tables"] if one["name"] == "person"]
        entry["name"] = "superuser"

    changed = resaid({name: data for name, data in parts.items() if name != "database/person.jsonl"}, rename)
    written(path, {**changed, "database/superuser.jsonl": lines})


def _column_that_there_is_not(path: Path, parts: Parts) -> None:
    def rename(told: dict[str, Any]) -> None:
        (entry,) = [one for one in told["tables"] if one["name"] == "person"]
        entry["columns"][0]["name"] = "root"

    written(path, resaid(parts, rename))


def _row_of_another_shape(path: Path, parts: Parts) -> None:
    written(path, retold(parts, "person", b'["li.na"]\n', 1))


def _no_row_at_all(path: Path, parts: Parts) -> None:
    written(path, retold(parts, "person", b'{"id": "li.na"}\n', 1))


def _deeply_nested(path: Path, parts: Parts) -> None:
    written(path, retold(parts, "person", b"[" * 200_000 + b"\n", 1))


def _more_rows_than_said(path: Path, parts: Parts) -> None:
    lines = parts["database/person.jsonl"]
    written(path, retold(parts, "person", lines, lines.count(b"\n") - 1))


def _fewer_rows_than_said(path: Path, parts: Parts) -> None:
    lines = parts["database/person.jsonl"]
    written(path, retold(parts, "person", lines, lines.count(b"\n") + 1))


def _keys_that_are_none(path: Path, parts: Parts) -> None:
    data = b"\xff" * 40

    def note(told: dict[str, Any]) -> None:
        told["keys"]["parts"]["keys/encryption.key"] = hashlib.sha256(data).hexdigest()

    written(path, resaid({**parts, "keys/encryption.key": data}, note))


def _keys_too_short(path: Path, parts: Parts) -> None:
    data = b"secret\n"

    def note(told: dict[str, Any]) -> None:
        told["keys"]["parts"]["keys/secret.key"] = hashlib.sha256(data).hexdigest()
        told["keys"]["signing"] = fingerprint("secret")

    written(path, resaid({**parts, "keys/secret.key": data}, note))


def _a_version_that_speaks_to_the_terminal(path: Path, parts: Parts) -> None:
    written(path, resaid(parts, lambda told: told.update(revision="0999", version="9.0\x1b[2J")))


def _of_a_later_version(path: Path, parts: Parts) -> None:
    written(path, resaid(parts, lambda told: told.update(revision="0999", version="9.0")))


def _of_a_later_format(path: Path, parts: Parts) -> None:
    written(path, resaid(parts, lambda told: told.update(format=2, version="9.0")))


def _with_a_revision_that_is_a_command(path: Path, parts: Parts) -> None:
    written(path, resaid(parts, lambda told: told.update(revision="base:head")))


HARM = [
    *(_flip, _cut_off, _empty, _no_archive, _another_archive, _part_removed, _row_changed, _manifest_changed),
    *(_out_of_the_folder, _absolute, _link, _twice, _document_by_a_wrong_name, _document_that_is_another),
    *(_key_by_another_name, _other_key, _table_of_another_name, _table_that_there_is_not, _column_that_there_is_not),
    *(_row_of_another_shape, _no_row_at_all, _deeply_nested, _more_rows_than_said, _fewer_rows_than_said),
    *(_keys_that_are_none, _keys_too_short, _a_version_that_speaks_to_the_terminal),
    *(_of_a_later_version, _of_a_later_format, _with_a_revision_that_is_a_command),
]


@pytest.mark.parametrize("harm", HARM, ids=lambda harm: harm.__name__.strip("_"))
def test_what_is_not_a_whole_backup_of_ours_changes_nothing(
    harm: Callable[[Path, Parts], None], archive: Path, place: Settings, tmp_path: Path
) -> None:
    harm(archive, parts_of(archive))
    before = files_in(tmp_path)
    with pytest.raises(BackupError) as refused:
        restore(place, archive, SYSTEM)
    assert str(refused.value)
    assert files_in(tmp_path) == before


def test_wherever_a_byte_is_wrong_it_is_told_or_makes_no_difference(archive: Path) -> None:
    """A byte of a time stamp that nobody reads may pass; a wrong row, and an error of another kind, may not."""
    whole, right = archive.read_bytes(), check(archive)
    told = 0
    for place in range(7, len(whole), len(whole) // 90):
        archive.write_bytes(whole)
        _flip_at(archive, place)
        try:
            assert check(archive) == right
        except BackupError:
            told += 1
    assert told > 60


def test_a_later_version_is_named(archive: Path, place: Settings) -> None:
    written(archive, resaid(parts_of(archive), lambda told: told.update(revision="0999", version="9.0")))
    with pytest.raises(BackupError, match=r"later version of clientrisk \(9\.0"):
        restore(place, archive, SYSTEM)


def test_an_archive_larger_than_the_disk_is_refused_before_anything_is_written(
    archive: Path, place: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Small:
        free = 1 << 20

    monkeypatch.setattr("models.backup.restoring.shutil.disk_usage", lambda _: Small)
    with pytest.raises(BackupError, match="too little room"):
        restore(place, archive, SYSTEM)
    assert not place.home.exists()


def test_a_row_without_an_end_is_not_read_into_memory(
    archive: Path, place: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.backup.archive_in, "LONGEST_ROW", 1 << 16)
    written(archive, retold(parts_of(archive), "person", b'["' + b"x" * (1 << 20) + b'"]\n', 1))
    with pytest.raises(Damaged, match="without an end"):
        restore(place, archive, SYSTEM)


def test_the_archive_itself_says_what_is_in_it(archive: Path, installed: House) -> None:
    with zipfile.ZipFile(archive) as file:
        assert file.testzip() is None
        told = json.loads(file.read("manifest.json"))
        people = file.read("database/person.jsonl").decode().splitlines()
        sealed = file.read("database/customer.jsonl").decode()
    assert told["format"] == 1
    assert len(people) == 13
    assert "13805201234" not in sealed
    assert os.stat(archive).st_mode & 0o777 == 0o600


# -- how old the last one is -----------------------------------------------------------------------------------------


def doctor_on_backups(house: House, after: timedelta = timedelta()) -> Any:
    (found,) = backups.look(Ground(house.settings, clock=lambda: datetime.now(UTC) + after))
    return found


def test_the_doctor_says_how_old_the_last_backup_is(installed: House, clock: Any, tmp_path: Path) -> None:
    assert doctor_on_backups(installed).state is State.OK  # a young installation has time yet
    late = doctor_on_backups(installed, timedelta(days=3))
    assert (late.state, "None was ever taken" in late.sentence) == (State.WARN, True)
    clock.now = datetime.now(UTC)
    take_backup(installed, tmp_path / "first.zip", SYSTEM)
    fresh = doctor_on_backups(installed, timedelta(hours=5))
    assert (fresh.state, "5 hours ago" in fresh.sentence) == (State.OK, True)
    old = doctor_on_backups(installed, timedelta(days=4))
    assert (old.state, "4 days ago" in old.sentence) == (State.WARN, True)


def test_a_restored_installation_has_the_age_of_its_backup(archive: Path, place: Settings, policy: Any) -> None:
    restore(place, archive, SYSTEM)
    house = open_house(place, policy)
    told = doctor_on_backups(house)  # taken on the virtual clock, in March
    assert (told.state, "Restored from a backup taken" in told.sentence) == (State.WARN, True)
    house.engine.dispose()


# -- anchors and packs -----------------------------------------------------------------------------------------------


def test_an_anchor_is_kept_and_compared(command: Command, installed: House, tmp_path: Path) -> None:
    anchors = tmp_path / "anchors.jsonl"
    with installed.work() as work:
        work.record("case.looked", None, turn=1)
    assert command("audit", "anchor", "--to", anchors).code == 0
    with installed.work() as work:
        work.record("case.looked", None, turn=2)
        work.record("case.looked", None, turn=3)
    assert command("audit", "anchor", "--to", anchors).code == 0
    assert len(anchors.read_text().splitlines()) == 2
    with installed.work() as work:
        work.record("case.looked", None, turn=4)
    told = command("audit", "verify", "--from-anchor", anchors)
    assert (told.code, "1 events since the anchor" in told.out) == (0, True)
    first, second = anchors.read_text().splitlines()
    anchors.write_text(f"{first.replace(json.loads(first)['hash'], 'f' * 64)}\n{second}\n")
    told = command("audit", "verify", "--from-anchor", anchors)
    assert (told.code, "not the event that the anchor was taken of" in told.out) == (1, True)


@pytest.mark.parametrize("line", ["", "hello", "[]", "{}", '{"seq": "1", "hash": "x"}', '{"seq": 1e99, "hash": 5}'])
def test_what_is_no_anchor_is_refused(command: Command, installed: House, tmp_path: Path, line: str) -> None:
    (tmp_path / "anchors.jsonl").write_text(line + "\n")
    assert command("audit", "verify", "--from-anchor", tmp_path / "anchors.jsonl").code == 2
    assert command("audit", "verify", "--from-anchor", tmp_path / "none.jsonl").code == 2


def test_a_pack_is_confirmed_by_the_house_that_made_it_and_by_no_other(
    command: Command, installed: House, clock: Any, runner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = Office(installed, clock, runner).applies()
    pack = tmp_path / "pack.zip"
    assert command("cases", "evidence", ref, "--to", pack).code == 0
    told = command("audit", "confirm", pack)
    assert (told.code, f"case {ref}" in told.out) == (0, True)
    (tmp_path / "broken.zip").write_bytes(pack.read_bytes()[:-200])
    assert command("audit", "confirm", tmp_path / "broken.zip").code == 2
    assert command("audit", "confirm", tmp_path / "none.zip").code == 2
    monkeypatch.setenv("CLIENTRISK_HOME", str(tmp_path / "other"))
    get_settings.cache_clear()
    assert command("db", "upgrade").code == 0
    told = command("audit", "confirm", pack)
    assert (told.code, "does not stand in this house's trail" in told.out) == (1, True)

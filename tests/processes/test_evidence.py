"""The evidence pack verifies offline by the documented recipe, and no way of tampering with it passes."""

import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from config.words import Language
from models.house import House, person
from models.operations.attachments import attach
from models.tables import Case, Signer
from notifications.evidence import evidence_pack
from notifications.papers import verify
from tests.outsiders import asks_to_sign
from tests.processes.conftest import Office, steel_trader
from tests.processes.test_papers import signed_by

Files = dict[str, bytes]
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def pack(office: Office, house: House) -> bytes:
    """A case with two answers, signed minutes and a file, rejected in the end."""
    ref = office.applies(steel_trader(phone="13805201234"))
    with house.work(person("li.na")) as work:
        asked = select(Signer.step_id).where(Signer.case_ref == ref, Signer.person_id == "li.na")
        attach(work, work.session.exec(asked).one(), "合同.pdf", b"%PDF-1.7 contract")
    paper, _ = asks_to_sign(house, ref)
    signed_by(house, paper, "chen.yu")
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "confirm")
    office.answers("wang.jun", "reject", reason="额度依据不足 <script>alert(1)</script>")
    with house.read() as session:
        return evidence_pack(house, session, ref)


def unpacked(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def laid_out(files: Files, folder: Path) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def verified(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """As the recipe says: Python alone, isolated from everything installed beside it."""
    return subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PYTHONIOENCODING": "utf-8"},
        check=False,
    )


def test_the_recipe_of_the_documents_verifies_a_pack(pack: bytes, tmp_path: Path) -> None:
    """Every command of ``docs/audit.md`` for whoever holds a pack, one after the other, in a shell."""
    section = (DOCS / "audit.md").read_text(encoding="utf-8").partition("<!-- recipe -->")[2]
    script = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert script is not None
    (tmp_path / "pack.zip").write_bytes(pack)
    recipe = script[1].replace("SHA256-FROM-THE-HOUSE", hashlib.sha256(pack).hexdigest())
    done = subprocess.run(["sh", "-euc", recipe], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("OK: case ONB-2026-000001") == 2
    assert "README.txt: OK" in done.stdout


def test_the_pack_is_verified_as_a_zip_file_too(pack: bytes, tmp_path: Path) -> None:
    laid_out({"verify.py": unpacked(pack)["verify.py"], "case.zip": pack}, tmp_path)
    assert verified(tmp_path, "case.zip").returncode == 0
    assert verified(tmp_path, "case.zip", hashlib.sha256(pack).hexdigest()).returncode == 0
    wrong = verified(tmp_path, "case.zip", "0" * 64)
    assert (wrong.returncode, "not the one whose hash was given" in wrong.stdout) == (1, True)
    (tmp_path / "case.zip").write_bytes(pack[: len(pack) // 2])
    assert verified(tmp_path, "case.zip").returncode == 1
    (tmp_path / "case.zip").write_bytes(b"")
    assert verified(tmp_path, "case.zip").returncode == 1
    assert verified(tmp_path, "none.zip").returncode == 1


# -- tampering -------------------------------------------------------------------------------------------------------


def renamed(files: Files, start: str) -> str:
    return next(name for name in sorted(files) if name.startswith(start))


def events_of(files: Files) -> list[Any]:
    return [json.loads(line) for line in files["audit.jsonl"].splitlines()]


def as_lines(events: list[Any]) -> bytes:
    said = (json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for one in events)
    return ("\n".join(said) + "\n").encode()


def _file_changed(files: Files) -> None:
    files[renamed(files, "files/")] = b"%PDF-1.7 another contract"


def _file_removed(files: Files) -> None:
    del files[renamed(files, "files/")]


def _file_added(files: Files) -> None:
    files["files/000099-more.pdf"] = b"%PDF-1.7 slipped in"


def _file_said_to_be_lost(files: Files) -> None:
    name = renamed(files, "files/")
    files[f"{name}.missing.txt"] = b"0" * 64 + b"  x\n"
    del files[name]


def _paper_changed(files: Files) -> None:
    name = next(name for name in files if re.match(r"papers/.*\.json", name))
    files[name] = files[name].replace(b'"title"', b'"titel"', 1)


def _paper_removed(files: Files) -> None:
    del files[next(name for name in files if re.match(r"papers/.*\.json", name))]


def _event_changed(files: Files) -> None:
    events = events_of(files)
    events[4]["actor"] = ["person", "somebody.else"]
    files["audit.jsonl"] = as_lines(events)


def _event_changed_and_hashed_anew(files: Files) -> None:
    events = events_of(files)
    events[4]["actor"] = ["person", "somebody.else"]
    events[4]["hash"] = verify.digest(
        [events[4][name] for name in ("previous", "seq", "at", "case_ref", "actor", "event", "data")]
    )
    files["audit.jsonl"] = as_lines(events)


def _words_changed(files: Files) -> None:
    events = events_of(files)
    spoken = next(one for one in events if one.get("private"))
    spoken["private"]["content"] = dict.fromkeys(spoken["private"]["content"], "nothing of the kind")
    files["audit.jsonl"] = as_lines(events)


def _event_removed(files: Files) -> None:
    events = events_of(files)
    del events[4]
    files["audit.jsonl"] = as_lines(events)


def _events_swapped(files: Files) -> None:
    events = events_of(files)
    events[4], events[5] = events[5], events[4]
    files["audit.jsonl"] = as_lines(events)


def _tail_cut_off(files: Files) -> None:
    files["audit.jsonl"] = as_lines(events_of(files)[:-2])


def _beginning_cut_off(files: Files) -> None:
    events = events_of(files)[2:]
    files["audit.jsonl"] = as_lines(events)
    files["index.json"] = files["index.json"].replace(
        f'"events": {len(events) + 2}'.encode(), f'"events": {len(events)}'.encode()
    )


def _event_doubled(files: Files) -> None:
    events = events_of(files)
    files["audit.jsonl"] = as_lines([*events[:5], *events[4:]])


def _event_of_another_case(files: Files) -> None:
    files["audit.jsonl"] = files["audit.jsonl"].replace(b'"ONB-2026-000001"', b'"ONB-2026-000002"', 1)


def _content_of_a_step_changed(files: Files) -> None:
    steps = json.loads(files["steps.json"])
    steps[1]["content"]["limit"] = "5000000.00"
    files["steps.json"] = json.dumps(steps).encode()


def _step_removed(files: Files) -> None:
    files["steps.json"] = json.dumps(json.loads(files["steps.json"])[:-1]).encode()


def _step_invented(files: Files) -> None:
    steps = json.loads(files["steps.json"])
    files["steps.json"] = json.dumps([*steps, {**steps[0], "step": "approval#9"}]).encode()


def _answer_invented(files: Files) -> None:
    steps = json.loads(files["steps.json"])
    steps[0]["answers"].append({**steps[0]["answers"][0], "by": "周红", "at": "2026-03-12T01:00:00.000000+00:00"})
    files["steps.json"] = json.dumps(steps).encode()


def _outcome_changed(files: Files) -> None:
    for name in ("record.json", "index.json"):
        files[name] = files[name].replace(b'"outcome": "refused"', b'"outcome": "admitted"')


def _record_changed(files: Files) -> None:
    files["record.json"] = files["record.json"].replace(b'"handler_id": "li.na"', b'"handler_id": "sun.tao"')


DEEP = [
    *(_file_changed, _file_removed, _file_added, _file_said_to_be_lost, _paper_changed, _paper_removed),
    *(_event_changed, _event_changed_and_hashed_anew, _words_changed, _event_removed, _events_swapped, _tail_cut_off),
    *(_beginning_cut_off, _event_doubled, _event_of_another_case, _content_of_a_step_changed, _step_removed),
    *(_step_invented, _answer_invented, _outcome_changed, _record_changed),
]


@pytest.mark.parametrize("hashed_anew", [False, True], ids=["plainly", "with the file hashes made anew"])
@pytest.mark.parametrize("tamper", DEEP, ids=lambda tamper: tamper.__name__.strip("_"))
def test_no_way_of_tampering_passes(tamper: Callable[[Files], None], hashed_anew: bool, whole: bytes) -> None:
    files = unpacked(whole)
    before = dict(files)
    tamper(files)
    assert files != before
    if hashed_anew:
        index = json.loads(files["index.json"])
        index["files"] = [
            {**one, "sha256": verify.sha256(files[one["path"]]), "bytes": len(files[one["path"]])}
            for one in index["files"]
            if one["path"] in files
        ]
        files["index.json"] = json.dumps(index).encode()
        del files["manifest.sha256"]
        listed = "".join(f"{verify.sha256(data)}  {name}\n" for name, data in sorted(files.items()))
        files["manifest.sha256"] = listed.encode()
    wrong: list[str] = []
    verify.check(files, wrong)
    assert wrong


@pytest.fixture(scope="module")
def kept() -> dict[str, bytes]:
    return {}


@pytest.fixture
def whole(kept: dict[str, bytes], request: pytest.FixtureRequest) -> bytes:
    """The pack, played once for all ways of tampering: each takes a copy apart."""
    if "pack" not in kept:
        kept["pack"] = request.getfixturevalue("pack")
    return kept["pack"]


@pytest.mark.parametrize("name", ["README.txt", "index.html", "index.en.html", "verify.py", "papers/paper.css"])
def test_a_page_that_was_changed_is_found_by_its_hash(name: str, whole: bytes, tmp_path: Path) -> None:
    files = unpacked(whole)
    files[name] += b"\n"
    failed = verified(laid_out(files, tmp_path))
    assert failed.returncode == 1
    assert f"FAILED: {name} was changed." in failed.stdout


def test_what_is_no_pack_fails_and_does_not_crash(whole: bytes, tmp_path: Path) -> None:
    for name in ("index.json", "audit.jsonl", "manifest.sha256", "record.json"):
        for content in (b"", b"[]", b"{}", b"null", b"[" * 100_000, b"\xff\xfe", b'{"files": [1]}'):
            files = {**unpacked(whole), name: content}
            try:
                wrong: list[str] = []
                verify.check(files, wrong)
            except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
                continue
            assert wrong, (name, content)
    laid_out({"verify.py": unpacked(whole)["verify.py"]}, tmp_path)
    assert verified(tmp_path).returncode == 1
    assert verified(tmp_path, "--help").returncode == 2


def test_a_link_in_the_folder_is_not_followed(whole: bytes, tmp_path: Path) -> None:
    folder = laid_out(unpacked(whole), tmp_path)
    (folder / "more").symlink_to("/etc")
    assert verified(folder).returncode == 1


# -- the report ------------------------------------------------------------------------------------------------------


def test_the_report_reads_without_the_house_in_both_languages(whole: bytes) -> None:
    files = unpacked(whole)
    chinese, english = files["index.html"].decode(), files["index.en.html"].decode()
    for page in (chinese, english):
        assert "<style>" in page
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        for fact in ("ONB-2026-000001", "徐州恒通钢材贸易有限公司", "王军", "陈宇"):
            assert fact in page
    assert "办理环节与答复" in chinese
    assert "Steps and answers" in english
    assert 'href="index.en.html"' in chinese
    assert 'href="index.html"' in english


def test_personal_data_stays_masked_in_every_file(whole: bytes) -> None:
    for name, data in unpacked(whole).items():
        assert b"13805201234" not in data, name
    assert json.loads(unpacked(whole)["record.json"])["customer"]["phone"] == "138****1234"


def test_the_record_tells_of_the_case_its_papers_and_its_journal(whole: bytes) -> None:
    record = json.loads(unpacked(whole)["record.json"])
    assert (record["case"]["outcome"], record["case"]["handler_id"]) == ("refused", "li.na")
    assert record["customer"]["name"] == "徐州恒通钢材贸易有限公司"
    assert ("business_licence", "YYZZ-2026-014") in [(one["kind"], one["reference"]) for one in record["documents"]]
    assert len(record["journal"]) > 5


def test_a_pack_in_english_is_english_first(house: House, office: Office) -> None:
    ref = office.applies()
    with house.read() as session:
        files = unpacked(evidence_pack(house, session, ref, Language.EN))
        assert session.get_one(Case, ref)
    assert "Steps and answers" in files["index.html"].decode()
    assert "index.zh_CN.html" in files
    wrong: list[str] = []
    verify.check(files, wrong)
    assert wrong == []

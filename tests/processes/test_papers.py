"""Papers of a case: a changed text is a new version, and a signature stands under the very words it was given to."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import select

from config.words import ContactAnswer, ContactWay, Language
from models.audit import event_hash
from models.errors import Conflict, ContentChanged, Invalid, LinkDead, NotAllowed, NotFound
from models.house import House, person
from models.operations.attachments import attach
from models.operations.outside import invite, outside_party, revoke_invitations
from models.operations.outside_answers import follow_outside_link, take_outside
from models.operations.outside_secrets import issue_code, issue_outside_link
from models.operations.papers import sign_paper, signatures_of, write_paper
from models.queries.rights import case_exported_by
from models.tables import Attachment, AuditEvent, Case, CollectionContact, Invoice, Paper, Payment, Person, Signer
from notifications.evidence import evidence_pack
from tests.outsiders import asks_to_sign, minutes, parties

SIGNS = {"answer": "sign", "name": "马建国", "agreed": True}


@pytest.fixture
def ref(office: Any) -> str:
    return str(office.applies())


def written(house: House, ref: str, **changes: Any) -> Paper:
    with house.work() as work:
        return write_paper(work, ref, "reception-minutes", "1", minutes(**changes))


def signed_by(house: House, paper: Paper, who: str, sha256: str | None = None) -> None:
    with house.work() as work:
        signer = work.session.get_one(Person, who)
        sign_paper(work, paper.id or 0, sha256 or paper.content_hash, signer, "风险专员", "session")


# -- versions --------------------------------------------------------------------------------------------------------


def test_the_same_text_is_the_same_paper_and_a_changed_one_its_next_version(house: House, ref: str) -> None:
    first, again = written(house, ref), written(house, ref)
    second = written(house, ref, title="风险客户接待纪要（修订）")
    assert again.id == first.id
    assert (second.version, second.superseded) == (2, False)
    with house.read() as session:
        assert session.get_one(Paper, first.id).superseded is True


def test_a_text_that_is_taken_back_to_its_first_words_is_a_third_version(house: House, ref: str) -> None:
    first = written(house, ref)
    written(house, ref, title="修订")
    third = written(house, ref)
    assert (third.version, third.content_hash) == (3, first.content_hash)


# -- signing ---------------------------------------------------------------------------------------------------------


def test_a_signature_binds_the_exact_text_and_twice_is_once(house: House, ref: str) -> None:
    paper = written(house, ref)
    signed_by(house, paper, "chen.yu")
    signed_by(house, paper, "chen.yu")
    with house.read() as session:
        (signature,) = signatures_of(session, paper.id or 0)
    assert (signature.person_id, signature.content_hash) == ("chen.yu", paper.content_hash)


def test_a_paper_signed_after_its_text_changed_is_refused_and_the_refusal_is_on_record(
    house: House, office: Any, ref: str
) -> None:
    paper = written(house, ref)
    written(house, ref, title="修订")
    with pytest.raises(ContentChanged):
        signed_by(house, paper, "chen.yu")
    with house.read() as session:
        assert signatures_of(session, paper.id or 0) == []
    assert "paper.signing-refused" in [event for event, _ in office.events()]


def test_what_was_shown_must_be_what_is_signed(house: House, ref: str) -> None:
    with pytest.raises(ContentChanged):
        signed_by(house, written(house, ref), "chen.yu", sha256="0" * 64)


def test_a_text_changed_in_the_database_cannot_be_signed(house: House, ref: str) -> None:
    paper = written(house, ref)
    with house.work() as work:
        work.session.execute(update(Paper).values(content={**paper.content, "title": "欠条"}))
    with pytest.raises(Conflict):
        signed_by(house, paper, "chen.yu")


# -- people outside --------------------------------------------------------------------------------------------------


def test_the_same_person_outside_is_one_party(house: House) -> None:
    for email in ("ma@hengtong.example", "ma@hengtong.example", "other@hengtong.example"):
        with house.work() as work:
            outside_party(work, None, " 马建国 ", email, "13805201234", Language.ZH_CN)
    assert [party.email for party in parties(house)] == ["ma@hengtong.example", "other@hengtong.example"]


@pytest.mark.parametrize(
    "address",
    ["nobody", "mailto://me:pw@evil.example", "a@b.example\nBcc: c@d.example", "a b@c.example", "x@y", "<a@b.cn>"],
)
def test_what_is_no_plain_mail_address_is_refused(house: House, address: str) -> None:
    with pytest.raises(Invalid), house.work() as work:
        outside_party(work, None, "马建国", address)
    assert parties(house) == []


def test_asking_twice_is_asking_once(house: House, ref: str) -> None:
    _, first = asks_to_sign(house, ref)
    _, again = asks_to_sign(house, ref)
    assert first.id == again.id


def test_a_party_is_asked_for_something_else_beside(house: House, ref: str) -> None:
    paper, first = asks_to_sign(house, ref)
    with house.work() as work:
        other = outside_party(work, None, "刘芳", "liu.fang@hengtong.example")
        second = invite(work, other, "sign-paper", case_ref=ref, paper=paper)
    assert first.id != second.id


def test_there_is_no_token_before_a_message_goes_out(house: House, ref: str) -> None:
    _, link = asks_to_sign(house, ref)
    with pytest.raises(LinkDead), house.read() as session:
        follow_outside_link(session, link.token_hash, house)


def test_what_is_taken_back_opens_nothing(house: House, ref: str) -> None:
    _, link = asks_to_sign(house, ref)
    with house.work() as work:
        token = issue_outside_link(work, link.id or 0)
    with house.work() as work:
        assert revoke_invitations(work, ref, "sign-paper") == 1
    with pytest.raises(LinkDead), house.read() as session:
        follow_outside_link(session, token, house)


def test_nothing_is_half_signed_when_the_text_changes_at_the_last_moment(house: House, ref: str) -> None:
    _, link = asks_to_sign(house, ref)
    with house.work() as work:
        token, code = issue_outside_link(work, link.id or 0), issue_code(work, link.id or 0)
    written(house, ref, title="修订")
    with pytest.raises(ContentChanged), house.work() as work:
        take_outside(work, token, code, SIGNS)
    with house.read() as session:
        assert signatures_of(session, link.paper_id or 0) == []


def test_a_code_opens_its_own_link_only(house: House, ref: str) -> None:
    paper, mine = asks_to_sign(house, ref)
    with house.work() as work:
        other = outside_party(work, None, "刘芳", "liu.fang@hengtong.example")
        theirs = invite(work, other, "sign-paper", case_ref=ref, paper=paper)
        token, code = issue_outside_link(work, mine.id or 0), issue_code(work, theirs.id or 0)
        issue_code(work, mine.id or 0)
    with pytest.raises(Invalid), house.work() as work:
        take_outside(work, token, code, SIGNS)


def test_no_secret_is_kept_readably(house: House, ref: str) -> None:
    _, link = asks_to_sign(house, ref)
    with house.work() as work:
        token, code = issue_outside_link(work, link.id or 0), issue_code(work, link.id or 0)
    house.engine.dispose()
    kept = (house.settings.home / "clientrisk.db").read_bytes() + (
        (house.settings.home / "clientrisk.db-wal").read_bytes()
        if (house.settings.home / "clientrisk.db-wal").exists()
        else b""
    )
    assert token.encode() not in kept
    assert hashlib.sha256(code.encode()).hexdigest().encode() not in kept
    assert b"ma.jianguo@hengtong.example" not in kept


# -- the evidence pack -----------------------------------------------------------------------------------------------


@pytest.fixture
def case(house: House, office: Any, ref: str) -> str:
    """A case with signed minutes, a file with a hostile name, contacts, invoices and payments."""
    paper, _ = asks_to_sign(house, ref)
    signed_by(house, paper, "chen.yu")
    with house.work() as work:
        case = work.session.get_one(Case, ref)
        assert case.customer_id
        work.add(
            CollectionContact(
                case_ref=ref,
                customer_id=case.customer_id,
                rung="telephone",
                way=ContactWay.TELEPHONE,
                answer=ContactAnswer.PROMISES,
                owed=Decimal("1240000.00"),
                by_person_id="li.na",
                facts={"said": "=HYPERLINK(1)"},
                at=work.now,
            ),
            Invoice(
                number="=cmd|' /C calc'!A0",
                customer_id=case.customer_id,
                amount=Decimal("1240000.00"),
                outstanding=Decimal("800000.00"),
                issued_on=date(2026, 1, 5),
                due_on=date(2026, 3, 1),
                recorded_at=work.now,
            ),
            Payment(
                reference="ICBC-2026-0311",
                customer_id=case.customer_id,
                amount=Decimal("440000.00"),
                unallocated=Decimal(0),
                received_on=date(2026, 3, 5),
                source="api",
                note="@首期",
                recorded_at=work.now,
            ),
        )
    with house.work(person("li.na")) as work:
        asked = select(Signer).where(Signer.case_ref == ref, Signer.person_id == "li.na", Signer.state == "asked")
        attach(work, work.session.exec(asked).one().step_id, "../../../etc/passwd\u202e.pdf", b"%PDF-1.7 contract")
    return ref


def packed(house: House, ref: str) -> bytes:
    with house.read() as session:
        return evidence_pack(house, session, ref)


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_pack_proves_itself_without_the_house(house: House, case: str, tmp_path: Path) -> None:
    files = unpacked(packed(house, case))
    for name, data in files.items():
        path = tmp_path / "pack" / name
        assert path.resolve().is_relative_to((tmp_path / "pack").resolve())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    checked = subprocess.run(
        ["sha256sum", "--strict", "-c", "manifest.sha256"], cwd=tmp_path / "pack", capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count(": OK") == len(files) - 1
    (tmp_path / "pack" / "audit.jsonl").write_bytes(files["audit.jsonl"] + b" ")
    assert subprocess.run(["sha256sum", "-c", "manifest.sha256"], cwd=tmp_path / "pack", capture_output=True).returncode


def test_the_index_names_every_file_with_what_it_is_and_its_hash(house: House, case: str) -> None:
    files = unpacked(packed(house, case))
    index = json.loads(files["index.json"])
    own = {"README.txt", "anchor.jsonl", "index.en.html", "index.html", "index.json", "manifest.sha256", "verify.py"}
    assert {one["path"] for one in index["files"]} == set(files) - own
    for one in index["files"]:
        assert hashlib.sha256(files[one["path"]]).hexdigest() == one["sha256"]
        assert one["what"]
    assert "风险客户接待纪要" in files["index.html"].decode()


def test_the_bound_text_in_the_pack_has_the_fingerprint_that_was_signed(house: House, case: str) -> None:
    files = unpacked(packed(house, case))
    (bound,) = [data for name, data in files.items() if name.startswith("papers/") and name.endswith(".json")]
    assert hashlib.sha256(bound).hexdigest() == minutes().content_hash()


def test_every_line_of_the_trail_hashes_to_what_it_says(house: House, case: str) -> None:
    lines = [json.loads(line) for line in unpacked(packed(house, case))["audit.jsonl"].splitlines()]
    assert len(lines) > 5
    for line in lines:
        told = [line[name] for name in ("previous", "seq", "at", "case_ref", "actor", "event", "data")]
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(text.encode()).hexdigest() == line["hash"]
    with house.read() as session:
        last = session.get_one(AuditEvent, lines[-1]["seq"])
        assert event_hash(last) == lines[-1]["hash"]


def test_names_lead_nowhere_and_tables_start_no_formula(house: House, case: str) -> None:
    files = unpacked(packed(house, case))
    assert [name for name in files if ".." in name or name.startswith("/") or "\\" in name or "\u202e" in name] == []
    invoices = files["ledger/invoices.csv"].decode("utf-8-sig")
    assert "\n'=cmd|" in invoices or ",'=cmd|" in invoices or "\"'=cmd|" in invoices
    assert ",'@首期" in files["ledger/payments.csv"].decode("utf-8-sig")
    assert "=HYPERLINK" in files["contacts.csv"].decode("utf-8-sig")  # within a text that begins otherwise


def test_the_same_record_makes_the_same_bytes(house: House, case: str, clock: Any) -> None:
    first = packed(house, case)
    clock.now = clock.now.replace(hour=clock.now.hour + 1)
    assert packed(house, case) == first


def test_a_file_that_the_store_has_lost_is_told_and_not_passed_over(house: House, case: str) -> None:
    with house.read() as session:
        lost = session.exec(select(Attachment)).one()
    (house.settings.documents / lost.sha256[:2] / lost.sha256).unlink()
    files = unpacked(packed(house, case))
    (told,) = [name for name in files if name.endswith(".missing.txt")]
    assert lost.sha256 in files[told].decode()


def test_the_evidence_is_taken_out_by_those_who_answer_for_the_case(house: House, case: str) -> None:
    def may(who: str) -> None:
        with house.read() as session:
            case_exported_by(session, session.get_one(Person, who), case)

    for who in ("li.na", "wang.jun", "zhou.hong", "wu.gang"):
        may(who)
    for who, refusal in (("sun.tao", NotFound), ("he.jing", NotFound), ("xu.ming", NotAllowed)):
        with pytest.raises(refusal):
            may(who)

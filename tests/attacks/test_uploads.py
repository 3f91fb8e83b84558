"""A file is what it contains: no bomb, no macro, no other kind under a good name, and no way out of its place."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from models.operations.attachments import clean_name
from tests.attacks.places import difference, furnish, record_of

ATTACH = "/api/v1/steps/{}/attachments"


def archive(*parts: str, size: int = 10, name: str = "[Content_Types].xml") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for part in (name, *parts):
            file.writestr(part, b"\0" * size)
    return made.getvalue()


def declaring(much: int) -> bytes:
    """An archive whose table of contents says that a part is ``much`` bytes long."""
    small = bytearray(archive("word/document.xml"))
    at = small.rindex(b"PK\x01\x02") + 24
    small[at : at + 4] = much.to_bytes(4, "little")
    return bytes(small)


REFUSED = {
    "a bomb": ("b.docx", declaring(4_000_000_000)),
    "many bombs": ("b.xlsx", archive("xl/workbook.xml", *(f"xl/{number}.xml" for number in range(5_100)))),
    "any archive": ("a.docx", archive("payload.exe", name="readme.txt")),
    "a workbook called a letter": ("a.docx", archive("xl/workbook.xml")),
    "half an archive": ("a.docx", archive("word/document.xml")[:60]),
    "macros": ("m.docx", archive("word/document.xml", "word/vbaProject.bin")),
    "parts outside": ("p.docx", archive("word/document.xml", "../../etc/passwd")),
    "parts outside as Windows writes them": ("p.docx", archive("word/document.xml", "..\\..\\x")),
    "a page called a picture": ("x.png", b"<html><script>alert(1)</script>"),
    "a drawing with a script": ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "a program called a paper": ("x.pdf", b"MZ\x90\x00"),
    "nothing": ("x.pdf", b""),
    "a compressed file": ("x.docx", b"\x1f\x8b\x08\x00"),
}


@pytest.fixture
def furnished(office):
    return furnish(office)


def send(office, furnished, name, content, kind="application/pdf"):
    path = ATTACH.format(furnished.ids["signer_id"]["/"])
    return office.browser.post(path, files={"file": (name, content, kind)}, headers=office.token("wang.jun"))


def test_what_is_not_what_it_is_called_is_not_kept(office, furnished):
    before = record_of(office)
    for why, (name, content) in REFUSED.items():
        answer = send(office, furnished, name, content)
        assert answer.status_code == 422, f"{why}: {answer.status_code} {answer.text[:200]}"
    assert difference(before, {**record_of(office), "api_token": before["api_token"]}) == []  # each sending makes one


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd.pdf",
        "..\\..\\windows\\x.pdf",
        "/etc/cron.d/x.pdf",
        "C:\\x.pdf",
        "x\x00.pdf",
        "x\r\nset-cookie: a=b.pdf",
        "a\u202egpj.pdf",  # reads as apdf.jpg
        "\u2066x\u2069.pdf",
        "x\u200b.pdf",
        '"; filename="evil.exe".pdf',
        "a" * 5000 + ".pdf",
        ".htaccess.pdf",
        "CON.pdf",
        "<img src=x>.pdf",
        "%2e%2e%2fx.pdf",
        " . . .pdf",
    ],
)
def test_a_name_is_only_a_name(name):
    kept = clean_name(name)
    assert kept
    assert len(kept) <= 200
    assert not set(kept) & set('/\\:*?"<>|\x00\r\n')
    assert kept.isprintable(), "no sign that turns the direction of what follows, or is not seen"
    assert not kept.startswith(".")


def test_a_file_is_kept_by_its_hash_and_given_out_as_a_download(office, furnished):
    answer = send(office, furnished, "../../x\u202egpj.pdf", b"%PDF-1.7 <script>alert(1)</script>", "text/html")
    assert answer.status_code == 201, answer.text
    kept = [path for path in office.house.settings.documents.rglob("*") if path.is_file()]
    assert all(len(path.name) == 64 and path.name.startswith(path.parent.name) for path in kept)
    given = office.sign_in("wang.jun").get(f"/files/{answer.json()['id']}")
    assert given.headers["content-type"] == "application/pdf"
    assert given.headers["content-disposition"].startswith("attachment;")
    assert given.headers["x-content-type-options"] == "nosniff"
    assert "\u202e" not in given.headers["content-disposition"]


# -- bodies -----------------------------------------------------------------------------------------------------------

DEEP = 60_000
BODIES = {
    "deep lists": (b"[" * DEEP + b"]" * DEEP, 422),
    "deep objects": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, 422),
    "a deep field": (b'{"process": "onboarding-review", "application": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001, 422),
    "not a number": (b'{"process": "onboarding-review", "application": {"requested_limit": NaN}}', 422),
    "infinity": (b'{"process": "onboarding-review", "application": {"requested_limit": Infinity}}', 422),
    "beyond 64 bits": (b'{"process": "onboarding-review", "application": {"term": ' + b"9" * 4000 + b"}}", 422),
    "a number of a million digits": (b'{"process": ' + b"9" * 1_000_000 + b"}", 422),
    "a huge exponent": (b'{"process": "onboarding-review", "application": {"requested_limit": "1e999999"}}', 422),
    "the same key twice": (b'{"process": "x", "process": "onboarding-review", "application": {}}', 422),
    "not utf-8": (b'{"process": "\xff\xfe"}', 422),
    "half a surrogate": (b'{"process": "\\ud800", "application": {}}', 422),
    "a zero": (b'{"process": "onboarding-review", "application": {"name": "a\\u0000b"}}', 422),
    "many fields": (json.dumps({"application": {f"f{n}": n for n in range(20_000)}}).encode(), 422),
    "nothing": (b"", 422),
    "too much": (b'{"process": "' + b"x" * 1_200_000 + b'"}', 413),
}  # fmt: skip


@pytest.mark.parametrize("why", BODIES)
def test_no_body_brings_the_server_down_or_leaves_a_trace(office, why):
    body, expected = BODIES[why]
    headers = {**office.token("li.na"), "content-type": "application/json"}
    before = record_of(office)
    answer = office.browser.post("/api/v1/cases", content=body, headers=headers)
    assert answer.status_code in (expected, 400), answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert difference(before, record_of(office)) == []


def test_no_form_with_too_many_fields_files_or_parts_is_read(office):
    browser = office.sign_in("li.na")
    many = "&".join(f"f{number}=x" for number in range(2_000))
    urlencoded = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.post("/apply", content=many, headers=urlencoded).status_code in (400, 413, 422)
    files = [("file", (f"{number}.csv", b"a,b", "text/csv")) for number in range(50)]
    assert browser.post("/import", files=files).status_code in (400, 413, 422)
    assert browser.post("/apply", content=b"x" * 2_000_000, headers=urlencoded).status_code == 413
    broken = {"content-type": "multipart/form-data; boundary=x"}
    for content in (b"--x", b"--x\r\n\r\n", b"--x\r\ncontent-disposition: form-data\r\n\r\nx\r\n--x--", b""):
        assert browser.post("/apply", content=content, headers=broken).status_code < 500
    assert browser.post("/apply", content=b"x", headers={"content-type": "multipart/form-data"}).status_code < 500


@pytest.mark.parametrize(
    "headers",
    [
        {"accept-language": "zh;q=" + "9" * 5000},
        {"cookie": "clientrisk_session=" + "x" * 8000},
        {"if-none-match": '"x",' * 2000},
        {"x-request-id": "x\u00e9" * 500},
        {"authorization": "Bearer " + "x" * 8000},
        {"authorization": "Basic Og=="},
        {"range": "bytes=0-," * 500},
        {"content-length": "-1"},
    ],
)
def test_no_header_brings_the_server_down(office, headers):
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    for path in ("/", "/sign-in", "/api/v1/session"):
        assert office.browser.get(path, headers=sent).status_code < 500


def test_what_a_file_of_many_cases_holds_is_read_as_text_and_bounded(office):
    browser, token = office.new_browser(), {**office.token("xu.ming"), "content-type": "text/csv"}
    wide = b'name\n"' + b"x" * 300_000 + b'"\n'
    for content in (b"\x1f\x8b\x08\x00" + b"\0" * 100, archive("xl/workbook.xml"), b"a,b\n1", b"\xff\xfe\x00", wide):
        answer = browser.post("/api/v1/cases/import", content=content, headers=token)
        assert answer.status_code == 422, answer.text[:200]

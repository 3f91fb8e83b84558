"""Files handed in with a step: taken by what they contain, given out as downloads, to those who may see the case."""

import pytest
from sqlmodel import select

from models.house import person
from models.operations.attachments import attach, path_of
from models.tables import Attachment

MANAGER = "wang.jun"
PDF = b"%PDF-1.7 " + b"x" * 2000


def files(office):
    with office.house.read() as session:
        return list(session.exec(select(Attachment)).all())


def send(office, path, name, content, browser=None):
    form = office.forms(path, browser)["move-attach"]
    browser = browser or office.browser
    return browser.post(f"{path}/moves/attach", data={"_csrf": form["_csrf"]}, files={"file": (name, content)})


@pytest.fixture
def link(office):
    return office.link(office.at_approval(), MANAGER)


@pytest.fixture
def attached(office, link):
    assert send(office, link, "购销合同（2026）.pdf", PDF).status_code == 303
    return files(office)[0]


def test_a_file_is_listed_on_the_page_and_downloaded_under_its_name(office, link, attached):
    page = office.browser.get(link).text
    assert "购销合同（2026）.pdf" in page
    got = office.browser.get(f"{link}/files/{attached.id}")
    assert got.status_code == 200
    assert got.content == PDF
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["content-security-policy"].startswith("default-src 'none'")
    disposition = got.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="')
    assert "filename*=UTF-8''%E8%B4%AD%E9%94%80" in disposition
    (look,) = office.events("file.opened")
    assert (look.actor_id, look.data["name"]) == (MANAGER, "购销合同（2026）.pdf")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("run.exe", b"MZ\x90\x00", "Only PDF"),
        ("page.pdf", b"<html><script>alert(1)</script>", "Only PDF"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Only PDF"),
        ("archive.zip", b"PK\x03\x04rest", "Only PDF"),
        ("empty.pdf", b"", "The file is empty"),
        ("big.pdf", b"%PDF-" + b"0" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_what_is_not_taken_is_refused_at_its_field_and_not_kept(office, link, name, content, told):
    page = send(office, link, name, content)
    assert page.status_code == 422
    office.browser.get("/sign-in?lang=en")
    assert told in send(office, link, name, content).text
    assert files(office) == []
    assert [path for path in office.house.settings.documents.rglob("*") if path.is_file()] == []


def test_no_file_at_all_is_told_too(office, link):
    form = office.forms(link)["move-attach"]
    assert office.browser.post(f"{link}/moves/attach", data={"_csrf": form["_csrf"]}).status_code == 422


def test_more_than_any_request_may_hold_is_refused_before_it_is_read(office, link):
    assert send(office, link, "huge.pdf", b"%PDF-" + b"0" * 11_000_000).status_code == 413
    assert files(office) == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("../../etc/passwd.pdf", "passwd.pdf"), ("C:\\合同\\boot.pdf", "boot.pdf"), ('a"\r\nX-Evil: 1.pdf', "pdf")],
)
def test_names_lead_nowhere_and_break_no_header(office, link, sent, kept):
    with office.house.work(person(MANAGER)) as work:
        from models.operations.access import follow_approval_link

        step = follow_approval_link(work.session, link.removeprefix("/a/"), work.now).step
        row = attach(work, step.id or 0, sent, PDF)
    assert row.name.endswith(kept)
    assert "/" not in row.name
    got = office.browser.get(f"{link}/files/{row.id}")
    assert got.status_code == 200
    assert "x-evil" not in got.headers
    assert path_of(office.house, row.sha256).is_relative_to(office.house.settings.documents)


def test_a_file_changed_in_the_store_is_not_given_out(office, link, attached):
    path_of(office.house, attached.sha256).write_bytes(b"%PDF-forged")
    assert office.browser.get(f"{link}/files/{attached.id}").status_code == 404


def test_a_form_that_is_not_from_our_page_attaches_nothing(office, link):
    sent = office.browser.post(f"{link}/moves/attach", data={"_csrf": "x"}, files={"file": ("a.pdf", PDF)})
    assert sent.status_code == 403
    assert files(office) == []


@pytest.mark.parametrize("stranger", ["sun.tao", "feng.bo"])
def test_a_file_of_a_case_of_others_does_not_exist(office, attached, stranger):
    assert office.sign_in(stranger).get(f"/files/{attached.id}").status_code == 404
    assert office.browser.get(f"/api/v1/attachments/{attached.id}", headers=office.token(stranger)).status_code == 404
    assert office.new_browser().get(f"/files/{attached.id}").status_code == 303, "signed out: to the sign-in page"


@pytest.mark.parametrize("reader", ["li.na", "zhao.min", "chen.yu", "xu.ming"])
def test_whoever_may_see_the_case_may_read_its_files(office, attached, reader):
    assert office.sign_in(reader).get(f"/files/{attached.id}").content == PDF
    assert office.browser.get(f"/api/v1/attachments/{attached.id}", headers=office.token(reader)).content == PDF


def test_a_link_gives_out_the_files_of_its_own_case_only(office, attached):
    other = office.apply(by="sun.tao", name="盐城大丰粮油有限公司", identifier=None)
    elsewhere = office.link(other, "sun.tao")
    assert office.browser.get(f"{elsewhere}/files/{attached.id}").status_code == 404
    assert office.browser.get(f"{elsewhere}/files/999").status_code == 404


def test_by_json_a_file_is_attached_and_read(office):
    ref = office.at_approval()
    place, headers = office.asked(ref)[MANAGER], office.token(MANAGER)
    path = f"/api/v1/steps/{place.id}/attachments"
    made = office.browser.post(path, files={"file": ("合同.pdf", PDF)}, headers=headers)
    assert made.status_code == 201, made.text
    shown = made.json()
    assert (shown["name"], shown["media_type"], shown["size"], shown["by"]) == (
        "合同.pdf",
        "application/pdf",
        len(PDF),
        "王军",
    )
    again = office.browser.post(path, files={"file": ("again.pdf", PDF)}, headers=headers)
    assert again.json()["id"] == shown["id"], "the same content is the same file"
    got = office.browser.get(f"/api/v1/attachments/{shown['id']}", headers=headers)
    assert (got.content, got.headers["content-type"]) == (PDF, "application/pdf")
    assert got.headers["content-disposition"].startswith("attachment")
    step = office.browser.get(f"/api/v1/steps/{place.id}", headers=headers).json()
    assert [one["name"] for one in step["files"]] == ["合同.pdf"]
    wrong = office.browser.post(path, files={"file": ("run.exe", b"MZ")}, headers=headers)
    assert (wrong.status_code, wrong.json()["problems"][0]["field"]) == (422, "file")

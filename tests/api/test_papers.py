"""Papers and evidence by page and by program: for those who may see the case, with every look on record."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from models.operations.access import Scope
from models.operations.papers import sign_paper
from models.tables import Paper, Person
from tests.outsiders import asks_to_sign, minutes


@pytest.fixture
def paper(office: Any) -> Paper:
    """Minutes that Chen Yu has signed, of Li Na's case."""
    ref = office.apply()
    paper, _ = asks_to_sign(office.house, ref)
    with office.house.work() as work:
        signer = work.session.get_one(Person, "chen.yu")
        sign_paper(work, paper.id or 0, paper.content_hash, signer, "风险专员", "session")
    return paper


def test_a_paper_is_a_page_that_prints_with_its_signatures_and_its_own_style_sheet(office: Any, paper: Paper) -> None:
    desk = office.sign_in("li.na")
    page = desk.get(f"/papers/{paper.id}")
    assert "电子签署，2026年3月10日" in page.text
    sheet = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "size: A4" in desk.get(sheet).text
    assert [event.data["form"] for event in office.events("paper.looked")] == ["page"]


def test_the_word_file_is_named_after_the_paper(office: Any, paper: Paper) -> None:
    file = office.sign_in("li.na").get(f"/papers/{paper.id}.docx")
    assert file.content.startswith(b"PK")
    assert "filename*=UTF-8''%E9%A3%8E%E9%99%A9" in file.headers["content-disposition"]


@pytest.mark.parametrize("path", ["/papers/{id}", "/papers/{id}.docx", "/api/v1/papers/{id}"])
def test_whom_the_case_does_not_concern_does_not_learn_that_there_is_a_paper(
    office: Any, paper: Paper, path: str
) -> None:
    desk = office.sign_in("sun.tao")
    assert desk.get(path.format(id=paper.id)).status_code == 404
    assert desk.get(path.format(id=999)).status_code == 404


def test_a_program_reads_the_papers_of_a_case(office: Any, paper: Paper) -> None:
    token = office.token("li.na", Scope.READ)
    (listed,) = office.browser.get(f"/api/v1/cases/{paper.case_ref}/papers", headers=token).json()["items"]
    assert (listed["sha256"], listed["to_sign"], listed["superseded"]) == (minutes().content_hash(), 2, False)
    assert [one["name"] for one in listed["signatures"]] == ["陈宇"]
    shown = office.browser.get(f"/api/v1/papers/{paper.id}", headers=token).json()
    assert shown["text"] == minutes().model_dump(mode="json")


def test_the_case_page_lists_papers_and_offers_the_evidence_to_its_handler(office: Any, paper: Paper) -> None:
    page = office.sign_in("li.na").get(f"/cases/{paper.case_ref}").text
    assert f'href="/papers/{paper.id}"' in page
    assert "已签 1/2" in page
    assert "evidence.zip" in page
    assert "evidence.zip" not in office.sign_in("xu.ming").get(f"/cases/{paper.case_ref}").text


def test_the_evidence_is_a_download_and_taking_it_out_is_on_record(office: Any, paper: Paper) -> None:
    pack = office.sign_in("wang.jun").get(f"/cases/{paper.case_ref}/evidence.zip")
    assert pack.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(pack.content)) as archive:
        assert archive.testzip() is None
        assert "manifest.sha256" in archive.namelist()
    (event,) = office.events("evidence.exported")
    assert (event.actor_id, event.data["size"]) == ("wang.jun", len(pack.content))


def test_who_may_not_take_it_out_is_told_so_or_nothing(office: Any, paper: Paper) -> None:
    address = f"/cases/{paper.case_ref}/evidence.zip"
    assert office.sign_in("xu.ming").get(address).status_code == 403
    assert office.sign_in("sun.tao").get(address).status_code == 404
    assert office.browser.get(address).status_code == 303
    assert office.events("evidence.exported") == []


def test_what_happened_outside_is_told_on_the_case(office: Any, paper: Paper) -> None:
    page = office.sign_in("li.na").get(f"/cases/{paper.case_ref}").text
    assert "已请外部人员 马建国 办理：签署文件" in page
    assert "已生成《风险客户接待纪要》第 1 版" in page
    assert "陈宇（风险专员）签署了《风险客户接待纪要》" in page

"""What pages show and do beside steps: questions, comments on a case, papers, evidence, people outside."""

import io
import zipfile

import pytest

from tests.outsiders import asks_to_sign


@pytest.fixture
def call(office):
    def call(who, method, path, **more):
        return office.browser.request(method, f"/api/v1{path}", headers=office.token(who), **more)

    return call


@pytest.fixture
def asked(office):
    """Minutes that a client outside is asked to sign: the paper and the invitation."""
    return asks_to_sign(office.house, office.apply())


def test_a_question_is_read_by_those_it_is_between(office, call):
    ref = office.apply()
    signer = office.asked(ref)["li.na"].id
    body = {"to": "zheng.li", "text": "三月以来的应收余额是多少？"}
    made = call("li.na", "POST", f"/steps/{signer}/question", json=body).json()
    path = f"/questions/{made['id']}"
    assert call("zheng.li", "GET", path).json()["text"] == "三月以来的应收余额是多少？"
    assert call("sun.tao", "GET", path).status_code == 404
    call("zheng.li", "POST", f"{path}/answer", json={"text": "1,240,000.00 元"})
    assert call("li.na", "GET", path).json()["answer"] == "1,240,000.00 元"


def test_a_case_is_commented_on_where_it_is(office, call):
    ref = office.at_approval()
    made = call("li.na", "POST", f"/cases/{ref}/comment", json={"text": "客户催得紧。"})
    assert made.status_code == 201
    assert made.json()["step"].startswith("matrix-approval")
    assert "客户催得紧。" in [one["text"] for one in call("chen.yu", "GET", f"/cases/{ref}").json()["remarks"]]
    assert call("sun.tao", "POST", f"/cases/{ref}/comment", json={"text": "?"}).status_code == 404


def test_a_paper_is_taken_as_a_word_file(office, call, asked):
    paper, _ = asked
    file = call("li.na", "GET", f"/papers/{paper.id}/file")
    assert zipfile.ZipFile(io.BytesIO(file.content)).testzip() is None
    assert [event.data["form"] for event in office.events("paper.looked")] == ["docx"]
    assert call("sun.tao", "GET", f"/papers/{paper.id}/file").status_code == 404


def test_the_evidence_of_a_case_is_taken_out_by_those_who_may(office, call, asked):
    paper, _ = asked
    pack = call("li.na", "GET", f"/cases/{paper.case_ref}/evidence")
    assert "index.json" in zipfile.ZipFile(io.BytesIO(pack.content)).namelist()
    (event,) = office.events("evidence.exported")
    assert (event.actor_kind.value, event.actor_id) == ("program", "li.na")
    assert call("xu.ming", "GET", f"/cases/{paper.case_ref}/evidence").status_code == 403, "sees it, takes nothing out"
    assert call("sun.tao", "GET", f"/cases/{paper.case_ref}/evidence").status_code == 404


def test_whom_a_case_has_asked_outside_is_told_masked(call, asked):
    paper, link = asked
    (one,) = call("li.na", "GET", f"/cases/{paper.case_ref}/invitations").json()["items"]
    assert (one["id"], one["name"], one["state"]) == (link.id, "马建国", "unsent")
    assert one["email"] == "m***@hengtong.example"
    assert "/o/" not in str(one), "the link is in the message alone"
    assert call("xu.ming", "GET", f"/cases/{paper.case_ref}/invitations").json()["items"] == []


def test_an_invitation_is_sent_again_by_whoever_keeps_it(call, asked):
    _, link = asked
    assert call("li.na", "POST", f"/invitations/{link.id}/resend").json() == {"invitation": link.id, "new_link": False}
    assert call("sun.tao", "POST", f"/invitations/{link.id}/resend").status_code == 404
    assert call("li.na", "GET", "/invitations").json() == {"items": []}

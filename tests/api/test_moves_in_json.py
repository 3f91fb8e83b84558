"""The moves in the JSON API: what each takes and gives, who may, and how a wrong one is told."""

from datetime import timedelta

import pytest

from config.words import SignerState
from models.operations.access import Scope

MANAGER = "wang.jun"
MOVES = {
    "transfer": {"to": "zhou.hong", "reason": "出差"},
    "delegate": {"to": "sun.tao", "request": "请先核对合同"},
    "add-signer": {"who": "feng.bo", "where": "before", "reason": "合同条款"},
    "remove-signer": {"added": 1},
    "copy": {"to": "feng.bo"},
    "comment": {"text": "客户去年也申请过"},
    "question": {"to": "zheng.li", "text": "余额多少？"},
}


def problem(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    return answer.json()


class Desk:
    """One person's program at the API."""

    def __init__(self, office, who):
        self.office, self.headers = office, office.token(who) | {"accept-language": "en"}

    def get(self, path):
        return self.office.browser.get(f"/api/v1{path}?lang=en", headers=self.headers)

    def post(self, path, body=None):
        return self.office.browser.post(f"/api/v1{path}?lang=en", json=body or {}, headers=self.headers)

    def move(self, place, name, **body):
        return self.post(f"/steps/{place.id}/{name}", body or MOVES.get(name))

    def step(self, place):
        return self.get(f"/steps/{place.id}").json()


@pytest.fixture
def ref(office):
    return office.at_approval()


@pytest.fixture
def place(office, ref):
    return office.asked(ref)[MANAGER]


@pytest.fixture
def manager(office):
    return Desk(office, MANAGER)


def test_a_transfer_names_the_new_place(office, ref, place, manager):
    moved = manager.move(place, "transfer").json()
    assert moved == {
        "case": ref,
        "step": "matrix-approval#1",
        "move": "transfer",
        "signer_id": place.id,
        "my_state": "transferred",
        "to_signer_id": office.asked(ref)["zhou.hong"].id,
    }
    step = manager.step(place)
    assert (step["may_answer"], step["moves"]) == (False, [])
    assert step["became"] == "You have transferred this step to 周红."
    people = step["route"]["levels"][0]["people"]
    assert step["route"]["levels"][0]["planned"] == ["王军"]
    assert people[0]["notes"] == ["transferred to 周红", "“出差”"]


def test_a_delegates_answer_is_confirmed_as_proposed(office, ref, place, manager):
    assert manager.move(place, "delegate").json()["my_state"] == "delegated"
    theirs, delegate = office.asked(ref)["sun.tao"], Desk(office, "sun.tao")
    shown = delegate.step(theirs)
    assert shown["came"][0] == "王军 has delegated this to you; your answer goes back to them."
    decision = {"action": "approve", "form": {"comment": "合同无误"}, "content_hash": shown["content_hash"]}
    answered = delegate.post(f"/steps/{theirs.id}/decision", decision).json()
    assert answered["step_closed"] is False
    step = manager.step(place)
    assert step["advice"] == {
        "by": "孙涛",
        "action": "approve",
        "kind": "approve",
        "answer": [{"title": "Comment", "text": "合同无误"}],
    }
    other = {"action": "reject", "as_proposed": True, "content_hash": step["content_hash"]}
    problem(manager.post(f"/steps/{place.id}/decision", other), 409, "content-changed")
    confirm = {"action": "approve", "as_proposed": True, "content_hash": step["content_hash"]}
    assert manager.post(f"/steps/{place.id}/decision", confirm).status_code == 200
    signature = manager.step(place)["signatures"][-1]
    assert (signature["name"], signature["worked_out_by"]) == ("王军", "孙涛")
    assert signature["answer"] == [{"title": "Comment", "text": "合同无误"}]


def test_a_delegated_step_is_taken_back(office, ref, place, manager):
    manager.move(place, "delegate")
    assert manager.move(place, "take-back").json()["my_state"] == "asked"
    assert set(office.asked(ref)) == {MANAGER}
    problem(manager.move(place, "take-back"), 409, "conflict")


def test_a_signer_is_added_and_removed(office, ref, place, manager):
    added = manager.move(place, "add-signer").json()["to_signer_id"]
    assert set(office.asked(ref)) == {"feng.bo"}
    step = manager.step(place)
    assert step["added"] == [{"signer_id": added, "name": "冯波"}]
    assert step["my_state"] == "waiting"
    assert manager.move(place, "remove-signer", added=added).json()["to_signer_id"] is None
    assert set(office.asked(ref)) == {MANAGER}
    problem(manager.move(place, "remove-signer", added=added), 409, "conflict")


def test_a_question_travels_there_and_back(office, ref, place, manager):
    asked = manager.move(place, "question")
    assert asked.status_code == 201
    assert (asked.json()["kind"], asked.json()["to"], asked.json()["answer"]) == ("question", "郑丽", None)
    path = f"/questions/{asked.json()['id']}/answer"
    problem(Desk(office, "feng.bo").post(path, {"text": "不知道"}), 404, "not-found")
    problem(manager.post(path, {"text": "自问自答"}), 403, "not-allowed")
    finance = Desk(office, "zheng.li")
    answered = finance.post(path, {"text": "约 32 万元"}).json()
    assert (answered["answered_by"], answered["answer"]) == ("郑丽", "约 32 万元")
    problem(finance.post(path, {"text": "更正"}), 409, "conflict")
    assert manager.step(place)["remarks"][0]["answer"] == "约 32 万元"
    assert finance.get(f"/cases/{ref}").json()["remarks"][0]["answer"] == "约 32 万元"


def test_a_copy_is_read_when_the_case_is(office, ref, place, manager):
    made = manager.move(place, "copy")
    assert (made.status_code, made.json()["to"], made.json()["read_at"]) == (201, "冯波", None)
    assert manager.move(place, "copy").json()["at"] == made.json()["at"], "a second copy is the first"
    Desk(office, "feng.bo").get(f"/cases/{ref}")
    (copy,) = manager.step(place)["copies"]
    assert copy["read_at"] is not None


@pytest.mark.parametrize("move", [*MOVES, "take-back"])
def test_a_place_of_others_does_not_exist(office, ref, place, move):
    for who in ("sun.tao", "zhao.min", "xu.ming"):
        problem(Desk(office, who).move(place, move), 404, "not-found")
    assert office.signer(place.id).state is SignerState.ASKED


@pytest.mark.parametrize("move", [*MOVES, "take-back"])
def test_a_move_needs_the_right_to_decide(office, place, move):
    headers = office.token(MANAGER, Scope.READ, Scope.OPEN)
    answer = office.browser.post(f"/api/v1/steps/{place.id}/{move}", json=MOVES.get(move, {}), headers=headers)
    problem(answer, 403, "not-allowed")


@pytest.mark.parametrize("move", list(MOVES))
def test_a_browsers_session_moves_only_with_the_token_of_our_page(office, ref, place, move):
    browser = office.sign_in(MANAGER)
    problem(browser.post(f"/api/v1/steps/{place.id}/{move}", json=MOVES[move]), 403, "form-stale")
    assert set(office.asked(ref)) == {MANAGER}


@pytest.mark.parametrize(
    ("move", "body", "field"),
    [
        ("transfer", {"to": "zhou.hong"}, "reason"),
        ("transfer", {"to": "zhou.hong", "reason": "  "}, "reason"),
        ("transfer", {"to": "zhou.hong", "reason": "长" * 1001}, "reason"),
        ("transfer", {"to": "zhou.hong", "reason": "出差", "surprise": 1}, "surprise"),
        ("add-signer", {"who": "feng.bo", "where": "above", "reason": "x"}, "where"),
        ("remove-signer", {"added": 0}, "added"),
        ("comment", {"text": "a\x00b"}, "text"),
        ("comment", {"text": "长" * 4001}, "text"),
        ("question", {"to": "nobody", "text": " "}, "text"),
        ("question", {"to": MANAGER, "text": "自问"}, "to"),
    ],
)
def test_a_wrong_body_names_the_field_and_moves_nothing(office, ref, place, manager, move, body, field):
    told = problem(manager.post(f"/steps/{place.id}/{move}", body), 422, "invalid")
    assert field in {one["field"] for one in told["problems"]}
    assert set(office.asked(ref)) == {MANAGER}


def test_who_may_not_sign_is_told_why_and_the_refusal_is_on_record(office, ref, place, manager):
    told = problem(manager.move(place, "transfer", to="li.na", reason="忙"), 403, "not-allowed")
    assert told["detail"] == "李娜 may not sign this step: Started this case; nobody approves what they started."
    assert [event.data["person"] for event in office.events("move.refused")] == ["li.na"]


def test_the_moves_that_are_open_are_listed(office, ref, place, manager):
    assert manager.step(place)["moves"] == [
        "transfer",
        "delegate",
        "add-signer",
        "question",
        "copy",
        "comment",
        "attach",
    ]


def test_a_case_is_urged_by_json_too(office, ref, place):
    initiator = Desk(office, "li.na")
    assert initiator.post(f"/cases/{ref}/urge", {"note": "客户在等"}).json() == {"case": ref, "people": [MANAGER]}
    told = problem(initiator.post(f"/cases/{ref}/urge"), 409, "conflict")
    assert "2026-03-10 13:30" in told["detail"]
    problem(Desk(office, MANAGER).post(f"/cases/{ref}/urge"), 403, "not-allowed")
    problem(Desk(office, "sun.tao").post(f"/cases/{ref}/urge"), 404, "not-found")
    office.clock.now += timedelta(hours=4)
    assert initiator.post(f"/cases/{ref}/urge").status_code == 200

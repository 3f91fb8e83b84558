"""Several like steps answered at once: each recorded on its own, each saying what became of it."""

import pytest
from sqlmodel import select
from stdnum.cn import uscc

from config.words import SignerState
from models.tables import Signer

MANAGER = "wang.jun"
NAMES = ("盐城大丰粮油有限公司", "兴化蟹业有限公司", "南通海门家纺有限公司")


def code(n):
    first = f"9132030{n}MA1MRWPX2"
    return first + uscc.calc_check_digit(first)


@pytest.fixture
def refs(office):
    return [office.at_approval(name=name, identifier=code(n)) for n, name in enumerate(NAMES, 1)]


@pytest.fixture
def browser(office, refs):
    return office.sign_in(MANAGER)


def boxes(page):
    return [part.split('"')[0] for part in page.split('name="place" value="')[1:]]


def buttons(page):
    return [part.split('"')[0] for part in page.split('name="_kind" value="')[1:]]


def kind(page):
    """The first kind of steps that can be answered together."""
    return buttons(page)[1]


def tick(office, browser, *, places=None, **fields):
    page = browser.get("/?lang=en").text
    form = office.forms("/", browser)["several"]
    data = {"_csrf": form["_csrf"], "_kind": kind(page), "place": places or boxes(page), **fields}
    return browser.post("/answer-several", data=data)


def place(office, ref, who=MANAGER):
    with office.house.read() as session:
        return session.exec(select(Signer).where(Signer.case_ref == ref, Signer.person_id == who)).one()


def test_several_like_steps_are_approved_with_one_comment_each_on_its_own(office, refs, browser):
    page = browser.get("/?lang=en").text
    assert len(boxes(page)) == 3
    assert "¥ 1,240,000.00" in page, "what is decided on is shown before it is ticked"
    done = tick(office, browser, **{f"comment.{kind(page)}": "同意"})
    assert done.status_code == 200
    assert "Recorded: 3. Each on its own." in done.text
    for ref in refs:
        signed = place(office, ref)
        assert (signed.state, signed.action, signed.answer["comment"]) == (SignerState.SIGNED, "approve", "同意")
        assert signed.via == "session"
    assert len([e for e in office.events("step.answered") if e.actor_id == MANAGER]) == 3


def test_one_that_was_answered_meanwhile_says_so_and_the_others_stand(office, refs, browser):
    page = browser.get("/?lang=en").text
    office.answer(refs[1], MANAGER, "reject", reason="逾期未清")
    with office.house.work() as work:
        from models.tables import Step

        step = work.session.get_one(Step, place(office, refs[2]).step_id)
        step.content_hash = "0" * 64
        work.add(step)
    done = tick(office, browser, places=boxes(page))
    assert "Recorded: 1." in done.text
    assert "Not recorded: 2." in done.text
    assert "You have answered already: Reject" in done.text
    assert "This step has changed since you opened it." in done.text
    assert NAMES[1] in done.text
    assert [place(office, ref).action for ref in refs] == ["approve", "reject", None]


def test_sending_it_twice_records_once_and_says_so(office, refs, browser):
    page = browser.get("/?lang=en").text
    ticked = boxes(page)
    form = office.forms("/", browser)["several"]
    data = {"_csrf": form["_csrf"], "_kind": kind(page), "place": ticked}
    browser.post("/answer-several", data=data)
    assert "was on record already" in browser.post("/answer-several", data=data).text
    assert len([e for e in office.events("step.answered") if e.actor_id == MANAGER]) == 3


def test_steps_of_another_kind_are_left_as_they_are(office, refs, browser):
    others = [office.apply(by="li.na", name=f"客户{n}", identifier=code(n)) for n in (4, 5)]
    theirs = office.sign_in("li.na")
    page = theirs.get("/?lang=en").text
    place_of_other = office.asked(others[0])["li.na"]
    sent = theirs.post(
        "/answer-several",
        data={
            "_csrf": office.forms("/", theirs)["several"]["_csrf"],
            "_kind": "onboarding-review.matrix-approval.approve",
            "place": boxes(page),
        },
    )
    assert "Another kind of step: it was not answered." in sent.text
    assert office.signer(place_of_other.id).state is SignerState.ASKED


def test_the_places_of_others_are_not_answered_and_nothing_is_told_of_them(office, refs):
    mine = [office.apply(by="sun.tao", name=f"客户{n}", identifier=code(n)) for n in (6, 7)]
    stranger = office.sign_in("sun.tao")
    theirs = place(office, refs[0])
    sent = tick(office, stranger, places=[f"{theirs.id}:{'0' * 64}"])
    assert "There is no such step for you." in sent.text
    assert NAMES[0] not in sent.text
    assert refs[0] not in sent.text
    office.answer(refs[0], MANAGER, "approve")
    sent = tick(office, stranger, places=[f"{theirs.id}:{'0' * 64}"])
    assert "answered already" not in sent.text
    assert mine


@pytest.mark.parametrize("token", ["", "forged"])
def test_without_our_token_nothing_is_answered(office, refs, browser, token):
    page = browser.get("/").text
    data = {"_csrf": token, "_kind": kind(page), "place": boxes(page)}
    assert browser.post("/answer-several", data=data).status_code == 403
    assert {place(office, ref).state for ref in refs} == {SignerState.ASKED}


@pytest.mark.parametrize("places", [["x"], ["-1:a"], ["9" * 30 + ":a"], [f"{n}:a" for n in range(1, 102)]])
def test_nonsense_and_too_much_at_once_are_refused(office, refs, browser, places):
    sent = tick(office, browser, places=places)
    assert sent.status_code == 422
    assert {place(office, ref).state for ref in refs} == {SignerState.ASKED}


def test_what_a_delegate_proposes_is_looked_at_one_by_one(office, refs, browser):
    link = office.link(refs[0], MANAGER)
    office.move(link, "delegate", to="sun.tao", request="核对")
    office.tap(office.link(refs[0], "sun.tao"), "reject", reason="条款不利")
    page = browser.get("/?lang=en").text
    assert len(boxes(page)) == 2
    assert "to be confirmed" in page


def test_the_enter_key_alone_answers_nothing(office, refs, browser):
    page = browser.get("/").text
    assert buttons(page)[0] == "", "the first button is what Enter presses"
    form = office.forms("/", browser)["several"]
    sent = browser.post("/answer-several", data={"_csrf": form["_csrf"], "_kind": "", "place": boxes(page)})
    assert (sent.status_code, sent.headers["location"]) == (303, "/")
    assert {place(office, ref).state for ref in refs} == {SignerState.ASKED}


def test_a_single_step_offers_no_bulk(office):
    office.at_approval()
    assert "answer-several" not in office.sign_in(MANAGER).get("/").text


def test_the_switch_of_language_leads_back_to_the_inbox(office, refs, browser):
    assert browser.get("/answer-several?lang=en").headers["location"] == "/"


def test_by_json_each_step_tells_its_own_result(office, refs):
    headers = office.token(MANAGER) | {"accept-language": "en", "idempotency-key": "morning-round"}
    items = office.browser.get("/api/v1/steps", headers=headers).json()["items"]
    assert {item["in_one_go"] for item in items} == {"approve"}
    assert {item["amount"] for item in items} == {"1240000.00"}
    steps = [{"signer_id": item["signer_id"], "content_hash": item["content_hash"]} for item in items]
    office.answer(refs[0], MANAGER, "reject", reason="逾期未清")
    foreign = office.apply(by="sun.tao", name="兴化", identifier=code(8))
    steps.append({"signer_id": office.asked(foreign)["sun.tao"].id, "content_hash": "x"})
    body = {"action": "approve", "form": {"comment": "同意"}, "steps": steps}
    told = office.browser.post("/api/v1/steps/bulk-decision", json=body, headers=headers).json()
    assert (told["recorded"], told["refused"]) == (2, 2)
    assert [one["code"] for one in told["results"]] == ["already-closed", None, None, "not-found"]
    assert [one["case"] for one in told["results"]] == [None, refs[1], refs[2], None]
    again = office.browser.post("/api/v1/steps/bulk-decision", json=body, headers=headers).json()
    assert [one["repeated"] for one in again["results"]] == [False, True, True, False]


@pytest.mark.parametrize("steps", [[], [{"signer_id": 1}], [{"signer_id": 1, "content_hash": "x"}] * 101])
def test_by_json_a_wrong_list_is_refused_as_a_whole(office, steps):
    body = {"action": "approve", "steps": steps}
    answer = office.browser.post("/api/v1/steps/bulk-decision", json=body, headers=office.token(MANAGER))
    assert answer.status_code == 422

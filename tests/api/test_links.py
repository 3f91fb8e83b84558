"""Approval links: what follows a link only sees; only a person's own, whole, first answer decides."""

from datetime import timedelta

import pytest

from config.words import SignerState
from models.operations.access import issue_sign_in_link
from models.operations.cases import withdraw
from models.tables import Person

MANAGER = "wang.jun"


def test_from_link_to_recorded_decision_in_two_taps(office):
    ref = office.at_approval()
    link, place = office.link(ref, MANAGER), office.asked(ref)[MANAGER]
    answer = office.tap(link, "approve")
    assert (answer.status_code, answer.headers["location"]) == (303, link)
    signed = office.signer(place.id)
    assert (signed.state, signed.action, signed.via) == (SignerState.SIGNED, "approve", "link")
    thanks = office.browser.get(link).text
    assert "已记录，谢谢。" in thanks
    assert "赵敏" in thanks, "it says who is asked next"


def test_a_comment_goes_with_it_on_the_same_page(office):
    ref = office.at_approval()
    link, place = office.link(ref, MANAGER), office.asked(ref)[MANAGER]
    assert "comment" in office.forms(link)["answer-approve"], "in the form of the very button, nothing to open first"
    answer = office.tap(link, "approve", comment="同意，请按季复核。")
    assert (answer.status_code, answer.headers["location"]) == (303, link)
    assert office.signer(place.id).answer["comment"] == "同意，请按季复核。"
    assert "同意，请按季复核。" in office.browser.get(link).text


def test_the_page_shows_what_the_decision_rests_on(office):
    ref = office.at_approval()
    page = office.browser.get(office.link(ref, MANAGER) + "?lang=en").text
    for shown in (
        "徐州恒远钢铁贸易有限公司",
        "Is the customer admitted on these terms?",
        "李娜",  # who started it
        "in 2 working days",
        "9132**********PX2H",
        "138****1234",
        "1,240,000.00",
        "Figures missing, scored by rule",
        "Good neighbours, slow payers.",
        "Limit 1,240,000.00 is within",  # why this route
        "Head of department decides",
    ):
        assert shown in page
    assert "13805201234" not in page
    assert "91320300MA1MRWPX2H" not in page


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_following_a_link_never_decides(office, method):
    ref = office.at_approval()
    link, place = office.link(ref, MANAGER), office.asked(ref)[MANAGER]
    for _ in range(3):
        assert office.browser.request(method, link, params={"_action": "approve"}).status_code == 200
    assert office.signer(place.id).state is SignerState.ASKED


def test_a_look_is_put_on_record_once_a_page_and_not_for_a_scanner(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    office.browser.head(link)
    assert office.events("step.looked") == []
    office.browser.get(link)
    (look,) = office.events("step.looked")
    assert (look.case_ref, look.actor_id, look.data["via"]) == (ref, MANAGER, "link")


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "../../etc/passwd", "%00"])
def test_an_unknown_link_says_what_to_do(office, token):
    page = office.browser.get(f"/a/{token}")
    assert page.status_code in (404, 410)
    if page.status_code == 410:
        assert "/sign-in" in page.text


def test_an_expired_link_shows_nothing_of_the_case(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    office.clock.now += timedelta(days=15)
    page = office.browser.get(link)
    assert page.status_code == 410
    assert "徐州恒远" not in page.text
    assert office.browser.post(link, data={"_action": "approve"}).status_code == 410


def test_a_link_of_a_withdrawn_case_is_read_only(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    form = office.forms(link)["answer-approve"]
    with office.house.work() as work:
        withdraw(work, ref, work.session.get_one(Person, "li.na"), "客户撤回申请")
    late = office.browser.post(link, data=form)
    assert late.status_code == 409
    assert "案件已于" in late.text or "撤回" in late.text
    assert "answer-approve" not in office.browser.get(link).text
    assert len(office.events("answer.late")) == 1


@pytest.mark.parametrize("tampered", [{"_csrf": ""}, {"_csrf": "forged"}, None])
def test_a_form_that_is_not_from_our_page_decides_nothing(office, tampered):
    ref = office.at_approval()
    link, place = office.link(ref, MANAGER), office.asked(ref)[MANAGER]
    form = office.forms(link)["answer-reject"] | {"reason": "Owes us since March."}
    browser = office.browser if tampered else office.new_browser()  # None: another browser's token
    refused = browser.post(link, data=form | (tampered or {}))
    assert refused.status_code == 403
    assert "Owes us since March." in refused.text, "what was typed is kept"
    assert office.signer(place.id).state is SignerState.ASKED


def test_a_token_of_another_form_is_no_token_for_this_one(office):
    ref, other = office.at_approval(), office.apply(name="盐城大丰粮油有限公司", identifier=None)
    mine, theirs = office.link(ref, MANAGER), office.link(other, "li.na")
    stolen = office.forms(theirs).popitem()[1]["_csrf"]
    form = office.forms(mine)["answer-approve"] | {"_csrf": stolen}
    assert office.browser.post(mine, data=form).status_code == 403


def test_a_cross_site_post_is_refused_even_with_the_right_token(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    form = office.forms(link)["answer-approve"]
    assert office.browser.post(link, data=form, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_opening_a_second_link_leaves_the_first_page_usable(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    form = office.forms(link)["answer-approve"]
    office.browser.get(office.link(ref, MANAGER))
    assert office.browser.post(link, data=form).status_code == 303


def test_sending_the_same_answer_twice_gets_the_same_reply(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    form = office.forms(link)["answer-approve"]
    first, second = office.browser.post(link, data=form), office.browser.post(link, data=form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    answered = [event for event in office.events("step.answered") if event.actor_id == MANAGER]
    assert len(answered) == 1


def test_a_different_second_answer_is_told_what_stands(office):
    ref = office.at_approval()
    link, place = office.link(ref, MANAGER), office.asked(ref)[MANAGER]
    forms = office.forms(link)
    office.browser.post(link, data=forms["answer-approve"])
    conflict = office.browser.post(link + "?lang=en", data=forms["answer-reject"] | {"reason": "On second thought"})
    assert conflict.status_code == 409
    assert "You have answered already: Approve" in conflict.text
    assert "2026-03-10" in conflict.text, "it says when"
    assert office.signer(place.id).action == "approve"


def test_the_same_key_with_another_comment_is_another_answer(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    form = office.forms(link)["answer-approve"]
    assert office.browser.post(link, data=form | {"comment": "Fine."}).status_code == 303
    assert office.browser.post(link, data=form | {"comment": "Not so fine."}).status_code == 409


def test_whoever_comes_second_is_told_who_decided(office):
    ref = office.apply()
    office.answer(ref, "li.na", "confirm")
    chen, liu = office.link(ref, "chen.yu"), office.link(ref, "liu.yang")
    late = office.forms(liu)["answer-confirm"]
    office.tap(chen, "confirm")
    conflict = office.browser.post(liu, data=late)
    assert conflict.status_code == 409
    assert "陈宇" in conflict.text


def test_a_changed_step_is_shown_anew_and_asked_again(office):
    ref = office.at_approval()
    link, place = office.link(ref, MANAGER), office.asked(ref)[MANAGER]
    form = office.forms(link)["answer-approve"] | {"_hash": "0" * 64}
    changed = office.browser.post(link + "?lang=en", data=form)
    assert changed.status_code == 409
    assert "This step has changed since you opened it" in changed.text
    assert office.signer(place.id).state is SignerState.ASKED
    assert office.tap(link, "approve").status_code == 303


def test_above_the_limit_of_the_policy_a_link_only_shows(office):
    ref = office.apply(requested_limit="3900000.00", requested_term_days=90)
    office.answer(ref, "li.na", "confirm")
    office.answer(ref, "chen.yu", "adjust", points=95, reason="国有控股")
    link, place = office.link(ref, MANAGER), office.asked(ref)[MANAGER]
    page = office.browser.get(link)
    assert "answer-approve" not in page.text
    assert f"{link}/sign-in" in page.text
    csrf = office.forms(link)[f"{link}/sign-in"]["_csrf"]
    sent = office.browser.post(f"{link}/sign-in", data={"_csrf": csrf})
    assert "w***@hengyuan.example" in sent.text
    office.sign_in(MANAGER, office.browser)
    assert office.tap(link, "approve").status_code == 303
    assert office.signer(place.id).via == "session"


def test_a_link_alone_does_not_decide_a_sensitive_step_even_if_the_form_is_made_up(office, house):
    ref = office.apply(requested_limit="3900000.00", requested_term_days=90)
    office.answer(ref, "li.na", "confirm")
    office.answer(ref, "chen.yu", "adjust", points=95, reason="国有控股")
    link, place = office.link(ref, MANAGER), office.asked(ref)[MANAGER]
    office.sign_in(MANAGER, office.browser)
    form = office.forms(link)["answer-approve"]
    cookies = {name: value for name, value in office.browser.cookies.items() if "session" not in name}
    stranger = office.new_browser()
    stranger.cookies.update(cookies)
    refused = stranger.post(link, data=form)
    assert refused.status_code == 403
    assert office.signer(place.id).state is SignerState.ASKED


def test_after_signing_in_for_a_step_one_comes_back_to_it(office, read_forms):
    ref = office.apply(requested_limit="3900000.00", requested_term_days=90)
    office.answer(ref, "li.na", "confirm")
    office.answer(ref, "chen.yu", "adjust", points=95, reason="国有控股")
    link, place = office.link(ref, MANAGER), office.asked(ref)[MANAGER]
    csrf = office.forms(link)[f"{link}/sign-in"]["_csrf"]
    office.browser.post(f"{link}/sign-in", data={"_csrf": csrf})
    with office.house.work() as work:
        path = f"/sign-in/{issue_sign_in_link(work, MANAGER)}"
    entered = office.browser.post(path, data=read_forms(office.browser.get(path).text)[path])
    assert entered.headers["location"] == f"/steps/{place.id}"


def test_after_a_wrong_form_no_single_tap_decides_something_else(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    one_tap = 'form="answer-approve"'
    assert one_tap in office.browser.get(link).text
    assert one_tap not in office.tap(link, "approve-with-conditions", limit="9000000").text

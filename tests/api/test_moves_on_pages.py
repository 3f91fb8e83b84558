"""The moves on a step's page: behind one menu, by link and by session, refused where they are wrong, and told back."""

from datetime import timedelta

import pytest
from sqlmodel import select

from config.words import Place, SignerState
from models.house import person
from models.operations.absences import set_absence
from models.operations.moves import add_signer
from models.tables import Person, Remark, Signer

MANAGER = "wang.jun"
NASTY = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def place_of(office, ref, who):
    with office.house.read() as session:
        rows = session.exec(select(Signer).where(Signer.case_ref == ref, Signer.person_id == who)).all()
    return rows[-1]


def remarks(office):
    with office.house.read() as session:
        return list(session.exec(select(Remark).order_by(Remark.id)).all())


def refused(page, status, *told):
    assert page.status_code == status, page.text
    for text in told:
        assert text in page.text
    return page.text


# -- transfer 转办 ---------------------------------------------------------------------------------------------------


def test_a_transfer_by_link_asks_the_other_and_leaves_the_link_read_only(office):
    ref = office.at_approval(requested_limit="150000", requested_term_days=20)
    link = office.link(ref, MANAGER)
    moved = office.move(link, "transfer", to="qian.wei", reason="出差至周五")
    assert (moved.status_code, moved.headers["location"]) == (303, f"{link}?done=transfer")
    assert set(office.asked(ref)) == {"qian.wei"}
    page = office.browser.get(f"{link}?done=transfer&lang=en").text
    assert "The step is transferred." in page
    assert "You have transferred this step to 钱伟." in page
    assert "answer-approve" not in page
    assert 'id="more"' not in page, "nothing is left to move"
    theirs = office.browser.get(office.link(ref, "qian.wei")).text
    assert "Planned: 王军" in theirs
    assert "王军 has transferred this to you." in theirs
    assert "出差至周五" in theirs


def test_the_same_in_chinese(office):
    ref = office.at_approval(requested_limit="150000", requested_term_days=20)
    link = office.link(ref, MANAGER)
    page = office.browser.get(link).text
    for title in ("更多", "转办", "委派", "加签", "抄送", "提问", "上传附件", "留言"):
        assert title in page
    office.move(link, "transfer", to="qian.wei", reason="出差至周五")
    page = office.browser.get(link).text
    assert "您已将本环节转办钱伟。" in page
    assert "原定：王军" in page


@pytest.mark.parametrize(
    ("to", "why"), [("li.na", "Started this case"), ("sun.tao", "authority"), ("zhao.min", "place")]
)
def test_who_may_not_sign_is_not_offered_and_is_refused_where_they_were_chosen(office, to, why):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    form = office.browser.get(link).text.split('id="move-transfer"')[1].split("</form>")[0]
    assert f'value="{to}"' not in form
    sent = office.forms(link)["move-transfer"] | {"to": to, "reason": "出差至周五"}
    page = refused(office.browser.post(f"{link}/moves/transfer?lang=en", data=sent), 403, why, "出差至周五")
    assert '<details class="sheet card" id="more" open>' in page, "the menu is open at what is wrong"
    assert set(office.asked(ref)) == {MANAGER}


def test_a_wrong_form_keeps_what_was_typed_and_names_the_field(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    page = refused(office.move(link, "transfer", to="nobody.here", reason="  "), 422, "move-transfer-reason-wrong")
    assert set(office.asked(ref)) == {MANAGER}
    page = refused(office.move(link, "transfer", to="nobody.here", reason="出差"), 404, "nobody.here", "出差")
    assert "move-transfer-to-wrong" in page


def test_a_person_may_be_written_by_name_and_namesakes_are_told_apart(office):
    ref = office.at_approval(requested_limit="150000", requested_term_days=20)
    link = office.link(ref, MANAGER)
    with office.house.work() as work:
        other = work.session.get_one(Person, "sun.tao")
        other.name = "郑丽"
        work.add(other)
    told = refused(office.move(link, "question", to="郑丽", text="余额多少？"), 422)
    assert "sun.tao" in told
    assert "zheng.li" in told
    assert office.move(link, "question", to="郑丽 (zheng.li)", text="余额多少？").status_code == 303
    assert remarks(office)[0].to_person_id == "zheng.li"
    assert office.move(link, "transfer", to="钱伟", reason="出差").status_code == 303


# -- doors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tampered", [{"_csrf": ""}, {"_csrf": "forged"}, None])
def test_a_move_that_is_not_from_our_page_moves_nothing(office, tampered):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    form = office.forms(link)["move-delegate"] | {"to": "sun.tao", "request": "请先核对合同"}
    browser = office.browser if tampered else office.new_browser()
    page = browser.post(f"{link}/moves/delegate", data=form | (tampered or {}))
    refused(page, 403, "请先核对合同")
    assert set(office.asked(ref)) == {MANAGER}


def test_a_move_nobody_knows_is_no_page(office):
    ref = office.at_approval()
    assert office.browser.post(f"{office.link(ref, MANAGER)}/moves/abdicate", data={}).status_code == 404


def test_moves_on_the_place_of_others_do_not_exist(office):
    ref = office.at_approval()
    place = office.asked(ref)[MANAGER]
    stranger = office.sign_in("sun.tao")
    for name in ("transfer", "comment", "attach", "take-back"):
        assert stranger.post(f"/steps/{place.id}/moves/{name}", data={"to": "sun.tao"}).status_code == 404


SENSITIVE = {"requested_limit": "3900000.00", "requested_term_days": 90}


def at_sensitive_approval(office):
    ref = office.apply(**SENSITIVE)
    office.answer(ref, "li.na", "confirm")
    office.answer(ref, "chen.yu", "adjust", points=95, reason="国有控股")
    return ref


def test_a_link_alone_moves_a_sensitive_step_as_little_as_it_decides_it(office):
    ref = at_sensitive_approval(office)
    link, place = office.link(ref, MANAGER), office.asked(ref)[MANAGER]
    assert 'id="more"' not in office.browser.get(link).text
    office.sign_in(MANAGER, office.browser)
    forms = office.forms(link)
    stranger = office.new_browser()
    stranger.cookies.update({n: v for n, v in office.browser.cookies.items() if "session" not in n})
    for name, fields in (
        ("transfer", {"to": "zhou.hong", "reason": "出差"}),
        ("delegate", {"to": "sun.tao", "request": "核对"}),
        ("comment", {"text": "转给别人了"}),
        ("copy", {"to": "feng.bo"}),
    ):
        refused(stranger.post(f"{link}/moves/{name}", data=forms[f"move-{name}"] | fields), 403)
    assert office.signer(place.id).state is SignerState.ASKED
    assert remarks(office) == []
    sent = office.browser.post(f"{link}/moves/comment", data=forms["move-comment"] | {"text": "本人在办"})
    assert sent.status_code == 303, "signed in, it is theirs"


# -- delegate 委派 ---------------------------------------------------------------------------------------------------


def delegated(office, **answer):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    assert office.move(link, "delegate", to="sun.tao", request="请先核对合同").status_code == 303
    return ref, link


def test_a_delegator_sees_with_whom_it_is_and_takes_it_back(office):
    ref, link = delegated(office)
    page = office.browser.get(link + "?lang=en").text
    assert "You have delegated this step to 孙涛." in page
    assert "Since Tue 10 Mar, 09:30." in page
    assert "answer-approve" not in page
    assert office.move(link, "take-back").status_code == 303
    assert set(office.asked(ref)) == {MANAGER}
    theirs = place_of(office, ref, "sun.tao")
    told = office.sign_in("sun.tao").get(f"/steps/{theirs.id}?lang=en").text
    assert "王军 has taken this step back." in told
    assert "answer-approve" not in told


def test_a_delegators_one_button_confirms_what_was_proposed(office):
    ref, link = delegated(office)
    theirs = office.link(ref, "sun.tao")
    assert "请先核对合同" in office.browser.get(theirs).text
    office.tap(theirs, "approve-with-conditions", limit="900000.00", comment="建议先交保证金", securities="deposit")
    assert "Your answer has gone to 王军" in office.browser.get(theirs + "?lang=en").text
    page = office.browser.get(link).text
    for shown in ("What 孙涛 proposes", "Approve with conditions", "900,000.00", "Deposit", "建议先交保证金"):
        assert shown in page
    assert office.tap(link, "as-proposed").status_code == 303
    signed = place_of(office, ref, MANAGER)
    assert (signed.state, signed.action) == (SignerState.SIGNED, "approve-with-conditions")
    assert (signed.answer["limit"], signed.answer["comment"]) == ("900000.00", "建议先交保证金")
    assert "Worked out by 孙涛." in office.browser.get(link).text


def test_a_delegator_may_answer_otherwise_starting_from_the_proposal(office):
    ref, link = delegated(office)
    office.tap(office.link(ref, "sun.tao"), "approve-with-conditions", limit="900000.00", comment="先交保证金")
    form = office.forms(link)["answer-approve-with-conditions"]
    assert (form["limit"], form["comment"]) == ("900,000.00", "先交保证金")
    assert office.tap(link, "reject", reason="逾期未清").status_code == 303
    assert place_of(office, ref, MANAGER).action == "reject"


def test_a_proposal_that_has_changed_is_not_confirmed_unseen(office):
    ref, link = delegated(office)
    office.tap(office.link(ref, "sun.tao"), "approve", comment="合同无误")
    stale = office.forms(link)["answer-as-proposed"]
    office.move(link, "delegate", to="feng.bo", request="法务再看")
    office.tap(office.link(ref, "feng.bo"), "reject", reason="条款不利")
    refused(office.browser.post(link + "?lang=en", data=stale), 409, "The proposal has changed")
    assert place_of(office, ref, MANAGER).state is SignerState.ASKED


def test_what_was_delegated_to_me_i_neither_delegate_on_nor_add_to(office):
    ref, _ = delegated(office)
    forms = office.forms(office.link(ref, "sun.tao"))
    assert "move-comment" in forms
    assert "move-delegate" not in forms
    assert "move-add-signer" not in forms


# -- added signers 加签 / 减签 ---------------------------------------------------------------------------------------


def test_an_added_signer_signs_first_and_the_page_says_who_added_whom(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    office.move(link, "add-signer", who="feng.bo", where="before", reason="所有权保留条款")
    assert set(office.asked(ref)) == {"feng.bo"}
    mine = office.browser.get(link + "?lang=en").text
    assert "Not your turn yet" in mine
    assert "added by 王军, to sign first" in mine
    theirs = office.link(ref, "feng.bo")
    page = office.browser.get(theirs).text
    assert "王军 has asked you to sign first." in page
    assert "所有权保留条款" in page
    office.tap(theirs, "approve", comment="条款可行")
    page = office.browser.get(link).text
    assert "Added to the route by 王军." in page
    assert "added:" not in page, "no stored name of a seat is shown"


def test_only_mine_and_only_unsigned_ones_can_be_removed(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    office.move(link, "add-signer", who="feng.bo", where="beside", reason="条款")
    office.move(link, "add-signer", who="zheng.li", where="beside", reason="余额")
    legal = office.asked(ref)["feng.bo"]
    form = office.forms(link)[f"move-remove-signer-{legal.id}"]
    assert office.browser.post(f"{link}/moves/remove-signer", data=form).status_code == 303
    assert set(office.asked(ref)) == {MANAGER, "zheng.li"}
    finance = office.asked(ref)["zheng.li"]
    office.answer(ref, "zheng.li", "approve")
    assert f"move-remove-signer-{finance.id}" not in office.forms(link)
    refused(office.browser.post(f"{link}/moves/remove-signer", data=form | {"added": str(finance.id)}), 409)
    others = place_of(office, ref, "zhao.min")
    refused(office.browser.post(f"{link}/moves/remove-signer", data=form | {"added": str(others.id)}), 422)
    told = office.sign_in("feng.bo").get(f"/steps/{legal.id}?lang=en").text
    assert "王军 has taken you off the route again." in told


def test_a_place_that_is_gone_moves_nothing_any_more(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    stale = office.forms(link)
    office.move(link, "transfer", to="zhou.hong", reason="出差")
    refused(office.browser.post(f"{link}/moves/comment", data=stale["move-comment"] | {"text": "等等"}), 409)
    again = stale["move-transfer"] | {"to": "zhou.hong", "reason": "出差"}
    refused(office.browser.post(f"{link}/moves/transfer", data=again), 409)
    assert remarks(office) == []


# -- substitute 离岗代理 ---------------------------------------------------------------------------------------------


def test_a_substitutes_page_says_for_whom_and_the_absent_person_may_look_on(office):
    ref = office.at_approval()
    place = office.asked(ref)[MANAGER]
    with office.house.work(person(MANAGER)) as work:
        set_absence(work, MANAGER, "zheng.li", work.now, work.now + timedelta(days=3))
    link = office.link(ref, "zheng.li")
    assert "You stand in for 王军, who is absent." in office.browser.get(link + "?lang=en").text
    absent = office.sign_in(MANAGER)
    page = absent.get(f"/steps/{place.id}?lang=en").text
    assert "郑丽 stands in for you at this step." in page
    assert "answer-approve" not in page
    assert 'id="more"' not in page
    assert absent.post(f"/steps/{place.id}", data={"_action": "approve"}).status_code == 404
    assert absent.get(f"/cases/{ref}").status_code == 200
    office.tap(link, "approve")
    assert "Signed in the name of 王军, who was absent." in absent.get(f"/cases/{ref}").text


def test_the_absent_persons_old_link_opens_nothing_of_the_case(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    form = office.forms(link)["answer-approve"]
    office.clock.now += timedelta(minutes=5)
    with office.house.work(person(MANAGER)) as work:
        set_absence(work, MANAGER, "zheng.li", work.now, work.now + timedelta(days=3))
    assert office.browser.get(link).status_code == 410
    assert office.browser.post(link, data=form).status_code == 410
    assert set(office.asked(ref)) == {"zheng.li"}


# -- remarks ---------------------------------------------------------------------------------------------------------


def test_a_question_is_answered_on_its_own_page_by_whoever_has_no_place(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    office.move(link, "question", to="zheng.li", text="应收账款余额多少？")
    (question,) = remarks(office)
    browser = office.sign_in("zheng.li")
    assert "应收账款余额多少？" in browser.get("/?box=asked&lang=en").text
    path = f"/questions/{question.id}"
    form = office.forms(path, browser)[path]
    refused(browser.post(path, data=form | {"text": "  "}), 422)
    refused(browser.post(path, data={"text": "约 32 万元"}), 403, "约 32 万元")
    assert browser.post(path, data=form | {"text": "约 32 万元"}).status_code == 303
    refused(browser.post(path, data=form | {"text": "更正：35 万元"}), 409)
    assert path not in browser.get("/?box=asked").text
    assert "约 32 万元" in office.browser.get(link).text
    assert browser.get(f"/cases/{ref}").status_code == 200


def test_a_question_to_somebody_on_the_route_is_answered_on_their_step(office):
    ref = office.at_approval()
    office.move(office.link(ref, MANAGER), "add-signer", who="feng.bo", where="beside", reason="条款")
    office.move(office.link(ref, MANAGER), "question", to="feng.bo", text="所有权保留有效吗？")
    link = office.link(ref, "feng.bo")
    form = office.forms(link)[f"{link}/moves/answer"]
    refused(office.browser.post(f"{link}/moves/answer", data=form | {"text": ""}), 422)
    assert office.browser.post(f"{link}/moves/answer", data=form | {"text": "有效"}).status_code == 303
    assert [one.text for one in remarks(office)] == ["所有权保留有效吗？", "有效"]


@pytest.mark.parametrize("stranger", ["sun.tao", "chen.yu", "xu.ming"])
def test_a_question_between_others_does_not_exist(office, stranger):
    ref = office.at_approval()
    office.move(office.link(ref, MANAGER), "question", to="zheng.li", text="余额？")
    browser = office.sign_in(stranger)
    assert browser.get("/questions/1").status_code == 404
    csrf = {"_csrf": "x", "text": "不知道"}
    assert browser.post("/questions/1", data=csrf).status_code == 404
    assert len(remarks(office)) == 1


def test_what_people_say_is_shown_never_run(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    office.move(link, "comment", text=NASTY)
    office.move(link, "question", to="zheng.li", text=NASTY)
    office.move(link, "delegate", to="sun.tao", request=NASTY)
    pages = [
        office.browser.get(link),
        office.browser.get(office.link(ref, "sun.tao")),
        office.sign_in("li.na").get(f"/cases/{ref}"),
        office.sign_in("zheng.li").get("/questions/2"),
        office.sign_in("zheng.li").get("/?box=asked"),
        office.move(office.link(ref, "sun.tao"), "question", to=NASTY, text=NASTY),
    ]
    for page in pages:
        assert "<script" not in page.text
        assert "<img src=x" not in page.text
        assert "style=" not in page.text
        assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("text", ["", " \n ", "长" * 4001])
def test_a_comment_has_a_text_and_an_end(office, text):
    ref = office.at_approval()
    refused(office.move(office.link(ref, MANAGER), "comment", text=text), 422, "move-comment-text-wrong")
    assert remarks(office) == []


def test_a_copy_shows_when_it_was_read(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    office.move(link, "copy", to="feng.bo")
    assert "not read yet" in office.browser.get(link + "?lang=en").text
    browser = office.sign_in("feng.bo")
    assert ref in browser.get("/").text
    browser.head(f"/cases/{ref}")
    assert "not read yet" in office.browser.get(link).text, "a scanner's look is no reading"
    assert browser.get(f"/cases/{ref}").status_code == 200
    assert "read Tue 10 Mar, 09:30" in office.browser.get(link).text


def test_a_signature_given_still_lets_one_comment_but_not_transfer(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    stale = office.forms(link)["move-transfer"] | {"to": "zhou.hong", "reason": "出差"}
    office.tap(link, "approve")
    forms = office.forms(link)
    assert "move-comment" in forms
    assert "move-transfer" not in forms
    refused(office.browser.post(f"{link}/moves/transfer", data=stale), 409)


def test_the_menu_is_gone_when_the_step_has_closed(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    office.tap(link, "reject", reason="逾期未清")
    assert 'id="more"' not in office.browser.get(link).text


def test_a_large_staff_is_found_by_typing(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    with office.house.work() as work:
        for n in range(150):
            like = work.session.get_one(Person, "zheng.li")
            work.session.add(
                Person(id=f"staff.{n:03}", name=f"员工{n:03}", department=like.department, roles=list(like.roles))
            )
    with office.house.work(person("zheng.li")) as work:
        set_absence(work, "zheng.li", "feng.bo", work.now, work.now + timedelta(days=3))
    page = office.browser.get(link).text
    assert '<datalist id="move-copy-to-list">' in page
    assert 'list="move-copy-to-list"' in page
    assert "郑丽 (zheng.li) · 离岗，由冯波代理" in page
    assert office.move(link, "copy", to="郑丽 (zheng.li) · 离岗，由冯波代理").status_code == 303
    assert office.move(link, "copy", to="员工149").status_code == 303


# -- the case page ---------------------------------------------------------------------------------------------------


def test_the_case_page_tells_the_route_as_planned_as_it_went_and_why(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    office.move(link, "delegate", to="sun.tao", request="请先核对合同")
    office.tap(office.link(ref, "sun.tao"), "approve")
    with office.house.work(person(MANAGER)) as work:
        added = add_signer(work, office.asked(ref)[MANAGER].id, "feng.bo", Place.BEFORE, "合同条款")
    office.answer(ref, "feng.bo", "approve", comment="可行")
    office.move(link, "transfer", to="zhou.hong", reason="出差")
    page = office.sign_in("li.na").get(f"/cases/{ref}?lang=en").text
    for told in (
        "Planned: 王军",
        "transferred to 周红",
        "took over from 王军",
        "added by 王军, to sign first",
        "works out the answer for 王军",
        "delegated “Approval of limit and term” to 孙涛: “请先核对合同”",
        "proposed “Approve” to 王军 for “Approval of limit and term”",
        "added 冯波 to sign “Approval of limit and term” first: “合同条款”",
        "transferred “Approval of limit and term” to 周红: “出差”",
        "Limit 1,240,000.00 is within",
    ):
        assert told in page
    assert "answered “Approval of limit and term”: Approve" in page, "冯波's own signature"
    assert page.count("answered “Approval of limit and term”: Approve") == 1, "a proposal is no answer"
    assert added.id


def test_the_initiator_urges_once_in_a_while(office):
    ref = office.at_approval()
    browser = office.sign_in("li.na")
    form = office.forms(f"/cases/{ref}", browser)[f"/cases/{ref}/urge"]
    urged = browser.post(f"/cases/{ref}/urge", data=form | {"note": "客户周一提货"})
    assert (urged.status_code, urged.headers["location"]) == (303, f"/cases/{ref}?done=urged")
    page = browser.get(f"/cases/{ref}?lang=en").text
    assert "It is possible again from Tue 10 Mar, 13:30." in page
    assert "was urged with 王军; 李娜 had asked for it" in page
    refused(browser.post(f"/cases/{ref}/urge", data=form | {"note": "快"}), 409, "13:30")
    office.clock.now += timedelta(hours=4)
    assert f"/cases/{ref}/urge" in office.forms(f"/cases/{ref}", browser)


@pytest.mark.parametrize(("who", "status"), [("sun.tao", 404), ("wu.gang", 403), (MANAGER, 403)])
def test_only_whoever_started_or_handles_a_case_urges_it(office, who, status):
    ref = office.at_approval()
    browser = office.sign_in(who)
    csrf = token_of(office, browser, ref)
    assert browser.post(f"/cases/{ref}/urge", data={"_csrf": csrf, "note": ""}).status_code == status


def token_of(office, browser, ref):
    """A token for urging that this browser could have got: from the page of the initiator, with the same cookie."""
    from api.csrf import Csrf

    class Request:
        app = office.app
        cookies = dict(browser.cookies)
        headers: dict[str, str] = {}

    return Csrf(Request()).token(f"urge:{ref}")


def test_withdrawing_is_explained_when_somebody_above_has_signed(office):
    ref = office.at_approval()
    browser = office.sign_in("li.na")
    assert f"/cases/{ref}/withdraw" in office.forms(f"/cases/{ref}", browser)
    office.answer(ref, MANAGER, "approve")
    page = browser.get(f"/cases/{ref}?lang=en").text
    assert "王军 has signed already, so the case cannot be withdrawn any more." in page
    assert f"/cases/{ref}/withdraw" not in page


def test_whoever_the_case_concerns_may_say_something_and_whoever_only_watches_may_not(office):
    ref = office.at_approval()
    browser, path = office.sign_in("li.na"), f"/cases/{ref}/comment"
    form = office.forms(f"/cases/{ref}", browser)["comment"]
    refused(browser.post(path, data=form | {"text": ""}), 422)
    assert browser.post(path, data=form | {"text": "客户愿意先付三成"}).status_code == 303
    assert "客户愿意先付三成" in office.browser.get(office.link(ref, MANAGER)).text
    watcher = office.sign_in("wu.gang")
    assert "comment" not in office.forms(f"/cases/{ref}", watcher)

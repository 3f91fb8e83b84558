"""The inbox in its four boxes: what waits, what is asked, what is copied, what is done; found again, page by page."""

from datetime import timedelta

import pytest
from sqlalchemy.event import listen
from sqlmodel import select

from config.words import RemarkKind
from models.house import person
from models.operations.absences import set_absence
from models.operations.remarks import answer_question, ask_question, copy_to
from models.queries.boxes import copies_to, done_by
from models.queries.inbox import inbox
from models.tables import Copy, Remark, Signer, Step

MANAGER = "wang.jun"
COTTON = {"name": "宿迁锦华纺织有限公司", "identifier": "91321300MA1XUN2R7T", "requested_limit": "180000.00"}


@pytest.fixture
def steel(office):
    return office.at_approval()


@pytest.fixture
def cotton(office):
    return office.at_approval(**COTTON)


def copy(office, ref, to):
    with office.house.work(person("li.na")) as work:
        return copy_to(work, _open_step(work.session, ref).id, to).id


def ask(office, ref, to, text="抵押物是否已评估？"):
    with office.house.work(person("li.na")) as work:
        return ask_question(work, _open_step(work.session, ref).id, to, text).id


def _open_step(session, ref):
    return session.exec(select(Step).where(Step.case_ref == ref, Step.state == "open")).one()


def due_in(office, ref, hours):
    with office.house.work() as work:
        step = work.session.get_one(Step, office.asked(ref)[MANAGER].step_id)
        step.due_at = office.clock.now + timedelta(hours=hours)
        work.add(step)


def rows(page):
    """The references of the cases that a page lists, in order."""
    return [part.split("<")[0] for part in page.split('<span class="muted small">')[1:] if part.startswith("ONB-")]


# -- waiting ---------------------------------------------------------------------------------------------------------


def test_what_was_not_opened_yet_looks_so_until_it_is(office, steel):
    browser = office.sign_in(MANAGER)
    place = office.asked(steel)[MANAGER]
    assert "not opened yet" in browser.get("/?lang=en").text
    browser.head(f"/steps/{place.id}")
    assert office.signer(place.id).seen_at is None, "a scanner has seen nothing"
    browser.get(f"/steps/{place.id}")
    assert office.signer(place.id).seen_at == office.clock.now
    assert "not opened yet" not in browser.get("/?lang=en").text
    opened = office.clock.now
    office.clock.now += timedelta(hours=1)
    browser.get(f"/steps/{place.id}")
    assert office.signer(place.id).seen_at == opened, "the first time counts"


def test_a_link_opens_a_step_as_well_but_what_scans_the_mail_has_seen_nothing(office, steel):
    link = office.link(steel, MANAGER)
    office.new_browser().get(link)
    assert office.signer(office.asked(steel)[MANAGER].id).seen_at is None
    office.browser.get("/sign-in")  # somebody's browser, which has been here before
    office.browser.get(link)
    assert office.signer(office.asked(steel)[MANAGER].id).seen_at == office.clock.now


def test_what_passed_to_a_substitute_is_new_to_them(office, steel):
    place = office.asked(steel)[MANAGER]
    office.sign_in(MANAGER).get(f"/steps/{place.id}")
    office.clock.now += timedelta(minutes=5)
    with office.house.work(person(MANAGER)) as work:
        set_absence(work, MANAGER, "zheng.li", work.now, work.now + timedelta(days=3))
    substitute = office.sign_in("zheng.li")
    page = substitute.get("/?lang=en&substitute=1").text
    assert rows(page) == [steel]
    assert "not opened yet" in page
    substitute.get(f"/steps/{place.id}")
    assert "not opened yet" not in substitute.get("/?lang=en").text
    assert rows(office.sign_in("wang.jun").get("/?substitute=1").text) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("text=钢铁", ["steel"]),
        ("text=onb-2026-000002", ["cotton"]),
        ("text=xzhygt", ["steel"]),
        ("text=天然气", []),
        ("text=%25", []),
        ("least=1,000,000", ["steel"]),
        ("most=180000", ["cotton"]),
        ("least=180000.01&most=1239999.99", []),
        ("process=onboarding-review", ["steel", "cotton"]),
        ("process=credit-repair", []),
        ("urgency=overdue", ["steel"]),
        ("urgency=today", []),
        ("urgency=later", ["cotton"]),
        ("substitute=1", []),
    ],
)
def test_what_waits_is_found_by_words_process_urgency_and_amount(office, steel, cotton, query, found):
    due_in(office, steel, -2)
    page = office.sign_in(MANAGER).get(f"/?{query}")
    assert page.status_code == 200
    assert rows(page.text) == [{"steel": steel, "cotton": cotton}[one] for one in found]
    assert ("没有符合条件的内容" in page.text) is (not found)


def test_what_is_no_amount_is_said_and_the_rest_still_narrows(office, steel, cotton):
    page = office.sign_in(MANAGER).get("/?lang=en&least=a+lot&text=钢铁")
    assert page.status_code == 422
    assert 'id="f-least-wrong"' in page.text
    assert 'value="a lot"' in page.text
    assert rows(page.text) == [steel]


@pytest.mark.parametrize("query", ["box=attic", "process=tea", "urgency=never", "box=done&urgency=today", "lang=xx"])
def test_an_address_with_words_that_are_none_of_ours_still_opens(office, steel, query):
    assert office.sign_in(MANAGER).get(f"/?{query}").status_code == 200


@pytest.mark.parametrize("box", ["waiting", "asked", "copied", "done"])
def test_a_cursor_that_is_not_ours_is_refused_in_every_box(office, box):
    assert office.sign_in(MANAGER).get(f"/?box={box}&cursor=xyz").status_code == 422


def test_hostile_text_is_only_searched_for(office, steel):
    page = office.sign_in(MANAGER).get("/", params={"text": "'; DROP TABLE signer; --<script>", "least": "1e400"})
    assert page.status_code in (200, 422)
    assert "<script" not in page.text
    assert rows(office.sign_in(MANAGER).get("/?process=onboarding-review").text) == [steel]


# -- questions and copies --------------------------------------------------------------------------------------------


def test_a_question_is_listed_until_it_is_answered(office, steel):
    question = ask(office, steel, "zheng.li", "该客户三月以来的应收账款余额是多少？")
    browser = office.sign_in("zheng.li")
    page = browser.get("/?box=asked&lang=en").text
    assert "该客户三月以来的应收账款余额是多少？" in page
    assert f'href="/questions/{question}"' in page
    assert 'class="count todo">1</span>' in page
    with office.house.work(person("zheng.li")) as work:
        answer_question(work, question, "1,240,000.00 元。")
    page = browser.get("/?box=asked&lang=en").text
    assert "Nobody has asked you anything." in page
    assert 'class="count' not in page


def test_copies_are_new_until_they_are_opened_or_marked(office, steel, cotton):
    for ref in (steel, cotton):
        copy(office, ref, "zheng.li")
    browser = office.sign_in("zheng.li")
    assert browser.get("/?box=copied").text.count('class="unread"') == 2
    browser.get(f"/cases/{cotton}")
    page = browser.get("/?box=copied").text
    assert rows(page) == [steel, cotton], "what was not read yet stands first"
    assert (page.count('class="unread"'), page.count('class="read"')) == (1, 1)
    form = office.forms("/?box=copied", browser)["/copies/read"]
    assert browser.post("/copies/read", data={"_csrf": "x"}).status_code == 403
    assert browser.post("/copies/read", data=form).headers["location"] == "/?box=copied"
    page = browser.get("/?box=copied").text
    assert 'class="unread"' not in page
    assert "/copies/read" not in page, "nothing is left to mark"
    assert len(office.events("step.copy-read")) == 2


def test_nobody_marks_what_was_copied_to_others(office, steel):
    copy(office, steel, "zheng.li")
    browser = office.sign_in("feng.bo")
    copy(office, steel, "feng.bo")
    browser.post("/copies/read", data=office.forms("/?box=copied", browser)["/copies/read"])
    assert office.sign_in("zheng.li").get("/?box=copied").text.count('class="unread"') == 1


# -- done ------------------------------------------------------------------------------------------------------------


def test_what_i_have_done_says_how_and_what_became_of_it(office, steel, cotton):
    office.tap(office.link(steel, MANAGER), "approve")
    office.clock.now += timedelta(hours=1)
    office.tap(office.link(cotton, MANAGER), "reject", reason="客户资料不实。")
    office.runner.run_ready()
    page = office.sign_in(MANAGER).get("/?box=done&lang=en").text
    assert rows(page) == [cotton, steel], "the latest first"
    for shown in ("Reject", "Refused", "Approve", "Running", "1,240,000.00", "Approval of limit and term"):
        assert shown in page
    place = next(one for one in _places(office, steel) if one.person_id == MANAGER)
    assert f'href="/steps/{place.id}"' in page
    assert rows(office.sign_in(MANAGER).get("/?box=done&least=1000000").text) == [steel]
    assert rows(office.sign_in("zhao.min").get("/?box=done").text) == []


def test_what_went_back_says_that_it_is_void(office, steel):
    office.tap(office.link(steel, MANAGER), "approve")
    office.tap(office.link(steel, "zhao.min"), "return", reason="请补充担保材料。", target="first-rating")
    office.runner.run_ready()
    page = office.sign_in(MANAGER).get("/?box=done&lang=en").text
    assert "void: asked anew" in page


def _places(office, ref):
    with office.house.read() as session:
        return list(session.exec(select(Signer).where(Signer.case_ref == ref)).all())


# -- page by page ----------------------------------------------------------------------------------------------------


def test_every_box_goes_on_page_by_page_without_loss_or_repetition(office, steel):
    step_id = office.asked(steel)[MANAGER].step_id
    with office.house.work() as work:
        like = work.session.get_one(Step, step_id)
        for number in range(7):
            step = Step.model_validate(like.model_dump(exclude={"id", "key"}) | {"key": f"more:{number}"})
            work.add(step)
            at = work.now - timedelta(minutes=number // 3)  # several at the same moment
            place = {"step_id": step.id, "case_ref": steel, "level": 0, "seat": "x", "person_id": "feng.bo"}
            work.add(Signer(**place, state="asked", asked_at=at))
            work.add(Signer(**place, state="signed", signed_at=at, action="approve", kind="approve"))
            read = at if number % 2 else None
            work.add(
                Copy(
                    step_id=step.id, case_ref=steel, person_id="feng.bo", copied_by="li.na", copied_at=at, read_at=read
                )
            )
            work.add(
                Remark(
                    step_id=step.id,
                    case_ref=steel,
                    kind=RemarkKind.QUESTION,
                    by_person_id="li.na",
                    to_person_id="feng.bo",
                    text=f"第 {number} 问",
                    at=at,
                )
            )
    headers = office.token("feng.bo")
    for box, list_name, key in (
        ("waiting", "steps", "signer_id"),
        ("asked", "questions", "id"),
        ("copied", "copies", "id"),
        ("done", "done", "signer_id"),
    ):
        seen, cursor = [], None
        for _ in range(4):
            query = {"box": box, "limit": 2} | ({"cursor": cursor} if cursor else {})
            page = office.browser.get("/api/v1/inbox", params=query, headers=headers).json()
            seen += [one[key] for one in page[list_name]]
            cursor = page["next_cursor"]
        assert cursor is None, box
        assert len(seen) == len(set(seen)) == 7, box
    whole = office.browser.get("/api/v1/inbox?box=copied", headers=headers).json()
    assert [one["read"] for one in whole["copies"]] == [False] * 4 + [True] * 3
    assert whole["counts"] == {"waiting": 7, "asked": 7, "copied": 4}
    page = office.sign_in("feng.bo").get("/?box=done").text
    assert "/?box=done&amp;cursor=" not in page, "seven fit on one page"


def test_each_list_is_read_through_an_index_and_never_sorted_whole(office):
    asked = []
    with office.house.read() as session:
        listen(
            office.house.engine, "before_cursor_execute", lambda _c, _k, sql, values, *_: asked.append((sql, values))
        )
        done_by(session, MANAGER)
        copies_to(session, MANAGER)
        inbox(session, MANAGER, office.house.calendar, office.clock.now)
        plans = [
            " | ".join(row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values))
            for sql, values in list(asked)
            if sql.startswith("SELECT")
        ]
    done = plans[0]
    assert "ix_signer_done" in done
    assert "TEMP B-TREE" not in done, "however much somebody has done, a page reads a page"
    unread, read = plans[1:3]
    assert "ix_copy_unread" in unread
    assert "TEMP B-TREE" not in unread + read, "nor is what somebody was ever told of sorted"
    assert any("ix_signer_inbox" in one for one in plans)
    assert all("SCAN" not in one for one in plans), plans


# -- by JSON ---------------------------------------------------------------------------------------------------------


def test_by_json_a_box_is_narrowed_like_its_page(office, steel, cotton):
    headers = office.token(MANAGER)
    page = office.browser.get("/api/v1/inbox?least=1000000", headers=headers).json()
    assert [one["case"] for one in page["steps"]] == [steel]
    assert (page["box"], page["questions"], page["copies"], page["done"]) == ("waiting", [], [], [])
    office.tap(office.link(steel, MANAGER), "approve")
    (done,) = office.browser.get("/api/v1/inbox?box=done", headers=headers).json()["done"]
    assert (done["case"], done["answer"], done["kind"], done["state"]) == (steel, "同意", "approve", "running")
    assert done["amount"] == "1240000.00"
    for wrong in ("box=attic", "urgency=never", "least=a", "limit=0", "cursor=x"):
        assert office.browser.get(f"/api/v1/inbox?{wrong}", headers=headers).status_code == 422, wrong
    assert office.browser.get("/api/v1/inbox").status_code == 401


def test_by_json_everything_copied_is_marked_as_read_once(office, steel):
    copy(office, steel, "zheng.li")
    headers = office.token("zheng.li")
    assert office.browser.post("/api/v1/inbox/copies/read", headers=headers).json() == {"marked": 1}
    assert office.browser.post("/api/v1/inbox/copies/read", headers=headers).json() == {"marked": 0}

"""One's own settings: language, sessions, notifications, tokens; nobody's but one's own."""

from datetime import timedelta

import pytest
from sqlmodel import select

from config.words import DigestRhythm, Language, MessageState
from models.messages import SignIn, queue
from models.operations.access import Scope, issue_sign_in_link, program_of_token
from models.operations.people import add_channel, masked
from models.operations.sessions import MOST_TOKENS, make_own_token
from models.tables import ApiToken, Channel, OutboxMessage, Person, Preference, WebSession

PAGES = ("/me", "/me/notifications", "/me/calendar", "/me/tokens", "/absence")


@pytest.fixture
def browser(office):
    return office.sign_in("wang.jun")


@pytest.fixture
def channels(office):
    with office.house.work() as work:
        return [
            add_channel(work, "wang.jun", address).id
            for address in ("wang.jun@hengyuan.example", "wecombot://693a1116-7a0c-4bc4-97a0")
        ]


def kept(office, who="wang.jun"):
    with office.house.read() as session:
        return session.get(Preference, who)


# -- the pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_my_settings_are_one_desk_in_both_languages_and_for_those_signed_in_only(office, browser, path):
    for language, tabs in (("en", ("My settings", "Access for programs")), ("zh_CN", ("我的设置", "程序访问"))):
        page = browser.get(f"{path}?lang={language}")
        assert page.status_code == 200
        assert all(tab in page.text for tab in tabs)
        assert f'<a href="{path}" aria-current="page">' in page.text
        assert "style=" not in page.text
        assert "<script" not in page.text
    assert browser.head(path).status_code == 200
    assert office.browser.get(path).headers["location"].startswith("/sign-in")


def test_it_says_who_i_am_here(browser):
    page = browser.get("/me?lang=en").text
    for shown in ("王军", "wang.jun", "Business", "Sales manager", "赵敏", "w***@hengyuan.example"):
        assert shown in page
    assert "wang.jun@hengyuan.example" not in page


def test_my_language_is_that_of_pages_and_messages_from_now_on(office, browser):
    form = office.forms("/me", browser)["language"]
    answer = browser.post("/me/language", data=form | {"language": "en"})
    assert answer.headers["location"] == "/me?done=language&lang=en"
    assert "Pages and messages are in this language" in browser.get(answer.headers["location"]).text
    assert "Who I am here" in browser.get("/me").text, "this browser's own choice is replaced too"
    with office.house.read() as session:
        assert session.get_one(Person, "wang.jun").language is Language.EN
    assert len(office.events("person.language-set")) == 1
    assert browser.post("/me/language", data=form | {"language": "tlh"}).status_code == 422
    assert browser.post("/me/language", data={"language": "en"}).status_code == 403


def test_signing_out_everywhere_else_leaves_this_browser_and_everybody_elses(office, browser):
    office.sign_in("wang.jun"), office.sign_in("wang.jun")
    other = office.sign_in("li.na")
    assert browser.get("/me?lang=en").text.count("Signed in ") == 3
    form = office.forms("/me", browser)["sign-out-elsewhere"]
    assert browser.post("/me/sign-out-elsewhere", data=form).headers["location"] == "/me?done=elsewhere"
    assert browser.get("/me?lang=en").text.count("Signed in ") == 1
    assert other.get("/me").status_code == 200
    with office.house.read() as session:
        ended = session.exec(select(WebSession).where(WebSession.revoked_at.is_not(None))).all()
    assert [one.person_id for one in ended] == ["wang.jun", "wang.jun"]
    (event,) = office.events("sign-in.ended-elsewhere")
    assert event.data["sessions"] == 2


# -- notifications ---------------------------------------------------------------------------------------------------


def test_when_i_am_told_is_kept_and_shown_again(office, browser):
    form = office.forms("/me/notifications", browser)["wishes"]
    wanted = {"digest": "daily", "digest_at": "17:30", "quiet_from": "19:00", "quiet_until": "08:30"}
    answer = browser.post("/me/notifications", data=form | wanted)
    assert answer.headers["location"] == "/me/notifications?done=kept"
    row = kept(office)
    assert (row.quiet_from, row.quiet_until, row.digest, row.digest_at) == (
        "19:00",
        "08:30",
        DigestRhythm.DAILY,
        "17:30",
    )
    page = browser.get("/me/notifications?done=kept&lang=en").text
    for shown in ('value="17:30"', 'value="19:00"', 'value="08:30"', "Your settings are saved.", "from 20:00 to 08:00"):
        assert shown in page
    assert kept(office, "li.na") is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"quiet_from": "22:00", "quiet_until": "08:00"}, "quiet_from"),
        ({"quiet_from": "19:00"}, "quiet_until"),
        ({"quiet_from": "7 o'clock", "quiet_until": "08:00"}, "quiet_from"),
        ({"digest": "daily"}, "digest_at"),
        ({"digest": "daily", "digest_at": "23:00"}, "digest_at"),
        ({"digest": "now and then"}, "digest"),
        ({"digest_at": "99:99"}, "digest_at"),
    ],
)
def test_wrong_times_come_back_as_typed_and_change_nothing(office, browser, fields, field):
    form = office.forms("/me/notifications", browser)["wishes"]
    page = browser.post("/me/notifications", data=form | {"digest": "none"} | fields)
    assert page.status_code == 422
    assert f'id="n-{field}-wrong"' in page.text
    for name, value in fields.items():
        if name != "digest":
            assert f'value="{value}"'.replace("'", "&#39;") in page.text
    assert kept(office) is None


def test_settings_changed_in_another_window_are_not_overwritten(office, browser):
    stale = office.forms("/me/notifications", browser)["wishes"]
    browser.post("/me/notifications", data=stale | {"digest": "hourly"})
    page = browser.post("/me/notifications", data=stale | {"digest": "daily", "digest_at": "09:00"})
    assert page.status_code == 409
    assert kept(office).digest is DigestRhythm.HOURLY


def test_an_address_is_switched_off_and_on_and_never_shown_whole(office, browser, channels):
    page = browser.get("/me/notifications?lang=en").text
    assert "w***@hengyuan.example" in page
    assert "693a1116" not in page
    path = f"/me/notifications/channels/{channels[0]}"
    form = office.forms("/me/notifications", browser)[f"channel-{channels[0]}"]
    assert form["use"] == "0"
    assert browser.post(path, data=form).headers["location"] == "/me/notifications?done=switched"
    assert "switched off" in browser.get("/me/notifications?lang=en").text
    form = office.forms("/me/notifications", browser)[f"channel-{channels[0]}"]
    browser.post(path, data=form)
    with office.house.read() as session:
        assert session.get_one(Channel, channels[0]).active
    assert [event.data["active"] for event in office.events("channel.switched")] == [False, True]


def test_the_last_place_one_is_reached_at_stays_in_use(office, browser, channels, monkeypatch):
    monkeypatch.setitem(office.house.settings.__dict__, "console_channel", False)
    for number, status in zip(channels, (303, 409), strict=True):
        form = office.forms("/me/notifications", browser)[f"channel-{number}"]
        answer = browser.post(f"/me/notifications/channels/{number}", data=form)
        assert answer.status_code == status
    with office.house.read() as session:
        assert session.get_one(Channel, channels[1]).active


def test_an_address_of_somebody_else_does_not_exist(office, channels):
    stranger = office.sign_in("li.na")
    form = office.forms("/me/notifications", stranger)["test"]
    assert stranger.post(f"/me/notifications/channels/{channels[0]}", data=form | {"use": "0"}).status_code == 404


def test_a_test_message_is_sent_once_a_minute_and_its_fate_is_shown(office, browser, channels):
    form = office.forms("/me/notifications", browser)["test"]
    assert browser.post("/me/notifications/test", data=form).headers["location"].endswith("done=tested")
    assert browser.post("/me/notifications/test", data=form).headers["location"].endswith("done=patience")
    with office.house.work() as work:
        (row,) = work.session.exec(select(OutboxMessage).where(OutboxMessage.kind == "test_message")).all()
        row.state, row.channel, row.note = MessageState.DEAD, "mail", "no such mailbox"
        work.add(row)
        queue(work, SignIn(), "wang.jun", "not a test")
    page = browser.get("/me/notifications?lang=en").text
    assert "Given up" in page
    assert "no such mailbox" in page
    office.clock.now += timedelta(hours=2)
    assert "no such mailbox" not in browser.get("/me/notifications").text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("li.na@hengyuan.example", "l***@hengyuan.example"),
        ("mailtos://robot:secret@mail.example?from=risk@x.example&to=li.na@hengyuan.example", "l***@hengyuan.example"),
        ("mailtos://robot:secret@mail.example", "***@mail.example"),
        ("wecombot://693a1116-7a0c-4bc4-97a0", "***a0"),
        ("dingtalk://SECRET@TOKEN/13800138000", "***00"),
        ("jsons://user:secret@hooks.example/risk/9f3c", "hooks.example/***"),
    ],
)
def test_a_masked_address_is_recognised_and_of_no_use(address, shown):
    assert masked(address) == shown


# -- tokens ----------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_works_within_its_scopes_and_dies_at_once(office, browser):
    form = office.forms("/me/tokens", browser)["make"]
    page = browser.post("/me/tokens", data=form | {"label": "报表脚本", "scopes": ["read"], "days": "90"})
    assert page.status_code == 200
    token = page.text.split('value="crk_')[1].split('"')[0]
    headers = {"authorization": f"Bearer crk_{token}"}
    assert office.browser.get("/api/v1/inbox", headers=headers).status_code == 200
    assert office.browser.post("/api/v1/inbox/copies/read", headers=headers).status_code == 403
    again = browser.get("/me/tokens?lang=en").text
    assert "报表脚本" in again
    assert token not in again, "it is shown once"
    with office.house.read() as session:
        number = session.exec(select(ApiToken.id).where(ApiToken.person_id == "wang.jun")).one()
    form = office.forms("/me/tokens", browser)[f"revoke-{number}"]
    assert browser.post(f"/me/tokens/{number}/revoke", data=form).headers["location"] == "/me/tokens?done=revoked"
    assert office.browser.get("/api/v1/inbox", headers=headers).status_code == 401
    assert browser.post(f"/me/tokens/{number}/revoke", data=form).status_code == 409


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"label": "  "}, "label"),
        ({"label": "长" * 81}, "label"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"days": "0"}, "days"),
        ({"days": "366"}, "days"),
        ({"days": "for ever"}, "days"),
    ],
)
def test_a_token_without_a_name_a_scope_or_an_end_is_not_made(office, browser, fields, field):
    form = office.forms("/me/tokens", browser)["make"]
    page = browser.post("/me/tokens", data=form | {"label": "x", "scopes": ["read"], "days": "90"} | fields)
    assert page.status_code == 422
    assert f'id="k-{field}-wrong"' in page.text
    with office.house.read() as session:
        assert session.exec(select(ApiToken)).all() == []


def test_sending_the_form_again_makes_no_second_token_and_nobody_has_too_many(office, browser):
    form = office.forms("/me/tokens", browser)["make"] | {"scopes": ["read"], "days": "30"}
    assert browser.post("/me/tokens", data=form | {"label": "erp"}).status_code == 200
    assert browser.post("/me/tokens", data=form | {"label": "erp"}).status_code == 409
    for number in range(1, MOST_TOKENS):
        with office.house.work() as work:
            make_own_token(work, "wang.jun", f"erp {number}", [Scope.READ], 30)
    assert browser.post("/me/tokens", data=form | {"label": "one more"}).status_code == 409
    office.clock.now += timedelta(days=31)
    browser = office.sign_in("wang.jun")
    form = office.forms("/me/tokens", browser)["make"] | {"scopes": ["read"], "days": "30"}
    assert browser.post("/me/tokens", data=form | {"label": "erp"}).status_code == 200, "those have expired"


def test_a_token_of_somebody_else_does_not_exist_and_scopes_of_no_use_are_not_offered(office, browser):
    with office.house.work() as work:
        token = make_own_token(work, "li.na", "erp", [Scope.READ], 30)
        number = work.session.exec(select(ApiToken.id)).one()
    office.clock.now += timedelta(seconds=1)
    csrf = office.forms("/me/tokens", browser)["make"]
    assert browser.post(f"/me/tokens/{number}/revoke", data=csrf).status_code == 403
    answer = office.browser.post(f"/api/v1/tokens/{number}/revoke", headers=office.token("wang.jun"))
    assert answer.status_code == 404
    with office.house.read() as session:
        assert program_of_token(session, token, office.clock.now).person.id == "li.na"
    assert 'value="ledger"' not in browser.get("/me/tokens").text
    assert 'value="ledger"' in office.sign_in("he.jing").get("/me/tokens").text


# -- by JSON ---------------------------------------------------------------------------------------------------------


def test_by_json_settings_are_read_and_changed_on_what_was_read(office, channels):
    headers = office.token("wang.jun")
    read = office.browser.get("/api/v1/preferences", headers=headers)
    shown = read.json()
    assert (shown["digest"], shown["company_quiet_from"], shown["company_quiet_until"]) == ("none", "20:00", "08:00")
    assert [one["address"] for one in shown["channels"]] == ["w***@hengyuan.example", "***a0"]
    body = {"language": "en", "quiet_from": "19:00", "quiet_until": "08:30", "digest": "daily", "digest_at": "09:00"}
    tagged = headers | {"if-match": read.headers["etag"]}
    changed = office.browser.put("/api/v1/preferences", json=body, headers=tagged)
    assert changed.status_code == 200, changed.text
    assert {name: changed.json()[name] for name in body} == body
    assert changed.headers["etag"] != read.headers["etag"]
    assert office.browser.put("/api/v1/preferences", json=body, headers=tagged).status_code == 412
    for wrong in ({"quiet_from": "25:00"}, {"digest": "weekly"}, {"language": "fr"}, {"surprise": 1}):
        answer = office.browser.put("/api/v1/preferences", json=body | wrong, headers=headers)
        assert answer.status_code == 422, wrong
    narrow = body | {"quiet_from": "21:00"}
    problems = office.browser.put("/api/v1/preferences", json=narrow, headers=headers).json()["problems"]
    assert [one["field"] for one in problems] == ["quiet_from"]
    assert kept(office).quiet_from == "19:00"


def test_by_json_addresses_are_switched_and_tried(office, channels):
    headers = office.token("wang.jun")
    path = f"/api/v1/preferences/channels/{channels[0]}"
    assert office.browser.put(path, json={"active": False}, headers=headers).json()["active"] is False
    assert office.browser.put(path, json={"active": False}, headers=office.token("li.na")).status_code == 404
    answer = office.browser.post("/api/v1/preferences/test-message", headers=headers)
    assert answer.json() == {"queued": True}


def test_by_json_no_program_gives_itself_another_token_or_ends_sessions(office, browser):
    headers = office.token("wang.jun")
    body = {"label": "erp", "scopes": ["read"], "days": 30}
    assert office.browser.post("/api/v1/tokens", json=body, headers=headers).status_code == 403
    assert office.browser.post("/api/v1/session/end-others", headers=headers).status_code == 403
    csrf = {"x-csrf-token": browser.get("/api/v1/session").json()["csrf_token"]}
    made = browser.post("/api/v1/tokens", json=body, headers=csrf)
    assert made.status_code == 201, made.text
    token = made.json()
    assert token["token"].startswith("crk_")
    listed = browser.get("/api/v1/tokens").json()["items"]
    assert {one["label"] for one in listed} == {"erp", "test"}
    assert all(one["token"] is None for one in listed)
    revoked = browser.post(f"/api/v1/tokens/{token['id']}/revoke", headers=csrf).json()
    assert revoked["active"] is False
    office.sign_in("wang.jun")
    assert browser.post("/api/v1/session/end-others", headers=csrf).json() == {"ended": 1}


def test_a_session_that_was_ended_elsewhere_is_over(office, browser):
    with office.house.work() as work:
        other = office.new_browser()
        path = f"/sign-in/{issue_sign_in_link(work, 'wang.jun')}"
    form = office.forms(path, other)[path]
    other.post(path, data=form)
    assert other.get("/me").status_code == 200
    browser.post("/me/sign-out-elsewhere", data=office.forms("/me", browser)["sign-out-elsewhere"])
    assert other.get("/me").status_code == 303

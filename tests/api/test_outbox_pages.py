"""Messages for operations: what is shown of them and what never is, sending again, anew, and leaving out."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from api.letters import CODE, KINDS
from config.words import MessageState
from models.messages import MESSAGES, SignIn, queue
from models.operations.fates import mark_failed, mark_sent
from models.operations.outbox import claim
from models.operations.people import add_channel
from models.tables import OutboxMessage


@pytest.fixture
def asked(office) -> int:
    """The message that asks 王军 to approve a steel trader's limit."""
    office.at_approval()
    with office.house.read() as session:
        return session.exec(select(OutboxMessage.id).where(OutboxMessage.person_id == "wang.jun")).one()


def send(office, outcome: str = "sent", reason: str = "550 no such mailbox") -> None:
    """Everything due is taken by a channel, or refused for good."""
    with office.house.work() as work:
        for delivery in claim(work, "sender", 50):
            if outcome == "sent":
                mark_sent(work, delivery.claim)
            else:
                mark_failed(work, delivery.claim, reason, temporary=False)


def message(office, number: int) -> OutboxMessage:
    with office.house.read() as session:
        return session.get_one(OutboxMessage, number)


def post(office, path: str, who: str = "xu.ming", **body):
    return office.browser.post(f"/api/v1/outbox{path}", headers=office.token(who), json=body)


# -- looking ----------------------------------------------------------------------------------------------------------


def test_the_list_says_what_became_of_each(office, asked):
    send(office, "refused")
    page = office.sign_in("xu.ming").get("/operations/messages?state=dead&to=wang.jun&lang=en").text
    assert "A step is yours to answer" in page
    assert "550 no such mailbox" in page
    assert "Given up" in page
    assert "李娜 ·" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [("person=wang.jun", 1), ("case=ONB-2026-000001", 4), ("kind=sign_in", 0), ("state=pending", 4), ("state=sent", 0)],
)
def test_messages_are_found_by_state_kind_person_and_case(office, asked, query, found):
    items = office.browser.get(f"/api/v1/outbox?{query}", headers=office.token("xu.ming")).json()["items"]
    assert len(items) == found


def test_a_channel_is_looked_for_among_few_only(office, asked):
    headers = office.token("xu.ming")
    assert office.browser.get("/api/v1/outbox?channel=mail", headers=headers).status_code == 422
    assert office.browser.get("/api/v1/outbox?channel=mail&state=dead", headers=headers).status_code == 200


def test_the_list_goes_on_where_the_page_before_ended(office, asked):
    headers, seen, cursor = office.token("xu.ming"), [], ""
    while cursor is not None:
        page = office.browser.get(f"/api/v1/outbox?limit=1&cursor={cursor}".rstrip("="), headers=headers)
        page = page.json() if cursor else office.browser.get("/api/v1/outbox?limit=1", headers=headers).json()
        seen += [one["number"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 4


def test_a_message_is_shown_as_its_reader_reads_it_without_the_link(office, asked):
    page = office.sign_in("xu.ming").get(f"/operations/messages/{asked}").text
    assert "徐州恒远钢铁贸易有限公司" in page
    assert "［收件人的专属链接］" in page
    assert "/a/" not in page.split('<pre class="letter"')[1].split("</pre>")[0]
    assert [event.data for event in office.events("message.looked")] == [{"message": asked}]


def test_a_sign_in_link_and_a_code_are_never_shown(office):
    with office.house.work() as work:
        queue(work, SignIn(), "li.na", "sign-in:1")
    send(office)
    with office.house.read() as session:
        number = session.exec(select(OutboxMessage.id)).one()
    shown = office.browser.get(f"/api/v1/outbox/{number}", headers=office.token("xu.ming")).json()
    assert "［收件人的专属链接］" in shown["text"]
    assert "/sign-in/" not in shown["text"]
    assert CODE not in shown["text"]


def test_a_message_that_cannot_be_written_says_so(office, asked):
    with office.house.work() as work:
        work.session.get_one(OutboxMessage, asked).payload = {"nonsense": True}
    page = office.sign_in("xu.ming").get(f"/operations/messages/{asked}?lang=en")
    assert page.status_code == 200
    assert "This message cannot be written" in page.text


def test_every_kind_of_message_is_called_something():
    assert sorted(set(MESSAGES) - set(KINDS)) == []


# -- sending again ----------------------------------------------------------------------------------------------------


def test_what_was_given_up_gets_another_round_under_its_own_name(office, asked):
    send(office, "refused")
    browser = office.sign_in("xu.ming")
    form = office.forms(f"/operations/messages/{asked}", browser)["again"]
    assert browser.post(f"/operations/messages/{asked}/again", data=form).status_code == 303
    row = message(office, asked)
    assert (row.state, row.attempts, row.note) == (MessageState.PENDING, 0, None)
    [event] = office.events("message.sent-again")
    assert (event.actor_id, event.data["message"], event.data["was"]) == ("xu.ming", asked, "dead")


def test_what_was_sent_is_never_doubled_unless_somebody_confirms_it(office, asked):
    send(office)
    assert post(office, f"/{asked}/resend").status_code == 409
    refused = post(office, f"/{asked}/anew", confirmed=False, seen=0)
    assert (refused.status_code, refused.json()["problems"][0]["field"]) == (422, "confirmed")
    anew = post(office, f"/{asked}/anew", confirmed=True, seen=0)
    assert anew.status_code == 201
    fresh = message(office, anew.json()["number"])
    assert fresh.dedupe_key == f"again:{asked}:1"
    assert (fresh.state, fresh.person_id, fresh.payload) == (
        MessageState.PENDING,
        "wang.jun",
        message(office, asked).payload,
    )
    assert message(office, asked).state is MessageState.SENT, "what happened stays on record"


def test_of_two_who_write_it_anew_at_once_one_does(office, asked):
    send(office)
    answers = [post(office, f"/{asked}/anew", confirmed=True, seen=0) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    send(office)
    assert post(office, f"/{asked}/anew", confirmed=True, seen=1).status_code == 201


def test_a_message_of_unknown_fate_is_only_written_anew(office, asked):
    with office.house.work() as work:
        work.session.get_one(OutboxMessage, asked).state = MessageState.UNKNOWN
    assert post(office, f"/{asked}/resend").status_code == 409
    assert post(office, f"/{asked}/anew", confirmed=True, seen=0).status_code == 201


def test_a_message_written_anew_goes_where_the_person_is_reached_now(office, asked):
    send(office, "refused")
    with office.house.work() as work:
        add_channel(work, "wang.jun", "json://hooks.example/new")
    number = post(office, f"/{asked}/anew", confirmed=True, seen=0).json()["number"]
    assert message(office, asked).state is MessageState.SKIPPED, "it is not counted as given up any more"
    send(office)
    assert message(office, number).channel == "webhook"


def test_what_is_on_its_way_is_not_written_anew(office, asked):
    assert post(office, f"/{asked}/anew", confirmed=True, seen=0).status_code == 409
    assert post(office, f"/{asked}/resend").status_code == 200, "what waits may be tried at once"


def test_all_that_was_given_up_on_a_channel_is_sent_again(office, asked):
    send(office, "refused")
    with office.house.read() as session:
        dead = session.exec(select(OutboxMessage.id).where(OutboxMessage.state == MessageState.DEAD)).all()
        [channel] = session.exec(select(OutboxMessage.channel).where(col(OutboxMessage.id).in_(dead)).distinct()).all()
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/messages", browser)[f"dead-{channel}"]
    answer = browser.post("/operations/messages/resend-dead", data=form)
    assert answer.headers["location"].endswith(f"count={len(dead)}")
    assert {message(office, number).state for number in dead} == {MessageState.PENDING}
    assert office.events("messages.sent-again")[0].data == {"channel": channel, "count": len(dead)}
    assert browser.post("/operations/messages/resend-dead", data=form).status_code == 409


# -- leaving out ------------------------------------------------------------------------------------------------------


def test_a_message_is_left_out_with_a_reason_that_stands_beside_it(office, asked):
    browser = office.sign_in("xu.ming")
    form = office.forms(f"/operations/messages/{asked}", browser)["skip"]
    silent = browser.post(f"/operations/messages/{asked}/skip", data=form)
    assert silent.status_code == 422
    done = browser.post(f"/operations/messages/{asked}/skip", data={**form, "reason": "已电话通知"})
    assert done.status_code == 303
    assert "已电话通知" in browser.get(f"/operations/messages/{asked}").text
    send(office)
    assert message(office, asked).state is MessageState.SKIPPED
    assert post(office, f"/{asked}/skip", reason="again").status_code == 409
    assert office.events("message.left-out")[0].data["reason"] == "已电话通知"


def test_what_was_sent_is_not_left_out_afterwards(office, asked):
    send(office)
    assert post(office, f"/{asked}/skip", reason="x").status_code == 409


# -- who may ----------------------------------------------------------------------------------------------------------


def test_managers_look_and_only_operations_act(office, asked):
    send(office, "refused")
    browser = office.sign_in("zhou.hong")
    page = browser.get(f"/operations/messages/{asked}")
    assert page.status_code == 200
    assert 'id="again"' not in page.text
    assert browser.post(f"/operations/messages/{asked}/again").status_code == 403
    for path, body in (("resend", {}), ("anew", {"confirmed": True, "seen": 0}), ("skip", {"reason": "x"})):
        assert post(office, f"/{asked}/{path}", "zhou.hong", **body).status_code == 403
    assert message(office, asked).state is MessageState.DEAD


def test_messages_are_closed_to_everybody_else(office, asked):
    assert office.sign_in("wang.jun").get(f"/operations/messages/{asked}").status_code == 403
    assert office.browser.get(f"/api/v1/outbox/{asked}", headers=office.token("wang.jun")).status_code == 403


def test_what_does_not_exist_is_told(office):
    browser = office.sign_in("xu.ming")
    assert browser.get("/operations/messages/4711").status_code == 404
    assert browser.get("/operations/messages?state=x&kind=y&channel=z&to=%00").status_code == 200
    assert post(office, "/4711/resend").status_code == 404

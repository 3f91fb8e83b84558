"""Webhooks on pages and by API: operations make, change, try and pause them; nobody else knows of them."""

import pytest
from sqlmodel import select

from models.tables import AuditEvent, Webhook
from notifications.webhook_sender import Answer, WebhookSender

URL = "https://erp.example.com/hooks/risk?key=geheim"
BODY = {"name": "ERP 应收账款", "url": URL, "events": ["payment.recorded", "case.closed"]}


class Post:
    """A receiver that answers what it is told to."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.sent = list(answers), []

    def send(self, parcel, now):
        self.sent.append(parcel)
        return self.answers.pop(0) if self.answers else Answer(200, "ok")


@pytest.fixture
def ops(office):
    return office.sign_in("xu.ming")


def made(office, ops, **differing):
    form = office.forms("/operations/webhooks", ops)["make"]
    return ops.post("/operations/webhooks", data={**form, **BODY, **differing})


def the_one(house):
    with house.read() as session:
        return session.exec(select(Webhook)).one()


def press(office, ops, button, **fields):
    path = f"/operations/webhooks/{the_one(office.house).id}"
    form = office.forms(path, ops)[button]
    address = path if button == "change" else f"{path}/{button.partition('-')[0]}"
    return ops.post(address, data={**form, **fields})


def test_a_webhook_is_made_and_its_secret_shown_once(office, ops, house):
    page = made(office, ops)
    assert page.status_code == 201
    assert the_one(house).secret in page.text
    for path in ("/operations/webhooks", f"/operations/webhooks/{the_one(house).id}"):
        assert "whsec_" not in ops.get(path).text
    assert the_one(house).events == ["case.closed", "payment.recorded"]


def test_the_list_shows_where_it_goes_but_nothing_that_may_be_secret(office, ops):
    made(office, ops)
    page = ops.get("/operations/webhooks").text
    assert "https://erp.example.com/…" in page
    assert "geheim" not in page


def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(office, ops, house):
    page = made(office, ops, url="http://10.0.0.7/hook", events=[])
    assert page.status_code == 422
    assert 'value="http://10.0.0.7/hook"' in page.text
    assert 'id="w-url-wrong"' in page.text
    assert 'id="w-events-wrong"' in page.text
    with house.read() as session:
        assert session.exec(select(Webhook)).first() is None


def test_sending_the_form_twice_makes_one(office, ops, house):
    made(office, ops)
    assert made(office, ops).status_code == 422
    assert the_one(house).name == BODY["name"]


def test_it_is_changed(office, ops, house):
    made(office, ops)
    answer = press(office, ops, "change", name="BI", events=["case.opened"])
    assert answer.status_code == 303
    assert (the_one(house).name, the_one(house).events) == ("BI", ["case.opened"])


def test_it_is_tried_and_what_became_of_it_is_shown(office, ops, house):
    made(office, ops)
    assert press(office, ops, "ping").status_code == 303
    WebhookSender(house, Post(Answer(500, "<b>database</b> away"))).send_due()
    page = ops.get(f"/operations/webhooks/{the_one(house).id}").text
    assert "&lt;b&gt;database&lt;/b&gt; away" in page
    assert "500" in page


def test_it_is_paused_and_resumed(office, ops, house):
    made(office, ops)
    press(office, ops, "pause")
    assert not the_one(house).active
    press(office, ops, "resume")
    assert the_one(house).active


def test_a_notice_is_sent_anew(office, ops, house):
    made(office, ops)
    press(office, ops, "ping")
    post = Post()
    WebhookSender(house, post).send_due()
    press(office, ops, "resend-1")
    WebhookSender(house, post).send_due()
    assert [one.body["id"] for one in post.sent] == [post.sent[0].body["id"]] * 2


def test_a_notice_of_another_webhook_is_not_sent_anew_from_here(office, ops, house):
    made(office, ops)
    press(office, ops, "ping")
    WebhookSender(house, Post()).send_due()
    made(office, ops, name="BI")
    form = office.forms("/operations/webhooks/2", ops)["ping"]
    answer = ops.post("/operations/webhooks/2/resend", data={**form, "delivery": "1"})
    assert answer.status_code == 404


def test_it_is_deleted(office, ops, house):
    made(office, ops)
    assert press(office, ops, "delete").headers["location"] == "/operations/webhooks?done=delete"
    with house.read() as session:
        assert session.exec(select(Webhook)).first() is None


def test_every_act_is_on_record_without_address_or_secret(office, ops, house):
    made(office, ops)
    secret = the_one(house).secret
    for button in ("ping", "pause", "resume", "delete"):
        press(office, ops, button)
    with house.read() as session:
        events = session.exec(select(AuditEvent).where(AuditEvent.event.startswith("webhook."))).all()
    names = [event.event.partition(".")[2] for event in events]
    assert names == ["added", "pinged", "paused", "resumed", "deleted"]
    assert {event.actor_id for event in events} == {"xu.ming"}
    told = str([event.data for event in events])
    assert "erp.example.com" not in told
    assert secret not in told


def test_a_form_of_elsewhere_changes_nothing(office, ops, house):
    made(office, ops)
    assert ops.post("/operations/webhooks/1/pause", data={}).status_code == 403
    assert the_one(house).active


@pytest.mark.parametrize("who", ["zhou.hong", "wu.gang", "li.na"])
def test_nobody_but_operations_sees_them(office, ops, who):
    made(office, ops)
    other = office.sign_in(who)
    assert other.get("/operations/webhooks").status_code == 403
    assert other.get("/operations/webhooks/1").status_code == 403
    headers = office.token(who)
    assert office.browser.get("/api/v1/webhooks", headers=headers).status_code == 403
    assert office.browser.post("/api/v1/webhooks", json=BODY, headers=headers).status_code == 403


# -- by API ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def api(office):
    headers = office.token("xu.ming")

    def call(method, path, **more):
        extra = more.pop("headers", {})
        return office.browser.request(method, f"/api/v1{path}", headers={**headers, **extra}, **more)

    return call


def test_the_same_by_api(api, house):
    created = api("POST", "/webhooks", json=BODY)
    assert created.status_code == 201
    assert created.json()["secret"].startswith("whsec_")
    path = created.headers["location"].removeprefix("/api/v1")
    read = api("GET", path)
    assert "secret" not in read.json()
    assert api("POST", f"{path}/ping").status_code == 202
    WebhookSender(house, Post()).send_due()
    (delivery,) = api("GET", f"{path}/deliveries").json()["items"]
    assert (delivery["event"], delivery["state"], delivery["status"]) == ("ping", "sent", 200)
    assert api("POST", f"/webhook-deliveries/{delivery['id']}/resend").json()["state"] == "pending"
    assert api("POST", f"/webhook-deliveries/{delivery['id']}/resend").status_code == 409
    assert api("POST", f"{path}/pause").json()["active"] is False
    assert api("POST", f"{path}/ping").status_code == 409
    assert api("POST", f"{path}/resume", json={"from_now": True}).json()["active"] is True
    assert api("DELETE", path).status_code == 204
    assert api("GET", path).status_code == 404


def test_a_change_based_on_what_is_no_longer_so_is_refused(api):
    path = api("POST", "/webhooks", json=BODY).headers["location"].removeprefix("/api/v1")
    tag = api("GET", path).headers["etag"]
    mine = api("PUT", path, json={**BODY, "name": "BI"}, headers={"if-match": tag})
    assert mine.status_code == 200
    late = api("PUT", path, json={**BODY, "name": "Warehouse"}, headers={"if-match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "version-changed")
    assert api("GET", path).json()["name"] == "BI"
    again = api("PUT", path, json={**BODY, "name": "Warehouse"}, headers={"if-match": mine.headers["etag"]})
    assert again.json()["name"] == "Warehouse"


def test_deliveries_come_in_pages(api, house):
    path = api("POST", "/webhooks", json=BODY).headers["location"].removeprefix("/api/v1")
    for _ in range(5):
        api("POST", f"{path}/ping")
    WebhookSender(house, Post()).send_due()
    seen, cursor = [], ""
    while cursor is not None:
        page = api("GET", f"{path}/deliveries", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [one["sequence"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5


def test_a_token_needs_the_scope(office):
    from models.operations.access import Scope

    headers = office.token("xu.ming", Scope.READ)
    assert office.browser.get("/api/v1/webhooks", headers=headers).status_code == 403

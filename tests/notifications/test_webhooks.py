"""Webhooks: what happens is told to other programs, signed, at least once, and never to where it must not go."""

import base64
import hashlib
import hmac
import json
import re
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlmodel import select

from config.words import ActorKind, ListingCriterion, ListingKind, MessageState
from models.audit import Actor
from models.errors import Conflict, Invalid, NotAllowed
from models.ledger import InvoiceGiven, PaymentGiven
from models.operations.ledger import record_invoice, record_payment
from models.operations.standing import list_customer
from models.operations.webhook_deliveries import AT_ONCE, BACK_OFF, KEPT, PAUSED_AFTER, follow, sweep
from models.operations.webhooks import (
    change_webhook,
    create_webhook,
    delete_webhook,
    pause_webhook,
    ping_webhook,
    resend_delivery,
    resume_webhook,
    webhook_to_change,
)
from models.tables import AuditEvent, Case, Customer, OutboxMessage, Person, Webhook, WebhookDelivery
from models.webhooks import CHANGES, SOURCES, WebhookEvent
from notifications.webhook_sender import Post, WebhookSender, signature


class Receiver(ThreadingHTTPServer):
    """An ERP's listener: answers with ``answers`` in order, then 204; keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[int] = []
        self.says = b""
        self.received: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks/risk?from=clientrisk"

    @property
    def notices(self) -> list[dict]:
        return [json.loads(body) for _, body in self.received]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(({k.lower(): v for k, v in self.headers.items()} | {"path": self.path}, body))
        status = self.server.answers.pop(0) if self.server.answers else 204
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", self.server.url + "&redirected")
        self.send_header("Content-Length", str(len(self.server.says)))
        self.end_headers()
        self.wfile.write(self.server.says)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"webhook_private_hosts": ["127.0.0.1"]})


OPS = Actor(ActorKind.PERSON, "xu.ming")
MONEY = ["payment.recorded", "invoice.recorded", "customer.standing_changed"]


@pytest.fixture
def hooked(house, receiver):
    """A webhook of the ERP, with its secret."""
    with house.work(OPS) as work:
        return create_webhook(work, work.session.get_one(Person, "xu.ming"), "ERP", receiver.url, MONEY)


@pytest.fixture
def sender(house):
    return WebhookSender(house)


@pytest.fixture
def customer(house):
    with house.work() as work:
        row = Customer(
            name="王秀英",
            type="individual",
            identifier="320300198001011234",
            created_at=work.now,
            phone="13805201234",
        )
        work.add(row)
        return row


def invoiced(house, customer, number="INV-2026-0117", amount="1240000.00"):
    with house.work(OPS) as work:
        record_invoice(
            work,
            InvoiceGiven(
                number=number,
                customer=f"K-{customer.id:06d}",
                amount=amount,
                issued_on="2026-01-05",
                due_on="2026-03-05",
            ),
        )


def deliveries(house):
    with house.read() as session:
        return session.exec(select(WebhookDelivery).order_by(WebhookDelivery.event_seq)).all()


def acting(house, act, hook, **given):
    with house.work(OPS) as work:
        by = work.session.get_one(Person, "xu.ming")
        return act(work, by, webhook_to_change(work, by, hook.id), **given)


def the_hook(house):
    with house.read() as session:
        return session.exec(select(Webhook)).one()


# -- what is told ----------------------------------------------------------------------------------------------------


def test_what_happens_is_told(house, receiver, hooked, sender, customer):
    invoiced(house, customer)
    with house.work(OPS) as work:
        number = f"K-{customer.id:06d}"
        given = PaymentGiven(reference="BOC-778", customer=number, amount="240000.00", received_on="2026-03-09")
        record_payment(work, given, "api")
    assert sender.send_due() == 2
    first, second = sorted(receiver.notices, key=lambda one: one["data"]["sequence"])
    assert (first["type"], first["version"]) == ("invoice.recorded", 1)
    assert first["data"]["number"] == "INV-2026-0117"
    assert second["type"] == "payment.recorded"
    assert second["data"] == {
        "sequence": second["data"]["sequence"],
        "case": None,
        "customer": f"K-{customer.id:06d}",
        "reference": "BOC-778",
    }


def test_a_notice_names_no_person_and_no_amount(house, receiver, hooked, sender, customer):
    invoiced(house, customer)
    sender.send_due()
    sent = receiver.received[0][1].decode()
    for told in ("王秀英", "13805201234", "320300198001011234", "1240000", "xu.ming", "徐明"):
        assert told not in sent


def test_only_what_was_chosen_is_told(house, receiver, sender, customer, hooked):
    acting(house, change_webhook, hooked[0], name="ERP", url=receiver.url, events=["payment.recorded"])
    invoiced(house, customer)
    assert sender.send_due() == 0
    assert receiver.received == []


def test_a_change_of_standing_says_which(case, customer, house, receiver, hooked, sender):
    with house.work() as work:
        work.session.get_one(Case, case.ref).customer_id = customer.id
        list_customer(work, customer.id, ListingKind.BLACK, ListingCriterion.FRAUD, "伪造合同", ["合同三份"], case.ref)
    sender.send_due()
    told = sorted((notice["data"] for notice in receiver.notices), key=lambda one: one["sequence"])
    assert [one["change"] for one in told] == ["listed", "measure_set"]
    assert told[0]["process"] == "onboarding-review"
    assert told[0]["customer"] == f"K-{customer.id:06d}"
    assert (told[0]["list"], told[0]["criterion"]) == ("black", "fraud")
    assert all("伪造合同" not in body.decode() for _, body in receiver.received)


def test_what_happened_before_it_was_made_is_not_told(house, receiver, customer, sender):
    invoiced(house, customer)
    with house.work(OPS) as work:
        create_webhook(work, work.session.get_one(Person, "xu.ming"), "ERP", receiver.url, MONEY)
    assert sender.send_due() == 0


def test_without_webhooks_nothing_is_written(house, customer, sender):
    invoiced(house, customer)
    assert sender.send_due() == 0
    assert deliveries(house) == []


# -- how it is signed ------------------------------------------------------------------------------------------------


def test_a_notice_is_signed_as_standard_webhooks_has_it(house, receiver, hooked, sender, customer):
    invoiced(house, customer)
    sender.send_due()
    headers, body = receiver.received[0]
    _, secret = hooked
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == json.loads(body)["id"]
    assert headers["webhook-timestamp"] == str(int(house.clock().timestamp()))
    assert headers["path"] == "/hooks/risk?from=clientrisk"


def test_the_signature_is_that_of_the_published_example():
    # The example of the Standard Webhooks specification.
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    told = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_neither_secret_nor_address_is_shown_by_accident(hooked):
    assert hooked[1] not in repr(hooked[0])
    assert "127.0.0.1" not in repr(hooked[0])


def test_the_secret_is_not_on_record(house, hooked):
    with house.read() as session:
        told = str([event.data for event in session.exec(select(AuditEvent))])
        stored = session.connection().exec_driver_sql("SELECT url, secret FROM webhook").one()
    assert hooked[1] not in told
    assert "127.0.0.1" not in told
    assert hooked[1] not in str(stored)
    assert "127.0.0.1" not in str(stored)


# -- at least once ---------------------------------------------------------------------------------------------------


def test_what_is_refused_is_sent_again_under_the_same_name(house, receiver, hooked, sender, customer, clock):
    receiver.answers, receiver.says = [500], b"database away"
    invoiced(house, customer)
    assert sender.send_due() == 0
    (delivery,) = deliveries(house)
    assert (delivery.state, delivery.status, delivery.note) == (MessageState.PENDING, 500, "database away")
    assert delivery.next_at == clock() + BACK_OFF[0]
    clock.now += BACK_OFF[0]
    assert sender.send_due() == 1
    first, second = receiver.received
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[1] == second[1]
    assert deliveries(house)[0].state is MessageState.SENT


def test_it_is_given_up_after_three_days(house, receiver, hooked, sender, customer, clock):
    receiver.answers = [503] * 20
    invoiced(house, customer)
    began = clock()
    sender.send_due()
    for wait in BACK_OFF:
        clock.now += wait
        sender.send_due()
    (delivery,) = deliveries(house)
    assert delivery.state is MessageState.DEAD
    assert timedelta(days=3) <= clock() - began <= timedelta(days=3, hours=6)
    assert the_hook(house).active, "one alone pauses nothing"


def test_after_several_given_up_it_is_paused_and_operations_are_told(house, receiver, hooked, sender, customer, clock):
    receiver.answers = [503] * 200
    for number in range(PAUSED_AFTER):
        invoiced(house, customer, f"INV-{number}")
    sender.send_due()
    for wait in BACK_OFF:
        clock.now += wait
        sender.send_due()
    hook = the_hook(house)
    assert not hook.active
    assert hook.paused_because
    with house.read() as session:
        (message,) = session.exec(select(OutboxMessage).where(OutboxMessage.kind == "webhook_paused")).all()
    assert message.person_id == "xu.ming"
    assert message.payload == {"webhook_id": hook.id, "name": "ERP", "gone": False, "given_up": PAUSED_AFTER}


def test_a_receiver_that_is_gone_is_left_alone_at_once(house, receiver, hooked, sender, customer):
    receiver.answers = [410]
    invoiced(house, customer)
    sender.send_due()
    assert deliveries(house)[0].state is MessageState.DEAD
    assert not the_hook(house).active


def test_one_success_forgets_the_failures_before_it(house, receiver, hooked, sender, customer, clock):
    with house.work() as work:
        hook = work.session.get_one(Webhook, hooked[0].id)
        hook.failures = PAUSED_AFTER - 1
        work.add(hook)
    invoiced(house, customer)
    sender.send_due()
    assert the_hook(house).failures == 0


def test_a_sender_that_died_loses_nothing(house, receiver, hooked, sender, customer):
    invoiced(house, customer)
    follow(house)
    with house.work() as work:
        row = work.session.exec(select(WebhookDelivery)).one()
        row.state, row.claimed_by, row.claimed_at, row.attempts = MessageState.SENDING, "elsewhere:1:1", work.now, 1
        work.add(row)
    assert sender.send_due() == 0, "its sender may be at it still"
    house.clock.now += timedelta(seconds=61)
    assert sender.send_due() == 1


def test_following_twice_writes_nothing_twice(house, hooked, customer):
    invoiced(house, customer)
    assert follow(house) == 1
    assert follow(house) == 0
    assert len(deliveries(house)) == 1


def test_two_senders_send_each_notice_once(house, receiver, hooked, customer):
    for number in range(12):
        invoiced(house, customer, f"INV-{number}")
    senders = [WebhookSender(house) for _ in range(2)]
    threads = [threading.Thread(target=one.send_due) for one in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.received) == 12
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 12


def test_a_slow_receiver_gets_only_a_few_at_a_time(house, hooked, customer):
    from models.operations.webhook_deliveries import claim_parcels

    for number in range(10):
        invoiced(house, customer, f"INV-{number}")
    follow(house)
    with house.work() as work:
        assert len(claim_parcels(work, "one", 8)) == AT_ONCE
        assert claim_parcels(work, "two", 8) == []


def test_what_was_delivered_long_ago_is_forgotten(house, receiver, hooked, sender, customer, clock):
    invoiced(house, customer)
    sender.send_due()
    clock.now += KEPT + timedelta(days=1)
    with house.work() as work:
        assert sweep(work) == 1


# -- pausing, trying, sending anew -----------------------------------------------------------------------------------


def test_what_happens_while_it_is_paused_is_told_afterwards(house, receiver, hooked, sender, customer):
    acting(house, pause_webhook, hooked[0])
    invoiced(house, customer)
    assert sender.send_due() == 0
    acting(house, resume_webhook, hooked[0])
    assert sender.send_due() == 1


def test_or_is_passed_over_if_so_wished(house, receiver, hooked, sender, customer):
    invoiced(house, customer, "INV-1")
    follow(house)
    acting(house, pause_webhook, hooked[0])
    invoiced(house, customer, "INV-2")
    acting(house, resume_webhook, hooked[0], from_now=True)
    assert sender.send_due() == 0
    assert [one.state for one in deliveries(house)] == [MessageState.SKIPPED]


def test_a_test_notice_goes_to_the_one_that_is_tried(house, receiver, hooked, sender):
    with house.work(OPS) as work:
        create_webhook(work, work.session.get_one(Person, "xu.ming"), "BI", receiver.url + "&bi", MONEY)
    acting(house, ping_webhook, hooked[0])
    assert sender.send_due() == 1
    (notice,) = receiver.notices
    assert (notice["type"], notice["data"]["webhook"]) == ("ping", hooked[0].id)
    assert "&bi" not in receiver.received[0][0]["path"]


def test_a_paused_webhook_is_not_tried(house, hooked):
    acting(house, pause_webhook, hooked[0])
    with pytest.raises(Conflict):
        acting(house, ping_webhook, hooked[0])


def test_a_notice_can_be_sent_anew(house, receiver, hooked, sender, customer):
    invoiced(house, customer)
    sender.send_due()
    with house.work(OPS) as work:
        resend_delivery(work, work.session.get_one(Person, "xu.ming"), deliveries(house)[0].id)
    assert sender.send_due() == 1
    assert receiver.received[0][1] == receiver.received[1][1]


def test_a_deleted_webhook_is_told_nothing_more(house, receiver, hooked, sender, customer):
    invoiced(house, customer)
    follow(house)
    acting(house, delete_webhook, hooked[0])
    assert sender.send_due() == 0
    assert deliveries(house) == []


def test_only_operations_make_webhooks(house, receiver):
    with pytest.raises(NotAllowed), house.work() as work:
        create_webhook(work, work.session.get_one(Person, "zhou.hong"), "ERP", receiver.url, MONEY)


# -- where it may go -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://erp.example.com/hook",
        "ftp://erp.example.com/hook",
        "https://localhost/hook",
        "https://10.1.2.3/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hook",
        "https://[::ffff:192.168.1.1]/hook",
        "https://user:secret@erp.example.com/hook",
        "https://erp.example.com/hook#part",
        "https://erp.example.com:99999/hook",
        "https://erp.example.com/a b",
        "https://",
        "erp",
        "",
        "https://erp.example.com/" + "x" * 500,
    ],
)
def test_an_address_it_may_not_go_to_is_refused(house, url):
    with pytest.raises(Invalid) as refused, house.work(OPS) as work:
        create_webhook(work, work.session.get_one(Person, "xu.ming"), "ERP", url, MONEY)
    assert {problem.field for problem in refused.value.problems} == {"url"}


def test_a_name_that_leads_into_the_own_network_is_not_followed(house, hooked, sender, customer, monkeypatch, clock):
    """The name may have pointed elsewhere when the webhook was made: what counts is where it leads now."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        "socket.getaddrinfo",
        lambda host, *rest, **more: real("127.0.0.1" if host == "erp.example.com" else host, *rest, **more),
    )
    acting(house, change_webhook, hooked[0], name="ERP", url="https://erp.example.com/hook", events=MONEY)
    invoiced(house, customer)
    sender.send_due()
    (delivery,) = deliveries(house)
    assert delivery.status is None
    assert "private network" in delivery.note


def test_the_connection_goes_to_the_address_that_was_looked_at(house, receiver, monkeypatch):
    """Asked a second time the name might lead elsewhere: so it is not asked."""
    asked = []
    real = socket.getaddrinfo

    def once(host, *rest, **more):
        if host == "erp.intern":
            asked.append(host)
            host = "127.0.0.1"
        return real(host, *rest, **more)

    monkeypatch.setattr("socket.getaddrinfo", once)
    from models.operations.webhook_deliveries import Parcel

    url = receiver.url.replace("127.0.0.1", "erp.intern")
    parcel = Parcel(1, 1, 1, "me", {"id": "evt_1"}, url, "whsec_" + base64.b64encode(b"k" * 32).decode())
    assert Post(["erp.intern"]).send(parcel, house.clock()).taken
    assert asked == ["erp.intern"]
    assert receiver.received[0][0]["host"] == f"erp.intern:{receiver.server_address[1]}"


def test_a_redirect_is_a_refusal(house, receiver, hooked, sender, customer):
    receiver.answers = [302]
    invoiced(house, customer)
    assert sender.send_due() == 0
    assert len(receiver.received) == 1
    assert deliveries(house)[0].status == 302


def test_of_an_answer_only_the_beginning_is_kept(house, receiver, hooked, sender, customer):
    receiver.answers, receiver.says = [500], b"<html>" + b"x" * 100_000
    invoiced(house, customer)
    sender.send_due()
    assert len(deliveries(house)[0].note) == 200


def test_nobody_listening_is_told_as_such(house, receiver, hooked, sender, customer):
    receiver.shutdown()
    receiver.server_close()
    invoiced(house, customer)
    sender.send_due()
    (delivery,) = deliveries(house)
    assert (delivery.status, delivery.note) == (None, "There is no connection to it.")


# -- the loop --------------------------------------------------------------------------------------------------------


def test_the_loop_sends_and_stops(house, receiver, hooked, customer):
    invoiced(house, customer)
    stop = threading.Event()

    def ring(_seconds: float) -> bool:
        stop.set()
        return True

    WebhookSender(house).run(stop, ring)
    assert len(receiver.received) == 1


# -- the page --------------------------------------------------------------------------------------------------------


def test_every_event_is_on_the_page_and_nothing_else():
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([a-z_]+(?:\.[a-z_]+)?)` \|", page, re.MULTILINE)
    assert [name for name in told if name == "ping" or ("." in name and not name.startswith("data."))] == [
        event.value for event in WebhookEvent
    ]
    for change in CHANGES:
        assert f"`{change}`" in page
    for source in SOURCES.values():
        assert all(f"`{name}`" in page for name in source.takes)


def test_what_every_event_is_made_of_is_really_recorded():
    """A misspelt name would never be told of."""
    root = Path(__file__).parents[2]
    files = [path for room in ("models", "tasks") for path in (root / room).rglob("*.py")]
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    for name in SOURCES:
        told = name if name not in ("invoices.imported", "payments.imported") else 'f"{what}.imported"'
        assert told in code.replace(f'"{name}": Source', ""), name

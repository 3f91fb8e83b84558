"""Webhooks against a real HTTP listener."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from config.words import MessageState
from models.operations.fates import BACK_OFF
from models.operations.outbox import ORPHANED_AFTER
from models.operations.people import add_channel
from notifications.channels import channels_of
from notifications.sender import Sender


class Listener(ThreadingHTTPServer):
    """Answers with ``answers`` in order, then 200; keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[int] = []
        self.received: list[tuple[dict[str, str], dict[str, object]]] = []

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server_address[1]}/risk"


class _Handler(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), json.loads(body)))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def settings(settings):
    """The receiver is within the company's own network."""
    return settings.model_copy(update={"webhook_private_hosts": ["127.0.0.1"]})


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sender(house, listener) -> Sender:
    with house.work() as work:
        add_channel(work, "chen.yu", listener.address)
        add_channel(work, "liu.yang", listener.address)
    return Sender(house, channels_of(house.settings), threads=1)


def test_a_webhook_gets_subject_body_link_and_the_messages_id(step, sender, listener):
    sender.send_due()
    headers, body = listener.received[0]
    assert body["subject"] == f"【客户风险】请办理：Risk review · 徐州恒源钢铁贸易有限公司（{step.case_ref}）"
    assert body["link"] in body["body"]
    assert (body["person"], body["case"], body["kind"]) == ("chen.yu", step.case_ref, "step_asked")
    assert headers["Idempotency-Key"] == body["id"]
    assert body.keys() == {"subject", "body", "link", "id", "kind", "person", "case"}
    assert len({h["Idempotency-Key"] for h, _ in listener.received}) == 2


def test_a_failing_webhook_gets_it_once_more_after_the_back_off_under_the_same_id(
    step, sender, listener, clock, outbox
):
    listener.answers = [500, 500]
    assert sender.send_due() == 0
    assert [row.note for row in outbox()] == ["the service answered 500"] * 2
    assert sender.send_due() == 0
    clock.now += BACK_OFF[0]
    assert sender.send_due() == 2
    keys = [headers["Idempotency-Key"] for headers, _ in listener.received]
    assert sorted(keys[:2]) == sorted(keys[2:])


def test_a_webhook_that_is_gone_is_given_up(step, sender, listener, outbox):
    listener.answers = [410, 404]
    sender.send_due()
    assert {row.state for row in outbox()} == {MessageState.DEAD}


def test_a_webhook_that_does_not_listen_is_tried_again(house, step, sender, listener, outbox):
    listener.shutdown()
    listener.server_close()
    sender.send_due()
    assert [(row.state, row.note) for row in outbox()] == [(MessageState.PENDING, "the service cannot be reached")] * 2


def test_after_a_crash_the_webhook_is_sent_the_same_id(house, step, sender, listener, clock):
    class Dying:
        name, deduplicates = "webhook", True
        inner = channels_of(house.settings)["webhook"]

        def send(self, envelope):
            self.inner.send(envelope)
            raise KeyboardInterrupt

        def remembers(self, message_id):
            return None

    with pytest.raises(KeyboardInterrupt):
        Sender(house, {"webhook": Dying()}, threads=1).send_due()
    clock.now += ORPHANED_AFTER
    sender.send_due()
    keys = [headers["Idempotency-Key"] for headers, _ in listener.received]
    assert (len(keys), len(set(keys))) == (3, 2)


def test_no_log_holds_a_link(step, sender, listener, overheard):
    listener.answers = [500]
    sender.send_due()
    links = [str(body["link"]).rpartition("/")[2] for _, body in listener.received]
    assert len(links) == 2
    for token in links:
        assert token not in overheard()

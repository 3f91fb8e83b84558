"""The loop: it sends as soon as it is told, sleeps until something falls due, and survives trouble."""

import threading
from datetime import timedelta

import pytest

from models.operations.outbox import ORPHANED_AFTER, claim
from notifications.channels import ChannelError
from notifications.sender import LONGEST_PAUSE_SECONDS, PAUSE_AFTER_ERROR_SECONDS, SHORTEST_PAUSE_SECONDS, Sender


class Bell:
    """Rings as the test says: each wait does the next act, and the last one stops the sender."""

    def __init__(self, *acts) -> None:
        self.acts = list(acts)
        self.waits: list[float] = []
        self.stop = threading.Event()

    def __call__(self, seconds: float) -> bool:
        self.waits.append(seconds)
        if self.acts:
            self.acts.pop(0)()
        else:
            self.stop.set()
        return True


@pytest.fixture
def sender(house, letterbox) -> Sender:
    return Sender(house, {"console": letterbox})


def test_it_sends_as_soon_as_it_is_told(sender, letterbox, tell):
    bell = Bell(lambda: tell("li.na"))
    sender.run(bell.stop, bell)
    assert letterbox.people == ["li.na"]


def test_without_anything_to_do_it_only_waits(sender, letterbox):
    bell = Bell()
    sender.run(bell.stop, bell)
    assert bell.waits == [LONGEST_PAUSE_SECONDS]


def test_it_waits_no_longer_than_until_the_next_message_falls_due(house, sender, letterbox, tell, clock):
    letterbox.trouble = [ChannelError("busy", temporary=True)]
    tell("li.na")

    def almost_a_minute_passes() -> None:
        clock.now += timedelta(seconds=50)

    bell = Bell(almost_a_minute_passes)
    sender.run(bell.stop, bell)
    assert bell.waits == [LONGEST_PAUSE_SECONDS, 10.0]


def test_a_message_behind_one_that_another_sender_is_sending_is_not_waited_for_in_a_hurry(house, sender, tell):
    tell("li.na", 1)
    with house.work() as work:
        claim(work, "another:1:1", 1)
    tell("li.na", 2)
    bell = Bell()
    sender.run(bell.stop, bell)
    assert bell.waits == [SHORTEST_PAUSE_SECONDS]


def test_a_database_that_is_away_for_a_moment_does_not_end_it(house, sender, letterbox, tell, monkeypatch, caplog):
    tell("li.na")
    away = monkeypatch.context()
    patch = away.__enter__()
    patch.setattr(house, "read", lambda: (_ for _ in ()).throw(OSError("database is away")))
    bell = Bell(lambda: away.__exit__(None, None, None))
    sender.run(bell.stop, bell)
    assert bell.waits[0] == PAUSE_AFTER_ERROR_SECONDS
    assert letterbox.people == ["li.na"]
    assert "could not be sent just now" in caplog.text


def test_it_recovers_the_claims_of_a_dead_sender_by_itself(house, sender, letterbox, tell, clock):
    tell("li.na")
    with house.work() as work:
        claim(work, "dead:1:1", 1)

    def a_minute_passes() -> None:
        clock.now += ORPHANED_AFTER

    bell = Bell(a_minute_passes)
    sender.run(bell.stop, bell)
    assert letterbox.people == ["li.na"]


def test_while_a_channel_is_slow_the_sender_says_that_it_is_alive(house, tell, clock, monkeypatch, outbox):
    monkeypatch.setattr("notifications.sender.RENEW_SECONDS", 0.01)
    tell("li.na")
    began = clock.now
    renewed = threading.Event()

    class Slow:
        name, deduplicates = "console", False

        def send(self, envelope):
            clock.now += timedelta(seconds=45)
            for _ in range(400):
                if outbox()[0].claimed_at > began or renewed.wait(0.005):
                    return

        def remembers(self, message_id):
            return None

    assert Sender(house, {"console": Slow()}).send_due() == 1
    assert outbox()[0].claimed_at == clock.now

"""The sender: carries the outbox's messages to their channels.

Any number of senders may work at once, in any number of processes. Each claims no more messages than it has threads to
send them with, so that a sender that is killed leaves in doubt only what was on the wire. What is guaranteed is told in
``docs/notifications.md``.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import psutil

from models.house import House
from models.operations.fates import (
    FOUND_SENT,
    SENDER_DIED,
    mark_failed,
    mark_sent,
    mark_unknown,
    orphans,
    put_back,
)
from models.operations.outbox import Claim, Delivery, claim, next_wake, renew
from notifications.channels import Channel, ChannelError, Envelope
from notifications.render import render

THREADS = 8
RENEW_SECONDS = 15.0
"""How often a sender that waits for slow channels says that it is alive; well within ``ORPHANED_AFTER``."""

LONGEST_PAUSE_SECONDS = 30.0
GATHER_SECONDS = 0.03
"""A change of the record seldom comes alone: so long after the bell all that came meanwhile is looked at once."""

SHORTEST_PAUSE_SECONDS = 0.2
PAUSE_AFTER_ERROR_SECONDS = 5.0

log = logging.getLogger(__name__)


class Fate(Enum):
    SENT = "sent"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Result:
    """What a channel made of a message. ``temporary`` matters if it was not sent."""

    fate: Fate
    reason: str = ""
    temporary: bool = True


def process_name() -> str:
    """This process as claims name it: host, number, and when it began, for numbers are given again."""
    return _name(os.getpid())


def _name(pid: int) -> str:
    return f"{socket.gethostname()[:50]}:{pid}:{int(psutil.Process(pid).create_time())}"


def is_gone(name: str) -> bool:
    """Whether ``name`` is a process of this host that has ended. Of other hosts nothing is known."""
    host, _, pid = name.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname()[:50] or not pid.isdigit():
        return False
    try:
        return _name(int(pid)) != name
    except psutil.NoSuchProcess:
        return True


class Sender:
    """Sends what is due through ``channels`` (by their names). ``name`` is what its claims say, the process's name."""

    def __init__(
        self, house: House, channels: Mapping[str, Channel], *, name: str | None = None, threads: int = THREADS
    ) -> None:
        self._house = house
        self._channels = channels
        self._name = name or process_name()
        self._threads = threads
        self._wake: datetime | None = None

    def run(self, stop: threading.Event, ring: Callable[[float], bool]) -> None:
        """Send until ``stop`` is set. In between it waits in ``ring``, for at most the seconds given.

        ``ring`` returns as soon as somebody has queued a message, at once if that was since the last call; whoever sets
        ``stop`` rings too.
        """
        rung = False
        while not stop.is_set():
            try:
                if not rung or self._something_is_due():
                    self.send_due()
                pause = self._pause()
            except Exception:
                log.exception("Messages could not be sent just now; trying again in %s s.", PAUSE_AFTER_ERROR_SECONDS)
                pause = PAUSE_AFTER_ERROR_SECONDS
            if not stop.is_set():
                rung = ring(pause) and not stop.wait(GATHER_SECONDS)

    def _pause(self) -> float:
        if self._wake is None:
            return LONGEST_PAUSE_SECONDS
        # What is due and could not be claimed waits behind a message that another sender is just sending.
        seconds = (self._wake - self._house.clock()).total_seconds()
        return min(max(seconds, SHORTEST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)

    def send_due(self, limit: int | None = None) -> int:
        """Send everything that is due, at most ``limit`` messages. Returns how many were sent."""
        self.recover()
        if not self._something_is_due():
            return 0
        sent, left = 0, limit
        flying: dict[Future[Result], Delivery] = {}
        with ThreadPoolExecutor(self._threads, thread_name_prefix="sender") as pool:
            while True:
                room = self._threads - len(flying)
                taken = self._claim(room if left is None else min(room, left))
                left = None if left is None else left - len(taken)
                flying |= {pool.submit(self._deliver, delivery): delivery for delivery in taken}
                if not flying:
                    return sent
                done, _ = wait(flying, timeout=RENEW_SECONDS, return_when=FIRST_COMPLETED)
                sent += self._settle([(flying.pop(future).claim, future.result()) for future in done])

    def _something_is_due(self) -> bool:
        """Whether there is something to do now; notes when there will be."""
        with self._house.read() as session:
            self._wake = next_wake(session)
        return self._wake is not None and self._wake <= self._house.clock()

    def _claim(self, room: int) -> list[Delivery]:
        if room <= 0 or not self._something_is_due():
            return []
        with self._house.work() as work:
            return claim(work, self._name, room)

    def _settle(self, results: Iterable[tuple[Claim, Result]]) -> int:
        """Mark what has come back; if nothing has, say that this sender is alive and waiting."""
        sent = 0
        with self._house.work() as work:
            for held, result in results:
                if result.fate is Fate.SENT:
                    sent += mark_sent(work, held, result.reason or None)
                elif result.fate is Fate.NOT_SENT:
                    mark_failed(work, held, result.reason, temporary=result.temporary)
                else:
                    mark_unknown(work, held, result.reason)
            renew(work, self._name)
        return sent

    def _deliver(self, delivery: Delivery) -> Result:
        held = delivery.claim
        channel = self._channels.get(held.channel)
        if channel is None:
            return Result(Fate.NOT_SENT, f"there is no channel {held.channel}", temporary=False)
        try:
            envelope = self._write(delivery)
        except Exception as error:  # a template or a payload is wrong: for operations to see, not to try again
            log.exception("Message %s (%s) could not be written.", held.id, held.kind)
            return Result(Fate.NOT_SENT, f"the message could not be written: {type(error).__name__}", temporary=False)
        try:
            channel.send(envelope)
        except ChannelError as error:
            return self._failed(channel, held, error)
        except Exception as error:
            log.exception("Message %s: the channel %s failed.", held.id, channel.name)
            reason = f"the channel failed: {type(error).__name__}"
            return self._failed(channel, held, ChannelError(reason, temporary=True, unsure=True))
        return Result(Fate.SENT)

    def _write(self, delivery: Delivery) -> Envelope:
        held = delivery.claim
        written = render(
            held.kind,
            delivery.payload,
            delivery.language,
            delivery.link,
            delivery.person_name,
            absent=delivery.absent,
            time_zone=self._house.settings.time_zone,
            code=delivery.code,
            company=delivery.company,
        )
        return Envelope(
            message_id=held.message_id,
            kind=held.kind,
            case_ref=held.case_ref,
            person_id=held.person_id,
            person_name=delivery.person_name,
            language=delivery.language,
            subject=written.subject,
            address=delivery.address,
            text=written.text,
            html=written.html,
            link=delivery.link,
            sender_name=delivery.company,
        )

    def _failed(self, channel: Channel, held: Claim, error: ChannelError) -> Result:
        fate = fate_of(channel, held.message_id) if error.unsure else Fate.NOT_SENT
        return Result(fate, error.reason, error.temporary)

    def recover(self) -> int:
        """Put right what senders that died have left in between; returns how many messages that were."""
        with self._house.read() as session:
            left = orphans(session, self._house.clock(), is_gone)
        if not left:
            return 0
        fates = [(held, self._fate_of_orphan(held)) for held in left]
        with self._house.work() as work:
            # Asking took a while: whoever has said meanwhile that it is alive keeps its claim.
            orphaned = set(orphans(work.session, work.now, is_gone))
            for held, fate in fates:
                if held not in orphaned:
                    continue
                if fate is Fate.SENT:
                    mark_sent(work, held, FOUND_SENT)
                elif fate is Fate.NOT_SENT:
                    put_back(work, held)
                else:
                    mark_unknown(work, held, SENDER_DIED)
        return len(left)

    def _fate_of_orphan(self, held: Claim) -> Fate:
        channel = self._channels.get(held.channel)
        return Fate.UNKNOWN if channel is None else fate_of(channel, held.message_id)


def fate_of(channel: Channel, message_id: str) -> Fate:
    """What became of a message that may have been handed over; ``NOT_SENT`` also if a second copy does no harm."""
    remembered = channel.remembers(message_id)
    if remembered is not None:
        return Fate.SENT if remembered else Fate.NOT_SENT
    return Fate.NOT_SENT if channel.deduplicates else Fate.UNKNOWN

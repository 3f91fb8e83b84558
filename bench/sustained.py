"""On PostgreSQL: how many segments a second are carried for as long as one likes, and how soon the next step opens."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import col, func, select

from bench.figures import Figure, middle, p95
from bench.next_step import ROUND, next_step_seconds
from bench.staff import Staff, Turn, answer, staff_of, wait_for
from bench.two_databases import PATIENCE, PREFECTS, Costs, Measured, on_postgresql
from config.words import SignerState
from models.tables import OutboxMessage, Run, Signer, Step

CASES = 60
SEGMENTS_PER_SECOND = 3
DECISIONS_PER_SECOND = 2
ANSWERS: Mapping[str, Mapping[str, Any]] = dict(ROUND)


def measure(home: Path, quick: bool) -> Iterator[Figure]:
    """Idle latency, latency at two decisions a second, then as fast as it goes."""
    seconds = 15 if quick else 45
    with (
        on_postgresql(home) as measured,
        staff_of(measured.product.settings, measured.product.api_url) as staff,
        Answering(staff) as answering,
    ):
        yield from _idle(measured, staff, 6 if quick else 18)
        refs = staff.apply(*range(100, 100 + CASES))
        wait_for(staff.at_rest, "the cases to come to rest", every=0.2, patience=PATIENCE)
        yield from _steadily(answering, set(refs), seconds)
        yield from _flat_out(measured, answering, set(refs), seconds)


def _idle(measured: Measured, staff: Staff, samples: int) -> Iterator[Figure]:
    seconds = next_step_seconds(measured.product, staff, samples)[len(ROUND) :]
    yield Figure("PostgreSQL, idle: decision → next step open and told, median", middle(seconds), "s", most=0.5)


def _steadily(answering: Answering, refs: set[str], seconds: int) -> Iterator[Figure]:
    """Two decisions a second, whatever becomes of those before."""
    since = answering.now()
    turns = [turn for turn in answering.turns() if turn.case_ref in refs]
    began = time.perf_counter()
    for count, turn in enumerate(turns[: seconds * DECISIONS_PER_SECOND]):
        time.sleep(max(0.0, began + count / DECISIONS_PER_SECOND - time.perf_counter()))
        answering.send(turn)
    answering.finish()
    wait_for(answering.staff.at_rest, "the cases to come to rest", every=0.1, patience=PATIENCE)
    opened, told = answering.waits(since)
    name = f"PostgreSQL, {DECISIONS_PER_SECOND} decisions/s"
    yield Figure(f"{name}: decision → next step open, median", middle(opened), "s")
    yield Figure(f"{name}: decision → next step open, p95", p95(opened), "s", most=3)
    yield Figure(f"{name}: decision → told, p95", p95(told), "s")


def _flat_out(measured: Measured, answering: Answering, refs: set[str], seconds: int) -> Iterator[Figure]:
    """Whatever is asked is answered at once, so that there is always something to carry."""
    answer_for(answering, refs, seconds / 5)  # until the queue is as long as it stays
    size = measured.server.size(PREFECTS) if measured.server else 0
    costs, before, began = Costs(measured), answering.segments(), time.perf_counter()
    answer_for(answering, refs, seconds)
    took = time.perf_counter() - began
    carried, used = answering.segments() - before, costs.seconds()
    answering.finish()
    yield Figure("PostgreSQL: segments carried, sustained", carried / took, "/s", least=SEGMENTS_PER_SECOND)
    for name, spent in used.items():
        yield Figure(f"processor time of a segment: {name}", 1000 * spent / max(carried, 1), "ms")
    if measured.server is not None:
        grown = (measured.server.size(PREFECTS) - size) / 1024 / max(carried, 1)
        yield Figure("Prefect's own database, for each segment", grown, "KB")
    yield Figure("processors that the product had", sum(used.values()) / took, "")


def answer_for(answering: Answering, refs: set[str], seconds: float) -> None:
    """Answer for so many seconds whatever is asked in these cases."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for turn in answering.turns():
            if turn.case_ref in refs and turn.person_id in ANSWERS:
                answering.send(turn)
        time.sleep(0.2)


class Answering:
    """Answers on their way: each person has a connection, and nobody is answered twice."""

    def __init__(self, staff: Staff, at_once: int = 4) -> None:
        self.staff = staff
        self._at_once = at_once
        self._sent: set[int] = set()
        self._flying: list[Future[httpx.Response]] = []
        self._open = ExitStack()

    def __enter__(self) -> Answering:
        self._pool = self._open.enter_context(ThreadPoolExecutor(self._at_once))
        self._clients = {who: self._open.enter_context(self.staff.client(who)) for who in ANSWERS}
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def turns(self) -> list[Turn]:
        """Who is asked and was not answered by us."""
        return [turn for turn in self.staff.turns() if turn.signer_id not in self._sent and turn.person_id in ANSWERS]

    def send(self, turn: Turn) -> None:
        """Answer as the round has it, without waiting for the reply."""
        self._sent.add(turn.signer_id)
        client, decision = self._clients[turn.person_id], ANSWERS[turn.person_id]
        self._flying.append(self._pool.submit(answer, client, turn, decision))

    def finish(self) -> None:
        """Wait for all replies.

        Raises:
            httpx.HTTPStatusError: an answer was refused.
        """
        for reply in self._flying:
            reply.result().raise_for_status()
        self._flying.clear()

    def now(self) -> datetime:
        """The product's clock."""
        return self.staff.house.clock()

    def segments(self) -> int:
        """Segments carried so far, all cases together: each takes a lease with the next number."""
        with self.staff.house.read() as session:
            return int(session.exec(select(func.sum(Run.fence))).one() or 0)

    def waits(self, since: datetime) -> tuple[list[float], list[float]]:
        """Seconds from each signature after ``since`` until the next step of its case opened, and was told of."""
        with self.staff.house.read() as session:
            signed = session.exec(
                select(Signer.case_ref, Signer.signed_at)
                .where(Signer.state == SignerState.SIGNED, col(Signer.signed_at) >= since)
                .order_by(col(Signer.signed_at))
            ).all()
            opened = session.exec(
                select(Step.case_ref, Step.id, Step.opened_at).where(Step.opened_at >= since).order_by(col(Step.id))
            ).all()
            sent = session.exec(
                select(OutboxMessage.step_id, func.max(OutboxMessage.sent_at))
                .where(OutboxMessage.kind == "step_asked")
                .group_by(col(OutboxMessage.step_id))
            ).all()
        return _after(signed, opened, dict(sent))


def _after(
    signed: Sequence[tuple[str, datetime | None]],
    opened: Sequence[tuple[str, int | None, datetime]],
    sent: Mapping[int | None, datetime | None],
) -> tuple[list[float], list[float]]:
    opening, telling = [], []
    for ref, at in signed:
        following = [(step, when) for case, step, when in opened if case == ref and at is not None and when >= at]
        if at is None or not following:
            continue
        step, when = following[0]
        opening.append((when - at).total_seconds())
        if (heard := sent.get(step)) is not None:
            telling.append((heard - at).total_seconds())
    return opening, telling

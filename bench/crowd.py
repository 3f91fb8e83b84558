"""A thousand people have a page open, and fifty decisions a second are accepted: how long each reply takes.

Everything runs, worker and Prefect server included, on PostgreSQL that has every commit on the disk.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlmodel import col, select

from bench.figures import Figure, middle, p95
from bench.many_cases import CLERKS, CLERKS_ON_STAFF, multiply
from bench.many_open import count_answers
from bench.postgresql import postgresql
from bench.staff import CONFIRM, Staff, Turn, furnish, staff_of
from bench.two_databases import OURS, PATIENCE, PREFECTS, Costs, Measured, memory
from cli.product import Size, running_product
from config.settings import Settings
from models.operations.access import issue_approval_link
from models.tables import Signer, Step

PAGES, PER_SECOND = 1000, 50
AGAIN = (45.0, 90.0)
"""Seconds after which an open page is fetched again, drawn by lot."""
CONNECTIONS = 40  # on which decisions are sent
MILLISECONDS = 100
SIZE = Size(workers=1, apis=2)


def measure(home: Path, quick: bool) -> Iterator[Figure]:
    """Open the pages, then decide at a steady rate while they are fetched again now and then."""
    seconds = 12 if quick else 40
    decisions = PER_SECOND * seconds
    with postgresql() as server:
        for name in (OURS, PREFECTS):
            server.execute(f"CREATE DATABASE {name}")
        settings = Settings(home=home, database_url=server.url(OURS), prefect_database_url=server.url(PREFECTS))
        furnish(settings)
        multiply(settings, PAGES + decisions + CLERKS_ON_STAFF)
        with (
            running_product(settings, size=SIZE, start_seconds=PATIENCE) as product,
            staff_of(product.settings, product.api_url) as staff,
        ):
            watched, answered = _turns(staff, decisions)
            crowd = Crowd(product.settings.api_host, product.settings.api_port, _links(staff, watched))
            posts = _posts(staff, answered)
            measured = Measured(product, server)
            sent = asyncio.run(crowd.while_deciding(posts, answered, measured))
            used, held = crowd.used, memory(measured)
            lost, doubled = count_answers(staff, {each.signer_id for each in sent if each.status == httpx.codes.OK})
    waits = [1000 * each.seconds for each in sent]
    looks = [1000 * one for one in crowd.again]
    name = f"{PAGES} open pages, {PER_SECOND} decisions/s"
    yield Figure("pages open at once, each on its connection", crowd.most_open, "", least=PAGES)
    yield Figure(f"{name}: decision accepted, median", middle(waits), "ms")
    yield Figure(f"{name}: decision accepted, p95", p95(waits), "ms", most=MILLISECONDS)
    yield Figure(f"{name}: page fetched again, p95", p95(looks) if looks else 0.0, "ms")
    yield Figure("decisions refused or failed", sum(each.status != httpx.codes.OK for each in sent), "", most=0)
    yield Figure("pages that failed", crowd.failed, "", most=0)
    yield Figure("decisions acknowledged and lost", lost, "", most=0)
    yield Figure("decisions recorded twice", doubled, "", most=0)
    yield Figure(
        "processor time of API and PostgreSQL for a decision, with the pages fetched again meanwhile",
        _each(used, len(sent)),
        "ms",
    )
    yield Figure("memory of both API processes, proportional", held["api"], "MB")


def _each(used: Mapping[str, float], number: int) -> float:
    return 1000 * (used["api"] + used["postgresql"]) / max(number, 1)


@dataclass(frozen=True)
class Sent:
    """A decision that was sent, and what came back. The time counts from when it was due to be sent."""

    signer_id: int
    status: int
    seconds: float


@dataclass
class Wire:
    """One connection that is kept open; requests go over it one after the other. As little of HTTP as that takes."""

    host: str
    port: int
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, request: bytes) -> int:
        """Send a request, read the whole answer, and return its status."""
        async with self.turn:
            if self._writer is None:
                self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
            assert self._reader is not None
            self._writer.write(request)
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            await self._reader.readexactly(int(length[1]) if length else 0)
            return int(head.split(b" ", 2)[1])

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


@dataclass
class Crowd:
    """Everybody who has a page open. ``again`` is how long it took to fetch it once more, each time, in seconds."""

    host: str
    port: int
    links: list[str]
    again: list[float] = field(default_factory=list)
    failed: int = 0
    most_open: int = 0
    used: dict[str, float] = field(default_factory=dict)

    async def while_deciding(self, posts: list[bytes], turns: list[Turn], measured: Measured) -> list[Sent]:
        """Open every page, then send the decisions, one every so often, while pages are fetched again."""
        wires = [Wire(self.host, self.port) for _ in self.links]
        requests = [self._get(link) for link in self.links]
        for start in range(0, len(wires), 20):
            opening = [self._look(*pair) for pair in zip(wires[start:], requests[start : start + 20], strict=False)]
            await asyncio.gather(*opening)
        self.again.clear()
        self.most_open = sum(wire._writer is not None and not wire._writer.is_closing() for wire in wires)
        looking = [asyncio.create_task(self._look_again(*pair)) for pair in zip(wires, requests, strict=True)]
        costs = Costs(measured)
        try:
            return await self._decide(posts, turns)
        finally:
            self.used = costs.seconds()
            for task in looking:
                task.cancel()
            await asyncio.gather(*looking, return_exceptions=True)
            for wire in wires:
                wire.close()

    async def _decide(self, posts: list[bytes], turns: list[Turn]) -> list[Sent]:
        wires = [Wire(self.host, self.port) for _ in range(CONNECTIONS)]
        await asyncio.gather(*(wire.ask(self._get("/healthz")) for wire in wires))
        began = time.perf_counter()

        async def send(number: int) -> Sent:
            due = began + number / PER_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            status = 0
            with suppress(OSError, asyncio.IncompleteReadError):
                status = await wires[number % CONNECTIONS].ask(posts[number])
            return Sent(turns[number].signer_id, status, time.perf_counter() - due)

        try:
            return await asyncio.gather(*(send(number) for number in range(len(posts))))
        finally:
            for wire in wires:
                wire.close()

    async def _look(self, wire: Wire, request: bytes) -> None:
        began = time.perf_counter()
        try:
            self.failed += await wire.ask(request) != httpx.codes.OK
        except (OSError, asyncio.IncompleteReadError):
            self.failed += 1
        self.again.append(time.perf_counter() - began)

    async def _look_again(self, wire: Wire, request: bytes) -> None:
        while True:
            # The first time is drawn from the whole span, so that they come one after the other from the beginning.
            await asyncio.sleep(random.uniform(0, AGAIN[1]))
            await self._look(wire, request)
            await asyncio.sleep(random.uniform(*AGAIN))

    def _get(self, path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nAccept: text/html\r\n\r\n".encode()


def _turns(staff: Staff, decisions: int) -> tuple[list[Turn], list[Turn]]:
    """Steps that are looked at and others that are answered, the latter by as many clerks as answer."""
    with staff.house.read() as session:
        rows = session.exec(
            select(Signer.id, Signer.case_ref, Signer.person_id, Step.key, Step.content_hash)
            .join(Step, col(Step.id) == Signer.step_id)
            .where(Signer.state == "asked", col(Signer.person_id).startswith(CLERKS))
            .order_by(col(Signer.id))
        ).all()
    turns = [Turn(number or 0, *rest) for number, *rest in rows]
    if len(turns) < PAGES + decisions:
        raise RuntimeError(f"{len(turns)} steps are too few")
    return turns[:PAGES], turns[PAGES : PAGES + decisions]


def _links(staff: Staff, turns: list[Turn]) -> list[str]:
    with staff.house.work() as work:
        return [f"/a/{issue_approval_link(work, turn.signer_id)}" for turn in turns]


def _posts(staff: Staff, turns: list[Turn]) -> list[bytes]:
    """The decisions as they go over the wire, each with its person's token."""
    posts = []
    for turn in turns:
        body = json.dumps({**CONFIRM, "content_hash": turn.content_hash}).encode()
        lines = [
            f"POST /api/v1/steps/{turn.signer_id}/decision HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {staff.token(turn.person_id)}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            f"Idempotency-Key: crowd-{turn.signer_id}",
        ]
        head = "\r\n".join([*lines, "", ""])
        posts.append(head.encode() + body)
    return posts

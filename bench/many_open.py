"""Recording decisions over HTTP while a hundred thousand steps are open."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlmodel import col, func, select

from bench.figures import Figure, middle, p95
from bench.many_cases import CLERKS, multiply
from bench.staff import CONFIRM, PATIENCE, Staff, Turn, furnish, staff_of, wait_for
from cli.ports import answers
from cli.product import child_environment, on_free_ports
from config.settings import Settings
from config.words import SignerState, StepState
from models.tables import AuditEvent, JournalEntry, Signer, Step

PER_SECOND = 20
REPEATED = 10  # of so many answers one is sent a second time, as an impatient person does
WARM_UP = 20  # answers before the measured ones
CLERKS_ANSWERING = 20


@dataclass(frozen=True)
class Sent:
    """An answer that was sent: how long the reply took, counted from when it was due to be sent."""

    turn: Turn
    status: int
    repeated: bool
    seconds: float


def measure(home: Path, quick: bool) -> list[Figure]:
    """Fill a database, serve it, and answer steps at a steady rate."""
    steps, seconds = (20_000, 10) if quick else (100_000, 40)
    answers_sent = PER_SECOND * seconds
    settings = on_free_ports(Settings(home=home))
    furnish(settings)
    multiply(settings, steps + answers_sent + WARM_UP)
    os.sync()  # else the answers wait for the disk to take the database that was just made
    with serving(settings) as url, staff_of(settings, url) as staff:
        sent = _answer_steadily(staff, answers_sent)
        measured = [each for each in sent[WARM_UP:] if not each.repeated]
        waits = [1000 * each.seconds for each in measured]
        lost, doubled = count_answers(staff, {each.turn.signer_id for each in sent if each.status == httpx.codes.OK})
        still_open = _open_steps(staff)
    return [
        Figure("steps open when measured", still_open, ""),
        Figure(f"decision over HTTP at {PER_SECOND}/s, median", middle(waits), "ms"),
        Figure(f"decision over HTTP at {PER_SECOND}/s, p95", p95(waits), "ms", most=30),
        Figure("decisions refused or failed", sum(each.status != httpx.codes.OK for each in sent), "", most=0),
        Figure("decisions acknowledged and lost", lost, "", most=0),
        Figure("decisions recorded twice", doubled, "", most=0),
    ]


def _answer_steadily(staff: Staff, number: int) -> list[Sent]:
    turns = _turns(staff, number + WARM_UP)
    clients = {who: staff.client(who) for who in {turn.person_id for turn in turns}}

    def send(due: float, turn: Turn, repeated: bool) -> Sent:
        body = {**CONFIRM, "content_hash": turn.content_hash}
        key = {"Idempotency-Key": f"bench-{turn.signer_id}"}
        reply = clients[turn.person_id].post(f"/steps/{turn.signer_id}/decision", json=body, headers=key)
        return Sent(turn, reply.status_code, repeated, time.perf_counter() - due)

    try:
        with ThreadPoolExecutor(CLERKS_ANSWERING) as pool:
            flying = []
            began = time.perf_counter()
            for count, turn in enumerate(turns):
                due = began + count / PER_SECOND
                time.sleep(max(0.0, due - time.perf_counter()))
                flying.append(pool.submit(send, time.perf_counter(), turn, False))
                if count % REPEATED == 0:
                    flying.append(pool.submit(send, time.perf_counter(), turn, True))
            return [future.result(timeout=PATIENCE) for future in flying]
    finally:
        for client in clients.values():
            client.close()


def _turns(staff: Staff, number: int) -> list[Turn]:
    """Steps from all over the database, of as many clerks as answer."""
    clerks = [f"{CLERKS}.{n:03d}" for n in range(CLERKS_ANSWERING)]
    with staff.house.read() as session:
        rows = session.exec(
            select(Signer, Step.content_hash, Step.key)
            .join(Step, col(Step.id) == Signer.step_id)
            .where(Signer.state == SignerState.ASKED, col(Signer.person_id).in_(clerks))
        ).all()
    chosen = rows[:: max(1, len(rows) // number)][:number]
    if len(chosen) < number:
        raise RuntimeError(f"{len(rows)} steps are too few for {number} answers")
    return [Turn(s.id or 0, s.case_ref, s.person_id, key, shown) for s, shown, key in chosen]


def count_answers(staff: Staff, acknowledged: set[int]) -> tuple[int, int]:
    """How many of the answers acknowledged are not there, and how many are there more than once."""
    with staff.house.read() as session:
        signed = set(session.exec(select(Signer.id).where(Signer.state == SignerState.SIGNED)).all())
        answers_noted = session.exec(
            select(AuditEvent.case_ref, func.count()).where(AuditEvent.event == "step.answered").group_by("case_ref")
        ).all()
        journaled = session.exec(
            select(JournalEntry.case_ref, func.count()).where(JournalEntry.verb == "ask").group_by("case_ref")
        ).all()
    twice = sum(number > 1 for _, number in [*answers_noted, *journaled])
    return len(acknowledged - signed), twice


def _open_steps(staff: Staff) -> int:
    with staff.house.read() as session:
        return session.exec(select(func.count()).select_from(Step).where(Step.state == StepState.OPEN)).one()


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The API alone: who decides waits for nobody else. Yields its address."""
    url = f"http://{settings.api_host}:{settings.api_port}"
    with (settings.logs / "api.log").open("wb") as log:
        command = [sys.executable, "-m", "cli", "api"]
        process = subprocess.Popen(command, env=child_environment(settings), cwd=settings.home, stdout=log, stderr=log)
        try:
            wait_for(lambda: answers(f"{url}/readyz"), "the API", every=0.1)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)

"""The people of the sample company, working with a product that runs for real: they act over HTTP, by scripts.

They behave as people do while things are broken: nobody answers, and they try again; every act carries a key, so that
trying again is not acting twice.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

import httpx
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from cli.product import Product
from config.policy import load_policy
from models.house import SYSTEM, House, open_house
from models.operations.access import Scope, issue_api_token
from models.tables import Person, Timer
from tests.faults.furnishing import furnish, name_of
from tests.faults.journeys.script import (
    Answers,
    DayComes,
    Move,
    OutsiderAnswers,
    Pays,
    Relapses,
    Scene,
    Script,
    Withdraws,
)
from tests.faults.lookout import Asked, all_told, asked, at_rest, standing, under_way_of, waits
from tests.faults.outsider import Outsider

PATIENCE = 600.0  # seconds; quiet, everything goes on within 30; beside other work it may take minutes
LOOK_EVERY = 0.1
BOOKKEEPER, RISK = "zheng.li", "wu.gang"
T = TypeVar("T")


@dataclass(frozen=True)
class Journey:
    """One case to be played: its number and its script. ``name`` is the same in the disturbed and undisturbed run."""

    number: int
    script: Script

    @property
    def name(self) -> str:
        return f"{self.number:03d} {self.script.name}"


class Unanswered(AssertionError):
    """Something was not done within all patience."""


@dataclass
class Company:
    """``cases`` by reference with the journey each follows; ``accepted`` counts the answers the API has accepted."""

    product: Product
    house: House
    clients: dict[str, httpx.Client]
    patience: float = PATIENCE
    cases: dict[str, Journey] = field(default_factory=dict)
    accepted: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    customers: dict[int, str] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)
    eyes_shut: threading.Event = field(default_factory=threading.Event)
    _times: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    _done: set[tuple[str, int]] = field(default_factory=set)

    # -- what is played -----------------------------------------------------------------------------------------

    def furnishes(self, journeys: Sequence[Journey]) -> None:
        """Put everybody on file whom these journeys are about."""
        self.customers |= furnish(self.house, [(one.script.needs, one.number) for one in journeys])

    def opens(self, journey: Journey) -> str:
        """Somebody opens the case."""
        script = journey.script
        scene = self._scene(journey)
        if script.process == "onboarding-review":
            scene = replace(scene, customer=name_of(script.needs, journey.number))
        path = "/cases" if script.process == "onboarding-review" else f"/processes/{script.process}/cases"
        opened = self.sends(script.opener, path, dict(script.opens(scene)), f"open-{journey.name}")
        self.cases[opened["ref"]] = journey
        return str(opened["ref"])

    def plays(self, journeys: Iterator[Journey], at_once: int) -> None:
        """Open the journeys, so many at a time, and act in all of them until every one has ended."""
        began = moved = time.monotonic()
        coming = True
        while True:
            under_way = self.patiently(lambda: under_way_of(self.house, self.cases))
            # A machine that is slow must not have been disturbed for nothing: the first few are played in any case.
            coming = coming and not (self.stopped.is_set() and len(self.cases) >= at_once)
            while coming and len(under_way) < at_once:
                journey = next(journeys, None)
                if journey is None:
                    coming = False
                else:
                    under_way.append(self.opens(journey))
                    moved = time.monotonic()
            if not under_way and not coming:
                return
            acted = self.acts()
            now = time.monotonic()
            moved = now if acted else moved
            if now - moved > self.patience:
                told = "; ".join(standing(self.house, under_way))
                raise Unanswered(f"nothing moves any more since {now - moved:.0f} s of {now - began:.0f}: {told}")
            if not acted:
                time.sleep(LOOK_EVERY)

    def acts(self) -> int:
        """Everybody does what is theirs to do just now, one act in each case. Returns how many acts that were."""
        acted: set[str] = set()
        for turn in self.patiently(lambda: asked(self.house)):
            # Any one of several may answer: the first who is asked does, the others find it done.
            if turn.case_ref in acted or turn.case_ref not in self.cases:
                continue
            if self._moves(turn.case_ref, turn.step, turn.step_id, self._move_at(turn), turn):
                acted.add(turn.case_ref)
        for wait in self.patiently(lambda: waits(self.house)):
            journey = self.cases.get(wait.case_ref)
            if journey is None or wait.case_ref in acted:
                continue
            name = wait.key.partition("#")[0]
            move = journey.script.at_wait(wait.key, self._time(wait.case_ref, f"wait {name}", wait.id or 0))
            if move is not None and self._moves(wait.case_ref, name, wait.id or 0, move, None):
                acted.add(wait.case_ref)
        return len(acted)

    def _move_at(self, turn: Asked) -> Move:
        time_of = self._time(turn.case_ref, turn.step, turn.step_id)
        return self.cases[turn.case_ref].script.at_step(turn.step, time_of)

    def _time(self, ref: str, name: str, id: int) -> int:
        """For the how-manieth time the case is at this step or wait."""
        seen = self._times.setdefault((ref, name), [])
        if id not in seen:
            seen.append(id)
        return seen.index(id) + 1

    def _moves(self, ref: str, name: str, id: int, move: Move, turn: Asked | None) -> bool:
        if isinstance(move, Answers):
            assert turn is not None
            return self._answers(turn, move)
        if ("wait" if turn is None else "step", id) in self._done:
            return False
        journey = self.cases[ref]
        if isinstance(move, Pays):
            self._pays(journey, move)
        elif isinstance(move, Withdraws):
            self.sends(journey.script.opener, f"/cases/{ref}/withdraw", {"reason": "客户改变主意"}, None)
        elif isinstance(move, Relapses):
            self.sends(RISK, f"/customers/{self.customers[journey.number]}/relapse", {"reason": move.reason}, None)
        elif isinstance(move, DayComes):
            self.patiently(lambda: self._day_comes(id))
        elif isinstance(move, OutsiderAnswers) and not self._outsider_answers(ref, move):
            return False
        self._done.add(("wait" if turn is None else "step", id))
        return True

    def _answers(self, turn: Asked, move: Answers) -> bool:
        journey = self.cases[turn.case_ref]
        form = move.filled(replace(self._scene(journey), content=turn.content))
        body = {"action": move.action, "form": form, "content_hash": turn.content_hash}
        key = f"{journey.name}:{turn.step_id}:{turn.signer_id}"
        self.sends(turn.person_id, f"/steps/{turn.signer_id}/decision", body, key)
        self.accepted[journey.name, turn.key, turn.person_id, move.action] += 1
        return True

    def _pays(self, journey: Journey, move: Pays) -> None:
        body = {
            "reference": f"HK-{journey.number:04d}-{move.name}",
            "customer": self.customers[journey.number],
            "amount": move.amount,
            "received_on": self._scene(journey).in_days(0),
        }
        self.sends(BOOKKEEPER, "/payments", body, f"pay-{journey.name}-{move.name}")

    def _day_comes(self, wait_id: int) -> None:
        with self.house.work(SYSTEM) as work:
            mine = col(Timer.wait_id) == wait_id
            due = update(Timer).where(mine).values(due_at=work.now - timedelta(seconds=1))
            if work.change(due):
                work.record("test.timer-moved")

    def _outsider_answers(self, ref: str, move: OutsiderAnswers) -> bool:
        """Whether the link has done its work: the message, the page, the code and the answer each may fail."""
        outsider = Outsider(self.product, self.house, ref)
        try:
            return outsider.answers(move.form)
        except (httpx.TransportError, SQLAlchemyError):
            return False

    def _scene(self, journey: Journey) -> Scene:
        today = self.house.calendar.day_of(self.house.clock())
        return Scene(today, self.customers.get(journey.number, ""), journey.number)

    # -- acting over HTTP ---------------------------------------------------------------------------------------

    def sends(self, who: str, path: str, body: dict[str, Any], key: str | None) -> dict[str, Any]:
        """Post, and post again while nobody answers, as a person reloads a page; the key makes repeats harmless."""
        headers = {"Idempotency-Key": key} if key else {}
        end = time.monotonic() + self.patience
        while True:
            try:
                reply = self.clients[who].post(f"/api/v1{path}", json=body, headers=headers)
                if reply.status_code < 500:
                    break
                said = f"{reply.status_code} {reply.text[:300]}"
            except httpx.TransportError as error:
                said = type(error).__name__
            if time.monotonic() > end:
                raise Unanswered(f"{path} of {who} was not taken in {self.patience:g} s: {said}")
            time.sleep(0.2)
        taken = reply.status_code in (200, 201) or (key is None and reply.status_code == 409)
        assert taken, f"{who} {path} {body}: {reply.status_code} {reply.text}"
        return dict(reply.json())

    def patiently(self, act: Callable[[], T]) -> T:
        """What ``act`` gives, as soon as the database lets it; while ``eyes_shut`` is set, nobody looks at it."""
        end = time.monotonic() + self.patience
        while True:
            while self.eyes_shut.is_set():
                time.sleep(0.05)
            try:
                return act()
            except SQLAlchemyError as error:
                if time.monotonic() > end:
                    raise Unanswered(f"the database is not there: {error}") from error
                time.sleep(0.2)

    # -- how things stand ---------------------------------------------------------------------------------------

    def comes_to_rest(self) -> None:
        """Wait until every case waits or has ended."""
        self._until(lambda: at_rest(self.house, self.cases), "the cases to come to rest")

    def is_told(self) -> None:
        """Wait until every message that is due has been sent."""
        self._until(lambda: all_told(self.house), "the messages to be sent")

    def _until(self, holds: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + self.patience
        while not self.patiently(holds):
            if time.monotonic() > end:
                raise Unanswered(f"waited {self.patience:g} s in vain for {what}")
            time.sleep(LOOK_EVERY)


@contextmanager
def company_of(product: Product, patience: float = PATIENCE) -> Iterator[Company]:
    """The company behind ``product``: a program for each person, acting over HTTP."""
    house = open_house(product.settings, load_policy())
    scopes = [Scope.OPEN, Scope.DECIDE, Scope.READ, Scope.LEDGER]
    with house.work() as work:
        people = _people(work.session)
        tokens = {who: issue_api_token(work, who, "faults", scopes) for who in people}
    clients = {
        who: httpx.Client(
            base_url=product.api_url, headers={"Authorization": f"Bearer {token}"}, timeout=20, trust_env=False
        )
        for who, token in tokens.items()
    }
    try:
        yield Company(product, house, clients, patience)
    finally:
        for client in clients.values():
            client.close()
        house.engine.dispose()


def _people(session: Session) -> list[str]:
    return list(session.exec(select(Person.id)).all())

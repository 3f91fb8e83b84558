"""The people of the sample company, working with a product that runs for real: they apply and answer over HTTP."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlmodel import Session, col, select

from cli.product import Product
from config.policy import load_policy
from config.words import MessageState, Outcome, SignerState
from models.house import House, open_house
from models.operations.access import Scope, issue_api_token
from models.tables import Case, OutboxMessage, Person, Run, Signer, Step
from tests.processes.conftest import steel_trader, valid_uscc

PATIENCE = 300.0  # seconds; quiet, everything goes on within 30; beside other tests it may take minutes

# What a person answers to a step, by its name and round; none means that the initiator withdraws instead.
Answers = dict[tuple[str, int], tuple[str, dict[str, Any]] | None]

RECORDED = ("record", {"limit": "800000", "term_days": 45, "ledger_number": "L-77"})
CONFIRMED: tuple[str, dict[str, Any]] = ("confirm", {})


@dataclass(frozen=True)
class Script:
    """How the people treat one kind of case, and how it must end."""

    outcome: Outcome
    answers: Answers
    signatures: int


ADMITTED = Script(
    Outcome.ADMITTED,
    {
        ("first-rating", 1): CONFIRMED,
        ("risk-rerating", 1): CONFIRMED,
        ("matrix-approval", 1): ("approve", {}),
        ("record-line", 1): RECORDED,
    },
    signatures=5,
)
REJECTED = Script(
    Outcome.REFUSED,
    {
        ("first-rating", 1): CONFIRMED,
        ("risk-rerating", 1): CONFIRMED,
        ("matrix-approval", 1): ("reject", {"reason": "关联企业逾期"}),
    },
    signatures=3,
)
RETURNED = Script(
    Outcome.REFUSED,
    {
        ("first-rating", 1): CONFIRMED,
        ("risk-rerating", 1): CONFIRMED,
        ("matrix-approval", 1): ("return", {"target": "risk-rerating", "reason": "请复核诉讼情况"}),
        ("risk-rerating", 2): CONFIRMED,
        ("matrix-approval", 2): ("reject", {"reason": "仍无依据"}),
    },
    signatures=5,
)
WITHDRAWN = Script(Outcome.WITHDRAWN, {("first-rating", 1): CONFIRMED, ("risk-rerating", 1): None}, signatures=1)
SCRIPTS = (
    *(ADMITTED, WITHDRAWN, REJECTED, WITHDRAWN, RETURNED),
    *(WITHDRAWN, ADMITTED, WITHDRAWN, REJECTED, WITHDRAWN),
)


@dataclass(frozen=True)
class Asked:
    """A person's turn on a step of a case."""

    signer_id: int
    case_ref: str
    person_id: str
    step: str
    round: int
    level: int
    content_hash: str


@dataclass
class Company:
    """``cases`` by reference with the script each follows; ``acknowledged`` counts the answers the API accepted."""

    product: Product
    house: House
    clients: dict[str, httpx.Client]
    cases: dict[str, Script] = field(default_factory=dict)
    acknowledged: Counter[tuple[str, str, int, str]] = field(default_factory=Counter)
    withdrawn: set[str] = field(default_factory=set)

    def applies(self, number: int, script: Script) -> str:
        """Customer ``number`` applies; li.na handles it."""
        application = steel_trader(
            name=f"徐州恒通钢材贸易有限公司{number:03d}", identifier=valid_uscc(f"91320300MA1H5{number:04d}")
        )
        body = {"process": "onboarding-review", "application": application.model_dump(mode="json")}
        opened = self.sends("li.na", "/cases", body, f"apply-{number}")
        self.cases[opened["ref"]] = script
        return str(opened["ref"])

    def asked(self) -> list[Asked]:
        """Whose turn it is, oldest step first."""
        with self.house.read() as session:
            rows = session.exec(
                select(Signer, Step)
                .join(Step, col(Step.id) == Signer.step_id)
                .where(Signer.state == SignerState.ASKED)
                .order_by(col(Signer.asked_at), col(Signer.id))
            ).all()
            return [
                Asked(s.id or 0, s.case_ref, s.person_id, step.name, _turn(step.key), s.level, step.content_hash)
                for s, step in rows
            ]

    def answers(self, turn: Asked) -> None:
        """Answer as the case's script says."""
        answer = self.cases[turn.case_ref].answers[turn.step, turn.round]
        if answer is None:
            self.withdraws(turn.case_ref)
            return
        action, form = answer
        body = {"action": action, "form": form, "content_hash": turn.content_hash}
        key = f"{turn.case_ref}:{turn.step}:{turn.round}:{turn.level}:{turn.person_id}"
        self.sends(turn.person_id, f"/steps/{turn.signer_id}/decision", body, key)
        self.acknowledged[turn.case_ref, f"{turn.step}#{turn.round}", turn.level, action] += 1

    def withdraws(self, ref: str) -> None:
        if ref not in self.withdrawn:
            self.sends("li.na", f"/cases/{ref}/withdraw", {"reason": "客户改变主意"}, None)
            self.withdrawn.add(ref)

    def sends(self, who: str, path: str, body: dict[str, Any], key: str | None) -> dict[str, Any]:
        """Post, and post again while nobody answers, as a person reloads a page; the key makes repeats harmless."""
        headers = {"Idempotency-Key": key} if key else {}
        end = time.monotonic() + PATIENCE
        while True:
            try:
                reply = self.clients[who].post(f"/api/v1{path}", json=body, headers=headers)
                break
            except httpx.TransportError:
                assert time.monotonic() < end, "the API did not come back"
                time.sleep(0.1)
        assert reply.status_code in (200, 201) or (key is None and reply.status_code == 409), reply.text
        return dict(reply.json())

    def works(self, until: Callable[[], bool]) -> None:
        """Everybody answers what they are asked until ``until``, or until nobody is asked and all is at rest."""
        while not until():
            taken: set[str] = set()
            for turn in self.asked():
                # Any one of several may answer: the first who is asked does, the others find it done.
                if turn.case_ref in taken:
                    continue
                taken.add(turn.case_ref)
                self.answers(turn)
                if until():
                    return
            if not taken:
                if self.at_rest() and not self.asked():
                    return
                time.sleep(0.05)

    def at_rest(self) -> bool:
        """Whether no case has anything to do but wait."""
        with self.house.read() as session:
            restless = (col(Run.act_at).is_not(None)) | (col(Run.lease_owner).is_not(None))
            return session.exec(select(Run.case_ref).where(restless)).first() is None

    def comes_to_rest(self) -> float:
        """Wait until every case waits for people or has ended; how many seconds that took."""
        began = time.monotonic()
        while not self.at_rest():
            assert time.monotonic() - began < PATIENCE, f"not at rest: {self._restless()}"
            time.sleep(0.05)
        return time.monotonic() - began

    def is_told(self) -> None:
        """Wait until every message that is due has been sent."""
        waiting = col(OutboxMessage.state).in_([MessageState.PENDING, MessageState.SENDING])
        due = select(OutboxMessage.id).where(waiting, col(OutboxMessage.next_at) <= self.house.clock())
        end = time.monotonic() + PATIENCE
        while True:
            with self.house.read() as session:
                if session.exec(due).first() is None:
                    return
            assert time.monotonic() < end, "messages are not being sent"
            time.sleep(0.05)

    def _restless(self) -> list[Any]:
        with self.house.read() as session:
            runs = session.exec(select(Run)).all()
        return [(r.case_ref, r.act_at, r.lease_owner, r.failure) for r in runs if r.act_at or r.lease_owner]

    def outcomes(self) -> dict[str, Outcome | None]:
        """What every case came to that a run has carried; the sample company's earlier ones have none."""
        carried = select(Case).join(Run, col(Run.case_ref) == Case.ref)
        with self.house.read() as session:
            return {case.ref: case.outcome for case in session.exec(carried)}


def _turn(key: str) -> int:
    """The round of a step: ``risk-rerating#2.1`` is asked in the second."""
    return int(key.partition("#")[2].partition(".")[0] or 1)


def company_of(product: Product) -> Iterator[Company]:
    """The company behind ``product``: a program for each person, acting over HTTP."""
    house = open_house(product.settings, load_policy())
    with house.work() as work:
        people = _people(work.session)
        tokens = {who: issue_api_token(work, who, "faults", [Scope.OPEN, Scope.DECIDE, Scope.READ]) for who in people}
    clients = {
        who: httpx.Client(base_url=product.api_url, headers={"Authorization": f"Bearer {token}"}, timeout=20)
        for who, token in tokens.items()
    }
    try:
        yield Company(product, house, clients)
    finally:
        for client in clients.values():
            client.close()
        house.engine.dispose()


def _people(session: Session) -> list[str]:
    return list(session.exec(select(Person.id)).all())

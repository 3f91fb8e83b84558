"""The people of a product under measurement: they apply and answer over HTTP, each with a token of their own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlmodel import col, select
from stdnum.cn import uscc

from cli.product import child_environment
from config.policy import load_policy
from config.settings import Settings
from config.words import SignerState
from models.house import House, open_house
from models.operations.access import Scope, issue_api_token
from models.tables import Person, Run, Signer, Step

PATIENCE = 90.0  # seconds after which what is waited for will not come

CONFIRM: Mapping[str, Any] = {"action": "confirm", "form": {}}
APPROVE: Mapping[str, Any] = {"action": "approve", "form": {}}
RETURN: Mapping[str, Any] = {"action": "return", "form": {"target": "first-rating", "reason": "measured once more"}}


def application(number: int) -> dict[str, Any]:
    """A medium-sized trader with good figures and all papers, different for each ``number`` (0 to 9999)."""
    first_17 = f"91320300MA1H5{number:04d}"
    figures = {
        "credit_rating": "AA",
        "credit_report": "clean",
        "overdue_days": "0",
        "annual_revenue": "180000000",
        "roa": "9",
        "roe": "16",
        "ebit": "22000000",
        "debt_ratio": "38",
        "current_ratio": "2.1",
        "orders_per_year": "60",
        "annual_volume": "12000000",
        "on_time_share": "99",
        "lawsuits": "0",
    }
    papers = ("business_licence", "representative_id", "financial_statements", "credit_report")
    return {
        "customer_type": "medium_enterprise",
        "name": f"测试贸易有限公司{number:04d}",
        "identifier": first_17 + str(uscc.calc_check_digit(first_17)),
        "contact": "马建国",
        "phone": "13805201234",
        "industry": "钢材贸易",
        "requested_limit": "800000",
        "requested_term_days": 45,
        "figures": figures,
        "documents": {paper: f"{paper}-{number:04d}" for paper in papers},
    }


@dataclass(frozen=True)
class Turn:
    """A person is asked."""

    signer_id: int
    case_ref: str
    person_id: str
    step: str
    content_hash: str


@dataclass
class Staff:
    """Everybody who works with the product at ``url``, whose database is ``house``'s."""

    house: House
    url: str
    _tokens: dict[str, str] = field(default_factory=dict)

    def client(self, who: str) -> httpx.Client:
        """A connection of ``who``. To be closed by the caller."""
        headers = {"Authorization": f"Bearer {self.token(who)}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=PATIENCE)

    def token(self, who: str) -> str:
        """The token of ``who``, made when it is first asked for."""
        if who not in self._tokens:
            with self.house.work() as work:
                self._tokens[who] = issue_api_token(work, who, "bench", [Scope.OPEN, Scope.DECIDE, Scope.READ])
        return self._tokens[who]

    def apply(self, *numbers: int, handler: str = "li.na") -> list[str]:
        """Open an onboarding review for each customer number; the cases' references."""
        with self.client(handler) as client:
            bodies = [{"process": "onboarding-review", "application": application(number)} for number in numbers]
            replies = [client.post("/cases", json=body).raise_for_status() for body in bodies]
        return [str(reply.json()["ref"]) for reply in replies]

    def turns(self, case_ref: str | None = None) -> list[Turn]:
        """Who is asked now, the longest waiting first."""
        statement = (
            select(Signer.id, Signer.case_ref, Signer.person_id, Step.key, Step.content_hash)
            .join(Step, col(Step.id) == Signer.step_id)
            .where(Signer.state == SignerState.ASKED)
            .order_by(col(Signer.asked_at), col(Signer.id))
        )
        if case_ref is not None:
            statement = statement.where(Signer.case_ref == case_ref)
        with self.house.read() as session:
            return [Turn(number or 0, *rest) for number, *rest in session.exec(statement)]

    def at_rest(self) -> bool:
        """Whether no case has anything to do but wait."""
        with self.house.read() as session:
            restless = col(Run.act_at).is_not(None) | col(Run.lease_owner).is_not(None)
            return session.exec(select(Run.case_ref).where(restless)).first() is None


def answer(client: httpx.Client, turn: Turn, decision: Mapping[str, Any]) -> httpx.Response:
    """Post one answer, and whatever comes back."""
    body = {**decision, "content_hash": turn.content_hash}
    return client.post(f"/steps/{turn.signer_id}/decision", json=body)


def wait_for(condition: Callable[[], Any], what: str, every: float = 0.005, patience: float = PATIENCE) -> Any:
    """What ``condition`` comes to, as soon as it is true.

    Raises:
        TimeoutError: it did not become true within ``patience`` seconds.
    """
    end = time.monotonic() + patience
    while not (found := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {patience:g} s in vain for {what}")
        time.sleep(every)
    return found


def furnish(settings: Settings) -> None:
    """Tables, policy and the sample company, for an installation that nothing runs from yet."""
    settings.ensure_home()
    command = [sys.executable, "-m", "cli", "prepare"]
    subprocess.run(command, env=child_environment(settings), cwd=settings.home, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def staff_of(settings: Settings, url: str) -> Iterator[Staff]:
    """The staff of the installation that ``settings`` describe."""
    house = open_house(settings, load_policy(settings.policy_folder))
    try:
        yield Staff(house, url)
    finally:
        house.engine.dispose()


def everybody(house: House) -> list[str]:
    """All person ids."""
    with house.read() as session:
        return list(session.exec(select(Person.id).order_by(col(Person.id))).all())

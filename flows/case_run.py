"""``CaseRun``: the three verbs of a process, and the journal behind them.

A flow function runs again from the top whenever its case is resumed. Every verb first looks into the case's journal,
which is read once per segment; what has been done is answered from there. A segment ends by suspending (nothing is
held: no process, no thread, no timer) or by closing the case.

A driver says what a segment stands on: Prefect (``flows.prefect_driver``) or this process (``flows.direct_driver``).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from types import TracebackType
from typing import Any, ParamSpec, Protocol, Self, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from config.languages import N_
from config.policy import Policy
from config.words import CaseState, ClosedBy, Expiry, Outcome
from models.house import SYSTEM, House, Work
from models.operations.cases import close_case, note_failure
from models.operations.journal import (
    Fenced,
    drop_lease,
    fold_turn,
    hold_lease,
    read_journal,
    take_lease,
    write_journal,
)
from models.operations.steps import open_step
from models.operations.waits import Waited, open_wait
from models.rules.reasons import Label, Reason, because
from models.steps import Answer, HumanStep
from models.tables import Case, Step, Wait
from tasks.case_task import CaseTask

log = logging.getLogger("clientrisk.case")

P = ParamSpec("P")
R = TypeVar("R")


class Driver(Protocol):
    """What a segment of a run stands on."""

    owner: str
    real_time: bool  # whether a segment can last long enough for its lease to need renewing

    def perform(self, name: str, act: Callable[[], R]) -> R:
        """Carry out one step of work under ``name``, visible to managers where there is something to see it in."""

    def suspend(self, key: str) -> None:
        """End this segment until the run is resumed. May return at once; the caller looks again."""

    def progress(self, case_ref: str, done: int, total: int, what: str) -> None:
        """Show how far a long task has come. ``what`` is translatable and names nobody."""


class Ended(Exception):
    """The case ends here, whatever the flow was about to do. Not an error: drivers pass it through quietly."""

    def __init__(self, outcome: Outcome, because: Reason) -> None:
        super().__init__(outcome.value)
        self.outcome, self.because = outcome, because


class Killed(BaseException):
    """The process is gone, as far as this segment can tell: nothing is tidied up. Raised where a kill is simulated."""


class CaseRun:
    """One segment of one case's run. Use it as a context: the lease is taken on entry and dropped on exit."""

    def __init__(self, house: House, case_ref: str, driver: Driver) -> None:
        self.house = house
        self.ref = case_ref
        self._driver = driver
        self._seconds = house.settings.lease_seconds
        self._fence = 0
        self._journal: dict[str, Any] = {}
        self._used: set[str] = set()
        self._turned: set[str] = set()
        self._ending = False
        self._fresh = True
        self._keeper: threading.Timer | None = None
        self.case: Case

    # -- the verbs ---------------------------------------------------------------------------------------------

    def do(self, task: CaseTask[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run ``task`` once in the case's life and return its result, now or from the journal.

        Raises:
            Fenced: another worker has taken the case over.
        """
        key = self._claim(task.key)
        self._fresh = key not in self._journal
        if self._fresh:
            self._journal[key] = self._driver.perform(task.title, lambda: self._perform(task, key, args, kwargs))
        return task.result.validate_python(self._journal[key], strict=False)

    def ask(
        self,
        step: HumanStep,
        *,
        limit: Decimal | None = None,
        term_days: int | None = None,
        due_at: datetime | None = None,
        expires_at: datetime | None = None,
        **show: Any,
    ) -> Answer:
        """Ask people, and return their answer; until there is one, the run is suspended.

        ``show`` is what the step shows, by block name; ``limit`` (yuan) and ``term_days`` route it along the matrix.
        ``due_at`` and ``expires_at`` are for steps whose time the case itself sets; else policy does.
        A step that expires under ``Expiry.LAPSE`` ends the case from here; so does a withdrawal, from any verb.
        """
        key = self._claim(step.key)
        if key not in self._journal:
            if not self._exists(Step, key):
                routed = {"limit": limit, "term_days": term_days, "due_at": due_at, "expires_at": expires_at}
                self._driver.perform(step.title, lambda: self._open(step, show, routed))
            self._until_answered(key)
        answer = Answer.model_validate(self._journal[key])
        if answer.closed_by is ClosedBy.EXPIRY and step.expiry is Expiry.LAPSE:
            raise Ended(Outcome.LAPSED, because("case.nobody_answered", step=Label(label=step.title)))
        return answer

    def wait_until(self, name: str, at: datetime) -> Waited:
        """Wait for a time."""
        return self._wait(name, None, at)

    def wait_for(self, name: str, event: str | Sequence[str], until: datetime | None = None) -> Waited:
        """Wait for a business event (or the first of several), at the longest ``until``."""
        return self._wait(name, event, until)

    def turns(self, name: str) -> Iterator[int]:
        """The turns of a loop that may go on for months: 1, 2, 3 … until the caller breaks off.

        What a turn did is folded away when the next begins, so that a resume costs the same after the hundredth turn
        as after the first. A turn therefore takes nothing over from the one before but what is in the tables; its
        keys carry its number.
        """
        key = self._claim(f"turns:{name}")
        turn: int = self._journal.get(key, {}).get("turn", 0)
        while True:
            if turn == 0 or key in self._turned:
                turn += 1
                self._begin_turn(key, turn)
            self._turned.add(key)
            yield turn

    def progress(self, done: int, total: int, what: str) -> None:
        """Show how far a long task has come, where the driver has something to show it in.

        What only comes from the journal again shows nothing: a resume long after stays quick.
        """
        if self._fresh:
            self._driver.progress(self.ref, done, total, what)

    def close(self, outcome: Outcome, *because: Reason) -> Outcome:
        """End the case and return its outcome."""

        def end() -> None:
            with self._fenced() as work:
                close_case(work, self.case, outcome, because)

        self._driver.perform(N_("Close the case"), end)
        return outcome

    # -- what flows may read -----------------------------------------------------------------------------------

    @property
    def policy(self) -> Policy:
        """The policy the case began under."""
        with self.house.read() as session:
            return self.house.policy_of(session, self.case.policy_version)

    # -- a segment ---------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        with self.house.work(SYSTEM) as work:
            self._fence = take_lease(work, self.ref, self._driver.owner, self._seconds)
            self.case = work.session.get_one(Case, self.ref)
            self._journal = read_journal(work.session, self.ref)
        if self._driver.real_time:
            self._keep_lease()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
        if isinstance(error, Killed):
            return  # the lease stays, as a dead process leaves it
        with self.house.work(SYSTEM) as work:
            failed = isinstance(error, Exception) and not isinstance(error, Fenced)
            if failed:
                note_failure(work, self.ref, self._fence, f"{type(error).__name__}: {error}")
            drop_lease(work, self.ref, self._fence, succeeded=not failed)

    def play(self, story: Callable[[CaseRun], Outcome]) -> Outcome:
        """Run the flow function to its end or its next suspension."""
        if self.case.state is CaseState.CLOSED and self.case.outcome is not None:
            return self.case.outcome
        try:
            self._look_for_withdrawal(self.case)
            return story(self)
        except Ended as ended:
            self._ending = True
            return self.close(ended.outcome, ended.because)

    # -- inside ------------------------------------------------------------------------------------------------

    def _claim(self, key: str) -> str:
        if key in self._used:
            raise ValueError(f"{self.ref}: the key {key!r} is used twice; give each round its own with .at(n)")
        self._used.add(key)
        return key

    def _perform(self, task: CaseTask[..., R], key: str, args: Any, kwargs: Any) -> Any:
        if task.lookup:
            result = task.result.dump_python(task.function(self.house, self.case, *args, **kwargs), mode="json")
            with self._fenced() as work:
                write_journal(work, self.ref, key, "do", result)
            return result
        with self._fenced() as work:
            result = task.result.dump_python(task.function(work, self.case, *args, **kwargs), mode="json")
            write_journal(work, self.ref, key, "do", result)
        return result

    def _open(self, step: HumanStep, show: dict[str, Any], routed: dict[str, Any]) -> None:
        with self._fenced() as work:
            open_step(work, self.case, step, show, **routed)

    def _begin_turn(self, key: str, turn: int) -> None:
        with self._fenced() as work:
            fold_turn(work, self.ref, key, turn)
        with self.house.read() as session:
            self._journal = read_journal(session, self.ref)

    def _wait(self, key: str, event: str | Sequence[str] | None, until: datetime | None) -> Waited:
        key = self._claim(key)
        if key not in self._journal:
            if not self._exists(Wait, key):

                def begin() -> None:
                    with self._fenced() as work:
                        open_wait(work, self.case, key, event, until)

                self._driver.perform(key, begin)
            self._until_answered(key)
        return Waited.model_validate(self._journal[key])

    def _until_answered(self, key: str) -> None:
        """Suspend until the journal knows ``key``. A bare resume suspends again."""
        while not self._answered(key):
            self._driver.suspend(f"{key}@{self._fence}")

    def _answered(self, key: str) -> bool:
        with self.house.read() as session:
            self._journal = read_journal(session, self.ref)
            self._look_for_withdrawal(session.get_one(Case, self.ref))
        return key in self._journal

    def _exists(self, table: type[Step] | type[Wait], key: str) -> bool:
        with self.house.read() as session:
            return (
                session.exec(select(table.id).where(table.case_ref == self.ref, table.key == key)).first() is not None
            )

    @contextmanager
    def _fenced(self) -> Iterator[Work]:
        """A unit of work that only commits while the lease is ours."""
        with self.house.work(SYSTEM) as work:
            self.case = hold_lease(work, self.ref, self._fence, self._seconds)
            self._look_for_withdrawal(self.case)
            yield work

    def _look_for_withdrawal(self, case: Case) -> None:
        if case.withdrawal is None or self._ending:
            return
        if case.withdrawal["how"] == ClosedBy.CANCELLATION.value:
            raise Ended(Outcome.CANCELLED, because("case.cancelled", reason=case.withdrawal["reason"]))
        raise Ended(Outcome.WITHDRAWN, because("case.withdrawn", reason=case.withdrawal["reason"]))

    def _keep_lease(self) -> None:
        """Renew the lease while a long task runs; short segments end before the first renewal."""

        def renew() -> None:
            try:
                with self.house.work(SYSTEM) as work:
                    hold_lease(work, self.ref, self._fence, self._seconds)
            except Fenced:
                return
            except SQLAlchemyError:
                log.warning("%s: the lease could not be renewed just now", self.ref)
            self._keep_lease()

        self._keeper = threading.Timer(self._seconds / 3, renew)
        self._keeper.daemon = True
        self._keeper.start()

"""Tells Prefect how each case stands, after its segments: an artifact on the run's page, brought up to date.

Told by a thread of its own, a moment later, so that nobody who waits for the next step waits for this; several
segments in a row are told once. Nothing that goes wrong here reaches a case. What was left untold by a worker that
died is told when a worker starts.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.context import SyncClientContext
from prefect.exceptions import ObjectNotFound, PrefectException
from sqlalchemy.exc import SQLAlchemyError

from models.house import House
from models.operations.storytelling import Story, story_of, told, untold

log = logging.getLogger("clientrisk.storyteller")

PAUSE = 3.0  # seconds after a segment: the next one, and what it asks of Prefect, comes first
BUSY = 0.2  # seconds to wait where a segment is under way, again and again
PATIENCE = 10.0  # but no longer than so many seconds
AGAIN = 60.0  # seconds until what could not be told is tried again
TRIES = 5
LAST_WORDS = 5.0  # seconds that a worker that ends gives to what is still untold
FAULTS = (httpx.HTTPError, PrefectException, SQLAlchemyError, OSError, RuntimeError, ValueError)

_serving: list[Storyteller] = []
"""Storytellers of this process: the long-lived worker's; none in a process that Prefect started for one segment."""


class Storyteller:
    """Tells of the cases it is given, each a moment later, in its own thread."""

    def __init__(self, house: House, busy: Callable[[], bool] = lambda: False) -> None:
        """``busy`` says whether segments are under way, which come first."""
        self._house = house
        self._busy = busy
        self._due: dict[str, float] = {}
        self._failed: dict[str, int] = {}
        self._changed = threading.Condition()
        self._ends: float | None = None
        self._thread = threading.Thread(target=self._tell_on, name="storyteller", daemon=True)

    def start(self) -> None:
        """Begin, with what others left untold."""
        _serving.append(self)
        self._thread.start()

    def stop(self) -> None:
        """Tell what is still untold, as far as that is quickly done, and end."""
        with self._changed:
            self._ends = time.monotonic() + LAST_WORDS
            self._changed.notify()
        self._thread.join(LAST_WORDS + 1)
        _serving.remove(self)

    def tell(self, case_ref: str) -> None:
        """Tell of this case soon."""
        with self._changed:
            self._due.setdefault(case_ref, time.monotonic() + PAUSE)
            self._changed.notify()

    def _tell_on(self) -> None:
        with SyncClientContext.get_or_create():
            self._catch_up()
            while (case_ref := self._next()) is not None:
                if tell(self._house, case_ref):
                    self._failed.pop(case_ref, None)
                else:
                    self._try_again(case_ref)

    def _catch_up(self) -> None:
        try:
            with self._house.read() as session:
                refs = untold(session, self._house.clock())
        except FAULTS as error:
            log.warning("what was left untold is not known: %s", type(error).__name__)
            return
        for ref in refs:
            self.tell(ref)

    def _try_again(self, case_ref: str) -> None:
        tries = self._failed[case_ref] = self._failed.get(case_ref, 0) + 1
        with self._changed:
            if tries < TRIES and self._ends is None:
                self._due.setdefault(case_ref, time.monotonic() + AGAIN)
            else:
                del self._failed[case_ref]

    def _next(self) -> str | None:
        """The next case to tell of, once its time has come; none when all is told and done."""
        with self._changed:
            while True:
                now = time.monotonic()
                if self._ends is not None and (not self._due or now >= self._ends):
                    return None
                first = min(self._due, key=self._due.__getitem__, default=None)
                if first is not None and (self._ends is not None or self._is_time(self._due[first], now)):
                    del self._due[first]
                    return first
                self._changed.wait(max(self._due[first] - now, BUSY) if first is not None else None)

    def _is_time(self, due: float, now: float) -> bool:
        return now >= due and (now >= due + PATIENCE or not self._busy())


def tell_if_alone(house: House, case_ref: str) -> None:
    """Tell of a case here and now where no worker of ours does: in a process that carries a single segment."""
    if not _serving:
        tell(house, case_ref)


def tell(house: House, case_ref: str) -> bool:
    """Bring the case's artifact up to date, or make it. Whatever goes wrong is noted; whether all went well."""
    try:
        story = story_of(house, case_ref)
        if story is None or story.flow_run_id is None:
            return True
        with get_client(sync_client=True) as client:
            artifact = _written(client, story, house.settings.base_url)
        with house.work() as work:
            told(work, story, artifact)
    except FAULTS as error:
        log.warning("the story of %s could not be told: %s", case_ref, type(error).__name__)
        return False
    except Exception:  # the thread goes on, whatever it is: other cases are to be told of
        log.exception("the story of %s could not be told", case_ref)
        return False
    return True


def _written(client: SyncPrefectClient, story: Story, base_url: str) -> str:
    if story.artifact_id is not None:
        try:
            said = ArtifactUpdate(data=story.markdown, description=story.description)
            client.update_artifact(UUID(story.artifact_id), said)
        except (ObjectNotFound, httpx.HTTPStatusError) as error:
            if isinstance(error, httpx.HTTPStatusError) and error.response.status_code != 404:
                raise
        else:
            return story.artifact_id
    key = f"case-{story.case_ref.lower()}"
    _create(client, story, f"{key}-page", f"[{story.case_ref}]({base_url}/cases/{story.case_ref})", "The case page")
    return _create(client, story, key, story.markdown, story.description)


def _create(client: SyncPrefectClient, story: Story, key: str, data: Any, description: str) -> str:
    run = UUID(str(story.flow_run_id))
    made = ArtifactCreate(key=key, type="markdown", data=data, description=description, flow_run_id=run)
    return str(client.create_artifact(made).id)

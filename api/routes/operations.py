"""Operations for programs: how everything stands, and the working queue with its retries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Query as QueryParameter
from pydantic import ConfigDict, Field

from api.caller import house_of
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import CaseRef, Cursor, Limit, Operator, Reader
from api.routes.shapes import Due, Given
from api.routes.taken import Taken, Text
from config.languages import translate
from config.words import CaseState, Language
from models.operations.retry import LONGEST_REASON, cancel_case, look_again, retry
from models.queries.operations import Grade, Overview, overview
from models.queries.queue import Order, QueueFilter, QueueLine, Standing, Which, queue_line, queue_page
from models.queries.rights import case_seen_by, must_see_operations
from models.tables import Case

router = APIRouter(tags=["Operations"], responses=PROBLEM_RESPONSES)


class QueueCounts(Given):
    """Cases that have not ended: all of them, past a deadline, stuck, failed."""

    all: int
    late: int
    stuck: int
    failed: int


class OutboxCounts(Given):
    """Messages that are not done with. `late` are due and not sent; `oldest` is since when."""

    waiting: int
    late: int
    oldest: datetime | None
    sending: int
    unknown: int
    dead: int


class ScanShown(Given):
    at: datetime
    on: date
    opened: int = Field(description="Collections cases it opened.")


class FindingShown(Given):
    """Something that needs a hand."""

    grade: Grade
    text: str
    url: str = Field(description="The page where it is put right.")


class OverviewShown(Given):
    """How everything stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "queue": {"all": 214, "late": 6, "stuck": 0, "failed": 1},
                    "messages": {
                        "waiting": 3,
                        "late": 0,
                        "oldest": None,
                        "sending": 0,
                        "unknown": 0,
                        "dead": 2,
                    },
                    "workers": 1,
                    "heard_at": "2026-03-10T01:29:52Z",
                    "last_scan": {"at": "2026-03-09T23:30:04Z", "on": "2026-03-10", "opened": 4},
                    "audit_trail_holds": True,
                    "findings": [],
                }
            ]
        }
    )

    queue: QueueCounts
    messages: OutboxCounts
    workers: int = Field(description="Workers that said within the last minute that they are alive.")
    heard_at: datetime | None
    last_scan: ScanShown | None
    audit_trail_holds: bool = Field(description="As far as its last events tell; `clientrisk audit verify` reads all.")
    findings: list[FindingShown]


class QueueWait(Given):
    """One step that a case waits at."""

    title: str
    since: datetime
    due_at: datetime
    people: list[str]


class QueueItem(Given):
    """A case that has not ended. `why` says what is wrong with it; `failure` is what the program said."""

    ref: str
    process: str
    title: str
    handler: str
    opened_at: datetime
    standing: Standing
    why: str | None
    waits: list[QueueWait]
    until: datetime | None = Field(description="When it goes on by itself, where it waits for a time.")
    due: Due | None = Field(description="The nearest deadline.")
    failure: str | None
    failures: int


class QueueItems(Given):
    items: list[QueueItem]
    next_cursor: str | None


class Cancel(Taken):
    """End a case that cannot or must not go on."""

    reason: Text = Field(min_length=1, max_length=LONGEST_REASON, examples=["Opened twice by mistake."])


class PutRight(Given):
    """How the case stands now."""

    case: str
    state: CaseState


@router.get("/operations", summary="How everything stands")
def read_overview(request: Request, caller: Reader) -> OverviewShown:
    """Figures of the queue and the outbox, workers, the last scan, and what needs a hand. For operations, managers and
    auditors. Token scope: `read`."""
    must_see_operations(caller.person)
    house = house_of(request)
    with house.read() as session:
        view = overview(session, house)
    return _overview(view, language_of(request, caller.person), house.settings.base_url)


def _overview(view: Overview, language: Language, base_url: str) -> OverviewShown:
    return OverviewShown(
        queue=QueueCounts(**{which.value: number for which, number in view.queue.items()}),
        messages=OutboxCounts(**vars(view.messages)),
        workers=view.workers,
        heard_at=view.heard_at,
        last_scan=ScanShown(**view.scan.model_dump()) if view.scan else None,
        audit_trail_holds=view.links_hold,
        findings=[
            FindingShown(grade=one.grade, text=one.sentence.text(language), url=f"{base_url}{one.path}")
            for one in view.findings
        ],
    )


@router.get("/operations/queue", summary="List cases that have not ended")
def listed(
    request: Request,
    caller: Reader,
    which: Annotated[Which, QueryParameter(description="Which part of the queue.")] = Which.ALL,
    order: Annotated[Order, QueryParameter(description="Oldest or nearest deadline first.")] = Order.AGE,
    process: Annotated[str | None, QueryParameter(max_length=64)] = None,
    person: Annotated[str | None, QueryParameter(max_length=64, description="Only those that wait for them.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> QueueItems:
    """Where each case waits, on whom, and what is wrong with it. For operations, managers and auditors. Token scope:
    `read`."""
    must_see_operations(caller.person)
    house = house_of(request)
    wanted = QueueFilter(which=which, order=order, process=process, person=person)
    with house.read() as session:
        page = queue_page(session, caller.person, wanted, house.calendar, house.clock(), limit=limit, cursor=cursor)
    language = language_of(request, caller.person)
    return QueueItems(items=[_item(one, language) for one in page.items], next_cursor=page.next_cursor)


@router.get("/operations/queue/{ref}", summary="How one case stands")
def read(request: Request, caller: Reader, ref: CaseRef) -> QueueItem:
    """The same of one case. Token scope: `read`."""
    must_see_operations(caller.person)
    house = house_of(request)
    with house.read() as session:
        case = case_seen_by(session, caller.person, ref)
        line = queue_line(session, case, house.calendar, house.clock())
    return _item(line, language_of(request, caller.person))


@router.post("/operations/queue/{ref}/retry", summary="Let a failed case run again")
def try_again(request: Request, caller: Operator, ref: CaseRef) -> PutRight:
    """It goes on where it stopped. 409: it has not failed, or somebody else was quicker. For operations. Token scope:
    `operate`."""
    with house_of(request).work(caller.actor) as work:
        case_seen_by(work.session, caller.person, ref)
        return _stands(retry(work, caller.person, ref))


@router.post("/operations/queue/{ref}/wake", summary="Have a running case looked at again")
def wake(request: Request, caller: Operator, ref: CaseRef) -> PutRight:
    """Harmless: where there is nothing to do, nothing happens. For operations. Token scope: `operate`."""
    with house_of(request).work(caller.actor) as work:
        case_seen_by(work.session, caller.person, ref)
        return _stands(look_again(work, caller.person, ref))


@router.post("/operations/queue/{ref}/cancel", summary="Cancel a case")
def cancel(request: Request, caller: Operator, ref: CaseRef, body: Cancel) -> PutRight:
    """For good: what it asks of people closes, and whoever started and handles it is told. For operations. Token scope:
    `operate`."""
    with house_of(request).work(caller.actor) as work:
        case_seen_by(work.session, caller.person, ref)
        return _stands(cancel_case(work, caller.person, ref, body.reason))


def _stands(case: Case) -> PutRight:
    return PutRight(case=case.ref, state=case.state)


def _item(line: QueueLine, language: Language) -> QueueItem:
    facts: dict[str, Any] = line.model_dump(exclude={"why", "waits", "event", "age_days"})
    return QueueItem(
        **facts,
        why=line.why.text(language) if line.why else None,
        waits=[
            QueueWait(title=translate(one.title, language), since=one.since, due_at=one.due_at, people=list(one.people))
            for one in line.waits
        ],
    )

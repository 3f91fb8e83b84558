"""How the system stands, for the overview of operations: figures that lead somewhere, and what needs a hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from config.languages import N_
from config.policy import Policy
from config.words import MessageState, Role
from models.audit import Verdict, verify_last
from models.house import House
from models.operations.outbox import Backlog, backlog
from models.queries.queue import Which, queue_counts
from models.queries.shown import Read, Sentence
from models.rules.reasons import Label
from models.tables import AuditEvent, Heartbeat, Person

SILENT_AFTER = timedelta(seconds=60)
"""A worker says every 20 seconds that it is alive."""
LATE_AFTER = timedelta(minutes=1)
LINKS_READ = 100
"""Of the audit trail's end, so many links are checked each time the overview is drawn; ``audit verify`` reads all."""
SHOWN = 12

WATCHED = (
    "case.cancelled",
    "case.tried-again",
    "case.woken",
    "channel.added",
    "channel.removed",
    "message.left-out",
    "message.sent-again",
    "message.sent-anew",
    "messages.sent-again",
    "person.added",
    "person.changed",
    "person.handed-on",
    "sign-in.link-sent",
    "staff.imported",
)
"""What operations do, as it is listed on the overview."""


class Grade(StrEnum):
    """How bad a finding is."""

    WARN = "warn"
    BAD = "bad"


class Finding(Read):
    """Something that needs a hand: what, and the page where it is put right."""

    grade: Grade
    sentence: Sentence
    path: str


class Scan(Read):
    """The last overdue scan."""

    at: datetime
    on: date
    opened: int


class Done(Read):
    """Something that was done by operations. ``what`` is the event, ``of`` whom or what it was done to."""

    at: datetime
    by: str | None
    event: str
    case_ref: str | None
    of: str


class Overview(Read):
    """How everything stands just now. ``messages_stand``: some are due for longer than sending takes."""

    queue: dict[Which, int]
    messages: Backlog
    messages_stand: bool
    workers: int
    heard_at: datetime | None
    scan: Scan | None
    links: int
    links_hold: bool
    findings: tuple[Finding, ...]
    done: tuple[Done, ...]


def overview(session: Session, house: House) -> Overview:
    """Everything the overview shows; some ten small queries."""
    now = house.clock()
    queue, messages = queue_counts(session, now), backlog(session, now)
    beats = session.exec(select(Heartbeat.at).where(Heartbeat.kind == "worker").order_by(col(Heartbeat.at).desc()))
    heard = list(beats)
    alive = sum(now - at <= SILENT_AFTER for at in heard)
    trail = verify_last(session, LINKS_READ)
    return Overview(
        queue=queue,
        messages=messages,
        messages_stand=messages.oldest is not None and now - messages.oldest > LATE_AFTER,
        workers=alive,
        heard_at=heard[0] if heard else None,
        scan=last_scan(session),
        links=trail.events,
        links_hold=trail.broken_at is None,
        findings=_findings(session, house, now, queue, messages, alive, trail),
        done=_done(session),
    )


def last_scan(session: Session) -> Scan | None:
    """The last overdue scan; none if there was none yet."""
    event = session.exec(
        select(AuditEvent).where(AuditEvent.event == "ledger.scanned").order_by(col(AuditEvent.seq).desc()).limit(1)
    ).first()
    if event is None:
        return None
    return Scan(at=event.at, on=date.fromisoformat(str(event.data["on"])), opened=int(event.data.get("opened", 0)))


def _findings(
    session: Session,
    house: House,
    now: datetime,
    queue: dict[Which, int],
    messages: Backlog,
    workers: int,
    trail: Verdict,
) -> tuple[Finding, ...]:
    found: list[Finding] = []

    def tell(grade: Grade, message: str, path: str, **values: Any) -> None:
        found.append(Finding(grade=grade, sentence=Sentence(message=message, values=values), path=path))

    if trail.broken_at is not None:
        told = N_("Event {number} breaks the audit trail. Keep the database as it is and compare it with the backup.")
        tell(Grade.BAD, told, "/operations", number=trail.broken_at)
    if not workers:
        told = N_("No worker is heard of: cases stand still and no message is sent. Start one.")
        tell(Grade.BAD, told, "/operations/queue")
    if queue[Which.FAILED]:
        told = N_("Cases that failed: {count}. Mend the cause, then let them try again.")
        tell(Grade.BAD, told, "/operations/queue?which=failed", count=queue[Which.FAILED])
    if queue[Which.STUCK]:
        told = N_("Cases that nothing moves: {count}.")
        tell(Grade.BAD, told, "/operations/queue?which=stuck", count=queue[Which.STUCK])
    if messages.oldest is not None and now - messages.oldest > LATE_AFTER:
        told = N_("Messages due and not sent: {count}. See that a worker runs.")
        tell(Grade.BAD, told, f"/operations/messages?state={MessageState.PENDING}", count=messages.late)
    if messages.dead:
        told = N_("Messages given up: {count}. Mend the address or the channel, then send them again.")
        tell(Grade.WARN, told, f"/operations/messages?state={MessageState.DEAD}", count=messages.dead)
    if messages.unknown:
        told = N_("Messages of which nobody knows whether they arrived: {count}.")
        tell(Grade.WARN, told, f"/operations/messages?state={MessageState.UNKNOWN}", count=messages.unknown)
    if missing := roles_without_people(session, house.policy):
        told = N_("The policy needs people whom nobody is: {roles}. Cases that ask them stop.")
        roles = tuple(Label(label=role.label) for role in missing)
        tell(Grade.WARN, told, "/operations/staff", roles=roles)
    next_year = house.calendar.day_of(now + timedelta(days=45)).year
    if not house.calendar.covers(next_year):
        told = N_(
            "The days off of {year} are not known yet: every weekday counts as a working day. Update the product."
        )
        tell(Grade.WARN, told, "/operations", year=str(next_year))
    return tuple(found)


def roles_without_people(session: Session, policy: Policy) -> tuple[Role, ...]:
    """Roles that the policy gives a signature to and that no active person holds."""
    approval = policy.approval
    needed = [
        *approval.authority,
        approval.fallback_role,
        *(r for extra in approval.also_sign_above for r in extra.roles),
    ]
    needed += [Role.RISK_OFFICER, Role.RISK_MANAGER, Role.CLIENT_ADMINISTRATOR, Role.HANDLER]
    held = {role for roles in session.exec(select(Person.roles).where(col(Person.active))) for role in roles}
    return tuple(role for role in dict.fromkeys(needed) if role not in held)


def _done(session: Session) -> tuple[Done, ...]:
    # Sorted by no column: else the trail is walked backwards, however long ago the last of these rare events was.
    latest = (col(AuditEvent.seq) + 0).desc()
    watched = select(AuditEvent).where(col(AuditEvent.event).in_(WATCHED))
    events = session.exec(watched.order_by(latest).limit(SHOWN)).all()
    wanted = {event.actor_id for event in events} | {str(event.data.get("person") or "") for event in events}
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(wanted))).all())
    return tuple(
        Done(
            at=event.at,
            by=names.get(event.actor_id or "", event.actor_id),
            event=event.event,
            case_ref=event.case_ref,
            of=_of(event, names),
        )
        for event in events
    )


def _of(event: AuditEvent, names: dict[str, str]) -> str:
    data = event.data
    if data.get("person"):
        return names.get(str(data["person"]), str(data["person"]))
    if data.get("message"):
        return f"#{data['message']}"
    return str(event.case_ref or data.get("channel") or "")

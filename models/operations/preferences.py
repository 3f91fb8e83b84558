"""What people set for themselves: when they are told, in which language, and which of their addresses are in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, select

from config.languages import N_
from config.policy.steps import QuietHours
from config.words import DigestRhythm, Language
from models.audit import digest
from models.errors import Conflict, Invalid, NotFound, Problem
from models.house import House, Work
from models.messages import StepAsked, TrialMessage, queue
from models.operations.digests import quiet_hours_of, release_held
from models.operations.people import destinations
from models.tables import Channel, OutboxMessage, Person, Preference

LONGEST_QUIET = timedelta(hours=16)
"""However long somebody wants to be left in peace, eight hours of the day remain in which they are told."""

LOOK = N_("Please look at the marked fields.")


@dataclass(frozen=True)
class Wishes:
    """When somebody wants to be told. Times are of the day, on the company's clock; quiet hours are both or neither."""

    quiet_from: time | None = None
    quiet_until: time | None = None
    digest: DigestRhythm = DigestRhythm.NONE
    digest_at: time | None = None


def wishes_of(preference: Preference | None) -> Wishes:
    """What is kept of somebody's wishes; the company's habits if nothing is."""
    if preference is None:
        return Wishes()
    return Wishes(
        quiet_from=_time(preference.quiet_from),
        quiet_until=_time(preference.quiet_until),
        digest=preference.digest,
        digest_at=_time(preference.digest_at),
    )


def version_of(wishes: Wishes) -> str:
    """Names what somebody has set: another version, other wishes."""
    return digest([str(wishes.quiet_from), str(wishes.quiet_until), wishes.digest.value, str(wishes.digest_at)])[:16]


def set_wishes(work: Work, person_id: str, wishes: Wishes, *, seen: str | None = None) -> Preference:
    """Keep when somebody wants to be told. What waits for a digest is looked at anew.

    ``seen`` is the version that was changed; None: whatever it was.

    Raises:
        Conflict: they were changed meanwhile. Invalid: times that cannot be.
    """
    kept = work.session.get(Preference, person_id)
    before = wishes_of(kept)
    if seen is not None and seen != version_of(before):
        raise Conflict(N_("These settings were changed meanwhile. Please look at them again."))
    _check(work.house, wishes)
    kept = kept or Preference(person_id=person_id, changed_at=work.now)
    kept.quiet_from, kept.quiet_until = _text(wishes.quiet_from), _text(wishes.quiet_until)
    kept.digest = wishes.digest
    kept.digest_at = _text(wishes.digest_at) if wishes.digest is DigestRhythm.DAILY else None
    if wishes != before:
        kept.changed_at = work.now
        work.record(
            "preferences.changed",
            person=person_id,
            quiet_from=kept.quiet_from,
            quiet_until=kept.quiet_until,
            digest=kept.digest.value,
            digest_at=kept.digest_at,
        )
        release_held(work, person_id)
    work.add(kept)
    return kept


def _check(house: House, wishes: Wishes) -> None:
    problems = [*_wrong_hours(house.policy.steps.quiet_hours, wishes)]
    if wishes.digest is DigestRhythm.DAILY and wishes.digest_at is None:
        problems.append(Problem("digest_at", N_("At what time should it be sent?")))
    if wishes.digest is DigestRhythm.DAILY and wishes.digest_at is not None and not problems:
        local = datetime.combine(house.calendar.day_of(house.clock()), wishes.digest_at, house.calendar.zone)
        asked = Preference(person_id="", quiet_from=_text(wishes.quiet_from), quiet_until=_text(wishes.quiet_until))
        if any(hours.hold(local) for hours in quiet_hours_of(house, asked)):
            problems.append(Problem("digest_at", N_("This lies in the quiet hours. Choose a time outside them.")))
    if problems:
        raise Invalid(LOOK, problems)


def _wrong_hours(company: QuietHours, wishes: Wishes) -> Sequence[Problem]:
    begin, end = wishes.quiet_from, wishes.quiet_until
    if begin is None and end is None:
        return ()
    if begin is None or end is None:
        missing = "quiet_from" if begin is None else "quiet_until"
        return [Problem(missing, N_("Give both times, or neither."))]
    if begin == end:
        return [Problem("quiet_until", N_("Quiet hours that begin and end at the same time are none."))]
    problems = []
    if company.start != company.end:
        values = {"start": _text(company.start), "end": _text(company.end)}
        told = N_("The company’s quiet hours, {start} to {end}, can only be made longer.")
        needed = _length(begin, company.start) + _length(company.start, company.end)
        if needed > _length(begin, end):
            problems.append(Problem("quiet_from", told, values))
    longest = max(LONGEST_QUIET, _length(company.start, company.end))
    if not problems and _length(begin, end) > longest:
        hours = int(longest / timedelta(hours=1))
        problems.append(Problem("quiet_until", N_("Quiet hours last {hours} hours at most."), {"hours": hours}))
    return problems


def _length(begin: time, end: time) -> timedelta:
    """From a time of day to the next such ``end``; none at all if they are the same."""
    day = date(2000, 1, 1)
    return (datetime.combine(day, end) - datetime.combine(day, begin)) % timedelta(days=1)


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def _text(at: time | None) -> str | None:
    return f"{at:%H:%M}" if at else None


# -- language and addresses ------------------------------------------------------------------------------------------


def set_language(work: Work, person_id: str, language: Language) -> Person:
    """In which language somebody is written to and shown pages."""
    person = work.session.get_one(Person, person_id)
    if person.language is not language:
        person.language = language
        work.add(person)
        work.record("person.language-set", person=person_id, language=language.value)
    return person


def switch_channel(work: Work, person_id: str, channel_id: int, *, active: bool) -> Channel:
    """Use one of somebody's own addresses, or leave it out from now on.

    Raises:
        NotFound: it is none of theirs.
        Conflict: it is the last place they can be reached at.
    """
    channel = work.session.get(Channel, channel_id)
    if channel is None or channel.person_id != person_id:
        raise NotFound(N_("You have no such address."))
    if channel.active is active:
        return channel
    channel.active = active
    work.add(channel)
    if not active and not destinations(
        work.session, work.house.settings, work.session.get_one(Person, person_id), StepAsked.kind
    ):
        raise Conflict(N_("This is the last place you can be reached at: it stays in use."))
    work.record("channel.switched", person=person_id, channel=channel_id, kind=channel.kind, active=active)
    return channel


def send_test(work: Work, person_id: str) -> bool:
    """Queue a test message to every address in use; one a minute at most. Returns whether one was queued."""
    person = work.session.get_one(Person, person_id)
    if not destinations(work.session, work.house.settings, person, StepAsked.kind):
        raise Conflict(N_("No address is known to which it could be sent."))
    key = f"test:{digest([person_id, f'{work.now:%Y-%m-%d %H:%M}'])[:24]}"
    if work.session.exec(select(OutboxMessage.id).where(OutboxMessage.dedupe_key == key)).first() is not None:
        return False
    queue(work, TrialMessage(), person_id, key)
    work.record("message.test-asked", person=person_id)
    return True


def channels_of(session: Session, person_id: str) -> Sequence[Channel]:
    """Somebody's own addresses, in use or not, in the order they were given."""
    return session.exec(select(Channel).where(Channel.person_id == person_id).order_by(col(Channel.id))).all()


def trials_of(session: Session, person_id: str, since: datetime) -> Sequence[OutboxMessage]:
    """What became of the test messages that somebody asked for, the latest first."""
    statement = select(OutboxMessage).where(
        OutboxMessage.person_id == person_id,
        OutboxMessage.kind == TrialMessage.kind,
        col(OutboxMessage.created_at) >= since,
    )
    return session.exec(statement.order_by(col(OutboxMessage.id).desc()).limit(10)).all()

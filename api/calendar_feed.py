"""A person's deadlines as an iCalendar file (RFC 5545), as the calendars of telephones read it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from icalendar import Calendar, Event

from config.languages import N_, translate
from config.words import Language
from models.processes import PROCESSES
from models.queries.deadlines import About, Due

SHOWN_BEFORE = timedelta(minutes=30)
"""A deadline stands in the calendar as the half hour before it: one without any length is drawn as nothing."""

ASKED_AGAIN = timedelta(minutes=30)
"""How often calendar programs are asked to look; most do as they like."""

SUMMARIES = {
    About.STEP: N_("Answer: {step} · {case}"),
    About.QUESTION: N_("Answer a question: {step} · {case}"),
    About.TRACKING: N_("Check on: {case}"),
}
_PATHS = {About.STEP: "/steps/{number}", About.QUESTION: "/questions/{number}", About.TRACKING: "/cases/{case}"}


def calendar_file(due: Sequence[Due], language: Language, base_url: str) -> bytes:
    """The calendar. It is the same, byte for byte, as long as nothing in it changes: that is what its ETag rests on."""
    calendar = Calendar()
    calendar.add("prodid", "-//clientrisk//deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", translate(N_("Client risk: my deadlines"), language))
    calendar.add("refresh-interval", ASKED_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{int(ASKED_AGAIN / timedelta(minutes=1))}M")
    for one in due:
        calendar.add_component(_event(one, language, base_url))
    content: bytes = calendar.to_ical()
    return content


def etag_of(content: bytes) -> str:
    """What names this very content."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _event(one: Due, language: Language, base_url: str) -> Event:
    event = Event()
    event.add("uid", f"{one.about.value}-{one.number}@{urlsplit(base_url).hostname or 'clientrisk'}")
    event.add("dtstamp", one.since.astimezone(UTC).replace(microsecond=0))
    if isinstance(one.at, datetime):
        ends = one.at.astimezone(UTC).replace(microsecond=0)
        event.add("dtstart", ends - SHOWN_BEFORE)
        event.add("dtend", ends)
    else:
        event.add("dtstart", one.at)
        event.add("dtend", one.at + timedelta(days=1))
    step = translate(one.title, language) if one.title else ""
    event.add("summary", translate(SUMMARIES[one.about], language, step=step, case=one.case_title))
    process = PROCESSES.get(one.process)
    title = translate(process.title, language) if process else one.process
    event.add("description", f"{title} · {one.case_ref}")
    event.add("url", base_url + _PATHS[one.about].format(number=one.number, case=one.case_ref))
    event.add("transp", "TRANSPARENT")
    return event

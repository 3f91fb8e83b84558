"""The report in an evidence pack: one page that reads without the house, without a network, and prints on A4."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache, partial
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from sqlmodel import Session, col, select

from config.languages import N_, translate
from config.words import Language
from models.house import House
from models.processes import PROCESSES
from models.queries.case import customer_facts
from models.queries.papers import paper_read
from models.queries.shown import reasons_of
from models.queries.timeline import timeline_part
from models.tables import AuditEvent, Case, Customer, Paper, Person
from notifications.evidence_steps import steps_told

ALL = 1_000_000
"""More events than a case ever has."""


def report(
    house: House, session: Session, case: Case, entries: Sequence[Any], last: AuditEvent, language: Language
) -> str:
    """The page: what the case is, what was asked and answered, papers and signatures, files, and all that happened."""

    def on_clock(at: datetime | str | None) -> str:
        if at is None:
            return ""
        return f"{house.calendar.local(datetime.fromisoformat(at) if isinstance(at, str) else at):%Y-%m-%d %H:%M:%S %Z}"

    customer = session.get(Customer, case.customer_id) if case.customer_id is not None else None
    other = next(one for one in Language if one is not language)
    papers = session.exec(select(Paper).where(Paper.case_ref == case.ref).order_by(col(Paper.id))).all()
    return (
        _environment()
        .get_template("index.html")
        .render(
            case=case,
            process=PROCESSES[case.process].title if case.process in PROCESSES else case.process,
            because=[reason.text(language) for reason in reasons_of(case.because)],
            handler=_name(session, case.handler_id),
            initiator=_name(session, case.initiator_id),
            customer=customer_facts(customer) if customer else None,
            steps=steps_told(session, case, language),
            papers=[paper_read(session, paper).facts for paper in papers],
            entries=entries,
            last=last,
            language=language,
            other=other,
            spoken=house.settings.language,
            events=list(_told(session, case.ref, language, on_clock)),
            on_clock=on_clock,
            style=_style(),
            t=partial(translate, language=language),
        )
    )


def _name(session: Session, person_id: str | None) -> str:
    person = session.get(Person, person_id) if person_id else None
    return person.name if person else ""


def _told(session: Session, case_ref: str, language: Language, on_clock: Any) -> Iterator[tuple[str, str, str]]:
    system = translate(N_("The system"), language)
    for entry in timeline_part(session, case_ref, with_looks=True, events=ALL).entries:
        times = f" ×{entry.times}" if entry.times > 1 else ""
        yield on_clock(entry.at), entry.who or system, entry.sentence.text(language) + times


@cache
def _style() -> Markup:
    ours = (resources.files("notifications") / "papers" / "report.css").read_text(encoding="utf-8")
    return Markup(ours)  # noqa: S704  # nosec B704


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("notifications", "papers/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )

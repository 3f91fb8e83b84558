"""Handing out papers: the page and the Word file of one, and what stands beside a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.house import House
from models.operations.papers import text_of
from models.queries.outside import invitations, looks_after
from models.queries.papers import PaperFacts, paper_read, papers_of
from models.queries.rights import may_export
from models.tables import Case, Paper, Person
from notifications.papers import Signed, as_docx


def signed(facts: PaperFacts) -> list[Signed]:
    """The signatures under a paper, to be printed."""
    return [Signed(one.name, one.capacity, one.at, one.person_id) for one in facts.signatures]


def word_file(session: Session, house: House, paper: Paper) -> bytes:
    """A paper as a Word file, with its signatures."""
    facts = paper_read(session, paper).facts
    zone = house.settings.time_zone
    return as_docx(text_of(paper), signed(facts), version=paper.version, time_zone=zone, made_at=paper.made_at)


def beside_case(session: Session, case: Case, person: Person, now: datetime) -> dict[str, Any]:
    """What a case's page shows of its papers and of people outside."""
    looks = looks_after(session, person, case)
    return {
        "papers": papers_of(session, case.ref),
        "outside": invitations(session, case.ref, now) if looks else (),
        "may_export": may_export(session, person, case),
    }

"""A customer's representative signs a paper, or declines and says why (R): bound to the exact text they were shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from config.languages import N_
from models.forms.outside import PaperAnswer, SignPaper
from models.house import Work
from models.operations.outside import CLIENT_ANSWERED
from models.operations.papers import paper_to_sign, sign_as_outsider
from models.operations.waits import announce
from models.outside import Purpose, outside_purpose
from models.tables import OutsideLink, OutsideParty, Paper

NAME = "sign-paper"


def _shows(session: Session, link: OutsideLink) -> Mapping[str, Any]:
    paper = session.get_one(Paper, link.paper_id)
    capacity = link.given.get("capacity", "")
    return {
        "paper": {"text": paper.content, "sha256": paper.content_hash, "version": paper.version},
        "fields": ["name", "capacity", "agreed", "reason"],
        "prefill": {"name": link.given.get("name", ""), "capacity": capacity},
    }


def _takes(work: Work, link: OutsideLink, party: OutsideParty, form: SignPaper) -> None:
    paper = paper_to_sign(work.session, link.paper_id or 0, link.content_hash or "")
    signed = form.answer is PaperAnswer.SIGN
    if signed:
        capacity = form.capacity or str(link.given.get("capacity") or N_("For the customer"))
        sign_as_outsider(work, paper.id or 0, paper.content_hash, party, form.name, capacity)
    else:
        work.record("paper.declined", paper.case_ref, paper=paper.id, name=party.name, reason=form.reason)
    announce(
        work,
        paper.case_ref,
        CLIENT_ANSWERED,
        {"signed": signed, "reason": "" if signed else form.reason, "paper": paper.id, "name": form.name or party.name},
    )


SIGN_PAPER = outside_purpose(
    Purpose(
        name=NAME,
        title=N_("Sign a paper"),
        intro=N_("Please read the text below and sign it, or say why you do not."),
        done=N_("Thank you. Your answer has been recorded."),
        form=SignPaper,
        shows=_shows,
        takes=_takes,
    )
)

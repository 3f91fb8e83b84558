"""The applicant for a credit repair supplies what is still needed (B)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from config.languages import N_
from models.forms.repair import SuppliedPapers
from models.house import Work
from models.operations.repair import PAPERS_SUPPLIED, SUPPLY, supply_papers
from models.operations.waits import announce
from models.outside import Purpose, outside_purpose
from models.tables import OutsideLink, OutsideParty


def _shows(_session: Session, link: OutsideLink) -> Mapping[str, Any]:
    return {"request": link.given.get("request", "")}


def _takes(work: Work, link: OutsideLink, _party: OutsideParty, form: SuppliedPapers) -> None:
    supply_papers(work, link.case_ref or "", form)
    announce(work, link.case_ref or "", PAPERS_SUPPLIED)


REPAIR_PAPERS = outside_purpose(
    Purpose(
        name=SUPPLY,
        title=N_("Supply further papers"),
        intro=N_("Your application for credit repair is being examined. Something more is needed for it."),
        done=N_("Thank you. The examination goes on."),
        form=SuppliedPapers,
        shows=_shows,
        takes=_takes,
        valid_days=30,
    )
)

"""The applicant appeals against the refusal of a credit repair (B)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from config.languages import N_
from models.forms.repair import Appeal
from models.house import Work
from models.operations.repair import APPEAL, APPEALED, make_appeal
from models.operations.waits import announce
from models.outside import Purpose, outside_purpose
from models.tables import OutsideLink, OutsideParty


def _shows(_session: Session, link: OutsideLink) -> Mapping[str, Any]:
    return {"refusal": link.given.get("reason", "")}


def _takes(work: Work, link: OutsideLink, _party: OutsideParty, form: Appeal) -> None:
    make_appeal(work, link.case_ref or "", form)
    announce(work, link.case_ref or "", APPEALED)


APPEAL_REFUSAL = outside_purpose(
    Purpose(
        name=APPEAL,
        title=N_("Appeal against the refusal"),
        intro=N_("Your application for credit repair was refused. If you do not agree, say why; it is decided anew."),
        done=N_("Thank you. Your appeal has been received and will be decided."),
        form=Appeal,
        shows=_shows,
        takes=_takes,
        valid_days=30,
    )
)

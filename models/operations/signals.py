"""Business events that happened while nobody waited for them: kept until the case asks, never lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select

from models.house import Work
from models.tables import Signal


def keep_signal(work: Work, case_ref: str, event: str, payload: Mapping[str, Any]) -> None:
    """Remember an event until ``case_ref`` next waits for it."""
    work.add(Signal(case_ref=case_ref, event=event, payload=dict(payload), at=work.now))


def take_signals(work: Work, case_ref: str, events: Iterable[str]) -> list[Signal]:
    """The events of these names that the case has not looked at yet, in order; taken, they are gone."""
    wanted = (col(Signal.case_ref) == case_ref) & col(Signal.event).in_(list(events))
    kept = list(work.session.exec(select(Signal).where(wanted).order_by(col(Signal.id))).all())
    if kept:
        work.change(delete(Signal).where(wanted).execution_options(synchronize_session=False))
    return kept

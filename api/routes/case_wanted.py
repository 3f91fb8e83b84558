"""Which cases a program asks for: the parameters of every list of cases and of its files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import Depends, Query

from config.words import CaseOrder, CaseState, Department, Outcome

Yuan = Annotated[Decimal | None, Query(ge=0, le=10**13, decimal_places=2, description="Yuan.")]


def _wanted(
    process: Annotated[str | None, Query(max_length=64)] = None,
    state: CaseState | None = None,
    outcome: Outcome | None = None,
    department: Department | None = None,
    customer: Annotated[str | None, Query(max_length=200, description="Number, credit code or full name.")] = None,
    person: Annotated[
        str | None, Query(max_length=64, description="Staff id of somebody who had to do with the case.")
    ] = None,
    text: Annotated[str, Query(max_length=200, description="Part of the reference or the title.")] = "",
    opened_from: Annotated[date | None, Query(description="First day, on the company's calendar.")] = None,
    opened_to: Annotated[date | None, Query(description="Last day.")] = None,
    closed_from: Annotated[date | None, Query(description="First day.")] = None,
    closed_to: Annotated[date | None, Query(description="Last day.")] = None,
    least: Yuan = None,
    most: Yuan = None,
    mine: Annotated[bool, Query(description="Only cases the caller started, handles or is asked in.")] = False,
    order: Annotated[CaseOrder, Query(description="In what order; the last two leave out closed or open cases.")] = (
        CaseOrder.NEWEST
    ),
) -> Mapping[str, str]:
    given = {
        "process": process,
        "state": state,
        "outcome": outcome,
        "department": department,
        "customer": customer,
        "person": person,
        "text": text,
        "opened_from": opened_from,
        "opened_to": opened_to,
        "closed_from": closed_from,
        "closed_to": closed_to,
        "least": least,
        "most": most,
        "mine": "1" if mine else None,
        "order": order,
    }
    return {name: str(value) for name, value in given.items() if value not in (None, "")}


Wanted = Annotated[Mapping[str, str], Depends(_wanted)]
"""The filters of a list of cases as its page's address has them."""

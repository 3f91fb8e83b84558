"""Taking personal data away: from a case that is over, from a customer, from the store of files.

A case is one transaction, and so is a customer: broken off between two, what is erased is erased, and the rest is
found again. The audit chain is not touched: the words beside it go, and an event on it says whose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import SQLModel, col, select

from models.audit_words import ERASED as ERASED_EVENT
from models.audit_words import stretches
from models.house import House, Work
from models.operations.attachments import path_of
from models.personal_data import (
    ERASED,
    NAMED_IN,
    OF_A_CASE,
    OF_A_CUSTOMER,
    OUTSIDE_SIGNATURE,
    THE_CUSTOMER,
    erased_paper,
)
from models.queries.ledger import customer_number
from models.tables import Attachment, AuditEvent, AuditPrivate, Case, Customer, OutboxMessage, Paper, PaperSignature


def erase_case(work: Work, case: Case, by: str, erasure: int | None = None) -> Counter[str]:
    """Blank what ``case``, which is over, says of people. ``by`` is ``policy`` or ``request``."""
    done: Counter[str] = Counter()
    for table, blanks in OF_A_CASE.items():
        key = Case.ref if table is Case else table.case_ref  # type: ignore[attr-defined]
        done[str(table.__tablename__)] += _blank(work, table, col(key) == case.ref, blanks)
    done["paper"] += _erase_papers(work, case.ref)
    done["outbox_message"] += work.change(delete(OutboxMessage).where(col(OutboxMessage.case_ref) == case.ref))
    events = _erase_words(work, col(AuditPrivate.case_ref) == case.ref)
    done["audit_private"] += len(events)
    work.session.refresh(case)
    case.erased_at = work.now
    work.add(case)
    work.record(
        ERASED_EVENT, case.ref, by=by, erasure=erasure, events=stretches(events), values=sum(done.values())
    )  # fmt: skip
    return done


def erase_customer(work: Work, customer: Customer, by: str, erasure: int | None = None) -> Counter[str]:
    """Blank what is kept on ``customer`` besides its cases, which are erased before."""
    done: Counter[str] = Counter()
    for table, blanks in OF_A_CUSTOMER.items():
        mine = table.customer_id == customer.id  # type: ignore[attr-defined]
        done[str(table.__tablename__)] += _blank(work, table, mine, blanks)
    for report, column in NAMED_IN.items():
        done[str(report.__tablename__)] += _take_name_out(work, report, column, customer)
    number = customer_number(customer.id or 0)
    about = select(AuditEvent.seq).where(
        col(AuditEvent.case_ref).is_(None), AuditEvent.chained["customer"].as_string() == number
    )
    events = _erase_words(work, col(AuditPrivate.case_ref).is_(None) & col(AuditPrivate.seq).in_(about))
    done["audit_private"] += len(events)
    done["customer"] += _blank(work, Customer, col(Customer.id) == customer.id, THE_CUSTOMER)
    work.session.refresh(customer)
    customer.erased_at, customer.pinyin = work.now, ERASED
    work.add(customer)
    work.record(
        ERASED_EVENT, None, customer=number, by=by, erasure=erasure, events=stretches(events), values=sum(done.values())
    )  # fmt: skip
    return done


def _blank(work: Work, table: type[SQLModel], mine: Any, blanks: Mapping[str, Any]) -> int:
    return work.change(update(table).where(mine).values(**blanks).execution_options(synchronize_session=False))


def _erase_words(work: Work, mine: Any) -> Sequence[int]:
    there = select(AuditPrivate.seq).where(mine, col(AuditPrivate.salt).is_not(None))
    events = work.session.exec(there.order_by(col(AuditPrivate.seq))).all()
    words = update(AuditPrivate).where(mine).values(salt=None, content=None)
    work.change(words.execution_options(synchronize_session=False))
    return events


def _erase_papers(work: Work, case_ref: str) -> int:
    papers = work.session.exec(select(Paper).where(Paper.case_ref == case_ref)).all()
    for paper in papers:
        paper.content = erased_paper(paper)
        work.add(paper)
    signed = col(PaperSignature.paper_id).in_([paper.id for paper in papers])
    return len(papers) + _blank(work, PaperSignature, signed, OUTSIDE_SIGNATURE)


def _take_name_out(work: Work, table: type[SQLModel], column: str, customer: Customer) -> int:
    changed = 0
    for row in work.session.exec(select(table)).all():
        told = getattr(row, column)
        left = _without(told, customer.name, f"{ERASED} {customer.id}")
        if left != told:
            setattr(row, column, left)
            work.add(row)
            changed += 1
    return changed


def _without(value: Any, name: str, instead: str) -> Any:
    if isinstance(value, dict):
        return {key: _without(one, name, instead) for key, one in value.items()}
    if isinstance(value, list):
        return [_without(one, name, instead) for one in value]
    return value.replace(name, instead) if isinstance(value, str) else value


def delete_files(house: House) -> int:
    """Delete the files that only erased cases had: a file lies once, however many cases it was handed in with."""
    with house.read() as session:
        lately = select(Attachment.sha256).join(Case, col(Case.ref) == Attachment.case_ref)
        gone = session.exec(lately.where(col(Attachment.name) == ERASED, col(Attachment.sha256) != "").distinct()).all()
        hashes = [sha for sha in gone if path_of(house, sha).exists()]
    deleted = 0
    for sha256 in hashes:
        with house.work() as work:
            kept = select(Attachment.id).where(Attachment.sha256 == sha256, col(Attachment.name) != ERASED)
            if work.session.exec(kept.limit(1)).first() is None:
                with suppress(FileNotFoundError):
                    path_of(house, sha256).unlink()
                    deleted += 1
    return deleted

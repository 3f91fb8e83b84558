"""Where personal data lies, and what is left of it when it is erased: one map, for erasing, for what is told to the
person it is about, and for a test that no column of text is forgotten.

Erasing keeps what the company must be able to account for: references, days, sums, codes, who of the staff decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, literal
from sqlmodel import SQLModel, col

from models.tables import (
    Attachment,
    CareTurn,
    Case,
    CollectionContact,
    CollectionStrategy,
    Commitment,
    Consent,
    CreditLine,
    Customer,
    CustomerFigures,
    Document,
    Erasure,
    Evaluation,
    EvaluationRow,
    Instalment,
    JournalEntry,
    LegalHold,
    Listing,
    Look,
    Measure,
    Meeting,
    Nomination,
    OutsideLink,
    OutsideParty,
    Paper,
    PaperSignature,
    Payment,
    Remark,
    RiskWarning,
    Run,
    Signal,
    Signer,
    SpecialGroup,
    Step,
    TrackingItem,
    WorkAssessment,
)

ERASED = "erased"
"""What stands where a name or a title stood."""

Blanks = Mapping[str, Any]
"""Columns of a table, each with what is left in it."""


def _own(table: Any) -> ColumnElement[str]:
    """A value that no other row has: for columns that must be unique."""
    return literal(ERASED + "-").concat(cast(table.id, String))


OF_A_CASE: Mapping[type[SQLModel], Blanks] = {
    Step: {"question": "", "content": {}},
    Signer: {"answer": None, "answer_hash": None, "advice": None, "moved_because": None},
    JournalEntry: {"result": None},
    Signal: {"payload": {}},
    Document: {"reference": _own(Document)},
    Remark: {"text": ""},
    Attachment: {"name": ERASED},
    Run: {"failure": None},
    CollectionContact: {"facts": {}},
    CollectionStrategy: {"terms": {}, "facts": {}, "note": ""},
    Instalment: {"note": ""},
    SpecialGroup: {"declined": "", "evidence": None},
    Commitment: {"given_by": ERASED, "what": ""},
    TrackingItem: {"what": "", "note": ""},
    CareTurn: {"occasion": "", "met": "", "place": "", "findings": "", "promises": "", "next_steps": ""},
    RiskWarning: {"reason": ""},
    Measure: {"scope": "", "reason": "", "lifted_because": ""},
    OutsideLink: {"given": {}, "answer_hash": None, "note": ""},
    Case: {"title": ERASED, "because": [], "input": {}, "withdrawal": None},
}
"""Rows with the case's reference. Papers and their signatures, messages and words of the trail are seen to apart."""

OF_A_CUSTOMER: Mapping[type[SQLModel], Blanks] = {
    CustomerFigures: {"figures": {}},
    EvaluationRow: {"figures": None, "exception_reason": ""},
    CreditLine: {"note": ""},
    Nomination: {"reason": "", "evidence": []},
    Listing: {"name": ERASED, "identifier_digest": None, "reason": "", "evidence": [], "ended_because": ""},
    Payment: {"note": ""},
    OutsideParty: {"name": ERASED, "email": None, "phone": None},
    Consent: {"recipient": ERASED, "given_by": ERASED, "document": "", "withdrawn_because": ""},
    LegalHold: {"reason": "", "lifted_because": ""},
    Erasure: {"reason": ""},
    Look: {"reason": ""},
}
"""Rows with the customer's number."""

THE_CUSTOMER: Blanks = {
    "name": literal(ERASED + " ").concat(cast(col(Customer.id), String)),
    "identifier": None,
    "identifier_digest": None,
    "contact": None,
    "phone": None,
    "email": None,
    "industry": None,
    "pinyin": "",
}

OUTSIDE_SIGNATURE: Blanks = {
    "name": case((col(PaperSignature.outside_id).is_not(None), ERASED), else_=PaperSignature.name)
}


def erased_paper(paper: Paper) -> dict[str, Any]:
    """What is left of a paper's text: that there was one. Its hash, and who signed it when, stay."""
    return {"language": paper.language.value, "title": ERASED, "issuer": ""}


NAMED_IN: Mapping[type[SQLModel], str] = {Meeting: "pack", Evaluation: "summary", WorkAssessment: "report"}
"""Reports about many customers: the name of one who is erased is taken out of their JSON."""


def columns_seen_to() -> set[str]:
    """Every column that erasing blanks, as ``table.column``."""
    found = {f"customer.{name}" for name in THE_CUSTOMER} | {"paper.content", "paper_signature.name"}
    for blanks in (OF_A_CASE, OF_A_CUSTOMER):
        found |= {f"{table.__tablename__}.{name}" for table, columns in blanks.items() for name in columns}
    found |= {f"{table.__tablename__}.{name}" for table, name in NAMED_IN.items()}
    return found | {"audit_private.content", "audit_private.salt", "outbox_message.payload", "outbox_message.note"}

"""No column of text is forgotten when personal data is erased: each is erased, or is said here to hold none.

A new column of text, JSON or encrypted values gets a place in ``models/personal_data.py``, or a word here.
"""

from collections.abc import Iterator

from sqlalchemy import JSON, Column, String
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

import models.tables  # noqa: F401
from models.columns import Encrypted, Instant, Money, WordText
from models.personal_data import columns_seen_to

NOT_OF_CUSTOMERS = {
    "audit_event": "case_ref actor_id event data previous hash",
    "chain_head": "hash",
    "encryption_key": "progress",
    "heartbeat": "kind facts",
    "made_once": "asked made",
    "person": "name email roles",
    "policy_version": "body",
    "routine_state": "seen",
    "absence": "processes reason",
    "api_token": "token_hash label scopes",
    "audit_private": "case_ref",
    "calendar_feed": "token_hash",
    "channel": "kind address",
    "preference": "quiet_from quiet_until digest_at",
    "qualification": "reference revoked_because",
    "saved_view": "place name filters",
    "schedule_change": "routine schedule_id before after note",
    "sign_in_link": "token_hash",
    "sign_in_entry": "reason address agent",
    "web_session": "token_hash address agent id_token",
    "installation": "key restored_from",
    "webhook": "name url secret events paused_because",
    "case": "process origin request_key",
    "consent": "shares",
    "customer_figures": "source",
    "erasure": "asked_by decided_by counts",
    "look": "what",
    "payment": "reference currency for_invoices source",
    "webhook_delivery": "event case_ref claimed_by note",
    "assessment": "score policy_version",
    "audit_finding": "what rectified sent_back_because",
    "collection_contact": "rung",
    "collection_rung": "rung",
    "commitment": "given_in",
    "credit_line": "securities",
    "document": "kind",
    "evaluation_row": "flags",
    "invoice": "number currency",
    "journal_entry": "key verb",
    "measure": "terms",
    "outbox_message": "kind dedupe_key case_ref claimed_by channel",
    "paper": "kind number content_hash",
    "progress": "what",
    "risk_archive": "number",
    "risk_warning": "departments",
    "routine": "duty every",
    "run": "process flow_run_id lease_owner story_id story_run_id",
    "signal": "event",
    "special_group": "members accepted",
    "step": "key name title actions returns_to content_hash route yields_to action",
    "team_member": "role",
    "wait": "key event",
    "attachment": "media_type sha256",
    "outside_link": "token_hash purpose content_hash code_hash",
    "paper_signature": "content_hash capacity via",
    "signer": "seat action shown_hash answer_key via held",
    "approval_link": "token_hash content_hash",
    "timer": "kind",
}
"""References, codes, hashes, ids of staff, what staff set for themselves, and the company's own figures."""


def texts() -> Iterator[Column]:
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, WordText | Instant | Money) or column.foreign_keys or column.primary_key:
                continue
            kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
            if isinstance(kind, String | JSON) or isinstance(column.type, Encrypted):
                yield column


def said() -> set[str]:
    return {f"{table}.{name}" for table, names in NOT_OF_CUSTOMERS.items() for name in names.split()}


def test_every_column_of_text_is_erased_or_holds_nothing_personal() -> None:
    known = columns_seen_to() | {
        f"{table}.{name}" for table, names in NOT_OF_CUSTOMERS.items() for name in names.split()
    }
    there = {f"{column.table.name}.{column.name}" for column in texts()}
    assert sorted(there - known) == [], "say in models/personal_data.py what is left of it, or here that it holds none"
    assert sorted(known - there - {"customer.name"}) == [], "there is no such column"


def test_nothing_is_both() -> None:
    assert columns_seen_to() & said() == set()


def test_every_encrypted_column_of_a_customer_is_erased() -> None:
    sealed = {f"{c.table.name}.{c.name}" for c in texts() if isinstance(c.type, Encrypted)}
    assert sealed - columns_seen_to() == {"channel.address", "webhook.url", "webhook.secret", "web_session.id_token"}

"""Messages as their readers read them, for operations to look at: without links and codes, which open doors."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import TemplateError
from pydantic import ValidationError

from config.languages import N_, translate
from models.house import House
from models.operations.papers import issuer_of
from models.operations.people import TITLES
from models.queries.outbox_list import MessageWhole
from notifications.render import render

KINDS: dict[str, str] = {
    "step_asked": N_("A step is yours to answer"),
    "step_reminder": N_("Reminder at half time"),
    "step_due": N_("The deadline has come"),
    "step_nudge": N_("Asked once more, to be sure"),
    "step_urged": N_("Urged to hurry"),
    "step_escalated": N_("Subordinates are late"),
    "step_copied": N_("Copy of a step"),
    "question_asked": N_("A question"),
    "question_answered": N_("An answer to a question"),
    "case_closed": N_("A case has ended"),
    "case_failed": N_("A case stopped on an error"),
    "risk_warning": N_("Risk warning"),
    "portfolio_warning": N_("Warning about the portfolio"),
    "qualification_expiring": N_("A qualification expires"),
    "consent_ending": N_("A consent ends"),
    "digest": N_("Digest of what is not urgent"),
    "meeting_called": N_("Invitation to the coordination meeting"),
    "test_message": N_("Trial message"),
    "token_expiring": N_("An API token expires"),
    "webhook_paused": N_("A webhook was paused"),
    "sign_in": N_("Sign-in link"),
    "outside_invited": N_("Invitation to somebody outside"),
    "outside_code": N_("One-time code for somebody outside"),
    "outside_needs": N_("Somebody outside needs help"),
    "dunning_reminder": N_("Reminder to a customer who owes"),
    "reminder_to_pass_on": N_("Reminder to be passed on"),
    "repair_answered": N_("Answer to an application for credit repair"),
}
"""What each kind of message is called in lists. A kind that is not here yet is called by its name."""

CHANNELS: dict[str, str] = {kind.value: title for kind, title in TITLES.items()}
"""What each channel is called, by the name that messages keep."""

LINK = N_("[the reader's own link]")
CODE = "••••••"


@dataclass(frozen=True)
class Letter:
    """A message as it reads; ``problem`` instead where it cannot be written."""

    subject: str = ""
    text: str = ""
    problem: str = ""


def as_read(house: House, message: MessageWhole) -> Letter:
    """``message`` in its reader's language. A place stands for the link: it is made when the message is sent."""
    language = message.language or house.settings.language
    try:
        written = render(
            message.line.kind,
            message.payload,
            language,
            translate(LINK, language),
            message.line.to,
            time_zone=house.settings.time_zone,
            code=CODE,
            company=issuer_of(house, language),
        )
    except (KeyError, ValidationError, TemplateError) as error:
        return Letter(problem=type(error).__name__)
    return Letter(written.subject, written.text)

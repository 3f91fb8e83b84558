"""Personal data has its time: how long it is kept, what is erased in one round, when consents are spoken of."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.policy.base import Count, Days, PolicyModel

Months = Annotated[int, Field(strict=True, ge=1, le=1200)]
"""Calendar months; a month is counted as its days."""


class PrivacyPolicy(PolicyModel):
    """How long personal data is kept, in months; nothing (``null``) means for ever.

    The defaults serve policies stored before there was any, and folders without the file: nothing is erased by itself
    that a company has not been asked about, except ways in that are of no use any more.
    """

    refused_applications: Months | None = None
    """Applicants who were not admitted, with all that was kept on them, since their last case ended."""
    closed_cases: Months | None = None
    """What a case says of people, since it ended."""
    documents: Months | None = None
    """Files handed in with a case, since it ended."""
    looks: Months | None = 36
    """Who looked at a customer."""
    messages: Months | None = 36
    """Messages that were sent, or given up."""
    sign_ins: Months | None = 24
    """Sign-in links, sessions and approval links that are over."""
    erase_at_most: Count = 500
    """Cases and customers erased in one round; the rest waits for the next."""
    consent_reminder_days: Days = 30
    """Calendar days before the end of a consent on which its customer's handler is told."""

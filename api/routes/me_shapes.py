"""What the JSON API gives and takes of one's own desk."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from api.routes.shapes import Due, Given, StepItem
from api.routes.taken import Taken, Text
from config.words import ActionKind, CaseState, DigestRhythm, Language, Outcome
from models.operations.access import Scope
from models.operations.people import ChannelKind
from models.operations.sessions import LONGEST_LABEL
from models.queries.boxes import Box

TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
TimeOfDay = Annotated[str, Field(pattern=TIME_OF_DAY, examples=["19:00"])]


class QuestionShown(Given):
    """A question that waits for the caller's answer: `POST /questions/{id}/answer`."""

    id: int
    case: str
    case_title: str
    process: str
    step: str
    by: str
    text: str
    at: datetime
    due: Due


class CopiedShown(Given):
    """A step the caller was told of (抄送)."""

    id: int
    case: str
    case_title: str
    process: str
    step: str
    by: str
    at: datetime
    read: bool


class DoneShown(Given):
    """A step the caller has answered, and what became of its case."""

    signer_id: int
    case: str
    case_title: str
    process: str
    title: str
    answer: str
    kind: ActionKind
    at: datetime
    state: CaseState
    outcome: Outcome | None
    amount: str | None
    in_the_name_of: str | None
    void: bool = Field(description="The case went back since, and was asked anew.")
    proposed: bool = Field(description="Answered for whoever had delegated it.")


class Counts(Given):
    """How much each box holds that waits or is unread."""

    waiting: int
    asked: int
    copied: int


class InboxShown(Given):
    """A page of one box: the list of that box is filled, the others are empty."""

    box: Box
    counts: Counts
    steps: list[StepItem] = []
    questions: list[QuestionShown] = []
    copies: list[CopiedShown] = []
    done: list[DoneShown] = []
    next_cursor: str | None = None


class MarkedRead(Given):
    marked: int


class ChannelShown(Given):
    """One of the caller's own addresses, masked."""

    id: int
    kind: ChannelKind
    address: str
    active: bool


class PreferencesTaken(Taken):
    """When one is told, and in which language. Times are of the day, on the company's clock."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "language": "zh_CN",
                    "quiet_from": "19:00",
                    "quiet_until": "08:30",
                    "digest": "daily",
                    "digest_at": "09:00",
                }
            ]
        },
    )

    language: Language
    quiet_from: TimeOfDay | None = Field(None, description="Own quiet hours: both, or neither.")
    quiet_until: TimeOfDay | None = None
    digest: DigestRhythm = DigestRhythm.NONE
    digest_at: TimeOfDay | None = Field(None, description="When a daily digest is sent.")


class PreferencesShown(Given):
    """What the caller has set, and the company's own quiet hours, which always hold."""

    language: Language
    quiet_from: str | None
    quiet_until: str | None
    digest: DigestRhythm
    digest_at: str | None
    company_quiet_from: str
    company_quiet_until: str
    channels: list[ChannelShown]


class ChannelUse(Taken):
    """Whether one of one's addresses is in use."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"active": False}]})
    active: bool


class TrialQueued(Given):
    """`queued` is false if one was sent within the same minute."""

    queued: bool


class FeedShown(Given):
    """The caller's calendar feed. `url` is given by the request that makes it, and never again."""

    made_at: datetime | None
    read_at: datetime | None
    url: str | None = None


class NewToken(Taken):
    """A token for a program of one's own."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"label": "Weekly report", "scopes": ["read"], "days": 90}]},
    )

    label: Text = Field(min_length=1, max_length=LONGEST_LABEL)
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    days: int | None = Field(
        None, ge=1, le=3650, description="Days it is good; without it, what the settings say.", examples=[90]
    )


class TokenShown(Given):
    """A token that acts for the caller. `token` is given by the request that makes it, and never again."""

    id: int
    label: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    active: bool
    token: str | None = None


class TokenList(Given):
    items: list[TokenShown]


class SessionsEnded(Given):
    ended: int

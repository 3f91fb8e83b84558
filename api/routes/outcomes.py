"""What the JSON API answers to moves, to answers given in one go, and about absences."""

from datetime import datetime

from api.routes.shapes import Given
from config.words import SignerState


class Moved(Given):
    """A move that is on record. ``to_signer_id`` is the place that came of it, if one did."""

    case: str
    step: str
    move: str
    signer_id: int
    my_state: SignerState
    to_signer_id: int | None


class Urged(Given):
    """Who was reminded."""

    case: str
    people: list[str]


class BulkResult(Given):
    """What became of one step of several. ``code`` and ``detail`` are those of the problem, if it was refused."""

    signer_id: int
    recorded: bool
    case: str | None
    step_closed: bool
    repeated: bool
    code: str | None
    detail: str | None


class BulkRecorded(Given):
    """What became of each, in the order they were sent."""

    recorded: int
    refused: int
    results: list[BulkResult]


class AbsenceShown(Given):
    """A dated substitute. No `processes`: all of them; no `up_to`: any amount (yuan)."""

    id: int
    person: str
    name: str
    substitute: str
    substitute_name: str
    starts_at: datetime
    ends_at: datetime
    processes: list[str]
    up_to: str | None
    reason: str
    over: bool
    cancelled_at: datetime | None


class AbsenceList(Given):
    items: list[AbsenceShown]

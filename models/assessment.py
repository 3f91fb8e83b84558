"""What an assessment of the work speaks of: the report, the samples, the findings, awards and sanctions (R, B)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from config.words import Department, FindingState, RewardKind, SampleKind, SampleSeen
from models.evaluation import Indicator
from models.onboarding import Block


class DepartmentLine(Block):
    """One department: the indicators it is measured by (names), how many of those with data met their target, the
    share of their weight in percent; and of the steps its people answered, how many in time."""

    department: Department
    indicators: tuple[str, ...]
    with_data: int
    met: int
    score: Decimal | None
    answered: int
    in_time_percent: Decimal | None


class WorkReport(Block):
    """The work of a half-year against its targets. Indicators without data weigh nothing and are said to have none."""

    period: str
    first: date
    last: date
    indicators: tuple[Indicator, ...]
    met: tuple[bool | None, ...]
    departments: tuple[DepartmentLine, ...]
    score: Decimal | None
    without_data: int
    address: str


class Sample(Block):
    """One thing that internal audit looks at: whose case, about whom or what, and what the record says by itself."""

    number: int
    kind: SampleKind
    ref: str
    subject: str
    seen: SampleSeen


class FindingShown(Block):
    """A finding as steps show it."""

    number: int
    sample: int | None
    what: str
    department: Department
    owner_id: str
    owner: str
    due_on: date
    state: FindingState
    rectified_on: date | None
    rectified: str
    sent_back: int
    sent_back_because: str


class Reward(Block):
    """An award or a sanction proposed for somebody: what, and why."""

    kind: RewardKind
    person_id: str
    person: str
    what: str
    reason: str


class Rewards(Block):
    """What is proposed; ``approved`` once it was decided."""

    proposed_by: str
    rewards: tuple[Reward, ...]
    approved: bool | None = None

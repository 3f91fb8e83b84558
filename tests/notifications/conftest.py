"""A step that waits for two risk officers, and channels that remember what they were given."""

import io
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from sqlalchemy import update
from sqlmodel import select

from config.words import ActionKind, Department, MessageState, Role
from models.house import House, person
from models.messages import CaseClosed, queue
from models.operations.cases import open_case
from models.operations.decide import decide
from models.operations.people import add_channel
from models.operations.steps import open_step
from models.processes import ONBOARDING
from models.rules.signing import ByRole
from models.steps import Action, HumanStep
from models.tables import Case, Channel, OutboxMessage, Person, Signer, Step
from notifications.channels import ChannelError, Envelope

RISK_REVIEW = HumanStep(
    name="risk-review",
    title="Risk review",
    question="Is the risk of this customer acceptable?",
    actions=(Action(name="approve", kind=ActionKind.APPROVE, label="Approve"),),
    signers=ByRole(role=Role.RISK_OFFICER),
)
STEEL_TRADER = "徐州恒源钢铁贸易有限公司"


@dataclass
class Letterbox:
    """A channel in memory. ``trouble`` is what the next sends run into, in order; None lets one pass."""

    name: str = "console"
    deduplicates: bool = False
    can_be_asked: bool = True
    trouble: list[BaseException | None] = field(default_factory=list)
    sent: list[Envelope] = field(default_factory=list)

    def send(self, envelope: Envelope) -> None:
        trouble = self.trouble.pop(0) if self.trouble else None
        if isinstance(trouble, ChannelError) and not trouble.unsure:
            raise trouble
        self.sent.append(envelope)
        if trouble is not None:  # the message is out; only the sender does not come to know it
            raise trouble

    def remembers(self, message_id: str) -> bool | None:
        return any(envelope.message_id == message_id for envelope in self.sent) if self.can_be_asked else None

    @property
    def people(self) -> list[str]:
        return [envelope.person_id for envelope in self.sent]


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@pytest.fixture
def case(house: House) -> Case:
    with house.work(person("li.na")) as work:
        li_na = work.session.get_one(Person, "li.na")
        return open_case(
            work,
            ONBOARDING,
            title=STEEL_TRADER,
            initiator=li_na,
            handler=li_na,
            department=Department.BUSINESS,
            origin="page",
        )


@pytest.fixture
def step(house: House, case: Case) -> Step:
    """Chen Yu and Liu Yang are asked; either may answer."""
    with house.work() as work:
        return open_step(work, work.session.get_one(Case, case.ref), RISK_REVIEW, {})


@pytest.fixture
def approve(house: House, step: Step) -> Callable[[str], None]:
    def answer(who: str) -> None:
        with house.work(person(who)) as work:
            asked = select(Signer).where(Signer.step_id == step.id, Signer.person_id == who)
            signer = work.session.exec(asked).one()
            shown = work.session.get_one(Step, step.id).content_hash
            decide(work, signer.id or 0, "approve", {}, shown_hash=shown, via="session")

    return answer


@pytest.fixture
def tell(house: House, case: Case) -> Callable[..., None]:
    """Queue word of a closed case for somebody; ``number`` tells one from the other."""

    def tell(who: str, number: int = 1) -> None:
        message = CaseClosed(
            case_ref=f"ONB-2026-{number:06d}", case_title=STEEL_TRADER, process=ONBOARDING.name, outcome="admitted"
        )
        with house.work() as work:
            queue(work, message, who, f"closed:{number}:{who}", case_ref=case.ref)

    return tell


@pytest.fixture
def outbox(house: House) -> Callable[[], Sequence[OutboxMessage]]:
    """All rows as they stand, oldest first."""

    def rows() -> Sequence[OutboxMessage]:
        with house.read() as session:
            return session.exec(select(OutboxMessage).order_by(OutboxMessage.id)).all()

    return rows


@pytest.fixture
def make_box() -> Callable[..., Letterbox]:
    """A letterbox under a channel's name; like real ones, it cannot be asked what it has sent."""

    def make(name: str, **more: bool) -> Letterbox:
        return Letterbox(name=name, **{"can_be_asked": False, **more})  # type: ignore[arg-type]

    return make


@pytest.fixture
def ask_chen_yu(house: House) -> Callable[[str | None], str]:
    """Ask Chen Yu about a fresh case, reached at one address (None: the console). Returns the case's reference."""

    def ask(address: str | None) -> str:
        with house.work(person("li.na")) as work:
            work.session.execute(update(Channel).values(active=False))
            work.session.execute(update(OutboxMessage).values(state=MessageState.SKIPPED))
            if address is not None:
                add_channel(work, "chen.yu", address)
                add_channel(work, "liu.yang", address)
            li_na = work.session.get_one(Person, "li.na")
            case = open_case(
                work,
                ONBOARDING,
                title=STEEL_TRADER,
                initiator=li_na,
                handler=li_na,
                department=Department.BUSINESS,
                origin="page",
            )
            open_step(work, case, RISK_REVIEW, {})
            return case.ref

    return ask


@pytest.fixture
def overheard() -> Iterator[Callable[[], str]]:
    """All that reaches the root log, at its most talkative. (pytest's own capture also hears what does not.)"""
    heard = io.StringIO()
    handler, root = logging.StreamHandler(heard), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield heard.getvalue
    root.removeHandler(handler)
    root.setLevel(before)

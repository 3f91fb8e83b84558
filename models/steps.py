"""Human steps: how a process declares them, and what comes back.

A declaration says what is asked, who signs, how, until when, and what happens if nobody answers. When the step is
opened its declaration is frozen into the record, so that a deployed change does not alter what people were asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, field_validator

from config.words import ActionKind, ClosedBy, Expiry
from models.forms.base import NoForm, StepForm, form_named
from models.rules.signing import Declaration

F = TypeVar("F", bound=StepForm)


class Action(BaseModel):
    """One way to answer: a button, and the form behind it."""

    model_config = ConfigDict(frozen=True)

    name: str
    kind: ActionKind
    label: str
    form: type[StepForm] = NoForm

    def frozen_form(self) -> dict[str, str]:
        """The action as a step row keeps it."""
        return {"name": self.name, "kind": self.kind.value, "label": self.label, "form": self.form.form_name}


class ByHandler(BaseModel):
    """The case's business handler: the person whose customer it is."""

    model_config = ConfigDict(frozen=True)
    by: Literal["handler"] = "handler"


class HumanStep(BaseModel):
    """A step that people answer.

    Attributes:
        name: stable slug; with the round it is the journal key, and it names the step's times in ``steps.yaml``.
        title: what the step is called. question: the one sentence that is asked. Both are translatable.
        actions: the ways to answer, the most usual first.
        signers: who signs, and in which mode.
        by_initiator: whether the person who started the case may answer. Only for steps that record (办理), never for
            approvals: nobody approves what they started (processes §5).
        expiry: what happens when nobody has answered in time.
        rejection_waits: a rejection ends the step only after all seats of its level have spoken.
        keeps_signatures: what was signed here stays valid when a later step returns the case past it.
        returns_to: names of earlier steps that an answer of kind ``return`` may choose.
        sensitive: deciding always needs a signed-in session, whatever the amount.
        proposed_by: who has brought about what is decided here, and therefore does not decide it.
        yields_to: business events that overtake the step: it closes, and the flow looks at the case anew.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    question: str
    actions: tuple[Action, ...] = Field(min_length=1)
    signers: Declaration | ByHandler
    by_initiator: bool = False
    expiry: Expiry = Expiry.LAPSE
    rejection_waits: bool = False
    keeps_signatures: bool = False
    returns_to: tuple[str, ...] = ()
    sensitive: bool = False
    yields_to: tuple[str, ...] = ()
    proposed_by: tuple[str, ...] = ()
    turn: str = "1"

    @field_validator("by_initiator")
    @classmethod
    def _only_for_records(cls, value: bool, info: Any) -> bool:
        decides = {ActionKind.APPROVE, ActionKind.APPROVE_WITH_CONDITIONS, ActionKind.REJECT}
        if value and any(action.kind in decides for action in info.data.get("actions", ())):
            raise ValueError("nobody approves what they started: by_initiator is for steps that record")
        return value

    def at(self, turn: int | str) -> HumanStep:
        """The same step in another turn: after a return it is asked anew. ``"2.1"`` is round 2, first look."""
        return self.model_copy(update={"turn": str(turn)})

    def signed_by(self, signers: Declaration) -> HumanStep:
        """The same step, signed by people who were found out on the way (a team, a named officer)."""
        return self.model_copy(update={"signers": signers})

    def not_by(self, proposers: Sequence[str]) -> HumanStep:
        """The same step, decided by others than those who brought it about (processes §5)."""
        return self.model_copy(update={"proposed_by": tuple(proposers)})

    @property
    def key(self) -> str:
        return f"{self.name}#{self.turn}"

    @property
    def round(self) -> int:
        """The round of the flow that this turn belongs to."""
        return int(self.turn.split(".")[0])


class Signature(BaseModel):
    """One person's answer, as it is shown ever after.

    ``for_name`` is the absent person in whose name a substitute signed; ``advised_by`` the delegate who worked it out.
    """

    person_id: str
    name: str
    seat: str
    level: int
    action: str
    kind: ActionKind
    label: str
    form: dict[str, Any] = Field(default_factory=dict)
    at: datetime
    void: bool = False
    for_name: str | None = None
    advised_by: str | None = None
    added: bool = False


class Answer(BaseModel):
    """What a human step came to.

    Attributes:
        closed_by: an answer, its expiry, a withdrawal or a cancellation.
        kind, action: of the answer that closed the step; for an expiry as declared (``reject`` or none).
        form: the closing answer's form, typed.
        signatures: every answer given to the step, in order.
    """

    key: str
    closed_by: ClosedBy
    kind: ActionKind | None = None
    action: str | None = None
    form_name: str = ""
    form: SerializeAsAny[StepForm] = NoForm()
    signatures: tuple[Signature, ...] = ()

    @field_validator("form", mode="before")
    @classmethod
    def _typed(cls, value: Any, info: Any) -> Any:
        name = info.data.get("form_name")
        if isinstance(value, Mapping) and name:
            return form_named(name).model_validate(value)
        return value

    def filled(self, form: type[F]) -> F:
        """The closing answer's form, as the type that its action declares.

        Raises:
            TypeError: the step was answered with another form.
        """
        if not isinstance(self.form, form):
            raise TypeError(f"{self.key} was answered with {type(self.form).__name__}, not {form.__name__}")
        return self.form

    @property
    def overtaken(self) -> bool:
        """Whether a business event closed the step before anybody answered."""
        return self.closed_by is ClosedBy.EVENT

    @property
    def unanswered(self) -> bool:
        return self.closed_by is ClosedBy.EXPIRY

    @property
    def approved(self) -> bool:
        return self.kind in (ActionKind.APPROVE, ActionKind.APPROVE_WITH_CONDITIONS)

    @property
    def returned(self) -> bool:
        return self.kind is ActionKind.RETURN

    @property
    def rejected(self) -> bool:
        return self.kind is ActionKind.REJECT

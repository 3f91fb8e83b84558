"""The moves of a signer besides answering: what each takes, what it is called, and the one operation it calls.

Pages and the JSON API share them. The domain judges every move again; here is only what concerns the door that people
came by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError

from api.posted import Upload
from api.routes.taken import Taken, Text
from config.languages import N_
from config.words import Place
from models.audit import Actor
from models.errors import Conflict, Invalid, NotFound, Problem, SignInNeeded
from models.forms.base import problem_of
from models.house import House, Work
from models.operations.attachments import attach
from models.operations.decide import Via
from models.operations.moves import add_signer, delegate, remove_signer, take_back, transfer
from models.operations.once import once
from models.operations.remarks import MAX_TEXT, answer_question, ask_question, comment, copy_to
from models.queries.people import Colleague
from models.queries.steps import KEEPS_A_PLACE
from models.tables import Remark, Signer, Step

LONG: dict[str, Any] = {"widget": "long"}
PERSON: dict[str, Any] = {"widget": "person"}
PersonId = Annotated[Text, Field(min_length=1, max_length=160)]
Said = Annotated[Text, Field(min_length=1, max_length=1000)]
Told = Annotated[Text, Field(min_length=1, max_length=MAX_TEXT)]


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", str_strip_whitespace=True, json_schema_extra={"examples": [body]})


class Moving(Taken):
    """Base of what a move takes."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Transfer(Moving):
    """Give one's place to somebody else, for good (转办)."""

    model_config = _example(to="qian.wei", reason="Travelling until Friday.")
    to: PersonId = Field(title=N_("To whom"), json_schema_extra=PERSON)
    reason: Said = Field(title=N_("Reason"), json_schema_extra=LONG)


class Delegate(Moving):
    """Let somebody work out the answer, which comes back to be confirmed (委派)."""

    model_config = _example(to="sun.tao", request="Please check the contract first.")
    to: PersonId = Field(title=N_("To whom"), json_schema_extra=PERSON)
    request: Said = Field(title=N_("What they are to do"), json_schema_extra=LONG)


class AddSigner(Moving):
    """Have somebody sign besides oneself (加签)."""

    model_config = _example(who="feng.bo", where="before", reason="The clauses on retention of title.")
    who: PersonId = Field(title=N_("Who is to sign too"), json_schema_extra=PERSON)
    where: Place = Field(title=N_("When they sign"))
    reason: Said = Field(title=N_("Reason"), json_schema_extra=LONG)


class RemoveSigner(Moving):
    """Take somebody one has added off the route again (减签)."""

    model_config = _example(added=418)
    added: int = Field(ge=1, le=2**53, title=N_("Added signer"), description="`signer_id` of the added place.")


class CopyTo(Moving):
    """Let somebody know of the step (抄送)."""

    model_config = _example(to="zheng.li")
    to: PersonId = Field(title=N_("To whom"), json_schema_extra=PERSON)


class AskQuestion(Moving):
    """Ask somebody something; the deadline goes on."""

    model_config = _example(to="zheng.li", text="What is still owed to us?")
    to: PersonId = Field(title=N_("Whom you ask"), json_schema_extra=PERSON)
    text: Told = Field(title=N_("Question"), json_schema_extra=LONG)


class AnswerQuestion(Moving):
    """Answer a question one was asked."""

    model_config = _example(text="About 320,000 yuan, none of it overdue.")
    text: Told = Field(title=N_("Answer"), json_schema_extra=LONG)


class AnswerHere(AnswerQuestion):
    """Answer a question on the page of one's own step."""

    question: int = Field(ge=1, le=2**53, title=N_("Question"))


class Say(Moving):
    """Say something about the step to everyone who sees it."""

    model_config = _example(text="They asked for the same terms last year.")
    text: Told = Field(title=N_("Comment"), json_schema_extra=LONG)


@dataclass(frozen=True)
class Move:
    """One move. ``title``, ``hint``, ``button`` and ``done`` (said afterwards) are translatable."""

    name: str
    title: str
    hint: str
    button: str
    done: str
    act: Callable[[Work, Signer, Any], Any]
    form: type[Moving] = Moving
    takes_file: bool = False


MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        Move(
            "transfer",
            N_("Transfer"),
            N_("Somebody else answers instead of you, for good."),
            N_("Transfer the step"),
            N_("The step is transferred."),
            lambda work, place, given: transfer(work, place.id or 0, given.to, given.reason),
            Transfer,
        ),
        Move(
            "delegate",
            N_("Delegate"),
            N_("Somebody works out the answer; it comes back to you to be confirmed."),
            N_("Delegate the step"),
            N_("The step is delegated. The answer comes back to you."),
            lambda work, place, given: delegate(work, place.id or 0, given.to, given.request),
            Delegate,
        ),
        Move(
            "take-back",
            N_("Take back"),
            N_("Your delegate has not answered yet: you can take the step back."),
            N_("Take the step back"),
            N_("The step is yours again."),
            lambda work, place, _given: take_back(work, place.id or 0),
        ),
        Move(
            "add-signer",
            N_("Add a signer"),
            N_("Somebody else must sign besides you."),
            N_("Add to the route"),
            N_("The signer is added."),
            lambda work, place, given: add_signer(work, place.id or 0, given.who, given.where, given.reason),
            AddSigner,
        ),
        Move(
            "remove-signer",
            N_("Remove an added signer"),
            N_("Only whom you have added, and only until they have signed."),
            N_("Take off the route"),
            N_("The added signer is off the route."),
            lambda work, place, given: remove_signer(work, place.id or 0, given.added),
            RemoveSigner,
        ),
        Move(
            "question",
            N_("Ask a question"),
            N_("They answer without deciding. The deadline goes on meanwhile."),
            N_("Send the question"),
            N_("The question is on its way. You are told of the answer."),
            lambda work, place, given: ask_question(work, place.step_id, given.to, given.text),
            AskQuestion,
        ),
        Move(
            "copy",
            N_("Send a copy"),
            N_("They are to know of it. You see when they have read it."),
            N_("Send the copy"),
            N_("The copy is on its way."),
            lambda work, place, given: copy_to(work, place.step_id, given.to),
            CopyTo,
        ),
        Move(
            "comment",
            N_("Leave a comment"),
            N_("Say something to everyone who sees this step, without deciding it."),
            N_("Save the comment"),
            N_("Your comment is saved."),
            lambda work, place, given: comment(work, place.step_id, given.text),
            Say,
        ),
        Move(
            "attach",
            N_("Attach a file"),
            N_("PDF, PNG, JPEG, Word or Excel."),
            N_("Attach the file"),
            N_("The file is attached."),
            lambda work, place, given: attach(work, place.step_id, given.name, given.content),
            takes_file=True,
        ),
        Move(
            "answer",
            N_("Answer"),
            N_("You were asked a question."),
            N_("Send the answer"),
            N_("Your answer is on its way."),
            lambda work, _place, given: answer_question(work, given.question, given.text),
            AnswerHere,
        ),
    )
}


def make_move(
    house: House,
    signer_id: int,
    move: Move,
    given: Moving | Upload,
    *,
    actor: Actor,
    via: Via,
    key: str | None = None,
) -> Any:
    """Carry out ``move`` from one's own place, and return what the operation made.

    ``key`` is for what is said: sent again with it, the same remark is returned.

    Raises:
        NotFound: the place is not the actor's.
        SignInNeeded: a link alone moves a sensitive step as little as it decides it.
        Conflict: the place is not theirs any more.
        Refused: as the operation does; nothing is recorded but the refusal.
    """
    with house.work(actor) as work:
        place = work.session.get(Signer, signer_id)
        if place is None or place.person_id != actor.id:
            raise NotFound(N_("There is no such step for you."))
        if via == "link" and work.session.get_one(Step, place.step_id).sensitive:
            raise SignInNeeded(N_("This step needs you to be signed in. The link alone only shows it."))
        if place.state not in KEEPS_A_PLACE:
            raise Conflict(N_("This is not possible any more: your place on the step has changed."))
        if key is None or isinstance(given, Upload):
            return move.act(work, place, given)
        asked = {"what": move.name, "place": signer_id, "given": given.model_dump(mode="json")}
        number, _ = once(work, actor.id or "", key, asked, lambda: move.act(work, place, given).id)
        return work.session.get_one(Remark, int(number))


def filled(form: type[Moving], data: Mapping[str, Any]) -> Moving:
    """``data`` as what a move takes.

    Raises:
        Invalid: with every problem, by field.
    """
    try:
        return form.model_validate(dict(data))
    except ValidationError as error:
        problems = [problem_of(detail) for detail in error.errors(include_url=False, include_input=False)]
        raise Invalid(N_("Please look at the marked fields."), problems) from None


ASIDE = " · "
"""Stands in a list between a person and what is said of them besides."""


def called(one: Colleague) -> str:
    """How somebody is written in a list to choose from."""
    return f"{one.name} ({one.person_id})"


def person_meant(field: str, text: str, people: tuple[Colleague, ...]) -> str:
    """The id of whoever is meant by what was chosen or typed: an id, a name, or both. Unknown text is given back.

    Raises:
        Invalid: several people have this name.
    """
    wanted = text.partition(ASIDE)[0].strip()
    for one in people:
        if wanted in (one.person_id, called(one)):
            return one.person_id
    named = [one for one in people if one.name == wanted]
    if len(named) > 1:
        told = N_("Several people have this name: {people}. Please write which one.")
        problem = Problem(field, told, {"people": ", ".join(called(one) for one in named)})
        raise Invalid(N_("Please look at the marked fields."), [problem])
    return named[0].person_id if named else wanted

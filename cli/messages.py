"""``clientrisk messages``: what the outbox holds, and what became of each message."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy import func
from sqlmodel import col, select

from cli.terminal import on_clock, opened_house, operator, refusals_told, say, table
from config.words import MessageState
from models.house import House
from models.operations.fates import resend as resend_message
from models.tables import OutboxMessage, OutsideParty, Person

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The messages to people.")

COLUMNS = ("ID", "State", "Kind", "To", "By", "Case", "Written", "Sent", "Attempts", "Note")
Many = Annotated[int, typer.Option(min=1, max=1000, help="How many at most, the newest first.")]


@app.command("list")
def listed(
    state: Annotated[MessageState | None, typer.Option(help="Only those in this state.")] = None,
    person: Annotated[str | None, typer.Option(help="Only those to this person (id).")] = None,
    case: Annotated[str | None, typer.Option(help="Only those about this case.")] = None,
    limit: Many = 50,
) -> None:
    """List messages, the newest first. Texts and links are not kept, so they are not shown."""
    if not _show(opened_house(), [state] if state else list(MessageState), person, case, limit):
        say("There are no such messages.")


@app.command()
def dead(limit: Many = 200) -> None:
    """List the messages that were given up, and those of which nobody can say whether they went out."""
    house = opened_house()
    if not _show(house, [MessageState.DEAD, MessageState.UNKNOWN], None, None, limit):
        say("None was given up, and every fate is known.")


@app.command()
def resend(number: Annotated[int, typer.Argument(metavar="ID", help="Number of a message that was given up.")]) -> None:
    """Give a message that was given up another round of attempts."""
    with refusals_told(), opened_house().work(operator()) as work:
        resend_message(work, number)
    say(f"Message {number} is sent again.")


def _show(house: House, states: list[MessageState], person: str | None, case: str | None, limit: int) -> int:
    statement = (
        select(OutboxMessage, func.coalesce(Person.name, OutsideParty.name))
        .outerjoin(Person, col(Person.id) == OutboxMessage.person_id)
        .outerjoin(OutsideParty, col(OutsideParty.id) == OutboxMessage.outside_id)
        .where(col(OutboxMessage.state).in_(states))
        .order_by(col(OutboxMessage.id).desc())
        .limit(limit)
    )
    if person:
        statement = statement.where(OutboxMessage.person_id == person)
    if case:
        statement = statement.where(OutboxMessage.case_ref == case)
    with house.read() as session:
        rows = session.exec(statement).all()
    if rows:
        table(COLUMNS, [_row(house, message, name) for message, name in rows], right=(0, 8))
    return len(rows)


def _row(house: House, message: OutboxMessage, name: str) -> tuple[object, ...]:
    return (
        message.id,
        message.state.label,
        message.kind,
        name,
        message.channel,
        message.case_ref,
        on_clock(house, message.created_at),
        on_clock(house, message.sent_at),
        message.attempts,
        message.note,
    )

"""``clientrisk audit``: whether the record is whole."""

from __future__ import annotations

import typer

from cli.terminal import console, opened_house, say
from models.audit import verify as verify_chain

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Whether the record is whole.")


@app.callback()
def audit() -> None:
    """Whether the record is whole."""


@app.command()
def verify() -> None:
    """Read the audit trail from its first event and find the first broken link. Ends with 1 if there is one."""
    house = opened_house()
    with house.read() as session, console().status("Reading the audit trail …"):
        verdict = verify_chain(session)
    if verdict.broken_at is not None:
        say(f"Event {verdict.broken_at} breaks the chain: {verdict.why}. The {verdict.events} events before it hold.")
        say("Keep the database as it is, and compare it with the last backup.")
        raise typer.Exit(1)
    say(f"{verdict.events:,} events, every one in its place and unchanged.")

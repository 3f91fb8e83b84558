"""``clientrisk restore``: an installation out of a backup, in an empty place."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from cli.backup import describe
from cli.progress import bars
from cli.terminal import complain, operator, say
from config.problem import Problem
from config.settings import Settings, get_settings, load_settings
from models.audit import verify
from models.backup.restoring import Restored, check, restore
from models.house import open_engine

app = typer.Typer(add_completion=False)


@app.command("restore")
def restore_command(
    file: Annotated[Path, typer.Argument(help="The archive that `clientrisk backup` wrote.")],
    into: Annotated[
        Path | None, typer.Option(help="An empty or new folder to restore into, instead of CLIENTRISK_HOME.")
    ] = None,
    only_check: Annotated[bool, typer.Option("--check", help="Only say whether the archive is whole.")] = False,
    revoke_tokens: Annotated[
        bool, typer.Option("--revoke-tokens", help="Revoke all API tokens and calendar feeds as well.")
    ] = False,
) -> None:
    """Restore an archive where there is no database yet, SQLite or PostgreSQL, whichever it came from.

    Nothing is changed unless the whole archive is as it was written. An archive of an earlier version is brought
    forward. Start the product afterwards: open cases go on.
    """
    began = time.monotonic()
    if only_check:
        with bars() as told:
            manifest = check(file, told)
        say(f"{file} is whole: {describe(manifest)}.")
        return
    settings = _settings(into)
    with bars() as told:
        restored = restore(settings, file, operator(), revoke_tokens=revoke_tokens, told=told)
    say(f"Restored in {time.monotonic() - began:,.1f} seconds into {settings.home}: {describe(restored.manifest)}.")
    _say(restored)
    _verify(settings)
    if into is not None:
        say(f"Start it with CLIENTRISK_HOME={settings.home}.")


def _settings(into: Path | None) -> Settings:
    if into is None:
        return get_settings()
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise Problem(f"{into} is not an empty folder. Name one that is empty, or is not there yet.")
    return load_settings(home=into)


def _say(restored: Restored) -> None:
    settled = restored.settled
    say(f"{settled.open_cases:,} open cases go on when the product is started.")
    say(f"{settled.messages_waiting:,} messages waited when the backup was made. What was sent since is sent again.")
    say(f"{settled.signed_out:,} people were signed out; sign-in links are dead.")
    if settled.tokens_revoked:
        say(f"{settled.tokens_revoked:,} API tokens and calendar feeds were revoked.")
    elif settled.tokens_left:
        say(
            f"{settled.tokens_left:,} API tokens are valid as they were then: revoke those that had been revoked since."
        )
    if restored.manifest.missing:
        complain(f"{len(restored.manifest.missing)} files were missing when the backup was made, and are missing now.")


def _verify(settings: Settings) -> None:
    engine = open_engine(settings.database_url, pool_size=1)
    try:
        with Session(engine) as session:
            verdict = verify(session)
    finally:
        engine.dispose()
    if verdict.broken_at is not None:
        complain(f"Event {verdict.broken_at} breaks the audit trail: {verdict.why}. It did when the backup was made.")
        raise typer.Exit(1)
    say(f"The audit trail was read: {verdict.events:,} events, every one in its place and unchanged.")

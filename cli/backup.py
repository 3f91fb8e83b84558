"""``clientrisk backup``: everything this installation is made of, in one file, while it runs."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.progress import bars
from cli.terminal import complain, opened_house, operator, say
from config.problem import Problem
from models.backup.archive_out import DRAFT
from models.backup.manifest import Manifest
from models.backup.taking import Taken, take_backup
from models.house import House
from models.installation import installation_key

app = typer.Typer(add_completion=False)


@app.command()
def backup(
    to: Annotated[Path, typer.Argument(help="The file to write, or a folder that gets a file named after the time.")],
    keep: Annotated[
        int | None, typer.Option(min=1, help="In a folder: how many backups of this installation to keep.")
    ] = None,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Leave the keys out: the file alone then betrays no personal data.")
    ] = False,
) -> None:
    """Write record, files and keys into one archive, while the product runs. Ends with 1 if files were missing."""
    house = opened_house()
    if keep is not None and not to.is_dir():
        raise Problem(f"--keep needs a folder that holds the backups; {to} is none.")
    if not to.is_dir() and not to.parent.is_dir():
        raise Problem(f"There is no folder {to.parent}.")
    path = to / _name(house) if to.is_dir() else to
    began = time.monotonic()
    with bars() as told:
        taken = take_backup(house, path, operator(), with_keys=not without_keys, told=told)
    _say(taken, time.monotonic() - began)
    for old in _outlived(house, to, keep) if keep is not None else ():
        old.unlink()
        say(f"Deleted {old}: the {keep} newest are kept.")
    if taken.manifest.missing:
        complain(
            f"{len(taken.manifest.missing)} files that the record names are not in the store, or not what was handed "
            "in; the first is " + taken.manifest.missing[0]
        )
        raise typer.Exit(1)


def describe(manifest: Manifest) -> str:
    """What is in an archive, in one line."""
    keys = "with its keys" if manifest.keys.included else "without its keys"
    return (
        f"{manifest.rows:,} rows, {len(manifest.documents):,} files, {keys}; audit trail up to event "
        f"{manifest.audit_seq:,}; from {manifest.database}, clientrisk {manifest.version}, revision "
        f"{manifest.revision}, {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC"
    )


def _say(taken: Taken, seconds: float) -> None:
    say(f"{taken.path}: {taken.bytes:,} bytes in {seconds:,.1f} seconds, SHA-256 {taken.sha256}")
    say(describe(taken.manifest) + ".")
    if taken.manifest.keys.included:
        say("It holds the keys: whoever has this file can read everything. Keep it as you would keep them.")
    else:
        say("It holds no keys. Keep secret.key and encryption.key elsewhere: without them it cannot be restored.")


def _name(house: House) -> str:
    return f"{_beginning(house)}{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip"


def _beginning(house: House) -> str:
    """Names of this installation's backups begin so: those of another in the same folder are never deleted."""
    with house.read() as session:
        return f"clientrisk-{installation_key(session)[:8]}-"


def _outlived(house: House, folder: Path, keep: int) -> list[Path]:
    ours = re.compile(re.escape(_beginning(house)) + r"\d{8}T\d{6}Z\.zip")
    found = sorted(path for path in folder.iterdir() if ours.fullmatch(path.name) and path.is_file())
    broken_off = [path for path in folder.iterdir() if ours.fullmatch(path.name.removesuffix(DRAFT)) and _old(path)]
    return found[:-keep] + [path for path in broken_off if path.name.endswith(DRAFT)]


def _old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > 24 * 3600

"""``clientrisk audit``: whether the record is whole."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Annotated, Any
from zipfile import BadZipFile

import typer

from cli.progress import progress
from cli.terminal import on_clock, opened_house, say
from config.problem import Problem
from models.audit import Anchor, Verdict, anchor, check_anchor
from models.audit import verify as verify_chain
from models.house import House
from models.installation import installation_key
from notifications.papers import verify as verify_pack

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Whether the record is whole.")


@app.callback()
def audit() -> None:
    """Whether the record is whole."""


@app.command()
def verify(
    from_anchor: Annotated[
        Path | None,
        typer.Option(help="File of anchors: all must fit, and only the events after the last one are read."),
    ] = None,
) -> None:
    """Read the audit trail from its first event and find the first broken link. Ends with 1 if there is one."""
    house = opened_house()
    anchors = _anchors(from_anchor) if from_anchor else []
    began = time.monotonic()
    verdict = _verdict(house, anchors)
    if verdict.broken_at is not None:
        say(f"Event {verdict.broken_at} breaks the chain: {verdict.why}. The {verdict.events} events before it hold.")
        say("Keep the database as it is, and compare it with the last backup.")
        raise typer.Exit(1)
    seconds = time.monotonic() - began
    since = f" since the anchor of event {anchors[-1].seq:,}" if anchors else ""
    say(f"{verdict.events:,} events{since}, every one in its place and unchanged.")
    if verdict.events >= 10_000:
        say(f"Read in {seconds:,.1f} seconds: {verdict.events / seconds:,.0f} events a second.")


@app.command("anchor")
def take_anchor(
    to: Annotated[Path | None, typer.Option(help="File to add the line to; keep it on another machine.")] = None,
) -> None:
    """Print the last link of the audit trail, to be kept outside the house. What came before it is fixed by it.

    Whoever owns the database could write the whole trail anew, every hash included. An anchor that lies where they
    cannot reach shows it: `clientrisk audit verify --from-anchor FILE`.
    """
    house = opened_house()
    with house.read() as session:
        try:
            head, name = anchor(session), installation_key(session)
        except LookupError as error:
            raise Problem(f"No anchor can be taken: {error}. Run `clientrisk audit verify`.") from None
    line = json.dumps({"installation": name, "seq": head.seq, "hash": head.hash, "at": house.clock().isoformat()})
    say(line)
    if to is not None:
        try:
            with to.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            raise Problem(f"{to} cannot be written: {error.strerror}.") from None
        say(f"Added to {to} at {on_clock(house, house.clock())}.")


@app.command()
def confirm(
    pack: Annotated[Path, typer.Argument(help="An evidence pack, as ZIP file or unpacked.")],
) -> None:
    """Compare an evidence pack with this house: it is whole, and each of its events stands in the audit trail.

    Ends with 1 if it does not fit. The house's own verifier is used, not the one in the pack.
    """
    house, wrong = opened_house(), list[str]()
    try:
        files = verify_pack.read(pack)
        told = verify_pack.check(files, wrong)
        events = [json.loads(line) for line in files["audit.jsonl"].decode().splitlines()]
        links = [Anchor(int(one["seq"]), str(one["hash"])) for one in events]
    except BROKEN as error:
        raise Problem(f"{pack} is not a whole evidence pack ({type(error).__name__}: {error}).") from None
    with house.read() as session:
        strange = [link.seq for link in links if check_anchor(session, link) is not None]
    wrong += [f"Audit event {seq} does not stand in this house's trail like that." for seq in strange]
    for line in wrong:
        say(line)
    if wrong:
        raise typer.Exit(1)
    say(f"The pack is whole and stands in the audit trail: {told}.")


BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError, BadZipFile, EOFError)
"""What a pack that is none comes to."""


def _verdict(house: House, anchors: list[Anchor]) -> Verdict:
    with house.read() as session:
        for kept in anchors:
            wrong = check_anchor(session, kept)
            if wrong is not None:
                return Verdict(0, kept.seq, wrong)
        last = anchors[-1] if anchors else None
        try:
            total = anchor(session).seq - (last.seq if last else 0)
        except LookupError:
            total = 0
        with progress("Reading the audit trail", total) as told:
            return verify_chain(session, last, told)


def _anchors(path: Path) -> list[Anchor]:
    """Every anchor of a file, one JSON object a line, oldest first."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{path} cannot be read: {error}.") from None
    found = [_anchor(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not found:
        raise Problem(f"{path} holds no anchor. `clientrisk audit anchor --to {path}` adds one.")
    return sorted(found, key=lambda one: one.seq)


def _anchor(path: Path, number: int, line: str) -> Anchor:
    try:
        told: Any = json.loads(line)
        seq, hashed = told["seq"], told["hash"]
    except (ValueError, KeyError, TypeError):
        seq = hashed = None
    if not (
        isinstance(seq, int) and 0 <= seq < 2**31 and isinstance(hashed, str) and re.fullmatch("[0-9a-f]{64}", hashed)
    ):
        raise Problem(f"{path} line {number} is not an anchor as `clientrisk audit anchor` prints it.")
    return Anchor(seq, hashed)

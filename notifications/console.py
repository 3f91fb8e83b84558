"""The development channel: messages in a file, one JSON line each, and a word about them on the terminal.

The lines hold the links, for reading them there is what the channel is for; so only the file's owner may read it.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from models.operations.people import ChannelKind
from notifications.channels import ChannelError, Envelope


def _to_terminal(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


class ConsoleChannel:
    """Appends to ``path``. Any number of processes may do so at once, and each sees what the others have sent."""

    name = ChannelKind.CONSOLE.value
    deduplicates = False

    def __init__(self, path: Path, say: Callable[[str], None] = _to_terminal) -> None:
        self._path = path
        self._say = say

    def send(self, envelope: Envelope) -> None:
        """One line, in one write: it is there whole or not at all, whenever the process is killed."""
        try:
            file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)  # a line that another is just writing is not one that was cut
                self._append(file, _line(envelope))
            finally:
                os.close(file)
        except OSError as error:
            raise ChannelError(f"{self._path.name} cannot be written: {error.strerror}", temporary=True) from None
        self._say(f"message for {envelope.person_name}: {envelope.subject}\n")

    def _append(self, file: int, line: bytes) -> None:
        size = os.fstat(file).st_size
        if size and os.pread(file, 1, size - 1) != b"\n":  # a full disk has cut the line before
            line = b"\n" + line
        if os.write(file, line) != len(line):
            raise ChannelError(f"{self._path.name} was written only in part: the disk is full", temporary=True)

    def remembers(self, message_id: str) -> bool:
        """Whether a whole line tells of the message. Read from the file each time: it is asked after a crash only."""
        if not self._path.exists():
            return False
        beginning = f'{{"id": "{message_id}"'.encode()
        with self._path.open("rb") as file:
            return any(line.startswith(beginning) and line.endswith(b"}\n") for line in file)


def _line(envelope: Envelope) -> bytes:
    shown = {
        "id": envelope.message_id,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "kind": envelope.kind,
        "person": envelope.person_id,
        "case": envelope.case_ref,
        "subject": envelope.subject,
        "text": envelope.text,
        "link": envelope.link,
    }
    return json.dumps(shown, ensure_ascii=False).encode() + b"\n"

"""One process that the supervisor looks after: what it is, how it starts, what it says, how it ends.

Standard library only: this stays in memory for as long as the product runs.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO

LONGEST_LINE = 64 * 1024
"""Bytes after which a line without an end is passed on as it stands."""

LINES_KEPT = 20
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Child:
    """What is to run, and when it counts as ready.

    A child is ready when the address ``health`` answers 200, or when it has written a line containing
    ``ready_line``, or, with neither, as soon as it has started. A ``once`` child runs to its end: exit code 0
    makes it ready, anything else fails the start; its standard output is an answer to be read, not shown.
    A ``quiet_start`` child's lines before it is ready go to the log alone.
    A child is started when every child named in ``after`` is ready. ``grace`` is the number of seconds between
    SIGTERM and SIGKILL when it is stopped. All of it is plain data, so that a plan can be handed to another process.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] | None = None
    folder: str | None = None
    health: str | None = None
    ready_line: str | None = None
    after: Sequence[str] = ()
    once: bool = False
    quiet_start: bool = False
    grace: float = 10.0


class Started:
    """A running child, its own process group, with threads that read what it writes and wait for its end."""

    def __init__(
        self, child: Child, say: Callable[[Started, str], None], ended: Callable[[Started, int], None]
    ) -> None:
        """Starts the process. Raises ``OSError`` when it cannot be started.

        Must be called from the thread that outlives the child: on Linux the kernel ends the child with that thread.
        """
        self.child = child
        self.last_lines: deque[str] = deque(maxlen=LINES_KEPT)
        self.answer: list[str] = []
        self._say = say
        self.process = subprocess.Popen(
            list(child.argv),
            env=dict(child.environment) if child.environment is not None else None,
            cwd=child.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if child.once else subprocess.STDOUT,
            process_group=0,
            preexec_fn=partial(_end_with_parent, os.getpid()) if _PRCTL else None,
        )
        take_output = self.answer.append if child.once else self._line
        streams = [(self.process.stdout, take_output), (self.process.stderr, self._line)]
        self._readers = [
            threading.Thread(target=_read, args=(stream, take), name=f"{child.name}-output", daemon=True)
            for stream, take in streams
            if stream is not None
        ]
        for reader in self._readers:
            reader.start()
        threading.Thread(target=self._wait, args=(ended,), name=f"{child.name}-end", daemon=True).start()

    def signal(self, number: int) -> None:
        """Sends a signal to the child and to whatever it has started; nothing happens when it has ended."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def _line(self, line: str) -> None:
        self.last_lines.append(line)
        self._say(self, line)

    def _wait(self, ended: Callable[[Started, int], None]) -> None:
        code = self.process.wait()
        # What the child had started must not outlive it. The group's number stays taken while it has members.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for reader in self._readers:
            reader.join(timeout=2)
        ended(self, code)


def _read(stream: IO[bytes], take: Callable[[str], None]) -> None:
    with stream:
        while line := stream.readline(LONGEST_LINE):
            take(line.decode("utf-8", "replace").rstrip("\r\n"))


def _prctl() -> Callable[[int, int], int] | None:
    """Linux's prctl, loaded before any fork: nothing may be imported between fork and exec."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        function: Callable[[int, int], int] = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None
    return function


_PRCTL = _prctl()


def _end_with_parent(parent: int) -> None:
    """In the child, before its program starts: the kernel kills it when its parent dies, however that happens."""
    if _PRCTL is not None:
        _PRCTL(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # the parent died in between
            os._exit(1)

"""The whole audit trail read, a backup taken and restored, by the commands operators use: time and memory.

A trail of a million events, each with its true hash, beside cases that wait for their first rating.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench.figures import Figure
from bench.many_cases import multiply
from bench.staff import furnish
from config.settings import Settings, get_settings
from config.words import ActorKind
from models.audit import event_hash

MB = 1024 * 1024


@dataclass(frozen=True)
class Ran:
    """What a command took: by the clock, of a processor, and the most memory it held, in MB."""

    seconds: float
    processor: float
    memory: float


def measure(home: Path, quick: bool) -> Iterator[Figure]:
    """Verify, back up, restore."""
    events, cases = (50_000, 500) if quick else (1_000_000, 10_000)
    os.environ["CLIENTRISK_HOME"] = str(home)
    get_settings.cache_clear()
    settings = Settings(home=home)
    furnish(settings)
    multiply(settings, cases)
    _lengthen(home / "clientrisk.db", events)
    read = _run(home, "audit", "verify")
    yield Figure(f"audit verify: {events:,} events", read.seconds, "s", most=60)
    yield Figure("events in a second of a processor", events / read.processor, "/s")
    yield Figure("most memory of audit verify", read.memory, "MB", most=250)
    taken = _run(home, "backup", str(home / "backup.zip"))
    size = (home / "clientrisk.db").stat().st_size / MB
    yield Figure(f"backup of a database of {size:,.0f} MB", taken.seconds, "s", most=180)
    yield Figure("the same, of a processor", taken.processor, "s")
    yield Figure("the archive", (home / "backup.zip").stat().st_size / MB, "MB")
    yield Figure("most memory of a backup", taken.memory, "MB", most=250)
    restored = _run(home, "restore", str(home / "backup.zip"), "--into", str(home / "anew"))
    yield Figure("restore, the trail read included", restored.seconds, "s", most=300)
    yield Figure("the same, of a processor", restored.processor, "s")
    yield Figure("most memory of a restore", restored.memory, "MB", most=300)


COMMAND = """
import re, sys
from cli.main import run
try:
    run(sys.argv[2:])
finally:
    with open("/proc/self/status") as told, open(sys.argv[1], "w") as memory:
        memory.write(re.search(r"VmHWM:\\s*(\\d+)", told.read())[1])
"""
"""The command, and the most memory it held: what a process inherits from the one that started it is not its own."""


def _run(home: Path, *arguments: str) -> Ran:
    began, memory = time.monotonic(), home / "memory"
    child = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(memory), *arguments],
        env={**os.environ, "CLIENTRISK_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"clientrisk {arguments[0]} ended with {child.returncode}")
    return Ran(time.monotonic() - began, used.ru_utime + used.ru_stime, int(memory.read_text()) / 1024)


def _lengthen(path: Path, events: int) -> None:
    """Let the trail go on up to ``events``, each event hashed as it should be."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA synchronous=OFF")
        seq, previous = database.execute("SELECT seq, hash FROM chain_head").fetchone()
        database.executemany(
            "INSERT INTO audit_event VALUES "
            "(:seq, :at, :case_ref, :actor_kind, :actor_id, :event, :data, :previous, :hash)",
            _events(seq, previous, events),
        )
        database.execute(
            "UPDATE chain_head SET seq = ?, hash = (SELECT hash FROM audit_event WHERE seq = ?)", (events, events)
        )


def _events(seq: int, previous: str, last: int) -> Iterator[dict[str, Any]]:
    begun = datetime(2025, 1, 1, tzinfo=UTC)
    for number in range(seq + 1, last + 1):
        event = SimpleNamespace(
            seq=number,
            at=begun + timedelta(seconds=number),
            case_ref=f"ONB-2025-{number % 10_000 + 1:06d}",
            actor_kind=ActorKind.PERSON,
            actor_id=f"clerk.{number % 500:03d}",
            event="step.answered",
            chained={"step": "approval#1.1", "action": "approve", "via": "link"},
            previous=previous,
        )
        previous = event_hash(event)
        yield {
            **{name: value for name, value in vars(event).items() if name != "chained"},
            "at": f"{event.at:%Y-%m-%d %H:%M:%S.%f}",
            "actor_kind": event.actor_kind.value,
            "data": json.dumps(event.chained),
            "hash": previous,
        }

"""What the product costs while everybody only waits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.figures import Figure
from bench.staff import Staff, staff_of, wait_for
from cli.ports import answers
from cli.product import child_environment, on_free_ports
from config.settings import Settings

CASES = 10  # open, each waiting for somebody
SETTLE = 20.0  # seconds until what a start leaves to do is done
MB = 1024 * 1024


def measure(home: Path, quick: bool) -> list[Figure]:
    """Memory and processor time of everything that ``clientrisk up`` runs, its supervisor included."""
    seconds = 20.0 if quick else 75.0
    with _up(on_free_ports(Settings(home=home))) as (settings, process):
        url = f"http://{settings.api_host}:{settings.api_port}"
        with staff_of(settings, url) as staff:
            _open_cases(staff)
        time.sleep(SETTLE)
        everything = [process, *process.children(recursive=True)]
        before = _processor_seconds(everything)
        time.sleep(seconds)
        used = _processor_seconds(everything) - before
        memory = [each.memory_full_info() for each in everything]
    return [
        Figure("idle: memory of all processes, proportional (PSS)", sum(m.pss for m in memory) / MB, "MB", most=600),
        Figure("idle: memory of all processes, resident (RSS)", sum(m.rss for m in memory) / MB, "MB", most=600),
        Figure(f"idle: processor over {seconds:g} s", 100 * used / seconds, "% of a core", most=3),
    ]


def _open_cases(staff: Staff) -> None:
    staff.apply(*range(CASES))
    wait_for(lambda: len(staff.turns()) >= CASES and staff.at_rest(), "the cases to come to rest", every=0.2)


def _processor_seconds(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


@contextmanager
def _up(settings: Settings) -> Iterator[tuple[Settings, psutil.Process]]:
    """``clientrisk up`` as people start it."""
    settings.ensure_home()
    command = [sys.executable, "-m", "cli", "up"]
    process = subprocess.Popen(
        command, env=child_environment(settings), cwd=settings.home, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        health = f"http://{settings.api_host}:{settings.api_port}/readyz"
        wait_for(lambda: answers(health), "the product to start", every=0.2)
        yield settings, psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

"""One and two workers, one and two API processes, on PostgreSQL: cases a minute, memory, and what is busiest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.figures import Figure
from bench.postgresql import postgresql
from bench.staff import furnish, staff_of, wait_for
from bench.sustained import Answering, answer_for
from bench.two_databases import PATIENCE, Costs, memory, on_postgresql
from cli.product import Size
from config.policy import load_policy
from config.settings import Settings
from models.house import SYSTEM, open_house

SIZES = (Size(1, 1), Size(2, 1), Size(1, 2), Size(2, 2))
CASES = 60
AT_ONCE = 8
SEGMENTS_EACH = 5
"""Segments of a case that is admitted straight: its beginning and the answer to each of four steps."""


def measure(home: Path, quick: bool) -> Iterator[Figure]:
    """Each size with a database of its own; people answer at once, so that there is always something to carry."""
    yield from _chain(home / "chain", 3 if quick else 10)
    for size in SIZES:
        yield from _sized(home / f"{size.workers}-{size.apis}", size, 10 if quick else 30)


def _chain(home: Path, seconds: float) -> Iterator[Figure]:
    """All that is put on record takes its turn at the end of the audit chain: how many a second that lets pass."""
    home.mkdir(parents=True)
    with postgresql() as server:
        server.execute("CREATE DATABASE chain")
        settings = Settings(home=home, database_url=server.url("chain"))
        furnish(settings)
        house = open_house(settings, load_policy(settings.policy_folder))
        end = time.perf_counter() + seconds

        def note(_number: int) -> int:
            noted = 0
            while time.perf_counter() < end:
                with house.work(SYSTEM) as work:
                    work.record("bench.noted")
                noted += 1
            return noted

        with ThreadPoolExecutor(AT_ONCE) as pool:
            noted = sum(pool.map(note, range(AT_ONCE)))
        house.engine.dispose()
    yield Figure(f"changes put on the audit chain, {AT_ONCE} at once", noted / seconds, "/s")


def _sized(home: Path, size: Size, seconds: float) -> Iterator[Figure]:
    home.mkdir(parents=True)
    name = f"{size.workers} worker{'s' * (size.workers > 1)}, {size.apis} API process{'es' * (size.apis > 1)}"
    with (
        on_postgresql(home, size) as measured,
        staff_of(measured.product.settings, measured.product.api_url) as staff,
        Answering(staff) as answering,
    ):
        refs = set(staff.apply(*range(100, 100 + CASES)))
        wait_for(staff.at_rest, "the cases to come to rest", every=0.2, patience=PATIENCE)
        answer_for(answering, refs, seconds / 5)
        costs, before, began = Costs(measured), answering.segments(), time.perf_counter()
        answer_for(answering, refs, seconds)
        took, carried = time.perf_counter() - began, answering.segments() - before
        used, held = costs.seconds(), memory(measured)
        answering.finish()
    yield Figure(f"{name}: segments carried", carried / took, "/s")
    yield Figure(
        f"{name}: that is cases, of {SEGMENTS_EACH} segments each", 60 * carried / took / SEGMENTS_EACH, "/min"
    )
    yield Figure(f"{name}: memory, proportional", sum(held.values()), "MB")
    for part, spent in sorted(used.items(), key=lambda item: -item[1]):
        yield Figure(f"{name}: processors busy with {part}", spent / took, "")
    yield Figure(f"{name}: processor time of a segment, all parts", 1000 * sum(used.values()) / max(carried, 1), "ms")

"""Forty people answer at once: everybody is thanked, and every case's next step opens soon."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from bench.figures import Figure
from bench.staff import CONFIRM, PATIENCE, Staff, Turn, answer, staff_of, wait_for
from cli.product import Product

CASES = 40
AT_ONCE = 8  # requests on their way at the same moment


def measure(product: Product, quick: bool) -> list[Figure]:
    """Open forty cases, let each have its first rating confirmed at once, and wait for forty re-ratings."""
    with staff_of(product.settings, product.api_url) as staff:
        seconds, errors = burst(staff, CASES)
    return [
        Figure(f"burst of {CASES} decisions: all next steps open", seconds, "s", most=20),
        Figure("burst: errors shown", errors, "", most=0),
    ]


def burst(staff: Staff, cases: int) -> tuple[float, int]:
    """Seconds from the first of so many answers to the last next step open, and how many errors were shown."""
    refs = set(staff.apply(*range(100, 100 + cases)))
    wait_for(staff.at_rest, "the cases to come to rest", every=0.1, patience=4 * PATIENCE)
    turns = [turn for turn in staff.turns() if turn.case_ref in refs]
    began = time.perf_counter()
    errors = _answer_all(staff, turns) + cases - len(turns)
    wait_for(lambda: _opened(staff, refs) == cases, "the next steps", every=0.05, patience=4 * PATIENCE)
    return time.perf_counter() - began, errors


def _answer_all(staff: Staff, turns: list[Turn]) -> int:
    with staff.client("li.na") as client, ThreadPoolExecutor(AT_ONCE) as pool:
        replies = list(pool.map(lambda turn: answer(client, turn, CONFIRM), turns))
    return sum(not reply.is_success for reply in replies)


def _opened(staff: Staff, refs: set[str]) -> int:
    return len({turn.case_ref for turn in staff.turns() if turn.case_ref in refs and "risk-rerating" in turn.step})

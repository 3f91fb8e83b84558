"""From a decision accepted to the next person told, idle; and the same flow under Prefect's stock ``serve()``."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from bench.figures import Figure, middle, p95
from bench.staff import CONFIRM, RETURN, Staff, answer, staff_of, wait_for
from bench.stock import stock_of
from cli.product import Product

# Each of these answers ends a step, so that the run is resumed, goes on, and opens the next.
ROUND: tuple[tuple[str, Mapping[str, Any]], ...] = (("li.na", CONFIRM), ("chen.yu", CONFIRM), ("wang.jun", RETURN))


@dataclass
class Mailbox:
    """What was handed to the console channel, read as it is written."""

    file: Path
    position: int = 0

    def arrived(self) -> list[dict[str, str]]:
        """Messages since the last look."""
        if not self.file.exists():
            return []
        with self.file.open("rb") as file:
            file.seek(self.position)
            lines = file.readlines()
        whole = [line for line in lines if line.endswith(b"\n")]
        self.position += sum(map(len, whole))
        return [json.loads(line) for line in whole]


def next_step_seconds(product: Product, staff: Staff, samples: int) -> list[float]:
    """Seconds from each accepted answer to the next step's last message, one at a time, with rest in between."""
    mailbox = Mailbox(product.settings.home / "messages.jsonl")
    (ref,) = staff.apply(1)
    wait_for(lambda: staff.turns(ref) and staff.at_rest(), "the first step")
    return list(_one_after_the_other(staff, mailbox, ref, samples))


def _one_after_the_other(staff: Staff, mailbox: Mailbox, ref: str, samples: int) -> Iterator[float]:
    for who, decision in islice(cycle(ROUND), samples + len(ROUND)):
        mailbox.arrived()
        turn = next(turn for turn in staff.turns(ref) if turn.person_id == who)
        with staff.client(who) as client:
            client.get("/session")  # the connection stands, as a person's browser's does
            reply = answer(client, turn, decision)
        accepted = time.perf_counter()
        reply.raise_for_status()
        _wait_until_told(staff, mailbox, ref, turn.step)
        yield time.perf_counter() - accepted
        wait_for(staff.at_rest, "the case to come to rest")
        time.sleep(0.7)  # what the run still has to tell Prefect


def _wait_until_told(staff: Staff, mailbox: Mailbox, ref: str, answered: str) -> None:
    told: set[str] = set()
    asked: set[str] = set()

    def complete() -> bool:
        nonlocal asked
        told.update(m["person"] for m in mailbox.arrived() if m["case"] == ref and m["kind"] == "step_asked")
        if told and not asked:
            asked = {turn.person_id for turn in staff.turns(ref) if turn.step != answered}
        return bool(asked) and asked <= told

    wait_for(complete, "the next step's messages", every=0.002)


def measure(product: Product, quick: bool) -> list[Figure]:
    """Ours and the stock, in the same minutes on the same machine."""
    with staff_of(product.settings, product.api_url) as staff:
        ours = next_step_seconds(product, staff, samples=9 if quick else 42)[len(ROUND) :]
    with stock_of(product) as runner:
        stock = runner.seconds(2 if quick else 5)
    return [
        Figure("decision → next step open and told, median", middle(ours), "s", most=0.6),
        Figure("decision → next step open and told, p95", p95(ours), "s", most=1.5),
        Figure("the same under stock serve(), median (opened only)", middle(stock), "s"),
        Figure("times faster than stock", middle(stock) / middle(ours), "×", least=10),
    ]

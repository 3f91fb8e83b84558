"""Evaluating a whole portfolio on the embedded database: how long, how much memory, and whether both stay in step."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import col, select

from bench.figures import Figure
from bench.staff import furnish
from cli.product import child_environment
from config.policy import load_policy
from config.settings import Settings
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House, open_house, person, system_clock
from models.installation import store_policy
from models.operations.decide import decide
from models.operations.evaluation import open_evaluation
from models.rules.periods import quarter_of
from models.tables import Signer, Step

SIZES = (10_000, 100_000, 300_000)
QUICK = (2_000, 10_000, 20_000)
WEIGHED = 1
"""Which of the sizes has the target."""
SECONDS, MEGABYTES = 60, 500
LINEAR = 1.5
"""A customer of the largest portfolio may cost the processor so many times what one of the smallest costs."""


def measure(home: Path, quick: bool) -> Iterator[Figure]:
    """Evaluate portfolios of three sizes, each in a process of its own, with every figure and ten invoices each."""
    each: list[float] = []
    for place, size in enumerate(QUICK if quick else SIZES):
        found = _in_a_process(home / str(size), size)
        each.append(found["worked"] / size)
        bound = place == WEIGHED
        name = f"evaluation of {size:,} customers"
        yield Figure(name, found["seconds"], "s", most=SECONDS if bound else None)
        yield Figure(f"{name}, the processor's share", found["worked"], "s")
        yield Figure(f"{name}, most memory", found["megabytes"], "MB", most=MEGABYTES if bound else None)
        yield Figure(f"{name}, ratings in effect after the signature", found["effect"], "s")
    yield Figure("a customer of the largest costs, of the smallest", each[-1] / each[0], "×", most=LINEAR)


def _in_a_process(home: Path, size: int) -> dict[str, float]:
    from bench.portfolio import fill

    home.mkdir(parents=True)
    settings = Settings(home=home)
    furnish(settings)
    house = open_house(settings, load_policy(settings.policy_folder))
    with house.work() as work:
        other = open_evaluation(work, str(quarter_of(house.calendar.day_of(work.now)).before.before)).ref
    house.engine.dispose()
    fill(settings, size, other)
    command = [sys.executable, "-m", "bench.evaluation"]
    told = subprocess.run(command, env=child_environment(settings), check=True, stdout=subprocess.PIPE).stdout
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found


def play() -> None:
    """Evaluate the last quarter with this process, to the review, and then to its end."""
    settings = Settings()
    house = open_house(settings, load_policy(settings.policy_folder))
    store_policy(house)
    clock = VirtualClock(system_clock())
    runner = DirectRunner(house, clock)
    with house.work() as work:
        ref = open_evaluation(work, str(quarter_of(house.calendar.day_of(work.now)).before)).ref
    began, worked = time.perf_counter(), time.process_time()
    carry(runner, ref)
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    to_the_end(house, runner, ref)
    effect = time.perf_counter() - began
    sys.stdout.write(
        json.dumps({"seconds": seconds, "worked": worked, "megabytes": megabytes, "effect": effect}) + "\n"
    )


def carry(runner: DirectRunner, ref: str) -> None:
    from flows.case_flow import process_named

    runner.run_segment(ref, process_named("quarterly-evaluation").story)


def to_the_end(house: House, runner: DirectRunner, ref: str) -> None:
    actions = {"evaluation-review": "confirm", "limit-changes": "approve", "evaluation-sign-off": "sign-off"}
    while True:
        with house.read() as session:
            asked = session.exec(
                select(Signer, Step)
                .join(Step, col(Step.id) == Signer.step_id)
                .where(Signer.case_ref == ref, Signer.state == "asked")
                .order_by(col(Signer.id))
            ).first()
        if asked is None:
            return
        signer, step = asked
        form = {}
        if step.name == "record-limits":
            form = {**step.content["prefill"], "ledger_number": "2026-77"}
        with house.work(person(signer.person_id)) as work:
            action = actions.get(step.name, "record")
            decide(work, signer.id or 0, action, form, shown_hash=step.content_hash, via="session")
        carry(runner, ref)


if __name__ == "__main__":
    play()

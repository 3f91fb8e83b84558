"""Every process with its steps and outcomes, and every routine with its first schedule."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from config.policy import load_policy
from config.policy.policy import Policy
from config.words import Expiry, Outcome
from flows.case_flow import process_named
from models.processes import PROCESSES, ROUTINES, ProcessKind
from models.rules.signing import ByMatrix
from models.steps import ByHandler, HumanStep
from tests.complete.reference.writing import code, heading, joined, table


def page() -> str:
    lines = heading(
        "Processes, steps and routines",
        "What each process is for, and how it goes, is told in its page under [processes](../processes/). Deadlines "
        "are those of the packaged policy, in business days; *expires* counts from the deadline.",
    )
    policy = load_policy()
    for name, kind in PROCESSES.items():
        lines += [f"## {kind.title}", "", *_process(name, kind, policy)]
    lines += ["## Routines", ""]
    rows = [
        (
            code(one.name),
            one.title,
            code(one.cron),
            one.about,
            "; ".join(f"`{name}`: {what}" for name, what in one.asks),
        )
        for one in ROUTINES.values()
    ]
    lines += table(("name", "title", "first schedule (cron)", "what it does", "parameters"), rows)
    return joined(lines)


def _process(name: str, kind: ProcessKind, policy: Policy) -> Iterator[str]:
    module = import_module(process_named(name).story.__module__)
    steps = {step.name: step for step in vars(module).values() if isinstance(step, HumanStep)}
    outcomes = [
        one.value for one in _outcomes(module, lapses=any(one.expiry is Expiry.LAPSE for one in steps.values()))
    ]
    yield f"`{name}`, cases `{kind.prefix}-YYYY-NNNNNN`, described in [its page](../processes/{name}.md)."
    yield ""
    yield f"Outcomes: {', '.join(map(code, outcomes))}."
    yield ""
    yield from table(
        ("step", "title", "asked of", "answers", "deadline", "expires", "then"),
        [_step(step, policy) for step in steps.values()],
    )


def _step(step: HumanStep, policy: Policy) -> tuple[str, ...]:
    times = policy.steps.times(step.name)
    answers = ", ".join(f"{code(one.name)} ({one.kind.value})" for one in step.actions)
    sensitive = ", signed in" if step.sensitive else ""
    return (
        code(step.name),
        step.title,
        f"{_asked_of(step)}{sensitive}",
        answers,
        str(times.deadline_days),
        str(times.expires_after_days),
        step.expiry.value,
    )


def _asked_of(step: HumanStep) -> str:
    if isinstance(step.signers, ByHandler):
        return "the handler"
    if isinstance(step.signers, ByMatrix):
        return "the approval matrix"
    values = step.signers.model_dump(mode="json")
    told = [str(one) for key in ("role", "roles", "seats", "mode", "by") if (one := values.get(key))]
    return re.sub(r"[\[\]'{}]", "", ", ".join(told)).replace("_", " ") or type(step.signers).__name__


def _outcomes(module: ModuleType, *, lapses: bool) -> list[Outcome]:
    named = {Outcome[name] for name in re.findall(r"Outcome\.([A-Z_]+)", inspect.getsource(module))}
    any_case = {Outcome.WITHDRAWN, Outcome.CANCELLED, *([Outcome.LAPSED] if lapses else ())}
    return [one for one in Outcome if one in named | any_case]

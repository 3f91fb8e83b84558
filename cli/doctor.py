"""``clientrisk doctor``: is everything as it should be, and if not, what to do."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.text import Text

from cli.checks import backups, database, policies, secrets, services, trail, versions, work
from cli.checks.finding import Finding, State, fail
from cli.checks.ground import Ground, first_line
from cli.terminal import say, table
from config.settings import get_settings

app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class Check:
    """One subject the doctor looks at. ``of_database``: there is nothing to see without one."""

    name: str
    look: Callable[[Ground], Iterator[Finding]]
    of_database: bool = False


CHECKS = (
    Check("versions", versions.look),
    Check("database", database.look),
    Check("secrets", secrets.look),
    Check("backup", backups.look, of_database=True),
    Check("policy", policies.look_at_policy),
    Check("calendar", policies.look_at_calendar),
    Check("Prefect", services.look_at_prefect),
    Check("API", services.look_at_api),
    Check("worker", services.look_at_workers, of_database=True),
    Check("cases", work.look_at_cases, of_database=True),
    Check("outbox", work.look_at_messages, of_database=True),
    Check("audit trail", trail.look, of_database=True),
)

COLOURS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "bold red"}


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs: every finding, and the worst state.")] = False,
    deep: Annotated[bool, typer.Option(help="Read the whole audit trail and the whole database file.")] = False,
    strict: Annotated[bool, typer.Option(help="Let warnings end with 1.")] = False,
) -> None:
    """Examine this installation, running or not. Nothing is changed.

    Ends with 0 when all is well, 1 when there are only warnings and --strict is given, 2 when something fails.
    """
    findings = examine(Ground(get_settings(), deep=deep))
    worst = worst_of(findings)
    if as_json:
        say(json.dumps({"state": worst, "findings": [asdict(one) for one in findings]}, ensure_ascii=False, indent=2))
    else:
        _tell(findings)
    if worst is State.FAIL:
        raise typer.Exit(2)
    if worst is State.WARN and strict:
        raise typer.Exit(1)


def examine(ground: Ground) -> list[Finding]:
    """Everything the checks find. A check that breaks is itself a finding: the others go on."""
    return [finding for check in CHECKS for finding in _findings(check, ground)]


def _findings(check: Check, ground: Ground) -> list[Finding]:
    if check.of_database and ground.no_database is not None:
        return [fail(check.name, f"Not known: {ground.no_database}.")]
    try:
        return list(check.look(ground))
    except Exception as error:  # whatever it is: to be told, like all the rest
        return [fail(check.name, f"This could not be looked at ({type(error).__name__}: {first_line(error)}).")]


def worst_of(findings: Sequence[Finding]) -> State:
    """The worst state there is among ``findings``."""
    states = {finding.state for finding in findings}
    return next((state for state in (State.FAIL, State.WARN) if state in states), State.OK)


def _tell(findings: Sequence[Finding]) -> None:
    rows = [(one.check, Text(one.state.value, COLOURS[one.state]), one.sentence) for one in findings]
    table(("What", "State", "Found"), rows)
    counted = Counter(one.state for one in findings)
    say(f"{counted[State.OK]} ok, {counted[State.WARN]} to be warned of, {counted[State.FAIL]} failing.")

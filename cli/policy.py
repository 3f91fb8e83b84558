"""``clientrisk policy``: whether the files are right, what they say, and why a case went the way it went."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
import yaml
from sqlmodel import col, func, select

from cli.explain import explain_case
from cli.simulate import proposed_policy, tell
from cli.terminal import on_clock, opened_house, refusals_told, say, table
from config.policy import Policy, PolicyError, load_policy
from config.policy.policy import PARTS
from config.problem import Problem
from config.settings import get_settings
from models.house import House
from models.tables import Case, PolicyVersion

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The policy: numbers and tables as data.")


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="Folder of policy files; without it, those that run.")] = None,
) -> None:
    """Check policy files, and tell everything that is wrong with its line. Ends with 1 if anything is."""
    where = folder or get_settings().policy_folder
    if where is not None and not where.is_dir():
        raise Problem(f"There is no folder {where}.")
    try:
        policy = load_policy(where)
    except PolicyError as error:
        for problem in error.problems:
            say(f"{where / problem.file if where else problem.file}{_line(problem.line)}: {problem.message}")
        say(f"{len(error.problems)} problems. Cases keep the version they began under; nothing has changed.")
        raise typer.Exit(1) from None
    say(f"{where or 'The packaged policy'}: no problems. Version {policy.version}.")
    if policy.from_package:
        say("As packaged, because these files do not say (docs/policy.md tells what each means):")
        for one in policy.from_package:
            say(f"  {one}")


def _line(number: int) -> str:
    return f" line {number}" if number else ""


@app.command()
def show(
    part: Annotated[str | None, typer.Argument(help=f"One of: {', '.join(PARTS)}.")] = None,
    version: Annotated[str | None, typer.Option(help="A version on record, instead of the one that runs.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show the policy: its versions and who may approve what; or one part of it, whole."""
    house = opened_house()
    policy = _of_version(house, version) if version else house.policy
    if part is not None and part not in PARTS:
        raise Problem(f"There is no part {part!r} of the policy. There are: {', '.join(PARTS)}.")
    if as_json:
        say(json.dumps(_plain(policy, part), ensure_ascii=False, indent=2))
    elif part:
        say(yaml.safe_dump(_plain(policy, part), allow_unicode=True, sort_keys=False).rstrip())
    else:
        _versions(house)
        _overview(policy)


@app.command()
def explain(case: Annotated[str, typer.Argument(help="The case's reference, such as ONB-2026-000123.")]) -> None:
    """Explain a case: for every step, why this route, why these people, who was left out, under which version."""
    house = opened_house()
    with refusals_told(), house.read() as session:
        lines = explain_case(house, session, case)
    for line in lines:
        say(line)


@app.command("simulate")
def simulate_policy(
    proposed: Annotated[Path, typer.Argument(help="A folder of policy files, or one file that replaces its like.")],
) -> None:
    """Replay closed cases under a proposed policy: who would have signed, which outcome differs. Changes nothing."""
    house = opened_house()
    try:
        policy = proposed_policy(proposed, house.settings.policy_folder)
    except PolicyError as error:
        for problem in error.problems:
            say(f"{problem.file}{_line(problem.line)}: {problem.message}")
        raise typer.Exit(1) from None
    tell(house, policy)


def _of_version(house: House, version: str) -> Policy:
    with house.read() as session:
        try:
            return house.policy_of(session, version)
        except LookupError:
            known = ", ".join(session.exec(select(PolicyVersion.version)))
            raise Problem(f"There is no version {version} on record. There are: {known or 'none'}.") from None


def _plain(policy: Policy, part: str | None) -> object:
    values = policy.model_dump(mode="json")
    return values[part] if part else values


def _versions(house: House) -> None:
    counted = (
        select(PolicyVersion.version, PolicyVersion.first_used_at, func.count(col(Case.ref)))
        .join(Case, col(Case.policy_version) == PolicyVersion.version, isouter=True)
        .group_by(col(PolicyVersion.version), col(PolicyVersion.first_used_at))
        .order_by(col(PolicyVersion.first_used_at))
    )
    with house.read() as session:
        stored = session.exec(counted).all()
    source = house.settings.policy_folder or "packaged"
    rows = [(v, on_clock(house, at), cases, "now" if v == house.policy.version else "") for v, at, cases in stored]
    if house.policy.version not in {version for version, *_ in stored}:
        rows.append((house.policy.version, "at the next start", 0, "not yet"))
    table(("Version", "In use since", "Cases", "Runs"), rows, title=f"Versions (files: {source})", right=(2,))


def _overview(policy: Policy) -> None:
    credit, approval = policy.credit, policy.approval
    table(
        ("Grade", "Score", "Limit up to (yuan)", "Term up to (days)"),
        [(row.grade.value, f"{row.lowest}-{row.highest}", f"{row.limit:,}", row.term_days) for row in credit.grades],
        title="Credit table (C)",
        right=(2, 3),
    )
    terms = {row.role: row.up_to_days for row in approval.by_term}
    limits = {row.role: row.up_to for row in approval.by_limit}
    rows = []
    for role in approval.authority:
        limit, term = limits.get(role), terms.get(role)
        rows.append((role.label, f"{limit:,}" if limit is not None else "above", term if term is not None else "above"))
    title = "Who decides: the stricter of limit and term, everyone below signs first (C)"
    table(("Role", "Limit up to (yuan)", "Term up to (days)"), rows, title=title, right=(1, 2))
    for extra in approval.also_sign_above:
        roles = " and ".join(role.label for role in extra.roles)
        say(f"Above {extra.above:,} yuan also: {roles}. Above {approval.step_up_above:,} signing needs a session.")
    say(f"The whole of a part: clientrisk policy show PART, with PART one of {', '.join(PARTS)}.")

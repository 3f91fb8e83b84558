"""What ``clientrisk policy simulate`` prints: closed cases under a proposed policy, and what differs."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from importlib import resources
from pathlib import Path

from cli.terminal import say, table
from config.policy import Policy, load_policy
from config.policy.policy import PARTS
from config.problem import Problem
from models.house import House
from models.queries.simulation import Replayed, Terms, simulate

SHOWN = 200  # differing cases in the table; the counts below it are of all


def proposed_policy(path: Path, running_folder: Path | None) -> Policy:
    """The policy of a folder; or the files that run with one of them replaced.

    Raises:
        Problem: there is no such file, or its name is none of the policy's.
        PolicyError: the policy has mistakes.
    """
    if path.is_dir():
        return load_policy(path)
    if not path.is_file():
        raise Problem(f"There is no file or folder {path}.")
    names = [f"{part}.yaml" for part in PARTS]
    if path.name not in names:
        raise Problem(f"{path.name} replaces no file of the policy. There are: {', '.join(names)}.")
    source = running_folder or resources.files("config") / "policy"
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            if (source / name).is_file():  # what a folder of one's own does not have is the package's, then as now
                Path(folder, name).write_bytes((source / name).read_bytes())
        shutil.copyfile(path, Path(folder, path.name))
        return load_policy(Path(folder))


def tell(house: House, policy: Policy) -> None:
    """Replay every closed case and print what differs."""
    replayed = 0
    differing: list[Replayed] = []
    counts: Counter[str] = Counter()
    for case in simulate(house, policy):
        replayed += 1
        counts.update(case.differs)
        if case.differs and len(differing) < SHOWN:
            differing.append(case)
    if differing:
        columns = ("Case", "Customer", "Differs in", "Then", "Under the proposal")
        table(columns, [_row(case) for case in differing], title=f"Version {policy.version}, proposed")
    told = ", ".join(f"{what}: {count}" for what, count in counts.most_common()) or "nothing differs"
    say(f"{replayed} closed cases replayed; {told}.")
    say("The record's facts, people's ratings and their decisions are kept; only the rules are the proposal's.")


def _row(case: Replayed) -> tuple[str, ...]:
    now = case.problem if case.now is None else _terms(case.now, case.outcome_now.label if case.outcome_now else "")
    return (case.case_ref, case.title, ", ".join(case.differs), _terms(case.then, case.outcome_then.label), now)


def _terms(terms: Terms, outcome: str) -> str:
    route = " → ".join(", ".join(people) for people in terms.levels)
    return f"{terms.points} points, {terms.grade}; {terms.limit:,} yuan, {terms.term_days} d\n{route}\n{outcome}"

"""Reading policy files: everything wrong in them is found at once, each with its line."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import ValidationError

from config.policy.base import PolicyModel
from config.policy.findings import findings
from config.policy.policy import PARTS, Policy
from config.policy.privacy import PrivacyPolicy
from config.policy.problems import PolicyError, Problem
from config.policy.yaml_lines import read_yaml


def load_policy(folder: Path | None = None) -> Policy:
    """The policy in ``folder``, or the packaged one.

    Raises:
        PolicyError: with every problem of every file, by file and line.
    """
    source: Traversable = folder if folder is not None else resources.files("config") / "policy"
    problems: list[Problem] = list(_strangers(source))
    parts: dict[str, PolicyModel] = {}
    for name, model in PARTS.items():
        part, found = _load_part(source / f"{name}.yaml", f"{name}.yaml", model)
        problems += found
        if part is not None:
            parts[name] = part
    if problems:
        raise PolicyError(problems)
    return Policy.of(parts)


def _load_part(file: Traversable, name: str, model: type[PolicyModel]) -> tuple[PolicyModel | None, list[Problem]]:
    if not file.is_file():
        if model is PrivacyPolicy:  # folders of one's own are older than this file
            return PrivacyPolicy(), []
        return None, [Problem(name, 0, "the file is missing")]
    document, faults = read_yaml(file.read_bytes())
    problems = [Problem(name, line, message) for line, message in faults]
    if document is None:
        return None, problems
    try:
        return model.model_validate(document.content), problems
    except ValidationError as error:
        return None, problems + [Problem(name, line, message) for line, message in findings(error, model, document)]


def _strangers(folder: Traversable) -> list[Problem]:
    """YAML files nobody reads: most likely a misspelt name."""
    if not folder.is_dir():
        return []
    names = {entry.name for entry in folder.iterdir() if entry.name.endswith((".yaml", ".yml"))}
    known = [f"{name}.yaml" for name in PARTS]
    problems: list[Problem] = []
    for name in sorted(names.difference(known)):
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known files: {', '.join(known)}"
        problems.append(Problem(name, 0, f"unknown policy file ({hint})"))
    return problems

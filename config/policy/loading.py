"""Reading policy files: everything wrong in them is found at once, each with its line.

A folder made for an earlier version lacks what was added since. What it does not have is taken from the package, and
the policy tells what that was (``Policy.from_package``).
"""

from __future__ import annotations

from collections.abc import Iterator
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
    """The policy in ``folder``, or the packaged one. A file that is not in the folder is the packaged one,
    but for ``privacy.yaml``: without it hardly anything is erased.

    Raises:
        PolicyError: with every problem of every file, by file and line.
    """
    packaged: Traversable = resources.files("config") / "policy"
    source = packaged if folder is None else folder
    problems = list(_strangers(source))
    if not problems and not _has_policy(source):  # the wrong folder: it must not pass for the packaged policy
        problems.append(Problem("", 0, f"no policy file is in this folder (known files: {', '.join(FILES.values())})"))
    parts: dict[str, PolicyModel] = {}
    from_package: list[str] = []
    for name, model in PARTS.items():
        own = source / FILES[name]
        if folder is not None and not own.is_file() and model is PrivacyPolicy:
            # What erases is never taken over unasked: without the company's own word nothing of its cases goes.
            parts[name] = PrivacyPolicy()
            continue
        part, found = _load_part(own if own.is_file() else packaged / FILES[name], model)
        problems += found
        if part is None:
            continue
        parts[name] = part
        if not own.is_file():
            from_package.append(own.name)
        elif folder is not None:
            standard, _ = _load_part(packaged / FILES[name], model)
            from_package += _left_out(part, standard, name)
    if problems:
        raise PolicyError(problems)
    return Policy.of(parts, from_package)


FILES = {name: f"{name}.yaml" for name in PARTS}


def _load_part(file: Traversable, model: type[PolicyModel]) -> tuple[PolicyModel | None, list[Problem]]:
    document, faults = read_yaml(file.read_bytes())
    problems = [Problem(file.name, line, message) for line, message in faults]
    if document is None:
        return None, problems
    try:
        return model.model_validate(document.content), problems
    except ValidationError as error:
        found = findings(error, model, document)
        return None, problems + [Problem(file.name, line, message) for line, message in found]


def _left_out(part: PolicyModel, standard: object, path: str) -> Iterator[str]:
    """The keys that a file does not have and that are therefore as packaged. Where leaving a key out says something
    of its own (no further signatures, no festivals), it is the file's own word and not told here."""
    for name in type(part).model_fields:
        value, packaged = getattr(part, name), getattr(standard, name, None)
        if name not in part.model_fields_set:
            if value == packaged:
                yield f"{path}.{name}"
        elif isinstance(value, PolicyModel):
            yield from _left_out(value, packaged, f"{path}.{name}")


def _has_policy(folder: Traversable) -> bool:
    return any((folder / name).is_file() for name in FILES.values())


def _strangers(folder: Traversable) -> list[Problem]:
    """YAML files nobody reads: most likely a misspelt name."""
    if not folder.is_dir():
        return []
    names = {entry.name for entry in folder.iterdir() if entry.name.endswith((".yaml", ".yml"))}
    known = list(FILES.values())
    problems: list[Problem] = []
    for name in sorted(names.difference(known)):
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known files: {', '.join(known)}"
        problems.append(Problem(name, 0, f"unknown policy file ({hint})"))
    return problems

"""docs/policy.md explains every key of every policy file, and none that does not exist."""

import re
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from config.policy.base import Text
from config.policy.policy import PARTS

REFERENCE = Path(__file__).parents[2] / "docs" / "policy.md"


def keys(annotation: Any, path: str) -> set[str]:
    """Every key below ``annotation``: ``[]`` stands for a position in a list, ``<>`` for a key chosen by the writer."""
    if hasattr(annotation, "__metadata__"):
        return keys(annotation.__origin__, path)
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return set().union(*(keys(member, path) for member in inner))
    if origin is tuple:
        return keys(inner[0], f"{path}[]")
    if origin is dict:
        return keys(inner[1], f"{path}.<>")
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation is not Text:
        return set().union(*(keys(f.annotation, f"{path}.{n}") for n, f in annotation.model_fields.items()))
    return {path}


def test_every_key_is_documented_and_every_documented_key_exists() -> None:
    known = set().union(*(keys(model, name) for name, model in PARTS.items()))
    documented = set(re.findall(r"^\| `([a-z_.\[\]<>]+)` \|", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == known

"""YAML read with the line of every value, exact numbers, and no key silently replaced by its double."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from config.policy.base import Place

LineFault = tuple[int, str]
_INT, _FLOAT, _BOOL, _NULL = (f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null"))
_TRUTH = {"true": True, "false": False}


@dataclass
class Document:
    """What a file says, and on which line each of its places stands (counted from 1)."""

    content: Any = None
    lines: dict[Place, int] = field(default_factory=dict)

    def line_of(self, place: Place) -> int:
        """The line of ``place``, or of the nearest thing around it that is in the file."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)

    def known_part(self, loc: Place) -> Place:
        """``loc`` without the segments that are not in the file, such as the name of a union's member."""
        place: Place = ()
        for segment in loc:
            if (*place, segment) in self.lines:
                place = (*place, segment)
        return place


def read_yaml(raw: bytes) -> tuple[Document | None, list[LineFault]]:
    """The document in ``raw`` and what is wrong with it as YAML. Without a readable document: ``None``."""
    try:
        root = yaml.compose(raw.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        return None, [(raw[: error.start].count(b"\n") + 1, "the file is not UTF-8")]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = " ".join(part for part in (error.context, error.problem) if part)
        return None, [(mark.line + 1 if mark else 1, f"not valid YAML: {told}")]
    except yaml.YAMLError as error:
        return None, [(1, f"not valid YAML: {error}")]
    if root is None:
        return None, [(1, "the file is empty")]
    reader = _Reader()
    document = Document()
    document.lines[()] = root.start_mark.line + 1
    document.content = reader.value(root, (), document.lines)
    return document, reader.faults


class _Reader:
    """Turns YAML nodes into values, noting lines and faults."""

    def __init__(self) -> None:
        self.faults: list[LineFault] = []
        self._around: set[int] = set()

    def value(self, node: yaml.Node, place: Place, lines: dict[Place, int]) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self._around:
            self.faults.append((node.start_mark.line + 1, "an anchor contains itself"))
            return None
        self._around.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self._item(item, (*place, i), lines) for i, item in enumerate(node.value)]
            return dict(self._entries(node, place, lines))
        finally:
            self._around.discard(id(node))

    def _item(self, node: yaml.Node, place: Place, lines: dict[Place, int]) -> Any:
        lines[place] = node.start_mark.line + 1
        return self.value(node, place, lines)

    def _entries(self, node: yaml.Node, place: Place, lines: dict[Place, int]) -> Iterator[tuple[str, Any]]:
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append((line, "a key must be a plain word"))
                continue
            key = key_node.value
            if key in first:
                self.faults.append((line, f"duplicate key {key!r} (already on line {first[key]})"))
                continue
            first[key] = lines[(*place, key)] = line
            yield key, self.value(value_node, (*place, key), lines)

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text: str = node.value
        if node.tag == _NULL:
            return None
        if node.tag == _BOOL and text.lower() in _TRUTH:
            return _TRUTH[text.lower()]
        # 08:30 is a time here, and 012 a word: YAML 1.1 would read numbers to the base 60 and 8
        if node.tag in (_INT, _FLOAT):
            plain = text.replace("_", "")
            digits = plain.lstrip("+-")
            if node.tag == _INT and digits.isdecimal() and (digits == "0" or digits[0] != "0"):
                return int(plain)
            if node.tag == _FLOAT and digits.replace(".", "", 1).isdecimal():
                return Decimal(plain)
        return text

"""Events of the audit trail, events that webhooks are told of, and metrics."""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from api.metrics import Metrics
from config.policy import load_policy
from config.settings import Settings
from models.house import open_house
from models.migrate import migrate
from models.webhooks import SOURCES, WebhookEvent
from tests.complete.reference.writing import code, heading, joined, table

ROOT = Path(__file__).parents[3]
ROOMS = ("api", "cli", "flows", "models", "notifications", "tasks")
RECORDING = {"record", "record_system", "note", "_record"}
OF_THE_PROCESS = "clientrisk_api_process_"
ENDS = {"counter": "_total", "info": "_info"}
NAMED = re.compile(r"[a-z…-]+\.[a-z…-]+")


def page() -> str:
    lines = heading("Events and metrics")
    lines += ["## Webhook events", "", "What a notice holds is told in [webhooks.md](../webhooks.md).", ""]
    notices = [
        (code(one.value), one.label, ", ".join(code(name) for name, source in SOURCES.items() if source.event is one))
        for one in WebhookEvent
    ]
    lines += table(("event", "meaning", "follows the audit events"), notices)
    lines += ["## Metrics", "", "What to do about them is told in [monitoring.md](../monitoring.md).", ""]
    lines += table(("metric", "type", "labels", "meaning"), metrics())
    lines += [
        "## Audit events",
        "",
        "Each line of the trail has its number, time, actor, case, event and data, and the hash of the line before. "
        "`…` is filled in: `step.…` by the kind of remark.",
        "",
    ]
    events = audit_events()
    lines += table(
        ("event", "data", "recorded in"),
        [
            (code(name), ", ".join(map(code, sorted(data))), ", ".join(map(code, sorted(where))))
            for name, data, where in events
        ],
    )
    return joined(lines)


def metrics() -> list[tuple[str, str, str, str]]:
    """What ``/metrics`` of an empty installation tells, besides what it tells of its own process."""
    with tempfile.TemporaryDirectory() as home:
        house = open_house(Settings(home=Path(home), _env_file=None), load_policy())  # type: ignore[call-arg]
        migrate(house.engine)
        told = Metrics(house)
        told.answered("GET", "/", 200, 0.1)
        families = list(told.families())
        house.engine.dispose()
    found = []
    for family in families:
        if not family.name.startswith(OF_THE_PROCESS):
            labels = {*getattr(family, "_labelnames", ()), *(name for one in family.samples for name in one.labels)}
            name = family.name + ENDS.get(family.type, "")
            found.append((code(name), family.type, ", ".join(map(code, sorted(labels - {"le"}))), family.documentation))
    return [
        *sorted(found),
        (code(f"{OF_THE_PROCESS}…"), "", "", "Processor time, memory and open files of this process."),
    ]


def audit_events() -> list[tuple[str, set[str], set[str]]]:
    """Every event that the code records: its name, what its data is called, and where."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            for name, data in _recorded(ast.parse(file.read_text(encoding="utf-8"))):
                all_data, where = found.setdefault(name, (set(), set()))
                all_data |= data
                where.add(str(file.relative_to(ROOT)))
    for name in SOURCES:  # some are put together from two words
        found.setdefault(name, (set(), set()))
    return [(name, *found[name]) for name in sorted(found) if not name.startswith("…")]


def _recorded(tree: ast.AST) -> Iterator[tuple[str, set[str]]]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for call in _calls(function):
                data = {one.arg for one in call.keywords if one.arg}
                named = call.args[0]
                texts = _texts(function) if isinstance(named, ast.Name) else _texts(named)
                yield from ((name, data) for name in texts if NAMED.fullmatch(name))


def _calls(function: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in RECORDING
            and node.args
        ):
            yield node


def _texts(node: ast.AST) -> Iterator[str]:
    """Texts as they stand in the code; what is filled in is ``…``."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(one.value) if isinstance(one, ast.Constant) else "…" for one in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        for below in ast.iter_child_nodes(node):
            yield from _texts(below)

"""The reference is what the code says, and it is complete: nothing that a person can meet is missing from it."""

import re
from pathlib import Path

import pytest

from cli.main import COMMANDS
from config.policy.policy import PARTS
from models.messages import MESSAGES
from models.processes import PROCESSES, ROUTINES
from models.webhooks import SOURCES, WebhookEvent
from tests.complete.reference import FOLDER, PAGES
from tests.complete.reference.events import audit_events, metrics
from tests.complete.test_api_page import declared, plain
from tests.complete.test_api_page import routes as api_routes
from tests.complete.test_documents import steps_of
from tests.unit.test_policy_docs import keys

DOCS = Path(__file__).parents[2] / "docs"


def written(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def told(name: str) -> set[str]:
    """What stands in the first cell of any table of a page."""
    return set(re.findall(r"^\| `([^`]+)`", written(name), re.MULTILINE))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_says(name: str) -> None:
    assert written(name) == PAGES[name](), "run `make reference`, and read what has changed"


def test_there_is_no_page_that_nothing_writes() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(PAGES)


def test_every_policy_key_is_told_with_its_meaning() -> None:
    assert told("policy-keys.md") == set().union(*(keys(model, name) for name, model in PARTS.items()))
    assert "not told" not in written("policy-keys.md")


def test_every_process_step_and_routine_is_told() -> None:
    assert told("processes.md") == {*ROUTINES, *(step for process in PROCESSES for step in steps_of(process))}
    assert [name for name in PROCESSES if f"\n`{name}`, cases " not in written("processes.md")] == []


def test_every_message_is_told() -> None:
    assert told("messages.md") == set(MESSAGES)


def test_every_route_of_the_api_is_told() -> None:
    found = {(method, plain(path)) for method, path in (one.split() for one in told("api.md"))}
    assert found >= {(method, f"/api/v1{path}") for method, path in declared(api_routes)}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_told_and_each_of_its_options_explained(command: str) -> None:
    assert f"\n## clientrisk {command}" in written("commands.md")
    part = re.findall(rf"\n## clientrisk {command}\b.*?(?=\n## |\Z)", written("commands.md"), re.DOTALL)
    assert [row for one in part for row in re.findall(r"^\| .*\|  \|$", one, re.MULTILINE)] == []


def test_every_metric_is_told_in_the_manual_too() -> None:
    manual = (DOCS / "monitoring.md").read_text(encoding="utf-8")
    names = {row[0].strip("`").removesuffix("…") for row in metrics()}
    assert {name for name in names if f"`{name}" not in manual} == set()


def test_every_webhook_event_is_told_in_the_guide_too() -> None:
    guide = (DOCS / "webhooks.md").read_text(encoding="utf-8")
    assert {one.value for one in WebhookEvent if f"| `{one.value}` |" not in guide} == set()


def test_every_event_that_webhooks_follow_is_recorded_somewhere() -> None:
    recorded = {name: where for name, _, where in audit_events()}
    unplaced = {name for name in SOURCES if not recorded[name]}
    assert unplaced == {"invoices.imported", "payments.imported"}, "only these two are put together from two words"


COMMAND_LINES = re.findall(r"^## clientrisk (.+)$", written("commands.md"), re.MULTILINE)
GROUPS = {" ".join(line.split()[:depth]) for line in COMMAND_LINES for depth in range(1, len(line.split()))}
SENTENCES = ("needs", "already runs from", "--version", "-")
"""What the program says, not what is said to it."""


@pytest.mark.parametrize(
    "document", sorted([*DOCS.rglob("*.md"), DOCS.parent / "README.md"]), ids=lambda path: path.name
)
def test_every_command_that_a_document_names_is_there(document: Path) -> None:
    """``clientrisk people import`` in running text is a command; ``clientrisk people staff`` would be none."""
    named = re.findall(r"`clientrisk ((?:[a-z-]+ ?)+)", document.read_text(encoding="utf-8"))
    wrong = []
    for words in (line.split() for line in named):
        known = [line.split() for line in COMMAND_LINES if line.split()[0] == words[0]]
        whole = [line for line in known if words[: len(line)] == line]
        named_as = " ".join(words)
        if not whole and named_as not in GROUPS and named_as not in SENTENCES:
            wrong.append(named_as)
    assert wrong == []

"""What people can meet is described: processes, steps, messages, commands; links between documents lead somewhere."""

import inspect
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from cli.main import COMMANDS
from config.words import Outcome
from flows.case_flow import process_named
from models.messages import MESSAGES
from models.processes import PROCESSES
from models.steps import HumanStep

ROOT = Path(__file__).parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def module_of(process: str) -> ModuleType:
    """The module in which a process tells its story; its steps may lie beside it."""
    return import_module(process_named(process).story.__module__)


def steps_of(process: str) -> set[str]:
    return {step.name for step in vars(module_of(process)).values() if isinstance(step, HumanStep)}


def endings_of(process: str) -> set[Outcome]:
    """The outcomes that the story names, and those that any case may have."""
    named = re.findall(r"Outcome\.([A-Z_]+)", inspect.getsource(module_of(process)))
    return {Outcome[name] for name in named} | {Outcome.WITHDRAWN, Outcome.CANCELLED}


def diagram_of(process: str) -> str:
    found = re.search(r"```mermaid\n(.*?)```", text(f"docs/processes/{process}.md"), re.DOTALL)
    assert found, f"{process} has no diagram"
    return found[1]


@pytest.mark.parametrize("process", PROCESSES)
def test_every_process_is_a_flow_and_has_its_page(process: str) -> None:
    assert process_named(process).kind.name == process
    assert (ROOT / "docs" / "processes" / f"{process}.md").is_file()


@pytest.mark.parametrize("process", PROCESSES)
def test_every_step_is_described(process: str) -> None:
    page = text(f"docs/processes/{process}.md")
    assert [step for step in sorted(steps_of(process)) if f"`{step}`" not in page] == []


@pytest.mark.parametrize("process", PROCESSES)
def test_the_diagram_shows_the_steps_that_there_are_and_no_others(process: str) -> None:
    drawn = set(re.findall(r"\[\[([a-z-]+)", diagram_of(process)))
    assert drawn == steps_of(process)


@pytest.mark.parametrize("process", PROCESSES)
def test_every_ending_is_described(process: str) -> None:
    page = text(f"docs/processes/{process}.md").lower()
    assert [end for end in endings_of(process) if end.label.lower().removeprefix("admitted ") not in page] == []


@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_every_message_is_described(kind: str) -> None:
    assert f"`{kind}`" in text("docs/notifications.md")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_described(command: str) -> None:
    assert f"clientrisk {command}" in text("docs/commands.md")


@pytest.mark.parametrize("document", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), f"{document.name} → {target}"

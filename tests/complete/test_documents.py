"""What people can meet is described: processes, steps, messages, commands; links between documents lead somewhere."""

import re
from pathlib import Path

import pytest

import flows.deployments  # noqa: F401
import flows.onboarding_review as onboarding
from cli.main import COMMANDS
from config.words import Outcome
from flows.case_flow import REGISTER
from models.messages import MESSAGES
from models.processes import PROCESSES
from models.steps import HumanStep

ROOT = Path(__file__).parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_every_process_is_a_flow_and_has_its_page() -> None:
    assert set(PROCESSES) <= set(REGISTER)
    for name in PROCESSES:
        assert (ROOT / "docs" / "processes" / f"{name}.md").is_file()


@pytest.mark.parametrize("step", [s.name for s in vars(onboarding).values() if isinstance(s, HumanStep)])
def test_every_step_is_described(step: str) -> None:
    assert f"`{step}`" in text("docs/processes/onboarding-review.md")


def test_every_ending_is_described() -> None:
    page = text("docs/processes/onboarding-review.md")
    for outcome in Outcome:
        assert outcome.label.lower().removeprefix("admitted ") in page


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

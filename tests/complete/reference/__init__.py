"""Pages of ``docs/reference`` written from the code itself: ``make reference`` writes them, a test compares them."""

from collections.abc import Callable
from pathlib import Path

from tests.complete.reference import api, commands, events, messages, policy, processes

FOLDER = Path(__file__).parents[3] / "docs" / "reference"

PAGES: dict[str, Callable[[], str]] = {
    "policy-keys.md": policy.page,
    "commands.md": commands.page,
    "processes.md": processes.page,
    "messages.md": messages.page,
    "api.md": api.page,
    "events.md": events.page,
}
"""The name of each page, and what writes it."""

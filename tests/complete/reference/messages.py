"""Every kind of message and what its template is given."""

from __future__ import annotations

from models.messages import MESSAGES
from tests.complete.reference.writing import code, first_sentence, heading, joined, table


def page() -> str:
    lines = heading(
        "Messages",
        "When each is sent, to whom, and what is guaranteed, is told in [notifications.md](../notifications.md). "
        "A kind is also the name of its folder in `notifications/templates`.",
    )
    rows = [
        (code(kind), first_sentence(message.__doc__), ", ".join(code(name) for name in message.model_fields))
        for kind, message in sorted(MESSAGES.items())
    ]
    return joined([*lines, *table(("kind", "what it tells", "payload"), rows)])

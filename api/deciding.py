"""Taking an answer, from wherever it comes: one call of ``decide``, as the person who answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.audit import Actor
from models.house import House
from models.operations.decide import Decided, Via, decide


def take_answer(
    house: House,
    signer_id: int,
    action: str,
    form: Mapping[str, Any],
    *,
    actor: Actor,
    shown_hash: str,
    via: Via,
    key: str | None,
) -> Decided:
    """Record an answer. The same answer again gets the same reply; another one, under whatever key, what stands.

    Raises:
        Refused: as ``decide`` does; nothing is recorded but the refusal.
    """
    with house.work(actor) as work:
        return decide(work, signer_id, action, form, shown_hash=shown_hash, via=via, answer_key=key)

"""The demonstration from beginning to end: files, scenes, the table of outcomes, what was counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import httpx
from sqlalchemy import func
from sqlmodel import select

from cli.checks.finding import State
from cli.checks.ground import Ground
from cli.demo import scenes
from cli.demo.account import Account, Unmet
from cli.demo.stage import Stage
from cli.doctor import examine
from cli.product import Product
from config.words import CaseState, MessageState, Outcome
from models.audit import verify
from models.tables import AuditEvent, OutboxMessage

Scene = Callable[[Stage, str], None]

OF_THE_FILE: tuple[tuple[str, Scene], ...] = (
    ("Approved straight through", scenes.straight_approval),
    ("Above 3 million: legal and finance, everybody signed in", scenes.above_three_million),
    ("Visited, then approved with conditions", scenes.with_conditions),
    ("Returned, and done again", scenes.returned_and_redone),
    ("Rejected", scenes.rejected),
    ("Pays before delivery: no credit needed", scenes.prepaying),
    ("Something is missing", scenes.papers_missing),
    ("On the black list", scenes.blacklisted),
)
"""A scene for each row of the sample file, in its order."""


def play(product: Product, account: Account) -> None:
    """Play everything and tell it. What was not as it should be stands in ``account.unmet`` afterwards."""
    stage = Stage(product, account)
    try:
        cast = _open_cases(stage)
        _wait_for_all(stage, [ref for _, _, ref in cast])
        for title, scene, ref in cast:
            _play_one(stage, title, scene, ref)
        _tell_outcomes(stage)
        _count(stage, product)
    except Unmet as unmet:
        account.missed("the demonstration", str(unmet))
    except httpx.HTTPError as error:
        account.missed("the demonstration", f"the product to answer, not: {error}")
    finally:
        stage.close()


def _open_cases(stage: Stage) -> list[tuple[str, Scene, str]]:
    account = stage.account
    account.part("The cases are opened")
    stage.signs_in(scenes.HANDLER)
    account.line(f"{stage.name(scenes.HANDLER)} signs in by a one-time link (a mail scanner had looked at it first)")
    scenes.wrong_file(stage)
    refs = scenes.right_file(stage)
    account.expect(len(refs) == len(OF_THE_FILE), f"{len(OF_THE_FILE)} cases from the file, not {len(refs)}")
    cast = [(title, scene, ref) for (title, scene), ref in zip(OF_THE_FILE, refs, strict=True)]
    withdrawn = scenes.opened_by_program(stage, scenes.WITHDRAWN, "demonstration-withdrawn")
    lapsing = scenes.opened_by_program(stage, scenes.LAPSING, "demonstration-lapsing")
    account.line("Two more come from a program by the JSON API; each request sent twice, each opens one case")
    return [*cast, ("Withdrawn", scenes.withdrawn, withdrawn), ("Nobody answers", scenes.lapsed, lapsing)]


def _wait_for_all(stage: Stage, refs: list[str]) -> None:
    """The scenes begin when every case has come to its first person, so that each is played on an idle system."""
    began = time.monotonic()
    for ref in refs:
        stage.mailbox.see(f"somebody to be asked about {ref}", lambda one, ref=ref: one.case == ref)  # type: ignore[misc]
    stage.account.line(f"{time.monotonic() - began:.1f} s later somebody has been asked about each of the {len(refs)}")


def _play_one(stage: Stage, title: str, scene: Scene, ref: str) -> None:
    customer = stage.case(ref)["title"]
    stage.account.scene(f"{title} · {customer}", ref)
    try:
        scene(stage, ref)
    except Unmet as unmet:
        stage.account.missed(f"{title} ({ref})", str(unmet))
    except httpx.HTTPError as error:
        stage.account.missed(f"{title} ({ref})", f"the product to answer, not: {error}")


def _tell_outcomes(stage: Stage) -> None:
    rows = []
    for listed in sorted(stage.list_cases(), key=lambda case: case["ref"]):
        case = stage.case(listed["ref"])
        signed = [one for step in case["steps"] for one in step["signatures"]]
        void = sum(one["void"] for one in signed)
        rounds = max((step["round"] for step in case["steps"]), default=0)
        ended = Outcome(case["outcome"]).label if case["outcome"] else CaseState(case["state"]).label
        rows.append((case["ref"], case["title"], ended, "; ".join(case["because"]), len(signed), void, rounds))
    stage.account.outcomes(rows)


def _count(stage: Stage, product: Product) -> None:
    """What was sent and recorded, and that all of it holds."""
    account, house = stage.account, stage.house
    with house.read() as session:
        states = dict(session.exec(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)).all())
        events = session.exec(select(func.count()).select_from(AuditEvent)).one()
        verdict = verify(session)
    account.part("In all")
    findings = examine(Ground(product.settings))
    stands = Counter(one.state for one in findings)
    lost = states.get(MessageState.DEAD, 0) + states.get(MessageState.UNKNOWN, 0)
    stage.mailbox.so_far()
    ids = stage.mailbox.ids
    account.line(f"From a decision to the next person having the message: {account.speed()}")
    account.line(f"`clientrisk doctor`: {', '.join(f'{stands[state]} {state.value}' for state in State)}")
    account.expect(len(ids) == len(set(ids)), "nobody to get a message twice")
    account.expect(lost == 0, f"every message to arrive, not {lost} given up or of unknown fate")
    account.line(f"{len(ids)} messages sent, none twice and none lost")
    account.expect(verdict.broken_at is None, f"the audit trail to hold, not to break at event {verdict.broken_at}")
    account.line(f"{events:,} audit events; the chain of hashes holds from the first to the last")
    failing = [f"{one.check}: {one.sentence}" for one in findings if one.state is State.FAIL]
    account.expect(not failing, f"nothing to fail, not {'; '.join(failing)}")

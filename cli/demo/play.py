"""The demonstration from beginning to end: files, scenes, the table of outcomes, what was counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
from sqlalchemy import func
from sqlmodel import select

from cli.checks.finding import State
from cli.checks.ground import Ground
from cli.demo import assessment, care, collections, evaluation, listing, meeting, reception, repair, scenes
from cli.demo.account import Account, Unmet
from cli.demo.stage import Stage
from cli.doctor import examine
from cli.product import Product
from config.words import CaseState, MessageState, Outcome, StepState
from models.audit import verify
from models.processes import (
    ASSESSMENT,
    CARE,
    COLLECTIONS,
    EVALUATION,
    LISTING,
    MEETING,
    ONBOARDING,
    OVERDUE_SCAN,
    RECEPTION,
    REPAIR,
    ProcessKind,
)
from models.tables import AuditEvent, OutboxMessage

Scene = Callable[[Stage, str], None]
Part = Callable[[Stage], object]

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

PARTS: tuple[tuple[ProcessKind, tuple[Part, ...]], ...] = (
    (LISTING, (listing.play_listing,)),
    (REPAIR, (repair.play_repair, repair.play_too_early)),
    (
        COLLECTIONS,
        (
            collections.play_paid_at_once,
            collections.play_promise,
            collections.play_part_payment,
            collections.play_to_the_end_of_the_ladder,
        ),
    ),
    (RECEPTION, (reception.play_reception,)),
    (EVALUATION, (evaluation.play_evaluation,)),
    (CARE, (care.play_care,)),
    (MEETING, (meeting.play_meeting,)),
    (ASSESSMENT, (assessment.play_assessment,)),
)
"""The processes after the onboarding review, in the order they are played, with the plays of each."""


def play(product: Product, account: Account) -> None:
    """Play everything and tell it. What was not as it should be stands in ``account.unmet`` afterwards."""
    stage = Stage(product, account)
    try:
        _attempt(stage, "the beginning", lambda: _play_beside_the_scan(stage, product))
        for kind, plays in PARTS:
            account.part(kind.title)
            for one in plays:
                _attempt(stage, kind.title, lambda one=one: one(stage))  # type: ignore[misc]
        _attempt(stage, "what came of it all", lambda: _come_to_an_end(stage, product))
    finally:
        stage.close()


def _play_beside_the_scan(stage: Stage, product: Product) -> None:
    """The overdue scan runs in Prefect while the onboarding reviews are played."""
    with collections.scanning(stage, product.prefect_url) as scanned:
        _attempt(stage, ONBOARDING.title, lambda: _play_onboarding(stage))
        stage.account.part(OVERDUE_SCAN.title)
        scanned()


def _attempt(stage: Stage, title: str, act: Callable[[], object]) -> None:
    """Play something; what did not come about is told, and the rest is played all the same."""
    try:
        act()
    except Unmet as unmet:
        stage.account.missed(title, str(unmet))
    except httpx.HTTPError as error:
        stage.account.missed(title, f"the product to answer, not: {error}")


def _play_onboarding(stage: Stage) -> None:
    cast = _open_cases(stage)
    _wait_for_all(stage, [ref for _, _, ref in cast])
    for title, scene, ref in cast:
        stage.account.scene(f"{title} · {stage.case(ref)['title']}", ref)
        _attempt(stage, f"{title} ({ref})", lambda scene=scene, ref=ref: scene(stage, ref))  # type: ignore[misc]


def _come_to_an_end(stage: Stage, product: Product) -> None:
    _tell_outcomes(stage)
    _count(stage, product)


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


def _tell_outcomes(stage: Stage) -> None:
    """What every case came to, process by process; one that still runs says where it waits."""
    titles = {kind.name: kind.title for kind in (ONBOARDING, *(kind for kind, _ in PARTS))}
    listed = stage.list_cases()
    for name, title in titles.items():
        of_process = [stage.case(one["ref"]) for one in listed if one["process"] == name]
        stage.account.outcomes(title, [_came_to(case) for case in sorted(of_process, key=lambda one: one["ref"])])
    failed = [case["ref"] for case in listed if case["state"] == CaseState.FAILED]
    stage.account.expect(not failed, f"no case to stop on an error, as {', '.join(failed)} did")


def _came_to(case: dict[str, Any]) -> tuple[object, ...]:
    signed = [one for step in case["steps"] for one in step["signatures"]]
    void = sum(one["void"] for one in signed)
    waits = "; ".join(step["title"] for step in case["steps"] if step["state"] == StepState.OPEN)
    ended = Outcome(case["outcome"]).label if case["outcome"] else CaseState(case["state"]).label
    why = "; ".join(case["because"]) if case["outcome"] else f"waits at: {waits}" if waits else "waits for its next day"
    return case["ref"], case["title"], ended, why, len(signed), void


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
    account.line(f"From a payment to the move of its case: {account.payment_speed()}")
    account.line(f"`clientrisk doctor`: {', '.join(f'{stands[state]} {state.value}' for state in State)}")
    account.expect(len(ids) == len(set(ids)), "nobody to get a message twice")
    account.expect(lost == 0, f"every message to arrive, not {lost} given up or of unknown fate")
    account.line(f"{len(ids)} messages sent, none twice and none lost")
    account.expect(verdict.broken_at is None, f"the audit trail to hold, not to break at event {verdict.broken_at}")
    account.line(f"{events:,} audit events; the chain of hashes holds from the first to the last")
    failing = [f"{one.check}: {one.sentence}" for one in findings if one.state is State.FAIL]
    account.expect(not failing, f"nothing to fail, not {'; '.join(failing)}")

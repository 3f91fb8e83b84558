"""The mail server hangs, or answers 4xx and 5xx."""

from __future__ import annotations

import re
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from sqlalchemy import update
from sqlmodel import col, select

from config.words import MessageState
from models.house import SYSTEM
from models.operations.outbox import message_id
from models.tables import OutboxMessage
from tests.faults.company import Journey
from tests.faults.disturbances.plan import Plan, disturbed, lasts
from tests.faults.figures import Row, row_of
from tests.faults.ground import Ground, running_ground
from tests.faults.journeys.onboarding import ONBOARDING
from tests.faults.mail_server import HANGS, Postmaster

REFUSED = {"wang.jun"}
MOODS = (HANGS, "421 closing down", "451 try again later")


def mail_server(plan: Plan) -> Row:
    """The mail server hangs, then closes the door (421), then is busy (451); one mailbox does not exist (550)."""
    post = Postmaster()
    post.refuses = {f"{who}@hengyuan.example" for who in REFUSED}
    # Whoever is outside reads their mail in the console's file, which this company has switched off.
    inside = applications(plan.cases)
    url = f"mailto://127.0.0.1:{post.port}?from=risk@hengyuan.example&cto=2"
    with post.serving(), tempfile.TemporaryDirectory(prefix="clientrisk-policy-") as folder:
        policy = always_awake(Path(folder))
        with running_ground(mail_url=url, console_channel=False, policy_folder=policy) as ground:
            away, problems = disturbed("mail server", ground, plan, lambda _: bad_day(post, plan.seconds), inside)
            tries_again(ground)
            row = row_of("mail server hangs, 421, 451, 550", len(MOODS) + 1, ground.company, away, problems)
            return judged_by(post, row, ground)


def bad_day(post: Postmaster, seconds: float) -> list[float]:
    """One mood after the other; then it is well again."""
    for mood in MOODS:
        before = post.turned_away.copy()
        post.mood = mood
        lasts(seconds / len(MOODS), lambda mood=mood, before=before: post.turned_away[mood[:5]] > before[mood[:5]])  # type: ignore[misc]
    post.mood = ""
    return [seconds]


def applications(number: int) -> list[Journey]:
    """Cases in which nobody outside takes part."""
    return [Journey(5001 + one, ONBOARDING[one % len(ONBOARDING)]) for one in range(number)]


def always_awake(folder: Path) -> Path:
    """The policy with its quiet hours at another time of the day: tests are run at night, too."""
    hour = (datetime.now(UTC).hour + 8 + 12) % 24
    for file in resources.files("config.policy").iterdir():
        if file.name.endswith(".yaml"):
            text = file.read_text(encoding="utf-8")
            quiet = f'quiet_hours: {{start: "{hour:02d}:00", end: "{hour:02d}:30"}}'
            text = re.sub(r"^quiet_hours:.*$", quiet, text, flags=re.MULTILINE)
            (folder / file.name).write_text(text, encoding="utf-8")
    return folder


def tries_again(ground: Ground) -> None:
    """The hours until a message is tried again are not waited for: its time is moved, in the test's own database."""
    company = ground.company
    end = time.monotonic() + company.patience
    left = True
    while left and time.monotonic() < end:
        with company.house.work(SYSTEM) as work:
            late = (col(OutboxMessage.state) == MessageState.PENDING) & (col(OutboxMessage.next_at) > work.now)
            if work.change(update(OutboxMessage).where(late).values(next_at=work.now)):
                work.record("test.messages-moved")
            under_way = col(OutboxMessage.state).in_([MessageState.PENDING, MessageState.SENDING])
            left = work.session.exec(select(OutboxMessage.id).where(under_way)).first() is not None
        time.sleep(0.5)


def judged_by(post: Postmaster, row: Row, ground: Ground) -> Row:
    """By what has arrived: everything but what the server refused for good (550) and what is said to be in doubt."""
    with ground.company.house.read() as session:
        rows = session.exec(select(OutboxMessage).where(col(OutboxMessage.channel) == "mail")).all()
    told: list[str] = []
    for one in rows:
        came = post.taken[message_id(one)]
        refused = one.person_id in REFUSED
        if one.state is MessageState.DEAD and not refused:
            told.append(f"{one.kind} {one.id} was given up: {one.note}")
        if one.state is MessageState.SENT and came == 0:
            told.append(f"{one.kind} {one.id} is marked sent and never came")
        if one.state in (MessageState.PENDING, MessageState.SENDING):
            told.append(f"{one.kind} {one.id} still waits")
    if not all(post.turned_away[answer] for answer in ("550", *(mood[:5] for mood in MOODS))):
        told.append(f"the server was not as bad as it should have been: {dict(post.turned_away)}")
    twice = sum(number - 1 for number in post.taken.values())
    return replace(row, delivered=len(post.taken), duplicates=twice, undelivered=told)

"""A database with two years of business: a hundred thousand cases of every process, a million audit events.

One application is played for real to its end. Every other case is made of its rows, under the names of its own
process's steps, with times, people and endings of its own; they are written by SQL. A customer's portfolio with its
ledger and one evaluation that was really carried out stand beside them.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from math import ceil, exp
from typing import Any

from sqlmodel import select

from bench.evaluation import carry, to_the_end
from bench.portfolio import FIRST_ID, fill
from bench.staff import application
from config.policy import load_policy
from config.settings import Settings
from config.words import ActionKind, Outcome, Role
from flows.case_flow import process_named
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House, open_house, person, system_clock
from models.onboarding import Application
from models.operations.applications import open_application
from models.operations.decide import decide
from models.operations.evaluation import open_evaluation
from models.processes import EVALUATION, PROCESSES
from models.rules.periods import quarter_of
from models.rules.working_time import working_minutes
from models.steps import ByHandler, HumanStep
from models.tables import Person, Signer, Step

SEED = 20260807
CLERKS = 500
DAYS = 730
OPEN_SHARE = 0.06
LONGEST_PATH = 6
EVENTS_EACH = 10
SKIPPED, RETURNED, MISSED = 0.55, 0.05, 0.03
WEIGHTS = {"onboarding-review": 30, "collections-escalation": 30, "quarterly-evaluation": 0}
OTHER_WEIGHT = 8
SHORT = json.dumps({"prefill": {}, "note": "见上一环节的材料。" * 20}, ensure_ascii=False)
"""What all steps of a case but its first show: else the database were ten times as large, and none the slower."""
ENDINGS = {
    "onboarding-review": (
        (Outcome.ADMITTED, 50),
        (Outcome.ADMITTED_WITH_CONDITIONS, 20),
        (Outcome.ADMITTED_WITHOUT_CREDIT, 10),
        (Outcome.REFUSED, 12),
        (Outcome.WITHDRAWN, 5),
        (Outcome.LAPSED, 3),
    ),
    "collections-escalation": (
        (Outcome.RECOVERED, 70),
        (Outcome.PLAN_KEPT, 12),
        (Outcome.JUDGMENT, 8),
        (Outcome.WRITTEN_OFF, 4),
        (Outcome.WITHDRAWN, 6),
    ),
}
ANY_ENDING = ((Outcome.SETTLED, 60), (Outcome.NOT_SETTLED, 20), (Outcome.REFUSED, 10), (Outcome.WITHDRAWN, 10))


@dataclass
class Played:
    """The rows of the case that was played, by table."""

    rows: dict[str, list[dict[str, Any]]]
    refs: tuple[str, str]

    def step(self, number: int) -> dict[str, Any]:
        steps = self.rows["step"]
        return steps[number % len(steps)]

    def signer(self, number: int) -> dict[str, Any]:
        return self.rows["signer"][number % len(self.rows["signer"])]


@dataclass
class Filled:
    """What was written, table by table, and where the counting begins."""

    step: int
    signer: int
    seq: int
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, row: dict[str, Any]) -> None:
        self.rows.setdefault(table, []).append(row)


def fill_history(settings: Settings, cases: int, customers: int) -> None:
    """Fill the SQLite database of ``settings`` (tables and sample company are there) with two years of ``cases``."""
    house = open_house(settings, load_policy(settings.policy_folder))
    try:
        ref = _play(house)
        with house.work() as work:
            earlier = open_evaluation(work, str(quarter_of(house.calendar.day_of(work.now)).before.before)).ref
        fill(settings, customers, earlier)
        _evaluate(house)
        with closing(_database(settings)) as database:
            _pay(database)
            _hire(database)
            _write(database, house, _read(database, ref), cases, customers)
            database.execute("ANALYZE")
            database.commit()
    finally:
        house.engine.dispose()


def _play(house: House) -> str:
    """One application from its first step to the recorded line."""
    with house.work(person("li.na")) as work:
        handler = work.session.get_one(Person, "li.na")
        ref = open_application(work, Application.model_validate(application(0)), handler, handler, origin="page").ref
    runner = DirectRunner(house, VirtualClock(system_clock()))
    runner.run_ready()
    while True:
        with house.read() as session:
            asked = session.exec(select(Signer).where(Signer.case_ref == ref, Signer.state == "asked")).first()
            if asked is None:
                return ref
            step = session.get_one(Step, asked.step_id)
        action = step.actions[0]["name"]
        form = dict(step.content.get("prefill", {})) if step.name == "record-line" else {}
        with house.work(person(asked.person_id)) as work:
            decide(work, asked.id or 0, action, form, shown_hash=step.content_hash, via="session")
        runner.run_ready()


def _evaluate(house: House) -> None:
    """The evaluation of the last quarter, carried out."""
    runner = DirectRunner(house, VirtualClock(system_clock()))
    with house.work() as work:
        ref = open_evaluation(work, str(quarter_of(house.calendar.day_of(work.now)).before)).ref
    carry(runner, ref)
    to_the_end(house, runner, ref)


def _database(settings: Settings) -> sqlite3.Connection:
    database = sqlite3.connect(settings.home / "clientrisk.db")
    database.row_factory = sqlite3.Row
    for pragma in ("synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
        database.execute(f"PRAGMA {pragma}")
    return database


def _read(database: sqlite3.Connection, ref: str) -> Played:
    rows = {}
    for table in ("case", "run", "step", "signer", "outbox_message", "audit_event", "document"):
        key = "ref" if table == "case" else "case_ref"
        rows[table] = [dict(row) for row in database.execute(f'SELECT * FROM "{table}" WHERE {key} = ?', (ref,))]
    return Played(rows, (ref, ref))


def _pay(database: sqlite3.Connection) -> None:
    """A payment for every invoice that was settled."""
    last = database.execute("SELECT coalesce(max(id), 0) FROM payment").fetchone()[0]
    settled = f"FROM invoice WHERE settled_on IS NOT NULL AND customer_id >= {FIRST_ID}"
    database.execute(
        "INSERT INTO payment (id, reference, customer_id, amount, unallocated, currency, for_invoices, received_on, "
        f"source, note, recorded_at) SELECT {last} + id, 'P-' || number, customer_id, amount, 0, 'CNY', '[]', "
        f"settled_on, 'bank', '', settled_on || ' 09:00:00.000000' {settled}"
    )
    database.execute(
        f"INSERT INTO allocation (payment_id, invoice_id, amount, at) SELECT {last} + id, id, amount, "
        f"settled_on || ' 09:00:00.000000' {settled}"
    )


def _clerk(number: int) -> str:
    return f"clerks.{number % CLERKS:03d}"


def _hire(database: sqlite3.Connection) -> None:
    """Clerks of every department, one in twelve of them a sales manager over the others."""
    duties = (
        ("business", [Role.HANDLER]), ("business", [Role.HANDLER]), ("risk", [Role.RISK_OFFICER]),
        ("finance", [Role.FINANCE_OFFICER]), ("legal", [Role.LEGAL_OFFICER]), ("business", [Role.HANDLER]),
    )  # fmt: skip
    for n in range(CLERKS):
        leads = n % 12 == 0
        department, roles = ("business", [Role.SALES_MANAGER]) if leads else duties[n % len(duties)]
        manager = "qian.wei" if leads else _clerk(n - n % 12)
        database.execute(
            "INSERT INTO person (id, name, email, department, roles, manager_id, language, active) "
            "VALUES (?, ?, ?, ?, ?, ?, 'zh_CN', 1)",
            (_clerk(n), f"员工{n:03d}", f"{_clerk(n)}@hengyuan.example", department, json.dumps(roles), manager),
        )


# -- the cases --------------------------------------------------------------------------------------------------------


def _steps_of(process: str) -> list[HumanStep]:
    """The steps a process declares, in the order in which they are written."""
    module = import_module(process_named(process).story.__module__)
    found = {one.name: one for one in vars(module).values() if isinstance(one, HumanStep)}
    return list(found.values())


def _write(database: sqlite3.Connection, house: House, played: Played, cases: int, customers: int) -> None:
    luck, now = random.Random(SEED), house.clock()
    kinds = [kind for kind in PROCESSES.values() if WEIGHTS.get(kind.name, OTHER_WEIGHT) and kind != EVALUATION]
    weights = [WEIGHTS.get(kind.name, OTHER_WEIGHT) for kind in kinds]
    declared = {kind.name: _steps_of(kind.name) for kind in kinds}
    kinds = [kind for kind in kinds if declared[kind.name]]
    weights = [WEIGHTS.get(kind.name, OTHER_WEIGHT) for kind in kinds]
    ids = [database.execute(f"SELECT coalesce(max({key}), 0) FROM {table}").fetchone()[0]
           for table, key in (("step", "id"), ("signer", "id"), ("audit_event", "seq"))]  # fmt: skip
    filled, numbers = Filled(*ids), dict.fromkeys((kind.prefix for kind in kinds), 100_000)
    for n in range(cases):
        kind = luck.choices(kinds, weights)[0]
        numbers[kind.prefix] += 1
        is_open = luck.random() < OPEN_SHARE
        days = luck.uniform(0, 45) if is_open else luck.uniform(0, DAYS)
        opened = _at_work(now - timedelta(days=days), luck)
        ref = f"{kind.prefix}-{opened.year}-{numbers[kind.prefix]:06d}"
        _case(house, luck, played, filled, kind.name, ref, declared[kind.name], opened, now, is_open,
              FIRST_ID + luck.randrange(customers), n)  # fmt: skip
        if n % 5000 == 4999:
            _flush(database, filled)
    _flush(database, filled)
    database.execute("UPDATE chain_head SET seq = ?", (filled.seq,))


def _at_work(at: datetime, luck: random.Random) -> datetime:
    """Some time of that day between nine and six in China."""
    return at.replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(seconds=luck.randrange(9 * 3600))


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _path(luck: random.Random, declared: list[HumanStep]) -> Iterator[tuple[HumanStep, ActionKind]]:
    """Steps in their order, some skipped, now and then returned to an earlier one."""
    place, taken = 0, 0
    while place < len(declared) and taken < LONGEST_PATH:
        if luck.random() < SKIPPED and taken:
            place += 1
            continue
        taken += 1
        step = declared[place]
        kinds = {action.kind for action in step.actions}
        if place and ActionKind.RETURN in kinds and luck.random() < 3 * RETURNED:
            yield step, ActionKind.RETURN
            place = luck.randrange(place)
            continue
        yield step, step.actions[0].kind
        place += 1


def _case(
    house: House, luck: random.Random, played: Played, filled: Filled, process: str, ref: str,
    declared: list[HumanStep], opened: datetime, now: datetime, is_open: bool, customer: int, n: int,
) -> None:  # fmt: skip
    at, asked = opened, list(_path(luck, declared))
    stays_at = luck.randrange(len(asked)) if is_open and asked else None
    handler, events = _clerk(luck.randrange(CLERKS)), 1
    closed: datetime | None = None
    for place, (step, kind) in enumerate(asked):
        began = at
        took = timedelta(hours=min(exp(luck.gauss(2.6, 1.1)), 900))
        ended = None if stays_at == place else began + took
        if ended is not None and ended >= now:
            ended, is_open = None, True
        signed = _step(house, luck, played, filled, ref, step, kind, began, ended, place, handler)
        events += 2 * signed
        if ended is None:
            break
        at = ended
    else:
        closed = at + timedelta(minutes=1)
        is_open = False
    outcome = None if is_open else luck.choices(*zip(*ENDINGS.get(process, ANY_ENDING), strict=True))[0].value
    row = dict(played.rows["case"][0])
    row |= {
        "ref": ref, "process": process, "title": f"测试客户{customer - FIRST_ID:06d}有限公司", "customer_id": customer,
        "initiator_id": handler, "handler_id": handler, "request_key": None,
        "department": luck.choice(("business", "business", "business", "risk", "finance")),
        "state": "running" if is_open else "closed", "outcome": outcome, "opened_at": _stamp(opened),
        "closed_at": _stamp(closed), "amount": luck.randrange(50_000_00, 5_000_000_00),
        "working_minutes": working_minutes(house.calendar, opened, closed) if closed else None,
    }  # fmt: skip
    filled.add("case", row)
    run = dict(played.rows["run"][0])
    filled.add("run", run | {"case_ref": ref, "process": process, "act_at": None, "flow_run_id": f"{n:036d}"})
    for paper in played.rows["document"][:2]:
        filled.add("document", {**_without(paper, "id"), "case_ref": ref, "received_at": _stamp(opened)})
    _events(filled, ref, process, handler, opened, closed, max(events, EVENTS_EACH), played)


def _step(
    house: House, luck: random.Random, played: Played, filled: Filled, ref: str, step: HumanStep, kind: ActionKind,
    began: datetime, ended: datetime | None, place: int, handler: str,
) -> int:  # fmt: skip
    filled.step += 1
    expired = ended is not None and luck.random() < MISSED / 3
    worked = working_minutes(house.calendar, began, ended) if ended else None
    due = began + timedelta(days=4)
    row = dict(played.step(place))
    row |= {"content": row["content"] if place == 0 else SHORT} | {
        "id": filled.step, "case_ref": ref, "key": f"{step.name}#{place + 1}", "name": step.name, "title": step.title,
        "question": step.question, "round": 1, "opened_at": _stamp(began), "due_at": _stamp(due),
        "expires_at": _stamp(due + timedelta(days=9)), "closed_at": _stamp(ended),
        "state": "closed" if ended else "open", "working_minutes": worked,
        "closed_by": None if ended is None else "expiry" if expired else "answer",
        "outcome": None if ended is None or expired else kind.value,
        "action": None if ended is None or expired else step.actions[0].name,
    }  # fmt: skip
    filled.add("step", row)
    seats = 2 if luck.random() < 0.25 else 1
    for seat in range(seats):
        filled.signer += 1
        who = handler if isinstance(step.signers, ByHandler) else _clerk(luck.randrange(CLERKS))
        role = None if isinstance(step.signers, ByHandler) else luck.choice(list(Role)[:10]).value
        signer = dict(played.signer(place + seat))
        signer |= {
            "id": filled.signer, "step_id": filled.step, "case_ref": ref, "person_id": who, "role": role,
            "level": 0, "seat": f"{role or who}.{seat}",
            "state": "asked" if ended is None else "released" if expired else "signed",
            "asked_at": _stamp(began), "signed_at": _stamp(ended) if not expired else None,
            "answer": signer["answer"] if ended and not expired else None, "answer_key": None,
            "working_minutes": worked,
            "kind": None if ended is None or expired else kind.value,
        }  # fmt: skip
        filled.add("signer", signer)
        message = played.rows["outbox_message"][0]
        filled.add("outbox_message", {
            **_without(message, "id"), "dedupe_key": f"{ref}:{filled.signer}", "person_id": who, "case_ref": ref,
            "step_id": filled.step, "signer_id": filled.signer, "state": "sent", "created_at": _stamp(began),
            "next_at": _stamp(began), "sent_at": _stamp(began),
        })  # fmt: skip
    return seats


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _events(
    filled: Filled, ref: str, process: str, handler: str, opened: datetime, closed: datetime | None, number: int,
    played: Played,
) -> None:  # fmt: skip
    """``number`` facts on record, spread over the case's time."""
    told = [row for row in played.rows["audit_event"] if row["event"].startswith("step.")]
    span = ((closed or opened + timedelta(days=3)) - opened) / number
    for place in range(number):
        filled.seq += 1
        like = played.rows["audit_event"][0] if place == 0 else told[ceil(place / 2) % len(told)]
        event = "case.opened" if place == 0 else "case.looked" if place % 3 == 2 else like["event"]
        data = "{}" if event == "case.looked" else like["data"]
        filled.add("audit_event", {
            **like, "seq": filled.seq, "at": _stamp(opened + place * span), "case_ref": ref, "actor_kind": "person",
            "actor_id": handler, "event": event, "data": data, "previous": f"{filled.seq - 1:064d}",
            "hash": f"{filled.seq:064d}",
        })  # fmt: skip


ORDER = ("case", "run", "document", "step", "signer", "outbox_message", "audit_event")


def _flush(database: sqlite3.Connection, filled: Filled) -> None:
    for table in ORDER:
        rows = filled.rows.pop(table, [])
        if rows:
            names = ", ".join(f'"{name}"' for name in rows[0])
            places = ", ".join("?" * len(rows[0]))
            database.executemany(
                f'INSERT INTO "{table}" ({names}) VALUES ({places})', (tuple(row.values()) for row in rows)
            )
    database.commit()

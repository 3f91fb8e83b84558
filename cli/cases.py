"""``clientrisk cases``: list, look at, and put right."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Annotated

import typer

from cli.explain import came_to
from cli.terminal import on_clock, opened_house, operations, operator, refusals_told, say, table
from config.words import CaseState, ConsentPurpose, Language, Outcome
from models.errors import Invalid, Problem
from models.house import House
from models.operations.cases import case_of, try_again
from models.operations.cases import withdraw as withdraw_case
from models.operations.consents import must_be_shared
from models.operations.staff import person_named
from models.queries.answers import told
from models.queries.case import CaseStep, CaseView, case_view
from models.queries.case_list import CaseFilter, cases
from models.queries.rights import case_seen_by
from models.queries.timeline import TimelineEntry, timeline
from notifications.evidence import evidence_pack, note_export

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The cases.")

EN = Language.EN
LONGEST_REASON = 1000
Ref = Annotated[str, typer.Argument(metavar="CASE", help="The case's reference, such as ONB-2026-000123.")]


@app.command("list")
def listed(
    process: Annotated[str | None, typer.Option(help="Only those of this process.")] = None,
    state: Annotated[CaseState | None, typer.Option(help="Only those in this state.")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="Only those that ended so.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most, the newest first.")] = 50,
) -> None:
    """List cases, the newest first."""
    house = opened_house()
    wanted = CaseFilter(process=process, state=state, outcome=outcome)
    with house.read() as session:
        page = cases(session, operations(), wanted, limit=limit)
    rows = [
        (
            one.ref,
            one.title,
            one.outcome.label if one.outcome else one.state.label,
            ", ".join(one.waits_at),
            one.handler,
            on_clock(house, one.opened_at),
            on_clock(house, one.closed_at),
        )
        for one in page.items
    ]
    if not rows:
        say("There are no such cases.")
        return
    table(("Case", "Customer", "State", "Waits at", "Handler", "Opened", "Ended"), rows)
    if page.next_cursor:
        say(f"There are more than {limit}; --limit shows more of them.")


@app.command()
def show(
    ref: Ref, looks: Annotated[bool, typer.Option("--looks", help="Who looked at it and when, too.")] = False
) -> None:
    """Show one case: where it stands, its steps and signatures, its history. The look is put on record."""
    house = opened_house()
    with refusals_told(), house.work(operator()) as work:
        case = case_seen_by(work.session, operations(), ref)
        view = case_view(work.session, case, operations(), house.calendar, work.now, with_run=True)
        events = timeline(work.session, ref, with_looks=looks)
        work.record("case.looked", ref)
    _facts(house, view)
    if view.steps:
        table(("Step", "Round", "Came to", "Asked", "Opened", "Due"), [_step(house, step) for step in view.steps])
    _signatures(house, view)
    table(("When", "Who", "What"), [_event(house, event) for event in events], title="History")


@app.command()
def retry(ref: Ref) -> None:
    """Let a case that stopped on an error run again from its journal; what was done stays done."""
    with refusals_told(), opened_house().work(operator()) as work:
        try_again(work, ref)
    say(f"{ref} runs again as soon as a worker looks at it.")


@app.command()
def withdraw(
    ref: Ref,
    by: Annotated[str, typer.Option(help="Who asked for it (id): the person who started the case.")],
    reason: Annotated[str, typer.Option(help="Why; it is shown to everyone on the case.")],
) -> None:
    """Take a case back at the request of the person who started it."""
    with refusals_told(), opened_house().work(operator()) as work:
        if not reason.strip() or len(reason) > LONGEST_REASON:
            raise Invalid("Please say why.", [Problem("reason", f"1 to {LONGEST_REASON} characters.")])
        case_of(work, ref)
        withdraw_case(work, ref, person_named(work, by), reason.strip())
    say(f"{ref} is withdrawn.")


@app.command()
def evidence(
    ref: Ref,
    to: Annotated[Path, typer.Option(help="The ZIP file to write; it must not be there yet.", dir_okay=False)],
    recipient: Annotated[str, typer.Option("--for", help="Somebody outside who is given it: needs a consent.")] = "",
    purpose: Annotated[ConsentPurpose | None, typer.Option(help="What they are given it for.")] = None,
) -> None:
    """Write everything kept on a case into one file that proves itself. Taking it out is put on record."""
    house = opened_house()
    with refusals_told():
        if bool(recipient) != (purpose is not None):
            raise Invalid("Please say both.", [Problem("for", "--for and --purpose go together.")])
        with house.read() as session:
            if purpose is not None:
                must_be_shared(session, house, ref, purpose, recipient)
            pack = evidence_pack(house, session, ref)
        _write_new(to, pack)
        with house.work(operator()) as work:
            note_export(work, ref, pack)
            if purpose is not None:
                work.record("evidence.given-out", ref, purpose=purpose, recipient=recipient)
    say(f"{to}: {len(pack):,} bytes, SHA-256 {hashlib.sha256(pack).hexdigest()}")


def _write_new(to: Path, data: bytes) -> None:
    """Only the owner may read it: it holds what a customer told in confidence."""
    try:
        with open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
    except OSError as error:
        raise Invalid(
            "The file cannot be written.", [Problem("to", "{why}", {"why": f"{to}: {error.strerror}"})]
        ) from None


def _facts(house: House, view: CaseView) -> None:
    customer = view.customer
    rows: list[tuple[str, object]] = [
        ("Customer", view.title),
        ("State", view.outcome.label if view.outcome else view.state.label),
        *(("Because", reason.text(EN)) for reason in view.because),
        ("Handler", view.handler),
        ("Started by", f"{view.initiator or 'the system'} ({view.origin}), {on_clock(house, view.opened_at)}"),
        ("Ended", on_clock(house, view.closed_at)),
        ("Policy", view.policy_version),
    ]
    if customer:
        words = (customer.risk_level, customer.credit_grade, customer.customer_class)
        rows += [
            ("Number", customer.identifier),
            ("Telephone", customer.phone),
            ("Rating", " · ".join(word.label for word in words if word)),
        ]
    if view.run:
        rows += [("Prefect run", view.run.flow_run_id)]
        rows += [("Failed", f"{view.run.failures} times: {view.run.failure}")] if view.run.failure else []
    table((view.ref, ""), [row for row in rows if row[1]])


def _step(house: House, step: CaseStep) -> tuple[object, ...]:
    return (
        step.title,
        step.round,
        came_to(step),
        ", ".join(step.asked),
        on_clock(house, step.opened_at),
        on_clock(house, step.due.at),
    )


def _signatures(house: House, view: CaseView) -> None:
    rows = [
        (
            on_clock(house, signature.at),
            f"{signature.step_title} ({signature.round})",
            signature.name,
            signature.label + (" (void)" if signature.void else ""),
            "; ".join(f"{title}: {text}" for line in signature.lines for title, text in told(line, EN)),
        )
        for step in view.steps
        for signature in step.signatures
    ]
    if rows:
        table(("When", "Step", "Who", "Answer", "Said"), rows, title="Signatures")


def _event(house: House, event: TimelineEntry) -> tuple[str, str, str]:
    return on_clock(house, event.at), event.who or "the system", event.sentence.text(EN)

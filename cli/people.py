"""``clientrisk people``: the staff register, and the keys people and programs come in with."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import col, select

from cli.import_ import read_file, tell_problems
from cli.terminal import opened_house, operator, refusals_told, say, table
from config.words import Department, Language, QualificationKind, Role
from models.errors import NotFound
from models.house import Work
from models.operations.access import Scope, issue_api_token, issue_sign_in_link
from models.operations.csv_rows import ImportRefused
from models.operations.people import add_channel
from models.operations.qualifications import import_qualifications, qualification_given, record_qualification
from models.operations.sessions import end_access, is_live
from models.operations.sign_ins import book
from models.operations.staff import (
    StaffRefused,
    StaffReport,
    add_person,
    import_staff,
    person_named,
    staff_member,
)
from models.rights import RULES, Right, holds
from models.rights_table import also
from models.rights_table import table as table_of_rights
from models.tables import ApiToken, Channel, Person
from notifications.addresses import understood

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The staff register.")
channels = typer.Typer(no_args_is_help=True, help="Where people are reached.")
app.add_typer(channels, name="channel")

Id = Annotated[str, typer.Argument(metavar="PERSON", help="The person's id, such as li.na.")]


@app.command("list")
def listed(
    role: Annotated[Role | None, typer.Option(help="Only those who hold this role.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Those who are no longer active too.")] = False,
) -> None:
    """List the staff."""
    with opened_house().read() as session:
        people = session.exec(select(Person).order_by(col(Person.department), col(Person.id))).all()
    names = {person.id: person.name for person in people}
    rows = [
        (
            person.id,
            person.name if person.active else f"{person.name} (no longer active)",
            person.department.label,
            ", ".join(Role(one).label for one in person.roles),
            names.get(person.manager_id or ""),
            person.email,
        )
        for person in people
        if (everyone or person.active) and (role is None or role in person.roles)
    ]
    table(("ID", "Name", "Department", "Roles", "Reports to", "E-mail"), rows)


@app.command()
def add(
    person: Id,
    name: Annotated[str, typer.Option(help="As it is shown to everyone.")],
    department: Annotated[Department, typer.Option(help="Where they work.")],
    role: Annotated[list[Role] | None, typer.Option(help="What they may be asked to sign; may be given again.")] = None,
    email: Annotated[str | None, typer.Option(help="Registered address; sign-in links go there.")] = None,
    reports_to: Annotated[str | None, typer.Option(help="Their manager's id.")] = None,
    language: Annotated[Language | None, typer.Option(help="Language of their messages and pages.")] = None,
) -> None:
    """Put a person on the register."""
    with refusals_told():
        member = staff_member(
            id=person,
            name=name,
            department=department,
            roles=role or [],
            email=email,
            manager_id=reports_to,
            language=language,
        )
        with opened_house().work(operator()) as work:
            add_person(work, member)
    say(f"{member.name} ({member.id}) is on the register.")


@app.command("import")
def import_file(file: Annotated[Path, typer.Argument(help="A CSV file, UTF-8 or GBK.")]) -> None:
    """Take over a list of staff: new people are added, known ones brought up to date. All rows, or none.

    Columns: id, name, email, department, roles (separated by blanks), manager (an id), language, active (yes or no).
    """
    data = read_file(file)
    house = opened_house()
    with refusals_told():
        try:
            with house.work(operator()) as work:
                report = import_staff(work, data)
        except StaffRefused as refusal:
            _tell_problems(refusal.report)
            say(f"Nothing was imported: {len(refusal.report.problems)} problems in {file}.")
            raise typer.Exit(1) from None
    same = report.rows - len(report.added) - len(report.changed)
    say(f"{report.rows} rows: {len(report.added)} added, {len(report.changed)} changed, {same} as they were.")


@app.command()
def qualify(
    person: Id,
    kind: Annotated[QualificationKind, typer.Option(help="What they hold.")],
    reference: Annotated[str, typer.Option(help="The number under which the agreement or certificate is filed.")],
    valid_from: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day.")],
    valid_until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; without it, it does not expire.")
    ] = None,
) -> None:
    """Record or renew a confidentiality agreement or a reception training."""
    with refusals_told():
        given = qualification_given(
            {
                "person": person,
                "kind": kind.value,
                "reference": reference,
                "valid_from": valid_from.date(),
                "valid_until": valid_until.date() if valid_until else None,
            }
        )
        with opened_house().work(operator()) as work:
            record_qualification(work, given)
    until = f"until {given.valid_until}" if given.valid_until else "without an end"
    say(f"{given.kind.label} of {person}: {given.reference}, from {given.valid_from} {until}.")


@app.command("import-qualifications")
def import_many_qualifications(file: Annotated[Path, typer.Argument(help="A CSV file, UTF-8 or GBK.")]) -> None:
    """Take over confidentiality agreements and trainings. All rows, or none; the same file again changes nothing.

    Columns: person (id or name), kind (confidentiality, reception_training), reference, valid_from, valid_until.
    """
    data = read_file(file)
    with refusals_told():
        try:
            report = import_qualifications(opened_house(), operator(), data)
        except ImportRefused as refusal:
            tell_problems(refusal.report)
            say(f"Nothing was imported: {refusal.report.wrong} problems in {file}.")
            raise typer.Exit(1) from None
    say(f"{report.rows} rows: {report.new} recorded, {report.repeated} on the register already.")


@app.command("sign-in-link")
def sign_in_link(person: Id) -> None:
    """Print a link that signs a person in once. Whoever has it is that person: hand it over with care."""
    house = opened_house()
    with refusals_told(), house.work(operator()) as work:
        token = issue_sign_in_link(work, person_named(work, person).id)
    say(f"{house.settings.base_url}/sign-in/{token}")


@app.command()
def token(
    person: Id,
    scope: Annotated[list[Scope], typer.Option(help="What it may be used for; may be given again.")],
    label: Annotated[str, typer.Option(help="What the token is for.")] = "command line",
    days: Annotated[int | None, typer.Option(min=1, help="How long it is good; otherwise as the settings say.")] = None,
) -> None:
    """Print an API token by which a program acts for a person. It is shown this once."""
    house = opened_house()
    longest = house.settings.api_token_longest_days
    days = min(house.settings.api_token_days, longest) if days is None else days
    if days > longest:
        raise typer.BadParameter(f"A token is good for {longest} days at most (CLIENTRISK_API_TOKEN_LONGEST_DAYS).")
    with refusals_told(), house.work(operator()) as work:
        chosen = list(dict.fromkeys(scope))
        made = issue_api_token(work, person_named(work, person).id, label[:80], chosen, days)
    say(made)


@app.command("end-access")
def end_ways_in(
    person: Id,
    sessions: Annotated[bool, typer.Option("--sessions", help="Only browsers; tokens and the calendar stay.")] = False,
) -> None:
    """Sign a person out everywhere at once; their tokens, unused links and calendar address go dead too."""
    with refusals_told(), opened_house().work(operator()) as work:
        ended = end_access(work, person_on_register(work, person).id, sessions_only=sessions)
    say(
        f"Ended of {person}: {ended.sessions} sessions, {ended.tokens} tokens, {ended.links} unused links, "
        f"{ended.feeds} calendar addresses."
    )


def person_on_register(work: Work, person_id: str) -> Person:
    """In service or not: who has left may be put out too."""
    found = work.session.get(Person, person_id)
    if found is None:
        raise NotFound("There is no person {person}.", person=person_id[:64])
    return found


@app.command("tokens")
def tokens_listed(
    person: Annotated[str | None, typer.Option(help="Only this person's (id).")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Those that are revoked or expired too.")] = False,
) -> None:
    """List API tokens: whose, for what, until when, last used. The tokens themselves nobody knows."""
    house = opened_house()
    statement = select(ApiToken).order_by(col(ApiToken.person_id), col(ApiToken.id))
    if person:
        statement = statement.where(ApiToken.person_id == person)
    with house.read() as session:
        kept = [one for one in session.exec(statement) if everyone or is_live(one, house.clock())]
    rows = [
        (one.id, one.person_id, one.label, " ".join(one.scopes), _day(one.expires_at), _day(one.used_at))
        for one in kept
    ]
    table(("Number", "Person", "For", "Scopes", "Good until", "Last used"), rows, right=(0,))


@app.command("sign-ins")
def sign_ins_listed(
    person: Annotated[str | None, typer.Option(help="Only this person's (id).")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many lines.")] = 50,
) -> None:
    """List who came in, or tried to: the latest first."""
    with opened_house().read() as session:
        lines = book(session, person_id=person, limit=limit)
    rows = [
        (
            f"{one.at:%Y-%m-%d %H:%M}",
            one.person_id or "",
            one.event.label,
            one.way.label,
            one.address,
            one.reason,
            one.times,
        )
        for one, _ in lines
    ]
    table(("At (UTC)", "Person", "What", "How", "From", "Why", "Times"), rows, right=(6,))


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""


@app.command()
def rights(
    person: Annotated[str | None, typer.Argument(metavar="[PERSON]", help="What this person may do (id).")] = None,
    as_table: Annotated[bool, typer.Option("--table", help="The whole register as docs/access.md has it.")] = False,
) -> None:
    """List what a person may do by their roles and department; without one, who holds each right."""
    if as_table:
        for line in table_of_rights():
            say(line)
        return
    if person is None:
        rows = [(right.value, right.label, ", ".join(sorted(r.label for r in RULES[right].roles))) for right in Right]
        table(("Right", "What may be done", "Roles"), rows)
        return
    with refusals_told(), opened_house().work(operator()) as work:
        who = person_named(work, person)
    rows = [(right.value, right.label, also(RULES[right])) for right in Right if holds(who, right)]
    table(("Right", "What may be done", "Others, and what it needs"), rows)


@channels.command("add")
def add_address(
    person: Id,
    address: Annotated[str, typer.Argument(help="An e-mail address or an Apprise address (wecombot://…, mailto://…).")],
) -> None:
    """Give a person one more address; messages go to every one of them."""
    with refusals_told():
        house = opened_house()
        checked = understood(address, house.settings.webhook_private_hosts)
        with house.work(operator()) as work:
            channel = add_channel(work, person_named(work, person).id, checked)
            number, kind = channel.id, channel.kind
    say(f"Channel {number} ({kind}) of {person} is in use.")


@channels.command("list")
def addresses(person: Annotated[str | None, typer.Option(help="Only this person's (id).")] = None) -> None:
    """List where people are reached. Addresses hold secrets and are not shown."""
    statement = select(Channel.id, Person.name, Channel.kind, Channel.active).join(Person).order_by(col(Channel.id))
    if person:
        statement = statement.where(Channel.person_id == person)
    with opened_house().read() as session:
        rows = [(number, name, kind, "yes" if on else "no") for number, name, kind, on in session.exec(statement)]
    table(("ID", "Person", "Kind", "In use"), rows, right=(0,))


def _tell_problems(report: StaffReport) -> None:
    rows = [(one.row, one.problem.field, one.problem.text(Language.EN)) for one in report.problems]
    table(("Row", "Column", "What is wrong"), rows, right=(0,))

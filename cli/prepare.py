"""``clientrisk prepare``: bring the database to this version, and make it usable."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from cli import sample
from config.policy import PolicyError, load_policy
from config.problem import Problem
from config.settings import get_settings
from models.house import SYSTEM, House, open_house
from models.installation import store_policy
from models.migrate import MigrationRefused, migrate
from models.operations.access import issue_sign_in_link
from models.operations.catch_up import fill_cases, fill_working_minutes
from models.tables import Person

app = typer.Typer(add_completion=False)


@app.command()
def prepare(
    no_sample: Annotated[bool, typer.Option(help="Leave out the sample company.")] = False,
    sign_in_link: Annotated[bool, typer.Option(help="Print a one-time sign-in link as JSON.")] = False,
) -> None:
    """Migrate the database, put the policy on record, and fill an empty one with the sample company."""
    house = prepared_house(with_sample=not no_sample)
    if sign_in_link:
        print(json.dumps({"sign_in_link": _sign_in_link(house)}))


def prepared_house(*, with_sample: bool) -> House:
    """The house of this installation, ready to be used.

    Raises:
        Problem: the database or the policy is not usable; says what to do.
    """
    settings = get_settings()
    settings.ensure_home()
    try:
        house = open_house(settings, load_policy(settings.policy_folder))
        migrate(house.engine)
        store_policy(house)
        while fill_working_minutes(house) or fill_cases(house):
            pass  # batch after batch, until nothing that an earlier version closed is left unmeasured
        if with_sample:
            with house.work(SYSTEM) as work:
                sample.fill(work)
    except PolicyError as error:
        raise Problem(f"The policy has mistakes:\n{error}") from None
    except MigrationRefused as error:
        raise Problem(str(error)) from None
    except DatabaseError as error:
        raise Problem(
            f"The database cannot be used: {error.orig}. See that the address in CLIENTRISK_DATABASE_URL is right, "
            "that the disk is neither full nor read-only, and that the file is a database of clientrisk."
        ) from None
    return house


def _sign_in_link(house: House) -> str | None:
    """A link for the sample's administrator; without one, for the first active person."""
    with house.work(SYSTEM) as work:
        person = work.session.get(Person, sample.ADMINISTRATOR) or work.session.exec(select(Person)).first()
        if person is None:
            return None
        return f"{house.settings.base_url}/sign-in/{issue_sign_in_link(work, person.id)}"

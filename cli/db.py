"""``clientrisk db``: the database's tables, brought to this version or told which version they are of."""

from __future__ import annotations

import typer
from sqlalchemy.exc import DatabaseError

from cli.prepare import prepared_house
from cli.terminal import require_database, say
from config.problem import Problem
from config.settings import get_settings
from models.house import open_engine
from models.migrate import current, latest

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The database's tables.")


@app.command()
def upgrade() -> None:
    """Bring the database to this version, data in place. Made anew where there is none; nothing is changed by half."""
    house = prepared_house(with_sample=False)
    say(f"The database is at revision {current(house.engine)}.")


@app.command("current")
def current_revision() -> None:
    """Tell the revision the database is at. Ends with 1 when this version needs another."""
    settings = get_settings()
    require_database(settings)
    try:
        at = current(open_engine(settings.database_url))
    except DatabaseError as error:
        raise Problem(f"The database cannot be used: {error.orig}. `clientrisk doctor` says more.") from None
    needed = latest()
    say(f"The database is at revision {at or 'none'}; this version needs {needed}.")
    if at != needed:
        say("Run `clientrisk db upgrade`.")
        raise typer.Exit(1)

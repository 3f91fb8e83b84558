"""Where one goes from here: the main menu, and the tabs of each desk. What is not open to a person is not shown.

What a page itself allows is decided there; this only says what is worth showing to whom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from config.languages import N_
from models.operations.qualifications import keeps_register
from models.queries.rights import manages, operates, sees_operations
from models.rights import Right, holds
from models.starting import starts
from models.tables import Person


def _anybody(_person: Person) -> bool:
    return True


def begins(person: Person) -> bool:
    """Whether there is anything this person may begin."""
    return holds(person, Right.OPEN_ONBOARDING) or any(start.open_to(person) for start in starts().values())


@dataclass(frozen=True)
class Entry:
    """One way to go. It is the present one where the address begins with ``path`` (or with one of ``also``)."""

    path: str
    title: str
    open_to: Callable[[Person], bool] = _anybody
    also: tuple[str, ...] = ()
    second: bool = False

    def present(self, here: str) -> bool:
        """Whether the page at ``here`` belongs to it."""
        if self.path == "/":
            return here == "/"
        return any(here == path or here.startswith(path + "/") for path in (self.path, *self.also))


MAIN = (
    Entry("/", N_("My work")),
    Entry("/cases", N_("Cases")),
    Entry("/customers", N_("Customers")),
    Entry("/start", N_("Begin"), begins, also=("/apply", "/import", "/repair"), second=True),
    Entry("/ledger", N_("Receivables"), second=True),
    Entry("/operations", N_("Operations"), sees_operations, second=True),
    Entry("/management", N_("Statistics"), manages, second=True),
    Entry("/qualifications", N_("Qualifications"), lambda person: keeps_register(person), second=True),
)
"""The main menu. On a phone those that are ``second`` lie behind one word."""

OPERATIONS = (
    Entry("/operations", N_("Overview")),
    Entry("/operations/queue", N_("Working queue")),
    Entry("/operations/schedules", N_("Schedules")),
    Entry("/operations/messages", N_("Messages")),
    Entry("/operations/staff", N_("Staff")),
    Entry("/operations/policy", N_("Policy")),
    Entry("/operations/sign-ins", N_("Sign-ins"), lambda person: holds(person, Right.SEE_SIGN_INS)),
    Entry("/operations/webhooks", N_("Webhooks"), operates),
)

MANAGEMENT = (
    Entry("/management", N_("Overview")),
    Entry("/management/processes", N_("Processes")),
    Entry("/management/portfolio", N_("Portfolio")),
)

ME = (
    Entry("/me", N_("My settings")),
    Entry("/me/notifications", N_("Notifications")),
    Entry("/absence", N_("Absence")),
    Entry("/me/calendar", N_("Calendar")),
    Entry("/me/tokens", N_("Access for programs")),
    Entry("/me/sign-ins", N_("My sign-ins")),
)

DESKS = {"operations": OPERATIONS, "management": MANAGEMENT, "me": ME}


@dataclass(frozen=True)
class Way:
    """An entry as it is drawn."""

    path: str
    title: str
    present: bool
    second: bool


def ways(entries: tuple[Entry, ...], person: Person, here: str) -> tuple[Way, ...]:
    """The entries open to ``person``; the one whose path is longest of those that hold ``here`` is the present one."""
    holding = max((entry.path for entry in entries if entry.present(here)), key=len, default=None)
    return tuple(
        Way(entry.path, entry.title, entry.path == holding, entry.second) for entry in entries if entry.open_to(person)
    )

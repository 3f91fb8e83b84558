"""Why a case's run failed, in plain words: what kind of error it was, and what operations can do about it.

The error itself (``ConnectError: …``) stays beside it for whoever mends the program.
"""

from __future__ import annotations

from config.languages import N_
from models.queries.shown import Sentence

DATABASE = N_("The database did not answer in time. If it answers now, let the case try again.")
UNREACHABLE = N_("Another service could not be reached. See that it runs, then let the case try again.")
NOBODY = N_("Nobody in the company may sign the next step. Give somebody the role, then let the case try again.")
STORED = N_("What is on record does not fit this version of the program. Update the program, or cancel the case.")
DISK = N_("A file could not be written or read. See that the disk is not full, then let the case try again.")
ANY = N_("The program met an error that it does not know. Mend the cause, then let the case try again.")

_KINDS = {
    DATABASE: ("OperationalError", "TimeoutError", "InterfaceError", "PendingRollbackError", "DBAPIError"),
    UNREACHABLE: (
        "ConnectError",
        "ConnectTimeout",
        "ReadTimeout",
        "ConnectionError",
        "ConnectionRefusedError",
        "HTTPStatusError",
        "PrefectHTTPStatusError",
        "RemoteProtocolError",
    ),
    NOBODY: ("NobodyCanSign",),
    STORED: ("ValidationError", "KeyError", "LookupError", "TypeError", "AttributeError"),
    DISK: ("OSError", "PermissionError", "FileNotFoundError"),
}
_TOLD = {name: message for message, names in _KINDS.items() for name in names}


def failure_told(failure: str | None) -> Sentence:
    """What ``failure`` (as a run keeps it: the error's kind, then what it says) means for operations."""
    kind = (failure or "").partition(":")[0].strip()
    return Sentence(message=_TOLD.get(kind, ANY))

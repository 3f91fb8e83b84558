"""Which language a request is answered in."""

from __future__ import annotations

from fastapi import Request

from config.languages import choose
from config.words import Language
from models.tables import Person

COOKIE = "clientrisk_language"


def chosen(request: Request) -> Language | None:
    """The language somebody switched to on this very page (``?lang=``), if it is one of ours."""
    wanted = request.query_params.get("lang")
    return Language(wanted) if wanted in list(Language) else None


def language_of(request: Request, person: Person | None = None) -> Language:
    """What was chosen in this browser, else the person's language, else what the browser asks for.

    The switch on the page is somebody's latest word: a setting that outranked it would make the switch dead.
    """
    switched = chosen(request)
    if switched is not None:
        return switched
    kept = request.cookies.get(COOKIE)
    if kept in list(Language):
        return Language(kept)
    if person is not None and person.language is not None:
        return person.language
    default: Language = request.app.state.house.settings.language
    return choose(request.headers.get("accept-language"), default)

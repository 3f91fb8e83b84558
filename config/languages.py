"""Languages: catalogues of zh_CN, English as the source text.

Every ``*.po`` file under ``config/locales/<language>/`` belongs to the language's one catalogue; each
room keeps its own file. They are read as they are: there is no build step.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

from babel.messages.pofile import read_po

from config.words import Language


def N_(message: str) -> str:
    """Marks a text that is translated later, where it is shown."""
    return message


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All translations of a language, by their English text. English has none."""
    folder = resources.files("config") / "locales" / language.value
    if not folder.is_dir():
        return {}
    texts: dict[str, str] = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".po"):
            with entry.open("rb") as file:
                texts.update({str(m.id): str(m.string) for m in read_po(file) if m.id and m.string})
    return texts


def translate(message: str, language: Language, **values: object) -> str:
    """``message`` in ``language``, with ``{name}`` places filled from ``values``.

    A text without a translation is shown in English rather than not at all; a test keeps the catalogues whole.
    """
    text = catalogue(language).get(message, message)
    return text.format(**values) if values else text


def choose(accept_language: str | None, default: Language = Language.ZH_CN) -> Language:
    """The language a browser asks for (``Accept-Language``), else ``default``."""
    for part in (accept_language or "").split(","):
        wanted = part.split(";")[0].strip().lower()
        if wanted.startswith("zh"):
            return Language.ZH_CN
        if wanted.startswith("en"):
            return Language.EN
    return default

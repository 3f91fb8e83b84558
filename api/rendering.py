"""Pages: templates, and the words around them in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from importlib import resources
from typing import Any

from fastapi import Request
from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound
from markupsafe import Markup
from starlette.responses import HTMLResponse

from api.csrf import Csrf
from api.desks import DESKS, MAIN, ways
from api.language import COOKIE, chosen, language_of
from api.moments import moment, time_left
from api.session import sessions_of
from api.static import STATIC
from config.languages import translate
from config.policy import Text
from config.words import Language, Word
from models.errors import Problem, Refused
from models.forms.base import forms
from models.house import House
from models.papers import PaperText
from models.processes import PROCESSES
from models.queries.answers import answer_lines, humanised
from models.queries.shown import Sentence, day, reasons_of, spoken
from models.queries.unread import Unread, unread
from models.rights import Right, holds
from models.tables import Person
from notifications.papers import body_html

_YEAR = 31_536_000
MANY = 120
"""Up to this many people are shown in a list to pull down; more are found by typing."""
FEW_PEOPLE = 30
"""In a list's rows up to this many are shown to pull down: the list is there once for each row."""
LISTED = 1000
"""Up to this many are suggested while typing; of more the name or id must be known."""


class Templates(BaseLoader):
    """The templates of this package, read once."""

    def __init__(self) -> None:
        self._folder = resources.files("api") / "templates"

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Any]:
        entry = self._folder.joinpath(*template.split("/"))
        if not entry.is_file():
            raise TemplateNotFound(template)
        return entry.read_text(encoding="utf-8"), str(entry), lambda: True


@cache
def environment() -> Environment:
    """The templates of this process; each is compiled once."""
    made = Environment(
        loader=Templates(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.globals.update(STATIC=STATIC, PROCESSES=PROCESSES, MANY=MANY, FEW_PEOPLE=FEW_PEOPLE, LISTED=LISTED)
    made.tests["startswith_"] = str.startswith
    made.globals["paper_body"] = _paper_body
    return made


def compile_templates() -> None:
    """Compile every template now, so that nobody waits for it later."""
    for folder in ("", "blocks/"):
        for entry in (resources.files("api") / "templates" / folder).iterdir():
            if entry.name.endswith(".html"):
                environment().get_template(folder + entry.name)


def _paper_body(text: Mapping[str, Any], version: int) -> Markup:
    return body_html(PaperText.model_validate(text), version=version)


class Pages:
    """Renders the pages of one installation."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._blocks: dict[str, str] = {}

    def block(self, name: str) -> str:
        """The template of one content block; blocks without one of their own are shown name by name."""
        if name not in self._blocks:
            own = f"blocks/{name}.html"
            known = name.isidentifier() and (resources.files("api") / "templates" / "blocks" / f"{name}.html").is_file()
            self._blocks[name] = own if known else "blocks/_any.html"
        return self._blocks[name]

    def page(self, request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """``template`` for whoever asks, in their language, with forms that can be sent from it.

        ``desk`` names the desk (``api.desks.DESKS``) whose tabs stand above the page.
        """
        viewer = sessions_of(request).person(request)
        reader: Person | None = context.pop("reader", None) or viewer
        desk: str | None = context.pop("desk", None)
        here = request.url.path
        language = language_of(request, reader)
        csrf = Csrf(request)
        words = Speech(self._house, language)
        body = (
            environment()
            .get_template(template)
            .render(
                **context,
                viewer=viewer,
                main_ways=ways(MAIN, viewer, here) if viewer else (),
                desk_ways=ways(DESKS[desk], viewer, here) if viewer and desk else (),
                unread=self._unread(viewer),
                opens_cases=viewer is not None and holds(viewer, Right.OPEN_ONBOARDING),
                here=here,
                language=language,
                csrf=csrf.token,
                block_template=self.block,
                **words.names(),
            )
        )
        response = HTMLResponse(body, status, {"vary": "Cookie, Accept-Language"})
        csrf.keep(response)
        if chosen(request) is not None:
            secure = self._house.settings.base_url.startswith("https:")
            response.set_cookie(COOKIE, language.value, max_age=_YEAR, samesite="lax", secure=secure, httponly=True)
        return response

    def _unread(self, viewer: Person | None) -> Unread:
        if viewer is None:
            return Unread()
        with self._house.read() as session:
            return unread(session, viewer)

    def refusal(self, request: Request, refusal: Refused, title: str) -> HTMLResponse:
        """The page of a refused request: what is wrong, and what to do."""
        outside = request.url.path.startswith("/o/")
        company = self._house.settings.company if outside else ""
        return self.page(request, "refused.html", refusal.status, refusal=refusal, title=title, company=company)


class Speech:
    """The words of one page: each text, number and time as its reader writes them."""

    def __init__(self, house: House, language: Language) -> None:
        self._house, self._language = house, language

    def names(self) -> dict[str, Any]:
        """What templates call them."""
        now = self._house.clock()
        local = self._house.calendar.local
        return {
            "t": partial(_translated, self._language),
            "say": self.say,
            "told": self.told,
            "money": money,
            "number": number,
            "sentences": reasons_of,
            "labelled": self.labelled,
            "named": self.named,
            "moment": lambda at: moment(local(_instant(at)), local(now), self._language),
            "day": lambda at: day(_date(at), self._language),
            "time_left": lambda due: time_left(due, local(due.at), self._language),
            "figure_label": self.figure_label,
            "answered": answer_lines,
            "LARGEST": self._house.settings.max_attachment_bytes,
        }

    def say(self, value: Any) -> str:
        """Any value that read models hold, as text."""
        if isinstance(value, Sentence | Problem):
            return value.text(self._language)
        if isinstance(value, Refused):
            return value.text(self._language)
        if isinstance(value, Word):
            return translate(value.label, self._language)
        if isinstance(value, datetime):
            local = self._house.calendar.local
            return moment(local(value), local(self._house.clock()), self._language)
        if isinstance(value, date):
            return day(value, self._language)
        return money(value) if isinstance(value, Decimal) else spoken(value, self._language)

    def told(self, stored: Any) -> str:
        """A stored text in both languages, a stored reason, or anything else, as text."""
        if isinstance(stored, Mapping) and {"zh_CN", "en"} <= set(stored):
            return str(stored[self._language.value])
        if isinstance(stored, Mapping) and "code" in stored:
            return reasons_of([dict(stored)])[0].text(self._language)
        return self.say(stored)

    def labelled(self, vocabulary: str, value: Any) -> str:
        """The label of a stored word of one vocabulary of ``config.words``; the value itself if it is not one."""
        words = vocabularies()[vocabulary]
        return translate(words(value).label, self._language) if value in list(words) else str(value)

    def named(self, name: str) -> str:
        """A stored name as words."""
        return translate(humanised(name), self._language)

    def figure_label(self, name: str) -> str:
        """The label of a field or paper as the running policy has it."""
        rules = self._house.policy.onboarding
        label: Text | None = rules.fields.get(name) or rules.documents.get(name)
        return label.in_(self._language) if label else self.named(name)


@cache
def vocabularies() -> dict[str, type[Word]]:
    """Every vocabulary by its name, once all that draws pages has been imported."""
    forms()  # the words of forms are known once these are
    kinds = list(Word.__subclasses__())
    for kind in kinds:
        kinds += kind.__subclasses__()
    return {kind.__name__: kind for kind in kinds}


def _translated(language: Language, message: str, **values: Any) -> str:
    return translate(message, language, **{name: spoken(value, language) for name, value in values.items()})


def money(value: Any) -> str:
    """Yuan, grouped, two places: ``1,240,000.00``. What is no number is shown as it is."""
    try:
        return f"{Decimal(str(value)):,.2f}"
    except InvalidOperation:
        return str(value)


def number(value: Any) -> str:
    """A number without needless zeros: ``35.0`` → ``35``."""
    try:
        plain = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return f"{plain.normalize():,f}" if plain.is_finite() else str(value)


def _instant(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)

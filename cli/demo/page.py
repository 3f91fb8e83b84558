"""A page as a browser without scripts has it: its text, and its forms with what is filled in already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

Value = str | Sequence[str]
Attributes = dict[str, str | None]

UNSEEN = {"head", "style", "script", "title"}
TICKED = {"checkbox", "radio"}


@dataclass(frozen=True)
class Form:
    """One form: where it goes, what would be sent now, and the names of everything that can be filled in."""

    action: str
    sent: tuple[tuple[str, str], ...] = ()
    names: frozenset[str] = frozenset()

    @property
    def answers_with(self) -> str | None:
        """The action of a step that this form answers with."""
        return dict(self.sent).get("_action")

    def filled(self, values: Mapping[str, Value]) -> Form:
        """The form with ``values`` in their places.

        Raises:
            KeyError: the form has no such field.
        """
        for name in values:
            if name not in self.names:
                raise KeyError(name)
        kept = [(name, value) for name, value in self.sent if name not in values]
        return replace(self, sent=(*kept, *((name, one) for name, value in values.items() for one in _several(value))))

    def sent_to(self, action: str) -> Form:
        """The same form by another of its buttons, which sends it to ``action``."""
        return replace(self, action=action)

    def data(self) -> dict[str, list[str]]:
        """What is sent, by name."""
        data: dict[str, list[str]] = {}
        for name, value in self.sent:
            data.setdefault(name, []).append(value)
        return data


def _several(value: Value) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


@dataclass(frozen=True)
class Page:
    """A page that was answered with ``status``."""

    status: int
    text: str
    forms: tuple[Form, ...] = ()

    def answering(self, action: str) -> Form | None:
        """The form that answers a step with ``action``."""
        return next((form for form in self.forms if form.answers_with == action), None)

    def going_to(self, end: str) -> Form | None:
        """The form whose address ends so."""
        return next((form for form in self.forms if form.action.partition("?")[0].endswith(end)), None)


def read_page(status: int, html: str) -> Page:
    """The page of an answer."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Page(status, " ".join(" ".join(reader.text).split()), tuple(form.done() for form in reader.forms))


@dataclass
class _Open:
    """A form, a list or a text area that is being read."""

    action: str = ""
    sent: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def done(self) -> Form:
        return Form(self.action, tuple(self.sent), frozenset(self.names))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.forms: list[_Open] = []
        self._form: _Open | None = None
        self._unseen = 0
        self._area: tuple[str, list[str]] | None = None
        self._options: tuple[str, list[tuple[str, bool]]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in UNSEEN:
            self._unseen += 1
        elif tag == "form":
            self._form = _Open(given.get("action") or "")
            self.forms.append(self._form)
        elif tag == "input":
            self._input(given)
        elif tag == "textarea":
            self._area = (given.get("name") or "", [])
        elif tag == "select":
            self._options = (given.get("name") or "", [])
        elif tag == "option" and self._options:
            self._options[1].append((given.get("value") or "", "selected" in given))

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen -= 1
        elif tag == "form":
            self._form = None
        elif tag == "textarea" and self._area:
            name, lines = self._area
            self._put(name, "".join(lines).removeprefix("\n"))
            self._area = None
        elif tag == "select" and self._options:
            name, options = self._options
            self._put(name, next(_chosen(options), ""))
            self._options = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area[1].append(data)
        elif not self._unseen:
            self.text.append(data)

    def _input(self, given: Attributes) -> None:
        name, kind = given.get("name") or "", given.get("type") or "text"
        if kind in TICKED and "checked" not in given:
            self._put(name, None)
        elif kind not in ("submit", "button", "image", "reset", "file"):
            self._put(name, given.get("value") or ("on" if kind in TICKED else ""))
        elif kind == "file":
            self._put(name, None)

    def _put(self, name: str, value: str | None) -> None:
        if self._form is not None and name:
            self._form.names.add(name)
            if value is not None:
                self._form.sent.append((name, value))


def _chosen(options: Sequence[tuple[str, bool]]) -> Iterator[str]:
    """What a list sends: what is selected, else its first."""
    yield from (value for value, selected in options if selected)
    yield from (value for value, _ in options)

"""Papers as pages: A4 when printed. The style sheet is a file of its own, for pages allow no styles inside."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from config.languages import translate
from models.papers import PaperText
from notifications.papers.signing import Signed, fingerprint, foot, lines_of


def body_html(
    text: PaperText, signed: Sequence[Signed] = (), *, version: int = 1, time_zone: str = "Asia/Shanghai"
) -> Markup:
    """The paper itself, to be put into a page."""
    template = _environment().get_template("body.html")
    rendered = template.render(
        text=text,
        lines=lines_of(text, signed, time_zone),
        foot=foot(text, version),
        t=partial(translate, language=text.language),
    )
    return Markup(rendered)  # noqa: S704  (escaped by the template)  # nosec B704


def as_html(
    text: PaperText,
    signed: Sequence[Signed] = (),
    *,
    version: int = 1,
    time_zone: str = "Asia/Shanghai",
    stylesheet: str = "paper.css",
) -> str:
    """The paper as a page of its own. ``stylesheet`` is where its style sheet lies."""
    return (
        _environment()
        .get_template("page.html")
        .render(
            text=text,
            stylesheet=stylesheet,
            fingerprint=fingerprint(text),
            body=body_html(text, signed, version=version, time_zone=time_zone),
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("notifications", "papers/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )

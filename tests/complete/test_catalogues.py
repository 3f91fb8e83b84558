"""Both languages are complete: every text people may see is in the Chinese catalogue, and nothing else is."""

import re
from collections.abc import Iterator
from importlib import import_module, resources
from pathlib import Path
from pkgutil import walk_packages
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import config
import models
from config.languages import catalogue
from config.words import Language, Word
from models.forms import forms

ROOT = Path(__file__).parents[2]
ROOMS = ("api", "cli", "config", "flows", "models", "notifications", "tasks")
IN_TEMPLATES = re.compile(r"""\bt\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
CHINESE = catalogue(Language.ZH_CN)


def marked() -> Iterator[tuple[str, str]]:
    """Texts marked in Python and used in templates, each with where it stands."""
    for room in ROOMS:
        python = [("**.py", "python")]
        for file, line, message, _, _ in extract_from_dir(str(ROOT / room), keywords={"N_": None}, method_map=python):
            yield (message if isinstance(message, str) else message[0]), f"{room}/{file}:{line}"
        for template in sorted((ROOT / room).rglob("templates/**/*")):
            if template.suffix in {".html", ".j2"}:
                for found in IN_TEMPLATES.finditer(template.read_text(encoding="utf-8")):
                    text = (found[1] or found[2]).replace('\\"', '"').replace("\\'", "'")
                    yield text, str(template.relative_to(ROOT))


def words() -> Iterator[tuple[str, str]]:
    """The labels of every vocabulary of the field."""
    for room in (config, models):
        for module in walk_packages(room.__path__, f"{room.__name__}."):
            if ".migrations" not in module.name:
                import_module(module.name)
    kinds = list(Word.__subclasses__())
    for kind in kinds:
        kinds += kind.__subclasses__()
        if kind is not Language and not kind.__module__.startswith("tests."):
            for word in kind:
                yield word.label, f"{kind.__name__}.{word.name}"


def labels() -> Iterator[tuple[str, str]]:
    """The labels and hints of every form's fields."""
    for form in forms().values():
        if form.__module__.startswith("models."):
            for name, field in form.model_fields.items():
                for text in (field.title, field.description):
                    if text:
                        yield text, f"{form.__name__}.{name}"


TEXTS = {text: where for source in (marked(), words(), labels()) for text, where in source}


@pytest.mark.parametrize("text", sorted(TEXTS))
def test_every_text_is_translated(text: str) -> None:
    assert text in CHINESE, f"{TEXTS[text]}: no Chinese for {text!r}"
    places = {name for _, name, _, _ in Formatter().parse(text) if name}
    assert {name for _, name, _, _ in Formatter().parse(CHINESE[text]) if name} == places, TEXTS[text]


def test_no_text_has_two_translations() -> None:
    found: dict[str, set[str]] = {}
    for entry in (resources.files("config") / "locales" / "zh_CN").iterdir():
        with entry.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    found.setdefault(str(message.id), set()).add(str(message.string))
    assert {text: given for text, given in found.items() if len(given) > 1} == {}


def test_every_form_field_has_a_label() -> None:
    bare = [
        f"{form.__name__}.{name}"
        for form in forms().values()
        if form.__module__.startswith("models.")
        for name, field in form.model_fields.items()
        if not field.title
    ]
    assert bare == []

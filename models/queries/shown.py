"""What read models are made of: values ready to be shown in any language, and sentences about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from config.languages import N_, translate
from config.policy import Text
from config.words import Language, Word
from models.rules.reasons import TEMPLATES, Label, Reason

Shown = bool | int | Decimal | datetime | date | Label | Text | tuple[Label, ...] | str
"""A value to be shown. A plain ``str`` is shown as it is; a ``Label`` is translated."""

STORED_DAY = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
"""How the parameters of reasons keep a day."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
YES, NO = N_("Yes"), N_("No")
_COMMA = {Language.ZH_CN: "、", Language.EN: ", "}


class Read(BaseModel):
    """Base of all read models."""

    model_config = ConfigDict(frozen=True)


class Sentence(Read):
    """A translatable sentence and what fills its places: values, or sentences within it."""

    message: str
    values: dict[str, Shown | Sentence] = {}

    def text(self, language: Language) -> str:
        """The sentence in ``language``."""
        return translate(self.message, language, **{n: spoken(v, language) for n, v in self.values.items()})


def spoken(value: Any, language: Language) -> str:
    """``value`` as plain text: words translated, numbers grouped, lists joined as the language joins them."""
    if isinstance(value, bool):
        return translate(YES if value else NO, language)
    if isinstance(value, Label | Word):
        return translate(value.label, language)
    if isinstance(value, date) and not isinstance(value, datetime):
        return day(value, language)
    if isinstance(value, Text):
        return value.in_(language)
    if isinstance(value, Sentence):
        return value.text(language)
    if isinstance(value, Decimal | int):
        return f"{value:,}"
    if isinstance(value, tuple | list):
        return _COMMA[language].join(spoken(one, language) for one in value)
    text = str(value)
    return _day_if_it_is_one(text, language) if STORED_DAY.fullmatch(text) else text


def _day_if_it_is_one(text: str, language: Language) -> str:
    try:
        return day(date.fromisoformat(text), language)
    except ValueError:  # the thirtieth of February
        return text


def day(at: date, language: Language) -> str:
    """``10 Mar 2026`` or ``2026年3月10日``."""
    if language is Language.ZH_CN:
        return f"{at.year}年{at.month}月{at.day}日"
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def reasons_of(stored: list[dict[str, Any]] | tuple[Mapping[str, Any], ...]) -> tuple[Sentence, ...]:
    """Stored reasons as sentences. One whose code is not known any more is shown by its code, not dropped."""
    return tuple(_reason(one) for one in stored)


def _reason(stored: Mapping[str, Any]) -> Sentence:
    try:
        return sentence_of(Reason.model_validate(dict(stored)))
    except ValidationError:
        return Sentence(message="{code}", values={"code": str(stored.get("code", "?"))})


def sentence_of(reason: Reason) -> Sentence:
    """A rule's reason as a sentence."""
    return Sentence(message=TEMPLATES[reason.code], values=dict(reason.params))

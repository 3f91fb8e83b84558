"""What read models are made of: values ready to be shown in any language, and sentences about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from config.languages import N_, translate
from config.policy import Text
from config.words import Language
from models.rules.reasons import TEMPLATES, Label, Reason

Shown = bool | int | Decimal | datetime | date | Label | Text | tuple[Label, ...] | str
"""A value to be shown. A plain ``str`` is shown as it is; a ``Label`` is translated."""

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
    if isinstance(value, Label):
        return translate(value.label, language)
    if isinstance(value, Text):
        return value.in_(language)
    if isinstance(value, Sentence):
        return value.text(language)
    if isinstance(value, Decimal | int):
        return f"{value:,}"
    if isinstance(value, tuple | list):
        return _COMMA[language].join(spoken(one, language) for one in value)
    return str(value)


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

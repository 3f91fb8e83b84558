"""Reasons are data: they survive storage exactly and are told in the reader's language."""

from decimal import Decimal
from string import Formatter

import pytest
from pydantic import ValidationError

from config.languages import catalogue
from config.policy import Text
from config.words import Language, Role
from models.rules.reasons import TEMPLATES, Reason, because


def test_a_reason_survives_storage_with_its_exact_numbers() -> None:
    reason = because("routing.limit_band", limit=Decimal("2400000.00"), up_to=Decimal("3000000.00"), role=Role.HEAD)
    again = Reason.model_validate_json(reason.model_dump_json())
    assert again == reason
    assert again.params["limit"] == Decimal("2400000.00")
    assert hash(again) == hash(reason)
    assert again.render(Language.EN) == "Limit 2,400,000.00 is within ≤ 3,000,000.00 → Head of department"


def test_a_reason_is_told_in_the_language_of_its_reader() -> None:
    reason = because("routing.limit_band", limit=Decimal("2400000.00"), up_to=Decimal("3000000.00"), role=Role.HEAD)
    assert reason.render(Language.ZH_CN) == "授信额度 2,400,000.00 元未超过 3,000,000.00 元 → 部门负责人"


def test_texts_of_the_policy_in_a_reason_are_told_in_both_languages() -> None:
    reason = because("score.is_choice", value=Text(zh_CN="较强", en="Strong"), points=80)
    again = Reason.model_validate_json(reason.model_dump_json())
    assert (again.render(Language.ZH_CN), again.render(Language.EN)) == ("较强：得 80 分", "Strong: 80 points")


def test_what_a_person_typed_is_never_translated_or_filled_in() -> None:
    reason = because("score.unreadable", value="{points} Head of department", points=30)
    assert "{points} Head of department" in reason.render(Language.ZH_CN)


def test_an_unknown_reason_or_one_with_wrong_places_is_refused() -> None:
    with pytest.raises(ValidationError, match="unknown reason"):
        because("routing.horoscope")
    with pytest.raises(ValidationError, match="needs \\['role'\\], got \\['rolle'\\]"):
        because("routing.decides", rolle=Role.HEAD)


@pytest.mark.parametrize("code", TEMPLATES)
def test_every_reason_is_translated_with_the_same_places(code: str) -> None:
    chinese = catalogue(Language.ZH_CN).get(TEMPLATES[code])
    assert chinese, "no translation"
    places = [
        sorted({name for _, name, _, _ in Formatter().parse(text) if name}) for text in (TEMPLATES[code], chinese)
    ]
    assert places[0] == places[1]

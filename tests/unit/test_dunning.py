"""Dunning letters: a text for every rung and language, with exactly what is overdue and undisputed (X)."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from config.policy import Policy, load_policy
from config.policy.collections import Rung, Strategy
from config.words import Language, Role, RungWay
from models.collections import OwedLine, OwedNow
from models.dunning import dunning_letter
from models.papers import PaperText

COMPANY = "恒远供应链管理有限公司"


def line(number: str, outstanding: str, *, disputed: bool = False) -> OwedLine:
    amount = Decimal(outstanding)
    due = date(2026, 3, 9)
    return OwedLine(number=number, due_on=due, amount=amount, outstanding=amount, days=22, disputed=disputed)


OWED = OwedNow(
    on=date(2026, 3, 31),
    total=Decimal("1300000.00"),
    overdue=Decimal("1240000.00"),
    disputed=Decimal("60000.00"),
    since=date(2026, 3, 9),
    day=16,
    invoices=(line("FP-2026-0101", "1240000.00"), line("FP-2026-0102", "60000.00", disputed=True)),
    promise_until=date(2026, 4, 15),
)


def letter(way: RungWay, language: Language) -> PaperText:
    return dunning_letter(
        way,
        language,
        company=COMPANY,
        debtor="徐州恒通钢材贸易有限公司",
        number="COL-2026-000012-letter",
        owed=OWED,
        pay_by=date(2026, 4, 7),
    )


def words(text: PaperText) -> str:
    return "\n".join(paragraph for section in text.sections for paragraph in section.paragraphs)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("way", list(RungWay))
def test_every_rung_has_its_letter_in_both_languages(way: RungWay, language: Language) -> None:
    text = letter(way, language)
    table = text.sections[1].table
    assert table is not None
    assert [row[0] for row in table.rows] == ["FP-2026-0101"]
    assert text.facts[1].value in ("人民币1,240,000.00元", "CNY 1,240,000.00")
    by = "2026年4月7日" if language is Language.ZH_CN else "7 April 2026"
    assert by in words(text)
    assert "{" not in text.model_dump_json().replace('{"', "")
    assert (text.issuer, text.signatories[0].name) == (COMPANY, COMPANY)


def test_the_tone_rises_from_rung_to_rung() -> None:
    titles = [letter(way, Language.ZH_CN).title for way in RungWay]
    assert titles == ["付款提醒函", "对账及付款通知", "催款函", "最后催款通知书", "停止交易及专项清收告知函"]
    assert "授信额度暂停使用" in words(letter(RungWay.LETTER, Language.ZH_CN))
    assert "停止与贵方的一切交易" in words(letter(RungWay.SPECIAL_GROUP, Language.ZH_CN))


# -- the policy behind it --------------------------------------------------------------------------------------------


def a_rung(**more: object) -> Rung:
    label = {"zh_CN": "第二次催款函", "en": "Second letter"}
    plain = {"automatic": False, "people": 1, "done_within_days": 3, "freezes_credit": True, "stops_trading": False}
    return Rung.model_validate({"label": label, "from_day": 20, **plain, **more})


def test_a_company_may_write_a_second_letter() -> None:
    assert a_rung(name="second_letter", way="letter").done_as is RungWay.LETTER
    assert a_rung(name="visit").done_as is RungWay.VISIT
    with pytest.raises(ValidationError, match="telegram is no way to collect"):
        a_rung(name="telegram")


def test_only_known_strategies_and_their_usual_signers() -> None:
    label = {"zh_CN": "起诉", "en": "Sue"}
    lawsuit = Strategy.model_validate({"name": "lawsuit", "label": label})
    assert lawsuit.signed_by == (Role.LEGAL_OFFICER, Role.FINANCE_OFFICER, Role.VICE_PRESIDENT)
    with pytest.raises(ValidationError, match="seizure is no strategy"):
        Strategy.model_validate({"name": "seizure", "label": label})


def test_a_policy_stored_before_these_keys_reads_as_the_default() -> None:
    policy = load_policy()
    stored = policy.model_dump(mode="json")
    for key in ("counted_as_refusal", "instalment_grace_days", "rungs_begin_at"):
        del stored["collections"][key]
    for strategy in stored["collections"]["strategies"]:
        del strategy["signed_by"]
    assert Policy.model_validate(stored).collections == policy.collections

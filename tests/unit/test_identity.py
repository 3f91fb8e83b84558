"""Identity numbers are checked by structure and check digit, and shown masked."""

import pytest

from config.languages import translate
from config.words import Language
from models.rules.identity import (
    IdentifierKind,
    IdentifierProblem,
    check_identifier,
    compact_identifier,
    mask_identifier,
    mask_phone,
)

COMPANY = "91110000600037341L"
PERSON = "11010519491231002X"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (COMPANY, "uscc"),
        (" 9111 0000 6000 3734 1l ", "uscc"),
        (PERSON, "resident_id"),
        ("11010519491231002x", "resident_id"),
    ],
)
def test_right_numbers_pass_however_they_are_typed(number: str, kind: IdentifierKind) -> None:
    assert check_identifier(number, kind) is None


@pytest.mark.parametrize(
    ("number", "kind", "problem"),
    [
        (None, "uscc", IdentifierProblem.MISSING),
        ("  ", "resident_id", IdentifierProblem.MISSING),
        ("9111000060003734", "uscc", IdentifierProblem.LENGTH),
        ("91110000600037341M", "uscc", IdentifierProblem.CHECKSUM),
        ("91110000600037I41L", "uscc", IdentifierProblem.FORMAT),
        ("９１１１００００６０００３７３４１L", "uscc", IdentifierProblem.FORMAT),
        ("91110000-6000/7341L", "uscc", IdentifierProblem.FORMAT),
        (COMPANY, "resident_id", IdentifierProblem.FORMAT),
        ("110105194912310022", "resident_id", IdentifierProblem.CHECKSUM),
        ("110105194913310021", "resident_id", IdentifierProblem.COMPONENT),
        ("000105194912310024", "resident_id", IdentifierProblem.COMPONENT),
    ],
)
def test_wrong_numbers_are_told_what_is_wrong(
    number: str | None, kind: IdentifierKind, problem: IdentifierProblem
) -> None:
    assert check_identifier(number, kind) is problem
    assert translate(problem.label, Language.ZH_CN) != problem.label


def test_any_one_changed_digit_of_a_credit_code_is_noticed() -> None:
    for place in range(len(COMPANY)):
        for digit in "0123456789":
            changed = COMPANY[:place] + digit + COMPANY[place + 1 :]
            assert changed == COMPANY or check_identifier(changed, "uscc") is not None


def test_a_number_is_written_one_way_only() -> None:
    assert compact_identifier(" 9111-0000 6000\u30003734 1l") == COMPANY


@pytest.mark.parametrize(
    ("number", "shown"),
    [(COMPANY, "9111**********341L"), ("12345678", "********"), ("123456789", "1234*6789"), ("", ""), (None, "")],
)
def test_an_identifier_shows_its_first_and_last_four(number: str | None, shown: str) -> None:
    assert mask_identifier(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13805201234", "138****1234"),
        ("0516-8312 3456", "051*-**** 3456"),
        ("+86 138 0520 1234", "+86 1** **** 1234"),
        ("110", "***"),
        (None, ""),
    ],
)
def test_a_telephone_shows_its_ends_only(number: str | None, shown: str) -> None:
    assert mask_phone(number) == shown

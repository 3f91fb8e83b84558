"""Every word of the field, the policy and the rules is also said in Chinese."""

import pytest

from config import words
from config.languages import catalogue, translate
from config.policy.frequencies import Frequency
from config.words import Language, Role, Word
from models.rules.identity import IdentifierProblem
from models.rules.routing import COUNTERSIGN, NAMED_PERSON

VOCABULARIES = [
    *(w for w in vars(words).values() if isinstance(w, type) and issubclass(w, Word) and w is not Word),
    Frequency,
    IdentifierProblem,
]


@pytest.mark.parametrize("word", [member for vocabulary in VOCABULARIES for member in vocabulary], ids=repr)
def test_every_word_has_its_chinese(word: Word) -> None:
    assert word.label in catalogue(Language.ZH_CN)


@pytest.mark.parametrize("title", [COUNTERSIGN, NAMED_PERSON])
def test_titles_of_levels_have_their_chinese(title: str) -> None:
    assert title in catalogue(Language.ZH_CN)


def test_no_two_roles_read_the_same() -> None:
    chinese = [translate(role.label, Language.ZH_CN) for role in Role]
    assert len(chinese) == len(set(chinese))

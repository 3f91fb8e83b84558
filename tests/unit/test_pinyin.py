"""What a name is found by: as it is compared, by its initials, by its syllables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.pinyin import LONGEST, MOST_WORDS, compared, found_by, pieces, spellings, words_of


def hits(text: str, query: str, **how: bool) -> list[str]:
    return [piece.text for piece in pieces(text, words_of(query), **how) if piece.hit]


def test_a_name_is_found_as_written_by_initials_and_by_syllables():
    assert found_by("徐州恒远钢铁") == "徐州恒远钢铁 xzhygt xuzhouhengyuangangtie"


@pytest.mark.parametrize(
    ("name", "syllables"),
    [
        ("重庆银行", "chongqingyinhang"),  # 重 is zhong by itself, 行 xing
        ("长春长江航运", "changchunchangjianghangyun"),
        ("厦门乐山商行", "xiamenleshanshanghang"),
        ("绿地吕氏", "lvdilvshi"),  # ü as it is typed
    ],
)
def test_a_character_of_several_readings_is_read_as_its_phrase_is(name, syllables):
    assert found_by(name).split()[-1] == syllables


@pytest.mark.parametrize(
    ("name", "own"), [("单雄信", "sxx shanxiongxin"), ("仇和", "qh qiuhe"), ("曾国强", "zgq zengguoqiang")]
)
def test_a_surname_of_a_person_is_also_read_as_one(name, own):
    assert found_by(name, individual=True).endswith(own)
    assert own not in found_by(name)  # 单县 is a place


def test_width_and_case_make_no_difference():
    assert compared("ＡＢＣ（上海）　Ｃｏ．") == compared("abc(上海) CO.") == "abc(上海) co."
    assert found_by("ＡＢＣ物流") == "abc物流 abcwl abcwuliu"
    assert found_by("ACME Steel Co., Ltd.") == "acme steel co., ltd. acmesteelcoltd"


def test_what_is_no_letter_is_passed_over_in_sounds_only():
    assert found_by("恒远·钢铁(集团)") == "恒远·钢铁(集团) hygtjt hengyuangangtiejituan"


def test_control_characters_and_surrogates_are_never_kept():
    assert found_by("恒\x00远\ud800\u202e钢") == "恒 远 钢 hyg hengyuangang"


def test_a_query_is_words_each_once_and_not_too_many():
    assert words_of("  恒远　GT 恒远 ") == ("恒远", "gt")
    assert len(words_of(" ".join(str(n) for n in range(50)))) == MOST_WORDS
    assert words_of("\x00 \t\u200b") == ()
    assert len(words_of("长" * 10_000)[0]) <= 100


def test_pinyin_may_be_written_as_it_is_printed():
    assert spellings("xi'an") == ("xi'an", "xian")
    assert spellings("lü") == ("lü", "lv")
    assert spellings("'") == ("'",)


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("恒远", ["恒远"]),
        ("hygt", ["恒远钢铁"]),
        ("hengyuan", ["恒远"]),
        ("heng 钢铁", ["恒", "钢铁"]),
        ("zzz", []),
    ],
)
def test_what_was_found_is_marked_in_the_name_whichever_way_it_was_found(query, marked):
    assert hits("徐州恒远钢铁贸易", query) == marked


def test_marks_keep_the_name_as_it_was_written():
    assert hits("ＡＢＣ物流", "bcwl") == ["ＢＣ物流"]
    assert hits("单雄信", "shanxiong", individual=True) == ["单雄"]


@given(st.text(max_size=250), st.text(max_size=40), st.booleans())
def test_any_text_can_be_a_name_and_a_query(name, query, individual):
    found = found_by(name, individual=individual)
    assert len(found) <= LONGEST * 9 + 5
    assert found == found.strip()
    assert all(character.isprintable() or character == " " for character in found if ord(character) < 0x80)
    assert "".join(piece.text for piece in pieces(name, words_of(query), individual=individual)) == name


@given(st.text(alphabet="徐州恒远钢铁贸易重庆银行ＡBc(（） ", min_size=1, max_size=30))
def test_every_name_is_found_by_itself(name):
    assert all(word in found_by(name) for word in words_of(name))

"""What a name is found by: as it is compared, by the initials of its pinyin, and by its syllables.

A character with several readings is read as the phrase it stands in is (重庆 ``chongqing``, 银行 ``yinhang``), else by
its commonest reading; a surname of an individual is also read as a surname (单 ``shan`` besides ``dan``). The sound ü
is written ``v``, as it is typed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

LONGEST = 200
"""Characters of a name that are compared; its syllables may be three times as long."""
MOST_WORDS = 6
LONGEST_QUERY = 100

SURNAMES = {
    "单": "shan", "仇": "qiu", "区": "ou", "解": "xie", "查": "zha", "曾": "zeng", "任": "ren", "华": "hua",
    "朴": "piao", "盖": "ge", "繁": "po", "召": "shao", "乐": "yue", "折": "she", "黑": "he", "种": "chong",
    "秘": "bi", "洗": "xian", "冼": "xian", "缪": "miao", "翟": "zhai", "员": "yun", "覃": "qin", "牟": "mu",
    "宿": "su", "晁": "chao", "褚": "chu", "尉": "wei", "车": "che", "佴": "nai", "逄": "pang", "令": "ling",
    "句": "gou", "过": "guo", "哈": "ha", "那": "na", "能": "nai", "撒": "sa", "瞿": "qu", "隗": "kui",
    "尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun", "澹台": "tan tai", "宰父": "zai fu", "令狐": "ling hu",
}  # fmt: skip
"""Surnames that are read otherwise than the character mostly is, or that a dictionary may read wrongly."""


@dataclass(frozen=True)
class _Letter:
    """One character of a name: as it is compared, and the sound it is found by (none for a mark)."""

    compared: str
    initial: str
    sound: str


@dataclass(frozen=True)
class Piece:
    """A piece of a text; ``hit`` where it is what was looked for."""

    text: str
    hit: bool = False


def compared(text: str) -> str:
    """``text`` as it is compared: full-width and half-width, capitals and small letters are one; no control
    characters; runs of spaces are one space."""
    return " ".join("".join(_compared(character) for character in text).split())


def _compared(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isprintable() else " "
    if unicodedata.category(character)[0] == "C":  # controls, lone surrogates, marks of direction
        return " "
    return unicodedata.normalize("NFKC", character).casefold()


def found_by(name: str, *, individual: bool = False) -> str:
    """What ``name`` is found by: as compared, its initials, its syllables, with a space between each."""
    parts = [compared(name)[:LONGEST]]
    for letters in _readings(name[:LONGEST], individual):
        initials = "".join(letter.initial for letter in letters)[:LONGEST]
        parts += [initials, "".join(letter.sound for letter in letters)[: 3 * LONGEST]]
    return " ".join(part for part in dict.fromkeys(parts) if part)


def words_of(query: str) -> tuple[str, ...]:
    """The words of a query, each of which must be found; at most ``MOST_WORDS``."""
    return tuple(dict.fromkeys(compared(query[:LONGEST_QUERY]).split()))[:MOST_WORDS]


def spellings(word: str) -> tuple[str, ...]:
    """How a word may be meant: as written, and in pinyin with ü as ``v`` and without the mark between syllables."""
    plain = word.replace("ü", "v").replace("'", "").replace("’", "")
    return (word, plain) if plain and plain != word else (word,)


def pieces(text: str, words: Iterable[str], *, individual: bool = False) -> tuple[Piece, ...]:
    """``text`` in pieces: those that the words found, by what is written or by its sound, and those between."""
    readings = _readings(text, individual)
    hit = [False] * len(text)
    for word in words:
        for spelling in spellings(word):
            if not _mark(hit, [letter.compared for letter in readings[0]], spelling):
                for letters in readings:
                    _mark(hit, [letter.initial for letter in letters], spelling)
                    _mark(hit, [letter.sound for letter in letters], spelling)
    return tuple(_joined(text, hit))


def _mark(hit: list[bool], parts: Sequence[str], word: str) -> bool:
    """Mark where ``word`` first stands in ``parts`` read together; whether it does."""
    at = "".join(parts).find(word)
    if at < 0:
        return False
    begin = 0
    for place, part in enumerate(parts):
        end = begin + len(part)
        if part and begin < at + len(word) and end > at:
            hit[place] = True
        begin = end
    return True


def _joined(text: str, hit: Sequence[bool]) -> Iterable[Piece]:
    begin = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or hit[end] != hit[begin]:
            yield Piece(text[begin:end], hit[begin])
            begin = end


def _readings(name: str, individual: bool) -> list[list[_Letter]]:
    """The name as it is read, and as a surname of a person is where that differs."""
    from pypinyin import lazy_pinyin  # its dictionaries take a while to load, and most processes never need them

    each_by_itself: Any = list  # what is no Chinese comes back character by character
    sounds = lazy_pinyin(name, errors=each_by_itself)
    read = [_letter(character, sound) for character, sound in zip(name, sounds, strict=True)]
    surname = next((own for own in (name[:2], name[:1]) if own in SURNAMES), None) if individual else None
    if surname is None:
        return [read]
    own = [_letter(c, sound) for c, sound in zip(surname, SURNAMES[surname].split(), strict=True)]
    return [read] if own == read[: len(own)] else [read, list(chain(own, read[len(own) :]))]


def _letter(character: str, sound: str) -> _Letter:
    plain = _compared(character)
    if sound != character:
        return _Letter(plain, sound[:1], sound)
    spoken = "".join(one for one in plain if one.isalnum())
    return _Letter(plain, spoken, spoken)

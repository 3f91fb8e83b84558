"""The history of a case is told in plain words: no event of a step or a move is shown by its stored name."""

import re
from pathlib import Path

import pytest

from config.languages import translate
from config.words import Language, RemarkKind
from models.queries.tellings import tellers

ROOT = Path(__file__).parents[2]
RECORDED = re.compile(r'''(?:record|record_system|note)\(\s*"((?:step|move|answer|case|file)\.[a-z-]+)"''')


def recorded():
    for room in ("models", "flows", "tasks", "api"):
        for file in (ROOT / room).rglob("*.py"):
            yield from RECORDED.findall(file.read_text(encoding="utf-8"))
    yield from (f"step.{kind.value}" for kind in RemarkKind)


@pytest.mark.parametrize("event", sorted(set(recorded())))
def test_every_event_of_a_case_has_its_sentence(event):
    assert event in tellers()


def test_who_was_refused_and_why_is_told_in_both_languages(office):
    ref = office.at_approval()
    link = office.link(ref, "wang.jun")
    office.move(link, "transfer", to="sun.tao", reason="忙")
    browser = office.sign_in("li.na")
    assert (
        "could not give “Approval of limit and term” to 孙涛: Does not have the authority"
        in browser.get(f"/cases/{ref}?lang=en").text
    )
    chinese = browser.get(f"/cases/{ref}?lang=zh_CN").text
    why = "Does not have the authority of this place: {role} or above"
    assert translate(why, Language.ZH_CN, role="销售经理") in chinese
    assert "move.refused" not in chinese

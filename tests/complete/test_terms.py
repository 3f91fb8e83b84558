"""One word for one thing, in both languages: what the policies call it is what pages and messages say."""

import re
from pathlib import Path

import pytest

from config.languages import catalogue
from config.words import Language

ROOT = Path(__file__).parents[2]
CHINESE = catalogue(Language.ZH_CN)
CHINESE_TEXTS = sorted(
    [
        *(ROOT / "config" / "locales" / "zh_CN").glob("*.po"),
        *(ROOT / "config" / "policy").glob("*.yaml"),
        ROOT / "config" / "policy" / "labels.py",
        *(ROOT / "notifications").rglob("zh_CN.j2"),
        *(ROOT / "notifications").rglob("*.zh_CN.j2"),
    ]
)

TERMS = {
    r"risk levels?\b": "风险等级",
    r"customer class(es)?\b": "客户类别",
    r"credit grades?\b": "信用等级",
    r"credit limits?\b": "授信额度",
    r"payment terms?\b": "账期",
    r"grey list": "灰名单",
    r"black list": "黑名单",
    r"collections?\b": "催收",
    r"reception minutes": "接待纪要",
    r"credit repair\b": "信用修复",
    r"risk archives?\b": "风险档案",
    r"\btransfer(red|s)?\b": "转办",
    r"\bdelegat(e|ed|es|ion)\b": "委派",
    r"\b(add|added|adds) a signer\b": "加签",
    r"\b(remove|removed|removes) a signer\b": "减签",
    r"\b(sent|send|sends) back\b": "退回",
    r"\b(urge|urged|urges|urging)\b": "催办",
    r"\bcopied to\b": "抄送",
    r"\bout of office\b|\babsences?\b": "离岗",
    r"\ball (must )?sign\b": "会签",
    r"\bany one signs\b": "或签",
    r"\bin sequence\b": "依次",
}
"""An English term, and the Chinese one that a text with it has."""
SOMETHING_ELSE = {"The absence ends before it begins."}  # says 结束时间: the field beside it is called 离岗

NOT_OURS = {
    "风险级别": "风险等级",
    "客户分类": "客户类别",
    "信用级别": "信用等级",
    "信用额度": "授信额度",
    "信用限额": "授信额度",
    "灰色名单": "灰名单",
    "黑色名单": "黑名单",
    "催缴": "催收",
    "会谈纪要": "接待纪要",
    "客户档案": "风险档案",
    "转派": "转办",
    "催促": "催办",
    "知会": "抄送",
}
"""What others call it, and our word."""


@pytest.mark.parametrize(("english", "chinese"), TERMS.items(), ids=TERMS.values())
def test_a_term_is_translated_by_its_word(english: str, chinese: str) -> None:
    otherwise = {
        text: said
        for text, said in CHINESE.items()
        if re.search(english, text, re.IGNORECASE) and chinese not in said and text not in SOMETHING_ELSE
    }
    assert otherwise == {}


def test_what_has_a_reference_is_a_case_and_only_what_waits_to_be_done_is_an_item() -> None:
    """案件 has a number such as ONB-2026-000123; 事项 is a thing to do (待办事项, 跟踪事项)."""
    assert {
        text: said for text, said in CHINESE.items() if re.search(r"\bcases?\b", text, re.I) and "事项" in said
    } == {}
    named = re.compile(r"事项.{0,6}\{\{ *m\.case|\(\"事项\"|(查看|打开|发起|在办|该|本)事项(?!是否|的延期)")
    for file in (ROOT / "notifications").rglob("*zh_CN.j2"):
        assert named.findall(file.read_text(encoding="utf-8")) == [], file


@pytest.mark.parametrize("file", CHINESE_TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_word_stands_for_a_term(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert {word: ours for word, ours in NOT_OURS.items() if word in text} == {}


def test_english_has_one_word_too() -> None:
    written = re.compile(r"black-?listing|black ?lister|\bblacklist|\bgr[ae]ylist|\bgray list|\brisk file\b", re.I)
    assert [text for text in CHINESE if written.search(text)] == []

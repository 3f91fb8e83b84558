"""Every message in both languages, word for word.

``CLIENTRISK_TEST_RECORD=1 pytest tests/golden`` writes the files anew: read the difference before committing it. The
``.html`` files can be opened in a browser.
"""

import os
from importlib import resources
from pathlib import Path

import pytest

from config.languages import catalogue
from config.words import Language
from models.messages import MESSAGES
from notifications.render import Rendered, render

FOLDER = Path(__file__).parent / "messages"
RECORD = os.environ.get("CLIENTRISK_TEST_RECORD") == "1"

LINK = "https://risk.hengyuan.example/a/Zt0pQ1vYk3xW9sLr7uJd2mNf5hBc8gEa"
CASE = {
    "case_ref": "ONB-2026-000123",
    "case_title": "徐州恒源钢铁贸易有限公司",
    "process": "onboarding-review",
}
STEP = {
    **CASE,
    "step_title": "Second rating",
    "question": "Is the proposed rating of this customer right?",
    "due_at": "2026-03-12T10:00:00Z",
}
PAYLOADS = {
    "step_asked": {**STEP, "asked_by": "李娜", "round": 2},
    "step_reminder": STEP,
    "step_due": {**STEP, "expires_at": "2026-03-17T10:00:00Z"},
    "step_nudge": STEP,
    "case_closed": {
        **CASE,
        "outcome": "admitted_with_conditions",
        "because": [{"code": "credit.grade_without_credit", "params": {"grade": "D"}}],
    },
    "case_failed": {**CASE, "failure": "OperationalError: the database is away\nTraceback: …"},
    "risk_warning": {
        "case_ref": "ONB-2026-000123",
        "customer": "徐州恒源钢铁贸易有限公司",
        "risk_level": "high",
        "points": 46,
        "listed": True,
        "comment": "连续两季度逾期，主要供应商已起诉。",
    },
    "sign_in": {},
}
# The words as of these files; the catalogues themselves may be improved without touching them.
WORDS = {
    "Onboarding review": "客户准入审查",
    "Second rating": "风险复评",
    "Is the proposed rating of this customer right?": "请复核该客户的拟定评级是否恰当。",
    "Admitted with conditions": "附条件准入",
    "High risk": "高风险",
    "Grade {grade} gets no credit: prepayment only": "信用等级 {grade} 不予授信，仅可先款后货",
}


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.languages.catalogue", lambda language: WORDS if language is Language.ZH_CN else {})


def written(kind: str, language: Language) -> Rendered:
    return render(kind, PAYLOADS[kind], language, LINK, "王军" if language is Language.ZH_CN else "Wang Jun")


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_a_message_reads_as_it_was_approved(kind: str, language: Language) -> None:
    message = written(kind, language)
    files = {
        FOLDER / f"{kind}.{language.value}.txt": f"{message.subject}\n\n{message.text}",
        FOLDER / f"{kind}.{language.value}.html": message.html + "\n",
    }
    for path, text in files.items():
        if RECORD:
            path.write_text(text, "utf-8")
        assert path.read_text("utf-8") == text


def test_there_is_a_golden_file_for_each_message_and_no_other() -> None:
    wanted = {f"{kind}.{language.value}.{end}" for kind in MESSAGES for language in Language for end in ("txt", "html")}
    assert {path.name for path in FOLDER.iterdir()} == wanted


def test_every_message_has_a_template_in_every_language_and_no_template_is_left_over() -> None:
    folder = resources.files("notifications") / "templates"
    found = {(kind.name, file.name) for kind in folder.iterdir() if kind.is_dir() for file in kind.iterdir()}
    assert found == {(kind, f"{language.value}.j2") for kind in MESSAGES for language in Language}


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_every_message_has_its_link_in_text_and_html(kind: str, language: Language) -> None:
    message = written(kind, language)
    assert message.text.count(LINK) == 1
    assert f'href="{LINK}"' in message.html


@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_no_message_loads_anything_from_elsewhere(kind: str) -> None:
    html = written(kind, Language.ZH_CN).html
    assert "<img" not in html
    assert "<script" not in html
    assert "url(" not in html
    assert "src=" not in html


def test_the_shared_words_of_messages_are_in_the_catalogue() -> None:
    assert catalogue(Language.ZH_CN)["Client risk"] == "客户风险管理"

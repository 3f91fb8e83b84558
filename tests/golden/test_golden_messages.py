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
from models.messages import MESSAGES, How
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
    "step_urged": {**STEP, "by": "李娜", "note": "客户等着发货，请尽快。"},
    "step_escalated": {**STEP, "late": ["陈宇", "刘洋"]},
    "step_copied": {**STEP, "by": "陈宇"},
    "question_asked": {**STEP, "question_id": 17, "by": "陈宇", "text": "该客户三月以来的应收账款余额是多少？"},
    "question_answered": {**STEP, "by": "郑丽", "text": "截至昨日 1,240,000.00 元，其中逾期 320,000.00 元。"},
    "case_closed": {
        **CASE,
        "outcome": "admitted_with_conditions",
        "because": [{"code": "credit.grade_without_credit", "params": {"grade": "D"}}],
    },
    "case_failed": {**CASE, "failure": "OperationalError: the database is away\nTraceback: …"},
    "token_expiring": {"label": "ERP 应收账款", "ends_on": "2026-03-17"},
    "webhook_paused": {"webhook_id": 3, "name": "ERP 应收账款", "gone": False, "given_up": 5},
    "risk_warning": {
        "case_ref": "ONB-2026-000123",
        "customer": "徐州恒源钢铁贸易有限公司",
        "risk_level": "high",
        "points": 46,
        "listed": True,
        "comment": "连续两季度逾期，主要供应商已起诉。",
    },
    "meeting_called": {
        "case_ref": "MTG-2026-000002",
        "period": "2026-02",
        "by": "吴刚",
        "on": "2026-03-12",
        "at": "14:30",
        "place": "三楼会议室",
        "agenda": "一、重大事项进展；二、逾期超限客户；三、上月决议落实情况",
    },
    "portfolio_warning": {
        "case_ref": "EVA-2026-000003",
        "period": "2026Q3",
        "customers": 12,
        "largest": ["淮海水泥有限公司 (K-000213)", "宿迁锦华纺织有限公司 (K-000088)"],
    },
    "qualification_expiring": {
        "person": "陈宇",
        "own": True,
        "qualification": "reception_training",
        "reference": "PX-2025-014",
        "valid_until": "2026-03-31",
    },
    "consent_ending": {
        "customer": "徐州恒远钢铁贸易有限公司",
        "number": "K-000017",
        "purpose": "insurance",
        "recipient": "江苏信用保险有限公司",
        "document": "TY-2026-003",
        "until": "2026-04-09",
    },
    "digest": {
        "items": [
            {
                "message": 71,
                "about": "step_asked",
                "signer_id": 412,
                **CASE,
                "step_title": "Second rating",
                "due_at": "2026-03-12T10:00:00Z",
                "url": "https://risk.hengyuan.example/steps/412",
            },
            {
                "message": 72,
                "about": "step_copied",
                **CASE,
                "step_title": "Second rating",
                "url": "https://risk.hengyuan.example/cases/ONB-2026-000123",
            },
            {
                "message": 75,
                "about": "case_closed",
                "case_ref": "ONB-2026-000117",
                "case_title": "宿迁锦华纺织有限公司",
                "process": "onboarding-review",
                "outcome": "admitted_with_conditions",
                "url": "https://risk.hengyuan.example/cases/ONB-2026-000117",
            },
        ],
    },
    "test_message": {},
    "sign_in": {},
    "outside_invited": {
        "link_id": 31,
        "company": "恒远供应链管理有限公司",
        "title": "Sign a paper",
        "intro": "Please read the text below and sign it, or say why you do not.",
        "about": "风险客户接待纪要",
        "expires_at": "2026-03-24T10:00:00Z",
    },
    "outside_code": {"link_id": 31, "company": "恒远供应链管理有限公司", "title": "Sign a paper"},
    "dunning_reminder": {
        "company": "恒远供应链管理有限公司",
        "total": "1300000.00",
        "on": "2026-03-10",
        "pay_by": "2026-03-17",
        "invoices": [
            ["FP-2026-0101", "2026-03-09", "1240000.00"],
            ["FP-2026-0102", "2026-03-09", "60000.00"],
        ],
    },
    "reminder_to_pass_on": {
        "case_ref": "COL-2026-000012",
        "customer": "徐州恒源钢铁贸易有限公司",
        "total": "1300000.00",
        "invoices": 2,
    },
    "repair_answered": {
        "company": "恒远供应链管理有限公司",
        "customer": "徐州恒丰木业有限公司",
        "result": "refused",
        "because": [{"code": "repair.arrears_unmet", "params": {"amount": {"number": "96000.00"}}}],
    },
    "outside_needs": {
        "need": "code",
        "name": "马建国",
        "title": "Sign a paper",
        "case_ref": "RCP-2026-000007",
        "case_title": "徐州恒源钢铁贸易有限公司",
    },
}
# The same message otherwise: a step comes to a person in many ways, and some sign in another's name.
WAYS = {
    "step_asked.transferred": {"how": "transferred", "by": "陈宇", "note": "出差，下周三回"},
    "step_asked.delegated": {"how": "delegated", "by": "赵敏", "note": "请先核对合同与送货单"},
    "step_asked.confirm": {"how": "confirm", "by": "孙涛"},
    "step_asked.added": {"how": "added", "by": "陈宇", "note": "合同条款需业务部门把关"},
    "step_asked.substitute": {"how": "substitute"},
    "step_asked.back": {"how": "back"},
    "step_urged.substitute": {"note": ""},
    "step_reminder.substitute": {},
    "step_due.substitute": {},
    "step_nudge.substitute": {},
    "outside_invited.again": {"again": True},
    "qualification_expiring.manager": {"own": False},
    "repair_answered.refused-by-people": {"because": [], "told": "观察时间不足，请于六月后再申请。"},
    "repair_answered.approved": {"result": "approved", "because": [], "until": "2026-09-10"},
    "outside_needs.locked": {"need": "locked"},
    "outside_needs.unreachable": {"need": "unreachable"},
}
PAYLOADS |= {name: {**PAYLOADS[name.partition(".")[0]], **more} for name, more in WAYS.items()}
TO_THE_OUTSIDE = frozenset({"outside_invited", "outside_code", "dunning_reminder", "repair_answered"})
"""Written in the company's name to people who are no staff."""
WITHOUT_LINK = frozenset({"outside_code", "dunning_reminder", "repair_answered"})
"""A code goes to whoever is on the page already; a reminder asks for money; a result is told: nothing to click."""
# The words as of these files; the catalogues themselves may be improved without touching them.
WORDS = {
    "Onboarding review": "客户准入审查",
    "Second rating": "风险复评",
    "Is the proposed rating of this customer right?": "请复核该客户的拟定评级是否恰当。",
    "Admitted with conditions": "附条件准入",
    "Sign a paper": "签署文件",
    "Please read the text below and sign it, or say why you do not.": "请阅读以下全文并签署；如不签署，请说明理由。",
    "There is no e-mail address: pass the link on to them yourself": "没有登记电子邮箱，请您自行转交链接",
    "They ask for the one-time code: read it to them by telephone": "对方申请验证码，请通过电话告知",
    "Their link was locked after too many wrong codes": "验证码多次输入错误，对方的链接已被锁定",
    "High risk": "高风险",
    "Reception training": "风险客户接待培训",
    "Your application was refused": "您的申请未获准",
    "Your application was approved": "您的申请已获准",
    "Arrears of {amount} yuan are to be paid first": "须先结清逾期款项 {amount} 元",
    "Grade {grade} gets no credit: prepayment only": "信用等级 {grade} 不予授信，仅可先款后货",
}


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.languages.catalogue", lambda language: WORDS if language is Language.ZH_CN else {})


def written(name: str, language: Language) -> Rendered:
    kind, _, way = name.partition(".")
    absent = "周红" if way == "substitute" else None
    reader = "王军" if language is Language.ZH_CN else "Wang Jun"
    if kind in TO_THE_OUTSIDE:
        told = {"code": "482915" if kind == "outside_code" else None, "company": PAYLOADS[name].get("company")}
        return render(kind, PAYLOADS[name], language, None if kind in WITHOUT_LINK else LINK, "马建国", **told)
    return render(kind, PAYLOADS[name], language, LINK, reader, absent=absent)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", sorted(PAYLOADS))
def test_a_message_reads_as_it_was_approved(name: str, language: Language) -> None:
    message = written(name, language)
    files = {
        FOLDER / f"{name}.{language.value}.txt": f"{message.subject}\n\n{message.text}",
        FOLDER / f"{name}.{language.value}.html": message.html + "\n",
    }
    for path, text in files.items():
        if RECORD:
            path.write_text(text, "utf-8")
        assert path.read_text("utf-8") == text


def test_every_message_and_every_way_a_step_comes_has_its_golden_files_and_there_are_no_others() -> None:
    assert {name.partition(".")[0] for name in PAYLOADS} == set(MESSAGES)
    assert {more.get("how", How.TURN) for name, more in WAYS.items() if name.startswith("step_asked.")} | {
        How.TURN
    } == set(How)
    wanted = {f"{name}.{language.value}.{end}" for name in PAYLOADS for language in Language for end in ("txt", "html")}
    assert {path.name for path in FOLDER.iterdir()} == wanted


def test_every_message_has_a_template_in_every_language_and_no_template_is_left_over() -> None:
    folder = resources.files("notifications") / "templates"
    found = {(kind.name, file.name) for kind in folder.iterdir() if kind.is_dir() for file in kind.iterdir()}
    assert found == {(kind, f"{language.value}.j2") for kind in MESSAGES for language in Language}


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", sorted(name for name in PAYLOADS if name.partition(".")[0] not in WITHOUT_LINK))
def test_every_message_has_its_link_in_text_and_html(name: str, language: Language) -> None:
    message = written(name, language)
    assert message.text.count(LINK) == 1
    assert f'href="{LINK}"' in message.html


@pytest.mark.parametrize("name", sorted(PAYLOADS))
def test_no_message_loads_anything_from_elsewhere(name: str) -> None:
    html = written(name, Language.ZH_CN).html
    assert "<img" not in html
    assert "<script" not in html
    assert "url(" not in html
    assert "src=" not in html


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", ["step_asked.transferred", "step_asked.added", "step_urged", "question_answered"])
def test_what_a_colleague_writes_is_text_and_nothing_else(name: str, language: Language) -> None:
    said = "请看 <a href='https://evil.example'>这里</a>\n链接：https://evil.example"
    payload = {**PAYLOADS[name], "note": said, "text": said, "by": "<b>王军</b>"}
    message = render(name.partition(".")[0], payload, language, LINK, "王军")
    assert "<a href='" not in message.html
    assert "<b>" not in message.html
    assert "这里</a> 链接：" in message.text  # on the line it belongs to


def test_a_superior_is_told_names_and_no_lines_of_somebodys_making() -> None:
    payload = {**PAYLOADS["step_escalated"], "late": ["陈宇\n<i>点此</i>", "刘洋"]}
    message = render("step_escalated", payload, Language.ZH_CN, LINK, "吴刚")
    assert "陈宇 <i>点此</i>、刘洋尚未办理" in message.text
    assert "<i>" not in message.html


@pytest.mark.parametrize("name", ["step_asked.transferred", "question_asked"])
def test_what_a_colleague_writes_at_length_is_read_behind_the_link(name: str) -> None:
    said = "合同约定款到发货。" * 200
    message = render(
        name.partition(".")[0], {**PAYLOADS[name], "note": said, "text": said}, Language.ZH_CN, LINK, "王军"
    )
    assert "..." in message.text
    assert len(message.text) < 1000
    assert LINK in message.text


def test_the_shared_words_of_messages_are_in_the_catalogue() -> None:
    assert catalogue(Language.ZH_CN)["Client risk"] == "客户风险管理"

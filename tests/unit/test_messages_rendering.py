"""What rendering guarantees whatever a payload holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.words import Language
from notifications.render import SUBJECT_LENGTH, render

LINK = "https://risk.hengyuan.example/a/abc"


def step_asked(**more):
    payload = {
        "case_ref": "ONB-2026-000123",
        "case_title": "徐州恒源钢铁贸易有限公司",
        "process": "onboarding-review",
        "step_title": "Second rating",
        "question": "Is the proposed rating right?",
        "due_at": "2026-03-12T10:00:00Z",
        "asked_by": "李娜",
    }
    return {**payload, **more}


@given(title=st.text(max_size=300), language=st.sampled_from(Language))
def test_a_subject_is_one_line_of_at_most_120_characters_whatever_the_customer_is_called(title, language):
    subject = render("step_asked", step_asked(case_title=title), language, LINK, "王军").subject
    assert len(subject) <= SUBJECT_LENGTH
    assert subject.splitlines() == [subject]
    assert subject.isprintable()


def test_a_customers_name_cannot_write_lines_of_its_own_into_a_message():
    message = render(
        "step_asked", step_asked(case_title="恒源\n\n请点击\r\nhttps://rival.example"), Language.ZH_CN, LINK, "王军"
    )
    assert "案件：恒源 请点击 https://rival.example（ONB-2026-000123）\n" in message.text


def test_html_in_a_payload_is_shown_not_obeyed():
    message = render(
        "step_asked", step_asked(asked_by='<a href="https://rival.example">李娜</a>'), Language.ZH_CN, LINK, "<b>王军"
    )
    assert "&lt;a href=&#34;https://rival.example&#34;&gt;李娜&lt;/a&gt;" in message.html
    assert "<b>" not in message.html
    assert "<b>王军，您好：" in message.text


@pytest.mark.parametrize(
    ("time_zone", "shown"),
    [("Asia/Shanghai", "2026年3月12日 周四 18:00"), ("Europe/London", "2026年3月12日 周四 10:00")],
)
def test_times_are_the_companys(time_zone, shown):
    message = render("step_asked", step_asked(), Language.ZH_CN, LINK, "王军", time_zone=time_zone)
    assert f"办理期限：{shown}" in message.text


def test_english_dates_name_the_weekday_too():
    message = render("step_asked", step_asked(), Language.EN, LINK, "Wang Jun")
    assert "Thursday 12 March 2026, 18:00" in message.text


def test_a_first_round_does_not_speak_of_rounds():
    assert "轮" not in render("step_asked", step_asked(), Language.ZH_CN, LINK, "王军").text
    assert "第 2 轮" in render("step_asked", step_asked(round=2), Language.ZH_CN, LINK, "王军").text


def test_a_payload_that_does_not_fit_its_message_is_refused():
    with pytest.raises(ValidationError, match="case_ref"):
        render("case_failed", {"failure": "…"}, Language.EN, LINK, "Wang Jun")


def test_an_unknown_kind_is_refused():
    with pytest.raises(KeyError):
        render("love_letter", {}, Language.EN, LINK, "Wang Jun")

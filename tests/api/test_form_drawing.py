"""Fields follow the form's model: words become choices, money takes what people write, limits become attributes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pydantic import Field

from api.forms import Option, data_of, form_view, plain_number
from api.moments import moment, time_left
from api.posted import Posted
from api.session import local_path
from config.words import CreditGrade, Language, Security
from models.errors import Problem
from models.forms import StepForm
from models.queries.inbox import Urgency, deadline
from models.rules.calendar import BusinessCalendar
from models.rules.reasons import Label


class Visit(StepForm):
    form_name = "TestVisit"
    on: date = Field(title="Day")
    grade: CreditGrade = Field(title="Grade")
    amount: Decimal | None = Field(None, title="Amount", ge=0)
    days: int = Field(30, title="Days", ge=1, le=90)
    securities: tuple[Security, ...] = Field((), title="Security")
    urgent: bool = Field(False, title="Urgent")
    agreed: bool = Field(title="Agreed")
    findings: str = Field("", title="Findings", max_length=500, json_schema_extra={"widget": "long"})
    papers: dict[str, str] = Field(default_factory=dict, title="Papers")


OFFER = {"papers": {"licence": {"zh_CN": "营业执照", "en": "Licence"}, "report": "Credit report"}}


def drawn(**content):
    return {field.name: field for field in form_view(Visit, OFFER | content).fields}


def test_each_field_is_drawn_as_what_it_holds():
    kinds = {name: field.kind for name, field in drawn().items()}
    assert kinds == {
        "on": "date",
        "grade": "radio",
        "amount": "amount",
        "days": "number",
        "securities": "many",
        "urgent": "check",
        "agreed": "yes_no",
        "findings": "long",
        "papers.licence": "text",
        "papers.report": "text",
    }


def test_the_models_limits_reach_the_browser():
    fields = drawn()
    assert fields["days"].attributes == {"min": "1", "max": "90"}
    assert fields["findings"].attributes == {"maxlength": "500"}
    assert (fields["on"].required, fields["findings"].required) == (True, False)


def test_words_are_offered_by_their_labels():
    assert drawn()["grade"].options[0] == Option("A", Label(label="A · Excellent"))
    assert drawn()["papers.licence"].title.en == "Licence"


def test_a_step_can_ask_for_some_optional_fields_only():
    assert set(drawn(fields=["amount"])) == {"on", "grade", "agreed", "amount"}


def test_what_the_step_knows_is_filled_in():
    fields = drawn(prefill={"amount": "1240000.00", "days": 45})
    assert (fields["amount"].value, fields["days"].value) == ("1240000.00", "45")
    assert drawn()["days"].value == "30", "else the form's own default"


def test_what_was_posted_reads_as_the_form_expects():
    posted = Posted(
        [
            ("_csrf", "x"),
            ("on", "2026-03-09"),
            ("grade", "B"),
            ("amount", "１,２４０,０００"),
            ("days", "45"),
            ("securities", "deposit"),
            ("securities", "pledge"),
            ("agreed", "true"),
            ("findings", "two lines\r\nand\x00 a bell\x07"),
            ("papers.licence", " DOC-1 "),
            ("papers.report", ""),
        ]
    )
    form = Visit.model_validate(data_of(Visit, posted))
    assert (form.amount, form.days, form.urgent, form.agreed) == (Decimal(1240000), 45, False, True)
    assert form.securities == (Security.DEPOSIT, Security.PLEDGE)
    assert form.findings == "two lines\nand a bell"
    assert form.papers == {"licence": "DOC-1"}


def test_a_problem_is_told_at_its_field_and_the_rest_on_top():
    problems = [Problem("days", "At most {le}.", {"le": 90}), Problem("", "State at least one condition.")]
    view = form_view(Visit, OFFER, posted=Posted([("days", "900")]), problems=problems)
    assert [field.name for field in view.wrong] == ["days"]
    assert [problem.field for problem in view.problems] == [""]
    assert next(field for field in view.fields if field.name == "days").value == "900"


@pytest.mark.parametrize(
    "text", ["1,240,000.00", "1 240 000.00", "￥1,240,000.00", "１２４００００．００", "1240000.00 元"]
)
def test_a_number_is_read_however_it_is_grouped(text):
    assert Decimal(plain_number(text)) == Decimal("1240000.00")


FRIDAY = datetime(2026, 3, 13, 6, 0, tzinfo=UTC)  # 14:00 in Xuzhou
CALENDAR = BusinessCalendar("CN", "Asia/Shanghai")


@pytest.mark.parametrize(
    ("due_in", "urgency", "english", "chinese"),
    [
        (timedelta(hours=2), Urgency.TODAY, "today by 16:00", "今天 16:00 前"),
        (timedelta(days=3), Urgency.LATER, "in 1 working day", "还剩 1 个工作日"),  # Monday: the weekend does not count
        (timedelta(days=5), Urgency.LATER, "in 3 working days", "还剩 3 个工作日"),
        (timedelta(hours=-1), Urgency.OVERDUE, "just overdue", "刚刚逾期"),
        (timedelta(days=-2), Urgency.OVERDUE, "overdue by 2 working days", "已逾期 2 个工作日"),
    ],
)
def test_time_left_is_told_in_working_days(due_in, urgency, english, chinese):
    due = deadline(CALENDAR, FRIDAY, FRIDAY + due_in)
    local = CALENDAR.local(due.at)
    assert due.urgency is urgency
    assert time_left(due, local, Language.EN) == english
    assert time_left(due, local, Language.ZH_CN) == chinese


def test_a_time_names_the_year_only_if_it_is_another():
    at, now = CALENDAR.local(FRIDAY), CALENDAR.local(FRIDAY + timedelta(days=400))
    assert moment(at, at, Language.EN) == "Fri 13 Mar, 14:00"
    assert moment(at, now, Language.EN) == "Fri 13 Mar 2026, 14:00"
    assert moment(at, now, Language.ZH_CN) == "2026年3月13日 周五 14:00"


@pytest.mark.parametrize("path", ["/", "/cases", "/steps/12?x=1"])
def test_a_path_of_ours_is_kept(path):
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path", [None, "", "cases", "//evil.example", "http://evil.example", "/\\evil", "/a\r\nb", "/" * 2]
)
def test_a_path_elsewhere_becomes_the_start_page(path):
    assert local_path(path) == "/"

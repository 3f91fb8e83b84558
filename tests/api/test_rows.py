"""Lists in forms: rows to fill in, blank ones ignored, problems told at the right row, shown as a table ever after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import Field, model_validator

from api.forms import data_of, form_view
from api.posted import Posted
from config.words import ActionKind, Department, Language, Outcome, Role, Security, Word
from flows.case_flow import REGISTER, Process
from flows.case_run import CaseRun
from models.errors import Invalid, Problem
from models.forms import StepForm, validate
from models.forms.base import Row, complaint
from models.forms.common import LONG, PERSON, PersonId, Short
from models.operations.cases import open_case
from models.processes import ProcessKind
from models.queries.answers import answer_lines, told
from models.rules.signing import ByRole
from models.steps import Action, HumanStep
from models.tables import Person


class Part(Word):
    LEADER = "leader", "Leads the talk"
    RECORDER = "recorder", "Takes the minutes"


class Member(Row):
    person: PersonId = Field(title="Person", json_schema_extra=PERSON)
    part: Part = Field(title="Part")
    note: Short | None = Field(None, title="Note")


class Item(Row):
    what: Short = Field(title="What", json_schema_extra=LONG)
    due: date | None = Field(None, title="Due")
    cost: Decimal | None = Field(None, title="Cost", ge=0)
    pledged: Security = Field(Security.DEPOSIT, title="Pledged")
    sure: bool = Field(True, title="Sure")
    insured: bool | None = Field(None, title="Insured")

    @model_validator(mode="after")
    def _dear_things_have_a_date(self) -> Item:
        if self.cost is not None and self.cost > 1000 and self.due is None:
            raise complaint("Say until when.")
        return self


class TeamForm(StepForm):
    form_name = "TestTeam"
    members: tuple[Member, ...] = Field(title="Members", min_length=2, max_length=8, json_schema_extra={"rows": 4})
    items: tuple[Item, ...] = Field((), title="Items", max_length=3)
    deputy: PersonId | None = Field(None, title="Deputy", json_schema_extra=PERSON)


TEAM = HumanStep(
    name="team",
    title="Reception team",
    question="Who receives the client?",
    actions=(Action(name="record", kind=ActionKind.RECORD, label="Record", form=TeamForm),),
    signers=ByRole(role=Role.RISK_OFFICER),
)
KIND = ProcessKind("toy-team", "TOY", "Toy")
OFFERED: dict[str, Any] = {}


def forms_a_team(case: CaseRun) -> Outcome:
    case.ask(TEAM, **OFFERED)
    return case.close(Outcome.SETTLED)


@pytest.fixture
def ref(office) -> Iterator[str]:
    REGISTER[KIND.name] = Process(KIND, forms_a_team, None)  # type: ignore[arg-type]
    yield opened(office)
    REGISTER.pop(KIND.name)
    OFFERED.clear()


def opened(office) -> str:
    with office.house.work() as work:
        handler = work.session.get_one(Person, "li.na")
        ref = open_case(
            work, KIND, title="徐州恒远", initiator=None, handler=handler, department=Department.RISK, origin="scan"
        ).ref
    office.runner.run_ready()
    return ref


def drawn(content: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {field.name: field for field in form_view(TeamForm, content or {}, **more).fields}


def names(row) -> dict[str, Any]:
    return {field.name.rpartition(".")[2]: field for field in row.fields}


# -- drawing ----------------------------------------------------------------------------------------------------------


def test_a_list_is_drawn_as_blank_rows_with_more_to_open():
    members = drawn()["members"]
    assert (members.kind, members.shown, len(members.rows)) == ("rows", 4, 8)
    assert [field.name for field in members.rows[1].fields] == ["members.1.person", "members.1.part", "members.1.note"]
    assert not any(field.required for row in members.rows for field in row.fields), "a row may stay blank"
    assert drawn()["items"].shown == len(drawn()["items"].rows) == 3, "never more than the form takes"


def test_each_field_of_a_row_is_drawn_as_what_it_holds():
    kinds = {name: field.kind for name, field in names(drawn()["items"].rows[0]).items()}
    assert kinds == {
        "what": "long",
        "due": "date",
        "cost": "amount",
        "pledged": "select",
        "sure": "check",
        "insured": "check",
    }
    assert names(drawn()["members"].rows[0])["part"].kind == "select", "a radio button would not come off again"


def test_what_is_known_fills_the_first_rows_and_blank_ones_follow():
    known = {"prefill": {"members": [{"person": "li.na", "part": "leader"}]}}
    members = drawn(known)["members"]
    assert [names(row)["person"].value for row in members.rows[:2]] == ["li.na", ""]
    assert members.shown == 5


# -- reading ----------------------------------------------------------------------------------------------------------


def posted(**fields: str) -> Posted:
    return Posted([(name.replace("__", "."), value) for name, value in fields.items()])


def test_blank_rows_are_no_rows_and_the_others_move_up():
    data = data_of(
        TeamForm,
        posted(
            members__0__person="",
            members__0__part="",
            members__2__person="chen.yu",
            members__2__part="leader",
            members__5__person="liu.yang",
            members__5__part="recorder",
            members__5__note=" 带录音笔 ",
            items__0__pledged="deposit",
            items__0__sure="true",
            items__1__what="提供应收账款明细",
            items__1__cost="￥１,２００",
            items__1__due="2026-03-20",
        ),
    )
    assert data["members"] == [
        {"person": "chen.yu", "part": "leader"},
        {"person": "liu.yang", "part": "recorder", "note": " 带录音笔 "},
    ]
    assert data["items"] == [
        {"what": "提供应收账款明细", "cost": "1200", "due": "2026-03-20", "sure": "false", "insured": "false"}
    ], "a row that only holds what a blank one holds is blank; an unticked box says no"
    form = TeamForm.model_validate(data)
    assert form.items[0].cost == Decimal(1200)


def test_a_field_that_no_row_has_is_refused_at_its_place():
    sent = posted(items__2__what="x", items__2__salary="1")
    data = data_of(TeamForm, sent) | {"members": [{"person": "li.na", "part": "leader"}] * 2}
    with pytest.raises(Invalid) as refused:
        validate(TeamForm, data, {})
    assert [problem.field for problem in refused.value.problems] == ["items.0.salary"]


def test_a_problem_is_told_at_its_row_and_field_though_blank_rows_lay_before():
    sent = posted(members__2__person="chen.yu", members__3__part="leader", items__0__what="x", items__0__cost="5000")
    problems = [
        Problem("members.1.person", "This field is needed."),
        Problem("items.0", "Say until when."),
        Problem("members.7.person", "This field is needed."),
    ]
    view = form_view(TeamForm, {}, posted=sent, problems=problems)
    members, items = view.fields[0], view.fields[1]
    assert names(members.rows[0])["person"].value == "chen.yu"
    assert names(members.rows[1])["part"].value == "leader"
    assert names(members.rows[1])["person"].problems == (problems[0],)
    assert items.rows[0].problems == (problems[1],)
    titles = {field.name: field.title.text(Language.EN) for field in view.wrong}
    assert titles["members.1.person"] == "Members, row 2: Person"
    assert titles["items"] == "Items, row 1"


# -- on a step --------------------------------------------------------------------------------------------------------


def sent(office, ref, **fields: str):
    path = f"/steps/{office.asked(ref)['chen.yu'].id}"
    browser = office.sign_in("chen.yu")
    return office.tap(path, "record", browser, **{name.replace("__", "."): v for name, v in fields.items()})


def test_people_are_named_by_name_or_id_and_shown_by_name_ever_after(office, ref):
    place = office.asked(ref)["chen.yu"]
    answer = sent(
        office,
        ref,
        members__0__person="李娜",
        members__0__part="leader",
        members__2__person="sun.tao",
        members__2__part="recorder",
        deputy="吴刚 (wu.gang)",
    )
    assert answer.status_code == 303, answer.text
    stored = office.signer(place.id).answer
    assert [one["person"] for one in stored["members"]] == ["li.na", "sun.tao"]
    assert stored["deputy"] == "wu.gang"
    page = office.sign_in("wu.gang").get(f"/cases/{ref}?lang=en").text
    assert '<th scope="col">Part</th>' in page
    assert "<td>孙涛</td><td>Takes the minutes</td>" in page
    assert "吴刚" in page


def test_who_is_not_there_is_refused_at_their_row_and_what_was_typed_stays(office, ref):
    page = sent(
        office,
        ref,
        members__1__person="李娜",
        members__1__part="leader",
        members__3__person="王二麻子",
        members__3__part="recorder",
    )
    assert page.status_code == 422
    assert 'href="#answer-record-members.1.person"' in page.text
    assert 'id="answer-record-members.1.person-wrong"' in page.text
    assert 'value="li.na"' in page.text


def test_a_list_that_is_too_short_is_told_at_the_list(office, ref):
    page = sent(office, ref, members__0__person="li.na", members__0__part="leader")
    assert page.status_code == 422
    assert 'id="answer-record-members-wrong"' in page.text
    page = sent(office, ref)
    assert 'id="answer-record-members-wrong"' in page.text


def test_a_step_may_offer_some_people_only(office, ref):
    OFFERED["person_offered"] = {"chen.yu": "陈宇", "liu.yang": "刘洋"}
    second = opened(office)
    page = office.sign_in("chen.yu").get(f"/steps/{office.asked(second)['chen.yu'].id}").text
    row = page[page.index('name="members.0.person"') : page.index('name="members.0.part"')]
    assert 'value="liu.yang"' in row
    assert 'value="li.na"' not in row
    both = {"members__0__part": "leader", "members__1__part": "recorder", "members__0__person": "chen.yu"}
    refused = sent(office, second, **both, members__1__person="li.na")
    assert refused.status_code == 422
    taken = sent(office, second, **both, members__1__person="liu.yang")
    assert taken.status_code == 303


def test_programs_send_and_read_plain_lists(office, ref):
    headers = office.token("chen.yu")
    step = f"/api/v1/steps/{office.asked(ref)['chen.yu'].id}"
    shown = office.browser.get(step, headers=headers).json()
    schema = shown["actions"][0]["form"]
    assert schema["properties"]["members"]["type"] == "array"
    body = {"action": "record", "content_hash": shown["content_hash"]}
    members = [{"person": "li.na", "part": "leader"}, {"person": "nobody", "part": "boss"}]
    wrong = office.browser.post(f"{step}/decision", headers=headers, json={**body, "form": {"members": members}})
    assert [one["field"] for one in wrong.json()["problems"]] == ["members.1.part"]
    members[1] = {"person": "nobody", "part": "recorder"}
    wrong = office.browser.post(f"{step}/decision", headers=headers, json={**body, "form": {"members": members}})
    assert [one["field"] for one in wrong.json()["problems"]] == ["members.1.person"]
    members[1]["person"] = "sun.tao"
    right = office.browser.post(f"{step}/decision", headers=headers, json={**body, "form": {"members": members}})
    assert right.status_code == 200, right.text


def test_a_list_is_told_in_words_row_by_row():
    answer = {
        "members": [{"person": "li.na", "part": "leader", "note": None}, {"person": "sun.tao", "part": "recorder"}]
    }
    (line,) = answer_lines("TestTeam", answer, people={"li.na": "李娜"})
    assert line.columns == ("Person", "Part"), "nobody wrote a note"
    assert list(told(line, Language.EN)) == [
        ("Members 1", "Person: 李娜; Part: Leads the talk"),
        ("Members 2", "Person: sun.tao; Part: Takes the minutes"),
    ]

"""Nobody gives themselves a field that a form does not have: roles, states, owners, prices."""

from __future__ import annotations

from pydantic import BaseModel

from models.forms.base import forms, row_of
from tests.attacks.places import CHANGING, difference, furnish, record_of
from tests.attacks.test_idor import example

WANTED = {"id": 1, "roles": ["ops"], "state": "closed", "active": True, "person_id": "xu.ming", "is_admin": True}


def test_every_form_refuses_what_it_does_not_ask_for():
    walked = 0
    for form in forms().values():
        for model in (form, *(row for info in form.model_fields.values() if (row := row_of(info)))):
            walked += 1
            assert model.model_config.get("extra") == "forbid", model.__name__
            assert model.model_config.get("frozen"), model.__name__
    assert walked > 90


def test_every_body_of_the_api_refuses_what_it_does_not_ask_for(office):
    """Every object that can be sent, however deep within another."""
    spec = office.browser.get("/api/v1/openapi.json").json()
    walked = set()
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body:
                closed(spec, body["schema"], f"{method} {path}", walked)
    assert len(walked) > 40


def closed(spec, schema, where, walked):
    name = schema.get("$ref", "").rpartition("/")[2]
    if name:
        if name in walked:
            return
        walked.add(name)
        schema = spec["components"]["schemas"][name]
    if "properties" in schema:
        assert schema.get("additionalProperties") is False, f"{where}: {name} takes anything"
    for part in (
        *schema.get("properties", {}).values(),
        *schema.get("anyOf", ()),
        *filter(None, [schema.get("items")]),
    ):
        closed(spec, part, where, walked)


def test_a_body_that_gives_itself_more_is_refused_whole(office):
    furnished = furnish(office)
    spec = office.browser.get("/api/v1/openapi.json").json()
    browser, token = office.new_browser(), office.token("xu.ming")
    before, walked = record_of(office), 0
    for door in CHANGING:
        body = example(spec, door.methods[0], door.path) if door.for_programs else None
        if not isinstance(body, dict):
            continue
        more = {name: value for name, value in WANTED.items() if name not in body}
        allowed = set(properties(spec, door))
        walked += 1
        answer = browser.request(
            door.methods[0],
            furnished.path(door),
            json={**body, **{name: value for name, value in more.items() if name not in allowed}},
            headers={**token, "if-match": "*"},
        )
        assert answer.status_code in (422, 403, 404), f"{door}: {answer.status_code} {answer.text[:200]}"
        assert difference(before, record_of(office)) == [], str(door)
    assert walked > 35


def properties(spec, door):
    body = spec["paths"][door.path][door.methods[0].lower()]["requestBody"]["content"]["application/json"]["schema"]
    return spec["components"]["schemas"].get(body.get("$ref", "").rpartition("/")[2], body).get("properties", {})


def test_a_page_that_is_sent_more_keeps_only_what_it_asks_for(office):
    """Operations add somebody; whoever can write the form cannot write the row."""
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/li.na/change", browser)
    fields = next(one for action, one in form.items() if "_csrf" in one and "department" in one)
    fields |= {"id": "xu.ming", "active": "false", "created_at": "2000-01-01", "roles": ["handler"]}
    answer = browser.post("/operations/staff/li.na/change", data=fields)
    assert answer.status_code == 303, answer.text[-2000:]
    with office.house.read() as session:
        from models.tables import Person

        assert session.get_one(Person, "li.na").active
        assert session.get_one(Person, "xu.ming").name == "徐明"


def test_what_is_taken_by_the_api_is_a_class_of_its_own_and_never_a_table():
    for door in CHANGING:
        for one in door.route.dependant.body_params:
            kind = one.field_info.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                assert not getattr(kind, "__tablename__", None), str(door)

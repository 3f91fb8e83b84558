"""The OpenAPI document is valid, says what it should, and the application keeps to it whatever it is sent."""

import warnings

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import given as hypothesis_given

with warnings.catch_warnings():  # its own dependencies warn when they are imported
    warnings.simplefilter("ignore")
    import schemathesis
    from jsonschema import Draft202012Validator
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
JUST_A_LOOK = settings(
    max_examples=5,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def settings(settings):
    """Far more is asked here than one caller may ask."""
    return settings.model_copy(update={"rate_limit_per_minute": 0})


def document(office):
    return office.browser.get("/api/v1/openapi.json").json()


def test_every_operation_is_described(office):
    for path, methods in document(office)["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert operation["tags"], (method, path)
            assert {"401", "403", "404", "422"} <= set(operation["responses"]), (method, path)


def bodies(spec):
    """Every JSON body of the document with where it stands and the examples it has."""
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            parts = [("request", operation.get("requestBody", {})), *operation["responses"].items()]
            for where, part in parts:
                for media_type, body in part.get("content", {}).items():
                    if media_type.endswith("json"):
                        several = [one["value"] for one in body.get("examples", {}).values()]
                        yield f"{method} {path} {where}", body["schema"], several or [body.get("example", MISSING)]


MISSING = object()


def test_every_operation_says_what_it_does_and_under_a_tag_that_is_explained(office):
    spec = document(office)
    explained = {tag["name"] for tag in spec["tags"]}
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            assert operation["description"].strip(), (method, path)
            assert set(operation["tags"]) <= explained, (method, path)


def test_every_body_has_an_example_that_fits(office):
    spec = document(office)
    seen = 0
    for where, schema, examples in bodies(spec):
        for example in examples:
            assert example is not MISSING, f"{where}: no example"
            wrong = Draft202012Validator({**schema, "components": spec["components"]}).iter_errors(example)
            assert [(where, list(error.path), error.message) for error in wrong] == []
            seen += 1
    assert seen > 200


def test_the_document_is_of_openapi_3_1(office):
    assert document(office)["openapi"].startswith("3.1.")


def test_pages_are_not_part_of_the_api(office):
    assert all(path.startswith("/api/v1/") for path in document(office)["paths"])


def test_every_reference_leads_somewhere(office):
    spec = document(office)

    def references(node):
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for part in node.values():
                yield from references(part)
        elif isinstance(node, list):
            for part in node:
                yield from references(part)

    for reference in set(references(spec)):
        node = spec
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_its_schemas_are_schemas(office):
    for schema in document(office)["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_its_examples_are_accepted(office):
    spec = document(office)
    (example,) = spec["components"]["schemas"]["OpenCase"]["examples"]
    answer = office.browser.post("/api/v1/cases", json=example, headers=office.token("li.na"))
    assert answer.status_code == 201, answer.text


BODIES = (
    "Transfer",
    "Delegate",
    "AddSigner",
    "RemoveSigner",
    "CopyTo",
    "AskQuestion",
    "AnswerQuestion",
    "Say",
    "Several",
    "NewAbsence",
)


@pytest.mark.parametrize("name", BODIES)
def test_every_move_has_an_example_that_fits(office, name):
    spec = document(office)
    schema = spec["components"]["schemas"][name]
    (example,) = schema["examples"]
    Draft202012Validator({**schema, "components": spec["components"]}).validate(example)


def probe(operation, headers):
    """What is sent is made up from the document; what comes back must be what the document announces."""

    @JUST_A_LOOK
    @hypothesis_given(case=operation.as_strategy())
    def keeps_to_it(case):
        case.call_and_validate(headers=headers, checks=CHECKS)

    keeps_to_it()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("who", ["li.na", "xu.ming", "wu.gang"])
def test_whatever_is_sent_the_answer_is_one_that_is_announced(office, who):
    """To a handler, to operations, to the risk manager: each gets further in other operations."""
    ref = office.apply()
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", office.app)
    probed = [result.ok() for result in schema.get_all_operations()]
    for operation in probed:
        probe(operation, office.token(who))  # one of them revokes tokens
    assert len(probed) == sum(len(methods) for methods in document(office)["paths"].values())
    seen = office.browser.get(f"/api/v1/cases/{ref}", headers=office.token("li.na"))
    assert seen.status_code == 200, "and nothing was harmed"

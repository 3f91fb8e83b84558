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
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def document(office):
    return office.browser.get("/api/v1/openapi.json").json()


def test_every_operation_is_described(office):
    for path, methods in document(office)["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert operation["tags"], (method, path)
            assert {"401", "403", "404", "422"} <= set(operation["responses"]), (method, path)


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
def test_whatever_is_sent_the_answer_is_one_that_is_announced(office):
    ref = office.apply()
    headers = office.token("li.na")
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", office.app)
    probed = [result.ok() for result in schema.get_all_operations()]
    for operation in probed:
        probe(operation, headers)
    assert len(probed) == sum(len(methods) for methods in document(office)["paths"].values())
    assert office.browser.get(f"/api/v1/cases/{ref}", headers=headers).status_code == 200, "and nothing was harmed"

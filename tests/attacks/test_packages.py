"""What we are built from is pinned exactly; a known weakness fails the check, a missing network does not."""

import json

import pytest

from tests.attacks.packages import audit, pins

REPORT = {"name": "jinja2", "version": "2.0", "vulns": [{"id": "PYSEC-2099-1", "fix_versions": ["9.9"]}]}


def report(*dependencies) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def test_a_known_weakness_fails():
    wrong, _ = audit(report(REPORT), {"jinja2": "2.0"}, {"jinja2": "2.0"})
    assert wrong == ["jinja2 2.0: PYSEC-2099-1, mended in 9.9"]


@pytest.mark.parametrize("said", ["", "ERROR: connection refused", "{}", "[]"])
def test_without_a_network_it_is_said_and_does_not_fail(said):
    wrong, word = audit(said, {"jinja2": "2.0"}, {"jinja2": "2.0"})
    assert wrong == []
    assert "NOT looked up" in word


def test_without_a_network_what_is_not_pinned_fails_all_the_same():
    wrong, _ = audit("", {"jinja2": "2.0", "leftpad": "1.0", "clientrisk": "0.4"}, {"jinja2": "2.1"})
    assert wrong == ["jinja2 2.0 is installed, pinned is 2.1", "leftpad 1.0 is installed, but not pinned"]


def test_nothing_found_is_well():
    assert audit(report({"name": "jinja2", "version": "2.1", "vulns": []}), {}, {})[0] == []


@pytest.mark.parametrize("loose", ["jinja2>=2", "jinja2", "jinja2==2.*", "git+https://evil.example/x", "-e ."])
def test_only_exact_versions_are_pins(loose):
    with pytest.raises(ValueError, match="no exact version"):
        pins([loose])

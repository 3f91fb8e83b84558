"""The register of rights: what is not in it nobody may do, and a route without a right is not served."""

from dataclasses import dataclass

import pytest
from fastapi import APIRouter

from api.doors import DOORS, key_of, refuse_undeclared
from config.words import Department, Role
from models.errors import NotAllowed
from models.rights import RULES, Relation, Right, entitled, holds, may_knock, must_hold


@dataclass(frozen=True)
class Somebody:
    roles: tuple[Role, ...] = ()
    department: Department = Department.BUSINESS


def test_whoever_has_no_role_holds_only_what_everybody_holds():
    assert {right for right in Right if holds(Somebody(), right)} == {Right.WORK, Right.LOOK_FOR}


def test_a_right_not_held_is_refused_with_whose_it_is():
    with pytest.raises(NotAllowed, match="Only operations"):
        must_hold(Somebody((Role.MANAGER,)), Right.OPERATE)


def test_what_a_right_needs_besides_is_asked_too():
    lawyer = Somebody((Role.LEGAL_OFFICER,), Department.LEGAL)
    assert not entitled(lawyer, Right.TAKE_EVIDENCE, set())
    assert entitled(lawyer, Right.TAKE_EVIDENCE, {Relation.TOLD})
    assert entitled(Somebody(), Right.TAKE_EVIDENCE, {Relation.ABOVE_HANDLER})


def test_a_door_that_a_relation_may_open_is_knocked_at():
    assert may_knock(Somebody(), Right.SEE_CASE)
    assert not may_knock(Somebody(), Right.OPERATE)


def test_every_rule_says_who():
    assert [right for right, rule in RULES.items() if not (rule.everybody or rule.roles or rule.relations)] == []


def test_a_route_that_declares_no_right_stops_the_start():
    stray = APIRouter()
    stray.get("/secret-report")(lambda: None)
    with pytest.raises(LookupError, match="GET /secret-report"):
        refuse_undeclared([("", stray)])
    assert key_of("GET", "/secret-report") is None


def test_head_opens_as_get_does():
    assert key_of("HEAD", "/cases/{ref}") is DOORS["GET", "/cases/{ref}"]

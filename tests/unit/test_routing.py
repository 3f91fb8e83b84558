"""Routing: who signs, in what order, and why; told with the people of one company."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.policy import Policy, load_policy
from config.words import Department, Language, Mode, Role
from models.rules.reasons import Reason, because
from models.rules.routing import (
    DECLARATION,
    ByDepartment,
    ByMatrix,
    ByPerson,
    ByRole,
    Candidate,
    Declaration,
    InSequence,
    NobodyCanSign,
    Route,
    Together,
    route,
)

POLICY = load_policy()
BUSINESS, RISK = Department.BUSINESS, Department.RISK


def someone(person_id: str, name: str, department: Department, *roles: Role, active: bool = True) -> Candidate:
    return Candidate(person_id, name, department, frozenset(roles), active)


LI = someone("li", "李娜", BUSINESS, Role.HANDLER)
WANG = someone("wang", "王强", BUSINESS, Role.SALES_MANAGER)
ZHAO = someone("zhao", "赵敏", BUSINESS, Role.DEPUTY_HEAD)
SUN = someone("sun", "孙伟", BUSINESS, Role.HEAD)
CHEN = someone("chen", "陈总", Department.MANAGEMENT, Role.VICE_PRESIDENT)
HE = someone("he", "何静", RISK, Role.RISK_OFFICER)
LIN = someone("lin", "林涛", RISK, Role.RISK_OFFICER)
GUO = someone("guo", "郭健", RISK, Role.HEAD, Role.RISK_MANAGER)
FAN = someone("fan", "范丽", Department.FINANCE, Role.FINANCE_OFFICER)
LU = someone("lu", "陆明", Department.LEGAL, Role.LEGAL_OFFICER)
STAFF = (LI, WANG, ZHAO, SUN, CHEN, HE, LIN, GUO, FAN, LU)


def policy(**changed: Any) -> Policy:
    return POLICY.model_copy(update={"approval": POLICY.approval.model_copy(update=changed)})


def matrix(limit: str | None = None, term: int | None = None, **others: Any) -> Route:
    given_values: dict[str, Any] = {"policy": POLICY, "people": STAFF, "department": BUSINESS} | others
    return route(ByMatrix(), limit=None if limit is None else Decimal(limit), term_days=term, **given_values)


def titles(of: Route) -> list[str]:
    return [level.title for level in of.levels]


def ids(of: Route) -> list[list[str]]:
    return [sorted(s.person_id for seat in level.seats for s in seat.candidates) for level in of.levels]


def left_out(of: Route) -> dict[str, str]:
    everyone = [*of.left_out, *(one for level in of.levels for one in level.left_out)]
    return {one.person_id: one.reason.code for one in everyone}


def codes(of: Route) -> list[str]:
    return [reason.code for reason in of.reasons] + [r.code for level in of.levels for r in level.reasons]


# --- the matrix


@pytest.mark.parametrize(
    ("limit", "term", "deciding"),
    [
        ("200000", 30, Role.SALES_MANAGER),
        ("200000.01", 30, Role.DEPUTY_HEAD),
        ("1000000", 60, Role.DEPUTY_HEAD),
        ("1000000", 61, Role.HEAD),
        ("3000000", 90, Role.HEAD),
        ("10000", 91, Role.VICE_PRESIDENT),
        ("3000000.01", 1, Role.VICE_PRESIDENT),
    ],
)
def test_the_stricter_of_limit_and_term_decides(limit: str, term: int, deciding: Role) -> None:
    assert matrix(limit, term).levels[-1].title == deciding.label


@pytest.mark.parametrize(("limit", "term"), [("2400000", None), (None, 90)])
def test_limit_or_term_alone_will_do(limit: str | None, term: int | None) -> None:
    assert ids(matrix(limit, term)) == [["wang"], ["zhao"], ["sun"]]


def test_a_matrix_over_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a credit limit or a payment term"):
        matrix()


def test_levels_below_the_deciding_one_sign_first_in_sequence() -> None:
    assert ids(matrix("2400000", 60)) == [["wang"], ["zhao"], ["sun"]]
    assert [reason.code for level in matrix("2400000", 60).levels for reason in level.reasons] == [
        "routing.below_sign_first",
        "routing.below_sign_first",
        "routing.decides",
    ]


def test_above_three_million_legal_and_finance_both_sign_before_the_vice_president() -> None:
    found = matrix("3600000", 60)
    assert ids(found) == [["wang"], ["zhao"], ["sun"], ["fan", "lu"], ["chen"]]
    countersign = found.levels[-2]
    assert (countersign.mode, countersign.needed) == (Mode.ALL, 2)
    assert [seat.name for seat in countersign.seats] == ["Legal officer", "Finance officer"]


def test_three_million_exactly_needs_neither_legal_nor_finance() -> None:
    assert titles(matrix("3000000.00", 30)) == [r.label for r in (Role.SALES_MANAGER, Role.DEPUTY_HEAD, Role.HEAD)]


def test_a_route_says_on_which_bands_it_rests() -> None:
    assert [reason.render(Language.EN) for reason in matrix("2400000", 45).reasons] == [
        "Limit 2,400,000.00 is within ≤ 3,000,000.00 → Head of department",
        "Term of 45 days is within ≤ 60 days → Deputy head of department",
        "The stricter of the two decides: Head of department",
    ]
    above = matrix("8000000.00", 120).explain(Language.ZH_CN)
    assert above[0] == "授信额度 8,000,000.00 元超过 3,000,000.00 元 → 分管副总经理"
    assert above[1] == "账期 120 天超过 90 天 → 分管副总经理"


def test_heads_of_other_departments_are_not_asked() -> None:
    found = matrix("2400000", 60)
    assert "guo" not in {signer.person_id for signer in found.signers()}
    assert ids(
        matrix("50000", 10, department=RISK, people=(*STAFF, replace(WANG, person_id="w2", department=RISK)))
    ) == [["w2"]]


def test_a_route_carries_the_version_of_its_policy() -> None:
    assert matrix("2400000", 60).policy_version == POLICY.version


# --- who may not sign


def test_nobody_approves_what_they_started() -> None:
    second = someone("qian", "钱进", BUSINESS, Role.SALES_MANAGER)
    found = matrix("100000", 30, people=(*STAFF, second), barred={"wang": because("routing.started_it")})
    assert ids(found) == [["qian"]]
    assert left_out(found) == {"wang": "routing.started_it"}
    assert found.levels[0].left_out[0].seat == "Sales manager"


def test_where_nobody_is_left_the_next_level_up_signs() -> None:
    found = matrix("100000", 30, barred={"wang": because("routing.started_it")})
    assert ids(found) == [["zhao"]]
    assert titles(found) == ["Deputy head of department"]
    assert "routing.empty_goes_up" in codes(found)
    assert left_out(found) == {"wang": "routing.started_it"}


def test_an_empty_level_is_covered_by_the_one_that_signs_anyway_and_that_is_on_record() -> None:
    found = matrix("2400000", 60, barred={"zhao": because("routing.handles_it")})
    assert ids(found) == [["wang"], ["sun"]]
    assert left_out(found) == {"zhao": "routing.handles_it"}
    told = [reason.render(Language.EN) for reason in found.reasons if reason.code == "routing.empty_covered_above"]
    assert told == [
        "Nobody can sign as Deputy head of department: Head of department, who signs on this route anyway, covers it"
    ]


def test_an_empty_deciding_level_goes_up_never_down() -> None:
    found = matrix("2400000", 60, barred={"sun": because("routing.handles_it")})
    assert ids(found) == [["wang"], ["zhao"], ["chen"]]


def test_policy_may_send_empty_levels_straight_to_the_fallback() -> None:
    found = matrix("100000", 30, policy=policy(empty_level="fallback"), barred={"wang": because("routing.started_it")})
    assert ids(found) == [["chen"]]


def test_people_who_have_left_are_left_out() -> None:
    gone = replace(SUN, active=False)
    found = matrix("2400000", 60, people=(*(p for p in STAFF if p is not SUN), gone))
    assert left_out(found) == {"sun": "routing.inactive"}
    assert ids(found)[-1] == ["chen"]


def test_a_route_that_nobody_can_sign_is_refused_with_everyone_considered() -> None:
    with pytest.raises(NobodyCanSign) as refusal:
        matrix("9000000", 30, barred={"chen": because("routing.started_it")})
    assert refusal.value.seat == "Vice-president in charge"
    assert {one.person_id for one in refusal.value.left_out} == {"chen"}
    assert "陈总: Started this case" in str(refusal.value)


def test_an_empty_countersigner_is_replaced_by_the_fallback_role() -> None:
    found = matrix(
        "9000000",
        30,
        policy=policy(fallback_role=Role.RISK_MANAGER),
        people=[p for p in STAFF if p is not LU],
    )
    assert ids(found)[-2] == ["fan", "guo"]
    assert "routing.empty_goes_up" in codes(found)


# --- nobody signs twice


def test_who_could_sign_on_two_levels_signs_once_on_the_higher_one() -> None:
    both = replace(SUN, roles=frozenset({Role.DEPUTY_HEAD, Role.HEAD}))
    found = matrix("2400000", 60, people=[LI, WANG, both, CHEN])
    assert ids(found) == [["wang"], ["sun"]]
    assert left_out(found) == {"sun": "routing.signs_higher"}
    assert "routing.skipped_repeat" in codes(found)


def test_a_repeat_is_left_out_below_where_others_can_sign() -> None:
    both = replace(SUN, roles=frozenset({Role.DEPUTY_HEAD, Role.HEAD}))
    assert ids(matrix("2400000", 60, people=[WANG, ZHAO, both, CHEN])) == [["wang"], ["zhao"], ["sun"]]


def test_who_alone_can_sign_below_stays_there_if_others_can_decide() -> None:
    both = replace(SUN, roles=frozenset({Role.DEPUTY_HEAD, Role.HEAD}))
    second_head = someone("hu", "胡军", BUSINESS, Role.HEAD)
    found = matrix("2400000", 60, people=[WANG, both, second_head, CHEN])
    assert ids(found) == [["wang"], ["sun"], ["hu"]]
    assert left_out(found) == {"sun": "routing.needed_elsewhere"}


def test_policy_may_ask_for_a_second_person_instead() -> None:
    both = replace(SUN, roles=frozenset({Role.DEPUTY_HEAD, Role.HEAD}))
    found = matrix("2400000", 60, policy=policy(repeat_signer="next_level"), people=[WANG, both, CHEN])
    assert ids(found) == [["wang"], ["sun"], ["chen"]]
    assert left_out(found) == {"sun": "routing.signs_lower"}
    assert "routing.repeat_goes_up" in codes(found)


def test_a_repeat_below_a_vice_president_who_signs_anyway_is_covered_by_them() -> None:
    both = replace(SUN, roles=frozenset({Role.DEPUTY_HEAD, Role.HEAD}))
    found = matrix("10000", 120, policy=policy(repeat_signer="next_level"), people=[WANG, both, CHEN])
    assert ids(found) == [["wang"], ["sun"], ["chen"]]
    assert "routing.repeat_covered_above" in codes(found)


def test_one_person_cannot_be_legal_and_finance_at_once() -> None:
    both = someone("fan", "范丽", Department.FINANCE, Role.FINANCE_OFFICER, Role.LEGAL_OFFICER)
    with_lawyer = matrix("9000000", 30, people=[WANG, ZHAO, SUN, CHEN, both, LU])
    assert [[s.person_id for s in seat.candidates] for seat in with_lawyer.levels[-2].seats] == [["lu"], ["fan"]]
    alone = matrix("9000000", 30, people=[WANG, ZHAO, SUN, CHEN, both])
    assert ids(alone)[-2] == ["fan"]
    assert "routing.skipped_repeat" in codes(alone)


# --- other declarations


def asked(declaration: Declaration, **others: Any) -> Route:
    return route(declaration, **({"policy": POLICY, "people": STAFF, "department": BUSINESS} | others))


def test_any_holder_of_a_role_fills_its_one_seat() -> None:
    (level,) = asked(ByRole(role=Role.RISK_OFFICER)).levels
    (seat,) = level.seats
    assert (level.mode, level.needed, seat.name) == (Mode.ANY, 1, "Risk officer")
    assert {signer.name for signer in seat.candidates} == {"何静", "林涛"}


def test_all_holders_of_a_role_have_a_seat_each() -> None:
    (level,) = asked(ByRole(role=Role.RISK_OFFICER, mode=Mode.ALL)).levels
    assert [seat.name for seat in level.seats] == ["何静", "林涛"]
    assert level.needed == 2


def test_seats_of_people_with_the_same_name_are_told_apart() -> None:
    namesake = replace(HE, person_id="he2")
    (level,) = asked(ByRole(role=Role.RISK_OFFICER, mode=Mode.ALL), people=(HE, namesake)).levels
    assert [seat.name for seat in level.seats] == ["何静 (he)", "何静 (he2)"]


def test_a_quorum_that_lacks_people_is_filled_up_from_the_fallback() -> None:
    two = ByRole(role=Role.RISK_OFFICER, mode=Mode.QUORUM, quorum=2)
    (level,) = asked(two, barred={"he": because("routing.handles_it")}).levels
    assert level.needed == 2
    assert {s.person_id for seat in level.seats for s in seat.candidates} == {"lin", "chen"}
    with pytest.raises(NobodyCanSign):
        asked(two, people=[LIN])


def test_a_role_can_be_asked_of_one_department() -> None:
    assert ids(asked(ByRole(role=Role.HEAD, department=RISK))) == [["guo"]]
    assert ids(asked(ByRole(role=Role.HEAD))) == [["sun"]]


def test_a_department_can_be_asked_as_a_whole() -> None:
    assert ids(asked(ByDepartment(department=RISK))) == [["guo", "he", "lin"]]
    (level,) = asked(ByDepartment(department=RISK, mode=Mode.QUORUM, quorum=2)).levels
    assert (level.needed, len(level.seats)) == (2, 3)


def test_a_person_can_be_asked_by_name() -> None:
    found = asked(ByPerson(person_id="li"))
    assert ids(found) == [["li"]]
    assert found.levels[0].seats[0].candidates[0].role is None


def test_a_named_person_who_does_not_exist_is_noted_and_replaced() -> None:
    found = asked(ByPerson(person_id="nobody"))
    assert ids(found) == [["chen"]]
    assert left_out(found) == {"nobody": "routing.unknown_person"}


def test_parties_can_sign_together_and_one_after_the_other() -> None:
    three = Together(parts=tuple(ByRole(role=r) for r in (Role.RISK_OFFICER, Role.LEGAL_OFFICER, Role.FINANCE_OFFICER)))
    found = asked(InSequence(parts=(three, ByRole(role=Role.HEAD))))
    assert ids(found) == [["fan", "he", "lin", "lu"], ["sun"]]
    assert found.levels[0].needed == 3


def test_any_of_several_parties_needs_no_replacement_for_one_that_is_absent() -> None:
    either = Together(mode=Mode.ANY, parts=(ByRole(role=Role.LEGAL_OFFICER), ByRole(role=Role.AUDITOR)))
    assert ids(asked(either)) == [["lu"]]


def test_a_quorum_without_its_mode_and_a_mode_without_its_quorum_are_refused() -> None:
    with pytest.raises(ValidationError, match="goes with mode QUORUM"):
        ByRole(role=Role.HEAD, quorum=2)
    with pytest.raises(ValidationError, match="goes with mode QUORUM"):
        ByRole(role=Role.HEAD, mode=Mode.QUORUM)
    with pytest.raises(ValidationError, match="one seat"):
        Together(parts=(ByRole(role=Role.HEAD, mode=Mode.ALL),))
    with pytest.raises(ValidationError, match="never be reached"):
        Together(mode=Mode.QUORUM, quorum=2, parts=(ByPerson(person_id="li"),))


# --- properties

PEOPLE = st.lists(
    st.builds(
        Candidate,
        person_id=st.integers(1, 30).map(str),
        name=st.sampled_from(["张伟", "王芳", "刘洋"]),
        department=st.sampled_from([BUSINESS, RISK, Department.LEGAL, Department.MANAGEMENT]),
        roles=st.frozensets(st.sampled_from(Role), max_size=4),
        active=st.sampled_from([True, True, True, False]),
    ),
    max_size=14,
    unique_by=lambda person: person.person_id,
)
BARRED = st.dictionaries(st.integers(1, 30).map(str), st.just(because("routing.started_it")), max_size=4)
SEVERAL = st.sampled_from([{"mode": Mode.ANY}, {"mode": Mode.ALL}, {"mode": Mode.QUORUM, "quorum": 2}])
SINGLE = st.builds(ByRole, role=st.sampled_from(Role)) | st.builds(ByPerson, person_id=st.integers(1, 30).map(str))
PARTS: st.SearchStrategy[Any] = (
    SINGLE
    | st.builds(ByMatrix)
    | st.builds(lambda role, how: ByRole(role=role, **how), st.sampled_from(Role), SEVERAL)
    | st.builds(lambda where, how: ByDepartment(department=where, **how), st.sampled_from(Department), SEVERAL)
    | st.builds(Together, parts=st.lists(SINGLE, min_size=1, max_size=3).map(tuple))
)
DECLARATIONS = PARTS | st.builds(InSequence, parts=st.lists(PARTS, min_size=1, max_size=3).map(tuple))
POLICIES = st.builds(
    policy,
    repeat_signer=st.sampled_from(["skip", "next_level"]),
    empty_level=st.sampled_from(["next_level", "fallback"]),
    fallback_role=st.sampled_from([Role.VICE_PRESIDENT, Role.RISK_MANAGER]),
)
LIMITS = st.decimals(0, 10_000_000, places=2)
TERMS = st.integers(0, 200)


@given(DECLARATIONS, POLICIES, PEOPLE, BARRED, LIMITS, TERMS)
def test_whatever_is_declared_the_rules_of_every_route_hold(
    declaration: Declaration,
    under: Policy,
    people: list[Candidate],
    barred: dict[str, Reason],
    limit: Decimal,
    term: int,
) -> None:
    able = {person.person_id for person in people if person.active} - barred.keys()
    try:
        found = route(
            declaration, policy=under, people=people, department=BUSINESS, limit=limit, term_days=term, barred=barred
        )
    except NobodyCanSign:
        return
    signers = [signer.person_id for signer in found.signers()]
    assert len(signers) == len(set(signers)), "somebody sits twice"
    assert set(signers) <= able, "a barred or inactive person sits"
    assert found.levels, "a route without levels asks nobody"
    for level in found.levels:
        assert level.seats
        assert all(seat.candidates for seat in level.seats)
        assert 1 <= level.needed <= len(level.seats)
        assert len({seat.name for seat in level.seats}) == len(level.seats)
    for one in [*found.left_out, *(one for level in found.levels for one in level.left_out)]:
        if one.person_id in barred and one.reason.code != "routing.unknown_person":
            assert one.reason == barred[one.person_id]
    assert Route.model_validate_json(found.model_dump_json()) == found
    assert DECLARATION.validate_json(DECLARATION.dump_json(declaration)) == declaration
    assert found.explain(Language.ZH_CN)


@given(LIMITS, TERMS)
def test_with_a_full_staff_every_level_below_the_deciding_one_is_present(limit: Decimal, term: int) -> None:
    found = matrix(str(limit), term)
    authority = [role.label for role in POLICY.approval.authority]
    signing = [title for title in titles(found) if title in authority]
    by_limit, by_term = matrix(str(limit)), matrix(term=term)
    deciding = max(by_limit.levels[-1].title, by_term.levels[-1].title, key=authority.index)
    assert signing == authority[: authority.index(deciding) + 1]
    assert titles(found)[-1] == deciding


@given(PEOPLE, BARRED, LIMITS, TERMS, POLICIES)
def test_whoever_decides_holds_the_deciding_role_or_a_higher_one(
    people: list[Candidate], barred: dict[str, Reason], limit: Decimal, term: int, under: Policy
) -> None:
    try:
        found = matrix(str(limit), term, people=people, barred=barred, policy=under)
    except NobodyCanSign:
        return
    authority = list(POLICY.approval.authority)
    wanted = matrix(str(limit), term).levels[-1].seats[0].candidates[0].role
    assert wanted is not None
    for signer in found.levels[-1].seats[0].candidates:
        assert signer.role is not None
        if signer.role is under.approval.fallback_role:
            continue
        assert authority.index(signer.role) >= authority.index(wanted)


@given(PEOPLE, LIMITS, TERMS)
def test_the_same_facts_give_the_same_route(people: list[Candidate], limit: Decimal, term: int) -> None:
    routes = []
    for _ in range(2):
        try:
            routes.append(matrix(str(limit), term, people=people).model_dump_json())
        except NobodyCanSign as refusal:
            routes.append(str(refusal))
    assert routes[0] == routes[1]

"""A proposed policy, replayed over closed cases: who would have signed, which outcome differs."""

from decimal import Decimal

from config.policy import Policy
from config.words import Outcome, Role
from models.queries.simulation import simulate
from tests.processes.conftest import Office


def closed(office: Office) -> None:
    office.applies()
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "confirm")
    office.answers("wang.jun", "approve")
    office.answers("zhao.min", "approve")
    office.answers("he.jing", "record", limit="800000", term_days=45, ledger_number="L-1")
    assert office.outcome is Outcome.ADMITTED


def changed(policy: Policy, **parts: object) -> Policy:
    return Policy.of({name: getattr(policy, name) for name in Policy.model_fields if name != "version"} | parts)  # type: ignore[arg-type]


def test_the_same_policy_changes_nothing(office: Office) -> None:
    closed(office)
    (replayed,) = simulate(office.house, office.house.policy)
    assert replayed.differs == ()


def test_a_lower_authority_of_the_deputy_brings_in_the_head(office: Office) -> None:
    closed(office)
    approval = office.house.policy.approval
    ladder = tuple(
        rung.model_copy(update={"up_to": Decimal("500000.00")}) if rung.role is Role.DEPUTY_HEAD else rung
        for rung in approval.by_limit
    )
    proposed = changed(office.house.policy, approval=approval.model_copy(update={"by_limit": ladder}))
    (replayed,) = simulate(office.house, proposed)
    assert replayed.differs == ("signers",)
    assert replayed.now is not None
    assert replayed.now.levels == (("王军",), ("赵敏",), ("钱伟",))


def test_a_grade_that_loses_its_credit_changes_the_outcome(office: Office) -> None:
    closed(office)
    credit = office.house.policy.credit
    grade = office.content("matrix-approval#1")["rating"]["grade"]
    rows = tuple(
        row.model_copy(update={"limit": Decimal("0.00"), "term_days": 0}) if row.grade.value >= grade else row
        for row in credit.grades
    )
    proposed = changed(office.house.policy, credit=credit.model_copy(update={"grades": rows}))
    (replayed,) = simulate(office.house, proposed)
    assert "outcome" in replayed.differs
    assert replayed.outcome_now is Outcome.ADMITTED_WITHOUT_CREDIT

"""The rules of a reception that need no case: what is major, and how it ends (R)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.languages import translate
from config.policy import Policy
from config.policy.reception import MajorCase
from config.words import Language, Outcome, Resolution, Role, TeamRole
from models.errors import Invalid
from models.forms.base import validate
from models.forms.reception import InDepthRecord, MeetingRecord, TeamFormation, VenueChecklist
from models.forms.reception_after import ResponsePlan
from models.forms.reception_terms import MinutesText, NegotiationFailed, SolutionProposal
from models.minutes import Recorded, draft, minutes_paper
from models.reception import Effects, Team, TeamMate, ending, why_major
from models.rules.conflicts import Concerned, Parties, objection
from tests.processes.received import FAILED, MEETING, MINUTES, SOLUTION, TALK, TEAM, VENUE

SMALL = Effects(at_stake=Decimal(620_000), concession=Decimal(30_000), all_three=False, legal_action=False)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"at_stake": Decimal("999999.99")}, []),
        ({"at_stake": Decimal("1000000.00")}, ["reception.major_amount"]),
        ({"concession": Decimal("500000.00")}, ["reception.major_concession"]),
        ({"all_three": True}, ["reception.major_effects"]),
        ({"legal_action": True, "all_three": True}, ["reception.major_effects", "reception.major_lawsuit"]),
    ],
)
def test_a_case_is_major_by_any_one_rule_and_every_rule_is_named(changes: dict[str, object], codes: list[str]) -> None:
    found = why_major(SMALL.model_copy(update=changes), MajorCase())
    assert [reason.code for reason in found] == codes


def test_rules_that_policy_switches_off_make_nothing_major() -> None:
    off = MajorCase(all_three_effects=False, legal_action=False)
    assert why_major(SMALL.model_copy(update={"all_three": True, "legal_action": True}), off) == ()


@given(agreed=st.booleans(), resolution=st.sampled_from(Resolution))
def test_what_goes_to_court_ends_there(agreed: bool, resolution: Resolution) -> None:
    assert ending(agreed=agreed, legal_action=True, resolution=resolution) is Outcome.LEGAL_ACTION


@pytest.mark.parametrize(
    ("agreed", "resolution", "outcome"),
    [
        (True, Resolution.FULL, Outcome.SETTLED),
        (True, Resolution.PARTLY, Outcome.SETTLED),
        (True, Resolution.NOT, Outcome.NOT_SETTLED),
        (False, Resolution.FULL, Outcome.SETTLED),
        (False, Resolution.PARTLY, Outcome.NOT_SETTLED),
        (False, Resolution.NOT, Outcome.NOT_SETTLED),
    ],
)
def test_without_court_it_is_settled_by_agreement_that_came_true_or_in_full_after_all(
    agreed: bool, resolution: Resolution, outcome: Outcome
) -> None:
    assert ending(agreed=agreed, legal_action=False, resolution=resolution) is outcome


def test_a_policy_stored_before_there_were_receptions_has_the_defaults_of_today(policy: Policy) -> None:
    stored = policy.model_dump(mode="json", exclude={"reception"})
    assert Policy.model_validate(stored).reception == policy.reception


TEAM_OF_TWO = Team(
    members=(
        TeamMate(person_id="chen.yu", name="陈宇", role=TeamRole.LEAD),
        TeamMate(person_id="li.na", name="李娜", role=TeamRole.NEGOTIATOR),
    )
)


def recorded(language: Language = Language.ZH_CN) -> Recorded:
    return Recorded(
        client="苏州锦绣服饰有限公司",
        team=TEAM_OF_TWO,
        venue=VenueChecklist.model_validate(VENUE),
        meeting=MeetingRecord.model_validate(MEETING),
        talk=InDepthRecord.model_validate(TALK),
        solution=None,
        result=NegotiationFailed.model_validate(FAILED),
    )


@pytest.mark.parametrize("language", [Language.ZH_CN, Language.EN])
def test_minutes_of_a_failed_negotiation_say_so_in_their_language(language: Language) -> None:
    texts = draft(recorded(), language)
    assert texts.solution == translate("No solution was proposed.", language)
    assert texts.consensus == translate("No agreement was reached.", language) + " 客户拒绝任何付款安排"


def paper(**changes: object) -> str:
    known = recorded()
    return minutes_paper(
        MinutesText.model_validate({**MINUTES, **changes}),
        number="RCP-2026-000001",
        issuer="恒远商贸",
        client=known.client,
        venue=known.venue,
        meeting=known.meeting,
        team=TEAM_OF_TWO,
        solution=SolutionProposal.model_validate(SOLUTION),
        commitments=(),
        agreed=True,
        written_on=date(2026, 3, 12),
    ).content_hash()


def test_the_same_minutes_have_the_same_hash_and_one_letter_changes_it() -> None:
    assert paper() == paper()
    assert paper(consensus="4月、5月各付29.5万元。") != paper()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"payments": [{"due_on": "2026-05-11", "amount": "1"}, {"due_on": "2026-04-10", "amount": "1"}]}, "in order"),
        ({"other_concession": "1"}, "Say which other concessions"),
        ({"payments": [{"due_on": "2026-03-09", "amount": "1"}]}, "past"),
    ],
)
def test_a_solution_is_checked_before_it_is_proposed(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(Invalid) as error:
        validate(SolutionProposal, {**SOLUTION, **changes}, {"today": "2026-03-10"})
    assert complaint in error.value.problems[0].message


def test_a_response_that_does_nothing_is_none() -> None:
    with pytest.raises(Invalid) as error:
        validate(ResponsePlan, {"reason": "观察"}, {})
    assert error.value.problems[0].message == "Choose at least one response, or say that none is needed."


def test_a_suspension_does_not_end_before_it_begins() -> None:
    plan = {
        "reason": "拒付",
        "suspend": True,
        "suspend_scope": "全部",
        "suspend_from": "2026-04-02",
        "suspend_until": "2026-04-01",
    }
    with pytest.raises(Invalid) as error:
        validate(ResponsePlan, plan, {})
    assert error.value.problems[0].message == "The suspension ends before it begins."


def test_a_larger_minimum_by_policy_is_kept() -> None:
    staff = {one["person"]: {"name": one["person"], "lacks": []} for one in TEAM}
    with pytest.raises(Invalid) as error:
        validate(TeamFormation, {"members": TEAM}, {"staff": staff, "team_minimum": 4})
    assert error.value.problems[0].values == {"least": 4}


def test_whoever_proposed_what_is_decided_gets_no_place_on_its_route_later(policy: Policy) -> None:
    wang_jun = Concerned("wang.jun", "王军", frozenset({Role.SALES_MANAGER}), active=True)
    why = objection(wang_jun, Parties("liu.yang", "li.na", proposed_by=("wang.jun",)), policy.approval)
    assert why is not None
    assert why.code == "routing.proposed_it"
    assert objection(wang_jun, Parties("liu.yang", "li.na"), policy.approval) is None

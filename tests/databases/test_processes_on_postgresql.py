"""The engine and the onboarding review keep on PostgreSQL every promise they keep on SQLite."""

import pytest

from tests.processes.test_engine import (
    case,
    test_a_bare_resume_without_an_answer_changes_nothing,
    test_a_case_goes_from_step_to_step_and_each_effect_happens_once,
    test_a_step_nobody_answers_lapses_after_reminders,
    test_a_wait_ends_by_its_time,
    test_a_worker_that_lost_its_lease_records_nothing,
    test_only_one_worker_carries_a_case,
    test_the_initiator_withdraws_and_the_case_ends,
    test_the_second_of_two_answers_is_told_who_decided,
    toy,
)
from tests.processes.test_onboarding_review import (
    test_a_black_listed_applicant_is_refused_when_risk_confirms,
    test_a_complete_application_goes_straight_through,
    test_a_grey_listed_applicant_is_a_high_risk_and_the_departments_are_warned,
    test_a_return_starts_a_new_round_and_voids_what_was_signed,
    test_amounts_above_three_million_need_legal_and_finance_too,
    test_an_application_nobody_answers_lapses,
    test_conditions_of_all_signers_are_merged_to_the_strictest,
    test_gaps_are_asked_of_the_handler_until_there_are_none,
    test_risk_asks_and_orders_a_visit_before_it_rates,
    test_the_initiator_withdraws_from_any_step,
    test_the_same_effect_never_happens_twice_and_everything_is_on_record,
)

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

__all__ = [
    "case",
    "test_a_bare_resume_without_an_answer_changes_nothing",
    "test_a_black_listed_applicant_is_refused_when_risk_confirms",
    "test_a_case_goes_from_step_to_step_and_each_effect_happens_once",
    "test_a_complete_application_goes_straight_through",
    "test_a_grey_listed_applicant_is_a_high_risk_and_the_departments_are_warned",
    "test_a_return_starts_a_new_round_and_voids_what_was_signed",
    "test_a_step_nobody_answers_lapses_after_reminders",
    "test_a_wait_ends_by_its_time",
    "test_a_worker_that_lost_its_lease_records_nothing",
    "test_amounts_above_three_million_need_legal_and_finance_too",
    "test_an_application_nobody_answers_lapses",
    "test_conditions_of_all_signers_are_merged_to_the_strictest",
    "test_gaps_are_asked_of_the_handler_until_there_are_none",
    "test_only_one_worker_carries_a_case",
    "test_risk_asks_and_orders_a_visit_before_it_rates",
    "test_the_initiator_withdraws_and_the_case_ends",
    "test_the_initiator_withdraws_from_any_step",
    "test_the_same_effect_never_happens_twice_and_everything_is_on_record",
    "test_the_second_of_two_answers_is_told_who_decided",
    "toy",
]

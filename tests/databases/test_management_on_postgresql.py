"""The statistics, the way of a process and the portfolio say on PostgreSQL what they say on SQLite."""

import pytest

from tests.api.test_management import (
    played,
    quarter,
    test_cases_are_counted_by_when_they_were_opened_and_ended,
    test_durations_are_those_of_a_plain_computation,
    test_figures_of_one_process_or_department,
    test_load_is_told_by_department,
    test_load_is_told_by_role_and_adds_up,
    test_months_hold_what_fell_into_them,
    test_nothing_is_counted_outside_of_the_period,
    test_steps_are_counted_with_their_deadlines_returns_and_refusals,
)
from tests.api.test_portfolio import (
    customers,
    test_concentration_names_the_largest_and_what_policy_calls_too_much,
    test_exposure_overdue_and_limits_are_added_up,
    test_levels_are_counted_with_what_they_owe_and_the_unrated_too,
    test_lines_without_trade,
    test_recovery_counts_settled_invoices_and_payments_in_part,
    test_the_lists_count_customers_on_them_today,
    test_who_trades_without_a_line_unless_they_prepay,
    test_whoever_owes_more_than_the_limit,
)
from tests.api.test_process_map import (
    test_a_case_sent_back_is_drawn_as_such_once_it_has_ended,
    test_as_many_cases_go_out_as_came_in,
    test_the_ways_are_those_of_the_cases_that_ended,
)

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

__all__ = [
    "customers",
    "played",
    "quarter",
    "test_a_case_sent_back_is_drawn_as_such_once_it_has_ended",
    "test_as_many_cases_go_out_as_came_in",
    "test_cases_are_counted_by_when_they_were_opened_and_ended",
    "test_concentration_names_the_largest_and_what_policy_calls_too_much",
    "test_durations_are_those_of_a_plain_computation",
    "test_exposure_overdue_and_limits_are_added_up",
    "test_figures_of_one_process_or_department",
    "test_levels_are_counted_with_what_they_owe_and_the_unrated_too",
    "test_lines_without_trade",
    "test_load_is_told_by_department",
    "test_load_is_told_by_role_and_adds_up",
    "test_months_hold_what_fell_into_them",
    "test_nothing_is_counted_outside_of_the_period",
    "test_recovery_counts_settled_invoices_and_payments_in_part",
    "test_steps_are_counted_with_their_deadlines_returns_and_refusals",
    "test_the_lists_count_customers_on_them_today",
    "test_the_ways_are_those_of_the_cases_that_ended",
    "test_who_trades_without_a_line_unless_they_prepay",
    "test_whoever_owes_more_than_the_limit",
]

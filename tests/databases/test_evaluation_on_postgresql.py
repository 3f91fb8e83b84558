"""The quarterly evaluation finds on PostgreSQL what it finds on SQLite."""

import pytest

from tests.processes.test_evaluation_plainly import luck, test_every_row_says_what_a_plain_computation_says
from tests.processes.test_quarterly_evaluation import (
    test_a_reviewer_lets_another_grade_stand_and_everything_follows,
    test_malicious_arrears_become_a_nomination_with_criterion_and_evidence,
    test_signed_off_everything_takes_effect,
    test_the_report_measures_the_work_and_says_where_there_are_no_data,
    test_the_same_period_twice_is_the_same_case,
    test_trading_without_a_line_is_a_breach_unless_the_customer_prepays,
)

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

__all__ = [
    "luck",
    "test_a_reviewer_lets_another_grade_stand_and_everything_follows",
    "test_every_row_says_what_a_plain_computation_says",
    "test_malicious_arrears_become_a_nomination_with_criterion_and_evidence",
    "test_signed_off_everything_takes_effect",
    "test_the_report_measures_the_work_and_says_where_there_are_no_data",
    "test_the_same_period_twice_is_the_same_case",
    "test_trading_without_a_line_is_a_breach_unless_the_customer_prepays",
]

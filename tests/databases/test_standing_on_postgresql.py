"""Lists, measures, trading and credit repair on PostgreSQL; and on both databases, two who nominate at one moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from config.words import ListingCriterion, ListingKind
from models.operations.standing import nominate
from models.tables import Nomination
from tests.processes.conftest import Office
from tests.processes.listed import cases, timber_trader
from tests.processes.test_credit_repair import (
    test_a_relapse_in_probation_reopens_the_listing_by_the_same_criterion,
    test_an_application_goes_straight_through_to_the_end_of_probation,
    test_the_applicant_supplies_through_a_link_what_is_still_needed,
    test_unmet_conditions_refuse_at_once_each_with_its_day,
)
from tests.processes.test_listing_decision import (
    test_a_black_entry_replaces_a_grey_one_and_both_stay_on_record,
    test_a_black_listing_stops_trading_at_once,
    test_a_further_nomination_joins_the_open_one_and_is_weighed_anew,
    test_a_measure_is_in_force_from_its_first_to_its_last_day,
)

__all__ = [
    "test_a_black_entry_replaces_a_grey_one_and_both_stay_on_record",
    "test_a_black_listing_stops_trading_at_once",
    "test_a_further_nomination_joins_the_open_one_and_is_weighed_anew",
    "test_a_measure_is_in_force_from_its_first_to_its_last_day",
    "test_a_relapse_in_probation_reopens_the_listing_by_the_same_criterion",
    "test_an_application_goes_straight_through_to_the_end_of_probation",
    "test_the_applicant_supplies_through_a_link_what_is_still_needed",
    "test_unmet_conditions_refuse_at_once_each_with_its_day",
]


def test_of_two_who_nominate_at_one_moment_one_opens_the_case_and_one_joins_it(office: Office) -> None:
    customer = timber_trader(office)
    ready = Barrier(2)

    def nominates(evidence: str) -> str | None:
        ready.wait()
        with office.house.work() as work:
            nomination = nominate(
                work, customer, ListingKind.GREY, ListingCriterion.BREACH, "擅自转卖", [evidence], None
            )
            return nomination.decided_by

    with ThreadPoolExecutor(2) as pool:
        refs = set(pool.map(nominates, ["合同", "转卖发票"]))
    assert len(refs) == 1
    assert len(cases(office, "listing-decision")) == 1
    (nomination,) = office.all(Nomination)
    assert sorted(nomination.evidence) == ["合同", "转卖发票"]

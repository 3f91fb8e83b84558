"""Forms: drawn from the model, wrong input is told at the field, keeps what was typed and changes nothing."""

import pytest

from config.words import SignerState
from models.operations.applications import open_review
from models.tables import Case, Customer

MANAGER = "wang.jun"


def state_of(office, ref, who):
    return office.signer(office.asked(ref)[who].id).state


def test_a_wrong_form_tells_every_problem_and_keeps_what_was_typed(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    page = office.tap(
        link + "?lang=en", "approve-with-conditions", limit="2,000,000.00", term_days="-3", comment="先交保证金"
    )
    assert page.status_code == 422
    assert "Not above the proposed 1,240,000.00." in page.text
    assert "At least 0." in page.text
    assert "先交保证金" in page.text
    assert 'value="2,000,000.00"' in page.text
    assert state_of(office, ref, MANAGER) is SignerState.ASKED


@pytest.mark.parametrize("reason", ["", "   ", "x" * 4001])
def test_a_missing_or_too_long_reason_records_nothing(office, reason):
    ref = office.at_approval()
    page = office.tap(office.link(ref, MANAGER), "reject", reason=reason)
    assert page.status_code == 422
    assert state_of(office, ref, MANAGER) is SignerState.ASKED


def test_numbers_may_be_written_as_people_write_them(office):
    ref = office.at_approval()
    place = office.asked(ref)[MANAGER]
    form = {"limit": "￥９００,０００", "term_days": " 30 ", "securities": "deposit"}
    answer = office.tap(office.link(ref, MANAGER), "approve-with-conditions", **form)
    assert answer.status_code == 303
    stored = office.signer(place.id).answer
    assert (stored["limit"], stored["term_days"], stored["securities"]) == ("900000", 30, ["deposit"])


def test_conditions_are_filled_in_with_what_is_proposed(office):
    ref = office.at_approval()
    form = office.forms(office.link(ref, MANAGER))["answer-approve-with-conditions"]
    assert (form["limit"], form["term_days"]) == ("1,240,000.00", "45")


def test_a_return_offers_the_steps_that_may_be_gone_back_to(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    page = office.browser.get(link + "?lang=en").text
    assert 'value="first-rating"' in page
    assert "First rating" in page
    assert office.tap(link, "return", target="record-line", reason="x").status_code == 422
    assert office.tap(link, "return", target="first-rating", reason="请补充报表").status_code == 303


def test_a_field_the_form_does_not_have_is_refused(office):
    ref = office.at_approval()
    assert office.tap(office.link(ref, MANAGER), "approve", outcome="admitted").status_code == 422
    assert state_of(office, ref, MANAGER) is SignerState.ASKED


@pytest.mark.parametrize("action", ["", "admit-at-once", "批准"])
def test_an_action_the_step_does_not_have_is_refused(office, action):
    ref = office.at_approval()
    assert office.tap(office.link(ref, MANAGER), "approve", _action=action).status_code == 422
    assert state_of(office, ref, MANAGER) is SignerState.ASKED


def test_two_megabytes_in_a_field_are_refused_before_they_are_read(office):
    ref = office.at_approval()
    page = office.tap(office.link(ref, MANAGER), "reject", reason="x" * 2_000_000)
    assert page.status_code == 413
    assert state_of(office, ref, MANAGER) is SignerState.ASKED


def test_a_body_that_hides_its_size_is_refused_all_the_same(office):
    def endless():
        for _ in range(40):
            yield b"reason=" + b"x" * 65_536

    ref = office.at_approval()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = office.browser.post(office.link(ref, MANAGER), content=endless(), headers=headers)
    assert answer.status_code == 413


def test_only_what_is_missing_is_asked_for(office):
    ref = office.apply(identifier=None, documents={}, phone=None)
    form = office.forms(office.link(ref, "li.na"))["answer-supply"]
    own = {name for name in form if not name.startswith("_")}
    papers = {"business_licence", "representative_id", "financial_statements", "credit_report"}
    assert own == {"identifier", "phone", *(f"documents.{paper}" for paper in papers)}


def test_what_is_supplied_moves_the_case_on(office):
    ref = office.apply(identifier=None, documents={"business_licence": "DOC-1"})
    papers = ("representative_id", "financial_statements", "credit_report")
    given = {f"documents.{paper}": f"A-{number}" for number, paper in enumerate(papers)}
    link = office.link(ref, "li.na")
    assert office.tap(link, "supply", identifier="91320300MA1MRWPX2X", **given).status_code == 422, "wrong check digit"
    assert office.tap(link, "supply", identifier="91320300MA1MRWPX2H", **given).status_code == 303
    office.runner.run_ready()
    page = office.browser.get(office.link(ref, "li.na") + "?lang=en").text
    assert "Does the proposed rating fit" in page
    case = office.sign_in("wu.gang").get(f"/cases/{ref}").text
    for text in (page, case):
        assert "91320300MA1MRWPX2H" not in text
        assert "sealed:" not in text
    assert "9132**********PX2H" in case, "what was supplied is shown, masked"


def test_an_application_is_opened_by_hand_once(office):
    browser = office.sign_in("li.na")
    form = office.forms("/apply", browser)["/apply"] | {
        "customer_type": "small_enterprise",
        "name": "盐城大丰粮油有限公司",
        "requested_limit": "150,000",
        "requested_term_days": "30",
        "figures.debt_ratio": "48",
        "documents.business_licence": "DOC-2",
    }
    first, second = browser.post("/apply", data=form), browser.post("/apply", data=form)
    assert first.status_code == 303
    assert first.headers["location"] == second.headers["location"], "pressed twice, opened once"
    ref = first.headers["location"].rpartition("/")[2]
    with office.house.read() as session:
        case = session.get_one(Case, ref)
        assert case.input["requested_limit"] == "150000"
        assert case.input["figures"] == {"debt_ratio": "48"}


def test_a_wrong_application_keeps_what_was_typed_and_opens_nothing(office):
    browser = office.sign_in("li.na")
    form = office.forms("/apply", browser)["/apply"] | {"requested_limit": "eleven", "contact": "周芳"}
    page = browser.post("/apply", data=form, headers={"accept-language": "en"})
    assert page.status_code == 422
    assert 'value="周芳"' in page.text
    assert 'value="eleven"' in page.text
    with office.house.work() as work:
        assert work.session.get(Customer, 1) is None


def test_a_second_review_of_the_same_customer_names_the_first(office):
    ref = office.apply()
    browser = office.sign_in("li.na")
    form = office.forms("/apply", browser)["/apply"] | {
        "customer_type": "medium_enterprise",
        "name": "徐州恒远钢铁贸易有限公司",
        "identifier": "91320300MA1MRWPX2H",
    }
    page = browser.post("/apply", data=form)
    assert page.status_code == 409
    assert ref in page.text
    with office.house.work() as work:
        assert open_review(work, work.session.get_one(Customer, 1)) == ref


def test_only_the_business_opens_cases(office):
    browser = office.sign_in("feng.bo")
    assert browser.get("/apply").status_code == 403
    assert browser.get("/import").status_code == 403
    assert "/apply" not in browser.get("/").text


def upload(browser, office, data, name="applications.csv"):
    csrf = office.forms("/import", browser)["/import"]["_csrf"]
    return browser.post("/import", data={"_csrf": csrf}, files={"file": (name, data, "text/csv")})


def test_a_csv_file_opens_its_rows_and_says_which(office):
    browser = office.sign_in("li.na")
    csv = "customer_type,name,requested_limit\nsmall_enterprise,盐城大丰粮油有限公司,150000\nindividual,王秀英,20000\n"
    page = upload(browser, office, csv.encode("gbk"))
    assert page.status_code == 200
    assert "ONB-2026-000001" in page.text
    assert "ONB-2026-000002" in page.text


def test_a_wrong_row_is_told_by_its_number_and_nothing_is_imported(office):
    browser = office.sign_in("li.na")
    csv = "customer_type,name,requested_limit\nsmall_enterprise,盐城大丰粮油有限公司,150000\nmoon_base,王秀英,-1\n"
    page = upload(browser, office, csv.encode())
    assert page.status_code == 422
    assert "customer_type" in page.text
    assert '<td class="num">3</td>' in page.text
    with office.house.read() as session:
        assert session.get(Case, "ONB-2026-000001") is None


def test_no_file_is_no_import(office):
    browser = office.sign_in("li.na")
    assert upload(browser, office, b"").status_code == 422


def test_the_template_names_every_column(office):
    answer = office.sign_in("li.na").get("/import/template.csv")
    assert answer.text.startswith("\ufeffcustomer_type,name,identifier")
    assert "document:business_licence" in answer.text

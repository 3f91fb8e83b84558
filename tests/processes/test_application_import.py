"""Many applications from one file: every row is right, or nothing is taken over."""

import pytest
from sqlmodel import select

from cli import sample
from config.words import Language
from models.house import House, person
from models.operations.application_import import ImportReport, columns, import_applications
from models.operations.csv_rows import ImportRefused
from models.tables import Case, Customer, Person
from tests.processes.conftest import Office, valid_uscc

HEADER = (
    "customer_type,name,identifier,prepays,requested_limit,requested_term_days,credit_rating,document:business_licence"
)
FIRST, SECOND = valid_uscc("91320300MA1H5XK20"), valid_uscc("91320382MA1W3LB67")


def imports(house: House, data: bytes) -> ImportReport:
    with house.work(person("li.na")) as work:
        return import_applications(work, data, work.session.get_one(Person, "li.na"))


def problems(house: House, data: bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(ImportRefused) as refused:
        imports(house, data)
    with house.read() as session:
        assert session.exec(select(Case)).all() == []
        assert session.exec(select(Customer)).all() == []
    report = refused.value.report
    assert report.cases == []
    return [(p.row, p.column, p.text(Language.EN)) for p in report.problems]


def file(*rows: str, header: str = HEADER) -> str:
    return "\r\n".join([header, *rows]) + "\r\n"


GOOD = f'medium_enterprise,徐州恒通钢材贸易有限公司,{FIRST},no,"800,000",45,AA,YYZZ-1'


@pytest.mark.parametrize(
    ("encoding", "told"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8 with mark"), ("gbk", "gbk"), ("gb18030", "gbk")]
)
def test_files_from_every_spreadsheet_are_read(house: House, encoding: str, told: str) -> None:
    report = imports(house, file(GOOD).encode(encoding))
    assert (report.rows, report.encoding, len(report.cases)) == (1, told, 1)
    with house.read() as session:
        case = session.get_one(Case, report.cases[0])
        assert case.title == "徐州恒通钢材贸易有限公司"
        assert case.input["requested_limit"] == "800000"
        assert case.input["figures"] == {"credit_rating": "AA"}


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_recognised(house: House, delimiter: str) -> None:
    row = GOOD.replace('"800,000"', "800000").replace(",", delimiter)
    assert len(imports(house, file(row, header=HEADER.replace(",", delimiter)).encode()).cases) == 1


def test_the_sample_file_opens_a_review_for_every_row(office: Office) -> None:
    report = imports(office.house, sample.applications())
    assert len(report.cases) == report.rows == 8
    office.runner.run_ready()
    office.ref = report.cases[6]
    assert list(office.waits_for()) == ["supply-missing#1"]


def test_one_wrong_row_and_nothing_is_imported(house: House) -> None:
    wrong = f"tiny_enterprise,睢宁县晨光五金经营部,{SECOND},maybe,-5,45.5,AA,YYZZ-2"
    found = problems(house, file(GOOD, wrong).encode())
    assert {(row, column) for row, column, _ in found} == {
        (3, "customer_type"),
        (3, "prepays"),
        (3, "requested_limit"),
        (3, "requested_term_days"),
    }


def test_wrong_columns_are_named(house: House) -> None:
    found = problems(house, file("x", header="customer_type,surname,surname").encode())
    assert (1, "surname", "There is no such column.") in found
    assert (1, "name", "This column is needed.") in found


def test_the_same_customer_twice_in_a_file_is_a_mistake(house: House) -> None:
    assert problems(house, file(GOOD, GOOD).encode()) == [(3, "identifier", "The same customer as in row 2.")]


def test_a_row_cut_off_is_told_by_its_number(house: House) -> None:
    assert problems(house, file(GOOD, "medium_enterprise,邳州").encode()) == [(3, "", "2 cells, but the header has 8.")]


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\xff\xfe\x00\x01", b"PK\x03\x04\x00\x00binary", HEADER.encode()])
def test_what_is_no_table_is_refused(house: House, data: bytes) -> None:
    assert len(problems(house, data)) == 1


def test_the_same_file_again_opens_nothing_twice(house: House) -> None:
    first = imports(house, file(GOOD).encode())
    assert imports(house, file(GOOD).encode()).cases == first.cases


def test_a_customer_under_review_is_told_by_its_case(house: House) -> None:
    (ref,) = imports(house, file(GOOD).encode()).cases
    other = GOOD.replace("45", "60")
    with pytest.raises(ImportRefused) as refused:
        imports(house, file(other).encode())
    assert (
        refused.value.report.problems[0].text(Language.ZH_CN) == f"徐州恒通钢材贸易有限公司 已有在办的准入审查：{ref}。"
    )


def test_the_template_names_every_figure_and_paper_of_the_policy(house: House) -> None:
    with house.work() as work:
        names = columns(work)
    assert {"customer_type", "debt_ratio", "document:audit_report"} <= set(names)
    assert len(names) == len(set(names))

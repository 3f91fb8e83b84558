"""Invoices and payments from files: every row is right, or nothing is taken over; the same file changes nothing."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from config.words import Language
from models.house import House, person
from models.operations.csv_rows import ImportRefused
from models.operations.ledger_import import LedgerReport, import_invoices, import_payments
from models.queries.ledger import credit_balance, exposure
from models.tables import Allocation, AuditEvent, Invoice, Payment
from tests.ledger import GRAIN_TRADER, debtor
from tests.processes.conftest import valid_uscc

FINANCE = person("zheng.li")
CODE = valid_uscc("91320900MA1W3LB67")
INVOICES = "number,customer,amount,currency,issued_on,due_on"
PAYMENTS = "reference,customer,amount,currency,received_on,invoices,note"
GOOD = 'FP-0117,K-000001,"400,000.00",CNY,2026-01-01,2026-01-31'
OTHER = f"FP-0209,{CODE},840000,,2026/2/1,2026年2月28日"


def file(*rows: str, header: str = INVOICES) -> bytes:
    return ("\r\n".join([header, *rows]) + "\r\n").encode()


@pytest.fixture(autouse=True)
def customers(house: House) -> None:
    with house.work() as work:
        debtor(work)
        debtor(work, GRAIN_TRADER, identifier=CODE)


def kept(house: House) -> list[tuple[str, int, Decimal, date, date]]:
    with house.read() as session:
        rows = session.exec(select(Invoice).order_by(Invoice.number)).all()
    return [(row.number, row.customer_id, row.amount, row.issued_on, row.due_on) for row in rows]


def problems(house: House, data: bytes, *, payments: bool = False) -> list[tuple[int, str, str]]:
    before = kept(house)
    with pytest.raises(ImportRefused) as refused:
        (import_payments if payments else import_invoices)(house, FINANCE, data)
    assert kept(house) == before
    with house.read() as session:
        assert session.exec(select(Payment)).all() == []
    return [(one.row, one.column, one.text(Language.EN)) for one in refused.value.report.problems]


def test_amounts_and_dates_are_read_as_offices_write_them(house: House) -> None:
    report = import_invoices(house, FINANCE, file(GOOD, "", OTHER, " , , , , , "))
    assert (report.rows, report.new, report.repeated, report.encoding) == (2, 2, 0, "utf-8")
    assert kept(house) == [
        ("FP-0117", 1, Decimal("400000.00"), date(2026, 1, 1), date(2026, 1, 31)),
        ("FP-0209", 2, Decimal("840000.00"), date(2026, 2, 1), date(2026, 2, 28)),
    ]
    with house.read() as session:
        (event,) = session.exec(select(AuditEvent).where(AuditEvent.event == "invoices.imported")).all()
    assert (event.actor_id, event.data) == ("zheng.li", {"rows": 2, "new": 2, "repeated": 0})


def test_a_chinese_spreadsheet_is_read(house: House) -> None:
    header = "发票号码;客户编号;金额;开票日期;到期日"
    rows = "FP-0117;K-000001;￥400,000.00;2026.1.1;20260131"
    report = import_invoices(house, FINANCE, f"{header}\n{rows}\n".encode("gbk"))
    assert (report.new, report.encoding) == (1, "gbk")
    assert kept(house) == [("FP-0117", 1, Decimal("400000.00"), date(2026, 1, 1), date(2026, 1, 31))]


def test_the_same_file_again_changes_nothing(house: House) -> None:
    import_invoices(house, FINANCE, file(GOOD, OTHER))
    report = import_invoices(house, FINANCE, file(OTHER, GOOD))
    assert (report.new, report.repeated) == (0, 2)
    with house.read() as session:
        assert len(session.exec(select(AuditEvent).where(AuditEvent.event == "invoices.imported")).all()) == 1


def test_a_longer_file_adds_only_what_is_new(house: House) -> None:
    import_invoices(house, FINANCE, file(GOOD))
    report = import_invoices(house, FINANCE, file(GOOD, OTHER))
    assert (report.new, report.repeated) == (1, 1)


def test_every_wrong_row_is_named_and_nothing_is_taken_over(house: House) -> None:
    found = problems(
        house,
        file(
            GOOD,
            "FP-1,K-000001,-5,CNY,2026-01-01,2026-01-31",
            "FP-2,K-000001,0.00,CNY,2026-01-01,2026-01-31",
            "FP-3,K-000001,12.345,CNY,2026-02-30,2026-03-31",
            "FP-4,K-000001,100,CNY,2026-03-01,2026-02-01",
            "FP-5,,1.240.000,CNY,01/02/2026,2026-03-31",
            'FP-6,K-000001,"1,24",CNY,2026-01-01,2026-01-31',
        ),
    )
    assert [(row, column) for row, column, _ in found] == [
        (3, "amount"),
        (4, "amount"),
        (5, "amount"),
        (5, "issued_on"),
        (6, "due_on"),
        (7, "customer"),
        (7, "amount"),
        (7, "issued_on"),
        (8, "amount"),
    ]
    assert (6, "due_on", "Due on 2026-02-01, before it was issued on 2026-03-01.") in found
    assert (3, "amount", "More than 0.") in found


def test_what_the_ledger_does_not_know_is_told_by_row(house: House) -> None:
    found = problems(
        house,
        file(GOOD, "FP-1,K-000404,5,CNY,2026-01-01,2026-01-31", "FP-2,K-000001,5,USD,2026-01-01,2026-01-31"),
    )
    assert found == [
        (3, "customer", "There is no customer K-000404."),
        (4, "currency", "Amounts in USD are not taken: the collections policy has no rate for it."),
    ]


def test_another_invoice_under_a_known_number_is_told_whether_it_stood_in_this_file_or_an_earlier_one(
    house: House,
) -> None:
    changed = GOOD.replace("400,000.00", "410000")
    told = "FP-0117 is in the ledger already, with the amount 400000.00 and not 410000.00."
    assert problems(house, file(GOOD, OTHER, changed)) == [(4, "amount", told)]
    import_invoices(house, FINANCE, file(GOOD))
    assert problems(house, file(OTHER, changed)) == [(3, "amount", told)]


@pytest.mark.parametrize("kept_of_it", [0.2, 0.45, 0.6, 0.9])
def test_a_file_cut_off_half_way_is_refused_as_a_whole_and_the_row_is_named(house: House, kept_of_it: float) -> None:
    whole = file(*(f"FP-{n:04d},K-000001,{n + 1}000.00,CNY,2026-01-01,2026-01-31" for n in range(40)))
    cut = whole[: int(len(whole) * kept_of_it)]
    assert not cut.endswith(b"\n")
    found = problems(house, cut)
    assert [row for row, _, _ in found] == [cut.count(b"\n") + 1]


@pytest.mark.parametrize("cut", range(1, 9))
def test_an_amount_in_the_last_column_that_may_have_been_cut_off_is_not_believed(house: House, cut: int) -> None:
    header = "number,customer,issued_on,due_on,amount"
    row = "FP-0117,K-000001,2026-01-01,2026-01-31,840000.00"
    data = file(row, header=header).removesuffix(b"\r\n")
    assert problems(house, data[:-cut])[-1][:2] == (2, "amount")


def test_a_whole_file_without_a_last_line_break_is_taken(house: House) -> None:
    assert import_invoices(house, FINANCE, file(GOOD).removesuffix(b"\r\n")).new == 1


@pytest.mark.parametrize(
    "data", [b"", b"\r\n", b"\xff\xfe\x00\x01", b"PK\x03\x04\x00binary", INVOICES.encode(), b'number\n"FP-1\n']
)
def test_what_is_no_table_is_refused(house: House, data: bytes) -> None:
    assert problems(house, data)


def test_wrong_columns_are_named(house: House) -> None:
    found = problems(house, file("x", header="number,numbers,amount"))
    assert (1, "numbers", "There is no such column.") in found
    assert (1, "customer", "This column is needed.") in found


# -- payments ----------------------------------------------------------------------------------------------------------


def pays(house: House, *rows: str) -> LedgerReport:
    return import_payments(house, FINANCE, file(*rows, header=PAYMENTS))


def test_payments_of_one_file_settle_one_after_the_other(house: House) -> None:
    import_invoices(house, FINANCE, file(GOOD, OTHER))
    report = pays(
        house,
        "ICBC-1,K-000001,300000,CNY,2026-03-01,,首付",
        "ICBC-2,K-000001,150000,CNY,2026-03-05,,",
        f"ICBC-3,{CODE},100000,CNY,2026-03-05,FP-0209,",
    )
    assert (report.new, report.settled, report.credit) == (3, Decimal("500000.00"), Decimal("50000.00"))
    with house.read() as session:
        assert (exposure(session, 1), credit_balance(session, 1)) == (0, Decimal("50000.00"))
        assert exposure(session, 2) == Decimal("740000.00")
        assert sum(session.exec(select(Allocation.amount)).all()) == Decimal("500000.00")
        settled_on = session.exec(select(Invoice.settled_on).where(Invoice.number == "FP-0117")).one()
    assert settled_on == date(2026, 3, 5)
    again = pays(house, "ICBC-2,K-000001,150000,CNY,2026-03-05,,", "ICBC-1,K-000001,300000.00,,2026/3/1,,首付")
    assert (again.new, again.repeated, again.settled) == (0, 2, 0)


def test_a_payment_for_an_unknown_invoice_spoils_the_file_and_is_named(house: House) -> None:
    import_invoices(house, FINANCE, file(GOOD, OTHER))
    rows = ("ICBC-1,K-000001,300000,CNY,2026-03-01,,", "ICBC-2,K-000001,5,CNY,2026-03-01,FP-0117;FP-0209,")
    found = problems(house, file(*rows, header=PAYMENTS), payments=True)
    assert found == [(3, "invoices", "This customer has no invoice FP-0209.")]


def test_a_file_of_many_batches_is_one_transaction(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.operations.ledger_import.BATCH", 7)
    rows = [f"FP-{n:04d},K-000001,{n + 1}.00,CNY,2026-01-01,2026-01-31" for n in range(50)]
    told: list[int] = []
    assert import_invoices(house, FINANCE, file(*rows), tell=told.append).new == 50
    assert told == [7, 14, 21, 28, 35, 42, 49, 50]
    more = [row.replace("FP-", "FQ-") for row in rows]
    assert [row for row, *_ in problems(house, file(*more, rows[0].replace("1.00", "2.00")))] == [52]


def test_credit_settles_invoices_that_come_by_file(house: House) -> None:
    pays(house, "ICBC-1,K-000001,500000,CNY,2026-03-01,,")
    import_invoices(house, FINANCE, file(GOOD, OTHER))
    with house.read() as session:
        assert (exposure(session, 1), credit_balance(session, 1)) == (0, Decimal("100000.00"))

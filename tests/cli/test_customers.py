"""``clientrisk import customers`` and the register of qualifications on the command line."""

from pathlib import Path

from sqlmodel import select

from models.house import House
from models.tables import CreditLine, Customer, Qualification
from tests.cli.conftest import Command

HEADER = "customer_type,name,handler,limit,term_days\n"


def test_customers_are_taken_over_and_the_same_file_again_changes_nothing(
    installed: House, command: Command, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(HEADER + '中型企业,宿迁港务物流有限公司,sun.tao,"1,200,000",60\n', encoding="gbk")
    told = command("import", "customers", file)
    assert told.code == 0, told.err
    assert "1 customers taken over, 1 of them with a credit line, 0 on record already" in " ".join(told.out.split())
    assert "0 customers taken over, 0 of them with a credit line, 1 on record" in " ".join(
        command("import", "customers", file).out.split()
    )
    with installed.read() as session:
        customer = session.exec(select(Customer).where(Customer.name == "宿迁港务物流有限公司")).one()
        line = session.exec(select(CreditLine).where(CreditLine.customer_id == customer.id)).one()
    assert (customer.handler_id, line.term_days, line.case_ref) == ("sun.tao", 60, None)


def test_a_wrong_file_is_told_row_by_row(installed: House, command: Command, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(HEADER + "moon,宿迁港务物流有限公司,nobody,,60\n")
    told = command("import", "customers", file)
    assert told.code == 1
    assert "Nothing was imported" in told.out
    assert "customer_type" in told.out


def test_a_training_is_recorded_and_a_wrong_one_refused(installed: House, command: Command) -> None:
    given = ["--kind", "reception_training", "--reference", "PX-1", "--valid-from", "2026-01-01"]
    told = command("people", "qualify", "sun.tao", *given, "--valid-until", "2026-12-31")
    assert told.code == 0, told.err
    assert "Reception training of sun.tao: PX-1, from 2026-01-01 until 2026-12-31." in told.out
    assert command("people", "qualify", "nobody", *given).code == 1
    with installed.read() as session:
        entry = session.exec(select(Qualification).where(Qualification.reference == "PX-1")).one()
    assert (entry.person_id, entry.recorded_by) == ("sun.tao", None)


def test_a_register_is_taken_over_from_a_file(installed: House, command: Command, tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    file.write_text("person,kind,reference,valid_from\nsun.tao,confidentiality,BM-1,2026-01-01\n")
    assert "1 rows: 1 recorded, 0 on the register already." in command("people", "import-qualifications", file).out
    file.write_text("person,kind,reference,valid_from\nnobody,confidentiality,BM-1,2026-01-01\n")
    assert command("people", "import-qualifications", file).code == 1

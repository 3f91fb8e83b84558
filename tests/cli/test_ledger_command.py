"""``clientrisk ledger``: files in, one account out, the scan by hand."""

from pathlib import Path

from sqlmodel import select

from models.house import House
from models.tables import AuditEvent, Case, Invoice
from tests.cli.conftest import Command
from tests.ledger import steel_trader_owes

INVOICES = "number,customer,amount,currency,issued_on,due_on\n"


def test_a_file_is_entered_and_the_account_shown(installed: House, command: Command, tmp_path: Path) -> None:
    steel_trader_owes(installed)
    (tmp_path / "bank.csv").write_text(
        '流水号,客户编号,金额,到账日期\nICBC-1,K-000001,"500,000.00",2026-03-09\n', encoding="gbk"
    )
    told = command("ledger", "import-payments", tmp_path / "bank.csv")
    assert told.code == 0, told.err
    assert "1 payments entered, 0 known already (gbk)." in told.out
    assert "500,000.00 yuan settled, 0.00 kept as credit; 0 cases told." in told.out
    shown = command("ledger", "show", "K-000001").out
    assert "徐州恒通钢材贸易有限公司" in shown
    assert "740,000.00" in shown
    assert "FP-0117 400,000.00, FP-0209 100,000.00" in shown
    with installed.read() as session:
        look = session.exec(select(AuditEvent).where(AuditEvent.event == "account.looked")).one()
    assert str(look.actor_id).startswith("command line")


def test_a_wrong_file_is_told_row_by_row_and_nothing_is_entered(
    installed: House, command: Command, tmp_path: Path
) -> None:
    steel_trader_owes(installed)
    rows = "FP-1,K-000001,5,CNY,2026-01-01,2026-01-31\nFP-2,K-000001,-5,CNY,2026-01-01,2026-01-31\n"
    (tmp_path / "invoices.csv").write_text(INVOICES + rows)
    told = command("ledger", "import-invoices", tmp_path / "invoices.csv")
    assert told.code == 1
    assert "More than 0." in told.out
    assert "Nothing was imported: 1 problems" in told.out
    with installed.read() as session:
        assert len(session.exec(select(Invoice)).all()) == 2
    unknown = command("ledger", "show", "K-000009")
    assert (unknown.code, unknown.err) == (1, "clientrisk: There is no customer K-000009.\n")
    assert command("ledger", "import-invoices", tmp_path / "nowhere.csv").code == 2


def test_the_scan_by_hand_opens_what_the_scheduled_one_would(installed: House, command: Command) -> None:
    steel_trader_owes(installed)
    off = command("ledger", "scan", "--on", "2026-03-14")
    assert off.code == 0, off.err
    assert "not a business day" in off.out
    done = command("ledger", "scan", "--on", "2026-03-10")
    assert done.code == 0, done.err
    assert "1 customers owe 1,240,000.00 yuan overdue on 2 invoices." in done.out
    assert "1 collections cases opened, 0 under way already." in done.out
    assert "0 collections cases opened, 1 under way already." in command("ledger", "scan", "--on", "2026-03-10").out
    with installed.read() as session:
        assert [case.process for case in session.exec(select(Case))] == ["collections-escalation"]

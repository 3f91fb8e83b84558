"""``clientrisk privacy``: the file of everything, asking for an erasure, consents from a file, the round; and what is
taken out for somebody outside."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.words import CustomerType
from models.house import House
from models.tables import Customer, Erasure

Command = Callable[..., Any]
HEAD = "customer,purpose,recipient,shares,given_by,document,since,until\n"


@pytest.fixture
def steel(installed: House) -> House:
    with installed.work() as work:
        work.add(Customer(type=CustomerType.SMALL, name="徐州钢贸", phone="13805201234", created_at=work.now))
    return installed


def test_everything_on_a_customer_is_written_for_its_owner_alone(
    command: Command, steel: House, tmp_path: Path
) -> None:
    to = tmp_path / "everything.json"
    assert command("privacy", "report", "K-000001", "--to", to).code == 0
    assert to.stat().st_mode & 0o077 == 0
    assert json.loads(to.read_text(encoding="utf-8"))["customer"]["phone"] == "13805201234"
    again = command("privacy", "report", "K-000001", "--to", to)
    assert (again.code, "must not be there yet" in again.err) == (2, True)
    assert command("privacy", "report", "K-000009", "--to", tmp_path / "no.json").code == 1


def test_the_command_line_asks_and_does_not_confirm(command: Command, steel: House) -> None:
    told = command("privacy", "erase", "K-000001", "--reason", "客户书面要求删除")
    assert (told.code, "/customers/K-000001/privacy" in told.out) == (0, True)
    assert "Waits to be confirmed" in command("privacy", "requests").out
    with steel.read() as session:
        assert session.get_one(Erasure, 1).asked_by.startswith("command line")
        assert session.get_one(Customer, 1).name == "徐州钢贸"
    assert command("privacy", "erase", "K-000001", "--reason", "x").code == 1


def test_a_file_of_consents_is_taken_whole_or_not_at_all(command: Command, steel: House, tmp_path: Path) -> None:
    file = tmp_path / "consents.csv"
    good = "K-000001,insurance,江苏信保,identity cases,孙建国,TY-1,2026-03-01,\n"
    file.write_text(HEAD + good + "K-000001,insurance,江苏信保,secrets,孙建国,TY-2,2026-03-01,\n", encoding="utf-8")
    refused = command("privacy", "consents", file)
    assert (refused.code, "Nothing was imported" in refused.out) == (1, True)
    file.write_text(HEAD + good, encoding="utf-8")
    assert "1 rows: 1 new, 0 on the register" in command("privacy", "consents", file).out
    assert "0 new, 1 on the register" in command("privacy", "consents", file).out


def test_the_round_tells_what_it_erased(command: Command, steel: House) -> None:
    told = command("privacy", "round")
    assert told.code == 0
    assert "ways in" in told.out


def test_what_is_taken_out_for_somebody_outside_needs_a_consent(
    command: Command, installed: House, tmp_path: Path
) -> None:
    from models.house import person
    from models.operations.applications import open_application
    from models.tables import Person
    from tests.processes.conftest import steel_trader

    with installed.work(person("li.na")) as work:
        handler = work.session.get_one(Person, "li.na")
        ref = open_application(work, steel_trader(), handler, handler, origin="page").ref
    outside = ("--for", "江苏信保", "--purpose", "insurance")
    refused = command("cases", "evidence", ref, "--to", tmp_path / "pack.zip", *outside)
    assert (refused.code, "has not consented" in refused.err) == (1, True)
    assert not (tmp_path / "pack.zip").exists()
    assert command("cases", "evidence", ref, "--to", tmp_path / "pack.zip", *outside[:2]).code == 1
    file, since = tmp_path / "consents.csv", installed.clock().date() - timedelta(days=1)
    shares = "identity standing account cases documents"
    file.write_text(f"{HEAD}K-000001,insurance,江苏信保,{shares},孙建国,TY-1,{since},\n", encoding="utf-8")
    assert command("privacy", "consents", file).code == 0
    assert command("cases", "evidence", ref, "--to", tmp_path / "pack.zip", *outside).code == 0

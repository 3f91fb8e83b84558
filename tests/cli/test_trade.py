"""``clientrisk trade``: the answer, with its reasons, and an exit code that scripts can use."""

from config.words import CustomerStatus, CustomerType
from models.house import House
from models.tables import Customer
from tests.cli.conftest import Command


def prepaying_cement_works(house: House, status: CustomerStatus = CustomerStatus.ADMITTED) -> None:
    with house.work() as work:
        work.add(Customer(type=CustomerType.LARGE, name="淮海水泥厂", status=status, prepays=True, created_at=work.now))


def test_the_terms_and_the_reasons_are_told(installed: House, command: Command) -> None:
    prepaying_cement_works(installed)
    told = command("trade", "K-000001", "--amount", "90,000")
    assert told.code == 0, told.err
    assert "K-000001 淮海水泥厂: may trade, only against payment before delivery." in told.out
    assert "Because: The customer pays before delivery." in told.out


def test_a_no_ends_with_one(installed: House, command: Command) -> None:
    prepaying_cement_works(installed, CustomerStatus.REFUSED)
    told = command("trade", "K-000001")
    assert told.code == 1
    assert "may not trade" in told.out
    assert "The customer was refused admission." in told.out


def test_what_cannot_be_answered_is_said(installed: House, command: Command) -> None:
    assert "There is no customer K-000009." in command("trade", "K-000009").err
    prepaying_cement_works(installed)
    wrong = command("trade", "K-000001", "--amount", "a lot")
    assert wrong.code == 1
    assert "An amount in yuan above zero." in wrong.err

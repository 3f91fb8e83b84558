"""The staff register from the command line: people added, lists taken over whole or not at all, keys handed out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from config.words import Department, Language, Role
from models.house import House
from models.operations.access import program_of_token, sign_in
from models.tables import AuditEvent, Channel, Person

Command = Callable[..., Any]

LIST = """id,name,email,department,roles,manager
luo.yi,罗毅,Luo.Yi@hengyuan.example,service,handler,gu.xin
gu.xin,顾欣,gu.xin@hengyuan.example,service,head,zhou.hong
"""


def person(house: House, person_id: str) -> Person | None:
    with house.read() as session:
        return session.get(Person, person_id)


def staff(house: House) -> list[str]:
    with house.read() as session:
        return sorted(session.exec(select(Person.id)))


def listed(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "staff.csv"
    file.write_bytes(text.encode(encoding))
    return file


def add(command: Command, *more: str, person_id: str = "luo.yi") -> Any:
    return command("people", "add", person_id, "--name", "罗毅", "--department", "service", *more)


def test_a_person_is_added_with_everything_said_of_them(command: Command, installed: House) -> None:
    told = add(command, "--role", "handler", "--role", "head", "--email", "Luo.Yi@Hengyuan.example", "--language", "en")
    assert told.code == 0
    added = person(installed, "luo.yi")
    assert added is not None
    assert (added.name, added.department, added.language) == ("罗毅", Department.SERVICE, Language.EN)
    assert (added.email, list(added.roles)) == ("luo.yi@hengyuan.example", [Role.HANDLER, Role.HEAD])


def test_a_person_is_added_in_the_programs_name(command: Command, installed: House) -> None:
    add(command)
    with installed.read() as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.event == "person.added")).one()
    assert (event.actor_kind, event.data["person"]) == ("program", "luo.yi")
    assert (event.actor_id or "").startswith("command line: ")


@pytest.mark.parametrize(
    ("more", "person_id", "says"),
    [
        ((), "li.na", "li.na is on the register already"),
        ((), "Luo Yi", "id: Small letters"),
        (("--email", "luo.yi"), "luo.yi", "email: This is not an e-mail address"),
        (("--email", "LI.NA@hengyuan.example"), "luo.yi", "email: This is the address of li.na"),
        (("--reports-to", "nobody"), "luo.yi", "manager: There is no such person"),
        (("--reports-to", "luo.yi"), "luo.yi", "manager: This person would be their own superior"),
    ],
)
def test_a_person_who_cannot_be_is_refused_with_the_reason(
    command: Command, installed: House, more: tuple[str, ...], person_id: str, says: str
) -> None:
    before = staff(installed)
    told = add(command, *more, person_id=person_id)
    assert told.code == 1
    assert says in told.err
    assert staff(installed) == before


def test_the_list_shows_who_holds_a_role(command: Command, installed: House) -> None:
    out = command("people", "list", "--role", "risk_officer").out
    assert "陈宇" in out
    assert "刘洋" in out
    assert "李娜" not in out


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_taken_over_whoever_comes_first_in_it(
    command: Command, installed: House, tmp_path: Path, encoding: str
) -> None:
    told = command("people", "import", listed(tmp_path, LIST, encoding))
    assert told.out.strip() == "2 rows: 2 added, 0 changed, 0 as they were."
    added = person(installed, "luo.yi")
    assert added is not None
    assert (added.name, added.manager_id) == ("罗毅", "gu.xin")


def test_the_same_list_again_changes_nothing(command: Command, installed: House, tmp_path: Path) -> None:
    file = listed(tmp_path, LIST)
    command("people", "import", file)
    assert command("people", "import", file).out.strip() == "2 rows: 0 added, 0 changed, 2 as they were."


def test_a_list_brings_known_people_up_to_date_and_leaves_what_it_does_not_mention(
    command: Command, installed: House, tmp_path: Path
) -> None:
    file = listed(tmp_path, "id,name,department,active\nwang.jun,王军,finance,no\n")
    assert "1 changed" in command("people", "import", file).out
    moved = person(installed, "wang.jun")
    assert moved is not None
    assert (moved.department, moved.active) == (Department.FINANCE, False)
    assert (list(moved.roles), moved.manager_id) == ([Role.SALES_MANAGER], "zhao.min")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("luo.yi,罗毅,,sales,,", "One of: business, risk"),
        ("luo.yi,罗毅,,service,boss,", "One of: handler"),
        ("luo.yi,,,service,,", "This field is needed"),
        ("luo.yi,罗毅,,service,", "5 cells, but the header has 6"),
        ("luo.yi,罗毅,,service,,\nluo.yi,罗毅,,risk,,", "The same person as in row 2"),
        ("luo.yi,罗毅,li.na@hengyuan.example,service,,", "This is the address of li.na"),
        ("luo.yi,罗毅,,service,,gu.xin\ngu.xin,顾欣,,service,,luo.yi", "would be their own superior"),
        ("zhou.hong,周红,zhou.hong@hengyuan.example,management,,wang.jun", "would be their own superior"),
    ],
)
def test_one_wrong_row_and_nothing_is_taken_over(
    command: Command, installed: House, tmp_path: Path, rows: str, says: str
) -> None:
    before = staff(installed)
    good = "ye.fan,叶帆,,service,,\n"
    told = command("people", "import", listed(tmp_path, f"id,name,email,department,roles,manager\n{rows}\n{good}"))
    assert told.code == 1
    assert says in told.out
    assert staff(installed) == before
    assert (person(installed, "zhou.hong") or Person(id="", name="", department="risk")).manager_id is None


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty"),
        (b"id,name,department,salary\n", "There is no such column"),
        (b"id,name,name,department\n", "This column is there twice"),
        (b"id,name\nluo.yi,x\n", "This column is needed"),
        (b"\xff\xfe\x00\x00", "neither UTF-8 nor GBK"),
    ],
)
def test_a_file_that_is_no_staff_list_is_refused(
    command: Command, installed: House, tmp_path: Path, data: bytes, says: str
) -> None:
    file = tmp_path / "staff.csv"
    file.write_bytes(data)
    told = command("people", "import", file)
    assert told.code == 1
    assert says in told.out


def test_a_file_that_is_not_there_is_said_so(command: Command, installed: House, tmp_path: Path) -> None:
    told = command("people", "import", tmp_path / "none.csv")
    assert told.code == 2
    assert "cannot be read" in told.err


def test_a_sign_in_link_signs_its_person_in_once(command: Command, installed: House) -> None:
    link = command("people", "sign-in-link", "xu.ming").out.strip()
    assert link.startswith("http://127.0.0.1:8000/sign-in/")
    with installed.work() as work:
        signed_in, _session = sign_in(work, link.rpartition("/")[2])
    assert signed_in.id == "xu.ming"


def test_nobody_who_has_left_gets_a_link(command: Command, installed: House) -> None:
    with installed.work() as work:
        work.session.get_one(Person, "xu.ming").active = False
    told = command("people", "sign-in-link", "xu.ming")
    assert told.code == 1
    assert "There is no active person xu.ming" in told.err


def test_a_token_acts_for_its_person_within_its_scopes(command: Command, installed: House) -> None:
    token = command("people", "token", "li.na", "--scope", "open", "--label", "CRM").out.strip()
    with installed.read() as session:
        acting = program_of_token(session, token, installed.clock())
    assert acting is not None
    assert (acting.person.id, acting.token.scopes) == ("li.na", ["open"])
    assert command("people", "token", "li.na").code == 2  # a token for everything is nobody's default


def test_an_address_is_kept_encrypted_and_never_listed(command: Command, installed: House) -> None:
    assert command("people", "channel", "add", "li.na", "wecombot://0123456789abcdef").code == 0
    with installed.read() as session:
        kept = session.exec(select(Channel)).one()
    assert (kept.kind, kept.address) == ("wecom", "wecombot://0123456789abcdef")
    assert b"0123456789abcdef" not in (installed.settings.home / "clientrisk.db").read_bytes()
    out = command("people", "channel", "list").out
    assert "wecom" in out
    assert "0123456789abcdef" not in out


def test_an_address_that_nothing_understands_is_refused(command: Command, installed: House) -> None:
    told = command("people", "channel", "add", "li.na", "pigeon://loft")
    assert told.code == 1
    with installed.read() as session:
        assert session.exec(select(Channel)).all() == []

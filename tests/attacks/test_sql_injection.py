"""Whatever is asked for, in any part of an address or any filter, is a value and never a piece of a statement."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.attacks.places import SECRET, SHOWING, difference, furnish, record_of

ATTACKS = (
    "' OR '1'='1",
    '" OR 1=1 --',
    "1); DROP TABLE person; --",
    "x' UNION SELECT id, email FROM person --",
    "%' ESCAPE '",
    "\\",
    "0 OR 1=1",
    "9" * 40,
    "-1",
    "\u0000",
    "\ud7ff\uffff",
    "NaN",
)


@pytest.fixture
def furnished(office):
    return furnish(office)


def asked(door):
    """What an address may be asked, by name."""
    return [one.alias for one in door.route.dependant.query_params] or ["text", "cursor", "q"]


def test_no_filter_and_no_part_of_an_address_is_carried_out(furnished):
    office = furnished.office
    browser, token = office.sign_in("xu.ming"), office.token("xu.ming")
    before, walked = record_of(office), 0
    for place, door in enumerate(SHOWING):
        headers = token if door.for_programs else {}
        names = asked(door)
        for number in range(2):  # each attack on many addresses, each address under two of them
            attack = ATTACKS[(place * 2 + number) % len(ATTACKS)]
            path = furnished.path(door) if number else re.sub(r"\{\w+\}", "x' OR 1=1 --", door.path)
            walked += 1
            answer = browser.get(path, params=dict.fromkeys(names, attack), headers=headers)
            assert answer.status_code < 500, f"{door}: {attack!r}: {answer.text[:300]}"
            assert "sqlite" not in answer.text.lower(), str(door)
            assert "syntax error" not in answer.text.lower(), str(door)
    assert walked > 250
    assert set(difference(before, record_of(office))) <= {
        *("look", "routine_state", "calendar_feed", "signer", "copy", "outside_link")
    }


@pytest.mark.parametrize("attack", ["' OR '1'='1", "%", "_", "%' OR '1'='1", '" OR ""="'])
def test_a_filter_that_matches_nothing_finds_nothing(furnished, attack):
    """Wildcards too are what they are: a single sign is not everything."""
    office = furnished.office
    token, browser = office.token("xu.ming"), office.new_browser()
    for path, name in (
        ("/api/v1/cases", "text"),
        ("/api/v1/customers", "text"),
        ("/api/v1/staff", "text"),
        ("/api/v1/search", "q"),
    ):
        answer = browser.get(path, params={name: attack}, headers=token)
        assert SECRET not in answer.text, (path, answer.text[:300])


def test_no_statement_is_put_together_from_text():
    """What text there is in statements is ours: names of tables and columns, never what somebody sent."""
    put_together = []
    for room in ("models", "api", "tasks", "flows", "notifications"):
        for path in sorted(Path(room).rglob("*.py")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if re.search(r"\b(text|execute|exec|exec_driver_sql|sql)\(\s*f?[\"'].*\{", line) or re.search(
                    r"[\"'](SELECT|UPDATE|DELETE|INSERT)\b.*[\"']\s*(%|\+|\.format)", line
                ):
                    put_together.append(f"{path}:{number}: {line.strip()}")
    # Constants of ours; tables by the names of the metadata, quoted by the driver; a sequence the database named.
    constants = re.compile(r"\{[A-Z_]+\}|form\.text\(|\{_quoted\(connection, table\.name\)\}|setval\('\{sequence\}'")
    locks = "models/operations/key_rotation.py"  # each column's own table, while it is brought under another key
    put_together = [
        one for one in put_together if not (one.startswith(locks) and 'LOCK TABLE "{name}" IN SHARE' in one)
    ]
    assert [one for one in put_together if not one.startswith(OURS) and not constants.search(one)] == []


OURS = (
    "models/migrations/",
    "models/house.py",
    "models/tables/cases.py",
)
"""Names of columns and pragmas, written in these very files."""

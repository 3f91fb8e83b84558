"""``clientrisk keys``: ages and counts, never the key; a new one while the product runs."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet

from config.settings import get_settings
from config.words import CustomerType
from models.house import House, system_clock
from models.tables import Customer, Heartbeat

Command = Callable[..., Any]


@pytest.fixture
def kept(installed: House) -> House:
    with installed.work() as work:
        work.add(Customer(type=CustomerType.SMALL, name="徐州钢贸", phone="13805201234", created_at=work.now))
    return installed


def test_keys_are_listed_by_what_they_are_called_with_what_lies_under_each(command: Command, kept: House) -> None:
    (key,) = kept.settings.fernet_keys()
    told = command("keys", "list")
    assert told.code == 0
    assert kept.keys.ids()[0] in told.out
    assert "in use" in told.out
    assert key not in told.out
    assert command("keys", "rotate").code == 0
    (new,) = kept.settings.fernet_keys()
    told = command("keys", "list")
    assert [line.split("│")[5].strip() for line in told.out.splitlines() if kept.keys.ids()[0] in line] == ["1"]
    assert key not in told.out
    assert new not in told.out


def test_a_process_that_does_not_know_the_new_key_is_named_and_nothing_is_promoted(
    command: Command, kept: House
) -> None:
    now = system_clock()
    with kept.work() as work:
        work.add(Heartbeat(name="old:1", kind="api", at=now, since=now, facts={}))
    before = kept.keys.ids()[0]
    told = command("keys", "rotate", "--wait", "0")
    assert told.code == 2
    assert "api old:1" in told.err
    assert kept.keys.ids()[0] == before


def test_keys_given_as_a_setting_are_rotated_where_they_are_set(
    command: Command, kept: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old,) = kept.settings.fernet_keys()
    monkeypatch.setenv("CLIENTRISK_ENCRYPTION_KEYS", old)
    get_settings.cache_clear()
    told = command("keys", "rotate")
    assert (told.code, "AFTER" in told.err) == (2, True)
    new = Fernet.generate_key().decode()
    monkeypatch.setenv("CLIENTRISK_ENCRYPTION_KEYS", f"{new},{old}")
    get_settings.cache_clear()
    told = command("keys", "rotate")
    assert told.code == 0, told.err
    assert "1 values were brought" in told.out
    assert "Take it out" in told.out
    monkeypatch.setenv("CLIENTRISK_ENCRYPTION_KEYS", new)
    get_settings.cache_clear()
    assert command("keys", "list").code == 0
    monkeypatch.setenv("CLIENTRISK_ENCRYPTION_KEYS", Fernet.generate_key().decode())
    get_settings.cache_clear()
    lost = command("keys", "list")
    assert (lost.code, "Restore the key file" in lost.err) == (1, True)


def test_why_the_signing_key_is_not_rotated_is_said(command: Command, kept: House) -> None:
    told = command("keys", "rotate", "--signing")
    assert told.code == 2
    assert "only the hash of their identity number is kept" in told.err

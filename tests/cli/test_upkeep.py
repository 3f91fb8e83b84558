"""Upkeep from the command line: messages, policy files, the record, the database, Prefect's register."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

import cli
from cli.main import COMMANDS, run
from config.words import MessageState
from models.house import House, open_engine
from models.messages import SignIn, queue
from models.migrate import current, latest
from models.tables import OutboxMessage
from tests.tampering import unguarded

Command = Callable[..., Any]


def message(house: House, key: str, state: MessageState, note: str | None = None) -> int:
    with house.work() as work:
        queue(work, SignIn(), "zhao.min", key)
        work.session.flush()
        row = work.session.exec(select(OutboxMessage).where(OutboxMessage.dedupe_key == key)).one()
        row.state, row.note, row.attempts = state, note, 8
        return row.id or 0


def state_of(house: House, number: int) -> MessageState:
    with house.read() as session:
        return session.get_one(OutboxMessage, number).state


def test_what_was_given_up_is_listed_with_its_reason_and_sent_again(command: Command, installed: House) -> None:
    number = message(installed, "dead", MessageState.DEAD, "550 mailbox unavailable")
    message(installed, "sent", MessageState.SENT)
    out = command("messages", "dead").out
    assert "550 mailbox unavailable" in out
    assert "Sent " not in out.splitlines()[3]
    assert command("messages", "resend", number).code == 0
    assert state_of(installed, number) is MessageState.PENDING
    assert "None was given up" in command("messages", "dead").out


@pytest.mark.parametrize("state", [MessageState.SENT, MessageState.UNKNOWN])
def test_what_may_have_arrived_is_not_sent_again(command: Command, installed: House, state: MessageState) -> None:
    number = message(installed, "perhaps", state)
    assert command("messages", "resend", number).code == 1
    assert state_of(installed, number) is state


def test_messages_are_listed_by_state_and_person(command: Command, installed: House) -> None:
    message(installed, "one", MessageState.SENT)
    assert "赵敏" in command("messages", "list", "--person", "zhao.min").out
    assert "no such messages" in command("messages", "list", "--person", "li.na").out
    assert "no such messages" in command("messages", "list", "--state", "pending").out


def test_a_policy_without_mistakes_is_said_so(command: Command) -> None:
    told = command("policy", "check")
    assert told.code == 0
    assert "no problems" in told.out


def test_every_mistake_of_a_policy_is_told_with_file_and_line(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "policy"
    folder.mkdir()
    (folder / "service.yaml").write_text(
        "acknowledge_query_days: 1\nacknowledge_complaint_days: soon\nresolve_complaint_dais: 5\n", encoding="utf-8"
    )
    told = command("policy", "check", folder)
    assert told.code == 1
    lines = told.out.splitlines()
    assert any(line.startswith(f"{folder / 'service.yaml'} line 2: acknowledge_complaint_days") for line in lines)
    assert any("line 3: unknown key 'resolve_complaint_dais'" in line for line in lines)
    assert any("line 1: missing key 'resolve_complaint_days'" in line for line in lines)


def test_a_folder_that_is_not_there_is_said_so(command: Command, tmp_path: Path) -> None:
    assert command("policy", "check", tmp_path / "none").code == 2
    (tmp_path / "empty").mkdir()
    told = command("policy", "check", tmp_path / "empty")
    assert told.code == 1
    assert told.out.startswith(f"{tmp_path / 'empty'}: no policy file is in this folder")


def test_what_a_folder_leaves_to_the_package_is_told(command: Command, tmp_path: Path) -> None:
    service = "acknowledge_query_days: 1\nacknowledge_complaint_days: 2\nresolve_complaint_days: 4\n"
    (tmp_path / "service.yaml").write_text(service, encoding="utf-8")
    told = command("policy", "check", tmp_path)
    assert told.code == 0
    assert "  care.yaml\n" in told.out
    assert "  service.yaml\n" not in told.out


def test_the_policy_is_shown_with_its_versions_and_limits(command: Command, installed: House) -> None:
    out = command("policy", "show").out
    assert installed.policy.version in out
    assert "Deputy head of department" in out
    assert "1,000,000.00" in out
    assert "above_3" not in out


def test_a_part_of_the_policy_is_shown_whole(command: Command, installed: House) -> None:
    assert "step_up_above: '3000000.00'" in command("policy", "show", "approval").out
    shown = json.loads(command("policy", "show", "service", "--json").out)
    assert shown["resolve_complaint_days"] == 5
    assert command("policy", "show", "weather").code == 2
    assert command("policy", "show", "--version", "000000000000").code == 2


def test_a_record_that_is_whole_is_verified(command: Command, installed: House) -> None:
    told = command("audit", "verify")
    assert told.code == 0
    assert "every one in its place and unchanged" in told.out


def test_a_record_that_was_changed_is_found_out(command: Command, installed: House) -> None:
    with installed.work() as work:
        for turn in range(3):
            work.record("case.looked", None, turn=turn)
    with unguarded(installed.engine) as connection:
        connection.execute(text("UPDATE audit_event SET actor_id = 'li.na' WHERE seq = 2"))
    told = command("audit", "verify")
    assert told.code == 1
    assert "Event 2 breaks the chain" in told.out


def test_a_database_is_made_and_told_its_revision(command: Command, settings: Any, environment: None) -> None:
    assert command("db", "current").code == 2
    assert not (settings.home / "clientrisk.db").exists()
    assert command("db", "upgrade").code == 0
    assert current(open_engine(settings.database_url)) == latest()
    assert command("db", "current").code == 0


def test_a_database_of_another_version_is_not_read(command: Command, installed: House) -> None:
    with installed.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert command("db", "current").code == 1
    told = command("cases", "list")
    assert told.code == 2
    assert "clientrisk db upgrade" in told.err


def test_registering_without_prefect_says_what_to_do(environment: None) -> None:
    """In a process of its own: Prefect reads its environment once, when it is imported."""
    ours = {**os.environ, "CLIENTRISK_PREFECT_PORT": "1", "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    register = [sys.executable, "-m", "cli", "deployments", "register"]
    told = subprocess.run(register, env=ours, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 2
    assert "clientrisk up" in told.stderr


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_tells_what_it_does(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run([name, "--help"])
    assert end.value.code == 0
    assert "Usage" in capsys.readouterr().out


def test_one_file_is_tried_in_place_of_its_like_also_where_a_folder_lacks_others(
    command: Command, installed: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, proposed = tmp_path / "own", tmp_path / "service.yaml"
    own.mkdir()
    service = "acknowledge_query_days: 1\nacknowledge_complaint_days: 2\nresolve_complaint_days: {}\n"
    (own / "service.yaml").write_text(service.format(4), encoding="utf-8")
    proposed.write_text(service.format(3), encoding="utf-8")
    monkeypatch.setenv("CLIENTRISK_POLICY_FOLDER", str(own))
    assert "0 closed cases replayed" in command("policy", "simulate", proposed).out


def test_a_proposed_policy_is_replayed_over_closed_cases(command: Command, installed: House, tmp_path: Path) -> None:
    packaged = Path(cli.__file__).parents[1] / "config" / "policy" / "approval.yaml"
    proposed = tmp_path / "approval.yaml"
    written = packaged.read_text(encoding="utf-8").replace("up_to: 1000000", "up_to: 500000")
    proposed.write_text(written, encoding="utf-8")
    told = command("policy", "simulate", str(proposed))
    assert told.code == 0
    assert "closed cases replayed" in told.out


def test_a_proposal_with_mistakes_is_told_by_its_line(command: Command, installed: House, tmp_path: Path) -> None:
    proposed = tmp_path / "approval.yaml"
    proposed.write_text("authority: [emperor]\n", encoding="utf-8")
    told = command("policy", "simulate", str(proposed))
    assert told.code == 1
    assert "approval.yaml line 1" in told.out

"""The development channel: a file that survives crashes, and can be asked."""

import json
import os
import stat
from pathlib import Path

import pytest

from config.words import Language, MessageState
from models.operations.outbox import ORPHANED_AFTER, claim
from notifications.channels import ChannelError, Envelope
from notifications.console import ConsoleChannel
from notifications.sender import Sender


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def console(settings, said) -> ConsoleChannel:
    return ConsoleChannel(settings.home / "messages.jsonl", said.append)


def envelope(message_id: str = "a" * 32, text: str = "请审批。") -> Envelope:
    return Envelope(
        message_id=message_id,
        kind="step_asked",
        case_ref="ONB-2026-000123",
        person_id="wang.jun",
        person_name="王军",
        language=Language.ZH_CN,
        subject="【客户风险】请办理：风险复评",
        address="",
        text=text,
        html="<p>请审批。</p>",
        link="https://risk.example/a/t0ken",
    )


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_each_message_is_one_line_with_its_link(console, settings):
    console.send(envelope(text="第一行\n第二行"))
    (line,) = lines(settings.home / "messages.jsonl")
    assert (line["person"], line["subject"]) == ("wang.jun", "【客户风险】请办理：风险复评")
    assert (line["text"], line["link"]) == ("第一行\n第二行", "https://risk.example/a/t0ken")


def test_the_terminal_is_told_without_the_link(console, said):
    console.send(envelope())
    assert said == ["message for 王军: 【客户风险】请办理：风险复评\n"]


def test_only_its_owner_may_read_the_file(console, settings):
    console.send(envelope())
    assert stat.S_IMODE(os.stat(settings.home / "messages.jsonl").st_mode) == 0o600


def test_it_remembers_what_another_process_has_sent(console, settings, said):
    assert not console.remembers("a" * 32)
    ConsoleChannel(settings.home / "messages.jsonl", said.append).send(envelope())
    assert console.remembers("a" * 32)
    assert not console.remembers("b" * 32)


def test_a_line_cut_off_by_a_full_disk_is_not_taken_for_a_message(console, settings):
    path = settings.home / "messages.jsonl"
    console.send(envelope("a" * 32))
    path.write_bytes(path.read_bytes()[:-20])
    assert not console.remembers("a" * 32)
    console.send(envelope("b" * 32))
    assert console.remembers("b" * 32)
    assert json.loads(path.read_text("utf-8").splitlines()[1])["id"] == "b" * 32


def test_a_file_that_cannot_be_written_is_tried_again_later(settings, said):
    with pytest.raises(ChannelError, match="cannot be written") as failure:
        ConsoleChannel(settings.home / "missing" / "messages.jsonl", said.append).send(envelope())
    assert failure.value.temporary


@pytest.mark.parametrize("killed", ["before sending", "after sending"])
def test_killed_at_the_worst_moment_each_officer_still_has_exactly_one_message(
    house, step, console, settings, outbox, clock, killed
):
    class Dying(ConsoleChannel):
        def send(self, envelope):
            if killed == "after sending":
                super().send(envelope)
            raise KeyboardInterrupt

    path = settings.home / "messages.jsonl"
    with pytest.raises(KeyboardInterrupt):
        Sender(house, {"console": Dying(path, lambda _line: None)}, threads=1).send_due()
    clock.now += ORPHANED_AFTER
    Sender(house, {"console": console}).send_due()
    assert sorted(line["person"] for line in lines(path)) == ["chen.yu", "liu.yang"]
    assert {row.state for row in outbox()} == {MessageState.SENT}


def test_a_claim_that_was_never_sent_is_sent(house, step, console, settings, clock):
    with house.work() as work:
        claim(work, "dead:1:1", 8)
    clock.now += ORPHANED_AFTER
    assert Sender(house, {"console": console}).send_due() == 2

"""The demonstration's own tools: a browser that reads forms as browsers do, and a reader of messages."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from cli import demo as demo_module
from cli.demo import mailbox, settings_of
from cli.demo.account import Account, Unmet
from cli.demo.mailbox import Letter, Mailbox
from cli.demo.page import read_page
from cli.main import run
from config.settings import Settings

PAGE = """<html><head><title>审批</title></head><body><h1>Approval &amp; more</h1>
<form method="post" action="/a/abc"><input type="hidden" name="_action" value="approve-with-conditions">
<input name="limit" value="150,000.00"><textarea name="comment">
同意
</textarea>
<input type="checkbox" name="securities" value="deposit">
<input type="checkbox" name="securities" value="guarantee" checked>
<input type="radio" name="impression" value="better"><input type="file" name="paper">
<select name="target"><option value="">…</option><option value="first-rating" selected>x</option></select>
<button>Send</button></form>
<form method="post" action="/a/abc/sign-in"><input type="hidden" name="_csrf" value="t"></form></body></html>"""


def test_a_form_sends_what_a_browser_would_send() -> None:
    form = read_page(200, PAGE).answering("approve-with-conditions")
    assert form is not None
    assert form.data() == {
        "_action": ["approve-with-conditions"],
        "limit": ["150,000.00"],
        "comment": ["同意\n"],
        "securities": ["guarantee"],
        "target": ["first-rating"],
    }


def test_a_form_is_filled_in_only_where_it_has_fields() -> None:
    form = read_page(200, PAGE).answering("approve-with-conditions")
    assert form is not None
    filled = form.filled({"limit": "100000", "securities": ["deposit", "pledge"], "impression": "better"})
    assert filled.data()["securities"] == ["deposit", "pledge"]
    assert filled.data()["impression"] == ["better"]
    with pytest.raises(KeyError):
        form.filled({"colour": "red"})


def test_a_form_goes_where_another_of_its_buttons_sends_it() -> None:
    form = read_page(200, PAGE).answering("approve-with-conditions")
    assert form is not None
    by_button = form.sent_to("/o/abc/code")
    assert (by_button.action, by_button.data()) == ("/o/abc/code", form.data())


def test_a_page_is_read_without_what_nobody_sees() -> None:
    page = read_page(409, PAGE)
    assert (page.status, page.text.startswith("Approval & more")) == (409, True)
    assert page.going_to("/sign-in") is not None
    assert page.answering("reject") is None


def line(number: int, person: str | None = "li.na", kind: str = "step_asked", link: str | None = None) -> str:
    told = {"id": f"m{number}", "kind": kind, "person": person, "case": "ONB-2026-000001"}
    return json.dumps({**told, "subject": "", "text": "", "link": link or f"/a/{number}"}) + "\n"


def to(person: str) -> Callable[[Letter], bool]:
    return lambda letter: letter.person == person


def test_the_latest_letter_is_taken_and_those_before_it_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "LONGEST_WAIT", 0.0)
    file = tmp_path / "messages.jsonl"
    box = Mailbox(file)
    file.write_text(line(1) + line(2, "wang.jun") + line(3) + line(4)[:20])
    taken: Letter = box.take("a letter", to("li.na"))
    assert taken.link == "/a/3"
    with pytest.raises(Unmet, match="a letter within"):
        box.take("a letter", to("li.na"))
    with file.open("a") as more:
        more.write(line(4)[20:])
    assert box.take("a letter", to("li.na"), after=box.so_far() - 1).link == "/a/4"
    assert box.see("a letter", to("wang.jun")).link == "/a/2"
    assert box.ids == ["m1", "m2", "m3", "m4"]


def test_what_goes_to_somebody_outside_is_nobody_s_letter_on_the_staff(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    file.write_text(line(1, None, "outside_code"))
    assert Mailbox(file).take("a code", lambda one: one.person is None).kind == "outside_code"


def test_a_blank_line_between_letters_is_no_letter(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    file.write_text(line(1) + "\n" + line(2, "wang.jun"))
    box = Mailbox(file)
    assert box.take("a letter", to("wang.jun")).link == "/a/2"
    assert box.ids == ["m1", "m2"]


def test_how_fast_payments_moved_their_cases_is_told_in_milliseconds() -> None:
    account = Account()
    assert account.payment_speed() == "no payment moved a case"
    account.payments += [0.2, 0.4, 0.3]
    assert account.payment_speed() == "median 300 ms, 95 % within 400 ms (3 payments)"


def test_what_is_not_as_it_should_be_is_told_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    account = Account()
    with pytest.raises(Unmet, match="a signature"):
        account.expect(False, "a signature")
    with pytest.raises(Unmet, match="a form"):
        account.present(None, "a form")
    account.missed("Rejected (ONB-2026-000005)", "the page to open")
    assert account.unmet == ["Rejected (ONB-2026-000005): expected the page to open"]
    assert "the page to open" in capsys.readouterr().out


def test_the_demonstration_owes_nothing_to_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENTRISK_DATABASE_URL", "postgresql://prod/clientrisk")
    monkeypatch.setenv("CLIENTRISK_MAIL_URL", "mailtos://real:secret@mail.example")
    settings = settings_of(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/clientrisk.db"
    assert settings.mail_url is None
    assert settings.base_url.startswith("http://127.0.0.1:")


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], SystemExit]:
    """The command, with a play of our own in place of the real one, and no product behind it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    @contextmanager
    def no_product(_settings: Settings) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(api_url="http://127.0.0.1:1", prefect_url="http://127.0.0.1:2")

    monkeypatch.setattr(demo_module, "running_product", no_product)

    def play(unmet: list[str]) -> SystemExit:
        monkeypatch.setattr(demo_module, "play", lambda _product, account: account.unmet.extend(unmet))
        with pytest.raises(SystemExit) as end:
            run(["demo"])
        return end.value

    return play


def test_when_all_was_as_it_should_be_it_ends_with_0_and_leaves_nothing(
    tmp_path: Path, played: Callable[[list[str]], SystemExit]
) -> None:
    assert not played([]).code
    assert list(tmp_path.iterdir()) == []


def test_when_anything_was_not_it_ends_with_1_says_what_and_keeps_the_folder(
    tmp_path: Path, played: Callable[[list[str]], SystemExit], capsys: pytest.CaptureFixture[str]
) -> None:
    assert played(["Rejected (ONB-2026-000005): expected it to end “Refused”"]).code == 1
    (kept,) = tmp_path.iterdir()
    said = capsys.readouterr().out
    assert str(kept) in said
    assert "expected it to end “Refused”" in said


@pytest.mark.skipif(os.environ.get("CLIENTRISK_CI") != "1", reason="takes minutes; runs with CLIENTRISK_CI=1")
def test_the_whole_demonstration_ends_as_it_should(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    played = subprocess.run(
        [sys.executable, "-m", "cli", "demo"], env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert played.returncode == 0, played.stdout[-3000:] + played.stderr[-2000:]
    for process in ("10. Nobody answers", "Listing decision", "Credit repair", "Collections", "Quarterly evaluation"):
        assert process in played.stdout
    assert list(tmp_path.iterdir()) == []

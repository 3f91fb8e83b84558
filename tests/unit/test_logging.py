"""Logs: one line an event, with case and request, and never with personal data."""

import io
import json
import logging

import pytest
from sqlalchemy.exc import IntegrityError

from config.logging import About, JsonLines, TextLines, about, about_case, dress, error_told, scrubbed, set_up
from config.settings import Settings


@pytest.fixture
def log():
    """A logger of its own whose lines are kept; ``form`` may be changed."""
    logger = logging.getLogger("clientrisk.test-of-logs")
    logger.propagate = False
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield logger
    logger.removeHandler(handler)


def lines(log) -> list[str]:
    return log.handlers[0].stream.getvalue().splitlines()


def last(log) -> dict:
    return json.loads(lines(log)[-1])


def test_a_line_is_an_object(log):
    log.info("GET %s %d", "/cases/{ref}", 200)
    line = last(log)
    assert (line["level"], line["logger"], line["message"]) == (
        "INFO",
        "clientrisk.test-of-logs",
        "GET /cases/{ref} 200",
    )
    assert line["time"].endswith("+00:00")
    assert set(line) == {"time", "level", "logger", "message"}


def test_it_names_the_case_and_the_request(log):
    found = {}
    with about(About("req-1", lambda: found.get("case"))):
        log.info("on the way")
        found["case"] = "ONB-2026-000123"
        log.info("there")
    log.info("afterwards")
    first, second, third = (json.loads(line) for line in lines(log))
    assert (first.get("case"), first["request"]) == (None, "req-1")
    assert (second["case"], second["request"]) == ("ONB-2026-000123", "req-1")
    assert "case" not in third
    assert "request" not in third


def test_as_text_it_reads_as_a_sentence(log):
    log.handlers[0].setFormatter(TextLines())
    with about(about_case("ONB-2026-000123")):
        log.warning("the run is taken over")
    assert lines(log) == ["WARNING clientrisk.test-of-logs the run is taken over [case=ONB-2026-000123]"]


def test_a_line_break_makes_no_line_of_its_own(log):
    log.info("name: %s", "x\nERROR clientrisk.api forged")
    log.handlers[0].setFormatter(TextLines())
    log.info("name: %s", "x\nERROR clientrisk.api forged")
    assert len(lines(log)) == 2


@pytest.mark.parametrize(
    "secret",
    [
        "crk_Zt0pQ1vYk3xW9sLr7uJd2mNf5hBc8gEaZt0pQ1vYk3x",
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        "Bearer abcdefghijkl",
        "Zt0pQ1vYk3xW9sLr7uJd2mNf5hBc8gEa-_0pQ1vYk3x",
        "13805201234",
        "+86 13805201234",
        "320300198001011234",
        "32030019800101123X",
        "91320300MA1MRWPX2H",
        "138 0520 1234",
        "138-0520-1234",
        "１３８０５２０１２３４",
        "0516-83812345",
        "6222021001116245702",
        "6222 0210 0111 6245 702",
        "4111-1111-1111-1111",
        "li.na@hengyuan.example",
    ],
)
def test_what_must_not_be_there_is_not(secret):
    assert secret.removeprefix("Bearer ").removeprefix("+86 ") not in scrubbed(f"sent {secret}, as asked")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("GET /a/Zt0pQ1vYk3xW9sLr7uJd2mNf5 200", "GET /a/… 200"),
        ("postgresql://risk:geheim@db/risk", "postgresql://…@db/risk"),
    ],
)
def test_addresses_lose_their_secrets(written, kept):
    assert scrubbed(written) == kept


@pytest.mark.parametrize(
    "harmless",
    [
        "GET /cases/{ref} 200 12.3 ms",
        "ONB-2026-000123 stopped after 3 attempts",
        "flow run 8e03978e-40d5-43dd-bc93-6894a57f9324 of K-000123",
        "content 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "1240000.00 yuan at 2026-03-10T01:30:00+00:00",
    ],
)
def test_what_is_harmless_stays(harmless):
    assert scrubbed(harmless) == harmless


def test_of_an_error_its_kind_and_place_are_told_and_not_what_was_entered(log):
    try:
        try:
            raise ValueError("王秀英 owes since March")
        except ValueError:
            raise KeyError("孙建国") from None
    except KeyError:
        log.exception("the form could not be read")
    told = last(log)["error"]
    assert "builtins.KeyError" in told
    assert "test_logging.py" in told
    assert "孙建国" not in told
    assert "王秀英" not in told


def test_an_error_of_the_database_shows_no_values():
    error = IntegrityError("INSERT INTO customer (name) VALUES (?)", {"name": "王秀英"}, Exception("UNIQUE 王秀英"))
    told = error_told(error)
    assert "sqlalchemy.exc.IntegrityError" in told
    assert "王秀英" not in told


def test_an_error_of_the_machine_says_what_it_is():
    assert "No space left" in error_told(OSError(28, "No space left on device"))


def test_what_an_error_came_of_is_told_first():
    try:
        try:
            raise OSError("disk away")
        except OSError as error:
            raise RuntimeError("x") from error
    except RuntimeError as error:
        told = error_told(error)
    assert told.index("disk away") < told.index("builtins.RuntimeError")


def test_a_process_logs_as_its_settings_say(capsys, monkeypatch):
    before = logging.root.handlers[:], logging.root.level
    try:
        set_up(Settings(_env_file=None, log_format="json", log_level="WARNING"))
        logging.getLogger("clientrisk.api").info("not this")
        logging.getLogger("clientrisk.api").warning("but this")
        (line,) = capsys.readouterr().err.splitlines()
        assert json.loads(line)["message"] == "but this"
    finally:
        logging.root.handlers[:], level = before[0], before[1]
        logging.root.setLevel(level)


def test_a_library_that_sets_up_its_own_logs_like_us():
    logger = logging.getLogger("somebodys.flow_runs")
    console, elsewhere = logging.StreamHandler(io.StringIO()), logging.NullHandler()
    logger.handlers[:] = [console, elsewhere]
    dress("somebodys", Settings(_env_file=None, log_format="json"))
    assert isinstance(console.formatter, JsonLines)
    assert elsewhere.formatter is None


@pytest.mark.parametrize(
    "plain", ["2026-12-01 00:35:14", "ONB-2026-000123", "6222021001116245703", "20261201003514123", "12 345 678.90"]
)
def test_numbers_that_are_nobodys_stay_readable(plain):
    assert scrubbed(f"at {plain} it began") == f"at {plain} it began"

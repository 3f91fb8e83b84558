"""The supervisor, told with real (tiny) processes: order, restarts, and that nothing is left behind."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from cli.child import Child
from cli.launch import Output, Plan, framed
from cli.ports import PortTaken, answers, free_port, require_free
from cli.supervisor import Backoff, StartFailed, Supervisor

PATIENCE = 20.0
QUICK = Backoff(first=0.01, ceiling=0.05, steady=60)


class Account:
    """Everything the supervisor wrote, in order, and a way to wait for a line."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._queue: queue.Queue[tuple[str, str]] = queue.Queue()

    def write(self, name: str, line: str) -> None:
        self.lines.append((name, line))
        self._queue.put((name, line))

    def until(self, name: str, part: str) -> str:
        while True:
            who, line = self._queue.get(timeout=PATIENCE)
            if who == name and part in line:
                return line

    def said(self, name: str) -> list[str]:
        return [line for who, line in self.lines if who == name]


def python(name: str, program: str, **how: object) -> Child:
    how.setdefault("ready_line", "here")
    return Child(name, [sys.executable, "-u", "-S", "-c", program], **how)  # type: ignore[arg-type]


def shell(name: str, program: str, **how: object) -> Child:
    return Child(name, ["sh", "-c", program], **how)  # type: ignore[arg-type]


STAYS = "import signal; print('here'); signal.pause()"
TELLS_ITS_END = """
import signal, sys
def end(*_):
    print('asked to end'); sys.exit(0)
signal.signal(signal.SIGTERM, end)
print('here')
while True: signal.pause()
"""
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here')\nwhile True: signal.pause()"


@contextmanager
def supervised(*children: Child, **how: object) -> Iterator[tuple[Supervisor, Account]]:
    account = Account()
    supervisor = Supervisor(children, account.write, **{"backoff": QUICK, **how})  # type: ignore[arg-type]
    failures: list[BaseException] = []

    def run() -> None:
        try:
            supervisor.run()
        except StartFailed as failure:
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield supervisor, account
    finally:
        supervisor.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def pid_of(supervisor: Supervisor, name: str) -> int:
    pid = supervisor.pid(name)
    assert pid is not None
    return pid


def gone(pid: int) -> bool:
    """Waits for a process that is not our child to disappear."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            process.wait(PATIENCE)
    return True


def test_children_start_when_those_before_them_are_ready() -> None:
    prepare = shell("prepare", 'echo \'{"sign_in_link": "http://here"}\'', once=True)
    with supervised(python("server", STAYS), prepare, python("worker", STAYS, after=("server", "prepare"))) as (
        supervisor,
        account,
    ):
        supervisor.wait_ready(timeout=PATIENCE)
        assert account.said("server") == ["here"]
        assert account.lines.index(("worker", "here")) > account.lines.index(("server", "here"))
        assert json.loads(supervisor.answer("prepare")) == {"sign_in_link": "http://here"}


def test_all_end_in_reverse_order_and_are_asked_first() -> None:
    with supervised(
        python("first", TELLS_ITS_END),
        python("second", TELLS_ITS_END, after=("first",)),
        python("third", TELLS_ITS_END, after=("second",)),
    ) as (supervisor, account):
        supervisor.wait_ready(timeout=PATIENCE)
        pids = [pid_of(supervisor, name) for name in ("first", "second", "third")]
    assert [who for who, line in account.lines if line == "asked to end"] == ["third", "second", "first"]
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_one_that_does_not_end_in_time_is_killed_and_that_is_said() -> None:
    with supervised(python("deaf", DEAF, grace=0.1)) as (supervisor, account):
        supervisor.wait_ready(timeout=PATIENCE)
    assert "deaf has not stopped in time and is killed." in account.said("clientrisk")


def test_asked_twice_all_are_killed_at_once() -> None:
    with supervised(python("deaf", DEAF, grace=3600), python("deaf too", DEAF, grace=3600)) as (supervisor, account):
        supervisor.wait_ready(timeout=PATIENCE)
        supervisor.stop()
        account.until("clientrisk", "Stopping")
    assert not any("in time" in line for line in account.said("clientrisk"))


def test_a_child_that_dies_is_reported_in_one_line_and_started_again() -> None:
    with supervised(python("worker", STAYS), python("server", STAYS)) as (supervisor, account):
        supervisor.wait_ready(timeout=PATIENCE)
        killed, untouched = pid_of(supervisor, "worker"), pid_of(supervisor, "server")
        supervisor.kill("worker")
        supervisor.wait_ready("worker", timeout=PATIENCE)
        assert pid_of(supervisor, "worker") != killed
        assert pid_of(supervisor, "server") == untouched
        assert supervisor.restarts("worker") == 1
        assert account.until("clientrisk", "SIGKILL") == "worker was ended by SIGKILL; it is started again in 0.01 s."


def test_restarts_wait_longer_each_time_up_to_half_a_minute() -> None:
    assert [Backoff().delay(n) for n in range(1, 9)] == [1, 2, 4, 8, 16, 30, 30, 30]
    assert Backoff().delay(10_000) == 30


def test_one_that_stayed_up_long_enough_is_forgiven_its_past() -> None:
    forgiving = Backoff(first=0.01, ceiling=100, steady=0)
    with supervised(python("worker", STAYS), backoff=forgiving) as (supervisor, account):
        for _ in range(3):
            supervisor.wait_ready(timeout=PATIENCE)
            supervisor.kill("worker")
            assert "in 0.01 s" in account.until("clientrisk", "started again")
        supervisor.wait_ready(timeout=PATIENCE)


def reason_of_failure(*children: Child, **how: object) -> tuple[str, Account]:
    with supervised(*children, **how) as (supervisor, account), pytest.raises(StartFailed) as failed:
        supervisor.wait_ready(timeout=PATIENCE)
    return str(failed.value), account


def test_one_that_never_becomes_ready_ends_the_start_with_its_last_words() -> None:
    api = shell("api", "echo no module named api; exit 3", ready_line="ready")
    reason, account = reason_of_failure(python("server", STAYS), api)
    assert reason == "api ended with exit code 3, 3 times in a row; it wrote:\n  no module named api"
    assert account.said("clientrisk")[0] == "api ended with exit code 3; it is started again in 0.01 s."


def test_a_refusal_by_prepare_is_the_reason_given_and_nothing_else_starts() -> None:
    sentence = "The database is half migrated (0002 of 0004). Run: clientrisk db upgrade"
    prepare = shell("prepare", f"echo noise; echo '{sentence}' >&2; exit 2", once=True)
    worker = python("worker", STAYS, after=("prepare",))
    reason, account = reason_of_failure(python("server", STAYS), prepare, worker)
    assert reason == sentence
    assert account.said("worker") == []


def test_a_program_that_does_not_exist_is_named() -> None:
    reason, _ = reason_of_failure(Child("server", ["/nowhere/prefect"]))
    assert reason.startswith("server cannot be started: ")
    assert "/nowhere/prefect" in reason


def test_a_start_that_takes_too_long_names_who_is_late() -> None:
    late = python("api", "import signal; signal.pause()")
    reason, _ = reason_of_failure(python("server", STAYS), late, start_seconds=0.5)
    assert reason == "Not ready after 0.5 s: api."


def test_ready_is_what_answers_over_http() -> None:
    port = free_port()
    program = f"""
import http.server
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 503); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", {port}), Health).serve_forever()
"""
    api = Child("api", [sys.executable, "-u", "-c", program], health=f"http://127.0.0.1:{port}/healthz")
    with supervised(api) as (supervisor, _):
        supervisor.wait_ready(timeout=PATIENCE)
        assert answers(f"http://127.0.0.1:{port}/healthz")
        assert not answers(f"http://127.0.0.1:{port}/api/health")
    assert not answers(f"http://127.0.0.1:{port}/healthz")


def test_one_that_no_longer_answers_is_killed_and_started_again() -> None:
    port = free_port("127.0.0.1")
    program = f"""
import http.server
class OnceWell(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        OnceWell.asked += 1
        self.send_response(200 if OnceWell.asked == 1 else 503); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", {port}), OnceWell).serve_forever()
"""
    api = Child("api", [sys.executable, "-u", "-c", program], health=f"http://127.0.0.1:{port}/healthz")
    with supervised(api, liveness_seconds=0.05) as (supervisor, account):
        supervisor.wait_ready(timeout=PATIENCE)
        first = pid_of(supervisor, "api")
        account.until("clientrisk", "api does not answer any more and is killed.")
        account.until("clientrisk", "api is running again.")
        assert pid_of(supervisor, "api") != first


def test_what_a_child_had_started_ends_with_it() -> None:
    program = "sh -c 'echo nested $$; exec sleep 3600' & echo here; wait"
    with supervised(shell("server", program, ready_line="nested")) as (supervisor, account):
        supervisor.wait_ready(timeout=PATIENCE)
        nested = int(account.until("server", "nested").split()[1])
        os.kill(pid_of(supervisor, "server"), signal.SIGKILL)
        account.until("clientrisk", "SIGKILL")
        assert gone(nested)


def test_output_is_passed_on_line_by_line_whatever_its_bytes() -> None:
    program = r"import sys; sys.stdout.buffer.write('已就绪\n'.encode() + b'\xff\xfe\r\nhere'); sys.stdout.flush()" + (
        "\nimport os; os.close(1); os.close(2)\nimport signal; signal.pause()"
    )
    with supervised(python("api", program)) as (supervisor, account):
        supervisor.wait_ready(timeout=PATIENCE)
        assert account.said("api") == ["已就绪", "��", "here"]


SUPERVISE = """
import sys
from cli.child import Child
from cli.supervisor import Supervisor, stopped_by_signals
program = "import os, signal; print('pid', os.getpid(), flush=True); signal.pause()"
children = [Child(name, [sys.executable, "-S", "-c", program], ready_line="pid") for name in ("one", "two")]
def write(name, line):  # one write a line: two threads print here
    sys.stdout.write(f"{name} {line}\\n"); sys.stdout.flush()
supervisor = Supervisor(children, write,
                        on_ready=lambda: print("all ready", flush=True))
with stopped_by_signals(supervisor):
    supervisor.run()
"""


def supervising_process() -> tuple[subprocess.Popen[str], list[int]]:
    process = subprocess.Popen([sys.executable, "-c", SUPERVISE], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pids = []
    for line in process.stdout:
        if " pid " in line:
            pids.append(int(line.split()[2]))
        if "all ready" in line:
            break
    assert len(pids) == 2
    return process, pids


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel ends orphans on Linux alone")
def test_no_child_survives_a_supervisor_killed_with_9() -> None:
    process, pids = supervising_process()
    process.kill()
    process.communicate()
    assert all(gone(pid) for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_counts_as_success(number: signal.Signals) -> None:
    process, pids = supervising_process()
    process.send_signal(number)
    output, _ = process.communicate(timeout=PATIENCE)
    assert "clientrisk Stopping" in output
    assert process.returncode == 0
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_an_idle_supervisor_costs_nothing() -> None:
    process, _ = supervising_process()
    watched = psutil.Process(process.pid)
    before = watched.cpu_times(), watched.num_ctx_switches()
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=1.0)
    after = watched.cpu_times(), watched.num_ctx_switches()
    resident = watched.memory_info().rss
    process.terminate()
    process.communicate(timeout=PATIENCE)
    assert after[0].user + after[0].system - before[0].user - before[0].system <= 0.02
    assert after[1].voluntary - before[1].voluntary <= 2  # nothing woke it
    assert resident < 35_000_000


def test_a_taken_port_is_named_with_its_holder_and_the_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            require_free("127.0.0.1", port, purpose="API", setting="CLIENTRISK_API_PORT")
    assert f"Port {port} on 127.0.0.1, which the API needs, is in use" in str(refused.value)
    assert f"(process {os.getpid()})" in str(refused.value)
    assert "set CLIENTRISK_API_PORT" in str(refused.value)
    require_free("127.0.0.1", port, purpose="API", setting="CLIENTRISK_API_PORT")


def test_an_address_of_another_machine_is_refused_with_both_settings() -> None:
    with pytest.raises(PortTaken, match=r"Check CLIENTRISK_API_HOST and CLIENTRISK_API_PORT"):
        require_free("192.0.2.1", 8000, purpose="API", setting="CLIENTRISK_API_PORT")


def test_a_plan_reaches_the_supervisor_whole() -> None:
    child = Child(
        "api", ["python", "-m", "cli"], {"A": "甲"}, "/srv", health="http://127.0.0.1:1/healthz", after=["prepare"]
    )
    plan = Plan([child], "/srv/log", "http://127.0.0.1:8000", "http://127.0.0.1:4200", "/srv")
    assert Plan.from_json(plan.to_json()) == plan


def test_the_log_keeps_what_the_terminal_misses(tmp_path: Path) -> None:
    class ClosedTerminal:
        def write(self, _: str) -> int:
            raise BrokenPipeError

    output = Output(tmp_path / "logs" / "product.log", ClosedTerminal())  # type: ignore[arg-type]
    output.write("worker", "worker ready")
    output.keep("prefect", "starting")
    output.close()
    kept = (tmp_path / "logs" / "product.log").read_text(encoding="utf-8")
    assert kept == "worker     | worker ready\nprefect    | starting\n"


def test_the_log_is_turned_over_before_it_fills_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.launch.LARGEST_LOG", 100)
    output = Output(tmp_path / "product.log", None)
    for number in range(20):
        output.write("api", f"line {number} of a talkative morning")
    output.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["product.log", "product.log.1"]
    assert all(path.stat().st_size < 200 for path in tmp_path.iterdir())


def test_the_frame_holds_every_row() -> None:
    assert framed([("Product", "http://127.0.0.1:8000"), ("Stop", "Ctrl-C")]).splitlines() == [
        "╭─────────────────────────────────╮",
        "│ Product   http://127.0.0.1:8000 │",
        "│ Stop      Ctrl-C                │",
        "╰─────────────────────────────────╯",
    ]

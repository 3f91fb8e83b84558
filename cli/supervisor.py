"""Starts children in order, keeps them running, and stops them in reverse order.

One thread (the caller of ``run``) starts every child and decides everything; the others only wait, and tell
it. An idle supervisor costs next to no processor time: every ten seconds it sees whether those that serve
HTTP still answer. A child that dies is started again after 1, 2, 4 … 30 seconds, counted anew once it has
stayed up for a minute; one that no longer answers is killed, and so started again.

On Linux no child survives the supervisor, even one killed with -9. Elsewhere that last case leaves the children
running; the next start then finds their ports taken and says which process holds them.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from queue import Empty, SimpleQueue

from cli.child import Child, Started
from cli.ports import answers
from config.problem import Problem

PROBE_SECONDS = 0.1
LIVENESS_SECONDS = 10.0
LIVENESS_FAILURES = 3
"""Times in a row that a child may leave its health unanswered before it counts as hung."""
FIRST_STARTS = 3
"""Times a child may die before it was ever ready; after that the start is given up."""


class StartFailed(Problem):
    """The children could not all be made ready; the text says which one and what it last wrote."""


@dataclass(frozen=True)
class Backoff:
    """Seconds to wait before the n-th restart in a row, and the uptime after which counting begins anew."""

    first: float = 1.0
    ceiling: float = 30.0
    steady: float = 60.0

    def delay(self, failures: int) -> float:
        """``failures`` counts from 1: first, twice that, four times … the ceiling."""
        return min(self.first * 2.0 ** min(failures - 1, 30), self.ceiling)


class _Phase(Enum):
    WAITING = auto()
    STARTING = auto()
    READY = auto()
    STOPPING = auto()


class _Post:
    """One child's place: what runs there now and what happened before."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.phase = _Phase.WAITING
        self.started: Started | None = None
        self.since = 0.0
        self.failures = 0
        self.restarts = 0
        self.was_ready = False
        self.answer = ""


class Supervisor:
    """Looks after ``children`` until told to stop.

    ``write(name, line)`` receives every line a child writes and, under the name ``clientrisk``, what the
    supervisor itself reports; ``keep`` receives the lines that are for the log alone. ``on_ready`` is called
    once, when all are ready for the first time.
    """

    def __init__(
        self,
        children: Sequence[Child],
        write: Callable[[str, str], None],
        *,
        keep: Callable[[str, str], None] | None = None,
        backoff: Backoff | None = None,
        on_ready: Callable[[], None] | None = None,
        start_seconds: float = 120.0,
        liveness_seconds: float = LIVENESS_SECONDS,
    ) -> None:
        self._posts = {child.name: _Post(child) for child in children}
        self._write = write
        self._keep = keep or write
        self._backoff = backoff or Backoff()
        self._on_ready = on_ready
        self._start_seconds = start_seconds
        self._liveness_seconds = liveness_seconds
        self._events: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._started: list[_Post] = []
        self._changed = threading.Condition()
        self._failure: StartFailed | None = None
        self._all_were_ready = False
        self._stopping = False
        self._over = False

    # -- what others may ask, from any thread or signal handler ---------------------------------------------

    def stop(self) -> None:
        """Asks for an orderly end; asked again, for an immediate one."""
        self._events.put(self._stop_requested)

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Sends a signal to one child. One killed by SIGKILL counts as not ready from here until it is up again."""
        post = self._posts[name]
        if number == signal.SIGKILL and post.phase is _Phase.READY:
            post.phase = _Phase.STARTING
        if started := post.started:
            started.signal(number)

    def names(self) -> list[str]:
        """All children, in the order they were given."""
        return list(self._posts)

    def pid(self, name: str) -> int | None:
        """Process id of the child as it runs now; None while it does not."""
        started = self._posts[name].started
        return started.process.pid if started else None

    def restarts(self, name: str) -> int:
        """How often this child has been started again."""
        return self._posts[name].restarts

    def answer(self, name: str) -> str:
        """What a ``once`` child wrote to its standard output; empty until it has ended well."""
        return self._posts[name].answer

    def wait_ready(self, name: str | None = None, timeout: float | None = None) -> None:
        """Blocks until the child (or every child) is ready. Raises ``StartFailed``, or ``TimeoutError``."""
        posts = [self._posts[name]] if name else list(self._posts.values())
        self._wait_for(lambda: all(post.phase is _Phase.READY for post in posts), timeout)

    # -- the one thread that decides ------------------------------------------------------------------------

    def run(self) -> None:
        """Starts everything and returns when everything has been stopped. Raises ``StartFailed``."""
        self._after(self._start_seconds, self._start_overdue)
        try:
            self._start_those_due()
            while not self._over:
                self._next_event()()
        finally:
            self._over = True
            self._tell()
        if self._failure:
            raise self._failure

    def _next_event(self) -> Callable[[], None]:
        while True:
            wait = max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None
            with contextlib.suppress(Empty):
                return self._events.get(timeout=wait)
            if self._timers and self._timers[0][0] <= time.monotonic():
                return heapq.heappop(self._timers)[2]

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._order), action))

    def _start_those_due(self) -> None:
        for post in self._posts.values():
            if post.phase is _Phase.WAITING and all(self._posts[n].phase is _Phase.READY for n in post.child.after):
                self._start(post)

    def _start(self, post: _Post) -> None:
        if self._stopping:
            return
        name = post.child.name
        try:
            started = Started(
                post.child,
                lambda started, line: self._said(post, started, line),
                lambda started, code: self._events.put(lambda: self._ended(post, started, code)),
            )
        except OSError as error:
            if post.was_ready:
                self._restart_later(post, f"cannot be started ({error})")
            else:
                self._give_up(f"{name} cannot be started: {error}.")
            return
        post.started, post.since, post.phase = started, time.monotonic(), _Phase.STARTING
        if post not in self._started:
            self._started.append(post)
        if post.child.health:
            threading.Thread(target=self._probe, args=(post, started), name=f"{name}-probe", daemon=True).start()
        elif not post.child.ready_line and not post.child.once:
            self._ready(post, started)
        self._tell()

    def _said(self, post: _Post, started: Started, line: str) -> None:
        """Passes a line on, and notices the one that says the child is ready (in the thread that read it)."""
        if post.child.once:
            return  # shown when it has ended well; otherwise its lines are the reason given
        quiet = post.child.quiet_start and post.phase is not _Phase.READY
        (self._keep if quiet else self._write)(post.child.name, line)
        if post.child.ready_line and post.child.ready_line in line:
            self._events.put(lambda: self._ready(post, started))

    def _probe(self, post: _Post, started: Started) -> None:
        while started.process.returncode is None and not self._stopping:
            if answers(str(post.child.health)):
                self._events.put(lambda: self._ready(post, started))
                break
            time.sleep(PROBE_SECONDS)
        self._watch(post, started)

    def _watch(self, post: _Post, started: Started) -> None:
        """A child that hangs is as bad as one that died, and is treated as one."""
        missed = 0
        while started.process.returncode is None and not self._stopping:
            time.sleep(self._liveness_seconds)
            missed = 0 if answers(str(post.child.health), self._liveness_seconds / 2) else missed + 1
            if missed >= LIVENESS_FAILURES and started.process.returncode is None and not self._stopping:
                self._report(f"{post.child.name} does not answer any more and is killed.")
                started.signal(signal.SIGKILL)
                return

    def _ready(self, post: _Post, started: Started | None) -> None:
        if started is not post.started or self._stopping or post.phase is _Phase.READY:
            return
        post.phase, post.was_ready = _Phase.READY, True
        if post.restarts and not post.child.once:
            self._report(f"{post.child.name} is running again.")
        self._start_those_due()
        if not self._all_were_ready and all(p.phase is _Phase.READY for p in self._posts.values()):
            self._all_were_ready = True
            if self._on_ready:
                self._on_ready()
        self._tell()

    def _ended(self, post: _Post, started: Started, code: int) -> None:
        if started is not post.started:
            return
        post.started = None
        if self._stopping:
            self._stop_next()
        elif post.child.once and code == 0:
            self._finished(post, started)
        elif post.child.once:
            self._give_up("\n".join(started.last_lines) or f"{post.child.name} {_how(code)} and wrote nothing.")
        elif not post.was_ready and post.failures + 1 >= FIRST_STARTS:
            wrote = "\n  ".join(started.last_lines) or "nothing"
            self._give_up(f"{post.child.name} {_how(code)}, {FIRST_STARTS} times in a row; it wrote:\n  {wrote}")
        else:
            self._restart_later(post, _how(code))
        self._tell()

    def _finished(self, post: _Post, started: Started) -> None:
        self._started.remove(post)
        post.answer = "\n".join(started.answer)
        for line in started.last_lines:
            self._write(post.child.name, line)
        self._ready(post, None)

    def _restart_later(self, post: _Post, why: str) -> None:
        if time.monotonic() - post.since >= self._backoff.steady:
            post.failures = 0
        post.failures += 1
        post.restarts += 1
        post.phase = _Phase.STARTING
        seconds = self._backoff.delay(post.failures)
        self._report(f"{post.child.name} {why}; it is started again in {seconds:g} s.")
        self._after(seconds, lambda: self._start(post))

    def _start_overdue(self) -> None:
        late = [post.child.name for post in self._posts.values() if post.phase is not _Phase.READY]
        if late and not self._all_were_ready and not self._stopping:
            self._give_up(f"Not ready after {self._start_seconds:g} s: {', '.join(late)}.")

    def _give_up(self, sentence: str) -> None:
        self._failure = StartFailed(sentence)
        self._begin_stop()

    # -- stopping --------------------------------------------------------------------------------------------

    def _stop_requested(self) -> None:
        if self._stopping:
            self._kill_all()
        else:
            self._report("Stopping …")
            self._begin_stop()

    def _begin_stop(self) -> None:
        self._stopping = True
        self._timers.clear()
        self._stop_next()

    def _stop_next(self) -> None:
        """Asks the child started last to end; its end brings us back here for the one before it."""
        while self._started:
            post = self._started[-1]
            if post.started:
                if post.phase is not _Phase.STOPPING:
                    self._ask_to_end(post, post.started)
                return
            self._started.pop()
        self._over = True

    def _ask_to_end(self, post: _Post, started: Started) -> None:
        post.phase = _Phase.STOPPING
        started.signal(signal.SIGTERM)
        started.signal(signal.SIGCONT)  # one that was halted must be able to hear it
        self._after(post.child.grace, lambda: self._insist(post.child.name, started))

    def _insist(self, name: str, started: Started) -> None:
        if started.process.returncode is None:
            self._report(f"{name} has not stopped in time and is killed.")
            started.signal(signal.SIGKILL)

    def _kill_all(self) -> None:
        for post in self._started:
            if post.started:
                post.phase = _Phase.STOPPING
                post.started.signal(signal.SIGKILL)

    # -- telling ---------------------------------------------------------------------------------------------

    def _report(self, line: str) -> None:
        self._write("clientrisk", line)

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _wait_for(self, condition: Callable[[], bool], timeout: float | None) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: condition() or self._over or self._stopping, timeout):
                raise TimeoutError(f"not ready within {timeout:g} s" if timeout else "not ready")
        if self._failure:
            raise self._failure
        if not condition():
            raise StartFailed("The product has been stopped.")


@contextlib.contextmanager
def stopped_by_signals(supervisor: Supervisor) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal stop everything in order; a second one kills at once. Main thread only."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: supervisor.stop()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _how(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"

"""``kill -9`` again and again, at moments and of victims drawn by the seed, whatever is going on just then."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from cli.supervisor import StartFailed
from tests.faults.ground import Ground

DATABASE = "database"
VICTIMS = {"worker": 4, "api": 2, "prefect": 1}
"""How often each is struck compared with the others; Prefect takes the longest to come back."""
VICTIMS_ON_POSTGRESQL = {**VICTIMS, DATABASE: 3}
PAUSE = (0.2, 2.0)  # seconds between two kills
WHILE_STARTING = 0.2  # so often one is struck once more while it is only just coming back
TO_RETURN = 300.0


@dataclass
class Kills(threading.Thread):
    """Strikes ``number`` times, then says so to the company, which opens no more cases."""

    ground: Ground
    number: int
    seed: int
    pause: tuple[float, float] = PAUSE
    struck: Counter[str] = field(default_factory=Counter)
    away: list[float] = field(default_factory=list)
    failure: str = ""

    def __post_init__(self) -> None:
        super().__init__(name="kills", daemon=True)
        self._luck = random.Random(self.seed)
        self._down: dict[str, float] = {}
        self._again: set[str] = set()
        self._lock = threading.Lock()
        self._returns: list[threading.Thread] = []

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Strike, and never wait for anything to come to rest; but what never runs at all cannot be disturbed."""
        victims = VICTIMS_ON_POSTGRESQL if self.ground.server else VICTIMS
        try:
            while sum(self.struck.values()) < self.number:
                time.sleep(self._luck.uniform(*self.pause))
                victim = self._luck.choices(list(victims), list(victims.values()))[0]
                if victim == DATABASE:
                    self._strike_database()
                elif self._may_be_struck(victim):
                    self._strike(victim)
            for back in self._returns:
                back.join()
        except Exception as error:  # told with the figures
            self.failure = f"{type(error).__name__}: {error}"
        finally:
            self.ground.company.stopped.set()

    def _may_be_struck(self, victim: str) -> bool:
        """One that runs, or, now and then and once, one that is only just starting."""
        if self.ground.product.pid(victim) is None:
            return False
        if victim not in self._down:
            self._again.discard(victim)
            return True
        if victim in self._again:
            return False
        self._again.add(victim)
        return self._luck.random() < WHILE_STARTING

    def _strike(self, victim: str) -> None:
        """One that has not come back yet can be struck again: the time away then counts from the first blow."""
        with self._lock:
            known = victim in self._down
            self._down.setdefault(victim, time.monotonic())
        self.ground.product.kill(victim)
        self.struck[victim] += 1
        if not known:
            back = threading.Thread(target=self._comes_back, args=(victim,), daemon=True)
            self._returns.append(back)
            back.start()

    def _comes_back(self, victim: str) -> None:
        try:
            self.ground.product.wait_ready(victim, timeout=TO_RETURN)
        except (TimeoutError, StartFailed) as error:
            self.failure = f"{victim}: {error}"
        with self._lock:
            self.away.append(time.monotonic() - self._down.pop(victim))

    def _strike_database(self) -> None:
        server = self.ground.server
        assert server is not None
        began = time.monotonic()
        server.kill()
        self.struck[DATABASE] += 1
        time.sleep(self._luck.uniform(0, 1.5))
        server.start_again()
        self.away.append(time.monotonic() - began)

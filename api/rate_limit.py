"""How many requests one caller may make: a token bucket each, in this process.

With several API processes each counts by itself: the limit of the whole is that of one times their number. What nobody
should be able to exhaust for others is counted by whom it is known to come from: a session or a token that has proved
good by itself, everything else by its network address.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from config.languages import N_
from config.settings import Settings
from models.errors import Refused

MOST_CALLERS = 20_000
"""Callers remembered at once; whoever was not heard of for longest is forgotten, with a full bucket to come back to."""

GUESSES_PER_MINUTE = 30
"""Tokens that prove unknown, from one address."""


class TooMany(Refused):
    """More requests than one caller may make."""

    status = 429
    code = "too-many-requests"

    def __init__(self, seconds: int) -> None:
        super().__init__(N_("Too many requests. Please try again in {seconds} seconds."), seconds=seconds)
        self.seconds = seconds


@dataclass(frozen=True)
class Rule:
    """So many requests a minute, at most ``burst`` at once. None a minute: no limit."""

    name: str
    per_minute: int
    burst: int


@dataclass(frozen=True)
class Verdict:
    """What became of a request: ``wait`` (seconds) is 0 if it may pass; ``left`` may follow at once."""

    rule: Rule
    left: int
    wait: float

    @property
    def allowed(self) -> bool:
        return self.wait <= 0

    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers has them: the rule, and what is left of it."""
        rule = self.rule
        full = math.ceil((rule.burst - self.left) * 60 / rule.per_minute)
        return {
            "ratelimit-policy": f'"{rule.name}";q={rule.burst};w={math.ceil(rule.burst * 60 / rule.per_minute)}',
            "ratelimit": f'"{rule.name}";r={self.left};t={full}',
        }


class Buckets:
    """The buckets of all callers. Threads share them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, rule: Rule, cost: int = 1) -> Verdict:
        """Take ``cost`` requests out of the bucket of ``key``; with 0 only look."""
        now, refill = self._clock(), rule.per_minute / 60
        with self._lock:
            level, at = self._levels.pop(key, (float(rule.burst), now))
            level = min(float(rule.burst), level + (now - at) * refill)
            enough = level >= max(cost, 1)
            if enough:
                level -= cost
            self._levels[key] = (level, now)
            while len(self._levels) > MOST_CALLERS:
                self._levels.popitem(last=False)
        return Verdict(rule, int(level), 0.0 if enough else (1 - level) / refill)


class RateLimit:
    """The limits of one API process."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        per_minute, burst = settings.rate_limit_per_minute, settings.rate_limit_burst
        self._off = per_minute == 0
        self._known = Rule("default", per_minute, burst)
        self._anonymous = Rule("anonymous", settings.rate_limit_anonymous_per_minute, burst)
        self._sign_in = Rule("sign-in", settings.rate_limit_sign_in_per_minute, settings.rate_limit_sign_in_per_minute)
        self._guesses = Rule("guesses", GUESSES_PER_MINUTE, GUESSES_PER_MINUTE)
        self._buckets = Buckets(clock)
        self._good: OrderedDict[str, None] = OrderedDict()

    def of_caller(self, caller: str | None, token: str | None, address: str, *, signs_in: bool) -> Verdict | None:
        """Count a request: of a session (``caller``), of a program's ``token``, or of an address. None: no limit.

        A token that has not proved good yet passes only while its address has not tried too many.
        """
        if self._off:
            return None
        if signs_in:
            return self._buckets.take(f"sign-in:{address}", self._sign_in)
        if token is not None:
            key = token_key(token)
            if key not in self._good:
                guesses = self._buckets.take(f"guesses:{address}", self._guesses, cost=0)
                if not guesses.allowed:
                    return guesses
            return self._buckets.take(key, self._known)
        if caller is not None:
            return self._buckets.take(caller, self._known)
        return self._buckets.take(f"address:{address}", self._anonymous)

    def proved(self, token: str, address: str, *, good: bool) -> None:
        """Remember whether a token was one of ours."""
        if self._off:
            return
        key = token_key(token)
        if good:
            self._good[key] = None
            self._good.move_to_end(key)
            while len(self._good) > MOST_CALLERS:
                self._good.popitem(last=False)
        else:
            self._good.pop(key, None)
            self._buckets.take(f"guesses:{address}", self._guesses)


def token_key(token: str) -> str:
    """A token as it is counted: never kept itself."""
    return "token:" + hashlib.sha256(token.encode()).hexdigest()

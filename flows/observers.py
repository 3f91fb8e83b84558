"""What Prefect starts around every segment of a deployment's run, and short segments can do without.

Since 3.8 the engine opens, for each run, a thread with an event loop, a client and a subscription to the server's
events, to learn that somebody suspends the run from outside. A segment here lasts a fraction of a second and suspends
itself: the observer would cost as much as the segment, and the segment would begin only when it is connected. What was
suspended from outside is noticed by the dispatcher.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ENGINE = "prefect.flow_engine"
OBSERVER = "observe_flow_run_suspension"


@contextmanager
def unobserved() -> Iterator[None]:
    """Let runs of this process go unobserved while the context lasts, if this Prefect observes them at all."""
    engine: Any = importlib.import_module(ENGINE)
    observer = getattr(engine, OBSERVER, None)
    if observer is None:
        yield
        return
    setattr(engine, OBSERVER, _nobody)
    try:
        yield
    finally:
        setattr(engine, OBSERVER, observer)


@contextmanager
def _nobody(*_: object, **__: object) -> Iterator[None]:
    yield

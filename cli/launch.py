"""``python -m cli.launch FD``: carries out a plan that ``clientrisk up`` has made. Stays small for as long as it runs.

``clientrisk up`` reads settings and policy, which takes some 40 MB; it then replaces itself by this module,
handing over its plan through an inherited file descriptor. Standard library only.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from cli.child import Child
from cli.supervisor import StartFailed, Supervisor, stopped_by_signals

LARGEST_LOG = 20 * 1024 * 1024


@dataclass(frozen=True)
class Plan:
    """The children of a product, where their output is kept, and what to tell once all are ready."""

    children: list[Child]
    log: str
    product_url: str
    prefect_url: str
    home: str

    def to_json(self) -> str:
        """As text, secrets in the children's environments included: for a private file only."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan ``to_json`` wrote."""
        values: dict[str, Any] = json.loads(text)
        return cls(**{**values, "children": [Child(**child) for child in values["children"]]})


class Output:
    """What the children write: to a log file, and to the terminal with the child's name before each line.

    The log is renamed to ``.1`` when it passes 20 MB, so there are never more than two. A terminal that has
    gone away is forgotten; the product runs on.
    """

    def __init__(self, path: Path, terminal: TextIO | None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._terminal = terminal
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def write(self, name: str, line: str) -> None:
        """One line of the child called ``name``. Never raises for a full disk or a closed terminal."""
        with self._lock:
            text = f"{name:<10} | {line}\n"
            self._keep(text)
            self._show(text)

    def keep(self, name: str, line: str) -> None:
        """One line for the log file alone."""
        with self._lock:
            self._keep(f"{name:<10} | {line}\n")

    def tell(self, text: str) -> None:
        """Something for the person at the terminal, without a name before it."""
        with self._lock:
            self._show(text + "\n")

    def close(self) -> None:
        """Ends the log file."""
        with self._lock:
            self._file.close()

    def _keep(self, text: str) -> None:
        try:
            self._file.write(text)
            if self._file.tell() > LARGEST_LOG:
                self._turn_over()
        except (OSError, ValueError):
            pass  # a full disk must not stop the children; the terminal still shows the line

    def _show(self, text: str) -> None:
        if self._terminal:
            try:
                self._terminal.write(text)
                self._terminal.flush()
            except (OSError, ValueError):
                self._terminal = None

    def _turn_over(self) -> None:
        self._file.close()
        self._path.replace(self._path.with_suffix(self._path.suffix + ".1"))
        self._file = self._path.open("a", encoding="utf-8", buffering=1)


def sign_in_link(supervisor: Supervisor) -> str | None:
    """The one-time link that ``clientrisk prepare`` made, if it made one."""
    lines = supervisor.answer("prepare").splitlines()
    answer: dict[str, str] = json.loads(lines[-1]) if lines else {}
    return answer.get("sign_in_link")


def framed(rows: list[tuple[str, str]]) -> str:
    """Label and value in a frame, for a terminal."""
    label = max(len(name) for name, _ in rows)
    lines = [f" {name:<{label}}   {value} " for name, value in rows]
    width = max(len(line) for line in lines)
    body = "\n".join(f"│{line:<{width}}│" for line in lines)
    return f"╭{'─' * width}╮\n{body}\n╰{'─' * width}╯"


def carry_out(plan: Plan, terminal: TextIO | None) -> int:
    """Runs the plan until a signal ends it. Returns the exit code: 0, or 1 when it could not be started."""
    output = Output(Path(plan.log), terminal)

    def ready() -> None:
        link = sign_in_link(supervisor)
        rows = [("Product", plan.product_url), ("Prefect", plan.prefect_url)]
        rows += [("Sign in once", link)] if link else []
        rows += [("Files and logs", plan.home), ("Stop", "Ctrl-C")]
        output.tell("\n" + framed(rows) + "\n")

    supervisor = Supervisor(plan.children, output.write, keep=output.keep, on_ready=ready)
    with stopped_by_signals(supervisor):
        try:
            supervisor.run()
        except StartFailed as failed:
            reason = str(failed).removeprefix("clientrisk: ")
            output.keep("clientrisk", f"The start failed: {reason}")
            sys.stderr.write(f"clientrisk: {reason}\nThe whole output is in {plan.log}.\n")
            return 1
    output.tell("All stopped.")
    return 0


if __name__ == "__main__":
    with os.fdopen(int(sys.argv[1])) as file:
        given = Plan.from_json(file.read())
    sys.exit(carry_out(given, sys.stdout))

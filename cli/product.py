"""The running product: which processes it consists of, and how to run it whole from a program.

``clientrisk up`` hands the plan to ``cli.launch``; the demonstration, the benches and the fault tests use
``running_product``.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import cli
from cli.child import Child
from cli.launch import Output, Plan, sign_in_link
from cli.ports import free_port
from cli.supervisor import Backoff, StartFailed, Supervisor
from config.environment import NOT_SETTINGS, PREFIX
from config.prefect import server_arguments, server_environment
from config.problem import Problem
from config.settings import Settings

WORKER_READY = "worker ready"
"""What the worker writes once it serves the work pool."""

PYTHON = {
    # Our own modules come first, whatever lies in the folder a process runs in.
    "PYTHONPATH": os.pathsep.join(
        filter(None, (str(Path(cli.__file__).resolve().parent.parent), os.environ.get("PYTHONPATH")))
    ),
    "PYTHONSAFEPATH": "1",
    # What a child says must come at once.
    "PYTHONUNBUFFERED": "1",
    # A traceback in a log is for searching, not for a frame.
    "TYPER_STANDARD_TRACEBACK": "1",
    # Threads that each keep a heap of freed memory make the Prefect server grow.
    "MALLOC_ARENA_MAX": "2",
}
"""How the interpreters of the children run."""


def child_environment(settings: Settings) -> dict[str, str]:
    """The whole environment of every child: exactly these settings, our Prefect, and the rest as inherited."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(PREFIX) or name.startswith(NOT_SETTINGS)
    }
    environment = {**inherited, **settings.environment()}
    if settings.runs_own_prefect:
        environment = server_environment(settings, environment)
    else:
        environment["PREFECT_API_URL"] = settings.prefect_api_url
    return {**environment, **PYTHON}


@dataclass(frozen=True)
class Size:
    """How many processes of each kind run side by side."""

    workers: int = 1
    apis: int = 1

    @property
    def own_ports(self) -> int:
        """How many ports beside the shared one: several API processes have one each, a single one needs none."""
        return self.apis if self.apis > 1 else 0


ONE_OF_EACH = Size()


def product_children(settings: Settings, *, sample: bool = True, size: Size = ONE_OF_EACH) -> list[Child]:
    """The processes in the order they start; they stop in the reverse order.

    ``prepare`` migrates and fills the database while the Prefect server starts. The worker does not wait for
    Prefect either: it waits itself until the server answers, as it does when the server is restarted.
    The second API process is called ``api-2``, the second worker ``worker-2``, and so on. Several API processes share
    the address; each has the port after it, counted on, for its own health and figures.
    """
    environment, folder = child_environment(settings), str(settings.home)
    python = sys.executable

    def ours(name: str, *arguments: str) -> list[str]:
        return [python, "-m", "cli", name, *arguments]

    prepare = ours("prepare", "--sign-in-link", *(() if sample else ("--no-sample",)))
    children = [Child("prepare", prepare, environment, folder, once=True)]
    for number in range(1, size.apis + 1):
        port, its_own = settings.api_port, {}
        if size.own_ports:
            port = settings.api_port + number
            its_own = {f"{PREFIX}API_OWN_PORT": str(port)}
        health = f"http://{_local(settings.api_host)}:{port}/healthz"
        child = Child(
            _numbered("api", number), ours("api"), environment | its_own, folder, health, after=("prepare",), grace=5
        )
        children.append(child)
    for number in range(1, size.workers + 1):
        # The first registers the deployments; the others find them there.
        command, after = ours("worker"), ("worker",)
        if number == 1:
            command, after = ours("worker", "--register"), ("prepare",)
        name = _numbered("worker", number)
        children.append(Child(name, command, environment, folder, ready_line=WORKER_READY, after=after, grace=15))
    if settings.runs_own_prefect:
        health = f"http://{_local(settings.prefect_host)}:{settings.prefect_port}/api/health"
        server = [python, *server_arguments(settings)]
        children.insert(0, Child("prefect", server, environment, folder, health=health, quiet_start=True))
    return children


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def product_plan(settings: Settings, *, sample: bool = True, size: Size = ONE_OF_EACH) -> Plan:
    """What ``clientrisk up`` carries out."""
    return Plan(
        children=product_children(settings, sample=sample, size=size),
        log=str(settings.logs / "product.log"),
        product_url=settings.base_url,
        prefect_url=settings.prefect_api_url.removesuffix("/api"),
        home=str(settings.home),
    )


def hold_home(settings: Settings) -> int:
    """Takes this folder for one running product. Returns the lock's file descriptor, to be kept open.

    Raises ``Problem`` when a product already runs from it: two servers on one SQLite file harm each other.
    """
    descriptor = os.open(settings.home / "running.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise Problem(
            f"clientrisk already runs from {settings.home} (process {holder}). Stop it, or name another folder "
            "with --home."
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode("ascii"))
    return descriptor


@dataclass(frozen=True)
class Product:
    """A product that runs: where it answers, and how to disturb it."""

    settings: Settings
    supervisor: Supervisor
    log: Path

    @property
    def api_url(self) -> str:
        """Address of the pages and the JSON API, without a slash at the end."""
        return f"http://{_local(self.settings.api_host)}:{self.settings.api_port}"

    @property
    def prefect_url(self) -> str:
        """Address of Prefect's pages."""
        return self.settings.prefect_api_url.removesuffix("/api")

    @property
    def sign_in_link(self) -> str | None:
        """One-time link of the sample administrator."""
        return sign_in_link(self.supervisor)

    def environment(self) -> dict[str, str]:
        """Environment for another program that is to talk to this product and its Prefect."""
        return child_environment(self.settings)

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Sends SIGKILL (or another signal) to ``prefect``, ``api``, ``worker-2`` …; the supervisor restarts it."""
        self.supervisor.kill(name, number)

    def wait_ready(self, name: str | None = None, timeout: float = 60.0) -> None:
        """Blocks until that child, or all, are ready (again). Raises ``TimeoutError``."""
        self.supervisor.wait_ready(name, timeout)

    def pid(self, name: str) -> int | None:
        """Process id of a child as it runs now."""
        return self.supervisor.pid(name)


@contextmanager
def running_product(
    settings: Settings,
    *,
    free_ports: bool = True,
    sample: bool = True,
    size: Size = ONE_OF_EACH,
    start_seconds: float = 120.0,
    backoff: Backoff | None = None,
) -> Iterator[Product]:
    """Runs the whole product with ``settings`` (its home above all) and stops it at the end.

    With ``free_ports`` API and Prefect listen on ports that are free now, and links point there. All output goes to
    ``{home}/logs/product.log``. ``backoff`` says how soon children that died are started again. Raises ``StartFailed``
    with the reason when it does not become ready.
    """
    chosen = on_free_ports(settings, size.own_ports) if free_ports else settings
    chosen.ensure_home()
    lock = hold_home(chosen)
    log = chosen.logs / "product.log"
    output = Output(log, terminal=None)
    supervisor = Supervisor(
        product_children(chosen, sample=sample, size=size), output.write, start_seconds=start_seconds, backoff=backoff
    )
    thread = threading.Thread(target=_run_quietly, args=(supervisor,), name="supervisor")
    thread.start()
    try:
        supervisor.wait_ready()
        yield Product(chosen, supervisor, log)
    finally:
        supervisor.stop()
        thread.join()
        output.close()
        os.close(lock)


def on_free_ports(settings: Settings, own_ports: int = 0) -> Settings:
    """The same settings with API and Prefect on ports that are free now, and every address following them.

    After the API's port so many others are free as well.
    """
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    given |= {
        "api_port": free_port(settings.api_host, and_after_it=own_ports),
        "prefect_port": free_port(settings.prefect_host),
        "base_url": "http://{api_host}:{api_port}",
    }
    if settings.runs_own_prefect:
        given["prefect_api_url"] = "http://{prefect_host}:{prefect_port}/api"
    return Settings(**given)


def _run_quietly(supervisor: Supervisor) -> None:
    with suppress(StartFailed):  # wait_ready tells it
        supervisor.run()


def _local(host: str) -> str:
    """The address by which this machine reaches what listens on ``host``."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # nosec B104
    return f"[{local}]" if ":" in local else local

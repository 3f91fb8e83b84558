"""A PostgreSQL server of one's own, on loopback, run by an unprivileged user: for benches and for tests."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from cli.ports import free_port

UNPRIVILEGED = ("postgres", "nobody")  # PostgreSQL refuses to run as root
USER = "clientrisk"


def binaries() -> Path | None:
    """The folder with ``initdb`` and ``postgres``; none where PostgreSQL is not installed."""
    found: list[Path] = []
    if pg_config := shutil.which("pg_config"):
        said = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        found.append(Path(said.stdout.strip()))
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found += [Path(on_path).resolve().parent for on_path in [shutil.which("initdb")] if on_path]
    return next((folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


class Server:
    """One PostgreSQL server in a folder of its own. ``durable``: a commit has reached the disk, as in earnest."""

    def __init__(self, bin_folder: Path, folder: Path, *, durable: bool = False, connections: int = 100) -> None:
        self.bin = bin_folder
        self.folder = folder
        self.port = free_port()
        self._durable, self._connections = durable, connections
        self._as: list[str] = []
        if os.geteuid() == 0:
            name = next(user for user in UNPRIVILEGED if _exists(user))
            self._as = ["setpriv", f"--reuid={name}", f"--regid={name}", "--clear-groups", "--"]
            shutil.chown(folder, name)

    def start(self) -> None:
        """Make the cluster and start it."""
        self._run("initdb", "-D", self._data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.start_again()

    def start_again(self) -> None:
        """Start on what is in the folder; after a kill it recovers first."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        options += f" -c max_connections={self._connections} -c fsync={'on' if self._durable else 'off'}"
        self._run("pg_ctl", "-D", self._data, "-w", "-t", "60", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop it without waiting for anybody."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def kill(self) -> None:
        """``kill -9`` of the whole server; returns when nothing of it is left."""
        processes = self._processes()
        self._signal(processes, signal.SIGKILL)
        psutil.wait_procs(processes, timeout=10)

    def freeze(self) -> None:
        """Nothing of the server moves any more, and no connection breaks."""
        self._signal(self._processes(), signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on as if nothing had been."""
        self._signal(self._processes(), signal.SIGCONT)

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Carry out one statement as its owner."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def size(self, database: str) -> int:
        """Bytes that one of its databases takes."""
        with psycopg.connect(self.url("postgres")) as connection:
            row = connection.execute("SELECT pg_database_size(%s)", [database]).fetchone()
        return int(row[0]) if row else 0

    @property
    def pid(self) -> int:
        """The process all others of the server descend from."""
        return int((Path(self._data) / "postmaster.pid").read_text().splitlines()[0])

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _processes(self) -> list[psutil.Process]:
        """The postmaster first: nobody is there to start others any more."""
        postmaster = psutil.Process(self.pid)
        return [postmaster, *postmaster.children(recursive=True)]

    def _signal(self, processes: list[psutil.Process], number: int) -> None:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self.bin / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")


class NotInstalled(RuntimeError):
    """PostgreSQL's programs are not on this machine."""


@contextmanager
def postgresql(*, durable: bool = True) -> Iterator[Server]:
    """A running server that is gone afterwards.

    Raises:
        NotInstalled: this machine has no PostgreSQL.
    """
    folder = binaries()
    if folder is None:
        raise NotInstalled("PostgreSQL is not installed here (looked for initdb and postgres)")
    with tempfile.TemporaryDirectory(prefix="clientrisk-postgresql-") as place:
        server = Server(folder, Path(place), durable=durable, connections=300)
        server.start()
        try:
            yield server
        finally:
            with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError):
                server.thaw()
            with contextlib.suppress(RuntimeError):  # it may have been killed
                server.stop()


def _exists(user: str) -> bool:
    return any(entry.pw_name == user for entry in pwd.getpwall())

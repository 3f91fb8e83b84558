"""A PostgreSQL server of the tests' own, run by an unprivileged user on loopback."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

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
    """One PostgreSQL server in a folder of its own, on loopback, run by an unprivileged user."""

    def __init__(self, bin_folder: Path, folder: Path) -> None:
        self.bin = bin_folder
        self.folder = folder
        self.port = free_port()
        self._as: list[str] = []
        if os.geteuid() == 0:
            name = next(user for user in UNPRIVILEGED if _exists(user))
            self._as = ["setpriv", f"--reuid={name}", f"--regid={name}", "--clear-groups", "--"]
            shutil.chown(folder, name)

    def start(self) -> None:
        self._run("initdb", "-D", self._data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._run("pg_ctl", "-D", self._data, "-w", "-t", "60", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self.bin / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")


def _exists(user: str) -> bool:
    import pwd

    return any(entry.pw_name == user for entry in pwd.getpwall())


@contextmanager
def running_server(ci: bool) -> Iterator[Server]:
    """A running server. Without PostgreSQL on this machine the test is skipped, except in CI."""
    bin_folder = binaries()
    if bin_folder is None:
        missing = "PostgreSQL is not installed here (looked for initdb and postgres)"
        if ci:
            pytest.fail(missing)
        pytest.skip(missing)
    with tempfile.TemporaryDirectory(prefix="clientrisk-postgresql-") as folder:
        running = Server(bin_folder, Path(folder))
        running.start()
        try:
            yield running
        finally:
            running.stop()

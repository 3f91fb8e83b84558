"""A small disk of one's own, to be filled and made read-only; never the machine's."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.ground import NotHere

PIECE = 64 * 1024


class Disk:
    """A file system in memory at ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        """Take every byte that is left."""
        filler = os.open(self.folder / "filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            size = PIECE
            while size:
                try:
                    os.write(filler, b"\0" * size)
                except OSError:
                    size //= 2
        finally:
            os.close(filler)

    def clear(self) -> None:
        """Give it all back."""
        (self.folder / "filler").unlink(missing_ok=True)

    def remount(self, how: str, patience: float = 120.0) -> None:
        """``ro`` or ``rw``. Whoever writes to it just now has to let go first.

        Raises:
            NotHere: somebody does not.
        """
        end = time.monotonic() + patience
        while _mount("-o", f"remount,{how}", str(self.folder)) != 0:
            if time.monotonic() > end:
                raise NotHere("the disk is in use and cannot be remounted")
            time.sleep(0.02)


@contextmanager
def small_disk(megabytes: int) -> Iterator[Disk]:
    """A disk of this size, while this lasts.

    Raises:
        NotHere: this machine lets nobody mount.
    """
    with tempfile.TemporaryDirectory(prefix="clientrisk-disk-") as folder:
        if not hasattr(os, "geteuid") or os.geteuid() != 0:
            raise NotHere("mounting a small disk needs root")
        if _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder) != 0:
            raise NotHere("mounting is not allowed here")
        try:
            yield Disk(Path(folder))
        finally:
            subprocess.run(["umount", "-l", folder], check=False)


def _mount(*arguments: str) -> int:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode

"""What can keep a backup from being taken or restored. Each says what it is and what to do."""

from __future__ import annotations

from config.problem import Problem


class BackupError(Problem):
    """A backup cannot be taken or restored; nothing was changed."""


class Damaged(BackupError):
    """The archive is not what was written: cut off, changed, or not one of ours."""


class NotEmpty(BackupError):
    """The place to restore into holds something already."""

"""Who has a store's folder open: a lock file that every process shares, and that one can have alone."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

CLAIM = "claim"
LOCKS = Path("/proc/locks")


class FolderClaim:
    """A share of `<folder>/claim` from now on; it ends with `release` and with the process.

    Waits while another process has the folder alone. Raises OSError.
    """

    def __init__(self, folder: Path) -> None:
        self._descriptor = os.open(folder / CLAIM, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def take_alone(self) -> bool:
        """Has the folder alone until `share`, if no other process has it open. Never waits."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # A lock that cannot be raised may be lost in the attempt.
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)
            return False
        return True

    def share(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def holders(self) -> list[str]:
        """The other processes that have the folder open, as "name (pid)", where the system tells."""
        status = os.fstat(self._descriptor)
        file = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
        try:
            locks = [line.split() for line in LOCKS.read_text().splitlines()]
        except OSError:
            return []
        numbers = {int(parts[4]) for parts in locks if len(parts) > 5 and parts[1:6:4] == ["FLOCK", file]}
        return [f"{_name(number)} ({number})" for number in sorted(numbers - {os.getpid(), -1, 0})]

    def release(self) -> None:
        os.close(self._descriptor)


def _name(number: int) -> str:
    try:
        return Path(f"/proc/{number}/comm").read_text().strip()
    except OSError:
        return "process"

"""Locks by which runs that are under way at once keep out of each other's data."""

import errno
import hashlib
import logging
import os
from collections.abc import Mapping
from pathlib import Path

from pathlore.errors import PathloreError

logger = logging.getLogger(__name__)

FILE = ".lock"
BUSY = {errno.EACCES, errno.EAGAIN}


class DataLocks:
    """Locks on datasets for the length of a run: many may read, one alone may write.

    Each dataset is one byte of the file ``.lock`` in the folder of all data, which is locked (POSIX record locks) and
    never written. The system lets go of it when the process ends, however it ends. Where there are no such locks, as
    on Windows and some network disks, a warning is logged and the run goes on without.

    Parameters
    ----------
    folder
        Of all data.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._file: int | None = None

    def take(self, reads: Mapping[str, Path], writes: Mapping[str, Path]) -> None:
        """Take all locks or none.

        Parameters
        ----------
        reads, writes
            Dataset -> its place.

        Raises
        ------
        PathloreError
            Another run has one of them.
        """
        try:
            import fcntl

            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except (ImportError, OSError) as error:
            logger.warning("These data are not locked against a second run: %s", error)
            return
        for places, kind in ((writes, fcntl.LOCK_EX), (reads, fcntl.LOCK_SH)):
            for name, place in places.items():
                byte = int.from_bytes(hashlib.sha256(str(place).encode()).digest()[:6], "big")
                try:
                    fcntl.lockf(self._file, kind | fcntl.LOCK_NB, 1, byte)
                except OSError as error:
                    self.release()
                    if error.errno not in BUSY:
                        logger.warning("These data are not locked against a second run: %s", error)
                        return
                    raise PathloreError(
                        f"another run works with `{name}` ({place}): wait until it has ended, or give this one a "
                        "`cohort` of its own in globals.yml"
                    ) from error

    def release(self) -> None:
        """Let go of all."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

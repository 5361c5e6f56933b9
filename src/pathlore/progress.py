"""How far long work has come: a bar with the time left on a terminal, elsewhere a line in the log now and then."""

import logging
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

FIRST = 10.0
"""Seconds after which the first line is written."""

EVERY = 30.0
"""Seconds between two lines."""

_display: Any = None
_open = 0
"""The display that all bars of this process share, and how many of them are open."""


class Progress:
    """One piece of work of known length; usable within another.

    Parameters
    ----------
    what
        What is done, such as "Encoding texts".
    total
        Its length in any unit.
    done
        What an earlier start has finished: it tells nothing of the time that is left.
    lines
        False: nothing is logged where there is no terminal, because the caller logs lines of its own.
    """

    def __init__(self, what: str, total: float, done: float = 0, *, lines: bool = True) -> None:
        self.what, self.total, self.done, self.lines = what, total, done, lines
        self._before = done
        self._start = self._said = time.monotonic()
        self._first = True
        self._bar: Any = None

    def __enter__(self) -> "Progress":
        global _display, _open
        self._start = self._said = time.monotonic()
        if on_terminal():
            if _display is None:
                from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
                from rich.progress import Progress as Display

                columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
                _display = Display(*columns, transient=True)
                _display.start()
            _open += 1
            self._bar = _display.add_task(self.what, total=self.total, completed=self.done)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _display, _open
        if self._bar is None:
            return
        _display.remove_task(self._bar)
        self._bar = None
        _open -= 1
        if _open == 0:
            _display.stop()
            _display = None

    def advance(self, amount: float = 1, note: str = "") -> None:
        """Go on by an amount; the note, such as a loss, stands beside the bar or in the line."""
        self.reach(self.done + amount, note)

    def reach(self, done: float, note: str = "") -> None:
        """Go on to an amount."""
        self.done = done
        if self._bar is not None:
            _display.update(self._bar, completed=done, description=f"{self.what}{f': {note}' if note else ''}")
            return
        now = time.monotonic()
        due = now - self._said >= (FIRST if self._first else EVERY)
        if self.lines and due and self._before < done < self.total and not is_helper():
            self._said, self._first = now, False
            percent, more = 100 * done / self.total, f"; {note}" if note else ""
            logger.info("%s: %.0f %%, about %s left%s", self.what, percent, self.left(), more)

    def left(self) -> str:
        """The time that is left, if the rest takes as long as what was done so far."""
        elapsed = time.monotonic() - self._start
        return duration(elapsed / max(self.done - self._before, 1e-9) * (self.total - self.done))


def following(items: Iterable[T], what: str, total: float, *, sizes: bool = False) -> Iterator[T]:
    """Hand on items, and show how far it is; with ``sizes`` each counts by its length."""
    with Progress(what, total) as progress:
        for item in items:
            yield item
            progress.advance(len(item) if sizes else 1)  # type: ignore[arg-type]


def on_terminal() -> bool:
    """Whether a bar can be drawn: by the first process alone, on a terminal."""
    from rich import get_console

    return get_console().is_terminal and not is_helper()


def is_helper() -> bool:
    """Whether this process works for another one, which shows how far both are."""
    return multiprocessing.parent_process() is not None or os.environ.get("RANK", "0") != "0"


def duration(seconds: float) -> str:
    """Write a time as a reader would say it.

    Examples
    --------
    >>> duration(7), duration(150), duration(5400)
    ('7 s', '2 min', '1.5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"

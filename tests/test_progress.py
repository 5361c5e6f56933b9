"""How far long work has come: lines without a terminal, one bar beside another on one."""

import io
import logging

import pytest
from rich.console import Console

from pathlore import progress
from pathlore.progress import Progress, following


@pytest.fixture
def clock(monkeypatch):
    """Seconds that stand still until a test moves them."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_lines_in_the_log_with_per_cent_and_time(clock, caplog, monkeypatch):
    monkeypatch.setattr(progress, "on_terminal", lambda: False)
    caplog.set_level(logging.INFO, "pathlore")
    with Progress("Encoding texts", 100) as work:
        for _ in range(100):
            clock[0] += 1
            work.advance(1, "ok")
    assert [record.message for record in caplog.records] == [
        "Encoding texts: 10 %, about 90 s left; ok",
        "Encoding texts: 40 %, about 60 s left; ok",
        "Encoding texts: 70 %, about 30 s left; ok",
    ]


def test_short_work_and_helpers_say_nothing(clock, caplog, monkeypatch):
    monkeypatch.setattr(progress, "on_terminal", lambda: False)
    caplog.set_level(logging.INFO, "pathlore")
    assert list(following("abc", "Letters", 3)) == ["a", "b", "c"]
    monkeypatch.setenv("RANK", "1")
    with Progress("Fit", 10) as work:
        clock[0] += 60
        work.advance()
    assert caplog.records == []


def test_what_was_done_before_tells_nothing_of_the_time_left(clock):
    with Progress("Evaluation", 100, 90, lines=False) as work:
        clock[0] += 10
        work.advance()
        assert work.left() == "90 s"


def test_sizes_count(monkeypatch):
    monkeypatch.setattr(progress, "on_terminal", lambda: False)
    reached = []
    monkeypatch.setattr(Progress, "advance", lambda self, amount=1, note="": reached.append(amount))
    list(following([[1, 2], [3]], "Texts", 3, sizes=True))
    assert reached == [2, 1]


def test_bars_share_one_display_and_leave_nothing(monkeypatch):
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    monkeypatch.setattr("rich._console", console)
    assert progress.on_terminal()
    with Progress("Evaluation", 2) as outer:
        with Progress("Fit, pooled", 4) as inner:
            inner.advance(2, "AUROC 0.8")
            assert len(progress._display.tasks) == 2
            assert progress._display.tasks[1].description == "Fit, pooled: AUROC 0.8"
        outer.advance()
        assert progress._display.tasks[0].completed == 1
    assert progress._display is None
    with pytest.raises(ZeroDivisionError), Progress("Evaluation", 2):
        raise ZeroDivisionError
    assert progress._display is None
    monkeypatch.setenv("RANK", "1")
    assert not progress.on_terminal()

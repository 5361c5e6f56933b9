import gc
import subprocess
import sys
import weakref

from pathlore import hooks


class Circle:
    """An object that only reference counting cannot free."""

    def __init__(self):
        self.itself = self


def test_circles_are_looked_for_rarely_and_as_before_after_the_run(monkeypatch):
    before = gc.get_threshold()
    keeper = hooks.MemoryHooks()
    keeper.before_pipeline_run()
    try:
        assert gc.get_threshold() == hooks.RARELY
        circle = Circle()
        gone = weakref.ref(circle)
        del circle
        monkeypatch.setattr(hooks, "LARGE", 2**60)
        keeper.after_node_run()
        assert gone() is not None
        monkeypatch.setattr(hooks, "LARGE", 0)
        keeper.after_node_run()
        assert gone() is None
    finally:
        keeper.on_pipeline_error()
    assert gc.get_threshold() == before


def test_free_memory_goes_back_to_the_system_where_much_is_held(monkeypatch):
    trimmed = []
    monkeypatch.setattr("psutil.heap_trim", lambda: trimmed.append(True), raising=False)
    for large in (2**60, 0):
        monkeypatch.setattr(hooks, "LARGE", large)
        hooks.MemoryHooks().after_node_run()
    assert len(trimmed) == 1


ENDS = """
from pathlore.hooks import MemoryHooks

class Circle:
    def __init__(self):
        self.itself = self

    def __del__(self):
        print("looked for")

Circle()
"""


def test_circles_are_not_looked_for_as_the_process_ends():
    codes = ENDS, f"{ENDS}MemoryHooks().before_pipeline_run()"
    said = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for code in codes]
    assert [one.stdout for one in said] == ["looked for\n", ""]

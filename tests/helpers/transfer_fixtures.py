"""Fixtures for transfers from a server on this machine."""

import pytest
from local_server import serving

from pathlore.resources import transfer


@pytest.fixture(autouse=True)
def straight_and_quick(monkeypatch):
    """No proxy in between, and hardly a pause before another try."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(transfer, "PAUSE", 0.01)


@pytest.fixture
def server():
    """A running `local_server.LocalServer`."""
    with serving() as running:
        yield running

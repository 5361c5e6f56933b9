"""Transfers from a server on this machine."""

from transfer_fixtures import server, straight_and_quick

__all__ = ["server", "straight_and_quick"]

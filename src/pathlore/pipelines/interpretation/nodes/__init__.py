"""Nodes of the interpretation pipeline: ranking and checking, reading, plots, report."""

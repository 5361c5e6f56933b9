"""Plots: each function returns one and saves nothing."""

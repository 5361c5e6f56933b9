"""Figures: each function returns one and saves nothing."""

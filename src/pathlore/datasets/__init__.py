"""Kedro datasets: what the catalogue can load and save beyond Kedro's own kinds."""

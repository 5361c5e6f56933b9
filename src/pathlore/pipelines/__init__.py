"""Kedro pipelines: what depends on what. The nodes are adapters, the work is done in the library."""

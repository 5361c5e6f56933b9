"""Exact attention operations as CPU kernels, compiled by numba on first use and kept on disk."""

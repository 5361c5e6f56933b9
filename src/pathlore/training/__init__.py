"""The fit: data in memory, a visible loop, checkpoints, metrics, and the baselines beside them."""

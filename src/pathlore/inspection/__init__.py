"""What a file of cells is, whether a run on it makes sense, and which settings it needs.

One file per question; :func:`~pathlore.inspection.inspect.inspect` asks them all, and
:func:`~pathlore.inspection.environment.write_environment` writes the answers down as an environment.
"""

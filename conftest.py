"""What holds for every test, in tests/ and in docstrings; set here, before another conftest imports Kedro."""

import os
from pathlib import Path

from hypothesis import settings

# Kedro configures logging when it is imported: here it leaves it as pytest wants it, in subprocesses too.
os.environ["KEDRO_LOGGING_CONFIG"] = str(Path(__file__).parent / "tests" / "logging.yml")
# Nothing is recorded where a user's real runs are.
for name in ("PATHLORE_TRACKING_URI", "PATHLORE_ARTIFACTS", "MLFLOW_TRACKING_URI"):
    os.environ.pop(name, None)
# No library sends anything.
os.environ["DO_NOT_TRACK"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
# `pytest tests/project/test_fuzz.py --hypothesis-profile=thousand`: the long form of the fuzz test.
settings.register_profile("thousand", settings(deadline=None))

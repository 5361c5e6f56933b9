"""What holds for every test, in tests/ and in docstrings; set here, before another conftest imports Kedro."""

import os
from pathlib import Path

# Kedro configures logging when it is imported: here it leaves it as pytest wants it, in subprocesses too.
os.environ["KEDRO_LOGGING_CONFIG"] = str(Path(__file__).parent / "tests" / "logging.yml")
# No library sends anything.
os.environ["DO_NOT_TRACK"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

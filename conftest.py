"""What holds for every test, in tests/ and in docstrings; set here, before another conftest imports Kedro."""

import os
from pathlib import Path
from typing import Any

import pytest
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

pytest_plugins = ["projects"]

FINISHED_RUN = [
    "tests/pipelines/test_scoring_pipeline.py",
    "tests/pipelines/test_larger_cohorts.py",
    "tests/project/test_notebooks.py",
    "tests/pipelines/test_end_to_end.py",
]
"""Files that read one finished run, in this order, in one process; the last of them changes it."""
LONG = [
    "tests/pipelines/test_disease_cohorts.py",
    "tests/pipelines/test_evaluation.py",
    "tests/pipelines/test_bad_input.py",
    "tests/project/test_fuzz_structure.py",
    "tests/evaluation/test_runner.py",
    "tests/evaluation/test_refits.py",
    "tests/project/test_team_tracking.py",
    "tests/pipelines/test_inspection_pipeline.py",
    "tests/model/test_equivalence.py",
    "tests/training/test_fit.py",
    "tests/explain/test_diagnostics.py",
    "tests/evaluation/test_new_paths.py",
]
"""Files of half a minute and more, the longest first: begun last, one of them would keep a process busy alone."""
FIRST = {name: place for place, name in enumerate([*FINISHED_RUN, *LONG])}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: FIRST.get(item.nodeid.split("::")[0], len(FIRST)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a file, and the files that read the finished run, in one process, in their order above."""
    from xdist.scheduler import LoadFileScheduling

    class InOrder(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::")[0]
            return "the finished run" if file in FINISHED_RUN else file

    config.option.loadscopereorder = False
    return InOrder(config, log)

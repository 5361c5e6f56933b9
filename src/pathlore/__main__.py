"""Run the project as ``python -m pathlore``."""

import sys
from pathlib import Path
from typing import Any

from kedro.framework.cli.utils import find_run_command
from kedro.framework.project import configure_project


def main(*args: Any, **kwargs: Any) -> Any:
    """Run the pipelines, as ``kedro run`` does."""
    package = Path(__file__).parent.name
    configure_project(package)
    run = find_run_command(package)
    return run(*args, **kwargs, standalone_mode=not hasattr(sys, "ps1"))


if __name__ == "__main__":
    main()

"""Write the page of results: python -m pathlore.evaluation.report COHORT... --out docs/results.md."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pathlore.evaluation.report.page import results_page
from pathlore.evaluation.report.results import read_results
from pathlore.files import atomic_file


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the tables of each cohort and write the page."""
    parser = argparse.ArgumentParser(prog="python -m pathlore.evaluation.report", description=__doc__)
    parser.add_argument("cohorts", nargs="+", metavar="COHORT", help="folders of the reports' folder")
    parser.add_argument("--out", type=Path, default=Path("docs/results.md"), help="the page")
    parser.add_argument("--reports", type=Path, default=Path("data/08_reporting"), help="folder of all cohorts")
    parser.add_argument(
        "--caveat", action="append", default=[], metavar="COHORT=TEXT", help="what a reader has to know"
    )
    given = parser.parse_args(arguments)
    caveats = dict(item.split("=", 1) for item in given.caveat if "=" in item)
    results = [read_results(given.reports / name / "evaluation", name, caveats.get(name, "")) for name in given.cohorts]
    commands = [f"kedro run --pipeline evaluation --env {name}" for name in given.cohorts]
    commands.append(f"python -m pathlore.evaluation.report {' '.join(given.cohorts)} --out {given.out.as_posix()}")
    with atomic_file(given.out) as partial:
        partial.write_text(results_page(results, commands), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Write the pages of results: python -m pathlore.evaluation.report COHORT... --measured DATE --out docs."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pathlore.evaluation.report.published import condensed, read_tables, results_pages, write_tables
from pathlore.evaluation.report.results import read_results
from pathlore.files import atomic_file


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the tables of each cohort's evaluation, keep them as CSV files, and write the pages from these files."""
    parser = argparse.ArgumentParser(prog="python -m pathlore.evaluation.report", description=__doc__)
    parser.add_argument(
        "cohorts", nargs="*", metavar="COHORT", help="folders of the reports' folder; none: pages from the CSV files"
    )
    parser.add_argument("--out", type=Path, default=Path("docs"), help="folder of the pages")
    parser.add_argument("--reports", type=Path, default=Path("data/08_reporting"), help="folder of all cohorts")
    parser.add_argument("--measured", metavar="DATE", default="an unknown date", help="when the evaluations were run")
    parser.add_argument(
        "--caveat", action="append", default=[], metavar="COHORT=TEXT", help="what a reader has to know"
    )
    given = parser.parse_args(arguments)
    caveats = dict(item.split("=", 1) for item in given.caveat if "=" in item)
    results = [read_results(given.reports / name / "evaluation", name, caveats.get(name, "")) for name in given.cohorts]
    folder = given.out / "results"
    tables = write_tables(condensed(results, given.measured), folder) if results else read_tables(folder)
    for name, text in results_pages(tables).items():
        with atomic_file(given.out / name) as partial:
            partial.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

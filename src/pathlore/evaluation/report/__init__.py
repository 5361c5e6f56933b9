"""From saved tables to a page of results: every sentence is written from the numbers."""

from pathlore.evaluation.report.page import cohort_report
from pathlore.evaluation.report.published import condensed, read_tables, results_pages, write_tables
from pathlore.evaluation.report.results import CohortResults, read_results

__all__ = [
    "CohortResults", "cohort_report", "condensed", "read_results", "read_tables", "results_pages", "write_tables",
]  # fmt: skip

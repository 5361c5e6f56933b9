"""From saved tables to a page of results: every sentence is written from the numbers."""

from pathlore.evaluation.report.page import cohort_report, results_page
from pathlore.evaluation.report.results import CohortResults, read_results

__all__ = ["CohortResults", "cohort_report", "read_results", "results_page"]

"""The result of a run as one page that opens in any browser, without network."""

from pathlore.report.caveats import write_caveats
from pathlore.report.contents import Caveat, Fact, PopulationContents, ReportContents
from pathlore.report.intervals import with_intervals
from pathlore.report.page import report_page

__all__ = ["Caveat", "Fact", "PopulationContents", "ReportContents", "report_page", "with_intervals", "write_caveats"]

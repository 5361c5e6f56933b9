"""The tables that one cohort's evaluation has saved."""

from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from pathlore.errors import PathloreError, shorten

STEMS = {
    "summary": ("evaluation_summary", "summary"),
    "known": ("evaluation_known", "known"),
    "recovery": ("recovery_summary", "evaluation_recovery", "recovery"),
    "stability": ("evaluation_stability", "stability"),
    "significance": ("path_significance", "evaluation_significance", "significance"),
    "discovery": ("evaluation_discovery", "discovery"),
    "withheld": ("evaluation_withheld", "withheld"),
    "shape": ("evaluation_shape", "shape"),
}
"""Names of the files, without .csv or .parquet, by table."""


@dataclass(frozen=True)
class CohortResults:
    """What one cohort's evaluation has found.

    Attributes
    ----------
    name
        Of the cohort.
    summary
        `pathlore.schemas.EvaluationSummary`.
    recovery, stability, significance
        `pathlore.schemas.Recovery`, `EvaluationStability` and `PathSignificance`; None: not run.
    discovery
        `pathlore.schemas.EvaluationDiscovery`, paths beyond the list; None: not run.
    withheld
        `pathlore.schemas.EvaluationWithheld`, planted paths that were taken off the list; None: not run.
    shape
        `pathlore.schemas.EvaluationShape`, how far rankings follow the shape of the network; None: not run.
    known
        `pathlore.schemas.Recovery` of the paths in named sets of genes; None: not run.
    caveat
        What a reader has to know of the cohort that its tables do not say.
    """

    name: str
    summary: pd.DataFrame
    recovery: pd.DataFrame | None = None
    stability: pd.DataFrame | None = None
    significance: pd.DataFrame | None = None
    discovery: pd.DataFrame | None = None
    withheld: pd.DataFrame | None = None
    shape: pd.DataFrame | None = None
    known: pd.DataFrame | None = None
    caveat: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            table = getattr(self, field.name)
            if field.name != "summary" and isinstance(table, pd.DataFrame) and table.empty:
                object.__setattr__(self, field.name, None)


def read_results(folder: Path, name: str, caveat: str = "") -> CohortResults:
    """Read the tables of a cohort.

    Parameters
    ----------
    folder
        Where they lie, as .csv or .parquet; only the summary has to be there. A file `caveat.txt` is read where no
        caveat is given.
    name, caveat
        As in `CohortResults`.

    Raises
    ------
    PathloreError
        There is no summary.
    """
    tables = {table: _first(folder, stems) for table, stems in STEMS.items()}
    summary = tables.pop("summary")
    if summary is None:
        found = shorten(path.name for path in folder.iterdir()) if folder.is_dir() else "no such folder"
        raise PathloreError(
            f"{folder}: found {found}; expected evaluation_summary.csv: run the pipeline `evaluation` of {name} first"
        )
    said = folder / "caveat.txt"
    return CohortResults(name, summary, **tables, caveat=caveat or (said.read_text().strip() if said.exists() else ""))


def _first(folder: Path, stems: tuple[str, ...]) -> pd.DataFrame | None:
    for stem in stems:
        if (folder / f"{stem}.parquet").exists():
            return pd.read_parquet(folder / f"{stem}.parquet")
        if (folder / f"{stem}.csv").exists():
            return pd.read_csv(folder / f"{stem}.csv", keep_default_na=False, na_values=[""])
    return None

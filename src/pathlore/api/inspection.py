"""What a file of cells is, and whether a study of it makes sense."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from anndata import AnnData

from pathlore.config import FilesConfig, InspectionConfig, Parameters
from pathlore.inspection.findings import Inspection, worst
from pathlore.inspection.genes import GeneKnowledge
from pathlore.inspection.inspect import inspect as inspect_cells
from pathlore.inspection.report import facts_and_findings
from pathlore.resources.given import BUILTIN, GivenTable, given_tables
from pathlore.signals.truth import read_experiments
from pathlore.study.knowledge import load_knowledge


@dataclass(frozen=True)
class InspectionReport:
    """Facts and findings about cells; printing it shows them.

    Attributes
    ----------
    inspection
        Everything that was found, `pathlore.inspection.findings.Inspection`.
    """

    inspection: Inspection

    @property
    def verdict(self) -> str:
        """The most serious level among the findings: ``problem``, ``warning``, ``note`` or ``ok``."""
        return worst(self.inspection.findings)

    @property
    def findings(self) -> pd.DataFrame:
        """One row per finding: ``level``, ``text``, ``parameter``."""
        rows = [finding.model_dump() for finding in self.inspection.findings]
        return pd.DataFrame(rows, columns=["level", "text", "parameter"])

    @property
    def columns(self) -> dict[str, str]:
        """Role (condition, donor, cell type, library ...) -> the column of ``obs`` that is taken for it."""
        return dict(self.inspection.roles)

    def __repr__(self) -> str:
        found = self.inspection
        return f"{facts_and_findings(found)}\n\nverdict: {self.verdict}"


def inspect(
    adata: AnnData,
    *,
    condition: str = "",
    donor: str = "",
    cell_type: str = "",
    network: GivenTable = BUILTIN,
    texts: GivenTable = BUILTIN,
    gene_names: GivenTable = BUILTIN,
    orthologs: GivenTable | None = None,
    truth: Sequence[GivenTable] = (),
) -> InspectionReport:
    """Report what the cells are, and judge whether two conditions can be compared on them.

    The pipeline ``inspection`` reports the same of a file, and writes an environment for it.

    Parameters
    ----------
    adata
        Cells as found, counts or log-scale in ``X``, ``raw`` or a layer; they are not changed.
    condition, donor, cell_type
        Columns of ``obs``; empty: judged by their names and values.
    network, texts, gene_names, orthologs
        As in `pathlore.Study.prepare`.
    truth
        Experiments with a known ligand, see `pathlore.signals.truth.read_experiments`: the network is measured by them.

    Returns
    -------
    A report that prints itself; ``verdict``, ``findings`` (one row per finding) and ``columns`` (role -> column of
    ``obs``) are its parts.

    Raises
    ------
    PathloreError
        A column that is named is not there. Whatever is wrong with the cells is a finding.

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> genes = ["STAT1", "IRF1", "JAK1", "CXCL10"]
    >>> obs = pd.DataFrame({"arm": ["ctrl", "stim"] * 20}, index=[f"c{i}" for i in range(40)])
    >>> cells = anndata.AnnData(rng.poisson(3, (40, 4)).astype("f4"), obs=obs, var=pd.DataFrame(index=genes))
    >>> inspect(cells).columns["condition"]
    'arm'
    """
    base = Parameters()
    wanted = InspectionConfig(condition=condition, donor=donor, cell_type=cell_type, files=FilesConfig())
    parameters = base.model_copy(update={"inspection": wanted})
    known = load_knowledge(network, texts, gene_names, orthologs, base.ingestion.network)
    tables = {
        f"{i + 1}: {name}": frame
        for i, table in enumerate(truth)
        for name, frame in given_tables(table, "", "truth").items()
    }
    experiments = read_experiments(tables) if tables else []
    knowledge = GeneKnowledge(known.names, known.orthologs, known.network, known.annotations, experiments)
    return InspectionReport(inspect_cells(adata, knowledge, parameters, "AnnData"))

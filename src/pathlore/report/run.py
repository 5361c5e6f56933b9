"""From the tables of a run to its report."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pandas as pd

from pathlore import __version__
from pathlore.config import ModelConfig, Parameters
from pathlore.explain.ablation import why_no_ablation
from pathlore.explain.donor_tests import NO_DONORS
from pathlore.inspection.design import gravest
from pathlore.report.caveats import write_caveats
from pathlore.report.contents import Fact, PopulationContents, ReportContents
from pathlore.report.intervals import with_intervals
from pathlore.report.page import report_page

NO_SETS = (
    "no gene set was given, or none has enough genes on the graph: name a GMT file or a table in `gene_sets`, or lower "
    "`interpretation.known_biology.min_set`."
)
NO_LISTS = "no list of genes was given: name a table in `gene_lists`."
NO_CELL_TYPES = (
    "fewer than two cell types have enough cells of each class, or no ligand-receptor pair leads to an important path; "
    "the log states which (`ingestion.cells.cell_type`, `interpretation.cell_communication`)."
)
COMMUNICATION = (
    "cell_communication",
    "communication_pairs",
    "communication_heatmap",
    "communication_circle",
    "communication_interactions",
)


@dataclass(frozen=True)
class Run:
    """What a run has made.

    Attributes
    ----------
    metrics, coverage, diagnostics
        Tables of `pathlore.schemas`.
    predictions
        Population -> `pathlore.schemas.Predictions`.
    populations
        Tables and plots of each.
    cell_communication, communication_pairs
        Tables of `pathlore.schemas`.
    design
        `pathlore.schemas.DesignFindings`.
    plots
        SVG text by name, see `pathlore.report.contents.ReportContents`.
    literature
        From `pathlore.explain.literature.literature`; empty: the page shows no text of genes and no reference.
    """

    metrics: pd.DataFrame
    coverage: pd.DataFrame
    diagnostics: pd.DataFrame
    predictions: Mapping[str, pd.DataFrame]
    populations: tuple[PopulationContents, ...]
    cell_communication: pd.DataFrame
    communication_pairs: pd.DataFrame
    design: pd.DataFrame
    plots: Mapping[str, str] = field(default_factory=dict)
    literature: Mapping[str, object] = field(default_factory=dict)


def run_report(run: Run, parameters: Parameters) -> str:
    """Write the page of a run, with its intervals and its caveats.

    Returns
    -------
    HTML, whole in itself.
    """
    metrics = with_intervals(run.metrics, run.predictions)
    split_by = "donor" if (run.metrics["level"] == "donor").any() else "cell"
    donors = int(run.coverage.loc[run.coverage["measure"] == "donors", "count"].max())
    populations = tuple(_with_reasons(one, parameters.modeling.model) for one in run.populations)
    classes = parameters.ingestion.cells.classes
    contents = ReportContents(
        cohort=parameters.evaluation.cohort,
        classes=tuple(classes),
        made=f"{datetime.now(UTC):%d %B %Y, %H:%M} UTC",
        version=__version__,
        data=tuple(_data(run, split_by, donors)),
        parameters=tuple(_fit(run, parameters)),
        metrics=metrics,
        caveats=write_caveats(
            metrics,
            populations,
            run.diagnostics,
            split_by,
            donors,
            parameters.interpretation.report.caveat,
            run.design,
        ),
        gravest=gravest(run.design),
        populations=populations,
        cell_communication=run.cell_communication,
        communication_pairs=run.communication_pairs,
        plots=run.plots,
        literature=run.literature,
        missing={} if len(run.cell_communication) else dict.fromkeys(COMMUNICATION, NO_CELL_TYPES),
    )
    return report_page(contents)


def _with_reasons(one: PopulationContents, model: ModelConfig) -> PopulationContents:
    """Say why a table or figure is not there."""
    reasons: dict[str, str] = {}
    if one.donor_activity is not None and one.donor_activity.empty:
        reasons |= dict.fromkeys(("donor_activity", "donor_tests", "donor_heatmap", "donor_strips"), NO_DONORS)
    if one.enrichment is not None and one.enrichment.empty:
        reasons |= dict.fromkeys(("enrichment", "coherence"), NO_SETS)
    if one.gene_lists is not None and one.gene_lists.empty:
        reasons["gene_lists"] = NO_LISTS
    if no_ablation := why_no_ablation(model):
        reasons["ablation"] = no_ablation
    reasons = {name: f"{reason[0].upper()}{reason[1:].rstrip('.')}." for name, reason in reasons.items()}
    plots = {name: svg for name, svg in one.plots.items() if name not in reasons}
    return replace(one, plots=plots, missing=reasons | dict(one.missing))


def _data(run: Run, split_by: str, donors: int) -> list[Fact]:
    counts = run.coverage.groupby("measure", sort=False)["count"].sum()
    classes = [name for name in counts.index if name.startswith("cells of class ")]
    facts = [Fact(name[:1].upper() + name[1:], f"{counts[name]:,}") for name in classes]
    facts.append(Fact("Donors", f"{donors:,}" if donors else "not known"))
    facts.append(Fact("Populations", ", ".join(one.name for one in run.populations)))
    held = f"held out: {counts['cells in test']:,} test cells, {counts['cells in validation']:,} validation cells"
    facts.append(Fact("Split by", split_by, held))
    return facts


def _fit(run: Run, parameters: Parameters) -> list[Fact]:
    model, training, refits = parameters.modeling.model, parameters.modeling.training, parameters.interpretation.refits
    listed = ", ".join(
        f"{len(one.path_importance):,}" if one.path_importance is not None else "0" for one in run.populations
    )
    layers = f"{model.layers} layer{'' if model.layers == 1 else 's'}"
    again = str(refits.fits or "none")
    return [
        Fact("Paths", listed, "enumerated for each population; only these are ranked"),
        Fact("Text", parameters.text_embedding.encoder.kind, "text encoder"),
        Fact("Model", f"{layers}, width {model.width}, {model.readout} read-out"),
        Fact("Epochs", f"at most {training.epochs}"),
        Fact("Refits", again, f"for the stability of the ranking, {'trained' if refits.epochs else 'not trained'}"),
        Fact("Seed", str(training.seed)),
    ]

"""From the tables of a run to its report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd

from pathlore import __version__
from pathlore.config import ModelConfig, Parameters
from pathlore.explain.ablation import why_no_ablation
from pathlore.explain.donor_tests import NO_DONORS
from pathlore.inspection.design import gravest
from pathlore.report.caveats import write_caveats
from pathlore.report.contents import Checks, Communication, Fact, PopulationContents, ReportContents
from pathlore.report.intervals import with_intervals
from pathlore.report.page import report_page

NO_SETS = (
    "no gene set was given, or none has enough genes on the graph: name a GMT file or a table in `gene_sets`, or lower "
    "`interpretation.known_biology.min_set`."
)
NO_LISTS = "no list of genes was given: name a table in `gene_lists`."
NO_CELL_TYPES = (
    "Fewer than two cell types have enough cells of each class, or no ligand-receptor pair leads to an important path; "
    "the log states which (`ingestion.cells.cell_type`, `interpretation.cell_communication`)."
)
COMMUNICATION = (
    "cell_communication",
    "communication_pairs",
    "communication_heatmap",
    "communication_circle",
    "communication_interactions",
)


def run_report(
    populations: Sequence[PopulationContents],
    checks: Checks,
    communication: Communication,
    literature: Mapping[str, object],
    parameters: Parameters,
) -> str:
    """Write the page of a run, with its intervals and its caveats.

    Parameters
    ----------
    populations
        Tables and plots of each.
    checks, communication
        What the run says of itself, and what passes between its populations.
    literature
        From `pathlore.explain.literature.literature`; empty: the page shows no text of genes and no reference.
    parameters
        Of the run.

    Returns
    -------
    HTML, whole in itself.
    """
    metrics = with_intervals(checks.metrics, checks.predictions)
    split_by = "donor" if (checks.metrics["level"] == "donor").any() else "cell"
    donors = int(checks.coverage.loc[checks.coverage["measure"] == "donors", "count"].max())
    populations = tuple(_with_reasons(one, parameters.modeling.model) for one in populations)
    stated = parameters.interpretation.report.caveat
    contents = ReportContents(
        cohort=parameters.evaluation.cohort,
        classes=tuple(parameters.ingestion.cells.classes),
        made=f"{datetime.now(UTC):%d %B %Y, %H:%M} UTC",
        version=__version__,
        data=tuple(_data(checks.coverage, populations, split_by, donors)),
        parameters=tuple(_fit(populations, parameters)),
        metrics=metrics,
        caveats=write_caveats(metrics, populations, checks.diagnostics, split_by, donors, stated, checks.design),
        gravest=gravest(checks.design),
        populations=populations,
        cell_communication=communication.interactions,
        communication_pairs=communication.pairs,
        plots={**checks.plots, **(communication.plots if len(communication.interactions) else {})},
        literature=literature,
        missing={} if len(communication.interactions) else dict.fromkeys(COMMUNICATION, NO_CELL_TYPES),
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


def _data(coverage: pd.DataFrame, populations: Sequence[PopulationContents], split_by: str, donors: int) -> list[Fact]:
    counts = coverage.groupby("measure", sort=False)["count"].sum()
    classes = [name for name in counts.index if name.startswith("cells of class ")]
    facts = [Fact(name[:1].upper() + name[1:], f"{counts[name]:,}") for name in classes]
    facts.append(Fact("Donors", f"{donors:,}" if donors else "not known"))
    facts.append(Fact("Populations", ", ".join(one.name for one in populations)))
    held = f"held out: {counts['cells in test']:,} test cells, {counts['cells in validation']:,} validation cells"
    facts.append(Fact("Split by", split_by, held))
    return facts


def _fit(populations: Sequence[PopulationContents], parameters: Parameters) -> list[Fact]:
    model, training, refits = parameters.modeling.model, parameters.modeling.training, parameters.interpretation.refits
    listed = ", ".join(
        f"{len(one.path_importance):,}" if one.path_importance is not None else "0" for one in populations
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

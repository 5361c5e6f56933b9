"""The report of a study as one HTML page: the tables and plots that a Kedro run would have, made from memory."""

from io import StringIO
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pathlore.api.study import Study
    from pathlore.report.contents import PopulationContents

SVG = {"svg.fonttype": "none", "svg.hashsalt": "pathlore"}
"""Text stays text; the ids of a figure are the same each time."""


def study_report(study: "Study") -> str:
    """Write the page; what a study does not compute (gene sets, refits, cell-cell interactions) is said to be absent.

    Parameters
    ----------
    study
        After `pathlore.Study.fit`.
    """
    from pathlore.explain.diagnostics import FitRun, diagnostics, diagnostics_table
    from pathlore.report.contents import Checks, Communication
    from pathlore.report.run import run_report
    from pathlore.schemas import CellCommunication, CommunicationPairs

    paths = {name: study.paths(name) for name in study.fits}
    coverage = dict(iter(study.coverage.groupby("population")))
    weight = study.parameters.modeling.training.prior_weight
    signs = diagnostics_table(
        {
            name: diagnostics(
                FitRun(
                    fitted.model,
                    fitted.case.graph,
                    fitted.history,
                    paths[name],
                    fitted.predictions,
                    coverage[name],
                    weight,
                )
            )
            for name, fitted in study.fits.items()
        }
    )
    checks = Checks(
        pd.concat([fitted.metrics for fitted in study.fits.values()], ignore_index=True),
        {name: fitted.predictions for name, fitted in study.fits.items()},
        study.coverage,
        signs,
        study.design,
        {"metrics": _svg(study.plot.metrics())},
    )
    populations = [_contents(study, name, paths[name]) for name in study.fits]
    nothing = Communication(CellCommunication.empty(), CommunicationPairs.empty())
    return run_report(populations, checks, nothing, _literature(study, paths), study.parameters)


def _literature(study: "Study", paths: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Texts, ids and references of what the page names; steps over unmeasured genes have no references."""
    from pathlore.explain.literature import WrittenKnowledge, literature
    from pathlore.schemas import CellCommunication

    known, _ = study._prepared()
    return literature(
        [path for table in paths.values() for path in table["path"]],
        [study.signals(name).receptors for name in paths],
        CellCommunication.empty(),
        WrittenKnowledge(known.network, known.network, known.annotations, known.names.table),
        {name for table in paths.values() for name in table["pathway"].dropna()},
    )


def _contents(study: "Study", name: str, paths: pd.DataFrame) -> "PopulationContents":
    """Tables and plots of one population."""
    from pathlore.explain.ablation import path_ablation
    from pathlore.explain.core_network import core_network
    from pathlore.explain.donor_activity import donor_activity
    from pathlore.explain.donor_tests import donor_tests
    from pathlore.keys import Split
    from pathlore.plot.network_cytoscape import laid_out
    from pathlore.report.contents import PopulationContents

    fitted, donors = study.fits[name], study.parameters.interpretation.donors
    case, report = fitted.case, study.parameters.interpretation.report
    ablation, agreement = path_ablation(fitted.model, case.data[Split.TEST], paths)
    signals = study.signals(name)
    drawings = {
        "importance": study.plot.paths(report.bar_paths, population=name),
        "core_network": study.plot.network(report.core_paths, population=name),
        "curves": study.plot.curves(population=name),
        "training": study.plot.training(population=name),
    }
    return PopulationContents(
        name=name,
        path_importance=paths,
        donor_activity=donor_activity(case.graph, case.data, case.class_names, donors),
        donor_tests=donor_tests(case.graph, case.data, case.class_names, donors),
        active_receptors=signals.receptors,
        active_ligands=signals.ligands,
        ablation=ablation,
        ablation_spearman=agreement.get("spearman_importance_loss"),
        network=laid_out(core_network(paths, case.graph, report.core_paths)),
        plots={figure: _svg(drawn) for figure, drawn in drawings.items()},
    )


def _svg(figure: "Figure") -> str:
    """A figure as SVG text."""
    import matplotlib

    text = StringIO()
    with matplotlib.rc_context(SVG):  # type: ignore[arg-type]
        figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None})
    return text.getvalue()

"""A comparison of conditions: from an AnnData object to paths, plots and a model that scores other cells."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.api.plots import StudyPlots
from pathlore.config import CellsConfig, EncoderConfig, Parameters, ScoringParameters, check
from pathlore.errors import PathloreError, shorten
from pathlore.keys import Split
from pathlore.resources.given import BUILTIN, GivenTable, given_tables
from pathlore.study.fit import FittedCase, fitted_case
from pathlore.study.knowledge import Knowledge, load_knowledge
from pathlore.study.prepare import Fold, build_cases, case_splits
from pathlore.study.sources import Sources
from pathlore.text.encoders import encoder_choice

if TYPE_CHECKING:
    from pathlore.explain.active_signals import ActiveSignals
    from pathlore.scoring.bundle import Bundle
    from pathlore.signals.profiles import SignalProfiles


class Study:
    """A comparison of conditions on single cells: which signaling paths tell them apart.

    The steps are `prepare`, `fit`, and then `metrics`, `paths`, `genes`, `plot`, `annotate` and `save`. They call the
    functions that the pipelines call, so that the same cells and parameters give the same paths.

    Parameters
    ----------
    adata
        Cells as found: counts or log-normalised values in ``X``, ``raw`` or a layer. They are not changed.
    condition
        Column of ``obs`` that tells the classes apart.
    control
        Value, or values, of the control.
    case
        Value, or values, of the case; or, for more than two classes, name -> values. None: the one other value.
    donor, cell_type
        Columns of ``obs``; None: not known. Without donors, cells of one donor are in training and test set, and paths
        have no p.
    paired_donors
        Whether a donor may have cells of several classes (before and after a treatment).
    layer
        ``"X"``, ``"raw"`` or the name of a layer; None: the first that holds expression.
    gene_symbols
        Column of ``var`` with the names of the genes; None: the index, or the column that most names are understood in.
    per_cell_type
        One model for each cell type with enough cells, in place of one for all.
    parameters
        Any parameter of the project by its dotted name, such as ``{"graph_construction.paths.max_paths": 200}``.

    Attributes
    ----------
    parameters
        All of them, `pathlore.config.Parameters`.
    cells
        Prepared cells, ``X`` log(1 + normalised), after `prepare`.
    splits
        `pathlore.schemas.Splits` of all populations, after `prepare`.
    design
        What makes a result doubtful, the gravest first, `pathlore.schemas.DesignFindings`, after `prepare`.
    coverage
        How much of the cells and genes takes part, `pathlore.schemas.Coverage`, after `prepare`.
    fits
        Population -> `pathlore.study.fit.FittedCase`, after `fit`.

    Raises
    ------
    PathloreError
        A column or a value is not there, or more than one value is left for the case and none is named.

    Source: text-numeric graphs, arXiv 2501.16361.

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd
    >>> obs = pd.DataFrame({"arm": ["ctrl", "stim"] * 3}, index=[f"c{i}" for i in range(6)])
    >>> cells = anndata.AnnData(np.ones((6, 2), "f4"), obs=obs, var=pd.DataFrame(index=["STAT1", "IRF1"]))
    >>> Study(cells, condition="arm", control="ctrl")
    Study of 6 cells x 2 genes: stim against ctrl; next: .prepare()
    """

    def __init__(
        self,
        adata: AnnData,
        *,
        condition: str,
        control: str | Sequence[str],
        case: str | Sequence[str] | Mapping[str, str | Sequence[str]] | None = None,
        donor: str | None = None,
        cell_type: str | None = None,
        paired_donors: bool = False,
        layer: str | None = None,
        gene_symbols: str | None = None,
        per_cell_type: bool = False,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        self.adata = adata
        columns = {
            "layer": layer or _expression(adata),
            "gene_column": gene_symbols,
            "condition": condition,
            "classes": _classes(adata, condition, control, case),
            "donor": donor,
            "paired_donors": paired_donors,
            "cell_type": cell_type,
        }
        self._gene_symbols = gene_symbols
        base = Parameters().changed(dict(parameters or {}), "parameters")
        cells = check(CellsConfig, base.ingestion.cells.model_dump() | columns, "Study")
        mode = {"mode": "per_cell_type"} if per_cell_type else {}
        population = base.ingestion.population.model_copy(update=mode)
        ingestion = base.ingestion.model_copy(update={"cells": cells, "population": population})
        self.parameters = base.model_copy(update={"ingestion": ingestion})
        self.cells: AnnData | None = None
        self.splits = pd.DataFrame()
        self.coverage = self.design = pd.DataFrame()
        self.fits: dict[str, FittedCase] = {}
        self._folds: dict[str, Fold] = {}
        self._cases: dict[str, Any] = {}
        self._knowledge: Knowledge | None = None
        self._mapping = pd.DataFrame()
        self._signals: dict[str, ActiveSignals] = {}
        self._profiles: SignalProfiles | None = None

    @property
    def class_names(self) -> list[str]:
        """The classes, the control first."""
        return list(self.parameters.ingestion.cells.classes)

    @property
    def plot(self) -> StudyPlots:
        """Plots of the study: ``study.plot.paths(top=20)``."""
        return StudyPlots(self)

    def prepare(
        self,
        *,
        network: GivenTable = BUILTIN,
        texts: GivenTable = BUILTIN,
        gene_names: GivenTable = BUILTIN,
        orthologs: GivenTable | None = None,
        encoder: str = "lsa",
        splits: GivenTable | None = None,
    ) -> "Study":
        """Label and normalise the cells, split them by donor, find the paths, and join the text-numeric graph.

        Whatever is fitted (gene statistics, paths of expressed genes) sees the training cells alone.

        Parameters
        ----------
        network
            Who signals to whom: ``"builtin"``, or a file or table in any format of docs/resources.md.
        texts
            What is written about each gene: ``"builtin"``, or a file or table (``symbol``, ``description``).
        gene_names
            Symbols, aliases and ids: ``"builtin"``, or a file or table.
        orthologs
            Pairs of mouse and human genes, for cells of the mouse.
        encoder
            ``"lsa"`` (offline), ``"random"``, ``"zero"``, a language model (a preset such as ``"minilm"``, a folder, or
            a name on a hub), or a file of vectors by gene.
        splits
            Which cells or donors train, validate and test: a file or table (``split``, and ``cell`` or ``donor``), such
            as `splits` of another study; None: drawn anew.

        Returns
        -------
        The study itself, with `cells` (n, G), `splits`, `coverage` and `graph`.

        Raises
        ------
        PathloreError
            Genes, labels, network or texts are not understood, donors or cells are too few, or no path is found. The
            message names the argument or parameter to change.
        """
        from pathlore.expression.coverage import coverage
        from pathlore.expression.matrix import select_matrix
        from pathlore.expression.prepare import prepare_cells
        from pathlore.expression.splits import given_splits
        from pathlore.inspection.design import design_findings
        from pathlore.inspection.genes import GeneKnowledge, choose_gene_column, inspect_genes

        ingestion = self.parameters.ingestion
        known = load_knowledge(network, texts, gene_names, orthologs, ingestion.network)
        matrix = select_matrix(self.adata, ingestion.cells.layer)
        gene_knowledge = GeneKnowledge(known.names, known.orthologs, known.network, known.annotations)
        facts, mappings = inspect_genes(matrix.var, gene_knowledge, ingestion.genes)
        column = self._gene_symbols
        if column is None:
            choice, findings = choose_gene_column(facts)
            if choice is None:
                raise PathloreError(f"{findings[0].text}: change `gene_symbols`, or give `gene_names` or `orthologs`")
            column = choice.value
        elif column not in mappings:
            raise PathloreError(f"column '{column}' of var holds no names of genes: change `gene_symbols`")
        self._set(cells=ingestion.cells.model_copy(update={"gene_column": column}))
        self._set_encoder(encoder)
        ingestion = self.parameters.ingestion
        on_disk = not isinstance(matrix.data, np.ndarray) and not sparse.issparse(matrix.data)
        scratch = self.parameters.modeling.training.scratch or tempfile.gettempdir() if on_disk else None
        self.cells = prepare_cells(self.adata, ingestion.cells, ingestion.quality, mappings[column], scratch)
        self.design = design_findings(self.adata.obs, self.cells, ingestion.cells, ingestion.gene_filter)
        self._knowledge, self._mapping = known, mappings[column]
        sources = Sources(self.cells, known.network, known.annotations)
        given = given_splits(given_tables(splits, "", "splits"))
        self._folds = case_splits(sources, self.parameters, given)
        self.splits = pd.concat([fold.splits for fold in self._folds.values()], ignore_index=True)
        self.coverage = pd.concat(
            [
                coverage(self.cells, fold.splits, known.annotations, known.network, fold.statistics)
                for fold in self._folds.values()
            ],
            ignore_index=True,
        )
        self._cases = build_cases(sources, self.parameters, self._folds)
        self.fits, self._signals, self._profiles = {}, {}, None
        return self

    def population(self, name: str | None = None) -> str:
        """Check the name of a population; None: the only one.

        Returns
        -------
        The name, ``pooled`` where there is one model for all cells.

        Raises
        ------
        PathloreError
            There is no such population, or there are several.
        """
        self._require("_cases", "prepare")
        names = list(self._cases)
        if name in names:
            return str(name)
        if name is None and len(names) == 1:
            return names[0]
        found = "one of them was expected" if name is None else f"'{name}' is none of them"
        raise PathloreError(f"the study has the populations {shorten(names, 20)}, {found}: name it by `population`")

    @property
    def graphs(self) -> dict[str, Any]:
        """Population -> its text-numeric graph, `pathlore.graph.text_numeric_graph.TextNumericGraph`."""
        self._require("_cases", "prepare")
        return {name: case.graph for name, case in self._cases.items()}

    @property
    def graph(self) -> Any:
        """The text-numeric graph of the only population."""
        return self.graphs[self.population(None)]

    def fit(self, *, epochs: int | None = None, seed: int | None = None, **training: Any) -> "Study":
        """Fit one model for each population, and judge it on held-out cells beside the baselines.

        Parameters
        ----------
        epochs
            At most; None: the default, ``modeling.training.epochs``. The epoch with the best validation result counts.
        seed
            Of weights, batches and dropout; None: the default.
        **training
            Any other parameter of ``modeling.training`` by its name, such as ``threads=1`` or ``accelerator="cpu"``.

        Returns
        -------
        The study itself, with `fits` and `history`.

        Raises
        ------
        PathloreError
            `prepare` was not called, or there is no such parameter.
        """
        self._require("_cases", "prepare")
        given = {"epochs": epochs, "seed": seed} | training
        changes = {f"modeling.training.{name}": value for name, value in given.items() if value is not None}
        self.parameters = self.parameters.changed(changes, "fit")
        self.fits = {name: fitted_case(case, self.parameters) for name, case in self._cases.items()}
        return self

    @property
    def history(self) -> pd.DataFrame:
        """Loss and validation metrics of each epoch, `pathlore.schemas.History` with the column ``population``."""
        self._require("fits", "fit")
        return pd.concat(
            [fitted.history.assign(population=name) for name, fitted in self.fits.items()], ignore_index=True
        )

    def metrics(self, *, split: str = Split.TEST) -> pd.DataFrame:
        """Metrics of the model beside those of the baselines on the same cells.

        Parameters
        ----------
        split
            ``test`` or ``validation``.

        Returns
        -------
        One row per population, level (``cell``; ``donor``: the mean probability of each donor that trained nothing) and
        method; one column per metric, and the number ``n`` of cells or donors.
        """
        self._require("fits", "fit")
        table = pd.concat([fitted.metrics for fitted in self.fits.values()], ignore_index=True)
        table = table[table["split"] == split]
        keys = ["population", "level", "method", "n"]
        wide = table.pivot_table(index=keys, columns="metric", values="value", sort=False, dropna=False)
        wide = wide.dropna(how="all")[list(dict.fromkeys(table["metric"]))]
        return wide.reset_index().rename_axis(columns=None)

    def paths(self, population: str | None = None) -> pd.DataFrame:
        """Rank the paths, with what speaks for each.

        Parameters
        ----------
        population
            Its name; None: the only one.

        Returns
        -------
        `pathlore.schemas.PathImportance`, P rows, the most important path first. ``importance`` is 0 to 1,
        ``activity_auroc`` an AUROC on the test cells; ``p``, ``q`` and ``p_family`` are tests over donors, empty where
        donors are unknown or too few; columns of refits are empty, since nothing is fitted again.

        Raises
        ------
        PathloreError
            `fit` was not called, or there is no such population.
        """
        from pathlore.study.fit import rank_case

        fitted = self._fitted(population)
        return rank_case(fitted, self.receptors(fitted.case.population), self.parameters)

    def genes(self, population: str | None = None) -> pd.DataFrame:
        """Sum the importance of the paths through each gene; see `pathlore.explain.core_network.gene_importance`.

        Parameters
        ----------
        population
            Its name; None: the only one.

        Returns
        -------
        `pathlore.schemas.GeneImportance`, one row per gene on a path, the highest sum first.
        """
        from pathlore.explain.core_network import gene_importance

        return gene_importance(self.paths(population), self._fitted(population).case.graph)

    def receptors(self, population: str | None = None) -> pd.DataFrame:
        """Rank the receptors whose activity would explain the changed genes, by network and texts alone.

        Nothing is trained, all donors and all measured genes take part; see `pathlore.rank_receptors` for the score.

        Returns
        -------
        `pathlore.schemas.ActiveReceptors`: for each comparison and class the receptors active in it, the best first.
        """
        return self.signals(population).receptors

    def ligands(self, population: str | None = None) -> pd.DataFrame:
        """Rank the ligands of these receptors; `pathlore.schemas.ActiveLigands`."""
        return self.signals(population).ligands

    def signals(self, population: str | None = None) -> "ActiveSignals":
        """Receptors and ligands of a population, computed once."""
        from pathlore.explain.active_signals import active_signals, signal_profiles
        from pathlore.training.data import cells_to_sum

        name = self.population(population)
        known, cells = self._prepared()
        if name not in self._signals:
            construction, encoder = self.parameters.graph_construction, self.parameters.text_embedding.encoder
            if self._profiles is None:
                self._profiles = signal_profiles(known.network, known.annotations, encoder, construction.sentences.gene)
            data = cells_to_sum(cells, self._folds[name].splits)
            least = self.parameters.interpretation.donors.min_cells
            self._signals[name] = active_signals(data, cells.var_names, self.class_names, self._profiles, least)
        return self._signals[name]

    def report(self, file: str | Path) -> Path:
        """Write the report as one HTML page that needs nothing beside it.

        Parameters
        ----------
        file
            Its place, such as ``"report.html"``.

        Returns
        -------
        The place.
        """
        from pathlore.api.report import study_report
        from pathlore.files import atomic_file

        self._require("fits", "fit")
        place = Path(file)
        with atomic_file(place) as partial:
            partial.write_text(study_report(self), encoding="utf-8")
        return place

    def annotate(self, adata: AnnData, *, population: str | None = None, copy: bool = False) -> AnnData | None:
        """Write what the study says of each cell into an AnnData object.

        Parameters
        ----------
        adata
            Cells to annotate, those of the study or others with the same kind of genes.
        population
            Whose model; None: the only one.
        copy
            Return an annotated copy in place of changing ``adata``.

        Returns
        -------
        The copy, or None. ``obs["pathlore_score"]`` is the calibrated probability of the case (of the predicted class,
        with more than two), ``obs["pathlore_class"]`` the predicted class, ``obsm["path_activity"]`` (cells, P) the
        oriented activity of each path, ``uns["pathlore"]`` the names of the paths, their importance, and the classes.

        Raises
        ------
        PathloreError
            The cells cannot be read, or have too few of the model's genes.
        """
        target = adata.copy() if copy else adata
        write_annotation(target, self._bundle(self.population(population)))
        return target if copy else None

    def save(self, folder: str | Path) -> Path:
        """Write one bundle per population, for `pathlore.load` and ``kedro run --pipeline scoring``.

        Parameters
        ----------
        folder
            Gets a folder for each population.

        Returns
        -------
        The folder.

        Raises
        ------
        PathloreError
            `fit` was not called, or a file that pathlore did not write lies where a bundle would.
        """
        from pathlore.expression.populations import partition_names
        from pathlore.scoring.folder import write_bundle

        self._require("fits", "fit")
        place = Path(folder)
        for name, file in partition_names(self.fits).items():
            write_bundle(self._bundle(name), place / file)
        return place

    def _bundle(self, population: str) -> Any:
        from pathlore.scoring.make import BundleKnowledge, Origin, make_bundle

        fitted, ingestion = self._fitted(population), self.parameters.ingestion
        known, cells = self._prepared()
        scale = str(cells.uns["pathlore"]["scale"])
        config = ScoringParameters().bundle
        return make_bundle(
            fitted.model,
            fitted.case.graph,
            fitted.case.data,
            self._folds[population].splits,
            fitted.predictions,
            fitted.metrics,
            BundleKnowledge(
                known.names.table, known.orthologs, self._mapping, fitted.case.encoder, fitted.case.text_model
            ),
            Origin(config.cohort, scale, ingestion.cells, ingestion.quality, ingestion.genes),
            config,
            self.parameters.modeling.training.prior_mode,
        )

    def _prepared(self) -> tuple[Knowledge, AnnData]:
        if self._knowledge is None or self.cells is None:
            raise PathloreError("the study has not got so far: call `.prepare()` first")
        return self._knowledge, self.cells

    def _set(self, **blocks: Any) -> None:
        self.parameters = self.parameters.model_copy(
            update={"ingestion": self.parameters.ingestion.model_copy(update=blocks)}
        )

    def _set_encoder(self, encoder: str) -> None:
        text = self.parameters.text_embedding
        changed = check(EncoderConfig, text.encoder.model_dump() | encoder_choice(encoder), "encoder")
        self.parameters = self.parameters.model_copy(
            update={"text_embedding": text.model_copy(update={"encoder": changed})}
        )

    def _require(self, attribute: str, method: str) -> None:
        if not getattr(self, attribute):
            raise PathloreError(f"the study has not got so far: call `.{method}()` first")

    def _fitted(self, population: str | None) -> FittedCase:
        self._require("fits", "fit")
        return self.fits[self.population(population)]

    def __repr__(self) -> str:
        versus = (
            " / ".join(reversed(self.class_names))
            if len(self.class_names) > 2
            else " against ".join(reversed(self.class_names))
        )
        text = f"Study of {self.adata.n_obs:,} cells x {self.adata.n_vars:,} genes: {versus}"
        if not self._cases:
            return f"{text}; next: .prepare()"
        paths = ", ".join(f"{name} ({len(case.graph.paths)} paths)" for name, case in self._cases.items())
        if not self.fits:
            return f"{text}; {paths}; next: .fit()"
        aurocs = self.metrics()
        model_rows = aurocs[(aurocs["method"] == "pathlore") & (aurocs["level"] == "cell")]
        metrics = ", ".join(f"{row.population} {row.auroc:.3f}" for row in model_rows.itertuples())
        return f"{text}; {paths}; test AUROC {metrics}"


def write_annotation(adata: AnnData, bundle: "Bundle") -> None:
    """Write score, class and path activities of each cell; see `pathlore.Study.annotate`.

    Parameters
    ----------
    adata
        Changed in place.
    bundle
        The model and what it needs.
    """
    from pathlore.scoring.labels import known_labels
    from pathlore.scoring.new_cells import new_cells
    from pathlore.scoring.score import score_prepared
    from pathlore.training.batches import path_activities

    cells = new_cells(bundle, adata)
    labels = known_labels(adata.obs, bundle.facts.cells, bundle.class_names)
    scores = score_prepared(bundle, cells, labels, bundle.facts.limits.min_coverage, contributions=False)
    module = bundle.model.module()
    activity = module.activity(path_activities(module, cells.x)).numpy()  # (n, P, contrasts), oriented
    two = len(bundle.class_names) == 2
    adata.obs["pathlore_class"] = scores.predicted
    adata.obs["pathlore_class"] = adata.obs["pathlore_class"].astype("category")
    adata.obs["pathlore_score"] = scores.calibrated[:, 1] if two else scores.calibrated.max(axis=1)
    adata.obsm["path_activity"] = np.ascontiguousarray(activity[:, :, 0] if two else activity.max(axis=2))
    adata.uns["pathlore"] = {
        "paths": np.array(bundle.model.paths, dtype=object).astype(str),
        "importance": np.asarray(bundle.path_weight, dtype=float),
        "classes": np.array(bundle.class_names).astype(str),
        "population": bundle.facts.population,
        "warnings": np.array(scores.warnings, dtype=str),
    }


def _expression(adata: AnnData) -> str:
    """The matrix that a run would choose."""
    from pathlore.inspection.matrix import choose_layer, inspect_matrices

    layer, _, findings = choose_layer(inspect_matrices(adata))
    if layer is None:
        raise PathloreError(f"{findings[0].text}: name the matrix by `layer`")
    return layer


def _classes(
    adata: AnnData,
    condition: str,
    control: str | Sequence[str],
    case: str | Sequence[str] | Mapping[str, str | Sequence[str]] | None,
) -> dict[str, list[str]]:
    """Class name -> values of the condition, the control first."""
    if condition not in adata.obs:
        raise PathloreError(
            f"column '{condition}' not found in obs, which has {shorten(adata.obs.columns, 20)}: change `condition`"
        )
    first = _values(control)
    if case is None:
        values = sorted({str(value).strip() for value in adata.obs[condition].dropna().unique()} - set(first))
        if len(values) != 1:
            raise PathloreError(
                f"column '{condition}' has {shorten(values, 20) or 'nothing'} beside the control {shorten(first)}, one "
                "value was expected: name the case by `case`"
            )
        case = values
    others = (
        {"/".join(_values(case)): _values(case)}
        if not isinstance(case, Mapping)
        else {k: _values(v) for k, v in case.items()}
    )
    return {"/".join(first): first} | others


def _values(given: str | Sequence[str]) -> list[str]:
    return [str(given)] if isinstance(given, str | int | float | bool | np.generic) else [str(value) for value in given]

"""All questions to a file of cells, in the order in which a run would ask them."""

import logging
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from anndata import AnnData

from pathlore.config import CellsConfig, Parameters
from pathlore.errors import PathloreError, shorten
from pathlore.expression.formats.notes import notes
from pathlore.expression.labels import bare, label_texts
from pathlore.expression.matrix import select_matrix
from pathlore.expression.observations import label_cells
from pathlore.expression.prepare import gene_columns
from pathlore.expression.scale import check_one_scale
from pathlore.expression.statistics import silent_genes, silent_sentence, unseen_genes
from pathlore.inspection import columns as roles_of
from pathlore.inspection.classes import (
    choose_classes,
    choose_levels,
    choose_population,
    inspect_donors,
    judge_donors,
    names_per_class,
)
from pathlore.inspection.columns import missing_among
from pathlore.inspection.design import associated, judge, judge_writing
from pathlore.inspection.findings import (
    CAVEAT,
    Association,
    CellFacts,
    Choice,
    ColumnFacts,
    CostFacts,
    DonorFacts,
    Finding,
    GeneFacts,
    Inspection,
    MatrixFacts,
)
from pathlore.inspection.genes import GeneKnowledge, choose_gene_column, inspect_genes
from pathlore.inspection.matrix import Pass, choose_layer, choose_quality, inspect_matrices, pass_over
from pathlore.inspection.reach import estimate, expressed_genes, inspect_network, inspect_reach, written
from pathlore.keys import Obs

logger = logging.getLogger(__name__)

OTHER_DEPTH = 3.0
"""Factor between the median counts of a cell of two classes that is worth a word."""
SILENT = "ingestion.gene_filter.silent_fraction"
DONOR_NAMES = "ingestion.cells.donor_names"
ROLE_OF = {roles_of.CONDITION: "condition", roles_of.DONOR: "donor", roles_of.CELL_TYPE: "cell_type"}


def inspect(adata: AnnData, knowledge: GeneKnowledge, parameters: Parameters, file: str) -> Inspection:
    """Say what the cells are, choose the settings of a run on them, and judge whether it makes sense.

    Parameters
    ----------
    adata
        As read, in memory or backed; it is not changed.
    knowledge
        What the run would have: names, orthologs, network, texts; and experiments to measure the network by.
    parameters
        Of the run; ``parameters.inspection`` may name columns.
    file
        Where the cells come from, for the report.

    Raises
    ------
    PathloreError
        A column that the user names is not there. Whatever is wrong with the data is a finding.
    """
    work = _Work(adata, knowledge, parameters)
    work.judge_matrices()
    work.judge_genes()
    work.judge_network()
    work.judge_columns()
    work.judge_labels()
    work.judge_cells()
    work.judge_confounding()
    work.judge_cost()
    amounts = (f"{sum(f.level == level for f in work.findings)} {level}" for level in ("problem", "warning", "note"))
    logger.info("inspected %d cells x %d genes: %s", adata.n_obs, adata.n_vars, ", ".join(amounts))
    found = {name: value for name, value in vars(work).items() if name in Inspection.model_fields}
    return Inspection(file=file, n_cells=adata.n_obs, n_genes=adata.n_vars, **found)


@dataclass
class _Work:
    """What is known so far; each step adds to it."""

    adata: AnnData
    knowledge: GeneKnowledge
    parameters: Parameters
    layer: str | None = None
    cells: CellFacts | None = None
    donors: DonorFacts | None = None
    cost: CostFacts | None = None
    labels: pd.DataFrame | None = None
    counted: Pass | None = None
    matrices: list[MatrixFacts] = field(default_factory=list)
    genes: list[GeneFacts] = field(default_factory=list)
    columns: list[ColumnFacts] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    associations: list[Association] = field(default_factory=list)
    choices: dict[str, Choice] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    mappings: dict[str | None, pd.DataFrame] = field(default_factory=dict)

    def judge_matrices(self) -> None:
        if 0 in self.adata.shape:
            text = f"the file has {self.adata.n_obs} cells and {self.adata.n_vars} genes"
            self.findings.append(Finding(level="problem", text=text, parameter="cells"))
            return
        self.matrices = inspect_matrices(self.adata)
        self.layer, choice, findings = choose_layer(self.matrices)
        self._note({} if choice is None else {"ingestion.cells.layer": choice}, findings)
        self.findings += [Finding(level="note", text=text) for text in notes(self.adata)]
        if self.layer is not None:
            others = select_matrix(self.adata, self.layer).others
            text = f"{len(others)} measured features are no genes and left out: {shorten(others, 5)}"
            self.findings += [Finding(level="note", text=text)] if others else []

    def judge_genes(self) -> None:
        if not self.adata.n_vars:
            return
        var = self.adata.var if self.layer is None else select_matrix(self.adata, self.layer).var
        self.genes, self.mappings = inspect_genes(var, self.knowledge, self.parameters.ingestion.genes)
        choice, findings = choose_gene_column(self.genes)
        self._note({} if choice is None else {"ingestion.cells.gene_column": choice}, findings)

    def judge_network(self) -> None:
        self.findings += inspect_network(self.knowledge)

    def judge_columns(self) -> None:
        config = self.parameters.inspection
        obs = self.adata.obs
        self.columns = roles_of.inspect_columns(obs)
        wanted = {} if config is None else {name: getattr(config, name) for name in ROLE_OF.values()}
        self.roles = roles_of.choose_columns(self.columns, wanted)
        if roles_of.DONOR not in self.roles and roles_of.LIBRARY in self.roles and not wanted.get("donor"):
            library = self.roles[roles_of.LIBRARY]
            self.roles[roles_of.DONOR] = library
            text = f"no column names the donors: `{library}` is taken for them, which is right if each is of one donor"
            self.findings.append(Finding(level="warning", text=text, parameter="ingestion.cells.donor"))
        for role, parameter in ROLE_OF.items():
            self._choose_column(role, f"ingestion.cells.{parameter}", named=bool(wanted.get(parameter)))
        missing = dict.fromkeys(self.parameters.ingestion.cells.missing)
        for column in (self.roles[role] for role in ROLE_OF if role in self.roles):
            values = label_texts(obs.iloc[:, [facts.name for facts in self.columns].index(column)])
            missing |= dict.fromkeys(sorted(missing_among(values)))
        reason = 'values that mean "not known", in the columns above'
        self.choices["ingestion.cells.missing"] = Choice(value=list(missing), reason=reason)

    def _choose_column(self, role: str, parameter: str, *, named: bool) -> None:
        others = roles_of.alternatives(self.columns, self.roles, role)
        beside = f". Other candidates: {shorten(others)}" if others else ""
        word = role.replace("_", " ")
        if role not in self.roles:
            text = f"no column of obs looks like a {word}"
            if role == roles_of.CONDITION:
                text += f"; it has {shorten((facts.name for facts in self.columns), 20) or 'no column'}"
                types = roles_of.candidates(self.columns, roles_of.CELL_TYPE)
                text += f"; to compare cell types: inspection.condition={types[0].name}" if types else ""
            config = self.parameters.inspection
            if role == roles_of.CONDITION and config is not None and not config.files.cell_annotations:
                text += "; a table about the cells can be joined by --params cell_annotations=FILE"
            level = "problem" if role == roles_of.CONDITION else "note"
            self.findings.append(Finding(level=level, text=text, parameter=parameter))
            value = "FILL_IN" if role == roles_of.CONDITION else None
            self.choices[parameter] = Choice(value=value, reason=f"{text}. Name it here")
            return
        chosen = next(facts for facts in self.columns if facts.name == self.roles[role])
        values = ", ".join(f"{value} ({n:,})" for value, n in chosen.frequent[:6])
        why = "as you said" if named else "by its name and values"
        reason = f"column of obs with the {word}, {why}: {chosen.n_values} value(s), {values}{beside}"
        self.choices[parameter] = Choice(value=chosen.name, reason=reason)
        if others and role == roles_of.CONDITION and not named:
            text = f"`{chosen.name}` is taken as the condition; it could also be {shorten(others)}"
            self.findings.append(Finding(level="note", text=text, parameter="inspection.condition"))

    def judge_labels(self) -> None:
        if roles_of.CONDITION not in self.roles:
            reason = "class: [values of the condition], the control first. Not known: fill in, such as\n"
            reason += "classes: {control: [ctrl], case: [stim]}"
            self.choices["ingestion.cells.classes"] = Choice(value={}, reason=reason)
            return
        column = self.roles[roles_of.CONDITION]
        values = roles_of.column_of(self.adata.obs, self.columns, column)
        least = self.parameters.ingestion.population.min_cells_per_class
        choices, findings = choose_levels(values, column, least)
        if not choices:
            choice, findings = choose_classes(values, column, least)
            choices = {"ingestion.cells.classes": choice or Choice(value={}, reason=findings[0].text)}
        self._note(choices, findings)
        if not self.choices["ingestion.cells.classes"].value:
            return
        try:
            self.labels = labels = self._labelled()
        except PathloreError as error:
            self.findings.append(Finding(level="problem", text=str(error)))
            return
        self.donors = inspect_donors(labels, self.parameters.interpretation.donors.min_cells)
        self._note(*judge_donors(self.donors, self.roles.get(roles_of.DONOR)))
        self.choices["ingestion.population.mode"] = choose_population(labels, least)
        self._judge_writing()

    def _labelled(self) -> pd.DataFrame:
        """Labels as a run has them; donors with one number in several classes are told apart, and named."""
        labels = label_cells(self.adata.obs, self._cells_config(paired=True))
        column = self.roles.get(roles_of.DONOR)
        if not names_per_class(labels, column):
            return labels
        shared = labels.dropna(subset=[Obs.DONOR]).groupby(Obs.DONOR)[Obs.LABEL].nunique().gt(1)
        names = shorten(shared.index[shared])
        reason = f"per_class: `{column}` numbers {names} separately in each class, as different donors"
        self.choices[DONOR_NAMES] = Choice(value="per_class", reason=reason)
        text = (
            f"`{column}` has the numbers {names} in several classes: taken as different donors that are numbered "
            "alike. If each of them was measured in every class, set paired_donors: true and donor_names: global"
        )
        self.findings.append(Finding(level="warning", text=text, parameter=DONOR_NAMES))
        return label_cells(self.adata.obs, self._cells_config(paired=False))

    def _judge_writing(self) -> None:
        """Name labels whose writing hides what they are, and white space around labels."""
        self.findings += judge_writing(self.adata.obs, self.columns, self.roles)
        for role in ROLE_OF:
            column = self.roles.get(role)
            if column is None:
                continue
            values = self.adata.obs.iloc[:, [facts.name for facts in self.columns].index(column)].dropna().unique()
            spaced = sorted(repr(value) for value in values if isinstance(value, str) and bare(value) != value)
            if spaced:
                text = (
                    f"values of `{column}` have white space around them, which is taken away: {', '.join(spaced[:6])}"
                )
                more = f" and {len(spaced) - 6} more" if len(spaced) > 6 else ""
                self.findings.append(
                    Finding(level="warning", text=text + more, parameter=f"ingestion.cells.{ROLE_OF[role]}")
                )

    def _cells_config(self, *, paired: bool) -> CellsConfig:
        chosen = {key.removeprefix("ingestion.cells."): choice.value for key, choice in self.choices.items()}
        base = self.parameters.ingestion.cells.model_dump()
        return CellsConfig(**base | {key: chosen[key] for key in base if key in chosen} | {"paired_donors": paired})

    def judge_cells(self) -> None:
        gene_column = self.choices.get("ingestion.cells.gene_column")
        facts = next((facts for facts in self.matrices if facts.name == self.layer), None)
        if facts is None or facts.scale is None or gene_column is None:
            return
        labels = np.full(self.adata.n_obs, -1)
        if self.labels is not None:
            labels[self.adata.obs_names.astype(str).isin(self.labels.index)] = self.labels[Obs.LABEL].to_numpy()
        else:
            labels[:] = 0
        try:
            matrix = select_matrix(self.adata, facts.name)
            genes = gene_columns(matrix.var, gene_column.value, self.mappings[gene_column.value])
            quality = self.parameters.ingestion.quality
            self.counted = pass_over(matrix, genes, labels, facts.scale, quality)
        except (PathloreError, ValueError, TypeError) as error:
            self.findings.append(Finding(level="problem", text=str(error), parameter="ingestion.cells.layer"))
            return
        self._judge_scale()
        same_name = int(self.adata.obs_names.duplicated().sum())
        self.cells, choices, findings = choose_quality(self.counted, facts.n_genes, same_name, quality)
        self._note(choices, findings)
        expressed = expressed_genes(self.counted, genes.symbols, self.parameters.ingestion.gene_filter.min_fraction)
        self._judge_silent(genes.symbols)
        if facts.scale == "counts":
            self._judge_depth(labels)
        config = self.parameters.graph_construction.paths
        n_genes, n_paths, choices, findings = inspect_reach(self.knowledge.network, genes.symbols, expressed, config)
        self._note(choices, findings)
        kept = int(self.counted.sizes.sum()) - self.cells.too_few_genes - self.cells.too_mitochondrial
        self.cost = estimate(n_genes, n_paths, max(kept, 0), facts.megabytes, self.parameters) if n_paths else None

    def _judge_silent(self, symbols: pd.Index) -> None:
        """Name genes that a class does not have: left out where nothing but a technical reason hides them so well."""
        if self.counted is None or self.labels is None:
            return
        hits, sizes = self.counted.expressing, self.counted.sizes
        fraction = self.parameters.ingestion.gene_filter.silent_fraction
        silent = silent_genes(hits, sizes, symbols, fraction)
        names = self._class_names()
        if silent.any():
            self.findings.append(Finding(level="warning", text=silent_sentence(silent, symbols, names)))
        for name, row in zip(names, unseen_genes(hits, sizes, fraction) & ~silent, strict=True):
            if row.any():
                text = (
                    f"no cell of '{name}' expresses {row.sum()} genes that are common elsewhere "
                    f"({shorten(symbols[row], 6)}): in so few cells regulation may be the reason, and they are kept; "
                    "look whether another reference or a knock-out is"
                )
                self.findings.append(Finding(level="note", text=text, parameter=SILENT))

    def _judge_depth(self, labels: np.ndarray) -> None:
        """Say that one class has many more counts per cell than another, in which fewer genes are found for that."""
        if self.counted is None or self.labels is None:
            return
        totals = self.counted.totals
        depths = {
            name: float(np.median(totals[(labels == label) & (totals > 0)]))
            for label, name in enumerate(self._class_names())
            if ((labels == label) & (totals > 0)).any()
        }
        low, high = min(depths, key=depths.__getitem__), max(depths, key=depths.__getitem__)
        if depths[high] >= OTHER_DEPTH * depths[low]:
            text = (
                f"the median cell has {depths[low]:,.0f} counts in '{low}' and {depths[high]:,.0f} in '{high}': fewer "
                f"genes are found in '{low}' for that alone, and scaling does not undo it"
            )
            self.findings.append(Finding(level="warning", text=text, parameter="cells"))

    def _class_names(self) -> list[str]:
        return [] if self.labels is None else list(self.labels.sort_values(Obs.LABEL)[Obs.CONDITION].unique())

    def _judge_scale(self) -> None:
        """Compare the scale of the cells over all columns of few values."""
        if self.counted is None:
            return
        groups = {
            facts.name: roles_of.column_of(self.adata.obs, self.columns, facts.name)
            for facts in self.columns
            if facts.kind == "categories" and (facts.scores or facts.name in self.roles.values())
        }
        said = check_one_scale(self.counted.values, groups)
        if said:
            text = f"the cells are not on one scale: {said}. A run is refused; take raw counts of all cells"
            self.findings.append(Finding(level="problem", text=text, parameter="ingestion.cells.layer"))

    def judge_confounding(self) -> None:
        if self.labels is None:
            return
        condition = np.full(self.adata.n_obs, "", dtype=object)
        inside = self.adata.obs_names.astype(str).isin(self.labels.index)
        condition[inside] = self.labels[Obs.CONDITION].to_numpy()
        own = self.roles[roles_of.CONDITION]
        self.associations = associated(self.adata.obs, self.columns, condition, own, self.roles)
        unpaired = self.donors is not None and not self.donors.shared
        findings = judge(self.associations, own, unpaired=unpaired)
        self.findings += findings
        doubts = [finding.text.split(":")[0] for finding in findings if finding.level == "problem"]
        if doubts:
            value = f"{', '.join(doubts)}: their effects cannot be separated."
            reason = "what a reader of the reports has to know"
            self.choices[CAVEAT] = Choice(value=value[:1].upper() + value[1:], reason=reason)

    def judge_cost(self) -> None:
        if self.cost is None:
            return
        text = (
            f"the default run: about {written(self.cost.seconds_fit)} for the fit, {written(self.cost.seconds_refits)} "
            f"for the refits on {self.cost.processes} core(s), {self.cost.gigabytes:.1f} GB of memory"
        )
        self.findings.append(Finding(level="ok", text=text))

    def _note(self, choices: dict[str, Choice], findings: list[Finding]) -> None:
        self.choices |= choices
        self.findings += findings

"""Tables as the page holds them: columns with their meaning, values by column, texts that repeat written once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_float_dtype, is_integer_dtype

from pathlore import schemas
from pathlore.errors import PathloreError
from pathlore.schemas.table import COMPARISON, Format

DIGITS = 4
"""Significant digits of a number on the page."""
DIGITS_OF = {"metrics": 17, "path_importance": 7, "donor_tests": 7, "donor_activity": 3}
"""More for tables whose numbers stand elsewhere, too, rounded to three: none shall differ by being rounded twice; fewer
for the largest table, which is drawn."""
OF_REFITS = frozenset({"mean_rank", "importance_mean", "importance_sd", "rank_mean", "rank_sd"})
"""Columns of the ranking that stand nowhere else in digits."""
PAGE, SHORT_PAGE = 50, 10
"""Rows at once of the two tables that are read from end to end, and of those that stand beside them."""


@dataclass(frozen=True)
class Column:
    """What a column is called, measured in and means, see `pathlore.schemas.table.column`."""

    label: str
    unit: str
    explanation: str
    format: Format
    shown: bool
    listed: bool


@dataclass(frozen=True)
class Filter:
    """A choice above a table.

    Attributes
    ----------
    column, label
        Whose values are compared, and what the choice is called.
    kind
        ``choice``: one of the values; ``gene``: a gene anywhere on the path; ``below``: values below ``limit``.
    limit
        For ``below``.
    """

    column: str
    label: str
    kind: str = "choice"
    limit: float | None = None


@dataclass(frozen=True)
class TableKind:
    """A table of the page, whatever a run has in it.

    Attributes
    ----------
    schema
        What each of its columns is.
    title, noun
        Heading, and what a row is called.
    absent
        What stands in place of a table without rows.
    filters
        Choices above the table.
    first
        Columns that the page shows first, where it is not in the order of the file; all others follow in that order.
    """

    schema: type[schemas.Table]
    title: str
    noun: str
    absent: str
    filters: tuple[Filter, ...] = ()
    first: str = ""


_PATH_FILTERS = (
    Filter("path", "Gene", "gene"),
    Filter("receptor", "Receptor"),
    Filter("tf", "Transcription factor"),
    Filter("pathway", "Pathway"),
)
TABLES = {
    "path_importance": TableKind(
        schemas.PathImportance, "Signaling paths", "paths",
        "No path was ranked for this population.",
        (*_PATH_FILTERS, Filter("direction", "More active in"), Filter("q", "q", "below", 0.05),
         Filter("best_of_family", "Best of its family")),
    ),
    "donor_activity": TableKind(
        schemas.PathActivityByDonor, "Path activity by donor", "rows",
        "Activity by donor needs donors, and none are known (`ingestion.cells.donor`).",
    ),
    "donor_tests": TableKind(
        schemas.DonorTests, "Tests over donors", "paths",
        "No test over donors: every class needs cells of known donors (`ingestion.cells.donor`).",
        (Filter("comparison", "Comparison"), Filter("path", "Gene", "gene"), Filter("q", "q", "below", 0.05)),
    ),
    "active_receptors": TableKind(
        schemas.ActiveReceptors, "Receptors that explain the changes", "receptors",
        "No receptor was ranked: the network has no ligand that binds one.",
        (Filter("comparison", "Comparison"), Filter("active_in", "Active in"), Filter("receptor", "Receptor"),
         Filter("p_family", "p over all receptors", "below", 0.05)),
        first="comparison active_in rank receptor ligands score p_family p walk network text rank_without_text genes",
    ),
    "active_ligands": TableKind(
        schemas.ActiveLigands, "Ligands of these receptors", "ligands",
        "No ligand was ranked: the network has no ligand that binds a receptor.",
        (Filter("comparison", "Comparison"), Filter("active_in", "Active in"), Filter("ligand", "Ligand")),
    ),
    "enrichment": TableKind(
        schemas.Enrichment, "Known gene sets", "rows",
        "No gene sets were given, so the ranking was not compared with known biology.",
        (Filter("ranking", "Ranking"), Filter("method", "Method"), Filter("collection", "Collection"),
         Filter("q", "q", "below", 0.05)),
        first="set_name ranking method score p q share_significant n_overlap n_set n_genes n_named collection",
    ),
    "coherence": TableKind(
        schemas.PathCoherence, "Coherence of paths", "paths",
        "No gene sets were given, so the paths' coherence was not measured.",
        (Filter("path", "Gene", "gene"), Filter("q", "q", "below", 0.05)),
        first="rank",
    ),
    "gene_lists": TableKind(
        schemas.GeneListOverlap, "Overlap with gene lists", "rows",
        "No lists of genes were given to compare with.",
        (Filter("ranking", "Ranking"), Filter("list_name", "Gene list")),
        first="list_name ranking n_overlap expected odds_ratio p",
    ),
    "ablation": TableKind(
        schemas.Ablation, "Ablation", "paths",
        "No ablation was computed, so the importance was not cross-checked.",
        (Filter("path", "Gene", "gene"),),
    ),
    "proposed_paths": TableKind(
        schemas.ProposedPaths, "Proposed paths", "paths",
        "No path beyond the list was proposed.",
        _PATH_FILTERS,
        first="path route receptor tf target pathway score",
    ),
    "cell_communication": TableKind(
        schemas.CellCommunication, "Interactions between cells", "interactions",
        "No interactions between cells: they need at least two cell types with enough cells, and important paths.",
        (Filter("sender", "Sender"), Filter("receiver", "Receiver"), Filter("path", "Gene", "gene"),
         Filter("concordant", "Concordant"), Filter("q", "q of change", "below", 0.05)),
        first="rank sender ligand receiver receptor route score ligand_log_fold_change comparison ligand_p ligand_q "
        "q p q_specific p_specific concordant direction importance path tfs targets n_paths evidence_score "
        "n_evidence resources references",
    ),
    "communication_pairs": TableKind(
        schemas.CommunicationPairs, "Pairs of populations", "pairs",
        "No pair of populations has an interaction.",
        (Filter("sender", "Sender"), Filter("receiver", "Receiver")),
    ),
    "metrics": TableKind(
        schemas.Metrics, "Metrics", "rows",
        "No metric was computed.",
        (Filter("population", "Population"), Filter("level", "Level"), Filter("split", "Cells"),
         Filter("method", "Method"), Filter("metric", "Metric")),
    ),
    "evaluation": TableKind(
        schemas.EvaluationSummary, "Evaluation over repeats", "rows",
        "This run has no evaluation over repeats. A single split is one draw: repeats over donors and seeds show how "
        "much the metrics vary.",
        (Filter("population", "Population"), Filter("level", "Level"), Filter("metric", "Metric"),
         Filter("kind", "Kind")),
    ),
}  # fmt: skip
"""Tables of the page."""


@cache
def columns_of(table: str) -> Mapping[str, Column]:
    """Columns of a table of the page, in the order in which they are shown."""
    known = TABLES[table].schema.to_schema().columns
    order = dict.fromkeys((*TABLES[table].first.split(), *known))
    return {
        name: Column(label=own.title, explanation=own.description, **own.metadata)
        for name, own in ((name, known[name]) for name in order)
    }


@dataclass(frozen=True)
class TableSpec:
    """A table that is ready for the page.

    Attributes
    ----------
    name
        Key of `TABLES`.
    title
        Heading.
    columns
        Label, unit, explanation and format by column.
    filters
        Above the table.
    frame
        The rows; None where there are none.
    missing
        Why there are none.
    """

    name: str
    title: str
    columns: Mapping[str, Column]
    filters: tuple[Filter, ...] = ()
    frame: pd.DataFrame | None = None
    missing: str = ""


def table_spec(name: str, frame: pd.DataFrame | None, missing: Mapping[str, str]) -> TableSpec:
    """Put a table beside what is known of its columns.

    Parameters
    ----------
    name
        Key of `TABLES`.
    frame
        The table; None or without rows: a sentence takes its place.
    missing
        Sentences by name that are better than those of the house.

    Raises
    ------
    PathloreError
        A column that has no explanation.
    """
    kind, known = TABLES[name], columns_of(name)
    if frame is None or frame.empty:
        return TableSpec(name, kind.title, {}, missing=missing.get(name, kind.absent))
    unknown = [str(column) for column in frame.columns if column not in known]
    if unknown:
        raise PathloreError(
            f"table {name} has columns without explanation ({', '.join(unknown)}): "
            f"write each into pathlore.schemas.{kind.schema.__name__}"
        )
    columns = {column: known[column] for column in known if column in frame}
    filters = tuple(choice for choice in kind.filters if _useful(choice, frame))
    return TableSpec(name, kind.title, columns, filters, frame)


def table_data(spec: TableSpec, paths: Sequence[str] = ()) -> dict[str, Any]:
    """Write a table for the page.

    Parameters
    ----------
    spec
        With rows.
    paths
        Column ``path`` of the population's `path_importance`, where the page holds that: a table that names no other
        path then only says which.

    Returns
    -------
    ``name``, ``title``, ``noun``, ``n`` rows, ``page`` rows at once, ``columns`` (key, whether it is shown, whether it
    is empty), ``filters``, and ``values``: for each column a list, or {levels, codes} where texts repeat (code -1: no
    value); ``runs`` (code, count, code, ...) stand for codes that repeat, and ``of``, the name of a table, for levels
    that are its column ``path``.
    """
    assert spec.frame is not None
    empty = (spec.frame.isna() | (spec.frame == "")).all()
    alike = [COMPARISON] if len(set(spec.frame.get(COMPARISON, ()))) == 1 else []
    return {
        "name": spec.name,
        "title": spec.title,
        "noun": TABLES[spec.name].noun,
        "n": len(spec.frame),
        "page": PAGE if spec.name in ("path_importance", "cell_communication") else SHORT_PAGE,
        "columns": [
            {"key": key, "shown": bool(column.shown and not empty[key] and key not in alike), "empty": bool(empty[key])}
            for key, column in spec.columns.items()
        ],
        "filters": [vars(choice) for choice in spec.filters],
        "values": {
            key: _values(
                spec.frame[key],
                paths if key == "path" else (),
                digits=DIGITS if key in OF_REFITS else DIGITS_OF.get(spec.name, DIGITS),
            )
            for key in spec.columns
        },
    }


def script_json(content: object) -> str:
    r"""Write JSON that cannot end the script element it stands in.

    Examples
    --------
    >>> script_json({"gene": "</script>"})
    '{"gene":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _values(column: pd.Series, paths: Sequence[str], *, digits: int) -> object:
    values = _numbers(column, digits)
    if values is not None:
        alike = len(values) > 1 and all(value == values[0] for value in values)
        return {"levels": values[:1], "runs": [0, len(values)]} if alike else values
    column = column.astype(object).mask(column == "")
    if paths and column.isin(paths).all():
        return {"of": "path_importance"} | _codes(pd.Index(paths).get_indexer(column))
    codes, levels = pd.factorize(column)
    if len(levels) * 2 <= len(column):
        return {"levels": [str(level) for level in levels]} | _codes(codes)
    return [None if pd.isna(value) else str(value) for value in column]


def _numbers(column: pd.Series, digits: int) -> list[bool | int | float | None] | None:
    """Values of a column of flags or numbers; None for texts."""
    if is_bool_dtype(column.dtype):
        return [None if pd.isna(value) else bool(value) for value in column]
    if is_integer_dtype(column.dtype):
        return [None if pd.isna(value) else int(value) for value in column]
    if is_float_dtype(column.dtype):
        return [_number(value, digits) for value in column]
    return None


def _codes(codes: np.ndarray) -> dict[str, list[int]]:
    """Codes one by one, or each with how often it follows itself, whatever is shorter."""
    starts = np.flatnonzero(np.diff(codes, prepend=codes[0] - 1))
    if 2 * len(starts) >= len(codes):
        return {"codes": codes.tolist()}
    counts = np.diff(starts, append=len(codes))
    return {"runs": np.column_stack([codes[starts], counts]).ravel().tolist()}


def _number(value: float, digits: int) -> float | int | None:
    """Significant digits; infinite odds become the largest number, which the page writes as infinite."""
    if pd.isna(value):
        return None
    if value in (float("inf"), float("-inf")):
        return 1.7976931348623157e308 if value > 0 else -1.7976931348623157e308
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short


def _useful(choice: Filter, frame: pd.DataFrame) -> bool:
    """Whether there is anything to choose."""
    if choice.column not in frame or frame[choice.column].isna().all():
        return False
    return choice.kind != "choice" or len(frame[choice.column].dropna().unique()) > 1

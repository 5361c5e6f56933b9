import pandas as pd
import pytest

from pathlore import schemas
from pathlore.errors import PathloreError
from pathlore.report.columns import COLUMNS
from pathlore.report.tables import ABSENT, FILTERS, TITLES, table_spec

TABLES = {
    "path_importance": schemas.PathImportance,
    "donor_activity": schemas.PathActivityByDonor,
    "donor_tests": schemas.DonorTests,
    "active_receptors": schemas.ActiveReceptors,
    "active_ligands": schemas.ActiveLigands,
    "enrichment": schemas.Enrichment,
    "coherence": schemas.PathCoherence,
    "gene_lists": schemas.GeneListOverlap,
    "ablation": schemas.Ablation,
    "proposed_paths": schemas.ProposedPaths,
    "cell_communication": schemas.CellCommunication,
    "communication_pairs": schemas.CommunicationPairs,
    "metrics": schemas.Metrics,
    "evaluation": schemas.EvaluationSummary,
}
BESIDE = {"metrics": {"low", "high"}}  # intervals, where they are given


def test_every_table_has_columns_a_title_and_a_sentence_for_its_absence():
    assert set(COLUMNS) == set(TABLES) == set(TITLES) == set(ABSENT)


@pytest.mark.parametrize("name", TABLES)
def test_every_column_is_explained_and_no_other(name):
    assert set(TABLES[name].to_schema().columns) | BESIDE.get(name, set()) == set(COLUMNS[name])


@pytest.mark.parametrize(("name", "key"), [(name, key) for name, known in COLUMNS.items() for key in known])
def test_explanations_are_sentences(name, key):
    column = COLUMNS[name][key]
    assert column.label[:1].isupper() or column.label.split()[0] in ("p", "q", "z", "n")
    assert column.explanation.endswith(".")
    assert "  " not in column.explanation


@pytest.mark.parametrize("name", FILTERS)
def test_filters_ask_columns_that_exist(name):
    assert {choice.column for choice in FILTERS[name]} <= set(COLUMNS[name])


def test_a_column_without_explanation_is_refused():
    with pytest.raises(PathloreError, match=r"ablation .*\(surprise\)"):
        table_spec("ablation", pd.DataFrame({"path": ["A>B>C"], "surprise": [1]}), {})

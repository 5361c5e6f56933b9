import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.report.tables import TABLES, columns_of, table_spec


@pytest.mark.parametrize("name", TABLES)
def test_the_page_shows_every_column_of_the_file_once(name):
    assert sorted(columns_of(name)) == sorted(TABLES[name].schema.to_schema().columns)
    first = TABLES[name].first.split()
    assert list(columns_of(name))[: len(first)] == first


def test_a_column_is_what_its_schema_says():
    rank, q = (columns_of("path_importance")[key] for key in ("rank", "q"))
    assert (rank.label, rank.unit, rank.format, rank.shown) == ("Rank", "", "integer", True)
    assert (q.unit, q.format) == ("false discovery rate", "p")
    assert list(columns_of("coherence"))[:2] == ["rank", "path"]
    assert [key for key, one in columns_of("path_importance").items() if not one.listed] == [
        "path",
        "selection_frequency",
    ]


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in TABLES for key in columns_of(name)])
def test_explanations_are_sentences(name, key):
    column = columns_of(name)[key]
    assert column.label[:1].isupper() or column.label.split()[0] in ("p", "q", "z", "n")
    assert column.explanation.endswith(".")
    assert "  " not in column.explanation


@pytest.mark.parametrize("name", TABLES)
def test_filters_ask_columns_that_exist(name):
    assert {choice.column for choice in TABLES[name].filters} <= set(columns_of(name))


def test_a_column_without_explanation_is_refused():
    with pytest.raises(PathloreError, match=r"ablation .*\(surprise\)"):
        table_spec("ablation", pd.DataFrame({"path": ["A>B>C"], "surprise": [1]}), {})

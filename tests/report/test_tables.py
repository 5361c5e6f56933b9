import json

import numpy as np
import pandas as pd
import pytest

from pathlore.report.tables import script_json, table_data, table_spec


@pytest.fixture
def lists():
    return pd.DataFrame(
        {
            "ranking": ["importance", "prior", "importance", "prior"],
            "list_name": ["GWAS", "GWAS", "OMIM", None],
            "n_list": [12, 12, 7, 7],
            "n_top": [60.0] * 4,
            "n_overlap": [4.0, 3.0, 0.123456789, np.nan],
            "expected": [2.5] * 4,
            "odds_ratio": [3.0, 2.0, np.inf, 1.0],
            "p": [np.nan] * 4,
        }
    )


def test_values_by_column(lists):
    data = table_data(table_spec("gene_lists", lists, {}))
    assert data["values"]["ranking"] == {"levels": ["importance", "prior"], "codes": [0, 1, 0, 1]}
    assert data["values"]["list_name"]["codes"][-1] == -1
    assert data["values"]["n_overlap"] == [4, 3, 0.1235, None]
    assert data["values"]["odds_ratio"][2] > 1e300
    json.loads(script_json(data))


def test_codes_that_repeat_are_counted(lists):
    data = table_data(table_spec("gene_lists", lists.assign(ranking=["prior"] * 3 + ["random"]), {}))
    assert data["values"]["ranking"] == {"levels": ["prior", "random"], "codes": [0, 0, 0, 1]}
    data = table_data(table_spec("gene_lists", pd.concat([lists.assign(ranking="prior")] * 2), {}))
    assert data["values"]["ranking"] == {"levels": ["prior"], "runs": [0, 8]}


def test_paths_of_the_ranking_are_named_once(contents):
    one = contents.populations[0]
    listed = one.path_importance["path"].tolist()
    spec = table_spec("donor_activity", one.donor_activity, {})
    column = table_data(spec, listed)["values"]["path"]
    codes = np.repeat(column["runs"][::2], column["runs"][1::2])
    assert (column["of"], [listed[code] for code in codes]) == ("path_importance", one.donor_activity["path"].tolist())
    assert "of" not in table_data(spec, listed[1:])["values"]["path"]  # one path is not listed


def test_empty_columns_are_not_shown(lists):
    data = table_data(table_spec("gene_lists", lists, {}))
    columns = {column["key"]: column for column in data["columns"]}
    assert columns["p"] == {"key": "p", "shown": False, "empty": True}
    assert columns["ranking"]["shown"]


def test_empty_texts_are_no_values(lists):
    data = table_data(table_spec("gene_lists", lists.assign(list_name=""), {}))
    assert next(column for column in data["columns"] if column["key"] == "list_name")["empty"]


def test_choices_need_something_to_choose(lists):
    assert [choice.column for choice in table_spec("gene_lists", lists, {}).filters] == ["ranking", "list_name"]
    assert table_spec("gene_lists", lists.assign(ranking="prior", list_name="GWAS"), {}).filters == ()


def test_a_table_without_rows_has_a_sentence(lists):
    assert table_spec("gene_lists", lists.head(0), {}).missing == "No lists of genes were given to compare with."
    assert table_spec("gene_lists", None, {"gene_lists": "Lost."}).missing == "Lost."


def test_json_cannot_leave_its_element():
    text = script_json({"a": "</script><!--\u2028&"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!--\u2028&"}


def test_whole_and_true_values_keep_their_kind(contents):
    data = table_data(table_spec("cell_communication", contents.cell_communication, {}))
    assert {type(value) for value in data["values"]["autocrine"]} == {bool}
    assert {type(value) for value in data["values"]["rank"]} == {int}

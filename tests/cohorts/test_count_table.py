"""A count table with covariates, as Grubman's series has it."""

import gzip
import io

import numpy as np
import pandas as pd
import pytest
from miniature_series import covariates

from pathlore.config import RecipeConfig
from pathlore.errors import PathloreError

SHORT = {"microglia": "mg", "astrocyte": "astro"}
COUNTS, COVARIATES = "GSE138852_counts.csv.gz", "GSE138852_covariates.csv.gz"


@pytest.fixture(scope="module")
def files(cortex):
    return {COUNTS: cortex.count_table(), COVARIATES: covariates(cortex, SHORT)}


def table(content):
    return pd.read_csv(io.BytesIO(gzip.decompress(content)), index_col=0)


def packed(frame):
    return gzip.compress(frame.to_csv().encode())


def changed(recipe, **changes):
    values = recipe.model_dump()
    values["layout"] |= changes.pop("layout", {})
    return RecipeConfig(**(values | changes))


def test_cells_get_what_the_covariates_say(assemble, cortex, files):
    cells, report = assemble(cortex.recipe, files)
    for name, counts in cortex.counts.items():
        found = cells[cells.obs["sample"] == name]
        np.testing.assert_array_equal(found[:, cortex.genes].X.toarray(), counts.toarray())
        assert list(found.obs["cell_type"]) == list(cortex.types[name])
        assert set(found.obs["donor"]) == {name}
        assert set(found.obs["condition"]) == {"alzheimers" if name.startswith("AD") else "control"}
    assert report["sample"].tolist() == list(cortex.counts)
    assert set(report["file"]) == {COUNTS}


def test_cells_in_rows(assemble, cortex, files):
    turned = files | {COUNTS: packed(table(files[COUNTS]).T)}
    cells, _ = assemble(changed(cortex.recipe, layout={"rows": "cells"}), turned)
    name = cortex.recipe.expected[0]
    found = cells[cells.obs["sample"] == name]
    np.testing.assert_array_equal(found[:, cortex.genes].X.toarray(), cortex.counts[name].toarray())


def test_covariates_in_another_order(assemble, cortex, files):
    mixed = files | {COVARIATES: packed(table(files[COVARIATES]).iloc[::-1])}
    pd.testing.assert_frame_equal(assemble(cortex.recipe, files)[0].obs, assemble(cortex.recipe, mixed)[0].obs)


def test_what_is_unknown_stays_so(assemble, cortex, files):
    told = table(files[COVARIATES])
    told.iloc[0, told.columns.get_loc("oupSample.cellType")] = "doublet"
    cells, _ = assemble(cortex.recipe, files | {COVARIATES: packed(told)})
    assert cells.obs["cell_type"].value_counts()["unknown"] == 1


def test_a_sample_that_is_missing(assemble, cortex, files):
    counts = table(files[COUNTS])
    fewer = counts[[cell for cell in counts if not cell.endswith("_Ct5_Ct6")]]
    with pytest.raises(PathloreError, match=r"1 of 6 samples are missing in GSE138852_counts\.csv\.gz: Ct5_Ct6"):
        assemble(cortex.recipe, files | {COUNTS: packed(fewer)})


def test_a_column_that_is_missing(assemble, cortex, files):
    told = table(files[COVARIATES]).drop(columns="oupSample.batchCond")
    with pytest.raises(PathloreError, match=r"no column oupSample\.batchCond, but .*cellType.*recipe\.layout"):
        assemble(cortex.recipe, files | {COVARIATES: packed(told)})


def test_cells_without_covariates(assemble, cortex, files):
    told = table(files[COVARIATES]).iloc[3:]
    with pytest.raises(PathloreError, match=r"nothing of 3 of 72 cells.*`cohort\.recipe\.layout\.cell`"):
        assemble(cortex.recipe, files | {COVARIATES: packed(told)})


def test_a_condition_that_is_not_known(assemble, cortex, files):
    told = table(files[COVARIATES]).replace("ct", "control?")
    with pytest.raises(PathloreError, match=r"the condition 'control\?', the recipe knows AD, ct"):
        assemble(cortex.recipe, files | {COVARIATES: packed(told)})


def test_without_covariates_the_condition_has_to_be_said(assemble, cortex, files):
    layout = {"covariates": None, "condition": None, "cell_type": None}
    with pytest.raises(PathloreError, match=r"the condition of AD1_AD2.* is not said"):
        assemble(changed(cortex.recipe, layout=layout), files)
    with pytest.raises(PathloreError, match=r"oupSample\.batchCond.*names no file"):
        assemble(changed(cortex.recipe, layout={"covariates": None}), files)
    samples = [{"pattern": r"_(?P<sample>(?P<donor>(?P<condition>AD|Ct)\d_\w+))$"}]
    named = changed(cortex.recipe, layout=layout, samples=samples, conditions={"AD": "alzheimers", "Ct": "control"})
    cells, _ = assemble(named, files)
    assert set(cells.obs["condition"]) == {"alzheimers", "control"}
    assert set(cells.obs["cell_type"]) == {""}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gzip.compress(b"gene,cell\nTP53,many\n"), "cannot be read as a table of counts"),
        (gzip.compress(b""), "cannot be read as a table of counts"),
        (gzip.compress(b"gene\n"), "0 rows and 0 columns"),
        (gzip.compress(b",a_AD1_AD2\nTP53,1\n" * 300)[:-20], "cannot be read as a table of counts"),
    ],
    ids=["words", "empty", "a header", "cut off"],
)
def test_a_table_that_is_none(assemble, cortex, files, content, said):
    with pytest.raises(PathloreError, match=said):
        assemble(cortex.recipe, files | {COUNTS: content})


def test_covariates_that_say_two_things(assemble, cortex, files):
    told = table(files[COVARIATES])
    other = told.head(1).assign(**{"oupSample.cellType": "neuron"})
    with pytest.raises(PathloreError, match=r"says two things of 1 cells.*`cohort\.recipe\.layout\.cell`"):
        assemble(cortex.recipe, files | {COVARIATES: packed(pd.concat([told, other]))})
    cells, _ = assemble(cortex.recipe, files | {COVARIATES: packed(pd.concat([told, told.head(3)]))})
    assert len(cells) == len(told)


def test_a_missing_word_is_no_cell_type(assemble, cortex, files):
    told = table(files[COVARIATES])
    told.iloc[0, told.columns.get_loc("oupSample.cellType")] = "NA"
    content = gzip.compress(told.to_csv(na_rep="NA").encode())
    cells, _ = assemble(cortex.recipe, files | {COVARIATES: content})
    assert (cells.obs["cell_type"] == "").sum() == 1

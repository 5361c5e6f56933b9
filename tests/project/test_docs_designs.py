"""The blocks of docs/designs.md: each names the same design for Kedro and in Python, and the error is the real one."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from anndata import AnnData

import pathlore
from pathlore.config import Parameters
from pathlore.errors import PathloreError
from pathlore.expression.design import check_design, design_terms
from pathlore.keys import Obs

PAGE = (Path(__file__).parents[2] / "docs" / "designs.md").read_text()
SECTIONS = dict(re.findall(r"\n## (.*?)\n(.*?)(?=\n## |\Z)", PAGE, re.S))
DESIGNS = {name: text for name, text in SECTIONS.items() if "```yaml" in text}


def block(text, kind):
    return re.search(rf"```{kind}\n(.*?)```", text, re.S)[1]


@pytest.fixture(scope="module")
def cells():
    """Six donors of each condition; batch and covariates vary within conditions, the site does not."""
    rows = [
        {"condition": condition, "donor": f"{condition}{i}", "batch": f"run{i % 2}", "age": 30.0 + 7 * i + i % 3,
         "sex": "fm"[(i // 2 + k) % 2], "site": f"site{k + 1}", "arm": ("placebo", "drug_a", "drug_b")[i % 3],
         "dose": ("0", "1", "10")[i % 3]}
        for k, condition in enumerate(("healthy", "disease")) for i in range(6)
    ]  # fmt: skip
    obs = pd.DataFrame(rows, index=[f"c{i}" for i in range(len(rows))])
    return AnnData(np.ones((len(obs), 2)), obs=obs, var=pd.DataFrame(index=["IFNAR1", "STAT1"]))


def test_every_design_of_the_table_has_its_block():
    linked = re.findall(r"\| \[.*?\]\(#([\w-]+)\) \|", PAGE)
    assert linked == [name.lower().replace(" ", "-") for name in DESIGNS]
    assert len(linked) == 10


@pytest.mark.parametrize("name", DESIGNS)
def test_python_and_yaml_name_the_same_design(name, cells):
    named = {"pl": pathlore, "adata": cells}
    exec(block(DESIGNS[name], "python"), named)
    found = named["study"].parameters.ingestion
    wanted = Parameters.model_validate(yaml.safe_load(block(DESIGNS[name], "yaml"))).ingestion
    default = {"layer"}  # Python looks for the matrix
    assert found.cells.model_dump(exclude=default) == wanted.cells.model_dump(exclude=default)
    assert found.split == wanted.split


def test_the_error_of_the_confounded_design_is_what_the_page_says(cells):
    config = Parameters.model_validate(yaml.safe_load(block(DESIGNS["A confounded design"], "yaml"))).ingestion.cells
    table = pd.DataFrame({Obs.LABEL: (cells.obs["condition"] == "disease").astype(int), Obs.DONOR: cells.obs["donor"]})
    with pytest.raises(PathloreError) as caught:
        check_design(table.join(design_terms(cells.obs, config)), "pooled")
    shown = " ".join(block(DESIGNS["A confounded design"], "text").split())
    assert shown == f"pathlore: {caught.value}"

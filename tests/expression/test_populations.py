import logging

import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.expression.populations import partition_names, populations, slug


@pytest.fixture
def obs():
    types = ["T"] * 6 + ["B"] * 5 + ["NK"] * 4 + [None]
    condition = ["control", "case"] * 3 + ["control", "case"] * 2 + ["case"] + ["control"] + ["case"] * 3 + ["case"]
    return pd.DataFrame({"condition": condition, "cell_type": types}, index=[f"c{i}" for i in range(len(types))])


def test_pooled_takes_all(obs, population_config):
    found = populations(obs, population_config(mode="pooled"))
    assert list(found) == ["pooled"]
    assert list(found["pooled"]) == list(obs.index)


def test_one_per_cell_type_and_the_reason_for_the_rest(obs, population_config, caplog):
    with caplog.at_level(logging.INFO):
        found = populations(obs, population_config())
    assert {name: len(cells) for name, cells in found.items()} == {"B": 5, "T": 6}
    assert "NK (1 control)" in caplog.text
    assert "1 of 16 cells left out, their cell type is not known" in caplog.text


def test_categories_that_are_not_used_do_not_count(obs, population_config):
    obs["condition"] = pd.Categorical(obs["condition"], categories=["control", "case", "never"])
    obs["cell_type"] = obs["cell_type"].astype("category")
    assert list(populations(obs, population_config())) == ["B", "T"]


def test_include_and_exclude(obs, population_config):
    assert list(populations(obs, population_config(include=["T"]))) == ["T"]
    assert list(populations(obs, population_config(exclude=["T", "NK"]))) == ["B"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"include": ["t"]}, r"t not found, the cells have B, NK, T: change `ingestion.population.include`"),
        ({"exclude": ["mono"]}, r"`ingestion.population.exclude`"),
        ({"include": ["T"], "exclude": ["T"]}, "no cell type is left"),
        ({"min_cells_per_class": 9}, r"T \(3 c.*`ingestion.population.min_cells_per_class`"),
        ({"mode": "pooled", "min_cells_per_class": 90}, r"pooled \(6 control\)"),
    ],
)
def test_errors(obs, population_config, changes, message):
    with pytest.raises(PathloreError, match=message):
        populations(obs, population_config(**changes))


def test_unknown_cell_types(obs, population_config):
    with pytest.raises(PathloreError, match=r"`ingestion.cells.cell_type`"):
        populations(obs.assign(cell_type=None), population_config())


def test_pooled_says_that_include_is_idle(obs, population_config, caplog):
    populations(obs, population_config(mode="pooled", include=["T"]))
    assert "have no effect" in caplog.text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("FCGR3A+ Monocytes", "fcgr3a_pos_monocytes"),
        ("Müller glia", "muller_glia"),
        ("+/-", "pos_neg"),
        ("HIV+", "hiv_pos"),
        ("HIV-", "hiv_neg"),
        ("HIV -", "hiv_neg"),
        ("CD8\u2212", "cd8_neg"),
        ("CD8\u207a T", "cd8_pos_t"),
        ("CD4+CD8-", "cd4_pos_cd8_neg"),
        ("\u03b1β T", "alpha_beta_t"),
        ("γδ T", "gamma_delta_t"),
        ("IFN-\u03b1", "ifn_alpha"),
        ("IFN-β", "ifn_beta"),
        ("TNF\u03b1", "tnf_alpha"),
        ("Δflu", "delta_flu"),
        ("µ", "mu"),
        ("-/-", "neg_neg"),
        ("Non-responder", "non_responder"),
        ("T\u2013B", "t_b"),
        ("a - b", "a_b"),
        ("日本", "population"),
    ],
)
def test_slug(name, expected):
    assert slug(name) == expected


def test_partition_names_are_distinct_and_independent_of_order():
    names = ["a b", "A+b", "a_b", "a b 2"]
    found = partition_names(names)
    assert found == partition_names(reversed(names))
    assert len(set(found.values())) == len(names)


@pytest.mark.parametrize("length", [81, 255, 256, 1000])
def test_a_long_name_is_a_file_name(tmp_path, length):
    first, second = (partition_names(["T" * length + end])["T" * length + end] for end in "ab")
    assert first != second
    assert len(first) <= 80
    (tmp_path / f".{first}.parquet.12345678.partial").touch()

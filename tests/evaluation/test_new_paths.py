"""A planted path that is taken off the list is proposed and kept; random paths and noise are not."""

import numpy as np
import pandas as pd
import pytest
from blocks import base, whole
from small_fits import model_config, training_config
from worlds import World

from pathlore.config import DiscoveryConfig, Parameters
from pathlore.errors import PathloreError
from pathlore.evaluation.discovery import Search, discover, withheld
from pathlore.evaluation.search import search_in
from pathlore.schemas import DiscoveredPaths
from pathlore.study.sources import Sources

TRAINING = {"epochs": 5, "learning_rate": 0.003, "importance_learning_rate": 0.1, "prior_weight": 0.0, "sparsity": 1.0}


def search(world, **changes):
    """With little novelty: what is withheld shares genes with listed paths, and much of it would rule that out."""
    changes = {"novelty": 0.3} | changes
    return Search(
        network=world.network,
        statistics=world.statistics,
        bounds=world.bounds,
        config=DiscoveryConfig.model_validate(base("interpretation", "discovery", **changes)),
        model=model_config(importance_start=-4.0),
        training=training_config(**TRAINING),
        rebuild=world.case,
    )


@pytest.fixture(scope="module")
def world():
    return World(seed=4, n_cells=240)


@pytest.fixture(scope="module")
def found(world):
    """What discovery makes of a list without its first planted path."""
    seen = []

    def rebuild(paths):
        seen.append(list(paths["path"]))
        return world.case(paths)

    whole = search(world)
    rest = world.paths[world.paths["path"] != world.planted[0]].reset_index(drop=True)
    table = discover(rest, Search(**{**vars(whole), "rebuild": rebuild}))
    return rest, table, seen


def test_the_withheld_path_is_among_the_first_and_kept(world, found):
    """Of some thousand typed paths."""
    _, table, _ = found
    DiscoveredPaths.validate(table)
    place = list(table["path"]).index(world.planted[0])
    assert place < 10
    assert table.loc[place, "kept"]
    assert table.loc[place, "test_auroc"] > 0.8


def test_as_many_random_paths_stand_beside(found):
    rest, table, seen = found
    counts = table["origin"].value_counts()
    assert counts["proposed"] == counts["random"] == 30
    assert set(table["path"]).isdisjoint(rest["path"])
    assert seen[0] == list(rest["path"])
    assert seen[1][: len(rest)] == seen[0]
    assert set(seen[1][len(rest) :]) == set(table["path"])
    random = table[table["origin"] == "random"]
    assert random["score"].isna().all()
    assert not random["kept"].any()
    assert random["passes"].sum() <= 2, "one in twenty meets the first rule, and not all of these the second"


def test_what_is_kept_is_above_random_paths_and_does_well_on_test_cells(found):
    _, table, _ = found
    proposed, random = (table[table["origin"] == origin] for origin in ("proposed", "random"))
    kept = proposed[proposed["kept"]]
    assert 0 < len(kept) < len(proposed)
    assert kept["validation_auroc"].min() > random["validation_auroc"].quantile(0.95)
    assert kept["test_auroc"].mean() > random["test_auroc"].mean() + 0.1


def test_the_report_on_a_withheld_path(world, found):
    result = withheld(world.paths, world.planted[0], search(world))
    _, table, _ = found
    proposed = table[table["origin"] == "proposed"]
    place = list(table["path"]).index(world.planted[0])
    assert (result.path, result.rank, result.kept) == (world.planted[0], place + 1, True)
    assert (result.proposed, result.kept_in_all, result.nearest) == (30, int(proposed["kept"].sum()), 1.0)
    passed = table.loc[table["origin"] == "random", "passes"].sum()
    assert (result.random, result.random_passed) == (30, passed)


def test_a_path_out_of_reach_is_not_brought_back(world):
    """The search may only begin at another receptor."""
    whole = search(world, new_paths=5)
    narrow = Search(**{**vars(whole), "bounds": world.bounds.model_copy(update={"receptors": ["NOTCH1"]})})
    result = withheld(world.paths, world.planted[0], narrow)
    assert result.rank is None
    assert not result.kept
    assert result.nearest < 0.5


def test_cells_without_an_effect_support_little():
    world = World(seed=1, n_cells=160, effect=0.0)
    table = discover(world.paths, search(world))
    assert table["kept"].sum() <= 3
    assert abs(np.mean(table["test_auroc"]) - 0.5) < 0.12


def test_a_path_that_is_not_listed_cannot_be_withheld(world):
    with pytest.raises(PathloreError, match="A>B>C is not among the"):
        withheld(world.paths, "A>B>C", search(world))


def test_a_network_without_other_paths_has_nothing_to_compare_with(world):
    """All paths but one are listed or proposed, so that no random one is left."""
    paths = world.paths
    only = paths.iloc[[0]]
    genes = set(only.loc[0, "path"].split(">"))
    statistics = world.statistics.assign(passes=world.statistics["gene"].isin(genes))
    empty = discover(only, Search(**{**vars(search(world)), "statistics": statistics}))
    assert isinstance(empty, pd.DataFrame)
    assert empty.empty


def test_the_search_of_a_cohort(world):
    """The whole chain from cells and knowledge, with the parameters of a run."""
    classes = {name: [name] for name in ("control", "case")}
    parameters = Parameters.model_validate(
        whole(
            {
                "ingestion.cells.classes": classes,
                "graph_construction.paths.max_paths": 40,
                "text_embedding.encoder.kind": "random",
                "text_embedding.encoder.cache": None,
                "interpretation.discovery.new_paths": 6,
                "modeling.model": search(world).model.model_dump(),
                "modeling.training": training_config(**TRAINING | {"epochs": 2}).model_dump(),
            }
        )
    )
    genes = sorted(set(world.network["source"]) | set(world.network["target"]))
    annotations = pd.DataFrame({"symbol": genes, "name": genes, "description": ""})
    sources = Sources(world.cells, world.network, annotations, truth={"pooled": frozenset(world.planted)})
    paths, prepared = search_in(sources, parameters, "pooled", fold=0, n_folds=4, seed=7)
    assert len(paths) == 40
    assert prepared.training.seed == 7
    rebuilt = prepared.rebuild(paths)
    assert set(rebuilt.graph.paths["path"]) == set(paths["path"])
    change = prepared.statistics.set_index("gene")["log_fold_change"]
    np.testing.assert_allclose(rebuilt.graph.entities["log_fold_change"], change[rebuilt.graph.genes])
    table = discover(paths, prepared)
    assert table["origin"].value_counts().to_dict() == {"proposed": 6, "random": 6}
    assert set(table["path"]).isdisjoint(paths["path"])
    assert table.loc[table["origin"] == "proposed", "score"].notna().all()

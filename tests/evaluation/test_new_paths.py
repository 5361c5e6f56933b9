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
from pathlore.evaluation.discovery_results import search_in
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


SEEDS = range(4)
"""Worlds that nobody chose; a fraction of them must come out right."""


@pytest.fixture(scope="module")
def world():
    return World(seed=0, n_cells=200, max_paths=30)


@pytest.fixture(scope="module")
def found(world):
    """What discovery makes of each world's list without its first planted path: world, rest, table, lists fitted."""

    def one(world):
        seen = []

        def rebuild(paths):
            seen.append(list(paths["path"]))
            return world.case(paths)

        rest = world.paths[world.paths["path"] != world.planted[0]].reset_index(drop=True)
        return world, rest, discover(rest, Search(**{**vars(search(world, new_paths=20)), "rebuild": rebuild})), seen

    return [one(world), *(one(World(seed=seed, n_cells=200, max_paths=30)) for seed in SEEDS[1:])]


def place_of(world, table):
    """Place of the withheld path among the proposals; None: not proposed."""
    proposed = list(table.loc[table["origin"] == "proposed", "path"])
    return proposed.index(world.planted[0]) if world.planted[0] in proposed else None


def test_the_withheld_path_is_among_the_first_and_kept(found):
    """Of some thousand typed paths, by which twenty at random hold it in one of fifty worlds."""
    places = [place_of(world, table) for world, _, table, _ in found]
    assert np.mean([place is not None for place in places]) >= 0.6
    assert np.mean([place is not None and place < 10 for place in places]) >= 0.4
    rows = [table.loc[place] for (_, _, table, _), place in zip(found, places, strict=True) if place is not None]
    assert np.mean([row["kept"] for row in rows]) >= 0.5
    assert np.mean([row["test_auroc"] for row in rows]) > 0.75


def test_as_many_random_paths_stand_beside(found):
    passes = []
    for _, rest, table, seen in found:
        DiscoveredPaths.validate(table)
        counts = table["origin"].value_counts()
        assert counts["proposed"] == counts["random"] == 20
        assert set(table["path"]).isdisjoint(rest["path"])
        assert seen[0] == list(rest["path"])
        assert seen[1][: len(rest)] == seen[0]
        assert set(seen[1][len(rest) :]) == set(table["path"])
        random = table[table["origin"] == "random"]
        assert random["score"].isna().all()
        assert not random["kept"].any()
        passes.append(random["passes"].mean())
    assert np.mean(passes) <= 0.07, "one in twenty meets the first rule, and not all of these the second"


def test_what_is_kept_is_above_random_paths_and_does_well_on_test_cells(found):
    gains = []
    for _, _, table, _ in found:
        proposed, random = (table[table["origin"] == origin] for origin in ("proposed", "random"))
        kept = proposed[proposed["kept"]]
        assert len(kept) < len(proposed)
        if kept.empty:
            continue
        assert kept["validation_auroc"].min() > random["validation_auroc"].quantile(0.95)
        gains.append(kept["test_auroc"].mean() - random["test_auroc"].mean())
    assert len(gains) >= 0.6 * len(found)
    assert np.mean(np.array(gains) > 0.1) >= 0.8


def test_the_report_on_a_withheld_path(found):
    world, _, table, _ = found[0]
    result = withheld(world.paths, world.planted[0], search(world, new_paths=20))
    proposed = table[table["origin"] == "proposed"]
    place = place_of(world, table)
    assert place is not None
    assert (result.path, result.rank, result.kept) == (world.planted[0], place + 1, table.loc[place, "kept"])
    assert (result.proposed, result.kept_in_all, result.nearest) == (20, int(proposed["kept"].sum()), 1.0)
    passed = table.loc[table["origin"] == "random", "passes"].sum()
    assert (result.random, result.random_passed) == (20, passed)


def test_a_path_out_of_reach_is_not_brought_back(world):
    """The search may only begin at another receptor."""
    whole = search(world, new_paths=5)
    narrow = Search(**{**vars(whole), "bounds": world.bounds.model_copy(update={"receptors": ["NOTCH1"]})})
    result = withheld(world.paths, world.planted[0], narrow)
    assert result.rank is None
    assert not result.kept
    assert result.nearest < 0.5


def test_cells_without_an_effect_support_little():
    tables = []
    for seed in SEEDS:
        world = World(seed=seed, n_cells=120, effect=0.0, max_paths=30)
        tables.append(discover(world.paths, search(world, new_paths=10)))
    assert np.mean([table["kept"].sum() / 10 for table in tables]) <= 0.3, "ten random paths make a coarse threshold"
    assert abs(np.mean([table["test_auroc"].mean() for table in tables]) - 0.5) < 0.06


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

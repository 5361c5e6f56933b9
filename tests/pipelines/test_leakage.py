"""Nothing that is fitted may depend on a test cell: the nodes from raw cells to a trained model, twice."""

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData
from blocks import base, network_of, path_block
from scipy import sparse

from pathlore.config import (
    BaselineConfig,
    CellsConfig,
    EncoderConfig,
    EngineConfig,
    GeneFilterConfig,
    GenesConfig,
    GraphConfig,
    ModelConfig,
    PopulationConfig,
    QualityConfig,
    SentenceConfig,
    SplitConfig,
    TextControlConfig,
    TrainingConfig,
    TuningConfig,
)
from pathlore.explain.importance import path_importance
from pathlore.expression.fabricate import fabricate_cells
from pathlore.pipelines.graph_construction import nodes as graph_construction
from pathlore.pipelines.ingestion import nodes as ingestion
from pathlore.pipelines.modeling import nodes as modeling
from pathlore.pipelines.text_embedding import nodes as text_embedding
from pathlore.training.data import cell_sets

GENES = GenesConfig.model_validate(base("ingestion", "genes"))
CELLS = CellsConfig(
    layer="X",
    gene_column=None,
    condition="condition",
    classes={"control": ["control"], "case": ["case"]},
    donor="donor",
    paired_donors=False,
    donor_names="global",
    similar_donors="refuse",
    cell_type="cell_type",
    missing=[],
)
QUALITY = QualityConfig(min_genes=0, max_mitochondrial_percent=100, scale="auto", target_sum=10_000)
CONTROL = TextControlConfig.model_validate(base("text_embedding", "control"))
SENTENCES = SentenceConfig.model_validate(base("graph_construction", "sentences"))
ENCODER = EncoderConfig(
    kind="lsa", model="", revision=None, pooling="mean", max_tokens=1, batch_tokens=1, precision="fp32", device="cpu",
    dimension=8, seed=0, cache=None,
)  # fmt: skip
MODEL = ModelConfig.model_validate(
    base(
        "modeling", "model", expression="zscore", width=8, aggregation_heads=2, feed_forward=8, expander=4,
        importance_start=-2.0,
    )
)  # fmt: skip
TRAINING = TrainingConfig.model_validate(
    base(
        "modeling", "training", epochs=3, batch_size=16, learning_rate=0.01, weight_decay=0.0, prior_weight=0.1,
        sparsity=0.5, min_learning_rate=0.0, accelerator="cpu", threads=1, checkpoints=None, scratch=None,
    )
)  # fmt: skip
BASELINE = BaselineConfig(strengths=[0.01, 0.1], max_iterations=500)


def lazily(partitions):
    """What Kedro gives a node for a partitioned dataset."""
    return {name: (lambda value=value: value) for name, value in partitions.items()}


@pytest.fixture(scope="module")
def network_raw():
    """Six chains of five kinds of gene, with cross links."""
    rng = np.random.default_rng(0)
    layers = [[f"{name}{i}" for i in range(8)] for name in ("LIG", "REC", "SIG", "TF", "TGT")]
    kinds = ["ligand_receptor", "signaling", "signaling", "tf_target"]
    rows = [
        {"source": source, "target": str(target), "kind": kind, "sign": int(rng.integers(-1, 2))}
        for upper, lower, kind in zip(layers, layers[1:], kinds, strict=False)
        for source in upper
        for target in rng.choice(lower, 3, replace=False)
    ]
    return pd.DataFrame(rows)


def work(cells_raw, network_raw, mode):
    """Run the nodes in the order of the pipelines and return what they made."""
    network = network_of(network_raw)
    genes = sorted(set(network["source"]) | set(network["target"]))
    texts = pd.DataFrame({"symbol": genes, "name": [f"gene {g}" for g in genes], "description": "A protein."})
    names = ingestion.unite_gene_names({"texts.csv": texts})
    annotations = ingestion.annotate_genes({"texts.csv": texts}, names)
    mapping = ingestion.map_genes(cells_raw, names, {}, CELLS, GENES)
    cells = ingestion.prepare_cells(cells_raw, mapping, CELLS, QUALITY)
    population = PopulationConfig(mode=mode, include=[], exclude=[], min_cells_per_class=5)
    split = SplitConfig(by="auto", train=0.6, validation=0.2, test=0.2, seed=0)
    populations, splits, _ = ingestion.split_populations(cells, {}, CELLS, population, split)
    statistics = ingestion.summarise_genes(
        cells, lazily(splits), CELLS, GeneFilterConfig(min_fraction=0.3, silent_fraction=0.5)
    )
    bounds = path_block(max_edges=4, receptors_per_target=3, max_paths=40)
    paths, report, _ = graph_construction.enumerate_paths(network, lazily(statistics), {}, bounds)
    graphs = graph_construction.assemble_graphs(
        network, lazily(paths), lazily(statistics), annotations, bounds, GraphConfig(genes="paths"), SENTENCES
    )
    embeddings = text_embedding.embed_sentences(
        *text_embedding.collect_sentences(lazily(graphs)), ENCODER, TuningConfig(), CONTROL
    )
    models, histories = modeling.fit_models(
        cells, lazily(splits), lazily(graphs), *embeddings, lazily(statistics), MODEL, TRAINING, EngineConfig(workers=1)
    )
    predictions = modeling.predict_held_out(
        lazily(populations), lazily(models), cells, lazily(splits), BASELINE, TRAINING
    )
    importance = {
        name: path_importance(model, graphs[name], cell_sets(cells, splits[name], model.genes), "deg")
        for name, model in models.items()
    }
    return {
        "splits": splits,
        "statistics": statistics,
        "paths": paths,
        "report": report,
        "graphs": graphs,
        "embeddings": embeddings,
        "models": models,
        "histories": histories,
        "predictions": predictions,
        "importance": importance,
    }


def other_expression(cells, names):
    """The same cells with wholly different counts in those named."""
    counts = cells.X.toarray()
    rows = cells.obs_names.get_indexer(names)
    rng = np.random.default_rng(99)
    counts[rows] = rng.poisson(rng.gamma(0.3, 30.0, (len(rows), cells.n_vars)))
    return AnnData(sparse.csr_matrix(counts, dtype=np.float32), obs=cells.obs.copy(), var=cells.var.copy())


@pytest.fixture(scope="module", params=["pooled", "per_cell_type"])
def twice(request, network_raw):
    cells = fabricate_cells(network_raw, n_cells=200, n_planted=2, seed=1)
    first = work(cells, network_raw, request.param)
    splits = pd.concat(first["splits"].values())
    elsewhere = set(splits.loc[splits["split"] != "test", "cell"])
    test = [cell for cell in cells.obs_names if cell not in elsewhere]
    changed = other_expression(cells, test)
    assert len(test) > 20
    return first, work(changed, network_raw, request.param)


@pytest.mark.parametrize("what", ["splits", "statistics", "paths", "histories"])
def test_tables_do_not_depend_on_test_cells(twice, what):
    first, second = (run[what] for run in twice)
    assert list(first) == list(second)
    for name, table in first.items():
        columns = [column for column in table if column != "seconds"]
        pd.testing.assert_frame_equal(table[columns], second[name][columns], check_exact=True)


def test_graphs_and_embeddings_do_not_depend_on_test_cells(twice):
    first, second = twice
    for name, graph in first["graphs"].items():
        for table in ("entities", "associations", "paths"):
            pd.testing.assert_frame_equal(getattr(graph, table), getattr(second["graphs"][name], table))
    for one, other in zip(first["embeddings"], second["embeddings"], strict=True):
        assert one.keys == other.keys
        np.testing.assert_array_equal(one.vectors, other.vectors)
    pd.testing.assert_frame_equal(first["report"], second["report"])


def test_weights_do_not_depend_on_test_cells(twice):
    first, second = (run["models"] for run in twice)
    for name, model in first.items():
        assert model.best_epoch == second[name].best_epoch
        for tensor, value in model.state.items():
            assert torch.equal(value, second[name].state[tensor]), tensor


def test_only_predictions_on_test_cells_change(twice):
    first, second = (run["predictions"] for run in twice)
    for name, table in first.items():
        held = {split: [t[t["split"] == split] for t in (table, second[name])] for split in ("validation", "test")}
        pd.testing.assert_frame_equal(*held["validation"], check_exact=True)
        method = "logistic_regression"
        one, other = (t.loc[t["method"] == method, "probability_of_case"].to_numpy() for t in held["test"])
        assert not np.allclose(one, other), "the test cells were not changed"


OF_ALL_CELLS = ("activity_auroc", "mean_rank", "direction", "gene_effects", "donors_expressing")
"""What describes the paths in cells that the model did not see too; nothing is ranked by it."""


def test_ranks_do_not_depend_on_test_cells(twice):
    first, second = (run["importance"] for run in twice)
    for name, table in first.items():
        same = [column for column in table if column not in OF_ALL_CELLS]
        pd.testing.assert_frame_equal(table[same], second[name][same])


def test_no_donor_is_on_two_sides(twice):
    for table in twice[0]["splits"].values():
        assert table.groupby("donor")["split"].nunique().max() == 1
        assert set(table["split"]) == {"train", "validation", "test"}
        assert not table["cell"].duplicated().any()

"""What learning rate and epochs change in the fits of a run: processor seconds, held-out AUROC, order of the paths.

    kedro run --env kang --params raw=RAW --pipelines ingestion,text_embedding,graph_construction
    python benchmarks/learning_rate.py --env kang --raw RAW [--fits 0.0003x30,0.002x10] [--populations b_cells]

It fits what the first command left in data/, with all parameters of the environment but the learning rate and the
epochs (a rate, x, epochs), one thread and one seed. "paths" is the test AUROC of the paths alone, "whole" that of the
model with its branches; "rank correlation" and "of 25" compare the importance of the paths, and its first 25, with the
first of the fits.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from scipy.stats import spearmanr

ROOT = Path(__file__).parents[1]
TOP = 25


def fits(environment: str, raw: str | None, specifications: list[str], only: list[str]) -> Iterator[list[str]]:
    """One row per population and fit."""
    from pathlore.config import ModelConfig, TrainingConfig
    from pathlore.keys import Method, Split
    from pathlore.training.data import cell_sets, class_names, wide_genes
    from pathlore.training.fit import fit
    from pathlore.training.metrics import auroc
    from pathlore.training.trained_model import by_branch

    with KedroSession.create(ROOT, env=environment, runtime_params={"raw": raw} if raw else {}) as session:
        context = session.load_context()
        catalogue, parameters = context.catalog, context.params["modeling"]
    config = ModelConfig.model_validate(parameters["model"])
    training = TrainingConfig.model_validate(parameters["training"])
    names = ("cells", "splits", "gene_statistics", "text_numeric_graphs", "gene_embeddings", "path_embeddings")
    cells, splits, statistics, graphs, of_genes, of_paths = map(catalogue.load, names)
    for name in only or sorted(graphs):
        graph, split = graphs[name](), splits[name]()
        wide = wide_genes(graph.genes, statistics[name](), config.wide_genes)
        data = cell_sets(cells, split, graph.genes, training.scratch, wide)
        vectors = of_genes.rows(graph.genes), of_paths.rows(graph.paths["path"])
        first = None
        for specification in specifications:
            rate, epochs = specification.split("x")
            changed = {"learning_rate": float(rate), "epochs": int(epochs), "threads": 1, "checkpoints": None}
            start = time.process_time()
            asked = training.model_copy(update=changed)
            model, history = fit(name, graph, *vectors, data, class_names(split), config, asked)
            seconds, test = time.process_time() - start, data[Split.TEST]
            answers = by_branch(model, test, training.batch_size)
            found = (auroc(test.labels, answers[method]) for method in (Method.PATHS, Method.MODEL))
            loss = history["validation_loss"].iloc[model.best_epoch - 1]
            first = model.importance if first is None else first
            tops = [set(np.argsort(-scores)[:TOP]) for scores in (first, model.importance)]
            order = spearmanr(first, model.importance).statistic
            numbers = [f"{value:.3f}" for value in (loss, *found, order)]
            run = [f"{seconds:.0f}", f"{model.best_epoch} of {len(history)}"]
            yield [name, specification, *run, *numbers, str(len(set.intersection(*tops)))]


def main() -> None:
    """Print the rows as a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", default="demo", help="environment whose run left its data here")
    parser.add_argument("--raw", help="folder of the raw data")
    parser.add_argument("--fits", default="0.0003x30,0.002x10", help="learning rate x epochs, several by commas")
    parser.add_argument("--populations", default="", help="by commas; all by default")
    given = parser.parse_args()
    bootstrap_project(ROOT)
    head = [
        "population",
        "fit",
        "CPU s",
        "best epoch",
        "validation loss",
        "paths",
        "whole",
        "rank correlation",
        "of 25",
    ]
    print(" | ".join(head))
    only = [name for name in given.populations.split(",") if name]
    for row in fits(given.env, given.raw, given.fits.split(","), only):
        print(" | ".join(row), flush=True)


if __name__ == "__main__":
    main()

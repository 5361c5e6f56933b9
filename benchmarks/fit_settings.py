"""What parameters of the model and the fit change: processor seconds, held-out AUROC, answers, order of the paths.

    kedro run --env kang --params raw=RAW --pipelines ingestion,text_embedding,graph_construction
    python benchmarks/fit_settings.py --env kang --raw RAW --fits learning_rate=0.0003,epochs=30 learning_rate=0.001
    python benchmarks/fit_settings.py --env kang --raw RAW --fits max_sentences=null max_sentences=100

It fits what the first command left in data/, with all parameters of the environment but those that are named, on one
thread. "paths" is the test AUROC of the paths alone, "whole" that of the model with its branches; the other columns
compare a fit with the first: the correlation of the paths' logits of the test cells, the rank correlation of the paths'
importance, and how many of the first 25 paths both have.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import yaml
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
    from pathlore.training.stacking import path_logits
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
        firsts = None
        for specification in specifications:
            given = {key: yaml.safe_load(value) for key, value in (one.split("=") for one in specification.split(","))}
            of_model = {key: value for key, value in given.items() if key in ModelConfig.model_fields}
            of_fit = {"threads": 1, "checkpoints": None} | {key: given[key] for key in given.keys() - of_model.keys()}
            start = time.process_time()
            form, asked = (
                type(block).model_validate(block.model_dump() | changed)
                for block, changed in ((config, of_model), (training, of_fit))
            )
            model, history = fit(name, graph, *vectors, data, class_names(split), form, asked)
            seconds, test = time.process_time() - start, data[Split.TEST]
            answers = by_branch(model, test, training.batch_size)
            found = (auroc(test.labels, answers[method]) for method in (Method.PATHS, Method.MODEL))
            logits = path_logits(model.module(), test.x, training.batch_size)
            logits = (logits - logits.mean(axis=1, keepdims=True)).ravel()
            firsts = firsts or (logits, model.importance)
            tops = [set(np.argsort(-scores)[:TOP]) for scores in (firsts[1], model.importance)]
            loss = history["validation_loss"].iloc[model.best_epoch - 1]
            answer, order = np.corrcoef(firsts[0], logits)[0, 1], spearmanr(firsts[1], model.importance).statistic
            numbers = [f"{value:.3f}" for value in (loss, *found)] + [f"{value:.6f}" for value in (answer, order)]
            run = [f"{seconds:.0f}", f"{model.best_epoch} of {len(history)}"]
            yield [name, specification, *run, *numbers, str(len(set.intersection(*tops)))]


def main() -> None:
    """Print the rows as a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", default="demo", help="environment whose run left its data here")
    parser.add_argument("--raw", help="folder of the raw data")
    parser.add_argument("--fits", nargs="+", default=["learning_rate=0.001"], help="parameters=values by commas")
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
        "logits",
        "rank correlation",
        "of 25",
    ]
    print(" | ".join(head))
    only = [name for name in given.populations.split(",") if name]
    for row in fits(given.env, given.raw, given.fits, only):
        print(" | ".join(row), flush=True)


if __name__ == "__main__":
    main()

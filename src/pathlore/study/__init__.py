"""The chain from prepared cells to a fitted model, written once: splits, paths, graph, texts, fit.

Kedro's nodes, the evaluation and `pathlore.api` call the same functions; nothing here knows Kedro or MLflow.
"""

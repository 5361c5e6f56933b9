"""pathlore from Python, on an AnnData object: no project, no parameter files.

.. code-block:: python

    import scanpy as sc, pathlore as pl

    adata = sc.read_h5ad("cells.h5ad")
    print(pl.inspect(adata))
    study = pl.Study(adata, condition="disease", control="healthy", donor="donor", cell_type="cell_type")
    study.prepare().fit()
    study.metrics(), study.paths()

Source: text-numeric graphs, `arXiv 2501.16361 <https://arxiv.org/abs/2501.16361>`_.

Examples
--------
Real cells of scanpy, with a small model that is fitted for one epoch (the real ones take the defaults):

>>> import scanpy as sc
>>> cells = sc.datasets.pbmc68k_reduced()
>>> small = {
...     "graph_construction.paths.bridge": 4,
...     "graph_construction.paths.max_paths": 20,
...     "modeling.model.width": 8,
...     "text_embedding.encoder.dimension": 16,
... }
>>> study = Study(cells, condition="bulk_labels", control="CD14+ Monocyte", case="Dendritic", parameters=small)
>>> study.prepare().fit(epochs=1, seed=0).class_names
['CD14+ Monocyte', 'Dendritic']
>>> list(study.metrics()["method"])
['pathlore', 'paths', 'graph_genes', 'wide', 'without_paths', 'logistic_regression', 'majority']
>>> study.paths().shape[0] == len(study.graph.paths) == 20
True
>>> annotated = study.annotate(cells[:3].copy(), copy=True)
>>> annotated.obsm["path_activity"].shape
(3, 20)
"""

from pathlore.api.inspection import InspectionReport, inspect
from pathlore.api.scorer import Scorer, load
from pathlore.api.study import Study

__all__ = ["InspectionReport", "Scorer", "Study", "inspect", "load"]

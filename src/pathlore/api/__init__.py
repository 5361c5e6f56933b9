"""pathlore from Python, on an AnnData object: no project, no parameter files.

.. code-block:: python

    import scanpy as sc, pathlore as pl

    adata = sc.read_h5ad("cells.h5ad")
    print(pl.inspect(adata))
    study = pl.Study(adata, condition="disease", control="healthy", donor="donor", cell_type="cell_type")
    study.prepare().fit()
    study.metrics(), study.paths()
"""

from pathlore.api.inspection import InspectionReport, inspect
from pathlore.api.scorer import Scorer, load
from pathlore.api.study import Study

__all__ = ["InspectionReport", "Scorer", "Study", "inspect", "load"]

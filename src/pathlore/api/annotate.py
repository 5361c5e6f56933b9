"""What a model says of each cell, written into an AnnData object."""

from typing import TYPE_CHECKING

import numpy as np
from anndata import AnnData

if TYPE_CHECKING:
    from pathlore.scoring.bundle import Bundle


def write_annotation(adata: AnnData, bundle: "Bundle") -> None:
    """Write score, class and path activities of each cell; see `pathlore.Study.annotate`.

    Parameters
    ----------
    adata
        Changed in place.
    bundle
        The model and what it needs.
    """
    from pathlore.scoring.labels import known_labels
    from pathlore.scoring.new_cells import new_cells
    from pathlore.scoring.score import score_prepared
    from pathlore.training.batches import path_activities

    cells = new_cells(bundle, adata)
    labels = known_labels(adata.obs, bundle.facts.cells, bundle.class_names)
    scores = score_prepared(bundle, cells, labels, bundle.facts.limits.min_coverage, contributions=False)
    module = bundle.model.module()
    activity = module.activity(path_activities(module, cells.x)).numpy()  # (n, P, contrasts), oriented
    two = len(bundle.class_names) == 2
    adata.obs["pathlore_class"] = scores.predicted
    adata.obs["pathlore_class"] = adata.obs["pathlore_class"].astype("category")
    adata.obs["pathlore_score"] = scores.calibrated[:, 1] if two else scores.calibrated.max(axis=1)
    adata.obsm["path_activity"] = np.ascontiguousarray(activity[:, :, 0] if two else activity.max(axis=2))
    adata.uns["pathlore"] = {
        "paths": np.array(bundle.model.paths, dtype=object).astype(str),
        "importance": np.asarray(bundle.path_weight, dtype=float),
        "classes": np.array(bundle.class_names).astype(str),
        "population": bundle.facts.population,
        "warnings": np.array(scores.warnings, dtype=str),
    }

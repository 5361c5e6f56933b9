"""The steps before a path: which ligands, perhaps of other cells, speak to the receptors at the heads of the paths."""

import pandas as pd

from pathlore.keys import Kind


def ligand_receptor_steps(
    network: pd.DataFrame, paths: pd.DataFrame, expressed: set[str], population: str
) -> pd.DataFrame:
    """Keep the ligand -> receptor edges of the whole network that lead to a path's receptor.

    They are no steps of the paths, since the ligand may come from another cell and need not be measured in this
    population; they are what a reading of the signals between cells begins with.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`, whole.
    paths
        `pathlore.schemas.SignalingPaths` of the population.
    expressed
        Genes that the population expresses.
    population
        Its name.

    Returns
    -------
    `pathlore.schemas.LigandReceptorSteps`, by receptor and ligand; perhaps without a row.
    """
    heads = paths["receptor"].value_counts()
    steps = network[(network["kind"] == Kind.LIGAND_RECEPTOR) & network["target"].isin(heads.index)]
    steps = steps.rename(columns={"source": "ligand", "target": "receptor"})
    steps = steps.assign(
        population=population,
        ligand_expressed=steps["ligand"].isin(expressed),
        n_paths=steps["receptor"].map(heads).astype(int),
    ).sort_values(["receptor", "ligand"], ignore_index=True)
    evidence = ["sign", "n_evidence", "resources", "references", "pathway"]
    return steps[["population", "ligand", "receptor", *evidence, "ligand_expressed", "n_paths"]]

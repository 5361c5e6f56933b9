"""A network whose modules are each switched on by one ligand, and experiments with these ligands."""

import numpy as np
import pandas as pd

from pathlore.signals.truth import Experiments


def toy_world(n_modules: int = 6) -> tuple[pd.DataFrame, Experiments]:
    """Modules, each a ligand, a receptor, a factor and targets; signatures in which one module's targets rise."""
    rows = []
    for m in range(n_modules):
        rows += [(f"L{m}", f"R{m}", "ligand_receptor", 1), (f"R{m}", f"K{m}", "signaling", 1)]
        rows += [(f"K{m}", f"T{m}", "signaling", 1)]
        rows += [(f"T{m}", f"X{m}{i:02d}", "tf_target", 1) for i in range(20)]
    network = pd.DataFrame(rows, columns=["source", "target", "kind", "sign"])
    network = network.assign(n_evidence=1, resources="r", references="", pathway=None, via="", conflict=False, type=1)
    rng = np.random.default_rng(0)
    genes = sorted(set(network["source"]) | set(network["target"]))
    names = [f"S{m}" for m in range(n_modules)]
    effects = pd.DataFrame(rng.normal(size=(len(genes), n_modules)), index=genes, columns=names)
    for m in range(n_modules):
        effects.loc[effects.index.str.startswith(f"X{m}"), f"S{m}"] += 2
    ligands = pd.Series({f"S{m}": f"L{m}" for m in range(n_modules)})
    return network, Experiments("toy", effects, ligands, ligands)

"""Published series in miniature: files of exactly their layouts, invented cells in which some paths are changed."""

import gzip
import io
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import yaml
from scipy import io as matrices
from scipy import sparse

import pathlore
from pathlore.cohorts.samples import sample_of
from pathlore.config import CohortConfig, RecipeConfig
from pathlore.expression.fabricate import fabricate_cells

ENVIRONMENTS = Path(__file__).parents[2] / "conf"
KNOWLEDGE = Path(pathlore.__file__).parent / "knowledge"
PATHWAYS = {"Type I and III interferon", "TGF-beta signaling", "Notch signaling", "IL-6 and gp130 cytokines"}
MARKER_COUNTS, OTHER_COUNTS = 8.0, 0.05
"""Mean counts of a marker in its own cell type and in others."""


def recipe_in(environment: str) -> RecipeConfig:
    """The recipe of one of our environments."""
    text = (ENVIRONMENTS / environment / "parameters.yml").read_text()
    return RecipeConfig(**yaml.safe_load(text)["cohort"]["recipe"])


def cohort_block(recipe: RecipeConfig | None, folder: Path, **changes: object) -> CohortConfig:
    """The block ``cohort`` of conf/base with a recipe, its folder and what is to be otherwise."""
    values = yaml.safe_load((ENVIRONMENTS / "base" / "cohort" / "parameters.yml").read_text())["cohort"]
    annotation = values["annotation"] | changes.pop("annotation", {})
    return CohortConfig(**(values | {"recipe": recipe, "folder": str(folder), "annotation": annotation} | changes))


class Miniature:
    """Invented cells of the samples that a recipe expects.

    Parameters
    ----------
    recipe
        Its ``expected`` samples, their donors and conditions; the first condition of the recipe is the control.
    cell_types
        Two cell types of the table of markers.
    tissue
        Of the table of markers.
    cells_per_sample
        Half of them of each cell type, about.
    """

    def __init__(self, recipe: RecipeConfig, cell_types: tuple[str, str], tissue: str, cells_per_sample: int) -> None:
        before = "cell_" if recipe.layout.kind == "table" else ""
        self.recipe, self.samples = recipe, {name: sample_of(f"{before}{name}", recipe) for name in recipe.expected}
        network = pd.read_csv(KNOWLEDGE / "interactions.csv", dtype={"pathway": str})
        network = network[[bool(PATHWAYS & set(str(pathways).split(";"))) for pathways in network["pathway"]]]
        control = next(iter(recipe.conditions.values()))
        donors: list[list[str]] = [[], []]
        for sample in self.samples.values():
            group = donors[(sample.condition or self.told(sample.name)) != control]
            if sample.donor not in group:
                group.append(sample.donor)
        most = max(map(len, donors))
        per_donor = cells_per_sample * max(
            sum(sample.donor == donor for sample in self.samples.values()) for group in donors for donor in group
        )
        cells = fabricate_cells(network, n_cells=2 * most * per_donor, n_donors_per_class=most, seed=0)
        self.planted = cells.uns["planted_paths"]
        table = pd.read_csv(KNOWLEDGE / "markers.csv")
        table = table[table["tissue"] == tissue]
        rng = np.random.default_rng(1)
        kind = cells.obs["cell_type"].cat.codes.to_numpy()
        self.genes = [*cells.var_names]
        columns = [cells.X]
        for name, markers in table.groupby("cell_type"):
            for gene in set(markers["gene"]) - set(self.genes):
                of_type = {name for name, genes in table.groupby("cell_type")["gene"] if gene in set(genes)}
                own = np.isin(kind, [i for i, name in enumerate(cell_types) if name in of_type])
                columns.append(sparse.csr_matrix(rng.poisson(np.where(own, MARKER_COUNTS, OTHER_COUNTS))[:, None]))
                self.genes.append(gene)
        counts = sparse.hstack(columns, format="csr")
        self.counts: dict[str, sparse.csr_matrix] = {}
        self.types: dict[str, np.ndarray] = {}
        for y, group in enumerate(donors):
            for d, donor in enumerate(group):
                at = np.flatnonzero(cells.obs["donor"] == f"{('control', 'case')[y]}_{d + 1}")
                own = [name for name, sample in self.samples.items() if sample.donor == donor]
                for part, name in enumerate(own):
                    chosen = at[part * cells_per_sample : (part + 1) * cells_per_sample]
                    self.counts[name] = counts[chosen].astype(int)
                    self.types[name] = np.array(cell_types)[kind[chosen]]

    def told(self, name: str) -> str:
        """The condition of a sample whose table of covariates would say it."""
        return self.recipe.conditions["AD" if name.startswith("AD") else "ct"]

    def barcodes(self, name: str) -> list[str]:
        """Sixteen bases, a different one for each cell of the sample."""
        return [
            "".join("ACGT"[(cell >> (2 * base)) & 3] for base in range(16)) + "-1"
            for cell in range(self.counts[name].shape[0])
        ]

    def triplet(self, name: str, *, genes: str = "genes", packed: bool = True) -> dict[str, bytes]:
        """``barcodes``, ``genes`` or ``features`` and ``matrix`` of a sample, as Cell Ranger writes them."""
        rows = [(f"ENSG{i:011d}", gene) for i, gene in enumerate(self.genes)]
        if genes == "features":
            rows = [(*row, "Gene Expression") for row in rows]
        matrix = io.BytesIO()
        matrices.mmwrite(matrix, sparse.coo_matrix(self.counts[name].T), field="integer")
        texts = {
            "barcodes.tsv": "".join(f"{barcode}\n" for barcode in self.barcodes(name)).encode(),
            f"{genes}.tsv": "".join("\t".join(row) + "\n" for row in rows).encode(),
            "matrix.mtx": matrix.getvalue(),
        }
        return {f"{file}.gz": gzip.compress(text, mtime=0) for file, text in texts.items()} if packed else texts

    def h5(self, name: str) -> bytes:
        """The same as one HDF5 file of Cell Ranger 3."""
        file = io.BytesIO()
        stored = self.counts[name].astype(np.int32)
        stored.sort_indices()
        with h5py.File(file, "w") as h5:
            matrix = h5.create_group("matrix")
            matrix["barcodes"] = np.array(self.barcodes(name), dtype="S18")
            matrix["data"], matrix["indices"], matrix["indptr"] = stored.data, stored.indices, stored.indptr
            matrix["shape"] = np.array(stored.shape[::-1])
            features = matrix.create_group("features")
            features["id"] = np.array([f"ENSG{i:011d}" for i in range(len(self.genes))], dtype="S15")
            features["name"] = np.array(self.genes, dtype="S20")
            features["feature_type"] = np.array(["Gene Expression"] * len(self.genes), dtype="S15")
            features["genome"] = np.array(["GRCh38"] * len(self.genes), dtype="S6")
        return file.getvalue()

    def count_table(self) -> bytes:
        """Genes x cells as CSV, cells of all samples under names such as ``AAACCTGGTAGAAAGG_AD5_AD6``."""
        whole = pd.DataFrame(
            sparse.vstack(list(self.counts.values())).T.toarray(), index=self.genes, columns=self.table_cells()
        )
        return gzip.compress(whole.to_csv().encode(), mtime=0)

    def table_cells(self) -> list[str]:
        """Names of the cells of such a table."""
        return [f"{barcode.removesuffix('-1')}_{name}" for name in self.counts for barcode in self.barcodes(name)]


def tar(files: Mapping[str, bytes], mode: str = "w") -> bytes:
    """An archive of files; ``w:gz`` compresses it."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode=mode) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


def flat_archive(miniature: Miniature, genes: str, others: Iterable[str] = ()) -> bytes:
    """``GSM..._sample_barcodes.tsv.gz`` and so on, side by side; ``others`` are samples that are to be left out."""
    files = {
        f"{name}_{file}": content
        for name in miniature.counts
        for file, content in miniature.triplet(name, genes=genes).items()
    }
    some = next(iter(miniature.counts))
    files |= {f"{name}_{file}": content for name in others for file, content in miniature.triplet(some).items()}
    return tar(files)


def nested_archive(miniature: Miniature) -> bytes:
    """An archive per sample inside the archive, in the several forms that Steele's series has them, and some litter."""
    files = {}
    for name in miniature.counts:
        short = name.partition("_")[2]
        if short == "PDAC_TISSUE_14":
            inner = {f"{short}/filtered_feature_bc_matrix.h5": miniature.h5(name)}
        elif short == "PDAC_TISSUE_16":
            triplet = miniature.triplet(name, packed=False)
            inner = {f"{short}/filtered_gene_bc_matrices/GRCh38/{file}": text for file, text in triplet.items()}
        else:
            triplet = miniature.triplet(name, genes="features")
            inner = {f"{short}/filtered_feature_bc_matrix/{file}": text for file, text in triplet.items()}
            inner |= {f"{short}/._filtered_feature_bc_matrix": b"\0\5\x16\7", f"{short}/web_summary.html": b"<html>"}
        if short == "PDAC_TISSUE_1":
            inner |= {f"{short}/raw_feature_bc_matrix/{file}": text for file, text in triplet.items()}
        files[f"{name}.tar.gz"] = tar(inner, "w:gz")
    some = next(iter(miniature.counts))
    blood = {f"PDAC_PBMC_1/filtered_feature_bc_matrix/{file}": text for file, text in miniature.triplet(some).items()}
    return tar({**files, "GSM4710709_PDAC_PBMC_1.tar.gz": tar(blood, "w:gz")})


def covariates(miniature: Miniature, short: Mapping[str, str]) -> bytes:
    """Grubman's table of covariates; ``short`` are her names of the cell types."""
    table = pd.DataFrame(index=miniature.table_cells())
    condition = {label: raw for raw, label in miniature.recipe.conditions.items()}
    table["oupSample.batchCond"] = [
        condition[miniature.told(name)] for name in miniature.counts for _ in miniature.barcodes(name)
    ]
    table["oupSample.cellType"] = [short[kind] for kinds in miniature.types.values() for kind in kinds]
    table["oupSample.cellType_batchCond"] = table["oupSample.cellType"] + "_" + table["oupSample.batchCond"]
    return gzip.compress(table.to_csv().encode(), mtime=0)

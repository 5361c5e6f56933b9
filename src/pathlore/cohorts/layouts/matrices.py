"""Matrices of 10x Genomics, one per sample, in archives or as single files."""

import io
import logging
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import h5py
import pandas as pd
from scipy import sparse

from pathlore.cohorts.archive import NESTED, Member, read_members, unpacked
from pathlore.cohorts.counts import Counts, LeftOut, counts_of, named_genes
from pathlore.cohorts.recipe import check_expected, sample_of
from pathlore.config import CohortConfig, MatricesConfig, RecipeConfig
from pathlore.errors import PathloreError, shorten
from pathlore.expression.structure import check_triplets

logger = logging.getLogger(__name__)

PARTS = re.compile(r"(?P<part>barcodes|genes|features|matrix)\.(tsv|mtx)(\.gz)?$")
TRIPLET = frozenset({"barcodes", "genes", "matrix"})
EXPRESSION = "Gene Expression"


def read_matrices(
    files: Mapping[str, Path], recipe: RecipeConfig, layout: MatricesConfig, config: CohortConfig
) -> Iterator[Counts | LeftOut]:
    """Read one sample after the other.

    What stands before ``barcodes.tsv``, ``genes.tsv`` or ``features.tsv``, and ``matrix.mtx`` in the name of a file,
    all of which may be compressed, is the name of its sample: ``GSM4041150_healthy1_cd45+_matrix.mtx.gz``. For files in
    an archive inside the archive it is the name of that one: ``GSM4710689_PDAC_TISSUE_1.tar.gz``; it may hold one
    ``.h5`` instead.

    Parameters
    ----------
    files
        Name -> path.

    Yields
    ------
    Samples in the order of the archive.

    Raises
    ------
    PathloreError
        A sample is missing, has no rule, is there twice or lacks a file; or a file cannot be read.
    """
    limit = int(config.max_unpacked * 1e9)
    found: set[str] = set()
    waiting: dict[str, dict[str, Member]] = {}
    for path in files.values():
        for member in read_members(path, limit):
            placed = _place(member.path)
            if placed is None or not re.search(layout.members, member.path):
                continue
            name, part = placed
            sample = sample_of(name, recipe)
            members = waiting.setdefault(sample.name, {})
            if sample.leave_out:
                if sample.name not in found:
                    found.add(sample.name)
                    yield LeftOut(sample, path.name)
                continue
            if part in members or sample.name in found:
                raise PathloreError(
                    f"{path.name}: {sample.name} has more than one file '{part}' (the second is {member.path}): choose "
                    "those that are meant by `cohort.recipe.layout.members`"
                )
            members[part] = member
            if part == "h5" or members.keys() >= TRIPLET:
                found.add(sample.name)
                X, genes, barcodes = _read_h5(member) if part == "h5" else _read_triplet(members, limit)
                members.clear()
                yield counts_of(sample, path.name, X, genes, pd.DataFrame(index=barcodes), config.min_genes)
    for name, members in waiting.items():
        if members:
            raise PathloreError(
                f"{shorten(files)}: {name} has {shorten(members)} alone, barcodes, genes (or features) and matrix were "
                "expected: fetch the file again, or leave the sample out by `cohort.recipe.samples`"
            )
    check_expected(found, recipe, shorten(files))


def _place(path: str) -> tuple[str, str] | None:
    """Name of the sample and part of it that a file holds; None for any other file."""
    parts = PurePosixPath(path)
    match = PARTS.search(parts.name)
    if not match and parts.suffix != ".h5":
        return None
    part = match["part"].replace("features", "genes") if match else "h5"
    inner = next((name for name in parts.parts[:-1] if name.endswith(NESTED)), "")
    if inner:
        return next(inner.removesuffix(end) for end in NESTED if inner.endswith(end)), part
    before = re.sub(r"[_.]$", "", parts.name[: match.start()]) if match else parts.stem  # a name may end in cd45-
    return before or parts.parent.name, part


def _read_triplet(members: Mapping[str, Member], limit: int) -> tuple[sparse.csr_matrix, pd.DataFrame, pd.Index]:
    """Cells x genes, ids and symbols of these, barcodes."""
    from scipy.io import mmread

    barcodes = _table(members["barcodes"], limit)[0]
    genes = _table(members["genes"], limit)
    try:
        matrix = mmread(io.BytesIO(unpacked(members["matrix"], limit)))
    except ValueError as error:
        raise PathloreError(
            f"{members['matrix'].path} cannot be read as a matrix ({error}): fetch the file again"
        ) from error
    X = sparse.csr_matrix(matrix).T.tocsr()
    if X.shape[1] == len(genes) and 2 in genes and (genes[2] == EXPRESSION).any():  # beside antibodies, guides
        measured = (genes[2] == EXPRESSION).to_numpy()
        X, genes = X[:, measured], genes[measured]
    return X, named_genes(genes[0], genes.get(1)), pd.Index(barcodes)


def _table(member: Member, limit: int) -> pd.DataFrame:
    try:
        return pd.read_csv(
            io.BytesIO(unpacked(member, limit)), sep="\t", header=None, dtype=str, keep_default_na=False, quoting=3
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise PathloreError(f"{member.path} cannot be read as a table ({error}): fetch the file again") from error


def _read_h5(member: Member) -> tuple[sparse.csr_matrix, pd.DataFrame, pd.Index]:
    """The same from Cell Ranger's HDF5 file, of either version."""
    import scanpy as sc

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "matrix.h5"
        path.write_bytes(member.content)
        try:
            with h5py.File(path, "r") as file:
                check_triplets(file, member.path)
            cells = sc.read_10x_h5(path)
        except PathloreError:
            raise
        except Exception as error:  # h5py and scanpy raise a dozen kinds for what is one thing to the user
            reason = " ".join(str(error).split())
            raise PathloreError(
                f"{member.path} cannot be read as a matrix of Cell Ranger ({reason}): fetch the file again"
            ) from error
    symbols = pd.Series(cells.var_names)
    genes = named_genes(pd.Series(cells.var["gene_ids"].to_numpy()) if "gene_ids" in cells.var else symbols, symbols)
    return sparse.csr_matrix(cells.X), genes, cells.obs_names

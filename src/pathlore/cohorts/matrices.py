"""Matrices of 10x Genomics in archives, read where they lie: nothing is unpacked, so that no name can lead anywhere."""

import gzip
import io
import logging
import re
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import h5py
import pandas as pd
from scipy import sparse

from pathlore.cohorts.samples import Counts, LeftOut, check_expected, counts_of, named_genes, sample_of
from pathlore.config import CohortConfig, MatricesConfig, RecipeConfig
from pathlore.errors import PathloreError, shorten
from pathlore.expression.structure import check_triplets

logger = logging.getLogger(__name__)

NESTED = (".tar.gz", ".tgz", ".tar")
"""Archives inside an archive."""
HIDDEN = ("._", ".DS_Store", "__MACOSX")
"""How names begin that some programs add of themselves."""
CHUNK = 1 << 20


@dataclass(frozen=True)
class Member:
    """One file of an archive."""

    path: str  # inside the archive; that of an archive inside it stands before it
    content: bytes  # as it lies there, perhaps compressed


def read_members(path: Path, max_bytes: int) -> Iterator[Member]:
    """Read the files of a tar archive one after the other, those of archives inside it too.

    A file that is no archive is its own only member. Files that begin with ``._`` are skipped.

    Raises
    ------
    PathloreError
        The archive is damaged; or a member is a link or a device, its name is absolute or leads out of the archive, or
        it is larger than ``max_bytes``: such an archive is not what it should be, and is not read on.
    """
    if not path.name.endswith(NESTED):
        yield Member(path.name, _limited(path.open("rb"), max_bytes, path.name))
        return
    with path.open("rb") as file:
        yield from _walk(file, path.name, "", max_bytes, depth=0)


def unpacked(member: Member, max_bytes: int) -> bytes:
    """The content of a member, decompressed if its name ends in ``.gz``.

    Raises
    ------
    PathloreError
        It cannot be decompressed, or is larger than that.
    """
    if not member.path.endswith(".gz"):
        return member.content
    try:
        return _limited(gzip.GzipFile(fileobj=io.BytesIO(member.content)), max_bytes, member.path)
    except (OSError, EOFError, zlib.error) as error:
        raise PathloreError(f"{member.path} cannot be decompressed ({error}): fetch the file again") from error


def _walk(file: IO[bytes], name: str, above: str, max_bytes: int, depth: int) -> Iterator[Member]:
    try:
        with tarfile.open(fileobj=file, mode="r:*") as archive:
            for entry in archive:
                if entry.isdir() or any(part.startswith(HIDDEN) for part in PurePosixPath(entry.name).parts):
                    continue
                content = _content(archive, entry, name, max_bytes)
                path = f"{above}{entry.name.removeprefix('./')}"
                if entry.name.endswith(NESTED) and depth == 0:
                    yield from _walk(io.BytesIO(content), f"{name}: {path}", f"{path}/", max_bytes, depth + 1)
                else:
                    yield Member(path, content)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        reason = " ".join(str(error).split())
        raise PathloreError(
            f"{name} cannot be read as a tar archive ({reason}): delete it and fetch it again, or correct "
            "`cohort.recipe.files`"
        ) from error


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo, name: str, max_bytes: int) -> bytes:
    """The bytes of a plain file whose name stays inside the archive."""
    parts = PurePosixPath(entry.name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts:
        raise PathloreError(f"{name} holds '{entry.name}', which leads out of the archive: it is not read on")
    if not entry.isfile():
        raise PathloreError(f"{name} holds '{entry.name}', a link or a device, plain files were expected: not read on")
    stream = archive.extractfile(entry)
    assert stream is not None  # a plain file has one
    return _limited(stream, max_bytes, f"{name}: {entry.name}")


def _limited(stream: IO[bytes] | gzip.GzipFile, max_bytes: int, name: str) -> bytes:
    """Read a stream to its end, but no further than the limit."""
    whole = bytearray()
    with stream:
        while chunk := stream.read(CHUNK):
            whole += chunk
            if len(whole) > max_bytes:
                raise PathloreError(
                    f"{name} holds more than {max_bytes / 1e9:g} GB: raise `cohort.max_unpacked` if that is as it "
                    "should be"
                )
    return bytes(whole)


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

"""Vectors of genes as data: one file that is published, exchanged, and used in place of an encoder."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.files import atomic_file
from pathlore.text.embedding import TextEmbedding

GENE_COLUMNS = ("gene", "key", "symbol", "gene_symbol", "gene_name", "genes", "index", "unnamed: 0", "")
SUFFIXES = (".parquet", ".safetensors", ".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".json")
LEAST_WIDTH = 2


@dataclass(frozen=True, eq=False)
class GeneVectors:
    """One vector for each of some genes, and where they come from.

    Attributes
    ----------
    genes
        N distinct symbols.
    vectors
        (N, T) float32.
    text_sha256
        Of the text that was encoded, for each gene; empty: not said.
    model, revision, licence
        As far as they are known; else empty.

    Raises
    ------
    PathloreError
        Lengths differ, a gene occurs twice, or a number is not finite.
    """

    genes: tuple[str, ...]
    vectors: np.ndarray
    text_sha256: tuple[str, ...]
    model: str = ""
    revision: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        fits = self.vectors.ndim == 2 and len(self.vectors) == len(self.genes) == len(self.text_sha256)
        if not fits or len(self.place) != len(self.genes) or not np.isfinite(self.vectors).all():
            raise PathloreError(
                f"{len(self.genes)} genes ({len(self.place)} distinct), {len(self.text_sha256)} digests and vectors of "
                f"shape {self.vectors.shape}, {int(np.isfinite(self.vectors).all())} of 1 finite, do not fit together: "
                "one finite vector for each gene was expected"
            )

    @cached_property
    def place(self) -> dict[str, int]:
        """Gene -> row."""
        return {gene: row for row, gene in enumerate(self.genes)}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of genes and numbers, whatever the file's format."""
        total = hashlib.sha256("\0".join(self.genes).encode())
        total.update(np.ascontiguousarray(self.vectors, dtype="<f4").tobytes())
        return total.hexdigest()


def text_digest(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def gene_vectors(embedding: TextEmbedding, licence: str = "") -> GeneVectors:
    """The vectors of an embedding's genes that have a text, to be written to a file.

    Parameters
    ----------
    embedding
        Of genes.
    licence
        Of the model and of the texts, in words.
    """
    rows = np.flatnonzero(embedding.has_text)
    return GeneVectors(
        tuple(embedding.keys[row] for row in rows),
        np.asarray(embedding.vectors[rows], dtype=np.float32),
        tuple(text_digest(embedding.texts[row]) for row in rows),
        embedding.model,
        embedding.revision or "",
        licence,
    )


def write_vectors(vectors: GeneVectors, file: str | Path) -> None:
    """Write vectors to one file, whose ending says how.

    ``.parquet`` has the columns gene, vector, text_sha256, model, revision and licence; ``.safetensors`` has a
    ``.json`` of the same name beside it; ``.csv`` has a column ``gene`` and one for each number, and no origin.

    Raises
    ------
    PathloreError
        The file has another ending.
    """
    file = Path(file)
    about = {"model": vectors.model, "revision": vectors.revision, "licence": vectors.licence}
    with atomic_file(file) as partial:
        if file.suffix == ".parquet":
            columns = {"gene": vectors.genes, "vector": list(vectors.vectors), "text_sha256": vectors.text_sha256}
            pd.DataFrame(columns | about).to_parquet(partial, index=False)
        elif file.suffix == ".safetensors":
            from safetensors.numpy import save_file

            save_file({"vectors": np.ascontiguousarray(vectors.vectors)}, partial)
        elif file.suffix == ".csv":
            pd.DataFrame(vectors.vectors, index=pd.Index(vectors.genes, name="gene")).to_csv(partial)
        else:
            raise PathloreError(
                f"vectors are not written as '{file.name}'; expected an ending of .parquet, .safetensors or .csv"
            )
    if file.suffix == ".safetensors":
        described = about | {"genes": vectors.genes, "text_sha256": vectors.text_sha256, "sha256": vectors.digest}
        with atomic_file(file.with_suffix(".json")) as partial:
            partial.write_text(json.dumps(described, indent=1) + "\n", encoding="utf8")


def read_vectors(file: str | Path) -> GeneVectors:
    """Read vectors of `write_vectors`, or those of others.

    ================  ================================================================================================
    ending            contents
    ================  ================================================================================================
    ``.parquet``      a column of genes and one column of lists of numbers, or one column for each number
    ``.safetensors``  one tensor (N, T), and ``genes`` in the ``.json`` of the same name
    ``.csv, .tsv``    a column of genes (``gene``, ``symbol``, or the first), then one for each number; .gz too
    ``.json``         gene: list of numbers
    ================  ================================================================================================

    Of the tables that pathlore writes to ``text_vectors``, the rows of genes are read. A gene that is there twice has
    the mean.

    Raises
    ------
    PathloreError
        The file is not there, has another ending (a pickle may run code, and is not read), or holds no vectors.
    """
    file = Path(file).expanduser()
    if not file.is_file():
        raise _unreadable(file, "there is no such file")
    if not file.name.lower().endswith(SUFFIXES):
        raise _unreadable(file, f"its ending is none of {', '.join(SUFFIXES)}; a pickle is never opened")
    try:
        if file.suffix == ".safetensors":
            return _from_tensors(file)
        if file.suffix == ".json":
            found = json.loads(file.read_text(encoding="utf8"))
            return _from_table(pd.DataFrame({"gene": list(found), "vector": list(found.values())}), file)
        if file.suffix == ".parquet":
            table = pd.read_parquet(file)
            return _from_table(table if isinstance(table.index, pd.RangeIndex) else table.reset_index(), file)
        separator = "," if ".csv" in file.suffixes else "\t"
        return _from_table(pd.read_csv(file, sep=separator, keep_default_na=False, na_values=[""]), file)
    except PathloreError:
        raise
    except Exception as error:  # each file format has errors of its own
        raise _unreadable(file, " ".join(str(error).split())) from error


def _from_tensors(file: Path) -> GeneVectors:
    from safetensors.numpy import load_file

    tensors = load_file(file)
    about = json.loads(file.with_suffix(".json").read_text(encoding="utf8"))
    vectors = tensors["vectors"] if "vectors" in tensors else next(iter(tensors.values()))
    genes = tuple(about["genes"])
    digests = tuple(about.get("text_sha256") or [""] * len(genes))
    known = {name: str(about.get(name) or "") for name in ("model", "revision", "licence")}
    made = GeneVectors(genes, np.asarray(vectors, dtype=np.float32), digests, **known)
    if about.get("sha256") not in (None, made.digest):
        raise _unreadable(file, "its SHA-256 is not the one that was written")
    return made


def _from_table(table: pd.DataFrame, file: Path) -> GeneVectors:
    if "subject" in table:
        table = table[(table["subject"] == "gene") & table["has_text"]].rename(columns={"key": "gene"})
    names = {str(name).strip().lower(): name for name in table}
    gene = next((names[name] for name in GENE_COLUMNS if name in names), None)
    if gene is None:
        gene = next((name for name in table if not pd.api.types.is_numeric_dtype(table[name])), None)
    lists = [
        name for name in table if name != gene and len(table) and isinstance(table[name].iloc[0], np.ndarray | list)
    ]
    numbers = [name for name in table if name != gene and pd.api.types.is_float_dtype(table[name])]
    whole = [name for name in table if name != gene and pd.api.types.is_numeric_dtype(table[name])]
    numbers = whole if numbers else []
    if gene is None or table.empty or (not lists and len(numbers) < LEAST_WIDTH):
        raise _unreadable(
            file, f"it has {len(table)} rows with the columns {shorten(map(str, table), 6)}, no genes with numbers"
        )
    values = np.stack([np.asarray(own, dtype=np.float32) for own in table[lists[0]]]) if lists else table[numbers]
    frame = pd.DataFrame(np.asarray(values, dtype=np.float32), index=table[gene].astype(str).str.strip())
    frame = frame[frame.notna().all(axis=1)]
    digest = (
        table["text_sha256"]
        if "text_sha256" in table
        else (table["text"].map(text_digest) if "text" in table else pd.Series("", index=table.index))
    )
    digests = dict(zip(table[gene].astype(str).str.strip(), digest.fillna("").astype(str), strict=True))
    mean = frame.groupby(level=0, sort=False).mean()
    about = {name: str(table[name].iloc[0] or "") if name in table else "" for name in ("model", "revision", "licence")}
    about = {name: "" if value in ("nan", "None") else value for name, value in about.items()}
    genes = tuple(mean.index)
    return GeneVectors(genes, mean.to_numpy(dtype=np.float32), tuple(digests[g] for g in genes), **about)


def _unreadable(file: Path, found: str) -> PathloreError:
    return PathloreError(
        f"no vectors of genes can be read from {file} ({found}); expected a column of genes and numbers, see "
        "docs/text-models.md: change `text_embedding.encoder.model`"
    )


class VectorsFile:
    """Vectors of a file in place of an encoder: by the gene, not by its text.

    The vector of a path is the mean of its genes' vectors. Genes that are not in the file have the zero vector.

    Parameters
    ----------
    file
        See `read_vectors`.
    """

    cacheable = False

    def __init__(self, file: str | Path) -> None:
        self.file = file

    @cached_property
    def given(self) -> GeneVectors:
        """The vectors of the file."""
        return read_vectors(self.file)

    def version(self) -> str:
        """Name kind and contents of the file."""
        return f"vectors:{self.given.digest[:16]}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Refuse: texts by themselves have no vectors here.

        Raises
        ------
        PathloreError
            Always.
        """
        raise PathloreError(
            f"the vectors of {self.file} belong to genes, and {len(texts)} texts without a gene are to be encoded: "
            "choose another `text_embedding.encoder.kind`"
        )

    def of_keys(self, keys: Sequence[str]) -> np.ndarray:
        """Vectors of genes, and of paths such as ``A>B>C``; (N, T) float32, zero where none is known."""
        place, vectors = self.given.place, self.given.vectors
        found = np.zeros((len(keys), vectors.shape[1]), dtype=np.float32)
        for row, key in enumerate(keys):
            rows = [place[gene] for gene in key.split(">") if gene in place]
            if rows:
                found[row] = vectors[rows].mean(axis=0)
        return found

    def truncated(self, texts: Sequence[str]) -> int:
        """None: nothing is read."""
        return 0

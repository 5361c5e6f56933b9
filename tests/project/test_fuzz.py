"""Malformed inputs: each ends in one line for the user, or in a result that holds.

pytest tests/project/test_fuzz.py                                    # thirty of each of ten kinds, always the same
pytest tests/project/test_fuzz.py --hypothesis-profile=thousand      # a hundred of each, other ones each time
"""

import copy
import io
import json
import tarfile
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from blocks import base
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from outcomes import fresh, outcome
from scipy import sparse
from small_bundles import CELLS, GENES, QUALITY, counts, make

from pathlore import schemas
from pathlore.cohorts.matrices import read_members, unpacked
from pathlore.config import NetworkConfig, Parameters, PopulationConfig, SplitConfig, check
from pathlore.datasets.raw_cells import RawCellsDataset
from pathlore.datasets.raw_tables import RawTablesDataset
from pathlore.expression.formats import join_annotations
from pathlore.files import MARKER
from pathlore.genes.names import GeneNames
from pathlore.graph.paths import find_paths
from pathlore.graph.paths.user_file import given_paths
from pathlore.pipelines.ingestion import nodes
from pathlore.resources.gene_sets import read_gene_lists, read_gene_sets
from pathlore.resources.names import read_gene_names
from pathlore.resources.orthologs import read_orthologs
from pathlore.scoring.folder import read_bundle, write_bundle

MANY = settings.get_current_profile_name() == "thousand"
fuzz = settings(
    max_examples=100 if MANY else 30, derandomize=not MANY, deadline=None, suppress_health_check=list(HealthCheck)
)

SYMBOL = st.sampled_from(["L1", "R1", "R2", "S1", "S2", "T1", "T2", "X1", "X2"])
NAMES = st.sampled_from(
    [
        "control",
        "case",
        "a\nb",
        "\U0001f9ec",
        "../up",
        "a/b",
        "x" * 3000,
        "",
        " ",
        "NA",
        "nan",
        "\x00",
        "'; --",
        "ß",
        "1",
    ]
)
TEXT = st.one_of(NAMES, st.text(max_size=12))
GENE = st.sampled_from(
    ["L1", "R1", "R2", "S1", "S2", "T1", "T2", "X1", "X2", "", "R1;S1", "NA", "-", "\U0001f9ec", "r1"]
)


@st.composite
def tables(draw, columns, cell, good):
    """A table as bytes: columns missing, doubled or others, cells of any kind, any separator, damaged at times.

    Half of them are good (a strategy per column) but for one cell at most.
    """
    if draw(st.booleans()):
        rows = [list(row) for row in draw(st.lists(st.tuples(*good), min_size=1, max_size=12))]
        if draw(st.booleans()):
            rows[draw(st.integers(0, len(rows) - 1))][draw(st.integers(0, len(columns) - 1))] = draw(cell)
        return "\n".join("\t".join(str(value) for value in row) for row in [columns, *rows]).encode(errors="replace")
    names = draw(st.lists(st.one_of(st.sampled_from(columns), TEXT), min_size=1, max_size=len(columns) + 2))
    if draw(st.booleans()):
        names = list(columns)
    rows = draw(st.lists(st.lists(cell, min_size=len(names), max_size=len(names)), max_size=12))
    separator = draw(st.sampled_from([",", ",", "\t", ";", "|", " "]))
    content = "\n".join(separator.join(str(value) for value in row) for row in [names, *rows])
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "latin-1", "utf-16", "utf-8-sig"]))
    content = content.encode(encoding, errors="replace")
    damage = draw(st.sampled_from(["none", "none", "none", "cut", "random", "nothing"]))
    if damage == "cut":
        return content[: draw(st.integers(0, len(content)))]
    if damage == "random":
        return draw(st.binary(max_size=200))
    return b"" if damage == "nothing" else content


def on_disk(folder, content, name):
    path = fresh(folder, name)
    path.write_bytes(content)
    return RawTablesDataset(files=str(path), parameter="network").load()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def good_cells():
    return counts([f"GENE{i}" for i in range(20)], donors=6)


NO_NAMES = pd.DataFrame(columns=["symbol", "previous", "aliases", "ensembl", "entrez", "uniprot"], dtype=object)

# -------------------------------------------------------------------------------------------------- cells


def _value(value):
    def spoil(cells, draw):
        matrix = cells.X.toarray()
        matrix[draw(st.integers(0, len(matrix) - 1)) :: 7, draw(st.integers(0, matrix.shape[1] - 1))] = value
        return AnnData(sparse.csr_matrix(matrix), cells.obs, cells.var)

    return spoil


def _text_matrix(cells, draw):
    return AnnData(np.full(cells.shape, "many", dtype=object), cells.obs, cells.var)


def _zeros(cells, draw):
    return AnnData(sparse.csr_matrix(cells.shape, dtype=np.float32), cells.obs, cells.var)


def _few(cells, draw):
    return cells[: draw(st.integers(0, 3)), : draw(st.integers(0, 66))].copy()


def _cell_names(cells, draw):
    cells.obs_names = [draw(TEXT) if i % 9 == 0 else name for i, name in enumerate(cells.obs_names)]
    return cells


def _gene_names(cells, draw):
    cells.var_names = [draw(TEXT) if i % 5 == 0 else name for i, name in enumerate(cells.var_names)]
    return cells


def _labels(column):
    def spoil(cells, draw):
        own = draw(st.lists(TEXT, min_size=1, max_size=4))
        if column not in cells.obs:
            return cells
        cells.obs[column] = [own[i % len(own)] if i % 3 else value for i, value in enumerate(cells.obs[column])]
        return cells

    return spoil


def _absent(column):
    def spoil(cells, draw):
        cells.obs = cells.obs.drop(columns=column, errors="ignore")
        return cells

    return spoil


def _missing(column):
    def spoil(cells, draw):
        if column not in cells.obs:
            return cells
        values = cells.obs[column].astype(object).to_numpy()
        values[:: draw(st.integers(1, 9))] = np.nan
        cells.obs[column] = pd.Categorical(values)
        return cells

    return spoil


def _dense_double(cells, draw):
    return AnnData(
        cells.X.toarray().astype(np.float64) * draw(st.sampled_from([1, 1e30, 1e-30, 0.37])), cells.obs, cells.var
    )


def _columns_as_rows(cells, draw):
    return AnnData(sparse.csc_matrix(cells.X), cells.obs, cells.var)


SPOILERS = [
    *(_value(value) for value in (np.nan, np.inf, -np.inf, -3.0, 0.5, 1e38)),
    *(change(column) for change in (_labels, _absent, _missing) for column in ("condition", "donor", "cell_type")),
    *(_text_matrix, _zeros, _few, _cell_names, _gene_names, _dense_double, _columns_as_rows),
]


@fuzz
@given(st.data())
def test_cells(folder, good_cells, data):
    cells = good_cells.copy()
    for spoil in data.draw(st.lists(st.sampled_from(SPOILERS), min_size=1, max_size=3)):
        if 0 in cells.shape:
            break
        if spoil not in (_text_matrix, _few, _zeros) and not sparse.issparse(cells.X):
            continue
        cells = spoil(cells.copy(), data.draw)
    path = fresh(folder, "cells.h5ad")
    try:
        cells.write_h5ad(path)
    except (TypeError, ValueError, NotImplementedError):  # what cannot be written cannot be handed in
        reject()
    given_in = len(cells)

    def act():
        raw = RawCellsDataset(filepath=path).load()
        mapping = nodes.map_genes(raw, NO_NAMES, {}, CELLS, GENES)
        prepared = nodes.prepare_cells(raw, mapping, CELLS, QUALITY)
        population = PopulationConfig.model_validate(base("ingestion", "population", min_cells_per_class=2))
        split = SplitConfig.model_validate(base("ingestion", "split"))
        return prepared, nodes.split_populations(prepared, {}, CELLS, population, split)[1]

    made = outcome(act)
    if made is None:
        return
    prepared, parts = made
    values = prepared.X.toarray() if sparse.issparse(prepared.X) else np.asarray(prepared.X)
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    assert 0 < len(prepared) <= given_in
    assert prepared.obs_names.is_unique
    assert prepared.var_names.is_unique
    for name, part in parts.items():
        assert set(schemas.Splits.validate(part)["cell"]) <= set(prepared.obs_names), name
        assert set(part["split"]) <= {"train", "validation", "test"}
        assert part["cell"].is_unique


@fuzz
@given(st.data())
def test_files_of_cells(folder, good_cells, data):
    """Any file by any name: cut off, of another kind, or nothing but noise."""
    good = fresh(folder, "good.h5ad")
    good_cells.write_h5ad(good)
    whole = good.read_bytes()
    dense = pd.DataFrame(good_cells.X.toarray()[:6], good_cells.obs_names[:6], good_cells.var_names)
    content = data.draw(
        st.one_of(
            st.binary(max_size=300),
            st.integers(0, len(whole)).map(lambda n: whole[:n]),
            tables(["cell", "GENE1", "GENE2"], st.one_of(st.integers(-2, 9), TEXT), (SYMBOL, *[st.integers(0, 9)] * 2)),
            st.just(dense.to_csv().encode()),
        )
    )
    suffix = data.draw(
        st.sampled_from(["h5ad", "h5", "csv", "tsv", "txt", "loom", "csv.gz", "mtx", "rds", "zip", "h5ad"])
    )
    path = fresh(folder, f"any.{suffix}")
    path.write_bytes(content)
    cells = outcome(lambda: RawCellsDataset(filepath=path, backed=False).load())
    if cells is not None:
        matrix = cells.X.toarray() if sparse.issparse(cells.X) else np.asarray(cells.X)
        assert matrix.shape == (cells.n_obs, cells.n_vars)
        if not np.isfinite(matrix.astype(float)).all():  # an empty field of a table: the next step refuses it
            mapping = nodes.map_genes(cells, NO_NAMES, {}, CELLS, GENES)
            assert outcome(lambda: nodes.prepare_cells(cells, mapping, CELLS, QUALITY)) is None


# ---------------------------------------------------------------------------------------------- knowledge

CELL = st.one_of(
    GENE, TEXT, st.integers(-3, 3), st.sampled_from(["signaling", "ligand_receptor", "tf_target", "1", "up"])
)


KINDS = st.sampled_from(["ligand_receptor", "signaling", "tf_target", "ligand_target"])
EDGE = (SYMBOL, SYMBOL, KINDS, st.sampled_from([-1, 0, 1]), st.integers(1, 5))


@fuzz
@given(
    tables(["source", "target", "kind", "sign", "n_evidence"], CELL, EDGE),
    st.sampled_from(["csv", "csv", "csv", "tsv", "tsv", "parquet", "xml", "csv.gz"]),
)
def test_networks(folder, content, suffix):
    config = NetworkConfig.model_validate(base("ingestion", "network"))
    made = outcome(lambda: nodes.read_network(on_disk(folder, content, f"network.{suffix}"), NO_NAMES, config))
    if made is not None:
        network, _ = made
        assert len(schemas.Network.validate(network))
        assert (network["source"] != network["target"]).all()
        assert (network[["source", "target"]].map(str.strip) != "").all(axis=None)
        said = content.decode("utf-8-sig")
        assert all(gene.upper() in said.upper() for gene in {*network["source"], *network["target"]})


@fuzz
@given(tables(["symbol", "name", "description", "aliases", "ensembl"], CELL, (SYMBOL, TEXT, TEXT, SYMBOL, TEXT)))
def test_texts_and_names_of_genes(folder, content):
    """Texts, names, orthologs: three readers of the same malformed table."""
    raw = outcome(lambda: on_disk(folder, content, "genes.csv"))
    if raw is None:
        return
    texts = outcome(lambda: nodes.annotate_genes(raw, NO_NAMES))
    if texts is not None:
        schemas.GeneAnnotations.validate(texts)
        assert texts.notna().all(axis=None)
    names = outcome(lambda: read_gene_names(raw))
    if names is not None:
        schemas.GeneNamesTable.validate(names.table)
    outcome(lambda: read_orthologs(raw, GeneNames(NO_NAMES)))


@pytest.fixture(scope="module")
def network(_small_network):
    return _small_network


GOOD_PATH = st.sampled_from(["R1>S1>T2>X2", "R2>S3>T1>X2", "R1>T2>X3", "R2>S2>T1>S1", "R1 -> S1 -> T2 -> X2"])
PATH = st.one_of(
    st.lists(GENE, min_size=1, max_size=6).map(">".join),
    st.lists(GENE, min_size=1, max_size=6).map(" -> ".join),
    st.sampled_from(["R1>S1>T2>X2", "R2>S3>T1>X2", "R1>S1>S1>T2>X2"]),
    TEXT,
)


@fuzz
@given(tables(["path"], PATH, (GOOD_PATH,)))
def test_own_paths(folder, network, path_config, content):
    genes = {*network["source"], *network["target"]}
    config = path_config.model_copy(update={"mode": "file"})

    def act():
        given_in = given_paths(on_disk(folder, content, "paths.csv"))
        return find_paths(network, genes, config, "pooled", given_in)

    made = outcome(act)
    if made is not None:
        paths, report = made
        schemas.SignalingPaths.validate(paths)
        schemas.PathReport.validate(report)
        edges = set(zip(network["source"], network["target"], strict=True))
        for path in paths["path"]:
            route = path.split(">")
            assert len(set(route)) == len(route)
            assert set(pairwise(route)) <= edges


@fuzz
@given(tables(["set_name", "gene", "list_name"], CELL, (TEXT, SYMBOL, TEXT)), st.sampled_from(["gmt", "csv", "tsv"]))
def test_gene_sets_and_lists(folder, content, suffix):
    raw = outcome(lambda: on_disk(folder, content, f"sets.{suffix}"))
    for read in (read_gene_sets, read_gene_lists):
        table = None if raw is None else outcome(lambda read=read: read(raw))
        if table is not None and len(table):
            assert table.notna().all(axis=None)
            assert (table["gene"].str.strip() != "").all()
            assert not table.duplicated().any()


OLD = st.sampled_from([f"old cell {i}" for i in range(60)])


@fuzz
@given(tables(["cell", "donor", "condition"], st.one_of(OLD, TEXT), (OLD, TEXT, TEXT)))
def test_annotations_of_cells(folder, good_cells, content):
    def act():
        raw = on_disk(folder, content, "annotations.csv")
        return join_annotations(good_cells.copy(), next(iter(raw.values())), "annotations.csv")

    cells = outcome(act)
    if cells is not None:
        assert 0 < len(cells) <= len(good_cells)
        assert set(cells.obs_names) <= set(good_cells.obs_names)


# --------------------------------------------------------------------------------- parameters, bundles, archives

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**12), st.floats(), TEXT, st.lists(TEXT, max_size=3),
    st.dictionaries(TEXT, st.integers(), max_size=2),
)  # fmt: skip


@pytest.fixture(scope="module")
def parameters(load):
    tree = copy.deepcopy(dict(load("test")["parameters"]))
    check(Parameters, tree, "parameters")
    return tree


@fuzz
@given(st.data())
def test_parameters(parameters, data):
    tree = copy.deepcopy(parameters)
    for _ in range(data.draw(st.integers(1, 3))):
        branch = tree
        while True:
            key = data.draw(st.sampled_from(sorted(branch)))
            if isinstance(branch[key], dict) and branch[key] and data.draw(st.booleans()) is not None:
                branch = branch[key]
                continue
            break
        kind = data.draw(st.sampled_from(["value", "value", "value", "delete", "add"]))
        if kind == "delete":
            del branch[key]
        else:
            branch[key if kind == "value" else data.draw(TEXT)] = data.draw(SCALARS)
        if not branch:
            break
    made = outcome(lambda: check(Parameters, tree, "parameters"))
    if made is not None:  # what was taken is what was given
        assert check(Parameters, made.model_dump(), "parameters") == made
        json.loads(made.model_dump_json())


@pytest.fixture(scope="module")
def whole_bundle(tmp_path_factory, small_graph, gene_vectors, path_vectors):
    place = tmp_path_factory.mktemp("bundle") / "pooled"
    write_bundle(make(small_graph, gene_vectors, path_vectors), place)
    return {path.name: path.read_bytes() for path in place.iterdir()}


@fuzz
@given(st.data())
def test_damaged_bundles(folder, whole_bundle, data):
    place = folder / "bundle"
    place.mkdir(exist_ok=True)
    for path in place.iterdir():
        path.unlink()
    files = dict(whole_bundle)
    name = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[name])
    how = data.draw(st.sampled_from(["cut", "flip", "absent", "noise", "nothing", "swapped"]))
    if how == "cut":
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    elif how == "flip":
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    elif how == "swapped":
        content = files[data.draw(st.sampled_from(sorted(set(files) - {name})))]
    else:
        content = data.draw(st.binary(max_size=99)) if how == "noise" else b""
    files[name] = bytes(content)
    if how == "absent":
        del files[name]
    for file, own in files.items():
        (place / file).write_bytes(own)
    read = outcome(lambda: read_bundle(place))
    assert read is None or files == whole_bundle or name in ("checksums.json", MARKER)
    if read is not None:  # white space in the list of checksums changes nothing
        assert json.loads(files["checksums.json"]) == json.loads(whole_bundle["checksums.json"])


@fuzz
@given(st.data())
def test_archives(tmp_path_factory, data):
    """Names that lead out, links, devices, archives in archives, bombs, and what is cut off."""
    place = tmp_path_factory.mktemp("archive")
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode=data.draw(st.sampled_from(["w", "w:gz"]))) as archive:
        for _ in range(data.draw(st.integers(0, 4))):
            name = data.draw(
                st.sampled_from(["a.tsv", "../out", "/etc/out", "a/../../out", "b/c.mtx.gz", "..", "ß", "x.tar"])
            )
            info = tarfile.TarInfo(name)
            info.type = data.draw(
                st.sampled_from(
                    [tarfile.REGTYPE] * 4 + [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
                )
            )
            info.linkname = "/etc/passwd"
            content = data.draw(st.one_of(st.binary(max_size=50), st.just(b"\0" * 20_000)))
            info.size = len(content) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(content))
    content = whole.getvalue()
    content = content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
    path = place / data.draw(st.sampled_from(["s.tar", "s.tar.gz", "s.tgz"]))
    path.write_bytes(content)
    members = outcome(lambda: list(read_members(path, 10_000)))
    assert [file.name for file in place.iterdir()] == [path.name]
    for member in members or []:
        assert not member.path.startswith("/")
        assert ".." not in member.path.replace("\\", "/").split("/")
        assert len(member.content) <= 10_000
        outcome(lambda member=member: unpacked(member, 10_000))


def test_nothing_of_the_above_is_vacuous(folder, good_cells, network, path_config):
    """The good form of each input is taken."""
    good_cells.write_h5ad(folder / "cells.h5ad")
    raw = RawCellsDataset(filepath=folder / "cells.h5ad").load()
    mapping = nodes.map_genes(raw, NO_NAMES, {}, CELLS, GENES)
    assert len(nodes.prepare_cells(raw, mapping, CELLS, QUALITY)) == len(good_cells)
    config = NetworkConfig.model_validate(base("ingestion", "network"))
    table = b"source,target,kind,sign\nL1,R1,ligand_receptor,1\nR1,T1,signaling,1\nT1,X1,tf_target,-1\n"
    assert len(nodes.read_network(on_disk(folder, table, "network.csv"), NO_NAMES, config)[0]) == 3
    paths = given_paths(on_disk(folder, b"path\nR1>S1>T2>X2\n", "paths.csv"))
    genes = {*network["source"], *network["target"]}
    found, _ = find_paths(network, genes, path_config.model_copy(update={"mode": "file"}), "pooled", paths)
    assert list(found["path"]) == ["R1>S1>T2>X2"]

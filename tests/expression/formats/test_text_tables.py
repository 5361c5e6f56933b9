"""Text tables as programs write them: each as the same numbers, or one line that names what was found."""

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathlore.errors import PathloreError
from pathlore.expression.formats import read_cells
from pathlore.expression.formats.notes import notes
from pathlore.genes.identifiers import builtin_symbols

GENES = ["STAT1", "IFNAR1", "TYK2", "ISG15", "MYC", "JUN"]
BARCODES = [f"AAACCTGAGAAACC{a}{b}-1" for a in "ACGT" for b in "AC"]
META = ["nCount_RNA", "nFeature_RNA", "percent.mt", "seurat_clusters", "S.Score", "G2M.Score", "pct_counts_mt"]
META += ["doublet_score", "age", "batch", "RNA_snn_res.0.5", "UMAP_1", "smoking_years", "Smoker"]


@pytest.fixture
def counts():
    X = np.random.default_rng(0).poisson(1.5, (len(BARCODES), len(GENES))).astype(float)
    return pd.DataFrame(X, index=BARCODES, columns=GENES)


@pytest.fixture
def fractions(counts):
    """Ambient-corrected counts, some large."""
    values = counts * 0.825
    values.iloc[0, 0], values.iloc[3, 1] = 1234.5, 10234567.25
    return values


def written(folder, table, name="c.csv", encoding="utf-8", change=str, **options):
    text = change(table.to_csv(**options))
    (folder / name).write_bytes(text.encode(encoding))
    return folder / name


def same(cells, table, tolerance=1e-6):
    assert list(cells.obs_names) == list(table.index)
    assert list(cells.var_names) == list(table.columns)
    np.testing.assert_allclose(cells.X.toarray(), table.to_numpy(), rtol=tolerance)


def grouped(table, thousands, decimal):
    """Texts with thousands set apart."""

    def text(value):
        whole, _, rest = f"{value:,.3f}".partition(".")
        return whole.replace(",", thousands) + (decimal + rest if rest.strip("0") else "")

    return table.map(text)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("separator", "name"), [(";", "c.csv"), ("\t", "c.tsv"), ("|", "c.txt"), (" ", "c.txt")])
def test_decimal_commas(tmp_path, fractions, separator, name, turned):
    table = fractions.T if turned else fractions
    cells = read_cells(written(tmp_path, table, name, sep=separator, decimal=","))
    same(cells, fractions)
    assert notes(cells) == [f"{name}: numbers are read with a decimal comma"]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("thousands", "decimal", "separator"),
    [(",", ".", ";"), (",", ".", ","), (".", ",", ";"), (" ", ",", ";"), (" ", ".", "\t"), ("'", ".", ","),
     ("\u202f", ",", "\t"), ("\u00a0", ",", ";")],
)  # fmt: skip
def test_thousands(tmp_path, fractions, thousands, decimal, separator, turned):
    table = grouped(fractions.T if turned else fractions, thousands, decimal)
    same(read_cells(written(tmp_path, table, sep=separator)), fractions, 1e-3)


@pytest.mark.parametrize("sign", [",", "."])
def test_whole_thousands_may_be_fractions(tmp_path, counts, sign):
    """1,234 and 1.234 beside whole numbers alone: nothing tells, but the user."""
    table = counts.astype(int).astype(str)
    table.iloc[0, 0] = f"1{sign}234"
    path = written(tmp_path, table, sep=";")
    with pytest.raises(PathloreError, match=rf"1{sign}234.*may be that of thousands.*--params decimal=comma"):
        read_cells(path)
    other = {",": "comma", ".": "point"}
    assert read_cells(path, decimal=other[sign]).X.max() < 20
    assert read_cells(path, decimal=next(word for own, word in other.items() if own != sign)).X.max() == 1234


def test_both_signs_are_refused(tmp_path, fractions):
    table = fractions.astype(str)
    table.iloc[1, 1] = "0,5"
    with pytest.raises(PathloreError, match=r"decimal comma, such as 0,5, and with a decimal point, such as"):
        read_cells(written(tmp_path, table, sep=";"))


def test_a_comma_late_in_a_large_table(tmp_path, counts, monkeypatch):
    monkeypatch.setattr("pathlore.expression.formats.table.BLOCK_VALUES", 14)
    table = counts.astype(int).astype(str)
    table.iloc[7, 5] = "0,25"
    cells = read_cells(written(tmp_path, table, sep=";"))
    assert cells.X.toarray()[7, 5] == 0.25


def test_commas_between_and_in_numbers(tmp_path, fractions):
    lines = [",".join(["", *GENES]), *(",".join([n, *(f"{v:.3f}".replace(".", ",") for v in row)]) for n, *row in
             fractions.itertuples())]  # fmt: skip
    (tmp_path / "c.csv").write_text("\n".join(lines))
    with pytest.raises(PathloreError, match=r"7 fields in its header line and 13.*decimal commas cannot be told"):
        read_cells(tmp_path / "c.csv")


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", META)
def test_numbers_about_cells_are_no_genes(tmp_path, counts, name, turned):
    table = counts.copy()
    table.insert(2, name, np.arange(len(BARCODES)) * 0.25 + 1)
    cells = read_cells(written(tmp_path, table.T if turned else table))
    same(cells, counts)
    np.testing.assert_allclose(cells.obs[name].astype(float), np.arange(len(BARCODES)) * 0.25 + 1)
    assert notes(cells) == [f"c.csv: {name} are no genes and become columns of obs"]


@pytest.fixture
def many():
    """Counts of genes that the built-in table knows."""
    genes = sorted(builtin_symbols())[:40]
    X = np.random.default_rng(1).poisson(2.0, (60, len(genes))).astype(float)
    return pd.DataFrame(X, index=[f"AAACCTGAGAAACCAT-{i + 1}" for i in range(60)], columns=genes)


OF_CELLS = {
    "fractions": lambda rng, n: rng.uniform(5, 9, n),
    "negative": lambda rng, n: rng.normal(0, 3, n).round(),
    "whole": lambda rng, n: rng.integers(1, 9, n).astype(float),
}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("kind", "change", "moves"),
    [
        ("fractions", lambda table: table, True),
        ("negative", lambda table: table, True),
        ("whole", lambda table: table, False),  # a gene that the table does not know is as likely
        ("whole", np.log1p, True),
        ("negative", np.log1p, True),
        ("fractions", np.log1p, False),
    ],
)
def test_numbers_unlike_those_of_all_genes_are_about_cells(tmp_path, many, kind, change, moves, turned):
    table = change(many).copy()
    table["RINX1"] = OF_CELLS[kind](np.random.default_rng(0), len(table))
    cells = read_cells(written(tmp_path, table.T if turned else table))
    expected = change(many) if moves else table
    same(cells, expected, 1e-5)
    assert ("RINX1" in cells.obs) == moves
    assert notes(cells) == (["c.csv: RINX1 are no genes and become columns of obs"] if moves else [])


@pytest.mark.parametrize("turned", [False, True])
def test_an_error_of_a_spreadsheet_leaves_its_gene_where_it_is(tmp_path, many, turned):
    """Neither moved to obs, nor read as zero: the value is none, which a run refuses."""
    table = many.astype(object)
    table["RINX1"] = [*range(1, len(table)), "#REF!"]
    cells = read_cells(written(tmp_path, table.T if turned else table))
    assert list(cells.var_names) == list(table.columns)
    assert np.isnan(cells.X.toarray()).sum() == np.isnan(cells[table.index[-1], "RINX1"].X.toarray()).sum() == 1


@pytest.mark.parametrize("turned", [False, True])
def test_labels_of_cells_beside_their_numbers(tmp_path, counts, turned):
    table = counts.astype(object)
    table.insert(0, "condition", ["ctrl", "stim "] * 4)
    table.insert(1, "patient", ["P1", "P2", "NA", "P1", "P2", "NULL", "P1", "P2"])
    cells = read_cells(written(tmp_path, table.T if turned else table))
    same(cells, counts)
    assert list(cells.obs["condition"]) == ["ctrl", "stim "] * 4  # made bare where labels are used
    assert cells.obs["patient"].isna().tolist() == [False, False, True] * 2 + [False] * 2


def test_no_treatment_is_a_label(tmp_path, counts):
    cells = read_cells(written(tmp_path, counts.assign(treatment=["None", "IFN"] * 4)))
    assert list(cells.obs["treatment"]) == ["None", "IFN"] * 4


@pytest.mark.parametrize("turned", [False, True])
def test_a_text_under_the_name_of_a_gene(tmp_path, counts, turned):
    table = counts.astype(object)
    table.iloc[3, 1] = "high"
    with pytest.raises(PathloreError, match="the text 'high' for the gene IFNAR1 in AAACCTGAGAAACCCC-1"):
        read_cells(written(tmp_path, table.T if turned else table))


@pytest.mark.parametrize("turned", [False, True])
def test_a_gene_that_is_there_twice_keeps_its_name(tmp_path, counts, turned):
    table = counts.set_axis(["STAT1", "IFNAR1", "TYK2", "STAT1", "MYC", "STAT1"], axis=1)
    same(read_cells(written(tmp_path, table.T if turned else table)), table)


@pytest.mark.parametrize(
    ("name", "encoding", "change"),
    [
        ("c.csv", "utf-8-sig", str),
        ("c.csv", "utf-16", str),
        ("c.csv", "utf-16-le", str),  # without a mark
        ("c.csv", "utf-16-be", str),
        ("c.csv", "utf-8", lambda text: text.replace("\n", "\r\n")),
        ("c.csv", "utf-8", lambda text: text.replace("\n", "\r")),
        ("c.csv", "utf-8", lambda text: "# made by hand\n# today, at noon\n" + text),
        ("c.csv", "utf-8", lambda text: "sep=,\n" + text),
        ("c.csv", "utf-8", lambda text: text.replace("\n", ",\n")),  # a separator after each line
        ("c.csv", "utf-8", lambda text: text.replace("\n", ",\n").replace(",\n", "\n", 1)),  # but the first
        ("c.csv", "utf-8", lambda text: text + "\n\n"),
        ("c.tsv", "utf-8", lambda text: text.replace(",", "\t")),
        ("c.txt", "utf-8", lambda text: text.replace(",", " ").lstrip(" ")),  # R: the corner is left out
        ("c.txt", "utf-8", lambda text: text.replace(",", "   ").lstrip(" ")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("turned", [False, True])
def test_ways_of_writing(tmp_path, counts, name, encoding, change, turned):
    same(read_cells(written(tmp_path, counts.T if turned else counts, name, encoding, change)), counts)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_quotes(tmp_path, counts, quote):
    table = counts.assign(condition=["a,b", "c"] * 4)
    path = written(tmp_path, table, quoting=2, quotechar=quote)
    cells = read_cells(path)
    same(cells, counts)
    assert list(cells.obs["condition"]) == ["a,b", "c"] * 4


def test_a_lone_quotation_mark_runs_no_rows_together(tmp_path, counts):
    table = counts.assign(condition=["a", '"b', "c", 'd"', "a", "b", "c", "d"]).rename_axis("cell")
    path = tmp_path / "c.csv"
    path.write_text(table.to_csv(quoting=3, quotechar="'"))
    with pytest.raises(PathloreError, match=r"8 lines below its header line and 6 rows.*lone quotation mark"):
        read_cells(path)


def test_encodings_of_the_west_are_named(tmp_path, counts):
    path = written(tmp_path, counts.assign(condition=["gesund", "größer"] * 4), encoding="latin-1")
    with pytest.raises(PathloreError, match=r"not in UTF-8 \(byte 0xf6.*'größer'.*--params encoding=latin-1"):
        read_cells(path)
    assert list(read_cells(path, encoding="latin-1").obs["condition"])[:2] == ["gesund", "größer"]
    with pytest.raises(PathloreError, match="encoding 'klingon' is not known"):
        read_cells(path, encoding="klingon")


def test_other_files_by_the_name_of_a_table(tmp_path):
    (tmp_path / "c.csv").write_bytes(b"PK\x03\x04rest")
    with pytest.raises(PathloreError, match="is an Excel workbook"):
        read_cells(tmp_path / "c.csv")
    (tmp_path / "c.csv").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    with pytest.raises(PathloreError, match="is compressed"):
        read_cells(tmp_path / "c.csv")


@pytest.mark.parametrize("turned", [False, True])
def test_rows_that_are_counted(tmp_path, counts, turned):
    """A first column of row numbers, the names in the next one."""
    table = (counts.T if turned else counts).rename_axis("gene" if turned else "barcode").reset_index()
    cells = read_cells(written(tmp_path, table))
    same(cells, counts)


def test_columns_about_genes_beside_cells(tmp_path, counts):
    """As featureCounts writes them, under a line of comment."""
    table = counts.T.rename_axis("Geneid")
    for place, (name, values) in enumerate({"Chr": "chr1", "Start": 5, "End": 9, "Strand": "+", "Length": 4}.items()):
        table.insert(place, name, values)
    path = written(tmp_path, table, "c.txt", change=lambda text: "# Program:featureCounts v2.0\n" + text, sep="\t")
    cells = read_cells(path)
    same(cells, counts)
    assert list(cells.var.columns) == ["Chr", "Start", "End", "Strand", "Length"]


@pytest.mark.parametrize("turned", [False, True])
def test_entrez_ids(tmp_path, counts, turned):
    table = counts.set_axis(["7157", "4609", "6772", "9636", "7297", "3454"], axis=1)
    same(read_cells(written(tmp_path, table.T if turned else table)), table)


def test_genes_that_differ_in_their_letters_alone(tmp_path, counts):
    table = counts.set_axis(["Stat1", "STAT1", "TYK2", "Tyk2", "MYC", "JUN"], axis=1)
    same(read_cells(written(tmp_path, table)), table)


@pytest.mark.parametrize(
    ("name", "control", "total"),
    [
        ("write_csv2_soupx_cells_rows.csv", "write_csv_soupx_control.csv", 37660.086),
        ("csv_with_seurat_meta.csv", "csv_with_text_meta_control.csv", 40196),
        ("counts_utf16.txt", None, 40196),
    ],
)
def test_real_tables(shared_data, name, control, total):
    cells = read_cells(shared_data / "field" / name)
    assert cells.shape == (120, 297)
    assert cells.X.sum() == pytest.approx(total)
    if control:
        same(cells, read_cells(shared_data / "field" / control).to_df())
    with pytest.raises(PathloreError, match="'Sjögren'"):
        read_cells(shared_data / "field" / "counts_latin1.csv")


@pytest.mark.parametrize("file", ["r_write_table_counts.txt"])
def test_real_annotations_without_a_corner(shared_data, file):
    from pathlore.datasets.raw_cells import RawCellsDataset

    folder = shared_data / "field"
    dataset = RawCellsDataset(filepath=folder / file, annotations=str(folder / "r_write_table_meta.txt"))
    cells = dataset.load()
    assert cells.shape == (120, 1267)
    assert cells.obs[["condition", "donor"]].iloc[0].tolist() == ["ctrl", "C1"]
    assert cells.obs["donor"].nunique() == 8


SIGNS = st.sampled_from([("point", ".", ""), ("point", ".", ","), ("point", ".", " "), ("point", ".", "'"),
                         ("comma", ",", ""), ("comma", ",", "."), ("comma", ",", " ")])  # fmt: skip


def cells_or_line(path, decimal):
    try:
        return read_cells(path, decimal=decimal), ""
    except PathloreError as error:
        return None, str(error)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_way_of_writing_gives_the_numbers_or_a_line(tmp_path_factory, data):
    """Signs, separators, quotes, encodings, orientation, columns about cells: nothing is wrong without a word."""
    draw, rng = data.draw, np.random.default_rng(draw_seed := data.draw(st.integers(0, 99)))
    values = rng.poisson(2.0, (8, 6)).astype(float) * draw(st.sampled_from([1, 0.25, 0.825, 400, 1234.5]))
    table = pd.DataFrame(values, index=BARCODES, columns=GENES)
    kind, decimal, thousands = draw(SIGNS)
    texts = grouped(table, thousands, decimal)
    about = draw(st.lists(st.sampled_from(META), unique=True, max_size=3))
    for name in about:
        texts.insert(draw(st.integers(0, len(texts.columns))), name, [str(i % 3) for i in range(8)])
    if draw(st.booleans()):
        texts.insert(
            0, "condition", draw(st.lists(st.sampled_from(["a", "b ", "NA", "ß", "x,y"]), min_size=8, max_size=8))
        )
    turned, separator = draw(st.booleans()), draw(st.sampled_from([",", ";", "\t", "|"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]))
    sure = draw(st.sampled_from(["auto", "auto", kind]))
    folder = tmp_path_factory.mktemp(f"any{draw_seed}")
    quoting = draw(st.sampled_from([0, 1]))
    path = written(folder, texts.T if turned else texts, encoding=encoding, sep=separator, quoting=quoting)
    cells, line = cells_or_line(path, sure)
    if cells is None:
        assert "\n" not in line
        assert encoding == "latin-1" or ("decimal" in line and sure == "auto"), line
        return
    same(cells, table, 1e-3)
    assert set(about) <= set(cells.obs)

"""Malformed tables of every resource: no row is lost in silence, and what is refused is said in one line.

pytest tests/project/test_fuzz_tables.py                                # fifty of each kind, always the same
pytest tests/project/test_fuzz_tables.py --hypothesis-profile=thousand  # three hundred of each, other ones each time

Every good table has a known number of rows, genes that only this row names, and is then damaged in one way or several
that people's files show. The rows that come out, and those that the log or the error counts, are all that went in.
"""

import logging
import re

import pandas as pd
import pytest
from blocks import network_block
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from outcomes import fresh, outcome

from pathlore.cohorts.annotate import read_annotation, read_markers
from pathlore.datasets.raw_tables import RawTablesDataset
from pathlore.genes.names import GeneNames
from pathlore.graph.paths.search import Step, Ways
from pathlore.graph.paths.user_file import given_paths, read_paths
from pathlore.missing import WORDS
from pathlore.resources.annotations import read_annotations
from pathlore.resources.gene_sets import read_gene_lists, read_gene_sets
from pathlore.resources.interactions import read_interactions
from pathlore.resources.names import read_gene_names
from pathlore.resources.orthologs import read_orthologs

MANY = settings.get_current_profile_name() == "thousand"
fuzz = settings(
    max_examples=300 if MANY else 50, derandomize=not MANY, deadline=None, suppress_health_check=list(HealthCheck)
)

NETWORKS = {  # header; one row, with a source and a target that are its own
    "own": ("source,target,kind,sign,n_evidence", "{a},{b},signaling,1,2"),
    "own with complexes": ("source,target,kind,directed", "{a},{b},ligand_receptor,true"),
    "predecessor": ("from,to,edge_type", "{a},{b},sig_sig"),
    "lr_network": ("from,to,source,database", "{a},{b},x,y"),
    "omnipath": (
        "source,target,source_genesymbol,target_genesymbol,is_directed,consensus_stimulation,type,omnipath,references",
        "P{i},Q{i},{a},{b},1,1,post_translational,1,PMID:{i}",
    ),
    "reactome": ("Gene1,Gene2,Annotation,Direction,Score", "{a},{b},activate,->,1.00"),
    "collectri": ("source,target,weight,references", "{a},{b},1,{i}"),
    "dorothea": ("tf,confidence,target,mor", "{a},A,{b},-1"),
    "cellchat": ("interaction_name,pathway_name,ligand,receptor,evidence", "x{i},p,{a},{b},{i}"),
    "liana": ("ligand,receptor,resource", "{a},{b},x"),
    "signor": (
        "ENTITYA,TYPEA,IDA,ENTITYB,TYPEB,IDB,EFFECT,MECHANISM,TAX_ID,PMID",
        "{a},protein,P{i},{b},protein,Q{i},up-regulates,phosphorylation,9606,{i}",
    ),
}
ENDS = {"own": (0, 1), "own with complexes": (0, 1), "predecessor": (0, 1), "lr_network": (0, 1), "omnipath": (2, 3),
        "reactome": (0, 1), "collectri": (0, 1), "dorothea": (0, 2), "cellchat": (2, 3), "liana": (0, 1),
        "signor": (0, 3)}  # fmt: skip
OTHERS = {
    "gene_sets": ("set_name,gene,collection", "set{i},{a},c"),
    "gene_lists": ("list_name,gene", "list{i},{a}"),
    "gene_names": ("symbol,previous,aliases", "{a},OLD{i},X{i}|Y{i}"),
    "gene_text": ("symbol,name,description", "{a},gene {i},what it does"),
    "orthologs": ("mouse,human", "Gene{i}a,{a}"),
}
GENES = {"gene_names": "symbol", "gene_text": "symbol", "orthologs": "human"}
MISSING = st.sampled_from(["", "NA", "nan", "None", "N/A", "NULL", "-", "#N/A", " ", "<NA>"])
NO_GENE = st.sampled_from(["2-Sep", "1-Mar", "two words", "A+B", '5"x', "\U0001f9ec", "ENSMUSG00000059552", "a|b"])


@st.composite
def rows_of(draw, row):
    """Rows with genes of their own: cells as lists."""
    amount = draw(st.integers(4, 12))
    return [row.format(i=i, a=f"GENE{i}A", b=f"GENE{i}B").split(",") for i in range(1, amount + 1)]


@st.composite
def written(draw, header, rows):
    """A table as bytes, in a form that says the same: separator, line ends, quotes, letters, a byte order mark."""
    separator = draw(st.sampled_from([",", ",", "\t", ";"]))
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    names = draw(st.sampled_from([str, str.upper, str.title]))
    quoted = draw(st.booleans())

    def cell(value):
        needs = any(sign in value for sign in (separator, '"', "\n"))
        return '"' + value.replace('"', '""') + '"' if quoted or needs else value

    lines = [[names(name) for name in header.split(",")], *rows]
    text = end.join(separator.join(map(cell, line)) for line in lines) + draw(st.sampled_from(["", end, end + end]))
    return ("\ufeff" if draw(st.booleans()) else "").encode() + text.encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz_tables")


def load(folder, content, name="t.csv", parameter="network"):
    path = fresh(folder, name)
    path.write_bytes(content)
    return RawTablesDataset(files=str(path), parameter=parameter).load()


def counted(messages):
    """Rows that the log counts as dropped, and what it says of rows that are short."""
    said = next((text for text in reversed(messages) if text.startswith("Network file") and "dropped: " in text), "")
    return sum(
        int(number) for number in re.findall(r"(?:^|, )(\d+) (?=with|of|other|DoRo)", said.split("dropped: ")[-1])
    )


def read_network(folder, caplog, form, content):
    caplog.clear()
    caplog.set_level(logging.INFO)
    return outcome(lambda: read_interactions(load(folder, content, f"{form}.csv"), None, network_block()))


# ------------------------------------------------------------------------------------------------------------ networks


@fuzz
@given(data=st.data())
def test_every_row_of_a_network_is_kept_or_counted(folder, caplog, data):
    form = data.draw(st.sampled_from(sorted(NETWORKS)))
    header, row = NETWORKS[form]
    rows = data.draw(rows_of(row))
    spoilt = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=3, unique=True))
    for at in spoilt:
        rows[at][data.draw(st.sampled_from(ENDS[form]))] = data.draw(st.one_of(MISSING, NO_GENE))
    repeats = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=2))
    rows += [list(rows[at]) for at in repeats]
    found = read_network(folder, caplog, form, data.draw(written(header, rows)))
    assert found is not None, "a table of good and nameless rows is read"
    assert len(rows) == len(found) + counted(caplog.messages)
    assert len(found) == len(rows) - sum(at in spoilt for at in [*range(len(rows) - len(repeats)), *repeats])
    ends = {*found["source"], *found["target"]}
    assert all(re.fullmatch(r"GENE\d+[AB]", gene) for gene in ends)


@fuzz
@given(data=st.data())
def test_a_stray_quotation_mark_swallows_no_row(folder, caplog, data):
    form = data.draw(st.sampled_from(sorted(NETWORKS)))
    header, row = NETWORKS[form]
    rows = data.draw(rows_of(row))
    separator = data.draw(st.sampled_from([",", "\t", ";"]))
    lines = [separator.join(line) for line in [header.split(","), *rows]]
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(1, len(lines) - 1))
        place = data.draw(st.integers(0, len(lines[at])))
        lines[at] = lines[at][:place] + '"' + lines[at][place:]
    found = read_network(folder, caplog, form, "\n".join(lines).encode())
    if found is not None:
        assert len(rows) == len(found) + counted(caplog.messages)
        assert '"' not in "".join([*found["source"], *found["target"]])


@fuzz
@given(data=st.data())
def test_a_misspelt_column_is_refused_or_said(folder, caplog, data):
    form = data.draw(st.sampled_from(sorted(NETWORKS)))
    header, row = NETWORKS[form]
    rows = data.draw(rows_of(row))
    names = header.split(",")
    at = data.draw(st.integers(0, len(names) - 1))
    name = names[at]
    letter = data.draw(st.integers(0, len(name) - 1))
    names[at] = data.draw(
        st.sampled_from([name + "X", name[:letter] + name[letter + 1 :], name[:letter] + "q" + name[letter:]])
    )
    if names[at] in header.split(",") or not names[at]:
        return
    found = read_network(folder, caplog, form, "\n".join([",".join(names), *map(",".join, rows)]).encode())
    if found is not None:
        assert any("columns not read" in text and names[at] in text for text in caplog.messages), names
        assert len(rows) == len(found) + counted(caplog.messages)


@fuzz
@given(data=st.data())
def test_rows_of_other_lengths(folder, caplog, data):
    """A field too few is said; a field too many, or a separator at every end, is refused or read right."""
    form = data.draw(st.sampled_from(sorted(NETWORKS)))
    header, row = NETWORKS[form]
    rows = data.draw(rows_of(row))
    how = data.draw(st.sampled_from(["short", "long", "trailing", "named"]))
    at = data.draw(st.integers(0, len(rows) - 1))
    lines = [",".join(line) for line in rows]
    if how == "short":
        lines[at] = ",".join(rows[at][: data.draw(st.integers(1, len(rows[at]) - 1))])
    elif how == "long":
        lines[at] += ",more"
    else:
        lines = [line + "," if how == "trailing" else f'"{i}",{line}' for i, line in enumerate(lines)]
    found = read_network(folder, caplog, form, "\n".join([header, *lines]).encode())
    if found is None:
        assert how in ("short", "long")
        return
    assert how != "long"
    assert len(rows) == len(found) + counted(caplog.messages)
    assert how != "short" or any("have fewer fields than the header line" in text for text in caplog.messages)
    assert all(re.fullmatch(r"GENE\d+[AB]", gene) for gene in {*found["source"], *found["target"]})


@fuzz
@given(data=st.data())
def test_values_of_a_network_are_understood_or_named(folder, caplog, data):
    header, row = NETWORKS["own"]
    rows = data.draw(rows_of(row))
    at = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from([2, 3, 4]))
    value = data.draw(
        st.sampled_from(["+", "-", "->", "1,0", "up", "0.5", "1e3", "NA", "", "inf", "-1", "TRUE", "1.0", "phospho"])
    )
    rows[at][column] = value
    found = read_network(folder, caplog, "own", data.draw(written(header, rows)))
    known = {2: set(), 3: {"NA", "", "-1", "1.0"}, 4: {"NA", "", "-", "1.0", "1e3", "0.5", "-1"}}[column]
    assert (found is not None) == (value in known), (column, value)


# --------------------------------------------------------------------------------------------------- other resources


def read_other(kind, raw):
    if kind == "gene_names":
        return read_gene_names(raw).symbols
    reader = {
        "gene_sets": read_gene_sets,
        "gene_lists": read_gene_lists,
        "gene_text": read_annotations,
        "orthologs": lambda tables: read_orthologs(tables, GeneNames(read_gene_names({}).table)),
    }[kind]
    table = reader(raw)
    return table[{"gene_text": "symbol", "orthologs": "human"}.get(kind, "gene")]


@fuzz
@given(data=st.data())
def test_genes_of_other_tables_are_kept_or_counted(folder, caplog, data):
    kind = data.draw(st.sampled_from(sorted(OTHERS)))
    header, row = OTHERS[kind]
    rows = data.draw(rows_of(row))
    gene = header.split(",").index(
        {"gene_names": "symbol", "gene_text": "symbol", "orthologs": "human"}.get(kind, "gene")
    )
    spoilt = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=3, unique=True))
    for at in spoilt:
        rows[at][gene] = data.draw(st.one_of(MISSING, NO_GENE.filter(lambda name: not name.startswith("ENS"))))
    content = data.draw(written(header, rows))
    caplog.clear()
    caplog.set_level(logging.INFO)
    found = outcome(lambda: read_other(kind, load(folder, content, "t.csv", kind)))
    assert found is not None
    assert sorted(found) == sorted(line[gene] for at, line in enumerate(rows) if at not in spoilt)
    said = " ".join(text for text in caplog.messages if "rows read" in text)
    assert f"{len(rows)} rows read" in said
    assert sum(map(int, re.findall(r"(\d+) (?:without|repeated|of other)", said))) == len(spoilt)


@fuzz
@given(data=st.data())
def test_a_stray_quotation_mark_in_other_tables(folder, caplog, data):
    kind = data.draw(st.sampled_from(sorted(OTHERS)))
    header, row = OTHERS[kind]
    rows = data.draw(rows_of(row))
    lines = [",".join(line) for line in rows]
    at = data.draw(st.integers(0, len(lines) - 1))
    place = data.draw(st.integers(0, len(lines[at])))
    lines[at] = lines[at][:place] + '"' + lines[at][place:]
    found = outcome(lambda: read_other(kind, load(folder, "\n".join([header, *lines]).encode(), "t.csv", kind)))
    if found is not None:
        assert len(set(found)) >= len(rows) - 1
        assert '"' not in "".join(found)


@fuzz
@given(data=st.data())
def test_gmt_files(folder, data):
    """Line ends, missing words, weights, other separators: each gene of each set is there, or the line is named."""
    sets = {f"SET{i}": [f"GENE{i}{letter}" for letter in "ABC"] for i in range(data.draw(st.integers(1, 5)))}
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    between = data.draw(st.sampled_from(["\t", "\t", ",", " ", ";"]))
    weight = data.draw(st.sampled_from(["", "", ",1.0", ",-2e-3"])) if between == "\t" else ""
    more = data.draw(st.sampled_from([[], [], ["NA"], ["2-Sep"], [""]]))
    texts = {name: between.join(gene + weight for gene in [*genes, *more]) for name, genes in sets.items()}
    lines = [f"{name}\tabout\x0b it\t{text}" for name, text in texts.items()]
    found = outcome(lambda: read_gene_sets(load(folder, end.join(lines).encode(), "h.gmt", "gene_sets")))
    if between == "\t":
        assert found is not None
        assert found.groupby("set_name", sort=False)["gene"].agg(list).to_dict() == sets
    else:
        assert found is None


@fuzz
@given(data=st.data())
def test_markers_and_cell_types(folder, caplog, data):
    rows = [["liver", f"type{i % 3}", f"GENE{i}A"] for i in range(12)]
    spoilt = data.draw(st.lists(st.integers(0, 11), max_size=2, unique=True))
    for at in spoilt:
        rows[at][2] = data.draw(st.one_of(MISSING, NO_GENE.filter(lambda name: not name.startswith("ENS"))))
    content = data.draw(written("tissue,cell_type,gene", rows))
    genes = [f"GENE{i}A" for i in range(12)]
    markers = outcome(lambda: read_markers(load(folder, content, "m.csv", "markers"), "liver", genes, 1))
    assert markers is not None
    assert sorted(gene for own in markers.values() for gene in own) == sorted(
        row[2] for at, row in enumerate(rows) if at not in spoilt
    )
    cells = [[f"s:{i}", data.draw(st.one_of(MISSING, st.just("T cell")))] for i in range(6)]
    caplog.clear()
    caplog.set_level(logging.INFO)
    content = data.draw(written("cell,cell_type", cells))
    names = pd.Index([cell for cell, _ in cells])
    told = outcome(lambda: read_annotation(load(folder, content, "c.csv", "cell_types"), names))
    right = [cell for cell, kind in cells if kind.strip().lower() not in WORDS]
    if right:
        assert told is not None
        assert list(told.index) == right
        assert f"{len(cells) - len(right)} without a type" in caplog.text


@fuzz
@given(data=st.data())
def test_own_paths(folder, caplog, data):
    """Empty rows and repeats are counted, arrows of any kind are read, a missing word in a path is named."""
    arrow = data.draw(st.sampled_from([">", " > ", "->", " -> ", "\u2192"]))
    amount = data.draw(st.integers(1, 6))
    rows = [[arrow.join(["R", f"S{i}", "T", "X"])] for i in range(amount)]
    empty = data.draw(st.lists(MISSING, max_size=3))
    repeated = data.draw(st.integers(0, 2))
    table = [*rows, *([word] for word in empty), *rows[:repeated]]
    step = Step(1.0, 1, (), ())
    inner = {"R": {f"S{i}": step for i in range(amount)}} | {f"S{i}": {"T": step} for i in range(amount)}
    ways = Ways(inner, {"T": {"X": step}}, frozenset(["R"]))
    caplog.clear()
    caplog.set_level(logging.INFO)
    content = data.draw(written("path", table))
    found = outcome(lambda: read_paths(given_paths(load(folder, content, "p.csv", "paths")), ways, ways))
    assert found is not None
    routes, n_read = found
    assert n_read == len(routes) == amount
    (said,) = (text for text in caplog.messages if text.startswith("Given paths"))
    blank = sum(not word.strip() for word in empty)  # a blank line of one column is no row to pandas
    n_rows, n_empty = len(table), len(empty)
    assert any(
        f"{n_rows - gone} rows read, {amount} distinct paths; left out: {n_empty - gone} empty rows" in said
        for gone in range(blank + 1)
    )
    assert f"{min(repeated, amount)} repeated ones" in said


@fuzz
@given(data=st.data())
def test_a_path_with_a_missing_gene_is_refused(folder, data):
    genes = ["R", "S", "T", "X"]
    genes[data.draw(st.integers(0, 3))] = data.draw(st.one_of(MISSING.filter(lambda word: word != "-"), NO_GENE))
    step = Step(1.0, 1, (), ())
    ways = Ways({"R": {"S": step}, "S": {"T": step}}, {"T": {"X": step}}, frozenset(["R"]))
    content = data.draw(written("path", [[">".join(genes)]]))
    assert outcome(lambda: read_paths(given_paths(load(folder, content, "p.csv", "paths")), ways, ways)) is None

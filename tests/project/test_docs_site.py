"""The documentation as a site: complete, without requests to the network, and with figures that tell the truth."""

import importlib.util
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

import pathlore
from pathlore.config import SentenceConfig
from pathlore.evaluation.report import read_tables, results_pages
from pathlore.text.sentences import path_sentences

DOCS = Path(__file__).parents[2] / "docs"
KNOWLEDGE = DOCS.parent / "src" / "pathlore" / "knowledge"
SETTINGS = ("conf.py", "mathml.py", "api_pages.py")
PAGE = """# One

$\\hat a_p$ and [a link](two.md#a-part).

$$
q_p = \\Big\\Vert_{r=1}^{R} \\sum_l \\overline{x_l}
$$

```{toctree}
two
```
"""


def module_of_docs(name):
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Build a small site with the settings of the real one, warnings as errors; returns status, messages, folder."""

    def run(index, two="# Two\n\n## A part\n\nWords.\n"):
        folder = tmp_path_factory.mktemp("site") / "docs"
        folder.mkdir()
        for name in SETTINGS:
            shutil.copy(DOCS / name, folder)
        shutil.copytree(DOCS / "_static", folder / "_static")
        (folder / "index.md").write_text(index)
        (folder / "two.md").write_text(two)
        command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", str(folder), str(folder / "built")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        return done.returncode, done.stderr, folder / "built"

    return run


def test_a_page_has_its_formulas_and_asks_for_nothing(build):
    status, said, built = build(PAGE)
    assert status == 0, said
    html = (built / "index.html").read_text()
    assert html.count("<math ") == 2
    assert 'href="two.html#a-part"' in html
    assert "‖" in html or "&#x02016;" in html
    loaded = re.findall(r"<(?:script|img|iframe)\b[^>]*\bsrc=\"([^\"]*)\"", html)
    loaded += re.findall(r"<link\b[^>]*\bhref=\"([^\"]*)\"", html)
    assert any("furo.css" in address for address in loaded)
    sheets = "".join(path.read_text() for path in (built / "_static").rglob("*.css"))
    loaded += re.findall(r"@import\s+[\"']([^\"']+)|url\(\s*[\"']?(?!data:|#)([^\"')]+)", sheets)
    assert [address for address in loaded if "//" in str(address)] == []


def test_a_broken_link_or_formula_stops_the_build(build):
    status, found, _ = build(PAGE.replace("#a-part", "#no-such-part").replace("overline", "nosuchcommand"))
    assert status != 0
    assert "no-such-part" in found
    assert r"\nosuchcommand is not known" in found


def test_every_page_is_in_the_table_and_in_the_contents():
    index = (DOCS / "index.md").read_text()
    contents = " ".join(re.findall(r"```{toctree}\n:hidden:\n:caption: .*?\n(.*?)```", index, re.S)).split()
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")} - {"index"}
    assert sorted(pages) == sorted(contents)
    assert pages <= set(re.findall(r"\]\((?:\./)?([\w/-]+)\.md\)", index))


def test_every_public_module_has_its_place_in_the_api():
    api_pages = module_of_docs("api_pages")
    source = DOCS.parent / "src" / "pathlore"
    page = api_pages.page(source / "graph" / "paths", "pathlore.graph.paths")
    assert ".. automodule:: pathlore.graph.paths.find\n   :members:" in page
    named = {
        name
        for index in source.rglob("__init__.py")
        for name in re.findall(
            r"automodule:: (\S+)\n   :members:",
            api_pages.page(index.parent, ".".join(index.parent.relative_to(source.parent).parts)),
        )
    }
    modules = {".".join(path.relative_to(source.parent).with_suffix("").parts): path for path in source.rglob("*.py")}
    wanted = {
        name
        for name, path in modules.items()
        if not set(name.split(".")) & api_pages.LEFT_OUT and api_pages.public(path)
    }
    assert len(wanted) > 200
    assert wanted <= named


def test_figures_are_what_the_script_draws():
    diagrams = module_of_docs("diagrams")
    for name, draw in diagrams.DIAGRAMS.items():
        assert (DOCS / "images" / name).read_text() == draw(), f"{name} is old: python docs/diagrams.py"


def test_the_path_of_the_figure_is_one_of_the_network(load):
    diagrams = module_of_docs("diagrams")
    network = pd.read_csv(KNOWLEDGE / "interactions.csv", keep_default_na=False)
    steps = list(pairwise(diagrams.GENES))
    found = network.set_index(["source", "target"]).loc[steps]
    assert list(found["kind"]) == ["signaling", "signaling", "tf_target"]
    assert "IFNG" in set(network.loc[network["target"] == diagrams.GENES[0], "source"])
    paths = pd.DataFrame({"path": [">".join(diagrams.GENES)], "pathway": ["Type II interferon"]})
    config = SentenceConfig(**load("base")["parameters"]["graph_construction"]["sentences"])
    annotations = pd.read_csv(KNOWLEDGE / "genes.csv", keep_default_na=False)
    sentence = path_sentences(paths, network.assign(via=""), annotations, config)["text"].iloc[0]
    assert " ".join(diagrams.SENTENCE) == sentence


def test_the_public_names_come_first_in_the_api():
    page = module_of_docs("api_pages").public_page(DOCS.parent / "src" / "pathlore" / "__init__.py")
    assert set(re.findall(r"\.\. auto(?:class|function):: pathlore\.(\w+)", page)) == set(pathlore.__all__)
    named = (DOCS / "api.md").read_text()
    assert named.index("api/public\n") < named.index("api/pathlore\n")
    assert {name for name in pathlore.__all__ if f"`pathlore.{name}`" in named} >= {"Study", "load", "rank_receptors"}


def test_the_pages_of_results_are_what_their_tables_say():
    for name, text in results_pages(read_tables(DOCS / "results")).items():
        assert (DOCS / name).read_text() == text, f"{name} is old: python -m pathlore.evaluation.report"


def test_readme_counts_the_atlas():
    network, genes = (
        pd.read_csv(KNOWLEDGE / f"{name}.csv", keep_default_na=False) for name in ("interactions", "genes")
    )
    pathways = {name for names in network["pathway"] for name in names.split(";") if name}
    said = f"{len(genes):,} genes, {len(network):,} edges and {len(pathways)} pathways"
    assert said in " ".join((DOCS.parent / "README.md").read_text().split())


def test_readme_quotes_the_planted_paths_of_the_results():
    table = pd.read_csv(DOCS / "results" / "planted.csv").query("metric == 'auroc' and score == 'importance'")
    means = table.pivot_table(index="scenario", columns="variant", values="mean")
    text = (DOCS.parent / "README.md").read_text()
    for heading, scenario in {"planted paths found": "main", "... with weak effects": "weak",
                              "... among many decoys": "decoys"}.items():  # fmt: skip
        row = means.loc[scenario]
        wanted = [row["pathlore"], row["paper"], max(row["paths_l1"], row["paths_l2"]), row["prior"]]
        found = re.search(rf"^\| {re.escape(heading)} .*?\| (.*) \|$", text, re.M)[1].split(" | ")
        assert [float(value) for value in found] == wanted

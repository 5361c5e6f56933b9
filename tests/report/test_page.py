import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from pathlore.errors import PathloreError
from pathlore.report import Caveat, PopulationContents, ReportContents, report_page

HOSTILE = "</script><img src=x onerror=alert(1)>"
LOADING = {"src", "href", "xlink:href", "srcset", "action", "data", "poster", "background", "formaction", "ping"}


class Page(HTMLParser):
    """Elements, attributes, and the content of scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.events, self.raw, self.text = [], [], [], [], [], ""
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for key, value in attrs:
            self.ids += [value] if key == "id" else []
            self.links += [(tag, key, value)] if key in LOADING else []
            self.events += [key] if key.startswith("on") else []
        self.raw += [(tag, dict(attrs), "")] if tag in ("script", "style") else []

        self.inside = tag in ("script", "style")

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            tag, attrs, text = self.raw[-1]
            self.raw[-1] = (tag, attrs, text + data)
        self.text += data


@pytest.fixture(scope="module")
def text(contents):
    return report_page(contents)


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_chapters_tabs_and_tables(page):
    for chapter in ("verdict", "populations", "between", "checks", "downloads", "reading"):
        assert chapter in page.ids
    assert {"p0", "p1", "tab-p0", "tab-p1", "data-p1-donor_tests", "data-run-cell_communication"} <= set(page.ids)
    assert "cirrhotic against healthy" in page.text
    assert "This run has no evaluation over repeats" in page.text  # not given


def test_no_id_stands_twice(page):
    assert len(page.ids) == len(set(page.ids))


def test_nothing_is_requested(page, text):
    for tag, key, value in page.links:
        assert not re.match(r"(?i)\s*(\w+:)?//", value), (tag, key, value)
        assert not re.match(r"(?i)\s*(?!data:)[a-z]+:", value), (tag, key, value)
    styles = " ".join(content for tag, _, content in page.raw if tag == "style") + " ".join(
        re.findall(r'style="[^"]*"', text)
    )
    assert "@import" not in styles
    assert not re.search(r"url\((?!#)", styles)
    assert not {"iframe", "object", "embed", "form", "base"} & set(page.tags)
    assert page.events == []


def test_the_policy_names_every_script_and_style_by_its_hash(page, text):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1].replace("&#39;", "'")
    assert policy.startswith("default-src 'none';")
    assert "script-src 'unsafe" not in policy
    run = [(tag, content) for tag, attrs, content in page.raw if attrs.get("type") != "application/json"]
    assert [tag for tag, _ in run] == ["style", "script"]
    for tag, content in run:
        code = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{code}'" in policy


def test_data_are_those_of_the_tables(page, contents):
    data = next(json.loads(content) for _, attrs, content in page.raw if attrs.get("id") == "data-p0-path_importance")
    table = contents.populations[0].path_importance
    assert data["n"] == len(table)
    assert data["values"]["path"] == table["path"].tolist()
    assert data["values"]["importance"] == pytest.approx(table["importance"].tolist(), rel=1e-3)
    tests = next(json.loads(content) for _, attrs, content in page.raw if attrs.get("id") == "data-p0-donor_tests")
    assert tests["values"]["path"] == {"of": "path_importance", "codes": list(range(len(table)))}
    pathways = data["values"]["pathway"]
    assert [pathways["levels"][code] for code in pathways["codes"]] == table["pathway"].tolist()


def test_hostile_names_stay_text(contents):
    one = contents.populations[0]
    table = one.path_importance.assign(
        path=[f"{HOSTILE}{place}" for place in range(len(one.path_importance))], pathway=HOSTILE
    )
    bad = replace(one, name=HOSTILE, path_importance=table, missing={"gene_lists": HOSTILE}, gene_lists=None)
    text = report_page(replace(contents, cohort=HOSTILE, classes=(HOSTILE, "b"), question=HOSTILE, populations=(bad,),
                               caveats=(Caveat("note", HOSTILE),)))  # fmt: skip
    page = Page(text)
    assert "img" not in page.tags
    assert page.events == []
    assert page.text.count(HOSTILE) >= 4
    data = next(json.loads(content) for _, attrs, content in page.raw if attrs.get("id") == "data-p0-path_importance")
    assert data["values"]["path"][0] == f"{HOSTILE}0"


def test_an_empty_cohort_says_why():
    page = Page(report_page(ReportContents("nothing", ("a", "b"), "today", "0.1.0")))
    assert "No population was fitted" in page.text
    assert "the quality of the model is not known" in page.text
    assert "No interactions between cells" in page.text


def test_an_empty_population_says_why():
    one = PopulationContents("T cells", missing={"donor_tests": "Two donors are too few."})
    page = Page(report_page(ReportContents("few", ("a", "b"), "today", "0.1.0", populations=(one,))))
    assert "No path was ranked for this population." in page.text
    assert "Two donors are too few." in page.text


def test_a_large_run_stays_below_eleven_megabytes(make_run, make_figure):
    names = [f"Population {place}" for place in range(10)]
    run = make_run(names, 600, 20, n_interactions=500)
    plots = dict.fromkeys(
        ("importance", "core_network", "donor_heatmap", "curves", "training", "sentences"), make_figure(400)
    )
    large = replace(run, populations=tuple(replace(one, plots=plots) for one in run.populations))
    assert len(report_page(large).encode()) < 11e6


def test_the_order_and_the_place_of_files_is_checked(contents):
    with pytest.raises(PathloreError, match="relative to the report"):
        report_page(replace(contents, files={"elsewhere": "https://example.org/x"}))
    with pytest.raises(PathloreError, match="no place for the plots sketch"):
        report_page(replace(contents, plots={"sketch": "<svg/>"}))


def test_test_cells_stand_before_validation_cells(page):
    data = next(json.loads(content) for _, attrs, content in page.raw if attrs.get("id") == "data-run-metrics")
    assert data["values"]["split"]["levels"] == ["test", "validation"]


def test_the_gravest_finding_stands_before_the_verdict():
    said = "Condition and `batch` are confounded."
    caveats = (Caveat("caution", said), Caveat("note", "One fit."))
    page = report_page(ReportContents("c", ("a", "b"), "today", "0.1.0", gravest=said, caveats=caveats))
    assert page.count("Condition and <code>batch</code> are confounded.") == 1, "what limits it does not repeat it"
    assert "One fit." in page
    place = page.index("Condition and <code>batch</code> are confounded.")
    assert page.index("verdict-title") < place < page.index('class="headline"')
    assert "Before all" not in report_page(ReportContents("c", ("a", "b"), "today", "0.1.0"))

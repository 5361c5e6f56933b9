"""The page in a real browser: it works, asks for nothing, and fits a phone."""

import csv
import io
from dataclasses import replace

import pytest
from browser import CHROMIUM, Browser

from pathlore.report import report_page

HOSTILE = "</script><img src=x onerror=window.pwned=1>"
TABLE = "[data-table=p0-path_importance]"
FIRST = f"document.querySelector('{TABLE} tbody tr.row')"
STATUS = f"document.querySelector('{TABLE} [role=status]').textContent"

pytestmark = [pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")]


@pytest.fixture(scope="module")
def browser():
    pytest.importorskip("websockets", reason="the browser is driven by websockets")
    found = Browser()
    yield found
    found.close()


@pytest.fixture(scope="module")
def file(contents, tmp_path_factory):
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(report_page(contents))
    return file


@pytest.fixture
def desktop(browser, file):
    """The page at 1,280 pixels; nothing may be complained of or asked for."""
    browser.open(file, 1280)
    yield browser
    assert browser.complaints == []
    assert {url.split(":")[0] for url in browser.requests} <= {"file", "data"}
    assert len([url for url in browser.requests if url.startswith("file")]) == 1


def column(browser, key):
    """Values of a column as they stand on the page."""
    return browser.ask(
        f"(() => {{ const root = document.querySelector('{TABLE}');"
        f"const place = [...root.querySelectorAll('thead tr > *')].findIndex((one) => one.dataset.key === '{key}');"
        "return [...root.querySelectorAll('tbody tr.row')].map((row) => row.children[place].textContent); })()"
    )


def type_into(browser, label, text):
    browser.ask(
        f"(() => {{ const labels = [...document.querySelectorAll('{TABLE} label')];"
        f"const input = labels.find((one) => one.firstChild.textContent === '{label}')"
        f".querySelector('input, select'); input.value = '{text}';"
        "input.dispatchEvent(new Event('input')); input.dispatchEvent(new Event('change')); })()"
    )


def press(browser, key):
    codes = {"Enter": 13, "ArrowRight": 39}
    for kind in ("keyDown", "keyUp"):
        extra = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
        browser.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key], **extra)


def test_fifty_rows_of_the_ranking_then_the_next(desktop, contents):
    table = contents.populations[0].path_importance
    assert desktop.ask(STATUS) == "1 to 50 of 120 paths"
    assert column(desktop, "rank") == [str(rank) for rank in range(1, 51)]
    shown = column(desktop, "route")[0].replace(" → ", " > ")
    assert shown == table["route"][0]
    desktop.ask(
        f"[...document.querySelectorAll('{TABLE} .pages button')].find((one) => one.textContent === 'Next').click()"
    )
    assert desktop.ask(STATUS) == "51 to 100 of 120 paths"


def test_the_columns_that_matter_fit(desktop):
    keys = desktop.ask(f"[...document.querySelectorAll('{TABLE} thead th')].map((one) => one.dataset.key)")
    assert keys == ["rank", "route", "importance", "direction", "q", "in_top_10"]
    assert desktop.ask(f"document.querySelector('{TABLE} .sheet').classList.contains('fits')")
    labels = desktop.ask(f"[...document.querySelectorAll('{TABLE} .columns label')].map((one) => one.textContent)")
    assert len(labels) == len(set(labels))
    assert "Measured genes" not in labels  # the path stands in another column


def test_the_header_stays_in_view(desktop):
    desktop.ask(f"document.querySelectorAll('{TABLE} tbody tr.row')[30].scrollIntoView({{ behavior: 'instant' }})")
    top = desktop.ask(f"document.querySelector('{TABLE} thead').getBoundingClientRect().top")
    assert 0 <= top < 60


def test_sorting_by_mouse_and_by_key(desktop, contents):
    effects = contents.populations[0].path_importance["importance"]
    heading = f"document.querySelector('{TABLE} th[data-key=importance]')"
    desktop.ask(f"{heading}.querySelector('button').click()")
    assert desktop.ask(f"{heading}.getAttribute('aria-sort')") == "descending"
    falling = [float(text) for text in column(desktop, "importance")]
    assert falling == pytest.approx(sorted(effects, reverse=True)[:50], abs=6e-4)
    desktop.ask(f"{heading}.querySelector('button').focus()")
    press(desktop, "Enter")
    assert desktop.ask(f"{heading}.getAttribute('aria-sort')") == "ascending"
    assert [float(text) for text in column(desktop, "importance")] == pytest.approx(sorted(effects)[:50], abs=6e-4)


def test_search_and_filters(desktop, contents):
    table = contents.populations[0].path_importance
    type_into(desktop, "Search paths", "chemokines")
    expected = table["pathway"].eq("Chemokines").sum()
    assert desktop.ask(STATUS).endswith(f"of {expected} paths (120 in all)")
    type_into(desktop, "Search paths", "")
    gene = table["tf"][3]
    type_into(desktop, "Gene", gene.lower())
    expected = table["path"].map(lambda path: any(own.startswith(gene) for own in path.split(">"))).sum()
    assert f"of {expected} paths" in desktop.ask(STATUS)
    type_into(desktop, "Gene", "")
    type_into(desktop, "More active in", "cirrhotic")
    expected = table["direction"].eq("cirrhotic").sum()
    assert f"of {expected} paths" in desktop.ask(STATUS)
    type_into(desktop, "Search paths", "no such word")
    assert "Nothing fits" in desktop.ask(f"document.querySelector('{TABLE} tbody').textContent")


def test_a_row_opens_to_its_evidence(desktop, contents):
    desktop.ask(f"{FIRST}.querySelector('.opener').click()")
    details = desktop.ask(f"document.querySelector('{TABLE} .details').textContent")
    row = contents.populations[0].path_importance.iloc[0]
    assert row["sentence"] in details
    for gene in row["path"].split(">"):
        assert gene in details
    assert "healthy 6, cirrhotic 6" in details
    assert all(part.split(" ", 1)[1] in details for part in row["gene_effects"].split("; "))
    assert desktop.ask(f"document.querySelectorAll('{TABLE} .strip circle').length") == 12  # donors
    desktop.ask(f"{FIRST}.querySelector('.opener').click()")
    assert desktop.ask(f"document.querySelector('{TABLE} .details')") is None


def test_references_texts_and_links_of_a_row(desktop, contents):
    desktop.ask(f"{FIRST}.querySelector('.opener').click()")
    genes = contents.populations[0].path_importance["path"][0].split(">")
    details = desktop.ask(f"document.querySelector('{TABLE} .details').textContent")
    anchors = f"[...document.querySelectorAll('{TABLE} .details a')]"
    links = desktop.ask(f"{anchors}.map((one) => [one.textContent, one.href])")
    assert ["PMID:31415926", "https://pubmed.ncbi.nlm.nih.gov/31415926/"] in links
    assert ["NCBI Gene", "https://www.ncbi.nlm.nih.gov/gene/7124"] in links
    assert any(text == "UniProt" and f"gene_exact:{genes[0]}+" in link for text, link in links)  # no id is known
    assert "and 12 more" in details  # of 14 references, two are listed
    assert "no reference listed" in details  # the last step has none
    assert all(f"What {gene} does." in details for gene in genes)
    assert "What the pathway does." in details
    bold = desktop.ask(f"[...document.querySelectorAll('{TABLE} .sentence b')].map((one) => one.textContent)")
    assert set(bold) == set(genes)
    assert desktop.ask(f"{anchors}.every((one) => one.rel === 'noopener noreferrer')")


def test_the_core_network_answers_and_is_filtered(desktop, contents):
    edges = contents.populations[0].network["elements"]["edges"]
    assert desktop.ask("networks[0].cy.edges().length") == len(edges)
    node = contents.populations[0].network["elements"]["nodes"][0]
    place = desktop.ask(f"networks[0].cy.getElementById('{node['data']['id']}').position()")
    assert place == pytest.approx(node["position"])
    desktop.ask("networks[0].cy.edges()[0].emit('mouseover'), null")
    told = desktop.ask("document.querySelector('.stage .told').textContent")
    assert edges[0]["data"]["source"] in told
    desktop.ask("networks[0].cy.edges()[0].emit('mouseout'), null")
    shown = "networks[0].cy.edges().not('.faded').length"
    boxes = "[...document.querySelectorAll('.network input[type=checkbox]')]"
    box = f"{boxes}.find((one) => one.parentElement.textContent.startsWith('inhibits'))"
    desktop.ask(f"{box}.click()")
    assert desktop.ask(shown) == sum(edge["data"]["sign"] != -1 for edge in edges)
    desktop.ask(f"{box}.click()")
    desktop.ask("(() => { const level = document.querySelector('.network input[type=range]'); level.value = 60;"
                "level.dispatchEvent(new Event('input')); })()")  # fmt: skip
    most = max(edge["data"]["importance"] for edge in edges)
    assert desktop.ask(shown) == sum(edge["data"]["importance"] >= 0.6 * most for edge in edges)
    drawn = desktop.ask("networkSvg(networks[0].cy)")
    assert drawn.count("<polyline") == desktop.ask(shown)
    assert desktop.ask("networks[0].cy.png({ output: 'blob' }).size") > 1000


def test_signals_between_populations_are_filtered(desktop, contents):
    table = contents.cell_communication
    cy = "networks.find((one) => one.cy.edges()[0].data('rows')).cy"
    pairs = table.groupby(["sender", "receiver"])["score"].sum()
    assert desktop.ask(f"{cy}.edges().length") == len(pairs)
    drawn = desktop.ask(f"{cy}.edges().map((edge) => [edge.data('sender'), edge.data('receiver'), edge.data('score')])")
    assert {(a, b): score for a, b, score in drawn} == pytest.approx(pairs.to_dict(), rel=1e-3)
    desktop.ask("[...document.querySelectorAll('[data-communication] input[type=checkbox]')][1].click()")
    kept = desktop.ask(f"{cy}.edges().reduce((sum, edge) => sum + edge.data('rows').length, 0)")
    assert kept == (table["q"] < 0.05).sum()
    desktop.ask(f"{cy}.edges()[0].emit('mouseover'), null")
    assert "LIG" in desktop.ask("document.querySelector('[data-communication] .told').textContent")


def test_columns_come_and_go(desktop):
    box = (f"[...document.querySelectorAll('{TABLE} .columns label')].find((one) => one.textContent === 'Target')"
           ".querySelector('input')")  # fmt: skip
    assert desktop.ask(f"document.querySelector('{TABLE} th[data-key=target]')") is None
    desktop.ask(f"{box}.click()")
    assert desktop.ask(f"document.querySelector('{TABLE} th[data-key=target]') !== null")
    without = f"[...document.querySelectorAll('{TABLE} .columns input:disabled')].length"
    assert desktop.ask(without) == 1  # p_family has no value


def test_tabs_follow_the_arrow_keys(desktop):
    desktop.ask("document.getElementById('tab-p0').focus()")
    press(desktop, "ArrowRight")
    assert desktop.ask("[document.getElementById('p0').hidden, document.getElementById('p1').hidden]") == [True, False]
    assert desktop.ask("document.activeElement.id") == "tab-p1"
    assert desktop.ask("document.getElementById('tab-p1').getAttribute('aria-selected')") == "true"


def test_tables_and_figures_are_saved(desktop, contents):
    desktop.ask(
        "window.saved = []; URL.createObjectURL = (blob) => { window.saved.push(blob.text()); return 'blob:x'; };"
        "HTMLAnchorElement.prototype.click = () => {};"
    )
    buttons = "[...document.querySelectorAll('#download-list button')]"
    desktop.ask(
        f"{buttons}.find((one) => one.getAttribute('aria-label') === 'Tests over donors, B cells, as CSV').click()"
    )
    rows = list(csv.DictReader(io.StringIO(desktop.ask("window.saved[0]"))))
    table = contents.populations[1].donor_tests
    assert [row["path"] for row in rows] == table["path"].tolist()
    assert [float(row["p"]) for row in rows] == pytest.approx(table["p"].tolist(), rel=1e-3)
    desktop.ask(f"{buttons}.find((one) => one.textContent === 'SVG').click()")
    assert desktop.ask("window.saved[1]").startswith('<svg xmlns="http://www.w3.org/2000/svg"')


def test_cell_communication_by_sender_and_receiver(desktop, contents):
    for place, name in enumerate(["T cells", "B cells"]):
        desktop.ask(
            f"(() => {{ const select = "
            f"document.querySelectorAll('[data-table=run-cell_communication] select')[{place}];"
            f"select.value = '{name}'; select.dispatchEvent(new Event('change')); }})()"
        )
    table = contents.cell_communication
    expected = (table["sender"].eq("T cells") & table["receiver"].eq("B cells")).sum()
    status = desktop.ask("document.querySelector('[data-table=run-cell_communication] [role=status]').textContent")
    assert f"of {expected} interactions (120 in all)" in status


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_never_scrolls_sideways(browser, file, width, scheme):
    browser.open(file, width, scheme=scheme)
    browser.ask(f"{FIRST}.querySelector('.opener').click()")
    assert browser.ask("document.documentElement.scrollWidth") <= width
    details = f"document.querySelector('{TABLE} .details').getBoundingClientRect().width"
    assert browser.ask(details) <= width
    assert browser.complaints == []


def test_hostile_names_stay_text(browser, contents, tmp_path):
    one = contents.populations[0]
    table = one.path_importance.assign(
        path=[f"{HOSTILE}>B>{place}" for place in range(120)], sentence=HOSTILE, pathway=HOSTILE
    )
    table = table.assign(route=table["path"], sources=HOSTILE, log_fold_change=f"{HOSTILE} +0.5", direction=HOSTILE)
    bad = replace(one, name=HOSTILE, path_importance=table)
    page = replace(contents, cohort=HOSTILE, populations=(bad, contents.populations[1]), classes=(HOSTILE, "b"))
    file = tmp_path / "report.html"
    file.write_text(report_page(page))
    browser.open(file)
    browser.ask(f"{FIRST}.querySelector('.opener').click()")
    assert HOSTILE in browser.ask(f"document.querySelector('{TABLE} .details').textContent")
    assert browser.ask("window.pwned") is None
    assert browser.ask("document.querySelectorAll('img').length") == 0
    assert browser.complaints == []


def test_the_policy_forbids_requests_and_foreign_scripts(browser, file):
    browser.open(file)
    told = browser.ask(
        "new Promise((done) => { const seen = []; document.addEventListener('securitypolicyviolation', (event) => {"
        "seen.push(event.effectiveDirective); if (seen.length === 2) done(seen.sort()); });"
        "const picture = new Image(); picture.src = 'http://127.0.0.1:9/x.png';"
        "const script = document.createElement('script'); script.textContent = 'window.pwned = 1';"
        "document.body.append(script); })"
    )
    assert told == ["img-src", "script-src-elem"]
    assert browser.ask("window.pwned") is None


def test_what_print_shows(browser, file):
    browser.open(file)
    browser.call("Emulation.setEmulatedMedia", media="print")
    browser.ask("dispatchEvent(new Event('beforeprint'))")
    shown = "getComputedStyle(document.querySelector('{}')).display"
    assert browser.ask(shown.format(".chapters")) == "none"
    assert browser.ask(shown.format("#downloads")) == "none"
    assert browser.ask(shown.format("#p0 .population")) == "block"
    assert browser.ask("document.querySelectorAll('#p0 .sheet table').length") == 7
    assert browser.ask("[...document.querySelectorAll('.dictionary')].every((one) => one.open)")
    browser.call("Emulation.setEmulatedMedia", media="")

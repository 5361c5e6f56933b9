// What is written about genes, steps and pathways. Links are only links: the page itself requests nothing.

const literature = JSON.parse(document.getElementById("literature")?.textContent ?? "{}");

function outward(address, text) {
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

function pubmed(id) {
  return outward(`https://pubmed.ncbi.nlm.nih.gov/${id}/`, `PMID:${id}`);
}

function joined(items, separator = ", ") {
  return items.flatMap((item, place) => (place ? [separator, item] : [item]));
}

// Pages about a gene: by id where the table of names has one, else by its symbol.
function geneLinks(symbol) {
  const known = literature.genes?.[symbol] ?? {};
  const name = encodeURIComponent(symbol);
  const links = [
    outward(`https://www.genenames.org/data/gene-symbol-report/#!/symbol/${name}`, "HGNC"),
    outward(known.uniprot ? `https://www.uniprot.org/uniprotkb/${encodeURIComponent(known.uniprot)}/entry` : `https://www.uniprot.org/uniprotkb?query=gene_exact:${name}+AND+organism_id:9606`, "UniProt"),
    outward(known.entrez ? `https://www.ncbi.nlm.nih.gov/gene/${encodeURIComponent(known.entrez)}` : `https://www.ncbi.nlm.nih.gov/gene/?term=${name}%5Bsym%5D+AND+human%5Borgn%5D`, "NCBI Gene"),
  ];
  if (known.ensembl) links.push(outward(`https://www.ensembl.org/id/${encodeURIComponent(known.ensembl)}`, "Ensembl"));
  return el("span", { class: "links" }, ...joined(links, " · "));
}

// A text with some of its words marked.
function marked(text, words) {
  const wanted = new Set(words);
  const parts = text.split(/([A-Za-z][A-Za-z0-9-]{3,})/);
  return el("span", {}, ...parts.map((part) => (wanted.has(part.toLowerCase()) ? el("mark", {}, part) : part)));
}

// Genes of a sentence in bold.
function sentenceOf(text, genes) {
  const wanted = new Set(genes);
  return el("span", {}, ...text.split(/([\w.-]*\w)/).map((part) => (wanted.has(part) ? el("b", {}, part) : part)));
}

function geneEntry(symbol, role, words = []) {
  const known = literature.genes?.[symbol];
  return el("div", { class: "told" },
    el("p", { class: "who" }, el("span", { class: "gene" }, symbol), role ? ` (${role})` : null, known?.name ? `: ${known.name}` : null, " ", geneLinks(symbol)),
    el("p", {}, known?.text ? marked(known.text, words) : el("span", { class: "none" }, "No text about this gene was given.")));
}

function placeOf(place, n) {
  return place === 0 ? "receptor" : place === n - 1 ? "target" : place === n - 2 ? "transcription factor" : "signal";
}

function genesWritten(genes) {
  if (!literature.genes) return null;
  return el("details", { class: "whole written", open: true }, el("summary", {}, "What is written about its genes"),
    el("div", { class: "texts" }, ...genes.map((gene, place) => geneEntry(gene, placeOf(place, genes.length)))));
}

// References of a step, the resources that list it, and the unmeasured genes that it passes over.
function stepEntry(kind, source, target, listed) {
  const known = literature.steps?.[kind]?.[`${source}>${target}`] ?? {};
  const ids = known.pmids ?? [];
  const more = (known.n_references ?? 0) - ids.length;
  const search = outward(`https://pubmed.ncbi.nlm.nih.gov/?term=${encodeURIComponent(`${source} AND ${target}`)}`, "search PubMed");
  const references = ids.length ? [...joined(ids.map(pubmed)), more > 0 ? ` and ${more} more` : ""] : ["no reference listed; ", search];
  const sources = known.sources?.join(", ") ?? listed;
  return el("li", {}, el("span", { class: "gene" }, source), " → ", el("span", { class: "gene" }, target),
    known.via ? el("span", { class: "via" }, ` (through ${known.via.join(", ")}, not measured)`) : null,
    el("div", { class: "references" }, ...references, sources ? el("span", { class: "via" }, ` · listed by ${sources}`) : null));
}

function stepsWritten(genes, listed = []) {
  const last = genes.length - 2;
  return el("ol", {}, ...genes.slice(1).map((target, place) => stepEntry(place === last ? "tf_target" : "signaling", genes[place], target, listed[place]?.replaceAll(";", ", "))));
}

function pathwayWritten(name) {
  const text = literature.pathways?.[name];
  return text ? el("section", { class: "whole" }, el("h5", {}, `Pathway: ${name}`), el("p", { class: "told" }, text)) : null;
}

// A receptor: its text beside that of the genes that support it, the words that they share marked.
function receptorWritten(table, row) {
  const receptor = table.value(row, "receptor");
  const words = literature.words?.[receptor] ?? [];
  const genes = String(table.value(row, "genes") ?? "").split(/[;,]/).map((gene) => gene.trim()).filter((gene) => gene && gene !== receptor).slice(0, 5);
  const ligands = String(table.value(row, "ligands") ?? "").split(";").filter(Boolean);
  const note = words.length ? el("p", { class: "via" }, `Marked: words that the text of ${receptor} shares with those of these genes. An encoder reads whole texts, so that the marks explain the text score only in part.`) : null;
  return [
    part("Parts of the score", partsOf(table, row)),
    ligands.length ? part("Ligands", el("ul", {}, ...ligands.slice(0, 8).map((ligand) => stepEntry("ligand_receptor", ligand, receptor))), ligands.length > 8 ? el("p", { class: "via" }, `and ${ligands.length - 8} more`) : null) : null,
    literature.genes ? el("div", { class: "whole written" }, el("h5", {}, "What is written"), note, el("div", { class: "texts" }, geneEntry(receptor, "receptor", words), ...genes.map((gene) => geneEntry(gene, "supports it", words)))) : null,
  ];
}

// The three parts of a receptor's score on one scale.
function partsOf(table, row) {
  const keys = ["walk", "network", "text", "score"].filter((key) => table.value(row, key) !== null);
  const widest = Math.max(1, ...keys.map((key) => Math.abs(table.value(row, key))));
  return el("table", { class: "parts" }, el("tbody", {}, ...keys.map((key) => {
    const value = table.value(row, key);
    const filled = el("i");
    filled.style.width = `${50 * Math.abs(value) / widest}%`;
    filled.style.left = `${value < 0 ? 50 - 50 * Math.abs(value) / widest : 50}%`;
    return el("tr", {}, el("th", { scope: "row" }, table.columns.find((column) => column.key === key).label),
      el("td", { class: "number" }, signed(value)), el("td", {}, el("span", { class: "change", "aria-hidden": "true" }, filled)));
  })));
}

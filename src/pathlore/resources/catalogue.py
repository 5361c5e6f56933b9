"""Every resource that can be fetched by name, and the table of them in the documentation.

The addresses and licences were taken from public sources and have not been tried against the servers; an address that
has moved is corrected by ``resources.sources`` without a change of the code.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import quote, urlsplit

from pathlore.config import FILE_NAME, SourceConfig
from pathlore.errors import PathloreError, shorten, without_logins

NETWORK, GENE_NAMES, GENE_TEXT, ORTHOLOGS = "network", "gene_names", "gene_text", "orthologs"
"""Runtime parameters that take the files of a resource."""


@dataclass(frozen=True)
class File:
    """One file of a resource."""

    name: str  # as it is stored
    url: str
    sha256: str | None = None  # None: the first transfer decides


@dataclass(frozen=True)
class Resource:
    """One resource of the field: what it is, where it lies, and what its licence asks of those who use it.

    Without ``files`` it is fetched by hand: whatever lies in its folder belongs to it.
    """

    name: str
    title: str
    gives: str
    parameters: tuple[str, ...]  # runtime parameters that take its files
    reader: str  # format under which its files are understood
    licence: str
    home: str
    citation: str
    files: tuple[File, ...] = ()
    by_hand: str = ""  # how to fetch it where it has no files, else what to do with them before they can be read


INTERACTIONS, LIGANDS, REGULONS = "interactions", "ligand-receptor pairs", "targets of transcription factors"
OMNIPATH = "https://omnipathdb.org/interactions?genesymbols=1&organisms=9606&license=academic&format=tsv"
OMNIPATH_FIELDS = "fields=sources,references,curation_effort,dorothea_level,type,datasets"
STRING = "https://stringdb-downloads.org/download"
NICHENET = "https://zenodo.org/records/7074291/files"
CELLPHONEDB = "https://raw.githubusercontent.com/ventolab/cellphonedb-data/v5.0.0/data"
LIANA = "https://raw.githubusercontent.com/saezlab/liana-py/e0c86b15cc2731dde8f4caf63e7918c032f4f2b3"
KEGG_PATHWAYS = (
    "04010", "04012", "04014", "04015", "04020", "04022", "04024", "04060", "04062", "04064", "04066", "04068",
    "04071", "04072", "04110", "04115", "04150", "04151", "04152", "04210", "04310", "04330", "04340", "04350",
    "04370", "04371", "04390", "04510", "04512", "04620", "04621", "04630", "04657", "04660", "04662", "04668",
)  # fmt: skip
"""Signal transduction, signaling molecules and their interaction, growth and death, immune receptors."""


def _files(base: str, *names: str) -> tuple[File, ...]:
    return tuple(File(name, f"{base}/{name}") for name in names)


NETWORKS = (
    Resource(
        name="omnipath",
        title="OmniPath",
        gives=f"{INTERACTIONS}, {LIGANDS}",
        parameters=(NETWORK,),
        reader="OmniPath",
        licence="each member database's own; the query asks for what academic users may use. Companies put "
        "license=commercial into the address (resources.sources)",
        home="https://omnipathdb.org",
        citation="Türei et al. 2021, Mol Syst Biol 17:e9923",
        files=(
            File(
                "omnipath_interactions.tsv",
                f"{OMNIPATH}&datasets=omnipath,pathwayextra,kinaseextra,ligrecextra&{OMNIPATH_FIELDS}",
            ),
        ),
    ),
    Resource(
        name="signor",
        title="SIGNOR",
        gives=f"{INTERACTIONS}, {REGULONS}",
        parameters=(NETWORK,),
        reader="SIGNOR",
        licence="CC BY-NC 4.0: name the source; no commercial use",
        home="https://signor.uniroma2.it",
        citation="Lo Surdo et al. 2023, Nucleic Acids Res 51:D631",
        files=(File("signor_human.tsv", "https://signor.uniroma2.it/getData.php?organism=9606"),),
    ),
    Resource(
        name="signor_complexes",
        title="SIGNOR, members of complexes and families",
        gives="members of complexes, to be read beside signor",
        parameters=(NETWORK,),
        reader="SIGNOR",
        licence="CC BY-NC 4.0: name the source; no commercial use",
        home="https://signor.uniroma2.it/downloads.php",
        citation="Lo Surdo et al. 2023, Nucleic Acids Res 51:D631",
        by_hand="the server gives these tables to a form alone: open https://signor.uniroma2.it/downloads.php and "
        "choose the complex data and the protein family data",
    ),
    Resource(
        name="kegg",
        title="KEGG pathways",
        gives=f"{INTERACTIONS}, named pathways ({len(KEGG_PATHWAYS)} of signaling)",
        parameters=(NETWORK,),
        reader="KEGG",
        licence="free for academic use by academic users alone, companies need a licence from Pathway Solutions; not "
        "to be passed on in any form, and no mass download",
        home="https://www.kegg.jp/kegg/legal.html",
        citation="Kanehisa et al. 2023, Nucleic Acids Res 51:D587",
        files=tuple(File(f"hsa{map_}.xml", f"https://rest.kegg.jp/get/hsa{map_}/kgml") for map_ in KEGG_PATHWAYS),
    ),
    Resource(
        name="reactome_fi",
        title="Reactome functional interactions, April 2025",
        gives=f"{INTERACTIONS}, {REGULONS}",
        parameters=(NETWORK,),
        reader="Reactome FI",
        licence="Reactome's data files CC0, its other contents CC BY 4.0; what comes from other databases keeps "
        "their licences",
        home="https://reactome.org/download-data",
        citation="Wu, Feng, Stein 2010, Genome Biol 11:R53",
        files=_files("https://reactome.org/download/tools/ReactomeFIs", "FIsInGene_04142025_with_annotations.txt.zip"),
    ),
    Resource(
        name="nichenet",
        title="NicheNet 2",
        gives=f"{LIGANDS}, {INTERACTIONS}, {REGULONS}",
        parameters=(NETWORK,),
        reader="NicheNet",
        licence="the deposit CC BY 4.0, the software GPL-3; member databases keep their licences",
        home="https://zenodo.org/records/7074291",
        citation="Browaeys, Saelens, Saeys 2020, Nat Methods 17:159",
        files=_files(
            NICHENET,
            "lr_network_human_21122021.rds",
            "signaling_network_human_21122021.rds",
            "gr_network_human_21122021.rds",
        ),
        by_hand='save the R files as text in their folder: Rscript -e \'for (f in list.files(pattern = "rds$")) '
        'write.csv(readRDS(f), sub("rds$", "csv", f), row.names = FALSE)\'',
    ),
    Resource(
        name="string",
        title="STRING 12.0",
        gives=f"{INTERACTIONS}, scored and without direction",
        parameters=(NETWORK,),
        reader="STRING",
        licence="CC BY 4.0: name the source",
        home="https://string-db.org",
        citation="Szklarczyk et al. 2023, Nucleic Acids Res 51:D638",
        files=(
            *_files(f"{STRING}/protein.links.v12.0", "9606.protein.links.v12.0.txt.gz"),
            *_files(f"{STRING}/protein.info.v12.0", "9606.protein.info.v12.0.txt.gz"),
        ),
    ),
    Resource(
        name="collectri",
        title="CollecTRI",
        gives=REGULONS,
        parameters=(NETWORK,),
        reader="CollecTRI or DoRothEA",
        licence="the deposit CC BY 4.0: name the source; member databases keep their licences",
        home="https://github.com/saezlab/CollecTRI",
        citation="Müller-Dott et al. 2023, Nucleic Acids Res 51:10934",
        files=_files("https://zenodo.org/records/8192729/files", "CollecTRI_regulons.csv"),
    ),
    Resource(
        name="dorothea",
        title="DoRothEA, by way of OmniPath",
        gives=REGULONS,
        parameters=(NETWORK,),
        reader="OmniPath",
        licence="the package GPL-3; member databases keep their licences, some for academic use alone",
        home="https://saezlab.github.io/dorothea",
        citation="Garcia-Alonso et al. 2019, Genome Res 29:1363",
        files=(
            File(
                "omnipath_dorothea.tsv",
                f"{OMNIPATH}&datasets=dorothea&dorothea_levels=A,B,C,D&{OMNIPATH_FIELDS}",
            ),
        ),
    ),
    Resource(
        name="cellphonedb",
        title="CellPhoneDB 5.0.0",
        gives=LIGANDS,
        parameters=(NETWORK,),
        reader="CellPhoneDB",
        licence="CellPhoneDB's software MIT; the repository of the tables names no licence of its own",
        home="https://github.com/ventolab/cellphonedb-data",
        citation="Efremova et al. 2020, Nat Protoc 15:1484",
        files=_files(CELLPHONEDB, "interaction_input.csv", "gene_input.csv", "complex_input.csv", "protein_input.csv"),
    ),
    Resource(
        name="cellchatdb",
        title="CellChatDB 2",
        gives=LIGANDS,
        parameters=(NETWORK,),
        reader="CellChatDB",
        licence="GPL-3: what is made from it and passed on must be under GPL-3 too",
        home="https://github.com/jinworks/CellChat",
        citation="Jin et al. 2021, Nat Commun 12:1088",
        files=_files("https://raw.githubusercontent.com/jinworks/CellChat/main/data", "CellChatDB.human.rda"),
        by_hand='save its tables as text in their folder: Rscript -e \'load("CellChatDB.human.rda"); '
        'write.csv(CellChatDB.human$interaction, "interaction.csv", row.names = FALSE); '
        'write.csv(CellChatDB.human$complex, "complex.csv")\'',
    ),
    Resource(
        name="liana",
        title="LIANA's collection of ligand-receptor resources",
        gives=LIGANDS,
        parameters=(NETWORK,),
        reader="LIANA",
        licence="LIANA GPL-3 up to version 1, BSD-3 from version 2; the collected resources keep their licences",
        home="https://github.com/saezlab/liana-py",
        citation="Dimitrov et al. 2022, Nat Commun 13:3224",
        files=_files(f"{LIANA}/liana/resource", "omni_resource.csv"),
    ),
)


NCBI = "https://ftp.ncbi.nlm.nih.gov/gene/DATA"
HGNC = "https://storage.googleapis.com/public-download-files"
NO_LIMITS = "no restrictions by NCBI (a work of the US government); name the source"
ENSEMBL = "no restrictions by Ensembl; name the source"
UNIPROT_FIELDS = "accession,reviewed,id,protein_name,gene_primary,gene_names,organism_id,cc_function"


def biomart(dataset: str, attributes: tuple[str, ...]) -> str:
    """Address of a table from Ensembl's BioMart, of the current release.

    Source: https://www.ensembl.org/info/data/biomart/biomart_restful.html

    Examples
    --------
    >>> biomart("hsapiens_gene_ensembl", ("ensembl_gene_id",))[:66]
    'https://www.ensembl.org/biomart/martservice?query=%3C%3Fxml%20vers'
    """
    wanted = "".join(f'<Attribute name="{name}"/>' for name in attributes)
    query = (
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE Query><Query virtualSchemaName="default" formatter="TSV" '
        'header="1" uniqueRows="1" count="" datasetConfigVersion="0.6">'
        f'<Dataset name="{dataset}" interface="default">{wanted}</Dataset></Query>'
    )
    return f"https://www.ensembl.org/biomart/martservice?query={quote(query)}"


GENES = (
    Resource(
        name="hgnc",
        title="HGNC complete set",
        gives="gene names: symbols, former ones, aliases, ids",
        parameters=(GENE_NAMES, GENE_TEXT),
        reader="HGNC",
        licence="CC0: no restrictions",
        home="https://www.genenames.org/download",
        citation="Seal et al. 2023, Nucleic Acids Res 51:D1003",
        files=(File("hgnc_complete_set.txt", f"{HGNC}/hgnc/tsv/tsv/hgnc_complete_set.txt"),),
    ),
    Resource(
        name="ncbi_gene_info",
        title="NCBI Gene, gene_info of human genes",
        gives="gene names: symbols, aliases, ids; full names as text",
        parameters=(GENE_NAMES, GENE_TEXT),
        reader="NCBI gene_info",
        licence=NO_LIMITS,
        home="https://ftp.ncbi.nlm.nih.gov/gene/DATA/README",
        citation="Brown et al. 2015, Nucleic Acids Res 43:D36",
        files=(File("Homo_sapiens.gene_info.gz", f"{NCBI}/GENE_INFO/Mammalia/Homo_sapiens.gene_info.gz"),),
    ),
    Resource(
        name="ncbi_gene_summary",
        title="NCBI Gene, summaries by RefSeq",
        gives="gene text, to be read beside ncbi_gene_info",
        parameters=(GENE_TEXT,),
        reader="NCBI gene_summary",
        licence=NO_LIMITS,
        home="https://ftp.ncbi.nlm.nih.gov/gene/DATA/README",
        citation="Brown et al. 2015, Nucleic Acids Res 43:D36",
        files=(File("gene_summary.gz", f"{NCBI}/gene_summary.gz"),),
    ),
    Resource(
        name="uniprot_human",
        title="UniProtKB, reviewed human entries",
        gives="gene text: functions and names of proteins",
        parameters=(GENE_TEXT,),
        reader="UniProt",
        licence="CC BY 4.0: name the source",
        home="https://www.uniprot.org/help/license",
        citation="UniProt Consortium 2023, Nucleic Acids Res 51:D523",
        files=(
            File(
                "uniprot_human.tsv.gz",
                "https://rest.uniprot.org/uniprotkb/stream?compressed=true&format=tsv"
                "&query=%28organism_id%3A9606%29%20AND%20%28reviewed%3Atrue%29"
                f"&fields={quote(UNIPROT_FIELDS, safe='')}",
            ),
        ),
    ),
    Resource(
        name="biomedgraphica",
        title="BioMedGraphica",
        gives="gene text, gathered from many sources",
        parameters=(GENE_TEXT,),
        reader="BioMedGraphica",
        licence="its sources keep their licences, and some of them forbid commercial use or passing on",
        home="https://github.com/FuhaiLiAiLab/BioMedGraphica",
        citation="Zhang et al. 2024, bioRxiv (BioMedGraphica)",
        by_hand="it is a large deposit of many tables: from BioMedGraphica-Conn at "
        "https://huggingface.co/datasets/FuhaiLiAiLab/BioMedGraphica take BioMedGraphica_Conn_Gene.csv and the "
        "descriptions of genes, which lie beside it",
    ),
    Resource(
        name="ensembl_names",
        title="Ensembl, human genes",
        gives="gene names: Ensembl, Entrez and UniProt ids; full names as text",
        parameters=(GENE_NAMES, GENE_TEXT),
        reader="Ensembl BioMart",
        licence=ENSEMBL,
        home="https://www.ensembl.org/info/about/legal",
        citation="Martin et al. 2023, Nucleic Acids Res 51:D933",
        files=(
            File(
                "ensembl_human_genes.tsv",
                biomart(
                    "hsapiens_gene_ensembl",
                    ("ensembl_gene_id", "external_gene_name", "description", "entrezgene_id", "uniprotswissprot"),
                ),
            ),
        ),
    ),
    Resource(
        name="ensembl_orthologs",
        title="Ensembl, orthologs of human genes in the mouse",
        gives="orthologs of mouse and human",
        parameters=(ORTHOLOGS,),
        reader="Ensembl BioMart",
        licence=ENSEMBL,
        home="https://www.ensembl.org/info/about/legal",
        citation="Martin et al. 2023, Nucleic Acids Res 51:D933",
        files=(
            File(
                "ensembl_human_mouse.tsv",
                biomart(
                    "hsapiens_gene_ensembl",
                    (
                        "ensembl_gene_id",
                        "external_gene_name",
                        "mmusculus_homolog_ensembl_gene",
                        "mmusculus_homolog_associated_gene_name",
                    ),
                ),
            ),
        ),
    ),
    Resource(
        name="mgi_orthologs",
        title="MGI, human and mouse homology classes",
        gives="orthologs of mouse and human",
        parameters=(ORTHOLOGS,),
        reader="MGI",
        licence="CC BY 4.0: name the source",
        home="https://www.informatics.jax.org/downloads/reports/index.html",
        citation="Baldarelli et al. 2024, Genetics 227:iyae031",
        files=(
            File(
                "HOM_MouseHumanSequence.rpt",
                "https://www.informatics.jax.org/downloads/reports/HOM_MouseHumanSequence.rpt",
            ),
        ),
    ),
    Resource(
        name="hcop_orthologs",
        title="HCOP, orthology predictions of mouse and human",
        gives="orthologs of mouse and human, with the databases that agree",
        parameters=(ORTHOLOGS,),
        reader="HCOP",
        licence="no restrictions by HGNC (CC0); the predictions come from databases with licences of their own",
        home="https://www.genenames.org/tools/hcop",
        citation="Yates et al. 2021, Brief Bioinform 22:bbab155",
        files=(
            File(
                "human_mouse_hcop_fifteen_column.txt.gz",
                f"{HGNC}/hcop/human_mouse_hcop_fifteen_column.txt.gz",
            ),
        ),
    ),
)


RESOURCES: dict[str, Resource] = {resource.name: resource for resource in (*NETWORKS, *GENES)}
"""Name -> resource, in the order of the documentation."""

HEADER = ("name", "what it is", "gives", "read as, by the parameter", "licence", "home page", "citation")


def choose(names: Iterable[str], sources: Mapping[str, SourceConfig]) -> list[Resource]:
    """The resources behind names, each once, with the user's own addresses.

    Raises
    ------
    PathloreError
        A name is not known, or it is not said under which name a file is to be stored.
    """
    wanted = list(dict.fromkeys(names))
    known = RESOURCES | {name: _own(name, source) for name, source in sources.items()}
    unknown = set(wanted) - known.keys()
    if unknown:
        raise PathloreError(
            f"`resources.download` names {shorten(unknown)}; known are {', '.join(known)}: correct the name, or give "
            "an address by `resources.sources`"
        )
    return [known[name] for name in wanted]


def _own(name: str, source: SourceConfig) -> Resource:
    """A resource of one file at the user's own address; of a known one, what is known of it otherwise."""
    address = urlsplit(source.url)
    stored = source.file or PurePosixPath(address.path).name
    if not re.fullmatch(FILE_NAME, stored):
        raise PathloreError(
            f"`resources.sources.{name}.url` does not end in the name of a file ({without_logins(source.url)}): say "
            f"under which name to store it by `resources.sources.{name}.file`"
        )
    files = (File(stored, source.url, source.sha256),)
    if name not in RESOURCES:
        home = f"{address.scheme}://{address.netloc}"
        return Resource(name, name, "not said", (), "any", "not known: see where it comes from", home, "", files)
    known = RESOURCES[name]
    return replace(known, files=files, by_hand=known.by_hand if known.files else "")


def markdown_table() -> str:
    """The table of all resources, as it stands in docs/resources.md."""
    lines = [_row(HEADER), _row(("---",) * len(HEADER)), *(_row(_cells(entry)) for entry in RESOURCES.values())]
    return "\n".join(lines)


def _cells(entry: Resource) -> tuple[str, ...]:
    parameters = ", ".join(f"`{name}`" for name in entry.parameters)
    how = "" if entry.files else " (by hand)"
    return (
        f"`{entry.name}`{how}",
        entry.title,
        entry.gives,
        f"{entry.reader}, {parameters}",
        entry.licence,
        f"<{entry.home}>",
        entry.citation,
    )


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

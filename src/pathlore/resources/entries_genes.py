"""Resources about genes: their names, what is written about them, and their orthologs in the mouse."""

from urllib.parse import quote

from pathlore.resources.entry import GENE_NAMES, GENE_TEXT, ORTHOLOGS, File, Resource

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

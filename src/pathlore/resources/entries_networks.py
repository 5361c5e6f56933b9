"""Resources of associations between genes: signaling, ligands and receptors, regulons.

An address with a release in it gives the same file tomorrow; the others (OmniPath, SIGNOR, KEGG) follow the server.
"""

from pathlore.resources.entry import NETWORK, File, Resource

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

"""Names among those of genes that are none: spike-ins, tags, counters, viruses, and columns about cells."""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.genes.identifiers import builtin_symbols, describe
from pathlore.missing import known_texts

GENE_EXPRESSION = "Gene Expression"
EXPRESSION = frozenset(["gene expression", "gene_expression", "expression", "gex", "rna", "mrna", "gene", "genes"])
"""Types of features that are genes, in small letters."""
OTHER_TYPES = frozenset(
    [
        *("antibody capture", "multiplexing capture", "crispr guide capture", "custom", "peaks", "peak", "atac", "adt"),
        *("hto", "protein", "proteins", "prot", "antibody", "chromatin accessibility"),
    ]
)
"""Types of features that are no genes."""
TYPE_COLUMNS = ("feature_types", "feature_type", "modality")
NO_GENE = re.compile(
    r"ERCC[-_.]\d{3,5}|SIRV[\d_.-].*"  # spike-ins
    r"|(?:X|\.)?_{0,2}(?:no_feature|ambiguous|too_low_aQual|not_aligned|alignment_not_unique)"  # htseq-count
    r"|N_(?:unmapped|multimapping|noFeature|ambiguous)|unmapped|intergenic"  # STAR
    r"|Unassigned_\w+"  # featureCounts
    r"|.*[-_. ]TotalSeq.*|.*[|_.:-]pAbO|(?:Hashtag|HTO|ADT|CMO|Antibody)[-_. ]?\d+.*|(?:ADT|HTO|prot|antibody)[-_.:].+"
    r"|AB_.+|.+[-_.](?:ADT|HTO|antibody|protein)"
    r"|(?:Blank|NegPrb|Neg(?:ative)?[-_]?Control|SystemControl|UnassignedCodeword|DeprecatedCodeword)(?:[-_ ]?\w*)*"
    r"|(?:chr)?(?:\d\d?|X|Y|MT?)[:_-]\d+[_-]\d+"  # peaks
    r"|(?:sgRNA|gRNA|guide|non[-_]?targeting)(?:[-_.].*|\d.*)?"
    r"|(?:SARS[-_]?CoV[-_]?2?|H\d\d?N\d\d?|SCoV2|SCV2|hCoV|MERS[-_]?CoV"
    r"|HIV[-_]?[12]?|SIV|HBV|HCV|EBV|KSHV|HHV[-_]?\d[AB]?|H?CMV|MCMV|LCMV|HPV[-_]?\d*"
    r"|HSV[-_]?[12]?|VZV|IAV|ZIKV|DENV[-_]?\d?|AAV[-_]?\d?|VSV|MuLV|Lenti(?:virus)?|Influenza)(?:[-_. ].*)?"
    r"|SARS[-_]?2[-_.].+|gag(?:[-_]pol)?|orf1ab|N[CTW]_\d{6,9}(?:\.\d+)?(?:[-_].*)?"
    r"|(?:e|ac|zs|mw|m)?GFP(?:[-_.].*)?|[em]?YFP|[em]CFP|[em]?BFP|[ei]?RFP\d*|m?Cherry|td[-_]?Tomato|DsRed\w?"
    r"|mScarlet\w?|mKate2|ZsGreen\d?|m?Venus|mNeonGreen|F?Luciferase|fLuc|Luc2|LacZ|i?Cre(?:[-_]?ERT?2?)?|FlpO"
    r"|(?:d|h|Sp|Sa)?Cas9(?:[-_].*)?|r?tTA\d?|WPRE|BGHpA|SV40(?:[-_].*)?|(?:Puro|Neo|Hygro|Blast)R|transgene.*|plasmid.*",
    re.IGNORECASE,
)
"""What is counted beside genes; a name that is a human symbol is one nevertheless."""
_SURE = """
    annotation barcode celltype cluster clusters complexity count counts doublet doublets fraction frac ident leiden
    log10 louvain metadata ncount nfeature nfeatures ngene ngenes novelty numi orig pct percent percentage phase
    pseudotime ratio genotype score scores scrublet singlet tsne umap umi umis difference
"""
SURE_WORDS = frozenset(_SURE.split())
"""Words of columns about cells, any of which tells one."""
_ALSO = """
    age array batch bmi case cell cellid cells chemistry clonotype cohort col column condition control dataset date
    day days diagnosis dim disease donor dose ethnicity factor factors feature features gender gene genes grade
    group hb hemo height hour hours id index individual infected label labels lane lib library log mapped mean mito
    mitochondrial month months mrna mrnas mt n nr num number organ patient plate pool quality race rb reads region
    rep replicate res response ribo ribosomal row run sample section severity sex size slice smoker spatial stage
    status study subject sum survival tech time timepoint tissue total treated treatment type visit week weeks
    weight well year years
"""
WORDS = SURE_WORDS | frozenset(_ALSO.split())
"""Words of such columns, all of which have to be of this kind."""
OF_DONORS = frozenset(["status", "stage", "group", "history", "severity", "treated", "infected", "load", "dose"])
"""Words in small letters after which a gene, as in TREM2_status, is about a donor."""
CERTAIN = re.compile(
    r"(?:umap|tsne|phate)[-_. ]?\d+|(?:pca?|harmony|lsi|dim|ic)[-_. ]\d+|(?:\w+_)?snn_res\.[\d.]+|res\.\d[\d.]*"
    r"|pANN_.*|DF\..*",
    re.IGNORECASE,
)
"""Columns of known programs."""
RARE = 0.05
"""Fraction of the names up to which those that look like no gene are taken for strangers among genes."""
OTHER_RNA = re.compile(r"\w*_?rRNA.*|\w*RNA\w*(?:[-_].*)?|sno\w+|uc_\d+|Vault|Metazoa_SRP|hsa-.*|mt-.*", re.IGNORECASE)
NO_LETTERS_OF_GENES = re.compile(r"[a-z].*|.*[\s%()/,;:].*|[A-Z][a-z]+(?:[ _.-][A-Za-z]+)*")
"""How names of human genes are not written."""


def gene_features(var: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Say which measured columns are genes, by their type where ``var`` tells it, and by their names.

    Parameters
    ----------
    var
        One row per measured column; ``feature_types`` (``feature_type``, ``modality``) is understood where it has
        ``Gene Expression`` or ``RNA`` among its values.
    names
        Their names.

    Returns
    -------
    (columns,) bool.

    Examples
    --------
    >>> var = pd.DataFrame({"feature_types": ["Gene Expression", "Antibody Capture"]})
    >>> gene_features(var, ["CD14", "CD14"]).tolist()
    [True, False]
    """
    distinct = {name: is_feature(name) for name in set(names)}
    genes = np.array([not distinct[name] for name in names], dtype=bool)
    for column in TYPE_COLUMNS:
        if column in var.columns:
            types = known_texts(var[column]).str.lower()
            if types.isin(EXPRESSION).any():
                return genes & (types.isin(EXPRESSION) | (types == "")).to_numpy()
    return genes


def refuse_other_types(types: pd.Series, name: str) -> None:
    """Stop where all measured features are of types that are no genes, whatever they are called.

    Raises
    ------
    PathloreError
        So it is.
    """
    found = set(known_texts(types).str.lower())
    if found and found <= OTHER_TYPES:
        raise PathloreError(
            f"{name} has features of the type {shorten(sorted(set(known_texts(types))))} alone, {GENE_EXPRESSION} was "
            "expected: take the file with the genes (runtime parameter `cells`)"
        )


@lru_cache(2**18)
def is_feature(name: str) -> bool:
    """Whether a name is that of something measured that is no gene, or of a column about cells.

    Examples
    --------
    >>> [is_feature(name) for name in ("ERCC-00002", "__no_feature", "nCount_RNA", "EGFP", "CD3-TotalSeqC")]
    [True, True, True, True, True]
    >>> [is_feature(name) for name in ("SARS2-N", "CD4_antibody", "Unassigned_Ambiguity", "NC_045512.2", "gag-pol")]
    [True, True, True, True, True]
    >>> [is_feature(name) for name in ("ERCC1", "HIVEP1", "CFP", "SARS2", "N4BP1")]
    [False, False, False, False, False]
    """
    return name not in builtin_symbols() and bool(NO_GENE.fullmatch(name) or is_about_cells(name))


def is_about_cells(name: str) -> bool:
    """Whether a name is one that columns about cells have.

    Examples
    --------
    >>> [is_about_cells(name) for name in ("percent.mt", "S.Score", "patient", "RNA_snn_res.0.8", "total_counts")]
    [True, True, True, True, True]
    >>> [is_about_cells(name) for name in ("TREM2_status", "APOE_genotype", "Total_mRNAs", "CD4.count")]
    [True, True, True, True]
    >>> [is_about_cells(name) for name in ("SCO1", "PCT1", "PCA3", "MT-CO1", "Y_RNA", "SNN")]
    [False, False, False, False, False, False]
    """
    if CERTAIN.fullmatch(name):
        return True
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", name) if part and not part.isdigit()]
    words = {word.lower() for part in parts for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", part)}
    whole = {part.lower() for part in parts}
    if SURE_WORDS & (whole | (words if any(sign.islower() for sign in name) else set())):
        return True
    if any(part in OF_DONORS for part in parts[1:]):
        return True
    has_digits = any(sign.isdigit() for part in parts for sign in part)
    return len(name) > 1 and not has_digits and bool(parts) and (whole <= WORDS or words <= WORDS)


def strangers(names: Sequence[str]) -> list[str]:
    """Those of the names that stand among genes and look like none.

    Besides those that `is_feature` or `is_about_cells` knows, names whose letters are not those of genes, where at most
    one in twenty is such a name.

    Examples
    --------
    >>> strangers([*(f"GENE{i}A" for i in range(40)), "smoking_history", "nCount_RNA"])
    ['smoking_history', 'nCount_RNA']
    """
    known, table = builtin_symbols(), describe(pd.Series(list(names), dtype=object))
    human = (table["species"] == "human").sum() > (table["species"] == "mouse").sum()
    certain = [is_about_cells(name) and name not in known for name in names]
    odd = [
        human and bool(NO_LETTERS_OF_GENES.fullmatch(name)) and name.upper() not in known
        and kind == "symbol" and not (OTHER_RNA.fullmatch(name) or NO_GENE.fullmatch(name))
        for name, kind in zip(names, table["kind"], strict=True)
    ]  # fmt: skip
    if sum(odd) - sum(a and b for a, b in zip(odd, certain, strict=True)) > max(RARE * len(names), 1):
        odd = [False] * len(odd)
    return [name for name, sure, strange in zip(names, certain, odd, strict=True) if sure or strange]

"""Families of ligands that share receptors or signal alike, and the ligands behind the names of CytoSig."""

from typing import Final

_MEMBERS: Final = {
    "TGF-beta": "INHBA INHBB BMP2 BMP4 BMP6 BMP7 GDF2 GDF11 GDF15 MSTN TGFB1 TGFB2 TGFB3 AMH NODAL",
    "TNF": "CD40LG LTA LTB TNF TNFSF10 TNFSF11 TNFSF12 TNFSF13 TNFSF13B TNFSF14 FASLG CD70 NGF BDNF NTF3 NTF4",
    "interferon": "IFNA1 IFNA2 IFNB1 IFNG IFNL1 IFNL2 IFNL3 IFNW1",
    "IL10": "IL10 IL19 IL20 IL22 IL24 IL26",
    "IL12": "IL12A IL12B IL23A IL27 EBI3",
    "gamma chain": "IL2 IL4 IL7 IL9 IL13 IL15 IL21 TSLP",
    "beta chain": "CSF2 IL3 IL5",
    "IL17": "IL17A IL17B IL17C IL17F IL25",
    "IL1": "IL1A IL1B IL18 IL33 IL36A IL36B IL36G IL36RN IL1RN",
    "gp130": "IL6 IL11 LIF OSM CNTF CLCF1 CTF1 IL31",
    "growth hormone": "CSF3 EPO TPO THPO GH1 PRL LEP",
    "EGF": "EGF TGFA AREG EREG BTC HBEGF NRG1 NRG2",
    "FGF": "FGF1 FGF2 FGF7 FGF9 FGF10 FGF18 FGF19 FGF21 FGF23",
    "PDGF, VEGF": "VEGFA VEGFB VEGFC VEGFD PGF PDGFA PDGFB PDGFC PDGFD CSF1 IL34 KITLG FLT3LG",
    "HGF": "HGF MST1",
    "insulin": "INS IGF1 IGF2",
    "WNT": "WNT1 WNT2 WNT3 WNT3A WNT4 WNT5A WNT5B WNT7A WNT7B WNT10B WNT11 RSPO1 RSPO2 RSPO3 DKK1",
    "chemokine": "CXCL1 CXCL2 CXCL8 CXCL9 CXCL10 CXCL11 CXCL12 CXCL13 CCL2 CCL3 CCL4 CCL5 CCL17 CCL19 CCL21 CX3CL1",
}

FAMILIES: Final = {ligand: family for family, members in _MEMBERS.items() for ligand in members.split()}
"""Ligand -> family."""

CYTOSIG: Final = {
    **{name: name for name in (
        "BDNF", "BMP2", "BMP4", "BMP6", "CXCL12", "EGF", "FGF2", "GDF11", "HGF", "IFNG", "IL10", "IL13", "IL15",
        "IL17A", "IL1A", "IL1B", "IL2", "IL21", "IL22", "IL3", "IL4", "IL6", "LIF", "LTA", "OSM", "TGFB1", "TGFB3",
        "VEGFA", "WNT3A",
    )},
    "Activin A": "INHBA", "CD40L": "CD40LG", "GCSF": "CSF3", "GMCSF": "CSF2", "MCSF": "CSF1", "TNFA": "TNF",
    "TRAIL": "TNFSF10", "TWEAK": "TNFSF12", "IFN1": "IFNA1,IFNA2,IFNB1", "IFNL": "IFNL1,IFNL2,IFNL3",
    "IL12": "IL12A,IL12B", "IL27": "IL27,EBI3", "IL36": "IL36A,IL36B,IL36G",
}  # fmt: skip
"""Name in CytoSig -> ligands; NO has no protein ligand and is left out."""

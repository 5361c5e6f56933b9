"""The drawn figures of the documentation: `python docs/diagrams.py` writes them to docs/images.

Each is an SVG on a ground of its own, so that it reads alike on light and on dark pages. Colours are Okabe and Ito's,
which people with any kind of colour vision tell apart; each kind has its own words too.
"""

from html import escape
from pathlib import Path

IMAGES = Path(__file__).parent / "images"
INK, SOFT, GROUND, LINE = "#1b2430", "#4d5a68", "#fbfcfd", "#c6cfd8"
NUMBERS, TEXTS, NETWORK, RESULT = "#0072b2", "#009e73", "#d55e00", "#7a3e8e"
FILLS = {NUMBERS: "#e6f1f8", TEXTS: "#e5f5f0", NETWORK: "#fbece2", RESULT: "#f2eaf5", SOFT: "#f1f3f5"}


DARK = {TEXTS: "#006b4e", NETWORK: "#9c4500", NUMBERS: "#005a8e"}
"""Of these colours, what is dark enough for small letters."""


def text(
    x: float, y: float, words: str, size: float = 13, colour: str = INK, weight: int = 400, at: str = "middle"
) -> str:
    """One line of words, its baseline at y."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{DARK.get(colour, colour)}" font-weight="{weight}" '
        f'text-anchor="{at}">{escape(words)}</text>'
    )


def box(
    x: float, y: float, width: float, height: float, title: str, lines: tuple[str, ...] = (), colour: str = SOFT
) -> str:
    """A rounded box; the title and the lines below it stand in its middle."""
    top = y + (height - 17 * (len(lines) + bool(title)) + 17) / 2 + 4 - (17 - 13) / 2
    first = [text(x + width / 2, top, title, 14, INK, 700)] if title else []
    rest = [text(x + width / 2, top + 17 * (i + len(first)), line, 12.5, INK) for i, line in enumerate(lines)]
    frame = (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8" fill="{FILLS[colour]}" '
        f'stroke="{colour}" stroke-width="1.6"/>'
    )
    return "".join([frame, *first, *rest])


def arrow(*points: tuple[float, float], colour: str = SOFT, dashed: bool = False) -> str:
    """A line through points, with a head at its end."""
    way = " ".join(f"{x:g},{y:g}" for x, y in points)
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return (
        f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="1.8"{dashes} '
        f'marker-end="url(#head{colour[1:]})"/>'
    )


def figure(width: int, height: int, title: str, description: str, parts: list[str]) -> str:
    """A whole SVG, with a title and a description for those who do not see it."""
    heads = "".join(
        f'<marker id="head{colour[1:]}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="{colour}"/></marker>'
        for colour in FILLS
    )
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif">\n'
        f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n<defs>{heads}</defs>\n"
        f'<rect width="{width}" height="{height}" rx="10" fill="{GROUND}"/>\n{body}\n</svg>\n'
    )


def chain() -> str:
    """From cells, network and texts to ranked paths."""
    columns = [(102, "given"), (318, "prepared"), (530, "joined"), (718, "learned"), (894, "read")]
    parts = [text(x, 30, name, 12.5, SOFT) for x, name in columns]
    parts += [
        box(20, 48, 164, 92, "Cells", ("counts of each gene,", "class, donor, cell type"), NUMBERS),
        box(20, 164, 164, 92, "Network", ("who acts on whom,", "kind and sign"), NETWORK),
        box(20, 280, 164, 92, "Texts", ("what is written", "about each gene"), TEXTS),
        box(
            226,
            48,
            184,
            92,
            "Split by donor",
            ("training cells say which", "genes count, and how", "they change"),
            NUMBERS,
        ),
        box(226, 164, 184, 92, "Paths", ("receptor → signals →", "TF → target,", "the cheapest ways"), NETWORK),
        box(226, 280, 184, 92, "Sentences", ("of genes and paths;", "a text encoder makes", "each a vector"), TEXTS),
        arrow((184, 94), (222, 94), colour=NUMBERS),
        arrow((184, 210), (222, 210), colour=NETWORK),
        arrow((184, 326), (222, 326), colour=TEXTS),
        arrow((318, 140), (318, 160), colour=NUMBERS),
        arrow((318, 256), (318, 276), colour=NETWORK),
        box(
            452,
            134,
            156,
            152,
            "Text-numeric graph",
            ("genes, associations", "and paths, each with", "its words; one number", "per gene and cell"),
        ),
        arrow((410, 94), (431, 94), (431, 160), (448, 160), colour=NUMBERS),
        arrow((410, 210), (448, 210), colour=NETWORK),
        arrow((410, 326), (431, 326), (431, 260), (448, 260), colour=TEXTS),
        box(
            644,
            134,
            148,
            152,
            "Model",
            ("genes read the graph,", "paths read their genes", "and the sentences;", "one score per path"),
        ),
        arrow((608, 210), (640, 210)),
        box(828, 48, 132, 92, "Paths, ranked", ("each with its", "evidence"), RESULT),
        box(828, 164, 132, 92, "Predictions", ("on donors that", "it never saw"), RESULT),
        box(828, 280, 132, 92, "Networks", ("in a cell, and", "between cells"), RESULT),
        arrow((792, 210), (824, 210), colour=RESULT),
        arrow((792, 170), (810, 170), (810, 94), (824, 94), colour=RESULT),
        arrow((792, 250), (810, 250), (810, 326), (824, 326), colour=RESULT),
    ]
    names = [(318, "ingestion · graph_construction · text_embedding"), (718, "modeling"), (894, "interpretation")]
    parts += [text(x, 404, name, 12.5, SOFT) for x, name in names]
    return figure(
        980,
        424,
        "From cells, network and texts to ranked paths",
        "Cells are split by donor, paths are searched in the network, texts become vectors; the text-numeric graph "
        "joins the three, the model learns one score per path; read are ranked paths, predictions and networks.",
        parts,
    )


GENES = ("IFNGR1", "JAK1", "STAT1", "CXCL10")
"""The path of the second figure; each step is an association of the built-in network."""

SENTENCE = (
    "Type II interferon: the receptor IFNGR1 activates JAK1, JAK1 activates STAT1;",
    "the transcription factor STAT1 switches on CXCL10.",
)


def path() -> str:
    """A path: its genes in their roles, the types of its steps, its sentence."""
    roles = ("receptor", "signal", "transcription factor", "target")
    texts = ("Ligand-binding chain", "Janus kinase", "Indispensable for", "IP-10, a chemokine")
    places = (208, 396, 584, 772)
    parts = [
        f'<rect x="252" y="42" width="16" height="122" rx="8" fill="{LINE}"/>',
        text(260, 32, "membrane", 12, SOFT),
        f'<rect x="573" y="42" width="353" height="122" rx="40" fill="none" stroke="{LINE}" stroke-width="2"/>',
        text(749, 32, "nucleus", 12, SOFT),
        f'<rect x="24" y="80" width="96" height="46" rx="8" fill="{GROUND}" stroke="{SOFT}" stroke-dasharray="5 4"/>',
        text(72, 108, "IFNG", 15, SOFT, 700),
        text(72, 192, "ligand", 13, SOFT),
        text(72, 210, "no part of the path:", 12, SOFT),
        text(72, 226, "another cell's, perhaps", 12, SOFT),
        arrow((120, 103), (204, 103), dashed=True),
    ]
    for gene, role, words, x in zip(GENES, roles, texts, places, strict=True):
        parts += [
            box(x, 80, 104, 46, "", (), NETWORK),
            text(x + 52, 109, gene, 15, INK, 700),
            text(x + 52, 192, role, 13, INK, 700),
            text(x + 52, 216, "its expression in a cell", 12, NUMBERS),
            text(x + 52, 240, f"“{words} …”", 12, TEXTS),
        ]
    for (step, kind), x in zip(((5, "signaling"), (5, "signaling"), (8, "tf_target")), places, strict=False):
        parts += [
            arrow((x + 104, 103), (x + 184, 103), colour=NETWORK),
            text(x + 144, 92, "activates", 11.5, NETWORK),
            text(x + 144, 120, kind, 11.5, NETWORK),
            text(x + 144, 146, f"type {step}", 11.5, SOFT),
        ]
    parts += [
        box(150, 268, 726, 66, "", SENTENCE, TEXTS),
        text(140, 305, "its sentence", 13, INK, 700, "end"),
    ]
    return figure(
        950,
        356,
        "What a path is",
        "The receptor IFNGR1, the signal JAK1, the TF STAT1 and the target CXCL10 in a row. Each gene "
        "has a number per cell and a text, each step a kind, a sign and a type, the path one sentence; no ligand.",
        parts,
    )


def encoder() -> str:
    """From the genes of a path to the answer: path encoder, cross-attention, additive read-out."""
    parts = [
        text(128, 32, "genes of path p, in one cell", 13, INK, 700),
        text(410, 32, "path encoder", 13, INK, 700),
        text(790, 32, "read-out", 13, INK, 700),
    ]
    for i, gene in enumerate(GENES):
        y = 52 + 52 * i
        parts += [
            box(28, y, 200, 40, "", (), NUMBERS),
            text(42, y + 25, gene, 14, INK, 700, "start"),
            text(216, y + 25, "place, type of step", 12, SOFT, at="end"),
            arrow((228, y + 20), (256, y + 20), (288, 150), colour=NUMBERS),
        ]
    parts += [
        text(128, 272, "vectors of the gene encoder, which has", 12, SOFT),
        text(128, 288, "read text, number and graph", 12, SOFT),
        box(292, 106, 100, 88, "vector q", ("weighted", "sum over", "its genes"), NUMBERS),
        box(434, 106, 116, 88, "path vector", ("q, and what it", "reads, of each", "layer"), RESULT),
        arrow((392, 150), (430, 150), colour=NUMBERS),
        box(292, 240, 258, 66, "sentences of all P paths", ("q asks, the sentences answer:", "cross-attention"), TEXTS),
        arrow((492, 240), (492, 198), colour=TEXTS),
        arrow((342, 194), (342, 236), colour=NUMBERS),
        box(604, 52, 162, 66, "path activity", ("its genes' z-scores,", "in expected directions"), NUMBERS),
        box(604, 128, 162, 66, "residual", ("one number, standard-", "ised over the cells"), RESULT),
        box(
            604,
            222,
            162,
            90,
            "importance",
            ("one score per path,", "the same for all cells;", "begins at the evidence"),
            NETWORK,
        ),
        arrow((550, 150), (600, 150), colour=RESULT),
        arrow((128, 52), (128, 44), (578, 44), (578, 85), (600, 85), colour=NUMBERS),
        f'<circle cx="812" cy="123" r="16" fill="{GROUND}" stroke="{SOFT}" stroke-width="1.6"/>',
        text(812, 129, "+", 18, INK, 700),
        arrow((766, 85), (788, 85), (800, 110)),
        arrow((766, 161), (788, 161), (800, 136)),
        f'<circle cx="812" cy="220" r="16" fill="{GROUND}" stroke="{SOFT}" stroke-width="1.6"/>',
        text(812, 226, "\N{MULTIPLICATION SIGN}", 18, INK, 700),
        arrow((812, 139), (812, 200)),
        arrow((766, 267), (788, 267), (801, 234), colour=NETWORK),
        box(852, 178, 110, 84, "answer", ("sum over", "all paths:", "the logit"), RESULT),
        arrow((828, 220), (848, 220)),
    ]
    return figure(
        980,
        332,
        "From the genes of a path to the answer",
        "The vectors of a path's genes are summed with weights to one vector, which reads the sentences of all paths "
        "by cross-attention. The read-out adds path activity and a residual, times importance, over all paths.",
        parts,
    )


DIAGRAMS = {"chain.svg": chain, "path.svg": path, "path_encoder.svg": encoder}

if __name__ == "__main__":
    for name, draw in DIAGRAMS.items():
        (IMAGES / name).write_text(draw())

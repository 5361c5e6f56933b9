"""Formulas as MathML, which browsers draw themselves: the site loads no script for them."""

import re
from html import escape

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

MENDED = {
    '<mo accent="true">&#x02015;</mo>': '<mo stretchy="true">&#x000AF;</mo>',  # \overline: as wide as what is below it
    "<mi>&#x0007E;</mi>": "<mo>&#x0223C;</mo>",  # \sim: a relation, with space around it
    "<mi>&#x029F5;</mi>": "<mi>&#x02216;</mi>",  # \setminus: a sign that more fonts have
    r">\Vert<": ">&#x02016;<",
    r">\|<": ">&#x02016;<",
}
"""What the converter writes, and what looks as LaTeX does."""


def mathml(node: nodes.math | nodes.math_block, display: str) -> str:
    """Write a formula as MathML, or warn and keep it as it is."""
    tex = node.astext().strip()
    try:
        made = convert(re.sub(r"\\(log|ln)(?=\s+[\\a-zA-Z])", r"\\\1\\,", tex), display=display)
    except Exception as error:  # whatever the converter stumbles over
        logger.warning("formula %r: %r", tex, error, location=node)
        return f"<code>{escape(tex)}</code>"
    for found, better in MENDED.items():
        made = made.replace(found, better)
    unknown = re.findall(r">(\\\w+)<", made)
    if unknown:
        logger.warning("formula %r: %s is not known", tex, ", ".join(unknown), location=node)
    return made


def inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(mathml(node, "inline"))
    raise nodes.SkipNode


def block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula that stands by itself; a wide one is scrolled, not the page."""
    translator.body.append(f'<div class="formula">{mathml(node, "block")}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer under the name ``mathml``."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

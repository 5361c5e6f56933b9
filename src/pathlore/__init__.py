"""pathlore: which signaling paths tell two conditions apart, and what the written lore says about them.

An implementation of text-numeric graphs for single-cell RNA-seq (arXiv 2501.16361) as a Kedro project.
"""

__version__ = "0.1.0"

"""Names of methods for a reader."""

from pathlore.plot.style import readable_name

ACRONYMS = {"gcn": "GCN", "gat": "GAT", "gin": "GIN", "l1": "L1", "l2": "L2", "lsa": "LSA"}


def method_name(name: str) -> str:
    """Write the name of a method for a reader.

    Examples
    --------
    >>> method_name("paths_l1"), method_name("gcn"), method_name("text_zero")
    ('Paths L1', 'GCN', 'Text zero')
    """
    words = [ACRONYMS.get(word, word) for word in name.replace("_", " ").split(" ")]
    return " ".join(words) if words[0].isupper() else readable_name(" ".join(words))

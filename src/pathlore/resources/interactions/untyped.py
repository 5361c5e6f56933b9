"""The kind of a file whose table does not say it."""

from pathlore.errors import PathloreError, shorten
from pathlore.keys import Kind
from pathlore.resources.interactions.reader import Source


def untyped_kind(source: Source, lacks: str) -> str:
    """What the parameters say of a file.

    Parameters
    ----------
    source
        With ``untyped_kind``: one kind for all such files, or a kind for each part of a file's name.
    lacks
        What the table would need to tell it by itself, for the message.

    Raises
    ------
    PathloreError
        Nothing, or two things.
    """
    said = source.config.untyped_kind
    kinds = {kind for part, kind in said.items() if part in source.file} if isinstance(said, dict) else {said} - {None}
    if len(kinds) == 1:
        return str(kinds.pop())
    found = f"says {shorten(kinds)} of it" if kinds else "does not say it either"
    raise PathloreError(
        f"the network file {source.file} does not tell of which kind its interactions are (it lacks {lacks}), and "
        f"`ingestion.network.untyped_kind` {found}; expected {', '.join(Kind.ALL)}: set that parameter to one of them, "
        f"or to {{part of the file's name: one of them}} where files differ, or fetch the table with these columns"
    )

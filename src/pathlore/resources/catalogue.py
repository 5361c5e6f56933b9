"""Every resource that can be fetched by name, and the table of them in the documentation.

The addresses and licences were taken from public sources and have not been tried against the servers; an address that
has moved is corrected by ``resources.sources`` without a change of the code.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from pathlore.config import FILE_NAME, SourceConfig
from pathlore.errors import PathloreError, shorten, without_logins
from pathlore.resources.entries_genes import GENES
from pathlore.resources.entries_networks import NETWORKS
from pathlore.resources.entry import File, Resource

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

"""Every resource that can be fetched by name, as ``catalogue.yml`` lists them, and the table of them in the docs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import PurePosixPath
from urllib.parse import quote, urlsplit

import yaml

from pathlore.config import FILE_NAME, SourceConfig
from pathlore.errors import PathloreError, shorten, without_logins


@dataclass(frozen=True)
class File:
    """One file of a resource."""

    name: str  # as it is stored
    url: str
    sha256: str | None = None  # None: the first transfer decides


@dataclass(frozen=True)
class Resource:
    """One resource of the field: what it is, where it lies, and what its licence asks of those who use it.

    Without ``files`` it is fetched by hand: whatever lies in its folder belongs to it.
    """

    name: str
    title: str
    gives: str
    parameters: tuple[str, ...]  # runtime parameters that take its files
    reader: str  # format under which its files are understood
    licence: str
    home: str
    citation: str
    files: tuple[File, ...] = ()
    by_hand: str = ""  # how to fetch it where it has no files, else what to do with them before they can be read


def biomart(dataset: str, attributes: Iterable[str]) -> str:
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


def _resources() -> dict[str, Resource]:
    """The entries of ``catalogue.yml``."""
    entries = yaml.safe_load(files("pathlore.resources").joinpath("catalogue.yml").read_text(encoding="utf-8"))
    found = {}
    for name, entry in entries.items():
        ids, tables = entry.pop("ids", [""]), entry.pop("biomart", {})
        addresses = {file.format(own): url.format(own) for file, url in entry.pop("files", {}).items() for own in ids}
        addresses |= {file: biomart(dataset, attributes) for file, (dataset, *attributes) in tables.items()}
        parameters = tuple(entry.pop("parameters"))
        stored = tuple(File(file, url) for file, url in addresses.items())
        found[name] = Resource(name=name, parameters=parameters, files=stored, **entry)
    return found


RESOURCES = _resources()
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

"""Files inside archives, read where they lie: nothing is unpacked to the disk, so that no name can lead anywhere."""

import gzip
import io
import logging
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from pathlore.errors import PathloreError

logger = logging.getLogger(__name__)

NESTED = (".tar.gz", ".tgz", ".tar")
"""Archives inside an archive."""
HIDDEN = ("._", ".DS_Store", "__MACOSX")
"""How names begin that some programs add of themselves."""
CHUNK = 1 << 20


@dataclass(frozen=True)
class Member:
    """One file of an archive."""

    path: str  # inside the archive; that of an archive inside it stands before it
    content: bytes  # as it lies there, perhaps compressed


def read_members(path: Path, max_bytes: int) -> Iterator[Member]:
    """Read the files of a tar archive one after the other, those of archives inside it too.

    A file that is no archive is its own only member. Files that begin with ``._`` are skipped.

    Parameters
    ----------
    path
        ``.tar``, ``.tar.gz``, ``.tgz``, or any other file.
    max_bytes
        Of one member, at most.

    Raises
    ------
    PathloreError
        The archive is damaged; or a member is a link or a device, its name is absolute or leads out of the archive, or
        it is too large: such an archive is not what it should be, and is not read on.
    """
    if not path.name.endswith(NESTED):
        yield Member(path.name, _limited(path.open("rb"), max_bytes, path.name))
        return
    with path.open("rb") as file:
        yield from _walk(file, path.name, "", max_bytes, depth=0)


def unpacked(member: Member, max_bytes: int) -> bytes:
    """The content of a member, decompressed if its name ends in ``.gz``.

    Raises
    ------
    PathloreError
        It cannot be decompressed, or is larger than that.
    """
    if not member.path.endswith(".gz"):
        return member.content
    try:
        return _limited(gzip.GzipFile(fileobj=io.BytesIO(member.content)), max_bytes, member.path)
    except (OSError, EOFError, zlib.error) as error:
        raise PathloreError(f"{member.path} cannot be decompressed ({error}): fetch the file again") from error


def _walk(file: IO[bytes], name: str, above: str, max_bytes: int, depth: int) -> Iterator[Member]:
    try:
        with tarfile.open(fileobj=file, mode="r:*") as archive:
            for entry in archive:
                if entry.isdir() or any(part.startswith(HIDDEN) for part in PurePosixPath(entry.name).parts):
                    continue
                content = _content(archive, entry, name, max_bytes)
                path = f"{above}{entry.name.removeprefix('./')}"
                if entry.name.endswith(NESTED) and depth == 0:
                    yield from _walk(io.BytesIO(content), f"{name}: {path}", f"{path}/", max_bytes, depth + 1)
                else:
                    yield Member(path, content)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        reason = " ".join(str(error).split())
        raise PathloreError(
            f"{name} cannot be read as a tar archive ({reason}): delete it and fetch it again, or correct "
            "`cohort.recipe.files`"
        ) from error


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo, name: str, max_bytes: int) -> bytes:
    """The bytes of a plain file whose name stays inside the archive."""
    parts = PurePosixPath(entry.name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts:
        raise PathloreError(f"{name} holds '{entry.name}', which leads out of the archive: it is not read on")
    if not entry.isfile():
        raise PathloreError(f"{name} holds '{entry.name}', a link or a device, plain files were expected: not read on")
    stream = archive.extractfile(entry)
    assert stream is not None  # a plain file has one
    return _limited(stream, max_bytes, f"{name}: {entry.name}")


def _limited(stream: IO[bytes] | gzip.GzipFile, max_bytes: int, name: str) -> bytes:
    """Read a stream to its end, but no further than the limit."""
    whole = bytearray()
    with stream:
        while chunk := stream.read(CHUNK):
            whole += chunk
            if len(whole) > max_bytes:
                raise PathloreError(
                    f"{name} holds more than {max_bytes / 1e9:g} GB: raise `cohort.max_unpacked` if that is as it "
                    "should be"
                )
    return bytes(whole)

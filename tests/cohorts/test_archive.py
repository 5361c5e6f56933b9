import gzip
import io
import tarfile

import pytest
from miniature_series import tar

from pathlore.cohorts.archive import Member, read_members, unpacked
from pathlore.errors import PathloreError

LIMIT = 10_000


@pytest.fixture
def read(tmp_path):
    """Members of an archive, path -> content; the archive lies alone in a folder."""

    def run(content, name="series.tar", limit=LIMIT):
        folder = tmp_path / "archive"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        try:
            return {member.path: member.content for member in read_members(folder / name, limit)}
        finally:
            assert [path.name for path in folder.iterdir()] == [name]
            assert [path.name for path in tmp_path.iterdir()] == ["archive"]

    return run


def entry(name, **fields):
    """An archive with one entry of any kind."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        info = tarfile.TarInfo(name)
        for field, value in fields.items():
            setattr(info, field, value)
        archive.addfile(info, io.BytesIO(b"x" * info.size))
    return whole.getvalue()


def test_plain_members(read):
    assert read(tar({"a.tsv": b"1", "./b/c.tsv": b"2"})) == {"a.tsv": b"1", "b/c.tsv": b"2"}


def test_archives_inside(read):
    inner = tar({"s/matrix.mtx": b"m", "s/._matrix.mtx": b"litter", "__MACOSX/x": b"litter"}, "w:gz")
    assert read(tar({"GSM1_s.tar.gz": inner, "readme.txt": b"r"})) == {
        "GSM1_s.tar.gz/s/matrix.mtx": b"m",
        "readme.txt": b"r",
    }


def test_a_file_that_is_no_archive(read):
    assert read(b"1,2", "counts.csv") == {"counts.csv": b"1,2"}


@pytest.mark.parametrize(
    "name", ["../out.tsv", "a/../../out.tsv", "/etc/out.tsv", "..\\out.tsv", "a/..", "/out.tsv"], ids=str
)
def test_names_that_lead_out(read, name):
    with pytest.raises(PathloreError, match="leads out of the archive"):
        read(entry(name, size=1))


def test_names_that_lead_out_of_an_archive_inside(read):
    with pytest.raises(PathloreError, match=r"series\.tar: GSM1\.tar holds '\.\./out\.tsv'"):
        read(tar({"GSM1.tar": entry("../out.tsv", size=1)}), limit=2 * LIMIT)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices(read, kind):
    with pytest.raises(PathloreError, match="a link or a device"):
        read(entry("matrix.mtx", type=kind, linkname="/etc/passwd"))


def test_too_large_a_member(read):
    with pytest.raises(PathloreError, match=r"series\.tar: a\.tsv holds more than .* GB: raise `cohort\.max_unpacked`"):
        read(tar({"a.tsv": b"x" * (LIMIT + 1)}))
    assert len(read(tar({"a.tsv": b"x" * LIMIT}))["a.tsv"]) == LIMIT


def test_a_bomb():
    bomb = Member("matrix.mtx.gz", gzip.compress(b"0" * 1_000_000))
    assert len(bomb.content) < 2000
    with pytest.raises(PathloreError, match=r"matrix\.mtx\.gz holds more than"):
        unpacked(bomb, LIMIT)


def test_decompression():
    assert unpacked(Member("a.gz", gzip.compress(b"1")), LIMIT) == b"1"
    assert unpacked(Member("a.tsv", b"1"), LIMIT) == b"1"
    with pytest.raises(PathloreError, match="cannot be decompressed"):
        unpacked(Member("a.gz", gzip.compress(b"1" * 999)[:-9]), LIMIT)


@pytest.mark.parametrize("damage", [lambda whole: whole[:700], lambda whole: b"<html>" * 200])
def test_a_damaged_archive(read, damage):
    with pytest.raises(PathloreError, match=r"series\.tar cannot be read as a tar archive.*fetch it again"):
        read(damage(tar({"a.tsv": b"1" * 4000})))

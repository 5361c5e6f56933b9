from pathlib import Path

import pytest

from pathlore.datasets.whole import index_last


def test_the_index_appears_after_all_else(tmp_path):
    index = tmp_path / "deep" / "index.json"
    with index_last(index, "[1]") as folder:
        assert folder == index.parent
        (folder / "table").write_text("x")
        assert not index.exists()
    assert index.read_text() == "[1]"
    assert sorted(path.name for path in index.parent.iterdir()) == ["index.json", "table"]


def test_an_old_index_goes_first(tmp_path):
    index = tmp_path / "index.json"
    index.write_text("old")
    there = []

    def interrupted():
        with index_last(index, "new"):
            there.append(index.exists())
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        interrupted()
    assert there == [False]
    assert not index.exists()


def test_an_index_is_never_half_written(tmp_path, monkeypatch):
    write = Path.write_text

    def half(path, text, **options):
        write(path, text[:1], **options)
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_text", half)
    with pytest.raises(OSError, match="disk full"), index_last(tmp_path / "index.json", "[1]"):
        pass
    assert not (tmp_path / "index.json").exists()

import json

import numpy as np
import pandas as pd
import pytest
from kedro.io import DatasetError

from pathlore.datasets.text_embedding import TextEmbeddingDataset
from pathlore.text.embedding import TextEmbedding


@pytest.fixture
def embedding():
    return TextEmbedding(
        keys=("A", "B", "C"),
        texts=("text a", "B.", "text c"),
        has_text=np.array([True, False, True]),
        vectors=np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32),
        encoder="lsa:4:seed=0",
        model="lsa",
        revision=None,
        truncated=0,
    )


@pytest.fixture
def dataset(tmp_path):
    return TextEmbeddingDataset(filepath=str(tmp_path / "deep" / "embedding"))


def same(a, b):
    np.testing.assert_array_equal(a.vectors, b.vectors)
    np.testing.assert_array_equal(a.has_text, b.has_text)
    return all(getattr(a, name) == getattr(b, name) for name in ("keys", "texts", "encoder", "model", "revision"))


def test_round_trip(dataset, embedding, tmp_path):
    assert not dataset.exists()
    dataset.save(embedding)
    assert dataset.exists()
    assert same(dataset.load(), embedding)
    folder = tmp_path / "deep" / "embedding"
    assert sorted(p.name for p in folder.glob("[!.]*")) == ["encoder.json", "texts.parquet", "vectors.safetensors"]
    assert [p.name for p in folder.parent.iterdir()] == ["embedding"]
    assert "embedding" in repr(dataset)


def test_no_rows(dataset, embedding):
    empty = TextEmbedding((), (), np.zeros(0, bool), np.zeros((0, 4), np.float32), "e", "m", "r", 0)
    dataset.save(empty)
    assert same(dataset.load(), empty)


def test_rows_of_a_larger_array(dataset, embedding):
    part = TextEmbedding(("A",), ("a",), np.array([True]), embedding.vectors[1:2, ::2], "e", "m", None, 0)
    dataset.save(part)
    assert same(dataset.load(), part)


def test_saving_again_replaces(dataset, embedding, tmp_path):
    dataset.save(embedding)
    other = TextEmbedding(("Z",), ("z",), np.array([True]), np.ones((1, 2), np.float32), "e", "m", "r", 0)
    dataset.save(other)
    assert same(dataset.load(), other)
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["embedding"]


@pytest.mark.parametrize("fault", ["safetensors.numpy.save_file", "pandas.DataFrame.to_parquet", "json.dumps"])
def test_failed_saving_leaves_the_old_one(dataset, embedding, tmp_path, monkeypatch, fault):
    dataset.save(embedding)

    def fail(*args, **options):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(fault, fail)
        with pytest.raises(DatasetError, match="disk full"):
            dataset.save(embedding)
    assert same(dataset.load(), embedding)
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["embedding"]


def damage_vectors(folder):
    content = bytearray((folder / "vectors.safetensors").read_bytes())
    content[-1] ^= 1
    (folder / "vectors.safetensors").write_bytes(content)


def damage_count(folder):
    pd.read_parquet(folder / "texts.parquet")[:2].to_parquet(folder / "texts.parquet")


def damage_description(folder):
    about = json.loads((folder / "encoder.json").read_text())
    del about["sha256"]
    (folder / "encoder.json").write_text(json.dumps(about))


def remove_texts(folder):
    (folder / "texts.parquet").unlink()


@pytest.mark.parametrize("damage", [damage_vectors, damage_count, damage_description, remove_texts])
def test_damage_is_found(dataset, embedding, tmp_path, damage):
    dataset.save(embedding)
    damage(tmp_path / "deep" / "embedding")
    with pytest.raises(DatasetError, match=r"incomplete or damaged.*delete the folder and run the pipeline"):
        dataset.load()


def test_from_the_catalogue(tmp_path, embedding):
    from kedro.io import DataCatalog

    entry = {"type": "pathlore.datasets.text_embedding.TextEmbeddingDataset", "filepath": str(tmp_path / "e")}
    catalog = DataCatalog.from_config({"genes": {**entry, "metadata": {"kedro-viz": {"layer": "feature"}}}})
    catalog.save("genes", embedding)
    assert same(catalog.load("genes"), embedding)

import numpy as np
import pytest
from kedro.io import DatasetError

from pathlore.datasets import origins
from pathlore.datasets.gene_vectors import GeneVectorsDataset
from pathlore.text.vectors_file import GeneVectors, write_vectors


def made():
    return GeneVectors(("JAK1", "NA"), np.arange(6, dtype=np.float32).reshape(2, 3) + 7, ("", ""))


def test_the_dataset_of_the_catalogue(tmp_path):
    dataset = GeneVectorsDataset(filepath=tmp_path / "v.parquet")
    assert not dataset.exists()
    dataset.save(made())
    assert dataset.load().digest == made().digest
    (tmp_path / "v.parquet").write_bytes(b"nothing")
    with pytest.raises(DatasetError, match="no vectors of genes can be read"):
        dataset.load()


def test_another_file_of_the_same_name_is_another_origin(tmp_path):
    file = tmp_path / "v.csv"

    def leaf():
        origins._model_content.cache_clear()
        return dict(origins._leaves("text_embedding", {"encoder": {"model": str(file), "kind": "vectors"}}))

    write_vectors(made(), file)
    before = leaf()
    assert leaf() == before
    file.write_text(file.read_text().replace("12.0", "13.0"))
    changed = leaf()
    assert [name for name in before if before[name] != changed[name]] == ["params:text_embedding.encoder.model"]

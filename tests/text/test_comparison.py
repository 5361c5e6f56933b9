import itertools

import numpy as np
import pandas as pd
import pytest
from blocks import base
from pydantic import ValidationError

from pathlore.config import TextParameters
from pathlore.schemas import EncoderReport, TextVectors
from pathlore.text.comparison import compare_encoders, export, mean_cosine, nearest, shared
from pathlore.text.embedding import TextEmbedding, embed_sentences

WORDS = ["interferon", "receptor", "kinase", "membrane", "nucleus", "growth", "factor", "binds"]
GENES = pd.DataFrame(
    {
        "key": [f"G{i}" for i in range(15)],
        "text": [f"{WORDS[i % 8]} {WORDS[(3 * i + 1) % 8]} {WORDS[(i * i) % 8]} gene{i}" for i in range(15)],
        "has_text": [i != 4 for i in range(15)],
    }
)
PATHS = pd.DataFrame({"key": ["G1>G2>G3"], "text": ["the receptor activates the kinase"], "has_text": [True]})


def parameters(**encoders):
    encoder = base("text_embedding", "encoder", kind="lsa", dimension=8, cache=None)
    control = base("text_embedding", "control")
    return TextParameters.model_validate({"encoder": encoder, "encoders": encoders, "control": control})


def embedding_of(vectors, has_text=None):
    n = len(vectors)
    keys = tuple(f"K{i}" for i in range(n))
    known = np.ones(n, bool) if has_text is None else np.array(has_text)
    return TextEmbedding(keys, keys, known, np.asarray(vectors, np.float32), "e", "m", None, 0)


@pytest.fixture
def compared():
    config = parameters(wide={"dimension": 12}, nothing={"kind": "zero"}, chance={"kind": "random", "seed": 5})
    main = embed_sentences(GENES, PATHS, config.encoder)
    return main, *compare_encoders(GENES, PATHS, main, config)


def test_every_encoder_has_its_table_and_its_row(compared):
    (genes, _), vectors, report = compared
    assert list(vectors) == ["encoder", "wide", "nothing", "chance"]
    for table in vectors.values():
        TextVectors.validate(table)
        assert table["key"].tolist() == [*GENES["key"], *PATHS["key"]]
        assert table["text"].tolist() == [*GENES["text"], *PATHS["text"]]
    np.testing.assert_array_equal(np.stack(vectors["encoder"]["vector"][:15]), genes.vectors)
    EncoderReport.validate(report)
    rows = report.set_index("encoder")
    assert rows["width"].to_dict() == {"encoder": 8, "wide": 12, "nothing": 8, "chance": 8}
    assert rows["genes_without_text"].eq(1).all()
    assert rows.loc["encoder", "shared_neighbours"] == 1
    assert np.isnan(rows.loc["nothing", "mean_cosine"])
    assert rows.loc["chance", "shared_neighbours"] < 1


def test_the_table_survives_parquet(compared, tmp_path):
    table = compared[1]["wide"]
    table.to_parquet(tmp_path / "v.parquet")
    again = pd.read_parquet(tmp_path / "v.parquet")
    TextVectors.validate(again)
    np.testing.assert_array_equal(np.stack(again["vector"]), np.stack(table["vector"]))


def test_mean_cosine_and_neighbours_are_those_of_all_pairs():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(14, 5)).astype(np.float32)
    vectors[3] = 0
    embedding = embedding_of(vectors, [i != 6 for i in range(14)])
    known = [i for i in range(14) if i not in (3, 6)]

    def cosine(i, j):
        return vectors[i] @ vectors[j] / np.linalg.norm(vectors[i]) / np.linalg.norm(vectors[j])

    pairs = [cosine(i, j) for i, j in itertools.combinations(known, 2)]
    assert mean_cosine(embedding) == pytest.approx(np.mean(pairs), abs=1e-6)
    expected = {f"K{i}": {f"K{j}" for j in sorted(set(known) - {i}, key=lambda j: -cosine(i, j))[:10]} for i in known}
    assert nearest(embedding) == expected


def test_shared_counts_only_what_both_know():
    assert shared({"A": {"B", "C"}, "B": {"A"}}, {"A": {"B", "D"}}) == 0.5
    assert np.isnan(shared({"A": {"B"}}, {}))
    assert nearest(embedding_of([[1.0, 0.0]])) == {}
    assert np.isnan(mean_cosine(embedding_of([[1.0, 0.0]])))


def test_an_export_names_its_origin():
    table = export(embedding_of([[1.0, 2.0]]), "gene")
    assert table[["model", "revision", "encoder"]].to_numpy().tolist() == [["m", None, "e"]]


@pytest.mark.parametrize(
    "encoders", [{"encoder": {}}, {"a b": {}}, {"x": {"kind": "bert"}}, {"x": {"unknown": 1}}, {"../x": {}}]
)
def test_wrong_encoders_are_refused(encoders):
    with pytest.raises(ValidationError):
        parameters(**encoders)

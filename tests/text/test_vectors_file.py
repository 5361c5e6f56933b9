import json

import numpy as np
import pandas as pd
import pytest

from pathlore.config import EncoderConfig
from pathlore.errors import PathloreError
from pathlore.signals.profiles import encode_texts
from pathlore.text.comparison import export
from pathlore.text.embedding import TextEmbedding, embed_sentences
from pathlore.text.encoders import make_encoder
from pathlore.text.vectors_file import GeneVectors, gene_vectors, read_vectors, text_digest, write_vectors

GENES = ("JAK1", "STAT1", "NA", "HLA-A")
NUMBERS = np.arange(12, dtype=np.float32).reshape(4, 3) + 1


def made():
    return GeneVectors(GENES, NUMBERS, tuple(map(text_digest, GENES)), "a/model", "c0ffee", "CC BY 4.0")


@pytest.mark.parametrize("name", ["v.parquet", "v.safetensors", "v.csv"])
def test_written_and_read_again(tmp_path, name):
    write_vectors(made(), tmp_path / name)
    again = read_vectors(tmp_path / name)
    assert again.genes == GENES
    np.testing.assert_array_equal(again.vectors, NUMBERS)
    assert again.digest == made().digest
    if name != "v.csv":
        assert (again.model, again.revision, again.licence) == ("a/model", "c0ffee", "CC BY 4.0")
        assert again.text_sha256 == made().text_sha256


def test_files_of_others(tmp_path):
    frame = pd.DataFrame(NUMBERS, columns=["0", "1", "2"])
    frame.assign(n_words=[1.5] * 4).insert(0, "g", GENES)
    named = pd.concat([pd.Series(GENES, name="Gene"), frame], axis=1)
    named.to_csv(tmp_path / "a.csv", index=False)
    named.to_csv(tmp_path / "b.tsv.gz", index=False, sep="\t")
    frame.set_index(pd.Index(GENES)).to_csv(tmp_path / "c.csv")  # an index without a name
    frame.set_index(pd.Index(GENES, name="symbol")).to_parquet(tmp_path / "d.parquet")
    frame.astype({"2": int}).assign(symbol=GENES).to_csv(tmp_path / "e.csv", index=False)
    (tmp_path / "f.json").write_text(json.dumps(dict(zip(GENES, NUMBERS.tolist(), strict=True))))
    for file in sorted(tmp_path.iterdir()):
        found = read_vectors(file)
        assert found.genes == GENES, file.name
        np.testing.assert_array_equal(found.vectors, NUMBERS, err_msg=file.name)


def test_a_gene_that_is_there_twice_has_the_mean(tmp_path):
    pd.DataFrame({"gene": ["A", "B", "A"], "x": [1.0, 5.0, 3.0], "y": [0.0, 1.0, 2.0]}).to_csv(
        tmp_path / "v.csv", index=False
    )
    found = read_vectors(tmp_path / "v.csv")
    assert found.genes == ("A", "B")
    assert found.vectors.tolist() == [[2, 1], [5, 1]]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("v.pickle", b"x", "never opened"),
        ("v.csv", b"gene,name\nA,b\n", "no genes with numbers"),
        ("v.json", b"{", "v.json"),
    ],
)
def test_what_is_no_file_of_vectors(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PathloreError, match=rf"{said}.*`text_embedding\.encoder\.model`"):
        read_vectors(tmp_path / name)


def test_changed_numbers_are_noticed(tmp_path):
    write_vectors(made(), tmp_path / "v.safetensors")
    about = json.loads((tmp_path / "v.json").read_text())
    (tmp_path / "v.json").write_text(json.dumps(about | {"genes": [*GENES[:3], "OTHER"]}))
    with pytest.raises(PathloreError, match="SHA-256"):
        read_vectors(tmp_path / "v.safetensors")


@pytest.mark.parametrize("bad", [NUMBERS[:3], np.full((4, 3), np.nan, np.float32), NUMBERS[0]])
def test_vectors_that_do_not_fit_are_refused(bad):
    with pytest.raises(PathloreError, match="one finite vector for each gene"):
        GeneVectors(GENES, bad, ("",) * 4)


GENE_SENTENCES = pd.DataFrame(
    {"key": ["STAT1", "JAK1", "NEW"], "text": ["STAT1. A", "JAK1. B", "NEW"], "has_text": [True, False, False]}
)
PATH_SENTENCES = pd.DataFrame({"key": ["JAK1>STAT1>NEW"], "text": ["JAK1 activates"], "has_text": [True]})


def test_used_in_place_of_an_encoder(tmp_path):
    write_vectors(made(), tmp_path / "v.parquet")
    config = EncoderConfig(kind="vectors", model=str(tmp_path / "v.parquet"), cache=None)
    genes, paths = embed_sentences(GENE_SENTENCES, PATH_SENTENCES, config)
    np.testing.assert_array_equal(genes.vectors, [NUMBERS[1], NUMBERS[0], [0, 0, 0]])
    assert genes.has_text.tolist() == [True, True, False], "a vector without a text counts"
    np.testing.assert_array_equal(paths.vectors, [NUMBERS[:2].mean(0)])
    assert (genes.model, genes.revision) == (str(tmp_path / "v.parquet"), None)
    assert genes.encoder == f"vectors:{made().digest[:16]}"
    with pytest.raises(PathloreError, match="belong to genes"):
        make_encoder(config).encode(["a text"])
    with pytest.raises(PathloreError, match="none of 1 genes and paths"):
        embed_sentences(GENE_SENTENCES[2:], PATH_SENTENCES[:0], config)
    texts = encode_texts(GENE_SENTENCES.assign(has_text=True), make_encoder(config))
    assert texts.genes == ["JAK1", "NEW", "STAT1"]
    assert not texts.vectors[1].any()
    assert texts.vectors[0] @ texts.vectors[2] == pytest.approx(-1), "centred over the two that are known"


def test_exported_and_used_again_gives_the_same(tmp_path):
    """Both forms of export: the file for others, and the table of every text."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(3, 4)).astype(np.float32)
    vectors[2] = 0
    keys, texts = tuple(GENE_SENTENCES["key"]), tuple(GENE_SENTENCES["text"])
    embedding = TextEmbedding(keys, texts, np.array([True, True, False]), vectors, "e", "a/model", "c1", 0)
    write_vectors(gene_vectors(embedding, "MIT"), tmp_path / "v.parquet")
    export(embedding, "gene").to_parquet(tmp_path / "t.parquet")
    for name in ("v.parquet", "t.parquet"):
        found = read_vectors(tmp_path / name)
        assert (found.genes, found.model, found.revision) == (("STAT1", "JAK1"), "a/model", "c1")
        assert found.text_sha256 == (text_digest("STAT1. A"), text_digest("JAK1. B"))
        config = EncoderConfig(kind="vectors", model=str(tmp_path / name), cache=None)
        again, _ = embed_sentences(GENE_SENTENCES, PATH_SENTENCES, config)
        np.testing.assert_array_equal(again.vectors, vectors)

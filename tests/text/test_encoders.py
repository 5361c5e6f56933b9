import subprocess
import sys

import numpy as np
import pytest

from pathlore.config import EncoderConfig
from pathlore.text.encoders import MASK, encoder_choice, make_encoder, without_diseases


@pytest.mark.parametrize(
    ("kind", "cacheable"), [("transformers", True), ("lsa", False), ("random", False), ("zero", False)]
)
def test_each_kind(encoder_config, kind, cacheable):
    encoder = make_encoder(encoder_config(kind=kind))
    assert type(encoder).__name__.lower().startswith(kind)
    assert encoder.cacheable is cacheable
    if kind != "transformers":
        assert encoder.version().startswith(kind)


def test_importing_the_package_imports_nothing_heavy():
    code = (
        "import sys, pathlore.text.embedding, pathlore.text.transformers_encoder, pathlore.text.lsa_encoder; "
        "print([m for m in ('torch', 'transformers', 'sklearn', 'kedro', 'mlflow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_one_word_names_a_kind_a_preset_a_file_or_a_model(tmp_path):
    file = tmp_path / "vectors.csv"
    file.write_text("gene,a,b\nJAK1,1,2\n")
    assert encoder_choice("zero") == {"kind": "zero"}
    assert encoder_choice("minilm") == {"kind": "transformers", "model": "minilm"}
    assert encoder_choice("wordllama")["kind"] == "static"
    assert encoder_choice(str(file)) == {"kind": "vectors", "model": str(file)}
    assert encoder_choice(str(tmp_path)) == {"kind": "transformers", "model": str(tmp_path)}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mutations cause Huntington's disease.", f"Mutations cause {MASK}."),
        ("associated with lung cancer and gliomas", f"associated with {MASK} and {MASK}"),
        ("in rheumatoid arthritis and type 2 diabetes", f"in rheumatoid {MASK} and type 2 {MASK}"),
        ("the Alzheimer risk gene APOE", f"the {MASK} risk gene APOE"),
        ("myeloid leukemia with anemia", f"myeloid {MASK} with {MASK}"),
    ],
)
def test_names_of_diseases_go(text, masked):
    assert without_diseases(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "tumor necrosis factor and the tumor suppressor p53 drive apoptosis and mitosis in the stroma",
        "leukemia inhibitory factor receptor",
        "This gene encodes a serine kinase of the cytosol that binds JAK1 by phagocytosis",
    ],
)
def test_words_of_biology_stay(text):
    assert without_diseases(text) == text


def test_a_masked_encoder_sees_masked_texts_and_says_so():
    texts = ["a kinase in Crohn's disease", "a kinase in breast cancer", "a receptor of the membrane", "an enzyme"]
    plain = EncoderConfig(kind="random", dimension=3)
    masked = plain.model_copy(update={"mask_diseases": True})
    found = make_encoder(masked).encode(texts)
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    assert np.abs(make_encoder(plain).encode(texts)[0] - make_encoder(plain).encode(texts)[1]).max() > 0.01
    assert make_encoder(masked).version() == f"{make_encoder(plain).version()}:no_diseases"
    assert make_encoder(masked).truncated(texts) == 0

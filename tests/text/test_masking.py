import numpy as np
import pytest

from pathlore.config import EncoderConfig
from pathlore.text.encoders import make_encoder
from pathlore.text.masking import MASK, without_diseases


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

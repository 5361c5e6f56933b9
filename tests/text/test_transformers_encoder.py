import json
import pathlib
import shutil

import numpy as np
import pytest

from pathlore.errors import PathloreError
from pathlore.text import transformers_encoder
from pathlore.text.transformers_encoder import TransformersEncoder

TEXTS = [
    "the gene binds the receptor of the cell membrane",
    "kinase",
    "interferon activates the receptor kinase jak1 and stat1",
    "",
    "a protein (kinase) of the cell. a protein (kinase) of the cell. a protein.",
    "unknown words of genes inhibits",
]


def one_at_a_time(folder, texts, pooling="mean", max_tokens=32):
    """The slow obvious way: no batches, no padding; the mean over all tokens, [CLS] and [SEP] included."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    rows = []
    for text in texts:
        ids = tokenizer(text)["input_ids"]
        if len(ids) > max_tokens:
            ids = [*ids[: max_tokens - 1], ids[-1]]
        with torch.no_grad():
            hidden = model(torch.tensor([ids])).last_hidden_state[0]
        pooled = {"cls": hidden[0], "mean": sum(hidden) / len(hidden), "max": hidden.max(0).values}
        rows.append(pooled[pooling].numpy())
    return np.stack(rows)


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
@pytest.mark.parametrize("batch_tokens", [1, 40, 10_000])
def test_equals_one_text_at_a_time(bert_folder, encoder_config, pooling, batch_tokens):
    config = encoder_config(model=str(bert_folder), pooling=pooling, batch_tokens=batch_tokens)
    vectors = TransformersEncoder(config).encode(TEXTS)
    assert vectors.shape == (6, 32)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, one_at_a_time(bert_folder, TEXTS, pooling), atol=1e-5)
    assert np.abs(vectors[0] - vectors[1]).max() > 0.01


def test_order_of_the_texts_does_not_matter(bert_folder, encoder_config):
    encoder = TransformersEncoder(encoder_config(model=str(bert_folder)))
    order = [5, 0, 3, 1, 4, 2]
    shuffled = encoder.encode([TEXTS[i] for i in order])
    np.testing.assert_allclose(shuffled, encoder.encode(TEXTS)[order], atol=1e-5)


def test_long_texts_are_cut_and_counted(bert_folder, encoder_config):
    encoder = TransformersEncoder(encoder_config(model=str(bert_folder), max_tokens=10, long_texts="cut"))
    np.testing.assert_allclose(encoder.encode(TEXTS), one_at_a_time(bert_folder, TEXTS, max_tokens=10), atol=1e-5)
    assert encoder.truncated(TEXTS) == 2
    assert encoder.truncated([]) == 0
    assert TransformersEncoder(encoder_config(model=str(bert_folder))).truncated(TEXTS) == 0


def test_bf16_is_near(bert_folder, encoder_config):
    full = TransformersEncoder(encoder_config(model=str(bert_folder))).encode(TEXTS)
    half = TransformersEncoder(encoder_config(model=str(bert_folder), precision="bf16")).encode(TEXTS)
    cosine = (full * half).sum(1) / np.linalg.norm(full, axis=1) / np.linalg.norm(half, axis=1)
    assert half.dtype == np.float32
    assert cosine.min() > 0.999
    assert np.abs(full - half).max() > 0


@pytest.mark.parametrize(("hardware", "precision"), [(True, "bf16"), (False, "fp32")])
def test_auto_takes_what_the_hardware_computes_in(bert_folder, encoder_config, monkeypatch, hardware, precision):
    monkeypatch.setattr(transformers_encoder, "_computes_in_bf16", lambda device: hardware)
    auto, named = (
        TransformersEncoder(encoder_config(model=str(bert_folder), precision=p)) for p in ("auto", precision)
    )
    assert auto.version() == named.version()
    np.testing.assert_array_equal(auto.encode(TEXTS), named.encode(TEXTS))


def test_masked_language_model_with_a_bare_vocabulary(bert_folder, encoder_config, tmp_path):
    """As PubMedBERT is published: a masked language model without pooler, and ``vocab.txt`` for the tokenizer."""
    from transformers import AutoTokenizer, BertForMaskedLM, BertModel

    body = BertModel.from_pretrained(bert_folder)
    masked = BertForMaskedLM(body.config)
    masked.bert.load_state_dict(body.state_dict(), strict=False)
    masked.save_pretrained(tmp_path)
    vocabulary = AutoTokenizer.from_pretrained(bert_folder).get_vocab()
    (tmp_path / "vocab.txt").write_text("\n".join(sorted(vocabulary, key=vocabulary.get)))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True}))
    vectors = TransformersEncoder(encoder_config(model=str(tmp_path))).encode(TEXTS)
    np.testing.assert_allclose(vectors, one_at_a_time(bert_folder, TEXTS), atol=1e-5)


def test_no_texts(bert_folder, encoder_config):
    assert TransformersEncoder(encoder_config(model=str(bert_folder))).encode([]).shape == (0, 32)


def test_version_names_what_changes_the_vectors_and_not_the_path(bert_folder, encoder_config, tmp_path):
    def version(**changes):
        return TransformersEncoder(encoder_config(**({"model": str(bert_folder)} | changes))).version()

    changes = [{}, {"pooling": "cls"}, {"max_tokens": 20}, {"precision": "bf16"}]
    assert len({version(**change) for change in changes}) == 4
    assert version(batch_tokens=1, seed=5, dimension=3, revision="x") == version()
    copy = shutil.copytree(bert_folder, tmp_path / "copy")
    assert version(model=str(copy)) == version()
    weights = copy / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert version(model=str(copy)) != version()


@pytest.mark.parametrize("max_tokens", [2, 41])
def test_length_that_does_not_fit_the_model(bert_folder, encoder_config, max_tokens):
    encoder = TransformersEncoder(encoder_config(model=str(bert_folder), max_tokens=max_tokens))
    with pytest.raises(PathloreError, match=r"takes 3 to 40 tokens: change `text_embedding\.encoder\.max_tokens`"):
        encoder.encode(TEXTS)


def test_no_cuda(bert_folder, encoder_config, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(PathloreError, match=r"`text_embedding\.encoder\.device`"):
        TransformersEncoder(encoder_config(model=str(bert_folder), device="cuda")).encode(TEXTS)


def test_damaged_weights(bert_folder, encoder_config, tmp_path):
    copy = shutil.copytree(bert_folder, tmp_path / "copy")
    (copy / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(PathloreError, match="cannot load encoder") as caught:
        TransformersEncoder(encoder_config(model=str(copy))).encode(TEXTS)
    assert "\n" not in str(caught.value)


@pytest.fixture
def folder_without_safetensors(bert_folder, tmp_path):
    copy = shutil.copytree(bert_folder, tmp_path / "copy")
    (copy / "model.safetensors").unlink()
    return copy


def test_weights_in_pytorchs_own_format_give_the_same_vectors(bert_folder, folder_without_safetensors, encoder_config):
    import torch
    from safetensors.torch import load_file

    torch.save(load_file(bert_folder / "model.safetensors"), folder_without_safetensors / "pytorch_model.bin")
    vectors = TransformersEncoder(encoder_config(model=str(folder_without_safetensors))).encode(TEXTS)
    expected = TransformersEncoder(encoder_config(model=str(bert_folder))).encode(TEXTS)
    np.testing.assert_array_equal(vectors, expected)


def test_weights_that_would_run_code_are_refused(folder_without_safetensors, encoder_config, tmp_path):
    import pickle

    class Payload:
        def __reduce__(self):
            return (pathlib.Path.touch, (tmp_path / "ran",))

    (folder_without_safetensors / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Payload()}))
    with pytest.raises(PathloreError, match="cannot load encoder"):
        TransformersEncoder(encoder_config(model=str(folder_without_safetensors))).encode(TEXTS)
    assert not (tmp_path / "ran").exists()


def test_weights_that_lack_tensors_are_not_made_up(bert_folder, encoder_config, tmp_path):
    from safetensors.numpy import load_file, save_file

    copy = shutil.copytree(bert_folder, tmp_path / "copy")
    tensors = load_file(copy / "model.safetensors")
    del tensors["encoder.layer.1.output.dense.weight"]
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(PathloreError, match=r"lack 1 tensors \(encoder\.layer\.1\.output\.dense\.weight\)"):
        TransformersEncoder(encoder_config(model=str(copy))).encode(TEXTS)


def test_code_of_a_model_is_never_run(bert_folder, encoder_config, tmp_path):
    copy = shutil.copytree(bert_folder, tmp_path / "copy")
    config = json.loads((copy / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}}
    (copy / "config.json").write_text(json.dumps(config))
    (copy / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(PathloreError, match="cannot load encoder"):
        TransformersEncoder(encoder_config(model=str(copy))).encode(TEXTS)
    assert not (tmp_path / "ran").exists()


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_cuda_equals_cpu(bert_folder, encoder_config, precision):
    cpu = TransformersEncoder(encoder_config(model=str(bert_folder))).encode(TEXTS)
    gpu = TransformersEncoder(encoder_config(model=str(bert_folder), device="cuda", precision=precision)).encode(TEXTS)
    np.testing.assert_allclose(gpu, cpu, atol=1e-3 if precision == "fp32" else 0.05)

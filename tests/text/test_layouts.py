"""Folders as sentence-transformers, transformers and model2vec write them give the vectors of their own formulas."""

import json
import shutil

import numpy as np
import pytest

from pathlore.errors import PathloreError
from pathlore.text.model_folder import read_layout
from pathlore.text.static_encoder import StaticEncoder
from pathlore.text.transformers_encoder import TransformersEncoder

TEXTS = ["interferon activates the receptor kinase jak1", "kinase", "a protein of the cell membrane binds the gene"]
NAMES = "sentence_transformers.models."


def laid_out(source, target, modules, pooling=None, **files):
    """A copy of a plain folder with the files of sentence-transformers around it."""
    shutil.copytree(source, target)
    parts = [{"idx": i, "name": str(i), "path": path, "type": NAMES + kind} for i, (kind, path) in enumerate(modules)]
    (target / "modules.json").write_text(json.dumps(parts))
    if pooling:
        (target / "1_Pooling").mkdir()
        (target / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 32} | pooling))
    for name, content in files.items():
        (target / f"{name}.json").write_text(json.dumps(content))
    return target


def states(folder, text, before="", max_tokens=40):
    """Hidden states of one text by plain transformers, and the ids."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    ids = AutoTokenizer.from_pretrained(folder)(before + text)["input_ids"][:max_tokens]
    with torch.no_grad():
        return AutoModel.from_pretrained(folder).eval()(torch.tensor([ids])).last_hidden_state[0].numpy(), ids


def encoded(encoder_config, folder, texts=TEXTS, **changes):
    config = encoder_config(**({"model": str(folder), "pooling": "auto", "max_tokens": 40} | changes))
    return TransformersEncoder(config).encode(texts)


PLACES = np.arange(1, 41)[:, None]
POOLED = {
    "mean": lambda h: h.mean(0),
    "cls": lambda h: h[0],
    "max": lambda h: h.max(0),
    "lasttoken": lambda h: h[-1],
    "mean_sqrt_len_tokens": lambda h: h.sum(0) / np.sqrt(len(h)),
    "weightedmean": lambda h: (h * PLACES[: len(h)]).sum(0) / PLACES[: len(h)].sum(),
}
OLD = {
    "mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token", "max": "pooling_mode_max_tokens",
    "lasttoken": "pooling_mode_lasttoken", "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens",
    "weightedmean": "pooling_mode_weightedmean_tokens",
}  # fmt: skip


@pytest.mark.parametrize("mode", POOLED)
@pytest.mark.parametrize("form", ["old", "new"])
def test_the_pooling_of_the_folder(bert_folder, encoder_config, tmp_path, mode, form):
    pooling = {name: name == OLD[mode] for name in OLD.values()} if form == "old" else {"pooling_mode": mode}
    folder = laid_out(bert_folder, tmp_path / "m", [("Transformer", ""), ("Pooling", "1_Pooling")], pooling)
    expected = np.stack([POOLED[mode](states(bert_folder, text)[0]) for text in TEXTS])
    np.testing.assert_allclose(encoded(encoder_config, folder), expected, atol=1e-5)


def test_several_poolings_unit_length_and_what_the_user_says(bert_folder, encoder_config, tmp_path):
    modules = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
    folder = laid_out(bert_folder, tmp_path / "m", modules, {OLD["mean"]: True, OLD["cls"]: True})
    hidden = [states(bert_folder, text)[0] for text in TEXTS]
    expected = np.stack([np.concatenate([h[0], h.mean(0)]) for h in hidden])
    lengths = np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(encoded(encoder_config, folder), expected / lengths, atol=1e-5)
    np.testing.assert_allclose(encoded(encoder_config, folder, normalise="none"), expected, atol=1e-5)
    own = encoded(encoder_config, folder, pooling="max", normalise="none")
    np.testing.assert_allclose(own, np.stack([h.max(0) for h in hidden]), atol=1e-5)


def test_layers_on_top_in_a_folder_of_parts(bert_folder, encoder_config, tmp_path):
    """As older models are saved: the transformer in a folder of its own, a dense layer and a layer norm after it."""
    import torch
    from safetensors.torch import save_file

    folder = tmp_path / "m"
    modules = [
        ("Transformer", "0_Transformer"),
        ("Pooling", "1_Pooling"),
        ("Dense", "2_Dense"),
        ("LayerNorm", "3_LayerNorm"),
    ]
    (tmp_path / "empty").mkdir()
    laid_out(tmp_path / "empty", folder, modules, {"pooling_mode": "mean"})
    shutil.copytree(bert_folder, folder / "0_Transformer")
    torch.manual_seed(1)
    dense, norm = torch.nn.Linear(32, 5), torch.nn.LayerNorm(5)
    torch.nn.init.normal_(norm.weight)
    about = {
        "in_features": 32,
        "out_features": 5,
        "bias": True,
        "activation_function": "torch.nn.modules.activation.Tanh",
    }
    for name, config, weights in (
        ("2_Dense", about, {f"linear.{k}": v for k, v in dense.state_dict().items()}),
        ("3_LayerNorm", {"dimension": 5}, {f"norm.{k}": v for k, v in norm.state_dict().items()}),
    ):
        (folder / name).mkdir()
        (folder / name / "config.json").write_text(json.dumps(config))
        save_file(weights, folder / name / "model.safetensors")
    pooled = torch.tensor(np.stack([states(bert_folder, text)[0].mean(0) for text in TEXTS]))
    expected = norm(torch.tanh(dense(pooled))).detach().numpy()
    np.testing.assert_allclose(encoded(encoder_config, folder), expected, atol=1e-5)
    before = TransformersEncoder(encoder_config(model=str(folder), pooling="auto")).version()
    save_file({"linear.weight": dense.weight * 2, "linear.bias": dense.bias}, folder / "2_Dense" / "model.safetensors")
    assert TransformersEncoder(encoder_config(model=str(folder), pooling="auto")).version() != before
    (folder / "2_Dense" / "config.json").write_text(json.dumps(about | {"activation_function": "evil.Run"}))
    with pytest.raises(PathloreError, match=r"evil\.Run is not read"):
        encoded(encoder_config, folder)


def test_the_prompt_of_the_folder_and_that_of_the_user(bert_folder, encoder_config, tmp_path):
    modules = [("Transformer", ""), ("Pooling", "1_Pooling")]
    prompts = {"prompts": {"document": "the gene "}, "default_prompt_name": "document"}
    pooling = {"pooling_mode": "mean", "include_prompt": False}
    folder = laid_out(bert_folder, tmp_path / "m", modules, pooling, config_sentence_transformers=prompts)
    hidden = [states(bert_folder, text, "the gene ")[0] for text in TEXTS]
    expected = np.stack([h[3:].mean(0) for h in hidden])  # without [CLS] and the two words of the prompt
    np.testing.assert_allclose(encoded(encoder_config, folder), expected, atol=1e-5)
    plain = encoded(encoder_config, bert_folder, prompt="the gene ")
    np.testing.assert_allclose(plain, np.stack([h.mean(0) for h in hidden]), atol=1e-5)
    bare = np.stack([states(bert_folder, text)[0].mean(0) for text in TEXTS])
    np.testing.assert_allclose(encoded(encoder_config, folder, prompt=""), bare, atol=1e-5)


def test_a_long_text_is_read_whole_in_windows(bert_folder, encoder_config):
    """Eleven words in windows of 8 tokens: six and five words, each between [CLS] and [SEP]."""
    words = ["interferon", "activates", "the", "receptor", "kinase", "jak1", "a", "protein", "of", "the", "cell"]
    halves = [states(bert_folder, " ".join(part))[0] for part in (words[:6], words[6:])]
    expected = np.concatenate(halves).mean(0)
    texts = ["kinase", " ".join(words)]
    found = encoded(encoder_config, bert_folder, texts, max_tokens=8)
    np.testing.assert_allclose(found[1], expected, atol=1e-5)
    np.testing.assert_allclose(found[0], states(bert_folder, "kinase")[0].mean(0), atol=1e-5)
    largest = encoded(encoder_config, bert_folder, texts, max_tokens=8, pooling="max")[1]
    np.testing.assert_allclose(largest, np.concatenate(halves).max(0), atol=1e-5)
    cut = TransformersEncoder(encoder_config(model=str(bert_folder), max_tokens=8, long_texts="cut"))
    np.testing.assert_allclose(cut.encode(texts)[1], halves[0].mean(0), atol=1e-5)
    assert (cut.truncated(texts), cut.n_tokens(texts)) == (1, 3 + 8)


def test_the_models_own_longest_text_and_lowercase(bert_folder, encoder_config, tmp_path):
    modules = [("Transformer", ""), ("Pooling", "1_Pooling")]
    about = {"max_seq_length": 8, "do_lower_case": True}
    folder = laid_out(bert_folder, tmp_path / "m", modules, {"pooling_mode": "mean"}, sentence_bert_config=about)
    text = "interferon activates the receptor kinase jak1 a protein of the cell"
    short = encoded(encoder_config, bert_folder, [text], max_tokens=8)
    np.testing.assert_allclose(encoded(encoder_config, folder, [text.upper()]), short, atol=1e-5)


def test_weights_drawn_by_a_seed(bert_folder, encoder_config):
    one, same, other = (encoded(encoder_config, bert_folder, weights="random", seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.01
    assert np.abs(one - encoded(encoder_config, bert_folder)).max() > 0.01


def test_modernbert(bert_folder, encoder_config, tmp_path):
    import torch
    from transformers import AutoTokenizer, ModernBertConfig, ModernBertModel

    tokenizer = AutoTokenizer.from_pretrained(bert_folder)
    tokenizer.save_pretrained(tmp_path)
    torch.manual_seed(3)
    config = ModernBertConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=64, pad_token_id=0, cls_token_id=2, sep_token_id=3, bos_token_id=2, eos_token_id=3,
    )  # fmt: skip
    ModernBertModel(config).save_pretrained(tmp_path)
    expected = np.stack([states(tmp_path, text)[0][0] for text in TEXTS])
    np.testing.assert_allclose(encoded(encoder_config, tmp_path, pooling="cls"), expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["custom_st.Transformer", "sentence_transformers.models.CNN"])
def test_modules_with_code_of_their_own_are_refused(bert_folder, encoder_config, tmp_path, kind):
    folder = laid_out(bert_folder, tmp_path / "m", [])
    (folder / "modules.json").write_text(json.dumps([{"idx": 0, "name": "0", "path": "", "type": kind}]))
    with pytest.raises(PathloreError, match="no code of a model is run"):
        encoded(encoder_config, folder)


def test_code_of_the_repository_is_refused(bert_folder, encoder_config, tmp_path):
    folder = shutil.copytree(bert_folder, tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    own = {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}}
    (folder / "config.json").write_text(json.dumps(config | own))
    (folder / "evil.py").write_text("raise SystemExit('it ran')")
    with pytest.raises(PathloreError, match="cannot load encoder"):
        encoded(encoder_config, folder)


@pytest.fixture
def static_folder(tmp_path):
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {word: i for i, word in enumerate(["[UNK]", "gene", "kinase", "binds", "the"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    rng = np.random.default_rng(0)
    table = rng.normal(size=(5, 6)).astype(np.float32)

    def make(name, tensors, **files):
        folder = tmp_path / name
        folder.mkdir()
        tokenizer.save(str(folder / "tokenizer.json"))
        save_file(tensors, folder / "model.safetensors")
        for file, content in files.items():
            (folder / f"{file}.json").write_text(json.dumps(content))
        return folder

    return make, table


STATIC_TEXTS = ["gene binds the kinase", "gene nothing", "nothing", ""]


def test_static_embeddings_of_sentence_transformers(static_folder, encoder_config):
    make, table = static_folder
    modules = [{"idx": 0, "name": "0", "path": "", "type": NAMES + "StaticEmbedding"}]
    folder = make("st", {"embedding.weight": table.astype(np.float16)}, modules=modules)
    encoder = StaticEncoder(encoder_config(kind="static", model=str(folder)))
    half = table.astype(np.float16).astype(np.float32)
    expected = [half[[1, 3, 4, 2]].mean(0), half[[1, 0]].mean(0), half[0], np.zeros(6)]
    np.testing.assert_allclose(encoder.encode(STATIC_TEXTS), expected, atol=1e-6)
    unit = StaticEncoder(encoder_config(kind="static", model=str(folder), normalise="unit"))
    np.testing.assert_allclose(np.linalg.norm(unit.encode(STATIC_TEXTS), axis=1), [1, 1, 1, 0], atol=1e-6)
    assert unit.version() != encoder.version()
    with pytest.raises(PathloreError, match=r"`text_embedding\.encoder\.kind` to static"):
        encoded(encoder_config, folder)


def test_static_embeddings_of_model2vec(static_folder, encoder_config):
    """Unknown tokens are left out, tokens share rows and have weights, and vectors have unit length."""
    make, table = static_folder
    weights, rows = np.array([1, 2, 0.5, 1, 3], dtype=np.float32), np.array([0, 1, 1, 2, 0])
    tensors = {"embeddings": table[:3], "weights": weights, "mapping": rows}
    folder = make("m2v", tensors, config={"model_type": "model2vec", "normalize": True})
    found = StaticEncoder(encoder_config(kind="static", model=str(folder))).encode(STATIC_TEXTS)
    whole = (table[rows] * weights[:, None])[[1, 3, 4, 2]].mean(0)
    np.testing.assert_allclose(found[0], whole / np.linalg.norm(whole), atol=1e-5)
    np.testing.assert_allclose(found[1], table[1] / np.linalg.norm(table[1]), atol=1e-5)
    assert not found[2:].any()


def test_static_embeddings_in_the_folders_of_a_package(static_folder, encoder_config, monkeypatch):
    """Weights and tokenizer in folders of their own, as a package may ship them."""
    make, table = static_folder
    flat = make("flat", {"embedding.weight": table})
    folder = flat.parent / "package"
    for name, file in (("weights", "model.safetensors"), ("tokenizers", "tokenizer.json")):
        (folder / name).mkdir(parents=True)
        shutil.move(flat / file, folder / name / file)
    monkeypatch.setattr("pathlore.text.static_encoder.model_folder", lambda model, revision: folder)
    encoder = StaticEncoder(encoder_config(kind="static", model="a-preset"))
    np.testing.assert_allclose(encoder.encode(STATIC_TEXTS)[0], table[[1, 3, 4, 2]].mean(0), atol=1e-6)
    before = encoder.version()
    changed = bytearray((folder / "weights" / "model.safetensors").read_bytes())
    changed[-1] ^= 1
    (folder / "weights" / "model.safetensors").write_bytes(changed)
    assert StaticEncoder(encoder_config(kind="static", model="a-preset")).version() != before


def test_a_folder_without_modules_says_nothing(bert_folder):
    layout = read_layout(bert_folder)
    assert (layout.body, layout.pooling, layout.normalised, layout.static) == (bert_folder, (), None, False)

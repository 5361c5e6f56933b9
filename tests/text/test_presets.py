import importlib.machinery
import re
from pathlib import Path

import pytest

from pathlore.config import EncoderConfig
from pathlore.errors import PathloreError
from pathlore.text import presets
from pathlore.text.encoders import make_encoder
from pathlore.text.model_folder import model_folder
from pathlore.text.presets import PRESETS, Preset

PAGE = Path(__file__).parents[2] / "docs" / "text-models.md"


@pytest.fixture
def offline(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


def package(monkeypatch, tmp_path, digest, content=b"weights"):
    """A package that ships a model, and a preset that names it."""
    (tmp_path / "shipped" / "model").mkdir(parents=True)
    (tmp_path / "shipped" / "model" / "model.safetensors").write_bytes(content)
    spec = importlib.machinery.ModuleSpec("shipped", None, is_package=True)
    spec.submodule_search_locations.append(str(tmp_path / "shipped"))
    monkeypatch.setattr(presets, "find_spec", lambda name: spec if name == "shipped" else None)
    about = {"hub": "a/b", "width": 4, "megabytes": 1, "licence": "MIT", "known_for": ""}
    own = Preset(**about, package=("shipped", "model"), extra="x", digests=(("model.safetensors", digest),))
    monkeypatch.setitem(PRESETS, "own", own)


def test_a_package_that_ships_the_model_is_used_and_its_weights_are_checked(monkeypatch, tmp_path, offline):
    import hashlib

    package(monkeypatch, tmp_path, hashlib.sha256(b"weights").hexdigest())
    assert model_folder("own", None) == tmp_path / "shipped" / "model"
    (tmp_path / "shipped" / "model" / "model.safetensors").write_bytes(b"others")
    with pytest.raises(PathloreError, match=r"model\.safetensors of the package shipped has the SHA-256"):
        model_folder("own", None)


@pytest.mark.parametrize("name", ["pubmedbert", "medcpt", "minilm"])
def test_nothing_is_fetched_offline_and_the_line_that_does_is_named(monkeypatch, offline, name):
    monkeypatch.setattr(presets, "find_spec", lambda name: None)
    with pytest.raises(PathloreError, match=re.escape(f"`{PRESETS[name].download()}` fetches it")):
        model_folder(name, None)


def test_the_presets_commit_is_asked_for(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(
        "huggingface_hub.try_to_load_from_cache", lambda model, file, revision: asked.append((model, revision))
    )
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for model in ("pubmedbert", PRESETS["pubmedbert"].hub, "some/other"):
        with pytest.raises(PathloreError, match="offline"):
            model_folder(model, None)
    commit = PRESETS["pubmedbert"].revision
    assert asked == [(PRESETS["pubmedbert"].hub, commit)] * 2 + [("some/other", None)]


def test_an_unknown_name_lists_them():
    with pytest.raises(PathloreError, match=r"minilm, wordllama, .*did you mean medcpt\?.*encoder\.model"):
        model_folder("medcptt", None)


def test_a_restricted_licence_is_said(caplog, offline):
    with pytest.raises(PathloreError):
        model_folder("s-pubmedbert", None)
    assert "non-commercial use only" in caplog.text
    caplog.clear()
    with pytest.raises(PathloreError):
        model_folder("pubmedbert", None)
    assert "licence" not in caplog.text


def test_pooling_of_the_preset_where_the_folder_says_nothing(bert_folder, monkeypatch):
    monkeypatch.setattr("pathlore.text.transformers_encoder.model_folder", lambda model, revision: bert_folder)
    found = {name: make_encoder(EncoderConfig(model=name)).version().split(":")[2] for name in ("medcpt", "pubmedbert")}
    assert found == {"medcpt": "cls", "pubmedbert": "mean"}


def test_the_page_shows_every_preset():
    rows = {
        cells[1]: cells for cells in (line.split(" | ") for line in PAGE.read_text().splitlines()) if len(cells) > 6
    }
    for name, own in PRESETS.items():
        row = next(" | ".join(cells) for key, cells in rows.items() if key == f"`{own.hub}`")
        assert row.startswith(f"| `{name}`")
        for shown in (str(own.width), f"{own.megabytes} MB", own.pooling, own.licence, own.download()):
            assert shown in row, (name, shown)
        assert not own.restricted or own.restricted in row

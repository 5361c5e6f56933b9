import shutil
from types import SimpleNamespace

import pytest

from pathlore.errors import PathloreError
from pathlore.text.model_folder import folder_hash, model_folder

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def hub_cache(tmp_path, monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def put_into(cache, folder):
    model = cache / "models--some--model"
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text(COMMIT)
    return shutil.copytree(folder, model / "snapshots" / COMMIT)


def hub_with(monkeypatch, *names):
    info = SimpleNamespace(siblings=[SimpleNamespace(rfilename=name) for name in names], sha=COMMIT)
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda self, *args, **options: info)


@pytest.mark.parametrize("offline", ["1", "true", None])
def test_offline_message(hub_cache, monkeypatch, offline):
    """With the switch, and without it where no socket can be opened (pytest-socket)."""
    if offline:
        monkeypatch.setenv("HF_HUB_OFFLINE", offline)
    with pytest.raises(PathloreError, match="cannot load encoder some/model offline") as caught:
        model_folder("some/model", None)
    message = str(caught.value)
    assert "put the model's folder path into `text_embedding.encoder.model` or use `kind: lsa`" in message
    assert "\n" not in message
    assert ("HF_HUB_OFFLINE is set" in message) == bool(offline)


@pytest.mark.parametrize("revision", [None, "main", COMMIT])
@pytest.mark.parametrize("offline", [True, False])
def test_local_cache_is_used_without_the_network(hub_cache, bert_folder, monkeypatch, revision, offline):
    if offline:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    snapshot = put_into(hub_cache, bert_folder)
    assert model_folder("some/model", revision) == snapshot
    assert folder_hash(snapshot) == folder_hash(bert_folder)


def test_another_revision_is_not_taken_from_the_cache(hub_cache, bert_folder):
    put_into(hub_cache, bert_folder)
    with pytest.raises(PathloreError, match="offline"):
        model_folder("some/model", "f" * 40)


def test_an_unfinished_download_is_not_used(hub_cache, bert_folder):
    (put_into(hub_cache, bert_folder) / "model.safetensors").unlink()
    with pytest.raises(PathloreError, match="offline"):
        model_folder("some/model", None)


def test_download_once_asked_for_what_is_read(hub_cache, bert_folder, monkeypatch):
    calls = []

    def snapshot_download(model, **options):
        calls.append((model, options))
        return str(bert_folder)

    hub_with(monkeypatch, "config.json", "model.safetensors", "pytorch_model.bin")
    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    assert model_folder("some/model", COMMIT) == bert_folder
    [(model, options)] = calls
    assert model == "some/model"
    assert options["revision"] == COMMIT
    assert "*.safetensors" in options["allow_patterns"]
    assert not any(pattern.endswith((".bin", ".py")) for pattern in options["allow_patterns"])


def test_broken_download(hub_cache, monkeypatch):
    def snapshot_download(model, **options):
        raise ConnectionError

    hub_with(monkeypatch, "config.json", "model.safetensors")
    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    with pytest.raises(PathloreError, match="the download stopped: ConnectionError"):
        model_folder("some/model", None)


def test_model_without_weights_that_are_read(hub_cache, monkeypatch):
    hub_with(monkeypatch, "config.json", "flax_model.msgpack", "vocab.txt")
    with pytest.raises(PathloreError, match=r"found: flax_model\.msgpack.*text_embedding\.encoder\.revision"):
        model_folder("some/model", None)


def test_unknown_revision(hub_cache, monkeypatch):
    import httpx2
    from huggingface_hub.errors import RevisionNotFoundError

    def model_info(self, *args, **options):
        response = httpx2.Response(404, request=httpx2.Request("GET", "https://example.org"))
        raise RevisionNotFoundError("no", response=response)

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", model_info)
    with pytest.raises(PathloreError, match=r"no model some/model with revision v9.*encoder\.revision"):
        model_folder("some/model", "v9")


@pytest.mark.parametrize("model", ["/no/such/folder", "./here", "a/b/c", "no spaces/please", ""])
def test_neither_folder_nor_identifier(hub_cache, model, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PathloreError, match=r"`text_embedding\.encoder\.model`"):
        model_folder(model, None)


@pytest.mark.parametrize(("name", "reason"), [("config.json", "no config.json"), ("model.safetensors", "no weights")])
def test_incomplete_folder(bert_folder, tmp_path, name, reason):
    copy = shutil.copytree(bert_folder, tmp_path / "copy")
    (copy / name).unlink()
    with pytest.raises(PathloreError, match=reason):
        model_folder(str(copy), None)

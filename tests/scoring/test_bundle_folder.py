"""A bundle on disk is whole, is checked, and gives the same numbers."""

import hashlib
import json
import shutil

import numpy as np
import pandas as pd
import pytest
import torch

from pathlore.errors import PathloreError
from pathlore.files import MARKER
from pathlore.scoring import read_bundle, score, write_bundle
from pathlore.scoring.folder import CHECKSUMS, FILES, INDEX


@pytest.fixture
def folder(bundle, tmp_path):
    write_bundle(bundle, tmp_path / "bundles" / "pooled")
    return tmp_path / "bundles" / "pooled"


def seal(folder):
    """Write the checksums anew, as somebody would who changes a bundle on purpose."""
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    (folder / CHECKSUMS).write_text(json.dumps(sums))


def test_it_comes_back_to_the_last_bit(bundle, folder, cells):
    again = read_bundle(folder)
    assert again.facts == bundle.facts
    assert again.model.genes == bundle.model.genes
    assert again.model.paths == bundle.model.paths
    assert again.model.state.keys() == bundle.model.state.keys()
    assert all(torch.equal(value, bundle.model.state[name]) for name, value in again.model.state.items())
    for name in ("genes", "paths", "gene_names"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(bundle, name), check_dtype=False)
    np.testing.assert_array_equal(score(again, cells).parts.logits, score(bundle, cells).parts.logits)
    np.testing.assert_array_equal(read_bundle(folder / INDEX).path_weight, bundle.path_weight)


def test_it_holds_these_files_and_no_pickle(folder):
    assert {path.name for path in folder.iterdir()} == {*FILES, CHECKSUMS, MARKER}
    assert not [path for path in folder.iterdir() if path.read_bytes()[:1] == b"\x80" or path.suffix in (".pkl", ".pt")]
    assert [path.name for path in folder.parent.iterdir()] == ["pooled"]


@pytest.mark.parametrize("name", [*FILES, CHECKSUMS])
@pytest.mark.parametrize("damage", ["changed", "cut", "missing"])
def test_any_damage_is_found_and_the_file_is_named(folder, name, damage):
    path = folder / name
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(content[:-7] if damage == "cut" else content.replace(content[9:10], b"\x00"))
    with pytest.raises(PathloreError) as caught:
        read_bundle(folder)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_format_is_refused(folder):
    index = json.loads((folder / INDEX).read_text())
    (folder / INDEX).write_text(json.dumps({**index, "format": 3}))
    seal(folder)
    with pytest.raises(PathloreError, match=r"is of format 3, format 2 was expected"):
        read_bundle(folder)


@pytest.mark.parametrize("change", [{"extra": 1}, {"class_names": "case"}], ids=str)
def test_an_index_of_another_shape_is_refused(folder, change):
    index = json.loads((folder / INDEX).read_text())
    (folder / INDEX).write_text(json.dumps({**index, **change}))
    seal(folder)
    with pytest.raises(PathloreError, match=r"bundle\.json .* damaged"):
        read_bundle(folder)


def test_names_that_do_not_fit_the_weights_are_refused(folder):
    table = pd.read_csv(folder / "genes.csv").iloc[:-1]
    table.to_csv(folder / "genes.csv", index=False)
    seal(folder)
    with pytest.raises(PathloreError, match="different lengths"):
        read_bundle(folder)


def test_no_bundle_at_all(tmp_path):
    with pytest.raises(PathloreError, match="runtime parameter `bundle`"):
        read_bundle(tmp_path)


def test_it_takes_the_place_of_an_older_one_and_of_nothing_else(bundle, folder):
    (folder / "MODEL_CARD.md").write_text("old")
    write_bundle(bundle, folder)
    read_bundle(folder)
    other = folder.parent / "letters"
    other.mkdir()
    (other / "dear.txt").write_text("mine")
    with pytest.raises(PathloreError, match="something else than a bundle"):
        write_bundle(bundle, other)
    assert (other / "dear.txt").read_text() == "mine"


def test_a_write_that_fails_leaves_the_old_one(bundle, folder, monkeypatch):
    def fail(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr("pathlore.scoring.folder.model_card", fail)
    with pytest.raises(OSError, match="disk full"):
        write_bundle(bundle, folder)
    read_bundle(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["pooled"]


def test_a_copy_elsewhere_is_the_same(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "elsewhere")
    assert read_bundle(str(tmp_path / "elsewhere")).facts == read_bundle(folder).facts


def test_the_card_says_what_a_user_must_know(bundle, folder):
    card = (folder / "MODEL_CARD.md").read_text()
    test = next(row for row in bundle.facts.metrics if (row.method, row.metric) == ("pathlore", "auroc"))
    for text in ("control or case", f"{test.value:.3f}", "majority", "Whole donors were held out", "no diagnosis"):
        assert text in card
    assert bundle.paths.sort_values("rank")["route"].iloc[0] in card
    assert "training mean replaces a missing gene" in card


def test_facts_are_those_of_the_run(bundle):
    facts = bundle.facts
    assert (facts.split_by, facts.species, facts.scale) == ("donor", "human", "counts")
    assert facts.splits["train"].donors == [f"old donor {i}" for i in range(6)]
    assert facts.splits["test"].per_class == {"control": 10, "case": 10}
    assert facts.calibration.n_donors == 2
    assert "none of their donors trained" in facts.calibration.note
    assert list(bundle.paths.sort_values("rank")["importance"]) == sorted(bundle.model.importance, reverse=True)

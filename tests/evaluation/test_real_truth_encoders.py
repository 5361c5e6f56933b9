"""Text models compared on experiments with a known ligand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pathlore.config import EncoderConfig, EvaluationParameters, TruthConfig, TuningConfig
from pathlore.errors import PathloreError
from pathlore.evaluation.real_truth.encoders import (
    Chosen,
    compare_encoders,
    encoders_of,
    held_out_genes,
    nested_choice,
    pathway_texts,
)
from pathlore.schemas import RealTruthEncoders
from pathlore.signals.inputs import described_texts, load_network
from pathlore.signals.profiles import TEXT, make_profiles
from pathlore.signals.rank import receptor_scores
from pathlore.signals.truth.experiments import read_experiments
from pathlore.signals.truth.judge import per_ligand, per_signature

LSA = EncoderConfig(kind="lsa", dimension=32)
SIGNATURES = {
    "a": ("IFNB1", "MX1 ISG15 IFIT1 IRF7 STAT1 OAS1"),
    "b": ("TNF", "NFKBIA TNFAIP3 CXCL8 ICAM1 CCL2 BIRC3"),
    "c": ("TGFB1", "SERPINE1 SMAD7 COL1A1 ACTA2 CCN2"),
}


def axis(**variants):
    changed = {name: {f"text_embedding.encoder.{k}": v for k, v in own.items()} for name, own in variants.items()}
    return EvaluationParameters(axes=["encoders"], variants={"encoders": changed})


def test_the_encoders_of_the_axis_inherit_from_the_runs_own():
    found = encoders_of(axis(wide={"dimension": 64}, nothing={"kind": "zero"}), LSA)
    assert list(found) == ["encoder", "wide", "nothing"]
    wide = found["wide"].encoder
    assert (wide.kind, wide.dimension, found["encoder"].encoder.dimension) == ("lsa", 64, 32)
    tuned = {"encoders": {"t": {"text_embedding.tuning.kind": "linear"}}}
    changed = encoders_of(EvaluationParameters(axes=["encoders"], variants=tuned), LSA)
    assert [name for name, own in changed.items() if own.tuned] == ["t"]
    assert changed["t"].encoder == LSA
    off = axis(wide={"dimension": 64}).model_copy(update={"axes": []})
    assert "encoders" not in off.quick.axes
    assert encoders_of(off.model_copy(update={"size": "quick"}), LSA) == {}
    with pytest.raises(PathloreError, match=r"evaluation\.variants\.encoders\.x.*dimension"):
        encoders_of(axis(x={"dimension": 0}), LSA)


def signature(name, family, auroc):
    return {"signature": name, "ligand": name, "family": family, "auroc": auroc, "best_rank": 1}


def test_a_family_has_no_say_in_its_own_encoder():
    """`b` is best on all families together, and on each pair of others but those of x."""
    a = pd.DataFrame([signature("1", "x", 0.1), signature("2", "y", 0.8), signature("3", "z", 0.8)])
    b = pd.DataFrame([signature("1", "x", 0.9), signature("2", "y", 0.7), signature("3", "z", 0.7)])
    found, note = nested_choice({"a": a, "b": b})
    assert found.set_index("family")["auroc"].to_dict() == {"x": 0.1, "y": 0.7, "z": 0.7}
    assert note == "chosen: b 2x, a 1x"


def test_one_hot_pathways_are_those_that_an_association_names():
    network = pd.DataFrame({"source": ["A", "B", "C"], "target": ["B", "C", "D"], "pathway": ["p;q", "p", None]})
    texts = pathway_texts(network)
    assert texts.genes == ["A", "B", "C"]
    member = np.array([[1.0, 1], [1, 1], [1, 0]])
    centred = member - member.mean(0)
    np.testing.assert_allclose(texts.vectors, centred / np.linalg.norm(centred, axis=1, keepdims=True), atol=1e-6)
    assert pathway_texts(network.assign(pathway=None)) is None


@pytest.fixture(scope="module")
def compared():
    rows = [(name, given, gene) for name, (given, genes) in SIGNATURES.items() for gene in genes.split()]
    experiments = read_experiments({"sets.csv": pd.DataFrame(rows, columns=["signature", "ligand", "gene"])})
    network = load_network("builtin")
    told = sorted(set(network["source"]) | set(network["target"]))
    words = ["interferon", "inflammation", "fibrosis", "growth"]
    descriptions = [f"{words[len(gene) % 4]} {words[ord(gene[0]) % 4]} protein {gene}" for gene in told]
    annotations = pd.DataFrame({"symbol": told, "name": "", "description": descriptions})
    chosen = {
        "encoder": Chosen(LSA),
        "random": Chosen(EncoderConfig(kind="random")),
        "wide": Chosen(LSA.model_copy(update={"dimension": 48})),
        "gone": Chosen(EncoderConfig(kind="vectors", model="/no/such/file.csv")),
        "symbols": Chosen(LSA.model_copy(update={"terms": "symbols"})),
        "tuned": Chosen(LSA, TuningConfig(kind="linear", epochs=2)),
    }
    config = TruthConfig(draws=2, resamples=100)
    return compare_encoders(experiments, network, annotations, chosen, config), experiments, network, annotations


def test_each_model_is_judged_on_the_same_network(compared):
    table, [source], network, annotations = compared
    RealTruthEncoders.validate(table)
    rows = table.set_index(["model", "data", "unit"])
    profiles = replace(make_profiles(network, []), texts=[described_texts(annotations, LSA)])
    made = receptor_scores(profiles, source.effects)
    columns = source.effects.columns
    labels = source.truth(network, profiles.receptors), source.ligands[columns], source.families[columns]
    for unit, scores in (("alone", made.parts[TEXT]), ("with_network", made.score)):
        expected = per_ligand(per_signature(scores, *labels))["auroc"].mean()
        for data in ("sets", "all"):
            assert rows.loc[("encoder", data, unit), "auroc"] == pytest.approx(expected)
        assert np.isnan(rows.loc[("encoder", "all", unit), "gain"])
        gain = rows.loc[("wide", "all", unit), "auroc"] - expected
        assert rows.loc[("wide", "all", unit), "gain"] == pytest.approx(gain)
    assert set(table["model"]) == {
        "encoder", "random", "wide", "symbols", "encoder + symbols",
        "no_text", "one_hot_pathway", "permuted", "network_vectors",
        "chosen_on_other_families", "gone", "tuned",
    }  # fmt: skip
    assert ("no_text", "all", "alone") not in rows.index
    assert rows.loc[("encoder", "all", "alone"), "seconds"] > 0
    assert rows.loc[("wide", "all", "alone"), "width"] == 48
    [note] = table.loc[table["model"] == "gone", "note"]
    assert "no such file" in note
    assert table.loc[table["model"] == "gone", "auroc"].isna().all()
    assert rows.loc[("tuned", "all", "alone"), "n"] == 3
    assert rows.loc[("tuned", "all", "alone"), "note"].count("held-out loss") == 3, "three families, each held out once"
    chosen = rows.loc[("chosen_on_other_families", "all", "with_network")]
    assert chosen["note"].startswith("chosen: ")


def test_the_runs_own_encoder_has_to_be_there(compared):
    _, experiments, network, annotations = compared
    gone = EncoderConfig(kind="vectors", model="/no/such/file.csv")
    with pytest.raises(PathloreError, match="no such file"):
        compare_encoders(experiments, network, annotations, {"encoder": Chosen(gone)}, TruthConfig())


def test_controls_are_never_part_of_a_pair():
    meaningless = [EncoderConfig(kind="random"), EncoderConfig(kind="zero"), EncoderConfig(weights="random")]
    assert all(Chosen(own).control for own in meaningless)
    assert not Chosen(LSA).control


def test_a_family_is_held_out_with_all_its_ligands_and_their_receptors(compared):
    _, experiments, network, _ = compared
    hidden = held_out_genes(network, experiments, {"interferon"})
    assert {"IFNB1", "IFNG", "IFNAR1", "IFNAR2", "IFNGR1"} <= hidden, "IFNG was not given, but is of the family"
    assert not {"TNF", "TNFRSF1A", "TGFB1", "STAT1", "MX1"} & hidden

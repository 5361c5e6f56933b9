import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

import pathlore
from pathlore import rank_ligands, rank_receptors
from pathlore.config import EncoderConfig
from pathlore.errors import PathloreError
from pathlore.resources.annotations import read_annotations
from pathlore.resources.given import GENES, given_tables
from pathlore.signals import load_profiles, rank
from pathlore.signals.inputs import load_network, text_kinds
from pathlore.signals.profiles import make_profiles
from pathlore.signals.rank import receptor_scores
from pathlore.signals.scores import sampled_p
from pathlore.signals.truth import read_experiments
from pathlore.signals.truth.judge import per_ligand, per_signature

INTERFERON = {"STAT1": 6.0, "MX1": 9.0, "ISG15": 8.0, "IRF7": 5.0, "IFIT1": 9.0, "OAS1": 7.0, "ACTB": 0.1, "MYC": -2.0}
COLUMNS = [
    "receptor", "ligands", "score", "walk", "network", "text", "specific", "p", "p_family", "rank", "reaches_tf",
    "complex", "rank_without_text", "genes",
]  # fmt: skip


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    return load_profiles(cache=tmp_path_factory.mktemp("vectors"))


def test_interferon_genes_name_the_interferon_receptor(atlas):
    table = rank_receptors(pd.Series(INTERFERON), network=atlas)
    assert list(table) == COLUMNS
    assert set(table["receptor"].iloc[:2]) == {"IFNAR1", "IFNAR2"}
    assert table["rank"].is_monotonic_increasing
    assert len(table) == len(atlas.receptors)
    first = table.iloc[0]
    assert first["complex"] == "IFNAR1+IFNAR2"
    assert "IFNB1" in first["ligands"].split(";")
    assert set(first["genes"].split(",")) <= {gene for gene, t in INTERFERON.items() if t > 0}
    assert np.isfinite(table[["score", "walk", "network", "text"]]).all(axis=None)
    assert table["specific"].isna().all()
    assert table["p"].isna().all()
    assert set(rank_ligands(pd.Series(INTERFERON), network=atlas)["ligand"].iloc[:3]) >= {"IFNA2", "IFNB1"}


def test_receptors_out_of_reach_are_marked_and_not_last(atlas):
    table = rank_receptors(pd.Series(INTERFERON), network=atlas)
    out = table[~table["reaches_tf"]]
    assert len(out) == (~atlas.reaches_tf).sum()
    assert (out["walk"] == 0).all()
    assert out["rank"].min() < len(table) / 3


def test_names_of_genes_mouse_letters_and_several_signatures_agree(atlas):
    human = rank_receptors([gene for gene, t in INTERFERON.items() if t > 1], network=atlas)
    mouse = rank_receptors([gene.capitalize() for gene, t in INTERFERON.items() if t > 1], network=atlas)
    pd.testing.assert_frame_equal(human, mouse)
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.normal(size=(500, 3)), index=atlas.genes[:500], columns=["a", "b", "c"])
    wide.loc[wide.index[:40], "c"] = np.nan
    several = rank_receptors(wide, network=atlas)
    assert several["signature"].unique().tolist() == ["a", "b", "c"]
    for name in wide:
        alone = rank_receptors(wide[name].dropna(), network=atlas)
        own = several[several["signature"] == name].drop(columns="signature").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, alone)


def test_what_became_silent_is_what_became_active_with_signs_turned(atlas):
    effects = pd.Series(np.random.default_rng(0).normal(size=400), index=atlas.genes[:400])
    down = rank_receptors(effects, network=atlas, direction="down")
    pd.testing.assert_frame_equal(down, rank_receptors(-effects, network=atlas))


def test_leaving_text_out_is_what_its_column_says(atlas):
    effects = pd.Series(INTERFERON)
    table = rank_receptors(effects, network=atlas).set_index("receptor")
    without = rank_receptors(effects, texts=None, cache=None).set_index("receptor")
    assert without["text"].isna().all()
    assert table["rank_without_text"].to_dict() == without["rank"].to_dict()


def test_texts_and_encoders_of_the_user(atlas):
    class Words:
        cacheable = True

        def version(self):
            return "words:1"

        def encode(self, texts):
            return np.array(
                [[text.count("interferon"), text.count("insulin"), 1.0] for text in texts], dtype=np.float32
            )

        def truncated(self, texts):
            return 0

    genes = sorted({*INTERFERON, "IFNAR1", "INSR", "INS", "IRS1"})
    table = pd.DataFrame(
        {"symbol": genes, "description": ["insulin acts here" if g[:2] == "IN" or g == "IRS1" else "interferon acts"
                                          for g in genes]}
    )  # fmt: skip
    found = rank_receptors(pd.Series(INTERFERON), texts=table, encoder=Words(), cache=None).set_index("receptor")
    assert found.loc["IFNAR1", "text"] > found.loc["INSR", "text"]
    both = load_profiles(texts=["builtin", table], cache=None)
    assert len(both.texts) == 2


def test_p_and_specific(atlas, monkeypatch):
    rng = np.random.default_rng(0)
    genes = atlas.genes[:600]
    noise = pd.Series(rng.normal(size=600), index=genes)
    null = rng.normal(size=(40, 600))
    judged = []
    monkeypatch.setattr(rank, "sampled_p", lambda *given: judged.append(given[-1]) or sampled_p(*given))
    table = rank_receptors(noise, network=atlas, null=null)
    assert np.shares_memory(judged[0], null), "of many genes and labellings a copy takes as much as all else"
    assert table["p"].between(1 / 41, 1).all()
    again = rank_receptors(noise, network=atlas, null=pd.DataFrame(null, columns=genes)[genes[::-1]])
    pd.testing.assert_frame_equal(table, again)
    bank = pd.DataFrame(rng.normal(size=(600, 25)), index=genes)
    special = rank_receptors(noise, network=atlas, background=bank)
    assert np.isfinite(special["specific"]).all()
    assert special["p"].between(1 / 26, 1).all()
    sets = {f"set {i}": list(rng.choice(genes, 30)) for i in range(3)}
    assert rank_receptors(noise, network=atlas, background=sets)["p"].isna().all(), "three are no distribution"
    with pytest.raises(PathloreError, match="shape"):
        rank_receptors(noise, network=atlas, null=null[:, :9])
    with pytest.raises(PathloreError, match="one signature"):
        rank_receptors(pd.DataFrame({"a": noise, "b": noise}), network=atlas, null=null)


@pytest.mark.parametrize(
    ("effects", "more", "words"),
    [
        ({"NOTAGENE": 1.0, "NEITHER": 0.1}, {}, "0 are in the network"),
        ({"STAT1": -1.0, "MX1": -2.0}, {}, "direction='down'"),
        (INTERFERON, {"direction": "sideways"}, "sideways"),
        (INTERFERON, {"encoder": "word2vec", "cache": None}, "word2vec"),
        (INTERFERON, {"network": "nowhere.csv"}, "nowhere.csv"),
        (INTERFERON, {"network": pd.DataFrame({"source": ["A"], "target": ["B"], "kind": ["signaling"]})},
         "ligand_receptor"),
        (INTERFERON, {"background": {"one": ["MYC"]}}, "at least 3"),
    ],
)  # fmt: skip
def test_what_cannot_be_ranked_is_refused(effects, more, words):
    with pytest.raises(PathloreError, match=words):
        rank_receptors(effects, **more)


def test_vectors_are_computed_once_and_a_damaged_file_again(tmp_path, monkeypatch):
    first = load_profiles(cache=tmp_path)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 2, "no part of a file is left"
    monkeypatch.setattr("pathlore.signals.profiles.network_vectors", None)
    monkeypatch.setattr("pathlore.text.lsa_encoder.LsaEncoder.encode", None)
    second = load_profiles(cache=tmp_path)
    np.testing.assert_array_equal(first.vectors, second.vectors)
    monkeypatch.undo()
    files[0].write_bytes(b"\x93NUMPY rest is lost")
    np.testing.assert_array_equal(load_profiles(cache=tmp_path).vectors, first.vectors)
    folder = tmp_path / "not a folder"
    folder.write_text("")
    np.testing.assert_array_equal(load_profiles(cache=folder).vectors, first.vectors)


def test_a_signature_takes_milliseconds(atlas):
    effects = pd.Series(np.random.default_rng(0).normal(size=len(atlas.genes)), index=atlas.genes)
    rank_receptors(effects, network=atlas)
    start = time.process_time()
    rank_receptors(effects, network=atlas)
    assert time.process_time() - start < 1.0


def test_importing_pathlore_loads_nothing():
    code = "import pathlore, sys; print(len({'numpy', 'pandas', 'scipy', 'torch'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
    with pytest.raises(AttributeError, match="rank_everything"):
        pathlore.rank_everything  # noqa: B018


def test_known_cytokines_are_found(shared_data, atlas):
    """Mean log fold changes of many experiments, all cytokines: the receptors of each among the 350 of the atlas."""
    table = pd.read_parquet(shared_data / "truth" / "cytosig_43_signatures.parquet")
    (source,) = read_experiments({"cytosig.parquet": table})
    truth = source.truth(load_network("builtin"), atlas.receptors)
    judged = per_signature(receptor_scores(atlas, source.effects).score, truth, source.ligands, source.families)
    assert len(judged) >= 40
    assert per_ligand(judged)["auroc"].mean() > 0.86
    assert (judged["auroc"] > 0.8).mean() > 0.75
    assert (judged["best_rank"] <= 35).mean() > 0.65, "a tenth of the receptors"


def test_a_run_reads_each_text_once(tmp_path, monkeypatch):
    """A language model takes minutes for the descriptions of all genes, which do not change between runs."""

    class Counting:
        cacheable = True
        seen: list[str] = []  # noqa: RUF012

        def version(self):
            return "counting"

        def encode(self, texts):
            self.seen.extend(texts)
            return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)

    monkeypatch.setattr("pathlore.signals.inputs.make_encoder", lambda config: Counting())
    network = pd.DataFrame([("EGF", "EGFR", "ligand_receptor", 1)], columns=["source", "target", "kind", "sign"])
    given = pd.DataFrame([("EGFR", "", "Receptor of growth factor.")], columns=["symbol", "name", "description"])
    config = EncoderConfig(kind="transformers", model="none", cache=str(tmp_path))
    first = text_kinds(network, given, config)
    read = len(Counting.seen)
    assert read == sum(len(kind.genes) for kind in first)
    again = text_kinds(network, given, config)
    assert len(Counting.seen) == read
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.vectors, other.vectors)


def test_the_atlas_is_not_read_for_descriptions_that_are_its_own(monkeypatch):
    network = pd.DataFrame([("EGF", "EGFR", "ligand_receptor", 1)], columns=["source", "target", "kind", "sign"])
    atlas_texts = read_annotations(given_tables("builtin", GENES, "texts"))
    monkeypatch.setattr("pathlore.signals.inputs.read_annotations", lambda *given: pytest.fail("it is read"))
    (own,) = text_kinds(network, atlas_texts, EncoderConfig(kind="lsa", dimension=8))
    assert own.genes == sorted(atlas_texts["symbol"])


def test_descriptions_speak_for_genes_off_the_network_and_the_atlas_is_a_kind_of_its_own():
    network = pd.DataFrame(
        [("IFNB1", "IFNAR1", "ligand_receptor", 1), ("EGF", "EGFR", "ligand_receptor", 1)],
        columns=["source", "target", "kind", "sign"],
    )
    rows = [("IFNAR1", "Receptor of interferon."), ("EGFR", "Receptor of growth factor."), ("OFF1", "Interferon."),
            ("OFF2", "Growth factor."), ("OFF3", "")]  # fmt: skip
    given = pd.DataFrame([(gene, "", text) for gene, text in rows], columns=["symbol", "name", "description"])
    encoder = EncoderConfig(kind="lsa", dimension=8)
    own, shipped = text_kinds(network, given, encoder)
    assert own.genes == ["EGFR", "IFNAR1", "OFF1", "OFF2"]
    assert {"EGF", "EGFR", "IFNAR1", "IFNB1"} < set(shipped.genes)
    profiles = make_profiles(network, [own, shipped])
    for first, second, receptor in (("OFF1", "OFF2", "IFNAR1"), ("OFF2", "OFF1", "EGFR")):
        effects = pd.Series({first: 5.0, second: 0.0, "IFNB1": 0.1, "EGF": 0.1})
        assert rank_receptors(effects, network=profiles)["receptor"].iloc[0] == receptor
    atlas_texts = read_annotations(given_tables("builtin", GENES, "texts"))
    assert len(text_kinds(network, atlas_texts, encoder)) == 1, "the atlas is not taken twice"
    assert text_kinds(network, given.assign(description=""), encoder)[0].genes == shipped.genes
    strangers = network.replace({"IFNAR1": "A", "IFNB1": "B", "EGF": "C", "EGFR": "D"})
    assert len(text_kinds(strangers, given, encoder)) == 1

import pandas as pd
import pytest

from pathlore.config import SentenceConfig
from pathlore.errors import PathloreError
from pathlore.keys import RANDOM_STEP
from pathlore.schemas import Sentences
from pathlore.text.sentences import association_sentences, check_template, fill, gene_sentences, path_sentences

TEMPLATES = {
    "gene": "{symbol} ({name}). {description}",
    "path": "{pathway}: {steps}.",
    "step": "{source_role} {source} {verb} {target} {via}",
    "activates": "activates",
    "inhibits": "inhibits",
    "acts_on": "acts on",
    "transcribes": "switches on",
    "regulates": "regulates",
    "through": "through",
    "random": "is joined at random to",
}
ANNOTATIONS = pd.DataFrame(
    {
        "symbol": ["IFNAR1", "JAK1", "STAT1"],
        "name": ["interferon receptor 1", "", "signal transducer"],
        "description": ["Binds interferon.", "A kinase.", ""],
    }
)
NETWORK = pd.DataFrame(
    [
        ("IFNAR1", "JAK1", "signaling", 1),
        ("IFNAR1", "JAK1", "ligand_receptor", -1),
        ("JAK1", "STAT1", "signaling", 1),
        ("IFNAR1", "STAT1", "signaling", 0),
        ("STAT1", "ISG15", "tf_target", 1),
        ("STAT1", "MYC", "tf_target", -1),
        ("STAT1", "IRF1", "tf_target", 0),
        ("STAT1", "STAT1B", "signaling", -1),
        ("STAT1B", "ISG15", "tf_target", 1),
        ("IFNAR1", "IRF1", "signaling", 1, "TYK2;STAT2;IRF9"),
        ("IRF1", "MYC", "signaling", -1, "JUN"),
        ("MYC", "ISG15", "tf_target", 1),
        ("STAT1", "JAK1", "signaling", -1, None, RANDOM_STEP),
        ("JAK1", "IRF1", "tf_target", 1, None, RANDOM_STEP),
    ],
    columns=["source", "target", "kind", "sign", "via", "resources"],
).fillna({"via": "", "resources": "TestDB"})


def sentence(path, /, pathway=None, **templates):
    paths = pd.DataFrame({"path": [path], "pathway": [pathway]})
    config = SentenceConfig(**(TEMPLATES | templates))
    return Sentences.validate(path_sentences(paths, NETWORK, ANNOTATIONS, config))["text"][0]


def test_gene_sentences():
    sentences = Sentences.validate(gene_sentences(["STAT1", "IFNAR1", "XYZ", "JAK1", "XYZ"], ANNOTATIONS))
    assert sentences["key"].tolist() == ["STAT1", "IFNAR1", "XYZ", "JAK1"]
    assert sentences["text"].tolist() == [
        "STAT1 (signal transducer).",
        "IFNAR1 (interferon receptor 1). Binds interferon.",
        "XYZ.",
        "JAK1. A kinase.",
    ]
    assert sentences["has_text"].tolist() == [True, True, False, True]


def test_no_genes_is_an_empty_table():
    assert Sentences.validate(gene_sentences([], ANNOTATIONS)).empty


@pytest.mark.parametrize(
    ("path", "pathway", "expected"),
    [
        (
            "IFNAR1>JAK1>STAT1>ISG15",
            "Interferon signaling",
            "Interferon signaling: the receptor IFNAR1 activates JAK1, JAK1 activates STAT1; "
            "the transcription factor STAT1 switches on ISG15.",
        ),
        (
            "IFNAR1>STAT1>MYC",
            None,
            "The receptor IFNAR1 acts on STAT1; the transcription factor STAT1 inhibits MYC.",
        ),
        (
            "IFNAR1>STAT1>IRF1",
            float("nan"),
            "The receptor IFNAR1 acts on STAT1; the transcription factor STAT1 regulates IRF1.",
        ),
        (
            "STAT1>STAT1B>ISG15",
            None,
            "The receptor STAT1 inhibits STAT1B; the transcription factor STAT1B switches on ISG15.",
        ),
        (
            "IFNAR1>IRF1>MYC>ISG15",
            None,
            "The receptor IFNAR1 activates IRF1 through TYK2, STAT2 and IRF9, IRF1 inhibits MYC through JUN; "
            "the transcription factor MYC switches on ISG15.",
        ),
        (
            "STAT1>JAK1>IRF1",
            None,
            "The receptor STAT1 is joined at random to JAK1; "
            "the transcription factor JAK1 is joined at random to IRF1.",
        ),
    ],
)
def test_path_sentences(path, pathway, expected):
    assert sentence(path, pathway) == expected


def test_association_sentences_claim_nothing_of_random_steps():
    texts = association_sentences(NETWORK, SentenceConfig(**TEMPLATES))
    assert texts[0] == "IFNAR1 activates JAK1."
    assert texts[-2:] == ["STAT1 is joined at random to JAK1.", "JAK1 is joined at random to IRF1."]


def test_path_templates_with_names_and_bare_symbols():
    step = "{source} ({source_name}) {verb} {target_role} {target}"
    assert sentence("IFNAR1>JAK1>STAT1>ISG15", step=step, path="{steps}") == (
        "IFNAR1 (interferon receptor 1) activates JAK1, JAK1 activates the transcription factor STAT1; "
        "STAT1 (signal transducer) switches on ISG15"
    )


@pytest.mark.parametrize(
    ("field", "template", "allowed"),
    [
        ("path", "{pathway} {cell}", r"\{pathway\}, \{steps\}"),
        ("step", "{gene}", r"\{source_role\}, \{source\}"),
        ("activates", "{verb}", "plain text"),
    ],
)
def test_unknown_fields_name_the_parameter(field, template, allowed):
    with pytest.raises(PathloreError, match=rf"{allowed}.*`graph_construction\.sentences\.{field}`"):
        sentence("IFNAR1>STAT1>MYC", **{field: template})


def test_unknown_field_of_the_gene_template():
    with pytest.raises(PathloreError, match=r"unknown field \{summary\}.*`graph_construction\.sentences\.gene`"):
        gene_sentences(["STAT1"], ANNOTATIONS, "{symbol} {summary}")


def test_step_that_is_not_in_the_network():
    with pytest.raises(PathloreError, match=r"step JAK1>MYC, which is no tf_target edge"):
        sentence("IFNAR1>JAK1>MYC")


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        ("{a} ({b}). {c}", {"a": "A", "b": "B", "c": "C"}, "A (B). C"),
        ("{a} ({b}). {c}", {"a": "A", "b": "", "c": "C"}, "A. C"),
        ("{a} ({b}). {c}", {"a": "A", "b": "B", "c": ""}, "A (B)."),
        ("{a} ({b}). {c}", {"a": "A", "b": "", "c": ""}, "A."),
        ("{a}: {b}, {c}.", {"a": "A", "b": "", "c": "C"}, "A: C."),
        ("{a}: {b}", {"a": "A", "b": ""}, "A"),
        ("{b}; {a}", {"a": "A", "b": ""}, "A"),
        ("{{{a}}} [{b}]", {"a": "A", "b": ""}, "{A}"),
        ("{a} {b}", {"a": "x () ,. {y}", "b": ""}, "x () ,. {y}"),
    ],
)
def test_fill(template, values, expected):
    assert fill(template, values) == expected


@pytest.mark.parametrize("template", ["{c}", "{}", "{0}", "{a.__class__}", "{a[0]}", "{a!r}", "{a:>9}", "{a", "a}"])
def test_check_refuses(template):
    with pytest.raises(PathloreError, match=r"allowed fields: \{a\}, \{b\}: change `x\.y`") as caught:
        check_template(template, ("a", "b"), "x.y")
    assert "\n" not in str(caught.value)

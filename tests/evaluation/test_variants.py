import pytest
from small_evaluation import parameters_of

from pathlore.errors import PathloreError
from pathlore.evaluation.variants import every_variant, on_axes, seeded, sized

BASE = parameters_of()


def test_a_change_reaches_the_typed_tree_and_nothing_else():
    changed = BASE.changed({"modeling.model.layers": 3, "text_embedding.control.genes": "zero"})
    assert changed.modeling.model.layers == 3
    assert changed.text_embedding.control.genes == "zero"
    again = changed.changed({"modeling.model.layers": 1, "text_embedding.control.genes": "real"})
    assert again.model_dump(exclude={"evaluation"}) == BASE.model_dump(exclude={"evaluation"})


def test_a_factor():
    paths = BASE.graph_construction.paths.max_paths
    assert BASE.changed({"graph_construction.paths.max_paths": "x0.5"}).graph_construction.paths.max_paths == paths / 2
    rate = BASE.modeling.training.learning_rate
    assert BASE.changed({"modeling.training.learning_rate": "x2"}).modeling.training.learning_rate == 2 * rate


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"modeling.model.layrs": 2}, r"text\.mine\.modeling\.model\.layrs: there is no such parameter"),
        ({"modeling.model": {"layers": 2}}, "there is no such parameter"),
        ({"layers": 2}, "there is no such parameter"),
        ({"modeling.model.layers": 0}, "greater than or equal to 1"),
        ({"modeling.model.heads": 5}, "cannot be divided into 5 heads"),
        ({"modeling.model.layers": "many"}, "integer"),
        ({"modeling.training.optimizer": "x2"}, "'adam' or 'adamw'"),
    ],
)
def test_a_mistyped_variant_is_refused_before_anything_runs(changes, said):
    with pytest.raises(PathloreError, match=said) as caught:
        parameters_of(variants={"text": {"mine": changes}})
    assert "evaluation.variants.text.mine" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_same_name_on_two_axes():
    with pytest.raises(PathloreError, match="mine stand on more than one axis"):
        parameters_of(variants={"a": {"mine": {}}, "b": {"mine": {}}})


def test_what_happens_before_an_evaluation_cannot_differ():
    evaluation = parameters_of(variants={"a": {"mine": {"ingestion.quality.min_genes": 5}}}).evaluation
    with pytest.raises(PathloreError, match=r"a\.mine changes ingestion\.quality\.min_genes"):
        every_variant(evaluation)


def test_the_shipped_variants():
    variants = every_variant(BASE.evaluation)
    assert next(iter(variants)) == "pathlore"
    assert variants["paper"].kind == "model"
    own = BASE.changed(variants["paper_own_budget"].changes).modeling
    assert own.model == BASE.changed(variants["paper"].changes).modeling.model
    assert (own.training.batch_size, own.training.epochs) == (16, 8 * BASE.modeling.training.epochs)
    assert variants["text_permuted"].kind == "ablation"
    for variant in variants.values():
        changed = BASE.changed(variant.changes)
        differs = changed.model_dump(exclude={"evaluation"}) != BASE.model_dump(exclude={"evaluation"})
        assert differs == (variant.name not in ("pathlore", "encoder_lsa", "encoder_lsa_narrow")), variant.name
    published, meant = (BASE.changed(variants[n].changes) for n in ("predecessor_published", "predecessor"))
    assert meant.modeling.training.optimizer == published.modeling.training.optimizer == "adam"
    assert meant.modeling.model.spatial
    assert not published.modeling.model.spatial


def test_axes_choose():
    evaluation = parameters_of(quick={"axes": ["importance"]}).evaluation
    assert [variant.name for variant in on_axes(evaluation)] == ["pathlore", "per_cell", "no_importance"]
    with pytest.raises(PathloreError, match=r"evaluation\.quick\.axes` names texts"):
        on_axes(parameters_of(quick={"axes": ["texts"]}).evaluation)


def test_the_size_bounds_paths_and_epochs():
    small = sized(parameters_of(quick={"max_paths": 7, "epochs": 1000}))
    assert small.graph_construction.paths.max_paths == 7
    assert small.modeling.training.epochs == BASE.modeling.training.epochs
    assert small.modeling.training.checkpoints is None
    assert small.evaluation.variants == BASE.evaluation.variants


def test_a_seed_reaches_what_is_drawn_alone():
    assert seeded(BASE, 5).modeling.training.seed == 5
    assert seeded(BASE, 5).text_embedding == BASE.text_embedding
    control = seeded(BASE.changed({"text_embedding.control.paths": "permuted"}), 5)
    assert control.text_embedding.control.seed == 5
    rewired = seeded(BASE.changed({"ingestion.network.rewire": "degree_preserving"}), 5)
    assert rewired.ingestion.network.rewire_seed == 5
    assert (
        seeded(BASE.changed({"graph_construction.paths.mode": "random"}), 5).graph_construction.paths.random_seed == 5
    )

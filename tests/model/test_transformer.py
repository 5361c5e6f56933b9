from dataclasses import fields, replace

import numpy as np
import pytest
import reference
import torch
from builders import build, clone, exact, model_config, random_cells, with_parameters_of
from numpy.testing import assert_allclose

from pathlore.graph.network import N_EDGE_TYPES
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.model import total_loss
from pathlore.model.graph_tensors import GraphTensors, graph_tensors
from pathlore.model.transformer import TextNumericGraphTransformer

CLOSE = {"rtol": 1e-9, "atol": 1e-9}
READOUTS = ["additive", "paper"]


# ------------------------------------------------------------------------------------ the equations, a second time


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("cross_attention", [True, False])
@pytest.mark.parametrize("expression", ["log1p", "zscore"])
def test_forward_agrees_with_numpy(
    tensors: GraphTensors, plain: reference.Graph, readout: str, classes: int, cross_attention: bool, expression: str
) -> None:
    model = build(
        tensors, classes=classes, seed=5, readout=readout, cross_attention=cross_attention, expression=expression
    )
    x = random_cells(2, len(plain.genes))
    expected = reference.forward(
        reference.weights(model), plain, x.numpy(), zscore=expression == "zscore", heads=2, training=False
    )
    assert expected.shape == (2, classes)
    assert_allclose(model(x).detach().numpy(), expected, **CLOSE)


@pytest.mark.parametrize("readout", READOUTS)
def test_forward_in_training_agrees_with_numpy(tensors: GraphTensors, plain: reference.Graph, readout: str) -> None:
    model = build(tensors, seed=6, readout=readout, layers=1)
    w = reference.weights(model)  # before the running statistics move
    x = random_cells(4, len(plain.genes))
    expected = reference.forward(w, plain, x.numpy(), zscore=True, heads=2, training=True)
    assert_allclose(model.train()(x).detach().numpy(), expected, **CLOSE)


SWITCHES = [
    {"centrality": False},
    {"spatial": False},
    {"edges": False},
    {"spatial": False, "edges": False, "attention": "graph"},
    {"numeric_expansion": False},
    {"cross_attention": "expression"},
    {"cross_attention": "text"},
    {"cross_attention": "text", "cross_layers": "last"},
    {"centrality": False, "spatial": False, "edges": False, "numeric_expansion": False, "cross_attention": False},
]


def named(form: dict[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in form.items())


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("form", SWITCHES, ids=named)
def test_each_mechanism_can_be_switched_off(
    tensors: GraphTensors, plain: reference.Graph, readout: str, form: dict[str, object]
) -> None:
    """The equations without the term; and every parameter that is left gets a gradient, as several processes need."""
    model = TextNumericGraphTransformer(model_config(readout=readout, **form), clone(tensors), 2).double().eval()
    x = random_cells(3, len(plain.genes))
    expected = reference.forward(reference.weights(model), plain, x.numpy(), zscore=True, heads=2)
    logits = model(x)
    assert_allclose(logits.detach().numpy(), expected, **CLOSE)
    (logits * torch.tensor([[1.0, 2.0], [3.0, 5.0], [-4.0, 1.0]])).sum().backward()
    assert not [name for name, parameter in model.named_parameters() if parameter.grad is None]


def test_the_parameters_of_a_mechanism_are_there_only_where_it_is_on(tensors: GraphTensors) -> None:
    def names(**form: object) -> set[str]:
        model = TextNumericGraphTransformer(model_config(**form), clone(tensors), 2)
        return {name for name, _ in model.named_parameters()}

    every = names()
    assert every - names(centrality=False) == {"centrality.incoming.weight", "centrality.outgoing.weight"}
    assert every - names(spatial=False) == {"graph_bias.spatial"}
    assert every - names(edges=False) == {"graph_bias.outgoing", "graph_bias.incoming"}
    assert {name.split(".")[1] for name in every - names(numeric_expansion=False)} == {"expand"}
    assert names(cross_attention=True) == every
    assert names(cross_attention=False) == names(cross_attention="expression")


def test_texts_alone_let_no_expression_in(tensors: GraphTensors) -> None:
    """The paper's read-out then has nothing to tell cells apart by; the additive one has the path activity."""
    x = random_cells(4, 14)
    logits = build(tensors, cross_attention="text", readout="paper", branches=[])(x)
    assert torch.equal(logits, logits[:1].expand_as(logits))
    additive = build(tensors, cross_attention="text", layers=1, branches=[])
    assert additive(x).std(dim=0).min() > 1e-3
    paths = additive.encode_paths(x)[0].normalised()
    assert torch.equal(paths, paths[:1].expand_as(paths))


def test_path_activity_and_its_fit_agree_with_numpy(tensors: GraphTensors, plain: reference.Graph) -> None:
    model = build(tensors, classes=3)
    x, labels = random_cells(20, len(plain.genes)), torch.arange(20) % 3
    weights = model.activity.weights.tolist()
    activity = reference.path_activity(x.numpy(), plain.mean, plain.sd, plain.paths, weights)
    assert_allclose(model.path_activity(x).numpy(), activity, **CLOSE)
    model.activity.fit([(model.path_activity(x), labels)])
    for name, expected in reference.fitted_activity(activity, labels.numpy(), 3).items():
        assert_allclose(getattr(model.activity, name).numpy(), expected, **CLOSE)


@pytest.mark.parametrize("classes", [2, 3])
def test_logits_are_the_bias_and_the_sum_of_the_contributions(tensors: GraphTensors, classes: int) -> None:
    model, x = build(tensors, classes=classes, branches=[]), random_cells(5, 14)
    parts, logits = model.contributions(x), model(x)
    assert parts.shape == (5, 7, 1 if classes == 2 else 3)
    total = parts.sum(1) + model.readout.bias
    torch.testing.assert_close(logits[:, 1:] - logits[:, :1] if classes == 2 else logits, total)


def test_contributions_are_refused_where_they_do_not_exist(tensors: GraphTensors) -> None:
    with pytest.raises(TypeError, match=r"modeling\.model\.readout"):
        build(tensors, readout="paper").contributions(random_cells(2, 14))


@pytest.mark.parametrize("readout", READOUTS)
def test_single_precision_is_close_to_double(tensors: GraphTensors, readout: str) -> None:
    model, x = build(tensors, readout=readout), random_cells(6, 14)
    expected = model(x)
    torch.testing.assert_close(model.float()(x.float()).double(), expected, rtol=1e-3, atol=1e-3)


def test_the_model_works_on_graph_tensors_as_they_are_made(
    small_graph: TextNumericGraph, gene_vectors: np.ndarray, path_vectors: np.ndarray, tensors: GraphTensors
) -> None:
    """Unrounded (float64) and ordinary (float32) graph tensors give the same model."""
    x = random_cells(6, 14)
    exactly = build(tensors)
    ordinary = with_parameters_of(exactly, graph_tensors(small_graph, gene_vectors, path_vectors))
    torch.testing.assert_close(ordinary(x), exactly(x), rtol=1e-4, atol=1e-4)


# --------------------------------------------------------------------- fault 1: structure without effect or gradient


@pytest.mark.parametrize("readout", READOUTS)
def test_changing_the_type_of_any_edge_changes_the_logits(tensors: GraphTensors, readout: str) -> None:
    model, x = build(tensors, readout=readout, importance_start=0.0), random_cells(3, 14)
    before = model(x)
    for edge in range(len(tensors.edge_type)):
        kind = int(tensors.edge_type[edge])
        model.edge_type[edge] = kind % (N_EDGE_TYPES - 1) + 1
        assert (model(x) - before).abs().max() > 1e-7, f"edge {edge}"
        model.edge_type[edge] = kind
    assert torch.equal(model(x), before)


@pytest.mark.parametrize("readout", READOUTS)
def test_changing_the_direction_of_any_edge_changes_the_logits(tensors: GraphTensors, readout: str) -> None:
    model, x = build(tensors, readout=readout), random_cells(3, 14)
    before = model(x)
    for edge in range(len(tensors.edge_type)):
        turned = tensors.edge_index.clone()
        turned[:, edge] = turned[:, edge].flip(0)  # the degrees are left as they are
        twin = with_parameters_of(model, replace(tensors, edge_index=turned), readout=readout)
        assert (twin(x) - before).abs().max() > 1e-7, f"edge {edge}"


@pytest.mark.parametrize("readout", READOUTS)
def test_changing_the_type_of_a_path_step_changes_the_logits(tensors: GraphTensors, readout: str) -> None:
    model, x = build(tensors, readout=readout), random_cells(3, 14)
    before = model(x)
    types = tensors.path_types.clone()
    types[0, 1] = types[0, 1] % (N_EDGE_TYPES - 1) + 1
    twin = with_parameters_of(model, replace(tensors, path_types=types), readout=readout)
    assert (twin(x) - before).abs().max() > 1e-7


@pytest.mark.parametrize("encoding", ["spatial", "outgoing", "incoming"])
def test_every_part_of_the_graph_bias_has_an_effect(tensors: GraphTensors, encoding: str) -> None:
    model, x = build(tensors), random_cells(3, 14)
    before = model(x)
    with torch.no_grad():
        getattr(model.graph_bias, encoding).zero_()
    assert (model(x) - before).abs().max() > 1e-6


def gradients(
    tensors: GraphTensors, *, classes: int, seed: int = 0, **changes: object
) -> dict[str, torch.Tensor | None]:
    """Gradients of the loss at the model's own start (nothing randomised), with dropout on, as a fit begins."""
    torch.manual_seed(seed)
    model = TextNumericGraphTransformer(model_config(dropout=0.1, **changes), clone(tensors), classes).double().train()
    x, labels = random_cells(24, 14), torch.arange(24) % classes
    model.activity.fit([(model.path_activity(x), labels)])
    loss = total_loss(
        model(x),
        labels,
        model.importance(),
        class_weights=None,
        prior=torch.zeros(7),
        prior_weight=0.0,
        sparsity=0.0,
    )
    loss.backward()
    return {name: parameter.grad for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("cross_attention", [True, False])
def test_every_parameter_gets_a_gradient(
    tensors: GraphTensors, readout: str, classes: int, cross_attention: bool
) -> None:
    found = gradients(tensors, classes=classes, readout=readout, cross_attention=cross_attention)
    without = [name for name, grad in found.items() if grad is None or float(grad.abs().max()) < 1e-12]
    assert not without
    assert found["importance.logits"] is not None
    assert bool((found["importance.logits"].abs() > 1e-12).all())  # M: every path


@pytest.mark.parametrize("readout", READOUTS)
def test_every_used_row_of_every_encoding_table_gets_a_gradient(tensors: GraphTensors, readout: str) -> None:
    found = gradients(tensors, classes=2, readout=readout)
    on_paths = tensors.path_types[tensors.path_mask]
    used = {
        "centrality.incoming.weight": tensors.in_degree,
        "centrality.outgoing.weight": tensors.out_degree,
        "graph_bias.spatial": torch.arange(14),
        "graph_bias.outgoing": tensors.edge_type - 1,
        "graph_bias.incoming": tensors.edge_type - 1,
        **{f"path_encoders.{k}.aggregate.edge_types.weight": on_paths for k in range(2)},
        **{f"path_encoders.{k}.aggregate.positions": torch.arange(6) for k in range(2)},
    }
    for name, rows in used.items():
        gradient = found[name]
        assert gradient is not None, name
        moved = {row for row in range(len(gradient)) if float(gradient[row].abs().max()) > 1e-13}
        assert moved == set(rows.tolist()), name


# ----------------------------------------------------------------------------------- fault 2: type 0 is not an edge


def test_edge_type_zero_never_stands_for_an_edge(tensors: GraphTensors) -> None:
    """The bias tables have no row for 'no edge'; on paths, 0 stands at the receptor (and behind the end) alone."""
    model = build(tensors)
    assert len(model.graph_bias.outgoing) == len(model.graph_bias.incoming) == N_EDGE_TYPES - 1
    assert int(model.edge_type.min()) >= 1
    zero = model.path_types == 0
    receptor = torch.zeros_like(zero)
    receptor[:, 0] = True
    assert torch.equal(zero, receptor | ~model.path_mask)


# ------------------------------------------------------------------------- fault 6: the graph is not copied per cell


@pytest.mark.parametrize("readout", READOUTS)
def test_graph_tensors_are_not_copied_per_cell(tensors: GraphTensors, readout: str) -> None:
    """What is saved for the backward pass grows with the cells; no (G, G), no (B, H, G, G), no (P, P) is ever made."""
    model = build(tensors, readout=readout)
    genes, paths, sizes = 14, 7, {}
    for B in (2, 11):
        shapes = []

        def keep(tensor: torch.Tensor, shapes: list[tuple[int, ...]] = shapes) -> torch.Tensor:
            shapes.append(tuple(tensor.shape))
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            model(random_cells(B, genes))
        assert not [shape for shape in shapes if shape.count(genes) > 1 or shape.count(paths) > 1]
        sizes[B] = {name: tuple(buffer.shape) for name, buffer in model.named_buffers()}
    assert sizes[2] == sizes[11]
    assert max(buffer.numel() for buffer in model.buffers()) < paths * genes  # nothing of size G x G


def test_a_cell_is_classified_alike_alone_and_in_company(tensors: GraphTensors) -> None:
    model, x = build(tensors), random_cells(5, 14)
    torch.testing.assert_close(torch.cat([model(cell[None]) for cell in x]), model(x))


# ------------------------------------------------------------------------------------------------------- symmetries


@pytest.mark.parametrize("readout", READOUTS)
def test_the_order_of_genes_does_not_matter(
    small_graph: TextNumericGraph,
    gene_vectors: np.ndarray,
    path_vectors: np.ndarray,
    tensors: GraphTensors,
    readout: str,
) -> None:
    order = np.random.default_rng(0).permutation(14)
    shuffled = TextNumericGraph(
        small_graph.entities.iloc[order].reset_index(drop=True),
        small_graph.associations.sample(frac=1, random_state=0).reset_index(drop=True),
        small_graph.paths,
    )
    vectors = gene_vectors[order], path_vectors
    other = exact(graph_tensors(shuffled, *vectors), reference.Graph.of(shuffled, *vectors))
    model, x = build(tensors, readout=readout), random_cells(4, 14)
    twin = with_parameters_of(model, other, readout=readout)
    assert not torch.allclose(twin(x[:, order]), model(x), rtol=1e-6, atol=1e-6)  # node IDs still belong to other genes
    with torch.no_grad():
        twin.graph_bias.spatial.copy_(model.graph_bias.spatial[order])
    torch.testing.assert_close(twin(x[:, order]), model(x), **CLOSE)


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("classes", [2, 3])
def test_the_order_of_paths_does_not_matter(tensors: GraphTensors, readout: str, classes: int) -> None:
    order = torch.tensor([6, 2, 0, 4, 1, 5, 3])
    by_path = ("path_text", "path_nodes", "path_types", "path_mask", "path_signs")
    other = replace(tensors, **{name: getattr(tensors, name)[order] for name in by_path})
    model, x = build(tensors, readout=readout, classes=classes), random_cells(4, 14)
    twin = with_parameters_of(model, other, readout=readout, classes=classes)
    with torch.no_grad():
        twin.importance.logits.copy_(model.importance.logits[order])
        for name in ("weights", "mean", "sd", "orientation"):
            getattr(twin.activity, name).copy_(getattr(model.activity, name)[order])
        if readout == "additive":
            for name in ("running_mean", "running_var"):
                own = getattr(model.readout.standardise, name).view(7, -1)
                getattr(twin.readout.standardise, name).copy_(own[order].flatten())
    torch.testing.assert_close(twin(x), model(x), **CLOSE)
    if readout == "additive":
        torch.testing.assert_close(twin.contributions(x), model.contributions(x)[:, order], **CLOSE)


def test_a_longer_path_beside_them_changes_no_other_path(tensors: GraphTensors) -> None:
    """Padding: the same model with and without its longest path (L 6, then 5)."""
    keep = torch.tensor([0, 1, 2, 3, 5, 6])
    by_path = ("path_text", "path_nodes", "path_types", "path_mask", "path_signs")
    short = replace(tensors, **{name: getattr(tensors, name)[keep] for name in by_path})
    short = replace(short, **{name: getattr(short, name)[:, :5] for name in by_path[1:]})
    model, x = build(tensors, cross_attention=False), random_cells(4, 14)
    assert int(short.path_mask.sum()) == int(tensors.path_mask[keep].sum())
    twin = TextNumericGraphTransformer(model_config(cross_attention=False), clone(short), 2).double().eval()
    own = dict(twin.named_parameters())
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            wanted = parameter[:5] if name.endswith("positions") else parameter
            own[name].copy_(wanted[keep] if name == "importance.logits" else wanted)
    for few, all_ in zip(twin.encode_paths(x), model.encode_paths(x), strict=True):
        torch.testing.assert_close(few.normalised(), all_.normalised()[:, keep], **CLOSE)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_importance_of_a_path_acts_through_that_path_only(tensors: GraphTensors, classes: int) -> None:
    model, x = build(tensors, classes=classes), random_cells(4, 14)
    parts, importance = model.contributions(x), model.importance()
    with torch.no_grad():
        model.importance.logits[3] += 1.7
    expected = parts.clone()
    expected[:, 3] *= model.importance()[3] / importance[3]
    torch.testing.assert_close(model.contributions(x), expected, **CLOSE)


def test_importance_is_one_vector_for_all_cells_and_layers(tensors: GraphTensors) -> None:
    model = build(tensors, layers=3)
    assert [name for name, _ in model.importance.named_parameters()] == ["logits"]
    assert model.importance().shape == (7,)


# --------------------------------------------------------------------------------------------------- what is saved


def test_buffers_are_saved_and_restored(tensors: GraphTensors) -> None:
    model, x = build(tensors), random_cells(3, 14)
    assert {field.name for field in fields(tensors)} <= set(model.state_dict())
    other = build(tensors, seed=9)
    assert not torch.allclose(other(x), model(x))
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(x), model(x))


def test_the_static_graph_is_not_trained(tensors: GraphTensors) -> None:
    model = build(tensors)
    model.train()
    model(random_cells(4, 14)).sum().backward()
    for field in fields(tensors):
        assert not getattr(model, field.name).requires_grad


@pytest.mark.parametrize("readout", READOUTS)
def test_the_compiler_takes_a_step_in_one_piece(tensors: GraphTensors, readout: str, monkeypatch) -> None:
    """As it is on a GPU: what is cut in pieces gains little by compilation, and nothing by CUDA graphs."""
    monkeypatch.setattr("pathlore.model.expander.shares_silent", lambda x: False)
    model, x = build(tensors, readout=readout, dropout=0.1).train(), random_cells(6, 14)
    torch.manual_seed(1)
    expected = model(x)
    torch.manual_seed(1)
    found = torch.compile(model, backend="eager", fullgraph=True)(x)
    torch.testing.assert_close(found, expected)
    found.square().sum().backward()


# -------------------------------------------------------------------------------------------------- half precision


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def test_the_model_works_in_mixed_precision(tensors: GraphTensors, readout: str, device: str) -> None:
    """``precision: bf16-mixed``: forward and backward, close to single precision."""
    model, x = build(tensors, readout=readout).float().to(device), random_cells(6, 14).float().to(device)
    expected = model(x)
    with torch.autocast(device, dtype=torch.bfloat16):
        found = model(x)
    torch.testing.assert_close(found.float(), expected, rtol=0.1, atol=0.1)
    found.float().square().sum().backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in model.parameters() if parameter.grad is not None)
    if readout == "additive":
        with torch.autocast(device, dtype=torch.bfloat16):
            activity = model.path_activity(x)
        torch.testing.assert_close(activity.float(), model.path_activity(x), rtol=1e-5, atol=1e-5)


def test_with_one_layer_the_read_out_ignores_the_bias_of_the_last_norm(tensors: GraphTensors) -> None:
    """A known fact, harmless: BN over cells takes the constant of a path away, unless a maximum over layers acts."""
    found = gradients(tensors, classes=2, layers=1)
    without = [name for name, grad in found.items() if grad is None or float(grad.abs().max()) < 1e-12]
    assert without == ["path_encoders.0.read.norm.bias"]

"""The steps that the workers run: a whole training step, or a forward pass in evaluation, of each kind of model."""

from collections.abc import Callable
from pathlib import Path

import torch
import torch_geometric.nn  # noqa: F401 (the read-out loads it later, and it belongs to the imports)
import yaml
from jobs import Job
from reference.plain import PlainTransformer
from reference.predecessor import Predecessor, collated
from synthetic import random_cells, random_graph
from torch import Tensor, nn

from pathlore.config import ModelConfig
from pathlore.model import GraphTensors, TextNumericGraphTransformer, total_loss

CONF = Path(__file__).parents[1] / "conf" / "base" / "modeling" / "parameters.yml"
PUBLISHED = {"width": 128, "heads": 8, "layers": 6, "aggregation_heads": 8, "feed_forward": 128}  # D, H, K, R
PUBLISHED |= {"max_sentences": None}
CLASSES = 2


def build(job: Job) -> Callable[[], object]:
    """Make the model, the cells and the optimiser of a job; return the function that runs one step."""
    torch.manual_seed(0)
    torch.set_num_threads(job.threads)
    with torch.device(job.device):
        if job.kind == "matmul":
            dtype = torch.bfloat16 if job.precision == "bf16" else torch.float32
            a, b = torch.randn(2, job.size.G, job.size.G).to(dtype)
            return lambda: a @ b
        labels = torch.arange(job.size.B) % CLASSES
    graph, x = random_graph(job.size.G, job.size.P, text_width=job.text_width), random_cells(job.size.B, job.size.G)
    forward, model = _model(job, graph)
    x = x.to(job.device)

    def predict() -> Tensor:
        with torch.autocast(job.device, torch.bfloat16, enabled=job.precision == "bf16"):
            return forward(x)

    if job.train:
        return _training_step(model, predict, labels, job.size.P)
    model.eval()
    return torch.inference_mode()(predict)


def _model(job: Job, graph: GraphTensors) -> tuple[Callable[[Tensor], Tensor], nn.Module]:
    """Make the job's model, and the function from expression to logits."""
    base = yaml.safe_load(CONF.read_text())["modeling"]["model"]
    config = ModelConfig.model_validate(base | PUBLISHED | dict(job.config))
    if job.kind == "predecessor":
        model: nn.Module = Predecessor(graph, CLASSES, layers=config.layers).to(job.device)
        graph = GraphTensors(**{name: tensor.to(job.device) for name, tensor in vars(graph).items()})
        return lambda x: model(collated(graph, x)), model
    model = TextNumericGraphTransformer(config, graph, CLASSES)
    if job.kind == "plain":
        model = PlainTransformer(model, config)
    return model.to(job.device), model


def _training_step(model: nn.Module, predict: Callable[[], Tensor], labels: Tensor, n_paths: int) -> Callable[[], None]:
    """Forward pass, loss, backward pass, gradient clip, fused Adam."""
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4, fused=True)
    prior = torch.zeros(n_paths, device=labels.device)

    def step() -> None:
        optimizer.zero_grad()
        logits, importance = predict(), model.get_parameter(_importance_name(model)).sigmoid()
        loss = total_loss(logits, labels, importance, class_weights=None, prior=prior, prior_weight=0.1, sparsity=0.0)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()

    model.train()
    return step


def _importance_name(model: nn.Module) -> str:
    return "path_weight" if isinstance(model, Predecessor) else "importance.logits"

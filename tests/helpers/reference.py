"""The model a second time: slow, obvious NumPy in float64, written from the equations of the design.

One loop per letter: cells b, genes g, heads r, paths p, layers k. Paths are lists of their own length (no padding, no
mask), edges are a list of triples, V [e; t] is one matrix. Weights come from a torch module's ``state_dict``.
"""

import math
from dataclasses import dataclass

import numpy as np
from torch import nn

from pathlore.graph.text_numeric_graph import TextNumericGraph

Weights = dict[str, np.ndarray]


def weights(module: nn.Module) -> Weights:
    """Every parameter and buffer, in float64."""
    return {name: tensor.double().numpy() for name, tensor in module.state_dict().items()}


def part(w: Weights, prefix: str) -> Weights:
    """The weights of a submodule."""
    return {name[len(prefix) + 1 :]: value for name, value in w.items() if name.startswith(prefix + ".")}


# ------------------------------------------------------------------------------------------------ small pieces


def gelu(v: np.ndarray) -> np.ndarray:
    return np.array([0.5 * a * (1.0 + math.erf(a / math.sqrt(2.0))) for a in v])


def sigmoid(v: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.asarray(v, dtype=float)))


def softmax(logits: list[float]) -> list[float]:
    top = max(logits)
    powers = [math.exp(a - top) for a in logits]
    return [a / sum(powers) for a in powers]


def linear(w: Weights, name: str, v: np.ndarray) -> np.ndarray:
    result = w[f"{name}.weight"] @ v
    return result + w[f"{name}.bias"] if f"{name}.bias" in w else result


def layer_norm(w: Weights, name: str, v: np.ndarray) -> np.ndarray:
    return w[f"{name}.weight"] * normalised(v) + w[f"{name}.bias"]


def normalised(v: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    mean = sum(v) / len(v)
    variance = sum((a - mean) ** 2 for a in v) / len(v)
    return (v - mean) / math.sqrt(variance + eps)


def standardised(value: float, mean: float, sd: float) -> float:
    return (value - mean) / sd if sd > 0 else 0.0


# ---------------------------------------------------------------------------------------------------- the graph


@dataclass
class Graph:
    """A text-numeric graph as plain lists."""

    genes: list[str]
    edges: list[tuple[int, int, int]]  # source, target, type
    paths: list[list[int]]
    path_types: list[list[int]]  # 0 at the receptor
    path_signs: list[list[int]]  # product of the signs up to each place
    gene_text: np.ndarray
    path_text: np.ndarray
    mean: list[float]
    sd: list[float]
    log_fold_change: list[float]

    @classmethod
    def of(cls, graph: TextNumericGraph, gene_vectors: np.ndarray, path_vectors: np.ndarray) -> "Graph":
        genes = list(graph.entities["gene"])
        edges, step_type, step_sign = [], {}, {}
        for row in graph.associations.to_dict("records"):
            edges.append((genes.index(row["source"]), genes.index(row["target"]), row["type"]))
            step_type[row["source"], row["target"], row["kind"]] = row["type"]
            step_sign[row["source"], row["target"], row["kind"]] = row["sign"]
        paths, types, signs = [], [], []
        for text in graph.paths["path"]:
            names = text.split(">")
            paths.append([genes.index(name) for name in names])
            types.append([0])
            signs.append([1])
            for place in range(1, len(names)):
                kind = "tf_target" if place == len(names) - 1 else "signaling"
                step = (names[place - 1], names[place], kind)
                types[-1].append(step_type[step])
                signs[-1].append(signs[-1][-1] * (-1 if step_sign[step] == -1 else 1))
        return cls(
            genes,
            edges,
            paths,
            types,
            signs,
            np.array([normalised(v, eps=1e-12) for v in gene_vectors]),
            np.array([normalised(v, eps=1e-12) for v in path_vectors]),
            list(graph.entities["mean"]),
            list(graph.entities["sd"]),
            list(graph.entities["log_fold_change"]),
        )


# ------------------------------------------------------------------------------------------- 1 and 2: the genes


def expander(w: Weights, x: np.ndarray, gene_text: np.ndarray) -> np.ndarray:
    """MLP_reduce([MLP_expand(x); t]), or MLP_reduce([x; t]), un-split: one matrix V on the joined vector."""
    V = np.concatenate([w["from_number.weight"], w["from_text.weight"]], axis=1)  # (D, 2T)
    z = np.zeros((*x.shape, len(V)))
    for b in range(len(x)):
        for g in range(len(gene_text)):
            e = np.array([x[b, g]])
            if "expand.0.weight" in w:
                e = linear(w, "expand.2", gelu(linear(w, "expand.0", e)))
            joined = np.concatenate([e, gene_text[g]])
            z[b, g] = linear(w, "reduce.1", gelu(V @ joined + w["from_number.bias"]))
    return z


def degrees(n_genes: int, edges: list[tuple[int, int, int]], cap: int = 127) -> tuple[list[int], list[int]]:
    incoming, outgoing = [0] * n_genes, [0] * n_genes
    for source, target, _ in edges:
        outgoing[source] += 1
        incoming[target] += 1
    return [min(n, cap) for n in incoming], [min(n, cap) for n in outgoing]


def centrality(w: Weights, z: np.ndarray, edges: list[tuple[int, int, int]]) -> np.ndarray:
    incoming, outgoing = degrees(z.shape[1], edges)
    h = np.zeros_like(z)
    for b in range(z.shape[0]):
        for g in range(z.shape[1]):
            h[b, g] = z[b, g] + w["incoming.weight"][incoming[g]] + w["outgoing.weight"][outgoing[g]]
    return h


def graph_bias(w: Weights, n_genes: int, edges: list[tuple[int, int, int]], heads: int) -> np.ndarray:
    bias = np.zeros((heads, n_genes, n_genes))
    for head in range(heads):
        for i in range(n_genes):
            for j in range(n_genes):
                if "spatial" in w:
                    bias[head, i, j] = w["spatial"][i, head] * w["spatial"][j, head]
                for source, target, kind in edges if "outgoing" in w else []:
                    if (source, target) == (i, j):
                        bias[head, i, j] += w["outgoing"][kind - 1, head]
                    if (source, target) == (j, i):
                        bias[head, i, j] += w["incoming"][kind - 1, head]
    return bias


def along_the_graph(bias: np.ndarray, edges: list[tuple[int, int, int]], tokens: int) -> np.ndarray:
    """The bias with the tokens behind the genes, and minus infinity where nothing is seen."""
    heads, n_genes, _ = bias.shape
    seen = np.full((heads, n_genes + tokens, n_genes + tokens), -math.inf)
    for i in range(n_genes + tokens):
        for j in range(n_genes + tokens):
            if max(i, j) >= n_genes:
                seen[:, i, j] = 0.0
            elif i == j or any((s, t) in ((i, j), (j, i)) for s, t, _ in edges):
                seen[:, i, j] = bias[:, i, j]
    return seen


def gene_attention(w: Weights, h: np.ndarray, bias: np.ndarray) -> np.ndarray:
    (B, G, D), heads = h.shape, len(bias)
    d = D // heads
    out = np.zeros_like(h)
    for b in range(B):
        q, k, v = ([linear(w, name, h[b, g]) for g in range(G)] for name in ("query", "key", "value"))
        for i in range(G):
            mixed = np.zeros(D)
            for head in range(heads):
                own = slice(head * d, (head + 1) * d)
                logits = [q[i][own] @ k[j][own] / math.sqrt(d) + bias[head, i, j] for j in range(G)]
                for j, share in enumerate(softmax(logits)):
                    mixed[own] += share * v[j][own]
            out[b, i] = linear(w, "output", mixed)
    return out


def encoder_layer(w: Weights, h: np.ndarray, bias: np.ndarray) -> np.ndarray:
    def each(function: object, values: np.ndarray) -> np.ndarray:
        return np.array([[function(v) for v in cell] for cell in values])  # type: ignore[operator]

    attended = gene_attention(part(w, "attention"), each(lambda v: layer_norm(w, "attention_norm", v), h), bias)
    middle = h + attended

    def feed_forward(v: np.ndarray) -> np.ndarray:
        hidden = gelu(linear(w, "feed_forward.0", layer_norm(w, "feed_forward_norm", v)))
        return linear(w, "feed_forward.3", hidden)

    return middle + each(feed_forward, middle)


# --------------------------------------------------------------------------------------------------- 3: the paths


def path_aggregation(w: Weights, h: np.ndarray, paths: list[list[int]], types: list[list[int]]) -> np.ndarray:
    B, _, D = h.shape
    R = len(w["score.2.weight"])
    n = D // R
    q = np.zeros((B, len(paths), D))
    for b in range(B):
        for p, (nodes, steps) in enumerate(zip(paths, types, strict=True)):
            members = [
                linear(w, "project", layer_norm(w, "norm", h[b, node]))
                + w["edge_types.weight"][step]
                + w["positions"][place]
                for place, (node, step) in enumerate(zip(nodes, steps, strict=True))
            ]
            scores = [linear(w, "score.2", gelu(linear(w, "score.0", m))) for m in members]
            for r in range(R):
                for share, m in zip(softmax([s[r] for s in scores]), members, strict=True):
                    q[b, p, r * n : (r + 1) * n] += share * m
    return q


def sentence_attention(w: Weights, q: np.ndarray, sentences: np.ndarray, heads: int) -> np.ndarray:
    B, P, D = q.shape
    d = D // heads
    keys = [linear(w, "key", s) for s in sentences]
    values = [linear(w, "value", s) for s in sentences]
    out = np.zeros_like(q)
    for b in range(B):
        for p in range(P):
            query, read = linear(w, "query", q[b, p]), np.zeros(D)
            for head in range(heads):
                own = slice(head * d, (head + 1) * d)
                shares = softmax([query[own] @ key[own] / math.sqrt(d) for key in keys])
                for share, value in zip(shares, values, strict=True):
                    read[own] += share * value[own]
            out[b, p] = layer_norm(w, "norm", q[b, p] + linear(w, "output", read))
    return out


def text_encoder(w: Weights, B: int, sentences: np.ndarray, heads: int) -> np.ndarray:
    """Each path asks by its own sentence, and what it reads is all that it is; alike in all cells."""
    d = len(w["output.weight"]) // heads
    keys = [linear(w, "key", s) for s in sentences]
    values = [linear(w, "value", s) for s in sentences]
    paths = []
    for sentence in sentences:
        query, read = linear(w, "query", sentence), np.zeros(heads * d)
        for head in range(heads):
            own = slice(head * d, (head + 1) * d)
            shares = softmax([query[own] @ key[own] / math.sqrt(d) for key in keys])
            for share, value in zip(shares, values, strict=True):
                read[own] += share * value[own]
        paths.append(layer_norm(w, "norm", linear(w, "output", read)))
    return np.array([paths] * B)


def path_encoder(
    w: Weights, h: np.ndarray, paths: list[list[int]], types: list[list[int]], sentences: np.ndarray, heads: int
) -> np.ndarray:
    q = path_aggregation(part(w, "aggregate"), h, paths, types)
    if "read.query.weight" in w:
        return sentence_attention(part(w, "read"), q, sentences, heads)
    return np.array([[layer_norm(w, "read", v) for v in cell] for cell in q])


# ------------------------------------------------------------------------------------------------- 4: the read-outs


def paper_readout(w: Weights, layers: list[np.ndarray], importance: np.ndarray) -> np.ndarray:
    """Of importance (P,), or (B, P) where each cell has its own."""
    B, P, D = layers[0].shape
    logits = []
    for b, own in enumerate(np.broadcast_to(importance, (B, P))):
        g = [sum(own[p] * path[b, p] for p in range(P)) / P for path in layers]
        jumped = np.array([max(vector[i] for vector in g) for i in range(D)])
        logits.append(linear(w, "head.3", gelu(linear(w, "head.0", jumped))))
    return np.array(logits)


def edge_signed(signs: list[list[int]]) -> list[list[float]]:
    """Weight of each place of each path where changes follow the signs of the steps."""
    return [[sign / len(places) for sign in places] for places in signs]


def path_activity(
    x: np.ndarray, mean: list[float], sd: list[float], paths: list[list[int]], factors: list[list[float]]
) -> np.ndarray:
    activity = np.zeros((len(x), len(paths)))
    for b in range(len(x)):
        for p, (nodes, own) in enumerate(zip(paths, factors, strict=True)):
            for node, factor in zip(nodes, own, strict=False):  # behind the end of a path stands nothing
                activity[b, p] += factor * standardised(x[b, node], mean[node], sd[node])
    return activity


def fitted_activity(activity: np.ndarray, labels: np.ndarray, classes: int) -> Weights:
    """Mean, population standard deviation and orientation of every path."""
    cases = [1] if classes == 2 else list(range(classes))
    P = activity.shape[1]
    fitted = {"mean": np.zeros(P), "sd": np.zeros(P), "orientation": np.zeros((P, len(cases)))}
    for p in range(P):
        values = list(activity[:, p])
        fitted["mean"][p] = sum(values) / len(values)
        fitted["sd"][p] = math.sqrt(sum((a - fitted["mean"][p]) ** 2 for a in values) / len(values))
        for column, case in enumerate(cases):
            inside = [a for a, y in zip(values, labels, strict=True) if y == case]
            outside = [a for a, y in zip(values, labels, strict=True) if y != case]
            higher = sum(inside) / len(inside) >= sum(outside) / len(outside)
            fitted["orientation"][p, column] = 1.0 if higher else -1.0
    return fitted


def oriented_activity(w: Weights, activity: np.ndarray) -> np.ndarray:
    B, P = activity.shape
    result = np.zeros((B, P, w["orientation"].shape[1]))
    for b in range(B):
        for p in range(P):
            result[b, p] = w["orientation"][p] * standardised(activity[b, p], w["mean"][p], w["sd"][p])
    return result


def jumped(layers: list[np.ndarray], b: int, p: int) -> np.ndarray:
    """The greatest of all layers, entry by entry."""
    return np.array([max(path[b, p, i] for path in layers) for i in range(layers[0].shape[2])])


def attention_over_paths(w: Weights, layers: list[np.ndarray]) -> np.ndarray:
    """Softmax over the paths of each cell, of mean 1."""
    B, P, _ = layers[0].shape
    scores = [[float(w["score.weight"][0] @ jumped(layers, b, p)) for p in range(P)] for b in range(B)]
    return np.array([[P * share for share in softmax(cell)] for cell in scores])


def additive_contributions(
    w: Weights, activity: np.ndarray, layers: list[np.ndarray], importance: np.ndarray, *, training: bool
) -> np.ndarray:
    """I_p c_p tau / sqrt(P); BN by the batch's own statistics, or by the running ones; I (P,), or (B, P)."""
    B, P, contrasts = activity.shape
    residual, importance = np.zeros((B, P, contrasts)), np.broadcast_to(importance, (B, P))
    for b in range(B):
        for p in range(P):
            residual[b, p] = w["direction.weight"] @ jumped(layers, b, p)
    result = np.zeros((B, P, contrasts))
    for p in range(P):
        for c in range(contrasts):
            values = residual[:, p, c]
            if training:
                mean = sum(values) / B
                variance = sum((a - mean) ** 2 for a in values) / B
            else:
                mean = w["standardise.running_mean"][p * contrasts + c]
                variance = w["standardise.running_var"][p * contrasts + c]
            for b in range(B):
                neural = (values[b] - mean) / math.sqrt(variance + 1e-5)
                part_p = activity[b, p, c] + sigmoid(w["mix"]) * neural
                result[b, p, c] = w["scale"] / math.sqrt(P) * importance[b, p] * part_p
    return result


def additive_readout(
    w: Weights, activity: np.ndarray, layers: list[np.ndarray], importance: np.ndarray, *, training: bool
) -> np.ndarray:
    parts = additive_contributions(w, activity, layers, importance, training=training)
    logits = []
    for b in range(len(parts)):
        sums = [sum(parts[b, :, c]) + w["bias"][c] for c in range(parts.shape[2])]
        logits.append([-sums[0] / 2, sums[0] / 2] if len(sums) == 1 else sums)
    return np.array(logits)


# --------------------------------------------------------------------------------------------- the whole, the loss


def encode_paths(w: Weights, graph: Graph, x: np.ndarray, *, zscore: bool, heads: int) -> list[np.ndarray]:
    if "expander.from_text.weight" not in w:  # texts alone
        reading = sum(name.endswith("read.query.weight") for name in w)
        parts = [part(w, f"path_encoders.{k}.read") for k in range(reading)]
        return [text_encoder(p, len(x), graph.path_text, heads) for p in parts]
    numbers = x.copy()
    if zscore:
        for b in range(x.shape[0]):
            for g in range(x.shape[1]):
                numbers[b, g] = standardised(x[b, g], graph.mean[g], graph.sd[g])
    h = expander(part(w, "expander"), numbers, graph.gene_text)
    if part(w, "centrality"):
        h = centrality(part(w, "centrality"), h, graph.edges)
    bias = graph_bias(part(w, "graph_bias"), len(graph.genes), graph.edges, heads)
    if "tokens" in w:
        bias = along_the_graph(bias, graph.edges, len(w["tokens"]))
        h = np.concatenate([h, np.tile(w["tokens"], (len(h), 1, 1))], axis=1)
    layers, k = [], 0
    while f"gene_layers.{k}.attention_norm.weight" in w:
        h = encoder_layer(part(w, f"gene_layers.{k}"), h, bias)
        encoder = part(w, f"path_encoders.{k}")
        layers.append(path_encoder(encoder, h, graph.paths, graph.path_types, graph.path_text, heads))
        k += 1
    return layers


def forward(
    w: Weights,
    graph: Graph,
    x: np.ndarray,
    *,
    zscore: bool,
    heads: int,
    training: bool = False,
    importance: str = "global",
) -> np.ndarray:
    layers = encode_paths(w, graph, x, zscore=zscore, heads=heads)
    mean = 1.0 if "readout.head.0.weight" in w else 0.1
    weight = {
        "global": lambda: sigmoid(w["importance.logits"]),
        "per_cell": lambda: mean * attention_over_paths(part(w, "path_attention"), layers),
        "none": lambda: np.full(len(graph.paths), mean),
    }[importance]()
    if "readout.head.0.weight" in w:
        logits = paper_readout(part(w, "readout"), layers, weight)
    else:
        activity = path_activity(x, graph.mean, graph.sd, graph.paths, w["activity.weights"].tolist())
        oriented = oriented_activity(part(w, "activity"), activity)
        logits = additive_readout(part(w, "readout"), oriented, layers, weight, training=training)
    return logits


def loss(
    logits: np.ndarray,
    labels: np.ndarray,
    importance: np.ndarray,
    class_weights: np.ndarray | None,
    prior: np.ndarray,
    prior_weight: float,
    sparsity: float,
) -> float:
    """Weighted mean of -log p(y), + lambda [BCE(I, 0) + BCE(I, w)] + gamma mean(I)."""
    total, weight_sum = 0.0, 0.0
    for row, y in zip(logits, labels, strict=True):
        weight = 1.0 if class_weights is None else class_weights[y]
        total -= weight * math.log(softmax(list(row))[y])
        weight_sum += weight
    to_zero = [-math.log(1.0 - i) for i in importance]
    to_prior = [-(w * math.log(i) + (1.0 - w) * math.log(1.0 - i)) for i, w in zip(importance, prior, strict=True)]
    n = len(importance)
    return total / weight_sum + prior_weight * (sum(to_zero) + sum(to_prior)) / n + sparsity * sum(importance) / n


def path_prior(paths: list[list[int]], log_fold_change: list[float], mode: str) -> np.ndarray:
    part_of = {"deg": abs, "up": lambda a: max(a, 0.0), "down": lambda a: max(-a, 0.0)}[mode]
    means = [sum(part_of(log_fold_change[g]) for g in nodes) / len(nodes) for nodes in paths]
    low, high = min(means), max(means)
    return np.array([(m - low) / (high - low) if high > low else 0.0 for m in means])

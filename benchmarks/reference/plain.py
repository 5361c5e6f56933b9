"""The model's equations written straight down, with no trick at all: the truth of the tests, the yardstick of time.

The tests compare outputs and gradients, name by name and in float64; the benchmarks compare seconds and memory. It
shares no code with `pathlore.model`. (`reference` is a module of the tests too: they put this folder itself on their
path and say ``from plain import PlainTransformer``.)
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from pathlore.config import ModelConfig


class PlainTransformer(nn.Module):
    r"""The text-numeric graph transformer in its plainest form.

    What a straight transcription does, and a fast one avoids: the text is joined to every gene of every cell and goes
    through one :math:`D \times 2T` map; the bias is a dense (H, G, G) tensor; attention weights are kept as
    (B, H, G, G), those of the cross-attention as (B, H, P, P), with the sentences' keys and values made for each cell;
    paths are gathered with their padding, and the paths of all layers, (B, P, D), are kept until the read-out.

    Parameters
    ----------
    model
        A `pathlore.model.TextNumericGraphTransformer`: its parameters and buffers are copied under the same names.
    config
        The configuration that ``model`` was built with.
    """

    def __init__(self, model: nn.Module, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.n_tokens = config.global_tokens if config.attention == "graph" else 0
        parameters = {name for name, _ in model.named_parameters()}
        for name, tensor in model.state_dict().items():
            holder, leaf = self._holder(name)
            if name in parameters:
                holder.register_parameter(leaf, nn.Parameter(tensor.clone()))
            else:
                holder.register_buffer(leaf, tensor.clone())
        self.train(model.training)

    def _holder(self, name: str) -> tuple[nn.Module, str]:
        """Make the empty modules that a dotted name goes through."""
        *path, leaf = name.split(".")
        module: nn.Module = self
        for part in path:
            if part not in dict(module.named_children()):
                module.add_module(part, nn.Module())
            module = module.get_submodule(part)
        return module, leaf

    # ------------------------------------------------------------------------------------------------ small pieces

    def affine(self, name: str, x: Tensor) -> Tensor:
        """Multiply by a weight and add its bias, if it has one."""
        holder = self.get_submodule(name)
        return functional.linear(x, holder.weight, getattr(holder, "bias", None))

    def norm(self, name: str, x: Tensor) -> Tensor:
        """Layer norm over the last dimension."""
        holder = self.get_submodule(name)
        return functional.layer_norm(x, x.shape[-1:], holder.weight, holder.bias)

    def perceptron(self, name: str, x: Tensor, last: int = 2, dropout: float = 0.0) -> Tensor:
        """Two linear maps, called ``0`` and ``last``, with a GELU between them."""
        hidden = functional.gelu(self.affine(f"{name}.0", x))
        return self.affine(f"{name}.{last}", functional.dropout(hidden, dropout, self.training))

    @staticmethod
    def attend(q: Tensor, k: Tensor, v: Tensor, heads: int, bias: Tensor | None = None) -> Tensor:
        """Softmax attention; q, k, v (B, n, D), bias (H, n, n) -> (B, n, D)."""
        q, k, v = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (q, k, v))  # (B, H, n, d)
        logits = (q / math.sqrt(q.shape[-1])) @ k.transpose(2, 3)  # (B, H, n, n)
        logits = logits if bias is None else logits + bias
        return (logits.softmax(dim=-1) @ v).transpose(1, 2).flatten(2)

    @staticmethod
    def standardise(x: Tensor, mean: Tensor, sd: Tensor) -> Tensor:
        """Standardise; zero where nothing varies."""
        return torch.where(sd > 0, (x - mean) / torch.where(sd > 0, sd, 1.0), 0.0)

    # --------------------------------------------------------------------------------------------------- the steps

    def expand(self, x: Tensor) -> Tensor:
        """Step 1, numbers and texts: x (B, G) -> (B, G, D)."""
        e = x.unsqueeze(-1)
        if self.config.numeric_expansion:
            e = self.perceptron("expander.expand", e)  # (B, G, T)
        joined = torch.cat([e, self.gene_text.expand(len(x), -1, -1)], dim=-1)  # (B, G, 2T)
        both = torch.cat([self.expander.from_number.weight, self.expander.from_text.weight], dim=1)  # (D, 2T)
        hidden = functional.linear(joined, both, self.expander.from_number.bias)
        return self.affine("expander.reduce.1", functional.gelu(hidden))

    def bias(self) -> Tensor:
        """Build the graph's part of the attention logits, (H, n, n): n is G, and the tokens where there are some."""
        tables, (source, target) = getattr(self, "graph_bias", None), self.edge_index
        genes = len(self.gene_text)
        bias = self.gene_text.new_zeros(genes, genes, self.config.heads)
        if self.config.spatial:
            bias = torch.einsum("ih,jh->ijh", tables.spatial, tables.spatial)
        if self.config.edges:
            bias = bias.index_put((source, target), tables.outgoing[self.edge_type - 1], accumulate=True)
            bias = bias.index_put((target, source), tables.incoming[self.edge_type - 1], accumulate=True)
        bias = bias.permute(2, 0, 1)
        if self.config.attention == "dense":
            return bias
        seen = torch.eye(bias.shape[1], dtype=torch.bool, device=bias.device)  # itself, neighbours, and all tokens
        seen[source, target] = seen[target, source] = True
        more = (0, self.n_tokens, 0, self.n_tokens)
        return functional.pad(bias, more).masked_fill(~functional.pad(seen, more, value=True), float("-inf"))

    def gene_layer(self, name: str, h: Tensor, bias: Tensor) -> Tensor:
        """Step 2, one pre-norm layer: h (B, G, D) -> (B, G, D)."""
        dropout = self.config.dropout
        normed = self.norm(f"{name}.attention_norm", h)
        q, k, v = (self.affine(f"{name}.attention.{part}", normed) for part in ("query", "key", "value"))
        mixed = self.affine(f"{name}.attention.output", self.attend(q, k, v, self.config.heads, bias))
        h = h + functional.dropout(mixed, dropout, self.training)
        normed = self.norm(f"{name}.feed_forward_norm", h)
        return h + functional.dropout(
            self.perceptron(f"{name}.feed_forward", normed, last=3, dropout=dropout), dropout, self.training
        )

    def path_encoder(self, name: str, h: Tensor) -> Tensor:
        """Step 3, the genes of each path, then the sentences: h (B, G, D) -> (B, P, D)."""
        part = self.get_submodule(f"{name}.aggregate")
        genes = self.affine(f"{name}.aggregate.project", self.norm(f"{name}.aggregate.norm", h))  # (B, G, D/R)
        members = genes[:, self.path_nodes] + part.edge_types.weight[self.path_types] + part.positions  # (B, P, L, D/R)
        scores = self.perceptron(f"{name}.aggregate.score", members)  # (B, P, L, R)
        weights = scores.masked_fill(~self.path_mask.unsqueeze(-1), float("-inf")).softmax(dim=2)
        q = torch.einsum("bplr,bpln->bprn", weights, members).flatten(2)  # (B, P, D)
        if hasattr(self.get_submodule(f"{name}.read"), "weight"):  # a norm alone: this layer does not read
            return self.norm(f"{name}.read", q)
        return self.norm(f"{name}.read.norm", q + self.read(name, q))

    def read(self, name: str, q: Tensor) -> Tensor:
        """Cross-attention of some queries, (B, P, D) or (B, P, T), to the sentences -> (B, P, D)."""
        text = self.path_text.expand(len(q), -1, -1)  # (B, P, T)
        queries, keys = self.affine(f"{name}.read.query", q), self.affine(f"{name}.read.key", text)
        heads = self.config.cross_heads or self.config.heads
        read = self.attend(queries, keys, self.affine(f"{name}.read.value", text), heads)
        return self.affine(f"{name}.read.output", read)

    def texts_alone(self, name: str, cells: int) -> Tensor:
        """Step 3 without genes: each path asks by its own sentence -> (B, P, D)."""
        return self.norm(f"{name}.read.norm", self.read(name, self.path_text.expand(cells, -1, -1)))

    def encode_paths(self, x: Tensor) -> list[Tensor]:
        """Embed every path after every layer; x (B, G) -> K x (B, P, D)."""
        if self.config.cross_attention == "text":
            return [
                self.texts_alone(f"path_encoders.{name}", len(x)) for name, _ in self.path_encoders.named_children()
            ]
        h = self.expand(self.standardise(x, self.gene_mean, self.gene_sd) if self.config.expression == "zscore" else x)
        if self.config.centrality:
            h = h + self.centrality.incoming.weight[self.in_degree] + self.centrality.outgoing.weight[self.out_degree]
        if self.n_tokens:
            h = torch.cat([h, self.tokens.expand(len(h), -1, -1)], dim=1)  # behind the genes
        bias, paths = self.bias(), []
        for k in range(self.config.layers):
            h = self.gene_layer(f"gene_layers.{k}", h, bias)
            paths.append(self.path_encoder(f"path_encoders.{k}", h))
        return paths

    def path_activity(self, x: Tensor) -> Tensor:
        """Weighted sum over each path of the standardised expression of its genes; x (B, G) -> (B, P)."""
        empty = self.path_signs.new_zeros(len(self.path_signs), x.shape[1])
        weights = empty.scatter_add(1, self.path_nodes, self.activity.weights)  # (P, G)
        return self.standardise(x, self.gene_mean, self.gene_sd) @ weights.T

    def weigh(self, paths: list[Tensor]) -> Tensor:
        """Weight of each path in each cell, (B, P)."""
        mean = 1.0 if self.config.readout == "paper" else 0.1
        if self.config.importance == "per_cell":
            scores = self.affine("path_attention.score", torch.stack(paths, dim=-1).max(dim=-1).values).squeeze(-1)
            return mean * scores.shape[1] * scores.softmax(dim=-1)
        equal = self.config.importance == "none"
        weights = torch.full_like(self.importance.logits, mean) if equal else self.importance.logits.sigmoid()
        return weights.expand(len(paths[0]), -1)

    def forward(self, x: Tensor) -> Tensor:
        """Classify; x (B, G) log1p-normalised expression -> logits (B, C)."""
        return self.of_paths(x)

    @staticmethod
    def both(logits: Tensor) -> Tensor:
        """Logits of two classes from their one contrast."""
        return logits if logits.shape[1] > 1 else torch.cat([-logits, logits], dim=1) / 2

    def of_paths(self, x: Tensor) -> Tensor:
        """Classify by the paths alone; x (B, G) -> (B, C)."""
        paths = self.encode_paths(x)
        importance = self.weigh(paths)  # I, (B, P)
        if self.config.readout == "paper":
            pooled = [torch.einsum("bp,bpd->bd", importance, path) / path.shape[1] for path in paths]
            jumped = torch.stack(pooled, dim=-1).max(dim=-1).values
            return self.perceptron("readout.head", jumped, last=3, dropout=self.config.dropout)
        activity = self.standardise(self.path_activity(x), self.activity.mean, self.activity.sd)  # (B, P)
        parts = activity.unsqueeze(-1) * self.activity.orientation  # (B, P, contrasts)
        residual = self.affine("readout.direction", torch.stack(paths, dim=-1).max(dim=-1).values)
        running = self.readout.standardise
        residual = functional.batch_norm(
            residual.flatten(1), running.running_mean, running.running_var, training=self.training
        ).view_as(parts)
        parts = parts + self.readout.mix.sigmoid() * residual
        parts = self.readout.scale / math.sqrt(importance.shape[1]) * importance.unsqueeze(-1) * parts
        return self.both(parts.sum(dim=1) + self.readout.bias)

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

    def linear(self, name: str, x: Tensor) -> Tensor:
        """Multiply by a weight and add its bias, if it has one."""
        holder = self.get_submodule(name)
        return functional.linear(x, holder.weight, getattr(holder, "bias", None))

    def norm(self, name: str, x: Tensor) -> Tensor:
        """Layer norm over the last dimension."""
        holder = self.get_submodule(name)
        return functional.layer_norm(x, x.shape[-1:], holder.weight, holder.bias)

    def perceptron(self, name: str, x: Tensor, last: int = 2, dropout: float = 0.0) -> Tensor:
        """Two linear maps, called ``0`` and ``last``, with a GELU between them."""
        hidden = functional.gelu(self.linear(f"{name}.0", x))
        return self.linear(f"{name}.{last}", functional.dropout(hidden, dropout, self.training))

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
        e = self.perceptron("expander.expand", x.unsqueeze(-1))  # (B, G, T)
        joined = torch.cat([e, self.gene_text.expand(len(x), -1, -1)], dim=-1)  # (B, G, 2T)
        both = torch.cat([self.expander.from_number.weight, self.expander.from_text.weight], dim=1)  # (D, 2T)
        hidden = functional.linear(joined, both, self.expander.from_number.bias)
        return self.linear("expander.reduce.1", functional.gelu(hidden))

    def bias(self) -> Tensor:
        """Build the graph's part of the attention logits, (H, n, n): n is G, and the tokens where there are some."""
        tables, (source, target) = self.graph_bias, self.edge_index
        bias = torch.einsum("ih,jh->ijh", tables.spatial, tables.spatial)
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
        q, k, v = (self.linear(f"{name}.attention.{part}", normed) for part in ("query", "key", "value"))
        mixed = self.linear(f"{name}.attention.output", self.attend(q, k, v, self.config.heads, bias))
        h = h + functional.dropout(mixed, dropout, self.training)
        normed = self.norm(f"{name}.feed_forward_norm", h)
        return h + functional.dropout(
            self.perceptron(f"{name}.feed_forward", normed, last=3, dropout=dropout), dropout, self.training
        )

    def path_encoder(self, name: str, h: Tensor) -> Tensor:
        """Step 3, the genes of each path, then the sentences: h (B, G, D) -> (B, P, D)."""
        part = self.get_submodule(f"{name}.aggregate")
        genes = self.linear(f"{name}.aggregate.project", self.norm(f"{name}.aggregate.norm", h))  # (B, G, D/R)
        members = genes[:, self.path_nodes] + part.edge_types.weight[self.path_types] + part.positions  # (B, P, L, D/R)
        scores = self.perceptron(f"{name}.aggregate.score", members)  # (B, P, L, R)
        weights = scores.masked_fill(~self.path_mask.unsqueeze(-1), float("-inf")).softmax(dim=2)
        q = torch.einsum("bplr,bpln->bprn", weights, members).flatten(2)  # (B, P, D)
        if hasattr(self.get_submodule(f"{name}.read"), "weight"):  # a norm alone: this layer does not read
            return self.norm(f"{name}.read", q)
        text = self.path_text.expand(len(h), -1, -1)  # (B, P, T)
        queries, keys = self.linear(f"{name}.read.query", q), self.linear(f"{name}.read.key", text)
        heads = self.config.cross_heads or self.config.heads
        read = self.attend(queries, keys, self.linear(f"{name}.read.value", text), heads)
        return self.norm(f"{name}.read.norm", q + self.linear(f"{name}.read.output", read))

    def encode_paths(self, x: Tensor) -> list[Tensor]:
        """Embed every path after every layer; x (B, G) -> K x (B, P, D)."""
        h = self.expand(self.standardise(x, self.gene_mean, self.gene_sd) if self.config.expression == "zscore" else x)
        h = h + self.centrality.incoming.weight[self.in_degree] + self.centrality.outgoing.weight[self.out_degree]
        if self.n_tokens:
            h = torch.cat([h, self.tokens.expand(len(h), -1, -1)], dim=1)  # behind the genes
        bias, paths = self.bias(), []
        for k in range(self.config.layers):
            h = self.gene_layer(f"gene_layers.{k}", h, bias)
            paths.append(self.path_encoder(f"path_encoders.{k}", h))
        return paths

    def path_activity(self, x: Tensor) -> Tensor:
        """Mean over each path of the signed, standardised expression of its genes; x (B, G) -> (B, P)."""
        empty = self.path_signs.new_zeros(len(self.path_signs), x.shape[1])
        weights = empty.scatter_add(1, self.path_nodes, self.path_signs)  # (P, G)
        return self.standardise(x, self.gene_mean, self.gene_sd) @ weights.T

    def forward(self, x: Tensor) -> Tensor:
        """Classify; x (B, G) log1p-normalised expression -> logits (B, C)."""
        paths, importance = self.encode_paths(x), self.importance.logits.sigmoid()  # I, (P,)
        if self.config.readout == "paper":
            pooled = [torch.einsum("p,bpd->bd", importance, path) / path.shape[1] for path in paths]
            jumped = torch.stack(pooled, dim=-1).max(dim=-1).values
            return self.perceptron("readout.head", jumped, last=3, dropout=self.config.dropout)
        activity = self.standardise(self.path_activity(x), self.activity.mean, self.activity.sd)  # (B, P)
        parts = activity.unsqueeze(-1) * self.activity.orientation  # (B, P, contrasts)
        residual = self.linear("readout.direction", torch.stack(paths, dim=-1).max(dim=-1).values)
        running = self.readout.standardise
        residual = functional.batch_norm(
            residual.flatten(1), running.running_mean, running.running_var, training=self.training
        ).view_as(parts)
        parts = parts + self.readout.mix.sigmoid() * residual
        parts = self.readout.scale / math.sqrt(len(importance)) * importance.unsqueeze(-1) * parts
        logits = parts.sum(dim=1) + self.readout.bias
        return logits if logits.shape[1] > 1 else torch.cat([-logits, logits], dim=1) / 2

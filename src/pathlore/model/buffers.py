"""Tensors that all cells share, kept where they move with the model."""

from dataclasses import dataclass, fields
from typing import ClassVar, Self

from torch import nn


@dataclass(frozen=True)
class Buffers:
    """Base of a dataclass of tensors that live as buffers of a module: they move with it and are not trained.

    Attributes
    ----------
    PREFIX
        What the buffers' names begin with.
    SAVED
        Whether they are saved with the module; False for what follows from others.
    """

    PREFIX: ClassVar[str] = ""
    SAVED: ClassVar[bool] = False

    def register(self, module: nn.Module) -> None:
        """Keep every tensor as a buffer of ``module``."""
        for field in fields(self):
            module.register_buffer(self.PREFIX + field.name, getattr(self, field.name), persistent=self.SAVED)

    @classmethod
    def registered(cls, module: nn.Module) -> Self:
        """Take the tensors back from where `register` put them."""
        return cls(**{field.name: getattr(module, cls.PREFIX + field.name) for field in fields(cls)})

"""Tensors that all cells share, kept where they move with the model."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

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
    NAMES
        Of the tensors. The compiler cannot follow `dataclasses.fields`, and would cut the model in pieces.
    """

    PREFIX: ClassVar[str] = ""
    SAVED: ClassVar[bool] = False
    NAMES: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        cls.NAMES = tuple(cls.__annotations__)

    def register(self, module: nn.Module) -> None:
        """Keep every tensor as a buffer of ``module``."""
        for name in self.NAMES:
            module.register_buffer(self.PREFIX + name, getattr(self, name), persistent=self.SAVED)

    @classmethod
    def registered(cls, module: nn.Module) -> Self:
        """Take the tensors back from where `register` put them."""
        return cls(*[getattr(module, cls.PREFIX + name) for name in cls.NAMES])

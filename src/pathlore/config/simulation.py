"""Parameters of a simulated cohort."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pathlore.config.blocks import Block, Fraction, PositiveInt, Seed


class SimulationConfig(Block):
    """A simulated cohort with planted paths; the defaults are the main scenario, from which the others differ."""

    seed: Seed = 0  # of every draw
    populations: list[str] = Field(default=["receiver", "sender"], min_length=1)  # paths planted in the first
    donors_per_class: PositiveInt = 6
    cells_per_donor: PositiveInt = 90  # of each population
    n_batches: PositiveInt = 2  # each holds donors of both classes
    n_planted: PositiveInt = 10  # paths
    max_shared_genes: Annotated[int, Field(ge=0)] = 1  # of a planted path, with all planted before it
    theme: Fraction = 0.0  # share of the planted paths that come from few named pathways
    signs: Literal["coherent", "edges", "random"] = "coherent"  # what decides the direction of each gene
    effect: Annotated[float, Field(gt=0)] = 0.8  # mean absolute log2 fold change of a shifted gene
    decoy_genes_per_planted: Annotated[float, Field(ge=0)] = 1.5  # decoy genes per gene of a planted path
    n_decoy_edges: Annotated[int, Field(ge=0)] = 12  # connected pairs
    n_hubs: Annotated[int, Field(ge=0)] = 5  # genes
    n_axes: Annotated[int, Field(ge=0)] = 2  # ligand-receptor pairs
    n_background_genes: Annotated[int, Field(ge=0)] = 30  # genes off the network
    counts_per_gene: Annotated[float, Field(gt=0)] = 4.0  # mean counts of a cell / number of genes
    gene_sd: Annotated[float, Field(ge=0)] = 1.0  # sd of the log base level of a gene
    donor_sd: Annotated[float, Field(ge=0)] = 0.3  # sd of the log effect of a donor on a gene
    population_sd: Annotated[float, Field(ge=0)] = 0.4  # sd of the log effect of a population on a gene
    batch_sd: Annotated[float, Field(ge=0)] = 0.15  # sd of the log effect of a batch on a gene
    library_sd: Annotated[float, Field(ge=0)] = 0.35  # sd of the log library size of a cell
    dispersion: Annotated[float, Field(gt=0)] = 0.4  # variance of counts = mean + dispersion * mean^2
    dropout: Fraction = 0.3  # chance that a count is lost where its mean is near 0; half of it at a mean of 1
    min_fraction: Fraction = 0.05  # of the background's cells in which a gene is found, if real cells are given

    @model_validator(mode="after")
    def _possible(self) -> "SimulationConfig":
        if self.n_batches > self.donors_per_class:
            raise ValueError(
                f"n_batches {self.n_batches} with donors_per_class {self.donors_per_class}: each batch needs a donor "
                "of each class"
            )
        if self.n_axes and len(self.populations) < 2:
            raise ValueError(f"n_axes {self.n_axes} needs two populations, {self.populations} given: n_axes 0, or two")
        if len(set(self.populations)) < len(self.populations):
            raise ValueError(f"populations {self.populations}: each name once")
        return self

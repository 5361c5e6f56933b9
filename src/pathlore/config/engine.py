"""Parameters of the engine: where the many tasks of a run are done."""

from typing import Annotated, Any, Literal

from pydantic import Field

from pathlore.config.blocks import Block


class EngineConfig(Block):
    """Where fits of populations, refits and tasks of the evaluation run; the results are the same everywhere."""

    workers: Annotated[int, Field(ge=0)] = Field(
        default=0,
        description="processes that work at a time; 0: one per core or GPU where that pays; 1: none beside this one",
    )
    address: str | None = Field(
        default=None, description="a running Dask scheduler, such as tcp://10.0.0.1:8786; null: workers of its own"
    )
    cluster: Literal["local", "slurm", "ssh"] = Field(
        default="local", description="where own workers start: this machine, SLURM (dask-jobqueue), hosts by SSH"
    )
    options: dict[str, Any] = Field(
        default={}, description="arguments of dask_jobqueue.SLURMCluster or distributed.SSHCluster"
    )

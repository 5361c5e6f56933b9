"""Parameters of the engine, where the many tasks of a run are done, and of the record of runs."""

from typing import Any, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat

from pathlore.config.blocks import Block


class EngineConfig(Block):
    """Where fits of populations, refits and tasks of the evaluation run; the results are the same everywhere."""

    workers: NonNegativeInt = Field(
        default=0,
        description="processes that work at a time; 0: one per core or GPU if that pays; 1: only this process",
    )
    address: str | None = Field(
        default=None, description="a running Dask scheduler, such as tcp://10.0.0.1:8786; null: workers of its own"
    )
    cluster: Literal["local", "slurm", "ssh", "kubernetes"] = Field(
        default="local", description="where own workers start: this machine, jobs of SLURM, hosts by SSH, or pods"
    )
    options: dict[str, Any] = Field(
        default={}, description="arguments of dask_jobqueue.SLURMCluster, distributed.SSHCluster or KubeCluster"
    )


class TrackingConfig(Block):
    """``mlflow.yml``: where runs are recorded."""

    enabled: bool
    tracking_uri: str
    wait: NonNegativeFloat = 30.0
    artifact_location: str | None
    experiment: str
    run_name: str | None
    pipelines: list[str]
    register_as: str | None = None
    champion: bool = False
    system_metrics: bool
    system_metrics_interval: PositiveFloat

"""Parameters of the record of runs, from ``mlflow.yml``."""

from typing import Annotated

from pydantic import Field

from pathlore.config.blocks import Block


class TrackingConfig(Block):
    """``mlflow.yml``: where runs are recorded."""

    enabled: bool
    tracking_uri: str
    wait: Annotated[float, Field(ge=0)] = 30.0
    artifact_location: str | None
    experiment: str
    run_name: str | None
    pipelines: list[str]
    register_as: str | None = None
    champion: bool = False
    system_metrics: bool
    system_metrics_interval: Annotated[float, Field(gt=0)]

"""The fits of an evaluation, as runs within its run."""

import math
import time
from collections.abc import Mapping
from typing import Any

from pathlore.tracking.contents import LONGEST_VALUE, flatten, metric_name
from pathlore.tracking.run import PROCESS, current, process_tag

TASK = "pathlore.task"
"""Tag of a nested run: the fingerprint of its task."""


class NestedRuns:
    """One finished run inside the open run for each task of it; none where no run is open.

    A task that has a run of an earlier start keeps it; one that failed then has another one. A run whose process was
    killed while it was being recorded says half of what there is to say, and is taken away.
    """

    def __init__(self) -> None:
        self._parent = current()
        self._done: set[str] = set()
        self._source = ""
        if self._parent is not None:
            self._parent.attempt("what is recorded already", self._look_up)

    def _look_up(self) -> None:
        assert self._parent is not None
        client, token = self._parent.client, None
        self._source = client.get_run(self._parent.run_id).data.tags.get("mlflow.source.name", "")
        half: list[str] = []
        mine = f"tags.`mlflow.parentRunId` = '{self._parent.run_id}'"
        while True:
            page = client.search_runs([self._parent.experiment_id], mine, max_results=1000, page_token=token)
            self._done |= {run.data.tags.get(TASK, "") for run in page if run.info.status == "FINISHED"}
            half += [r.info.run_id for r in page if r.info.status == "KILLED" and "error" not in r.data.tags]
            token = page.token
            if not token:
                break
        for run_id in half:
            client.delete_run(run_id)

    def add(
        self,
        key: str,
        name: str,
        tags: Mapping[str, str],
        params: Mapping[str, Any],
        metrics: Mapping[str, float],
        error: str | None = None,
    ) -> None:
        """Record one task, unless it is there.

        Parameters
        ----------
        key
            Its fingerprint.
        name, tags, params, metrics
            What is shown of it; metrics that are not finite are left out.
        error
            Why it failed; None: it did not.
        """
        if self._parent is None or key in self._done:
            return
        self._parent.attempt(name, self._add, key, name, tags, params, metrics, error)

    def _add(
        self,
        key: str,
        name: str,
        tags: Mapping[str, str],
        params: Mapping[str, Any],
        metrics: Mapping[str, float],
        error: str | None,
    ) -> None:
        from mlflow.entities import Metric, Param

        assert self._parent is not None
        client = self._parent.client
        all_tags = {**tags, TASK: key, PROCESS: process_tag(), "mlflow.parentRunId": self._parent.run_id}
        all_tags |= {"mlflow.runName": name, "mlflow.source.name": self._source}
        all_tags |= {} if error is None else {"error": error[:LONGEST_VALUE]}
        run = client.create_run(self._parent.experiment_id, tags=all_tags, run_name=name)
        now = int(1000 * time.time())
        client.log_batch(
            run.info.run_id,
            [Metric(metric_name(n), float(v), now, 0) for n, v in metrics.items() if math.isfinite(v)],
            [Param(n, value) for n, value in flatten(params).items()],
        )
        client.set_terminated(run.info.run_id, "FINISHED" if error is None else "FAILED")
        if error is None:
            self._done.add(key)

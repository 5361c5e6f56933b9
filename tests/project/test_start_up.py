"""What Kedro does before the first node loads nothing that only a node needs."""

import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from kedro.validation import TypeExtractor
from pydantic import BaseModel

from pathlore import config
from pathlore.pipeline_registry import register_pipelines

ROOT = Path(__file__).parents[2]
HEAVY = {
    *("torch", "torch_geometric", "lightning_fabric", "torchmetrics", "transformers", "tokenizers", "numba"),
    *("anndata", "scanpy", "h5py", "zarr", "scipy", "sklearn", "networkx"),
    *("matplotlib", "plotly", "mlflow", "sqlalchemy", "IPython"),
}
SINGLE = {"params:modeling.training.scratch"}
"""Parameters that nodes are given by themselves: they are plain values, without a model."""
ALONE = ("resources", "inspection", "cohort", "scoring")
NODES = [node for name in ("__default__", *ALONE) for node in register_pipelines()[name].nodes]


TABLES = {"pandas", "pandera", "pyarrow", "numpy"}
"""What a run needs sooner or later, and a command that only looks at the project does not."""


def loaded_by(code):
    """Names of the packages that a fresh interpreter has loaded after some code."""
    code = f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_what_every_command_does_loads_no_pipeline():
    code = "from kedro.framework.startup import bootstrap_project\nbootstrap_project('.')"
    assert not HEAVY & loaded_by(f"{code}\nimport sys\nassert 'pathlore.pipeline_registry' not in sys.modules")


def test_what_registry_list_does_loads_nothing_heavy():
    code = (
        "from kedro.framework.startup import bootstrap_project\nbootstrap_project('.')\n"
        "from kedro.framework.project import pipelines\nassert '__default__' in sorted(pipelines)"
    )
    assert not (HEAVY | TABLES) & loaded_by(code)


def test_what_a_run_does_before_its_first_node_loads_nothing_heavy():
    """Kedro resolves the annotations of all nodes for the models of the parameters."""
    code = (
        "from pathlore.pipeline_registry import register_pipelines\nfrom kedro.validation import TypeExtractor\n"
        "assert TypeExtractor(register_pipelines()).extract_types_from_pipelines()"
    )
    assert not HEAVY & loaded_by(code)


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.name)
def test_kedro_finds_the_model_of_each_block_of_parameters(node, caplog):
    """And nothing hides the cause if it does not: it would hand over a plain dictionary, with a warning at most."""
    found = TypeExtractor({})._extract_types_from_node(node)
    blocks = {name for name in node.inputs if name.startswith("params:")} - SINGLE
    assert {f"params:{name}" for name in found} == blocks
    assert all(
        issubclass(model, BaseModel) and model.__module__.startswith(config.__name__) for model in found.values()
    )
    assert not caplog.records


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.name)
def test_each_node_can_be_sent_to_another_process(node):
    assert pickle.loads(pickle.dumps(node.func)) is node.func
    assert inspect.signature(node.func).return_annotation is not inspect.Signature.empty

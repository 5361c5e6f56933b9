"""Several processes that train one model: Lightning Fabric starts them, or torchrun has; and the one that is alone.

Kedro's node stays one process: those that Fabric starts (``ddp_fork``, ``ddp_spawn``) end with the fit. Under torchrun
every process runs the whole node, and nothing is started here.
"""

import inspect
import logging
import multiprocessing
import os
import socket
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import torch
from torch import Tensor, distributed, nn
from torch.multiprocessing import ProcessExitedException, ProcessRaisedException
from torch.nn.parallel import DistributedDataParallel

from pathlore.config import TrainingConfig
from pathlore.errors import PathloreError
from pathlore.training.machine import accelerator_found, precision, uses_cuda
from pathlore.training.process_rank import Rank, current_rank

if TYPE_CHECKING:
    from lightning_fabric import Fabric

T = TypeVar("T")

OnRow = Callable[[dict[str, float]], None]
"""Called with one row of numbers."""

Work = Callable[[Any, Any, TrainingConfig, OnRow], dict[str, Any]]
"""What each process does, given `Fabric` or `Alone`; its result can be read by ``torch.load(weights_only=True)``."""

RESULT = "result.pt"


def run_together(work: Work, task: Any, config: TrainingConfig, cells: int, on_row: OnRow) -> dict[str, Any]:
    """Do the work in as many processes as the parameters say, and return the result of the first.

    Parameters
    ----------
    work
        A function of a module.
    task
        Its second argument; one that can be pickled for ``ddp_spawn``.
    config
        How many processes, and how they are started.
    cells
        Number of training cells.
    on_row
        Called in this process with each row that the first of them reports. Processes that Fabric starts report
        nothing: their rows are part of the result.

    Raises
    ------
    PathloreError
        The processes cannot be had, one of them raised this error, or one was killed.
    """
    here = current_rank()
    processes = here.processes if here.processes > 1 else config.devices * config.nodes
    _check(config, here, cells, processes)
    if processes > 1 and here.machines == 1:
        _speak_on_loopback()
    if processes == 1 or here.processes > 1:
        fabric = fabric_for(config, here)
        return work(fabric, task, config, on_row if fabric.global_rank == 0 else _ignore)
    start = _start_method(config)
    threads = config.threads or (1 if start == "fork" else max(1, (os.cpu_count() or 1) // config.devices))
    config = config.model_copy(update={"threads": threads})
    with tempfile.TemporaryDirectory(prefix="pathlore-") as folder:
        try:
            one = partial(_one_of_several, work=work, task=task, config=config, folder=folder)
            _fabric(config, config.devices, 1, start).launch(one)
        except (ProcessRaisedException, ProcessExitedException) as error:
            raise _explained(error, Path(folder), config) from error
        finally:
            os.environ.pop("MASTER_PORT", None)  # Fabric's, of these processes alone
        return torch.load(Path(folder) / RESULT, weights_only=True)


class Alone:
    """One process on the processor in single precision: what Fabric would do there, without its import of 4 s."""

    device = torch.device("cpu")
    world_size, global_rank = 1, 0

    def setup(self, module: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[nn.Module, torch.optim.Optimizer]:
        """Leave both as they are."""
        return module, optimizer

    def setup_dataloaders(self, loader: T, *, use_distributed_sampler: bool) -> T:
        """Leave it as it is."""
        return loader

    def no_backward_sync(self, module: nn.Module, *, enabled: bool) -> AbstractContextManager[None]:
        """There is nobody to wait for."""
        return nullcontext()

    def backward(self, loss: Tensor) -> None:
        """Add to the gradients."""
        loss.backward()

    def all_reduce(self, value: Tensor, *, reduce_op: str) -> Tensor:
        """The sum over one process."""
        return value

    def broadcast(self, value: T) -> T:
        """The value that the only process has."""
        return value


def fabric_for(config: TrainingConfig, here: Rank) -> "Fabric | Alone":
    """Lightning Fabric for this process, with those of torchrun if there are any."""
    alone = here.processes == 1 and precision(config) == "32-true"
    if alone and (config.accelerator == "cpu" or (config.accelerator == "auto" and not accelerator_found())):
        return Alone()
    fabric = _fabric(config, here.local_processes, here.machines, "popen")
    if here.processes > 1:
        fabric.launch()
    return fabric


def _fabric(config: TrainingConfig, local: int, machines: int, start: Literal["popen", "fork", "spawn"]) -> "Fabric":
    """Fabric with so many processes on each machine."""
    from lightning_fabric import Fabric
    from lightning_fabric.plugins.environments import LightningEnvironment, TorchElasticEnvironment
    from lightning_fabric.strategies import DDPStrategy

    # A cluster's own environment would count its tasks, which need not be processes of ours.
    environment = TorchElasticEnvironment() if start == "popen" and local * machines > 1 else LightningEnvironment()
    if local * machines == 1:
        return Fabric(accelerator=config.accelerator, devices=1, precision=precision(config), plugins=[environment])
    return Fabric(
        accelerator="cuda" if uses_cuda(config) else "cpu",
        devices=local,
        num_nodes=machines,
        strategy=DDPStrategy(start_method=start, **{_sync_buffers(): False}),  # each process computes the same ones
        precision=precision(config),
        plugins=[environment],
    )


def _sync_buffers() -> str:
    """PyTorch's name for sending the first process' buffers to all others before each step."""
    known = inspect.signature(DistributedDataParallel).parameters
    return "forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers"


def _check(config: TrainingConfig, here: Rank, cells: int, processes: int) -> None:
    """Refuse what cannot be, in one line."""
    gpus = torch.cuda.device_count() if uses_cuda(config) else None
    local = here.local_processes if here.processes > 1 else config.devices
    if here.processes > 1:
        for name, wanted, found in (
            ("devices", config.devices, here.local_processes),
            ("nodes", config.nodes, here.machines),
        ):
            if wanted not in (1, found):
                raise PathloreError(
                    f"torchrun has started {found} where modeling.training.{name} is {wanted}: set it to 1 or {found}"
                )
    elif config.nodes > 1 or (config.strategy == "ddp" and config.devices > 1):
        raise PathloreError(
            "modeling.training.nodes above 1 and strategy: ddp ask for processes that torchrun has started: run "
            f"`torchrun --nnodes {config.nodes} --nproc-per-node {config.devices} -m pathlore ...`, or set nodes: 1 "
            "and strategy: auto"
        )
    if gpus is not None and local > gpus:
        raise PathloreError(
            f"{local} processes are asked for and {gpus} GPU(s) found: lower modeling.training.devices, or set "
            "accelerator: cpu"
        )
    if config.accelerator == "mps" and processes > 1:
        raise PathloreError("there is one device of kind mps: set modeling.training.devices: 1, or accelerator: cpu")
    if processes > 1 and min(config.batch_size, cells) < 2 * processes:
        raise PathloreError(
            f"a batch of {min(config.batch_size, cells)} cells cannot be divided among {processes} processes, at least "
            "2 cells for each are needed: raise modeling.training.batch_size, or lower devices"
        )


def _start_method(config: TrainingConfig) -> Literal["fork", "spawn"]:
    """Fork where that is safe: neither CUDA nor the threads of a process survive it."""
    can_fork = "fork" in multiprocessing.get_all_start_methods()
    if config.strategy == "ddp_fork":
        if uses_cuda(config) or not can_fork:
            raise PathloreError("processes on GPUs cannot be forked: set modeling.training.strategy: ddp_spawn or auto")
        if config.threads > 1:
            raise PathloreError(
                f"a forked process has one thread, not {config.threads}: set modeling.training.threads: 1, or "
                "strategy: ddp_spawn"
            )
    if config.strategy == "ddp_spawn" or uses_cuda(config) or not can_fork or config.threads > 1:
        return "spawn"
    return "fork"


def _one_of_several(fabric: Any, work: Work, task: Any, config: TrainingConfig, folder: str) -> None:
    """What each process that Fabric has started does; the first one alone logs."""
    if fabric.global_rank:
        logging.disable(logging.WARNING)
    elif not logging.root.handlers:  # a spawned process begins without any
        logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        result = work(fabric, task, config, _ignore)
        if fabric.global_rank == 0:
            torch.save(result, Path(folder) / RESULT)
    except PathloreError as error:
        (Path(folder) / f"error-{fabric.global_rank}").write_text(str(error))
        raise
    fabric.barrier()  # nobody leaves while another still speaks
    distributed.destroy_process_group()


def _speak_on_loopback() -> None:
    """On one machine, nothing but the machine itself is spoken to."""
    os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
    loopback = next((name for _, name in socket.if_nameindex() if name.startswith("lo")), None)
    if loopback:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", loopback)
        os.environ.setdefault("NCCL_SOCKET_IFNAME", loopback)


def _explained(error: Exception, folder: Path, config: TrainingConfig) -> Exception:
    """The error of a process in one line, if it has one."""
    for path in sorted(folder.glob("error-*")):
        return PathloreError(path.read_text())
    if isinstance(error, ProcessExitedException) and error.signal_name:
        return PathloreError(
            f"one of {config.devices} training processes was killed ({error.signal_name}): if memory ran out, lower "
            "modeling.training.batch_size or devices"
        )
    return error


def _ignore(row: dict[str, float]) -> None:
    """The other processes report nothing."""

"""Several processes that train one model: how they are started, find each other, and give back what they made.

Kedro's node stays one process: those that train are started inside it (``ddp_fork``, ``ddp_spawn``) and end with the
fit. Under torchrun every process runs the whole node, and nothing is started here.
"""

import atexit
import inspect
import logging
import logging.handlers
import multiprocessing
import os
import socket
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import torch
from torch import Tensor, distributed, nn
from torch.multiprocessing import ProcessExitedException, ProcessRaisedException, start_processes
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

Work = Callable[[Any, TrainingConfig, OnRow], dict[str, Any]]
"""What each process does; its result must be readable by ``torch.load(weights_only=True)``."""

WAIT = 0.05
"""Seconds between two looks at the processes."""


def run_together(work: Work, task: Any, config: TrainingConfig, cells: int, on_row: OnRow) -> dict[str, Any]:
    """Do the work in as many processes as are asked for, and return the result of the first.

    Parameters
    ----------
    work
        A function of a module.
    task
        Its first argument; one that can be pickled for ``ddp_spawn``.
    config
        How many processes, and how they are started.
    cells
        Number of training cells.
    on_row
        Called in this process, while the others work, with each row that the first of them reports.

    Raises
    ------
    PathloreError
        The processes asked for cannot be had, one of them raised this error, or one was killed.
    """
    here = current_rank()
    processes = here.processes if here.processes > 1 else config.devices * config.nodes
    _check(config, here, cells, processes)
    if processes == 1:
        return work(task, config, on_row)
    if here.processes > 1:
        _join_group(config, here, "env://")
        return work(task, config, on_row if here.is_main else _ignore)
    start = _start_method(config)
    threads = config.threads or (1 if start == "fork" else max(1, (os.cpu_count() or 1) // config.devices))
    return _start(work, task, config.model_copy(update={"threads": threads}), start, on_row)


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


def fabric_for(config: TrainingConfig) -> "Fabric | Alone":
    """Lightning Fabric for this process, with the others if there are any."""
    alone = current_rank().processes == 1 and precision(config) == "32-true"
    if alone and (config.accelerator == "cpu" or (config.accelerator == "auto" and not accelerator_found())):
        return Alone()
    from lightning_fabric import Fabric
    from lightning_fabric.plugins.environments import LightningEnvironment
    from lightning_fabric.strategies import DDPStrategy

    here, cuda = current_rank(), uses_cuda(config)
    environment = [LightningEnvironment()]  # a cluster's own would count its tasks, which need not be processes of ours
    if here.processes == 1:
        return Fabric(accelerator=config.accelerator, devices=1, precision=precision(config), plugins=environment)
    fabric = Fabric(
        accelerator="cuda" if cuda else "cpu",
        devices=here.local_processes,
        num_nodes=here.machines,
        strategy=DDPStrategy(**{_sync_buffers(): False}),  # each process computes the same ones
        precision=precision(config),
        plugins=environment,
    )
    fabric.launch()
    return fabric


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


def _start(work: Work, task: Any, config: TrainingConfig, start: str, on_row: OnRow) -> dict[str, Any]:
    """Start the processes, pass on what they report, and wait for them."""
    channel = multiprocessing.get_context(start).Queue()
    level = logging.getLogger(__package__).getEffectiveLevel()
    with tempfile.TemporaryDirectory(prefix="pathlore-") as folder:
        context = start_processes(
            _process,
            args=(work, task, config, channel, level, folder),
            nprocs=config.devices,
            join=False,
            start_method=start,
        )
        assert context is not None
        try:
            while not context.join(timeout=WAIT):
                _pass_on(channel, on_row)
        except (ProcessRaisedException, ProcessExitedException) as error:
            _pass_on(channel, on_row)
            raise _explained(error, Path(folder), config) from error
        finally:
            for process in context.processes:
                if process.is_alive():
                    process.kill()
                process.join()
        _pass_on(channel, on_row)
        return torch.load(Path(folder) / "result.pt", weights_only=True)


def _process(rank: int, work: Work, task: Any, config: TrainingConfig, channel: Any, level: int, folder: str) -> None:
    """One of the processes."""
    here = Rank(rank, config.devices, rank, config.devices)
    os.environ.update(here.variables())
    _redirect_logging(channel if here.is_main else None, level)
    torch.set_num_threads(config.threads)
    _join_group(config, here, f"file://{folder}/store")
    try:
        result = work(task, config, channel.put if here.is_main else _ignore)
        if here.is_main:
            torch.save(result, Path(folder) / "result.pt")
    except PathloreError as error:
        (Path(folder) / f"error-{rank}").write_text(str(error))
        raise
    distributed.barrier()  # nobody leaves while another still speaks
    distributed.destroy_process_group()
    channel.close()
    channel.join_thread()
    os._exit(0)  # what is left of PyTorch's threads may abort an interpreter that ends in good order


def _join_group(config: TrainingConfig, here: Rank, store: str) -> None:
    """Find the other processes; on one machine, nothing but the machine itself is spoken to."""
    if distributed.is_initialized():
        return
    if here.machines == 1:
        os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
        loopback = next((name for _, name in socket.if_nameindex() if name.startswith("lo")), None)
        if loopback:
            os.environ.setdefault("GLOO_SOCKET_IFNAME", loopback)
            os.environ.setdefault("NCCL_SOCKET_IFNAME", loopback)
    if uses_cuda(config):
        torch.cuda.set_device(here.local_rank)
    backend = "nccl" if uses_cuda(config) else "gloo"
    distributed.init_process_group(backend, init_method=store, rank=here.rank, world_size=here.processes)
    if store == "env://":
        atexit.register(_leave_group)


def _leave_group() -> None:
    if distributed.is_initialized():
        distributed.destroy_process_group()


def _redirect_logging(channel: Any, level: int) -> None:
    """Send log records to the process that started this one, or nowhere."""
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    logging.root.handlers = [logging.handlers.QueueHandler(channel) if channel else logging.NullHandler()]
    logging.getLogger(__package__).setLevel(level)
    if channel is None:
        logging.disable(logging.WARNING)


def _pass_on(channel: Any, on_row: OnRow) -> None:
    """Hand rows and log records over, as many as have arrived."""
    while True:
        try:
            item = channel.get_nowait()
        except Empty:
            return
        if isinstance(item, logging.LogRecord):
            logging.getLogger(item.name).handle(item)
        else:
            on_row(item)


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

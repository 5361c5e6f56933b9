import pytest
import torch
from torch import nn

from pathlore.training.checkpoint import Learner, Progression


def test_better_is_a_higher_auroc_then_a_lower_loss():
    rows = [(0.7, 0.5), (0.9, 0.8), (0.9002, 0.7), (0.8, 0.1), (0.9, 0.7)]
    progress = Progression()
    for epoch, (area, loss) in enumerate(rows, start=1):
        row = {"epoch": epoch, "validation_auroc": area, "validation_loss": loss}
        progress.record(row, {"w": torch.tensor(epoch)}, patience=2, epochs=100, settled=99)
    assert progress.finished
    assert progress.best_epoch == 3
    assert progress.best_state["w"] == 3


def test_state_and_back():
    progress = Progression()
    progress.record({"epoch": 1, "validation_auroc": 0.8, "validation_loss": 0.4}, {"w": torch.ones(2)}, 2, 9, 3)
    again = Progression.from_state(progress.state())
    assert vars(again).keys() == vars(progress).keys()
    assert again.best_score == progress.best_score == (0.8, -0.4)
    assert torch.equal(again.best_state["w"], torch.ones(2))


def learner():
    module = nn.Linear(2, 1)
    optimizer = torch.optim.Adam(module.parameters())
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    return Learner(module, optimizer, scheduler, torch.Generator().manual_seed(1))


def test_a_learner_goes_on_where_it_was():
    first, second = learner(), learner()
    torch.rand(3, generator=first.order)
    first.module(torch.ones(1, 2)).sum().backward()
    first.optimizer.step()
    second.resume(first.state(Progression(epoch=4)))
    assert torch.equal(first.module.weight, second.module.weight)
    assert torch.equal(torch.rand(3, generator=first.order), torch.rand(3, generator=second.order))
    assert second.optimizer.state_dict()["state"].keys() == first.optimizer.state_dict()["state"].keys()


def test_nothing_to_go_on_from():
    assert learner().resume(None) == Progression()


def rows(*, areas, losses=None, spearman=None):
    losses, spearman = losses or [0.5] * len(areas), spearman or [1.0] * len(areas)
    names = ("epoch", "validation_auroc", "validation_loss", "epoch_spearman")
    return [dict(zip(names, row, strict=True)) for row in zip(range(1, 99), areas, losses, spearman, strict=False)]


@pytest.mark.parametrize(
    ("history", "ends"),
    [
        (rows(areas=[0.7] * 9), 4),  # the first epoch moves
        (rows(areas=[0.7, 0.704, 0.704, 0.704, 0.704]), 4),  # a few cells in another order
        (rows(areas=[0.7, 0.7, 0.705, 0.6, 0.6, 0.6]), 6),
        (rows(areas=[0.7, 0.703, 0.706, 0.709, 0.712, 0.712, 0.712, 0.712]), 8),  # slowly, but it rises
        (rows(areas=[0.7] * 9, losses=[0.5, 0.4999, 0.494, 0.494, 0.494, 0.494, 0.494, 0.494, 0.494]), 6),
        (rows(areas=[0.7] * 9, spearman=[1.0, 1.0, 1.0, 0.98, 1.0, 1.0, 1.0, 1.0, 1.0]), 7),
        (rows(areas=[0.7] * 9, spearman=[float("nan")] * 9), 4),  # all scores equal
    ],
)
def test_a_fit_ends_when_neither_validation_nor_ranking_moves(history, ends):
    progress = Progression()
    for row in history:
        progress.record(row, {}, patience=99, epochs=100, settled=3)
        if progress.finished:
            break
    assert progress.epoch == ends
    again = Progression.from_state(progress.state())
    assert (again.moved_epoch, again.moved_area, again.moved_loss) == (
        progress.moved_epoch, progress.moved_area, progress.moved_loss,
    )  # fmt: skip

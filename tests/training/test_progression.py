import torch
from torch import nn

from pathlore.training.checkpoint import Learner, Progression


def test_better_is_a_higher_auroc_then_a_lower_loss():
    rows = [(0.7, 0.5), (0.9, 0.8), (0.9002, 0.7), (0.8, 0.1), (0.9, 0.7)]
    progress = Progression()
    for epoch, (area, loss) in enumerate(rows, start=1):
        assert not progress.finished
        row = {"epoch": epoch, "validation_auroc": area, "validation_loss": loss}
        progress.record(row, {"w": torch.tensor(epoch)}, patience=2, epochs=100)
    assert progress.finished
    assert progress.best_epoch == 3
    assert progress.best_state["w"] == 3


def test_state_and_back():
    progress = Progression()
    progress.record({"epoch": 1, "validation_auroc": 0.8, "validation_loss": 0.4}, {"w": torch.ones(2)}, 2, 9)
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

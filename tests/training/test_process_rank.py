import pytest

from pathlore.training.process_rank import Rank, current_rank


def test_alone(monkeypatch):
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    assert current_rank() == Rank(0, 1, 0, 1)
    assert current_rank().is_main


@pytest.mark.parametrize("here", [Rank(0, 1, 0, 1), Rank(5, 8, 1, 4), Rank(1, 2, 1, 2)])
def test_what_the_environment_says(monkeypatch, here):
    said = {"RANK": here.rank, "WORLD_SIZE": here.processes}
    said |= {"LOCAL_RANK": here.local_rank, "LOCAL_WORLD_SIZE": here.local_processes}
    for name, value in said.items():
        monkeypatch.setenv(name, str(value))
    assert current_rank() == here
    assert here.is_main == (here.rank == 0)
    assert here.machines == here.processes // here.local_processes

import pytest

from pathlore.training.place import Place, place


def test_alone(monkeypatch):
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    assert place() == Place(0, 1, 0, 1)
    assert place().leads


@pytest.mark.parametrize("here", [Place(0, 1, 0, 1), Place(5, 8, 1, 4), Place(1, 2, 1, 2)])
def test_what_the_environment_says(monkeypatch, here):
    said = {"RANK": here.rank, "WORLD_SIZE": here.processes}
    said |= {"LOCAL_RANK": here.local_rank, "LOCAL_WORLD_SIZE": here.local_processes}
    for name, value in said.items():
        monkeypatch.setenv(name, str(value))
    assert place() == here
    assert here.leads == (here.rank == 0)
    assert here.machines == here.processes // here.local_processes

"""Configurations of several environments side by side."""


def test_two_environments_do_not_get_into_each_other(load):
    first = load("test")
    second = load("paper")
    assert first["parameters"]["modeling"]["training"]["checkpoints"] == "data/06_models/test/checkpoints"
    assert second["parameters"]["modeling"]["training"]["checkpoints"] == "data/06_models/paper/checkpoints"
    places = [loader["catalog"]["cells"]["filepath"] for loader in (first, second)]
    assert places == ["data/03_primary/test/cells.h5ad", "data/03_primary/paper/cells.h5ad"]

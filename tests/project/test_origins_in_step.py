"""The parameters that are left out of origins are those of conf/base."""

from pathlore.config import Parameters
from pathlore.datasets.origins import BLOCKS, IRRELEVANT, READS


def test_the_names_of_parameters_are_those_of_the_tree(load):
    tree = load("base")["parameters"]
    for name in IRRELEVANT:
        block = tree
        for part in name.split("."):
            block = block[part]
    assert set(BLOCKS) == {name for name in Parameters.model_fields if isinstance(tree.get(name), dict)}
    for names in READS.values():
        assert {name.partition(".")[0] for name in names} <= set(BLOCKS)

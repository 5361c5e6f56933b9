import pandas as pd

from pathlore.report.contents import PopulationContents, joined


def test_sections_of_a_population_are_joined_and_none_is_lost():
    paths, donors = pd.DataFrame({"path": ["A>B>C"]}), pd.DataFrame({"path": ["A>B>C"], "donor": ["d1"]})
    one = PopulationContents("T cells", path_importance=paths, network={"elements": {}}, plots={"importance": "<svg/>"})
    other = PopulationContents("T cells", donor_activity=donors, plots={"cell_map": "<svg/>"}, ablation_spearman=0.0)
    found = joined(one, other, PopulationContents("T cells", training="It moved.", files={"GraphML": "a.graphml"}))
    assert found.path_importance is paths
    assert found.donor_activity is donors
    assert set(found.plots) == {"importance", "cell_map"}
    assert (found.network, found.ablation_spearman, found.training) == ({"elements": {}}, 0.0, "It moved.")
    assert found.files == {"GraphML": "a.graphml"}
    assert found.donor_tests is None

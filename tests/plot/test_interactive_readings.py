import json

import numpy as np
import pytest
from readings import POPULATIONS, donor_activity, donor_tests, interactions_between, pairs_between

from pathlore.errors import PathloreError
from pathlore.plot.interactive import interactive_communication, interactive_donors, interactive_sentences
from pathlore.plot.sentences import project

CLASSES = {"healthy": 5, "cirrhotic": 4}


@pytest.fixture
def donors(importance):
    paths = list(importance["path"])
    return donor_activity(paths, CLASSES), donor_tests(paths), importance


@pytest.fixture
def sentences(importance):
    paths = list(importance["path"])
    return paths, project(np.random.default_rng(0).normal(size=(len(paths), 6))), importance


def test_fields_hold_scores_and_the_top_interactions():
    interactions = interactions_between()
    interactions.loc[0, "ligand"] = "<IL6>"
    pairs = pairs_between(interactions)
    figure = interactive_communication(interactions, pairs, n=2)
    heat, names = figure.data[0], sorted(POPULATIONS)
    for row in pairs.itertuples():
        at = names.index(row.sender), names.index(row.receiver)
        assert heat.z[at[0]][at[1]] == pytest.approx(row.score)
        assert heat.text[at[0]][at[1]] == str(row.n_significant)
        told = heat.hovertext[at[0]][at[1]].split("<br>")
        assert len(told) == 1 + min(row.n_interactions, 2) + (row.n_interactions > 2)
    first = interactions.iloc[0]
    told = heat.hovertext[names.index(first["sender"])][names.index(first["receiver"])]
    assert f"&lt;IL6&gt; → {first['receptor']}" in told
    empty = [(a, b) for a in range(5) for b in range(5) if heat.z[a][b] is None]
    assert len(empty) == 25 - len(pairs)
    assert all("no interaction" in heat.hovertext[a][b] for a, b in empty)
    json.loads(figure.to_json())


def test_no_line_says_so():
    interactions = interactions_between()
    figure = interactive_communication(interactions.head(0), pairs_between(interactions).head(0))
    assert "no cell-cell interaction" in figure.layout.title.text
    assert not figure.data


def test_the_first_population_of_donors_is_shown_and_the_drop_down_leads_on(donors):
    activity, tests, importance = donors
    figure = interactive_donors({"T cells": donors, "B cells": (activity, tests, importance[3:])}, 4, list(CLASSES))
    assert [trace.visible for trace in figure.data] == [True, False]
    assert list(figure.data[0].y) == [path.replace(">", " → ") for path in importance["path"][:4]]
    assert list(figure.data[1].y) == [path.replace(">", " → ") for path in importance["path"][3:7]]
    assert list(figure.data[0].x) == [f"he{i} (healthy)" for i in range(5)] + [f"ci{i} (cirrhotic)" for i in range(4)]
    button = figure.layout.updatemenus[0].buttons[1]
    assert button.args[0]["visible"] == (False, True) or button.args[0]["visible"] == [False, True]
    assert button.args[1]["title.text"].startswith("B cells: the top 4 paths in 9 donors")
    assert figure.layout.title.text.startswith("T cells: the top 4 paths in 9 donors")
    assert "p 0.001" in figure.data[0].hovertext[0][0]
    assert "50 cells" in figure.data[0].hovertext[0][0]
    json.loads(figure.to_json())


def test_no_donors_and_no_population(donors):
    activity, tests, importance = donors
    figure = interactive_donors({"T": (activity.head(0), tests.head(0), importance)}, 4, list(CLASSES))
    assert "no donor" in figure.layout.title.text
    with pytest.raises(PathloreError, match="bar_paths"):
        interactive_donors({}, 4, list(CLASSES))


def test_the_sentence_stands_under_the_pointer(sentences):
    paths, _, importance = sentences
    figure = interactive_sentences({"T cells": sentences, "B cells": sentences})
    points = figure.data[0]
    last = points.hovertext[-1]  # the first path, drawn last
    assert paths[0].replace(">", " → ") in last
    assert "A &lt;path&gt; of" in last
    assert list(points.marker.color) == pytest.approx(list(importance["importance"][::-1]))
    assert len(figure.layout.updatemenus[0].buttons) == 2
    assert [trace.visible for trace in figure.data] == [True, False]
    json.loads(figure.to_json())


def test_no_population_has_no_sentences():
    with pytest.raises(PathloreError, match="no population"):
        interactive_sentences({})

from collections import Counter

import pytest
from small_evaluation import parameters_of

from pathlore.errors import PathloreError
from pathlore.evaluation.cohort import scenario
from pathlore.evaluation.tasks import case_key, plan, task_key, task_parameters
from pathlore.evaluation.variants import sized


def planned(**evaluation):
    base = sized(parameters_of(**evaluation))
    return base, plan(base, ["B", "T"], "receiver")


def keys(base, tasks, data="data"):
    return [task_key(task, task_parameters(task, base), base, data) for task in tasks]


def test_populations_by_repeats_by_methods():
    _, tasks = planned(quick={"repeats": 3, "seeds": 2, "permutations": 4}, stability=["pathlore", "paths_l1"])
    assert len(set(tasks)) == len(tasks)
    counts = Counter((task.population, task.variant) for task in tasks)
    assert counts["B", "pathlore"] == 3 + 2
    assert counts["T", "paths_l1"] == 2
    assert counts["T", "majority"] == 3
    assert counts["B", "permuted_labels"] == 4
    assert counts["B", "deterministic"] == 3
    assert {(task.fold, task.seed) for task in tasks if task.variant == "pathlore"} == {
        (0, 0), (1, 1), (2, 2), (0, 3), (0, 4),
    }  # fmt: skip


def test_scenarios_by_simulations():
    base, tasks = planned(
        quick={"repeats": 0, "simulations": 2, "axes": []},
        scenarios=["main", "weak"],
        scenario_variants=["pathlore", "prior"],
    )
    assert {(t.scenario, t.seed, t.variant, t.kind) for t in tasks} == {
        (scenario, seed, *method)
        for scenario in ("main", "weak")
        for seed in (0, 1)
        for method in (("pathlore", "model"), ("prior", "ranking"))
    }
    assert {task.population for task in tasks} == {"receiver"}
    assert len(set(keys(base, tasks))) == len(tasks)


def test_the_unnamed_theme_is_the_same_world_without_the_name_in_the_sentences():
    base, tasks = planned(
        quick={"repeats": 0, "simulations": 1, "axes": []},
        scenarios=["theme", "theme_unnamed"],
        scenario_variants=["pathlore", "text_permuted"],
    )
    templates = {
        (task.scenario, task.variant): task_parameters(task, base).graph_construction.sentences.path for task in tasks
    }
    assert templates == {
        ("theme", "pathlore"): "{pathway}: {steps}.",
        ("theme", "text_permuted"): "{pathway}: {steps}.",
        ("theme_unnamed", "pathlore"): "{steps}.",
        ("theme_unnamed", "text_permuted"): "{steps}.",
    }
    assert scenario("theme_unnamed", 3) == scenario("theme", 3)
    assert len(set(keys(base, tasks))) == len(tasks) == 4


def test_what_is_confirmed_runs_on_further_simulations():
    base, tasks = planned(
        quick={"repeats": 0, "simulations": 2, "further_simulations": 3, "axes": []},
        scenarios=["main", "weak"],
        scenario_variants=["pathlore", "paper"],
        confirmed={"main": ["pathlore", "prior"]},
    )
    seeds = {
        (scenario, variant): sorted(t.seed for t in tasks if (t.scenario, t.variant) == (scenario, variant))
        for scenario, variant in {(t.scenario, t.variant) for t in tasks}
    }
    assert seeds == {
        ("main", "pathlore"): [0, 1, 2, 3, 4],
        ("main", "paper"): [0, 1],
        ("main", "prior"): [2, 3, 4],
        ("weak", "pathlore"): [0, 1],
        ("weak", "paper"): [0, 1],
    }
    assert len(set(keys(base, tasks))) == len(tasks)


def test_new_paths_once_for_each_population_and_for_each_withheld_path():
    base, tasks = planned(quick={"axes": ["discovery"], "withheld": 3}, scenarios=["weak", "main"])
    found = [task for task in tasks if task.kind == "discovery"]
    assert {(t.scenario, t.population, t.fold, t.seed, t.variant) for t in found} == {
        (None, "B", 0, 0, "discovery"),
        (None, "T", 0, 0, "discovery"),
        *(("main", "receiver", 0, seed, "withheld") for seed in range(3)),
    }
    assert len(set(keys(base, tasks))) == len(tasks)
    wider = base.changed({"interpretation.discovery.beam": 7}).model_copy(update={"evaluation": base.evaluation})
    same = {task.kind for task, a, b in zip(tasks, keys(base, tasks), keys(wider, tasks), strict=True) if a == b}
    assert {task.kind for task in tasks} - same == {"discovery"}, "the search is nothing to the other tasks"


def test_without_the_main_scenario_nothing_is_withheld():
    _, tasks = planned(quick={"axes": ["discovery"], "withheld": 3}, scenarios=["weak"])
    assert {task.variant for task in tasks if task.kind == "discovery"} == {"discovery"}


@pytest.mark.parametrize(
    ("evaluation", "said"),
    [
        ({"baselines": ["forest"]}, "baselines`: forest is not known"),
        ({"stability": ["mine"]}, r"evaluation\.stability` names mine"),
        ({"scenarios": ["main"], "scenario_variants": ["mine"]}, r"scenario_variants` names mine"),
        ({"confirmed": {"mian": ["prior"]}}, r"evaluation\.confirmed` names mian; expected scenarios \(main, weak"),
        ({"scenario_extras": {"mian": ["prior"]}}, r"evaluation\.scenario_extras` names mian"),
        ({"scenarios": ["main"], "confirmed": {"main": ["mine"]}}, r"evaluation\.confirmed\.main` names mine"),
        ({"quick": {"repeats": 0}}, r"evaluation\.quick\.repeats` is 0"),
    ],
)
def test_unknown_names(evaluation, said):
    with pytest.raises(PathloreError, match=said):
        planned(**evaluation)


def test_an_unknown_scenario_is_named():
    base, tasks = planned(scenarios=["strange"], scenario_variants=["prior"])
    with pytest.raises(PathloreError, match="'strange' is no scenario"):
        keys(base, tasks)


def test_what_decides_a_result_is_in_its_key_and_names_are_not():
    base, tasks = planned()
    one = keys(base, tasks)
    assert len(set(one)) == len(tasks), "no two tasks of this environment do the same"
    assert keys(base, tasks) == one
    assert not set(keys(base, tasks, data="other cells")) & set(one)
    threads = base.changed({"modeling.training.threads": 3, "text_embedding.encoder.device": "cpu"})
    assert keys(threads.model_copy(update={"evaluation": base.evaluation}), tasks) == one
    longer = base.changed({"modeling.training.epochs": 2}).model_copy(update={"evaluation": base.evaluation})
    same = {task.kind for task, key, other in zip(tasks, one, keys(longer, tasks), strict=True) if key == other}
    assert same == {"baseline", "ranking"}, "the model's epochs are nothing to the baselines"


def test_tasks_that_share_a_case():
    base, tasks = planned(quick={"axes": ["cross_attention", "text"]})
    group = {task: case_key(task, task_parameters(task, base)) for task in tasks if task.fold == 0}
    by_name = {task.variant: key for task, key in group.items()}
    assert by_name["pathlore"] == by_name["cross_text"] == by_name["majority"]
    assert by_name["text_zero"] != by_name["pathlore"]
    assert len({key for task, key in group.items() if task.variant == "pathlore"}) == 1, "a seed changes no case"

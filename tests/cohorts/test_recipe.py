import pytest
from miniature_series import cohort_block, recipe_in

from pathlore.cohorts.samples import check_expected, recipe_of, sample_of
from pathlore.config import RecipeConfig
from pathlore.errors import PathloreError

ENVIRONMENTS = ("cirrhosis", "alzheimers", "alzheimers_prefrontal", "pdac", "pdac_metastases")


@pytest.fixture(scope="module")
def cirrhosis():
    return recipe_in("cirrhosis")


def changed(recipe, **changes):
    return RecipeConfig(**(recipe.model_dump() | changes))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_expected_sample_has_a_rule_a_donor_and_is_used(environment):
    recipe = recipe_in(environment)
    before = "AAACCTGGTAGAAAGG_" if recipe.layout.kind == "table" else ""
    samples = [sample_of(before + name, recipe) for name in recipe.expected]
    assert [sample.name for sample in samples] == recipe.expected
    assert all(sample.donor and not sample.leave_out for sample in samples)
    if recipe.layout.kind == "10x":
        assert {sample.condition for sample in samples} == set(recipe.conditions.values())


@pytest.mark.parametrize(
    ("environment", "n_donors"),
    [("cirrhosis", 10), ("alzheimers_prefrontal", 21), ("pdac", 19), ("pdac_metastases", 16)],
)
def test_libraries_of_one_donor_are_known_as_such(environment, n_donors):
    recipe = recipe_in(environment)
    assert len({sample_of(name, recipe).donor for name in recipe.expected}) == n_donors


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ("cirrhosis", "GSM4041170_blood1"),
        ("cirrhosis", "GSM4041174_mouse_healthy"),
        ("cirrhosis", "GSM4041175_mouse_fibrotic"),
        ("pdac", "GSM4710709_PDAC_PBMC_1"),
        ("pdac", "GSM4710726_Healthy_PBMC_1"),
    ],
)
def test_what_is_left_out_says_why(environment, name):
    assert sample_of(name, recipe_in(environment)).leave_out


def test_a_name_that_no_rule_knows(cirrhosis):
    with pytest.raises(PathloreError, match=r"GSE136103: no rule matches GSM1_kidney1.*`cohort\.recipe\.samples`"):
        sample_of("GSM1_kidney1", cirrhosis)


def test_a_correction_goes_before_the_rule(cirrhosis):
    name = "GSM4041169_cirrhotic5_cd45+"
    assert sample_of(name, cirrhosis).condition == "cirrhotic"
    other = changed(cirrhosis, corrections={name: {"condition": "healthy", "donor": "somebody"}})
    assert (sample_of(name, other).condition, sample_of(name, other).donor) == ("healthy", "somebody")
    out = changed(cirrhosis, corrections={name: {"leave_out": "too few cells"}})
    assert sample_of(name, out).leave_out == "too few cells"


def test_without_a_donor_the_parameter_is_named(cirrhosis):
    nobody = changed(cirrhosis, samples=[{"pattern": "healthy", "condition": "healthy"}])
    with pytest.raises(PathloreError, match=r"donor of GSM1_healthy1 is not said.*\(\?P<donor>"):
        sample_of("GSM1_healthy1", nobody)


def test_a_condition_that_is_not_known(cirrhosis):
    other = changed(cirrhosis, conditions={"healthy": "healthy"})
    with pytest.raises(PathloreError, match=r"the condition 'cirrhotic', the recipe knows healthy.*conditions"):
        sample_of("GSM4041161_cirrhotic1_cd45+", other)


def test_missing_samples_are_named(cirrhosis):
    found = set(cirrhosis.expected) - {"GSM4041150_healthy1_cd45+"}
    with pytest.raises(PathloreError, match=r"1 of 20 samples are missing in a\.tar: GSM4041150_healthy1_cd45\+"):
        check_expected(found, cirrhosis, "a.tar")
    check_expected(set(cirrhosis.expected), cirrhosis, "a.tar")


def test_no_recipe(tmp_path):
    with pytest.raises(PathloreError, match=r"`cohort\.recipe` is empty.*--env cirrhosis"):
        recipe_of(cohort_block(None, tmp_path))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"samples": [{"pattern": "("}]}, "no regular expression"),
        ({"layout": {"kind": "table", "counts": "absent.csv"}}, "layout names absent.csv"),
        ({"layout": {"kind": "loom"}}, "'10x', 'table'"),
        ({"files": []}, "at least 1"),
        ({"series": "../GSE1"}, "pattern"),
        ({"files": [{"name": "a/b.tar", "url": "https://example.org/b.tar"}]}, "pattern"),
        ({"files": [{"name": "b.tar", "url": "file:b.tar"}]}, "pattern"),
    ],
)
def test_a_recipe_that_cannot_be_meant(cirrhosis, changes, said):
    with pytest.raises(ValueError, match=said):
        changed(cirrhosis, **changes)


def test_two_files_of_one_name(cirrhosis):
    file = cirrhosis.files[0].model_dump()
    with pytest.raises(ValueError, match="one name"):
        changed(cirrhosis, files=[file, file])

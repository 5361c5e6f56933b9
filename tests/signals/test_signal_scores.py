import numpy as np
import pytest

from pathlore.signals.profiles import NETWORK, PARTS, TEXT, WALK
from pathlore.signals.scores import (
    background_p,
    contributions,
    kernels,
    sampled_p,
    score,
    specific,
)


def measured_genes(profiles):
    return [*profiles.genes[3:], "OFF1", "NOWHERE"]


def slow_scores(profiles, genes, z):
    """The formulas of `pathlore.signals.scores`, receptor by receptor and gene by gene, for one signature."""
    typical = np.sqrt(np.mean([value**2 for value in z if value != 0]))
    y = {gene: min(max(value, 0) / typical, 8) ** 1.5 for gene, value in zip(genes, z, strict=True)}
    by_part = {part: [] for part in PARTS}
    for part, own, whole in profiles.kernels:
        values, known = [], []
        for row in whole:
            k = {gene: float(entry) for gene, entry in zip(own, row, strict=True) if gene in y}
            if part != WALK:
                mean = np.mean(list(k.values()))
                k = {gene: entry - mean for gene, entry in k.items()}
            length = np.sqrt(sum(entry**2 for entry in k.values()))
            known.append(length > 1e-9)
            values.append(sum(entry * y[gene] for gene, entry in k.items()) / length if known[-1] else 0.0)
        by_part[part].append(standard(values, known))
    parts = {}
    for part, found in by_part.items():
        values = [sum(column) for column in zip(*(own[0] for own in found), strict=True)]
        known = [any(column) for column in zip(*(own[1] for own in found), strict=True)]
        parts[part] = standard(values, known)[0]
    chain = [np.mean([parts[part][r] for part in PARTS]) for r in range(len(profiles.receptors))]
    result = []
    for r in range(len(chain)):
        best = -np.inf
        for ligand in np.flatnonzero(profiles.bound[r]):
            best = max(best, np.mean([chain[q] for q in np.flatnonzero(profiles.bound[:, ligand])]))
        result.append((chain[r] + best) / 2)
    return parts, chain, result


def standard(values, known):
    own = [value for value, there in zip(values, known, strict=True) if there]
    mean, spread = np.mean(own), np.std(own)
    return [(value - mean) / spread if there else 0.0 for value, there in zip(values, known, strict=True)], known


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_those_of_the_formulas(profiles, seed):
    genes = measured_genes(profiles)
    effects = np.random.default_rng(seed).normal(size=(len(genes), 4))
    effects[::5] = 0
    made = score(profiles, kernels(profiles, genes), effects)
    for column in range(4):
        parts, chain, whole = slow_scores(profiles, genes, effects[:, column])
        for part in PARTS:
            np.testing.assert_allclose(made.parts[part][:, column], parts[part], atol=1e-5)
        np.testing.assert_allclose(made.chain[:, column], chain, atol=1e-5)
        np.testing.assert_allclose(made.score[:, column], whole, atol=1e-5)


def test_what_falls_and_the_unit_of_the_statistic_do_not_count(profiles):
    genes = measured_genes(profiles)
    effects = np.random.default_rng(0).normal(size=(len(genes), 1))
    rising = kernels(profiles, genes)
    one = score(profiles, rising, effects).score
    np.testing.assert_allclose(score(profiles, rising, 1000 * effects).score, one, atol=1e-6)
    turned = np.where(effects < 0, effects[::-1].copy() * 0 - 1.0, effects)
    changed = score(profiles, rising, turned).score
    assert np.argmax(changed[:, 0]) == np.argmax(one[:, 0])


def test_genes_of_receptors_are_no_log_odds_by_place_or_text(profiles):
    genes = profiles.genes
    effects = np.random.default_rng(0).normal(size=(len(genes), 1))
    risen = effects.copy()
    risen[[genes.index(receptor) for receptor in profiles.receptors]] = 0.0
    before, after = (score(profiles, kernels(profiles, genes), z).parts for z in (effects, risen))
    for part in (NETWORK, TEXT):
        np.testing.assert_allclose(before[part], after[part], atol=1e-5)


def test_a_receptor_out_of_reach_is_typical_by_its_walk_and_judged_by_the_rest(profiles):
    genes = profiles.genes
    row = profiles.receptors.index("R4")
    assert profiles.reaches_tf.tolist() == [True, True, True, False]
    effects = np.zeros((len(genes), 1))
    effects[genes.index("K9")] = 5.0
    effects[genes.index("X00")] = 0.5
    made = score(profiles, kernels(profiles, genes), effects)
    assert made.parts[WALK][row, 0] == 0.0
    assert made.parts[NETWORK][row, 0] == made.parts[NETWORK][:, 0].max()
    assert made.score[:, 0].argmax() == row


def test_targets_of_a_complex_speak_for_both_of_its_chains(profiles):
    genes = profiles.genes
    effects = np.array([[1.0 if gene in {f"X{i:02d}" for i in range(7)} else 0.0] for gene in genes])
    made = score(profiles, [k for k in kernels(profiles, genes) if k.part != TEXT], effects)
    assert set(np.argsort(-made.score[:, 0])[:2]) == {0, 1}
    assert profiles.complexes[1][made.best_complex[0, 0]] == "R1+R2"


def test_contributions_add_up_to_the_differences_between_receptors(profiles):
    genes = profiles.genes
    effects = np.random.default_rng(3).normal(size=len(genes))
    ready = kernels(profiles, genes)
    added = contributions(ready, effects, len(genes)).sum(axis=1)
    expected = sum(np.mean([_z(k, effects) for k in ready if k.part == part], axis=0) for part in (WALK, NETWORK, TEXT))
    np.testing.assert_allclose(added, expected, atol=1e-5)


def _z(kernel, effects):
    from pathlore.signals.scores import affinity, standardised

    return standardised(affinity(kernel, effects[:, None]), kernel.known)[:, 0]


def test_specific_takes_off_what_every_signature_calls_for():
    scores = np.array([[3.0], [2.0], [0.0], [-1.0]])
    background = np.array([[3.0, 3.1, 2.9], [0.0, -0.5, 0.6], [0.5, 0.1, 0.2], [-1.0, -0.4, -0.9]])
    within = (background - background.mean(axis=0)) / background.std(axis=0)
    own = (scores - scores.mean()) / scores.std()
    expected = (own[:, 0] - within.mean(axis=1)) / within.std(axis=1)
    found = specific(scores, background)[:, 0]
    np.testing.assert_allclose(found, expected)
    assert found.argmax() == 1
    bank = np.random.default_rng(0).normal(size=(4, 99))
    p = background_p(specific(scores * 5, bank), bank)
    assert p.shape == (4, 1)
    assert p.min() >= 0.01


def test_p_of_samples_is_uniform_without_signal_and_small_with_it(profiles):
    rng = np.random.default_rng(0)
    genes = profiles.genes
    ready = kernels(profiles, genes)
    ps = np.array([sampled_p(profiles, ready, rng.normal(size=len(genes)), rng.normal(size=(99, len(genes)))).p
                   for _ in range(60)])  # fmt: skip
    assert (ps <= 0.05).mean() < 0.09
    assert 0.4 < ps.mean() < 0.6
    strong = np.array([6.0 if gene in {f"X{i:02d}" for i in range(7)} else 0.0 for gene in genes])
    strong = strong + rng.normal(size=len(genes))
    p = sampled_p(profiles, ready, strong, rng.normal(size=(199, len(genes)))).p
    assert p[0] == pytest.approx(1 / 200)

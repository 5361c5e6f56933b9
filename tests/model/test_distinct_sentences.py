import numpy as np
import torch
from threadpoolctl import threadpool_limits

from pathlore.model.distinct_sentences import distinct_sentences


def like_sentences(groups: int, each: int, spread: float) -> torch.Tensor:
    """Sentences around some centres, in a random order."""
    rng = np.random.default_rng(0)
    centres = np.repeat(rng.normal(size=(groups, 16)), each, axis=0)
    rows = centres + spread * rng.normal(size=centres.shape)
    return torch.from_numpy(rng.permutation(rows)).float()


def test_each_once_with_the_number_of_its_paths():
    text = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    sentences, copies, grouped = distinct_sentences(text, 2)
    assert {tuple(row): n for row, n in zip(sentences.tolist(), copies.tolist(), strict=True)} == {
        (1.0, 0.0): 2,
        (0.0, 1.0): 1,
    }
    assert not grouped


def test_where_none_is_repeated_they_stay_as_they_are():
    text = like_sentences(4, 1, 0.0)
    sentences, copies, grouped = distinct_sentences(text, 4)
    assert sentences is text
    assert copies is None
    assert not grouped


def test_of_too_many_the_means_of_like_ones():
    text = like_sentences(6, 20, 0.01)
    text = torch.cat([text, text[:5]])  # a sentence that two paths have counts twice
    sentences, copies, grouped = distinct_sentences(text, 30)
    assert grouped
    assert len(sentences) <= 30
    assert copies.sum() == len(text)
    nearest = torch.cdist(text, sentences).argmin(dim=1)
    torch.testing.assert_close(torch.bincount(nearest, minlength=len(copies)), copies)
    for group in range(len(sentences)):
        torch.testing.assert_close(sentences[group], text[nearest == group].mean(dim=0))
    assert (text - sentences[nearest]).norm(dim=1).max() < 0.15  # no group joins two centres


def test_one_list_of_sentences_has_one_grouping():
    text = like_sentences(400, 10, 0.3)
    found = []
    for threads in (1, 2, 2):
        with threadpool_limits(threads):
            found.append(distinct_sentences(text, 300))
    for other in found[1:]:
        assert torch.equal(other[0], found[0][0])
        assert torch.equal(other[1], found[0][1])

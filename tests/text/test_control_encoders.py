import numpy as np

from pathlore.text.control_encoders import RandomEncoder, ZeroEncoder


def test_random_depends_on_text_and_seed_alone():
    encoder = RandomEncoder(64, seed=1)
    first = encoder.encode(["a", "b"])
    second = RandomEncoder(64, seed=1).encode(["c", "b", "a"])
    np.testing.assert_array_equal(first, second[[2, 1]])
    assert first.dtype == np.float32
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first, RandomEncoder(64, seed=2).encode(["a", "b"]))


def test_random_is_standard_normal():
    vectors = RandomEncoder(128, seed=0).encode([f"text {i}" for i in range(200)])
    assert abs(vectors.mean()) < 0.02
    assert abs(vectors.var() - 1) < 0.02


def test_zero():
    assert ZeroEncoder(8).encode(["a", "b"]).tolist() == [[0.0] * 8] * 2


def test_versions_differ():
    versions = {RandomEncoder(8, 0).version(), RandomEncoder(8, 1).version(), RandomEncoder(9, 0).version()}
    assert len(versions | {ZeroEncoder(8).version()}) == 4

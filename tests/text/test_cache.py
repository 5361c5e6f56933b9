import sqlite3

import numpy as np
import pytest

from pathlore.errors import PathloreError
from pathlore.text.cache import EmbeddingCache, encode_with_cache


class Counting:
    """Encodes a text as its length and its first letter, and notes what it was asked."""

    def __init__(self, cacheable=True, name="v1", dies_after=10**9):
        self.cacheable, self.name, self.dies_after = cacheable, name, dies_after
        self.seen = []

    def version(self):
        return self.name

    def encode(self, texts):
        if len(self.seen) >= self.dies_after:
            raise KeyboardInterrupt
        self.seen.extend(texts)
        return vectors_of(texts)


def vectors_of(texts):
    return np.array([[len(text), ord(text[0]), 0.1] for text in texts], dtype=np.float32)


@pytest.fixture
def cache(tmp_path):
    return EmbeddingCache(tmp_path / "a" / "cache")


def test_order_and_repeats(cache):
    encoder = Counting()
    texts = ["bb", "a", "bb", "ccc", "a"]
    np.testing.assert_array_equal(encode_with_cache(encoder, texts, cache), vectors_of(texts))
    assert sorted(encoder.seen) == ["a", "bb", "ccc"]


def test_second_call_encodes_nothing_and_only_new_texts_are_encoded(cache):
    first = encode_with_cache(Counting(), ["a", "bb"], cache)
    again = Counting()
    np.testing.assert_array_equal(encode_with_cache(again, ["a", "bb"], EmbeddingCache(cache.file.parent)), first)
    assert again.seen == []
    np.testing.assert_array_equal(encode_with_cache(again, ["x", "a"], cache), vectors_of(["x", "a"]))
    assert again.seen == ["x"]


def test_another_version_is_another_key(cache):
    encode_with_cache(Counting(), ["a"], cache)
    other = Counting(name="v2")
    encode_with_cache(other, ["a"], cache)
    assert other.seen == ["a"]


def test_without_a_cache():
    encoder = Counting()
    np.testing.assert_array_equal(encode_with_cache(encoder, ["a", "a"], None), vectors_of(["a", "a"]))


def test_what_is_not_cacheable_sees_all_texts_at_once_and_is_not_stored(cache):
    texts = [f"text {i}" for i in range(1000)]
    encoder = Counting(cacheable=False, dies_after=1)  # a second call would stop it
    encode_with_cache(encoder, [*texts, *texts], cache)
    assert encoder.seen == texts
    assert cache.get_many("v1", texts) == {}


def test_killed_halfway_goes_on(cache, caplog):
    caplog.set_level("INFO")
    texts = [f"text {i}" for i in range(1000)]
    killed = Counting(dies_after=500)
    with pytest.raises(KeyboardInterrupt):
        encode_with_cache(killed, texts, cache)
    resumed = Counting()
    np.testing.assert_array_equal(encode_with_cache(resumed, texts, cache), vectors_of(texts))
    assert len(killed.seen) == 500
    assert sorted(killed.seen + resumed.seen) == sorted(texts)
    assert "Encoded 500 of 500 new texts, 0 s left at most" in caplog.text


def test_put_is_all_or_nothing(cache):
    cache.put_many("v", {"a": np.ones(3)})
    rows = {"b": np.ones(3, dtype=np.float32), "c": np.zeros(3, dtype=np.float32)}
    with sqlite3.connect(cache.file) as connection:
        connection.execute("CREATE TRIGGER stop BEFORE INSERT ON vectors WHEN NEW.text_sha256 LIKE '2e7%' BEGIN "
                           "SELECT RAISE(ABORT, 'stop'); END")  # fmt: skip
    cache.put_many("v", rows)  # the SHA-256 of "c" begins with 2e7; the failure is a warning
    assert set(cache.get_many("v", ["a", "b", "c"])) == {"a"}


@pytest.mark.parametrize("damage", ["garbage", "middle", "header"])
def test_damaged_file_is_set_aside_and_rebuilt(cache, caplog, damage):
    texts = [f"text {i}" for i in range(3000)]
    encode_with_cache(Counting(), texts, cache)
    content = bytearray(cache.file.read_bytes())
    if damage == "garbage":
        content = bytearray(b"this is no database at all" * 100)
    elif damage == "middle":
        content[4096:] = b"\xff" * (len(content) - 4096)
    else:
        content[:100] = bytes(100)
    cache.file.write_bytes(content)
    encoder = Counting()
    np.testing.assert_array_equal(encode_with_cache(encoder, texts, cache), vectors_of(texts))
    assert "is damaged" in caplog.text
    assert cache.file.with_suffix(".damaged").read_bytes() == content
    again = Counting()
    encode_with_cache(again, texts, cache)
    assert again.seen == []


def test_vector_of_a_wrong_length_is_computed_again(cache):
    encode_with_cache(Counting(), ["a"], cache)
    with sqlite3.connect(cache.file) as connection:
        connection.execute("UPDATE vectors SET vector = x'00'")
    encoder = Counting()
    encode_with_cache(encoder, ["a"], cache)
    assert encoder.seen == ["a"]


def test_file_that_cannot_be_opened_is_done_without(cache, caplog):
    cache.file.mkdir()
    np.testing.assert_array_equal(encode_with_cache(Counting(), ["a"], cache), vectors_of(["a"]))
    assert "is not used" in caplog.text


def test_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PathloreError, match=r"`text_embedding\.encoder\.cache`"):
        EmbeddingCache(tmp_path / "file" / "cache")


def test_no_texts(cache):
    with pytest.raises(PathloreError, match="no text to encode"):
        encode_with_cache(Counting(), [], cache)


def test_numbers_that_are_not_finite_are_refused_and_not_stored(cache):
    encoder = Counting()
    encoder.encode = lambda texts: np.full((len(texts), 2), np.nan, dtype=np.float32)
    with pytest.raises(PathloreError, match=r"1 of 1 vectors.*text_embedding\.encoder\.precision"):
        encode_with_cache(encoder, ["a"], cache)
    assert cache.get_many("v1", ["a"]) == {}

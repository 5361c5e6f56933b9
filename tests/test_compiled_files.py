"""Two processes that compile one function for different types at the same time."""

import pytest
from numba.core.caching import IndexDataCacheFile

from pathlore.compiled_files import name_compiled_files_apart


@pytest.mark.parametrize("apart", [False, True])
def test_no_type_gets_the_code_of_another(tmp_path, monkeypatch, apart):
    # numba's own numbers, whatever an earlier test has set; put back at the end
    monkeypatch.setattr(IndexDataCacheFile, "_data_name", lambda own, n: own._data_name_pattern.format(number=n))
    if apart:
        name_compiled_files_apart()
    one, two = (IndexDataCacheFile(str(tmp_path), "function-1.py311", ("a", 1)) for _ in "ab")
    monkeypatch.setattr(two, "_load_index", dict)  # both read the index before either wrote it

    def save_between(name, data, save=one._save_data):
        two.save("integers", "code for integers")
        save(name, data)

    monkeypatch.setattr(one, "_save_data", save_between)
    one.save("floats", "code for floats")
    later = IndexDataCacheFile(str(tmp_path), "function-1.py311", ("a", 1))
    assert later.load("integers") == ("code for integers" if apart else "code for floats")
    assert later.load("floats") is None, "compiled once more"

"""Functions that numba compiles and keeps on disk, safe where several processes compile at once."""

import uuid


def name_compiled_files_apart() -> None:
    """Give each compiled function that numba keeps on disk a file of its own.

    numba numbers these files for each function and notes in an index which belongs to which types. Two processes that
    compile a function for different types at the same time both take the next number: the index then names one's types
    and the file holds the other's code, which fails, or reads memory as another type, in every later process. With
    names that never occur twice, the worst is that a function is compiled once more.
    """
    from numba.core.caching import IndexDataCacheFile

    def name(self: IndexDataCacheFile, _number: int) -> str:
        return self._data_name_pattern.format(number=uuid.uuid4().int)

    IndexDataCacheFile._data_name = name  # type: ignore[method-assign]

"""The one exception that a user is meant to read."""


class PathloreError(ValueError):
    """Something in the data or the parameters is not as expected.

    The message is one line: what was found, what was expected, and which parameter to change.
    """


def shorten(names: object, limit: int = 8) -> str:
    """Write a collection of names in one line, the first ``limit`` of them in sorted order.

    Examples
    --------
    >>> shorten(["b", "a"])
    'a, b'
    >>> shorten("abcdef", limit=2)
    'a, b and 4 more'
    """
    items = sorted(str(name) for name in names)  # type: ignore[attr-defined]
    head = ", ".join(items[:limit])
    return head if len(items) <= limit else f"{head} and {len(items) - limit} more"

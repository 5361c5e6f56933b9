import pytest

from pathlore.errors import PathloreError
from pathlore.text.templates import check_template, fill


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        ("{a} ({b}). {c}", {"a": "A", "b": "B", "c": "C"}, "A (B). C"),
        ("{a} ({b}). {c}", {"a": "A", "b": "", "c": "C"}, "A. C"),
        ("{a} ({b}). {c}", {"a": "A", "b": "B", "c": ""}, "A (B)."),
        ("{a} ({b}). {c}", {"a": "A", "b": "", "c": ""}, "A."),
        ("{a}: {b}, {c}.", {"a": "A", "b": "", "c": "C"}, "A: C."),
        ("{a}: {b}", {"a": "A", "b": ""}, "A"),
        ("{b}; {a}", {"a": "A", "b": ""}, "A"),
        ("{{{a}}} [{b}]", {"a": "A", "b": ""}, "{A}"),
        ("{a} {b}", {"a": "x () ,. {y}", "b": ""}, "x () ,. {y}"),
    ],
)
def test_fill(template, values, expected):
    assert fill(template, values) == expected


@pytest.mark.parametrize("template", ["{c}", "{}", "{0}", "{a.__class__}", "{a[0]}", "{a!r}", "{a:>9}", "{a", "a}"])
def test_check_refuses(template):
    with pytest.raises(PathloreError, match=r"allowed fields: \{a\}, \{b\}: change `x\.y`") as caught:
        check_template(template, ("a", "b"), "x.y")
    assert "\n" not in str(caught.value)

import re
from importlib.resources import files

import pytest

STATIC = files("pathlore.report") / "static"
CSS = (STATIC / "report.css").read_text()
PAIRS = [
    ("ink", "page"), ("ink", "card"), ("ink", "wash"), ("soft", "page"), ("soft", "card"), ("soft", "wash"),
    ("accent", "page"), ("accent", "card"), ("good", "card"), ("stop", "card"), ("stop", "stop-wash"),
    ("warn", "warn-wash"), ("ink", "stop-wash"), ("ink", "warn-wash"),
]  # fmt: skip


def colours(block):
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))


LIGHT = colours(CSS[: CSS.index("@media (prefers-color-scheme: dark)")])
DARK = LIGHT | colours(CSS[CSS.index("@media (prefers-color-scheme: dark)") : CSS.index("* { box-sizing")])


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_texts_have_the_contrast_of_level_aa(scheme, text, ground):
    light, dark = sorted((luminance(scheme[text]), luminance(scheme[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize("name", [file.name for file in STATIC.iterdir() if file.name.endswith(".js")])
def test_scripts_write_data_as_text_alone(name):
    script = (STATIC / name).read_text()
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "fetch(",
        "XMLHttp",
    ):
        assert way not in script
    assert "</" not in script
    assert len(script.splitlines()) < 300


def test_the_style_asks_for_nothing():
    assert "@import" not in CSS
    assert "url(" not in CSS
    assert "</" not in CSS
    assert "@media print" in CSS

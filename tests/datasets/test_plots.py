import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from kedro.io import DataCatalog, DatasetError
from matplotlib.figure import Figure

from pathlore.datasets.plots import FigureDataset

ENTRY = {"type": "pathlore.datasets.plots.FigureDataset", "save_args": {"dpi": 50, "bbox_inches": "tight"}}


def figure(text="CXCR4 → <SPI1>"):
    drawn = Figure(figsize=(2, 1))
    axes = drawn.add_subplot()
    axes.plot([0, 1], [1, 0])
    axes.fill_between([0, 1], [1, 0], hatch="/")
    axes.set_title(text)
    return drawn


def test_a_figure_is_two_files_and_loads_as_svg(tmp_path):
    dataset = FigureDataset(filepath=str(tmp_path / "deep" / "one.png"), save_args=ENTRY["save_args"])
    assert not dataset.exists()
    dataset.save(figure())
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == ["one.png", "one.svg"]
    assert (tmp_path / "deep" / "one.png").read_bytes().startswith(b"\x89PNG")
    assert dataset.load() == (tmp_path / "deep" / "one.svg").read_text("utf8")
    assert dataset.exists()


def test_a_pdf_where_one_is_wanted(tmp_path):
    with_pdf = FigureDataset(filepath=str(tmp_path / "one.png"), pdf=True)
    with_pdf.save(figure())
    first = (tmp_path / "one.pdf").read_bytes()
    assert first.startswith(b"%PDF")
    with_pdf.save(figure())
    assert (tmp_path / "one.pdf").read_bytes() == first  # no date
    FigureDataset(filepath=str(tmp_path / "one.png")).save(figure("other"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.png", "one.svg"]  # no PDF of an earlier figure


def test_text_is_text_and_there_is_no_date(tmp_path):
    dataset = FigureDataset(filepath=str(tmp_path / "one.png"))
    dataset.save(figure())
    text = dataset.load()
    root = ElementTree.fromstring(text)
    assert "CXCR4 → <SPI1>" in {node.text for node in root.iter("{http://www.w3.org/2000/svg}text")}
    assert not re.search(r"\d{4}-\d\d-\d\d|metadata", text)


def test_equal_figures_give_equal_files(tmp_path):
    pair = [FigureDataset(filepath=str(tmp_path / name / "one.png")) for name in "ab"]
    for dataset in pair:
        dataset.save(figure())
    for name in ("one.png", "one.svg"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_partitions(tmp_path):
    entry = {"type": "partitions.PartitionedDataset", "path": str(tmp_path / "many"), "dataset": ENTRY,
             "filename_suffix": ".png", "overwrite": True}  # fmt: skip
    catalog = DataCatalog.from_config({"many": entry})
    catalog.save("many", {"CD4. T": figure("a"), "B": figure("b")})
    loaded = catalog.load("many")
    assert sorted(loaded) == ["B", "CD4. T"]
    assert ">a<" in loaded["CD4. T"]()
    catalog.save("many", {"B": figure("c")})
    assert sorted(path.name for path in (tmp_path / "many").iterdir()) == ["B.png", "B.svg"]


def test_the_preview_is_the_png(tmp_path):
    import base64

    dataset = FigureDataset(filepath=str(tmp_path / "one.png"))
    dataset.save(figure())
    assert base64.b64decode(dataset.preview()) == (tmp_path / "one.png").read_bytes()


def test_a_figure_that_cannot_be_drawn_leaves_the_old_one(tmp_path, monkeypatch):
    dataset = FigureDataset(filepath=str(tmp_path / "one.png"))
    dataset.save(figure())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    broken = figure()
    monkeypatch.setattr(broken.axes[0], "draw", lambda *_: 1 / 0)
    with pytest.raises(DatasetError):
        dataset.save(broken)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_interrupted_write_counts_as_no_figure(tmp_path, monkeypatch):
    dataset = FigureDataset(filepath=str(tmp_path / "one.png"))
    dataset.save(figure())
    move = Path.replace

    def refused(path, target):
        if str(target).endswith(".png") and path.parent.name != "one.png" and "old" not in str(target):
            raise OSError("disk full")
        return move(path, target)

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(DatasetError, match="disk full"):
        dataset.save(figure("another"))
    assert not dataset.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["one.svg"]


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="filename_suffix"):
        FigureDataset(filepath=str(tmp_path / "one.pdf")).save(figure())


def test_the_frame_is_that_of_a_whole_drawing():
    def drawn():
        made = Figure(figsize=(4, 2), layout="constrained")
        left, right = made.subplots(1, 2)
        left.scatter([1, 2], [3, 5e6], label="a long name of cells")
        left.legend(loc="best", title="classes")
        left.annotate(
            "far\naway", (2, 5e6), xytext=(30, 20), textcoords="offset points", arrowprops={"arrowstyle": "-"}
        )
        made.colorbar(right.imshow([[1, 2], [3, 4]], aspect="equal"), ax=right, label="amount")
        right.set_xticks([0, 1], ["one name", "another name"], rotation=60)
        made.suptitle("title")
        return made

    whole, quick = drawn(), drawn()
    whole.draw_without_rendering()
    frame = whole.get_tightbbox().padded(0.1)
    found = FigureDataset(filepath="one.png", save_args={"bbox_inches": "tight"})._tight(quick)["bbox_inches"]
    assert found.extents == pytest.approx(frame.extents, abs=1e-9)
